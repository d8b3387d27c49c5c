//! Random up- and down-times that no scenario asks for but a person.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::clock::rounded_up;
use crate::evaluate::EvaluationContext;
use crate::fault_process::FaultProcess;
use crate::tally::Tally;
use command::Command;
use feed::Timestamp;
use model::{ComponentId, Model};
use scenario::RandomFaults;

/// Random faults that go on until somebody ends them.
///
/// As with a play: [`Self::handle`] whenever the time or the model has changed, then [`Self::poll_command`] until it is
/// `None`; [`Self::poll_timeout`] tells when to call again at the latest.
#[derive(Debug)]
pub struct RandomFaultsRun {
    state: FaultProcess,
    begun: Timestamp,
    members: Vec<ComponentId>,
    commands: VecDeque<Command>,
}

impl RandomFaultsRun {
    /// Begins with those who are meant now; `None` if that is nobody. All comes from the seed.
    #[must_use]
    pub fn begin(random_faults: RandomFaults, model: &Model, seed: u64, now: Timestamp) -> Option<Self> {
        let (chosen, tally) = (BTreeMap::new(), Tally::new(&[]));
        let context = EvaluationContext {
            model,
            mark: now,
            chosen: &chosen,
            tally: &tally,
            random_faults_over: true,
        };
        let members: Vec<_> = context.select(&random_faults.of);
        let members: Vec<_> = members
            .into_iter()
            .map(|member| (member.id, member.role()))
            .collect();
        if members.is_empty() || random_faults.faults.is_empty() {
            return None;
        }
        let state = FaultProcess::new(random_faults, &members, seed, Duration::ZERO);
        Some(Self {
            members: state.members().collect(),
            state,
            begun: now,
            commands: VecDeque::new(),
        })
    }

    /// The time has passed, or the model has changed.
    pub fn handle(&mut self, now: Timestamp, model: &Model) {
        self.state.handle(now - self.begun, model, &mut self.commands);
    }

    /// Ends it and undoes what is down.
    pub fn end(&mut self, model: &Model) {
        self.state.end(Some(model), &mut self.commands);
    }

    /// The next thing to be done.
    pub fn poll_command(&mut self) -> Option<Command> {
        self.commands.pop_front()
    }

    /// When [`Self::handle`] is to be called at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let due = self.state.due()?;
        Some(self.begun + rounded_up(due))
    }

    /// Whether it is over and everything was undone.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state.is_over()
    }

    /// Whom it is about.
    #[must_use]
    pub fn members(&self) -> &[ComponentId] {
        &self.members
    }

    /// What was asked for.
    #[must_use]
    pub fn random_faults(&self) -> &RandomFaults {
        self.state.random_faults()
    }
}
