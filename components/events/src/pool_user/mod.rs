//! What happens in a pool user.

mod sentence;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wire::parameter::CauseCode;
use wire::{PeIdentifier, PoolHandle, Ppid, RegistrarIdentifier, asap};

use crate::{AssociationId, DownCause, TransportAddress};

/// Names a session for the life of its pool user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub u32);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Something that happened in a pool user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Event {
    /// It looks for a registrar.
    Hunting,
    /// A round of the server hunt found nobody; it goes on.
    HuntFailed {
        /// Rounds without success, this one included.
        rounds: u32,
        /// How long the next round takes.
        #[serde(rename = "next_round_us", with = "crate::microseconds")]
        next_round: Duration,
    },
    /// An association to a registrar is up.
    RegistrarConnected {
        /// The association.
        association: AssociationId,
        /// Where the registrar is.
        peer: TransportAddress,
    },
    /// Which registrar is at the other end of an association.
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
        /// Why.
        cause: DownCause,
    },
    /// A pool handle was resolved for a session.
    Resolved {
        /// The session.
        session: SessionId,
        /// The pool elements to be tried, in this order.
        candidates: Vec<PeIdentifier>,
        /// Whence they are known.
        source: CandidateSource,
    },
    /// Nobody to go to at the moment; the session waits and then asks again.
    ResolutionFailed {
        /// The session.
        session: SessionId,
        /// The pool.
        pool_handle: PoolHandle,
        /// Why.
        failure: ResolutionFailure,
        /// Whether the attempt before has failed for the same reason.
        again: bool,
        /// How long it waits.
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
        /// Where the pool element is.
        peer: TransportAddress,
    },
    /// An association to a pool element could not be opened; the session goes on with another one.
    ConnectFailed {
        /// The session.
        session: SessionId,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// Why.
        cause: DownCause,
    },
    /// A pool element serves the session from now on; the cookie, if there is one, has been echoed. Without a cookie
    /// the application has to start again.
    SessionUp {
        /// The session.
        session: SessionId,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// The association.
        association: AssociationId,
        /// Whether the cookie was echoed.
        cookie_echoed: bool,
        /// How long that took, if this is a failover.
        failover: Option<FailoverTimes>,
    },
    /// The session left its pool element and goes on with another one.
    FailoverStarted {
        /// The session.
        session: SessionId,
        /// The pool element that it left.
        pe_identifier: PeIdentifier,
        /// Why.
        reason: FailoverReason,
        /// Whether there is a cookie to go on from.
        has_cookie: bool,
        /// How long ago the last data came, or else the session began to be served.
        #[serde(rename = "silent_for_us", with = "crate::microseconds")]
        silent_for: Duration,
    },
    /// A failover is over: the next pool element has sent data.
    FailoverComplete {
        /// The session.
        session: SessionId,
        /// The pool element that serves.
        to: PeIdentifier,
        /// How long it took until that could serve.
        times: FailoverTimes,
        /// From then on to its first data.
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
    /// The pool element left its state; it replaces the one before.
    Cookie {
        /// The session.
        session: SessionId,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// Its size in bytes.
        size: usize,
    },
    /// The pool element says where to go should it fail.
    BusinessCard {
        /// The session.
        session: SessionId,
        /// The recommended pool elements, in order.
        recommended: Vec<PeIdentifier>,
    },
    /// Application data.
    #[serde(skip)]
    Data {
        /// The session.
        session: SessionId,
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// Payload protocol identifier; never ASAP's.
        ppid: Ppid,
        /// The message.
        bytes: Vec<u8>,
    },
    /// A session is over, as was asked for.
    SessionClosed {
        /// The session.
        session: SessionId,
    },
    /// A message was not processed.
    #[serde(skip)]
    Discarded {
        /// Who sent it; `None` for a datagram.
        association: Option<AssociationId>,
        /// Why, in a few words.
        why: String,
    },
    /// A peer reported an error.
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

/// Whence a session knows the pool elements that it tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CandidateSource {
    /// A fresh answer of a registrar.
    Registrar,
    /// An earlier answer that is not stale.
    Cache,
    /// An earlier answer that is stale: no registrar answers at the moment.
    StaleCache,
    /// The business card of the pool element that was left.
    BusinessCard,
}

/// Why there is nobody to go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResolutionFailure {
    /// The pool does not exist, or is empty.
    UnknownPoolHandle,
    /// The registrar refused with this error cause.
    Refused(CauseCode),
    /// No registrar answered.
    NoAnswer,
    /// All pool elements in the answer have failed a moment ago, or cannot be reached by SCTP.
    NoneUsable,
}

/// Why a session left its pool element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailoverReason {
    /// The association ended.
    AssociationDown(DownCause),
    /// The pool element's end of the association has restarted: it knows nothing any more.
    Restarted,
    /// The application asked for it, in these words.
    Application(String),
}

/// How long a failover took until the next pool element could serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailoverTimes {
    /// The pool element that was left.
    pub from: PeIdentifier,
    /// From its last data until its failure was noticed.
    #[serde(rename = "noticing_us", with = "crate::microseconds")]
    pub noticing: Duration,
    /// Until the next pool element was known.
    #[serde(rename = "resolving_us", with = "crate::microseconds")]
    pub resolving: Duration,
    /// Until the association to it was up.
    #[serde(rename = "connecting_us", with = "crate::microseconds")]
    pub connecting: Duration,
    /// Whether a cookie was echoed, which is the first message on it.
    pub cookie_echoed: bool,
}
