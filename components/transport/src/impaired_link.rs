//! What an impaired link does to one packet after the other.

use std::time::{Duration, Instant};

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use crate::impairment::Impairment;

/// The direction of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Out,
    In,
}

/// What happens to a packet that is not lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Passage {
    pub(crate) delay: Duration,
    /// The bit that is flipped, counted modulo the length of the packet.
    pub(crate) flipped: Option<u64>,
}

impl Passage {
    /// Flips the bit, if any is to be.
    pub(crate) fn apply(self, packet: &mut [u8]) {
        let Some(bit) = self.flipped else { return };
        let bits = (packet.len() as u64) * 8;
        if bits > 0 {
            let place = (bit % bits / 8) as usize;
            if let Some(byte) = packet.get_mut(place) {
                *byte ^= 1 << (bit % 8);
            }
        }
    }
}

/// An impairment, and how far it has gone in each direction.
pub(crate) struct ImpairedLink {
    pub(crate) impairment: Impairment,
    out: Progress,
    incoming: Progress,
}

#[derive(Default)]
struct Progress {
    /// Packets that still belong to the first ones.
    first: u32,
    /// Whether the last packet was lost in a burst.
    in_burst: bool,
    /// When the queue of a link with a limited rate is empty.
    idle_at: Option<Instant>,
}

/// The longest queue of a link with a limited rate.
const LONGEST_QUEUE: Duration = Duration::from_secs(1);

impl ImpairedLink {
    pub(crate) fn new(impairment: Impairment) -> Self {
        let progress = || Progress {
            first: impairment.first_lost,
            ..Progress::default()
        };
        Self {
            impairment,
            out: progress(),
            incoming: progress(),
        }
    }

    /// Returns the same link with another impairment. The first packets remain the first ones while something else is
    /// set.
    pub(crate) fn changed_to(self, impairment: Impairment) -> Self {
        if self.impairment.first_lost == impairment.first_lost {
            Self { impairment, ..self }
        } else {
            Self::new(impairment)
        }
    }

    /// Returns the minimum delay of a packet that is sent, including its time in the queue, if it is affected at all.
    /// Nothing is lost.
    pub(crate) fn delay_of_sending(&mut self, now: Instant, bytes: usize) -> Option<Duration> {
        if !self.impairment.affects(Way::Out) {
            return None;
        }
        let queue = self.out.queue(self.impairment.rate, now, bytes);
        let queue = queue.unwrap_or(LONGEST_QUEUE);
        Some(self.impairment.least_delay().saturating_add(queue))
    }

    /// Decides on the next packet: returns what happens to it, or `None` if it is lost.
    pub(crate) fn pass(
        &mut self,
        dice: &mut Pcg64Mcg,
        now: Instant,
        way: Way,
        bytes: usize,
    ) -> Option<Passage> {
        let Self {
            impairment,
            out,
            incoming,
        } = self;
        if !impairment.affects(way) {
            return Some(Passage::default());
        }
        let progress = match way {
            Way::Out => out,
            Way::In => incoming,
        };
        if impairment.cut || progress.is_among_first() || progress.is_lost(impairment, dice) {
            return None;
        }
        let least = impairment.least_delay();
        let mut delay = least;
        if !impairment.jitter.is_zero() {
            let most = impairment.delay.saturating_add(impairment.jitter);
            delay = delay.saturating_add((most - least).mul_f64(dice.random()));
        }
        delay = delay.saturating_add(progress.queue(impairment.rate, now, bytes)?);
        let is_corrupted = impairment.corruption > 0.0 && dice.random::<f64>() < impairment.corruption;
        Some(Passage {
            delay,
            flipped: is_corrupted.then(|| dice.random()),
        })
    }
}

impl Progress {
    fn is_among_first(&mut self) -> bool {
        let is_first = self.first > 0;
        self.first = self.first.saturating_sub(1);
        is_first
    }

    /// Bursts follow Gilbert's model: in a burst everything is lost, otherwise nothing; the probabilities of its
    /// beginning and end follow from the share of the loss and the mean length.
    fn is_lost(&mut self, impairment: &Impairment, dice: &mut Pcg64Mcg) -> bool {
        // A loss that is outside of 0..=1 or NaN loses everything or nothing.
        let loss = impairment.loss;
        if loss >= 1.0 {
            return true;
        }
        if loss <= 0.0 || loss.is_nan() {
            return false;
        }
        if impairment.burst > 1.0 {
            let ends = 1.0 / impairment.burst;
            let begins = (ends * loss / (1.0 - loss)).min(1.0);
            let drawn = dice.random::<f64>();
            self.in_burst = if self.in_burst {
                drawn >= ends
            } else {
                drawn < begins
            };
            self.in_burst
        } else {
            dice.random::<f64>() < loss
        }
    }

    /// Returns how long a packet waits for its turn and takes; `None` if the queue is full.
    fn queue(&mut self, rate: u64, now: Instant, bytes: usize) -> Option<Duration> {
        if rate == 0 {
            return Some(Duration::ZERO);
        }
        let waits = self
            .idle_at
            .map_or(Duration::ZERO, |idle| idle.saturating_duration_since(now));
        if waits > LONGEST_QUEUE {
            return None;
        }
        let all = waits + Duration::from_secs_f64(bytes as f64 / rate as f64);
        self.idle_at = now.checked_add(all);
        Some(all)
    }
}
