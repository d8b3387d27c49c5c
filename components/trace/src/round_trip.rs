//! Round-trip times, as a sender of SCTP estimates them (RFC 9260 section 6.3.1).

use std::time::Duration;

/// What a sender knows of the round-trip time of a path, from what an onlooker sees.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct RoundTrip {
    smoothed_us: f64,
    variation_us: f64,
    is_known: bool,
}

impl RoundTrip {
    const ALPHA: f64 = 1.0 / 8.0;
    const BETA: f64 = 1.0 / 4.0;

    /// Takes a measurement.
    pub(crate) fn measured(&mut self, took: Duration) {
        let took_us = took.as_secs_f64() * 1e6;
        if self.is_known {
            let apart = (self.smoothed_us - took_us).abs();
            self.variation_us = (1.0 - Self::BETA) * self.variation_us + Self::BETA * apart;
            self.smoothed_us = (1.0 - Self::ALPHA) * self.smoothed_us + Self::ALPHA * took_us;
        } else {
            self.smoothed_us = took_us;
            self.variation_us = took_us / 2.0;
            self.is_known = true;
        }
    }

    /// Returns the smoothed round-trip time in microseconds; 0 if none was measured.
    pub(crate) const fn smoothed_us(&self) -> u32 {
        self.smoothed_us as u32
    }

    /// Returns the time after which a retransmission is due, in microseconds, unless the sender's limits say otherwise: they
    /// are not on the wire.
    pub(crate) const fn time_out_us(&self) -> u32 {
        (self.smoothed_us + 4.0 * self.variation_us) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_estimated_as_in_the_rfc() {
        let mut round_trip = RoundTrip::default();
        assert_eq!(round_trip.smoothed_us(), 0);
        round_trip.measured(Duration::from_micros(800));
        assert_eq!((round_trip.smoothed_us(), round_trip.time_out_us()), (800, 2_400));
        round_trip.measured(Duration::from_micros(1_600));
        // The variation comes first: 3/4 * 400 + 1/4 * 800; then 7/8 * 800 + 1/8 * 1600.
        assert_eq!((round_trip.smoothed_us(), round_trip.time_out_us()), (900, 2_900));
    }
}
