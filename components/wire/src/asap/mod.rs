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

/// The registered port of ASAP: SCTP and TCP for requests, UDP for announcements (RFC 5352 section 6.1).
pub const PORT: u16 = 3863;

/// An ASAP message. Each message has a file with its layout, decoder and encoder.
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

/// Generates the enum's methods from the structs: each has its number, name, decoder and encoder in its own file.
macro_rules! messages {
    ($($variant:ident),*) => {
        impl Message {
            /// Decodes one user message (over SCTP) or datagram (announcements).
            ///
            /// # Errors
            /// Returns a rejection if the message must not be processed; it specifies what to do instead.
            pub fn decode(bytes: &[u8]) -> Result<Decoded<Self>, Rejection> {
                frame::decode(bytes, Error::TYPE, |frame, context| match frame.message_type {
                    $($variant::TYPE => $variant::decode(frame, context).map(Self::$variant),)*
                    _ => Err(frame.unrecognized(context)),
                })
            }

            /// Encodes the message with padding.
            ///
            /// If there are more pool elements than fit into [`crate::LARGEST_MESSAGE`], only the first ones are
            /// encoded.
            #[must_use]
            pub fn encode(&self) -> Vec<u8> {
                match self {
                    $(Self::$variant(message) => message.encode(),)*
                }
            }

            /// Returns the message type (RFC 5352 section 2.2).
            #[must_use]
            pub const fn message_type(&self) -> u8 {
                match self {
                    $(Self::$variant(_) => $variant::TYPE,)*
                }
            }

            /// Returns the message's name as in the RFC, such as "ASAP_REGISTRATION".
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $variant::NAME,)*
                }
            }
        }

        /// Formats the content as one short line; [`Message::name`] is not part of it.
        impl fmt::Display for Message {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant(message) => message.fmt(f),)*
                }
            }
        }

        $(impl From<$variant> for Message {
            fn from(message: $variant) -> Self {
                Self::$variant(message)
            }
        })*
    };
}

messages!(
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

/// Writes the causes after the text that they explain.
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

/// Writes the identifiers of the first few pool elements after the name of their pool.
fn pool_elements_in_words(f: &mut fmt::Formatter<'_>, pool_elements: &[PoolElementParameter]) -> fmt::Result {
    f.write_str(": ")?;
    list(
        f,
        pool_elements
            .iter()
            .map(|pool_element| format!("PE {}", pool_element.identifier)),
    )
}

/// Writes the first few items, and the number of further ones.
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
