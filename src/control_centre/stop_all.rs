//! The clean stop of everything, in the order in which nobody misses anybody: pool users, then pool elements, which
//! deregister, then registrars.

use std::collections::BTreeSet;
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
#[derive(Debug)]
pub(super) struct Departure {
    /// Those who were running when it began; whatever is added later stays.
    who: BTreeSet<ComponentId>,
    /// How many roles of the order have been stopped.
    stopped: usize,
    /// When the next role is stopped at the latest.
    pub(super) deadline: Timestamp,
}

impl ControlCentre {
    /// Stops everything that is running.
    pub(super) fn stop_all(&mut self) {
        self.departure = Some(Departure {
            who: self.ids(|busy, _| busy).into_iter().collect(),
            stopped: 0,
            deadline: Timestamp::now() + PATIENCE,
        });
        self.depart();
    }

    /// Stops the next roles once those before them have left, or have had their time.
    pub(super) fn depart(&mut self) {
        while let Some(departure) = self.departure.take() {
            let stopped = departure.stopped;
            let Some((&role, before)) = ORDER.get(stopped).zip(ORDER.get(..stopped)) else {
                return;
            };
            let now = Timestamp::now();
            if now < departure.deadline && !self.still_running(&departure, before).is_empty() {
                self.departure = Some(departure);
                return;
            }
            for id in self.still_running(&departure, &[role]) {
                self.job(id, JobCommand::Stop);
            }
            self.departure = Some(Departure {
                stopped: stopped + 1,
                deadline: now + PATIENCE,
                ..departure
            });
        }
    }

    /// Returns those of these roles who have not left yet.
    fn still_running(&self, departure: &Departure, roles: &[ComponentRole]) -> Vec<ComponentId> {
        let has_role = |id| {
            let component = self.model.components.get(&id);
            component.is_some_and(|component| roles.contains(&component.role()))
        };
        self.ids(|busy, id| busy && departure.who.contains(&id) && has_role(id))
    }
}
