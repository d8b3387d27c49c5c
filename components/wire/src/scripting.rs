//! Scripting Service Protocol (SSP) of rsplib: work packages are uploaded, run, and their results downloaded.
//!
//! SCTP, PPID [`crate::Ppid::SCRIPTING`]. There is no state cookie: a failed session starts over.

use std::fmt;

use crate::Malformed;
use crate::layout::{Header, begin, cut, finish, text};

/// The default pool handle of the service.
pub const POOL_HANDLE: &str = "ScriptingPool";

/// The maximum length of an info text in bytes. Encoding truncates longer ones, between characters.
pub const MOST_INFO: usize = 63;

/// The maximum size of the data in an Upload or Download, in bytes. Encoding truncates longer data.
pub const MOST_DATA: usize = 16384;

const TYPE_NOT_READY: u8 = 0x00;
const TYPE_READY: u8 = 0x01;
const TYPE_UPLOAD: u8 = 0x02;
const TYPE_DOWNLOAD: u8 = 0x03;
const TYPE_KEEP_ALIVE: u8 = 0x04;
const TYPE_KEEP_ALIVE_ACK: u8 = 0x05;
const TYPE_STATUS: u8 = 0x06;
const TYPE_ENVIRONMENT: u8 = 0x07;

const FLAG_UPLOAD_NEEDED: u8 = 0x01;

/// A message of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// 0x00 SSP_NOT_READY, pool element to pool user: try another one.
    NotReady {
        /// The reason.
        reason: Reason,
        /// An explanation for display.
        info: String,
    },
    /// 0x01 SSP_READY, pool element to pool user.
    Ready {
        /// The host's name.
        info: String,
    },
    /// 0x02 SSP_UPLOAD, pool user to pool element; empty at the end of the file.
    Upload {
        /// A piece of the file.
        data: Vec<u8>,
    },
    /// 0x03 SSP_DOWNLOAD, pool element to pool user; empty at the end of the file.
    Download {
        /// A piece of the file.
        data: Vec<u8>,
    },
    /// 0x04 SSP_KEEPALIVE, both directions.
    KeepAlive,
    /// 0x05 SSP_KEEPALIVE_ACK, both directions.
    KeepAliveAck {
        /// Only sent by pool elements, always 0.
        status: Option<u32>,
    },
    /// 0x06 SSP_STATUS, pool element to pool user.
    Status {
        /// 0 at the beginning of the work, then the exit status.
        exit_status: u32,
    },
    /// 0x07 SSP_ENVIRONMENT, both directions.
    Environment {
        /// SHA-1 of the environment file.
        hash: [u8; 20],
        /// U flag of the pool element's response: it does not have that file.
        upload_needed: bool,
    },
}

/// The reason why a pool element does not accept a work package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// 1: it has the maximum number of sessions.
    FullyLoaded,
    /// 2: another resource is exhausted.
    OutOfResources,
    /// Any other number.
    Other(u32),
}

impl Reason {
    const fn from_number(number: u32) -> Self {
        match number {
            1 => Self::FullyLoaded,
            2 => Self::OutOfResources,
            other => Self::Other(other),
        }
    }

    const fn number(self) -> u32 {
        match self {
            Self::FullyLoaded => 1,
            Self::OutOfResources => 2,
            Self::Other(number) => number,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FullyLoaded => f.write_str("fully loaded"),
            Self::OutOfResources => f.write_str("out of resources"),
            Self::Other(number) => write!(f, "reason {number}"),
        }
    }
}

impl Message {
    /// Decodes one SCTP user message.
    ///
    /// # Errors
    /// Returns an error if it is truncated, of another type, does not match its length field, or is too long for its
    /// type.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (header, mut reader) = Header::decode_strictly(bytes)?;
        let message = match header.message_type {
            TYPE_NOT_READY => {
                let reason = Reason::from_number(reader.u32()?);
                return Ok(Self::NotReady {
                    reason,
                    info: info(reader.rest())?,
                });
            }
            TYPE_READY => {
                return Ok(Self::Ready {
                    info: info(reader.rest())?,
                });
            }
            TYPE_UPLOAD => {
                return Ok(Self::Upload {
                    data: data(reader.rest())?,
                });
            }
            TYPE_DOWNLOAD => {
                return Ok(Self::Download {
                    data: data(reader.rest())?,
                });
            }
            TYPE_KEEP_ALIVE => Self::KeepAlive,
            TYPE_KEEP_ALIVE_ACK if reader.rest().is_empty() => Self::KeepAliveAck { status: None },
            TYPE_KEEP_ALIVE_ACK => Self::KeepAliveAck {
                status: Some(reader.u32()?),
            },
            TYPE_STATUS => Self::Status {
                exit_status: reader.u32()?,
            },
            TYPE_ENVIRONMENT => Self::Environment {
                hash: reader.array()?,
                upload_needed: header.flags & FLAG_UPLOAD_NEEDED != 0,
            },
            other => return Err(Malformed::UnknownType(other)),
        };
        crate::layout::end(&reader)?;
        Ok(message)
    }

    /// Encodes the message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let bytes = match self {
            Self::NotReady { reason, info } => {
                let mut bytes = begin(TYPE_NOT_READY, 0, 8 + MOST_INFO);
                bytes.extend_from_slice(&reason.number().to_be_bytes());
                bytes.extend_from_slice(cut(info, MOST_INFO));
                bytes
            }
            Self::Ready { info } => {
                let mut bytes = begin(TYPE_READY, 0, 4 + MOST_INFO);
                bytes.extend_from_slice(cut(info, MOST_INFO));
                bytes
            }
            Self::Upload { data } => with_data(TYPE_UPLOAD, data),
            Self::Download { data } => with_data(TYPE_DOWNLOAD, data),
            Self::KeepAlive => begin(TYPE_KEEP_ALIVE, 0, 4),
            Self::KeepAliveAck { status } => {
                let mut bytes = begin(TYPE_KEEP_ALIVE_ACK, 0, 8);
                bytes.extend(status.iter().flat_map(|status| status.to_be_bytes()));
                bytes
            }
            Self::Status { exit_status } => {
                let mut bytes = begin(TYPE_STATUS, 0, 8);
                bytes.extend_from_slice(&exit_status.to_be_bytes());
                bytes
            }
            Self::Environment { hash, upload_needed } => {
                let flags = if *upload_needed { FLAG_UPLOAD_NEEDED } else { 0 };
                let mut bytes = begin(TYPE_ENVIRONMENT, flags, 24);
                bytes.extend_from_slice(hash);
                bytes
            }
        };
        finish(bytes)
    }

    /// Returns the name of the message type.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotReady { .. } => "SSP_NOT_READY",
            Self::Ready { .. } => "SSP_READY",
            Self::Upload { .. } => "SSP_UPLOAD",
            Self::Download { .. } => "SSP_DOWNLOAD",
            Self::KeepAlive => "SSP_KEEPALIVE",
            Self::KeepAliveAck { .. } => "SSP_KEEPALIVE_ACK",
            Self::Status { .. } => "SSP_STATUS",
            Self::Environment { .. } => "SSP_ENVIRONMENT",
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReady { reason, info } => write!(f, "not ready, {reason}: {info}"),
            Self::Ready { info } => write!(f, "ready: {info}"),
            Self::Upload { data } | Self::Download { data } if data.is_empty() => f.write_str("end of file"),
            Self::Upload { data } | Self::Download { data } => write!(f, "{} bytes", data.len()),
            Self::KeepAlive | Self::KeepAliveAck { .. } => f.write_str("keep-alive"),
            Self::Status { exit_status } => write!(f, "exit status {exit_status}"),
            Self::Environment { hash, upload_needed } => {
                f.write_str("environment ")?;
                hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                if *upload_needed {
                    f.write_str(", upload needed")
                } else {
                    Ok(())
                }
            }
        }
    }
}

fn info(bytes: &[u8]) -> Result<String, Malformed> {
    if bytes.len() > MOST_INFO {
        return Err(Malformed::OutOfRange("info text"));
    }
    Ok(text(bytes, MOST_INFO))
}

fn data(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    if bytes.len() > MOST_DATA {
        return Err(Malformed::OutOfRange("data"));
    }
    Ok(bytes.to_vec())
}

fn with_data(message_type: u8, data: &[u8]) -> Vec<u8> {
    let mut bytes = begin(message_type, 0, 4 + data.len());
    bytes.extend(data.iter().take(MOST_DATA));
    bytes
}
