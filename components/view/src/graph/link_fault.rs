//! What is wrong with links on purpose: cut, lossy and slow ones look different, whether or not an association is left.

use std::collections::BTreeMap;

use egui::{Color32, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2};
use feed::{Impairment, Protocol};

use crate::graph::curve::{Curve, way_between};
use crate::graph::edge::Edges;
use crate::icon::{self, Icon};
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, fade};
use command::links::{self, Link};
use model::{ComponentId, Model};

/// What is wrong with a link above all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing gets through.
    Cut,
    /// Packets get lost.
    Lossy,
    /// Packets take their time.
    Slow,
}

/// A link with something wrong.
#[derive(Debug, Clone)]
pub(super) struct LinkFault {
    /// The link.
    pub(super) link: Link,
    /// What is wrong above all.
    pub(super) kind: Kind,
    /// All that is wrong.
    impairment: Impairment,
    /// Which way its line takes.
    pub(super) way: Protocol,
    /// Whether it is the link's alone; otherwise one end has it on all its links.
    pub(super) own: bool,
}

impl Kind {
    /// What is wrong above all.
    pub(super) fn of(impairment: &Impairment) -> Self {
        if impairment.cut {
            Self::Cut
        } else if impairment.loss > 0.0 {
            Self::Lossy
        } else {
            Self::Slow
        }
    }

    /// Its icon.
    pub(super) fn icon(self) -> Icon {
        match self {
            Self::Cut => Icon::Cross,
            Self::Lossy => Icon::Percent,
            Self::Slow => Icon::Clock,
        }
    }

    fn colour(self, theme: &Theme) -> Color32 {
        match self {
            Self::Cut => theme.danger,
            Self::Lossy | Self::Slow => theme.fault,
        }
    }

    /// A sample of its line, for the legend.
    pub(super) fn paint_sample(self, painter: &Painter, theme: &Theme, from: Pos2, to: Pos2) {
        self.paint_line(painter, theme, &[from, to], 1.0, 1.0);
        let square = Rect::from_center_size(from + (to - from) / 2.0, Vec2::splat(9.0));
        painter.circle_filled(square.center(), 7.0, theme.ground);
        icon::paint(painter, square, self.icon(), self.colour(theme));
    }

    fn paint_line(self, painter: &Painter, theme: &Theme, points: &[Pos2], zoom: f32, strength: f32) {
        let colour = fade(self.colour(theme), strength);
        match self {
            Self::Cut => {
                // Nothing of the association shows through: there is no way any more.
                let ground = Stroke::new(7.0 * zoom, theme.ground);
                painter.add(Shape::line(points.to_vec(), ground));
                let stroke = Stroke::new(2.2 * zoom, colour);
                painter.extend(Shape::dashed_line(points, stroke, 5.0 * zoom, 7.0 * zoom));
            }
            Self::Lossy => {
                let dots = Shape::dotted_line(points, colour, 6.5 * zoom, 1.7 * zoom);
                painter.extend(dots);
            }
            Self::Slow => {
                painter.add(Shape::line(points.to_vec(), Stroke::new(1.5 * zoom, colour)));
            }
        }
    }
}

/// All links with something wrong: those with faults of their own, and the associations of components with bad links.
#[must_use]
pub(super) fn faults(model: &Model) -> Vec<LinkFault> {
    let component = |id| model.components.get(&id);
    let role = |id| component(id).map(|component| component.role());
    let mut faults: Vec<LinkFault> = links::impaired(model)
        .into_iter()
        .filter_map(|(link, impairment)| {
            Some(LinkFault {
                link,
                kind: Kind::of(&impairment),
                impairment,
                way: way_between([Some(role(link.0)?), Some(role(link.1)?)]),
                own: true,
            })
        })
        .collect();
    let bad = |id: ComponentId| {
        let all = links::impairment_of_all(component(id)?);
        (!all.is_none() && !all.cut).then_some(all)
    };
    for association in model.associations.values() {
        let [Some(one), Some(other)] = association.ends else {
            continue;
        };
        let link = links::between(one, other);
        if let Some(impairment) = bad(one).or_else(|| bad(other))
            && !faults.iter().any(|fault| fault.link == link)
        {
            faults.push(LinkFault {
                link,
                kind: Kind::of(&impairment),
                impairment,
                way: association.protocol,
                own: false,
            });
        }
    }
    faults
}

fn curve(fault: &LinkFault, centres: &BTreeMap<ComponentId, Pos2>, corridor: f32) -> Option<Curve> {
    let (from, to) = (*centres.get(&fault.link.0)?, *centres.get(&fault.link.1)?);
    Some(Curve::new(from, to, fault.way, corridor))
}

/// Draws the lines.
pub(super) fn paint(
    painter: &Painter,
    theme: &Theme,
    faults: &[LinkFault],
    centres: &BTreeMap<ComponentId, Pos2>,
    corridor: f32,
    zoom: f32,
) {
    let zoom = zoom.clamp(0.6, 1.5);
    for fault in faults {
        if let Some(curve) = curve(fault, centres, corridor) {
            let strength = if fault.own { 1.0 } else { 0.6 };
            fault
                .kind
                .paint_line(painter, theme, &curve.points(), zoom, strength);
        }
    }
}

/// Marks the chosen link.
pub(super) fn paint_chosen(
    painter: &Painter,
    theme: &Theme,
    link: Link,
    edges: &Edges,
    centres: &BTreeMap<ComponentId, Pos2>,
    corridor: f32,
    zoom: f32,
) {
    let (Some(&from), Some(&to)) = (centres.get(&link.0), centres.get(&link.1)) else {
        return;
    };
    for key in edges.keys().filter(|key| key.link() == Some(link)) {
        let points = Curve::new(from, to, key.protocol, corridor).points();
        let stroke = Stroke::new(11.0 * zoom.clamp(0.6, 1.5), fade(theme.accent, 0.35));
        painter.add(Shape::line(points, stroke));
    }
}

/// Draws the badges of links with faults of their own; returns the link whose badge was clicked.
#[expect(
    clippy::too_many_arguments,
    reason = "one drawing step with all that it depends on"
)]
pub(super) fn badges_ui(
    ui: &Ui,
    rect: Rect,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    faults: &[LinkFault],
    centres: &BTreeMap<ComponentId, Pos2>,
    corridor: f32,
    zoom: f32,
) -> Option<Link> {
    let painter = ui.painter_at(rect);
    let zoom = zoom.clamp(0.75, 1.4);
    let mut clicked = None;
    for fault in faults.iter().filter(|fault| fault.own) {
        let Some(curve) = curve(fault, centres, corridor) else {
            continue;
        };
        let at = curve.at(0.5);
        let radius = 10.5 * zoom;
        let area = Rect::from_center_size(at, Vec2::splat(radius * 2.0 + 4.0)).intersect(rect);
        let response = ui.interact(area, egui::Id::unique(("link fault", fault.link)), Sense::click());
        let name = |id| {
            snapshot
                .component(id)
                .map_or("?", |component| component.name.as_str())
        };
        let words = links::words(&fault.impairment);
        response.widget_info(|| {
            let label = format!(
                "Link between {} and {}: {words}",
                name(fault.link.0),
                name(fault.link.1)
            );
            WidgetInfo::labeled(Role::Button, true, label)
        });
        let ink = fault.kind.colour(theme);
        let lit = response.hovered() || response.has_focus();
        let line = Stroke::new(if lit { 2.4 } else { 1.5 }, ink);
        painter.circle(at, radius, theme.panel, line);
        let square = Rect::from_center_size(at, Vec2::splat(radius * 1.05));
        icon::paint(&painter, square, fault.kind.icon(), ink);
        let galley = painter.layout_no_wrap(words, theme::strong_font(12.5 * zoom), ink);
        let text = pos2(at.x - galley.size().x / 2.0, at.y + radius + 2.0);
        let behind = Rect::from_min_size(text, galley.size()).expand2(Vec2::new(4.0, 1.0));
        painter.rect_filled(behind, 4.0, fade(theme.ground, 0.85));
        painter.galley(text, galley, ink);
        if response.clicked() {
            clicked = Some(fault.link);
        }
    }
    clicked
}
