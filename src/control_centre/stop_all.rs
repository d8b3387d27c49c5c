//! The clean stop of everything, in the order in which nobody misses anybody: pool users, then pool elements, which
//! deregister, then registrars.

use std::time::Duration;

use feed::{ComponentRole, Timestamp};
use supervisor::JobCommand;

use super::ControlCentre;
use model::ComponentId;

/// The order of departure.
const ORDER: [ComponentRole; 3] = [
    ComponentRole::PoolUser,
    ComponentRole::PoolElement,
    ComponentRole::Registrar,
];
/// How long each role waits for the ones before it, of which some may hang.
const PATIENCE: Duration = Duration::from_millis(400);

/// The progress of a clean stop of everything.
#[derive(Debug, Clone, Copy)]
pub(super) struct Departure {
    /// How many roles of the order have been stopped.
    stopped: usize,
    /// When the next role is stopped at the latest.
    pub(super) deadline: Timestamp,
}

impl ControlCentre {
    /// Stops everything that is running.
    pub(super) fn stop_all(&mut self) {
        let deadline = Timestamp::now() + PATIENCE;
        self.departure = Some(Departure { stopped: 0, deadline });
        self.depart();
    }

    /// Stops the next roles once those before them have left, or have had their time.
    pub(super) fn depart(&mut self) {
        while let Some(Departure { stopped, deadline }) = self.departure {
            let Some((&role, before)) = ORDER.get(stopped).zip(ORDER.get(..stopped)) else {
                self.departure = None;
                return;
            };
            let now = Timestamp::now();
            if now < deadline && !self.running(before).is_empty() {
                return;
            }
            for id in self.running(&[role]) {
                self.job(id, JobCommand::Stop);
            }
            self.departure = Some(Departure {
                stopped: stopped + 1,
                deadline: now + PATIENCE,
            });
        }
    }

    /// Returns the components of these roles that have a process.
    fn running(&self, roles: &[ComponentRole]) -> Vec<ComponentId> {
        let has_role = |id| {
            let component = self.model.components.get(&id);
            component.is_some_and(|component| roles.contains(&component.role()))
        };
        self.ids(|busy, id| busy && has_role(id))
    }
}
