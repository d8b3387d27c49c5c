//! Arrows. The head tells the protocol, and the dashes what became of the message.

use crate::drawing::{Canvas, Colour, Palette, Stroke};
use crate::{ArrowShape, Fate, GroupShape, Kind, Mark, Pos, Source};

/// The length of a head, and half its width.
const HEAD: (f32, f32) = (9.0, 3.6);
const CROSS: f32 = 4.2;
const CHOSEN: f32 = 6.0;

pub(crate) fn draw_arrow(arrow: &ArrowShape, palette: &Palette, canvas: &mut dyn Canvas) {
    let colour = palette.kind(arrow.kind);
    let stroke = stroke(arrow.kind, arrow.fate, arrow.retransmission, colour);
    for leg in &arrow.legs {
        if arrow.selected {
            canvas.polyline(&leg.points, &Stroke::solid(CHOSEN, palette.chosen));
        }
        let &[.., before, tip] = leg.points.as_slice() else {
            continue;
        };
        match leg.mark {
            Mark::Head => {
                let mut points = leg.points.clone();
                let end = back(tip, before, shaft_ends(arrow.kind));
                points.pop();
                points.push(end);
                canvas.polyline(&points, &stroke);
                draw_head(arrow.kind, before, tip, palette, canvas);
            }
            Mark::Lost => {
                canvas.polyline(&leg.points, &stroke);
                draw_cross(
                    tip,
                    CROSS,
                    &Stroke::solid(2.0, palette.event(crate::EventKind::Fault)),
                    canvas,
                );
            }
            Mark::Refused => {
                canvas.polyline(&leg.points, &stroke);
                draw_bar(before, tip, palette, canvas);
            }
        }
    }
    if let (Source::Multicast, Some(start)) = (arrow.source, arrow.start()) {
        let ring = Stroke::solid(1.0, colour);
        canvas.circle(start, 6.0, palette.background, Some(&ring));
        canvas.circle(start, 2.6, colour, None);
    }
}

pub(crate) fn stroke(kind: Kind, fate: Fate, again: bool, colour: Colour) -> Stroke {
    let width = match kind {
        Kind::Asap | Kind::Application => 1.3,
        Kind::Enrp => 1.6,
        Kind::Sctp | Kind::Other => 0.9,
    };
    match (again, fate) {
        (true, _) => Stroke::dashed(width, colour, &[1.6, 2.4]),
        (false, Fate::Unknown) => Stroke::dashed(width, colour, &[6.0, 3.5]),
        (false, Fate::Arrived | Fate::Lost | Fate::Refused) => Stroke::solid(width, colour),
    }
}

/// Returns how far before its tip the shaft of an arrow ends.
const fn shaft_ends(kind: Kind) -> f32 {
    match kind {
        Kind::Asap | Kind::Sctp => HEAD.0 - 1.0,
        Kind::Enrp => HEAD.0 + 2.0,
        Kind::Application => 1.0,
        Kind::Other => 4.0,
    }
}

fn back(tip: Pos, from: Pos, distance: f32) -> Pos {
    let length = tip.distance(from);
    tip.towards(from, (distance / length.max(1.0)).min(1.0))
}

/// Returns a place behind the tip of an arrow, and beside its line.
fn behind(tip: Pos, from: Pos, distance: f32, beside: f32) -> Pos {
    let length = tip.distance(from).max(1e-3);
    let (dx, dy) = ((tip.x - from.x) / length, (tip.y - from.y) / length);
    Pos::new(
        tip.x - dx * distance - dy * beside,
        tip.y - dy * distance + dx * beside,
    )
}

pub(crate) fn draw_head(kind: Kind, from: Pos, tip: Pos, palette: &Palette, canvas: &mut dyn Canvas) {
    let colour = palette.kind(kind);
    let (length, half) = HEAD;
    let triangle = |ahead: f32, length: f32, half: f32| {
        [
            behind(tip, from, ahead, 0.0),
            behind(tip, from, ahead + length, half),
            behind(tip, from, ahead + length, -half),
        ]
    };
    match kind {
        Kind::Asap => canvas.polygon(&triangle(0.0, length, half), colour, None),
        Kind::Enrp => {
            canvas.polygon(&triangle(0.0, 6.5, half), colour, None);
            canvas.polygon(&triangle(5.5, 6.5, half), colour, None);
        }
        Kind::Application => {
            let [tip, one, other] = triangle(0.0, length - 1.0, half);
            canvas.polyline(&[one, tip, other], &Stroke::solid(1.4, colour));
        }
        Kind::Sctp => {
            let outline = Stroke::solid(0.9, colour);
            canvas.polygon(
                &triangle(0.5, length - 1.0, half - 0.4),
                palette.background,
                Some(&outline),
            );
        }
        Kind::Other => {
            let [tip, one, _] = triangle(0.0, length, half);
            canvas.polygon(&[tip, one, behind(tip, from, 6.0, 0.0)], colour, None);
        }
    }
}

pub(crate) fn draw_cross(centre: Pos, half: f32, stroke: &Stroke, canvas: &mut dyn Canvas) {
    for slope in [1.0, -1.0] {
        let (from, to) = (
            Pos::new(centre.x - half, centre.y - slope * half),
            Pos::new(centre.x + half, centre.y + slope * half),
        );
        canvas.polyline(&[from, to], stroke);
    }
}

pub(crate) fn draw_bar(from: Pos, tip: Pos, palette: &Palette, canvas: &mut dyn Canvas) {
    let bar = [behind(tip, from, 0.0, 5.0), behind(tip, from, 0.0, -5.0)];
    canvas.polyline(&bar, &Stroke::solid(2.2, palette.event(crate::EventKind::Fault)));
}

pub(crate) fn draw_group(group: &GroupShape, palette: &Palette, canvas: &mut dyn Canvas) {
    let colour = palette.kind(group.kind);
    let [red, green, blue, _] = colour;
    let edge = Stroke::solid(0.8, colour);
    canvas.polygon(&group.corners, [red, green, blue, 0x20], None);
    if group.selected {
        canvas.polygon(&group.corners, palette.chosen, None);
    }
    let [top, bottom, far_bottom, far_top] = group.corners;
    canvas.polyline(&[top, far_top], &edge);
    canvas.polyline(&[bottom, far_bottom], &edge);
    let (from, tip) = group.middle();
    draw_thick((from, tip), group.both, group.kind, palette, canvas);
}

/// Draws the thick arrow of a group.
pub(crate) fn draw_thick(
    (from, tip): (Pos, Pos),
    both: bool,
    kind: Kind,
    palette: &Palette,
    canvas: &mut dyn Canvas,
) {
    const LENGTH: f32 = 11.0;
    const HALF: f32 = 5.5;
    let colour = palette.kind(kind);
    let start = if both { back(from, tip, LENGTH - 1.0) } else { from };
    canvas.polyline(
        &[start, back(tip, from, LENGTH - 1.0)],
        &Stroke::solid(4.0, colour),
    );
    let heads = if both {
        vec![(from, tip), (tip, from)]
    } else {
        vec![(from, tip)]
    };
    for (from, tip) in heads {
        let corners = [
            tip,
            behind(tip, from, LENGTH, HALF),
            behind(tip, from, LENGTH, -HALF),
        ];
        canvas.polygon(&corners, colour, None);
    }
}
