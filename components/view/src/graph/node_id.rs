//! The identity of a node of the graph.

use egui::Id;
use wire::csp::ComponentIdentifier;

use model::{ComponentId, Model};

/// The component at a node. Our own come first in every order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum NodeId {
    /// One of the control centre's own components.
    Own(ComponentId),
    /// A component that was started elsewhere and reports here.
    External(ComponentIdentifier),
}

impl NodeId {
    /// Returns the component, if it is one of our own.
    pub(crate) fn own(self) -> Option<ComponentId> {
        match self {
            Self::Own(id) => Some(id),
            Self::External(_) => None,
        }
    }

    /// Returns the identity for the keyboard focus.
    pub(crate) fn focus_id(self) -> Id {
        Id::unique(("graph node", self))
    }

    /// Returns the name.
    pub(crate) fn name(self, model: &Model) -> &str {
        let name = match self {
            Self::Own(id) => model.components.get(&id).map(|component| &component.name),
            Self::External(identifier) => model.external().get(identifier).map(|component| &component.name),
        };
        name.map_or("?", String::as_str)
    }

    /// Returns whether the model contains the component.
    pub(crate) fn is_in(self, model: &Model) -> bool {
        match self {
            Self::Own(id) => model.components.contains_key(&id),
            Self::External(identifier) => model.external().get(identifier).is_some(),
        }
    }
}

impl From<ComponentId> for NodeId {
    fn from(id: ComponentId) -> Self {
        Self::Own(id)
    }
}

impl From<ComponentIdentifier> for NodeId {
    fn from(identifier: ComponentIdentifier) -> Self {
        Self::External(identifier)
    }
}
