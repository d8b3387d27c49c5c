//! The input of the views: the model, and values derived from it once for all views of a frame.

use std::time::Duration;

use egui::{Color32, Id};
use feed::{ComponentRole, Timestamp, WallClock};

use crate::comparison::{Compared, Other};
use crate::laboratory::LaboratoryStatus;
use crate::scenario_status::ScenarioStatus;
use crate::theme::Theme;
use crate::wording;
use analysis::Analysis;
use chronicle::{Source, TimeStatus};
use command::links;
use model::{Component, ComponentId, Model};
use play::{Moment, PlayState, RandomFaultsRun};
use wire::PeIdentifier;

/// The time after which a takeover counts as stuck; the RFC's timers take more than a minute.
const NEWS_WITHIN: Duration = Duration::from_secs(180);

/// Everything to be shown in one frame.
#[derive(Debug)]
pub struct Snapshot<'a> {
    /// The model.
    pub model: &'a Model,
    /// The status of the scenario.
    pub scenario_status: ScenarioStatus<'a>,
    /// The current time.
    pub now: Timestamp,
    /// Converts timestamps to times of day.
    pub wall_clock: WallClock,
    /// The status of the policy laboratory.
    pub laboratory: LaboratoryStatus<'a>,
    /// What is recorded, and of when all the above is; `None` without a recording, which is always the present.
    pub time: Option<TimeStatus<'a>>,
    /// Another recording that this one is compared with.
    pub compared: Option<Compared<'a>>,
    /// What is known of the messages, if they are looked at.
    pub protocol: Option<&'a Analysis>,
    /// Whether it is the other one of two recordings that are compared.
    is_other: bool,
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
            laboratory: LaboratoryStatus::default(),
            time: None,
            compared: None,
            protocol: None,
            is_other: false,
            registrars,
        }
    }

    /// Adds the policy laboratory.
    #[must_use]
    pub const fn with_laboratory(mut self, laboratory: LaboratoryStatus<'a>) -> Self {
        self.laboratory = laboratory;
        self
    }

    /// Adds what is recorded.
    #[must_use]
    pub const fn with_time(mut self, time: Option<TimeStatus<'a>>) -> Self {
        self.time = time;
        self
    }

    /// Adds another recording that it is compared with.
    #[must_use]
    pub fn with_other(mut self, other: Option<Other<'a>>) -> Self {
        self.compared = other.map(Compared::new);
        self
    }

    /// Adds what is known of the messages.
    #[must_use]
    pub const fn with_protocol(mut self, protocol: Option<&'a Analysis>) -> Self {
        self.protocol = protocol;
        self
    }

    /// Makes it the other one of two recordings that are compared.
    pub(crate) const fn beside_another(mut self) -> Self {
        self.is_other = true;
        self
    }

    /// Returns the identity of a widget that does not depend on where it is drawn: another one for the other one of two
    /// recordings, whose components have the same identifiers.
    pub(crate) fn distinct(&self, id: Id) -> Id {
        if self.is_other {
            id.with("the other recording")
        } else {
            id
        }
    }

    /// Returns whether this is the demonstration as it takes place; otherwise nothing can be done to it.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.time
            .is_none_or(|time| time.source == Source::Live && time.cursor.is_none())
    }

    /// Returns whether time goes on by itself: it does, unless the cursor rests.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        match self.time {
            None => true,
            Some(time) => match time.cursor {
                None => time.source == Source::Live,
                Some(cursor) => cursor.speed.is_some(),
            },
        }
    }

    /// Returns the number of the model among those that were shown, see [`TimeStatus::epoch`].
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.time.map_or(0, |time| time.epoch)
    }

    /// Returns a component.
    #[must_use]
    pub fn component(&self, id: ComponentId) -> Option<&'a Component> {
        self.model.components.get(&id)
    }

    /// Returns whether there is more than one registrar in the scenario.
    #[must_use]
    pub fn has_several_registrars(&self) -> bool {
        self.registrars > 1
    }

    /// Returns whether a takeover is in progress whose next event may be expected soon.
    #[must_use]
    pub fn has_fresh_takeover(&self) -> bool {
        let latest = self.model.takeovers.back();
        latest.is_some_and(|takeover| takeover.is_under_way() && self.now - takeover.began() < NEWS_WITHIN)
    }

    /// Returns whether a stopwatch or a countdown of the steps is running.
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

    /// Returns the components of a role, in the order in which they were added.
    pub fn role(&self, role: ComponentRole) -> impl Iterator<Item = &'a Component> {
        self.model
            .components
            .values()
            .filter(move |component| component.role() == role)
    }

    /// Returns the pool element of this control centre with this PE identifier.
    #[must_use]
    pub fn element(&self, pe_identifier: PeIdentifier) -> Option<&'a Component> {
        let identity = feed::ComponentIdentity::PoolElement(pe_identifier);
        self.component(self.model.identified(identity)?)
    }

    /// Returns the colour of a pool element; a subdued one if it is not one of our own.
    #[must_use]
    pub fn element_colour(&self, theme: &Theme, pe_identifier: PeIdentifier) -> Color32 {
        self.element(pe_identifier)
            .map_or(theme.weak, |component| theme.element(component.colour))
    }

    /// Returns the distinct pool elements that serve a pool user, each with the number of its sessions.
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

    /// Returns the active faults in words, each with the component or the link that has it: frozen components,
    /// components with faults on all links, single links with faults, and pool elements that are to break sessions.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let name = |id: ComponentId| {
            self.component(id)
                .map_or_else(|| "?".to_owned(), |component| component.name.clone())
        };
        let mut faults = Vec::new();
        for component in self.model.components.values() {
            let mut has = |what: String| faults.push(format!("{}: {what}", component.name));
            if component.is_stopped() {
                has("frozen".to_owned());
            }
            let all = links::impairment_of_all(component);
            if all.cut {
                has("unplugged".to_owned());
            } else if !all.is_none() {
                has(format!("all links: {}", links::words(&all)));
            }
            if let Some(messages) = component.fails_after() {
                has(wording::fails_after(messages));
            }
        }
        for ((one, other), impairment) in links::impaired(self.model) {
            let (one, other) = (name(one), name(other));
            faults.push(format!("{one} and {other}: {}", links::words(&impairment)));
        }
        for id in links::orphans(self.model) {
            faults.push(format!("{}: a link to a component that is gone", name(id)));
        }
        faults
    }

    /// Returns whether there is a fault, or the user has started random up- and down-times.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        !self.faults().is_empty() || !self.scenario_status.random_faults.is_empty()
    }

    /// Returns the random up- and down-times that the user has started and that concern a component.
    #[must_use]
    pub fn random_faults_of(&self, id: ComponentId) -> Option<&'a RandomFaultsRun> {
        let mut random = self.scenario_status.random_faults.iter();
        random.find(|random| random.members().contains(&id))
    }
}
