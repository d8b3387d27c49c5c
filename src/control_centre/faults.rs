//! What the presenter does wrong on purpose, and how it is undone.

use feed::Impairment;

use super::ControlCentre;
use crate::model::{ComponentId, ProcessState};
use crate::supervisor::JobOrder;

impl ControlCentre {
    pub(super) fn kill_serving(&mut self, id: ComponentId) {
        let Some(component) = self.model.components.get(&id) else {
            return;
        };
        let mut served = component.served.values().filter_map(|served| served.component);
        match served.next() {
            Some(pool_element) => self.job(pool_element, JobOrder::Kill),
            None => self.refuse(id, "is served by no pool element that could be killed"),
        }
    }

    pub(super) fn undo_faults(&mut self) {
        let mut orders = Vec::new();
        for component in self.model.components.values() {
            if matches!(component.process, ProcessState::Frozen { .. }) {
                orders.push((component.id, JobOrder::Thaw));
            }
            for (target, _) in &component.impairments {
                let undone = feed::Command::Impair {
                    target: *target,
                    impairment: Impairment::default(),
                };
                orders.push((component.id, JobOrder::Tell(undone)));
            }
        }
        for (id, order) in orders {
            self.job(id, order);
        }
    }
}
