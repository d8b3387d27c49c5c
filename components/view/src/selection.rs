//! The selection: the same in all views, and never more than one thing.

use feed::Timestamp;
use wire::csp::ComponentIdentifier;

use crate::graph::NodeId;
use command::links::Link;
use model::{ComponentId, Model};

/// A selectable thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Chosen {
    /// Nothing.
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
    /// Returns whether all parts of it still exist.
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

/// A message, as all views know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChosenMessage {
    /// Its sender.
    pub(crate) from: ComponentId,
    /// Its receiver; `None` for multicast.
    pub(crate) to: Option<ComponentId>,
    /// When it was sent.
    pub(crate) sent: Timestamp,
    /// When it arrived, if that is known.
    pub(crate) arrived: Option<Timestamp>,
    /// Its name.
    pub(crate) name: String,
    /// The pixels that it carries, if it does.
    pub(crate) pixels: Option<Pixels>,
}

/// Consecutive pixels of a picture, in reading order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pixels {
    /// The column of the first one.
    pub(crate) x: u32,
    /// The row of the first one.
    pub(crate) y: u32,
    /// How many there are.
    pub(crate) count: u32,
}

impl Pixels {
    /// Returns whether a pixel is one of these, in a picture of this width.
    pub(crate) fn contains(self, x: u32, y: u32, width: u32) -> bool {
        let place = |x: u32, y: u32| u64::from(y) * u64::from(width) + u64::from(x);
        let first = place(self.x, self.y);
        (first..first + u64::from(self.count)).contains(&place(x, y))
    }
}

/// A pixel of a picture, of which the message is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SoughtPixel {
    /// The pool user whose picture it is.
    pub(crate) user: ComponentId,
    /// Its column.
    pub(crate) x: u32,
    /// Its row.
    pub(crate) y: u32,
    /// The width of the picture.
    pub(crate) width: u32,
}

/// The selection, and whether the inspector shows it.
#[derive(Debug, Default)]
pub struct Selection {
    chosen: Chosen,
    inspecting: bool,
    /// Whether the card of the selection still has to be scrolled into view.
    card_due: bool,
    /// What was chosen and does not exist at the cursor, and whether the inspector showed it.
    aside: Option<(Chosen, bool)>,
    /// The message that is taken apart.
    message: Option<ChosenMessage>,
    /// The message that was chosen where it cannot be taken apart.
    sought: Option<ChosenMessage>,
    /// The pixel whose message was chosen.
    pixel: Option<SoughtPixel>,
}

impl Selection {
    /// Returns the message that is taken apart.
    pub(crate) fn message(&self) -> Option<&ChosenMessage> {
        self.message.as_ref()
    }

    /// Tells which message is taken apart.
    pub(crate) fn set_message(&mut self, message: Option<ChosenMessage>) {
        self.message = message;
    }

    /// Chooses a message, which is to be taken apart.
    pub(crate) fn seek_message(&mut self, message: ChosenMessage) {
        self.sought = Some(message);
    }

    /// Takes the message that was chosen elsewhere, once.
    pub(crate) fn take_sought_message(&mut self) -> Option<ChosenMessage> {
        self.sought.take()
    }

    /// Chooses the message that brought a pixel.
    pub(crate) fn seek_pixel(&mut self, pixel: SoughtPixel) {
        self.pixel = Some(pixel);
    }

    /// Takes the pixel whose message was chosen, once.
    pub(crate) fn take_sought_pixel(&mut self) -> Option<SoughtPixel> {
        self.pixel.take()
    }

    /// Returns whether a message was chosen that is to be taken apart.
    pub(crate) fn seeks_message(&self) -> bool {
        self.sought.is_some()
    }

    /// Returns the selection.
    #[must_use]
    pub fn chosen(&self) -> Chosen {
        self.chosen
    }

    /// Returns the selected component of the scenario, if it is one.
    #[must_use]
    pub fn component(&self) -> Option<ComponentId> {
        match self.chosen {
            Chosen::Component(id) => Some(id),
            Chosen::Nothing | Chosen::Link(_) | Chosen::External(_) => None,
        }
    }

    /// Returns the selected link, if it is one.
    #[must_use]
    pub fn link(&self) -> Option<Link> {
        match self.chosen {
            Chosen::Link(link) => Some(link),
            Chosen::Nothing | Chosen::Component(_) | Chosen::External(_) => None,
        }
    }

    /// Returns the selected component started elsewhere, if it is one.
    #[must_use]
    pub fn external(&self) -> Option<ComponentIdentifier> {
        match self.chosen {
            Chosen::External(identifier) => Some(identifier),
            Chosen::Nothing | Chosen::Component(_) | Chosen::Link(_) => None,
        }
    }

    /// Returns the selected node of the graph, own or external.
    pub(crate) fn node(&self) -> Option<NodeId> {
        match self.chosen {
            Chosen::Component(id) => Some(NodeId::Own(id)),
            Chosen::External(identifier) => Some(NodeId::External(identifier)),
            Chosen::Nothing | Chosen::Link(_) => None,
        }
    }

    /// Selects a component of the scenario.
    pub fn select(&mut self, id: ComponentId) {
        self.choose(Chosen::Component(id));
    }

    /// Selects a component that was started elsewhere.
    pub fn select_external(&mut self, identifier: ComponentIdentifier) {
        self.choose(Chosen::External(identifier));
    }

    /// Selects the component at a node of the graph.
    pub(crate) fn select_node(&mut self, node: NodeId) {
        match node {
            NodeId::Own(id) => self.select(id),
            NodeId::External(identifier) => self.select_external(identifier),
        }
    }

    /// Selects the link between two components, and opens its inspector: nothing else shows the faults of a link.
    pub fn select_link(&mut self, link: Link) {
        self.choose(Chosen::Link(link));
        self.inspecting = true;
    }

    /// Clears the selection and thereby closes the inspector. The message that is taken apart has a pane of its own.
    pub fn deselect(&mut self) {
        *self = Self {
            message: self.message.take(),
            sought: self.sought.take(),
            pixel: self.pixel.take(),
            ..Self::default()
        };
    }

    fn choose(&mut self, chosen: Chosen) {
        self.aside = None;
        if self.chosen != chosen {
            self.chosen = chosen;
            self.card_due = true;
        }
    }

    /// Returns what the inspector shows while it is open.
    #[must_use]
    pub fn inspected(&self) -> Chosen {
        if self.inspecting {
            self.chosen
        } else {
            Chosen::Nothing
        }
    }

    /// Opens the inspector of the selection.
    pub fn inspect(&mut self) {
        self.inspecting = self.chosen != Chosen::Nothing;
    }

    /// Closes the inspector; returns whether it was open.
    pub fn close_inspector(&mut self) -> bool {
        std::mem::take(&mut self.inspecting)
    }

    /// Toggles the inspector.
    pub fn toggle_inspector(&mut self) {
        if !self.close_inspector() {
            self.inspect();
        }
    }

    /// Returns, once per selection, whether its card must be scrolled into view; to be called by that card.
    pub(crate) fn take_card_due(&mut self) -> bool {
        std::mem::take(&mut self.card_due)
    }

    /// Sets the selection aside while the selected thing does not exist at the cursor, and takes it up again.
    pub(crate) fn set_aside_gone(&mut self, model: &Model) {
        match self.aside {
            Some((chosen, inspecting)) if chosen.is_in(model) => {
                self.chosen = chosen;
                self.inspecting = inspecting;
                self.aside = None;
            }
            None if !self.chosen.is_in(model) => {
                let aside = (self.chosen, self.inspecting);
                self.deselect();
                self.aside = Some(aside);
            }
            Some(_) | None => {}
        }
    }

    /// Clears the selection if the selected thing is gone.
    pub fn forget_gone(&mut self, model: &Model) {
        self.set_aside_gone(model);
        self.aside = None;
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
    fn pixels_go_on_in_the_next_row() {
        let pixels = Pixels { x: 8, y: 1, count: 4 };
        for (x, y, there) in [
            (7, 1, false),
            (8, 1, true),
            (9, 1, true),
            (0, 2, true),
            (1, 2, true),
            (2, 2, false),
        ] {
            assert_eq!(pixels.contains(x, y, 10), there, "({x}, {y})");
        }
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
    fn what_is_not_there_at_the_cursor_is_chosen_again_where_it_is() {
        let added = |model: &mut Model, id| {
            model.apply(model::Update::Component {
                component: id,
                at: Timestamp::default(),
                change: model::Change::Added {
                    name: "PE".to_owned(),
                    spec: Box::new(scenario::ComponentSpec::new(feed::ComponentRole::PoolElement)),
                },
            });
        };
        let (before, mut after) = (Model::default(), Model::default());
        added(&mut after, PE);
        added(&mut after, PU);
        let mut selection = Selection::default();
        selection.select(PE);
        selection.inspect();
        selection.set_aside_gone(&before);
        assert_eq!(selection.chosen(), Chosen::Nothing);
        selection.set_aside_gone(&after);
        assert_eq!(selection.inspected(), Chosen::Component(PE));
        selection.set_aside_gone(&before);
        selection.select(PU);
        selection.set_aside_gone(&after);
        assert_eq!(
            selection.chosen(),
            Chosen::Component(PU),
            "the later choice counts"
        );
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
