//! Which of many failovers and takeovers are shown.

use std::collections::BTreeMap;
use std::time::Duration;

/// Why one of them is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// There are not many.
    All,
    /// Of those that succeeded, it took the longest time.
    Slowest,
    /// Only one or two of those that succeeded took longer.
    AmongSlowest,
    /// As many of those that succeeded took longer as took less.
    Median,
    /// It is one of the first.
    First,
}

/// How many are shown at most.
pub(super) const MOST: usize = 12;
const SLOWEST: usize = 3;

/// Chooses at most so many of them, given how long each took and whether it succeeded: the median, the three slowest, and
/// the first ones. Returns their positions in order.
pub(super) fn choose(took: &[(Duration, bool)], most: usize) -> Vec<(usize, Why)> {
    let mut ascending: Vec<(Duration, usize)> = took
        .iter()
        .enumerate()
        .filter(|(_, (_, succeeded))| *succeeded)
        .map(|(position, (took, _))| (*took, position))
        .collect();
    ascending.sort_unstable();
    let slowest = ascending.iter().rev().map(|(_, position)| *position);
    let slowest =
        slowest.zip(std::iter::once(Why::Slowest).chain(std::iter::repeat_n(Why::AmongSlowest, SLOWEST - 1)));
    let median = figures::quantile(&ascending, 0.5).map(|(_, position)| (position, Why::Median));
    // Of a few, everybody sees which one took longest.
    let are_many = ascending.len() > SLOWEST + 1;
    let first = (0..took.len()).map(|position| {
        let why = if took.len() > most { Why::First } else { Why::All };
        (position, why)
    });
    let mut chosen = BTreeMap::new();
    for (position, why) in slowest
        .take(SLOWEST)
        .chain(median)
        .filter(|_| are_many)
        .chain(first)
    {
        if chosen.len() < most {
            chosen.entry(position).or_insert(why);
        }
    }
    chosen.into_iter().collect()
}

impl Why {
    /// Returns it in words; none where it goes without saying.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Slowest => "the slowest",
            Self::AmongSlowest => "among the three slowest",
            Self::Median => "the median",
            Self::First => "one of the first",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ms: &[u64], most: usize) -> Vec<(usize, Why)> {
        let took: Vec<_> = ms.iter().map(|ms| (Duration::from_millis(*ms), true)).collect();
        choose(&took, most)
    }

    #[test]
    fn of_a_thousand_a_few_are_shown_with_the_extremes_among_them() {
        let ms: Vec<u64> = (0..1_000).map(|number| (number * 7_919) % 1_000).collect();
        let chosen = of(&ms, MOST);
        assert_eq!(chosen.len(), MOST);
        let took = |wanted: Why| -> Vec<u64> {
            let found = chosen.iter().filter(|(_, why)| *why == wanted);
            found.map(|(position, _)| ms[*position]).collect()
        };
        assert_eq!((took(Why::Slowest), took(Why::Median)), (vec![999], vec![499]));
        let mut among = took(Why::AmongSlowest);
        among.sort_unstable();
        assert_eq!(among, [997, 998]);
        assert!(chosen.iter().any(|(position, _)| *position == 0));
    }

    #[test]
    fn of_few_all_are_shown_in_their_order() {
        assert_eq!(of(&[], MOST), []);
        assert_eq!(of(&[5], MOST), [(0, Why::All)]);
        assert_eq!(
            of(&[5, 9, 1, 2, 3], MOST),
            [
                (0, Why::AmongSlowest),
                (1, Why::Slowest),
                (2, Why::All),
                (3, Why::All),
                (4, Why::AmongSlowest),
            ]
        );
    }

    #[test]
    fn one_that_was_abandoned_is_neither_slow_nor_a_median() {
        let took = [(Duration::from_secs(9), false), (Duration::from_secs(1), true)];
        assert_eq!(choose(&took, 1), [(0, Why::First)]);
        assert_eq!(choose(&took, MOST), [(0, Why::All), (1, Why::All)]);
    }
}
