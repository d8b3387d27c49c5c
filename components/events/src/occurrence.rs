//! What all events have in common.

use wire::{PeIdentifier, RegistrarIdentifier};

use crate::{AssociationId, Names};

/// Something that happened in a component.
pub trait Occurrence {
    /// What happened, to be read after the component's name: "is in service after 163 ms". The one place where it is put
    /// into words; who is meant by an identifier is asked here.
    fn sentence(&self, names: &dyn Names) -> String;

    /// How much it matters in a log.
    fn level(&self) -> Level;

    /// Who has caused it, if peers can do that as often as they like.
    fn caused_at_will(&self) -> Option<Sender> {
        None
    }

    /// Whether a control centre is told. It is not told of what goes with every message, since it sees those, nor of
    /// what peers cause at will.
    fn is_news(&self) -> bool {
        self.level() != Level::Debug && self.caused_at_will().is_none()
    }

    /// Who is found to be at the other end of an association.
    fn identified(&self) -> Option<(AssociationId, Identity)> {
        None
    }
}

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// For those who look closely.
    Debug,
    /// Part of normal life.
    Info,
    /// It should not have happened.
    Warning,
}

/// Whose message was odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sender {
    /// Whoever is at the other end of this association.
    Association(AssociationId),
    /// Anybody: it was a datagram.
    Multicast,
}

impl Sender {
    /// The sender of a message, which came over an association or by multicast.
    #[must_use]
    pub const fn of(association: Option<AssociationId>) -> Self {
        match association {
            Some(association) => Self::Association(association),
            None => Self::Multicast,
        }
    }

    /// The association, unless it was a datagram.
    #[must_use]
    pub const fn association(self) -> Option<AssociationId> {
        match self {
            Self::Association(association) => Some(association),
            Self::Multicast => None,
        }
    }
}

/// A component as the protocols identify it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// A registrar.
    Registrar(RegistrarIdentifier),
    /// A pool element.
    PoolElement(PeIdentifier),
}
