//! The associations of a capture, of each of which both directions are looked at alone.

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::message::Repeated;
use crate::pieces::Pieces;
use crate::seen::Seen;

/// The most directions that are kept.
const MOST: usize = 32_768;
/// The most interfaces at which a direction is looked at apart.
const MOST_INTERFACES: usize = 8;

/// What a receiver tells the packets of a direction by, whichever of its addresses they use (RFC 9260 section 8.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) tag: u32,
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
}

/// One direction of an association.
#[derive(Debug)]
pub(crate) struct Direction {
    key: Key,
    pub(crate) association: u32,
    /// What passed each interface.
    passed: Vec<Passed>,
    last_used: u64,
}

/// What passed an interface.
#[derive(Debug, Default)]
pub(crate) struct Passed {
    interface: u32,
    pub(crate) seen: Seen,
    pub(crate) pieces: Pieces,
}

/// All directions.
#[derive(Debug, Default)]
pub(crate) struct Associations {
    positions: HashMap<Key, usize>,
    directions: Vec<Direction>,
    /// Associations of which only one direction is known, by the addresses of the other one.
    unpaired: HashMap<(SocketAddr, SocketAddr), u32>,
    count: u32,
    clock: u64,
}

impl Associations {
    /// How many associations there were.
    pub(crate) const fn count(&self) -> u32 {
        self.count
    }

    /// Returns whether a further direction would be too many.
    pub(crate) fn is_full(&self) -> bool {
        self.directions.len() >= MOST
    }

    /// Returns the direction of a packet.
    pub(crate) fn direction(
        &mut self,
        key: Key,
        source: SocketAddr,
        destination: SocketAddr,
    ) -> Option<&mut Direction> {
        self.clock += 1;
        let position = match self.positions.get(&key) {
            Some(position) => *position,
            None => self.begin(key, source, destination),
        };
        let direction = self.directions.get_mut(position)?;
        direction.last_used = self.clock;
        Some(direction)
    }

    fn begin(&mut self, key: Key, source: SocketAddr, destination: SocketAddr) -> usize {
        let association = match self.unpaired.remove(&(source, destination)) {
            Some(association) => association,
            None => {
                if self.unpaired.len() >= MOST {
                    self.unpaired.clear();
                }
                self.count += 1;
                self.unpaired.insert((destination, source), self.count);
                self.count
            }
        };
        let position = self.directions.len();
        self.positions.insert(key, position);
        self.directions.push(Direction {
            key,
            association,
            passed: Vec::with_capacity(1),
            last_used: 0,
        });
        position
    }

    /// Removes the directions that were not used for the longest time, and returns them.
    pub(crate) fn evict(&mut self) -> Vec<Direction> {
        self.directions.sort_by_key(|direction| direction.last_used);
        let kept = self.directions.split_off(self.directions.len() / 2);
        let evicted = std::mem::replace(&mut self.directions, kept);
        let positions = self.directions.iter().enumerate();
        self.positions = positions
            .map(|(position, direction)| (direction.key, position))
            .collect();
        evicted
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Direction> {
        self.directions.iter_mut()
    }
}

impl Direction {
    /// Notes a transmission sequence number at an interface. Returns whether it was seen before, and the number as one
    /// that never begins again at 0.
    pub(crate) fn note(&mut self, interface: u32, tsn: u32) -> (Option<Repeated>, u64) {
        let elsewhere =
            self.passed.len() > 1 || self.passed.first().is_some_and(|one| one.interface != interface);
        let elsewhere = elsewhere
            && self
                .passed
                .iter()
                .any(|passed| passed.interface != interface && passed.seen.contains(tsn));
        let (before, extended) = self.passed(interface).seen.insert(tsn);
        let repeated = if before {
            Some(Repeated::Retransmission)
        } else {
            elsewhere.then_some(Repeated::OtherInterface)
        };
        (repeated, extended)
    }

    /// Returns what passed an interface.
    pub(crate) fn passed(&mut self, interface: u32) -> &mut Passed {
        let known = self
            .passed
            .iter()
            .position(|passed| passed.interface == interface);
        let position = known.unwrap_or_else(|| {
            if self.passed.len() < MOST_INTERFACES {
                self.passed.push(Passed {
                    interface,
                    ..Passed::default()
                });
            }
            self.passed.len() - 1
        });
        &mut self.passed[position]
    }

    pub(crate) fn all_passed(&mut self) -> impl Iterator<Item = &mut Passed> {
        self.passed.iter_mut()
    }
}
