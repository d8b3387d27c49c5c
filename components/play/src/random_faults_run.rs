//! Random faults that are requested by the user rather than by a scenario.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::rounded_up;
use crate::evaluate::EvaluationContext;
use crate::fault_process::FaultProcess;
use crate::pictures::Pictures;
use crate::tally::Tally;
use command::Command;
use feed::Timestamp;
use model::{ComponentId, Model};
use scenario::RandomFaults;

/// Random faults that run until they are ended.
///
/// Used like a play: call [`Self::handle`] whenever the time or the model has changed, then [`Self::poll_command`]
/// until it returns `None`. [`Self::poll_timeout`] returns when to call again at the latest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RandomFaultsRun {
    state: FaultProcess,
    begun: Timestamp,
    members: Vec<ComponentId>,
    commands: VecDeque<Command>,
}

impl RandomFaultsRun {
    /// Begins with the components that are selected now; returns `None` if there are none. All randomness derives
    /// from the seed.
    #[must_use]
    pub fn begin(random_faults: RandomFaults, model: &Model, seed: u64, now: Timestamp) -> Option<Self> {
        let (chosen, tally, pictures) = (BTreeMap::new(), Tally::new(&[]), Pictures::default());
        let context = EvaluationContext {
            model,
            now,
            mark: now,
            chosen: &chosen,
            tally: &tally,
            pictures: &pictures,
            expecting: false,
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

    /// Must be called when time has passed or the model has changed.
    pub fn handle(&mut self, now: Timestamp, model: &Model) {
        self.state.handle(now - self.begun, model, &mut self.commands);
    }

    /// Ends the faults, and undoes those in progress.
    pub fn end(&mut self, model: &Model) {
        self.state.end(Some(model), &mut self.commands);
    }

    /// Returns the next command to carry out.
    pub fn poll_command(&mut self) -> Option<Command> {
        self.commands.pop_front()
    }

    /// Returns when [`Self::handle`] must be called at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let due = self.state.due()?;
        Some(self.begun + rounded_up(due))
    }

    /// Returns whether it is over and everything has been undone.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state.is_over()
    }

    /// Returns its components.
    #[must_use]
    pub fn members(&self) -> &[ComponentId] {
        &self.members
    }

    /// Returns the random faults that were requested.
    #[must_use]
    pub fn random_faults(&self) -> &RandomFaults {
        self.state.random_faults()
    }
}
