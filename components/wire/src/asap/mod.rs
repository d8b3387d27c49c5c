//! ASAP messages (RFC 5352 section 2).

mod business_card;
mod cookie;
mod cookie_echo;
mod deregistration;
mod deregistration_response;
mod endpoint_keep_alive;
mod endpoint_keep_alive_ack;
mod endpoint_unreachable;
mod error;
mod handle_resolution;
mod handle_resolution_response;
mod registration;
mod registration_response;
mod server_announce;

pub use business_card::BusinessCard;
pub use cookie::Cookie;
pub use cookie_echo::CookieEcho;
pub use deregistration::Deregistration;
pub use deregistration_response::DeregistrationResponse;
pub use endpoint_keep_alive::EndpointKeepAlive;
pub use endpoint_keep_alive_ack::EndpointKeepAliveAck;
pub use endpoint_unreachable::EndpointUnreachable;
pub use error::Error;
pub use handle_resolution::HandleResolution;
pub use handle_resolution_response::{HandleResolutionResponse, Resolution};
pub use registration::Registration;
pub use registration_response::RegistrationResponse;
pub use server_announce::{AnnouncedTransport, ServerAnnounce};

use std::fmt;

use crate::frame;
use crate::parameter::{ErrorCause, PoolElementParameter};
use crate::{Decoded, Rejection};

/// An ASAP message. One file per message holds its layout, decoder and encoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// 0x01 ASAP_REGISTRATION.
    Registration(Registration),
    /// 0x02 ASAP_DEREGISTRATION.
    Deregistration(Deregistration),
    /// 0x03 ASAP_REGISTRATION_RESPONSE.
    RegistrationResponse(RegistrationResponse),
    /// 0x04 ASAP_DEREGISTRATION_RESPONSE.
    DeregistrationResponse(DeregistrationResponse),
    /// 0x05 ASAP_HANDLE_RESOLUTION.
    HandleResolution(HandleResolution),
    /// 0x06 ASAP_HANDLE_RESOLUTION_RESPONSE.
    HandleResolutionResponse(HandleResolutionResponse),
    /// 0x07 ASAP_ENDPOINT_KEEP_ALIVE.
    EndpointKeepAlive(EndpointKeepAlive),
    /// 0x08 ASAP_ENDPOINT_KEEP_ALIVE_ACK.
    EndpointKeepAliveAck(EndpointKeepAliveAck),
    /// 0x09 ASAP_ENDPOINT_UNREACHABLE.
    EndpointUnreachable(EndpointUnreachable),
    /// 0x0a ASAP_SERVER_ANNOUNCE.
    ServerAnnounce(ServerAnnounce),
    /// 0x0b ASAP_COOKIE.
    Cookie(Cookie),
    /// 0x0c ASAP_COOKIE_ECHO.
    CookieEcho(CookieEcho),
    /// 0x0d ASAP_BUSINESS_CARD.
    BusinessCard(BusinessCard),
    /// 0x0e ASAP_ERROR.
    Error(Error),
}

/// The type of ASAP_ERROR.
const ERROR: u8 = 0x0e;

impl Message {
    /// Decodes one user message (over SCTP) or datagram (of the announcements).
    ///
    /// # Errors
    /// When the message must not be processed; the rejection says what to do instead.
    pub fn decode(bytes: &[u8]) -> Result<Decoded<Self>, Rejection> {
        frame::decode(bytes, ERROR, |frame, context| {
            let flag = frame.flag(0);
            let value = frame.value.clone();
            Ok(match frame.message_type {
                0x01 => Self::Registration(Registration::decode(value, context)?),
                0x02 => Self::Deregistration(Deregistration::decode(value, context)?),
                0x03 => Self::RegistrationResponse(RegistrationResponse::decode(flag, value, context)?),
                0x04 => Self::DeregistrationResponse(DeregistrationResponse::decode(value, context)?),
                0x05 => Self::HandleResolution(HandleResolution::decode(flag, value, context)?),
                0x06 => {
                    Self::HandleResolutionResponse(HandleResolutionResponse::decode(flag, value, context)?)
                }
                0x07 => Self::EndpointKeepAlive(EndpointKeepAlive::decode(flag, value, context)?),
                0x08 => Self::EndpointKeepAliveAck(EndpointKeepAliveAck::decode(value, context)?),
                0x09 => Self::EndpointUnreachable(EndpointUnreachable::decode(value, context)?),
                0x0a => Self::ServerAnnounce(ServerAnnounce::decode(value, context)?),
                0x0b => Self::Cookie(Cookie::decode(value, context)?),
                0x0c => Self::CookieEcho(CookieEcho::decode(value, context)?),
                0x0d => Self::BusinessCard(BusinessCard::decode(value, context)?),
                ERROR => Self::Error(Error::decode(value, context)?),
                _ => return Err(frame.unrecognized(context)),
            })
        })
    }

    /// The message's bytes, padded.
    ///
    /// Of more pool elements than fit into [`LARGEST_MESSAGE`], the first ones travel.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let flag = match self {
            Self::RegistrationResponse(message) => message.rejected,
            Self::HandleResolution(message) => message.subscribe,
            Self::HandleResolutionResponse(message) => message.subscribed,
            Self::EndpointKeepAlive(message) => message.home,
            Self::Registration(_)
            | Self::Deregistration(_)
            | Self::DeregistrationResponse(_)
            | Self::EndpointKeepAliveAck(_)
            | Self::EndpointUnreachable(_)
            | Self::ServerAnnounce(_)
            | Self::Cookie(_)
            | Self::CookieEcho(_)
            | Self::BusinessCard(_)
            | Self::Error(_) => false,
        };
        frame::encode(self.message_type(), &[flag], |value| match self {
            Self::Registration(message) => message.encode(value),
            Self::Deregistration(message) => message.encode(value),
            Self::RegistrationResponse(message) => message.encode(value),
            Self::DeregistrationResponse(message) => message.encode(value),
            Self::HandleResolution(message) => message.encode(value),
            Self::HandleResolutionResponse(message) => message.encode(value),
            Self::EndpointKeepAlive(message) => message.encode(value),
            Self::EndpointKeepAliveAck(message) => message.encode(value),
            Self::EndpointUnreachable(message) => message.encode(value),
            Self::ServerAnnounce(message) => message.encode(value),
            Self::Cookie(message) => message.encode(value),
            Self::CookieEcho(message) => message.encode(value),
            Self::BusinessCard(message) => message.encode(value),
            Self::Error(message) => message.encode(value),
        })
    }

    /// The message type (RFC 5352 section 2.2).
    #[must_use]
    pub const fn message_type(&self) -> u8 {
        match self {
            Self::Registration(_) => 0x01,
            Self::Deregistration(_) => 0x02,
            Self::RegistrationResponse(_) => 0x03,
            Self::DeregistrationResponse(_) => 0x04,
            Self::HandleResolution(_) => 0x05,
            Self::HandleResolutionResponse(_) => 0x06,
            Self::EndpointKeepAlive(_) => 0x07,
            Self::EndpointKeepAliveAck(_) => 0x08,
            Self::EndpointUnreachable(_) => 0x09,
            Self::ServerAnnounce(_) => 0x0a,
            Self::Cookie(_) => 0x0b,
            Self::CookieEcho(_) => 0x0c,
            Self::BusinessCard(_) => 0x0d,
            Self::Error(_) => ERROR,
        }
    }

    /// The message's name as the RFC writes it, as in "ASAP_REGISTRATION".
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Registration(_) => "ASAP_REGISTRATION",
            Self::Deregistration(_) => "ASAP_DEREGISTRATION",
            Self::RegistrationResponse(_) => "ASAP_REGISTRATION_RESPONSE",
            Self::DeregistrationResponse(_) => "ASAP_DEREGISTRATION_RESPONSE",
            Self::HandleResolution(_) => "ASAP_HANDLE_RESOLUTION",
            Self::HandleResolutionResponse(_) => "ASAP_HANDLE_RESOLUTION_RESPONSE",
            Self::EndpointKeepAlive(_) => "ASAP_ENDPOINT_KEEP_ALIVE",
            Self::EndpointKeepAliveAck(_) => "ASAP_ENDPOINT_KEEP_ALIVE_ACK",
            Self::EndpointUnreachable(_) => "ASAP_ENDPOINT_UNREACHABLE",
            Self::ServerAnnounce(_) => "ASAP_SERVER_ANNOUNCE",
            Self::Cookie(_) => "ASAP_COOKIE",
            Self::CookieEcho(_) => "ASAP_COOKIE_ECHO",
            Self::BusinessCard(_) => "ASAP_BUSINESS_CARD",
            Self::Error(_) => "ASAP_ERROR",
        }
    }
}

/// The content in one short line for people; [`Message::name`] is not part of it.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registration(message) => message.fmt(f),
            Self::Deregistration(message) => message.fmt(f),
            Self::RegistrationResponse(message) => message.fmt(f),
            Self::DeregistrationResponse(message) => message.fmt(f),
            Self::HandleResolution(message) => message.fmt(f),
            Self::HandleResolutionResponse(message) => message.fmt(f),
            Self::EndpointKeepAlive(message) => message.fmt(f),
            Self::EndpointKeepAliveAck(message) => message.fmt(f),
            Self::EndpointUnreachable(message) => message.fmt(f),
            Self::ServerAnnounce(message) => message.fmt(f),
            Self::Cookie(message) => message.fmt(f),
            Self::CookieEcho(message) => message.fmt(f),
            Self::BusinessCard(message) => message.fmt(f),
            Self::Error(message) => message.fmt(f),
        }
    }
}

/// Makes a message out of each of the structs.
macro_rules! from_struct {
    ($($variant:ident),*) => {
        $(impl From<$variant> for Message {
            fn from(message: $variant) -> Self {
                Self::$variant(message)
            }
        })*
    };
}

from_struct!(
    Registration,
    Deregistration,
    RegistrationResponse,
    DeregistrationResponse,
    HandleResolution,
    HandleResolutionResponse,
    EndpointKeepAlive,
    EndpointKeepAliveAck,
    EndpointUnreachable,
    ServerAnnounce,
    Cookie,
    CookieEcho,
    BusinessCard,
    Error
);

/// Writes the causes behind what they are the causes of.
fn causes_in_words(f: &mut fmt::Formatter<'_>, causes: &[ErrorCause]) -> fmt::Result {
    if !causes.is_empty() {
        f.write_str(": ")?;
    }
    list_causes(f, causes)
}

/// Writes the first few of the causes.
pub(crate) fn list_causes(f: &mut fmt::Formatter<'_>, causes: &[ErrorCause]) -> fmt::Result {
    list(f, causes.iter())
}

/// Writes the identifiers of the first few pool elements behind the name of their pool.
fn pool_elements_in_words(f: &mut fmt::Formatter<'_>, pool_elements: &[PoolElementParameter]) -> fmt::Result {
    f.write_str(": ")?;
    list(
        f,
        pool_elements
            .iter()
            .map(|pool_element| format!("PE {}", pool_element.identifier)),
    )
}

/// Writes the first few of these, and how many more there are.
fn list(f: &mut fmt::Formatter<'_>, items: impl ExactSizeIterator<Item: fmt::Display>) -> fmt::Result {
    const SHOWN: usize = 3;
    let hidden = items.len().saturating_sub(SHOWN);
    for (index, item) in items.take(SHOWN).enumerate() {
        write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
    }
    match hidden {
        0 => Ok(()),
        _ => write!(f, " and {hidden} more"),
    }
}
