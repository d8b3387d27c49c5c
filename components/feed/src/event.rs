//! What a component tells its control centre.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use events::pool_user::SessionId;
use events::{AssociationId, DownCause, TransportAddress};
use serde::{Deserialize, Serialize};
use wire::{PeIdentifier, PoolHandle, PoolUserIdentifier, Ppid, RegistrarIdentifier};

use crate::{PeerEntry, Status, Timestamp};

/// An event and when it happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// When.
    #[serde(rename = "at_us")]
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// The role of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComponentRole {
    /// PR.
    Registrar,
    /// PE.
    PoolElement,
    /// PU.
    PoolUser,
}

impl ComponentRole {
    /// The largest identifier that a component of this role can have.
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

/// A component as the protocols and the Component Status Protocol identify it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "role", content = "identifier", rename_all = "kebab-case")]
pub enum ComponentIdentity {
    /// PR.
    Registrar(RegistrarIdentifier),
    /// PE.
    PoolElement(PeIdentifier),
    /// PU.
    PoolUser(PoolUserIdentifier),
}

impl ComponentIdentity {
    /// The component of this role with this number; `None` if components of this role have smaller ones.
    #[must_use]
    pub fn new(role: ComponentRole, number: u64) -> Option<Self> {
        Some(match role {
            ComponentRole::Registrar => Self::Registrar(RegistrarIdentifier(number.try_into().ok()?)),
            ComponentRole::PoolElement => Self::PoolElement(PeIdentifier(number.try_into().ok()?)),
            ComponentRole::PoolUser => Self::PoolUser(PoolUserIdentifier::new(number)?),
        })
    }

    /// Its role.
    #[must_use]
    pub const fn role(self) -> ComponentRole {
        match self {
            Self::Registrar(_) => ComponentRole::Registrar,
            Self::PoolElement(_) => ComponentRole::PoolElement,
            Self::PoolUser(_) => ComponentRole::PoolUser,
        }
    }

    /// Its identifier as a number, unique among the components of its role.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Registrar(identifier) => identifier.0 as u64,
            Self::PoolElement(identifier) => identifier.0 as u64,
            Self::PoolUser(identifier) => identifier.number(),
        }
    }
}

/// The identifier, as in `0x0a000001`.
impl fmt::Display for ComponentIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registrar(identifier) => identifier.fmt(f),
            Self::PoolElement(identifier) => identifier.fmt(f),
            Self::PoolUser(identifier) => identifier.fmt(f),
        }
    }
}

/// What an association or a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// ASAP between a registrar and a pool element or pool user.
    Asap,
    /// ENRP between registrars.
    Enrp,
    /// A service between pool user and pool element, its control channel included.
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

/// Which way a message went, seen from the component that tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The component sent it.
    Sent,
    /// The component received it.
    Received,
}

/// What holds the sessions of a pool element back; `None` is what its service does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Limits {
    /// Data messages after which each session is broken off; 0 is never.
    pub fail_after: Option<u32>,
    /// Iterations per second and session; 0 is no limit.
    pub iterations_per_second: Option<u64>,
}

/// One thing that happened in a component. Frames may carry bytes besides: see each variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// First event of every component.
    Hello {
        /// Who it is.
        component: ComponentIdentity,
        /// The program's version.
        version: String,
        /// Process identifier on its host.
        pid: u32,
        /// Addresses it is bound to.
        addresses: Vec<IpAddr>,
        /// The back end that carries SCTP: `user` or `kernel`.
        transport: String,
        /// Pool handle, for pool elements and pool users.
        pool_handle: Option<PoolHandle>,
        /// Policy in words, for pool elements.
        policy: Option<String>,
    },
    /// How things stand with the component, for people.
    Status {
        /// Ready means: registered (PE), serving (PR), connected to a registrar (PU).
        ready: bool,
        /// In detail.
        status: Status,
    },
    /// An association came up.
    AssociationUp {
        /// Its number, unique within this component's life.
        association: AssociationId,
        /// What it is for.
        protocol: Protocol,
        /// This component's end.
        local: TransportAddress,
        /// The other end.
        remote: TransportAddress,
        /// Whether the other end opened it.
        inbound: bool,
        /// The component at the other end, where known.
        peer: Option<ComponentIdentity>,
    },
    /// The component at the other end of an association became known.
    AssociationPeer {
        /// The association.
        association: AssociationId,
        /// Who is there.
        peer: ComponentIdentity,
    },
    /// An association ended, or could not be established (then no `association-up` came before).
    AssociationDown {
        /// The association.
        association: AssociationId,
        /// The other end.
        remote: TransportAddress,
        /// Why.
        cause: DownCause,
    },
    /// A message was sent or received. The frame's bytes are the message.
    Message {
        /// Which way.
        direction: Direction,
        /// The association; absent for multicast.
        association: Option<AssociationId>,
        /// The other end: of the association, or the datagram's source or group.
        remote: TransportAddress,
        /// SCTP payload protocol identifier; for multicast that of the protocol.
        ppid: Ppid,
        /// The message's name in its protocol, such as `ASAP_REGISTRATION`, or why it could not be decoded.
        name: String,
        /// A few words on the content.
        summary: String,
        /// Bytes of the whole message, even where the frame carries only the beginning.
        size: u32,
    },
    /// Load and sessions of a pool element.
    Load {
        /// 0 to 1.
        load: f64,
        /// Sessions being served.
        sessions: u32,
        /// The most sessions it takes.
        capacity: u32,
    },
    /// What holds the sessions of a pool element back: at the start, and when it changes.
    Limits(Limits),
    /// What a registrar has in its handlespace.
    Handlespace {
        /// Pools.
        pools: u32,
        /// Pool elements.
        pool_elements: u32,
        /// Pool elements that this registrar owns.
        owned: u32,
        /// Other registrars it knows.
        peers: u32,
        /// Checksum of the owned pool elements.
        checksum: u16,
        /// Every pool element, up to a limit of 200.
        entries: Vec<HandlespaceEntry>,
    },
    /// Something that happened in a registrar.
    Registrar(events::registrar::Event),
    /// Something that happened in a pool element.
    PoolElement(events::pool_element::Event),
    /// Something that happened in a pool user.
    PoolUser(events::pool_user::Event),
    /// All other registrars that a registrar knows, after a change.
    Peers {
        /// By identifier.
        peers: Vec<PeerEntry>,
    },
    /// A pool user begins a picture.
    ImageStarted {
        /// Counts the pool user's pictures.
        image: u32,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// The value of pixels that never leave the circle.
        max_iterations: u32,
        /// `Mandelbrot` or `MandelbrotN`.
        algorithm: String,
    },
    /// Pixels arrived. The frame's bytes are `u32` values, big endian, in reading order from (`x`, `y`).
    Pixels {
        /// The picture.
        image: u32,
        /// Column of the first pixel in the whole picture.
        x: u32,
        /// Row of the first pixel in the whole picture.
        y: u32,
        /// Left edge of the tile in which the pixels run on, in the whole picture.
        tile_x: u32,
        /// Width of that tile.
        tile_width: u32,
        /// The session that they belong to.
        session: SessionId,
        /// The pool element that computed them.
        pe_identifier: PeIdentifier,
    },
    /// A picture is finished: all its pixels are there, or no pool element will send those that are missing.
    ImageCompleted {
        /// The picture.
        image: u32,
        /// From the request to the last pixel.
        #[serde(rename = "duration_us", with = "events::microseconds")]
        duration: Duration,
        /// Failovers on the way.
        failovers: u32,
        /// Pixels that are missing.
        #[serde(default)]
        missing: u64,
        /// Pixels that the pool user has, but found no room for in this feed.
        #[serde(default)]
        left_out: u64,
    },
    /// A finished picture was compared with the same picture computed by the pool user itself.
    ImageVerified {
        /// The picture.
        image: u32,
        /// Pixels that are there and have another value.
        wrong: u64,
    },
    /// The component could not write fast enough and left out so many events of messages.
    Dropped {
        /// Events left out since the last event of this kind.
        events: u64,
    },
    /// The impairments in force, after a change.
    Impairments {
        /// All links with an impairment.
        links: Vec<(crate::LinkTarget, crate::Impairment)>,
    },
    /// Something a person should know about; logged as well.
    Problem {
        /// What went wrong, where, and what to do.
        text: String,
    },
    /// Last event before the process ends.
    Goodbye {
        /// Why, in a few words.
        reason: String,
    },
}

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

/// One pool element in a registrar's handlespace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HandlespaceEntry {
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The pool element.
    pub pe_identifier: PeIdentifier,
    /// The registrar that owns it.
    pub home_registrar: RegistrarIdentifier,
    /// Policy in words.
    pub policy: String,
    /// Load, where the policy has one, 0 to 1.
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
