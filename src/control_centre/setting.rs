//! Settings of pool elements that the user changes, as far as that can be undone.

use feed::Timestamp;

use super::ControlCentre;
use command::{Command, Undoable};
use model::{Component, Timeline};
use wire::parameter::Policy;

impl ControlCentre {
    /// Keeps what a pool element has that a command of the user changes. Changes that follow each other quickly, such as
    /// while a slider is moved by keys, are undone together.
    pub(super) fn remember_setting(&mut self, command: &Command) {
        let Command::Send(id, command) = command else {
            return;
        };
        let Some(component) = self.model.components.get(id) else {
            return;
        };
        let (Some((what, before)), Some(since)) = (before(component, command), component.process.since())
        else {
            return;
        };
        if before == *command {
            return;
        }
        let setting = Undoable::Setting {
            id: *id,
            name: component.name.clone(),
            what,
            since,
            before,
        };
        let now = Timestamp::now();
        let goes_on = self.setting_changed.replace(now);
        let goes_on = goes_on.is_some_and(|changed| now - changed <= Timeline::ONE_CHANGE);
        let latest = self.undoable.last();
        if !(goes_on && latest.is_some_and(|latest| latest.is_same_setting(&setting))) {
            self.remember(setting);
        }
    }
}

/// Returns the setting that a command changes, and the command that brings back what there is now.
fn before(component: &Component, command: &feed::Command) -> Option<(&'static str, feed::Command)> {
    let limits = &component.limits;
    Some(match command {
        feed::Command::SetCapacity { .. } => {
            let iterations_per_second = limits.calculations_per_second.or(limits.iterations_per_second)?;
            let before = feed::Command::SetCapacity {
                iterations_per_second,
            };
            ("capacity", before)
        }
        feed::Command::SetMaxJobs { .. } => {
            let jobs = limits.max_jobs?;
            ("number of jobs", feed::Command::SetMaxJobs { jobs })
        }
        feed::Command::SetPolicy { policy } => {
            let before = component.policy_data.clone()?;
            if before.policy_type() != policy.policy_type() {
                return None;
            }
            (
                changed_data(&before, policy),
                feed::Command::SetPolicy { policy: before },
            )
        }
        feed::Command::SetLoad { .. } => {
            let load = component.told_load;
            ("load told", feed::Command::SetLoad { load })
        }
        _ => return None,
    })
}

/// Returns the name of the first policy data that differ.
fn changed_data(before: &Policy, after: &Policy) -> &'static str {
    let (before, after) = (before.data(), after.data());
    if before.weight != after.weight {
        "weight"
    } else if before.priority != after.priority {
        "priority"
    } else if before.load_degradation != after.load_degradation {
        "degradation"
    } else {
        "DPF"
    }
}
