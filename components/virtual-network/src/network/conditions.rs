//! The properties of the network without faults.

use std::time::Duration;

/// Delays and losses.
#[derive(Debug, Clone, Copy)]
pub struct Conditions {
    /// The latency in one direction.
    pub latency: Duration,
    /// The maximum additional latency.
    pub jitter: Duration,
    /// The maximum additional latency of each association as a whole: messages on two associations arrive in any
    /// order.
    pub detour: Duration,
    /// The probability that a parcel is held up in transit.
    pub delay_spikes: f64,
    /// The maximum hold-up; later parcels on the same association wait too.
    pub delay_spike: Duration,
    /// The probability that a datagram is lost for a receiver.
    pub datagram_loss: f64,
    /// The probability that a datagram arrives twice.
    pub datagram_duplication: f64,
    /// How long an association survives without a response.
    pub dead_after: Duration,
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            latency: Duration::from_millis(1),
            jitter: Duration::from_millis(3),
            detour: Duration::ZERO,
            delay_spikes: 0.0,
            delay_spike: Duration::ZERO,
            datagram_loss: 0.0,
            datagram_duplication: 0.0,
            dead_after: Duration::from_millis(1500),
        }
    }
}
