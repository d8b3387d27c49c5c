//! What of a list is not in an earlier one: lists that grow at their end, and lose items elsewhere.

use std::collections::VecDeque;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// A list of which a model keeps the latest items.
pub(crate) trait List: Default + Clone {
    type Item: Clone + PartialEq;

    /// The maximum number of items.
    const MOST: usize;

    fn items(&self) -> &VecDeque<Self::Item>;

    /// Returns whether both are the same list, not merely equal.
    fn is_same(&self, other: &Self) -> bool;

    /// Makes a list of the latest of these items, as far as they can be in one.
    fn of(items: Vec<Self::Item>) -> Self;
}

/// What of a list is not in an earlier one.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct ListDelta<L> {
    /// How many items of the earlier list are in this one, then how many are not, and so on.
    runs: Vec<u32>,
    /// The items after those.
    new: L,
}

/// Makes a list of deltas, from the latest one back.
#[derive(Debug)]
pub(super) struct ListRebuild<L: List> {
    found: Vec<Option<L::Item>>,
    /// Items that have not been found: where they belong, and where they are in the next earlier list.
    wanted: Vec<(usize, usize)>,
}

impl<L: List> ListDelta<L> {
    pub(super) fn between(earlier: &L, list: &L) -> Self {
        if list.is_same(earlier) {
            return Self {
                runs: vec![earlier.items().len() as u32],
                new: L::default(),
            };
        }
        let mut rest = list.items().iter().peekable();
        let mut runs = Vec::new();
        let mut is_kept = true;
        let mut run = 0;
        for item in earlier.items() {
            let kept = rest.next_if(|next| *next == item).is_some();
            if kept != is_kept {
                runs.push(run);
                (run, is_kept) = (0, kept);
            }
            run += 1;
        }
        runs.push(run);
        Self {
            runs,
            new: L::of(rest.cloned().collect()),
        }
    }

    /// Returns where the items that are not new are in the earlier list.
    fn kept(&self) -> Vec<usize> {
        let mut kept = Vec::new();
        let mut at = 0;
        for (index, run) in self.runs.iter().enumerate() {
            let end = at + *run as usize;
            if index % 2 == 0 {
                kept.extend(at..end);
            }
            at = end;
        }
        kept
    }
}

impl<'de, L: List + Deserialize<'de>> Deserialize<'de> for ListDelta<L> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename = "ListDelta")]
        struct Read<L> {
            runs: Vec<u32>,
            new: L,
        }
        let Read { runs, new } = Read::<L>::deserialize(deserializer)?;
        let items = runs.iter().map(|run| u64::from(*run)).sum::<u64>();
        if items > L::MOST as u64 || new.items().len() > L::MOST {
            return Err(D::Error::custom("a list of more items than are kept"));
        }
        Ok(Self { runs, new })
    }
}

impl<L: List> ListRebuild<L> {
    pub(super) fn new(latest: &ListDelta<L>) -> Self {
        let kept = latest.kept();
        let missing = std::iter::repeat_n(None, kept.len());
        Self {
            found: missing
                .chain(latest.new.items().iter().cloned().map(Some))
                .collect(),
            wanted: kept.into_iter().enumerate().collect(),
        }
    }

    /// Takes what is missing from the delta before those that have been added. Without one, there was no list before.
    pub(super) fn add(&mut self, earlier: Option<&ListDelta<L>>) {
        let (Some(earlier), false) = (earlier, self.wanted.is_empty()) else {
            return self.wanted.clear();
        };
        let kept = earlier.kept();
        let new = earlier.new.items();
        let found = &mut self.found;
        self.wanted.retain_mut(|(place, at)| match kept.get(*at) {
            Some(before) => {
                *at = *before;
                true
            }
            None => {
                let item = new.get(*at - kept.len()).cloned();
                if let Some(place) = found.get_mut(*place) {
                    *place = item;
                }
                false
            }
        });
    }

    pub(super) fn missing(&self) -> usize {
        self.wanted.len()
    }

    /// Returns the list without what has not been found.
    pub(super) fn finish(self) -> L {
        L::of(self.found.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
    struct Numbers(VecDeque<u8>);

    impl List for Numbers {
        type Item = u8;
        const MOST: usize = 20;

        fn items(&self) -> &VecDeque<u8> {
            &self.0
        }

        fn is_same(&self, other: &Self) -> bool {
            self == other
        }

        fn of(items: Vec<u8>) -> Self {
            Self(items.into())
        }
    }

    proptest! {
        #[test]
        fn a_row_of_deltas_is_the_last_list(
            lists in prop::collection::vec(prop::collection::vec(0..4_u8, 0..12), 1..6),
        ) {
            let lists: Vec<Numbers> = lists.into_iter().map(Numbers::of).collect();
            let before = std::iter::once(Numbers::default()).chain(lists.clone());
            let deltas: Vec<_> = before
                .zip(&lists)
                .map(|(before, list)| ListDelta::between(&before, list))
                .collect();
            let (latest, earlier) = deltas.split_last().unwrap();
            let mut rebuild = ListRebuild::new(latest);
            for delta in earlier.iter().rev() {
                rebuild.add(Some(delta));
            }
            prop_assert_eq!(rebuild.missing(), 0);
            prop_assert_eq!(Some(&rebuild.finish()), lists.last());
        }

        #[test]
        fn deltas_of_anybody_do_no_harm(
            deltas in prop::collection::vec(
                (prop::collection::vec(0..9_u32, 0..6), prop::collection::vec(0..4_u8, 0..6)),
                1..5,
            ),
        ) {
            let deltas: Vec<_> = deltas
                .into_iter()
                .map(|(runs, new)| ListDelta { runs, new: Numbers::of(new) })
                .filter_map(|delta| {
                    rmp_serde::from_slice::<ListDelta<Numbers>>(&rmp_serde::to_vec_named(&delta).unwrap()).ok()
                })
                .collect();
            let Some((latest, earlier)) = deltas.split_first() else {
                return Ok(());
            };
            let mut rebuild = ListRebuild::new(latest);
            earlier.iter().for_each(|delta| rebuild.add(Some(delta)));
            rebuild.add(None);
            prop_assert_eq!(rebuild.missing(), 0);
            prop_assert!(rebuild.finish().0.len() <= 2 * Numbers::MOST);
        }
    }

    #[test]
    fn what_was_added_is_all_that_is_written() {
        let earlier = Numbers::of((0..20).collect());
        let mut list = earlier.clone();
        list.0.drain(..3);
        list.0.push_back(20);
        let delta = ListDelta::between(&earlier, &list);
        assert_eq!((delta.runs, delta.new), (vec![0, 3, 17], Numbers::of(vec![20])));
    }
}
