//! Buttons with icons, and the small widgets that cards, the inspector and bars are made of.

use egui::{Color32, Key, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2};

use feed::ComponentRole;

use crate::action::{ComponentAction, Tone};
use crate::deliberate::is_deliberate;
use crate::icon::{self, Icon};
use crate::present;
use crate::theme::{self, RADIUS_SMALL, SPACE_SMALL, Theme, fade, mix, size};
use command::Command;
use model::Component;

/// The radius of a role's shape relative to an icon's side: a diamond needs room at its corners.
const ROLE_RADIUS: f32 = 0.42;
/// The width of its outline relative to the icon's side, and the maximum.
const ROLE_LINE: f32 = 0.1;
const WIDEST_ROLE_LINE: f32 = 1.6;
/// The widest word on a button or chip, which may be a component's name, and what is left of it where there is no room.
const WIDEST_WORD: f32 = 190.0;
const LEAST_WORD: f32 = 30.0;
/// The maximum width of a button in a grid of actions.
const WIDEST_ACTION: f32 = 150.0;
/// The room behind a word on a button.
const WORD_PADDING: f32 = 10.0;
/// The width of a component's menu.
const MENU: f32 = 200.0;
/// The size of a sample of an association's line.
const LINE_LABEL: Vec2 = vec2(14.0, 10.0);

/// A button that was drawn.
pub(crate) struct Pressed {
    clicked: bool,
}

impl Pressed {
    /// Returns whether it was clicked deliberately, see [`crate::deliberate`].
    pub(crate) fn clicked(&self) -> bool {
        self.clicked
    }
}

/// A button with an icon and an optional word.
pub(crate) struct IconButton<'a> {
    icon: Icon,
    text: Option<&'a str>,
    name: &'a str,
    explanation: &'a str,
    tone: Tone,
    enabled: bool,
    selected: bool,
    key: Option<String>,
    width: Option<f32>,
    acts: bool,
}

impl<'a> IconButton<'a> {
    /// Creates a button with this name in the accessibility tree.
    pub(crate) fn new(icon: Icon, name: &'a str) -> Self {
        Self {
            icon,
            text: None,
            name,
            explanation: "",
            tone: Tone::Plain,
            enabled: true,
            selected: false,
            key: None,
            width: None,
            acts: false,
        }
    }

    /// Adds a word beside the icon.
    pub(crate) fn text(mut self, text: &'a str) -> Self {
        self.text = Some(text);
        self
    }

    /// Gives the button a width of its own, whatever its word.
    pub(crate) fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// Adds an explanation on hover.
    pub(crate) fn explain(mut self, explanation: &'a str) -> Self {
        self.explanation = explanation;
        self
    }

    /// Sets the tone.
    pub(crate) fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Sets whether the button can be pressed.
    pub(crate) fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Tells that the button does something to the demonstration, which takes place in the present alone.
    pub(crate) fn acts(mut self) -> Self {
        self.acts = true;
        self
    }

    /// Sets whether the button is switched on.
    pub(crate) fn selected(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }

    /// Sets the equivalent key.
    pub(crate) fn key(mut self, key: impl Into<Option<Key>>) -> Self {
        self.key = key.into().map(|key| key.name().to_owned());
        self
    }

    /// Sets the equivalent shortcut, as text.
    pub(crate) fn shortcut(mut self, shortcut: Option<String>) -> Self {
        self.key = shortcut;
        self
    }

    /// Draws the button. A click that was meant for what was in its place before does not count.
    pub(crate) fn show(self, ui: &mut Ui) -> Pressed {
        let name = self.name;
        let why_not = self.acts.then(|| present::why_not(ui.ctx())).flatten();
        let enabled = self.enabled && why_not.is_none();
        let response = ui.add_enabled_ui(enabled, |ui| self.show_enabled(ui)).inner;
        if let Some(reason) = why_not {
            response.clone().on_disabled_hover_text(reason);
        }
        let clicked = is_deliberate(ui, &response, name);
        Pressed { clicked }
    }

    fn show_enabled(self, ui: &mut Ui) -> Response {
        let theme = Theme::of(ui);
        let galley = self.text.map(|text| {
            let font = theme::plain_font(theme::legible(ui, size::BODY));
            let room = match self.width {
                Some(width) => width - size::ICON_BUTTON - WORD_PADDING / 2.0,
                None => ui.available_width() - size::ICON_BUTTON - WORD_PADDING,
            };
            let room = room.clamp(LEAST_WORD, WIDEST_WORD);
            theme::elided(ui.painter(), text, font, Color32::PLACEHOLDER, room)
        });
        let needed = galley.as_ref().map_or(size::ICON_BUTTON, |galley| {
            size::ICON_BUTTON + galley.size().x + WORD_PADDING
        });
        let width = self.width.unwrap_or(needed);
        let (rect, response) = ui.allocate_exact_size(vec2(width, size::ICON_BUTTON), Sense::click());
        let (enabled, selected, name) = (ui.is_enabled(), self.selected, self.name);
        response.widget_info(|| {
            if selected {
                WidgetInfo::selected(Role::Button, enabled, selected, name)
            } else {
                WidgetInfo::labeled(Role::Button, enabled, name)
            }
        });
        if ui.is_rect_visible(rect) {
            let ink = match self.tone {
                Tone::Plain => theme.text,
                Tone::Primary => theme.accent,
                Tone::Fault => theme.fault,
                Tone::Danger => theme.danger,
            };
            let quiet = match self.tone {
                Tone::Plain => theme.raised,
                Tone::Primary | Tone::Fault | Tone::Danger => mix(theme.card, ink, 0.16),
            };
            let fill = if response.is_pointer_button_down_on() {
                mix(quiet, ink, 0.35)
            } else if response.hovered() || selected {
                mix(quiet, ink, 0.2)
            } else {
                quiet
            };
            let line = if response.has_focus() {
                theme.focused_edge()
            } else if selected {
                theme.selected_edge()
            } else {
                Stroke::NONE
            };
            ui.painter()
                .rect(rect, RADIUS_SMALL + 1, fill, line, StrokeKind::Inside);
            let square = Rect::from_min_size(rect.min, Vec2::splat(size::ICON_BUTTON)).shrink(7.5);
            icon::paint(ui.painter(), square, self.icon, ink);
            if let Some(galley) = galley {
                let at = egui::pos2(
                    rect.left() + size::ICON_BUTTON - 1.0,
                    rect.center().y - galley.size().y / 2.0,
                );
                ui.painter().galley(at, galley, ink);
            }
        }
        let (name, explanation, key) = (self.name, self.explanation, self.key);
        tip(&response, |ui| {
            ui.horizontal(|ui| {
                ui.label(theme::strong(name));
                if let Some(key) = key {
                    key_cap(ui, &key);
                }
            });
            if !explanation.is_empty() {
                ui.label(explanation);
            }
        });
        response
    }
}

/// Draws the button of an action on a component.
pub(crate) fn action_button(
    ui: &mut Ui,
    component: &Component,
    action: ComponentAction,
    with_text: bool,
    commands: &mut Vec<Command>,
) -> Pressed {
    let name = action.name(component);
    let mut button = button_of(component, action, &name);
    if with_text {
        button = button.text(action.label());
    }
    let pressed = button.show(ui);
    if pressed.clicked() {
        commands.push(action.command(component));
    }
    pressed
}

/// Draws the buttons of actions on a component with their words, in columns: each has a place of its own, and is disabled
/// there while it is not applicable.
pub(crate) fn action_grid(
    ui: &mut Ui,
    component: &Component,
    actions: &[ComponentAction],
    columns: usize,
    commands: &mut Vec<Command>,
) {
    let gaps = SPACE_SMALL * columns.saturating_sub(1) as f32;
    let width = ((ui.available_width() - gaps) / columns as f32).min(WIDEST_ACTION);
    for row in actions.chunks(columns) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = SPACE_SMALL;
            for &action in row {
                let name = action.name(component);
                let button = button_of(component, action, &name)
                    .text(action.label())
                    .width(width);
                if button.show(ui).clicked() {
                    commands.push(action.command(component));
                }
            }
        });
    }
}

fn button_of<'a>(component: &Component, action: ComponentAction, name: &'a str) -> IconButton<'a> {
    IconButton::new(action.icon(), name)
        .explain(action.explanation())
        .tone(action.tone())
        .enabled(action.applies_to(component))
        .key(action.key())
        .acts()
}

/// Draws the entries of a component's menu: all actions of its role, those that are not applicable now disabled, so that
/// no entry moves.
pub(crate) fn action_menu(ui: &mut Ui, component: &Component, commands: &mut Vec<Command>) {
    ui.set_width(MENU);
    ui.add(egui::Label::new(theme::strong(component.name.as_str())).truncate());
    for action in ComponentAction::ALL {
        if !action.is_for(component.role()) {
            continue;
        }
        let mut button = egui::Button::new(action.label());
        if let Some(key) = action.key() {
            button = button.shortcut_text(key.name());
        }
        let why_not = present::why_not(ui.ctx());
        let enabled = why_not.is_none() && action.applies_to(component);
        let entry = ui.add_enabled(enabled, button);
        let clicked = is_deliberate(ui, &entry, &action.name(component));
        let entry = entry.on_hover_text(action.explanation());
        if let Some(reason) = why_not {
            entry.on_disabled_hover_text(reason);
        }
        if clicked {
            commands.push(action.command(component));
            ui.close();
        }
    }
}

/// Which of a dialog's buttons was pressed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DialogPressed {
    pub(crate) cancel: bool,
    pub(crate) primary: bool,
}

/// Draws the buttons of a dialog or form, where all have them: at the right, the one that does it last.
pub(crate) fn dialog_buttons(ui: &mut Ui, cancel: &str, primary: IconButton<'_>) -> DialogPressed {
    ui.horizontal(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            DialogPressed {
                primary: primary.show(ui).clicked(),
                cancel: IconButton::new(Icon::Cross, cancel)
                    .text("Cancel")
                    .show(ui)
                    .clicked(),
            }
        })
        .inner
    })
    .inner
}

/// Shows a tooltip while the pointer is on a widget: above it in the lower half of the window, where the narration is below.
pub(crate) fn tip(response: &Response, content: impl FnOnce(&mut Ui)) {
    let middle = response.ctx.content_rect().center().y;
    let align = if response.rect.center().y > middle {
        egui::RectAlign::TOP_START
    } else {
        egui::RectAlign::BOTTOM_START
    };
    let mut tooltip = egui::Tooltip::for_enabled(response);
    tooltip.popup = tooltip.popup.align(align);
    tooltip.show(content);
}

/// Draws a key as it looks on a keyboard.
pub(crate) fn key_cap(ui: &mut Ui, key: &str) {
    let theme = Theme::of(ui);
    egui::Frame::new()
        .fill(theme.raised)
        .stroke(theme.edge())
        .corner_radius(4)
        .inner_margin(egui::Margin::symmetric(5, 1))
        .show(ui, |ui| ui.label(theme.remark(key)));
}

/// Draws an icon of its own size within a line of text.
pub(crate) fn icon_label(ui: &mut Ui, icon: Icon, colour: Color32, size: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(size), Sense::hover());
    icon::paint(ui.painter(), rect, icon, colour);
    response
}

/// Draws the shape of a role within a line of text, as an icon of this size.
pub(crate) fn role_label(ui: &mut Ui, role: ComponentRole, fill: Color32, line: Color32, size: f32) {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(size), Sense::hover());
    let stroke = Stroke::new((size * ROLE_LINE).min(WIDEST_ROLE_LINE), line);
    icon::paint_role(
        ui.painter(),
        rect.center(),
        size * ROLE_RADIUS,
        role,
        fill,
        stroke,
    );
}

/// Draws a sample of an association's line, in the colour of its protocol.
pub(crate) fn line_label(ui: &mut Ui, colour: Color32) {
    let (rect, _) = ui.allocate_exact_size(LINE_LABEL, Sense::hover());
    let stroke = Stroke::new(2.5, colour);
    ui.painter().hline(rect.x_range(), rect.center().y, stroke);
}

/// Gives a label a more specific role for screen readers: the header of a column, the cell of a table.
pub(crate) fn announce_as(label: &Response, role: Role, text: &str) {
    label.ctx.accesskit_node_builder(label.id, |node| {
        node.set_role(role);
        // In AccessKit, the text of a label is its value, but that of any other widget is its name.
        node.clear_value();
        node.set_label(text);
    });
}

/// Draws a bar that is filled from the left.
pub(crate) fn bar(ui: &mut Ui, share: f32, colour: Color32, width: f32, height: f32) -> Response {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    ui.painter()
        .rect_filled(rect, height / 2.0, mix(theme.raised, theme.line, 0.5));
    let filled = Rect::from_min_size(rect.min, vec2(width * share.clamp(0.0, 1.0), height));
    if filled.width() >= 1.0 {
        ui.painter().rect_filled(filled, height / 2.0, colour);
    }
    response
}

/// Draws a subdued chip of text, preceded by a mark in a colour.
pub(crate) fn chip(ui: &mut Ui, mark: Color32, text: &str) -> Response {
    let theme = Theme::of(ui);
    let room = (ui.available_width() - 26.0).clamp(LEAST_WORD, WIDEST_WORD);
    let galley = theme::elided(
        ui.painter(),
        text,
        theme::plain_font(size::SMALL),
        theme.text,
        room,
    );
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 26.0, 20.0), Sense::hover());
    let response = if galley.elided {
        response.on_hover_text(text)
    } else {
        response
    };
    ui.painter().rect_filled(rect, 6.0, fade(mark, 0.18));
    let square = Rect::from_center_size(egui::pos2(rect.left() + 11.0, rect.center().y), Vec2::splat(9.0));
    ui.painter().rect_filled(square, 2.5, mark);
    ui.painter().galley(
        egui::pos2(rect.left() + 20.0, rect.center().y - galley.size().y / 2.0),
        galley,
        theme.text,
    );
    response
}
