//! A picture with its marks: who computed each row, and where failovers took over.

use egui::{Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::canvas::Canvases;
use crate::selection::{Selection, SoughtPixel};
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, fade, size};
use crate::wording::{self, Standing};
use model::{Canvas, Component, Failover, Proof, words};

/// The width of the strip that shows who computed each row.
const STRIP: f32 = 7.0;
/// The share of a picture's side that the picture arriving meanwhile takes in its corner.
const INSET: f32 = 0.3;

/// Draws a picture with its marks into a rectangle.
pub(super) fn canvas_ui(
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
    let on_stage = on_stage(user);
    response.widget_info(|| {
        let label = match on_stage {
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
    let shown = if user.held_is_past() {
        canvases.held(user.id)
    } else {
        canvases.get(user.id)
    };
    let (Some(canvas), Some(shown)) = (on_stage, shown) else {
        painter.text(
            rect.center(),
            egui::Align2::CENTER_CENTER,
            if user.process.is_alive() {
                "no picture yet".into()
            } else {
                wording::state_word(user)
            },
            theme::plain_font(theme::legible(ui, size::BODY)),
            theme.weak,
        );
        return;
    };
    let everything = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    // A picture that is over is as it is, whatever has become of its pool user.
    let alive = user.held_is_past() || user.process.is_alive() && !standing.is_silent();
    painter.image(shown.texture.id(), rect, everything, theme::picture_tint(alive));
    paint_strip(&painter, theme, snapshot, canvas, &shown.rows, rect);
    if user.held_is_past() {
        arriving_ui(ui, theme, user, canvases, response);
    }
    marks_ui(ui, theme, user, canvas, response);
    paint_chosen_pixels(&painter, theme, user, canvas, selection, rect);
    if !alive {
        painter.text(
            rect.center(),
            egui::Align2::CENTER_CENTER,
            wording::state_word(user),
            theme::strong_font(size::LARGE),
            standing.colour(theme),
        );
    }
    proof_ui(ui, theme, user, response);
    if selection.component() == Some(user.id) {
        painter.rect_stroke(rect, 4.0, theme.focused_edge(), StrokeKind::Inside);
    }
}

/// Returns the picture that is shown of a pool user: the one that a story is about, or else the one that arrives.
pub(super) fn on_stage(user: &Component) -> Option<&Canvas> {
    if user.held_is_past() {
        user.held_canvas()
    } else {
        user.canvas.as_ref()
    }
}

/// Returns the size of a pool user's picture, or of the place where it will be, of which the longer side has this length.
pub(super) fn size_on_stage(user: &Component, side: f32) -> Vec2 {
    match on_stage(user) {
        Some(canvas) if canvas.width > 0 && canvas.height > 0 => {
            let size = vec2(canvas.width as f32, canvas.height as f32);
            size * (side / size.max_elem()).max(0.01)
        }
        _ => Vec2::splat(side),
    }
}

/// Draws the picture that arrives in a corner of the one that is kept.
fn arriving_ui(ui: &Ui, theme: &Theme, user: &Component, canvases: &Canvases, picture: &Response) {
    let (Some(canvas), Some(shown)) = (&user.canvas, canvases.get(user.id)) else {
        return;
    };
    let side = picture.rect.width().min(picture.rect.height()) * INSET;
    let scale = side / canvas.width.max(canvas.height).max(1) as f32;
    let size = vec2(canvas.width as f32, canvas.height as f32) * scale;
    let margin = vec2(6.0, 6.0);
    let corner = pos2(picture.rect.right(), picture.rect.top());
    let rect = Rect::from_min_size(pos2(corner.x - size.x - margin.x, corner.y + margin.y), size);
    let painter = ui.painter_at(picture.rect);
    let everything = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    painter.rect_filled(rect, 0.0, theme.blank);
    painter.image(
        shown.texture.id(),
        rect,
        everything,
        theme::picture_tint(user.process.is_alive()),
    );
    painter.rect_stroke(
        rect,
        0.0,
        Stroke::new(2.0, theme.over_picture),
        StrokeKind::Outside,
    );
    let done = words::percent(share_done(canvas).into());
    let response = ui.interact(rect, picture.id.with("arriving"), Sense::hover());
    response.widget_info(|| {
        let label = format!("Next picture of {}, {done} done", user.name);
        WidgetInfo::labeled(Role::Image, true, label)
    });
    response.on_hover_text(format!("picture {}, which arrives now: {done}", canvas.image));
}

/// Draws the result of comparing the picture along its lower edge.
fn proof_ui(ui: &Ui, theme: &Theme, user: &Component, picture: &Response) {
    let Some(held) = &user.held else { return };
    let (text, ink) = match &held.proof {
        Proof::Awaited => return,
        Proof::UnderWay => ("comparing each pixel\u{2026}".to_owned(), theme.text),
        Proof::Made(comparison) if comparison.is_equal() => (comparison.in_words(), theme.good),
        Proof::Made(comparison) => (comparison.in_words(), theme.danger),
    };
    let rect = picture.rect;
    let painter = ui.painter_at(rect);
    let galley = painter.layout(
        text.clone(),
        theme::strong_font(size::LEAD),
        ink,
        (rect.width() - STRIP - 16.0).max(40.0),
    );
    let top = rect.bottom() - galley.size().y - 8.0;
    let band = Rect::from_min_max(pos2(rect.left() + STRIP, top), rect.max);
    painter.rect_filled(band, 0.0, fade(theme.panel, 0.92));
    painter.galley(band.min + vec2(8.0, 4.0), galley, ink);
    let response = ui.interact(band, picture.id.with("proof"), Sense::hover());
    response.widget_info(|| {
        let label = format!("Picture of {}: {text}", user.name);
        WidgetInfo::labeled(Role::Label, true, label)
    });
    response.on_hover_text(
        "The picture that was being computed when the fault happened, compared with one that the control centre has \
         computed itself. It stays until the story goes on.",
    );
}

/// Draws a strip along the left edge that shows who computed each row.
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

/// Marks the pixels that the chosen message brought. Of a picture in several parts, it is not known where each begins.
fn paint_chosen_pixels(
    painter: &egui::Painter,
    theme: &Theme,
    user: &Component,
    canvas: &Canvas,
    selection: &Selection,
    rect: Rect,
) {
    let message = selection.message().filter(|message| message.to == Some(user.id));
    let (Some(pixels), true) = (
        message.and_then(|message| message.pixels),
        !user.spec.splits_pictures(),
    ) else {
        return;
    };
    let scale = vec2(
        rect.width() / canvas.width.max(1) as f32,
        rect.height() / canvas.height.max(1) as f32,
    );
    let (mut x, mut y, mut left) = (pixels.x, pixels.y, pixels.count);
    while left > 0 && y < canvas.height {
        let run = left.min(canvas.width.saturating_sub(x)).max(1);
        let from = rect.min + vec2(x as f32 * scale.x, y as f32 * scale.y);
        let row = Rect::from_min_size(from, vec2(run as f32 * scale.x, scale.y.max(2.0)));
        painter.rect_filled(row, 0.0, theme.over_picture);
        painter.rect_stroke(
            row.expand(1.0),
            0.0,
            Stroke::new(1.0, theme.accent),
            StrokeKind::Outside,
        );
        (x, y, left) = (0, y + 1, left - run.min(left));
    }
}

/// Returns the pixel at a place of the picture that arrives.
pub(super) fn pixel_at(user: &Component, rect: Rect, place: egui::Pos2) -> Option<SoughtPixel> {
    let canvas = user
        .canvas
        .as_ref()
        .filter(|_| !user.spec.splits_pictures() && !user.held_is_past())?;
    let share = (place - rect.min) / rect.size();
    Some(SoughtPixel {
        user: user.id,
        x: (share.x.clamp(0.0, 0.999) * canvas.width as f32) as u32,
        y: (share.y.clamp(0.0, 0.999) * canvas.height as f32) as u32,
        width: canvas.width,
    })
}

/// Draws marks where failovers took over, with their gaps.
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
            theme::strong_font(theme::legible(ui, size::SMALL)),
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

/// Returns the completed share of a picture.
pub(super) fn share_done(canvas: &Canvas) -> f32 {
    let all = u64::from(canvas.width) * u64::from(canvas.height);
    u64::from(canvas.done) as f32 / all.max(1) as f32
}
