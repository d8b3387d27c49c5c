//! What a registrar tells the program around it.

use wire::asap;
use wire::parameter::{ErrorCause, Policy};
use wire::{PeIdentifier, PoolHandle, RegistrarIdentifier};

use crate::{AssociationId, DownCause, Peer};

/// Something that happened in a registrar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An association came up.
    AssociationUp {
        /// The association.
        association: AssociationId,
        /// The other end.
        peer: Peer,
    },
    /// A pool element has registered over this association: it is at the other end.
    PoolElementIdentified {
        /// The association.
        association: AssociationId,
        /// The pool.
        pool_handle: PoolHandle,
        /// The pool element.
        pe_identifier: PeIdentifier,
    },
    /// An association ended.
    AssociationDown {
        /// The association.
        association: AssociationId,
        /// Why.
        cause: DownCause,
    },
    /// A pool element is new in the handlespace.
    Registered {
        /// The pool.
        pool_handle: PoolHandle,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// Its policy and policy data.
        policy: Policy,
        /// The association over which it registered.
        association: AssociationId,
        /// What was changed in its registration; empty if it was taken as it came.
        warnings: Vec<ErrorCause>,
    },
    /// A pool element that is in the handlespace has registered again.
    Reregistered {
        /// The pool.
        pool_handle: PoolHandle,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// Its policy and policy data.
        policy: Policy,
        /// The association over which it registered.
        association: AssociationId,
    },
    /// A registration was refused.
    RegistrationRefused {
        /// The pool.
        pool_handle: PoolHandle,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// Why.
        causes: Vec<ErrorCause>,
    },
    /// A deregistration was refused.
    DeregistrationRefused {
        /// The pool.
        pool_handle: PoolHandle,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// Why.
        causes: Vec<ErrorCause>,
    },
    /// A pool element is no longer in the handlespace.
    Removed {
        /// The pool.
        pool_handle: PoolHandle,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// Why.
        reason: RemovalReason,
    },
    /// A handle resolution was answered.
    Resolved {
        /// Who asked.
        association: AssociationId,
        /// The pool.
        pool_handle: PoolHandle,
        /// The pool elements in the answer, in its order; empty for a negative answer.
        selected: Vec<PeIdentifier>,
    },
    /// A keep-alive was sent.
    ProbeSent {
        /// The pool.
        pool_handle: PoolHandle,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// Whether an unreachable report was the reason.
        reported: bool,
    },
    /// A keep-alive was acknowledged.
    ProbeAnswered {
        /// The pool.
        pool_handle: PoolHandle,
        /// The pool element.
        pe_identifier: PeIdentifier,
    },
    /// A pool element was reported to be unreachable.
    UnreachableReported {
        /// Who reported it.
        association: AssociationId,
        /// The pool.
        pool_handle: PoolHandle,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// Reports since its last registration, this one included.
        reports: u32,
    },
    /// A registrar was heard announcing for the first time, or again after a silence.
    RegistrarHeard {
        /// The registrar.
        registrar: RegistrarIdentifier,
    },
    /// A registrar has not been heard for T7.
    RegistrarSilent {
        /// The registrar.
        registrar: RegistrarIdentifier,
    },
    /// A message was not processed.
    Discarded {
        /// Who sent it; `None` for a datagram.
        association: Option<AssociationId>,
        /// Why, in a few words.
        why: String,
    },
    /// A peer reported an error.
    ErrorReceived {
        /// Who sent it.
        association: AssociationId,
        /// The message.
        error: asap::Error,
    },
    /// [`Registrar::stop`](super::Registrar::stop) is done; no output follows.
    Stopped,
}

/// Why a pool element is no longer in the handlespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemovalReason {
    /// It has deregistered.
    Deregistered,
    /// Its registration life has ended.
    Expired,
    /// It did not acknowledge a keep-alive in time.
    KeepAliveTimeout,
    /// It was reported to be unreachable more often than MAX-BAD-PE-REPORT.
    Reported,
    /// Its association ended (D-23).
    AssociationLost(DownCause),
    /// The other end of its association has restarted.
    Restarted,
}
