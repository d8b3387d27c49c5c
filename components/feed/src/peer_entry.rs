//! What a registrar knows of another one.

use events::AssociationId;
use events::registrar::PeerState;
use serde::{Deserialize, Serialize};
use wire::RegistrarIdentifier;

/// Another registrar, as one registrar sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerEntry {
    /// The other registrar.
    pub identifier: RegistrarIdentifier,
    /// What is thought of it.
    pub state: PeerState,
    /// The association over which messages to it go, while there is one.
    pub association: Option<AssociationId>,
    /// The checksum in its last presence.
    pub announced_checksum: Option<u16>,
    /// The checksum of its pool elements in the local copy; the same if the copies agree.
    pub local_checksum: u16,
    /// Its pool elements in the local copy.
    pub pool_elements: u32,
}
