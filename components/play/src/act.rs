//! Turns the action of a step into commands.

use std::collections::BTreeSet;

use feed::{Impairment, LinkTarget, Timestamp};

use crate::fault_process::FaultProcess;
use crate::{FailureKind, Play};
use command::Command;
use command::links;
use model::{Component, ComponentId, Model};
use scenario::{LinksBetween, SetPolicy, StepAction, Who};
use wire::parameter::Policy;

impl Play {
    /// Queues all commands of the current step.
    pub(super) fn act(&mut self, now: Timestamp, model: &Model) {
        let Some(step) = self.steps.get(self.turn).cloned() else {
            return;
        };
        let mut chosen = Vec::new();
        for action in &step.actions {
            self.carry_out(now, model, action, &mut chosen);
        }
        if let Some(name) = step.name {
            self.chosen.insert(name, chosen);
        }
    }

    fn carry_out(
        &mut self,
        now: Timestamp,
        model: &Model,
        action: &StepAction,
        chosen: &mut Vec<ComponentId>,
    ) {
        let each: (&Who, &dyn Fn(&Component) -> Command) = match action {
            StepAction::Start(who) => (who, &|component| Command::Start(component.id)),
            StepAction::Stop(who) => (who, &|component| Command::Stop(component.id)),
            StepAction::Kill(who) => (who, &|component| Command::Kill(component.id)),
            StepAction::KillServing(who) => (who, &|component| Command::KillServing(component.id)),
            StepAction::Restart(who) => (who, &|component| Command::Restart(component.id)),
            StepAction::Freeze(who) => (who, &|component| Command::Freeze(component.id)),
            StepAction::Thaw(who) => (who, &|component| Command::Thaw(component.id)),
            StepAction::Remove(who) => (who, &|component| Command::Remove(component.id)),
            StepAction::Unplug(who) => (who, &|component| links::unplug(component.id)),
            StepAction::Plug(who) => (who, &links::plug),
            StepAction::Failover(who) => (who, &|component| {
                Command::Send(component.id, feed::Command::Failover)
            }),
            StepAction::FailAfter { of, messages } => (of, &|component| {
                let messages = *messages;
                Command::Send(component.id, feed::Command::FailAfter { messages })
            }),
            StepAction::SetCapacity {
                of,
                iterations_per_second,
            } => (of, &|component| {
                let iterations_per_second = *iterations_per_second;
                Command::Send(
                    component.id,
                    feed::Command::SetCapacity {
                        iterations_per_second,
                    },
                )
            }),
            StepAction::SetMaxJobs { of, jobs } => (of, &|component| {
                Command::Send(component.id, feed::Command::SetMaxJobs { jobs: *jobs })
            }),
            StepAction::SetPolicy(SetPolicy { pool, policy }) => {
                let command = Command::SetPoolPolicy(pool.clone(), policy.clone());
                return self.commands.push_back(command);
            }
            StepAction::SetPolicyData(set) => (&set.of, &|component| {
                let has = component
                    .policy_data
                    .as_ref()
                    .or_else(|| component.spec.args.policy());
                let policy = has.cloned().unwrap_or(Policy::RoundRobin).with_data(set.data());
                Command::Send(component.id, feed::Command::SetPolicy { policy })
            }),
            StepAction::SetLoad { of, percent } => (of, &|component| {
                let load = percent.map(|percent| percent / 100.0);
                Command::Send(component.id, feed::Command::SetLoad { load })
            }),
            StepAction::NewImage { of, size } => (of, &|component| {
                let [width, height] = size.unwrap_or_default();
                Command::Send(component.id, feed::Command::NewImage { width, height })
            }),
            StepAction::Cut(links) => return self.links(now, model, links, Impairment::UNPLUGGED, chosen),
            StepAction::Mend(links) => {
                return self.links(now, model, links, Impairment::default(), chosen);
            }
            StepAction::Impair(links) => {
                let impairment = Impairment {
                    cut: false,
                    loss: links.loss_percent / 100.0,
                    delay_ms: links.delay_ms,
                    jitter_ms: links.jitter_ms,
                    burst: links.burst_packets,
                    rate_kbit_s: links.rate_kbit_s,
                    corruption: links.corruption_percent / 100.0,
                    first_lost: links.first_packets_lost,
                    direction: links.direction,
                };
                match &links.peer {
                    Some(peer) => {
                        let links = LinksBetween {
                            between: links.of.clone(),
                            and: peer.clone(),
                        };
                        return self.links(now, model, &links, impairment, chosen);
                    }
                    None => (&links.of, &move |component| {
                        Command::Impair(component.id, LinkTarget::All, impairment)
                    }),
                }
            }
            StepAction::Add(spec) => return self.commands.push_back(Command::Add((**spec).clone())),
            StepAction::UndoFaults => return self.commands.push_back(Command::UndoFaults),
            StepAction::StartAll => return self.commands.push_back(Command::StartAll),
            StepAction::StopAll => return self.commands.push_back(Command::StopAll),
            StepAction::EndRandomFaults => {
                if let Some(random_faults) = &mut self.random_faults {
                    random_faults.end(Some(model), &mut self.commands);
                }
                return;
            }
            StepAction::RandomFaults(random_faults) => {
                let members = self.context(model).select(&random_faults.of);
                let members: Vec<_> = members
                    .into_iter()
                    .map(|member| (member.id, member.role()))
                    .collect();
                chosen.extend(members.iter().map(|(id, _)| *id));
                let mut random_faults = random_faults.clone();
                random_faults.for_s = self.random_faults_for_s.or(random_faults.for_s);
                self.random_faults = Some(FaultProcess::new(
                    random_faults,
                    &members,
                    self.seed,
                    self.clock.real(),
                ));
                let due = self.random_faults.as_ref().and_then(FaultProcess::due);
                let due = due.and_then(|due| self.clock.at_real(now, due));
                return self.wake_at(due);
            }
        };
        let (who, command) = each;
        let ids: Vec<(ComponentId, Command)> = {
            let selected = self.context(model).select(who);
            selected
                .into_iter()
                .map(|component| (component.id, command(component)))
                .collect()
        };
        if ids.is_empty() {
            return self.nobody(now, who);
        }
        for (id, command) in ids {
            chosen.push(id);
            self.commands.push_back(command);
        }
    }

    /// Sets an impairment on every link between two sets of components.
    fn links(
        &mut self,
        now: Timestamp,
        model: &Model,
        between: &LinksBetween,
        impairment: Impairment,
        chosen: &mut Vec<ComponentId>,
    ) {
        let context = self.context(model);
        let (these, those) = (context.select(&between.between), context.select(&between.and));
        let (mut commands, mut done) = (Vec::new(), BTreeSet::new());
        for one in &these {
            for other in those.iter().filter(|other| other.id != one.id) {
                if done.insert(links::between(one.id, other.id)) {
                    commands.extend(links::impair(one, other, impairment));
                }
            }
        }
        let nothing = these.is_empty() || those.is_empty();
        chosen.extend(these.iter().chain(&those).map(|component| component.id));
        if nothing {
            let nobody = if these.is_empty() {
                &between.between
            } else {
                &between.and
            };
            return self.nobody(now, nobody);
        }
        self.commands.extend(commands);
    }

    fn nobody(&mut self, now: Timestamp, who: &Who) {
        let what = FailureKind::Nobody { who: who.to_string() };
        self.records.fail(now, self.turn, &self.steps, what);
    }
}
