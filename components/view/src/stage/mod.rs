//! The window in front of an audience: the whole screen, magnified so that a room can read it, and only what concerns
//! the audience.
//!
//! [`magnification`] makes every screen as large as [`ROOM`] in points, so that everything, pictures and graph
//! included, is as large as the screen allows, from 1024 x 768 to 4K and beyond.

mod bar;
mod blank;
mod full_screen;

pub(crate) use bar::bar_ui;
pub(crate) use blank::{blank_ui, is_wake_up};
pub(crate) use full_screen::FullScreen;

use egui::{Context, Ui, Vec2, vec2};

/// The least size of the window in points, which determines the magnification.
const ROOM: Vec2 = vec2(1024.0, 576.0);
/// The limits of the magnification.
const LEAST: f32 = 0.5;
const MOST: f32 = 8.0;
/// The size of the smallest text. At 1920 x 1080, its capitals are 20 pixels high.
const SMALLEST_TEXT: f32 = 15.0;

/// Returns the magnification for the whole screen, given the one while it is presented already.
pub(crate) fn magnification(context: &Context, now: Option<f32>) -> f32 {
    let (size, is_real) = context.input(|input| {
        let is_real = input.viewport().fullscreen.is_some();
        (input.content_rect().size(), is_real)
    });
    // Only a real window tells whether it is full screen, and has fewer points when it is magnified.
    let points = match now {
        _ if is_real => size * context.zoom_factor(),
        Some(now) => return now,
        None => size,
    };
    let room = (points / ROOM).min_elem();
    // Small steps would lay all text out again with each pixel while the window is being resized.
    ((room * 32.0).floor() / 32.0).clamp(LEAST, MOST)
}

/// Makes the smallest text of the window legible for an audience.
pub(crate) fn enlarge_small_text(ui: &mut Ui) {
    for font in ui.style_mut().text_styles.values_mut() {
        font.size = font.size.max(SMALLEST_TEXT);
    }
}

#[cfg(test)]
mod tests {
    use egui::{RawInput, Rect, ViewportId, pos2};

    use super::*;

    /// Returns the magnification of a real window with this size in pixels that is magnified already.
    fn magnification_of(pixels: Vec2, now: f32) -> f32 {
        let context = Context::default();
        context.set_zoom_factor(now);
        let mut found = 0.0;
        for _ in 0..3 {
            let mut input = RawInput {
                screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), pixels / now)),
                ..RawInput::default()
            };
            if let Some(viewport) = input.viewports.get_mut(&ViewportId::ROOT) {
                viewport.fullscreen = Some(true);
            }
            let mut output = context.run_ui(input, |ui| found = magnification(ui.ctx(), Some(now)));
            output.textures_delta.clear();
        }
        found
    }

    #[test]
    fn every_screen_is_filled_whatever_it_was_magnified_by_before() {
        for now in [0.75, 1.0, 1.875, 3.75] {
            assert_eq!(magnification_of(vec2(1920.0, 1080.0), now), 1.875);
            assert_eq!(magnification_of(vec2(3840.0, 2160.0), now), 3.75);
            assert_eq!(magnification_of(vec2(1024.0, 768.0), now), 1.0);
            assert_eq!(magnification_of(vec2(1280.0, 800.0), now), 1.25);
        }
    }
}
