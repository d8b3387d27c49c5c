//! Packets and messages, in as few bytes as tell what a list shows: there may be millions.

use feed::Timestamp;
use wire::Ppid;

/// The number of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketId(pub u32);

/// The number of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u32);

/// The number of an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssociationId(pub u32);

/// The number of an end: a component, or an address of which nobody knows whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndId(pub u16);

/// Where a packet is in the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The chunk, as a position in [`Trace::chunks`](crate::Trace).
    pub chunk: u32,
    /// The position among the packets of the chunk.
    pub position: u32,
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It arrived.
    Arrived,
    /// It was sent. Whether it arrived is not known (yet): its receiver is none of ours, has gone, or has not recorded it.
    Sent,
    /// An impaired link lost it; or, of a message, flipped a bit in it, so that its receiver does not read it.
    Lost,
    /// The system refused to send it.
    Refused,
}

/// A packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet {
    /// When it was sent; when it arrived, if only its receiver has recorded it.
    pub sent: Timestamp,
    /// When it arrived; [`Self::NEVER`] if it did not.
    pub arrived: Timestamp,
    /// Where the copy is that was recorded first.
    pub place: Place,
    /// The sender.
    pub from: EndId,
    /// The receiver; `None` if it went to a multicast group.
    pub to: Option<EndId>,
    /// The association.
    pub association: Option<AssociationId>,
    /// The number of bytes of the SCTP packet, or of the datagram's payload.
    pub size: u16,
    /// The types of its chunks: bit n is set for type n below 15, bit 15 for all others; 0 for a datagram.
    pub chunks: u16,
    /// What became of it.
    pub fate: Fate,
    /// Whether it carries anything for another time.
    pub again: bool,
    /// Whether a bit of it was flipped on the way.
    pub corrupted: bool,
    /// Whether only its receiver has recorded it.
    pub by_receiver: bool,
}

impl Packet {
    /// The time of arrival of what has not arrived.
    pub const NEVER: Timestamp = Timestamp::from_micros(u64::MAX);

    /// Returns when it arrived, if it did.
    #[must_use]
    pub fn arrival(&self) -> Option<Timestamp> {
        (self.arrived != Self::NEVER).then_some(self.arrived)
    }

    /// Returns the names of its chunks, each once, in the order of their types.
    pub fn chunk_names(&self) -> impl Iterator<Item = &'static str> {
        const NAMES: [&str; 16] = [
            "DATA",
            "INIT",
            "INIT ACK",
            "SACK",
            "HEARTBEAT",
            "HEARTBEAT ACK",
            "ABORT",
            "SHUTDOWN",
            "SHUTDOWN ACK",
            "ERROR",
            "COOKIE ECHO",
            "COOKIE ACK",
            "ECNE",
            "CWR",
            "SHUTDOWN COMPLETE",
            "other",
        ];
        let chunks = self.chunks;
        (0..16_u16)
            .zip(NAMES)
            .filter(move |(kind, _)| chunks & (1 << kind) != 0)
            .map(|(_, name)| name)
    }
}

/// What a message is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// ASAP.
    Asap,
    /// ENRP.
    Enrp,
    /// Fractal Generator Protocol.
    FractalGenerator,
    /// Ping Pong Protocol.
    PingPong,
    /// CalcApp.
    CalcApp,
    /// Scripting Service Protocol.
    Scripting,
    /// Component Status Protocol, over UDP.
    Status,
    /// Any other, by its payload protocol identifier.
    Other(u32),
}

impl Protocol {
    /// Returns the protocol of messages with this payload protocol identifier.
    #[must_use]
    pub const fn of(ppid: Ppid) -> Self {
        match ppid {
            Ppid::ASAP => Self::Asap,
            Ppid::ENRP => Self::Enrp,
            Ppid::FRACTAL_GENERATOR => Self::FractalGenerator,
            Ppid::PING_PONG => Self::PingPong,
            Ppid::CALC_APP => Self::CalcApp,
            Ppid::SCRIPTING => Self::Scripting,
            Ppid(other) => Self::Other(other),
        }
    }

    /// Returns the payload protocol identifier; `None` if no SCTP association carries it.
    #[must_use]
    pub const fn ppid(self) -> Option<Ppid> {
        Some(match self {
            Self::Asap => Ppid::ASAP,
            Self::Enrp => Ppid::ENRP,
            Self::FractalGenerator => Ppid::FRACTAL_GENERATOR,
            Self::PingPong => Ppid::PING_PONG,
            Self::CalcApp => Ppid::CALC_APP,
            Self::Scripting => Ppid::SCRIPTING,
            Self::Status => return None,
            Self::Other(ppid) => Ppid(ppid),
        })
    }

    /// Returns its short name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Status => "CSP",
            Self::Other(0) => "bytes",
            _ => match self.ppid() {
                Some(ppid) => match ppid.name() {
                    Some(name) => name,
                    None => "other",
                },
                None => "other",
            },
        }
    }
}

/// A message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// When the first one of its fragments was sent.
    pub sent: Timestamp,
    /// When it had arrived as a whole for the first time; [`Packet::NEVER`] if that is not known.
    pub arrived: Timestamp,
    /// The packet with that one.
    pub first: PacketId,
    /// The packet that made it whole: with the last one.
    pub last: PacketId,
    /// The sender.
    pub from: EndId,
    /// The receiver; `None` if it went to a multicast group.
    pub to: Option<EndId>,
    /// The association.
    pub association: Option<AssociationId>,
    /// The transmission sequence number of its first fragment; 0 for a datagram.
    pub tsn: u32,
    /// Its size in bytes.
    pub size: u32,
    /// What it is part of.
    pub protocol: Protocol,
    /// Its name, as a number of [`Names`](crate::Names).
    pub name: u16,
    /// The number of fragments; 0 for a datagram.
    pub fragments: u16,
    /// What became of it: it has arrived when all of its fragments have; otherwise the worst that became of the latest
    /// transmission of one of them.
    pub fate: Fate,
    /// Whether any part of it was sent more than once.
    pub again: bool,
    /// Whether it is none of its protocol.
    pub undecodable: bool,
}

impl Message {
    /// Returns when it had arrived, if it did.
    #[must_use]
    pub fn arrival(&self) -> Option<Timestamp> {
        (self.arrived != Packet::NEVER).then_some(self.arrived)
    }
}

/// A message, or a part of it, that was sent for another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retransmission {
    /// The message; `None` as long as it is not whole.
    pub message: Option<MessageId>,
    /// The packet.
    pub packet: PacketId,
}
