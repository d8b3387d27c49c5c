//! Impairs links: loss, delay and cuts.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// The effect of a link on packets, in both directions. The default has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Impairment {
    /// Everything is lost, including ICMP messages, as with an unplugged cable.
    pub cut: bool,
    /// The share of packets that are lost, from 0 to 1.
    pub loss: f64,
    /// Additional delay of each packet.
    pub delay: Duration,
    /// Spread of the delay: the delay of each packet varies by up to this, up or down, evenly distributed, and is
    /// never negative. Packets may overtake each other.
    pub jitter: Duration,
}

impl Impairment {
    /// An unplugged cable.
    pub const CUT: Self = Self {
        cut: true,
        loss: 0.0,
        delay: Duration::ZERO,
        jitter: Duration::ZERO,
    };
    /// A link without any effect on packets.
    pub const NONE: Self = Self {
        cut: false,
        loss: 0.0,
        delay: Duration::ZERO,
        jitter: Duration::ZERO,
    };

    /// Returns a link that loses this share of the packets.
    #[must_use]
    pub const fn loss(share: f64) -> Self {
        Self {
            loss: share,
            ..Self::NONE
        }
    }

    /// Returns a link with this additional delay.
    #[must_use]
    pub const fn delay(delay: Duration) -> Self {
        Self { delay, ..Self::NONE }
    }

    /// Returns the minimum delay of packets.
    const fn least_delay(&self) -> Duration {
        self.delay.saturating_sub(self.jitter)
    }
}

/// The packets that an impairment affects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    /// All incoming and outgoing packets.
    All,
    /// Packets to and from this address, in addition to the effect of [`Link::All`].
    Peer(IpAddr),
}

/// The current impairments, and their random numbers.
pub(crate) struct Impairments(Mutex<State>);

struct State {
    links: BTreeMap<Link, Impairment>,
    dice: Pcg64Mcg,
}

impl Impairments {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(State {
            links: BTreeMap::new(),
            dice: Pcg64Mcg::seed_from_u64(seed),
        }))
    }

    pub(crate) fn set(&self, link: Link, impairment: Impairment) {
        let mut state = self.lock();
        if impairment == Impairment::NONE {
            state.links.remove(&link);
        } else {
            state.links.insert(link, impairment);
        }
    }

    pub(crate) fn list(&self) -> Vec<(Link, Impairment)> {
        self.lock()
            .links
            .iter()
            .map(|(link, impairment)| (*link, *impairment))
            .collect()
    }

    /// Decides at random on a packet to or from `address`: returns its delay, or `None` if it is lost.
    pub(crate) fn fate(&self, address: IpAddr) -> Option<Duration> {
        let State { links, dice } = &mut *self.lock();
        let mut total = Duration::ZERO;
        if links.is_empty() {
            return Some(total);
        }
        for link in [Link::All, Link::Peer(address.to_canonical())] {
            let Some(impairment) = links.get(&link) else {
                continue;
            };
            // A loss that is outside of 0..=1 or NaN loses everything or nothing.
            if impairment.cut || (impairment.loss > 0.0 && dice.random::<f64>() < impairment.loss) {
                return None;
            }
            let least = impairment.least_delay();
            total = total.saturating_add(least);
            if !impairment.jitter.is_zero() {
                let most = impairment.delay.saturating_add(impairment.jitter);
                total = total.saturating_add((most - least).mul_f64(dice.random()));
            }
        }
        Some(total)
    }

    /// Returns the minimum delay of packets to or from `address`.
    pub(crate) fn delay(&self, address: IpAddr) -> Duration {
        let state = self.lock();
        let delays = [Link::All, Link::Peer(address.to_canonical())]
            .map(|link| state.links.get(&link).map(Impairment::least_delay));
        delays
            .into_iter()
            .flatten()
            .fold(Duration::ZERO, Duration::saturating_add)
    }

    /// Returns whether nothing at all gets through to or from `address`.
    pub(crate) fn is_cut(&self, address: IpAddr) -> bool {
        let state = self.lock();
        [Link::All, Link::Peer(address.to_canonical())]
            .iter()
            .any(|link| state.links.get(link).is_some_and(|impairment| impairment.cut))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Impairments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.list()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const NEAR: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    const FAR: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

    #[test]
    fn a_cut_concerns_its_link_only_and_can_be_undone() {
        let impairments = Impairments::new(1);
        impairments.set(Link::Peer(FAR), Impairment::CUT);
        assert!(impairments.is_cut(FAR) && !impairments.is_cut(NEAR));
        assert_eq!(
            (impairments.fate(NEAR), impairments.fate(FAR)),
            (Some(Duration::ZERO), None)
        );
        impairments.set(Link::Peer(FAR), Impairment::NONE);
        assert_eq!(impairments.fate(FAR), Some(Duration::ZERO));
        assert!(impairments.list().is_empty());
    }

    #[test]
    fn loss_hits_the_given_share_and_is_the_same_for_the_same_seed() {
        let survivors = |seed| -> Vec<bool> {
            let impairments = Impairments::new(seed);
            impairments.set(Link::All, Impairment::loss(0.25));
            (0..4000).map(|_| impairments.fate(NEAR).is_some()).collect()
        };
        let passed = survivors(7).iter().filter(|&&passed| passed).count();
        assert!(
            (2850..3150).contains(&passed),
            "{passed} of 4000 passed with seed 7"
        );
        assert_eq!(survivors(7), survivors(7));
    }

    #[test]
    fn delays_of_all_links_and_of_one_add_up_and_jitter_stays_in_its_bounds() {
        let impairments = Impairments::new(3);
        let (base, jitter) = (Duration::from_millis(20), Duration::from_millis(10));
        impairments.set(Link::All, Impairment::delay(base));
        impairments.set(
            Link::Peer(FAR),
            Impairment {
                delay: base,
                jitter,
                ..Impairment::NONE
            },
        );
        assert_eq!(impairments.fate(NEAR), Some(base));
        let delays: Vec<Duration> = (0..100).map(|_| impairments.fate(FAR).unwrap()).collect();
        let (least, most) = (delays.iter().min().unwrap(), delays.iter().max().unwrap());
        let near = Duration::from_millis(2);
        assert!(
            (2 * base - jitter..2 * base - jitter + near).contains(least),
            "{least:?}"
        );
        assert!(
            (2 * base + jitter - near..=2 * base + jitter).contains(most),
            "{most:?}"
        );
        assert_eq!(impairments.delay(FAR), 2 * base - jitter);
    }

    #[test]
    fn extreme_values_do_not_panic() {
        let impairments = Impairments::new(1);
        impairments.set(
            Link::All,
            Impairment {
                cut: false,
                loss: f64::NAN,
                delay: Duration::MAX,
                jitter: Duration::MAX / 2,
            },
        );
        assert!(impairments.fate(NEAR) > Some(Duration::MAX / 4));
        impairments.set(Link::All, Impairment::loss(17.0));
        assert_eq!(impairments.fate(NEAR), None);
    }
}
