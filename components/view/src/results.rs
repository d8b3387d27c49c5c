//! The right column: one picture per pool user as it arrives, with marks of who computed what.

use egui::{
    Color32, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use feed::ComponentRole;

use crate::action::ComponentAction;
use crate::button::{IconButton, action_button, bar, chip, role_label};
use crate::canvas::Canvases;
use crate::icon::Icon;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::stopwatch;
use crate::takeover::{self, TakeoverState};
use crate::theme::{self, SPACE, Theme, fade, size};
use crate::wording::{self, Standing};
use command::Command;
use model::{Canvas, Completed, Component, ComponentId, Failover, Model, words};

/// Width of the strip that shows who computed each row.
const STRIP: f32 = 7.0;
/// Width of what stands beside a large picture.
const FACTS: f32 = 132.0;
/// More pool users than this get small pictures in a grid.
const MOST_LARGE: usize = 2;

/// What the column remembers.
#[derive(Debug, Default)]
pub(crate) struct ResultsState {
    /// The pool user whose picture is enlarged.
    pub(crate) enlarged: Option<ComponentId>,
    /// Textures of the pictures.
    pub(crate) canvases: Canvases,
    takeover: TakeoverState,
}

impl ResultsState {
    /// Drops what belongs to pool users that are gone.
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
    tint: &mut bool,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let users: Vec<&Component> = snapshot.role(ComponentRole::PoolUser).collect();
    ui.horizontal(|ui| {
        ui.label(theme.section_heading("Results"));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let button = IconButton::new(Icon::Tint, "Tint pictures by pool element")
                .explain("Gives each pixel a touch of the colour of the pool element that computed it.")
                .selected(*tint)
                .key(egui::Key::T);
            if button.show(ui).clicked() {
                *tint = !*tint;
            }
        });
    });
    takeover::takeover_ui(ui, snapshot, &mut state.takeover);
    if users.is_empty() {
        ui.label(egui::RichText::new("Pictures appear here once there is a pool user.").color(theme.weak));
        return;
    }
    let room = ui.available_size();
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        if users.len() <= MOST_LARGE {
            let gaps = SPACE * 2.0 * (users.len() - 1) as f32;
            let each = (room.y - gaps) / users.len() as f32;
            let side = (each - 64.0).min(ui.available_width() - FACTS - SPACE).max(120.0);
            for user in users {
                large_ui(ui, snapshot, user, side, state, selection, commands);
                ui.add_space(SPACE);
            }
        } else {
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
    });
}

/// Columns, and the width of each, so that pictures are as large as they can be without scrolling.
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

/// A picture with its facts beside it, for the few.
fn large_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    user: &Component,
    side: f32,
    state: &mut ResultsState,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) {
    ui.horizontal(|ui| {
        name_ui(ui, user, size::LEAD);
        servers_ui(ui, snapshot, user);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
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
            stopwatch::stopwatch_ui(ui, snapshot, &user.failovers);
        });
    });
    stopwatch::bar_ui(ui, &user.failovers);
}

/// A picture among many.
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
    ui.label(theme::strong(user.name.as_str()).size(size));
}

/// The pool elements that compute a picture now, as chips of their colours.
fn servers_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, user: &Component) {
    for (identifier, sessions) in snapshot.servers(user).into_iter().take(3) {
        let mut text = snapshot.model.pool_element_name(identifier);
        if sessions > 1 {
            text = format!("{text}  \u{d7}{sessions}");
        }
        chip(ui, snapshot.element_colour(Theme::of(ui), identifier), &text).on_hover_text(format!(
            "computes this picture now in {}",
            words::counted(sessions as u64, "session")
        ));
    }
}

/// The button that kills the pool element that serves this pool user; it names its victim.
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
        .key(action.key());
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
    let (width, height) = match &user.canvas {
        Some(canvas) if canvas.width > 0 && canvas.height > 0 => {
            let scale = (side / canvas.width.max(canvas.height) as f32).max(0.01);
            (canvas.width as f32 * scale, canvas.height as f32 * scale)
        }
        _ => (side, side),
    };
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
    canvas_ui(ui, rect, snapshot, user, &state.canvases, selection, &response);
    if response.clicked() {
        selection.select(user.id);
    }
    if response.double_clicked() {
        state.enlarged = Some(user.id);
    }
}

fn progress_ui(ui: &mut Ui, user: &Component) {
    let theme = Theme::of(ui);
    let Some(canvas) = &user.canvas else {
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

fn share_done(canvas: &Canvas) -> f32 {
    let all = u64::from(canvas.width) * u64::from(canvas.height);
    u64::from(canvas.done) as f32 / all.max(1) as f32
}

/// Draws a picture with its marks into a rectangle.
pub(crate) fn canvas_ui(
    ui: &Ui,
    rect: Rect,
    snapshot: &Snapshot<'_>,
    user: &Component,
    canvases: &Canvases,
    selection: &Selection,
    response: &Response,
) {
    let theme = Theme::of(ui);
    let painter = ui.painter_at(rect);
    let standing = Standing::of(user);
    response.widget_info(|| {
        let label = match &user.canvas {
            Some(canvas) => format!(
                "Picture of {}, {} done",
                user.name,
                words::percent(share_done(canvas).into())
            ),
            None => format!("Picture of {}, none yet", user.name),
        };
        WidgetInfo::labeled(Role::Image, true, label)
    });
    painter.rect_filled(rect, 6.0, theme.blank);
    let (Some(canvas), Some(shown)) = (&user.canvas, canvases.get(user.id)) else {
        painter.text(
            rect.center(),
            egui::Align2::CENTER_CENTER,
            if user.process.is_alive() {
                "no picture yet".into()
            } else {
                wording::state_word(user)
            },
            theme::plain_font(size::BODY),
            theme.weak,
        );
        return;
    };
    let everything = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    let alive = user.process.is_alive() && !standing.is_silent();
    painter.image(shown.texture.id(), rect, everything, theme::picture_tint(alive));
    paint_strip(&painter, theme, snapshot, canvas, &shown.rows, rect);
    marks_ui(ui, theme, user, canvas, response);
    if !alive {
        painter.text(
            rect.center(),
            egui::Align2::CENTER_CENTER,
            wording::state_word(user),
            theme::strong_font(size::LARGE),
            standing.colour(theme),
        );
    }
    if selection.component() == Some(user.id) {
        painter.rect_stroke(rect, 4.0, theme.focused_edge(), StrokeKind::Inside);
    }
}

/// Who computed each row, as a strip along the left edge.
fn paint_strip(
    painter: &egui::Painter,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    canvas: &Canvas,
    rows: &[u8],
    rect: Rect,
) {
    let scale = rect.height() / rows.len().max(1) as f32;
    let mut row = 0;
    for run in rows.chunk_by(|one, other| one == other) {
        let from = row;
        row += run.len();
        let Some(by) = usize::from(run[0]).checked_sub(1) else {
            continue;
        };
        let Some(&identifier) = canvas.pool_elements.get(by) else {
            continue;
        };
        let part = Rect::from_min_max(
            pos2(rect.left(), rect.top() + from as f32 * scale),
            pos2(rect.left() + STRIP, rect.top() + row as f32 * scale),
        );
        painter.rect_filled(part, 0.0, snapshot.element_colour(theme, identifier));
    }
}

/// Where failovers took over, with their gaps.
fn marks_ui(ui: &Ui, theme: &Theme, user: &Component, canvas: &Canvas, picture: &Response) {
    let rect = picture.rect;
    let painter = ui.painter_at(rect);
    let scale = vec2(
        rect.width() / canvas.width as f32,
        rect.height() / canvas.height as f32,
    );
    for mark in &canvas.marks {
        let at = rect.min + vec2(mark.x as f32 * scale.x, mark.y as f32 * scale.y);
        painter.hline(
            rect.left()..=at.x.max(rect.left() + STRIP + 18.0),
            at.y,
            Stroke::new(1.5, theme.over_picture),
        );
        painter.circle(at, 3.5, theme.danger, Stroke::new(1.5, theme.over_picture));
        let Some(gap) = user.failover(mark.failover).and_then(Failover::gap) else {
            continue;
        };
        let gap = words::duration(gap);
        let galley = painter.layout_no_wrap(
            format!("failover {gap}"),
            theme::strong_font(size::SMALL),
            theme.text,
        );
        let top = if at.y + galley.size().y + 6.0 > rect.bottom() {
            at.y - galley.size().y - 5.0
        } else {
            at.y + 4.0
        };
        let label =
            Rect::from_min_size(pos2(rect.left() + STRIP + 5.0, top), galley.size()).expand2(vec2(5.0, 1.0));
        painter.rect_filled(label.translate(vec2(4.0, 0.0)), 4.0, fade(theme.panel, 0.88));
        painter.galley(label.min + vec2(9.0, 1.0), galley, theme.text);
        let id = picture.id.with(("failover", mark.failover));
        ui.interact(label, id, Sense::hover()).widget_info(|| {
            let text = format!("Failover of {} at row {}: {gap}", user.name, mark.y);
            WidgetInfo::labeled(Role::Label, true, text)
        });
    }
}

/// The enlarged picture over everything else.
pub(crate) fn enlarged_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ResultsState,
    selection: &Selection,
    commands: &mut Vec<Command>,
) {
    let Some(user) = state.enlarged.and_then(|id| snapshot.component(id)) else {
        return;
    };
    let theme = Theme::of(ui);
    let room = ui.ctx().content_rect().size() - vec2(120.0, 190.0);
    let aspect = user.canvas.as_ref().map_or(1.0, |canvas| {
        canvas.width.max(1) as f32 / canvas.height.max(1) as f32
    });
    let height = room.y.min(room.x / aspect).max(160.0);
    let frame = egui::Frame::popup(ui.style()).inner_margin(14);
    let response = egui::Modal::new(egui::Id::unique("enlarged picture"))
        .frame(frame)
        .show(ui.ctx(), |ui| {
            ui.set_width((height * aspect).max(420.0));
            ui.horizontal(|ui| {
                ui.label(theme::title(user.name.as_str()));
                for served in user.served.values().take(4) {
                    let colour = snapshot.element_colour(theme, served.pe_identifier);
                    chip(
                        ui,
                        colour,
                        &snapshot.model.pool_element_name(served.pe_identifier),
                    );
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let close = IconButton::new(Icon::Cross, "Close the enlarged picture")
                        .show(ui)
                        .clicked();
                    action_button(ui, user, ComponentAction::SavePicture, false, commands);
                    kill_serving_ui(ui, snapshot, user, commands);
                    close
                })
                .inner
            })
            .inner
                | {
                    let (rect, response) =
                        ui.allocate_exact_size(vec2(height * aspect, height), Sense::click());
                    canvas_ui(ui, rect, snapshot, user, &state.canvases, selection, &response);
                    ui.add_space(4.0);
                    stopwatch::bar_ui(ui, &user.failovers);
                    stopwatch::line_ui(ui, snapshot, &user.failovers);
                    false
                }
        });
    if response.inner || response.should_close() {
        state.enlarged = None;
    }
}
