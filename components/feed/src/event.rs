//! Events that a component reports to its control centre.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use events::pool_user::SessionId;
use events::{AssociationId, DownCause, TransportAddress};
use serde::{Deserialize, Serialize};
use wire::parameter::Policy;
use wire::{PeIdentifier, PoolHandle, PoolUserIdentifier, Ppid, RegistrarIdentifier};

use crate::{PeerEntry, PoolElementWork, PoolUserWork, Status, Timestamp};

/// An event with the time when it happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// When it happened.
    #[serde(rename = "at_us")]
    pub at: Timestamp,
    /// The event.
    #[serde(flatten)]
    pub event: Event,
}

/// The role of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComponentRole {
    /// A registrar (PR).
    Registrar,
    /// A pool element (PE).
    PoolElement,
    /// A pool user (PU).
    PoolUser,
}

impl ComponentRole {
    /// Returns the largest identifier that a component of this role can have.
    #[must_use]
    pub const fn largest_identifier(self) -> u64 {
        match self {
            Self::Registrar | Self::PoolElement => u32::MAX as u64,
            Self::PoolUser => PoolUserIdentifier::LARGEST,
        }
    }
}

impl fmt::Display for ComponentRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Registrar => "registrar",
            Self::PoolElement => "pool element",
            Self::PoolUser => "pool user",
        })
    }
}

/// The identity of a component in the protocols and the Component Status Protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "role", content = "identifier", rename_all = "kebab-case")]
pub enum ComponentIdentity {
    /// A registrar (PR).
    Registrar(RegistrarIdentifier),
    /// A pool element (PE).
    PoolElement(PeIdentifier),
    /// A pool user (PU).
    PoolUser(PoolUserIdentifier),
}

impl ComponentIdentity {
    /// Creates the identity of a component. Returns `None` if the number is too large for the role.
    #[must_use]
    pub fn new(role: ComponentRole, number: u64) -> Option<Self> {
        Some(match role {
            ComponentRole::Registrar => Self::Registrar(RegistrarIdentifier(number.try_into().ok()?)),
            ComponentRole::PoolElement => Self::PoolElement(PeIdentifier(number.try_into().ok()?)),
            ComponentRole::PoolUser => Self::PoolUser(PoolUserIdentifier::new(number)?),
        })
    }

    /// Returns the role.
    #[must_use]
    pub const fn role(self) -> ComponentRole {
        match self {
            Self::Registrar(_) => ComponentRole::Registrar,
            Self::PoolElement(_) => ComponentRole::PoolElement,
            Self::PoolUser(_) => ComponentRole::PoolUser,
        }
    }

    /// Returns the identifier as a number, unique among the components of its role.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Registrar(identifier) => identifier.0 as u64,
            Self::PoolElement(identifier) => identifier.0 as u64,
            Self::PoolUser(identifier) => identifier.number(),
        }
    }
}

/// Formats the identifier, as in `0x0a000001`.
impl fmt::Display for ComponentIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registrar(identifier) => identifier.fmt(f),
            Self::PoolElement(identifier) => identifier.fmt(f),
            Self::PoolUser(identifier) => identifier.fmt(f),
        }
    }
}

/// The purpose of an association or a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// ASAP between a registrar and a pool element or pool user.
    Asap,
    /// ENRP between registrars.
    Enrp,
    /// A service between pool user and pool element, including its control channel.
    Application,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Asap => "ASAP",
            Self::Enrp => "ENRP",
            Self::Application => "Application",
        })
    }
}

/// The direction of a message, seen from the component that reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The component sent it.
    Sent,
    /// The component received it.
    Received,
}

/// Limits on the sessions and jobs of a pool element; `None` if its service has no such limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Limits {
    /// The number of data messages after which each session is broken; 0 means never.
    pub fail_after: Option<u32>,
    /// Iterations per second and session; 0 means no limit.
    pub iterations_per_second: Option<u64>,
    /// Calculations per second, which all jobs share.
    pub calculations_per_second: Option<u64>,
    /// The maximum number of jobs.
    pub max_jobs: Option<u32>,
}

/// An event in a component. Frames may carry additional bytes: see each variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The first event of every component.
    Hello {
        /// The component's identity.
        component: ComponentIdentity,
        /// The program's version.
        version: String,
        /// Process identifier on its host.
        pid: u32,
        /// Addresses that it is bound to.
        addresses: Vec<IpAddr>,
        /// The transport back end: `user` or `kernel`.
        transport: String,
        /// Pool handle, for pool elements and pool users.
        pool_handle: Option<PoolHandle>,
        /// Policy in words, for pool elements.
        policy: Option<String>,
    },
    /// The component's status, for display.
    Status {
        /// Ready means: registered (PE), in service (PR), connected to a registrar (PU).
        ready: bool,
        /// Details.
        status: Status,
    },
    /// An association came up.
    AssociationUp {
        /// Its number, unique within this component's life.
        association: AssociationId,
        /// Its purpose.
        protocol: Protocol,
        /// This component's end.
        local: TransportAddress,
        /// The other end.
        remote: TransportAddress,
        /// Whether the other end opened it.
        inbound: bool,
        /// The component at the other end, if known.
        peer: Option<ComponentIdentity>,
    },
    /// The component at the other end of an association became known.
    AssociationPeer {
        /// The association.
        association: AssociationId,
        /// The component at the other end.
        peer: ComponentIdentity,
    },
    /// An association ended, or could not be established (in that case without an `association-up` event).
    AssociationDown {
        /// The association.
        association: AssociationId,
        /// The other end.
        remote: TransportAddress,
        /// The cause.
        cause: DownCause,
    },
    /// A message was sent or received. The bytes of the frame are the message.
    Message {
        /// The direction.
        direction: Direction,
        /// The association; `None` for multicast.
        association: Option<AssociationId>,
        /// The other end: of the association, or the datagram's source or group.
        remote: TransportAddress,
        /// SCTP payload protocol identifier; for multicast, that of the protocol.
        ppid: Ppid,
        /// The message's name in its protocol, such as `ASAP_REGISTRATION`, or the reason why it could not be
        /// decoded.
        name: String,
        /// A short description of its content.
        summary: String,
        /// The size of the whole message in bytes, even if the frame carries only its beginning.
        size: u32,
    },
    /// Load and sessions of a pool element.
    Load {
        /// Load from 0 to 1.
        load: f64,
        /// Sessions being served.
        sessions: u32,
        /// The maximum number of sessions that it accepts.
        capacity: u32,
    },
    /// Limits on the sessions and jobs of a pool element: at the start, and after a change.
    Limits(Limits),
    /// The policy of a pool element with its current data: at the start, and after a change.
    Policy {
        /// The policy.
        policy: Policy,
    },
    /// The work of a pool element, at most twice a second.
    PoolElementWork(PoolElementWork),
    /// The requests of a pool user, at most twice a second.
    PoolUserWork(PoolUserWork),
    /// The handlespace of a registrar.
    Handlespace {
        /// Pools.
        pools: u32,
        /// Pool elements.
        pool_elements: u32,
        /// Pool elements that this registrar owns.
        owned: u32,
        /// Peers that it knows.
        peers: u32,
        /// Checksum of the owned pool elements.
        checksum: u16,
        /// All pool elements, limited to 200.
        entries: Vec<HandlespaceEntry>,
    },
    /// An event in a registrar.
    Registrar(events::registrar::Event),
    /// An event in a pool element.
    PoolElement(events::pool_element::Event),
    /// An event in a pool user.
    PoolUser(events::pool_user::Event),
    /// All peers of a registrar, after a change.
    Peers {
        /// The peers, by identifier.
        peers: Vec<PeerEntry>,
    },
    /// A pool user began a picture. The bytes of the frame are its request for the whole picture (FGP_PARAMETER of the
    /// Fractal Generator Protocol), from which a reader may compute the same picture.
    ImageStarted {
        /// The sequence number of the picture at its pool user.
        image: u32,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The value of pixels that never escape.
        max_iterations: u32,
        /// `Mandelbrot` or `MandelbrotN`.
        algorithm: String,
        /// The number of sessions, between which the picture is divided.
        #[serde(default)]
        sessions: u32,
    },
    /// Pixels arrived. The bytes of the frame are big-endian `u32` values, in reading order from (`x`, `y`).
    Pixels {
        /// The picture.
        image: u32,
        /// Column of the first pixel in the whole picture.
        x: u32,
        /// Row of the first pixel in the whole picture.
        y: u32,
        /// Left edge, in the whole picture, of the tile within which the pixels wrap.
        tile_x: u32,
        /// Width of that tile.
        tile_width: u32,
        /// The session that they belong to.
        session: SessionId,
        /// The pool element that computed them.
        pe_identifier: PeIdentifier,
    },
    /// A picture is finished: all its pixels have arrived, or no pool element will send the missing ones.
    ImageCompleted {
        /// The picture.
        image: u32,
        /// Time from the request to the last pixel.
        #[serde(rename = "duration_us", with = "events::microseconds")]
        duration: Duration,
        /// The number of failovers during the picture.
        failovers: u32,
        /// The number of missing pixels.
        #[serde(default)]
        missing: u64,
        /// Pixels that the pool user received but found no room for in this feed.
        #[serde(default)]
        left_out: u64,
    },
    /// The pool user compared a finished picture with its own computation.
    ImageVerified {
        /// The picture.
        image: u32,
        /// Pixels that arrived with a wrong value.
        wrong: u64,
    },
    /// The component could not write fast enough and left out message events.
    Dropped {
        /// Events left out since the previous event of this kind.
        events: u64,
    },
    /// The impairments in force, after a change.
    Impairments {
        /// All links with an impairment.
        links: Vec<(crate::LinkTarget, crate::Impairment)>,
    },
    /// A sign of life while nothing else happens: a feed is never silent for more than two seconds.
    Beat,
    /// A problem that the user should know about; also logged.
    Problem {
        /// What went wrong, where, and what to do about it.
        text: String,
    },
    /// The last event before the process ends.
    Goodbye {
        /// A short reason; [`FINISHED`] if everything that was asked for is done.
        reason: String,
    },
}

/// The reason of a component that ends because everything that was asked for is done.
pub const FINISHED: &str = "finished";

impl From<events::registrar::Event> for Event {
    fn from(event: events::registrar::Event) -> Self {
        Self::Registrar(event)
    }
}

impl From<events::pool_element::Event> for Event {
    fn from(event: events::pool_element::Event) -> Self {
        Self::PoolElement(event)
    }
}

impl From<events::pool_user::Event> for Event {
    fn from(event: events::pool_user::Event) -> Self {
        Self::PoolUser(event)
    }
}

/// A pool element in a registrar's handlespace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HandlespaceEntry {
    /// The pool handle.
    pub pool_handle: PoolHandle,
    /// The PE identifier.
    pub pe_identifier: PeIdentifier,
    /// The registrar that owns it.
    pub home_registrar: RegistrarIdentifier,
    /// Policy in words.
    pub policy: String,
    /// Load from 0 to 1, if the policy has one.
    pub load: Option<f64>,
}

#[cfg(test)]
mod tests {
    use events::registrar::{self, TakeoverPhase};

    use super::*;

    #[track_caller]
    fn check(event: Event, json: &str) {
        let at = Timestamp::from_micros(7);
        let stamped = Stamped { at, event };
        assert_eq!(serde_json::to_string(&stamped).unwrap(), json);
        assert_eq!(serde_json::from_str::<Stamped>(json).unwrap(), stamped);
    }

    #[test]
    fn identifiers_are_numbers_and_pool_handles_are_escaped_text() {
        check(
            Event::AssociationPeer {
                association: 3.into(),
                peer: ComponentIdentity::PoolUser(PoolUserIdentifier::new(0x0012_3456_789a_bcde).unwrap()),
            },
            r#"{"at_us":7,"event":"association-peer","association":3,"peer":{"role":"pool-user","identifier":5124095576030430}}"#,
        );
        check(
            Event::Registrar(registrar::Event::Takeover {
                target: RegistrarIdentifier(10),
                phase: TakeoverPhase::PoolElementSettled {
                    pe_identifier: PeIdentifier(11),
                    adopted: true,
                },
            }),
            r#"{"at_us":7,"event":"registrar","what":"takeover","target":10,"phase":{"pool-element-settled":{"pe_identifier":11,"adopted":true}}}"#,
        );
        check(
            Event::Hello {
                component: ComponentIdentity::PoolElement(PeIdentifier(u32::MAX)),
                version: "1".into(),
                pid: 2,
                addresses: vec![],
                transport: "user".into(),
                pool_handle: PoolHandle::new(b"a\n").ok(),
                policy: None,
            },
            r#"{"at_us":7,"event":"hello","component":{"role":"pool-element","identifier":4294967295},"version":"1","pid":2,"addresses":[],"transport":"user","pool_handle":"a\\n","policy":null}"#,
        );
    }

    #[test]
    fn nobody_has_an_identifier_larger_than_those_of_the_role() {
        let peer = |role: &str, identifier: u64| {
            let json = format!(r#"{{"role":"{role}","identifier":{identifier}}}"#);
            serde_json::from_str::<ComponentIdentity>(&json).ok()
        };
        for (role, number) in [
            (ComponentRole::Registrar, u64::from(u32::MAX)),
            (ComponentRole::PoolElement, u64::from(u32::MAX)),
            (ComponentRole::PoolUser, PoolUserIdentifier::LARGEST),
        ] {
            assert_eq!(number, role.largest_identifier());
            let component = ComponentIdentity::new(role, number).unwrap();
            assert_eq!((component.role(), component.number()), (role, number));
            assert_eq!(ComponentIdentity::new(role, number + 1), None);
        }
        assert_eq!(
            peer("registrar", 10),
            Some(ComponentIdentity::Registrar(RegistrarIdentifier(10)))
        );
        assert_eq!(peer("registrar", 1 << 32), None);
        assert_eq!(peer("pool-element", 1 << 32), None);
        assert_eq!(peer("pool-user", 1 << 56), None);
    }
}
