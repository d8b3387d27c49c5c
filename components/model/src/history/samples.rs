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

/// A sample is its time and its totals, all big-endian.
impl<const N: usize> Serialize for Samples<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(self.samples.len() * 8 * (1 + N));
        for (at, totals) in &self.samples {
            bytes.extend_from_slice(&at.as_micros().to_be_bytes());
            for total in totals {
                bytes.extend_from_slice(&total.to_be_bytes());
            }
        }
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Samples<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = <Cow<'de, Bytes>>::deserialize(deserializer)?;
        let (words, rest) = bytes.as_chunks::<8>();
        let samples = words.chunks_exact(1 + N);
        if !rest.is_empty() || !samples.remainder().is_empty() || samples.len() > Self::MOST {
            return Err(D::Error::custom("samples that are not whole, or too many"));
        }
        let samples: VecDeque<(Timestamp, [f64; N])> = samples
            .map(|sample| {
                let (at, totals) = sample.split_at(1);
                let at = at.first().map_or(0, |at| u64::from_be_bytes(*at));
                let mut totals = totals.iter().map(|total| f64::from_be_bytes(*total));
                let totals = std::array::from_fn(|_| totals.next().unwrap_or_default());
                (Timestamp::from_micros(at), totals)
            })
            .collect();
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
