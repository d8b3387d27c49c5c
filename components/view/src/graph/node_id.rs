//! Who stands at a node of the graph.

use egui::Id;
use wire::csp::ComponentIdentifier;

use model::{ComponentId, Model};

/// Who stands at a node. Our own come first in every order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum NodeId {
    /// One of the control centre's own components.
    Own(ComponentId),
    /// One that was started elsewhere and reports here.
    External(ComponentIdentifier),
}

impl NodeId {
    /// The component of our own, if it is one.
    pub(crate) fn own(self) -> Option<ComponentId> {
        match self {
            Self::Own(id) => Some(id),
            Self::External(_) => None,
        }
    }

    /// Its identity for the keyboard's focus.
    pub(crate) fn focus_id(self) -> Id {
        Id::unique(("graph node", self))
    }

    /// What it is called.
    pub(crate) fn name(self, model: &Model) -> &str {
        let name = match self {
            Self::Own(id) => model.components.get(&id).map(|component| &component.name),
            Self::External(identifier) => model.external().get(identifier).map(|component| &component.name),
        };
        name.map_or("?", String::as_str)
    }

    /// Whether the model has it.
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
