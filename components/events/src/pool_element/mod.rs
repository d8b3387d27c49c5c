//! Events in a pool element.

mod refusal;
mod sentence;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wire::parameter::{ErrorCause, Policy};
use wire::{PoolHandle, Ppid, RegistrarIdentifier, asap};

pub use refusal::refusal_in_words;

use crate::{AssociationId, DownCause, TransportAddress};

/// An event in a pool element.
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
    /// The association to the home registrar ended.
    RegistrarLost {
        /// The association.
        association: AssociationId,
        /// The cause.
        cause: DownCause,
    },
    /// Another registrar took over as home registrar (H flag).
    HomeRegistrarChanged {
        /// The association to it.
        association: AssociationId,
        /// The new home registrar.
        registrar: RegistrarIdentifier,
    },
    /// A registration was confirmed.
    Registered {
        /// The association.
        association: AssociationId,
        /// The home registrar, if it is known.
        registrar: Option<RegistrarIdentifier>,
        /// Whether it is the first registration with this registrar, as opposed to a re-registration.
        first: bool,
        /// Changes made by the registrar; usually empty.
        warnings: Vec<ErrorCause>,
    },
    /// A registration was refused.
    RegistrationRefused {
        /// The pool.
        pool_handle: PoolHandle,
        /// The policy that was offered.
        policy: Policy,
        /// The error causes.
        causes: Vec<ErrorCause>,
        /// The time until the next attempt. This is T4, unless the cause may be temporary: the identifier is in use
        /// by another pool element, or the registrar lacks resources.
        #[serde(rename = "retry_in_us", with = "crate::microseconds")]
        retry_in: Duration,
    },
    /// MAX-REG-ATTEMPT registrations in a row were not answered; attempts continue.
    RegistrationFailed {
        /// The number of attempts.
        attempts: u32,
    },
    /// The registrar reported that the registration expired; it registers again.
    RegistrationExpired,
    /// A pool user opened a session.
    SessionStarted {
        /// The session's association.
        association: AssociationId,
        /// The pool user.
        peer: TransportAddress,
    },
    /// A pool user sent the state from which to continue. At most once per session; later echoes are ignored.
    #[serde(skip)]
    CookieEcho {
        /// The session's association.
        association: AssociationId,
        /// The cookie. Its origin is unknown: it must not be trusted.
        cookie: Vec<u8>,
    },
    /// Application data arrived.
    #[serde(skip)]
    Data {
        /// The session's association.
        association: AssociationId,
        /// Payload protocol identifier; never that of ASAP.
        ppid: Ppid,
        /// The message.
        bytes: Vec<u8>,
    },
    /// The pool user, itself a pool element, sent its business card, with the pool elements to use if it fails.
    #[serde(skip)]
    BusinessCard {
        /// The session's association.
        association: AssociationId,
        /// The card.
        card: asap::BusinessCard,
    },
    /// A session ended.
    SessionEnded {
        /// The session's association.
        association: AssociationId,
        /// The cause.
        cause: DownCause,
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
    /// A registrar has confirmed that it does not list this pool element any more; sessions go on.
    LeftPool,
    /// First half of a stop: no registrar lists this pool element any more, or none could be asked in time. Now is
    /// the time to send last data and cookies, and then to call `PoolElement::close`.
    Deregistered {
        /// Whether a registrar has confirmed the deregistration.
        confirmed: bool,
    },
    /// Second half of a stop: everything is closed; no output follows.
    Stopped,
}
