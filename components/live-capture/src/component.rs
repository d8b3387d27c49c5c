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
    /// Those that are not there any more, and whose packets may still wait.
    gone: Arc<Mutex<BTreeSet<u32>>>,
}

impl Components {
    /// The maximum number of addresses of a component.
    const ADDRESSES: usize = 64;
    /// The maximum number of components that are gone and remembered.
    const GONE: usize = 1_000;

    pub(crate) fn name(&self, component: Component) {
        let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        gone.remove(&component.id);
        drop(gone);
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

    /// Forgets a component, once so many others have gone that nothing of it waits any more.
    pub(crate) fn remove(&self, component: u32) {
        let forgotten = {
            let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
            gone.insert(component);
            (gone.len() > Self::GONE).then(|| gone.pop_first()).flatten()
        };
        if let Some(forgotten) = forgotten {
            let mut all = self.named.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::make_mut(&mut all).remove(&forgotten);
            let mut all = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
            all.remove(&forgotten);
        }
    }

    /// Returns the addresses of a component that have been told.
    pub(crate) fn addresses(&self, component: u32) -> BTreeSet<SocketAddr> {
        let all = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&component).cloned().unwrap_or_default()
    }

    /// Returns those that are named and there.
    pub(crate) fn present(&self) -> Vec<Component> {
        let gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        let all = self.all();
        let present = all.iter().filter(|(id, _)| !gone.contains(id));
        present.map(|(_, component)| component.clone()).collect()
    }

    /// Returns those that have been named, also if they are gone.
    pub(crate) fn all(&self) -> Arc<BTreeMap<u32, Component>> {
        Arc::clone(&self.named.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
