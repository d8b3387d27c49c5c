//! Indices for quick look-ups in the model. Most of what they hold follows from the model; the rest is how it came about.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;

use feed::{ComponentRole, Timestamp, TransportAddress};
use serde::{Deserialize, Serialize};
use wire::PeIdentifier;

use crate::ends::Ends;
use crate::{AssociationKey, ComponentId, Fault, Model, bounded};

/// Two addresses with ports that identify an association, the smaller one first.
pub(crate) type Pair = ((IpAddr, u16), (IpAddr, u16));

/// The maximum number of earlier lives whose faults are kept.
const PAST_FAULTS: usize = 256;

/// The maximum number of identifiers, or of addresses, that a record may have: those of all processes that there were.
const IDENTIFIERS: usize = 1 << 20;

/// A fault that the presenter injected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FaultRecord {
    pub(crate) at: Timestamp,
    pub(crate) fault: Fault,
    /// When the presenter undid it.
    pub(crate) undone: Option<Timestamp>,
}

/// The indices of the model.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Index {
    /// Components by their identifier in the protocols.
    #[serde(deserialize_with = "bounded::map::<IDENTIFIERS, _, _, _>")]
    identifiers: BTreeMap<feed::ComponentIdentity, ComponentId>,
    /// Living components by address; several may share one.
    #[serde(deserialize_with = "bounded::map::<IDENTIFIERS, _, _, _>")]
    addresses: BTreeMap<IpAddr, Vec<ComponentId>>,
    /// Associations by the component at one end and its number there.
    #[serde(skip)]
    pub(crate) ends: Ends,
    /// Associations by any pair of their addresses.
    #[serde(skip)]
    pub(crate) pairs: HashMap<Pair, AssociationKey>,
    /// The latest fault injected at a component.
    #[serde(deserialize_with = "bounded::map::<{ Model::COMPONENTS }, _, _, _>")]
    faults: BTreeMap<ComponentId, FaultRecord>,
    /// The latest fault in each earlier life of a registrar, when it had another identifier; in order, bounded.
    #[serde(deserialize_with = "bounded::list::<PAST_FAULTS, _, _>")]
    past_faults: VecDeque<(feed::ComponentIdentity, FaultRecord)>,
    /// The number of handlespace reports by registrars so far; orders claims by age.
    #[serde(deserialize_with = "bounded::count")]
    pub(crate) words: u64,
    /// The number of colours assigned so far.
    #[serde(deserialize_with = "bounded::count")]
    colours: usize,
}

impl Index {
    /// Returns the component with this identifier in the protocols.
    pub(crate) fn component(&self, identity: feed::ComponentIdentity) -> Option<ComponentId> {
        self.identifiers.get(&identity).copied()
    }

    /// Returns the pool element with this identifier.
    pub(crate) fn pool_element(&self, pe_identifier: PeIdentifier) -> Option<ComponentId> {
        self.component(feed::ComponentIdentity::PoolElement(pe_identifier))
    }

    /// Returns the only living component with this address.
    pub(crate) fn at_address(&self, address: &TransportAddress) -> Option<ComponentId> {
        address
            .addresses
            .iter()
            .find_map(|address| match self.addresses.get(address)?.as_slice() {
                [only] => Some(*only),
                _ => None,
            })
    }

    /// Returns an unused colour for a pool element; other roles need none.
    pub(crate) fn take_colour(&mut self, role: ComponentRole) -> usize {
        let colour = self.colours;
        self.colours += usize::from(role == ComponentRole::PoolElement);
        colour
    }

    /// Records the identity and addresses that a component has reported.
    pub(crate) fn enter(&mut self, id: ComponentId, identity: feed::ComponentIdentity, addresses: &[IpAddr]) {
        self.identifiers.insert(identity, id);
        for address in addresses {
            let at = self.addresses.entry(*address).or_default();
            if !at.contains(&id) {
                at.push(id);
            }
        }
    }

    /// Removes a component from its addresses.
    pub(crate) fn leave_addresses(&mut self, id: ComponentId, addresses: &[IpAddr]) {
        for address in addresses {
            if let Some(at) = self.addresses.get_mut(address) {
                at.retain(|other| *other != id);
                if at.is_empty() {
                    self.addresses.remove(address);
                }
            }
        }
    }

    /// Ends a registrar's life under this identifier, keeping the fault injected in that life, i.e. since it began.
    pub(crate) fn bury(&mut self, id: ComponentId, identity: feed::ComponentIdentity, since: Timestamp) {
        if let Some(record) = self.fault(id).filter(|record| record.at >= since) {
            if self.past_faults.len() == PAST_FAULTS {
                self.past_faults.pop_front();
            }
            self.past_faults.push_back((identity, record));
        }
    }

    /// Returns the latest fault in an earlier life.
    pub(crate) fn past_fault(&self, identity: feed::ComponentIdentity) -> Option<FaultRecord> {
        let mut past = self.past_faults.iter().rev();
        past.find(|(other, _)| *other == identity)
            .map(|(_, record)| *record)
    }

    /// Returns the latest fault injected at a component.
    pub(crate) fn fault(&self, id: ComponentId) -> Option<FaultRecord> {
        self.faults.get(&id).copied()
    }

    /// Records a fault injected at a component.
    pub(crate) fn enter_fault(&mut self, id: ComponentId, at: Timestamp, fault: Fault) {
        let record = FaultRecord {
            at,
            fault,
            undone: None,
        };
        self.faults.insert(id, record);
    }

    /// Marks the latest fault at a component as undone, if it is this one.
    pub(crate) fn undo_fault(&mut self, id: ComponentId, at: Timestamp, fault: Fault) {
        if let Some(record) = self.faults.get_mut(&id)
            && record.fault == fault
        {
            record.undone.get_or_insert(at);
        }
    }

    /// Marks the latest fault at a component as not undone, if it is this one.
    pub(crate) fn fault_lasts(&mut self, id: ComponentId, fault: Fault) {
        if let Some(record) = self.faults.get_mut(&id)
            && record.fault == fault
        {
            record.undone = None;
        }
    }

    /// Forgets a component that was removed.
    pub(crate) fn forget(&mut self, id: ComponentId) {
        self.identifiers.retain(|_, other| *other != id);
        self.faults.remove(&id);
    }
}
