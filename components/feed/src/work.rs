//! The work that pool elements do and pool users ask for.
//!
//! All counters begin with the process and only grow. A reader computes rates from the differences of two reports, so
//! that a report which was left out costs resolution, and no truth.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The unit in which a service counts work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkUnit {
    /// Calculations of the CalcApp service.
    Calculations,
    /// Pixels of the fractal service.
    Pixels,
    /// Units of work of the scripting service.
    Units,
    /// Messages of any other service.
    Messages,
}

/// The work of a pool element.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PoolElementWork {
    /// What is counted.
    pub unit: WorkUnit,
    /// What the pool element can do per second; `None` if it is not limited, thus unknown.
    pub capacity: Option<f64>,
    /// Requests in service now.
    pub running: u32,
    /// Work done.
    pub done: f64,
    /// Requests completed.
    pub completed: u64,
    /// Requests refused because too many were in service.
    pub rejected: u64,
}

/// The requests of a pool user.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PoolUserWork {
    /// What is counted.
    pub unit: WorkUnit,
    /// Requests that wait at the pool user for their turn now.
    pub queued: u32,
    /// Requests in service now, or on their way to a pool element.
    pub running: u32,
    /// Requests that came up, including those that still wait.
    pub requested: u64,
    /// Requests completed.
    pub completed: u64,
    /// Requests that a pool element rejected; each of them was tried again.
    pub rejected: u64,
    /// The work of completed requests; for pixels, those that have arrived.
    pub done: f64,
    /// The sum of the times of completed requests from when they came up to their completion.
    #[serde(rename = "handling_us", with = "events::microseconds")]
    pub handling: Duration,
    /// The part of that in which they waited at the pool user.
    #[serde(rename = "queueing_us", with = "events::microseconds")]
    pub queueing: Duration,
}

impl PoolElementWork {
    /// Returns whether all numbers could be those of a pool element.
    #[must_use]
    pub fn is_plausible(&self) -> bool {
        let capacity = self.capacity.unwrap_or_default();
        capacity.is_finite() && capacity >= 0.0 && self.done.is_finite() && self.done >= 0.0
    }
}

impl PoolUserWork {
    /// Returns whether all numbers could be those of a pool user.
    #[must_use]
    pub fn is_plausible(&self) -> bool {
        self.done.is_finite() && self.done >= 0.0 && self.queueing <= self.handling
    }
}
