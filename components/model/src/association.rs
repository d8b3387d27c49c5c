//! Associations, merged from what their two ends report.

use std::collections::BTreeMap;

use events::AssociationId;
use feed::{ComponentRole, DownCause, Protocol, Timestamp, TransportAddress};
use serde::{Deserialize, Serialize};

use crate::index::Pair;
use crate::message::Flow;
use crate::{ComponentId, Model, Severity, bounded};

/// An association: its two transport addresses, the smaller one first, so that both ends name it alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AssociationKey(pub TransportAddress, pub TransportAddress);

/// An association that is up according to at least one of its ends.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Association {
    /// Its purpose.
    pub protocol: Protocol,
    /// What each known component at an end reports. If there is only one entry, the other end is unknown, or does
    /// not (or no longer) see the association.
    pub views: BTreeMap<ComponentId, AssociationView>,
    /// The components at the two transport addresses of the key, in its order, as far as known. A component stays named
    /// here after its process has died, for as long as the other end believes in the association.
    pub ends: [Option<ComponentId>; 2],
    /// What the ends reported about each other, in the key's order.
    pub(crate) told: [Option<feed::ComponentIdentity>; 2],
    /// Messages that only one end has reported so far: those from the first address of the key, and those from the
    /// second.
    pub(crate) flows: [Flow; 2],
    /// When the first of the two ends reported it as up.
    pub since: Timestamp,
    /// Messages seen so far. Each is counted once, at its sender if that is known.
    #[serde(deserialize_with = "bounded::count")]
    pub messages: u64,
    /// When the latest message was seen.
    pub last_message: Timestamp,
}

/// One end's view of an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssociationView {
    /// Its number at that end.
    pub number: AssociationId,
    /// Whether the other end opened it.
    pub inbound: bool,
}

/// What a component reports about an association that came up.
pub(crate) struct AssociationUp {
    pub(crate) number: AssociationId,
    pub(crate) protocol: Protocol,
    pub(crate) local: TransportAddress,
    pub(crate) remote: TransportAddress,
    pub(crate) inbound: bool,
    pub(crate) peer: Option<feed::ComponentIdentity>,
}

/// The maximum number of addresses of one end that are considered; no real endpoint has more.
const ADDRESSES: usize = 8;
/// The maximum number of associations per component; a feed that reports more is not believed.
const PER_COMPONENT: usize = 4_096;
/// The maximum number of address pairs over all associations of a component. Each takes some memory, and an end
/// rarely has more than two addresses.
const PAIRS_PER_COMPONENT: usize = 4 * PER_COMPONENT;

impl AssociationKey {
    /// Returns whether both ends have addresses, no more than are considered, and are in order.
    pub(crate) fn is_usual(&self) -> bool {
        let addresses = 1..=ADDRESSES;
        self.0 <= self.1
            && addresses.contains(&self.0.addresses.len())
            && addresses.contains(&self.1.addresses.len())
    }
}

impl Association {
    /// The position of a component in the key: 0 or 1.
    pub(crate) fn position(&self, component: ComponentId) -> usize {
        usize::from(self.ends[0] != Some(component))
    }
}

impl Model {
    /// Makes the indices of all associations.
    pub(crate) fn index_associations(&mut self) {
        let index = &mut self.index;
        (index.ends, index.pairs) = Default::default();
        for (key, association) in &self.associations {
            for (id, view) in &association.views {
                index.ends.insert(*id, view.number, key.clone());
            }
            for pair in pairs(&key.0, &key.1) {
                index.pairs.insert(pair, key.clone());
            }
        }
    }

    /// One end reports an association as up. Returns whether that is plausible.
    pub(crate) fn association_up(&mut self, id: ComponentId, at: Timestamp, mut up: AssociationUp) -> bool {
        super::shorten_list(&mut up.local.addresses, ADDRESSES);
        super::shorten_list(&mut up.remote.addresses, ADDRESSES);
        if pairs(&up.local, &up.remote).next().is_none() {
            return false;
        }
        self.association_down(id, up.number);
        let totals = self.index.ends.totals(id);
        let all_pairs = totals.pairs + pairs(&up.local, &up.remote).count();
        if totals.associations >= PER_COMPONENT || all_pairs > PAIRS_PER_COMPONENT {
            return false;
        }
        let known = pairs(&up.local, &up.remote).find_map(|pair| self.index.pairs.get(&pair));
        let (key, position) = match known {
            Some(key) => (key.clone(), position(key, &up.local)),
            None if up.local <= up.remote => (AssociationKey(up.local, up.remote), 0),
            None => (AssociationKey(up.remote, up.local), 1),
        };
        let (here, there) = if position == 0 {
            (&key.0, &key.1)
        } else {
            (&key.1, &key.0)
        };
        let other = up
            .peer
            .and_then(|peer| self.index.component(peer))
            .or_else(|| self.index.at_address(there))
            .filter(|other| *other != id);
        if !self.associations.contains_key(&key) {
            self.generation += 1;
            for pair in pairs(here, there) {
                self.index.pairs.insert(pair, key.clone());
            }
        }
        let association = self
            .associations
            .entry(key.clone())
            .or_insert_with(|| Association {
                protocol: up.protocol,
                views: BTreeMap::new(),
                ends: [None; 2],
                told: [None; 2],
                flows: Default::default(),
                since: at,
                messages: 0,
                last_message: at,
            });
        let view = AssociationView {
            number: up.number,
            inbound: up.inbound,
        };
        // The addresses and ports are in use again before this end has reported the previous association as down.
        let before = association.views.insert(id, view);
        if association.ends[position].is_none_or(|end| end != id) {
            self.generation += 1;
        }
        association.ends[position] = Some(id);
        association.told[1 - position] = association.told[1 - position].or(up.peer);
        association.ends[1 - position] = association.ends[1 - position].or(other);
        let (protocol, other) = (association.protocol, association.ends[1 - position]);
        if let Some(before) = before {
            self.index.ends.remove(id, before.number);
        }
        self.index.ends.insert(id, up.number, key);
        if let (Protocol::Asap, Some(other)) = (protocol, other) {
            self.guess_home_registrar(id, other);
        }
        true
    }

    /// One end learnt the identity of its peer. Returns whether that is plausible.
    pub(crate) fn association_peer(
        &mut self,
        id: ComponentId,
        number: AssociationId,
        peer: feed::ComponentIdentity,
    ) -> bool {
        let Some(association) = self
            .index
            .ends
            .get(id, number)
            .and_then(|key| self.associations.get_mut(key))
        else {
            return false;
        };
        let there = 1 - association.position(id);
        association.told[there] = Some(peer);
        let Some(other) = self.index.component(peer).filter(|other| *other != id) else {
            return true;
        };
        if !association.ends[there].is_some_and(|end| association.views.contains_key(&end)) {
            self.generation += 1;
            association.ends[there] = Some(other);
        }
        if association.protocol == Protocol::Asap {
            self.guess_home_registrar(id, other);
        }
        true
    }

    /// One end reports that an association ended. Returns the other end if the association was up here.
    pub(crate) fn association_down(
        &mut self,
        id: ComponentId,
        number: AssociationId,
    ) -> Option<Option<ComponentId>> {
        let key = self.index.ends.remove(id, number)?;
        let association = self.associations.get_mut(&key)?;
        let other = association.ends[1 - association.position(id)];
        association.views.remove(&id);
        if association.views.is_empty() {
            self.associations.remove(&key);
            self.generation += 1;
            for pair in pairs(&key.0, &key.1) {
                self.index.pairs.remove(&pair);
            }
        }
        Some(other)
    }

    /// One end lost an association that was up. Adds a timeline entry unless it was shut down gracefully.
    pub(crate) fn association_lost(
        &mut self,
        id: ComponentId,
        at: Timestamp,
        number: AssociationId,
        cause: DownCause,
    ) {
        let Some(other) = self.association_down(id, number) else {
            return;
        };
        let Some(other) = other.and_then(|other| self.components.get(&other)) else {
            return;
        };
        let other = other.name.clone();
        let severity = Severity::Normal;
        match cause {
            DownCause::Graceful | DownCause::LocalAbort | DownCause::Refused => {}
            DownCause::PeerAbort => {
                self.note(Some(id), at, severity, |name| {
                    format!("{other} broke off its association with {name}")
                });
            }
            DownCause::Timeout => {
                self.note(Some(id), at, severity, |name| {
                    format!("{name} noticed that {other} does not answer any more")
                });
            }
            DownCause::Unreachable => {
                self.note(Some(id), at, severity, |name| {
                    format!("{name} noticed that {other} is gone")
                });
            }
        }
    }

    /// Drops the views of a dead process.
    pub(crate) fn drop_associations_of(&mut self, id: ComponentId) {
        let numbers: Vec<AssociationId> = self.index.ends.of(id).map(|(number, _)| number).collect();
        for number in numbers {
            self.association_down(id, number);
        }
    }

    /// A component said hello: associations may have been waiting to learn that it is at their other end.
    pub(crate) fn name_ends(&mut self, id: ComponentId, identity: feed::ComponentIdentity) {
        for (key, association) in &mut self.associations {
            for (position, address) in [&key.0, &key.1].into_iter().enumerate() {
                let viewed =
                    association.ends[position].is_some_and(|end| association.views.contains_key(&end));
                let named = association.told[position] == Some(identity);
                let unnamed = association.told[position].is_none() && association.ends[position].is_none();
                if !viewed && (named || (unnamed && self.index.at_address(address) == Some(id))) {
                    association.ends[position] = Some(id);
                    self.generation += 1;
                }
            }
        }
    }

    /// Guesses the home registrar from a pool element's ASAP association until a registrar has reported its
    /// handlespace.
    fn guess_home_registrar(&mut self, one: ComponentId, other: ComponentId) {
        let role = |id| self.components.get(&id).map(|component| component.role());
        let (pool_element, registrar) = match (role(one), role(other)) {
            (Some(ComponentRole::PoolElement), Some(ComponentRole::Registrar)) => (one, other),
            (Some(ComponentRole::Registrar), Some(ComponentRole::PoolElement)) => (other, one),
            _ => return,
        };
        if let Some(component) = self.components.get_mut(&pool_element) {
            component.home_registrar.get_or_insert(registrar);
        }
    }
}

/// Returns the position of this transport address in the key.
fn position(key: &AssociationKey, address: &TransportAddress) -> usize {
    let same = address.port == key.0.port
        && address
            .addresses
            .iter()
            .any(|address| key.0.addresses.contains(address));
    usize::from(!same)
}

/// All pairs of one address of each end.
fn pairs<'a>(one: &'a TransportAddress, other: &'a TransportAddress) -> impl Iterator<Item = Pair> + use<'a> {
    one.addresses.iter().flat_map(move |first| {
        other.addresses.iter().map(move |second| {
            let (first, second) = ((*first, one.port), (*second, other.port));
            if first <= second {
                (first, second)
            } else {
                (second, first)
            }
        })
    })
}
