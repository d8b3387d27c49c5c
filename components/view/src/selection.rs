//! What is chosen: the same in all views, and never more than one thing.

use wire::csp::ComponentIdentifier;

use crate::graph::NodeId;
use command::links::Link;
use model::{ComponentId, Model};

/// What can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Chosen {
    /// Nothing is.
    #[default]
    Nothing,
    /// A component of the scenario.
    Component(ComponentId),
    /// The link between two components of the scenario.
    Link(Link),
    /// A component that was started elsewhere.
    External(ComponentIdentifier),
}

impl Chosen {
    /// Whether all of it is still there.
    fn is_in(self, model: &Model) -> bool {
        let here = |id: &ComponentId| model.components.contains_key(id);
        match self {
            Self::Nothing => true,
            Self::Component(id) => here(&id),
            Self::Link((one, other)) => here(&one) && here(&other),
            Self::External(identifier) => model.external().get(identifier).is_some(),
        }
    }
}

/// What is chosen, and whether the inspector tells about it.
#[derive(Debug, Default)]
pub struct Selection {
    chosen: Chosen,
    inspecting: bool,
    /// Whether the card of what is chosen has not been brought into sight yet.
    card_due: bool,
}

impl Selection {
    /// What is chosen.
    #[must_use]
    pub fn chosen(&self) -> Chosen {
        self.chosen
    }

    /// The component of the scenario that is chosen, if it is one.
    #[must_use]
    pub fn component(&self) -> Option<ComponentId> {
        match self.chosen {
            Chosen::Component(id) => Some(id),
            Chosen::Nothing | Chosen::Link(_) | Chosen::External(_) => None,
        }
    }

    /// The link that is chosen, if it is one.
    #[must_use]
    pub fn link(&self) -> Option<Link> {
        match self.chosen {
            Chosen::Link(link) => Some(link),
            Chosen::Nothing | Chosen::Component(_) | Chosen::External(_) => None,
        }
    }

    /// The component started elsewhere that is chosen, if it is one.
    #[must_use]
    pub fn external(&self) -> Option<ComponentIdentifier> {
        match self.chosen {
            Chosen::External(identifier) => Some(identifier),
            Chosen::Nothing | Chosen::Component(_) | Chosen::Link(_) => None,
        }
    }

    /// The node of the graph that is chosen: whoever stands there, own or external.
    pub(crate) fn node(&self) -> Option<NodeId> {
        match self.chosen {
            Chosen::Component(id) => Some(NodeId::Own(id)),
            Chosen::External(identifier) => Some(NodeId::External(identifier)),
            Chosen::Nothing | Chosen::Link(_) => None,
        }
    }

    /// Chooses a component of the scenario.
    pub fn select(&mut self, id: ComponentId) {
        self.choose(Chosen::Component(id));
    }

    /// Chooses a component that was started elsewhere.
    pub fn select_external(&mut self, identifier: ComponentIdentifier) {
        self.choose(Chosen::External(identifier));
    }

    /// Chooses who stands at a node of the graph.
    pub(crate) fn select_node(&mut self, node: NodeId) {
        match node {
            NodeId::Own(id) => self.select(id),
            NodeId::External(identifier) => self.select_external(identifier),
        }
    }

    /// Chooses the link between two components, and opens its inspector: nothing else shows a link's faults.
    pub fn select_link(&mut self, link: Link) {
        self.choose(Chosen::Link(link));
        self.inspecting = true;
    }

    /// Chooses nothing; there is nothing to be inspected then either.
    pub fn deselect(&mut self) {
        *self = Self::default();
    }

    fn choose(&mut self, chosen: Chosen) {
        if self.chosen != chosen {
            self.chosen = chosen;
            self.card_due = true;
        }
    }

    /// What the inspector tells about while it is open.
    #[must_use]
    pub fn inspected(&self) -> Chosen {
        if self.inspecting {
            self.chosen
        } else {
            Chosen::Nothing
        }
    }

    /// Opens the inspector of what is chosen.
    pub fn inspect(&mut self) {
        self.inspecting = self.chosen != Chosen::Nothing;
    }

    /// Closes the inspector; says whether it was open.
    pub fn close_inspector(&mut self) -> bool {
        std::mem::take(&mut self.inspecting)
    }

    /// Opens the inspector, or closes it.
    pub fn toggle_inspector(&mut self) {
        if !self.close_inspector() {
            self.inspect();
        }
    }

    /// Whether the card of what is chosen is to be brought into sight now; asked once for each choice, by that card.
    pub(crate) fn take_card_due(&mut self) -> bool {
        std::mem::take(&mut self.card_due)
    }

    /// Chooses nothing if what was chosen is gone.
    pub fn forget_gone(&mut self, model: &Model) {
        if !self.chosen.is_in(model) {
            self.deselect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PE: ComponentId = ComponentId(1);
    const PU: ComponentId = ComponentId(2);

    #[test]
    fn the_card_of_a_new_choice_is_due_once() {
        let mut selection = Selection::default();
        selection.select(PE);
        assert!(selection.take_card_due());
        selection.select(PE);
        assert!(!selection.take_card_due(), "it is in sight already");
        selection.select(PU);
        assert!(selection.take_card_due());
    }

    #[test]
    fn nothing_cannot_be_inspected() {
        let mut selection = Selection::default();
        selection.toggle_inspector();
        selection.inspect();
        selection.select(PE);
        assert_eq!(selection.inspected(), Chosen::Nothing);
        selection.toggle_inspector();
        assert_eq!(selection.inspected(), Chosen::Component(PE));
        selection.deselect();
        selection.select(PU);
        assert_eq!(selection.inspected(), Chosen::Nothing);
    }

    #[test]
    fn what_is_gone_is_not_chosen_any_more() {
        let mut selection = Selection::default();
        selection.select_link((PE, PU));
        selection.forget_gone(&Model::default());
        assert_eq!(selection.chosen(), Chosen::Nothing);
        assert_eq!(selection.inspected(), Chosen::Nothing);
    }
}
