//! The pictures in front of an audience: as large as possible, with the few words that have to be read from afar.

use egui::{Align, Color32, Label, Layout, Role, Sense, Ui, Vec2, WidgetInfo, vec2};

use crate::action::ComponentAction;
use crate::button::{action_button, bar};
use crate::results::picture::{canvas_ui, on_stage, share_done, size_on_stage};
use crate::results::requests::requests_ui;
use crate::results::{ResultsState, by_service, name_ui};
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE, SPACE_SMALL, Theme, size};
use crate::{stopwatch, takeover};
use command::Command;
use model::{Completed, Component, words};

/// The height of the line with the name above a picture.
const NAME: f32 = 28.0;
/// The height of the line with the progress below it, and of the line with the latest failover.
const PROGRESS: f32 = 22.0;
const FAILOVER: f32 = 30.0;
/// Narrower pictures have no words about servers and failovers.
const WORDY: f32 = 200.0;
/// The minimum side of a picture.
const LEAST: f32 = 40.0;

/// Draws the pictures of all pool users.
pub(crate) fn stage_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &ResultsState,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    takeover::sentence_ui(ui, snapshot, commands);
    let (users, others) = by_service(snapshot);
    if users.is_empty() && !others.is_empty() {
        return requests_ui(ui, snapshot, &others, selection);
    }
    if users.is_empty() {
        ui.label(egui::RichText::new("Pictures appear here once there is a pool user.").color(theme.weak));
        return;
    }
    let grid = Grid::best(users.len(), ui.available_size());
    ui.spacing_mut().item_spacing = Vec2::splat(SPACE);
    for row in users.chunks(grid.columns) {
        ui.horizontal_top(|ui| {
            for user in row {
                let layout = Layout::top_down(Align::Min);
                ui.allocate_ui_with_layout(vec2(grid.width, grid.height), layout, |ui| {
                    ui.set_width(grid.width);
                    ui.spacing_mut().item_spacing.y = 0.0;
                    ui.add_space(grid.slack() / 2.0);
                    user_ui(ui, snapshot, user, &grid, state, selection, commands);
                });
            }
        });
    }
}

/// The arrangement of the pictures.
struct Grid {
    columns: usize,
    /// The size of each cell.
    width: f32,
    height: f32,
    /// The side of each picture.
    side: f32,
}

impl Grid {
    /// Returns the arrangement with the largest pictures.
    fn best(count: usize, room: Vec2) -> Self {
        let grid = |columns: usize| {
            let rows = count.div_ceil(columns);
            let each = |room: f32, number: usize| (room - SPACE * (number - 1) as f32) / number as f32;
            let (width, height) = (each(room.x, columns), each(room.y, rows));
            let side = |words: f32| width.min(height - words);
            let wordy = side(NAME + PROGRESS + FAILOVER + SPACE_SMALL);
            let side = if wordy >= WORDY {
                wordy
            } else {
                side(NAME + PROGRESS).min(WORDY)
            };
            Self {
                columns,
                width,
                height,
                side,
            }
        };
        let all = (2..=count).map(grid);
        all.fold(
            grid(1),
            |best, next| if next.side > best.side { next } else { best },
        )
    }

    fn is_wordy(&self) -> bool {
        self.side >= WORDY
    }

    /// Returns the height of a cell that its picture and words leave over.
    fn slack(&self) -> f32 {
        let words = if self.is_wordy() {
            NAME + PROGRESS + FAILOVER
        } else {
            NAME + PROGRESS
        };
        (self.height - words - self.side - SPACE).max(0.0)
    }
}

fn user_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    user: &Component,
    grid: &Grid,
    state: &ResultsState,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) {
    ui.horizontal(|ui| {
        ui.set_width(grid.side.max(LEAST));
        ui.set_height(NAME);
        let size = if grid.is_wordy() {
            size::HEADING
        } else {
            size::LEAD
        };
        name_ui(ui, user, size);
        if grid.is_wordy() {
            servers_ui(ui, snapshot, user);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                action_button(ui, user, ComponentAction::KillServing, false, commands);
            });
        }
    });
    let side = grid.side.max(LEAST);
    let (rect, response) = ui.allocate_exact_size(size_on_stage(user, side), Sense::click());
    canvas_ui(ui, rect, snapshot, user, &state.canvases, selection, &response);
    if response.clicked() {
        selection.select(user.id);
    }
    progress_ui(ui, user, side);
    if grid.is_wordy() {
        stopwatch::headline_ui(ui, snapshot, &user.failovers, commands);
    }
}

/// Draws who computes the picture now.
fn servers_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, user: &Component) {
    let theme = Theme::of(ui);
    for (identifier, _) in snapshot.servers(user).into_iter().take(2) {
        let (rect, _) = ui.allocate_exact_size(vec2(12.0, 12.0), Sense::hover());
        ui.painter()
            .rect_filled(rect, 3.0, snapshot.element_colour(theme, identifier));
        let name = snapshot.model.pool_element_name(identifier);
        ui.add(Label::new(egui::RichText::new(name).size(size::LEAD)).truncate());
    }
}

fn progress_ui(ui: &mut Ui, user: &Component, width: f32) {
    let theme = Theme::of(ui);
    let Some(canvas) = on_stage(user) else { return };
    let (text, colour): (String, Color32) = match canvas.completed {
        Some(Completed {
            missing: 0, duration, ..
        }) => (format!("complete, {}", words::duration(duration)), theme.good),
        Some(_) => ("incomplete".to_owned(), theme.danger),
        None => (words::percent(share_done(canvas).into()), theme.text),
    };
    ui.horizontal(|ui| {
        ui.set_height(PROGRESS);
        let galley = ui
            .painter()
            .layout_no_wrap(text.clone(), theme::plain_font(size::LEAD), colour);
        let room = (width - galley.size().x - SPACE).max(0.0);
        if room > LEAST {
            bar(ui, share_done(canvas), theme.accent, room, 8.0);
        }
        let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
        ui.painter().galley(rect.min, galley, colour);
    });
}

#[cfg(test)]
mod tests {
    use egui::{Rect, pos2};

    use super::*;

    #[test]
    fn pictures_take_the_room_that_there_is() {
        let room = vec2(500.0, 340.0);
        let (one, two) = (Grid::best(1, room), Grid::best(2, room));
        assert_eq!(one.columns, 1);
        assert!(one.side > 250.0, "{}", one.side);
        assert_eq!(two.columns, 2, "beside each other");
        assert!(two.side > 240.0, "{}", two.side);
    }

    #[test]
    fn all_pictures_are_on_the_screen() {
        for count in 1..=40 {
            let room = vec2(500.0, 340.0);
            let grid = Grid::best(count, room);
            let rows = count.div_ceil(grid.columns) as f32;
            let whole = Rect::from_min_size(
                pos2(0.0, 0.0),
                vec2(
                    grid.columns as f32 * (grid.width + SPACE) - SPACE,
                    rows * (grid.height + SPACE) - SPACE,
                ),
            );
            assert!(
                whole.width() <= room.x + 1.0 && whole.height() <= room.y + 1.0,
                "{count}"
            );
        }
    }
}
