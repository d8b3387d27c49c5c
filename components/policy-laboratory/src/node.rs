//! A node: what runs on it, and when it wants to be woken.

use protocol::{Core, Effect, Registrar, Time, registrar};
use virtual_network::Arrival;
use wire::PeIdentifier;

use crate::element::Element;
use crate::user::User;

#[derive(Debug)]
pub(crate) struct Node {
    /// `None` while it is broken.
    pub(crate) program: Option<Program>,
    /// When it wants to be woken.
    pub(crate) wake: Option<Time>,
}

#[derive(Debug)]
pub(crate) enum Program {
    Registrar(Box<Registrar>),
    Element(Box<Element>),
    User(Box<User>),
}

/// What a node does next.
#[derive(Debug)]
pub(crate) enum Step {
    /// What its core wants done.
    Effect(Effect),
    /// It has ended in order.
    Stopped,
    /// A registrar is in service.
    InService,
    /// A pool user has lost its pool element.
    Lost(PeIdentifier),
    /// A pool element serves a pool user.
    Served,
}

impl Program {
    pub(crate) fn handle_arrival(&mut self, now: Time, arrival: Arrival) {
        match self {
            Self::Registrar(registrar) => arrival.hand_to(registrar.as_mut(), now),
            Self::Element(element) => arrival.hand_to(element.core(), now),
            Self::User(user) => arrival.hand_to(user.core(), now),
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Time) {
        match self {
            Self::Registrar(registrar) => registrar.handle_timeout(now),
            Self::Element(element) => element.handle_timeout(now),
            Self::User(user) => user.handle_timeout(now),
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        match self {
            Self::Registrar(registrar) => registrar.poll_timeout(),
            Self::Element(element) => element.poll_timeout(),
            Self::User(user) => user.poll_timeout(),
        }
    }

    pub(crate) fn poll_step(&mut self, now: Time) -> Option<Step> {
        match self {
            Self::Registrar(registrar) => loop {
                match registrar.poll_output()?.effect_or_event() {
                    Ok(effect) => return Some(Step::Effect(effect)),
                    Err(registrar::Event::Stopped) => return Some(Step::Stopped),
                    Err(registrar::Event::StartUp {
                        phase: registrar::StartUpPhase::InService { .. },
                    }) => return Some(Step::InService),
                    Err(_) => {}
                }
            },
            Self::Element(element) => element.poll_step(now),
            Self::User(user) => user.poll_step(now),
        }
    }
}
