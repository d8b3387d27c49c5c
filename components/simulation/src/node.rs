//! A node: a core and its surroundings.

use protocol::{Core, Endpoint, PoolElement, Registrar, Time};
use virtual_network::Ports;
use wire::parameter::Policy;
use wire::{PeIdentifier, RegistrarIdentifier, asap, enrp};

use crate::application::{Counting, Customer};
use crate::clock::Clock;

use crate::{Attacker, Liar, Lie, NodeId};

/// The role of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Registrar.
    Registrar(RegistrarIdentifier, Companions),
    /// Pool element.
    PoolElement(PeIdentifier, PoolPolicy),
    /// Pool user with one session.
    PoolUser,
    /// An attacker that uses ASAP.
    Attacker,
    /// An attacker that poses as a registrar.
    Liar(RegistrarIdentifier, Lie),
}

/// How a registrar finds others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companions {
    /// Registrars to ask for the handlespace at start-up.
    pub mentors: Vec<NodeId>,
    /// Whether its presence is sent to the multicast group.
    pub multicast: bool,
}

impl Default for Companions {
    fn default() -> Self {
        Self {
            mentors: Vec::new(),
            multicast: true,
        }
    }
}

/// The policy of a pool element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolPolicy {
    /// The policy with its data at the start. A load follows the number of sessions.
    pub initial: Policy,
    /// Whether the data change with everything that the pool element sends.
    pub fickle: bool,
}

impl From<Policy> for PoolPolicy {
    fn from(initial: Policy) -> Self {
        Self {
            initial,
            fickle: false,
        }
    }
}

/// A node of the world; empty while it is not running.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) role: Role,
    pub(crate) program: Option<Program>,
    pub(crate) clock: Clock,
    /// When it wants to be woken.
    pub(crate) wake: Option<Time>,
    /// When it last started or stopped running, or was frozen or thawed.
    pub(crate) changed: Time,
    pub(crate) frozen: bool,
    /// Whether it has been asked to stop.
    pub(crate) leaving: bool,
    /// Since when it has been in service, if it is a registrar in service.
    pub(crate) in_service: Option<Time>,
}

#[derive(Debug)]
pub(crate) enum Program {
    Registrar(Box<Registrar>),
    PoolElement(Box<Counting>),
    PoolUser(Box<Customer>),
    Attacker(Box<Attacker>),
    Liar(Box<Liar>),
}

impl Role {
    /// Returns the ports of a node of this role.
    pub(crate) fn ports(&self) -> Ports {
        let listens = match self {
            Self::Registrar(..) | Self::Liar(..) => {
                vec![(asap::PORT, Endpoint::Asap), (enrp::PORT, Endpoint::Enrp)]
            }
            Self::PoolElement(..) => vec![(4000, Endpoint::Asap), (7000, Endpoint::Service)],
            Self::PoolUser => vec![(5000, Endpoint::Asap), (5001, Endpoint::Service)],
            Self::Attacker => vec![(asap::PORT, Endpoint::Asap), (7000, Endpoint::Service)],
        };
        Ports {
            listens,
            ephemeral: matches!(self, Self::Attacker),
        }
    }

    pub(crate) const fn registrar(&self) -> Option<RegistrarIdentifier> {
        match self {
            Self::Registrar(identifier, _) => Some(*identifier),
            Self::PoolElement(..) | Self::PoolUser | Self::Attacker | Self::Liar(..) => None,
        }
    }

    pub(crate) const fn pool_element(&self) -> Option<PeIdentifier> {
        match self {
            Self::PoolElement(identifier, _) => Some(*identifier),
            Self::Registrar(..) | Self::PoolUser | Self::Attacker | Self::Liar(..) => None,
        }
    }

    pub(crate) const fn means_ill(&self) -> bool {
        matches!(self, Self::Attacker | Self::Liar(..))
    }
}

impl Node {
    pub(crate) const fn registrar(&self) -> Option<&Registrar> {
        match &self.program {
            Some(Program::Registrar(registrar)) => Some(registrar),
            _ => None,
        }
    }

    pub(crate) fn pool_element(&self) -> Option<&PoolElement> {
        match &self.program {
            Some(Program::PoolElement(counting)) => Some(&counting.core),
            _ => None,
        }
    }

    pub(crate) fn customer(&self) -> Option<&Customer> {
        match &self.program {
            Some(Program::PoolUser(customer)) => Some(customer),
            _ => None,
        }
    }

    /// Returns whether it is running and not frozen.
    pub(crate) const fn is_awake(&self) -> bool {
        self.program.is_some() && !self.frozen
    }

    /// Determines when it wants to be woken.
    pub(crate) fn set_alarm(&mut self) {
        self.wake = self.next_time().map(|local| self.clock.world_time(local));
    }

    fn next_time(&self) -> Option<Time> {
        if self.frozen {
            return None;
        }
        match self.program.as_ref()? {
            Program::Registrar(registrar) => registrar.poll_timeout(),
            Program::PoolElement(counting) => {
                let core = counting.core.poll_timeout();
                core.into_iter().chain(counting.next_time()).min()
            }
            Program::PoolUser(customer) => customer.core.poll_timeout(),
            Program::Attacker(attacker) => attacker.next_time(),
            Program::Liar(liar) => Some(liar.next_time()),
        }
    }
}
