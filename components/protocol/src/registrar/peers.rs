//! The peer list: which other registrars there are, and how they are (RFC 5353 section 3.4).

use std::collections::BTreeMap;
use wire::RegistrarIdentifier;

use super::PeerState;
use crate::AssociationId;

/// Another registrar, as this one knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    pub(super) identifier: RegistrarIdentifier,
    pub(super) state: PeerState,
    pub(super) association: Option<AssociationId>,
    pub(super) announced_checksum: Option<u16>,
}

impl Peer {
    /// Its identifier.
    #[must_use]
    pub const fn identifier(&self) -> RegistrarIdentifier {
        self.identifier
    }

    /// What is thought of it.
    #[must_use]
    pub const fn state(&self) -> PeerState {
        self.state
    }

    /// The association over which messages to it go, while there is one.
    #[must_use]
    pub const fn association(&self) -> Option<AssociationId> {
        self.association
    }

    /// The checksum in its last presence; [`Handlespace::checksum`](crate::Handlespace::checksum) has the one of the
    /// local copy.
    #[must_use]
    pub const fn announced_checksum(&self) -> Option<u16> {
        self.announced_checksum
    }
}

/// All peers.
#[derive(Debug)]
pub(super) struct Peers {
    known: BTreeMap<RegistrarIdentifier, Peer>,
}

impl Peers {
    pub(super) const fn new() -> Self {
        Self {
            known: BTreeMap::new(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Peer> {
        self.known.values()
    }
}
