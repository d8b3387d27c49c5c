//! Events in a registrar.

mod sentence;
mod takeover;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wire::asap;
use wire::parameter::{ErrorCause, Policy};
use wire::{PeIdentifier, PoolHandle, RegistrarIdentifier};

pub use takeover::{GivenUp, TakeoverPhase};

use crate::{AssociationId, DownCause, TransportAddress};

/// An event in a registrar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Event {
    /// An association came up.
    AssociationUp {
        /// The association.
        association: AssociationId,
        /// The other end.
        peer: TransportAddress,
    },
    /// A pool element registered over this association, so it is at the other end.
    PoolElementIdentified {
        /// The association.
        association: AssociationId,
        /// The pool handle.
        pool_handle: PoolHandle,
        /// The PE identifier.
        pe_identifier: PeIdentifier,
    },
    /// An association ended.
    AssociationDown {
        /// The association.
        association: AssociationId,
        /// The cause.
        cause: DownCause,
    },
    /// A pool element was added to the handlespace.
    Registered {
        /// The pool handle.
        pool_handle: PoolHandle,
        /// The PE identifier.
        pe_identifier: PeIdentifier,
        /// Its policy and policy data.
        policy: Policy,
        /// The association over which it registered.
        association: AssociationId,
        /// Changes made to its registration; empty if it was accepted unchanged.
        warnings: Vec<ErrorCause>,
    },
    /// A pool element in the handlespace registered again.
    Reregistered {
        /// The pool handle.
        pool_handle: PoolHandle,
        /// The PE identifier.
        pe_identifier: PeIdentifier,
        /// Its policy and policy data.
        policy: Policy,
        /// The association over which it registered.
        association: AssociationId,
    },
    /// A registration was refused.
    RegistrationRefused {
        /// The pool handle.
        pool_handle: PoolHandle,
        /// The PE identifier.
        pe_identifier: PeIdentifier,
        /// The error causes.
        causes: Vec<ErrorCause>,
    },
    /// A deregistration was refused.
    DeregistrationRefused {
        /// The pool handle.
        pool_handle: PoolHandle,
        /// The PE identifier.
        pe_identifier: PeIdentifier,
        /// The error causes.
        causes: Vec<ErrorCause>,
    },
    /// A pool element was removed from the handlespace.
    Removed {
        /// The pool handle.
        pool_handle: PoolHandle,
        /// The PE identifier.
        pe_identifier: PeIdentifier,
        /// The reason.
        reason: RemovalReason,
    },
    /// A handle resolution was answered.
    Resolved {
        /// The association of the requester.
        association: AssociationId,
        /// The pool handle.
        pool_handle: PoolHandle,
        /// The pool elements in the response, in order; empty for a negative response.
        selected: Vec<PeIdentifier>,
    },
    /// A keep-alive was sent.
    ProbeSent {
        /// The pool handle.
        pool_handle: PoolHandle,
        /// The PE identifier.
        pe_identifier: PeIdentifier,
        /// Whether it was sent because of an unreachable report.
        reported: bool,
    },
    /// A keep-alive was acknowledged.
    ProbeAnswered {
        /// The pool handle.
        pool_handle: PoolHandle,
        /// The PE identifier.
        pe_identifier: PeIdentifier,
    },
    /// A pool element was reported as unreachable.
    UnreachableReported {
        /// The association of the reporter.
        association: AssociationId,
        /// The pool handle.
        pool_handle: PoolHandle,
        /// The PE identifier.
        pe_identifier: PeIdentifier,
        /// Reports since its last registration, including this one.
        reports: u32,
    },
    /// A registrar's announcement was heard for the first time, or again after a silence.
    RegistrarHeard {
        /// The registrar.
        registrar: RegistrarIdentifier,
    },
    /// A registrar has not been heard for T7.
    RegistrarSilent {
        /// The registrar.
        registrar: RegistrarIdentifier,
    },
    /// The start-up reached a phase (RFC 5353 section 3.2).
    StartUp {
        /// The phase.
        phase: StartUpPhase,
    },
    /// A registrar is at the other end of this association.
    PeerIdentified {
        /// The association, on the ENRP endpoint.
        association: AssociationId,
        /// The registrar.
        registrar: RegistrarIdentifier,
    },
    /// The peer list changed: a registrar was added or removed, or its state changed.
    PeerChanged {
        /// The registrar.
        registrar: RegistrarIdentifier,
        /// Its previous state; `None` if it was not in the list.
        before: Option<PeerState>,
        /// Its new state; `None` if it was removed from the list.
        state: Option<PeerState>,
    },
    /// The progress of a synchronization with a peer (RFC 5353 section 3.7).
    Synchronization {
        /// The peer that owns the pool elements.
        owner: RegistrarIdentifier,
        /// The progress.
        progress: SynchronizationProgress,
    },
    /// The progress of a takeover (RFC 5353 section 3.5).
    Takeover {
        /// The registrar that is being taken over.
        target: RegistrarIdentifier,
        /// The phase.
        phase: TakeoverPhase,
    },
    /// A pool element's home registrar changed.
    OwnerChanged {
        /// The pool handle.
        pool_handle: PoolHandle,
        /// The PE identifier.
        pe_identifier: PeIdentifier,
        /// Its new home registrar.
        owner: RegistrarIdentifier,
    },
    /// A peer's pool element was added or changed as the peer announced.
    PeerPoolElement {
        /// The pool handle.
        pool_handle: PoolHandle,
        /// The PE identifier.
        pe_identifier: PeIdentifier,
    },
    /// The distance of a pool element was measured, and has changed.
    DistanceMeasured {
        /// The pool handle.
        pool_handle: PoolHandle,
        /// The PE identifier.
        pe_identifier: PeIdentifier,
        /// The one-way delay to it, in milliseconds.
        distance: u32,
    },
    /// A peer's pool element was not added, since it contradicts its pool here; it will be when it does not any more.
    PeerPoolElementPassedOver {
        /// The pool handle.
        pool_handle: PoolHandle,
        /// The PE identifier.
        pe_identifier: PeIdentifier,
        /// Its home registrar.
        owner: RegistrarIdentifier,
        /// Its policy and policy data.
        policy: Policy,
        /// The contradiction, as in a refused registration.
        causes: Vec<ErrorCause>,
    },
    /// A message was not processed. Not reported, since peers can cause this as often as they like.
    #[serde(skip)]
    Discarded {
        /// The association it arrived on; `None` for a datagram.
        association: Option<AssociationId>,
        /// A short reason.
        why: String,
    },
    /// A peer reported an error. Not reported, since peers can cause this as often as they like.
    #[serde(skip)]
    ErrorReceived {
        /// The association it arrived on.
        association: AssociationId,
        /// The message.
        error: asap::Error,
    },
    /// It has stopped; no output follows.
    Stopped,
}

/// The reason why a pool element was removed from the handlespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemovalReason {
    /// It deregistered.
    Deregistered,
    /// Its registration life expired.
    Expired,
    /// It has registered with a policy of another type than that of its pool.
    OtherPolicy,
    /// It did not acknowledge a keep-alive in time.
    KeepAliveTimeout,
    /// It was reported as unreachable more often than MAX-BAD-PE-REPORT.
    Reported,
    /// Its association ended (D-23).
    AssociationLost(DownCause),
    /// The other end of its association restarted.
    Restarted,
    /// Its home registrar announced its removal.
    RemovedByOwner,
    /// Its home registrar does not list it (RFC 5353 section 3.7.3).
    NotListedByOwner,
    /// It did not accept this registrar as its new home registrar after a takeover.
    NotAdopted,
}

/// The phase of a registrar's start-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartUpPhase {
    /// It is looking for a mentor.
    LookingForMentor,
    /// It is downloading the peer list and the handlespace from its mentor.
    Downloading {
        /// The mentor.
        mentor: RegistrarIdentifier,
    },
    /// It is in service.
    InService {
        /// The mentor; `None` if it is the first registrar.
        mentor: Option<RegistrarIdentifier>,
        /// Pool elements received from the mentor.
        pool_elements: u32,
        /// The time since the start.
        #[serde(rename = "took_us", with = "crate::microseconds")]
        took: Duration,
    },
}

/// The state of a peer in a registrar's peer list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeerState {
    /// It was named by another registrar, and has not been heard yet.
    Unconfirmed,
    /// It is heard.
    Active,
    /// It has been silent for too long, or its association was lost: its presence has been requested.
    Probed,
    /// A registrar, perhaps this one, is taking it over.
    BeingTakenOver,
}

/// The progress of a synchronization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SynchronizationProgress {
    /// The checksums differ: the owner's handle table has been requested.
    Started,
    /// All pool elements of the owner have been received.
    Finished {
        /// Pool elements that were new or changed their owner.
        added: u32,
        /// Pool elements that the owner no longer has.
        removed: u32,
    },
    /// The owner refused or fell silent; its next presence starts another attempt.
    GivenUp,
}
