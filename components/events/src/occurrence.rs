//! The properties that all events share.

use wire::{PeIdentifier, RegistrarIdentifier};

use crate::{AssociationId, Names};

/// An event in a component.
pub trait Occurrence {
    /// Returns what happened as a sentence to follow the component's name: "is in service after 163 ms". This is the
    /// only place where it is put into words; `names` provides the names for identifiers.
    fn sentence(&self, names: &dyn Names) -> String;

    /// Returns its log level.
    fn level(&self) -> Level;

    /// Returns its originator if peers can cause the event as often as they like.
    fn caused_at_will(&self) -> Option<Sender> {
        None
    }

    /// Returns whether the event is reported to a control centre. Events that accompany every message are not, since
    /// the messages are reported already, nor are events that peers can cause at will.
    fn is_news(&self) -> bool {
        self.level() != Level::Debug && self.caused_at_will().is_none()
    }

    /// Returns the component that was identified at the other end of an association.
    fn identified(&self) -> Option<(AssociationId, Identity)> {
        None
    }
}

/// The log level of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Details.
    Debug,
    /// Normal operation.
    Info,
    /// It should not have happened.
    Warning,
}

/// The sender of an odd message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sender {
    /// The other end of this association.
    Association(AssociationId),
    /// Unknown: it was a datagram.
    Multicast,
}

impl Sender {
    /// Returns the sender of a message that arrived over an association or by multicast.
    #[must_use]
    pub const fn of(association: Option<AssociationId>) -> Self {
        match association {
            Some(association) => Self::Association(association),
            None => Self::Multicast,
        }
    }

    /// Returns the association, unless it was a datagram.
    #[must_use]
    pub const fn association(self) -> Option<AssociationId> {
        match self {
            Self::Association(association) => Some(association),
            Self::Multicast => None,
        }
    }
}

/// The identity of a component in the protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// A registrar.
    Registrar(RegistrarIdentifier),
    /// A pool element.
    PoolElement(PeIdentifier),
}
