//! A node: one core and what runs around it.

use protocol::{Core, Endpoint, PoolElement, Registrar, Time};
use wire::{PeIdentifier, RegistrarIdentifier};

use crate::application::{Counting, Customer};
use crate::{Attacker, NodeId};

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Registrar.
    Registrar(RegistrarIdentifier),
    /// Pool element.
    PoolElement(PeIdentifier, PolicyKind),
    /// Pool user with one session.
    PoolUser,
    /// Somebody who means ill.
    Attacker,
}

/// The pool's policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// Round Robin.
    RoundRobin,
    /// Least Used; the load follows the number of sessions.
    LeastUsed,
}

/// A place in the world; empty while nobody runs there.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) role: Role,
    pub(crate) program: Option<Program>,
    /// When it last began or ceased to run, or was frozen or thawed.
    pub(crate) changed: Time,
    pub(crate) frozen: bool,
}

#[derive(Debug)]
pub(crate) enum Program {
    Registrar(Box<Registrar>),
    PoolElement(Box<Counting>),
    PoolUser(Box<Customer>),
    Attacker(Box<Attacker>),
}

impl Role {
    /// The ports on which a node of this role listens.
    pub(crate) fn listens(self) -> Vec<(u16, Endpoint)> {
        match self {
            Self::Registrar(_) => vec![(3863, Endpoint::Asap)],
            Self::PoolElement(..) => vec![(4000, Endpoint::Asap), (7000, Endpoint::Service)],
            Self::PoolUser => vec![(5000, Endpoint::Asap), (5001, Endpoint::Service)],
            Self::Attacker => vec![(3863, Endpoint::Asap), (7000, Endpoint::Service)],
        }
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

    /// When it wants to be woken.
    pub(crate) fn next_time(&self) -> Option<Time> {
        if self.frozen {
            return None;
        }
        match self.program.as_ref()? {
            Program::Registrar(registrar) => registrar.poll_timeout(),
            Program::PoolElement(counting) => {
                let core = counting.core.poll_timeout();
                Some(core.map_or(counting.next_time(), |time| time.min(counting.next_time())))
            }
            Program::PoolUser(customer) => customer.core.poll_timeout(),
            Program::Attacker(attacker) => attacker.next_time(),
        }
    }
}
