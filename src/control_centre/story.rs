//! Starts, advances and replaces scenarios.

use std::path::Path;

use super::opening::Opening;
use super::{Begin, ControlCentre};
use command::PlayControl;
use command::{Command, FileProblem};
use feed::Timestamp;
use model::{Severity, Update};
use play::Play;
use replay::PlayCall;
use scenario::Scenario;

impl ControlCentre {
    /// Stops everything, then starts this scenario.
    pub fn play(&mut self, scenario: Scenario, begin: Begin) {
        self.problem = None;
        self.next = Some((scenario, begin));
        self.call_play(PlayCall::End);
        self.random_faults.clear();
        self.policy_changes.clear();
        self.stop_all();
        self.start_next();
    }

    /// Advances the steps of the scenario.
    pub(super) fn go_on(&mut self) {
        if self.play.is_none() {
            return;
        }
        self.call_play(PlayCall::Handle(Timestamp::now()));
        let Some(play) = &mut self.play else { return };
        let commands: Vec<Command> = std::iter::from_fn(|| play.poll_command()).collect();
        for command in commands {
            self.carry_out(command);
        }
    }

    pub(super) fn load(&mut self, path: &Path) {
        match Scenario::load(path) {
            Ok(scenario) => {
                // Chosen in the window: the user is there to run it.
                self.play(scenario, Begin::WhenAsked);
                self.set_file_outcome(Ok(path.to_owned()));
            }
            Err(errors) => {
                let text = errors.to_string();
                let first = text.lines().next().unwrap_or_default().to_owned();
                self.set_file_outcome(Err(FileProblem::Wrong(text.clone())));
                self.problem = Some(text);
                self.notice(format!("The scenario cannot be used: {first}"));
            }
        }
    }

    pub(super) fn start_next(&mut self) {
        if self.supervisor.any_busy() {
            return;
        }
        let Some((scenario, begin)) = self.next.take() else {
            return;
        };
        for id in self.ids(|_, _| true) {
            self.remove(id);
        }
        self.chosen_identifiers.clear();
        self.undoable.clear();
        self.begin_play(&scenario, begin);
        self.current = Some(scenario.clone());
        self.scenario = scenario.name;
        self.description = scenario.description;
        self.set_settings(scenario.settings);
        self.describe_packets();
        self.apply(Update::Notice {
            at: Timestamp::now(),
            severity: Severity::Normal,
            text: format!(
                "Scenario \"{}\" begins, multicast group {}",
                self.scenario, self.group
            ),
        });
        self.opening = Opening::begin();
        for spec in scenario.components {
            self.add(spec);
        }
        self.opening.complete();
    }

    fn begin_play(&mut self, scenario: &Scenario, begin: Begin) {
        if scenario.steps.is_empty() {
            return;
        }
        let options = self.play_options;
        let mut play = Play::new(scenario, options.seed);
        if let Some(seconds) = options.random_faults_for_s {
            play.set_random_faults_duration(seconds);
        }
        play.control(Timestamp::now(), PlayControl::Speed(options.speed));
        if begin == Begin::AtOnce {
            play.control(Timestamp::now(), PlayControl::Run);
        }
        self.call_play(PlayCall::Begin(Box::new(play)));
    }
}
