//! The right column: one picture per pool user as it arrives, with marks of who computed each part; and the requests of
//! pool users whose service has no pictures.

mod enlarged;
mod on_stage;
mod picture;
mod requests;

use egui::{Color32, ScrollArea, Sense, Ui, vec2};
use feed::ComponentRole;
use picture::{canvas_ui, on_stage, share_done, size_on_stage};

pub(crate) use enlarged::enlarged_ui;
pub(crate) use on_stage::stage_ui;

use crate::action::ComponentAction;
use crate::button::{IconButton, action_button, bar, chip, role_label};
use crate::canvas::Canvases;
use crate::icon::Icon;
use crate::selection::Selection;
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::stopwatch;
use crate::takeover::{self, TakeoverState};
use crate::theme::{self, SPACE, Theme, size};
use crate::wording;
use command::Command;
use model::{Completed, Component, ComponentId, Model, words};

/// The width of the facts beside a large picture.
const FACTS: f32 = 132.0;
/// The width of the buttons beside a name, and the minimum width of the name.
const BUTTONS: f32 = 74.0;
const LEAST_NAME: f32 = 40.0;
/// The height of the facts with all phases of a failover. Where there is less, the phases are in the bar alone.
const ALL_FACTS: f32 = 212.0;
/// The height of the facts without the phases.
const FEW_FACTS: f32 = 124.0;
/// The height of the row above a picture and of the bar below it.
const AROUND: f32 = 64.0;
/// The maximum number of pool users with large pictures; more of them get small pictures in a grid.
const MOST_LARGE: usize = 2;

/// The state of the column.
#[derive(Debug, Default)]
pub(crate) struct ResultsState {
    /// The pool user whose picture is enlarged.
    pub(crate) enlarged: Option<ComponentId>,
    /// The textures of the pictures.
    pub(crate) canvases: Canvases,
    takeover: TakeoverState,
}

impl ResultsState {
    /// Drops the state of pool users that are gone.
    pub(crate) fn forget_gone(&mut self, model: &Model) {
        self.enlarged = self.enlarged.filter(|id| model.components.contains_key(id));
        self.canvases.forget_gone(model);
    }
}

/// Draws the pictures.
pub(crate) fn results_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ResultsState,
    settings: &mut Settings,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let (users, others) = by_service(snapshot);
    ui.horizontal(|ui| {
        ui.label(theme.section_heading("Results"));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let button = IconButton::new(Icon::Tint, "Tint pictures by pool element")
                .explain("Gives each pixel a touch of the colour of the pool element that computed it.")
                .selected(settings.tint)
                .key(egui::Key::T);
            if button.show(ui).clicked() {
                settings.tint = !settings.tint;
            }
            let open = &mut settings.results.open;
            let name = if *open {
                "Bring the results back into the main window"
            } else {
                "Show the results in a window of their own"
            };
            if IconButton::new(Icon::Window, name)
                .selected(*open)
                .show(ui)
                .clicked()
            {
                *open = !*open;
            }
        });
    });
    takeover::takeover_ui(ui, snapshot, &mut state.takeover, commands);
    if users.is_empty() && others.is_empty() {
        ui.label(egui::RichText::new("Pictures appear here once there is a pool user.").color(theme.weak));
        return;
    }
    let mut room = ui.available_size();
    if !users.is_empty() {
        // What is below the pictures takes at most half of the room.
        room.y -= requests::height(&others, room.x).min(room.y / 2.0);
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let gaps = SPACE * 2.0 * (users.len().max(1) - 1) as f32;
        let each = (room.y - gaps) / users.len().max(1) as f32;
        if let [one, other] = users.as_slice()
            && each < AROUND + ALL_FACTS
        {
            // One below the other, the second one would be cut.
            let width = ((ui.available_width() - SPACE * 2.0) / 2.0).max(110.0);
            let all = AROUND + width + ALL_FACTS <= room.y;
            let facts = if all { ALL_FACTS } else { FEW_FACTS };
            let side = width.min(room.y - AROUND - facts).max(90.0);
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = SPACE * 2.0;
                for user in [one, other] {
                    ui.allocate_ui_with_layout(
                        vec2(width, 0.0),
                        egui::Layout::top_down(egui::Align::Min),
                        |ui| {
                            ui.set_width(width);
                            ui.spacing_mut().item_spacing.x = 5.0;
                            column_ui(ui, snapshot, user, (side, all), state, selection, commands);
                        },
                    );
                }
            });
        } else if !users.is_empty() && users.len() <= MOST_LARGE {
            let side = (each - AROUND)
                .min(ui.available_width() - FACTS - SPACE)
                .max(FEW_FACTS);
            let all = each >= AROUND + ALL_FACTS;
            for user in users {
                large_ui(ui, snapshot, user, (side, all), state, selection, commands);
                ui.add_space(SPACE);
            }
        } else if !users.is_empty() {
            let (columns, width) = best_grid(users.len(), ui.available_width(), room.y);
            for row in users.chunks(columns) {
                ui.horizontal_top(|ui| {
                    for user in row {
                        ui.allocate_ui_with_layout(
                            vec2(width, 0.0),
                            egui::Layout::top_down(egui::Align::Min),
                            |ui| small_ui(ui, snapshot, user, width, state, selection, commands),
                        );
                    }
                });
                ui.add_space(SPACE);
            }
        }
        requests::requests_ui(ui, snapshot, &others, selection);
    });
}

/// Returns the pool users that show pictures, and those whose service has none.
fn by_service<'a>(snapshot: &Snapshot<'a>) -> (Vec<&'a Component>, Vec<&'a Component>) {
    let users = snapshot.role(ComponentRole::PoolUser);
    users.partition(|user| user.spec.shows_pictures() || user.canvas.is_some())
}

/// Returns the number of columns and the width of each that make pictures as large as possible without scrolling.
fn best_grid(count: usize, width: f32, height: f32) -> (usize, f32) {
    let side = |columns: usize| {
        let rows = count.div_ceil(columns) as f32;
        let by_width = (width - SPACE * (columns - 1) as f32) / columns as f32;
        by_width.min(height / rows - 64.0)
    };
    (1..=4)
        .map(|columns| (columns, side(columns)))
        .max_by(|one, other| one.1.total_cmp(&other.1))
        .filter(|(_, side)| *side >= 110.0)
        .unwrap_or_else(|| {
            let columns = ((width / 118.0) as usize).clamp(2, 4);
            (columns, (width - SPACE * (columns - 1) as f32) / columns as f32)
        })
}

/// Draws a picture with its facts below it, used for two pool users where there is little height.
fn column_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    user: &Component,
    (side, all_facts): (f32, bool),
    state: &mut ResultsState,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) {
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.horizontal(|ui| {
        name_ui(ui, user, size::LABEL);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            picture_buttons_ui(ui, user, state, commands);
        });
    });
    picture_ui(ui, snapshot, user, side, state, selection);
    progress_ui(ui, user);
    kill_serving_ui(ui, snapshot, user, commands);
    stopwatch::stopwatch_ui(ui, snapshot, &user.failovers, all_facts, commands);
    stopwatch::bar_ui(ui, snapshot, &user.failovers);
}

/// Draws a large picture with its facts beside it, used for few pool users.
fn large_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    user: &Component,
    (side, all_facts): (f32, bool),
    state: &mut ResultsState,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) {
    ui.horizontal(|ui| {
        name_ui(ui, user, size::LEAD);
        servers_ui(ui, snapshot, user);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            picture_buttons_ui(ui, user, state, commands);
        });
    });
    ui.horizontal_top(|ui| {
        picture_ui(ui, snapshot, user, side, state, selection);
        ui.vertical(|ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 4.0;
            progress_ui(ui, user);
            kill_serving_ui(ui, snapshot, user, commands);
            ui.add_space(SPACE);
            stopwatch::stopwatch_ui(ui, snapshot, &user.failovers, all_facts, commands);
        });
    });
    stopwatch::bar_ui(ui, snapshot, &user.failovers);
}

fn picture_buttons_ui(ui: &mut Ui, user: &Component, state: &mut ResultsState, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = 5.0;
    let name = format!("Enlarge the picture of {}", user.name);
    if IconButton::new(Icon::Enlarge, &name)
        .enabled(user.canvas.is_some())
        .show(ui)
        .clicked()
    {
        state.enlarged = Some(user.id);
    }
    action_button(ui, user, ComponentAction::SavePicture, false, commands);
}

/// Draws a picture among many.
fn small_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    user: &Component,
    side: f32,
    state: &mut ResultsState,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) {
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        name_ui(ui, user, size::LABEL);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            action_button(ui, user, ComponentAction::KillServing, false, commands);
        });
    });
    picture_ui(ui, snapshot, user, side, state, selection);
    progress_ui(ui, user);
}

fn name_ui(ui: &mut Ui, user: &Component, size: f32) {
    let theme = Theme::of(ui);
    role_label(
        ui,
        user.role(),
        Color32::TRANSPARENT,
        theme.text,
        size::ICON_LARGE,
    );
    // Room for the servers, and for the buttons at the right.
    let most = (ui.available_width() * 0.5)
        .min(ui.available_width() - BUTTONS)
        .max(LEAST_NAME);
    ui.scope(|ui| {
        ui.set_max_width(most);
        let name = theme::strong(user.name.as_str()).size(size);
        ui.add(egui::Label::new(name).truncate());
    });
}

/// Draws the pool elements that currently compute a picture, as chips in their colours; of a picture that is kept
/// after it is over, those that computed it.
fn servers_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, user: &Component) {
    if let Some(canvas) = user.held_canvas().filter(|_| user.held_is_past()) {
        for identifier in canvas.pool_elements.iter().take(3) {
            if ui.available_width() < BUTTONS + LEAST_NAME {
                break;
            }
            let name = snapshot.model.pool_element_name(*identifier);
            let colour = snapshot.element_colour(Theme::of(ui), *identifier);
            chip(ui, colour, &name).on_hover_text("has computed a part of this picture");
        }
        return;
    }
    for (identifier, sessions) in snapshot.servers(user).into_iter().take(3) {
        if ui.available_width() < BUTTONS + LEAST_NAME {
            break;
        }
        let mut text = snapshot.model.pool_element_name(identifier);
        if sessions > 1 {
            text = format!("{text}  \u{d7}{sessions}");
        }
        let colour = snapshot.element_colour(Theme::of(ui), identifier);
        let shown = ui.scope(|ui| {
            ui.set_max_width(ui.available_width() - BUTTONS);
            chip(ui, colour, &text)
        });
        shown.inner.on_hover_text(format!(
            "computes this picture now in {}",
            words::counted(sessions as u64, "session")
        ));
    }
}

/// Draws the button that kills the pool element serving this pool user, and names it.
fn kill_serving_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, user: &Component, commands: &mut Vec<Command>) {
    let action = ComponentAction::KillServing;
    let victim = user.served.values().find(|served| served.component.is_some());
    let text = victim.map_or_else(
        || "Kill its PE".to_owned(),
        |served| format!("Kill {}", snapshot.model.pool_element_name(served.pe_identifier)),
    );
    let name = action.name(user);
    let button = IconButton::new(action.icon(), &name)
        .text(&text)
        .explain(action.explanation())
        .tone(action.tone())
        .enabled(action.applies_to(user))
        .key(action.key())
        .acts();
    if button.show(ui).clicked() {
        commands.push(action.command(user));
    }
}

fn picture_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    user: &Component,
    side: f32,
    state: &mut ResultsState,
    selection: &mut Selection,
) {
    let (rect, response) = ui.allocate_exact_size(size_on_stage(user, side), Sense::click());
    canvas_ui(ui, rect, snapshot, user, &state.canvases, selection, &response);
    if response.clicked()
        && let Some(place) = response.interact_pointer_pos()
        && let Some(pixel) = picture::pixel_at(user, rect, place)
    {
        selection.seek_pixel(pixel);
    }
    if response.clicked() {
        selection.select(user.id);
    }
    if response.double_clicked() {
        state.enlarged = Some(user.id);
    }
}

fn progress_ui(ui: &mut Ui, user: &Component) {
    let theme = Theme::of(ui);
    let Some(canvas) = on_stage(user) else {
        ui.add(egui::Label::new(theme.remark(wording::status_line(user))).truncate());
        return;
    };
    let share = share_done(canvas);
    ui.horizontal(|ui| {
        let text = match canvas.completed {
            Some(Completed { duration, .. }) => words::duration(duration),
            None => words::percent(share.into()),
        };
        let colour = match canvas.completed {
            Some(Completed { missing: 0, .. }) => theme.good,
            Some(_) => theme.danger,
            None => theme.accent,
        };
        let width = (ui.available_width() - 52.0).max(20.0);
        bar(ui, share, colour, width, 5.0).on_hover_text(format!("picture {}", canvas.image));
        let label = ui.label(theme::small(text));
        if let Some(completed) = &canvas.completed {
            label.on_hover_text(wording::completed(completed));
        }
    });
}
