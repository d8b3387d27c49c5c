//! The link impairments in force: told to the transport, applied to multicast here.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use feed::{Impairment, LinkTarget};
use rand::Rng;
use rand_pcg::Pcg64Mcg;

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

    /// All links with an impairment.
    pub(crate) fn list(&self) -> Vec<(LinkTarget, Impairment)> {
        self.links
            .iter()
            .map(|(link, impairment)| (link.map_or(LinkTarget::All, LinkTarget::Peer), *impairment))
            .collect()
    }

    /// Throws the dice for a datagram from `source`, or to the group: how long it is delayed, or `None` if it is lost.
    pub(crate) fn fate(&self, source: Option<IpAddr>, dice: &mut Pcg64Mcg) -> Option<Duration> {
        let mut total = Duration::ZERO;
        let source = source.map(|address| address.to_canonical());
        for (link, impairment) in &self.links {
            if link.is_some() && *link != source {
                continue;
            }
            let impairment = for_transport(impairment);
            if impairment.cut || (impairment.loss > 0.0 && dice.random::<f64>() < impairment.loss) {
                return None;
            }
            total = total.saturating_add(impairment.delay);
            if !impairment.jitter.is_zero() {
                total = total.saturating_add(impairment.jitter.mul_f64(dice.random()));
            }
        }
        Some(total)
    }
}

/// The longest delay that is taken from outside.
const LONGEST_DELAY_MS: f64 = 60_000.0;

/// The transport's form of an impairment: there jitter is added on top, here it lies on both sides of the delay.
pub(crate) fn for_transport(impairment: &Impairment) -> transport::Impairment {
    let milliseconds = |number: f64| {
        let number = if number.is_finite() { number } else { 0.0 };
        Duration::from_secs_f64(number.clamp(0.0, LONGEST_DELAY_MS) / 1000.0)
    };
    let (delay, jitter) = (
        milliseconds(impairment.delay_ms),
        milliseconds(impairment.jitter_ms),
    );
    let least = delay.saturating_sub(jitter);
    transport::Impairment {
        cut: impairment.cut,
        loss: impairment.loss,
        delay: least,
        jitter: (delay + jitter).saturating_sub(least),
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn jitter_lies_on_both_sides_of_the_delay() {
        let mut impairments = Impairments::default();
        let impairment = Impairment {
            delay_ms: 20.0,
            jitter_ms: 5.0,
            ..Impairment::default()
        };
        impairments.set(LinkTarget::All, impairment);
        let mut dice = Pcg64Mcg::seed_from_u64(5);
        let fates: Vec<Duration> = (0..200)
            .map(|_| impairments.fate(None, &mut dice).unwrap())
            .collect();
        let (least, most) = (fates.iter().min().unwrap(), fates.iter().max().unwrap());
        assert!(
            *least >= Duration::from_millis(15) && *least < Duration::from_millis(17),
            "seed 5: {least:?}"
        );
        assert!(
            *most <= Duration::from_millis(25) && *most > Duration::from_millis(23),
            "seed 5: {most:?}"
        );
    }

    #[test]
    fn a_link_to_one_peer_leaves_the_others_alone() {
        let mut impairments = Impairments::default();
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        impairments.set(LinkTarget::Peer(peer), Impairment::UNPLUGGED);
        let mut dice = Pcg64Mcg::seed_from_u64(5);
        assert_eq!(impairments.fate(Some(peer), &mut dice), None);
        assert_eq!(impairments.fate(None, &mut dice), Some(Duration::ZERO));
        impairments.set(LinkTarget::Peer(peer), Impairment::default());
        assert!(impairments.list().is_empty());
    }

    #[test]
    fn absurd_numbers_are_brought_within_limits() {
        let impairment = Impairment {
            cut: false,
            loss: f64::NAN,
            delay_ms: f64::INFINITY,
            jitter_ms: -3.0,
        };
        let taken = for_transport(&impairment);
        assert_eq!((taken.delay, taken.jitter), (Duration::ZERO, Duration::ZERO));
    }
}
