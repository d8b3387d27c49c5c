//! Ping Pong Protocol (PPP) of rsplib: a pool element numbers its Pongs, so that a failover shows what was lost.
//!
//! SCTP, PPID [`crate::Ppid::PING_PONG`]. The state cookie is carried in ASAP_COOKIE and ASAP_COOKIE_ECHO.

use std::fmt;

use crate::Malformed;
use crate::layout::{Header, begin, finish};
use crate::reader::Reader;

const TYPE_PING: u8 = 1;
const TYPE_PONG: u8 = 2;
const COOKIE_IDENTIFICATION: &[u8; 8] = b"<PP-TD1>";

/// The default pool handle of the service.
pub const POOL_HANDLE: &str = "PingPongPool";

/// The maximum size of the data in a message, given by a Pong's length field. Encoding truncates longer data.
pub const MOST_DATA: usize = u16::MAX as usize - 20;

/// A message of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// 0x01 PPP_PING, pool user to pool element.
    Ping {
        /// The sequence number of the Ping at the pool user, starting at 1.
        message_number: u64,
        /// Any bytes.
        data: Vec<u8>,
    },
    /// 0x02 PPP_PONG, pool element to pool user.
    Pong {
        /// The number of the Ping.
        message_number: u64,
        /// The sequence number of the Pong in the session, starting at 1 and continuing over failovers.
        reply_number: u64,
        /// The data of the Ping.
        data: Vec<u8>,
    },
}

impl Message {
    /// Decodes one SCTP user message.
    ///
    /// # Errors
    /// Returns an error if it is truncated, of another type, or does not match its length field.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (header, mut reader) = Header::decode_strictly(bytes)?;
        match header.message_type {
            TYPE_PING => {
                let message_number = reader.u64()?;
                Ok(Self::Ping {
                    message_number,
                    data: reader.rest().to_vec(),
                })
            }
            TYPE_PONG => {
                let (message_number, reply_number) = (reader.u64()?, reader.u64()?);
                Ok(Self::Pong {
                    message_number,
                    reply_number,
                    data: reader.rest().to_vec(),
                })
            }
            other => Err(Malformed::UnknownType(other)),
        }
    }

    /// Encodes the message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let (mut bytes, data) = match self {
            Self::Ping { message_number, data } => {
                let mut bytes = begin(TYPE_PING, 0, 12 + data.len());
                bytes.extend_from_slice(&message_number.to_be_bytes());
                (bytes, data)
            }
            Self::Pong {
                message_number,
                reply_number,
                data,
            } => {
                let mut bytes = begin(TYPE_PONG, 0, 20 + data.len());
                bytes.extend_from_slice(&message_number.to_be_bytes());
                bytes.extend_from_slice(&reply_number.to_be_bytes());
                (bytes, data)
            }
        };
        bytes.extend(data.iter().take(MOST_DATA));
        finish(bytes)
    }

    /// Returns the name of the message type.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ping { .. } => "PPP_PING",
            Self::Pong { .. } => "PPP_PONG",
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ping { message_number, data } => write!(f, "ping {message_number}, {} bytes", data.len()),
            Self::Pong {
                message_number,
                reply_number,
                data,
            } => {
                write!(
                    f,
                    "pong {reply_number} to ping {message_number}, {} bytes",
                    data.len()
                )
            }
        }
    }
}

/// The state of a session, from which another pool element can continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateCookie {
    /// The number of the next Pong.
    pub reply_number: u64,
}

impl StateCookie {
    /// The size of the cookie in bytes.
    pub const SIZE: usize = 16;

    /// Decodes the content of an ASAP_COOKIE_ECHO.
    ///
    /// # Errors
    /// Returns an error if its size is not [`Self::SIZE`], or if it is not marked as a ping-pong cookie.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.array::<8>()? != *COOKIE_IDENTIFICATION {
            return Err(Malformed::Identification("cookie"));
        }
        let reply_number = reader.u64()?;
        crate::layout::end(&reader)?;
        Ok(Self { reply_number })
    }

    /// Encodes the cookie.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = COOKIE_IDENTIFICATION.to_vec();
        bytes.extend_from_slice(&self.reply_number.to_be_bytes());
        bytes
    }
}

impl fmt::Display for StateCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "next pong {}", self.reply_number)
    }
}
