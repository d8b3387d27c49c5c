//! Random faults, seeded. Each component has its own random numbers, so that its faults do not depend on the timing
//! of the others.

use std::collections::VecDeque;
use std::time::Duration;

use feed::{ComponentRole, Impairment, LinkTarget};
use rand::RngExt;
use rand_pcg::Pcg32;

use command::{Command, links};
use serde::{Deserialize, Serialize};

use crate::duration;
use model::{ComponentId, Model, bounded};
use scenario::{RandomFault, RandomFaults};

/// Random faults in progress. Times are on the play's real clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct FaultProcess {
    random_faults: RandomFaults,
    #[serde(deserialize_with = "bounded::list::<4096, _, _>")]
    members: Vec<Member>,
    ends: Option<Duration>,
    over: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Member {
    id: ComponentId,
    role: ComponentRole,
    dice: Pcg32,
    /// The current fault, if there is one.
    down: Option<RandomFault>,
    #[serde(deserialize_with = "bounded::duration")]
    due: Duration,
}

impl FaultProcess {
    pub(super) fn new(
        random_faults: RandomFaults,
        members: &[(ComponentId, ComponentRole)],
        seed: u64,
        now: Duration,
    ) -> Self {
        let members = members.iter().zip(0_u64..).map(|((id, role), number)| {
            let mut dice = Pcg32::new(seed, number);
            // Similar seeds yield similar first numbers.
            let _: u64 = dice.random();
            Member {
                id: *id,
                role: *role,
                due: now + time(&mut dice, random_faults.mean_up_s),
                dice,
                down: None,
            }
        });
        Self {
            members: members.collect(),
            ends: random_faults.for_s.map(|seconds| now + duration(seconds)),
            random_faults,
            over: false,
        }
    }

    /// Returns when the next action is due.
    pub(super) fn due(&self) -> Option<Duration> {
        let members = self.members.iter().map(|member| member.due);
        let due = members.chain(self.ends).min();
        due.filter(|_| !self.over)
    }

    /// Returns whether it is over and everything has been undone.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Does everything that is due.
    pub(super) fn handle(&mut self, now: Duration, model: &Model, commands: &mut VecDeque<Command>) {
        if self.over {
            return;
        }
        if self.ends.is_some_and(|ends| ends <= now) {
            return self.undo(Some(model), commands);
        }
        for at in 0..self.members.len() {
            self.handle_member(at, now, model, commands);
        }
    }

    /// Ends the faults. Without a model, all impairments of unplugged components are undone.
    pub(super) fn end(&mut self, model: Option<&Model>, commands: &mut VecDeque<Command>) {
        if !self.over {
            self.undo(model, commands);
        }
    }

    /// Returns its components, whether up or down.
    pub(super) fn members(&self) -> impl Iterator<Item = ComponentId> + '_ {
        self.members.iter().map(|member| member.id)
    }

    /// Returns the random faults that were requested.
    pub(super) fn random_faults(&self) -> &RandomFaults {
        &self.random_faults
    }

    fn handle_member(&mut self, at: usize, now: Duration, model: &Model, commands: &mut VecDeque<Command>) {
        let up = |role| {
            let members = self.members.iter();
            members
                .filter(|member| member.role == role && member.down.is_none())
                .count()
        };
        let others_up = self
            .members
            .get(at)
            .map_or(0, |member| up(member.role).saturating_sub(1));
        let Some(member) = self.members.get_mut(at) else {
            return;
        };
        if member.due > now {
            return;
        }
        if let Some(fault) = member.down.take() {
            member.due = now + time(&mut member.dice, self.random_faults.mean_up_s);
            commands.extend(undoing(fault, member.id, Some(model)));
            return;
        }
        let choice = member
            .dice
            .random_range(0..self.random_faults.faults.len().max(1));
        let Some(fault) = self.random_faults.faults.get(choice).copied() else {
            return;
        };
        let keep = self.random_faults.keep_up.unwrap_or(1) as usize;
        if others_up < keep {
            // At least one must remain up: try again later.
            member.due = now + time(&mut member.dice, self.random_faults.mean_up_s);
            return;
        }
        let mean = if fault == RandomFault::Restart {
            self.random_faults.mean_up_s
        } else {
            self.random_faults.mean_down_s
        };
        member.due = now + time(&mut member.dice, mean);
        member.down = (fault != RandomFault::Restart).then_some(fault);
        commands.push_back(doing(fault, member.id));
    }

    fn undo(&mut self, model: Option<&Model>, commands: &mut VecDeque<Command>) {
        self.over = true;
        for member in &mut self.members {
            if let Some(fault) = member.down.take() {
                commands.extend(undoing(fault, member.id, model));
            }
        }
    }
}

fn doing(fault: RandomFault, id: ComponentId) -> Command {
    match fault {
        RandomFault::Stop => Command::Stop(id),
        RandomFault::Kill => Command::Kill(id),
        RandomFault::Freeze => Command::Freeze(id),
        RandomFault::Unplug => links::unplug(id),
        RandomFault::Restart => Command::Restart(id),
    }
}

fn undoing(fault: RandomFault, id: ComponentId, model: Option<&Model>) -> Option<Command> {
    Some(match fault {
        RandomFault::Stop | RandomFault::Kill => Command::Start(id),
        RandomFault::Freeze => Command::Thaw(id),
        RandomFault::Unplug => match model.and_then(|model| model.components.get(&id)) {
            Some(component) => links::plug(component),
            None => Command::Impair(id, LinkTarget::All, Impairment::default()),
        },
        RandomFault::Restart => return None,
    })
}

/// Draws an exponentially distributed time with this mean, limited to ten times the mean.
fn time(dice: &mut Pcg32, mean_s: f64) -> Duration {
    let share: f64 = dice.random();
    duration((-mean_s * (1.0 - share).ln()).min(mean_s * 10.0))
}
