//! A registrar's view of its peers.

use events::AssociationId;
use events::registrar::PeerState;
use serde::{Deserialize, Serialize};
use wire::RegistrarIdentifier;

/// A peer, as one registrar sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerEntry {
    /// The peer.
    pub identifier: RegistrarIdentifier,
    /// The state of the peer.
    pub state: PeerState,
    /// The association for messages to the peer, while there is one.
    pub association: Option<AssociationId>,
    /// The checksum in the peer's last presence.
    pub announced_checksum: Option<u16>,
    /// The checksum of the peer's pool elements in the local copy; equal to the announced one if the copies agree.
    pub local_checksum: u16,
    /// The number of the peer's pool elements in the local copy.
    pub pool_elements: u32,
}
