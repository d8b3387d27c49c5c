//! Events, ends of life lines, and what events caused. The form tells the kind.

use crate::drawing::arrows::draw_cross;
use crate::drawing::{Canvas, Palette, Stroke};
use crate::{Ending, EventKind, Layout, Pos};

const DOT: f32 = 5.0;

pub(crate) fn draw(
    layout: &Layout,
    palette: &Palette,
    canvas: &mut dyn Canvas,
    shown: &dyn Fn(f32, f32) -> bool,
) {
    for join in &layout.joins {
        let y = || join.points.iter().map(|point| point.y);
        if shown(y().fold(f32::MAX, f32::min), y().fold(f32::MIN, f32::max)) {
            canvas.polyline(&join.points, &Stroke::dashed(1.1, palette.faint, &[1.0, 2.2]));
        }
    }
    for line in &layout.lines {
        if let Some(end) = line.ends.as_ref().filter(|end| shown(end.y - 8.0, end.y + 8.0)) {
            draw_end(end.ending, Pos::new(line.x, end.y), palette, canvas);
        }
    }
    for event in &layout.events {
        if shown(event.place.y - DOT, event.place.y + DOT) {
            draw_event(event.kind, event.place, palette, canvas);
        }
    }
}

/// Draws how a life line ends: a cross if it was sudden, and otherwise a bar.
pub(crate) fn draw_end(ending: Ending, place: Pos, palette: &Palette, canvas: &mut dyn Canvas) {
    let stroke = Stroke::solid(2.6, palette.event(EventKind::Fault));
    if ending.is_sudden() {
        draw_cross(place, 6.0, &stroke, canvas);
    } else {
        let bar = [Pos::new(place.x - 6.0, place.y), Pos::new(place.x + 6.0, place.y)];
        canvas.polyline(&bar, &Stroke::solid(2.6, palette.line));
    }
}

pub(crate) fn draw_event(kind: EventKind, place: Pos, palette: &Palette, canvas: &mut dyn Canvas) {
    let colour = palette.event(kind);
    let outline = Stroke::solid(1.4, colour);
    let around = |points: &[(f32, f32)]| -> Vec<Pos> {
        let at = |(x, y): &(f32, f32)| Pos::new(x.mul_add(DOT, place.x), y.mul_add(DOT, place.y));
        points.iter().map(at).collect()
    };
    match kind {
        EventKind::Fault => canvas.polygon(
            &around(&[(0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)]),
            colour,
            None,
        ),
        EventKind::Detected => {
            canvas.circle(place, DOT, palette.background, Some(&outline));
            canvas.circle(place, DOT * 0.45, colour, None);
        }
        EventKind::TimerExpired => {
            canvas.circle(place, DOT, palette.background, Some(&outline));
            canvas.polyline(
                &around(&[(0.0, -0.6), (0.0, 0.05), (0.5, 0.05)]),
                &Stroke::solid(1.1, colour),
            );
        }
        EventKind::Failover => {
            canvas.polygon(&around(&[(-1.0, -1.0), (1.1, 0.0), (-1.0, 1.0)]), colour, None);
        }
        EventKind::Takeover => {
            canvas.polygon(
                &around(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
                colour,
                None,
            );
        }
        EventKind::Other => canvas.circle(place, DOT * 0.8, colour, None),
    }
}
