//! The phases of a failover or a takeover: each has a colour of its own, used wherever durations are shown.

use std::time::Duration;

use egui::{Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::theme::Theme;
use crate::wording;
use model::words;

/// The name of a phase, and a description of its start and end.
pub(crate) type PhaseName = (&'static str, &'static str);

/// The index of a phase, and its duration.
pub(crate) type PhaseTook = (usize, Duration);

/// Height of the bar.
const BAR: f32 = 11.0;
/// The minimum width of a phase: very short ones still get a sliver, at the cost of the long ones.
const SLIVER: f32 = 3.0;
/// The gap between two phases of the bar.
const GAP: f32 = 1.0;
/// The side of the square that shows a phase's colour.
const SQUARE: f32 = 8.0;

/// Draws consecutive phases as a bar, with lengths proportional to their durations; `of` is the owner of the phases.
pub(crate) fn bar_ui(ui: &mut Ui, of: &str, names: &[PhaseName], phases: &[PhaseTook]) -> Response {
    let theme = Theme::of(ui);
    let response = room_ui(ui);
    let rect = response.rect;
    let text = in_words(names, phases);
    let text = format!("{of}: {text}");
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, text.as_str()));
    ui.painter().rect_filled(rect, 4.0, theme.raised);
    let total: Duration = phases.iter().map(|(_, duration)| duration).sum();
    let room = (rect.width() - SLIVER * phases.len() as f32).max(0.0);
    let mut left = rect.left();
    for (phase, duration) in phases {
        let width = SLIVER + room * wording::share(*duration, total);
        let right = (left + width - GAP).max(left + 1.0);
        let part = Rect::from_min_max(pos2(left, rect.top()), pos2(right, rect.bottom()));
        ui.painter().rect_filled(part, 2.5, theme.phase(*phase));
        left += width;
    }
    response.on_hover_text(text)
}

/// Reserves the room of a bar, so that nothing jumps when a bar appears.
pub(crate) fn room_ui(ui: &mut Ui) -> Response {
    let size = vec2(ui.available_width(), BAR);
    ui.allocate_exact_size(size, Sense::hover()).1
}

/// Draws the square with a phase's colour in front of its name.
pub(crate) fn square_ui(ui: &mut Ui, phase: usize) {
    let theme = Theme::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(SQUARE, 14.0), Sense::hover());
    let square = Rect::from_center_size(rect.center(), Vec2::splat(SQUARE));
    ui.painter().rect_filled(square, 2.0, theme.phase(phase));
}

fn in_words(names: &[PhaseName], phases: &[PhaseTook]) -> String {
    let phases = phases.iter().map(|(phase, duration)| {
        let name = names.get(*phase).map_or("?", |(name, _)| name);
        format!("{name} {}", words::duration(*duration))
    });
    phases.collect::<Vec<_>>().join(", ")
}
