//! The opening of a scenario: its pool users begin when its pool elements are registered.
//!
//! Otherwise all sessions would go to the pool element that happened to register first, as if nothing were balanced.

use std::time::Duration;

use super::ControlCentre;
use model::{Component, ComponentId, ProcessState};
use scenario::ComponentArgs;
use supervisor::JobCommand;

/// Pool users that were started together with pool elements, and wait for those.
#[derive(Debug, Default)]
pub(super) struct Opening {
    users: Vec<ComponentId>,
    elements: Vec<ComponentId>,
    /// Whether the components of a scenario are just being started.
    is_beginning: bool,
}

impl Opening {
    /// How long a pool user waits at most.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// The components that are started until [`Self::complete`] take part.
    pub(super) fn begin() -> Self {
        Self {
            is_beginning: true,
            ..Self::default()
        }
    }

    /// All components have been started.
    pub(super) fn complete(&mut self) {
        self.is_beginning = false;
    }

    /// Lets a component that is about to be started take part, with changed arguments if need be.
    pub(super) fn prepare(&mut self, id: ComponentId, args: &mut ComponentArgs) {
        if !self.is_beginning {
            return;
        }
        match args {
            ComponentArgs::PoolElement(_) => self.elements.push(id),
            ComponentArgs::PoolUser(args)
                if matches!(
                    args.service,
                    scenario::ClientKind::Fractal | scenario::ClientKind::Calcapp
                ) =>
            {
                args.picture.begin_within.get_or_insert(Self::PATIENCE);
                self.users.push(id);
            }
            ComponentArgs::PoolUser(_) | ComponentArgs::Registrar(_) => {}
        }
    }
}

impl ControlCentre {
    /// Tells the pool users to begin once no pool element is missing any more.
    pub(super) fn open(&mut self) {
        let is_settled = |id: &ComponentId| {
            let component = self.model.components.get(id);
            component.is_none_or(|component| component.ready || !may_register(component))
        };
        if self.opening.users.is_empty()
            || self.opening.is_beginning
            || !self.opening.elements.iter().all(is_settled)
        {
            return;
        }
        for id in std::mem::take(&mut self.opening).users {
            let alive = self.model.components.get(&id);
            if alive.is_some_and(|component| component.process.is_alive()) {
                self.job(id, JobCommand::Send(feed::Command::Begin));
            }
        }
    }
}

fn may_register(component: &Component) -> bool {
    matches!(
        component.process,
        ProcessState::Pending | ProcessState::Starting { .. } | ProcessState::Running { .. }
    )
}
