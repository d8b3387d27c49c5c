//! How the network behaves when nothing is broken.

use std::time::Duration;

/// Delays and losses.
#[derive(Debug, Clone, Copy)]
pub struct Conditions {
    /// One way.
    pub latency: Duration,
    /// At most this much more.
    pub jitter: Duration,
    /// At most this much more for all that one association carries: what goes over two of them arrives in any order.
    pub detour: Duration,
    /// Probability that a parcel is held up on its way.
    pub delay_spikes: f64,
    /// At most so long; what comes behind it on the same association waits too.
    pub delay_spike: Duration,
    /// Probability that a datagram is lost for a receiver.
    pub datagram_loss: f64,
    /// Probability that a datagram arrives twice.
    pub datagram_duplication: f64,
    /// How long an association survives without an answer.
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
