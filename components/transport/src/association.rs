//! Associations, their messages and their events.

use std::fmt;
use std::net::IpAddr;

/// Identifies an association of one [`Transport`](crate::Transport) for as long as it exists. Never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssociationId(pub(crate) u64);

impl AssociationId {
    /// Returns a number for logs.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for AssociationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "association {}", self.0)
    }
}

/// The other end of an association. This excludes the UDP port of the encapsulation: ASAP addresses contain none, so
/// it is part of the back end's configuration.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Peer {
    /// The peer's addresses; the first is the one in use, or the one to try first.
    pub addresses: Vec<IpAddr>,
    /// SCTP port.
    pub port: u16,
}

impl Peer {
    /// Creates a peer with one address.
    #[must_use]
    pub fn new(address: IpAddr, port: u16) -> Self {
        Self {
            addresses: vec![address],
            port,
        }
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.addresses.as_slice() {
            [address] => write!(f, "{address}:{}", self.port),
            addresses => write!(f, "{addresses:?}:{}", self.port),
        }
    }
}

/// A user message to be sent (RFC 9260 section 11.1.5).
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// SCTP stream.
    pub stream: u16,
    /// Payload protocol identifier, in host byte order.
    pub ppid: u32,
    /// Whether it may overtake earlier messages of its stream.
    pub unordered: bool,
    /// Its bytes: at least one, at most [`LARGEST_MESSAGE`](crate::LARGEST_MESSAGE).
    pub data: Vec<u8>,
}

impl Message {
    /// Creates an ordered message on stream 0.
    #[must_use]
    pub fn new(ppid: u32, data: Vec<u8>) -> Self {
        Self {
            stream: 0,
            ppid,
            unordered: false,
            data,
        }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = if self.unordered { "unordered, " } else { "" };
        write!(
            f,
            "message({} bytes, {order}PPID {}, stream {})",
            self.data.len(),
            self.ppid,
            self.stream
        )
    }
}

/// An event of an association (RFC 9260 section 11.2). Events of one association arrive in the order in which they
/// happened; the last one is [`Event::Down`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The association is established.
    Up {
        /// The association.
        id: AssociationId,
        /// Our SCTP port.
        local_port: u16,
        /// The other end, with those of its addresses that are confirmed, the one in use first. An address that a
        /// peer merely lists may belong to anybody (RFC 9260 section 5.4).
        peer: Peer,
        /// Whether the peer opened it.
        inbound: bool,
        /// The number of streams towards the peer.
        out_streams: u16,
    },
    /// The peer has restarted (RFC 9260 section 5.2): messages in flight are lost, the association continues.
    Restarted {
        /// The association.
        id: AssociationId,
    },
    /// The association ended, or could not be established. Its identifier is no longer valid.
    Down {
        /// The association.
        id: AssociationId,
        /// The cause.
        cause: Cause,
    },
    /// A path of a multi-homed association has changed its state; only if [`Capabilities::path_events`] is set. A
    /// path that comes up is confirmed to lead to the peer.
    ///
    /// [`Capabilities::path_events`]: crate::Capabilities::path_events
    Path {
        /// The association.
        id: AssociationId,
        /// The peer's address.
        address: IpAddr,
        /// Whether it is reachable.
        up: bool,
        /// Whether it is the primary path.
        primary: bool,
    },
    /// A message arrived.
    Message {
        /// The association.
        id: AssociationId,
        /// The message. `unordered` is `false` if the back end cannot determine it.
        message: Message,
    },
    /// There is room again after a [`SendError::Full`](crate::SendError::Full).
    Writable {
        /// The association.
        id: AssociationId,
    },
}

impl Event {
    /// Returns the association concerned.
    #[must_use]
    pub const fn id(&self) -> AssociationId {
        match self {
            Self::Up { id, .. }
            | Self::Restarted { id }
            | Self::Down { id, .. }
            | Self::Path { id, .. }
            | Self::Message { id, .. }
            | Self::Writable { id } => *id,
        }
    }
}

/// The reason why an association ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Shut down gracefully by either side (RFC 9260 section 9.2).
    Graceful,
    /// The peer sent an ABORT with these error causes (RFC 9260 section 9.1).
    PeerAbort(String),
    /// Aborted by this side: on request, because the transport ended, because a limit was reached, or because the peer
    /// violated the protocol.
    LocalAbort,
    /// The peer has not answered for too long (RFC 9260 sections 5.1 and 8.1).
    Timeout,
    /// The network reports the peer as unreachable (by ICMP, checked as required by RFC 9260 section 10), or there
    /// is no route to any of its addresses.
    Unreachable,
    /// The peer is reachable and refused the association.
    Refused,
}

/// The maximum number of characters kept of a peer's reason, which ends up in logs and in the user interface.
const LONGEST_REASON: usize = 200;

impl Cause {
    /// Creates the cause for an ABORT with a reason, which may be of any length and contain anything.
    pub(crate) fn peer_abort(reason: &str) -> Self {
        let harmless = |character: char| {
            if character.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                character
            }
        };
        Self::PeerAbort(reason.chars().take(LONGEST_REASON).map(harmless).collect())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Graceful => f.write_str("shut down"),
            Self::PeerAbort(reason) if reason.is_empty() => f.write_str("aborted by the peer"),
            Self::PeerAbort(reason) => write!(f, "aborted by the peer: {reason}"),
            Self::LocalAbort => f.write_str("aborted"),
            Self::Timeout => f.write_str("timed out"),
            Self::Unreachable => f.write_str("peer unreachable"),
            Self::Refused => f.write_str("refused"),
        }
    }
}
