//! Components, as listeners see them.

use std::collections::BTreeMap;
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
pub(crate) struct Components(Arc<Mutex<Arc<BTreeMap<u32, Component>>>>);

impl Components {
    pub(crate) fn name(&self, component: Component) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut all).insert(component.id, component);
    }

    /// Returns those that are named at this moment.
    pub(crate) fn all(&self) -> Arc<BTreeMap<u32, Component>> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
