//! What the window shows: the demonstration that takes place, its past, or a recording that was opened.

mod packets;

use std::path::PathBuf;
use std::sync::Arc;

use chronicle::{Alignment, Lanes, Source, TimeControl, TimeStatus};
use feed::{Timestamp, WallClock};

use crate::control_centre::{Begin, ControlCentre};
use crate::protocol::Protocol;
use crate::time_travel::TimeTravel;
use analysis::Analysis;
use command::{Command, ProtocolCommand};
use model::Model;
use recording::Origin;
use replay::State;
use scenario::{Scenario, folder, library};
use supervisor::Repaint;
use view::app::Centre;
use view::{LaboratoryStatus, Other, ScenarioEntry, ScenarioStatus};

/// The control centre behind the window, with the cursor in time.
pub(crate) struct Live {
    centre: ControlCentre,
    scenarios: Vec<ScenarioEntry>,
    /// The folder in which scenarios are saved.
    folder: PathBuf,
    /// The past of the demonstration, while it is shown.
    past: Option<TimeTravel>,
    /// The recording that was opened, while it is shown.
    opened: Option<TimeTravel>,
    /// The recording that it is compared with.
    compared: Option<Compared>,
    /// What is shown of a recording before its first state has been fetched.
    nothing: State,
    repaint: Repaint,
    /// The number of the model that is shown, as of the latest change between past, present and recordings.
    epoch: u64,
    /// What is known of the messages of what is shown, once somebody has asked for it.
    protocol: Option<Protocol>,
}

/// A recording that the one that is shown is compared with.
struct Compared {
    time: TimeTravel,
    /// Known once both have been opened.
    alignment: Option<Alignment>,
}

impl Live {
    pub(crate) fn new(centre: ControlCentre, repaint: Repaint) -> Self {
        Self {
            centre,
            scenarios: scenarios(),
            folder: folder(),
            past: None,
            opened: None,
            compared: None,
            nothing: State::default(),
            repaint,
            epoch: 0,
            protocol: None,
        }
    }

    /// Begins a scenario, and records it.
    pub(crate) fn play(&mut self, scenario: Scenario, begin: Begin) {
        self.centre.play(scenario, begin);
    }

    /// Opens a recording in place of the demonstration.
    pub(crate) fn open(&mut self, path: PathBuf) {
        let opened = TimeTravel::file(path, Arc::clone(&self.repaint));
        self.show(opened);
    }

    /// Opens the recording that the program carries, in place of the demonstration.
    pub(crate) fn open_carried(&mut self) {
        let opened = TimeTravel::carried(Arc::clone(&self.repaint));
        self.show(opened);
    }

    fn show(&mut self, opened: std::io::Result<TimeTravel>) {
        match opened {
            Ok(opened) => {
                let before = self.opened.replace(opened);
                let before = before.as_ref().or(self.past.as_ref());
                self.epoch += 2 + before.map_or(0, TimeTravel::epoch);
            }
            Err(error) => self
                .centre
                .tell_problem(format!("No recording can be opened: {error}")),
        }
    }

    /// Opens a recording beside the one that is shown.
    pub(crate) fn compare(&mut self, path: PathBuf) {
        match TimeTravel::file(path, Arc::clone(&self.repaint)) {
            Ok(time) => {
                self.compared = Some(Compared {
                    time,
                    alignment: None,
                });
            }
            Err(error) => self
                .centre
                .tell_problem(format!("No recording can be opened: {error}")),
        }
        if self.opened.is_none() && self.past.is_none() {
            // What takes place is compared as well as what was opened, from its past.
            self.travel(Timestamp::now(), &TimeControl::Pause);
        }
    }

    /// Moves the recording that is compared to the moment that counts as the one that is shown.
    fn follow(&mut self, now: Timestamp) {
        let Some(mut compared) = self.compared.take() else {
            return;
        };
        compared.time.drain(now);
        if compared.alignment.is_none()
            && compared.time.is_open()
            && self.travelling().is_some_and(TimeTravel::is_open)
            && let Some(own) = self.time()
        {
            let alignment = Alignment::of(&own, &self.status(&compared.time, compared.time.lanes()));
            compared.alignment = Some(alignment);
            self.travel(now, &TimeControl::Pause);
            self.travel(now, &TimeControl::Seek(alignment.own.at));
        }
        if let (Some(alignment), Some(own)) = (compared.alignment, self.travelling()) {
            compared.time.show(alignment.to_other(own.now()));
        }
        self.compared = Some(compared);
    }

    fn status<'a>(&'a self, time: &'a TimeTravel, lanes: &'a Lanes) -> TimeStatus<'a> {
        let (from, to) = time.range();
        TimeStatus {
            source: time.source(),
            from,
            to: match time.source() {
                Source::Live => Timestamp::now(),
                Source::File { .. } => to,
            },
            lanes,
            cursor: Some(time.cursor()),
            recording: self.centre.recording_status(),
            epoch: self.epoch + 1 + time.epoch(),
            in_flight: time.in_flight(),
        }
    }

    fn status_of<'a>(&'a self, state: &'a State, problem: Option<&'a str>) -> ScenarioStatus<'a> {
        ScenarioStatus {
            name: &state.stage.scenario,
            description: &state.stage.description,
            play: state.play.as_ref(),
            library: &self.scenarios,
            folder: Some(&self.folder),
            problem: problem.or(state.stage.problem.as_deref()),
            outcome: self.centre.file_outcome(),
            preset: state.stage.preset,
            random_faults: &state.stage.random_faults,
            undoable: None,
        }
    }

    fn travelling(&self) -> Option<&TimeTravel> {
        self.opened.as_ref().or(self.past.as_ref())
    }

    /// Returns the state that is shown, unless that is the present.
    fn state(&self) -> Option<&State> {
        match (&self.opened, &self.past) {
            (Some(opened), _) => Some(opened.state().unwrap_or(&self.nothing)),
            (None, Some(past)) => past.state(),
            (None, None) => None,
        }
    }

    fn control(&mut self, control: TimeControl) {
        let now = Timestamp::now();
        match control {
            TimeControl::Live if self.opened.is_none() => self.go_live(),
            TimeControl::Close if self.compared.is_some() => self.compared = None,
            TimeControl::Close => {
                if let Some(opened) = self.opened.take() {
                    self.epoch += 2 + opened.epoch();
                }
                self.centre.model_mut().redraw_pictures();
            }
            TimeControl::Open(path) => self.open(path),
            TimeControl::Compare(path) => self.compare(path),
            TimeControl::Align(alignment) => {
                if let Some(compared) = &mut self.compared {
                    compared.alignment = Some(alignment);
                }
            }
            TimeControl::Mark(name) => match &mut self.opened {
                Some(opened) => opened.mark(name),
                None => {
                    let at = self.past.as_ref().map_or(now, TimeTravel::now);
                    self.centre.mark(at, name);
                }
            },
            TimeControl::StoryBack => {
                let step = self.lanes().and_then(|lanes| lanes.step_before(self.now()));
                if let Some(step) = step {
                    self.travel(now, &TimeControl::Seek(step));
                    self.travel(now, &TimeControl::Pause);
                }
            }
            TimeControl::StoryOn => self.story_on(now),
            TimeControl::Save(path) => self.centre.save_recording(path),
            control => self.travel(now, &control),
        }
    }

    fn travel(&mut self, now: Timestamp, control: &TimeControl) {
        if self.opened.is_none() && self.past.is_none() {
            self.past = self.centre.past(now, &self.repaint);
        }
        if let Some(time) = self.opened.as_mut().or(self.past.as_mut()) {
            time.control(now, control);
        }
    }

    fn story_on(&mut self, now: Timestamp) {
        let Some(time) = self.travelling() else {
            // In the present, the story itself goes on.
            return;
        };
        if time.cursor().speed.is_none() {
            return self.travel(now, &TimeControl::Play(1.0));
        }
        match self.lanes().and_then(|lanes| lanes.step_after(time.now())) {
            Some(step) => self.travel(now, &TimeControl::Seek(step)),
            None => self.control(TimeControl::Live),
        }
    }

    /// Returns the highlights of what is shown.
    fn lanes(&self) -> Option<&Lanes> {
        match &self.opened {
            Some(opened) => Some(opened.lanes()),
            None => self.centre.chronicle().map(|(_, lanes)| lanes),
        }
    }

    /// Returns where the recording of what is shown is, if there is one.
    fn origin(&self) -> Option<Origin> {
        match &self.opened {
            Some(opened) => Some(opened.origin().clone()),
            None => self.centre.recording_origin(),
        }
    }

    /// Asks about the messages and packets of what is shown.
    fn ask(&mut self, question: ProtocolCommand) {
        let question = match question {
            ProtocolCommand::OpenWireshark { selection } => return self.open_wireshark(&selection),
            ProtocolCommand::SaveChart { path, chart } => return self.centre.save_chart(path, chart),
            ProtocolCommand::SaveSpan {
                path,
                from,
                to,
                selection,
            } => return self.save_span(path, from..=to, &selection),
            question => question,
        };
        let Some(origin) = self.origin() else {
            return;
        };
        let epoch = self.opened.as_ref().map(|_| self.epoch);
        if self
            .protocol
            .as_ref()
            .is_none_or(|protocol| !protocol.is_of(epoch))
        {
            match Protocol::begin(origin, epoch, Arc::clone(&self.repaint)) {
                Ok(protocol) => self.protocol = Some(protocol),
                Err(error) => {
                    return self
                        .centre
                        .tell_problem(format!("No messages can be shown: {error}"));
                }
            }
        }
        if let Some(protocol) = &mut self.protocol {
            protocol.ask(question);
        }
    }

    /// Takes what was found out about messages, and has it looked for more.
    fn look_at_messages(&mut self, now: Timestamp) {
        if let Some(protocol) = &mut self.protocol {
            protocol.drain();
            if let Some(look) = protocol.looks(now) {
                self.centre.flush_recording(look);
            }
        }
    }

    fn go_live(&mut self) {
        if let Some(past) = self.past.take() {
            self.epoch += 2 + past.epoch();
            self.centre.model_mut().redraw_pictures();
        }
    }
}

impl Centre for Live {
    fn drain(&mut self) -> bool {
        let more = self.centre.drain();
        let now = Timestamp::now();
        if let Some(opened) = &mut self.opened {
            opened.drain(now);
        }
        if let Some(past) = &mut self.past {
            if let Some(look) = past.looks() {
                self.centre.flush_recording(look);
            }
            past.drain(now);
            if past.has_caught_up(now) {
                self.go_live();
            }
        }
        self.follow(now);
        self.look_at_messages(now);
        more
    }

    fn model(&self) -> &Model {
        self.state().map_or(self.centre.model(), |state| &state.model)
    }

    fn model_mut(&mut self) -> &mut Model {
        match (&mut self.opened, &mut self.past) {
            (Some(opened), _) => &mut opened.state_mut().unwrap_or(&mut self.nothing).model,
            (None, Some(past)) if past.state().is_some() => match past.state_mut() {
                Some(state) => &mut state.model,
                None => self.centre.model_mut(),
            },
            (None, _) => self.centre.model_mut(),
        }
    }

    fn run(&mut self, command: Command) {
        let command = match command {
            Command::Time(control) => return self.control(control),
            Command::Protocol(question) => return self.ask(question),
            command => command,
        };
        let saves = matches!(command, Command::SaveScenario(_));
        self.centre.run(command);
        if saves {
            self.scenarios = scenarios();
        }
    }

    fn scenario_status(&self) -> ScenarioStatus<'_> {
        if let Some(state) = self.state() {
            return self.status_of(state, self.travelling().and_then(TimeTravel::problem));
        }
        ScenarioStatus {
            name: self.centre.scenario(),
            description: self.centre.description(),
            play: self.centre.steps(),
            library: &self.scenarios,
            folder: Some(&self.folder),
            problem: self.centre.problem(),
            outcome: self.centre.file_outcome(),
            preset: self.centre.preset(),
            random_faults: self.centre.random_faults(),
            undoable: self.centre.undoable(),
        }
    }

    fn laboratory(&self) -> LaboratoryStatus<'_> {
        let laboratory = self.centre.laboratory();
        LaboratoryStatus {
            run: laboratory.run(),
            number: laboratory.number(),
            report: laboratory.report(),
        }
    }

    fn time(&self) -> Option<TimeStatus<'_>> {
        if let Some(opened) = &self.opened {
            return Some(self.status(opened, opened.lanes()));
        }
        let (from, lanes) = self.centre.chronicle()?;
        Some(match &self.past {
            Some(past) => self.status(past, lanes),
            None => TimeStatus {
                source: Source::Live,
                from,
                to: Timestamp::now(),
                lanes,
                cursor: None,
                recording: self.centre.recording_status(),
                epoch: self.epoch,
                in_flight: &[],
            },
        })
    }

    fn other(&self) -> Option<Other<'_>> {
        let Compared { time, alignment } = self.compared.as_ref()?;
        let state = time.state()?;
        Some(Other {
            model: &state.model,
            scenario_status: self.status_of(state, time.problem()),
            now: time.now(),
            wall_clock: time.wall_clock().unwrap_or_else(WallClock::sample),
            time: self.status(time, time.lanes()),
            alignment: (*alignment)?,
        })
    }

    fn other_model_mut(&mut self) -> Option<&mut Model> {
        let compared = self.compared.as_mut()?;
        Some(&mut compared.time.state_mut()?.model)
    }

    fn protocol(&self) -> Option<&Analysis> {
        self.protocol.as_ref().map(Protocol::analysis)
    }

    fn wake_at(&self) -> Option<Timestamp> {
        let compared = self.compared.as_ref().map(|compared| &compared.time);
        let moves = [self.past.as_ref(), self.opened.as_ref(), compared];
        let moves = moves.into_iter().flatten();
        let moves = moves.filter_map(TimeTravel::wake_within).min();
        let moves = moves.map(|within| Timestamp::now() + within);
        let looks = self.protocol.as_ref().and_then(Protocol::wake_at);
        self.centre.wake_at().into_iter().chain(moves).chain(looks).min()
    }

    fn now(&self) -> Timestamp {
        match self.state() {
            Some(_) => self.travelling().map_or_else(Timestamp::now, TimeTravel::now),
            None => Timestamp::now(),
        }
    }

    fn wall_clock(&self) -> WallClock {
        let opened = self.opened.as_ref().and_then(TimeTravel::wall_clock);
        opened.unwrap_or_else(WallClock::sample)
    }

    fn has_quit(&self) -> bool {
        self.centre.has_left()
    }
}

/// Returns the available scenario files.
fn scenarios() -> Vec<ScenarioEntry> {
    let entries = library().into_iter();
    let entries = entries.map(|entry| {
        let scenario = Scenario::load(&entry.path).ok();
        ScenarioEntry {
            name: entry.name,
            path: entry.path,
            duration: scenario.as_ref().and_then(Scenario::least_duration),
            description: scenario.map(|scenario| scenario.description).unwrap_or_default(),
        }
    });
    entries.collect()
}
