//! What was said: user messages of SCTP associations, and datagrams.

use std::net::SocketAddr;

use wire::Ppid;

use crate::Time;

/// Where and when something was captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    /// The number of the frame.
    pub number: u64,
    /// When it was captured, if the file tells.
    pub time: Option<Time>,
    /// The position of the frame's interface among all those in the file.
    pub interface: u32,
    /// Where it comes from: address and port of SCTP or UDP.
    pub source: SocketAddr,
    /// Where it goes to.
    pub destination: SocketAddr,
}

/// A message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// Where its last byte was captured.
    pub sight: Sight,
    /// Of which protocol it is.
    pub protocol: Protocol,
    /// What SCTP tells of it, unless it is a datagram.
    pub delivery: Option<Delivery>,
    /// Its bytes; the first ones, if the capture has cut it; those of the fragments that are there, if others are
    /// missing.
    pub bytes: &'a [u8],
    /// How many bytes it had, as far as is known.
    pub whole: usize,
}

/// The protocol of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// The one with this payload protocol identifier; today's, if an old version of rsplib sent an own one.
    Payload(Ppid),
    /// The Component Status Protocol.
    StatusReport,
    /// Nobody knows: the fragment that tells it is missing.
    Unknown,
}

/// What SCTP tells of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// The association, counted from 1 in the order in which they are seen.
    pub association: u32,
    /// The stream.
    pub stream: u16,
    /// The transmission sequence number, of the last fragment.
    pub tsn: u32,
    /// Whether the message is delivered regardless of the order.
    pub unordered: bool,
    /// The payload protocol identifier, as it was sent.
    pub ppid: Option<u32>,
    /// How many DATA chunks carried it.
    pub fragments: u32,
    /// The number of the frame with the first of them.
    pub first: u64,
    /// Whether fragments at its beginning are missing: those of before the capture, or lost ones.
    pub lacks_beginning: bool,
    /// Whether fragments at its end are missing.
    pub lacks_end: bool,
    /// Whether it was seen before.
    pub repeated: Option<Repeated>,
    /// Whether the checksum of its packet is wrong, so that the receiver has discarded it.
    pub wrong_checksum: bool,
}

/// Why a message, or a fragment, is seen again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeated {
    /// It was sent again, or a network duplicated it.
    Retransmission,
    /// It passed another interface before: the sender's, as in a recording, or that of a router.
    OtherInterface,
}

impl Message<'_> {
    /// Returns whether the capture has cut it.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.bytes.len() < self.whole
    }

    /// Returns whether fragments of it are missing.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.delivery
            .is_some_and(|delivery| delivery.lacks_beginning || delivery.lacks_end)
    }
}

impl Protocol {
    /// Returns the protocol with this payload protocol identifier.
    #[must_use]
    pub const fn of(ppid: u32) -> Self {
        Self::Payload(match ppid {
            // Those that rsplib had before IANA assigned others.
            0xfaee_b5d1 => Ppid::ASAP,
            0xfaee_b5d2 => Ppid::ENRP,
            0x2909_7601 => Ppid::FRACTAL_GENERATOR,
            0x2909_7602 => Ppid::PING_PONG,
            0x2909_7603 => Ppid::CALC_APP,
            0x2909_7604 => Ppid::SCRIPTING,
            ppid => Ppid(ppid),
        })
    }

    /// Returns its short name, if it is known.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Payload(ppid) => ppid.name(),
            Self::StatusReport => Some("CSP"),
            Self::Unknown => None,
        }
    }
}
