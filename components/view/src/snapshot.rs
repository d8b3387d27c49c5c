//! What views look at: the model, and what is worked out from it once for all views of a frame.

use std::time::Duration;

use egui::Color32;
use feed::{ComponentRole, Timestamp, WallClock};

use crate::scenario_status::ScenarioStatus;
use crate::theme::Theme;
use command::links;
use model::{Component, ComponentId, Model, ProcessState};
use play::{Moment, PlayState, RandomFaultsRun};
use wire::PeIdentifier;

/// After this time a takeover counts as stuck; the RFC's timers take more than a minute.
const NEWS_WITHIN: Duration = Duration::from_secs(180);

/// What is to be shown in one frame.
#[derive(Debug)]
pub struct Snapshot<'a> {
    /// What is known.
    pub model: &'a Model,
    /// What is on besides.
    pub scenario_status: ScenarioStatus<'a>,
    /// The present.
    pub now: Timestamp,
    /// Makes times of day of such stamps.
    pub wall_clock: WallClock,
    registrars: usize,
}

impl<'a> Snapshot<'a> {
    /// Prepares a frame.
    #[must_use]
    pub fn new(
        model: &'a Model,
        scenario_status: ScenarioStatus<'a>,
        now: Timestamp,
        wall_clock: WallClock,
    ) -> Self {
        let registrars = model
            .components
            .values()
            .filter(|component| component.role() == ComponentRole::Registrar)
            .count();
        Self {
            model,
            scenario_status,
            now,
            wall_clock,
            registrars,
        }
    }

    /// A component.
    #[must_use]
    pub fn component(&self, id: ComponentId) -> Option<&'a Component> {
        self.model.components.get(&id)
    }

    /// Whether there is more than one registrar in the scenario.
    #[must_use]
    pub fn has_several_registrars(&self) -> bool {
        self.registrars > 1
    }

    /// Whether a takeover is under way of which news may be expected soon.
    #[must_use]
    pub fn has_fresh_takeover(&self) -> bool {
        let latest = self.model.takeovers.back();
        latest.is_some_and(|takeover| takeover.is_under_way() && self.now - takeover.began() < NEWS_WITHIN)
    }

    /// Whether a stopwatch or a countdown of the steps runs.
    #[must_use]
    pub fn has_running_clock(&self) -> bool {
        let Some(play) = self.scenario_status.play else {
            return false;
        };
        match play.moment(self.now) {
            Moment::Ready | Moment::Over => false,
            Moment::Waiting { .. } => play.state() == PlayState::Running,
            Moment::Expecting { .. } => true,
        }
    }

    /// The components of a role, in the order in which they were added.
    pub fn role(&self, role: ComponentRole) -> impl Iterator<Item = &'a Component> {
        self.model
            .components
            .values()
            .filter(move |component| component.role() == role)
    }

    /// The pool element of this control centre with an identifier of the protocols.
    #[must_use]
    pub fn element(&self, pe_identifier: PeIdentifier) -> Option<&'a Component> {
        let identity = feed::ComponentIdentity::PoolElement(pe_identifier);
        self.component(self.model.identified(identity)?)
    }

    /// The pool element's colour; a quiet one if it is none of ours.
    #[must_use]
    pub fn element_colour(&self, theme: &Theme, pe_identifier: PeIdentifier) -> Color32 {
        self.element(pe_identifier)
            .map_or(theme.weak, |component| theme.element(component.colour))
    }

    /// The pool elements that serve a pool user, each once, with how many of its sessions.
    #[must_use]
    pub fn servers(&self, user: &Component) -> Vec<(PeIdentifier, usize)> {
        let mut servers: Vec<(PeIdentifier, usize)> = Vec::new();
        for served in user.served.values() {
            match servers
                .iter_mut()
                .find(|(identifier, _)| *identifier == served.pe_identifier)
            {
                Some((_, sessions)) => *sessions += 1,
                None => servers.push((served.pe_identifier, 1)),
            }
        }
        servers
    }

    /// Frozen components, components with something wrong on all links, and single links with something wrong.
    #[must_use]
    pub fn faults(&self) -> usize {
        let components = self.model.components.values().map(|component| {
            usize::from(matches!(component.process, ProcessState::Frozen { .. }))
                + usize::from(!links::impairment_of_all(component).is_none())
        });
        let links = links::impaired(self.model).len() + links::orphans(self.model).count();
        components.sum::<usize>() + links
    }

    /// The random up- and down-times that a person began and that concern a component.
    #[must_use]
    pub fn random_faults_of(&self, id: ComponentId) -> Option<&'a RandomFaultsRun> {
        let mut random = self.scenario_status.random_faults.iter();
        random.find(|random| random.members().contains(&id))
    }
}
