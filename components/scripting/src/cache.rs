//! The environments that a pool element keeps, so that they need not be uploaded again: which ones, not their content.

use std::collections::BTreeMap;

use crate::Hash;

/// The limits of a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The maximum number of environments.
    pub entries: usize,
    /// The maximum size of all environments together, in bytes.
    pub bytes: u64,
}

impl Default for Limits {
    /// Those of rsplib.
    fn default() -> Self {
        Self {
            entries: 16,
            bytes: 128 << 20,
        }
    }
}

/// A cache that forgets what was not used for the longest time.
#[derive(Debug)]
pub struct Cache {
    limits: Limits,
    entries: BTreeMap<Hash, Entry>,
    bytes: u64,
    uses: u64,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    bytes: u64,
    last_use: u64,
}

impl Cache {
    /// Creates an empty cache.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            entries: BTreeMap::new(),
            bytes: 0,
            uses: 0,
        }
    }

    /// Returns whether it has an environment, and counts this as a use of it.
    pub fn find(&mut self, hash: &Hash) -> bool {
        self.uses += 1;
        match self.entries.get_mut(hash) {
            Some(entry) => {
                entry.last_use = self.uses;
                true
            }
            None => false,
        }
    }

    /// Adds an environment of this size, if it fits. Returns whether it was added, and those that have to make room.
    pub fn insert(&mut self, hash: Hash, bytes: u64) -> (bool, Vec<Hash>) {
        if bytes > self.limits.bytes || self.limits.entries == 0 || self.find(&hash) {
            return (false, Vec::new());
        }
        let mut evicted = Vec::new();
        while self.entries.len() >= self.limits.entries || self.bytes + bytes > self.limits.bytes {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.last_use);
            let Some(oldest) = oldest.map(|(hash, _)| *hash) else {
                break;
            };
            self.remove(&oldest);
            evicted.push(oldest);
        }
        self.bytes += bytes;
        let last_use = self.uses;
        self.entries.insert(hash, Entry { bytes, last_use });
        (true, evicted)
    }

    /// Forgets an environment whose content is lost.
    pub fn remove(&mut self, hash: &Hash) {
        if let Some(entry) = self.entries.remove(hash) {
            self.bytes -= entry.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: u8) -> Hash {
        [number; 20]
    }

    #[test]
    fn what_was_not_used_for_the_longest_time_makes_room() {
        let mut cache = Cache::new(Limits {
            entries: 2,
            bytes: 100,
        });
        assert_eq!(cache.insert(hash(1), 10), (true, vec![]));
        assert_eq!(cache.insert(hash(2), 10), (true, vec![]));
        assert!(cache.find(&hash(1)));
        assert_eq!(cache.insert(hash(3), 10), (true, vec![hash(2)]));
        assert!(!cache.find(&hash(2)));
        assert_eq!(cache.insert(hash(4), 95), (true, vec![hash(1), hash(3)]));
    }

    #[test]
    fn what_does_not_fit_is_not_kept_and_nothing_is_lost_for_it() {
        let limits = Limits {
            entries: 2,
            bytes: 100,
        };
        let mut cache = Cache::new(limits);
        cache.insert(hash(1), 100);
        assert_eq!(cache.insert(hash(2), 101), (false, vec![]));
        assert_eq!(cache.insert(hash(3), u64::MAX), (false, vec![]));
        assert!(cache.find(&hash(1)));
        assert_eq!(cache.insert(hash(1), 100), (false, vec![]));
        cache.remove(&hash(1));
        assert_eq!(cache.insert(hash(2), 100), (true, vec![]));
        let mut none = Cache::new(Limits { entries: 0, ..limits });
        assert_eq!(none.insert(hash(1), 0), (false, vec![]));
    }
}
