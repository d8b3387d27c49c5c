//! SCTP associations, as far as they can be seen from outside.

use std::net::SocketAddr;

use feed::Timestamp;

use crate::EndId;

/// An association. Its first end is the one that began it, if that was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Association {
    /// Its ends.
    pub ends: [EndId; 2],
    /// The SCTP ports of its ends.
    pub ports: [u16; 2],
    /// When it was first seen.
    pub began: Timestamp,
    /// When it was last seen.
    pub seen: Timestamp,
    /// The verification tag of the packets to each end, once known.
    pub tags: [Option<u32>; 2],
    /// Its states in the order of time, each with its beginning.
    pub states: Vec<(Timestamp, AssociationState)>,
    /// The addresses of the ends between which its packets travelled: UDP ports are those of SCTP over UDP, or 0.
    pub paths: Vec<[SocketAddr; 2]>,
    /// What each end sent.
    pub directions: [Direction; 2],
}

/// What one end of an association sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Direction {
    /// The number of packets.
    pub packets: u64,
    /// The number of messages.
    pub messages: u64,
    /// The number of bytes of messages.
    pub bytes: u64,
    /// The number of DATA chunks that were sent for another time.
    pub retransmissions: u64,
    /// The number of packets that are known to be lost.
    pub lost: u64,
    /// How it went, in the order of time.
    pub samples: Vec<Sample>,
    /// Every how many acknowledgements there is a sample: the more there have been, the fewer are kept.
    pub(crate) thinning: u32,
    pub(crate) skipped: u32,
}

/// What is known when an acknowledgement arrives at the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// The round-trip time that was measured then, in microseconds; 0 if it cannot be told.
    pub measured_us: u32,
    /// The smoothed round-trip time, in microseconds, as the sender would compute it (RFC 9260 section 6.3.1); inferred.
    pub smoothed_us: u32,
    /// The retransmission time-out, in microseconds, likewise, without the limits of the sender; inferred.
    pub time_out_us: u32,
    /// The number of bytes that are still under way; inferred.
    pub in_flight: u32,
    /// The window that the receiver has advertised, in bytes.
    pub window: u32,
    /// The number of DATA chunks that had been sent for another time.
    pub retransmissions: u32,
}

/// The state of an association, as its packets tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssociationState {
    /// It existed before the recording began.
    Underway,
    /// INIT was sent.
    Init,
    /// INIT ACK was sent.
    InitAck,
    /// COOKIE ECHO was sent.
    CookieEcho,
    /// COOKIE ACK was sent: it is established.
    Established,
    /// SHUTDOWN was sent.
    Shutdown,
    /// SHUTDOWN ACK was sent.
    ShutdownAck,
    /// SHUTDOWN COMPLETE was sent.
    Closed,
    /// ABORT was sent.
    Aborted,
}

impl AssociationState {
    /// Returns it in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Underway => "established before the recording began",
            Self::Init => "INIT sent",
            Self::InitAck => "INIT ACK sent",
            Self::CookieEcho => "COOKIE ECHO sent",
            Self::Established => "established",
            Self::Shutdown => "shutting down",
            Self::ShutdownAck => "SHUTDOWN ACK sent",
            Self::Closed => "closed",
            Self::Aborted => "aborted",
        }
    }

    /// Returns whether it is at its end.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::Aborted)
    }

    /// Returns the state that follows when a chunk of this type was sent, if it is another one.
    pub(crate) const fn after(chunk: u8) -> Option<Self> {
        Some(match chunk {
            1 => Self::Init,
            2 => Self::InitAck,
            6 => Self::Aborted,
            7 => Self::Shutdown,
            8 => Self::ShutdownAck,
            10 => Self::CookieEcho,
            11 => Self::Established,
            14 => Self::Closed,
            _ => return None,
        })
    }
}

impl Association {
    /// The maximum number of states and of paths that are kept.
    const MOST: usize = 256;

    /// Returns its latest state.
    #[must_use]
    pub fn state(&self) -> AssociationState {
        self.states
            .last()
            .map_or(AssociationState::Underway, |(_, state)| *state)
    }

    /// Returns its state at a time; `None` before it began.
    #[must_use]
    pub fn state_at(&self, at: Timestamp) -> Option<AssociationState> {
        let states = self.states.iter().take_while(|(since, _)| *since <= at);
        states.last().map(|(_, state)| *state)
    }

    pub(crate) fn enter(&mut self, at: Timestamp, state: AssociationState) {
        if self.state() != state && self.states.len() < Self::MOST {
            let at = self.states.last().map_or(at, |(last, _)| at.max(*last));
            self.states.push((at, state));
        }
    }

    pub(crate) fn travelled(&mut self, path: [SocketAddr; 2]) {
        if !self.paths.contains(&path) && self.paths.len() < Self::MOST {
            self.paths.push(path);
        }
    }
}

impl Direction {
    /// The maximum number of samples.
    const SAMPLES: usize = 4_096;

    pub(crate) fn sample(&mut self, sample: Sample) {
        self.skipped += 1;
        if self.skipped <= self.thinning {
            return;
        }
        self.skipped = 0;
        let at = self
            .samples
            .last()
            .map_or(sample.at, |last| sample.at.max(last.at));
        self.samples.push(Sample { at, ..sample });
        if self.samples.len() > Self::SAMPLES {
            let mut number = 0_u32;
            self.samples.retain(|_| {
                number += 1;
                number.is_multiple_of(2)
            });
            self.thinning = self.thinning * 2 + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_samples_is_thinned_evenly() {
        let mut direction = Direction::default();
        for us in 0..100_000 {
            direction.sample(Sample {
                at: Timestamp::from_micros(us),
                measured_us: 0,
                smoothed_us: 0,
                time_out_us: 0,
                in_flight: 0,
                window: 0,
                retransmissions: 0,
            });
        }
        assert!(direction.samples.len() <= Direction::SAMPLES);
        let apart = direction
            .samples
            .windows(2)
            .map(|pair| (pair[1].at - pair[0].at).as_micros());
        let (least, most) = (apart.clone().min().unwrap(), apart.max().unwrap());
        assert!(most <= 2 * least, "{least} to {most}");
    }
}
