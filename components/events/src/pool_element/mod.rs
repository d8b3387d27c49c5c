//! What happens in a pool element.

mod sentence;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wire::parameter::ErrorCause;
use wire::{Ppid, RegistrarIdentifier, asap};

use crate::{AssociationId, DownCause, TransportAddress};

/// Something that happened in a pool element.
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
    /// The association to the home registrar ended.
    RegistrarLost {
        /// The association.
        association: AssociationId,
        /// Why.
        cause: DownCause,
    },
    /// Another registrar has made itself the home registrar (H flag).
    HomeRegistrarChanged {
        /// The association that leads to it.
        association: AssociationId,
        /// The new home registrar.
        registrar: RegistrarIdentifier,
    },
    /// A registration was confirmed.
    Registered {
        /// The association.
        association: AssociationId,
        /// The home registrar, once that is known.
        registrar: Option<RegistrarIdentifier>,
        /// Whether it is the first one with this registrar, not a re-registration.
        first: bool,
        /// What the registrar changed; usually empty.
        warnings: Vec<ErrorCause>,
    },
    /// A registration was refused.
    RegistrationRefused {
        /// Why.
        causes: Vec<ErrorCause>,
        /// The time until the next attempt. It is T4, unless the cause may pass soon: another pool element has the
        /// identifier, or the registrar lacks resources.
        #[serde(rename = "retry_in_us", with = "crate::microseconds")]
        retry_in: Duration,
    },
    /// MAX-REG-ATTEMPT registrations in a row were not answered; it goes on trying.
    RegistrationFailed {
        /// The attempts.
        attempts: u32,
    },
    /// The registrar says that the registration has ended; it registers again.
    RegistrationExpired,
    /// A pool user has opened a session.
    SessionStarted {
        /// The session's association.
        association: AssociationId,
        /// The pool user.
        peer: TransportAddress,
    },
    /// A pool user shows the state to go on from. Comes at most once a session; later echoes do not count.
    #[serde(skip)]
    CookieEcho {
        /// The session's association.
        association: AssociationId,
        /// The cookie, from wherever the pool user has it: not to be trusted.
        cookie: Vec<u8>,
    },
    /// Application data.
    #[serde(skip)]
    Data {
        /// The session's association.
        association: AssociationId,
        /// Payload protocol identifier; never ASAP's.
        ppid: Ppid,
        /// The message.
        bytes: Vec<u8>,
    },
    /// The pool user, a pool element itself, says where to go should it fail.
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
        /// Why.
        cause: DownCause,
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
    /// First half of a stop: no registrar names this pool element any more, or none could be asked in time. The time
    /// to send last data and cookies and then to call `PoolElement::close`.
    Deregistered {
        /// Whether a registrar has confirmed it.
        confirmed: bool,
    },
    /// Second half of a stop: everything is closed; no output follows.
    Stopped,
}
