//! ENRP messages (RFC 5353 section 2).
//!
//! All of them begin with the same fields:
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type, flags, length |
//! | 4 | 4 | Sending Server's ID, not 0 |
//! | 8 | 4 | Receiving Server's ID; 0 if the message is for all peers |

mod error;
mod handle_table;
mod handle_update;
mod list;
mod presence;
mod takeover;

pub use handle_table::{HandleTableRequest, HandleTableResponse, PoolEntry};
pub use handle_update::{HandleUpdate, UpdateAction};
pub use list::ListResponse;
pub use presence::Presence;

use std::fmt;

use error::ERROR;
use list::LIST_REQUEST;
use takeover::{INIT_TAKEOVER, INIT_TAKEOVER_ACK, TAKEOVER_SERVER};

use crate::asap::list_causes;
use crate::decoding::{Parameters, TypedParameter, determined};
use crate::frame;
use crate::parameter::ErrorCause;
use crate::{Decoded, RegistrarIdentifier, Rejection};

/// The registered port of ENRP: SCTP, and UDP for presences by multicast (RFC 5353 section 6.1; D-09).
pub const PORT: u16 = 9901;

/// An ENRP message with its sender and receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The sending registrar.
    pub sender: RegistrarIdentifier,
    /// The receiving registrar; undetermined means every peer.
    pub receiver: RegistrarIdentifier,
    /// The content.
    pub body: Body,
}

/// The content of an ENRP message. Each message has a file with its layout, decoder and encoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// 0x01 ENRP_PRESENCE.
    Presence(Presence),
    /// 0x02 ENRP_HANDLE_TABLE_REQUEST.
    HandleTableRequest(HandleTableRequest),
    /// 0x03 ENRP_HANDLE_TABLE_RESPONSE.
    HandleTableResponse(HandleTableResponse),
    /// 0x04 ENRP_HANDLE_UPDATE.
    HandleUpdate(HandleUpdate),
    /// 0x05 ENRP_LIST_REQUEST.
    ListRequest,
    /// 0x06 ENRP_LIST_RESPONSE.
    ListResponse(ListResponse),
    /// 0x07 ENRP_INIT_TAKEOVER of this target.
    InitTakeover(RegistrarIdentifier),
    /// 0x08 ENRP_INIT_TAKEOVER_ACK for this target.
    InitTakeoverAck(RegistrarIdentifier),
    /// 0x09 ENRP_TAKEOVER_SERVER of this target.
    TakeoverServer(RegistrarIdentifier),
    /// 0x0a ENRP_ERROR; at least one cause.
    Error(Vec<ErrorCause>),
}

impl Message {
    /// Decodes one user message (over SCTP) or datagram (multicast presence).
    ///
    /// # Errors
    /// Returns a rejection if the message must not be processed; it specifies what to do instead.
    pub fn decode(bytes: &[u8]) -> Result<Decoded<Self>, Rejection> {
        frame::decode(bytes, ERROR, |mut frame, context| {
            if !matches!(frame.message_type, Presence::TYPE..=ERROR) {
                return Err(frame.unrecognized(context));
            }
            let sender = determined(&mut frame.value)?;
            let receiver = RegistrarIdentifier(frame.value.u32()?);
            let flag = frame.flag(0);
            let value = frame.value.clone();
            let body = match frame.message_type {
                Presence::TYPE => Body::Presence(Presence::decode(flag, value, context)?),
                HandleTableRequest::TYPE => {
                    Body::HandleTableRequest(HandleTableRequest::decode(flag, value, context)?)
                }
                HandleTableResponse::TYPE => Body::HandleTableResponse(HandleTableResponse::decode(
                    flag,
                    frame.flag(1),
                    value,
                    context,
                )?),
                HandleUpdate::TYPE => Body::HandleUpdate(HandleUpdate::decode(flag, value, context)?),
                LIST_REQUEST => {
                    Parameters::new(value, context).finish()?;
                    Body::ListRequest
                }
                ListResponse::TYPE => Body::ListResponse(ListResponse::decode(flag, value, context)?),
                INIT_TAKEOVER => Body::InitTakeover(takeover::decode_target(value, context)?),
                INIT_TAKEOVER_ACK => Body::InitTakeoverAck(takeover::decode_target(value, context)?),
                TAKEOVER_SERVER => Body::TakeoverServer(takeover::decode_target(value, context)?),
                _ => Body::Error(error::decode_causes(value, context)?),
            };
            Ok(Self {
                sender,
                receiver,
                body,
            })
        })
    }

    /// Encodes the message with padding.
    ///
    /// A message has to stay within [`crate::LARGEST_MESSAGE`]: a larger handle table must be split into several
    /// responses (see [`PoolEntry::encoded_length`]).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let flags = match &self.body {
            Body::Presence(presence) => [presence.reply_required, false],
            Body::HandleTableRequest(request) => [request.own_children_only, false],
            Body::HandleTableResponse(response) => [response.rejected, response.more_to_send],
            Body::HandleUpdate(update) => [update.takeover_suggested, false],
            Body::ListResponse(response) => [response.rejected, false],
            Body::ListRequest
            | Body::InitTakeover(_)
            | Body::InitTakeoverAck(_)
            | Body::TakeoverServer(_)
            | Body::Error(_) => [false, false],
        };
        frame::encode(self.body.message_type(), &flags, |value| {
            value.u32(self.sender.0);
            value.u32(self.receiver.0);
            match &self.body {
                Body::Presence(presence) => presence.encode(value),
                Body::HandleTableRequest(_) | Body::ListRequest => {}
                Body::HandleTableResponse(response) => response.encode(value),
                Body::HandleUpdate(update) => update.encode(value),
                Body::ListResponse(response) => response.encode(value),
                Body::InitTakeover(target) | Body::InitTakeoverAck(target) | Body::TakeoverServer(target) => {
                    value.u32(target.0);
                }
                Body::Error(causes) => causes.encode(value),
            }
        })
    }

    /// Returns the message's name as in the RFC, such as "ENRP_PRESENCE".
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.body.name()
    }
}

impl Body {
    /// Returns the message type (RFC 5353 section 2).
    #[must_use]
    pub const fn message_type(&self) -> u8 {
        match self {
            Self::Presence(_) => Presence::TYPE,
            Self::HandleTableRequest(_) => HandleTableRequest::TYPE,
            Self::HandleTableResponse(_) => HandleTableResponse::TYPE,
            Self::HandleUpdate(_) => HandleUpdate::TYPE,
            Self::ListRequest => LIST_REQUEST,
            Self::ListResponse(_) => ListResponse::TYPE,
            Self::InitTakeover(_) => INIT_TAKEOVER,
            Self::InitTakeoverAck(_) => INIT_TAKEOVER_ACK,
            Self::TakeoverServer(_) => TAKEOVER_SERVER,
            Self::Error(_) => ERROR,
        }
    }

    /// Returns the message's name as in the RFC, such as "ENRP_PRESENCE".
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Presence(_) => "ENRP_PRESENCE",
            Self::HandleTableRequest(_) => "ENRP_HANDLE_TABLE_REQUEST",
            Self::HandleTableResponse(_) => "ENRP_HANDLE_TABLE_RESPONSE",
            Self::HandleUpdate(_) => "ENRP_HANDLE_UPDATE",
            Self::ListRequest => "ENRP_LIST_REQUEST",
            Self::ListResponse(_) => "ENRP_LIST_RESPONSE",
            Self::InitTakeover(_) => "ENRP_INIT_TAKEOVER",
            Self::InitTakeoverAck(_) => "ENRP_INIT_TAKEOVER_ACK",
            Self::TakeoverServer(_) => "ENRP_TAKEOVER_SERVER",
            Self::Error(_) => "ENRP_ERROR",
        }
    }
}

/// Formats sender, receiver and content as one short line; [`Message::name`] is not part of it.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PR {} to ", self.sender)?;
        if self.receiver.is_determined() {
            write!(f, "PR {}: {}", self.receiver, self.body)
        } else {
            write!(f, "all: {}", self.body)
        }
    }
}

/// Formats the content as one short line; [`Body::name`] is not part of it.
impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Presence(presence) => presence.fmt(f),
            Self::HandleTableRequest(request) => request.fmt(f),
            Self::HandleTableResponse(response) => response.fmt(f),
            Self::HandleUpdate(update) => update.fmt(f),
            Self::ListRequest => f.write_str("all peers"),
            Self::ListResponse(response) => response.fmt(f),
            Self::InitTakeover(target) | Self::InitTakeoverAck(target) | Self::TakeoverServer(target) => {
                write!(f, "target PR {target}")
            }
            Self::Error(causes) => list_causes(f, causes),
        }
    }
}

/// Implements the conversion from each struct to a body.
macro_rules! from_struct {
    ($($variant:ident),*) => {
        $(impl From<$variant> for Body {
            fn from(body: $variant) -> Self {
                Self::$variant(body)
            }
        })*
    };
}

from_struct!(
    Presence,
    HandleTableRequest,
    HandleTableResponse,
    HandleUpdate,
    ListResponse
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::CauseCode;
    use crate::{Reaction, Violation};

    fn message(sender: u32, receiver: u32, body: Body) -> Message {
        Message {
            sender: RegistrarIdentifier(sender),
            receiver: RegistrarIdentifier(receiver),
            body,
        }
    }

    #[test]
    fn messages_without_a_struct_of_their_own_come_back_as_they_went() {
        let error = Body::Error(vec![ErrorCause::bare(CauseCode::UNSPECIFIED)]);
        for (message, shown) in [
            (
                message(1, 2, Body::ListRequest),
                "PR 0x00000001 to PR 0x00000002: all peers",
            ),
            (message(1, 0, error), "PR 0x00000001 to all: Unspecified Error"),
        ] {
            assert_eq!(message.to_string(), shown);
            assert_eq!(Message::decode(&message.encode()).unwrap().message, message);
        }
    }

    #[test]
    fn a_sender_has_an_identifier() {
        let bytes = message(0, 2, Body::ListRequest).encode();
        let rejection = Message::decode(&bytes).unwrap_err();
        assert_eq!(rejection.violation, Violation::ReservedValue);
        assert_eq!(rejection.reaction, Reaction::DiscardSilently);
    }

    #[test]
    fn unknown_types_are_reported_if_their_bits_say_so() {
        for (message_type, reported) in [(0x00, false), (0x0b, false), (0x40, true), (0x80, false)] {
            let rejection = Message::decode(&[message_type, 0, 0, 4]).unwrap_err();
            assert_eq!(rejection.violation, Violation::UnknownMessage(message_type));
            let reaction = matches!(rejection.reaction, Reaction::Report(_));
            assert_eq!(reaction, reported, "{message_type:#04x}");
        }
    }
}
