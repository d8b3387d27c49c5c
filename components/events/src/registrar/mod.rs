//! What happens in a registrar.

mod sentence;
mod takeover;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wire::asap;
use wire::parameter::{ErrorCause, Policy};
use wire::{PeIdentifier, PoolHandle, RegistrarIdentifier};

pub use takeover::{GivenUp, TakeoverPhase};

use crate::{AssociationId, DownCause, TransportAddress};

/// Something that happened in a registrar.
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
    /// The start-up has come so far (RFC 5353 section 3.2).
    StartUp {
        /// How far.
        phase: StartUpPhase,
    },
    /// A registrar is at the other end of this association.
    PeerIdentified {
        /// The association, on the ENRP endpoint.
        association: AssociationId,
        /// The registrar.
        registrar: RegistrarIdentifier,
    },
    /// The peer list has changed: a registrar was added or removed, or its state is another one.
    PeerChanged {
        /// The registrar.
        registrar: RegistrarIdentifier,
        /// Its state before; `None` if it was not in the list.
        before: Option<PeerState>,
        /// Its state now; `None` if it was removed from the list.
        state: Option<PeerState>,
    },
    /// A synchronization with a peer has come so far (RFC 5353 section 3.7).
    Synchronization {
        /// The peer, owner of the pool elements.
        owner: RegistrarIdentifier,
        /// How far.
        progress: SynchronizationProgress,
    },
    /// A takeover has come so far (RFC 5353 section 3.5).
    Takeover {
        /// Who is being taken over.
        target: RegistrarIdentifier,
        /// How far.
        phase: TakeoverPhase,
    },
    /// A pool element's home registrar is another one now.
    OwnerChanged {
        /// The pool.
        pool_handle: PoolHandle,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// Its home registrar now.
        owner: RegistrarIdentifier,
    },
    /// A peer's pool element was added or changed on the peer's word.
    PeerPoolElement {
        /// The pool.
        pool_handle: PoolHandle,
        /// The pool element.
        pe_identifier: PeIdentifier,
    },
    /// A message was not processed. Not told: peers cause it as often as they like.
    #[serde(skip)]
    Discarded {
        /// Who sent it; `None` for a datagram.
        association: Option<AssociationId>,
        /// Why, in a few words.
        why: String,
    },
    /// A peer reported an error. Not told: peers cause it as often as they like.
    #[serde(skip)]
    ErrorReceived {
        /// Who sent it.
        association: AssociationId,
        /// The message.
        error: asap::Error,
    },
    /// It has stopped; no output follows.
    Stopped,
}

/// Why a pool element is no longer in the handlespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
    /// Its home registrar says that it is gone.
    RemovedByOwner,
    /// Its home registrar does not list it (RFC 5353 section 3.7.3).
    NotListedByOwner,
    /// It did not accept this registrar as its new home after a takeover.
    NotAdopted,
}

/// How far a registrar's start-up has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartUpPhase {
    /// It listens for somebody who has the handlespace.
    LookingForMentor,
    /// It asks this registrar for its peers and the handlespace.
    Downloading {
        /// The mentor.
        mentor: RegistrarIdentifier,
    },
    /// It serves pool elements and pool users from now on.
    InService {
        /// Who gave it the handlespace; `None` if it is the first registrar.
        mentor: Option<RegistrarIdentifier>,
        /// Pool elements it was given.
        pool_elements: u32,
        /// The time since the start.
        #[serde(rename = "took_us", with = "crate::microseconds")]
        took: Duration,
    },
}

/// What a registrar thinks of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeerState {
    /// It was named by somebody, and has not been heard yet.
    Unconfirmed,
    /// It is being heard.
    Active,
    /// It has been silent for too long, or its association was lost: it was asked for its presence.
    Probed,
    /// Somebody, perhaps this registrar, is taking it over.
    BeingTakenOver,
}

/// How far a synchronization has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SynchronizationProgress {
    /// The checksums differ: the owner is asked for its pool elements.
    Started,
    /// Everything the owner has is here.
    Finished {
        /// Pool elements that were new or had changed their owner.
        added: u32,
        /// Pool elements that the owner does not have any more.
        removed: u32,
    },
    /// The owner refused or fell silent; its next presence starts another one.
    GivenUp,
}
