//! Components that were removed: they can be restored, and what they did before keeps their names.

use std::collections::VecDeque;

use feed::Timestamp;
use serde::{Deserialize, Serialize};

use crate::component::Component;
use crate::{ComponentId, Model, Severity, Shared, bounded};

/// The components that were removed last, bounded.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Removed {
    #[serde(deserialize_with = "bounded::shared_list::<{ Removed::MOST }, _, _>")]
    components: Shared<VecDeque<Component>>,
}

impl Removed {
    /// The maximum number of removed components that are kept.
    const MOST: usize = 256;

    /// Keeps a component without its pictures, which would take most of the memory.
    fn keep(&mut self, mut component: Component) {
        component.canvas = None;
        component.held = None;
        if self.components.len() == Self::MOST {
            self.components.pop_front();
        }
        self.components.push_back(component);
    }

    /// Returns them, the latest last.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Component> {
        self.components.iter()
    }

    fn take(&mut self, id: ComponentId) -> Option<Component> {
        let at = self.components.iter().position(|component| component.id == id)?;
        self.components.remove(at)
    }
}

impl Model {
    /// Returns a component, whether it is there or was removed lately.
    #[must_use]
    pub fn present_or_removed(&self, id: ComponentId) -> Option<&Component> {
        let mut removed = self.removed.components.iter();
        let present = self.components.get(&id);
        present.or_else(|| removed.find(|component| component.id == id))
    }

    pub(crate) fn removed(&mut self, id: ComponentId, at: Timestamp) {
        self.drop_associations_of(id);
        let Some(component) = self.components.remove(&id) else {
            return;
        };
        self.index.leave_addresses(id, &component.addresses);
        self.index.forget(id);
        self.timeline.forget(id);
        for association in self.associations.values_mut() {
            for end in &mut association.ends {
                *end = end.filter(|end| *end != id);
            }
        }
        self.orphan_pool_elements_of(id);
        self.history.removed(id, at);
        self.generation += 1;
        self.note(None, at, Severity::Normal, |_| {
            format!("{} was removed", component.name)
        });
        self.removed.keep(component);
    }

    /// Brings a component back as it was when it was removed: without a process.
    pub(crate) fn restored(&mut self, id: ComponentId, at: Timestamp) {
        let Some(component) = self.removed.take(id) else {
            return;
        };
        if let Some(identity) = component.identity
            && self.index.component(identity).is_none()
        {
            self.index.enter(id, identity, &[]);
        }
        self.history.added(&component);
        self.components.insert(id, component);
        self.generation += 1;
        self.revision += 1;
        self.note(Some(id), at, Severity::Normal, |name| {
            format!("{name} was brought back")
        });
    }
}
