//! The peer list: which other registrars there are, and how they are (RFC 5353 section 3.4).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use wire::RegistrarIdentifier;

use super::handle_table::{Download, Position};
use super::synchronization::Audit;
use super::takeover::Takeover;
use super::{Event, PeerState, Registrar, Timer};
use crate::{AssociationId, Time};

/// Another registrar, as this one knows it.
#[derive(Debug)]
pub struct Peer {
    pub(super) identifier: RegistrarIdentifier,
    pub(super) state: State,
    pub(super) link: Link,
    /// Its ENRP transport address, as far as it is known.
    pub(super) place: Option<crate::TransportAddress>,
    /// When a message of it came over an association; at first when it was added.
    pub(super) last_heard: Time,
    /// Whether it is to be asked whom it knows.
    pub(super) list_wanted: bool,
    pub(super) audit: Audit,
    /// When its ENRP_INIT_TAKEOVER for this registrar itself came.
    pub(super) init_takeover_of_us: Option<Time>,
}

/// What this registrar thinks of a peer. Each state lasts until a message of the peer comes, or until its deadline.
#[derive(Debug)]
pub(super) enum State {
    /// It was named by somebody, and has not been heard yet.
    Unconfirmed {
        /// Where else it may be: from where its presence came by multicast.
        hint: Option<crate::TransportAddress>,
    },
    /// It is being heard.
    Active,
    /// It has been silent for too long, or its association was lost: it was asked for its presence.
    Probed {
        /// Who wants to take it over, and is to be told if it turns out to be dead.
        claimants: BTreeSet<RegistrarIdentifier>,
        /// Whether it owned pool elements when it was asked; they may have moved by themselves since.
        was_owner: bool,
    },
    /// It is dead, and this registrar takes it over.
    TakingOver(Takeover),
    /// Somebody else takes it over, with this registrar's acknowledgement.
    Conceded {
        /// Who.
        to: RegistrarIdentifier,
    },
}

impl State {
    /// Without what only this registrar needs to know.
    const fn outline(&self) -> PeerState {
        match self {
            Self::Unconfirmed { .. } => PeerState::Unconfirmed,
            Self::Active => PeerState::Active,
            Self::Probed { .. } => PeerState::Probed,
            Self::TakingOver(_) | Self::Conceded { .. } => PeerState::BeingTakenOver,
        }
    }

    /// The deadline of this state.
    const fn timer(&self, peer: RegistrarIdentifier) -> Timer {
        match self {
            Self::Unconfirmed { .. } => Timer::Unconfirmed(peer),
            Self::Active => Timer::LastHeard(peer),
            Self::Probed { .. } => Timer::NoResponse(peer),
            Self::TakingOver(_) => Timer::TakeoverExpiry(peer),
            Self::Conceded { .. } => Timer::Conceded(peer),
        }
    }
}

/// The way to a peer.
#[derive(Debug)]
pub(super) enum Link {
    /// There is no association over which messages could go.
    Down {
        /// Whether the peer has shut the last one down in order.
        left: bool,
    },
    /// Messages go over an association.
    Up(Connection),
}

/// The association over which messages to a peer go, and what lasts as long as it does.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) association: AssociationId,
    /// Where the peer is in its download of the handlespace.
    pub(super) position: Option<Position>,
    /// This registrar's download of what the peer owns.
    pub(super) synchronization: Option<Download>,
    /// How often the peer was asked whom it knows, and has not answered.
    pub(super) lists_due: u32,
}

impl Link {
    pub(super) const fn up(association: AssociationId) -> Self {
        Self::Up(Connection {
            association,
            position: None,
            synchronization: None,
            lists_due: 0,
        })
    }
}

impl Peer {
    const fn new(now: Time, identifier: RegistrarIdentifier) -> Self {
        Self {
            identifier,
            state: State::Unconfirmed { hint: None },
            link: Link::Down { left: false },
            place: None,
            last_heard: now,
            list_wanted: false,
            audit: Audit::new(),
            init_takeover_of_us: None,
        }
    }

    /// Its identifier.
    #[must_use]
    pub const fn identifier(&self) -> RegistrarIdentifier {
        self.identifier
    }

    /// What is thought of it.
    #[must_use]
    pub const fn state(&self) -> PeerState {
        self.state.outline()
    }

    /// The association over which messages to it go, while there is one.
    #[must_use]
    pub const fn association(&self) -> Option<AssociationId> {
        match &self.link {
            Link::Up(connection) => Some(connection.association),
            Link::Down { .. } => None,
        }
    }

    /// The checksum in its last presence; [`Handlespace::checksum`](crate::Handlespace::checksum) has the one of the
    /// local copy.
    #[must_use]
    pub const fn announced_checksum(&self) -> Option<u16> {
        self.audit.announced()
    }

    pub(super) const fn is_connected(&self) -> bool {
        matches!(self.link, Link::Up(_))
    }

    pub(super) const fn connection_mut(&mut self) -> Option<&mut Connection> {
        match &mut self.link {
            Link::Up(connection) => Some(connection),
            Link::Down { .. } => None,
        }
    }
}

/// All peers.
#[derive(Debug)]
pub(super) struct Peers {
    known: BTreeMap<RegistrarIdentifier, Peer>,
}

impl Peers {
    pub(super) const fn new() -> Self {
        Self {
            known: BTreeMap::new(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Peer> {
        self.known.values()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Peer> {
        self.known.values_mut()
    }

    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    pub(super) fn contains(&self, identifier: RegistrarIdentifier) -> bool {
        self.known.contains_key(&identifier)
    }

    pub(super) fn get(&self, identifier: RegistrarIdentifier) -> Option<&Peer> {
        self.known.get(&identifier)
    }

    pub(super) fn get_mut(&mut self, identifier: RegistrarIdentifier) -> Option<&mut Peer> {
        self.known.get_mut(&identifier)
    }

    /// The association over which messages to a peer go.
    pub(super) fn association(&self, identifier: RegistrarIdentifier) -> Option<AssociationId> {
        self.known.get(&identifier)?.association()
    }

    /// What there is with a peer as long as the association to it lasts.
    pub(super) fn connection_mut(&mut self, identifier: RegistrarIdentifier) -> Option<&mut Connection> {
        self.known.get_mut(&identifier)?.connection_mut()
    }

    /// All peers to which messages can go.
    pub(super) fn connected(&self) -> impl Iterator<Item = (RegistrarIdentifier, AssociationId)> {
        let connected = |peer: &Peer| Some((peer.identifier, peer.association()?));
        self.known.values().filter_map(connected)
    }
}

impl Registrar {
    /// Adds a peer to the list, unless it is there or there is no room; returns whether it is there now. One that was
    /// heard itself makes room for itself, if need be, at the expense of one that was merely named.
    pub(super) fn add_peer(&mut self, now: Time, identifier: RegistrarIdentifier, heard: bool) -> bool {
        if self.peers.contains(identifier) {
            return true;
        }
        if self.peers.len() >= self.config.max_peers {
            let unconfirmed = |peer: &&Peer| peer.state() == PeerState::Unconfirmed;
            let named_only = self.peers.iter().find(unconfirmed).map(Peer::identifier);
            match named_only {
                Some(named_only) if heard => self.remove_peer(now, named_only),
                _ => return false,
            }
        }
        self.peers.known.insert(identifier, Peer::new(now, identifier));
        let patience = self.config.max_time_no_response * UNCONFIRMED_PATIENCE;
        self.timers.set(Timer::Unconfirmed(identifier), now + patience);
        self.outbox.event(Event::PeerChanged {
            registrar: identifier,
            before: None,
            state: Some(PeerState::Unconfirmed),
        });
        true
    }

    /// Takes a peer off the list. What it owned lasts no longer than its registration life, unless it gets a new owner.
    pub(super) fn remove_peer(&mut self, now: Time, identifier: RegistrarIdentifier) {
        let Some(peer) = self.peers.known.remove(&identifier) else {
            return;
        };
        self.timers.clear(&peer.state.timer(identifier));
        self.timers.clear(&Timer::Reconnect(identifier));
        if peer.state() != PeerState::Unconfirmed
            && let Some(place) = peer.place
        {
            self.contacts.remember(now, place, self.config.max_peers);
        }
        self.link_lost(identifier, peer.link);
        self.outbox.event(Event::PeerChanged {
            registrar: identifier,
            before: Some(peer.state.outline()),
            state: None,
        });
        self.orphan(now, identifier);
        self.mentor_lost(now, identifier);
        self.no_longer_due(now, identifier);
    }

    /// Ends what was going on over the way to a peer.
    pub(super) fn link_lost(&mut self, identifier: RegistrarIdentifier, link: Link) {
        if let Link::Up(Connection {
            synchronization: Some(_),
            ..
        }) = link
        {
            self.synchronization_lost(identifier);
        }
    }

    /// Puts a peer into another state, which lasts so long at most; returns the one before.
    pub(super) fn enter(
        &mut self,
        now: Time,
        identifier: RegistrarIdentifier,
        state: State,
        patience: Duration,
    ) -> Option<State> {
        let peer = self.peers.get_mut(identifier)?;
        let outline = state.outline();
        let timer = state.timer(identifier);
        let before = std::mem::replace(&mut peer.state, state);
        self.timers.clear(&before.timer(identifier));
        self.timers.clear(&Timer::Reconnect(identifier));
        self.timers.set(timer, now + patience);
        if outline != before.outline() {
            self.outbox.event(Event::PeerChanged {
                registrar: identifier,
                before: Some(before.outline()),
                state: Some(outline),
            });
        }
        Some(before)
    }
}

/// A peer that was named but never heard is forgotten after this many times MAX-TIME-NO-RESPONSE.
const UNCONFIRMED_PATIENCE: u32 = 3;
