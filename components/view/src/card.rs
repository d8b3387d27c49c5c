//! The card of a component: identity, state, and the controls that must be one click away.

use std::borrow::Cow;
use std::time::Duration;

use egui::{Color32, Frame, Margin, Rect, Response, Role, Sense, Ui, WidgetInfo, vec2};
use feed::{ComponentRole, Timestamp};

use crate::action::ComponentAction;
use crate::button::{IconButton, action_button, action_menu, bar, icon_label, role_label};
use crate::icon::Icon;
use crate::registrar_state;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, RADIUS, SPACE_SMALL, Theme, fade, mix, size};
use crate::wording::{self, Standing};
use command::Command;
use model::{Component, Ending, Load, ProcessState, words};

/// Draws a card. A compact one shows details only when it is selected or has failed.
pub(crate) fn card_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    component: &Component,
    selection: &mut Selection,
    compact: bool,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let selected = selection.component() == Some(component.id);
    let standing = Standing::of(component);
    let frame = Frame::new()
        .fill(if selected {
            mix(theme.card, theme.accent, 0.12)
        } else {
            theme.card
        })
        .stroke(if selected {
            theme.focused_edge()
        } else {
            theme.edge()
        })
        .corner_radius(RADIUS)
        .inner_margin(Margin {
            left: 14,
            right: 8,
            top: 5,
            bottom: 6,
        });
    // The card is a button below its own buttons.
    let builder = egui::UiBuilder::new()
        .id_salt(("card", component.id))
        .sense(Sense::click());
    let drawn = ui.scope_builder(builder, |ui| {
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing = vec2(SPACE_SMALL, 2.0);
            ui.horizontal(|ui| {
                name_and_state(ui, theme, component, standing);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    controls(ui, component, selection, commands);
                });
            });
            ui.spacing_mut().interact_size.y = 15.0;
            if !compact || selected || matches!(standing, Standing::Crashed | Standing::NotStarted) {
                details(ui, theme, snapshot, component, standing);
            }
        });
    });
    let card = drawn.response;
    let rect = card.rect;
    let strip = Rect::from_min_size(rect.min + vec2(1.0, 8.0), vec2(4.0, rect.height() - 16.0));
    let own = if component.process.is_alive() {
        theme.component(component)
    } else {
        theme.line
    };
    ui.painter()
        .rect_filled(strip.translate(vec2(3.0, 0.0)), 2.0, own);
    announce(ui, &card, component, selected);
    if selected && selection.take_card_due() {
        ui.scroll_to_rect(rect, None);
    }
    if card.clicked() || card.secondary_clicked() {
        selection.select(component.id);
    }
    if card.double_clicked() {
        selection.inspect();
    }
    card.context_menu(|ui| action_menu(ui, component, commands));
}

fn announce(ui: &Ui, card: &Response, component: &Component, selected: bool) {
    let enabled = ui.is_enabled();
    card.widget_info(|| {
        let label = format!("{}, {}", component.name, wording::state_word(component));
        WidgetInfo::selected(Role::ListItem, enabled, selected, label)
    });
}

fn name_and_state(ui: &mut Ui, theme: &Theme, component: &Component, standing: Standing) {
    let colour = theme.component(component);
    let body = if component.process.is_alive() {
        fade(colour, 0.3)
    } else {
        Color32::TRANSPARENT
    };
    role_label(ui, component.role(), body, colour, size::ICON_LARGE);
    ui.label(theme::strong(component.name.as_str()).size(size::BODY));
    ui.add_space(2.0);
    let ink = standing.colour(theme);
    icon_label(ui, standing.icon(), ink, size::ICON_SMALL);
    ui.label(theme::small(wording::state_word(component)).color(ink));
}

fn controls(ui: &mut Ui, component: &Component, selection: &mut Selection, commands: &mut Vec<Command>) {
    let details = IconButton::new(Icon::Chevron, &format!("Details of {}", component.name))
        .explain("All controls, addresses, associations and the log.")
        .show(ui);
    if details.clicked() {
        selection.select(component.id);
        selection.inspect();
    }
    if component.process.is_alive() {
        action_button(ui, component, ComponentAction::Kill, false, commands);
        if component.is_stopped() {
            action_button(ui, component, ComponentAction::Thaw, false, commands);
        } else if component.is_unplugged() {
            action_button(ui, component, ComponentAction::Plug, false, commands);
        } else {
            action_button(ui, component, ComponentAction::Stop, false, commands);
        }
    } else {
        action_button(ui, component, ComponentAction::Start, false, commands);
    }
}

fn details(ui: &mut Ui, theme: &Theme, snapshot: &Snapshot<'_>, component: &Component, standing: Standing) {
    let failed = matches!(
        component.process,
        ProcessState::Ended {
            ending: Ending::Crashed { .. } | Ending::NotStarted { .. },
            ..
        }
    );
    let ink = if failed {
        theme.danger
    } else if standing.is_silent() {
        standing.colour(theme)
    } else {
        theme.weak
    };
    let relation = registrar_state::relation(snapshot, component).filter(|_| !standing.is_silent());
    if component.silence.is_some() {
        // The seconds go on though nothing happens.
        ui.ctx().request_repaint_after(Duration::from_secs(1));
    }
    let status = match &relation {
        Some(relation) => theme::small(relation.text.as_str()).color(relation.colour(theme)),
        None => theme::small(status_line(snapshot, component)).color(ink),
    };
    if failed {
        ui.add(egui::Label::new(status).wrap());
    } else {
        let load = component
            .load
            .filter(|_| component.process.is_alive() && !standing.is_silent())
            .filter(|_| component.role() == ComponentRole::PoolElement);
        ui.horizontal(|ui| {
            // From the right: figures first, so that the text gets the remaining room.
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if let Some(Load {
                    load,
                    sessions,
                    capacity,
                }) = load
                {
                    let percent = words::percent(load);
                    ui.label(theme.remark(percent.as_str()));
                    bar(ui, load as f32, theme.element(component.colour), 56.0, 6.0)
                        .on_hover_text(format!("load {percent}, {sessions} of {capacity} sessions"));
                } else if let Some(uptime) = uptime(snapshot, component) {
                    ui.label(theme.remark(uptime))
                        .on_hover_text("since its process was started");
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    if let Some(relation) = &relation {
                        icon_label(ui, relation.icon(), relation.colour(theme), size::ICON_SMALL);
                    }
                    ui.add(egui::Label::new(status).truncate())
                        .on_hover_text(hover(snapshot, component));
                });
            });
        });
    }
    if let Some(problem) = component.problem.as_ref().filter(|_| !failed) {
        ui.horizontal_wrapped(|ui| {
            icon_label(ui, Icon::Warning, theme.fault, size::ICON_SMALL);
            ui.label(theme::small(problem.as_str()).color(theme.fault));
        });
    }
}

/// Returns how long the process has been up, with a unit.
fn uptime(snapshot: &Snapshot<'_>, component: &Component) -> Option<String> {
    let since = started(component)?;
    Some(words::age(snapshot.now - since))
}

/// Returns when the process was started, while there is one.
pub(crate) fn started(component: &Component) -> Option<Timestamp> {
    match component.process {
        ProcessState::Starting { since, .. }
        | ProcessState::Running { since, .. }
        | ProcessState::Frozen { since, .. }
        | ProcessState::Stopping { since, .. } => Some(since),
        ProcessState::Pending | ProcessState::Ended { .. } => None,
    }
}

/// Returns one line on what a component does, or for how long it has not been heard.
pub(crate) fn status_line<'a>(snapshot: &Snapshot<'_>, component: &'a Component) -> Cow<'a, str> {
    match &component.silence {
        Some(silence) => silence.sentence(snapshot.now).into(),
        None => wording::status_line(component),
    }
}

fn hover(snapshot: &Snapshot<'_>, component: &Component) -> String {
    let mut text = status_line(snapshot, component).into_owned();
    if let (Some(pid), Some(uptime)) = (component.process.pid(), uptime(snapshot, component)) {
        text.push_str(&format!("\nprocess {pid}, up for {uptime}"));
    }
    text
}
