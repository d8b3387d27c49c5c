//! The card of a component: identity, state, and the controls that must be one click away.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use egui::{Color32, Frame, Galley, Margin, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, vec2};
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

/// The width of the buttons, each of which has a place of its own, whatever the state.
const CONTROLS: f32 = 4.0 * size::ICON_BUTTON + 3.0 * GAP;
/// The width of the load's bar.
const BAR: f32 = 32.0;
/// The room between two buttons.
const GAP: f32 = 2.0;

/// Draws a card. A compact one has no second line; no state of the component makes a card higher, so that nothing moves
/// by itself.
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
    let mut buttons = Rect::NOTHING;
    let drawn = ui.scope_builder(builder, |ui| {
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing = vec2(SPACE_SMALL, 2.0);
            buttons = ui
                .horizontal(|ui| {
                    let room = ui.available_width() - CONTROLS - SPACE_SMALL;
                    name_and_state(ui, theme, snapshot, component, standing, room);
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        ui.spacing_mut().item_spacing.x = GAP;
                        controls(ui, component, selection, commands);
                    })
                    .response
                    .rect
                })
                .inner;
            ui.spacing_mut().interact_size.y = 15.0;
            if !compact {
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
    // A click on a button that is disabled, or on its empty place, is none on the card.
    let beside = !card.interact_pointer_pos().is_some_and(|at| buttons.contains(at));
    if (card.clicked() && beside) || card.secondary_clicked() {
        selection.select(component.id);
    }
    if card.double_clicked() && beside {
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

fn name_and_state(
    ui: &mut Ui,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    component: &Component,
    standing: Standing,
    room: f32,
) {
    let colour = theme.component(component);
    let body = if component.process.is_alive() {
        fade(colour, 0.3)
    } else {
        Color32::TRANSPARENT
    };
    ui.allocate_ui_with_layout(
        vec2(room, size::ICON_BUTTON),
        egui::Layout::left_to_right(egui::Align::Center),
        |ui| {
            ui.set_width(room);
            role_label(ui, component.role(), body, colour, size::ICON_LARGE);
            // The icon of the state always has room; its word is left out rather than to shorten the name for it.
            let ink = standing.colour(theme);
            let font = theme::plain_font(size::SMALL);
            let whole = wording::state_word(component);
            let short = whole.split(',').next().unwrap_or_default();
            let words = [&*whole, short].map(|word| {
                let painter = ui.painter();
                painter.layout_no_wrap(word.to_owned(), font.clone(), ink)
            });
            let font = theme::strong_font(size::BODY);
            let name = ui
                .painter()
                .layout_no_wrap(component.name.clone(), font, theme.text);
            let most = ui.available_width() - size::ICON_SMALL - 2.0 * SPACE_SMALL - 2.0;
            let fits = |word: &Arc<Galley>| name.size().x + word.size().x + SPACE_SMALL <= most;
            let word = words.into_iter().find(fits);
            let name = theme::strong(component.name.as_str()).size(size::BODY);
            ui.scope(|ui| {
                ui.set_max_width(most);
                ui.add(egui::Label::new(name).truncate());
            });
            ui.add_space(2.0);
            icon_label(ui, standing.icon(), ink, size::ICON_SMALL).on_hover_text(hover(snapshot, component));
            if let Some(word) = word {
                ui.label(word).on_hover_text(hover(snapshot, component));
            }
        },
    );
}

fn controls(ui: &mut Ui, component: &Component, selection: &mut Selection, commands: &mut Vec<Command>) {
    let details = IconButton::new(Icon::Chevron, &format!("Details of {}", component.name))
        .explain("All controls, addresses, associations and the log.")
        .show(ui);
    if details.clicked() {
        selection.select(component.id);
        selection.inspect();
    }
    action_button(ui, component, ComponentAction::Kill, false, commands);
    action_button(ui, component, ComponentAction::Stop, false, commands);
    // What brings it back has a place of its own, which is empty while nothing has to be brought back.
    let back = [
        ComponentAction::Start,
        ComponentAction::Thaw,
        ComponentAction::Plug,
    ];
    match back.into_iter().find(|action| action.applies_to(component)) {
        Some(action) => {
            action_button(ui, component, action, false, commands);
        }
        None => {
            ui.allocate_exact_size(Vec2::splat(size::ICON_BUTTON), Sense::hover());
        }
    }
}

/// Draws the second line: what the component does, or what is wrong with it, and its load or age.
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
    if component.silence.is_some() {
        // The seconds go on though nothing happens.
        ui.ctx().request_repaint_after(Duration::from_secs(1));
    }
    let problem = component.trouble().filter(|_| !failed && !standing.is_silent());
    let relation =
        registrar_state::relation(snapshot, component).filter(|_| !standing.is_silent() && problem.is_none());
    let (icon, status) = match (&problem, &relation) {
        (Some(problem), _) => {
            let text = theme::small(problem.as_ref()).color(theme.fault);
            (Some((Icon::Warning, theme.fault)), text)
        }
        (None, Some(relation)) => {
            let ink = relation.colour(theme);
            let text = theme::small(relation.text.as_str()).color(ink);
            (Some((relation.icon(), ink)), text)
        }
        (None, None) => (None, theme::small(status_line(snapshot, component)).color(ink)),
    };
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
                bar(ui, load as f32, theme.element(component.colour), BAR, 6.0)
                    .on_hover_text(format!("load {percent}, {sessions} of {capacity} sessions"));
            } else if let Some(uptime) = uptime(snapshot, component) {
                ui.label(theme.remark(uptime))
                    .on_hover_text("since its process was started");
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                if let Some((icon, ink)) = icon {
                    icon_label(ui, icon, ink, size::ICON_SMALL);
                }
                let mut text = hover(snapshot, component);
                if let Some(problem) = problem {
                    text = format!("{problem}\n{text}");
                }
                ui.add(
                    egui::Label::new(status)
                        .truncate()
                        .show_tooltip_when_elided(false),
                )
                .on_hover_text(text);
            });
        });
    });
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
    if let Some(policy) = wording::policy(component) {
        text.push_str(&format!("\n{policy}"));
    }
    if let (Some(pid), Some(uptime)) = (component.process.pid(), uptime(snapshot, component)) {
        text.push_str(&format!("\nprocess {pid}, up for {uptime}"));
    }
    text
}
