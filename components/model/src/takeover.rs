//! Takeovers of registrars by registrars (RFC 5353 section 3.5), each merged from the reports of all registrars.

use std::collections::BTreeMap;
use std::time::Duration;

use events::Occurrence as _;
use events::registrar::Event;
use feed::{ComponentIdentity, GivenUp, TakeoverPhase, Timestamp};
use scenario::{TakeoverSign, Timers};
use serde::{Deserialize, Serialize};
use wire::{PeIdentifier, RegistrarIdentifier};

use crate::registrar::is_missed;
use crate::{ComponentId, InjectedFault, Model, Severity, bounded, words};

/// A takeover.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Takeover {
    /// Identifier of the registrar that is taken over.
    pub target: RegistrarIdentifier,
    /// That registrar, if it is one of this control centre's.
    pub target_component: Option<ComponentId>,
    /// The injected fault that led to it, if there was one at the target.
    pub fault: Option<InjectedFault>,
    /// The view of each registrar.
    #[serde(deserialize_with = "bounded::map::<{ Model::COMPONENTS }, _, _, _>")]
    pub views: BTreeMap<ComponentId, TakeoverView>,
}

/// A takeover as one registrar reports it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TakeoverView {
    /// Since when it has not heard the target and has waited for a sign of life.
    pub suspected: Option<Timestamp>,
    /// When it declared the target dead, how many pool elements the target owned, and how many peers must agree.
    pub initiated: Option<Initiated>,
    /// The peers that have agreed, in order.
    #[serde(deserialize_with = "bounded::list::<DETAILS, _, _>")]
    pub acknowledgements: Vec<Acknowledgement>,
    /// When all peers had agreed.
    pub won: Option<Won>,
    /// Pool elements that have answered or have gone, in order, bounded.
    #[serde(deserialize_with = "bounded::list::<DETAILS, _, _>")]
    pub settled: Vec<Settled>,
    /// Its end.
    pub end: Option<End>,
}

/// The beginning of a takeover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Initiated {
    /// When.
    pub at: Timestamp,
    /// Pool elements that the target owned.
    pub pool_elements: u32,
    /// The number of acknowledgements to wait for.
    pub due: u32,
}

/// A peer's agreement to a takeover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// The peer that agreed.
    pub by: RegistrarIdentifier,
    /// When the acknowledgement arrived.
    pub at: Timestamp,
}

/// The point at which all peers have agreed to a takeover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Won {
    /// When.
    pub at: Timestamp,
    /// Pool elements that are notified of their new home registrar.
    pub pool_elements: u32,
}

/// The end of a takeover for one registrar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The outcome.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
}

/// A pool element that has answered its new home registrar, or has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The pool element.
    pub pe_identifier: PeIdentifier,
    /// Whether it has accepted the new home registrar.
    pub adopted: bool,
    /// When.
    pub at: Timestamp,
}

/// The outcome of a takeover at one registrar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The registrar has taken over.
    Complete {
        /// Pool elements that accepted their new home registrar.
        adopted: u32,
        /// Pool elements that are gone, or found another home registrar.
        lost: u32,
    },
    /// The registrar gave up its own takeover.
    GivenUp {
        /// Why.
        reason: GivenUp,
    },
    /// The registrar yielded to a peer.
    Conceded {
        /// The peer.
        to: RegistrarIdentifier,
    },
    /// A peer has taken over.
    TakenOver {
        /// The peer.
        by: RegistrarIdentifier,
    },
    /// The registrar's process ended before.
    Ended,
}

/// The maximum number of takeovers that are kept.
pub(crate) const TAKEOVERS: usize = 50;
/// The maximum number of acknowledgements and settled pool elements that are kept per view.
const DETAILS: usize = 256;
/// Events within this time of the latest one belong to the same takeover.
const BELONGS: Duration = Duration::from_secs(60);
/// The maximum time from a fault to a takeover that is attributed to it. The RFC's timers take more than a minute.
const FAULT_EFFECT: Duration = Duration::from_secs(300);
/// The same for a fault that was undone: peers may already have asked for a sign of life (MAX-TIME-NO-RESPONSE).
const AFTERMATH: Duration = Duration::from_secs(10);

impl Takeover {
    /// Returns the registrar that takes over, or tries to, with its view.
    #[must_use]
    pub fn initiator(&self) -> Option<(ComponentId, &TakeoverView)> {
        let rank = |view: &TakeoverView| match (view.end, view.won, view.initiated) {
            (Some(end), ..) if end.is_complete() => 4,
            (None, Some(_), _) => 3,
            (None, None, Some(_)) => 2,
            (Some(_), _, Some(_)) => 1,
            _ => 0,
        };
        self.views
            .iter()
            .filter(|(_, view)| rank(view) > 0)
            .max_by_key(|(id, view)| (rank(view), std::cmp::Reverse(**id)))
            .map(|(id, view)| (*id, view))
    }

    /// Returns whether a registrar is taking over.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.completed().is_none() && self.views.values().any(|view| view.is_open())
    }

    /// Returns when it began: with the fault, or without one when the first registrar no longer heard the target.
    #[must_use]
    pub fn began(&self) -> Timestamp {
        match &self.fault {
            Some(injected) => injected.at,
            None => self
                .views
                .values()
                .filter_map(TakeoverView::first)
                .min()
                .unwrap_or_default(),
        }
    }

    /// Returns when all pool elements had a new home registrar.
    #[must_use]
    pub fn completed(&self) -> Option<Timestamp> {
        let complete = |view: &TakeoverView| view.end.filter(End::is_complete).map(|end| end.at);
        self.views.values().filter_map(complete).min()
    }

    /// Returns the time from its beginning until all pool elements had a new home registrar.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        let begin = self.began();
        self.completed().map(|completed| completed - begin)
    }

    /// Returns how the registrar that takes over found that the other one is dead. It waits for a sign of life for
    /// MAX-TIME-NO-RESPONSE, unless it learns before that nobody is there.
    #[must_use]
    pub fn sign(&self, model: &Model) -> Option<TakeoverSign> {
        let (id, view) = self.initiator()?;
        let (asked, declared) = (view.suspected?, view.initiated?.at);
        let timers = model.components.get(&id)?.timers.as_ref()?;
        let patience = timers.value(Timers::MAX_TIME_NO_RESPONSE)?;
        Some(if declared - asked < patience {
            TakeoverSign::Told
        } else {
            TakeoverSign::NoAnswer
        })
    }

    /// Returns the latest reported time.
    fn latest(&self) -> Timestamp {
        self.views
            .values()
            .map(TakeoverView::latest)
            .max()
            .unwrap_or_default()
    }
}

impl End {
    fn is_complete(&self) -> bool {
        matches!(self.outcome, Outcome::Complete { .. })
    }
}

impl TakeoverView {
    fn first(&self) -> Option<Timestamp> {
        let initiated = self.initiated.map(|initiated| initiated.at);
        let times = [self.suspected, initiated, self.end.map(|end| end.at)];
        times.into_iter().flatten().min()
    }

    fn latest(&self) -> Timestamp {
        let times = [
            self.initiated.map(|initiated| initiated.at),
            self.acknowledgements
                .last()
                .map(|acknowledgement| acknowledgement.at),
            self.won.map(|won| won.at),
            self.settled.last().map(|settled| settled.at),
            self.end.map(|end| end.at),
        ];
        times.into_iter().flatten().max().unwrap_or_default()
    }

    /// Returns the number of pool elements that have accepted so far.
    #[must_use]
    pub fn adopted(&self) -> u32 {
        match self.end.map(|end| end.outcome) {
            Some(Outcome::Complete { adopted, .. }) => adopted,
            _ => self.settled.iter().filter(|settled| settled.adopted).count() as u32,
        }
    }

    /// Returns the number of pool elements that have to find a new home registrar.
    #[must_use]
    pub fn pool_elements(&self) -> u32 {
        self.won
            .map(|won| won.pool_elements)
            .or(self.initiated.map(|initiated| initiated.pool_elements))
            .unwrap_or_default()
    }

    fn end(&mut self, outcome: Outcome, at: Timestamp) {
        self.end = Some(End { outcome, at });
    }

    /// Returns whether the registrar's own takeover is still under way.
    fn is_open(&self) -> bool {
        self.initiated.is_some() && self.end.is_none()
    }
}

impl Model {
    /// Returns the latest takeover of the registrar with this identifier.
    #[must_use]
    pub fn takeover_of(&self, target: RegistrarIdentifier) -> Option<&Takeover> {
        self.takeovers
            .iter()
            .rev()
            .find(|takeover| takeover.target == target)
    }

    /// A registrar reports a takeover. Returns whether that is plausible.
    pub(crate) fn takeover(
        &mut self,
        id: ComponentId,
        at: Timestamp,
        target: RegistrarIdentifier,
        phase: TakeoverPhase,
    ) -> bool {
        let of_others = matches!(
            phase,
            TakeoverPhase::Conceded { .. } | TakeoverPhase::TakenOver { .. }
        );
        let Some(component) = self.registrar_mut(id) else {
            return false;
        };
        if component.is_registrar(target) && !of_others {
            return false;
        }
        let suspected = component
            .registrar
            .peer(target)
            .filter(|peer| is_missed(peer.entry.state))
            .map(|peer| peer.since);
        let begins = of_others || matches!(phase, TakeoverPhase::Initiated { .. });
        let Some(takeover) = self.takeover_at(at, target, begins) else {
            return false;
        };
        let view = takeover.views.entry(id).or_default();
        if !view.take(at, &phase, suspected) {
            if *view == TakeoverView::default() {
                takeover.views.remove(&id);
            }
            return false;
        }
        let duration = takeover.duration();
        let fault_at = takeover.fault.as_ref().map(|fault| fault.at);
        self.note_takeover(
            id,
            at,
            target,
            phase,
            duration.map(|duration| (duration, fault_at)),
        );
        true
    }

    /// A process ended: its takeovers will not complete.
    pub(crate) fn abandon_takeovers_of(&mut self, id: ComponentId, at: Timestamp) {
        for takeover in &mut self.takeovers {
            if let Some(view) = takeover.views.get_mut(&id).filter(|view| view.is_open()) {
                view.end(Outcome::Ended, at);
            }
        }
    }

    /// Returns the takeover that an event belongs to, or a new one if the event `begins` a takeover and belongs to
    /// none.
    fn takeover_at(
        &mut self,
        at: Timestamp,
        target: RegistrarIdentifier,
        begins: bool,
    ) -> Option<&mut Takeover> {
        let target_component = self.registrar(target);
        let fault = target_component.and_then(|component| self.fault_behind_takeover(target, component, at));
        let known = self
            .takeovers
            .iter()
            .rposition(|takeover| takeover.target == target)
            .filter(|known| {
                let takeover = &self.takeovers[*known];
                // A registrar that was frozen, was heard again, and is killed now is taken over a second time.
                let same_fault = takeover.fault == fault || takeover.is_under_way();
                !begins || (same_fault && at - takeover.latest() < BELONGS)
            });
        let place = match known {
            Some(known) => known,
            None if begins => {
                if self.takeovers.len() == TAKEOVERS {
                    self.takeovers.pop_front();
                }
                self.takeovers.push_back(Takeover {
                    target,
                    target_component,
                    fault,
                    views: BTreeMap::new(),
                });
                self.takeovers.len() - 1
            }
            None => return None,
        };
        self.takeovers.get_mut(place)
    }

    /// Returns the injected fault that led to the takeover of a registrar: one of the life in which it had this
    /// identifier.
    fn fault_behind_takeover(
        &self,
        target: RegistrarIdentifier,
        component: ComponentId,
        at: Timestamp,
    ) -> Option<InjectedFault> {
        let now = self.components.get(&component)?;
        let identity = ComponentIdentity::Registrar(target);
        let record = if now.identity == Some(identity) {
            let since = now.process.since().unwrap_or_default();
            self.index.fault(component).filter(|record| record.at >= since)?
        } else {
            self.index.past_fault(identity)?
        };
        let effect_ends = record.at + FAULT_EFFECT;
        let until = record
            .undone
            .map_or(effect_ends, |undone| effect_ends.min(undone + AFTERMATH));
        (record.at..=until).contains(&at).then(|| InjectedFault {
            at: record.at,
            fault: record.fault,
            text: format!("{} {}", now.name, record.fault.done()),
        })
    }

    fn note_takeover(
        &mut self,
        id: ComponentId,
        at: Timestamp,
        target: RegistrarIdentifier,
        phase: TakeoverPhase,
        completed: Option<(Duration, Option<Timestamp>)>,
    ) {
        match phase {
            // The peer itself reports that it has agreed, if it is one of ours.
            TakeoverPhase::Acknowledged { by, .. } if self.registrar(by).is_some() => return,
            // The move is reported once it appears in the handlespace.
            TakeoverPhase::PoolElementSettled { adopted: true, .. } => return,
            _ => {}
        }
        let complete = matches!(phase, TakeoverPhase::Complete { .. });
        let sentence = Event::Takeover { target, phase }.sentence(self);
        match completed.filter(|_| complete) {
            Some((duration, fault_at)) => self.note_recovery(id, at, fault_at, |name| {
                format!("{name} {sentence}, after {}", words::duration(duration))
            }),
            None => self.note(Some(id), at, Severity::Normal, |name| {
                format!("{name} {sentence}")
            }),
        }
    }
}

impl TakeoverView {
    /// Records the progress of the takeover. Returns whether it is plausible.
    fn take(&mut self, at: Timestamp, phase: &TakeoverPhase, suspected: Option<Timestamp>) -> bool {
        let before = self.suspected.take().or(suspected);
        self.suspected = before;
        match *phase {
            TakeoverPhase::Initiated { pool_elements, due } => {
                *self = Self {
                    suspected: before,
                    initiated: Some(Initiated {
                        at,
                        pool_elements,
                        due,
                    }),
                    ..Self::default()
                };
            }
            TakeoverPhase::Acknowledged { by, .. } => {
                let known = self.acknowledgements.iter().any(|known| known.by == by);
                if !self.is_open() || known || self.acknowledgements.len() == DETAILS {
                    return false;
                }
                self.acknowledgements.push(Acknowledgement { by, at });
            }
            TakeoverPhase::Won { pool_elements } => {
                if !self.is_open() || self.won.is_some() {
                    return false;
                }
                self.won = Some(Won { at, pool_elements });
            }
            TakeoverPhase::PoolElementSettled {
                pe_identifier,
                adopted,
            } => {
                let known = self
                    .settled
                    .iter()
                    .any(|settled| settled.pe_identifier == pe_identifier);
                if !self.is_open() || self.won.is_none() || known {
                    return false;
                }
                if self.settled.len() < DETAILS {
                    self.settled.push(Settled {
                        pe_identifier,
                        adopted,
                        at,
                    });
                }
            }
            TakeoverPhase::Complete { adopted, lost } => {
                if !self.is_open() || self.won.is_none() {
                    return false;
                }
                self.end(Outcome::Complete { adopted, lost }, at);
            }
            TakeoverPhase::GivenUp(reason) => {
                if !self.is_open() {
                    return false;
                }
                self.end(Outcome::GivenUp { reason }, at);
            }
            TakeoverPhase::Conceded { to } => self.end(Outcome::Conceded { to }, at),
            TakeoverPhase::TakenOver { by, .. } => self.end(Outcome::TakenOver { by }, at),
        }
        true
    }
}
