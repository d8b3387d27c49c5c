//! Injects faults and undoes them.

use feed::{Impairment, Timestamp};

use super::ControlCentre;
use command::{Command, Undoable};
use model::{ComponentId, ProcessState};
use play::RandomFaultsRun;
use scenario::RandomFaults;
use supervisor::JobCommand;

impl ControlCentre {
    pub(super) fn kill_serving(&mut self, id: ComponentId) {
        let Some(component) = self.model.components.get(&id) else {
            return;
        };
        let mut served = component.served.values().filter_map(|served| served.component);
        match served.next() {
            Some(pool_element) => self.job(pool_element, JobCommand::Kill),
            None => self.refuse(id, "is served by no pool element that could be killed"),
        }
    }

    pub(super) fn undo_faults(&mut self) {
        self.undoable.retain(|action| *action != Undoable::Faults);
        self.end_random_faults(None);
        let mut commands = Vec::new();
        for component in self.model.components.values() {
            if component.is_stopped() {
                commands.push((component.id, JobCommand::Thaw));
            }
            if component.fails_after().is_some() {
                let never = feed::Command::FailAfter { messages: 0 };
                commands.push((component.id, JobCommand::Send(never)));
            }
            for (target, _) in &component.impairments {
                let undone = feed::Command::Impair {
                    target: *target,
                    impairment: Impairment::default(),
                };
                commands.push((component.id, JobCommand::Send(undone)));
            }
        }
        for (id, command) in commands {
            self.job(id, command);
        }
    }

    pub(super) fn begin_random_faults(&mut self, random_faults: RandomFaults) {
        let who = random_faults.of.to_string();
        let Some(random) =
            RandomFaultsRun::begin(random_faults, &self.model, rand::random(), Timestamp::now())
        else {
            return self.notice(format!("No random faults: {who} is nobody at this moment"));
        };
        for member in random.members().to_vec() {
            self.end_random_faults(Some(member));
        }
        self.tell(format!("Random up- and down-times begin: {who}"));
        self.random_faults.push(random);
    }

    /// Ends the random up- and down-times of a component, or all that the user began.
    pub(super) fn end_random_faults(&mut self, id: Option<ComponentId>) {
        let concerns = |random: &RandomFaultsRun| id.is_none_or(|id| random.members().contains(&id));
        let mut ended = false;
        for random in self.random_faults.iter_mut().filter(|random| concerns(random)) {
            random.end(&self.model);
            ended = true;
        }
        if ended {
            self.tell("The random up- and down-times are over".to_owned());
            self.random_faults_go_on();
        }
    }

    /// Carries out the commands of the random up- and down-times. The user may have been faster.
    pub(super) fn random_faults_go_on(&mut self) {
        let mut commands = Vec::new();
        for random in &mut self.random_faults {
            random.handle(Timestamp::now(), &self.model);
            commands.extend(std::iter::from_fn(|| random.poll_command()));
        }
        self.random_faults.retain(|random| !random.is_over());
        for command in commands {
            if self.makes_sense(&command) {
                self.carry_out(command);
            }
        }
    }

    fn makes_sense(&self, command: &Command) -> bool {
        let process = |id: &ComponentId| self.model.components.get(id).map(|component| &component.process);
        match command {
            Command::Start(id) => !matches!(
                process(id),
                Some(ProcessState::Starting { .. } | ProcessState::Running { .. }) | None
            ),
            Command::Thaw(id) => {
                let component = self.model.components.get(id);
                component.is_some_and(model::Component::is_stopped)
            }
            Command::Stop(id)
            | Command::Kill(id)
            | Command::Freeze(id)
            | Command::Restart(id)
            | Command::Impair(id, ..) => matches!(
                process(id),
                Some(ProcessState::Starting { .. } | ProcessState::Running { .. })
            ),
            _ => true,
        }
    }
}
