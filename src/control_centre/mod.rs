//! The model and the supervisor combined, without a window: carries out commands and applies updates.
//!
//! - `story`: scenarios, and the progress of their steps.
//! - `components`: individual components.
//! - `stop_all`: the order in which everything is stopped.
//! - `files`: saving scenario files.
//! - `pool_policy`: changes of pool policies.
//! - `opening`: pool users wait for pool elements when a scenario begins.
//! - `faults`: injected faults.
//! - `laboratory`: the policy laboratory.
//! - `setting`: changed settings of pool elements.
//! - `recording`: what is recorded of all this.
//! - `packets`: the packets, for Wireshark.
//! - `outcomes`: what other threads have to tell.
//! - `reports`: status reports of components started elsewhere.
//! - `undo`: what the user can undo.

mod chart;
mod components;
mod faults;
mod files;
mod laboratory;
mod opening;
mod outcomes;
mod packets;
mod picture;
mod play_options;
mod pool_policy;
mod recording;
mod reports;
mod setting;
mod stop_all;
mod story;
#[cfg(test)]
mod tests;
mod undo;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use laboratory::Laboratory;
use opening::Opening;
use outcomes::Outcomes;
use packets::Packets;
pub(crate) use packets::selected;
use picture::Wanted;
pub use play_options::{Begin, PlayOptions};
pub use recording::Recording;

use crate::meeting_group::MeetingGroup;
use command::{Command, FileOutcome, PlayControl, Undoable};
use feed::Timestamp;
use model::{Change, ComponentId, Model};
use play::{Play, PolicyChange, RandomFaultsRun};
use replay::PlayCall;
use scenario::{Preset, Scenario, Settings};
use stop_all::Departure;
use supervisor::status_listener::StatusListener;
use supervisor::{JobCommand, Repaint, Supervisor};

/// The control centre. Dropping it ends all processes, gracefully if possible, and waits until they have ended.
pub struct ControlCentre {
    /// The comparisons of pictures that are under way or have been made; dropped before the supervisor, which waits for
    /// them.
    comparisons: BTreeMap<ComponentId, Wanted>,
    model: Model,
    supervisor: Supervisor,
    reports: Option<StatusListener>,
    scenario: String,
    description: String,
    settings: Settings,
    group: MeetingGroup,
    /// The UDP port that carries SCTP, if it is not the usual one.
    sctp_port: Option<u16>,
    problem: Option<String>,
    /// Why several components cannot be started, as of this revision of the model.
    start_failure: (u64, Option<String>),
    file_outcome: Option<FileOutcome>,
    /// The settings of the scenario, without the multicast group that was chosen for it.
    own_settings: Settings,
    /// Components whose identifier was chosen here rather than configured.
    chosen_identifiers: BTreeSet<ComponentId>,
    /// Random up- and down-times that the user began.
    random_faults: Vec<RandomFaultsRun>,
    /// Changes of pool policies that are under way, at most one per pool.
    policy_changes: Vec<PolicyChange>,
    /// The scenario to start once nothing of the previous one is left, and when its steps begin.
    next: Option<(Scenario, Begin)>,
    /// The current scenario, for restarting it.
    current: Option<Scenario>,
    /// The play of its steps, if it has any.
    play: Option<Play>,
    /// How steps are played.
    play_options: PlayOptions,
    /// The pool users that wait for pool elements.
    opening: Opening,
    next_id: u32,
    /// What the user can undo, the latest last; bounded.
    undoable: Vec<Undoable>,
    /// When the user last changed a setting of a pool element, unless that has been undone.
    setting_changed: Option<Timestamp>,
    leaving: bool,
    /// The clean stop of everything, while it is under way.
    departure: Option<Departure>,
    laboratory: Laboratory,
    /// The recording of all this, if there is one.
    recording: Option<Recording>,
    /// The packets, for those who look at them; dropped after the supervisor, which hands in the last of them.
    packets: Packets,
    outcomes: Outcomes,
}

impl ControlCentre {
    /// The maximum number of updates that one [`Self::drain`] takes.
    const UPDATES: usize = 2_000;
    /// The maximum time for which one [`Self::drain`] takes updates.
    const DRAIN_WITHIN: Duration = Duration::from_millis(3);
    /// The maximum number of components.
    const COMPONENTS: usize = 200;

    /// Starts the supervisor, without components. Components run `program`; `repaint` is called from another thread
    /// when there is something for [`Self::drain`]. Everything is recorded, if a recording is given.
    ///
    /// # Errors
    /// Returns an error if the background thread cannot be started.
    pub fn start(program: PathBuf, repaint: Repaint, recording: Option<Recording>) -> std::io::Result<Self> {
        let packets = Packets::new();
        let sink = packets.sink(recording.as_ref().map(Recording::packets));
        Ok(Self {
            comparisons: BTreeMap::new(),
            model: Model::default(),
            laboratory: Laboratory::new(Arc::clone(&repaint)),
            supervisor: Supervisor::start(program, Arc::clone(&repaint), Some(sink))?,
            packets,
            outcomes: Outcomes::new(repaint),
            reports: None,
            scenario: String::new(),
            description: String::new(),
            settings: Settings::default(),
            group: MeetingGroup::free(),
            sctp_port: None,
            problem: None,
            start_failure: (0, None),
            file_outcome: None,
            own_settings: Settings::default(),
            chosen_identifiers: BTreeSet::new(),
            random_faults: Vec::new(),
            policy_changes: Vec::new(),
            next: None,
            current: None,
            play: None,
            play_options: PlayOptions::default(),
            opening: Opening::default(),
            next_id: 1,
            undoable: Vec::new(),
            setting_changed: None,
            leaving: false,
            departure: None,
            recording,
        })
    }

    /// Sets the group in which components that are started from now on find each other, unless their scenario names
    /// one. By default, an unused group is chosen.
    pub fn set_group(&mut self, group: MeetingGroup) {
        self.group = group;
    }

    /// Sets the UDP port that carries SCTP between components that are started from now on.
    pub fn set_sctp_port(&mut self, port: Option<u16>) {
        self.sctp_port = port;
        self.settings.udp_port = port;
    }

    /// Returns the model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Returns a mutable reference to the model, for views to take the changed rows of pictures
    /// ([`Model::take_dirty_rows`]).
    pub fn model_mut(&mut self) -> &mut Model {
        &mut self.model
    }

    /// Returns the name of the current scenario.
    #[must_use]
    pub fn scenario(&self) -> &str {
        &self.scenario
    }

    /// Returns the description of the current scenario.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Returns a problem that concerns no component alone, such as an unusable scenario file, which is kept until the
    /// next scenario, or the common reason why several components cannot be started.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref().or(self.start_failure.1.as_deref())
    }

    /// Returns the outcome of the latest command about a scenario file.
    #[must_use]
    pub fn file_outcome(&self) -> Option<&FileOutcome> {
        self.file_outcome.as_ref()
    }

    /// Returns the policy laboratory.
    #[must_use]
    pub const fn laboratory(&self) -> &Laboratory {
        &self.laboratory
    }

    /// Returns the timer preset of components that are started from now on.
    #[must_use]
    pub fn preset(&self) -> Preset {
        self.settings.preset.unwrap_or_default()
    }

    /// Returns the random up- and down-times that the user began.
    #[must_use]
    pub fn random_faults(&self) -> &[RandomFaultsRun] {
        &self.random_faults
    }

    /// Returns whether no process is left after [`Command::Quit`].
    #[must_use]
    pub fn has_left(&self) -> bool {
        self.leaving && self.supervisor.has_left()
    }

    /// Returns the play of the current scenario, if it has steps.
    #[must_use]
    pub fn steps(&self) -> Option<&Play> {
        self.play.as_ref()
    }

    /// Aborts the play as failed.
    pub fn give_up(&mut self, why: String) {
        self.call_play(PlayCall::GiveUp(Timestamp::now(), why));
    }

    /// Sets how the steps of scenarios that begin from now on are played.
    pub fn set_play_options(&mut self, options: PlayOptions) {
        self.play_options = options;
    }

    /// Returns when [`Self::drain`] must be called at the latest, even without news.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        let random = self
            .random_faults
            .iter()
            .filter_map(RandomFaultsRun::poll_timeout);
        let policies = self.policy_changes.iter().filter_map(PolicyChange::poll_timeout);
        let play = self.play.as_ref().and_then(Play::poll_timeout);
        let silent = self.model.external().poll_timeout();
        let departure = self.departure.as_ref().map(|departure| departure.deadline);
        play.into_iter()
            .chain(random)
            .chain(policies)
            .chain(silent)
            .chain(departure)
            .min()
    }

    /// Applies a bounded number of updates, and advances the steps of the scenario. Returns whether more may be
    /// waiting.
    pub fn drain(&mut self) -> bool {
        let more = self.take_updates() | self.take_reports();
        self.laboratory.drain();
        self.notice_start_failure();
        self.depart();
        self.open();
        if !self.leaving {
            self.compare_pictures();
        }
        self.go_on();
        self.random_faults_go_on();
        self.policy_changes_go_on();
        self.tell_outcomes();
        self.hand_over();
        more
    }

    fn notice_start_failure(&mut self) {
        if self.start_failure.0 == self.model.revision {
            return;
        }
        let failure = self.model.start_failure();
        let common = failure.filter(|failure| failure.components.len() > 1);
        self.start_failure = (self.model.revision, common.map(|failure| failure.sentence()));
    }

    fn take_updates(&mut self) -> bool {
        let begin = Instant::now();
        self.supervisor.begin_updates();
        for taken in 0..Self::UPDATES {
            if taken % 64 == 63 && begin.elapsed() > Self::DRAIN_WITHIN {
                return true;
            }
            let Some(update) = self.supervisor.next_update() else {
                self.start_next();
                return false;
            };
            self.apply(update);
        }
        true
    }

    /// Carries out a command of the user, without waiting for its effect: that arrives by [`Self::drain`]. Commands
    /// that cannot be carried out are reported on the timeline.
    pub fn run(&mut self, command: Command) {
        self.remember_faults(&command);
        self.remember_setting(&command);
        self.write_down(&command);
        self.carry_out(command);
    }

    /// Carries out a command, whoever it is from.
    fn carry_out(&mut self, command: Command) {
        let quitting = self.leaving && !matches!(command, Command::SavePicture(..));
        if quitting {
            return;
        }
        match command {
            Command::Add(spec) => self.add(spec),
            Command::Remove(id) => self.remove_undoably(id),
            Command::Undo => self.undo(),
            Command::Start(id) => self.start_component(id),
            Command::Stop(id) => self.job(id, JobCommand::Stop),
            Command::Kill(id) => self.job(id, JobCommand::Kill),
            Command::Restart(id) => self.restart(id),
            Command::Freeze(id) => self.job(id, JobCommand::Freeze),
            Command::Thaw(id) => self.job(id, JobCommand::Thaw),
            Command::Impair(id, target, impairment) => {
                self.job(id, JobCommand::Send(feed::Command::Impair { target, impairment }));
            }
            Command::KillServing(id) => self.kill_serving(id),
            Command::Send(id, command) => self.job(id, JobCommand::Send(command)),
            Command::SetPoolPolicy(pool, policy) => self.set_pool_policy(pool, policy),
            Command::BeginRandomFaults(random_faults) => self.begin_random_faults(random_faults),
            Command::EndRandomFaults(id) => self.end_random_faults(Some(id)),
            Command::UndoFaults => self.undo_faults(),
            Command::StartAll => {
                self.departure = None;
                for id in self.ids(|busy, _| !busy) {
                    self.start_component(id);
                }
            }
            Command::StopAll => self.stop_all(),
            Command::RestartAll => {
                self.departure = None;
                for id in self.ids(|busy, _| busy) {
                    self.restart(id);
                }
            }
            Command::SetPreset(preset) => {
                self.settings.preset = Some(preset);
                self.own_settings.preset = Some(preset);
            }
            Command::SaveScenario(file) => self.save_scenario(*file),
            Command::LoadScenario(path) => self.load(&path),
            Command::RestartStory => {
                let next = self.next.take().map(|(scenario, _)| scenario);
                if let Some(scenario) = next.or_else(|| self.current.clone()) {
                    self.play(scenario, Begin::AtOnce);
                }
            }
            Command::Play(command) => {
                if let PlayControl::Speed(speed) = command {
                    // Kept across restarts of the scenario.
                    self.play_options.speed = speed;
                }
                self.call_play(PlayCall::Control(Timestamp::now(), command));
                self.go_on();
            }
            Command::HoldPicture { id, next } => self.change(id, Change::PictureHeld { next }),
            Command::LetPictureGo(id) => self.change(id, Change::PictureLetGo),
            Command::SavePicture(id, path) => self.save_picture(id, path),
            Command::Simulate(experiment) => self.laboratory.simulate(*experiment),
            Command::EndSimulation => self.laboratory.end(),
            Command::WriteResults(path, measures) => self.laboratory.write(path, measures),
            // The cursor and the messages are the window's affair.
            Command::Time(_) | Command::Protocol(_) => {}
            Command::Quit => {
                self.leaving = true;
                self.comparisons.clear();
                self.laboratory.end();
                self.call_play(PlayCall::End);
                self.random_faults.clear();
                self.policy_changes.clear();
                self.supervisor.leave();
            }
        }
    }

    /// Applies settings to all components that are started from now on.
    pub fn set_settings(&mut self, mut settings: Settings) {
        self.own_settings = settings.clone();
        self.group.complete(&mut settings);
        settings.udp_port = self.sctp_port;
        self.settings = settings;
    }
}
