//! Impairs links: loss, delay, limited rates, corruption and cuts.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use crate::impaired_link::{ImpairedLink, Passage, Way};

/// The effect of a link on packets. The default has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Impairment {
    /// The packets that are affected.
    pub direction: Direction,
    /// Everything is lost, including ICMP messages, as with an unplugged cable.
    pub cut: bool,
    /// The share of packets that are lost, from 0 to 1.
    pub loss: f64,
    /// The mean number of packets that are lost in a row. Up to 1, each one is lost by itself.
    pub burst: f64,
    /// Additional delay of each packet.
    pub delay: Duration,
    /// Spread of the delay: the delay of each packet varies by up to this, up or down, evenly distributed, and is
    /// never negative. Packets may overtake each other.
    pub jitter: Duration,
    /// The maximum rate in bytes per second and direction, 0 if there is none. Packets queue for up to a second;
    /// those that come when the queue is full are lost.
    pub rate: u64,
    /// The share of packets in which a bit is flipped, from 0 to 1; SCTP's checksum finds it.
    pub corruption: f64,
    /// The number of packets that are lost at first, in each direction.
    pub first_lost: u32,
}

/// The packets that an impairment affects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// All packets.
    #[default]
    Both,
    /// Outgoing packets.
    Outgoing,
    /// Incoming packets.
    Incoming,
}

impl Impairment {
    /// A link without any effect on packets.
    pub const NONE: Self = Self {
        direction: Direction::Both,
        cut: false,
        loss: 0.0,
        burst: 0.0,
        delay: Duration::ZERO,
        jitter: Duration::ZERO,
        rate: 0,
        corruption: 0.0,
        first_lost: 0,
    };
    /// An unplugged cable.
    pub const CUT: Self = Self {
        cut: true,
        ..Self::NONE
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

    pub(crate) const fn affects(&self, way: Way) -> bool {
        matches!(
            (self.direction, way),
            (Direction::Both, _) | (Direction::Outgoing, Way::Out) | (Direction::Incoming, Way::In)
        )
    }

    /// Returns the minimum delay of packets.
    pub(crate) const fn least_delay(&self) -> Duration {
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
    links: BTreeMap<Link, ImpairedLink>,
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
            return;
        }
        let new = match state.links.remove(&link) {
            Some(old) => old.changed_to(impairment),
            None => ImpairedLink::new(impairment),
        };
        state.links.insert(link, new);
    }

    pub(crate) fn list(&self) -> Vec<(Link, Impairment)> {
        self.lock()
            .links
            .iter()
            .map(|(link, impaired)| (*link, impaired.impairment))
            .collect()
    }

    /// Decides at random on a packet of so many bytes to or from `address`: returns what happens to it, or `None` if
    /// it is lost.
    pub(crate) fn fate(&self, now: Instant, address: IpAddr, way: Way, bytes: usize) -> Option<Passage> {
        let State { links, dice } = &mut *self.lock();
        let mut total = Passage::default();
        if links.is_empty() {
            return Some(total);
        }
        for link in [Link::All, Link::Peer(address.to_canonical())] {
            let Some(impaired) = links.get_mut(&link) else {
                continue;
            };
            let passage = impaired.pass(dice, now, way, bytes)?;
            total.delay = total.delay.saturating_add(passage.delay);
            total.flipped = total.flipped.or(passage.flipped);
        }
        Some(total)
    }

    /// Returns the minimum delay of packets of so many bytes that are sent to `address`, including the time in the
    /// queue of a link with a limited rate. Nothing is lost.
    pub(crate) fn delay(&self, now: Instant, address: IpAddr, bytes: usize) -> Duration {
        let mut state = self.lock();
        let delays = [Link::All, Link::Peer(address.to_canonical())]
            .map(|link| state.links.get_mut(&link)?.delay_of_sending(now, bytes));
        delays
            .into_iter()
            .flatten()
            .fold(Duration::ZERO, Duration::saturating_add)
    }

    /// Returns whether nothing at all gets through to or from `address`.
    pub(crate) fn is_cut(&self, address: IpAddr, way: Way) -> bool {
        let state = self.lock();
        [Link::All, Link::Peer(address.to_canonical())]
            .iter()
            .any(|link| {
                let impairment = state.links.get(link).map(|impaired| &impaired.impairment);
                impairment.is_some_and(|impairment| impairment.cut && impairment.affects(way))
            })
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

    /// Returns the delay of a packet of 100 bytes that is sent, unless it is lost.
    fn fate(impairments: &Impairments, address: IpAddr) -> Option<Duration> {
        let passage = impairments.fate(Instant::now(), address, Way::Out, 100);
        passage.map(|passage| passage.delay)
    }

    #[test]
    fn one_direction_may_be_impaired_alone() {
        let impairments = Impairments::new(1);
        for (direction, sent, received) in [
            (Direction::Outgoing, None, Some(Passage::default())),
            (Direction::Incoming, Some(Passage::default()), None),
            (Direction::Both, None, None),
        ] {
            let cut = Impairment {
                direction,
                ..Impairment::CUT
            };
            impairments.set(Link::All, cut);
            let now = Instant::now();
            assert_eq!(impairments.fate(now, NEAR, Way::Out, 9), sent);
            assert_eq!(impairments.fate(now, NEAR, Way::In, 9), received);
            assert_eq!(impairments.is_cut(NEAR, Way::Out), sent.is_none());
        }
    }

    #[test]
    fn bursts_lose_the_given_share_in_rows_of_the_given_length() {
        let impairments = Impairments::new(5);
        let bursts = Impairment {
            burst: 8.0,
            ..Impairment::loss(0.2)
        };
        impairments.set(Link::All, bursts);
        let lost: Vec<bool> = (0..40_000).map(|_| fate(&impairments, NEAR).is_none()).collect();
        let all = lost.iter().filter(|lost| **lost).count() as f64;
        let rows = lost
            .chunk_by(|one, next| one == next)
            .filter(|row| row[0])
            .count() as f64;
        assert!((0.17..0.23).contains(&(all / 40_000.0)), "{all}");
        assert!((7.0..9.0).contains(&(all / rows)), "{all} in {rows} rows");
    }

    #[test]
    fn a_limited_rate_lets_packets_queue_and_loses_what_does_not_fit() {
        let impairments = Impairments::new(1);
        let rate = Impairment {
            rate: 1_000,
            ..Impairment::NONE
        };
        impairments.set(Link::All, rate);
        let now = Instant::now();
        let passed: Vec<Option<Duration>> = (0..20)
            .map(|_| {
                impairments
                    .fate(now, NEAR, Way::Out, 100)
                    .map(|passage| passage.delay)
            })
            .collect();
        let milliseconds = |number| Some(Duration::from_millis(number));
        assert_eq!(passed[..3], [100, 200, 300].map(milliseconds));
        assert_eq!(passed.iter().flatten().count(), 11);
        assert_eq!(
            impairments
                .fate(now, NEAR, Way::In, 100)
                .map(|passage| passage.delay),
            milliseconds(100),
            "the other direction has a queue of its own"
        );
        let later = now + Duration::from_secs(5);
        let passage = impairments.fate(later, NEAR, Way::Out, 100);
        assert_eq!(passage.map(|passage| passage.delay), milliseconds(100));
    }

    #[test]
    fn corruption_flips_one_bit_and_the_first_packets_are_the_first_of_each_direction() {
        let impairments = Impairments::new(1);
        let impairment = Impairment {
            corruption: 1.0,
            first_lost: 2,
            ..Impairment::NONE
        };
        impairments.set(Link::All, impairment);
        assert!(fate(&impairments, NEAR).is_none());
        // Something else that is set does not make further packets the first ones.
        impairments.set(
            Link::All,
            Impairment {
                delay: Duration::from_millis(1),
                ..impairment
            },
        );
        assert!(fate(&impairments, NEAR).is_none());
        let passage = impairments.fate(Instant::now(), NEAR, Way::Out, 12).unwrap();
        let mut packet = [0_u8; 12];
        passage.apply(&mut packet);
        assert_eq!(packet.iter().map(|byte| byte.count_ones()).sum::<u32>(), 1);
        assert!(impairments.fate(Instant::now(), NEAR, Way::In, 12).is_none());
        passage.apply(&mut []);
    }

    #[test]
    fn a_cut_concerns_its_link_only_and_can_be_undone() {
        let impairments = Impairments::new(1);
        impairments.set(Link::Peer(FAR), Impairment::CUT);
        assert!(impairments.is_cut(FAR, Way::In) && !impairments.is_cut(NEAR, Way::In));
        assert_eq!(
            (fate(&impairments, NEAR), fate(&impairments, FAR)),
            (Some(Duration::ZERO), None)
        );
        impairments.set(Link::Peer(FAR), Impairment::NONE);
        assert_eq!(fate(&impairments, FAR), Some(Duration::ZERO));
        assert!(impairments.list().is_empty());
    }

    #[test]
    fn loss_hits_the_given_share_and_is_the_same_for_the_same_seed() {
        let survivors = |seed| -> Vec<bool> {
            let impairments = Impairments::new(seed);
            impairments.set(Link::All, Impairment::loss(0.25));
            (0..4000).map(|_| fate(&impairments, NEAR).is_some()).collect()
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
        assert_eq!(fate(&impairments, NEAR), Some(base));
        let delays: Vec<Duration> = (0..100).map(|_| fate(&impairments, FAR).unwrap()).collect();
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
        assert_eq!(impairments.delay(Instant::now(), FAR, 100), 2 * base - jitter);
    }

    #[test]
    fn extreme_values_do_not_panic() {
        let impairments = Impairments::new(1);
        impairments.set(
            Link::All,
            Impairment {
                loss: f64::NAN,
                burst: f64::NAN,
                delay: Duration::MAX,
                jitter: Duration::MAX / 2,
                rate: 1,
                corruption: f64::INFINITY,
                ..Impairment::NONE
            },
        );
        assert!(fate(&impairments, NEAR) > Some(Duration::MAX / 4));
        impairments.set(Link::All, Impairment::loss(17.0));
        assert_eq!(fate(&impairments, NEAR), None);
    }
}
