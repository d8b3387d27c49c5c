//! Components, as listeners see them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// A component of a demonstration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// Its number in the demonstration.
    pub id: u32,
    /// What it is called.
    pub name: String,
    /// What it is, for example `pool element`.
    pub role: String,
}

/// All components of a demonstration that have been named.
#[derive(Debug, Clone, Default)]
pub(crate) struct Components {
    named: Arc<Mutex<Arc<BTreeMap<u32, Component>>>>,
    addresses: Arc<Mutex<BTreeMap<u32, BTreeSet<SocketAddr>>>>,
}

impl Components {
    /// The maximum number of addresses of a component.
    const ADDRESSES: usize = 64;

    pub(crate) fn name(&self, component: Component) {
        let mut all = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut all).insert(component.id, component);
    }

    pub(crate) fn address(&self, component: u32, address: SocketAddr) {
        let mut all = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let addresses = all.entry(component).or_default();
        if addresses.len() < Self::ADDRESSES {
            addresses.insert(address);
        }
    }

    /// Returns the addresses of a component that have been told.
    pub(crate) fn addresses(&self, component: u32) -> BTreeSet<SocketAddr> {
        let all = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&component).cloned().unwrap_or_default()
    }

    /// Returns those that are named at this moment.
    pub(crate) fn all(&self) -> Arc<BTreeMap<u32, Component>> {
        Arc::clone(&self.named.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
