//! How components that were started elsewhere look as nodes.

use egui::{Color32, Painter, Pos2, Rect, Stroke, Vec2};
use feed::{ComponentRole, Timestamp};

use crate::external;
use crate::graph::label::{self, Line};
use crate::graph::layout::{LabelSide, Place};
use crate::graph::node::{self, Emphasis};
use crate::icon::{self, Icon};
use crate::theme::{self, Theme, fade, mix};
use model::ExternalComponent;

/// How much is left of the colours of one that is silent.
const SILENT: f32 = 0.45;
/// Nodes with a smaller radius are drawn without details.
const COMPACT: f32 = 13.0;

/// Draws the double outline by which they are known.
pub(super) fn paint_outlines(
    painter: &Painter,
    centre: Pos2,
    radius: f32,
    role: Option<ComponentRole>,
    fill: Color32,
    stroke: Stroke,
) {
    icon::paint_kind(painter, centre, radius, role, fill, stroke);
    let inner = inner(radius);
    icon::paint_kind(painter, centre, inner, role, Color32::TRANSPARENT, stroke);
}

/// The radius of the inner outline.
fn inner(radius: f32) -> f32 {
    radius - (radius * 0.2).clamp(2.5, 7.0)
}

/// Draws a node at its place on the screen.
pub(super) fn paint(
    painter: &Painter,
    theme: &Theme,
    component: &ExternalComponent,
    place: Place,
    how: Emphasis,
    now: Timestamp,
) {
    let stale = component.is_stale(now);
    let dimmed = if how.dimmed { 0.28 } else { 1.0 };
    let strength = dimmed * if stale { SILENT } else { 1.0 };
    let (centre, radius, role) = (place.centre, place.radius, component.role);
    let own = external::colour(theme, component);
    // Nothing behind a node may show through it.
    icon::paint_kind(painter, centre, radius + 3.0, role, theme.ground, Stroke::NONE);
    if how.selected {
        let stroke = Stroke::new(2.0, theme.accent);
        icon::paint_kind(
            painter,
            centre,
            radius + 7.0,
            role,
            fade(theme.accent, 0.25),
            stroke,
        );
    } else if how.hovered || how.focused {
        let fill = fade(theme.text, 0.12);
        icon::paint_kind(painter, centre, radius + 6.0, role, fill, Stroke::NONE);
    }
    let outline = Stroke::new((radius / 18.0).clamp(1.1, 1.8), fade(own, strength));
    let body = fade(mix(theme.card, own, 0.1), strength);
    paint_outlines(painter, centre, radius, role, body, outline);
    if let Some(load) = component
        .load
        .filter(|_| role == Some(ComponentRole::PoolElement))
    {
        let colour = fade(own, strength * 0.8);
        node::paint_load(painter, centre, inner(radius), load as f32, colour);
    }
    // Small ones would hardly be seen behind their marks.
    if radius >= COMPACT || stale {
        let size = if radius < COMPACT {
            6.5
        } else {
            (radius * 0.42).clamp(8.0, 12.0)
        };
        // Away from the text.
        let side = if place.label == LabelSide::Right {
            -1.0
        } else {
            1.0
        };
        let at = centre + Vec2::new(side * radius, -radius) * 0.82;
        let ink = fade(if stale { theme.fault } else { theme.weak }, dimmed);
        painter.circle(at, size, theme.panel, Stroke::new(1.2, ink));
        let square = Rect::from_center_size(at, Vec2::splat(size * 1.25));
        icon::paint(painter, square, Icon::Eye, ink);
    }
    paint_label(painter, theme, component, place, how.zoom, dimmed, now);
}

fn paint_label(
    painter: &Painter,
    theme: &Theme,
    component: &ExternalComponent,
    place: Place,
    zoom: f32,
    strength: f32,
    now: Timestamp,
) {
    let growth = ((place.radius / zoom - 18.0) / 16.0).clamp(0.0, 1.6);
    let zoom = zoom.clamp(0.75, 1.4);
    let size = if place.two_lines {
        13.5 + 1.5 * growth
    } else {
        12.5
    } * zoom;
    // The name with all its eight digits needs that much.
    let narrow = !place.two_lines || place.label_width < size * 8.2;
    // Silence is written clearly, all else fades.
    let silence = external::silence(component, now);
    let old = if silence.is_some() { 0.6 } else { 1.0 };
    let (text, weak) = (fade(theme.text, old), fade(theme.weak, old));
    let name = Line {
        short: Some(external::short_name(component, narrow)),
        ..Line::new(component.name.as_str(), text)
    };
    let mut lines = vec![name.lay_out(painter, theme::strong_font(size), place.label_width)];
    let font = theme::plain_font((12.5 + growth) * zoom);
    if place.two_lines {
        let second = match (&silence, external::load(component)) {
            (Some(silence), _) => Line::new(silence.as_str(), theme.fault),
            (None, Some(load)) => Line::new(format!("{load}, {}", external::status(component)), weak),
            (None, None) => Line::new(external::status(component), weak),
        };
        lines.push(second.lay_out(painter, font.clone(), place.label_width));
        let third = Line {
            icon: Some(Icon::Eye),
            ..Line::new("reports only", weak)
        };
        lines.push(third.lay_out(painter, font, place.label_width));
    } else if let Some(silence) = silence {
        let second = Line::new(silence, theme.fault);
        lines.push(second.lay_out(painter, theme::plain_font(11.5 * zoom), place.label_width));
    }
    label::paint_beside(painter, theme, place, lines, strength);
}
