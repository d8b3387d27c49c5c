//! Weighted Round Robin (RFC 5356 section 4.2).
//!
//! The RFC describes a circular list in which a pool element occurs as often as its weight says, spread as evenly as
//! possible (D-32). The smooth scheme does that with a credit for each pool element: every selection adds its weight to it,
//! the largest credit is selected, and pays the sum of all weights. But this touches every pool element each time.
//!
//! Here, the same idea takes logarithmic time, by deadlines (earliest eligible virtual deadline first). Virtual time
//! advances by 1 / (sum of weights) with each selection, so that a pool element of weight w is due every 1/w. Its next
//! turn has a window from its release to its deadline, 1/w later. Selected is the earliest deadline of those that are
//! released; its next window begins where this one ends.
//!
//! What is exact:
//!
//! - In a pool of equal weights, this is Round Robin: the same order of selections, also while pool elements come and
//!   go.
//! - While nobody comes, goes or changes its weight, each pool element's number of selections differs from its exact
//!   share by less than 1 at any time, and after as many selections as the sum of all weights, each was selected
//!   exactly as often as its weight says. The smooth scheme has no such bound (1.27 with ten of weight 10 and ten of
//!   weight 1); on average over random pools, the largest deviations are alike (0.77, and 0.71 for the smooth scheme).
//! - A change of weight keeps what a pool element is owed or owes. What one is owed or owes that leaves is divided
//!   among the others, by their weights; one that comes is owed nothing, and comes last among equals.
//!
//! Virtual time has a resolution of 2^-80, so that rounding reaches the length of a selection only after 2^31
//! selections even with the largest possible weights.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use wire::PeIdentifier;
use wire::parameter::Policy;

use super::Selection;

/// Virtual time, in units of 2^-80. It may be negative.
type VirtualTime = i128;

/// A turn of a pool element of weight 1, in virtual time.
const LONGEST_TURN: VirtualTime = 1 << 80;

/// Counts selections and arrivals: among equals, the least recently selected pool element is first, and one that has
/// just come is last.
type Turn = u64;

/// Pool elements by the windows of their next turns.
#[derive(Debug, Default)]
pub(super) struct WeightedRoundRobin {
    members: BTreeMap<PeIdentifier, Member>,
    /// Pool elements whose release is not later than `horizon`, by deadline.
    released: BTreeSet<(VirtualTime, Turn, PeIdentifier)>,
    /// All others of a weight above 0, by release.
    waiting: BTreeSet<(VirtualTime, Turn, PeIdentifier)>,
    /// The mean of all releases, weighted: nobody is owed more than others owe.
    now: VirtualTime,
    /// The latest `now` so far: it may go back when a pool element leaves.
    horizon: VirtualTime,
    /// The sum of all weights.
    weight: u64,
    /// The number of pool elements of each weight above 0.
    weights: BTreeMap<u32, usize>,
    next_turn: Turn,
}

#[derive(Debug, Clone, Copy)]
struct Member {
    weight: u32,
    release: VirtualTime,
    turn: Turn,
}

impl Member {
    /// The time between two turns; must not be called for a weight of 0.
    fn period(self) -> VirtualTime {
        LONGEST_TURN / VirtualTime::from(self.weight.max(1))
    }

    fn deadline(self) -> VirtualTime {
        self.release.saturating_add(self.period())
    }
}

impl WeightedRoundRobin {
    const fn turn(&mut self) -> Turn {
        self.next_turn += 1;
        self.next_turn
    }

    /// Puts a pool element in line.
    fn line_up(&mut self, pool_element: PeIdentifier, member: Member) {
        if member.weight == 0 {
            return;
        }
        if member.release <= self.horizon {
            self.released
                .insert((member.deadline(), member.turn, pool_element));
        } else {
            self.waiting.insert((member.release, member.turn, pool_element));
        }
    }

    /// Takes a pool element out of the line.
    fn step_out(&mut self, pool_element: PeIdentifier, member: Member) {
        if !self
            .released
            .remove(&(member.deadline(), member.turn, pool_element))
        {
            self.waiting.remove(&(member.release, member.turn, pool_element));
        }
    }

    /// Moves those in line whose windows have begun.
    fn release_due(&mut self) {
        self.horizon = self.horizon.max(self.now);
        while let Some(&(release, turn, pool_element)) = self.waiting.first()
            && release <= self.horizon
        {
            self.waiting.pop_first();
            if let Some(member) = self.members.get(&pool_element) {
                self.released.insert((member.deadline(), turn, pool_element));
            }
        }
    }

    /// Returns the release of a pool element that has just come.
    fn first_release(&self, weight: u32) -> VirtualTime {
        let equal = self.weights.keys().all(|&other| other == weight);
        let last = |line: &BTreeSet<(VirtualTime, Turn, PeIdentifier)>| {
            let &(_, _, pool_element) = line.last()?;
            self.members.get(&pool_element).map(|member| member.release)
        };
        // Among equals, releases and deadlines have the same order, and whoever waits is behind the released ones.
        let latest = last(&self.waiting).or_else(|| last(&self.released));
        latest.filter(|_| equal).unwrap_or(self.now)
    }

    /// Adds a weight with its release to the mean.
    fn add_weight(&mut self, weight: u32, release: VirtualTime) {
        if weight == 0 {
            return;
        }
        self.weight += u64::from(weight);
        let ahead = release.saturating_sub(self.now);
        self.shift(ahead.saturating_mul(weight.into()));
        *self.weights.entry(weight).or_default() += 1;
    }

    /// Takes a weight with its release out of the mean.
    fn take_weight(&mut self, weight: u32, release: VirtualTime) {
        if weight == 0 {
            return;
        }
        self.weight -= u64::from(weight);
        let behind = self.now.saturating_sub(release);
        self.shift(behind.saturating_mul(weight.into()));
        if let Some(count) = self.weights.get_mut(&weight) {
            *count -= 1;
            if *count == 0 {
                self.weights.remove(&weight);
            }
        }
    }

    /// Moves the mean by a sum of weighted times.
    const fn shift(&mut self, sum: VirtualTime) {
        if self.weight > 0 {
            // Rounding up keeps `now` from falling behind, so that a window never begins late.
            let mean = sum
                .saturating_add(self.weight as VirtualTime - 1)
                .div_euclid(self.weight as VirtualTime);
            self.now = self.now.saturating_add(mean);
        }
    }
}

impl Selection for WeightedRoundRobin {
    fn put(&mut self, pool_element: PeIdentifier, policy: &Policy) {
        let weight = match policy {
            Policy::WeightedRoundRobin { weight } => *weight,
            // A pool holds policies of one type only.
            _ => 0,
        };
        let known = self.members.get(&pool_element).copied();
        let member = match known {
            Some(member) if member.weight == weight => return,
            Some(before) if before.weight > 0 && weight > 0 => {
                let ahead = before.release.saturating_sub(self.now);
                let scaled = ahead.saturating_mul(before.weight.into()) / VirtualTime::from(weight);
                Member {
                    weight,
                    release: self.now.saturating_add(scaled),
                    turn: before.turn,
                }
            }
            _ => Member {
                weight,
                release: self.first_release(weight),
                turn: self.turn(),
            },
        };
        if let Some(before) = known {
            self.step_out(pool_element, before);
            self.take_weight(before.weight, before.release);
        }
        self.add_weight(weight, member.release);
        self.members.insert(pool_element, member);
        self.line_up(pool_element, member);
    }

    fn remove(&mut self, pool_element: PeIdentifier) {
        if let Some(member) = self.members.remove(&pool_element) {
            self.step_out(pool_element, member);
            self.take_weight(member.weight, member.release);
        }
    }

    fn best(&mut self, items: usize, _: &mut dyn Rng) -> Vec<PeIdentifier> {
        self.release_due();
        let line = self.released.iter().chain(&self.waiting).take(items);
        line.map(|&(_, _, pool_element)| pool_element).collect()
    }

    fn count_selection(&mut self, pool_element: PeIdentifier) {
        let turn = self.turn();
        let Some(entry) = self.members.get_mut(&pool_element) else {
            return;
        };
        let before = *entry;
        entry.release = before.deadline();
        entry.turn = turn;
        let after = *entry;
        self.step_out(pool_element, before);
        self.line_up(pool_element, after);
        self.shift(LONGEST_TURN);
    }
}

#[cfg(test)]
mod tests;
