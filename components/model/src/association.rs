//! Associations, joined from what their two ends tell.

use std::collections::BTreeMap;

use events::AssociationId;
use feed::{ComponentRole, DownCause, Protocol, Timestamp, TransportAddress};

use crate::index::Pair;
use crate::message::Flow;
use crate::{ComponentId, Model, Severity};

/// An association: its two transport addresses, the smaller one first, so that both ends name it alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssociationKey(pub TransportAddress, pub TransportAddress);

/// An association that is up according to at least one of its ends.
#[derive(Debug, Clone)]
pub struct Association {
    /// What it is for.
    pub protocol: Protocol,
    /// The ends that are known components, and what each says of it. One entry only: the other end is unknown, or does
    /// not (or no longer) see the association.
    pub views: BTreeMap<ComponentId, AssociationView>,
    /// The components at the two transport addresses of the key, in its order, as far as known. A component stays named
    /// here after its process has died, for as long as the other end believes in the association.
    pub ends: [Option<ComponentId>; 2],
    /// What the ends told of each other, in the key's order.
    pub(crate) told: [Option<feed::ComponentIdentity>; 2],
    /// Messages that only one end told of so far: those from the first address of the key, and those from the second.
    pub(crate) flows: [Flow; 2],
    /// When the first end saw it come up.
    pub since: Timestamp,
    /// Messages seen so far (each counted once, at its sender if that is known).
    pub messages: u64,
    /// When the latest message was seen.
    pub last_message: Timestamp,
}

/// What one end says of an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssociationView {
    /// Its number at that end.
    pub number: AssociationId,
    /// Whether the other end opened it.
    pub inbound: bool,
}

/// What a component tells of an association that came up.
pub(crate) struct AssociationUp {
    pub(crate) number: AssociationId,
    pub(crate) protocol: Protocol,
    pub(crate) local: TransportAddress,
    pub(crate) remote: TransportAddress,
    pub(crate) inbound: bool,
    pub(crate) peer: Option<feed::ComponentIdentity>,
}

/// Addresses of one end that are looked at; nobody has more in earnest.
const ADDRESSES: usize = 8;
/// Associations that one component may have; a feed that tells of more is not believed.
const PER_COMPONENT: usize = 4_096;
/// Pairs of addresses that they may have, all together: each takes some memory, and ends of up to two addresses are usual.
const PAIRS_PER_COMPONENT: usize = 4 * PER_COMPONENT;

impl Association {
    /// The position of a component in the key: 0 or 1.
    pub(crate) fn position(&self, component: ComponentId) -> usize {
        usize::from(self.ends[0] != Some(component))
    }
}

impl Model {
    /// One end tells that an association is up. Returns whether that can be true.
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
        // The addresses and ports are in use again before this end told that the association before is down.
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

    /// One end learnt who is at the other one. Returns whether that can be true.
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

    /// One end tells that an association ended; returns the other end if the association was up here.
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

    /// One end lost an association that was up; the audience is told unless it was shut down in order.
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

    /// A dead process sees no associations.
    pub(crate) fn drop_associations_of(&mut self, id: ComponentId) {
        let numbers: Vec<AssociationId> = self.index.ends.of(id).map(|(number, _)| number).collect();
        for number in numbers {
            self.association_down(id, number);
        }
    }

    /// A component said hello: associations may have been waiting for it at their other end.
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

    /// Before a registrar has told of its handlespace: a pool element's ASAP association leads to its home registrar.
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

/// Which of the key's transport addresses this one is.
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
