//! The phases of a takeover (RFC 5353 section 3.5).

use std::fmt;

use serde::{Deserialize, Serialize};
use wire::{PeIdentifier, RegistrarIdentifier};

use crate::{Names, counted};

/// How far a takeover has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TakeoverPhase {
    /// The target is considered dead: its pool elements are counted, the others are asked to agree.
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
    /// Everybody agrees: the others are told, and the pool elements learn about their new home.
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
    /// This registrar gives its own takeover up.
    GivenUp(GivenUp),
    /// A peer takes over; this registrar has acknowledged.
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

/// Why a registrar gives a takeover up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GivenUp {
    /// The target was heard.
    TargetAlive,
    /// Another registrar takes over and has precedence.
    Outranked,
    /// A peer that is alive did not acknowledge in time.
    NotAcknowledged,
}

impl TakeoverPhase {
    /// What happened, to be read after the name of the registrar that tells it.
    pub(super) fn sentence(&self, target: RegistrarIdentifier, names: &dyn Names) -> String {
        let target = names.registrar(target);
        match *self {
            Self::Initiated { pool_elements, due } => {
                let agreement = match due {
                    0 => "nobody else has to agree".to_owned(),
                    1 => "another registrar has to agree".to_owned(),
                    _ => format!("{due} other registrars have to agree"),
                };
                let its = counted(pool_elements.into(), "PE");
                format!("considers {target} dead and begins to take over its {its}: {agreement}")
            }
            Self::Acknowledged { by, .. } => {
                format!("has the consent of {} to take over {target}", names.registrar(by))
            }
            Self::Won { pool_elements } => format!(
                "may take over {target} and tells {} of their new home",
                counted(pool_elements.into(), "PE")
            ),
            Self::PoolElementSettled {
                pe_identifier,
                adopted: true,
            } => format!("is the home of {} now", names.pool_element(pe_identifier)),
            Self::PoolElementSettled {
                pe_identifier,
                adopted: false,
            } => format!(
                "could not become the home of {}: it is gone, or has another home",
                names.pool_element(pe_identifier)
            ),
            Self::Complete { adopted, lost } => {
                let lost = match lost {
                    0 => String::new(),
                    _ => format!(", {lost} did not answer"),
                };
                let have = if adopted == 1 { "has" } else { "have" };
                let adopted = counted(adopted.into(), "PE");
                format!("has taken over {target}: {adopted} {have} a new home{lost}")
            }
            Self::GivenUp(why) => format!("does not take over {target} after all: {why}"),
            Self::Conceded { to } => format!("agrees that {} takes over {target}", names.registrar(to)),
            Self::TakenOver { by, .. } => {
                format!(
                    "knows that the PEs of {target} belong to {} now",
                    names.registrar(by)
                )
            }
        }
    }
}

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TargetAlive => "it is alive",
            Self::Outranked => "another registrar takes over",
            Self::NotAcknowledged => "not all registrars agree in time",
        })
    }
}
