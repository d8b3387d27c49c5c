//! Undoes what the user did.

use super::ControlCentre;
use command::{Command, Undoable};
use feed::Timestamp;
use model::{Change, ComponentId, ProcessState};
use supervisor::JobCommand;

/// The maximum number of actions that can be undone.
const MOST: usize = 64;

impl ControlCentre {
    /// Returns what [`Command::Undo`] would undo.
    #[must_use]
    pub fn undoable(&self) -> Option<&Undoable> {
        let mut actions = self.undoable.iter().rev();
        actions.find(|action| match action {
            Undoable::Removal { .. } | Undoable::PoolPolicy { .. } => true,
            Undoable::Setting { id, since, .. } => self.is_alive_since(*id, *since),
            Undoable::Faults => self.has_faults(),
        })
    }

    /// Returns whether a component still has the process that was started then.
    fn is_alive_since(&self, id: ComponentId, since: Timestamp) -> bool {
        let component = self.model.components.get(&id);
        component
            .is_some_and(|component| component.process.is_alive() && component.process.since() == Some(since))
    }

    /// Returns whether there is any fault that can be undone, whoever injected it.
    fn has_faults(&self) -> bool {
        let mut components = self.model.components.values();
        !self.random_faults.is_empty()
            || components.any(|it| {
                matches!(it.process, ProcessState::Frozen { .. })
                    || !it.impairments.is_empty()
                    || it.fails_after().is_some()
            })
    }

    /// Keeps an action of the user that can be undone.
    pub(super) fn remember(&mut self, action: Undoable) {
        // Faults are undone together.
        if action == Undoable::Faults {
            self.undoable.retain(|earlier| *earlier != Undoable::Faults);
        }
        if self.undoable.len() == MOST {
            self.undoable.remove(0);
        }
        self.undoable.push(action);
    }

    /// Keeps the faults that a command of the user injects.
    pub(super) fn remember_faults(&mut self, command: &Command) {
        let injects = match command {
            Command::Freeze(_) | Command::BeginRandomFaults(_) => true,
            Command::Impair(_, _, impairment) => !impairment.is_none(),
            Command::Send(_, feed::Command::FailAfter { messages }) => *messages > 0,
            _ => false,
        };
        if injects {
            self.remember(Undoable::Faults);
        }
    }

    /// Returns whether a removed component that can be brought back has this name.
    pub(super) fn is_name_of_removed(&self, name: &str) -> bool {
        let mut actions = self.undoable.iter();
        actions.any(|action| matches!(action, Undoable::Removal { name: removed, .. } if removed == name))
    }

    pub(super) fn undo(&mut self) {
        match self.undoable().cloned() {
            Some(Undoable::Removal { id, name }) => {
                self.undoable.retain(
                    |action| !matches!(action, Undoable::Removal { id: removed, .. } if *removed == id),
                );
                self.restore(id, &name);
            }
            Some(Undoable::PoolPolicy { pool, before }) => {
                self.undoable.retain(|action| {
                    *action
                        != Undoable::PoolPolicy {
                            pool: pool.clone(),
                            before: before.clone(),
                        }
                });
                self.restore_pool_policy(pool, before);
            }
            Some(setting @ Undoable::Setting { .. }) => self.undo_setting(&setting),
            Some(Undoable::Faults) | None => self.undo_faults(),
        }
    }

    fn undo_setting(&mut self, setting: &Undoable) {
        // Another change may have begun with the same value: only the latest one is undone.
        if let Some(latest) = self.undoable.iter().rposition(|action| action == setting) {
            self.undoable.remove(latest);
        }
        self.setting_changed = None;
        if let Undoable::Setting { id, before, .. } = setting {
            self.job(*id, JobCommand::Send(before.clone()));
        }
    }

    fn restore(&mut self, id: ComponentId, name: &str) {
        if self.model.components.len() >= Self::COMPONENTS {
            return self.notice(format!("More than {} components are too many", Self::COMPONENTS));
        }
        let removed = self.model.present_or_removed(id);
        let identifier = removed.and_then(|it| Some((it.role(), it.spec.identifier()?)));
        let conflict = self.model.components.values().find_map(|other| {
            if other.name == name {
                return Some(format!("there is another component called {name} now"));
            }
            let same =
                identifier.is_some() && identifier == other.spec.identifier().map(|it| (other.role(), it));
            same.then(|| format!("{} has its identifier now", other.name))
        });
        if let Some(conflict) = conflict {
            return self.notice(format!("{name} cannot be brought back: {conflict}"));
        }
        self.change(id, Change::Restored);
    }
}
