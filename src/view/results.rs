//! The right column: one picture per pool user as it arrives, with marks of who computed what.

use egui::{Color32, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};
use feed::ComponentRole;

use crate::command::Command;
use crate::model::{Canvas, Component};
use crate::view::action::ComponentAction;
use crate::view::button::{IconButton, action_button, bar, chip};
use crate::view::icon::{self, Icon};
use crate::view::stage::Stage;
use crate::view::state::ViewState;
use crate::view::stopwatch;
use crate::view::theme::{self, SPACE, Theme, fade};
use crate::view::wording::{self, Standing};

/// Width of the strip that shows who computed each row.
const STRIP: f32 = 7.0;
/// More pool users than this get small pictures in a grid.
const MOST_LARGE: usize = 2;

/// Draws the pictures.
pub(crate) fn results_ui(ui: &mut Ui, stage: &Stage<'_>, state: &mut ViewState, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let users: Vec<&Component> = stage.role(ComponentRole::PoolUser).collect();
    ui.horizontal(|ui| {
        ui.label(theme::strong("Results").color(theme.weak).size(13.0));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let tint = IconButton::new(Icon::Tint, "Tint pictures by pool element")
                .explain("Gives each pixel a touch of the colour of the pool element that computed it.")
                .selected(state.settings.tint)
                .key(egui::Key::T);
            if tint.show(ui).clicked() {
                state.settings.tint = !state.settings.tint;
            }
        });
    });
    if users.is_empty() {
        ui.label(egui::RichText::new("Pictures appear here once there is a pool user.").color(theme.weak));
        return;
    }
    let room = ui.available_size();
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        if users.len() <= MOST_LARGE {
            let gaps = SPACE * 2.0 * (users.len() - 1) as f32;
            let each = (room.y - gaps) / users.len() as f32;
            for user in users {
                let rest = 34.0 + if user.failovers.is_empty() { 24.0 } else { 96.0 };
                let side = (each - rest).clamp(120.0, ui.available_width());
                picture_ui(ui, stage, user, side, true, state, commands);
                ui.add_space(SPACE);
            }
        } else {
            let columns = ((ui.available_width() / 190.0) as usize).clamp(2, 4);
            let width = (ui.available_width() - SPACE * (columns - 1) as f32) / columns as f32;
            for row in users.chunks(columns) {
                ui.horizontal_top(|ui| {
                    for user in row {
                        ui.allocate_ui_with_layout(
                            vec2(width, 0.0),
                            egui::Layout::top_down(egui::Align::Min),
                            |ui| picture_ui(ui, stage, user, width, false, state, commands),
                        );
                    }
                });
                ui.add_space(SPACE);
            }
        }
    });
}

fn picture_ui(
    ui: &mut Ui,
    stage: &Stage<'_>,
    user: &Component,
    side: f32,
    large: bool,
    state: &mut ViewState,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing.y = 5.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(16.0), Sense::hover());
        icon::paint_role(
            ui.painter(),
            rect.center(),
            6.5,
            ComponentRole::PoolUser,
            Color32::TRANSPARENT,
            Stroke::new(1.6, theme.text),
        );
        ui.label(theme::strong(user.name.as_str()));
        if large {
            for served in user.served.values().take(2) {
                let colour = stage.element_colour(theme, served.pe_identifier);
                chip(ui, colour, &stage.element_name(served.pe_identifier))
                    .on_hover_text("computes this picture now");
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if large {
                let name = format!("Enlarge the picture of {}", user.name);
                let enlarge = IconButton::new(Icon::Enlarge, &name);
                if enlarge.enabled(user.canvas.is_some()).show(ui).clicked() {
                    state.enlarged = Some(user.id);
                }
                action_button(ui, user, ComponentAction::SavePicture, false, commands);
            }
            action_button(ui, user, ComponentAction::KillServing, large, commands);
        });
    });
    let (width, height) = match &user.canvas {
        Some(canvas) if canvas.width > 0 && canvas.height > 0 => {
            let scale = (side / canvas.width.max(canvas.height) as f32).max(0.01);
            (canvas.width as f32 * scale, canvas.height as f32 * scale)
        }
        _ => (side, side),
    };
    let response = ui
        .vertical_centered(|ui| {
            let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
            canvas_ui(ui, rect, stage, user, state, &response);
            response
        })
        .inner;
    if response.clicked() {
        state.select(user.id);
    }
    if response.double_clicked() {
        state.enlarged = Some(user.id);
    }
    progress_ui(ui, theme, user, large);
    if large {
        stopwatch::stopwatch_ui(ui, stage, &user.failovers);
    }
}

fn progress_ui(ui: &mut Ui, theme: &Theme, user: &Component, large: bool) {
    let Some(canvas) = &user.canvas else {
        ui.label(theme::small(wording::status_line(user)).color(theme.weak));
        return;
    };
    let share = share_done(canvas);
    ui.horizontal(|ui| {
        let text = match canvas.completed {
            Some(us) => format!("complete in {}", wording::duration(us)),
            None => format!("{:.0} %", share * 100.0),
        };
        let width = ui.available_width() - if large { 190.0 } else { 92.0 };
        let colour = if canvas.completed.is_some() { theme.good } else { theme.accent };
        bar(ui, share, colour, width.max(20.0), 5.0);
        ui.label(theme::small(text));
        if large {
            ui.label(theme::small(format!("picture {}", canvas.image)).color(theme.weak));
        }
    });
}

fn share_done(canvas: &Canvas) -> f32 {
    let all = u64::from(canvas.width) * u64::from(canvas.height);
    u64::from(canvas.done) as f32 / all.max(1) as f32
}

/// Draws a picture with its marks into a rectangle.
pub(crate) fn canvas_ui(
    ui: &Ui,
    rect: Rect,
    stage: &Stage<'_>,
    user: &Component,
    state: &ViewState,
    response: &Response,
) {
    let theme = Theme::of(ui);
    let painter = ui.painter_at(rect);
    let standing = Standing::of(user);
    response.widget_info(|| {
        let label = match &user.canvas {
            Some(canvas) => format!("Picture of {}, {:.0} % done", user.name, share_done(canvas) * 100.0),
            None => format!("Picture of {}, none yet", user.name),
        };
        WidgetInfo::labeled(Role::Image, true, label)
    });
    painter.rect_filled(rect, 6.0, theme.blank);
    let (Some(canvas), Some(shown)) = (&user.canvas, state.canvases.get(user.id)) else {
        painter.text(
            rect.center(),
            egui::Align2::CENTER_CENTER,
            wording::state_word(user),
            theme::plain_font(14.0),
            theme.weak,
        );
        return;
    };
    let everything = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    let alive = user.process.is_alive() && !standing.is_silent();
    let tint = if alive { Color32::WHITE } else { fade(Color32::WHITE, 0.55) };
    painter.image(shown.texture.id(), rect, everything, tint);
    paint_strip(&painter, theme, stage, canvas, &shown.rows, rect);
    paint_marks(&painter, theme, user, canvas, rect);
    if !alive {
        painter.text(
            rect.center(),
            egui::Align2::CENTER_CENTER,
            wording::state_word(user),
            theme::strong_font(18.0),
            standing.colour(theme),
        );
    }
    if state.selection == Some(user.id) {
        painter.rect_stroke(rect, 4.0, Stroke::new(2.0, theme.accent), StrokeKind::Inside);
    }
}

/// Who computed each row, as a strip along the left edge.
fn paint_strip(
    painter: &egui::Painter,
    theme: &Theme,
    stage: &Stage<'_>,
    canvas: &Canvas,
    rows: &[u8],
    rect: Rect,
) {
    let scale = rect.height() / rows.len().max(1) as f32;
    let mut row = 0;
    for run in rows.chunk_by(|one, other| one == other) {
        let from = row;
        row += run.len();
        let Some(by) = usize::from(run[0]).checked_sub(1) else { continue };
        let Some(&identifier) = canvas.pool_elements.get(by) else { continue };
        let part = Rect::from_min_max(
            pos2(rect.left(), rect.top() + from as f32 * scale),
            pos2(rect.left() + STRIP, rect.top() + row as f32 * scale),
        );
        painter.rect_filled(part, 0.0, stage.element_colour(theme, identifier));
    }
}

/// Where failovers took over, with their gaps.
fn paint_marks(painter: &egui::Painter, theme: &Theme, user: &Component, canvas: &Canvas, rect: Rect) {
    let scale = vec2(rect.width() / canvas.width as f32, rect.height() / canvas.height as f32);
    // The latest marks belong to the latest failovers.
    let failovers = user.failovers.iter().rev();
    for (&(x, y), failover) in canvas.marks.iter().rev().zip(failovers.map(Some).chain(std::iter::repeat(None))) {
        let at = rect.min + vec2(x as f32 * scale.x, y as f32 * scale.y);
        painter.hline(rect.left()..=at.x.max(rect.left() + STRIP + 18.0), at.y, Stroke::new(1.5, Color32::WHITE));
        painter.circle(at, 3.5, theme.danger, Stroke::new(1.5, Color32::WHITE));
        let Some(gap) = failover.and_then(crate::model::Failover::gap_us) else { continue };
        let text = format!("failover {}", wording::duration(gap));
        let galley = painter.layout_no_wrap(text, theme::strong_font(12.0), theme.text);
        let top = if at.y + galley.size().y + 6.0 > rect.bottom() { at.y - galley.size().y - 5.0 } else { at.y + 4.0 };
        let label = Rect::from_min_size(pos2(rect.left() + STRIP + 5.0, top), galley.size()).expand2(vec2(5.0, 1.0));
        painter.rect_filled(label.translate(vec2(4.0, 0.0)), 4.0, fade(theme.panel, 0.88));
        painter.galley(label.min + vec2(9.0, 1.0), galley, theme.text);
    }
}

/// The enlarged picture over everything else.
pub(crate) fn enlarged_ui(ui: &mut Ui, stage: &Stage<'_>, state: &mut ViewState, commands: &mut Vec<Command>) {
    let Some(user) = state.enlarged.and_then(|id| stage.component(id)) else { return };
    let theme = Theme::of(ui);
    let room = ui.ctx().content_rect().size() - vec2(120.0, 190.0);
    let aspect = user
        .canvas
        .as_ref()
        .map_or(1.0, |canvas| canvas.width.max(1) as f32 / canvas.height.max(1) as f32);
    let height = room.y.min(room.x / aspect).max(160.0);
    let response = egui::Modal::new(egui::Id::unique("enlarged picture")).show(ui.ctx(), |ui| {
        ui.set_width(height * aspect);
        ui.horizontal(|ui| {
            ui.label(theme::strong(user.name.as_str()).size(20.0));
            for served in user.served.values().take(4) {
                let colour = stage.element_colour(theme, served.pe_identifier);
                chip(ui, colour, &stage.element_name(served.pe_identifier));
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let close = IconButton::new(Icon::Cross, "Close the enlarged picture").show(ui).clicked();
                action_button(ui, user, ComponentAction::SavePicture, false, commands);
                action_button(ui, user, ComponentAction::KillServing, true, commands);
                close
            })
            .inner
        })
        .inner
            | {
                let (rect, response) = ui.allocate_exact_size(vec2(height * aspect, height), Sense::click());
                canvas_ui(ui, rect, stage, user, state, &response);
                ui.add_space(4.0);
                stopwatch::stopwatch_ui(ui, stage, &user.failovers);
                false
            }
    });
    if response.inner || response.should_close() {
        state.enlarged = None;
    }
}
