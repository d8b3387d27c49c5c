//! The phases of a takeover (RFC 5353 section 3.5).

use std::fmt;

use serde::{Deserialize, Serialize};
use wire::{PeIdentifier, RegistrarIdentifier};

use crate::{Names, counted};

/// The phase of a takeover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TakeoverPhase {
    /// The target has been declared dead: its pool elements are counted, and the peers are asked to agree.
    Initiated {
        /// Pool elements that the target owns.
        pool_elements: u32,
        /// The number of acknowledgements to wait for.
        due: u32,
    },
    /// A peer agreed.
    Acknowledged {
        /// The peer.
        by: RegistrarIdentifier,
        /// The number of acknowledgements still to wait for.
        due: u32,
    },
    /// All peers agreed: they are informed, and the pool elements are notified of their new home registrar.
    Won {
        /// Pool elements that are notified.
        pool_elements: u32,
    },
    /// A pool element accepted its new home registrar, or has gone.
    PoolElementSettled {
        /// The pool element.
        pe_identifier: PeIdentifier,
        /// Whether it accepted.
        adopted: bool,
    },
    /// All pool elements have accepted, or have gone.
    Complete {
        /// Pool elements that accepted.
        adopted: u32,
        /// Pool elements that are gone, or found another home registrar.
        lost: u32,
    },
    /// This registrar gave up its own takeover.
    GivenUp(GivenUp),
    /// This registrar acknowledged the takeover by a peer.
    Conceded {
        /// The peer.
        to: RegistrarIdentifier,
    },
    /// A peer completed the takeover.
    TakenOver {
        /// The peer.
        by: RegistrarIdentifier,
        /// Pool elements that the peer owns now.
        pool_elements: u32,
    },
}

/// The reason why a registrar gave up a takeover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GivenUp {
    /// The target was heard.
    TargetAlive,
    /// Another registrar is taking over and has precedence.
    Outranked,
    /// A peer that is alive did not acknowledge in time.
    NotAcknowledged,
}

impl TakeoverPhase {
    /// Returns what happened as a sentence to follow the reporting registrar's name.
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
