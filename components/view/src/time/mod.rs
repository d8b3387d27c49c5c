//! Time: the line of all that is recorded, the controls that move the cursor on it, and the lanes of the components.
//!
//! - [`action`]: what the user can do, with keys; [`perform`] turns it into commands.
//! - [`banner`]: how the window says that it shows the past.
//! - [`bar`]: everything on one line; [`lanes`]: the same by component, magnified down to a millisecond.
//! - [`scale`]: which time is where.

pub(crate) mod action;
pub(crate) mod banner;

mod bar;
mod extents;
mod hover;
mod lane;
mod lanes;
mod line;
mod mark;
mod marks;
mod recording;
mod scale;
mod sketch;
mod speed;
mod ticks;
mod transport;
mod watched;
mod wording;

use egui::{Align, Layout, Sense, Ui, vec2};
use feed::Timestamp;

use crate::action::{Action, Tone};
use crate::button::IconButton;
use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::theme::{SPACE, Theme};
use action::TimeAction;
use chronicle::{Cursor, Source, Stop, TimeControl, TimeStatus};
use command::Command;
use extents::Extents;
use line::Line;
use mark::MarkEntry;
use scale::Magnifier;

pub(crate) use lanes::lanes_ui;
pub(crate) use mark::mark_ui;
pub(crate) use watched::{Watched, again_ui, watched_ui};

/// The height of the line with its controls.
pub(crate) const LINE: f32 = bar::HEIGHT;

/// The state of the time line.
#[derive(Debug)]
pub(crate) struct TimeState {
    /// Whether the lanes are unfolded.
    lanes: bool,
    /// Whether there is an audience, for which there are fewer controls.
    presenting: bool,
    /// What is magnified in them.
    magnifier: Magnifier,
    /// What the buttons stop at.
    stop: Stop,
    /// The speed at which the cursor is to move, once the user has chosen one.
    chosen_speed: Option<f64>,
    /// Whether the cursor is to take that speed now.
    speed_due: bool,
    /// The beginning of a loop whose end is still missing.
    loop_from: Option<Timestamp>,
    /// The span that is being selected with the pointer.
    selection: Option<(Timestamp, Timestamp)>,
    /// Where the cursor was last sent in this drag.
    sought: Option<Timestamp>,
    mark: Option<MarkEntry>,
    /// What is being watched again.
    watched: Option<Watched>,
    extents: Extents,
    bar: bar::Bar,
    drawn_lanes: lanes::Drawn,
    /// The problem of the recording that was told.
    told: Option<String>,
    /// The model that was shown.
    source: Option<String>,
}

impl Default for TimeState {
    fn default() -> Self {
        Self {
            lanes: false,
            presenting: false,
            magnifier: Magnifier::default(),
            stop: Stop::Event,
            chosen_speed: None,
            speed_due: false,
            loop_from: None,
            selection: None,
            sought: None,
            mark: None,
            watched: None,
            extents: Extents::default(),
            bar: bar::Bar::default(),
            drawn_lanes: lanes::Drawn::default(),
            told: None,
            source: None,
        }
    }
}

impl TimeState {
    /// Returns whether the lanes are unfolded.
    pub(crate) fn has_lanes(&self) -> bool {
        self.lanes
    }

    /// Unfolds the lanes.
    pub(crate) fn unfold(&mut self) {
        self.lanes = true;
    }

    /// Returns whether a name is being typed.
    pub(crate) fn is_asking(&self) -> bool {
        self.mark.is_some()
    }

    /// Returns the speed of the cursor without its direction: as chosen, unless it moves at another one.
    fn speed(&self, time: &TimeStatus<'_>) -> f64 {
        let of_cursor = |cursor: Cursor| cursor.speed.unwrap_or(cursor.chosen_speed);
        let moving = time.cursor.filter(|cursor| cursor.speed.is_some());
        let speed = moving
            .map(of_cursor)
            .or(self.chosen_speed)
            .or(time.cursor.map(of_cursor));
        let speed = speed.unwrap_or(1.0).abs();
        if speed > 0.0 { speed } else { 1.0 }
    }

    /// Returns the span that is being selected, in order.
    fn selected(&self) -> Option<(Timestamp, Timestamp)> {
        let (one, other) = self.selection?;
        Some((one.min(other), one.max(other)))
    }

    /// Follows what is shown, in each frame; returns a problem of the recording that is to be told.
    pub(crate) fn follow(&mut self, snapshot: &Snapshot<'_>) -> Option<String> {
        let time = snapshot.time?;
        let source = match time.source {
            Source::Live => None,
            Source::File { name, .. } => Some(name),
        };
        if self.source.as_deref() != source {
            *self = Self {
                lanes: self.lanes,
                stop: self.stop,
                told: self.told.take(),
                source: source.map(str::to_owned),
                ..Self::default()
            };
            self.extents.forget();
        }
        self.extents.update(time.lanes);
        let cursor = time.cursor.map(|cursor| cursor.at);
        self.magnifier.begin(time.from, time.to);
        self.magnifier.follow_cursor(cursor, time.to);
        if cursor.is_none() {
            self.watched = None;
        }
        let problem = recording::problem(&time);
        if self.told.as_deref() == problem.as_deref() {
            return None;
        }
        self.told.clone_from(&problem);
        problem
    }
}

/// Draws the line with its controls; returns the selected action.
pub(crate) fn time_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut TimeState,
    commands: &mut Vec<Command>,
    presenting: bool,
) -> Option<Action> {
    let time = snapshot.time?;
    let theme = Theme::of(ui);
    let mut chosen = None;
    state.presenting = presenting;
    ui.horizontal(|ui| {
        ui.set_height(bar::HEIGHT);
        chosen = controls_ui(ui, snapshot, state, commands);
        ui.add_space(SPACE);
        ui.spacing_mut().item_spacing.x = SPACE;
        recording::dot_ui(ui, snapshot, &time);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if end_ui(ui, snapshot, &time, state.magnifier.follows()) {
                chosen = Some(TimeAction::Live);
            }
            ui.add_space(SPACE);
            let size = vec2((ui.available_width() - SPACE).max(60.0), bar::HEIGHT);
            let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
            let scale = bar::scale(&time, rect);
            let magnified = state.lanes.then(|| {
                let scale = state.magnifier.scale(time.to, 0.0, 1000.0);
                (scale.begin, scale.end())
            });
            let line = Line {
                snapshot,
                time: &time,
                scale,
                is_bar: true,
            };
            line.announce(ui, &response, "Time line");
            line.handle(ui, &response, state, commands);
            bar::paint(ui, rect, snapshot, &time, state, magnified);
            if response.has_focus() {
                ui.painter()
                    .rect_stroke(rect, 4.0, theme.focused_edge(), egui::StrokeKind::Inside);
            }
            hover::hover_ui(&response, &line, state, None);
        });
    });
    if let Some(pixel) = goes_on_in(snapshot, &time, state) {
        ui.ctx().request_repaint_after(pixel);
    }
    chosen.map(Action::Time)
}

/// Draws the controls beside the line; returns the selected action.
pub(crate) fn controls_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut TimeState,
    commands: &mut Vec<Command>,
) -> Option<TimeAction> {
    let time = snapshot.time?;
    let chosen = transport::transport_ui(ui, snapshot, &time, state);
    if std::mem::take(&mut state.speed_due)
        && let Some(moving) = time.cursor.and_then(|cursor| cursor.speed)
        && let Some(speed) = state.chosen_speed
    {
        commands.push(Command::Time(TimeControl::Play(speed.copysign(moving))));
    }
    chosen
}

/// Draws the right end of the line: the present, which a click returns to, or the end of the recording. Returns whether it
/// was clicked.
fn end_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, time: &TimeStatus<'_>, follows: bool) -> bool {
    let is_live = time.source == Source::Live;
    let (text, name, explanation) = if is_live {
        (
            "LIVE",
            "Live: to the present",
            "The demonstration goes on meanwhile.",
        )
    } else {
        ("END", "To the end of the recording", "")
    };
    let button = IconButton::new(Icon::Next, name)
        .text(text)
        .explain(explanation)
        .shortcut(
            TimeAction::Live
                .shortcut()
                .map(|keys| ui.ctx().format_shortcut(&keys)),
        )
        .tone(if snapshot.is_present() {
            Tone::Plain
        } else {
            Tone::Primary
        })
        .selected(is_live && snapshot.is_present())
        .enabled(time.cursor.is_some() || !follows);
    button.show(ui).clicked()
}

/// Returns when what is drawn here changes by a point though nothing happens.
fn goes_on_in(
    snapshot: &Snapshot<'_>,
    time: &TimeStatus<'_>,
    state: &TimeState,
) -> Option<std::time::Duration> {
    /// The most often that is worth it.
    const LEAST: std::time::Duration = std::time::Duration::from_millis(250);
    const LEAST_OF_BAR: std::time::Duration = std::time::Duration::from_secs(2);
    if time.source != Source::Live {
        return None;
    }
    let follows = state.lanes && state.magnifier.follows() && snapshot.is_present();
    let pixel = if follows {
        state.magnifier.scale(time.to, 0.0, 1000.0).time(1.0).max(LEAST)
    } else {
        (time.to - time.from).div_f64(500.0).max(LEAST_OF_BAR)
    };
    Some(pixel)
}

/// Performs an action on time.
pub(crate) fn perform(
    action: TimeAction,
    snapshot: &Snapshot<'_>,
    state: &mut TimeState,
    commands: &mut Vec<Command>,
) {
    let Some(time) = snapshot.time else { return };
    let at = time.cursor.map_or(time.to, |cursor| cursor.at);
    let moves = time.cursor.and_then(|cursor| cursor.speed);
    let mut control = |control: TimeControl| commands.push(Command::Time(control));
    match action {
        TimeAction::Live => {
            state.magnifier.follow();
            match time.source {
                Source::Live if time.cursor.is_some() => control(TimeControl::Live),
                Source::Live => {}
                Source::File { .. } => control(TimeControl::Seek(time.to)),
            }
        }
        TimeAction::Beginning => control(TimeControl::Seek(time.from)),
        TimeAction::PlayOrPause => control(match (moves, time.cursor) {
            (Some(_), _) => TimeControl::Pause,
            // In the present, time is stopped where it is.
            (None, None) if time.source == Source::Live => TimeControl::Seek(at),
            (None, _) => TimeControl::Play(state.speed(&time)),
        }),
        TimeAction::PlayBack => control(match moves {
            Some(speed) if speed < 0.0 => TimeControl::Pause,
            _ => TimeControl::Play(-state.speed(&time)),
        }),
        TimeAction::StoryBack => control(TimeControl::StoryBack),
        TimeAction::StoryOn => control(TimeControl::StoryOn),
        TimeAction::Step(stop, forward) => control(TimeControl::Step { stop, forward }),
        TimeAction::StepChosen(forward) => control(TimeControl::Step {
            stop: state.stop,
            forward,
        }),
        TimeAction::Slower | TimeAction::Faster => {
            let speed = speed::next(state.speed(&time), action == TimeAction::Faster);
            state.chosen_speed = Some(speed);
            if let Some(moving) = moves {
                control(TimeControl::Play(speed.copysign(moving)));
            }
        }
        TimeAction::Mark => state.mark = Some(MarkEntry::default()),
        TimeAction::Loop => {
            let looped = time.cursor.and_then(|cursor| cursor.looped);
            match state.loop_from.take() {
                _ if looped.is_some() => control(TimeControl::Loop(None)),
                None => state.loop_from = Some(at),
                Some(from) => control(TimeControl::Loop(Some((from.min(at), from.max(at))))),
            }
        }
        TimeAction::WatchAgain => {
            if let Some(watched) = watched::latest(snapshot, state.watched.as_ref()) {
                commands.push(watched.command());
                state.watched = Some(watched);
            }
        }
        TimeAction::Lanes => state.lanes = !state.lanes,
        TimeAction::Close => control(TimeControl::Close),
        // These ask for a file first.
        TimeAction::Save | TimeAction::Open | TimeAction::Compare => {}
    }
}
