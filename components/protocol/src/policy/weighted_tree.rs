//! Weights that can be drawn from in logarithmic time: a Fenwick tree over their sums.

/// Weights by index, and the sums that make drawing fast.
#[derive(Debug, Default)]
pub(super) struct WeightedTree {
    weights: Vec<u32>,
    /// The entry at `i` is the sum of the weights from `i & (i + 1)` to `i`. 2^32 weights of 2^32 fit.
    sums: Vec<u64>,
    total: u64,
}

impl WeightedTree {
    /// Returns the sum of all weights.
    pub(super) const fn total(&self) -> u64 {
        self.total
    }

    /// Returns the weight at an index; 0 if there is none.
    pub(super) fn weight(&self, index: usize) -> u32 {
        self.weights.get(index).copied().unwrap_or(0)
    }

    /// Appends a weight; returns its index.
    pub(super) fn push(&mut self, weight: u32) -> usize {
        let index = self.weights.len();
        let mut sum = u64::from(weight);
        let first = index & (index + 1);
        let mut behind = index;
        // The sums of the children make up what lies between `first` and this weight.
        while behind > first {
            sum += self.sums.get(behind - 1).copied().unwrap_or_default();
            behind &= behind - 1;
        }
        self.weights.push(weight);
        self.sums.push(sum);
        self.total += u64::from(weight);
        index
    }

    /// Replaces a weight; returns the previous one.
    pub(super) fn set(&mut self, index: usize, weight: u32) -> u32 {
        let Some(entry) = self.weights.get_mut(index) else {
            return 0;
        };
        let previous = std::mem::replace(entry, weight);
        let (added, removed) = (u64::from(weight), u64::from(previous));
        if added == removed {
            return previous;
        }
        self.total = self.total + added - removed;
        let mut position = index;
        while let Some(sum) = self.sums.get_mut(position) {
            *sum = *sum + added - removed;
            position |= position + 1;
        }
        previous
    }

    /// Returns the index of the weight that covers a point between 0 and the total: if all weights were laid end to
    /// end, in the order of their indices, the point would lie on it. `None` if it lies behind all of them.
    pub(super) fn at(&self, mut point: u64) -> Option<usize> {
        if point >= self.total {
            return None;
        }
        let mut index = 0;
        let mut step = self.sums.len().checked_ilog2().map_or(0, |log| 1 << log);
        while step > 0 {
            let sum = self.sums.get(index + step - 1).copied();
            if let Some(sum) = sum.filter(|sum| *sum <= point) {
                point -= sum;
                index += step;
            }
            step >>= 1;
        }
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    /// Compares with a walk over all weights.
    #[track_caller]
    fn check(tree: &WeightedTree, weights: &[u32]) {
        let total: u64 = weights.iter().copied().map(u64::from).sum();
        assert_eq!(tree.total(), total);
        let mut start = 0;
        for (index, &weight) in weights.iter().enumerate() {
            if weight > 0 {
                let end = start + u64::from(weight);
                assert_eq!(tree.at(start), Some(index));
                assert_eq!(tree.at(end - 1), Some(index));
                start = end;
            }
        }
        assert_eq!(tree.at(total), None);
    }

    #[test]
    fn every_point_lies_on_the_weight_that_a_walk_finds() {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        let mut tree = WeightedTree::default();
        let mut weights = Vec::new();
        check(&tree, &weights);
        for size in 0..70 {
            let weight = if size % 3 == 0 { 0 } else { rng.random_range(1..9) };
            assert_eq!(tree.push(weight), size);
            weights.push(weight);
            check(&tree, &weights);
            let index = rng.random_range(0..weights.len());
            let weight = [0, 1, u32::MAX][size % 3];
            assert_eq!(tree.set(index, weight), weights[index]);
            weights[index] = weight;
            check(&tree, &weights);
        }
    }
}
