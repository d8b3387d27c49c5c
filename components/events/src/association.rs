//! Associations, their ends, and why they ended.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// Identifies an association for as long as it exists. Never reused.
///
/// A core numbers the associations that it opens, its driver those that peers open; the two ranges cannot collide.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AssociationId(u64);

impl AssociationId {
    /// Returns the identifier of the `n`-th association that a core opens.
    #[must_use]
    pub const fn outgoing(n: u64) -> Self {
        Self(n << 1)
    }

    /// Returns the identifier of the `n`-th association that peers have opened.
    #[must_use]
    pub const fn incoming(n: u64) -> Self {
        Self(n << 1 | 1)
    }

    /// Returns whether a peer opened it.
    #[must_use]
    pub const fn is_incoming(self) -> bool {
        self.0 & 1 == 1
    }

    /// Returns a number for logs and events.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// Converts from the number of an association.
impl From<u64> for AssociationId {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Debug for AssociationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "association {}", self.0)
    }
}

/// The transport address of one end of an association.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TransportAddress {
    /// At least one address, the one to try first in front.
    pub addresses: Vec<IpAddr>,
    /// SCTP port.
    pub port: u16,
}

impl TransportAddress {
    /// Adds an address, unless it is already in the list.
    pub fn add(&mut self, address: IpAddr) {
        let address = address.to_canonical();
        if !self.addresses.iter().any(|known| known.to_canonical() == address) {
            self.addresses.push(address);
        }
    }
}

impl fmt::Debug for TransportAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.addresses.as_slice() {
            [address] => write!(f, "{address}:{}", self.port),
            addresses => write!(f, "{addresses:?}:{}", self.port),
        }
    }
}

impl fmt::Display for TransportAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The reason why an association ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DownCause {
    /// Graceful shutdown by either side.
    Graceful,
    /// The peer sent an ABORT.
    PeerAbort,
    /// We aborted it.
    LocalAbort,
    /// The peer no longer answers.
    Timeout,
    /// The network reports that the peer is unreachable (ICMP).
    Unreachable,
    /// The peer's host is reachable and refused.
    Refused,
}

impl fmt::Display for DownCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Graceful => "shut down",
            Self::PeerAbort => "aborted by the peer",
            Self::LocalAbort => "aborted",
            Self::Timeout => "timed out",
            Self::Unreachable => "peer unreachable",
            Self::Refused => "refused",
        })
    }
}
