//! Commands of a control centre to a component.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// One line on a component's standard input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    /// Clean stop: leave in order, then exit with status 0.
    Stop,
    /// Sets (or with the default value removes) the impairment of all links, or of the links to one address.
    Impair {
        /// Which links.
        target: LinkTarget,
        /// What happens to packets from now on.
        impairment: Impairment,
    },
    /// Pool element: break each session after this many more data messages; 0 switches it off.
    FailAfter {
        /// Data messages.
        messages: u32,
    },
    /// Pool element: limit the computation to so many iterations per second and session; 0 means no limit.
    SetCapacity {
        /// Iterations per second.
        iterations_per_second: u64,
    },
    /// Pool user: leave the current pool element and fail over to another one.
    Failover,
    /// Pool user: begin a new picture (0 x 0 repeats the size in use).
    NewImage {
        /// Pixels.
        width: u32,
        /// Pixels.
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

/// What happens to packets on a link, in both directions, before SCTP sees them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Impairment {
    /// Everything is dropped.
    pub cut: bool,
    /// Share of packets that are dropped, 0 to 1.
    pub loss: f64,
    /// Added to the way of each packet, milliseconds.
    pub delay_ms: f64,
    /// Spread of the delay, milliseconds: each packet gets `delay` plus or minus up to this.
    pub jitter_ms: f64,
}

impl Impairment {
    /// Everything is dropped: an unplugged cable.
    pub const UNPLUGGED: Self = Self {
        cut: true,
        loss: 0.0,
        delay_ms: 0.0,
        jitter_ms: 0.0,
    };

    /// Whether packets pass as if there were no impairment.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}
