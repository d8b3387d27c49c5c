//! What the edges mean, in the corner of the graph.

use egui::{Painter, Rect, Shape, Stroke, Ui, pos2};
use feed::Protocol;

use crate::graph::edge::Certainty;
use crate::graph::external_node;
use crate::graph::link_fault::Kind;
use crate::graph::relations::Relations;
use crate::graph::shape::RoleShape;
use crate::icon;
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, fade};
use crate::wording::Standing;
use model::Component;

/// The length of a sample line.
const SAMPLE: f32 = 26.0;

/// Draws a sample line from one point to another.
type Drawing = Box<dyn Fn(&Painter, egui::Pos2, egui::Pos2)>;

/// Draws the legend; only what is on the screen is explained.
pub(super) fn legend_ui(
    ui: &Ui,
    rect: Rect,
    theme: &'static Theme,
    snapshot: &Snapshot<'_>,
    relations: &Relations,
) {
    let Relations {
        edges,
        external,
        faults,
    } = relations;
    let painter = ui.painter_at(rect);
    // Rows from below upwards, as many as are needed.
    let mut places: Vec<(f32, usize)> = Vec::new();
    let (mut x, mut row) = (0.0, 0);
    let mut drawings: Vec<(std::sync::Arc<egui::Galley>, Drawing)> = Vec::new();
    let mut entry = |text: &str, draw: Drawing| {
        let galley = painter.layout_no_wrap(text.to_owned(), theme::plain_font(12.0), theme.weak);
        let width = SAMPLE + 7.0 + galley.size().x;
        if x > 0.0 && x + width > rect.width() - 32.0 {
            (x, row) = (0.0, row + 1);
        }
        places.push((x, row));
        x += width + 18.0;
        drawings.push((galley, draw));
    };
    for protocol in [Protocol::Asap, Protocol::Enrp, Protocol::Application] {
        if !edges.keys().any(|key| key.protocol == protocol)
            && !external.keys().any(|key| key.protocol == protocol)
        {
            continue;
        }
        let colour = theme.protocol(protocol);
        entry(
            &protocol.to_string(),
            Box::new(move |painter, from, to| match protocol {
                Protocol::Asap => {
                    painter.line_segment([from, to], Stroke::new(1.3, fade(colour, 0.7)));
                }
                Protocol::Enrp => painter.extend(Shape::dashed_line(
                    &[from, to],
                    Stroke::new(2.2, colour),
                    9.0,
                    3.5,
                )),
                Protocol::Application => {
                    painter.line_segment([from, to], Stroke::new(8.0, fade(theme.element(0), 0.25)));
                    painter.line_segment([from, to], Stroke::new(1.8, colour));
                }
            }),
        );
    }
    let homes = || edges.values().filter(|edge| edge.home.is_some());
    if homes().any(|edge| edge.certainty != Certainty::Absent) {
        entry(
            "home registrar",
            Box::new(move |painter, from, to| {
                painter.line_segment([from, to], Stroke::new(2.8, theme.protocol(Protocol::Asap)));
            }),
        );
    }
    if homes().any(|edge| edge.certainty == Certainty::Absent) {
        entry(
            "home, no association",
            Box::new(move |painter, from, to| {
                let stroke = Stroke::new(2.5, theme.protocol(Protocol::Asap));
                painter.extend(Shape::dashed_line(&[from, to], stroke, 1.5, 6.0));
            }),
        );
    }
    if edges.values().any(|edge| edge.certainty == Certainty::OneSided) {
        entry(
            "seen by one end only",
            Box::new(move |painter, from, to| {
                painter.extend(Shape::dashed_line(
                    &[from, to],
                    Stroke::new(1.8, theme.weak),
                    3.0,
                    7.0,
                ));
            }),
        );
    }
    let doubtful = edges.values().any(|edge| edge.certainty == Certainty::Doubtful);
    if doubtful || external.values().any(|edge| edge.is_stale(snapshot.now)) {
        entry(
            "an end is silent",
            Box::new(move |painter, from, to| {
                painter.extend(Shape::dashed_line(
                    &[from, to],
                    Stroke::new(1.8, theme.weak),
                    8.0,
                    6.0,
                ));
            }),
        );
    }
    for (kind, text) in [
        (Kind::Cut, "link cut"),
        (Kind::Lossy, "packets get lost"),
        (Kind::Slow, "slow link"),
    ] {
        if faults.iter().any(|fault| fault.kind == kind) {
            entry(
                text,
                Box::new(move |painter, from, to| kind.paint_sample(painter, theme, from, to)),
            );
        }
    }
    let unplugged = |component: &Component| Standing::of(component) == Standing::Unplugged;
    if snapshot.model.components.values().any(unplugged) {
        entry(
            "unplugged",
            Box::new(move |painter, from, to| {
                let stroke = Stroke::new(2.0, theme.fault);
                let outline = icon::outline(from + (to - from) / 2.0, 7.0, feed::ComponentRole::PoolElement);
                painter.extend(Shape::dashed_line(&outline, stroke, 3.0, 2.5));
            }),
        );
    }
    if !snapshot.model.external().is_empty() {
        entry(
            "started elsewhere, reports only",
            Box::new(move |painter, from, to| {
                let centre = from + (to - from) / 2.0;
                let role = feed::ComponentRole::PoolElement;
                let shape = RoleShape::new(centre, 8.0, role);
                external_node::paint_outlines(painter, shape, theme.card, Stroke::new(1.2, theme.weak));
            }),
        );
    }
    let last_row = places.last().map_or(0, |(_, row)| *row);
    for ((galley, draw), (x, row)) in drawings.into_iter().zip(places) {
        let at = pos2(
            rect.left() + 16.0 + x,
            rect.bottom() - 20.0 - 18.0 * (last_row - row) as f32,
        );
        draw(&painter, at, pos2(at.x + SAMPLE, at.y));
        let text = pos2(at.x + SAMPLE + 7.0, at.y - galley.size().y / 2.0);
        painter.galley(text, galley, theme.weak);
    }
}
