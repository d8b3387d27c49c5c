//! What the edges mean, in the corner of the graph.

use std::collections::BTreeMap;

use egui::{Rect, Shape, Stroke, Ui, pos2};
use feed::Protocol;

use crate::view::graph::edge::{Certainty, Edge, EdgeKey};
use crate::view::theme::{self, Theme, fade};

/// A protocol as the audience hears of it.
pub(super) fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Asap => "ASAP",
        Protocol::Enrp => "ENRP",
        Protocol::Application => "Application",
    }
}

/// Draws the legend; only what is on the screen is explained.
pub(super) fn legend_ui(ui: &Ui, rect: Rect, theme: &Theme, edges: &BTreeMap<EdgeKey, Edge>) {
    let painter = ui.painter_at(rect);
    let mut x = rect.left() + 16.0;
    let y = rect.bottom() - 20.0;
    let mut entry = |text: &str, draw: &dyn Fn(egui::Pos2, egui::Pos2)| {
        draw(pos2(x, y), pos2(x + 26.0, y));
        let rect = painter.text(
            pos2(x + 33.0, y),
            egui::Align2::LEFT_CENTER,
            text,
            theme::plain_font(12.0),
            theme.weak,
        );
        x = rect.right() + 18.0;
    };
    for protocol in [Protocol::Asap, Protocol::Enrp, Protocol::Application] {
        if !edges.keys().any(|key| key.2 == protocol) {
            continue;
        }
        let colour = theme.protocol(protocol);
        entry(protocol_name(protocol), &|from, to| match protocol {
            Protocol::Asap => {
                painter.line_segment([from, to], Stroke::new(1.6, colour));
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
        });
    }
    if edges.values().any(|edge| edge.certainty == Certainty::OneSided) {
        entry("seen by one end only", &|from, to| {
            painter.extend(Shape::dashed_line(
                &[from, to],
                Stroke::new(1.8, theme.weak),
                3.0,
                7.0,
            ));
        });
    }
    if edges.values().any(|edge| edge.certainty == Certainty::Doubtful) {
        entry("an end is silent", &|from, to| {
            painter.extend(Shape::dashed_line(
                &[from, to],
                Stroke::new(1.8, theme.weak),
                8.0,
                6.0,
            ));
        });
    }
}
