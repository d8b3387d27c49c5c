//! CalcApp protocol of rsplib: jobs with a number of calculations, which pool elements process.
//!
//! SCTP, PPID [`crate::Ppid::CALC_APP`]. All messages have the same layout of 24 bytes. The state cookie, one per
//! job, is carried in ASAP_COOKIE and ASAP_COOKIE_ECHO.

use std::fmt;

use crate::Malformed;
use crate::layout::{Header, begin, finish};
use crate::reader::Reader;

/// The default pool handle of the service.
pub const POOL_HANDLE: &str = "CalcAppPool";

/// A message of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// The type of the message.
    pub kind: Kind,
    /// The job, numbered by the pool user.
    pub job_id: u32,
    /// The job's size in calculations; 0 if the type does not need it.
    pub job_size: u64,
    /// How much of it is done, in calculations; 0 if the type does not need it.
    pub completed: u64,
}

/// The type of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 1 CALCAPP_REQUEST, pool user to pool element, with the job's size.
    Request,
    /// 2 CALCAPP_ACCEPT, pool element to pool user.
    Accept,
    /// 3 CALCAPP_REJECT, pool element to pool user.
    Reject,
    /// 4 CALCAPP_ABORT; defined, not used.
    Abort,
    /// 5 CALCAPP_COMPLETE, pool element to pool user, with the job's size and completed calculations.
    Complete,
    /// 6 CALCAPP_KEEPALIVE, both directions.
    KeepAlive,
    /// 7 CALCAPP_KEEPALIVE_ACK, both directions.
    KeepAliveAck,
}

impl Kind {
    /// All kinds, in the order of their numbers, which start at 1.
    pub const ALL: [Self; 7] = [
        Self::Request,
        Self::Accept,
        Self::Reject,
        Self::Abort,
        Self::Complete,
        Self::KeepAlive,
        Self::KeepAliveAck,
    ];

    const fn number(self) -> u8 {
        self as u8 + 1
    }

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

impl Message {
    const SIZE: usize = 24;

    /// Decodes one SCTP user message.
    ///
    /// # Errors
    /// Returns an error if it is truncated, of another type, or does not match its length field.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (header, mut reader) = Header::decode_strictly(bytes)?;
        let kind =
            Kind::from_number(header.message_type).ok_or(Malformed::UnknownType(header.message_type))?;
        let message = Self {
            kind,
            job_id: reader.u32()?,
            job_size: reader.u64()?,
            completed: reader.u64()?,
        };
        crate::layout::end(&reader)?;
        Ok(message)
    }

    /// Encodes the message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = begin(self.kind.number(), 0, Self::SIZE);
        bytes.extend_from_slice(&self.job_id.to_be_bytes());
        bytes.extend_from_slice(&self.job_size.to_be_bytes());
        bytes.extend_from_slice(&self.completed.to_be_bytes());
        finish(bytes)
    }

    /// Returns the name of the message type.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.kind {
            Kind::Request => "CALCAPP_REQUEST",
            Kind::Accept => "CALCAPP_ACCEPT",
            Kind::Reject => "CALCAPP_REJECT",
            Kind::Abort => "CALCAPP_ABORT",
            Kind::Complete => "CALCAPP_COMPLETE",
            Kind::KeepAlive => "CALCAPP_KEEPALIVE",
            Kind::KeepAliveAck => "CALCAPP_KEEPALIVE_ACK",
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            job_id,
            job_size,
            completed,
        } = self;
        match kind {
            Kind::Request => write!(f, "job {job_id} of {job_size} calculations"),
            Kind::Complete => write!(f, "job {job_id}, {completed} of {job_size} calculations done"),
            Kind::Accept | Kind::Reject | Kind::Abort | Kind::KeepAlive | Kind::KeepAliveAck => {
                write!(f, "job {job_id}")
            }
        }
    }
}

/// The state of a job, from which another pool element can continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateCookie {
    /// The job.
    pub job_id: u32,
    /// Its size in calculations.
    pub job_size: u64,
    /// How much of it is done, in calculations.
    pub completed: u64,
}

impl StateCookie {
    /// The size of the cookie in bytes.
    pub const SIZE: usize = 20;

    /// Decodes the content of an ASAP_COOKIE_ECHO.
    ///
    /// # Errors
    /// Returns an error if its size is not [`Self::SIZE`], or if more than the whole job is completed.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let cookie = Self {
            job_id: reader.u32()?,
            job_size: reader.u64()?,
            completed: reader.u64()?,
        };
        crate::layout::end(&reader)?;
        if cookie.completed > cookie.job_size {
            return Err(Malformed::OutOfRange("completed part of the job"));
        }
        Ok(cookie)
    }

    /// Encodes the cookie.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::SIZE);
        bytes.extend_from_slice(&self.job_id.to_be_bytes());
        bytes.extend_from_slice(&self.job_size.to_be_bytes());
        bytes.extend_from_slice(&self.completed.to_be_bytes());
        bytes
    }
}

impl fmt::Display for StateCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "job {}, {} of {} calculations done",
            self.job_id, self.completed, self.job_size
        )
    }
}
