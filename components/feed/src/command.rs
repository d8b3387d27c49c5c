//! Commands from a control centre to a component.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use wire::parameter::Policy;

/// A command: one line on a component's standard input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    /// Clean stop: shut down gracefully, then exit with status 0.
    Stop,
    /// Set (or, with the default value, remove) the impairment of all links, or of the links to one address.
    Impair {
        /// The links.
        target: LinkTarget,
        /// The impairment from now on.
        impairment: Impairment,
    },
    /// Pool element: break each session after this many more data messages; 0 disables this.
    FailAfter {
        /// The number of data messages.
        messages: u32,
    },
    /// Pool element: compute at this speed. Fractal service: iterations per second and session, 0 means no limit.
    /// CalcApp service: calculations per second, which all jobs share; 0 means that they stand still.
    SetCapacity {
        /// Iterations, or calculations, per second.
        iterations_per_second: u64,
    },
    /// Pool element: change the policy data, such as weight, priority or degradation, and register again at once. A
    /// policy of another type is refused, since all pool elements of a pool have the same: see
    /// [`LeavePool`](Self::LeavePool) and [`JoinPool`](Self::JoinPool). Its load does not matter.
    SetPolicy {
        /// The policy with its data.
        policy: Policy,
    },
    /// Pool element: tell registrars this load, from 0 to 1, instead of the one that the service measures.
    SetLoad {
        /// The load; the measured one again when absent.
        load: Option<f64>,
    },
    /// Pool element: leave the pool, and go on with all sessions.
    LeavePool,
    /// Pool element: join the pool again, after it has left, with this policy. Its load does not matter.
    JoinPool {
        /// The policy with its data.
        policy: Policy,
    },
    /// Pool element with the CalcApp service: accept this many jobs at most; those in service remain.
    SetMaxJobs {
        /// The number of jobs.
        jobs: u32,
    },
    /// Pool user: begin with the first picture now, if it was started to wait for this.
    Begin,
    /// Pool user: leave the current pool element and fail over to another one.
    Failover,
    /// Pool user: begin a new picture (0 x 0 repeats the size in use).
    NewImage {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
}

/// The links that an impairment applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkTarget {
    /// Every link of the component, multicast included.
    All,
    /// The link to one peer address.
    Peer(IpAddr),
}

/// What happens to packets on a link, before SCTP sees them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Impairment {
    /// The packets that are affected.
    pub direction: Affected,
    /// Everything is dropped.
    pub cut: bool,
    /// Share of packets that are dropped, 0 to 1.
    pub loss: f64,
    /// The mean number of packets that are dropped in a row; up to 1, each one is dropped by itself.
    pub burst: f64,
    /// Added delay of each packet, in milliseconds.
    pub delay_ms: f64,
    /// Spread of the delay, in milliseconds: the delay of each packet varies by up to this, up or down.
    pub jitter_ms: f64,
    /// The maximum rate in kilobits per second and direction; 0 means no limit.
    pub rate_kbit_s: f64,
    /// Share of packets in which a bit is flipped, 0 to 1; the checksum of SCTP finds it.
    pub corruption: f64,
    /// The number of packets that are dropped at first, in each direction.
    pub first_lost: u32,
}

/// The packets that an impairment affects, seen from the component that impairs its links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Affected {
    /// All packets.
    #[default]
    Both,
    /// Packets that it sends.
    Sent,
    /// Packets that it receives.
    Received,
}

impl Affected {
    /// Returns the same packets, seen from the other end of the link.
    #[must_use]
    pub fn from_other_end(self) -> Self {
        match self {
            Self::Both => Self::Both,
            Self::Sent => Self::Received,
            Self::Received => Self::Sent,
        }
    }
}

impl Impairment {
    /// All packets are dropped, as with an unplugged cable.
    pub const UNPLUGGED: Self = Self {
        direction: Affected::Both,
        cut: true,
        loss: 0.0,
        burst: 0.0,
        delay_ms: 0.0,
        jitter_ms: 0.0,
        rate_kbit_s: 0.0,
        corruption: 0.0,
        first_lost: 0,
    };

    /// Returns the same impairment, seen from the other end of the link.
    #[must_use]
    pub fn from_other_end(self) -> Self {
        Self {
            direction: self.direction.from_other_end(),
            ..self
        }
    }

    /// Returns whether nothing passes in either direction.
    #[must_use]
    pub fn is_unplugged(&self) -> bool {
        self.cut && self.direction == Affected::Both
    }

    /// Returns whether packets pass as if there were no impairment.
    #[must_use]
    pub fn is_none(&self) -> bool {
        let harmless = Self {
            direction: Affected::Both,
            burst: 0.0,
            ..*self
        };
        harmless == Self::default()
    }
}
