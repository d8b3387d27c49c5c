//! Takeovers of registrars by registrars (RFC 5353 section 3.5), each joined from what all registrars tell of it.

use std::collections::BTreeMap;

use events::Occurrence as _;
use events::registrar::Event;
use feed::{GivenUp, TakeoverPhase};
use wire::RegistrarIdentifier;

use crate::registrar::is_missed;
use crate::{ComponentId, InjectedFault, Model, Weight, words};

/// A takeover. Times are microseconds as components stamp their events.
#[derive(Debug, Clone, PartialEq)]
pub struct Takeover {
    /// Identifier of the registrar that is taken over.
    pub target: u32,
    /// That registrar, if it is one of this control centre's.
    pub target_component: Option<ComponentId>,
    /// The presenter's fault that led to it, if one was injected at the target.
    pub fault: Option<InjectedFault>,
    /// What each registrar tells of it.
    pub views: BTreeMap<ComponentId, TakeoverView>,
}

/// A takeover as one registrar tells of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TakeoverView {
    /// Since when it did not hear the target and waited for a sign of life.
    pub suspected_us: Option<u64>,
    /// It considers the target dead: when, the target's pool elements, and how many peers must agree.
    pub initiated: Option<Initiated>,
    /// Who has agreed, in order.
    pub acknowledgements: Vec<(u32, u64)>,
    /// All have agreed: when, and how many pool elements are told.
    pub won: Option<(u64, u32)>,
    /// Pool elements that have answered, or have gone, in order, bounded.
    pub settled: Vec<Settled>,
    /// How it ended, and when.
    pub outcome: Option<(Outcome, u64)>,
}

/// The beginning of a takeover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Initiated {
    /// When.
    pub at_us: u64,
    /// Pool elements that the target owned.
    pub pool_elements: u32,
    /// Acknowledgements that were due.
    pub due: u32,
}

/// A pool element that has answered its new home, or has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// The pool element.
    pub pe_identifier: u32,
    /// Whether it has accepted.
    pub adopted: bool,
    /// When.
    pub at_us: u64,
}

/// How a takeover ended for one registrar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It has taken over: pool elements that accepted, and those that did not.
    Complete {
        /// They have a new home.
        adopted: u32,
        /// They are gone, or found another home.
        lost: u32,
    },
    /// It gave its own takeover up.
    GivenUp {
        /// Why.
        reason: GivenUp,
    },
    /// It let a peer take over.
    Conceded {
        /// The peer.
        to: u32,
    },
    /// A peer has taken over.
    TakenOver {
        /// The peer.
        by: u32,
    },
    /// Its own process ended before.
    Ended,
}

/// Takeovers that are kept.
const TAKEOVERS: usize = 50;
/// Acknowledgements and settled pool elements that are kept of each view.
const DETAILS: usize = 256;
/// What happens within this time of what happened last belongs to the same takeover, microseconds.
const BELONGS_US: u64 = 60_000_000;
/// A fault leads to a takeover within this time, or has nothing to do with it. The RFC's timers take more than a minute.
const FAULT_EFFECT_US: u64 = 300_000_000;
/// One that was taken back does so within this time: others may have asked for a sign of life already (MAX-TIME-NO-RESPONSE).
const AFTERMATH_US: u64 = 10_000_000;

impl Takeover {
    /// The registrar that takes over, or tries to, with what it tells.
    #[must_use]
    pub fn initiator(&self) -> Option<(ComponentId, &TakeoverView)> {
        let rank = |view: &TakeoverView| match (&view.outcome, view.won, view.initiated) {
            (Some((Outcome::Complete { .. }, _)), ..) => 4,
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

    /// Whether somebody is taking over.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.completed_us().is_none()
            && self
                .views
                .values()
                .any(|view| view.initiated.is_some() && view.outcome.is_none())
    }

    /// When it began: with the fault, or without one when the first registrar did not hear the target any more.
    #[must_use]
    pub fn begin_us(&self) -> u64 {
        match &self.fault {
            Some(injected) => injected.at_us,
            None => self.views.values().map(TakeoverView::first_us).min().unwrap_or(0),
        }
    }

    /// When all pool elements had a new home.
    #[must_use]
    pub fn completed_us(&self) -> Option<u64> {
        let complete = |view: &TakeoverView| match view.outcome {
            Some((Outcome::Complete { .. }, at_us)) => Some(at_us),
            _ => None,
        };
        self.views.values().filter_map(complete).min()
    }

    /// From the beginning until all pool elements had a new home, microseconds.
    #[must_use]
    pub fn duration_us(&self) -> Option<u64> {
        let begin = self.begin_us();
        self.completed_us()
            .map(|completed| completed.saturating_sub(begin))
    }

    /// The latest time that anybody told.
    fn latest_us(&self) -> u64 {
        self.views
            .values()
            .map(TakeoverView::latest_us)
            .max()
            .unwrap_or(0)
    }
}

impl TakeoverView {
    fn first_us(&self) -> u64 {
        let initiated = self.initiated.map(|initiated| initiated.at_us);
        let times = [
            self.suspected_us,
            initiated,
            self.outcome.as_ref().map(|(_, at_us)| *at_us),
        ];
        times.into_iter().flatten().min().unwrap_or(u64::MAX)
    }

    fn latest_us(&self) -> u64 {
        let times = [
            self.initiated.map(|initiated| initiated.at_us),
            self.acknowledgements.last().map(|(_, at_us)| *at_us),
            self.won.map(|(at_us, _)| at_us),
            self.settled.last().map(|settled| settled.at_us),
            self.outcome.as_ref().map(|(_, at_us)| *at_us),
        ];
        times.into_iter().flatten().max().unwrap_or(0)
    }

    /// The pool elements that have accepted so far.
    #[must_use]
    pub fn adopted(&self) -> u32 {
        match self.outcome {
            Some((Outcome::Complete { adopted, .. }, _)) => adopted,
            _ => self.settled.iter().filter(|settled| settled.adopted).count() as u32,
        }
    }

    /// The pool elements that have to find a new home.
    #[must_use]
    pub fn pool_elements(&self) -> u32 {
        self.won
            .map(|(_, pool_elements)| pool_elements)
            .or(self.initiated.map(|initiated| initiated.pool_elements))
            .unwrap_or(0)
    }

    /// Its own takeover is still going on.
    fn is_open(&self) -> bool {
        self.initiated.is_some() && self.outcome.is_none()
    }
}

impl Model {
    /// The latest takeover of the registrar with this identifier.
    #[must_use]
    pub fn takeover_of(&self, target: u32) -> Option<&Takeover> {
        self.takeovers
            .iter()
            .rev()
            .find(|takeover| takeover.target == target)
    }

    /// A registrar tells of a takeover. Returns whether that can be true.
    pub(crate) fn takeover(
        &mut self,
        id: ComponentId,
        at_us: u64,
        target: u32,
        phase: TakeoverPhase,
    ) -> bool {
        let of_others = matches!(
            phase,
            TakeoverPhase::Conceded { .. } | TakeoverPhase::TakenOver { .. }
        );
        let Some(component) = self.registrar_mut(id) else {
            return false;
        };
        if component.identifier == Some(u64::from(target)) && !of_others {
            return false;
        }
        let suspected_us = component
            .registrar
            .peer(target)
            .filter(|peer| is_missed(peer.entry.state))
            .map(|peer| peer.since_us);
        let begins = of_others || matches!(phase, TakeoverPhase::Initiated { .. });
        let Some(takeover) = self.takeover_at(at_us, target, begins) else {
            return false;
        };
        let view = takeover.views.entry(id).or_default();
        if !view.take(at_us, &phase, suspected_us) {
            if *view == TakeoverView::default() {
                takeover.views.remove(&id);
            }
            return false;
        }
        let duration_us = takeover.duration_us();
        self.tell_takeover(id, at_us, target, phase, duration_us);
        true
    }

    /// A process ended: what it tried will not be complete.
    pub(crate) fn abandon_takeovers_of(&mut self, id: ComponentId, at_us: u64) {
        for takeover in &mut self.takeovers {
            if let Some(view) = takeover.views.get_mut(&id).filter(|view| view.is_open()) {
                view.outcome = Some((Outcome::Ended, at_us));
            }
        }
    }

    /// The takeover that something belongs to; another one if it `begins` and belongs to none.
    fn takeover_at(&mut self, at_us: u64, target: u32, begins: bool) -> Option<&mut Takeover> {
        let target_component = self.registrar(target);
        let fault =
            target_component.and_then(|component| self.fault_behind_takeover(target, component, at_us));
        let known = self
            .takeovers
            .iter()
            .rposition(|takeover| takeover.target == target)
            .filter(|known| {
                let takeover = &self.takeovers[*known];
                // A registrar that was frozen, was heard again, and is killed now is taken over once more.
                let same_fault = takeover.fault == fault || takeover.is_under_way();
                !begins || (same_fault && at_us.saturating_sub(takeover.latest_us()) < BELONGS_US)
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

    /// The presenter's fault that made others take a registrar over: one of the life in which it had this identifier.
    fn fault_behind_takeover(
        &self,
        target: u32,
        component: ComponentId,
        at_us: u64,
    ) -> Option<InjectedFault> {
        let now = self.components.get(&component)?;
        let identity = feed::Component::new(now.role(), target.into())?;
        let record = if now.identifier == Some(identity.number()) {
            let since_us = now.process.since_us().unwrap_or(0);
            self.index
                .fault(component)
                .filter(|record| record.at_us >= since_us)?
        } else {
            self.index.past_fault(identity)?
        };
        let until_us = record
            .undone_us
            .map_or(u64::MAX, |undone_us| undone_us.saturating_add(AFTERMATH_US))
            .min(record.at_us.saturating_add(FAULT_EFFECT_US));
        (record.at_us..=until_us).contains(&at_us).then(|| InjectedFault {
            at_us: record.at_us,
            fault: record.fault,
            text: format!("{} {}", now.name, record.fault.done()),
        })
    }

    fn tell_takeover(
        &mut self,
        id: ComponentId,
        at_us: u64,
        target: u32,
        phase: TakeoverPhase,
        duration_us: Option<u64>,
    ) {
        let (weight, after) = match phase {
            // The peer tells that it has agreed, if it is one of ours.
            TakeoverPhase::Acknowledged { by, .. } if self.registrar(by.0).is_some() => return,
            // That it has moved is told when the handlespace has it.
            TakeoverPhase::PoolElementSettled { adopted: true, .. } => return,
            TakeoverPhase::Complete { .. } => {
                let after = duration_us.map(words::duration).unwrap_or_default();
                (Weight::Recovery, format!(", after {after}"))
            }
            _ => (Weight::Normal, String::new()),
        };
        let target = RegistrarIdentifier(target);
        let sentence = Event::Takeover { target, phase }.sentence(self);
        self.tell(Some(id), at_us, weight, |name| {
            format!("{name} {sentence}{after}")
        });
    }
}

impl TakeoverView {
    /// Takes in how far the takeover has come. Returns whether that can be true.
    fn take(&mut self, at_us: u64, phase: &TakeoverPhase, suspected_us: Option<u64>) -> bool {
        let before = self.suspected_us.take().or(suspected_us);
        self.suspected_us = before;
        match *phase {
            TakeoverPhase::Initiated { pool_elements, due } => {
                *self = Self {
                    suspected_us: before,
                    initiated: Some(Initiated {
                        at_us,
                        pool_elements,
                        due,
                    }),
                    ..Self::default()
                };
            }
            TakeoverPhase::Acknowledged { by, .. } => {
                let known = self.acknowledgements.iter().any(|(other, _)| *other == by.0);
                if !self.is_open() || known || self.acknowledgements.len() == DETAILS {
                    return false;
                }
                self.acknowledgements.push((by.0, at_us));
            }
            TakeoverPhase::Won { pool_elements } => {
                if !self.is_open() || self.won.is_some() {
                    return false;
                }
                self.won = Some((at_us, pool_elements));
            }
            TakeoverPhase::PoolElementSettled {
                pe_identifier,
                adopted,
            } => {
                let known = self
                    .settled
                    .iter()
                    .any(|settled| settled.pe_identifier == pe_identifier.0);
                if !self.is_open() || self.won.is_none() || known {
                    return false;
                }
                if self.settled.len() < DETAILS {
                    self.settled.push(Settled {
                        pe_identifier: pe_identifier.0,
                        adopted,
                        at_us,
                    });
                }
            }
            TakeoverPhase::Complete { adopted, lost } => {
                if !self.is_open() || self.won.is_none() {
                    return false;
                }
                self.outcome = Some((Outcome::Complete { adopted, lost }, at_us));
            }
            TakeoverPhase::GivenUp(reason) => {
                if !self.is_open() {
                    return false;
                }
                self.outcome = Some((Outcome::GivenUp { reason }, at_us));
            }
            TakeoverPhase::Conceded { to } => self.outcome = Some((Outcome::Conceded { to: to.0 }, at_us)),
            TakeoverPhase::TakenOver { by, .. } => {
                self.outcome = Some((Outcome::TakenOver { by: by.0 }, at_us))
            }
        }
        true
    }
}
