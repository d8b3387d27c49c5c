//! Events in a pool user.

mod sentence;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wire::parameter::CauseCode;
use wire::{PeIdentifier, PoolHandle, Ppid, RegistrarIdentifier, asap};

use crate::{AssociationId, DownCause, TransportAddress};

/// Identifies a session for the life of its pool user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub u32);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An event in a pool user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Event {
    /// It began to hunt for a registrar.
    Hunting,
    /// A round of the server hunt found no registrar; the hunt continues.
    HuntFailed {
        /// Unsuccessful rounds, including this one.
        rounds: u32,
        /// The duration of the next round.
        #[serde(rename = "next_round_us", with = "crate::microseconds")]
        next_round: Duration,
    },
    /// An association to a registrar came up.
    RegistrarConnected {
        /// The association.
        association: AssociationId,
        /// The transport address of the registrar.
        peer: TransportAddress,
    },
    /// The registrar at the other end of an association became known.
    RegistrarIdentified {
        /// The association.
        association: AssociationId,
        /// The registrar.
        registrar: RegistrarIdentifier,
    },
    /// The association to the registrar ended.
    RegistrarLost {
        /// The association.
        association: AssociationId,
        /// The cause.
        cause: DownCause,
    },
    /// A pool handle was resolved for a session.
    Resolved {
        /// The session.
        session: SessionId,
        /// The pool elements to try, in this order.
        candidates: Vec<PeIdentifier>,
        /// Where they were obtained.
        source: CandidateSource,
    },
    /// No pool element is available at the moment; the session waits and then asks again.
    ResolutionFailed {
        /// The session.
        session: SessionId,
        /// The pool.
        pool_handle: PoolHandle,
        /// The reason.
        failure: ResolutionFailure,
        /// Whether the previous attempt failed for the same reason.
        again: bool,
        /// The time until the next attempt.
        #[serde(rename = "retry_in_us", with = "crate::microseconds")]
        retry_in: Duration,
    },
    /// An association to a pool element is being opened.
    Connecting {
        /// The session.
        session: SessionId,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// The association.
        association: AssociationId,
        /// The transport address of the pool element.
        peer: TransportAddress,
    },
    /// An association to a pool element could not be opened; the session tries another one.
    ConnectFailed {
        /// The session.
        session: SessionId,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// The cause.
        cause: DownCause,
    },
    /// A pool element now serves the session; the cookie, if there is one, has been echoed. Without a cookie, the
    /// application has to start over.
    SessionUp {
        /// The session.
        session: SessionId,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// The association.
        association: AssociationId,
        /// Whether the cookie was echoed.
        cookie_echoed: bool,
        /// The duration of the failover so far, if this is one.
        failover: Option<FailoverTimes>,
    },
    /// The session left its pool element and fails over to another one.
    FailoverStarted {
        /// The session.
        session: SessionId,
        /// The pool element that was left.
        pe_identifier: PeIdentifier,
        /// The reason.
        reason: FailoverReason,
        /// Whether there is a cookie from which to continue.
        has_cookie: bool,
        /// The time since the last data arrived, or else since the session was first served.
        #[serde(rename = "silent_for_us", with = "crate::microseconds")]
        silent_for: Duration,
    },
    /// A failover completed: the next pool element has sent data.
    FailoverComplete {
        /// The session.
        session: SessionId,
        /// The pool element that now serves the session.
        to: PeIdentifier,
        /// The time until it could serve.
        times: FailoverTimes,
        /// The time from then to its first data.
        #[serde(rename = "responding_us", with = "crate::microseconds")]
        responding: Duration,
    },
    /// A pool element was reported to the registrar as unreachable.
    UnreachableReported {
        /// The session.
        session: SessionId,
        /// The pool element.
        pe_identifier: PeIdentifier,
    },
    /// The pool element sent a state cookie, which replaces the previous one.
    Cookie {
        /// The session.
        session: SessionId,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// Its size in bytes.
        size: usize,
    },
    /// The pool element sent its business card, with the pool elements to use if it fails.
    BusinessCard {
        /// The session.
        session: SessionId,
        /// The recommended pool elements, in order.
        recommended: Vec<PeIdentifier>,
    },
    /// Application data arrived.
    #[serde(skip)]
    Data {
        /// The session.
        session: SessionId,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// Payload protocol identifier; never that of ASAP.
        ppid: Ppid,
        /// The message.
        bytes: Vec<u8>,
    },
    /// A session was closed, as requested.
    SessionClosed {
        /// The session.
        session: SessionId,
    },
    /// A message was not processed.
    #[serde(skip)]
    Discarded {
        /// The association it arrived on; `None` for a datagram.
        association: Option<AssociationId>,
        /// A short reason.
        why: String,
    },
    /// A peer reported an error.
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

/// Where a session obtained the pool elements that it tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CandidateSource {
    /// A fresh response of a registrar.
    Registrar,
    /// A cached response that is not stale.
    Cache,
    /// A cached response that is stale: no registrar answers at the moment.
    StaleCache,
    /// The business card of the pool element that was left.
    BusinessCard,
}

/// The reason why no pool element is available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResolutionFailure {
    /// The pool does not exist, or is empty.
    UnknownPoolHandle,
    /// The registrar refused with this error cause.
    Refused(CauseCode),
    /// No registrar answered.
    NoAnswer,
    /// All pool elements in the response failed a moment ago, or cannot be reached by SCTP.
    NoneUsable,
}

/// The reason why a session left its pool element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailoverReason {
    /// The association ended.
    AssociationDown(DownCause),
    /// The pool element's end of the association restarted and has lost its state.
    Restarted,
    /// The application requested it, for this reason.
    Application(String),
}

/// The duration of a failover until the next pool element could serve, by phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailoverTimes {
    /// The pool element that was left.
    pub from: PeIdentifier,
    /// From its last data until the failure was detected.
    #[serde(rename = "noticing_us", with = "crate::microseconds")]
    pub noticing: Duration,
    /// Until the next pool element was known.
    #[serde(rename = "resolving_us", with = "crate::microseconds")]
    pub resolving: Duration,
    /// Until the association to it was up.
    #[serde(rename = "connecting_us", with = "crate::microseconds")]
    pub connecting: Duration,
    /// Whether a cookie was echoed, as the first message on the association.
    pub cookie_echoed: bool,
}
