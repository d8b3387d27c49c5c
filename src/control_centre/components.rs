//! Adds, starts, stops and removes components.

use std::path::PathBuf;

use super::ControlCentre;
use command::Undoable;
use feed::{ComponentIdentity, Timestamp};
use model::{Change, ComponentId, Severity, Update};
use scenario::{ComponentSpec, free_name};
use supervisor::{JobCommand, SupervisorCommand};

impl ControlCentre {
    pub(super) fn add(&mut self, mut spec: ComponentSpec) {
        if self.next.is_some() {
            return self.notice("Nothing can be added while a scenario is about to begin".into());
        }
        if self.model.components.len() >= Self::COMPONENTS {
            return self.notice(format!("More than {} components are too many", Self::COMPONENTS));
        }
        let taken = |name: &str| self.model.components.values().any(|other| other.name == name);
        let in_use = |role, identifier| {
            let mut others = self.model.components.values();
            others.any(|other| {
                other.role() == role
                    && (other.spec.identifier() == Some(identifier)
                        || other.identity.map(ComponentIdentity::number) == Some(identifier))
            })
        };
        if let Some(identifier) = spec.identifier()
            && in_use(spec.role(), identifier)
        {
            return self.notice(format!("The identifier {identifier:#x} is in use already"));
        }
        let name = match &spec.name {
            Some(name) if taken(name) => {
                return self.notice(format!("There is a component called {name} already"));
            }
            Some(name) => name.clone(),
            None => free_name(spec.role(), |name| taken(name) || self.is_name_of_removed(name)),
        };
        let id = ComponentId(self.next_id);
        self.next_id += 1;
        if spec.identifier().is_none() {
            self.chosen_identifiers.insert(id);
        }
        spec.choose_identifier(in_use);
        self.change(
            id,
            Change::Added {
                name,
                spec: Box::new(spec),
            },
        );
        self.start_component(id);
    }

    /// Removes a component by a command, which can be undone.
    pub(super) fn remove_undoably(&mut self, id: ComponentId) {
        let name = self.model.components.get(&id).map(|it| it.name.clone());
        if self.remove(id)
            && let Some(name) = name
        {
            self.remember(Undoable::Removal { id, name });
        }
    }

    /// Removes a component; returns whether that was possible.
    pub(super) fn remove(&mut self, id: ComponentId) -> bool {
        if self.supervisor.is_busy(id) {
            self.refuse(id, "cannot be removed: it runs");
            return false;
        }
        let forgotten = self.command(id, SupervisorCommand::Forget(id));
        if forgotten {
            self.change(id, Change::Removed);
        }
        forgotten
    }

    pub(super) fn start_component(&mut self, id: ComponentId) {
        let Some(command_line) = self.command_line(id) else {
            return;
        };
        self.command(id, SupervisorCommand::Job(id, JobCommand::Start(command_line)));
    }

    pub(super) fn restart(&mut self, id: ComponentId) {
        if let Some(command_line) = self.command_line(id) {
            self.job(id, JobCommand::Restart(command_line));
        }
    }

    /// Returns the command line to start a component with, and informs the model of its timers.
    fn command_line(&mut self, id: ComponentId) -> Option<Vec<String>> {
        let component = self.model.components.get(&id)?;
        let timers = component.spec.args.with(&self.settings).timers();
        let mut spec = component.spec.clone();
        self.opening.prepare(id, &mut spec.args);
        let command_line = spec.command_line(&self.settings);
        if component.timers.as_ref() != Some(&timers) {
            self.change(id, Change::Timers(Box::new(timers)));
        }
        Some(command_line)
    }

    pub(super) fn save_picture(&mut self, id: ComponentId, path: PathBuf) {
        let component = self.model.components.get(&id);
        // The picture that is shown.
        let canvas = component.and_then(|component| match component.held_is_past() {
            true => component.held_canvas(),
            false => component.canvas.as_ref(),
        });
        let Some(canvas) = canvas.cloned() else {
            return self.refuse(id, "has no picture yet");
        };
        let work = move || match super::picture::save(&canvas, fractal::colour::Palette::default(), &path) {
            Ok(()) => Change::Told {
                severity: Severity::Normal,
                text: format!("had its picture saved as {}", path.display()),
            },
            Err(error) => Change::Refused {
                why: format!("its picture cannot be saved as {}: {error}", path.display()),
            },
        };
        self.command(id, SupervisorCommand::Work(id, Box::new(work)));
    }

    /// Returns the components for which a condition holds. It is passed whether the component has a process, and its
    /// identifier.
    pub(super) fn ids(&self, condition: impl Fn(bool, ComponentId) -> bool) -> Vec<ComponentId> {
        let ids = self.model.components.keys().copied();
        ids.filter(|id| condition(self.supervisor.is_busy(*id), *id))
            .collect()
    }

    pub(super) fn job(&mut self, id: ComponentId, command: JobCommand) {
        if self.model.components.contains_key(&id) {
            self.command(id, SupervisorCommand::Job(id, command));
        }
    }

    pub(super) fn command(&mut self, id: ComponentId, command: SupervisorCommand) -> bool {
        match self.supervisor.command(command) {
            Ok(()) => true,
            Err(busy) => {
                self.refuse(id, &busy.to_string());
                false
            }
        }
    }

    pub(super) fn refuse(&mut self, id: ComponentId, why: &str) {
        self.change(id, Change::Refused { why: why.into() });
    }

    pub(super) fn change(&mut self, component: ComponentId, change: Change) {
        self.apply(Update::Component {
            component,
            at: Timestamp::now(),
            change,
        });
    }

    pub(super) fn notice(&mut self, text: String) {
        self.apply(Update::Notice {
            at: Timestamp::now(),
            severity: Severity::Problem,
            text,
        });
    }

    /// Tells a problem that concerns no component.
    pub(crate) fn tell_problem(&mut self, text: String) {
        self.notice(text);
    }

    pub(super) fn tell(&mut self, text: String) {
        self.apply(Update::Notice {
            at: Timestamp::now(),
            severity: Severity::Normal,
            text,
        });
    }
}
