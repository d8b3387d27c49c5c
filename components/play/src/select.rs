//! Selects components.

use crate::evaluate::EvaluationContext;
use model::{Component, ComponentId, ProcessState};
use scenario::{RoleFilter, Who};

impl<'a> EvaluationContext<'a> {
    /// Returns the selected components, each once; none if a component named in a list does not exist.
    pub(super) fn select(&self, who: &Who) -> Vec<&'a Component> {
        match who {
            Who::Named(names) => {
                let found: Option<Vec<_>> = names.iter().map(|name| self.named(name)).collect();
                found.unwrap_or_default()
            }
            Who::Every(group) => self.group(*group).collect(),
            Who::EveryRunning(group) => self.group(*group).filter(|component| runs(component)).collect(),
            Who::Serving(user) => {
                let mut ids: Vec<ComponentId> = self
                    .named(user)
                    .into_iter()
                    .flat_map(|user| user.served.values().filter_map(|served| served.component))
                    .collect();
                ids.sort_unstable();
                ids.dedup();
                ids.into_iter()
                    .filter_map(|id| self.model.components.get(&id))
                    .collect()
            }
            Who::HomeOf(element) => self
                .named(element)
                .and_then(|element| self.owner(element))
                .into_iter()
                .collect(),
            Who::ChosenIn(step) => {
                let ids = self.chosen.get(step).map(Vec::as_slice).unwrap_or_default();
                ids.iter()
                    .filter_map(|id| self.model.components.get(id))
                    .collect()
            }
        }
    }

    /// Returns the living registrar that owns a pool element.
    pub(super) fn owner(&self, element: &Component) -> Option<&'a Component> {
        let registrar = self.model.components.get(&element.registered_with?)?;
        registrar.process.is_alive().then_some(registrar)
    }

    fn named(&self, name: &str) -> Option<&'a Component> {
        self.model
            .components
            .values()
            .find(|component| component.name == name)
    }

    fn group(&self, group: RoleFilter) -> impl Iterator<Item = &'a Component> {
        let components = self.model.components.values();
        components.filter(move |component| group.has(component.role()))
    }
}

/// Returns whether a component has a process that is neither frozen, unplugged nor stopping.
pub(super) fn runs(component: &Component) -> bool {
    let process = &component.process;
    matches!(
        process,
        ProcessState::Starting { .. } | ProcessState::Running { .. }
    ) && !component.is_unplugged()
}
