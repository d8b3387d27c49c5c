//! What registrars tell of themselves and of each other (RFC 5353): start-up, peers, synchronizations.

use std::collections::BTreeMap;
use std::time::Duration;

use events::Occurrence as _;
use events::registrar::Event;
use feed::{
    ComponentIdentity, ComponentRole, PeerEntry, PeerState, StartUpPhase, SynchronizationProgress, Timestamp,
};
use wire::{PeIdentifier, RegistrarIdentifier};

use crate::{Component, ComponentId, Model, Severity};

/// Other registrars that one registrar may know; a feed that tells of more is not believed in full.
const PEERS: usize = 128;
/// Checksums that differ for a shorter time than this differ because two feeds are not read at once.
const SETTLING: Duration = Duration::from_millis(700);

/// What is known of a registrar besides what every component has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Registrar {
    /// How far its start-up has come, and since when.
    pub start_up: Option<(StartUpPhase, Timestamp)>,
    /// The other registrars it knows, by identifier, bounded.
    pub peers: Vec<Peer>,
    /// Its latest synchronization with each owner, and when it came so far.
    pub synchronizations: BTreeMap<RegistrarIdentifier, (SynchronizationProgress, Timestamp)>,
    /// When it last told of its handlespace.
    pub handlespace_at: Timestamp,
    /// When it last told of its peers.
    pub peers_at: Timestamp,
    /// The pool elements that it says are its own, with the number of the word by which it first said so.
    pub(crate) claims: BTreeMap<PeIdentifier, u64>,
}

/// Another registrar as one registrar sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// What it tells.
    pub entry: PeerEntry,
    /// Since when the peer has its state there. To be probed and to be taken over
    /// count as one: it is not heard.
    pub since: Timestamp,
}

/// Whether one registrar's copy of another one's pool elements is as the owner has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// There is nothing to compare with, or the owner is silent.
    Unknown,
    /// The checksums agree.
    Agree,
    /// They differ, but one of them was told a moment ago.
    Settling,
    /// They differ.
    Differ,
}

impl Registrar {
    /// What it says of another registrar.
    #[must_use]
    pub fn peer(&self, identifier: RegistrarIdentifier) -> Option<&Peer> {
        self.peers.iter().find(|peer| peer.entry.identifier == identifier)
    }
}

/// Whether the peer is not heard.
pub(crate) fn is_missed(state: PeerState) -> bool {
    matches!(state, PeerState::Probed | PeerState::BeingTakenOver)
}

impl Model {
    /// The registrar with this identifier.
    #[must_use]
    pub fn registrar(&self, identifier: RegistrarIdentifier) -> Option<ComponentId> {
        self.identified(ComponentIdentity::Registrar(identifier))
    }

    /// How a registrar is called: its component's name, or else its identifier. A registrar has another identifier after
    /// each start; by an earlier one it is "the former PR 1".
    #[must_use]
    pub fn registrar_name(&self, identifier: RegistrarIdentifier) -> String {
        let component = self.registrar(identifier).and_then(|id| self.components.get(&id));
        match component {
            Some(component) if component.is_registrar(identifier) => component.name.clone(),
            Some(component) => format!("the former {}", component.name),
            None => format!("PR {identifier}"),
        }
    }

    /// Whether a registrar's copy of a peer's pool elements is as the peer has it.
    #[must_use]
    pub fn agreement(&self, viewer: &Component, peer: &Peer, now: Timestamp) -> Agreement {
        let entry = &peer.entry;
        if entry.state != PeerState::Active {
            return Agreement::Unknown;
        }
        // Presences come at intervals: what the owner told of its handlespace since its last one is as good.
        let owner = self
            .registrar(entry.identifier)
            .and_then(|id| self.components.get(&id))
            .filter(|owner| owner.process.is_alive() && owner.is_registrar(entry.identifier));
        let own = owner.and_then(|owner| Some((owner.handlespace?.checksum, owner.registrar.handlespace_at)));
        if entry.announced_checksum.is_none() && own.is_none() {
            return Agreement::Unknown;
        }
        let local = Some(entry.local_checksum);
        if local == entry.announced_checksum || local == own.map(|(checksum, _)| checksum) {
            return Agreement::Agree;
        }
        let told = viewer
            .registrar
            .peers_at
            .max(own.map_or(Timestamp::default(), |(_, at)| at));
        if now - told < SETTLING {
            Agreement::Settling
        } else {
            Agreement::Differ
        }
    }

    /// The living registrars that do not hear the registrar with this identifier, or see it being taken over.
    pub fn missed_by(
        &self,
        identifier: RegistrarIdentifier,
    ) -> impl Iterator<Item = (ComponentId, PeerState)> {
        self.components.values().filter_map(move |component| {
            let state = component.registrar.peer(identifier)?.entry.state;
            (is_missed(state) && component.process.is_alive()).then_some((component.id, state))
        })
    }

    /// Something happened in a registrar. Returns whether that can be true.
    pub(crate) fn registrar_event(&mut self, id: ComponentId, at: Timestamp, event: &Event) -> bool {
        let Some(component) = self.registrar_mut(id) else {
            return false;
        };
        match *event {
            Event::StartUp { phase } => component.registrar.start_up = Some((phase, at)),
            Event::Synchronization { owner, progress } => {
                match component.synchronized(at, owner, progress) {
                    Some(true) => {}
                    // An owner that refuses is asked again and again.
                    Some(false) => return true,
                    None => return false,
                }
            }
            Event::Takeover { target, phase } => return self.takeover(id, at, target, phase),
            // Named by somebody, taken over by somebody, no longer there: others tell more of it.
            Event::PeerChanged {
                state: None | Some(PeerState::Unconfirmed | PeerState::BeingTakenOver),
                ..
            } => return true,
            Event::PeerChanged { registrar, .. } => {
                if component.is_registrar(registrar) {
                    return false;
                }
            }
            // What becomes of pool elements is seen in the handlespace, where all registrars tell of it.
            _ => return true,
        }
        let sentence = event.sentence(self);
        self.note(Some(id), at, Severity::Normal, |name| {
            format!("{name} {sentence}")
        });
        true
    }

    /// A registrar told of all other registrars that it knows. Returns whether that can be true.
    pub(crate) fn peers(&mut self, id: ComponentId, at: Timestamp, mut entries: Vec<PeerEntry>) -> bool {
        let Some(component) = self.registrar_mut(id) else {
            return false;
        };
        super::shorten_list(&mut entries, PEERS);
        entries.retain(|entry| !component.is_registrar(entry.identifier));
        entries.sort_by_key(|entry| entry.identifier);
        entries.dedup_by_key(|entry| entry.identifier);
        let before = std::mem::take(&mut component.registrar.peers);
        let peers = entries.into_iter().map(|entry| {
            let known = before
                .iter()
                .find(|peer| peer.entry.identifier == entry.identifier);
            let since = known
                .filter(|peer| {
                    peer.entry.state == entry.state || (is_missed(peer.entry.state) && is_missed(entry.state))
                })
                .map_or(at, |peer| peer.since);
            Peer { entry, since }
        });
        component.registrar.peers = peers.collect();
        component.registrar.peers_at = at;
        let peers = &component.registrar.peers;
        let listed = |owner: &RegistrarIdentifier| peers.iter().any(|peer| peer.entry.identifier == *owner);
        component
            .registrar
            .synchronizations
            .retain(|owner, _| listed(owner));
        true
    }

    /// The component, if it is a registrar: others do not tell of these things.
    pub(crate) fn registrar_mut(&mut self, id: ComponentId) -> Option<&mut Component> {
        self.components
            .get_mut(&id)
            .filter(|component| component.role() == ComponentRole::Registrar)
    }
}

impl Component {
    /// Its identifier, if it is a registrar that has said hello.
    #[must_use]
    pub fn registrar_identifier(&self) -> Option<RegistrarIdentifier> {
        match self.identity {
            Some(ComponentIdentity::Registrar(identifier)) => Some(identifier),
            _ => None,
        }
    }

    /// Whether it is the registrar with this identifier.
    #[must_use]
    pub fn is_registrar(&self, identifier: RegistrarIdentifier) -> bool {
        self.identity == Some(ComponentIdentity::Registrar(identifier))
    }

    /// Its synchronization with the owner of pool elements has come so far. Returns whether that is news; `None` if it
    /// cannot be true.
    fn synchronized(
        &mut self,
        at: Timestamp,
        owner: RegistrarIdentifier,
        progress: SynchronizationProgress,
    ) -> Option<bool> {
        let itself = self.is_registrar(owner);
        let synchronizations = &mut self.registrar.synchronizations;
        if itself || (synchronizations.len() >= PEERS && !synchronizations.contains_key(&owner)) {
            return None;
        }
        let before = synchronizations.insert(owner, (progress, at));
        let was_given_up = before.is_some_and(|(before, _)| before == SynchronizationProgress::GivenUp);
        let is_finished = matches!(progress, SynchronizationProgress::Finished { .. });
        Some(is_finished || !was_given_up)
    }
}
