//! The peer list: the other registrars and their states (RFC 5353 section 3.4).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use wire::RegistrarIdentifier;

use super::distance::RoundTrip;
use super::handle_table::{Download, Position};
use super::synchronization::Audit;
use super::takeover::Takeover;
use super::{Event, PeerState, Registrar, Timer};
use crate::{AssociationId, Time};

/// A peer as this registrar knows it.
#[derive(Debug)]
pub struct Peer {
    pub(super) identifier: RegistrarIdentifier,
    pub(super) state: State,
    pub(super) link: Link,
    /// Its ENRP transport address, if known.
    pub(super) place: Option<crate::TransportAddress>,
    /// When its last message arrived over an association; initially when it was added.
    pub(super) last_heard: Time,
    /// Whether its peer list is to be requested.
    pub(super) list_wanted: bool,
    pub(super) audit: Audit,
    /// When its ENRP_INIT_TAKEOVER for this registrar itself arrived.
    pub(super) init_takeover_of_us: Option<Time>,
}

/// The state of a peer. Each state lasts until a message of the peer arrives, or until its deadline.
#[derive(Debug)]
pub(super) enum State {
    /// It was named by another registrar, and has not been heard yet.
    Unconfirmed {
        /// Another possible transport address: the source of its multicast presence.
        hint: Option<crate::TransportAddress>,
    },
    /// It is heard.
    Active,
    /// It has been silent for too long, or its association was lost: its presence has been requested.
    Probed {
        /// Registrars that want to take it over, and are to be notified if it turns out to be dead.
        claimants: BTreeSet<RegistrarIdentifier>,
        /// Whether it owned pool elements when it was probed; they may have moved by themselves since.
        was_owner: bool,
    },
    /// It is dead, and this registrar is taking it over.
    TakingOver(Takeover),
    /// Another registrar is taking it over, with this registrar's acknowledgement.
    Conceded {
        /// The other registrar.
        to: RegistrarIdentifier,
    },
}

impl State {
    /// Returns the state without internal details.
    const fn outline(&self) -> PeerState {
        match self {
            Self::Unconfirmed { .. } => PeerState::Unconfirmed,
            Self::Active => PeerState::Active,
            Self::Probed { .. } => PeerState::Probed,
            Self::TakingOver(_) | Self::Conceded { .. } => PeerState::BeingTakenOver,
        }
    }

    /// Returns the deadline of this state.
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

/// The connection to a peer.
#[derive(Debug)]
pub(super) enum Link {
    /// There is no association for messages.
    Down {
        /// Whether the peer shut the last one down gracefully.
        left: bool,
    },
    /// There is an association for messages.
    Up(Connection),
}

/// The association for messages to a peer, and the state that lasts as long.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) association: AssociationId,
    /// The progress of the peer's download of the handlespace.
    pub(super) position: Option<Position>,
    /// This registrar's download of what the peer owns.
    pub(super) synchronization: Option<Download>,
    /// The number of unanswered list requests to the peer.
    pub(super) lists_due: u32,
    /// From list requests to their responses.
    pub(super) round_trip: RoundTrip,
}

impl Link {
    pub(super) fn up(association: AssociationId) -> Self {
        Self::Up(Connection {
            association,
            position: None,
            synchronization: None,
            lists_due: 0,
            round_trip: RoundTrip::default(),
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

    /// Returns its identifier.
    #[must_use]
    pub const fn identifier(&self) -> RegistrarIdentifier {
        self.identifier
    }

    /// Returns its state.
    #[must_use]
    pub const fn state(&self) -> PeerState {
        self.state.outline()
    }

    /// Returns the association for messages to it, while there is one.
    #[must_use]
    pub const fn association(&self) -> Option<AssociationId> {
        match &self.link {
            Link::Up(connection) => Some(connection.association),
            Link::Down { .. } => None,
        }
    }

    /// Returns the checksum in its last presence; for that of the local copy see
    /// [`Handlespace::checksum`](crate::Handlespace::checksum).
    #[must_use]
    pub const fn announced_checksum(&self) -> Option<u16> {
        self.audit.announced()
    }

    pub(super) const fn is_connected(&self) -> bool {
        matches!(self.link, Link::Up(_))
    }

    /// Returns whether the time to it should be measured; not without an association.
    pub(super) fn round_trip_is_due(&self, now: Time, interval: Duration) -> bool {
        match &self.link {
            Link::Up(connection) => connection.round_trip.is_due(now, interval),
            Link::Down { .. } => false,
        }
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

    /// Returns the association for messages to a peer.
    pub(super) fn association(&self, identifier: RegistrarIdentifier) -> Option<AssociationId> {
        self.known.get(&identifier)?.association()
    }

    /// Returns the state of a peer that lasts as long as the association to it.
    pub(super) fn connection_mut(&mut self, identifier: RegistrarIdentifier) -> Option<&mut Connection> {
        self.known.get_mut(&identifier)?.connection_mut()
    }

    /// Returns all peers with an association.
    pub(super) fn connected(&self) -> impl Iterator<Item = (RegistrarIdentifier, AssociationId)> {
        let connected = |peer: &Peer| Some((peer.identifier, peer.association()?));
        self.known.values().filter_map(connected)
    }
}

impl Registrar {
    /// Adds a peer to the list, unless it is already there or there is no room; returns whether it is there now. A
    /// peer that was heard may replace one that was merely named.
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

    /// Removes a peer from the list. What it owned lasts no longer than its registration life, unless it gets a new
    /// owner.
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

    /// Ends everything that depended on the connection to a peer.
    pub(super) fn link_lost(&mut self, identifier: RegistrarIdentifier, link: Link) {
        if let Link::Up(Connection {
            synchronization: Some(_),
            ..
        }) = link
        {
            self.synchronization_lost(identifier);
        }
    }

    /// Changes the state of a peer for a maximum time; returns the previous state.
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
