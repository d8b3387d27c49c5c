//! What registrars report about themselves and each other (RFC 5353): start-up, peers, synchronizations.

use std::collections::BTreeMap;
use std::time::Duration;

use events::Occurrence as _;
use events::registrar::Event;
use feed::{
    ComponentIdentity, ComponentRole, PeerEntry, PeerState, StartUpPhase, SynchronizationProgress, Timestamp,
};
use serde::{Deserialize, Serialize};
use wire::{PeIdentifier, RegistrarIdentifier};

use crate::{Component, ComponentId, Model, Severity, bounded, ownership};

/// The maximum number of peers per registrar; further ones in a feed are ignored.
const PEERS: usize = 128;
/// The maximum number of claims: those of one more report are added before claims that are not repeated are dropped.
const CLAIMS: usize = 2 * ownership::ENTRIES;
/// How long checksums may differ merely because two feeds are not read at the same moment.
const SETTLING: Duration = Duration::from_millis(700);

/// What is known of a registrar beyond the state of every component.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Registrar {
    /// The phase of its start-up, and since when.
    pub start_up: Option<(StartUpPhase, Timestamp)>,
    /// Its peers, by identifier, bounded.
    #[serde(deserialize_with = "bounded::list::<PEERS, _, _>")]
    pub peers: Vec<Peer>,
    /// The progress of its latest synchronization with each owner, and when that was reached.
    #[serde(deserialize_with = "bounded::map::<PEERS, _, _, _>")]
    pub synchronizations: BTreeMap<RegistrarIdentifier, (SynchronizationProgress, Timestamp)>,
    /// When it last reported its handlespace.
    pub handlespace_at: Timestamp,
    /// When it last reported its peers.
    pub peers_at: Timestamp,
    /// The pool elements that it claims to own, with the number of the report that first claimed each.
    #[serde(deserialize_with = "bounded::map::<CLAIMS, _, _, _>")]
    pub(crate) claims: BTreeMap<PeIdentifier, u64>,
}

/// A peer as one registrar sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// The reported entry.
    pub entry: PeerEntry,
    /// Since when the peer has had its state there. Being probed and being taken over count as one state: the peer
    /// is not heard.
    pub since: Timestamp,
}

/// Whether one registrar's copy of another registrar's pool elements matches the owner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// There is nothing to compare with, or the owner is silent.
    Unknown,
    /// The checksums agree.
    Agree,
    /// The checksums differ, but one of them was reported only a moment ago.
    Settling,
    /// The checksums differ.
    Differ,
}

impl Registrar {
    /// Returns its view of another registrar.
    #[must_use]
    pub fn peer(&self, identifier: RegistrarIdentifier) -> Option<&Peer> {
        self.peers.iter().find(|peer| peer.entry.identifier == identifier)
    }
}

/// Returns whether a peer in this state is not heard.
pub(crate) fn is_missed(state: PeerState) -> bool {
    matches!(state, PeerState::Probed | PeerState::BeingTakenOver)
}

impl Model {
    /// Returns the registrar with this identifier.
    #[must_use]
    pub fn registrar(&self, identifier: RegistrarIdentifier) -> Option<ComponentId> {
        self.identified(ComponentIdentity::Registrar(identifier))
    }

    /// Returns the display name of a registrar: its component's name, or else its identifier. A registrar gets a new
    /// identifier with each start; by an earlier one it is "the former PR 1".
    #[must_use]
    pub fn registrar_name(&self, identifier: RegistrarIdentifier) -> String {
        let component = self.registrar(identifier).and_then(|id| self.components.get(&id));
        match component {
            Some(component) if component.is_registrar(identifier) => component.name.clone(),
            Some(component) => format!("the former {}", component.name),
            None => format!("PR {identifier}"),
        }
    }

    /// Returns whether a registrar's copy of a peer's pool elements matches the peer's own.
    #[must_use]
    pub fn agreement(&self, viewer: &Component, peer: &Peer, now: Timestamp) -> Agreement {
        let entry = &peer.entry;
        if entry.state != PeerState::Active {
            return Agreement::Unknown;
        }
        // Presences are sent at intervals: what the owner has reported about its handlespace since its last one
        // counts as well.
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

    /// Returns the living registrars that do not hear the registrar with this identifier, or see it being taken
    /// over.
    pub fn missed_by(
        &self,
        identifier: RegistrarIdentifier,
    ) -> impl Iterator<Item = (ComponentId, PeerState)> {
        self.components.values().filter_map(move |component| {
            let state = component.registrar.peer(identifier)?.entry.state;
            (is_missed(state) && component.process.is_alive()).then_some((component.id, state))
        })
    }

    /// Applies an event of a registrar. Returns whether it is plausible.
    pub(crate) fn registrar_event(&mut self, id: ComponentId, at: Timestamp, event: &Event) -> bool {
        let Some(component) = self.registrar_mut(id) else {
            return false;
        };
        match *event {
            Event::StartUp { phase } => component.registrar.start_up = Some((phase, at)),
            Event::Synchronization { owner, progress } => {
                match component.synchronized(at, owner, progress) {
                    Some(true) => {}
                    // An owner that refuses is asked repeatedly.
                    Some(false) => return true,
                    None => return false,
                }
            }
            Event::Takeover { target, phase } => return self.takeover(id, at, target, phase),
            // A peer that was named, taken over or removed: other events say more about it.
            Event::PeerChanged {
                state: None | Some(PeerState::Unconfirmed | PeerState::BeingTakenOver),
                ..
            } => return true,
            Event::PeerChanged { registrar, .. } => {
                if component.is_registrar(registrar) {
                    return false;
                }
            }
            // Changes of pool elements appear in the handlespace that all registrars report.
            _ => return true,
        }
        let sentence = event.sentence(self);
        self.note(Some(id), at, Severity::Normal, |name| {
            format!("{name} {sentence}")
        });
        true
    }

    /// A registrar reported all its peers. Returns whether that is plausible.
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

    /// Returns the component if it is a registrar: other roles do not report these events.
    pub(crate) fn registrar_mut(&mut self, id: ComponentId) -> Option<&mut Component> {
        self.components
            .get_mut(&id)
            .filter(|component| component.role() == ComponentRole::Registrar)
    }
}

impl Component {
    /// Returns its identifier if it is a registrar that has said hello.
    #[must_use]
    pub fn registrar_identifier(&self) -> Option<RegistrarIdentifier> {
        match self.identity {
            Some(ComponentIdentity::Registrar(identifier)) => Some(identifier),
            _ => None,
        }
    }

    /// Returns whether it is the registrar with this identifier.
    #[must_use]
    pub fn is_registrar(&self, identifier: RegistrarIdentifier) -> bool {
        self.identity == Some(ComponentIdentity::Registrar(identifier))
    }

    /// Records the progress of its synchronization with the owner of pool elements. Returns whether that is a
    /// change; `None` if it cannot be true.
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
