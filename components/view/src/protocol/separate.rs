//! Windows of their own, for a second screen.

use egui::{
    CentralPanel, Context, Frame, Margin, Pos2, Rect, Ui, Vec2, ViewportBuilder, ViewportClass, ViewportId,
};
use serde::{Deserialize, Serialize};

use crate::theme::Theme;

/// A window of its own: whether it is open, and where it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeparateWindow {
    /// Whether it is open; otherwise its content is in the main window.
    pub open: bool,
    /// Its place on the screen, as far as the system tells.
    pub position: Option<Pos2>,
    /// Its size.
    pub size: Option<Vec2>,
}

const SIZE: Vec2 = Vec2::new(1180.0, 820.0);
const LEAST: Vec2 = Vec2::new(480.0, 320.0);

/// Draws a window. Returns whether it was closed.
pub(crate) fn show(
    context: &Context,
    name: &str,
    title: &str,
    window: &mut SeparateWindow,
    mut content: impl FnMut(&mut Ui),
) {
    let mut builder = ViewportBuilder::default()
        .with_title(title)
        .with_app_id("poolscope")
        .with_min_inner_size(LEAST)
        .with_inner_size(
            window
                .size
                .filter(|size| size.is_finite())
                .unwrap_or(SIZE)
                .max(LEAST),
        );
    if let Some(position) = window.position.filter(|position| position.is_finite()) {
        builder = builder.with_position(position);
    }
    // Once it is open, its user moves it.
    let id = ViewportId::from_hash_of(name);
    let (closed, place) = context.show_viewport_immediate(id, builder, |ui, class| {
        let theme = Theme::of(ui);
        let frame = Frame::new()
            .fill(theme.panel)
            .inner_margin(Margin::symmetric(12, 8));
        CentralPanel::no_frame().frame(frame).show(ui, |ui| content(ui));
        let closed = ui.input(|input| input.viewport().close_requested());
        let place = (class != ViewportClass::EmbeddedWindow)
            .then(|| ui.input(|input| (input.viewport().outer_rect, input.viewport().inner_rect)));
        (closed, place)
    });
    if let Some((outer, inner)) = place {
        window.position = outer.map(|outer: Rect| outer.min).or(window.position);
        window.size = inner.map(|inner: Rect| inner.size()).or(window.size);
    }
    window.open &= !closed;
}
