//! What all plots have in common.

use egui::AsIdSalt;
use egui_plot::Plot;

use crate::theme::Theme;

/// Returns a plot that always shows what it is given: the pointer neither moves nor zooms it.
pub(crate) fn fixed_plot<'a>(id: impl AsIdSalt, theme: &Theme) -> Plot<'a> {
    Plot::new(id)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .grid_color(theme.line)
}
