//! The current link impairments as defined by the feed; the transport applies them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use feed::{Affected, Impairment, LinkTarget};
use transport::ImpairedDirection;

/// Impairments by link.
#[derive(Debug, Clone, Default)]
pub(crate) struct Impairments {
    links: BTreeMap<Option<IpAddr>, Impairment>,
}

impl Impairments {
    /// Sets the impairment of a link, or removes it.
    pub(crate) fn set(&mut self, target: LinkTarget, impairment: Impairment) {
        let link = match target {
            LinkTarget::All => None,
            LinkTarget::Peer(address) => Some(address.to_canonical()),
        };
        if impairment.is_none() {
            self.links.remove(&link);
        } else {
            self.links.insert(link, impairment);
        }
    }

    /// Returns all links with an impairment.
    pub(crate) fn list(&self) -> Vec<(LinkTarget, Impairment)> {
        self.links
            .iter()
            .map(|(link, impairment)| (link.map_or(LinkTarget::All, LinkTarget::Peer), *impairment))
            .collect()
    }
}

/// The maximum delay that a command can set.
const LONGEST_DELAY_MS: f64 = 60_000.0;

/// Converts an impairment for the transport, within limits.
pub(crate) fn for_transport(impairment: &Impairment) -> transport::Impairment {
    let milliseconds = |number: f64| {
        let number = if number.is_finite() { number } else { 0.0 };
        Duration::from_secs_f64(number.clamp(0.0, LONGEST_DELAY_MS) / 1000.0)
    };
    let number = |number: f64| if number.is_finite() { number.max(0.0) } else { 0.0 };
    transport::Impairment {
        direction: match impairment.direction {
            Affected::Both => ImpairedDirection::Both,
            Affected::Sent => ImpairedDirection::Outgoing,
            Affected::Received => ImpairedDirection::Incoming,
        },
        cut: impairment.cut,
        loss: impairment.loss,
        delay: milliseconds(impairment.delay_ms),
        jitter: milliseconds(impairment.jitter_ms),
        burst: number(impairment.burst),
        // In bytes; a conversion of numbers saturates.
        rate: (number(impairment.rate_kbit_s) * 125.0).ceil() as u64,
        corruption: number(impairment.corruption),
        first_lost: impairment.first_lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_is_good_again_is_not_listed() {
        let mut impairments = Impairments::default();
        let peer = LinkTarget::Peer("10.0.0.1".parse().unwrap());
        impairments.set(peer, Impairment::UNPLUGGED);
        impairments.set(LinkTarget::All, Impairment::UNPLUGGED);
        impairments.set(LinkTarget::All, Impairment::default());
        assert_eq!(impairments.list(), [(peer, Impairment::UNPLUGGED)]);
    }

    #[test]
    fn absurd_numbers_are_brought_within_limits() {
        let impairment = Impairment {
            loss: f64::NAN,
            delay_ms: f64::INFINITY,
            jitter_ms: -3.0,
            rate_kbit_s: f64::NAN,
            ..Impairment::default()
        };
        let taken = for_transport(&impairment);
        assert_eq!((taken.delay, taken.jitter), (Duration::ZERO, Duration::ZERO));
        assert_eq!(taken.rate, 0);
    }
}
