//! The legend of edges, in the corner of the graph.

use std::sync::Arc;

use egui::{
    CursorIcon, Galley, Id, Painter, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2,
};
use feed::{ComponentRole, Protocol};

use crate::graph::dimensions::{ABSENT, BETWEEN_REGISTRARS, DOUBTFUL, Dashes, ONE_SIDED};
use crate::graph::dots::Dots;
use crate::graph::edge::Certainty;
use crate::graph::external_node;
use crate::graph::failover_arrow;
use crate::graph::fault_line;
use crate::graph::link_fault::Kind;
use crate::graph::message_kind::MessageKind;
use crate::graph::painter::GraphPainter;
use crate::graph::shape::RoleShape;
use crate::icon::{self, Icon};
use crate::theme::{self, Theme, fade};
use crate::wording::Standing;

/// The length of a sample.
const SAMPLE: f32 = 26.0;
/// The gap between a sample and its text.
const TEXT_GAP: f32 = 7.0;
/// The gap between two entries.
const ENTRY_GAP: f32 = 18.0;
/// The gap between the legend and the sides of the area.
const SIDE: f32 = 16.0;
/// The distance of the middle of the lowest row from the lower edge of the area.
const LOWEST_ROW: f32 = 15.0;
/// The number of rows for which there is room below the nodes.
const ROWS: usize = 2;
/// The scale of the shapes of messages.
const LEGEND_SCALE: f32 = 0.85;
/// The height of an entry in the help.
const HELP_ROW: f32 = 20.0;
/// The outline of an unplugged component.
const UNPLUGGED: Dashes = Dashes::new(3.0, 2.5);

/// An entry of the legend.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Entry {
    /// An association for a purpose.
    Association(Protocol),
    /// The association of a pool element with its home registrar.
    Home,
    /// A home registrar without an association.
    HomeWithoutAssociation,
    /// An association that only one end sees.
    OneSided,
    /// An association with a silent end.
    Doubtful,
    /// A link with a fault.
    Fault(Kind),
    /// A component with all links cut.
    Unplugged,
    /// A component that was started elsewhere.
    External,
    /// A message with a shape of its own.
    Message(MessageKind),
    /// An association that was broken.
    Broken,
    /// A failover from one pool element to another.
    Failover,
    /// Registrars that disagree.
    Disagreement,
}

impl Entry {
    /// All entries, the most important ones first: what is rare explains more than what is always there.
    const ALL: [Self; 19] = [
        Self::Fault(Kind::Cut),
        Self::Broken,
        Self::Failover,
        Self::Disagreement,
        Self::Message(MessageKind::Unreachable),
        Self::Message(MessageKind::Question),
        Self::Message(MessageKind::Answer),
        Self::Message(MessageKind::Cookie),
        Self::OneSided,
        Self::HomeWithoutAssociation,
        Self::Doubtful,
        Self::Fault(Kind::Lossy),
        Self::Fault(Kind::Slow),
        Self::Unplugged,
        Self::Association(Protocol::Application),
        Self::Association(Protocol::Enrp),
        Self::Home,
        Self::Association(Protocol::Asap),
        Self::External,
    ];

    fn text(self) -> String {
        let text = match self {
            Self::Association(protocol) => return protocol.to_string(),
            Self::Home => "home registrar",
            Self::HomeWithoutAssociation => "home, no association",
            Self::OneSided => "seen by one end only",
            Self::Doubtful => "an end is silent",
            Self::Fault(Kind::Cut) => "link cut",
            Self::Fault(Kind::Lossy) => "packets get lost",
            Self::Fault(Kind::Slow) => "slow link",
            Self::Unplugged => "unplugged",
            Self::External => "started elsewhere, reports only",
            Self::Message(kind) => kind.words(),
            Self::Broken => "broken",
            Self::Failover => "old to new server",
            Self::Disagreement => "disagreement",
        };
        text.to_owned()
    }
}

/// An entry that switches what it explains off and on.
pub(super) struct Switch {
    /// The purpose of the associations and messages.
    pub(super) protocol: Protocol,
    /// Its place.
    pub(super) rect: Rect,
}

impl Switch {
    /// Makes it a button; returns whether it was clicked.
    pub(super) fn ui(&self, ui: &Ui, area: Rect, hidden: bool) -> bool {
        let id = Id::unique(("legend", self.protocol.to_string()));
        let response = ui.interact(self.rect.intersect(area), id, Sense::click());
        response.widget_info(|| {
            let name = format!("{} in the graph and among the messages", self.protocol);
            WidgetInfo::selected(Role::CheckBox, true, !hidden, name)
        });
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        let text = if hidden {
            "Show it in the graph and among the messages"
        } else {
            "Hide it in the graph and among the messages"
        };
        response.on_hover_text(text).clicked()
    }
}

/// A placed entry: a sample, and its text.
struct Placed {
    /// `None` for the number of entries without room.
    entry: Option<Entry>,
    galley: Arc<Galley>,
    /// The left end.
    x: f32,
    /// The row, counted from the top.
    row: usize,
}

impl GraphPainter<'_> {
    /// Draws the legend; only visible kinds of things are explained. Returns the places of the entries that are switches.
    pub(super) fn paint_legend(&self, dots: &Dots) -> Vec<Switch> {
        let mut switches = Vec::new();
        if !self.measures.has_legend() {
            return switches;
        }
        let entries = self.legend_entries(dots);
        let last_row = entries.last().map_or(0, |entry| entry.row);
        let area = self.geometry.area;
        for Placed {
            entry,
            galley,
            x,
            row,
        } in entries
        {
            let from = pos2(
                area.left() + SIDE + x,
                area.bottom() - LOWEST_ROW - self.measures.legend_row * (last_row - row) as f32,
            );
            let mut text = pos2(from.x, from.y - galley.size().y / 2.0);
            let mut ink = self.theme.weak;
            if let Some(entry) = entry {
                let to = pos2(from.x + SAMPLE, from.y);
                paint_sample(&self.painter, self.theme, entry, from, to);
                text.x += SAMPLE + TEXT_GAP;
                if let Entry::Association(protocol) = entry {
                    let end = pos2(text.x + galley.size().x, from.y);
                    let half = vec2(0.0, self.measures.legend_row / 2.0);
                    let rect = Rect::from_min_max(from - half, end + half);
                    if self.hidden.contains(&protocol) {
                        // What is switched off is struck out.
                        self.painter.rect_filled(rect, 3.0, fade(self.theme.ground, 0.6));
                        self.painter
                            .hline(from.x..=end.x, from.y, Stroke::new(1.2, self.theme.weak));
                        ink = fade(ink, 0.7);
                    }
                    switches.push(Switch { protocol, rect });
                }
            }
            self.painter.galley(text, galley, ink);
        }
        switches
    }

    /// Returns the entries that fit into the rows below the nodes, the most important ones, and how many others there
    /// are.
    fn legend_entries(&self, dots: &Dots) -> Vec<Placed> {
        let room = self.geometry.area.width() - 2.0 * SIDE;
        let font = theme::plain_font(self.measures.legend);
        let shown: Vec<Entry> = Entry::ALL
            .into_iter()
            .filter(|&entry| self.is_shown(entry, dots))
            .collect();
        let lay_out = |text: String| self.painter.layout_no_wrap(text, font.clone(), self.theme.weak);
        let (mut x, mut row) = (0.0, 0);
        let mut placed = Vec::new();
        for (index, &entry) in shown.iter().enumerate() {
            let galley = lay_out(entry.text());
            let left = shown.len() - index - 1;
            let more = format!("{} more: F1", left + 1);
            let more = lay_out(more);
            let width = SAMPLE + TEXT_GAP + galley.size().x;
            // The last entry of the last row leaves room for the number of those that have none.
            let needed = |row: usize| {
                let last = row + 1 == ROWS && left > 0;
                width + if last { ENTRY_GAP + more.size().x } else { 0.0 }
            };
            if x > 0.0 && x + needed(row) > room {
                if row + 1 == ROWS {
                    placed.push(Placed {
                        entry: None,
                        galley: more,
                        x,
                        row,
                    });
                    break;
                }
                (x, row) = (0.0, row + 1);
            }
            placed.push(Placed {
                entry: Some(entry),
                galley,
                x,
                row,
            });
            x += width + ENTRY_GAP;
        }
        placed
    }

    /// Returns whether this kind of thing is visible.
    fn is_shown(&self, entry: Entry, dots: &Dots) -> bool {
        let relations = self.relations;
        let mut edges = relations.edges.values();
        let mut homes = relations.edges.values().filter(|edge| edge.home.is_some());
        let mut external = relations.external.values();
        let model = self.snapshot.model;
        match entry {
            Entry::Association(protocol) => {
                let mut keys = relations.edges.keys().chain(relations.external.keys());
                keys.any(|key| key.protocol == protocol)
            }
            Entry::Home => homes.any(|edge| edge.certainty != Certainty::Absent),
            Entry::HomeWithoutAssociation => homes.any(|edge| edge.certainty == Certainty::Absent),
            Entry::OneSided => edges.any(|edge| edge.certainty == Certainty::OneSided),
            Entry::Doubtful => {
                edges.any(|edge| edge.certainty == Certainty::Doubtful)
                    || external.any(|edge| edge.is_stale(self.snapshot.now))
            }
            Entry::Fault(kind) => relations.faults.iter().any(|fault| fault.kind == kind),
            Entry::Unplugged => {
                let mut components = model.components.values();
                components.any(|component| Standing::of(component) == Standing::Unplugged)
            }
            Entry::External => !model.external().is_empty(),
            Entry::Message(kind) => dots.has_shown(kind, self.time),
            Entry::Broken => self.fading.any_broken(),
            Entry::Failover => !self.failovers.is_empty(),
            Entry::Disagreement => !self.disagreements.is_empty(),
        }
    }
}

/// Draws the whole legend, an entry below the other.
pub(crate) fn legend_ui(ui: &mut Ui) {
    let theme = Theme::of(ui);
    for entry in Entry::ALL {
        ui.horizontal(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(SAMPLE + TEXT_GAP, HELP_ROW), Sense::hover());
            let from = pos2(rect.left(), rect.center().y);
            let to = pos2(rect.left() + SAMPLE, from.y);
            paint_sample(ui.painter(), theme, entry, from, to);
            ui.label(entry.text());
        });
    }
}

/// Draws a sample of what an entry explains.
fn paint_sample(painter: &Painter, theme: &Theme, entry: Entry, from: Pos2, to: Pos2) {
    let line = |stroke: Stroke| {
        painter.line_segment([from, to], stroke);
    };
    let dashed = |dashes: Dashes, stroke: Stroke| painter.extend(dashes.line(&[from, to], stroke, 1.0));
    let centre = from + (to - from) / 2.0;
    match entry {
        Entry::Association(protocol) => {
            let colour = theme.protocol(protocol);
            match protocol {
                Protocol::Asap => line(Stroke::new(1.3, colour)),
                Protocol::Enrp => dashed(BETWEEN_REGISTRARS, Stroke::new(2.2, colour)),
                Protocol::Application => {
                    line(Stroke::new(8.0, fade(theme.element(0), 0.25)));
                    line(Stroke::new(1.8, colour));
                }
            }
        }
        Entry::Home => line(Stroke::new(2.8, theme.protocol(Protocol::Asap))),
        Entry::HomeWithoutAssociation => {
            dashed(ABSENT, Stroke::new(2.5, theme.protocol(Protocol::Asap)));
        }
        Entry::OneSided => dashed(ONE_SIDED, Stroke::new(1.8, theme.weak)),
        Entry::Doubtful => dashed(DOUBTFUL, Stroke::new(1.8, theme.weak)),
        Entry::Fault(kind) => fault_line::paint_sample(painter, theme, kind, from, to),
        Entry::Unplugged => {
            let outline = icon::outline(centre, 7.0, ComponentRole::PoolElement);
            painter.extend(UNPLUGGED.line(&outline, Stroke::new(2.0, theme.fault), 1.0));
        }
        Entry::Message(kind) => kind.paint(painter, theme, centre, LEGEND_SCALE),
        Entry::Broken => {
            let stroke = Stroke::new(2.2, theme.danger);
            let half = (to - from) * 0.5;
            painter.line_segment([from, from + half * 0.6], stroke);
            painter.line_segment([to - half * 0.6, to], stroke);
            let square = Rect::from_center_size(centre, Vec2::splat(10.0));
            icon::paint(painter, square, Icon::Cross, theme.danger);
        }
        Entry::Failover => failover_arrow::paint_sample(painter, theme, from, to),
        Entry::Disagreement => {
            let square = Rect::from_center_size(centre, Vec2::splat(15.0));
            icon::paint(painter, square, Icon::Differ, theme.fault);
        }
        Entry::External => {
            let shape = RoleShape::new(centre, 8.0, ComponentRole::PoolElement);
            external_node::paint_outlines(painter, shape, theme.card, Stroke::new(1.2, theme.weak));
        }
    }
}
