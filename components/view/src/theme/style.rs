//! The look of egui's own widgets, spacing and shadows, derived from a theme's tokens.

use egui::style::{ScrollStyle, Selection, WidgetVisuals, Widgets};
use egui::{Color32, CornerRadius, FontId, Margin, Shadow, Stroke, TextStyle, Vec2};

use super::text::{FIGURE, plain_font, strong_font};
use super::{RADIUS, RADIUS_SMALL, SPACE, SPACE_LARGE, Theme, fade, mix, size};

/// Applies a theme to a style.
pub(super) fn apply(style: &mut egui::Style, theme: &Theme) {
    style.text_styles = [
        (TextStyle::Small, plain_font(size::SMALL)),
        (TextStyle::Body, plain_font(size::BODY)),
        (TextStyle::Button, plain_font(size::BODY)),
        (TextStyle::Heading, strong_font(size::HEADING)),
        (TextStyle::Monospace, FontId::monospace(size::MONOSPACE)),
        (TextStyle::Name(FIGURE.into()), strong_font(size::FIGURE)),
    ]
    .into();
    style.spacing.item_spacing = Vec2::splat(SPACE);
    style.spacing.button_padding = size::BUTTON_PADDING;
    style.spacing.interact_size.y = size::ICON_BUTTON;
    style.spacing.menu_margin = Margin::same(6);
    style.spacing.window_margin = Margin::same(SPACE_LARGE as i8);
    style.spacing.tooltip_width = size::TOOLTIP;
    style.spacing.scroll = ScrollStyle::thin();
    style.interaction.selectable_labels = false;
    style.animation_time = 0.1;

    let visuals = &mut style.visuals;
    visuals.widgets = widgets(theme);
    visuals.selection = Selection {
        bg_fill: fade(theme.accent, 0.35),
        stroke: Stroke::new(1.0, theme.text),
    };
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(theme.weak);
    visuals.hyperlink_color = theme.accent;
    visuals.panel_fill = theme.panel;
    visuals.window_fill = theme.panel;
    visuals.window_stroke = theme.edge();
    visuals.extreme_bg_color = theme.ground;
    visuals.faint_bg_color = theme.card;
    visuals.code_bg_color = theme.card;
    visuals.warn_fg_color = theme.fault;
    visuals.error_fg_color = theme.danger;
    visuals.window_corner_radius = CornerRadius::same(RADIUS);
    visuals.menu_corner_radius = CornerRadius::same(RADIUS);
    let shadow = Shadow {
        offset: [0, 6],
        blur: 18,
        spread: 0,
        color: Color32::from_black_alpha(70),
    };
    visuals.window_shadow = shadow;
    visuals.popup_shadow = shadow;
    visuals.slider_trailing_fill = true;
    visuals.disabled_alpha = 0.4;
}

fn widgets(theme: &Theme) -> Widgets {
    let state = |fill: Color32, line: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, line),
        corner_radius: CornerRadius::same(RADIUS_SMALL + 1),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: state(theme.panel, theme.line, theme.text),
        inactive: state(theme.raised, Color32::TRANSPARENT, theme.text),
        hovered: state(
            mix(theme.raised, theme.text, 0.10),
            fade(theme.weak, 0.6),
            theme.text,
        ),
        active: state(mix(theme.raised, theme.accent, 0.30), theme.accent, theme.text),
        open: state(theme.raised, theme.line, theme.text),
    }
}
