//! What registrars do among themselves.

use serde::{Deserialize, Serialize};
use wire::{PeIdentifier, RegistrarIdentifier};

/// How far a registrar's start-up has come (RFC 5353 section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartUpPhase {
    /// It listens for a registrar that has the handlespace.
    LookingForMentor,
    /// It asks this registrar for its peers and the handlespace.
    Downloading {
        /// The mentor.
        mentor: RegistrarIdentifier,
    },
    /// It serves pool elements and pool users.
    InService {
        /// Who gave it the handlespace; `None` if nobody did.
        mentor: Option<RegistrarIdentifier>,
        /// Pool elements it was given.
        pool_elements: u32,
        /// Since its start, microseconds.
        duration_us: u64,
    },
}

/// Another registrar, as one registrar sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerEntry {
    /// The other registrar.
    pub identifier: RegistrarIdentifier,
    /// What is thought of it.
    pub state: PeerState,
    /// The association over which messages to it go, while there is one.
    pub association: Option<u64>,
    /// The checksum in its last presence.
    pub announced_checksum: Option<u16>,
    /// The checksum of its pool elements in the local copy; the same if the copies agree.
    pub local_checksum: u16,
    /// Its pool elements in the local copy.
    pub pool_elements: u32,
}

/// What a registrar thinks of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeerState {
    /// Named by somebody, not heard yet.
    Unconfirmed,
    /// Being heard.
    Active,
    /// Silent: asked for its presence.
    Probed,
    /// Somebody takes it over.
    BeingTakenOver,
}

/// How far a synchronization has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SynchronizationProgress {
    /// The checksums differ: the owner is asked for its pool elements.
    Started,
    /// The copies agree.
    Finished {
        /// Pool elements that were new or had changed their owner.
        added: u32,
        /// Pool elements that the owner does not have any more.
        removed: u32,
    },
    /// The owner refused or fell silent.
    GivenUp,
}

/// How far a takeover has come (RFC 5353 section 3.5). Several registrars may tell of the same takeover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TakeoverPhase {
    /// The target is considered dead; the others are asked to agree.
    Initiated {
        /// Pool elements that the target owns.
        pool_elements: u32,
        /// Acknowledgements that are due.
        due: u32,
    },
    /// A peer agrees.
    Acknowledged {
        /// The peer.
        by: RegistrarIdentifier,
        /// Acknowledgements that are still due.
        due: u32,
    },
    /// Everybody agrees; the pool elements are told of their new home.
    Won {
        /// Pool elements that are told.
        pool_elements: u32,
    },
    /// A pool element has accepted its new home, or has gone.
    PoolElementSettled {
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// Whether it has accepted.
        adopted: bool,
    },
    /// All pool elements have accepted, or have gone.
    Complete {
        /// Those that have accepted.
        adopted: u32,
        /// Those that are gone, or have found another home.
        lost: u32,
    },
    /// The registrar gives its own takeover up.
    GivenUp {
        /// Why, in a few words.
        reason: String,
    },
    /// The registrar has acknowledged a peer's takeover.
    Conceded {
        /// The peer.
        to: RegistrarIdentifier,
    },
    /// A peer has taken over.
    TakenOver {
        /// The peer.
        by: RegistrarIdentifier,
        /// Pool elements that are the peer's from now on.
        pool_elements: u32,
    },
}
