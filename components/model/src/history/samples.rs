//! Totals at points in time, bounded.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::Duration;

use feed::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::Bytes;

use crate::Shared;
use crate::past::{self, List};

/// Totals at points in time, the oldest first. When there are too many, every other one of the oldest is left out: the
/// totals between them follow a straight line.
#[derive(Debug, Clone)]
pub(crate) struct Samples<const N: usize> {
    samples: Shared<VecDeque<(Timestamp, [f64; N])>>,
}

impl<const N: usize> Default for Samples<N> {
    fn default() -> Self {
        Self {
            samples: Shared::default(),
        }
    }
}

impl<const N: usize> Samples<N> {
    /// The number of the latest samples that are never thinned out: ten minutes, twice a second.
    pub(super) const FULL: usize = 1_200;
    /// The maximum number of samples.
    pub(super) const MOST: usize = 1_600;
    /// Samples closer to the one before them are replaced by the next.
    const SLOT: Duration = Duration::from_millis(250);

    /// Returns the time of the latest sample.
    pub(super) fn latest(&self) -> Option<Timestamp> {
        self.samples.back().map(|(at, _)| *at)
    }

    /// Returns the latest totals.
    pub(super) fn totals(&self) -> [f64; N] {
        self.samples.back().map_or([0.0; N], |(_, totals)| *totals)
    }

    /// Adds a sample, which is not older than the latest one.
    pub(super) fn push(&mut self, at: Timestamp, totals: [f64; N]) {
        let mut latest = self.samples.iter().rev().map(|(at, _)| *at);
        if let (Some(last), Some(before)) = (latest.next(), latest.next())
            && last - before < Self::SLOT
        {
            self.samples.pop_back();
        }
        self.samples.push_back((at, totals));
        if self.samples.len() > Self::MOST {
            let oldest = Self::MOST - Self::FULL;
            let mut index = 0;
            self.samples.retain(|_| {
                index += 1;
                index > oldest || index % 2 == 1
            });
        }
    }

    /// Returns the totals at these times, which must be in ascending order. Before the first sample and after the last
    /// one, totals do not change.
    pub(super) fn at(&self, times: impl Iterator<Item = Timestamp>) -> impl Iterator<Item = [f64; N]> {
        let mut next = None;
        times.map(move |time| {
            let mut index = next.unwrap_or_else(|| self.samples.partition_point(|(at, _)| *at <= time));
            while self.samples.get(index).is_some_and(|(at, _)| *at <= time) {
                index += 1;
            }
            next = Some(index);
            let before = index.checked_sub(1).and_then(|index| self.samples.get(index));
            match (before, self.samples.get(index)) {
                (Some((from, first)), Some((to, second))) => {
                    let share = (time - *from).as_secs_f64() / (*to - *from).as_secs_f64();
                    std::array::from_fn(|total| {
                        let (first, second) = (first[total], second[total]);
                        first + (second - first) * share
                    })
                }
                (Some((_, totals)), None) | (None, Some((_, totals))) => *totals,
                (None, None) => [0.0; N],
            }
        })
    }
}

impl<const N: usize> List for Samples<N> {
    type Item = (Timestamp, [f64; N]);
    const MOST: usize = Self::MOST;

    fn items(&self) -> &VecDeque<Self::Item> {
        &self.samples
    }

    fn is_same(&self, other: &Self) -> bool {
        self.samples.is_same(&other.samples)
    }

    fn of(mut items: Vec<Self::Item>) -> Self {
        let mut latest = Timestamp::default();
        items.retain(|(at, _)| {
            let follows = *at >= latest;
            latest = latest.max(*at);
            follows
        });
        Self {
            samples: past::latest(items, Self::MOST).into(),
        }
    }
}

/// The times of all samples, then the first totals of all, and so on, each as its difference from the one before. Of these
/// numbers of eight bytes, the first byte of all comes first, then the second of all, and so on: what changes little stands
/// together, so that it takes half as much when it is compressed.
impl<const N: usize> Serialize for Samples<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(self.samples.len() * 8 * (1 + N));
        let mut column = |words: &mut dyn Iterator<Item = u64>| {
            let mut before = 0;
            let differences: Vec<[u8; 8]> = words
                .map(|word| {
                    word.wrapping_sub(std::mem::replace(&mut before, word))
                        .to_be_bytes()
                })
                .collect();
            for byte in 0..8 {
                bytes.extend(differences.iter().map(|difference| difference[byte]));
            }
        };
        column(&mut self.samples.iter().map(|(at, _)| at.as_micros()));
        for total in 0..N {
            column(&mut self.samples.iter().map(|(_, totals)| totals[total].to_bits()));
        }
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Samples<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = <Cow<'de, Bytes>>::deserialize(deserializer)?;
        let count = bytes.len() / (8 * (1 + N));
        if bytes.len() != count * 8 * (1 + N) || count > Self::MOST {
            return Err(D::Error::custom("samples that are not whole, or too many"));
        }
        let mut samples = VecDeque::from(vec![(Timestamp::default(), [0.0; N]); count]);
        // Without samples there are no columns either.
        for (column, bytes) in bytes.chunks_exact((8 * count).max(1)).enumerate() {
            let mut word = 0_u64;
            for (index, (at, totals)) in samples.iter_mut().enumerate() {
                let difference = std::array::from_fn(|byte| bytes[byte * count + index]);
                word = word.wrapping_add(u64::from_be_bytes(difference));
                match column.checked_sub(1) {
                    None => *at = Timestamp::from_micros(word),
                    Some(total) => totals[total] = f64::from_bits(word),
                }
            }
        }
        let is_sound = |totals: &[f64; N]| totals.iter().all(|total| total.is_finite());
        if !samples.iter().is_sorted_by_key(|(at, _)| *at)
            || !samples.iter().all(|(_, totals)| is_sound(totals))
        {
            return Err(D::Error::custom(
                "samples that are not in order, or are no numbers",
            ));
        }
        Ok(Self {
            samples: samples.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(milliseconds: u64) -> Timestamp {
        Timestamp::from_micros(milliseconds * 1_000)
    }

    fn totals<const C: usize>(samples: &Samples<1>, times: [u64; C]) -> Vec<f64> {
        samples
            .at(times.into_iter().map(moment))
            .map(|[total]| total)
            .collect()
    }

    #[test]
    fn totals_follow_straight_lines_and_do_not_change_outside() {
        let mut samples = Samples::<1>::default();
        assert_eq!(totals(&samples, [0, 5]), [0.0, 0.0]);
        samples.push(moment(1_000), [10.0]);
        samples.push(moment(2_000), [20.0]);
        samples.push(moment(4_000), [60.0]);
        let times = [0, 1_000, 1_500, 2_000, 3_000, 3_500, 4_000, 9_000];
        assert_eq!(
            totals(&samples, times),
            [10.0, 10.0, 15.0, 20.0, 40.0, 50.0, 60.0, 60.0]
        );
        assert_eq!(totals(&samples, [3_000]), [40.0]);
    }

    #[test]
    fn samples_survive_to_the_last_bit() {
        let mut samples = Samples::<2>::default();
        let read = |samples: &Samples<2>| {
            let record = rmp_serde::to_vec_named(samples).unwrap();
            rmp_serde::from_slice::<Samples<2>>(&record).unwrap().samples
        };
        assert_eq!(read(&samples), samples.samples);
        for index in 1..700_u32 {
            let totals = [f64::from(index).sqrt(), f64::from(index / 9) * 1e300];
            samples.push(moment(u64::from(index) * 499), totals);
        }
        assert_eq!(read(&samples), samples.samples);
        for damaged in [
            &[0xc4, 1, 0][..],
            &[0xc4, 24].iter().copied().chain([0xff; 24]).collect::<Vec<u8>>(),
        ] {
            assert!(rmp_serde::from_slice::<Samples<2>>(damaged).is_err());
        }
    }

    #[test]
    fn samples_in_quick_succession_are_one() {
        let mut samples = Samples::<1>::default();
        for milliseconds in 0..1_000 {
            samples.push(moment(milliseconds), [milliseconds as f64]);
        }
        assert!(samples.samples.len() <= 6, "{}", samples.samples.len());
        assert_eq!(samples.totals(), [999.0]);
        assert_eq!(totals(&samples, [0, 500, 999]), [0.0, 500.0, 999.0]);
    }

    #[test]
    fn the_oldest_are_thinned_out_and_the_latest_ten_minutes_are_whole() {
        let mut samples = Samples::<1>::default();
        for index in 0..20_000 {
            samples.push(moment(index * 500), [index as f64]);
            assert!(samples.samples.len() <= Samples::<1>::MOST);
        }
        let times: Vec<Timestamp> = samples.samples.iter().map(|(at, _)| *at).collect();
        let last = &times[times.len() - Samples::<1>::FULL..];
        assert!(
            last.windows(2)
                .all(|pair| pair[1] - pair[0] == Duration::from_millis(500))
        );
        assert_eq!(times[0], moment(0), "the beginning is kept");
        // The totals of what was left out are those of a straight line, thus right.
        assert_eq!(totals(&samples, [1_234_567]), [2_469.134]);
    }
}
