//! What the pointer, keys and screen readers do on a line of time: they move the cursor, magnify, and select a span.

use egui::accesskit::{Action, ActionData};
use egui::{CursorIcon, EventFilter, Key, Modifiers, PointerButton, Response, Ui, WidgetInfo};
use feed::Timestamp;

use super::TimeState;
use super::scale::{Scale, apart, shifted};
use super::wording;
use crate::snapshot::Snapshot;
use chronicle::{Source, TimeControl, TimeStatus};
use command::Command;
use model::words;

/// The factor of a key that magnifies.
const ZOOM_KEY: f64 = 1.5;
/// The magnification per point of scrolling.
const SCROLL_ZOOM: f64 = 0.004;
/// How close to its right end the bar means the present, in points.
const AT_END: f32 = 4.0;
/// The distance in points that an arrow key moves the cursor, and with Shift.
const KEY: f32 = 10.0;
const SMALL_KEY: f32 = 1.0;

/// A line of time on the screen.
pub(super) struct Line<'a> {
    pub(super) snapshot: &'a Snapshot<'a>,
    pub(super) time: &'a TimeStatus<'a>,
    pub(super) scale: Scale,
    /// Whether it is the bar with all that is recorded, rather than a part that can be magnified.
    pub(super) is_bar: bool,
}

impl Line<'_> {
    /// Returns where the cursor is.
    fn cursor(&self) -> Timestamp {
        self.time.cursor.map_or(self.time.to, |cursor| cursor.at)
    }

    fn whole(&self) -> (Timestamp, Timestamp) {
        (self.time.from, self.time.to)
    }

    /// Describes the line to screen readers as a slider whose value is the time at the cursor.
    pub(super) fn announce(&self, ui: &Ui, response: &Response, name: &str) {
        let at = self.cursor();
        let seconds = (at - self.time.from).as_secs_f64();
        response.widget_info(|| WidgetInfo::slider(true, seconds, name));
        let text = if self.snapshot.is_present() {
            "the present".to_owned()
        } else {
            let clock = words::clock_ms(self.snapshot.wall_clock, at);
            match self.time.source {
                Source::Live => format!("{clock}, {} ago", wording::ago(self.time.to - at)),
                Source::File { .. } => clock,
            }
        };
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_min_numeric_value(0.0);
            node.set_max_numeric_value((self.time.to - self.time.from).as_secs_f64());
            node.set_numeric_value_step(self.scale.time(KEY).as_secs_f64());
            node.set_value(text);
            for action in [Action::Increment, Action::Decrement, Action::SetValue] {
                node.add_action(action);
            }
        });
    }

    /// Handles the input of a frame: at most one command moves the cursor.
    pub(super) fn handle(
        &self,
        ui: &Ui,
        response: &Response,
        state: &mut TimeState,
        commands: &mut Vec<Command>,
    ) {
        self.scroll(ui, response, state);
        self.drag(ui, response, state, commands);
        if response.has_focus() {
            self.keys(ui, response, state, commands);
        }
        self.requests(ui, response, commands);
    }

    /// Sends the cursor to a time.
    fn seek(&self, at: Timestamp, commands: &mut Vec<Command>) {
        let at = at.clamp(self.time.from, self.time.to.max(self.time.from));
        let is_end = at >= self.time.to && self.time.source == Source::Live;
        if is_end && self.time.cursor.is_none() {
            return;
        }
        commands.push(Command::Time(if is_end {
            TimeControl::Live
        } else {
            TimeControl::Seek(at)
        }));
    }

    fn drag(&self, ui: &Ui, response: &Response, state: &mut TimeState, commands: &mut Vec<Command>) {
        let pointer = response.interact_pointer_pos();
        let (modifiers, primary, other, moved) = ui.input(|input| {
            let down = |button| input.pointer.button_down(button);
            (
                input.modifiers,
                down(PointerButton::Primary),
                down(PointerButton::Middle) || down(PointerButton::Secondary),
                input.pointer.delta().x,
            )
        });
        let on_it = response.is_pointer_button_down_on();
        if on_it && other && !primary {
            if !self.is_bar {
                ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
                state
                    .magnifier
                    .pan(-f64::from(moved) * self.scale.pitch, self.whole());
            }
            return;
        }
        let Some(pointer) = pointer.filter(|_| on_it && primary) else {
            if !on_it && !primary {
                state.sought = None;
                if let Some((from, to)) = state.selected() {
                    state.selection = None;
                    let is_span = self.scale.x(to) - self.scale.x(from) >= 3.0;
                    let span = is_span.then_some((from, to));
                    commands.push(Command::Time(TimeControl::Loop(span)));
                }
            }
            return;
        };
        if response.drag_started() || response.clicked() || state.sought.is_none() {
            response.request_focus();
        }
        let at = self.scale.at(pointer.x);
        let at = at.clamp(self.time.from, self.time.to.max(self.time.from));
        if modifiers.shift || modifiers.alt || state.selection.is_some() {
            let from = state.selection.map_or(at, |(from, _)| from);
            state.selection = Some((from, at));
            return;
        }
        // On the bar, the end is the present however much time a point is.
        let at = if self.is_bar && pointer.x >= self.scale.x(self.time.to) - AT_END {
            self.time.to
        } else {
            at
        };
        if state.sought != Some(at) {
            state.sought = Some(at);
            self.seek(at, commands);
        }
    }

    fn scroll(&self, ui: &Ui, response: &Response, state: &mut TimeState) {
        if !response.contains_pointer() {
            return;
        }
        let (scroll, pinch, pointer) = ui.input(|input| {
            (
                input.smooth_scroll_delta(),
                f64::from(input.zoom_delta()),
                input.pointer.hover_pos(),
            )
        });
        if scroll.x != 0.0 && !self.is_bar {
            state
                .magnifier
                .pan(-f64::from(scroll.x) * self.scale.pitch, self.whole());
        }
        let factor = pinch * (f64::from(scroll.y) * SCROLL_ZOOM).exp();
        if (factor - 1.0).abs() > 1e-4
            && let Some(pointer) = pointer
        {
            self.magnify(state, factor, self.scale.at(pointer.x));
        }
    }

    /// Magnifies around a time; from the bar, this unfolds the lanes.
    fn magnify(&self, state: &mut TimeState, factor: f64, pivot: Timestamp) {
        if self.is_bar && !state.lanes && factor > 1.0 {
            state.lanes = true;
            state.magnifier.show(self.time.from, self.time.to);
        }
        state.magnifier.zoom(factor, pivot, self.whole());
    }

    fn keys(&self, ui: &Ui, response: &Response, state: &mut TimeState, commands: &mut Vec<Command>) {
        // The arrows move the cursor, not the focus.
        let filter = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: false,
            tab: false,
            escape: false,
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let pressed = |modifiers, key| {
            let count = ui.input_mut(|input| input.count_and_consume_key(modifiers, key));
            f64::from(u32::try_from(count).unwrap_or(u32::MAX))
        };
        let small = pressed(Modifiers::SHIFT, Key::ArrowRight) - pressed(Modifiers::SHIFT, Key::ArrowLeft);
        let large = pressed(Modifiers::NONE, Key::ArrowRight) - pressed(Modifiers::NONE, Key::ArrowLeft);
        let points = small * f64::from(SMALL_KEY) + large * f64::from(KEY);
        if points != 0.0 {
            self.seek(shifted(self.cursor(), points * self.scale.pitch), commands);
        }
        let closer = pressed(Modifiers::NONE, Key::Plus) + pressed(Modifiers::NONE, Key::Equals);
        let farther = pressed(Modifiers::NONE, Key::Minus);
        if closer != farther {
            let factor = ZOOM_KEY.powf(closer - farther);
            self.magnify(state, factor, self.cursor());
        }
    }

    /// Obeys assistive technology.
    fn requests(&self, ui: &Ui, response: &Response, commands: &mut Vec<Command>) {
        let (up, down, set) = ui.input(|input| {
            let count = |action| input.num_accesskit_action_requests(response.id, action) as f64;
            let mut values = input.accesskit_action_requests(response.id, Action::SetValue);
            let set = values.find_map(|request| match request.data {
                Some(ActionData::NumericValue(seconds)) => Some(seconds),
                _ => None,
            });
            (count(Action::Increment), count(Action::Decrement), set)
        });
        if let Some(seconds) = set.filter(|seconds| seconds.is_finite()) {
            self.seek(shifted(self.time.from, seconds.max(0.0) * 1e6), commands);
        } else if up != down {
            let by = (up - down) * f64::from(KEY) * self.scale.pitch;
            self.seek(shifted(self.cursor(), by), commands);
        }
    }

    /// Returns the distance in time, in microseconds, that these points are wide.
    pub(super) fn around(&self, points: f32) -> f64 {
        let at = self.scale.begin;
        apart(self.scale.at(self.scale.left + points), at).abs()
    }
}
