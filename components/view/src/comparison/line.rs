//! The time line of two recordings: a row for each of them with its faults and recoveries, the time from where they are
//! aligned, and one cursor.

use egui::{
    Align, Align2, CursorIcon, EventFilter, Key, Label, Layout, Modifiers, Rect, Role, Sense, Stroke, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::action::{Action, TimeAction};
use crate::button::IconButton;
use crate::comparison::action::{CompareAction, with};
use crate::comparison::facts::{RecoverySpan, Side};
use crate::comparison::offset;
use crate::comparison::scale::{Scale, Window, ends};
use crate::icon::{self, Icon};
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE, SPACE_SMALL, Theme, size};
use crate::time::{self, TimeState};
use chronicle::{Alignment, Offset, TimeControl};
use command::Command;

/// The height of the line with the controls.
const CONTROLS: f32 = 28.0;
/// The height of a row, and of the labels below.
const ROW: f32 = 19.0;
const LABELS: f32 = 19.0;
/// The height of the margins above and below.
const MARGINS: f32 = 12.0;
/// The width of the time at the cursor.
const CURSOR: f32 = 108.0;
/// The width of the names.
const NAMES: f32 = 196.0;
/// The least distance of two labels.
const APART: f32 = 84.0;
/// The side of a fault's mark.
const MARK: f32 = 14.0;
/// The magnification per point of scrolling.
const SCROLL_ZOOM: f64 = 0.005;
/// The maximum number of recoveries and of marks that are drawn of a recording.
const MOST: usize = 400;

/// Returns the height of the line: an audience does not see the controls, which have keys.
pub(super) fn height(presenting: bool) -> f32 {
    let controls = if presenting { 0.0 } else { CONTROLS + 2.0 };
    controls + 2.0 * ROW + LABELS + MARGINS
}

/// The part of time that is shown.
#[derive(Debug, Default)]
pub(super) struct LineState {
    window: Option<Window>,
    /// The alignment for which it was chosen.
    chosen_for: Option<Alignment>,
    /// Where the cursor was last.
    cursor: Option<Offset>,
}

/// Draws the line. Returns the action that was chosen.
pub(super) fn line_ui(
    ui: &mut Ui,
    sides: &[Side<'_>; 2],
    (state, time): (&mut LineState, &mut TimeState),
    (alignment, cursor): (Alignment, Offset),
    presenting: bool,
    commands: &mut Vec<Command>,
) -> Option<Action> {
    let own_moves = sides.iter().any(|side| {
        let time = side.snapshot.time.filter(|_| !side.is_other);
        let cursor = time.and_then(|time| time.cursor);
        cursor.is_some_and(|cursor| cursor.speed.is_some())
    });
    if state.chosen_for.replace(alignment) != Some(alignment) {
        state.window = None;
    }
    let mut window = state.window.unwrap_or_else(|| Window::around(sides));
    let was = state.cursor.replace(cursor);
    if own_moves && was != Some(cursor) && !window.contains(cursor) {
        // Who watches the recording goes on sees where it is.
        let middle = (window.begin + window.end) / 2.0;
        window = window.shifted(cursor.as_micros() as f64 - middle);
        state.window = Some(window);
    }
    let room = ui.available_rect_before_wrap();
    let mut action = None;
    let mut top = room.top();
    if !presenting {
        let controls = Rect::from_min_size(room.min, vec2(room.width(), CONTROLS));
        ui.scope_builder(UiBuilder::new().max_rect(controls), |ui| {
            action = controls_ui(ui, sides, (state, time), cursor, commands);
        });
        top += CONTROLS + 2.0;
    }
    for (index, side) in sides.iter().enumerate() {
        let rect = Rect::from_min_size(
            pos2(room.left(), top + ROW * index as f32),
            vec2(NAMES - SPACE, ROW),
        );
        ui.scope_builder(UiBuilder::new().id_salt(("name", index)).max_rect(rect), |ui| {
            if let Some(chosen) = name_ui(ui, side, index == 1) {
                action = Some(Action::Compare(chosen));
            }
        });
    }
    if presenting {
        let below = Rect::from_min_size(pos2(room.left(), top + 2.0 * ROW), vec2(NAMES - SPACE, LABELS));
        ui.scope_builder(UiBuilder::new().max_rect(below), |ui| cursor_ui(ui, cursor));
    }
    let rect = Rect::from_min_max(
        pos2(room.left() + NAMES, top),
        pos2(room.right(), top + 2.0 * ROW + LABELS),
    );
    let scale = Scale { window, rect };
    let response = ui.interact(rect, ui.scope_id().with("compared time"), Sense::click_and_drag());
    response.widget_info(|| {
        let seconds = cursor.as_micros() as f64 / 1e6;
        WidgetInfo::slider(true, seconds, "Seconds from where the recordings are aligned")
    });
    paint(ui, sides, scale, cursor);
    for (index, side) in sides.iter().enumerate() {
        anchors_ui(ui, side, scale, row(rect, index), alignment, commands);
    }
    if response.has_focus() {
        paint_focus(ui, rect);
    }
    let (first, last) = ends(sides);
    let mut wanted = None;
    if (response.dragged() || response.clicked())
        && let Some(at) = response.interact_pointer_pos()
    {
        wanted = Some(scale.at(at.x));
    }
    wanted = wanted.or_else(|| by_key(ui, &response, scale, cursor));
    if let Some(wanted) = wanted {
        let wanted = wanted.clamp(first, last);
        if wanted != cursor {
            let at = wanted.after(alignment.own.at);
            commands.push(Command::Time(TimeControl::Seek(at)));
        }
    }
    navigate(ui, rect, scale, Window::whole(sides), state);
    if response.hovered() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
    action
}

/// Draws the time at the cursor.
fn cursor_ui(ui: &mut Ui, cursor: Offset) {
    let at = theme::strong(offset::in_words(cursor)).size(size::HEADING);
    ui.add(Label::new(at).truncate());
}

/// Draws where the cursor is, the controls of time, and the buttons of the comparison.
fn controls_ui(
    ui: &mut Ui,
    sides: &[Side<'_>; 2],
    (state, time): (&mut LineState, &mut TimeState),
    cursor: Offset,
    commands: &mut Vec<Command>,
) -> Option<Action> {
    let theme = Theme::of(ui);
    let own: Option<&Snapshot<'_>> = sides.iter().find(|side| !side.is_other).map(|side| side.snapshot);
    let mut action = None;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = SPACE_SMALL;
        let keys =
            |ui: &Ui, keys: Option<egui::KeyboardShortcut>| keys.map(|it| ui.ctx().format_shortcut(&it));
        let close = IconButton::new(Icon::Cross, CompareAction::Close.label());
        if close.show(ui).clicked() {
            action = Some(Action::Compare(CompareAction::Close));
        }
        let label = TimeAction::Compare.label();
        let open = IconButton::new(Icon::Folder, &label).shortcut(keys(ui, TimeAction::Compare.shortcut()));
        if open.show(ui).clicked() {
            action = Some(Action::Time(TimeAction::Compare));
        }
        let swap = IconButton::new(Icon::Swap, CompareAction::Swap.label())
            .explain("Left becomes right.")
            .shortcut(keys(ui, CompareAction::Swap.shortcut()));
        if swap.show(ui).clicked() {
            action = Some(Action::Compare(CompareAction::Swap));
        }
        let whole = IconButton::new(Icon::Fit, "Show both recordings from end to end")
            .explain("Scrolling over the time line magnifies it.");
        if whole.show(ui).clicked() {
            state.window = Some(Window::whole(sides));
        }
        let around = IconButton::new(
            Icon::Search,
            "Show the recoveries where the recordings are aligned",
        );
        if around.show(ui).clicked() {
            state.window = None;
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            // The controls stay where they are, whatever the time.
            let room = vec2(CURSOR, CONTROLS);
            ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
                ui.set_min_width(CURSOR);
                cursor_ui(ui, cursor);
            });
            let chosen = own.and_then(|own| time::controls_ui(ui, own, time, commands));
            action = action.or(chosen.map(Action::Time));
            ui.add_space(SPACE);
            let [left, right] = sides.each_ref().map(|side| offset::anchor(side.anchor.kind));
            let from = if left == right {
                format!("from the {left} of both")
            } else {
                format!("from the {left} on the left and the {right} on the right")
            };
            ui.add(Label::new(theme.remark(from)).truncate());
        });
    });
    action
}

/// Draws the name of a recording, and the buttons that choose where it is aligned.
fn name_ui(ui: &mut Ui, side: &Side<'_>, right: bool) -> Option<CompareAction> {
    let mut chosen = None;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.spacing_mut().interact_size.y = ROW;
        for next in [true, false] {
            let action = CompareAction::Anchor { right, next };
            let possible = side.anchor.neighbour(&side.facts.anchors, next).is_some();
            let (rect, response) = ui.allocate_exact_size(vec2(ROW, ROW), anchor_sense(possible));
            response.widget_info(|| WidgetInfo::labeled(Role::Button, possible, action.label()));
            let theme = Theme::of(ui);
            let colour = if possible {
                theme.text
            } else {
                theme::fade(theme.weak, 0.4)
            };
            if response.hovered() || response.has_focus() {
                ui.painter().rect_filled(rect, 4.0, theme.raised);
            }
            let icon = if next { Icon::Chevron } else { Icon::Back };
            icon::paint(ui.painter(), rect.shrink(4.0), icon, colour);
            if response.clicked() && possible {
                chosen = Some(action);
            }
            let keys = action.shortcut().map(|keys| ui.ctx().format_shortcut(&keys));
            response.on_hover_text(format!("{} ({})", action.label(), keys.unwrap_or_default()));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let name = theme::strong(side.name.as_ref()).size(theme::legible(ui, size::LABEL));
            ui.add(Label::new(name).truncate());
        });
    });
    chosen
}

fn anchor_sense(possible: bool) -> Sense {
    if possible { Sense::click() } else { Sense::hover() }
}

fn row(rect: Rect, index: usize) -> Rect {
    Rect::from_min_size(
        pos2(rect.left(), rect.top() + ROW * index as f32),
        vec2(rect.width(), ROW - 2.0),
    )
}

/// Draws the rows, the labels and the cursor.
fn paint(ui: &Ui, sides: &[Side<'_>; 2], scale: Scale, cursor: Offset) {
    let theme = Theme::of(ui);
    let painter = ui.painter_at(scale.rect);
    for (index, side) in sides.iter().enumerate() {
        let row = row(scale.rect, index);
        let (from, to) = side.range();
        let [left, right] = [from, to].map(|end| scale.x(Offset::of(end, side.anchor.at)));
        let held = Rect::from_x_y_ranges(left..=right.max(left + 1.0), row.y_range());
        painter.rect_filled(held, 3.0, theme.raised);
        let both = side.facts.spans.iter().any(|span| span.takeover);
        let in_sight = side.facts.spans.iter().filter(|span| {
            let [began, end] = [span.began, span.end].map(|at| scale.x(Offset::of(at, side.anchor.at)));
            end >= row.left() && began <= row.right()
        });
        for span in in_sight.take(MOST) {
            let row = match (both, span.takeover) {
                (false, _) => row.shrink2(vec2(0.0, 3.0)),
                (true, false) => row.split_top_bottom_at_fraction(0.5).0.shrink2(vec2(0.0, 1.0)),
                (true, true) => row.split_top_bottom_at_fraction(0.5).1.shrink2(vec2(0.0, 1.0)),
            };
            paint_recovery(&painter, theme, side, span, scale, row);
        }
    }
    labels(&painter, theme, scale, theme::legible(ui, size::CAPTION));
    let rows = scale.rect.top()..=scale.rect.top() + 2.0 * ROW - 2.0;
    let zero = scale.x(Offset::default());
    painter.vline(zero, rows.clone(), Stroke::new(1.5, theme.fault));
    let x = scale
        .x(cursor)
        .clamp(scale.rect.left() + 1.0, scale.rect.right() - 1.0);
    if scale.window.contains(cursor) {
        painter.vline(x, rows, Stroke::new(2.0, theme.accent));
        let handle = Rect::from_center_size(pos2(x, scale.rect.top() + 4.0), vec2(9.0, 8.0));
        painter.rect_filled(handle, 2.0, theme.accent);
    } else {
        // The cursor is beyond the end: an arrow says where.
        let towards = if x > scale.rect.center().x {
            Icon::Next
        } else {
            Icon::Back
        };
        let square = Rect::from_center_size(
            pos2(
                x.clamp(scale.rect.left() + 8.0, scale.rect.right() - 8.0),
                scale.rect.top() + ROW,
            ),
            vec2(16.0, 16.0),
        );
        icon::paint(&painter, square, towards, theme.accent);
    }
}

fn paint_recovery(
    painter: &egui::Painter,
    theme: &Theme,
    side: &Side<'_>,
    span: &RecoverySpan,
    scale: Scale,
    row: Rect,
) {
    let x = |at| scale.x(Offset::of(at, side.anchor.at));
    let whole = Rect::from_x_y_ranges(
        x(span.began)..=x(span.end).max(x(span.began) + 2.0),
        row.y_range(),
    );
    if !span.succeeded {
        painter.rect_filled(whole, 2.0, theme.danger);
        return;
    }
    painter.rect_filled(whole, 2.0, theme.good);
    if whole.width() < 8.0 {
        return;
    }
    let known: std::time::Duration = span.durations.phases.iter().map(|(_, took)| *took).sum();
    let mut left = span.end - known;
    for (name, took) in &span.durations.phases {
        let (colour, ..) = super::table::phase(span.takeover, name);
        let part = Rect::from_x_y_ranges(x(left)..=x(left + *took), row.y_range());
        painter.rect_filled(part, 0.0, theme.phase(colour));
        left += *took;
    }
    // Where the failure was noticed.
    painter.vline(x(span.detected), row.y_range(), Stroke::new(1.0, theme.text));
}

/// Draws the labels of the axis.
fn labels(painter: &egui::Painter, theme: &Theme, scale: Scale, text: f32) {
    let span = scale.window.end - scale.window.begin;
    let least = span * f64::from(APART / scale.rect.width().max(1.0));
    let mut step = 100.0;
    for factor in [2.0, 2.5, 2.0].into_iter().cycle().take(60) {
        if step >= least {
            break;
        }
        step *= factor;
    }
    let first = (scale.window.begin / step).ceil() as i64;
    let last = (scale.window.end / step).floor() as i64;
    for number in first..=last.min(first.saturating_add(100)) {
        let at = Offset::from_micros((number as f64 * step) as i64);
        let x = scale.x(at);
        let bottom = scale.rect.bottom() - LABELS;
        painter.vline(x, bottom..=bottom + 3.0, theme.edge());
        let label = offset::tick(at, step as u64);
        painter.text(
            pos2(
                x.clamp(scale.rect.left() + 24.0, scale.rect.right() - 24.0),
                bottom + 3.0,
            ),
            Align2::CENTER_TOP,
            label,
            theme::plain_font(text),
            theme.weak,
        );
    }
}

/// Makes the faults, or whatever else can be aligned, buttons that align the recording there.
fn anchors_ui(
    ui: &Ui,
    side: &Side<'_>,
    scale: Scale,
    row: Rect,
    alignment: Alignment,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let painter = ui.painter_at(row.expand(2.0));
    let in_sight = side.facts.anchors.iter().filter_map(|anchor| {
        let x = scale.x(Offset::of(anchor.at, side.anchor.at));
        row.x_range().contains(x).then_some((*anchor, x))
    });
    for (anchor, x) in in_sight.take(MOST) {
        let square = Rect::from_center_size(pos2(x, row.center().y), vec2(MARK, MARK));
        let id = ui.scope_id().with((side.is_other, anchor.at.as_micros()));
        let response = ui.interact(square, id, Sense::click());
        let happened = side.facts.faults.iter().find(|(at, _)| *at == anchor.at);
        let happened = happened.map_or_else(|| offset::anchor(anchor.kind), |(_, text)| text.as_str());
        let at = offset::in_words(Offset::of(anchor.at, side.anchor.at));
        let is_chosen = anchor == side.anchor;
        let text = if is_chosen {
            format!("{}: aligned here: {happened}", side.name)
        } else {
            format!("{}: align here: {happened}, {at}", side.name)
        };
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_chosen, text.as_str()));
        let lit = response.hovered() || response.has_focus();
        let colour = if is_chosen || lit { theme.fault } else { theme.weak };
        if lit {
            painter.rect_filled(square.expand(1.0), 4.0, theme.card);
        }
        let icon = match anchor.kind {
            chronicle::AnchorKind::Fault => Icon::Bolt,
            chronicle::AnchorKind::Detection => Icon::Eye,
            chronicle::AnchorKind::Step | chronicle::AnchorKind::Beginning => Icon::Play,
        };
        icon::paint(&painter, square, icon, colour);
        if response.clicked() && !is_chosen {
            let alignment = with(alignment, side.is_other, anchor);
            commands.push(Command::Time(TimeControl::Align(alignment)));
        }
        response.on_hover_text(text);
    }
}

fn paint_focus(ui: &Ui, rect: Rect) {
    let stroke = Theme::of(ui).focused_edge();
    ui.painter()
        .rect_stroke(rect.expand(2.0), 4.0, stroke, egui::StrokeKind::Outside);
}

/// Returns where the arrow keys move the cursor while the line has the focus.
fn by_key(ui: &Ui, response: &egui::Response, scale: Scale, cursor: Offset) -> Option<Offset> {
    if !response.has_focus() {
        return None;
    }
    let filter = EventFilter {
        horizontal_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let step = ((scale.window.end - scale.window.begin) / 100.0).max(1.0) as i64;
    let by = ui.input_mut(|input| {
        let mut pressed = |key| i64::try_from(input.count_and_consume_key(Modifiers::NONE, key)).unwrap_or(0);
        pressed(Key::ArrowRight) - pressed(Key::ArrowLeft)
    });
    (by != 0).then(|| Offset::from_micros(cursor.as_micros().saturating_add(by.saturating_mul(step))))
}

/// Magnifies by scrolling or pinching, and moves by scrolling sideways.
fn navigate(ui: &Ui, rect: Rect, scale: Scale, whole: Window, state: &mut LineState) {
    if !ui.rect_contains_pointer(rect) {
        return;
    }
    let (scroll, pinch, pointer) = ui.input(|input| {
        let pointer = input.pointer.hover_pos();
        (input.smooth_scroll_delta(), input.zoom_delta(), pointer)
    });
    let factor = f64::from(pinch) * (f64::from(scroll.y) * SCROLL_ZOOM).exp();
    let span = scale.window.end - scale.window.begin;
    if (factor - 1.0).abs() > 1e-4
        && let Some(pointer) = pointer
    {
        let pivot = scale.at(pointer.x).as_micros() as f64;
        let longest = (whole.end - whole.begin) * 1.2;
        state.window = Some(scale.window.zoom(factor, pivot, longest));
    } else if scroll.x != 0.0 {
        let by = -f64::from(scroll.x / rect.width().max(1.0)) * span;
        let moved = scale.window.shifted(by);
        if moved.begin < whole.end && moved.end > whole.begin {
            state.window = Some(moved);
        }
    }
}
