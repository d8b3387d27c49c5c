//! Fragments of user messages that wait for the others.

use std::collections::BTreeMap;

use crate::message::Sight;
use crate::portion::{Order, Portion};

/// A fragment.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) sight: Sight,
    pub(crate) tsn: u32,
    pub(crate) stream: u16,
    pub(crate) unordered: bool,
    pub(crate) begins: bool,
    pub(crate) ends: bool,
    pub(crate) ppid: Option<u32>,
    pub(crate) bytes: Vec<u8>,
    /// How many bytes it had.
    pub(crate) whole: usize,
}

/// The place of a fragment: what it is ordered in, and where.
type Key = (u64, u64);

/// The fragments of a direction that wait.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    pieces: BTreeMap<Key, Piece>,
    size: usize,
}

impl Pieces {
    /// What a fragment takes besides its bytes, about.
    const OVERHEAD: usize = 160;
    /// The most memory that those of a direction take.
    const MOST_BYTES: usize = 8 << 20;
    const MOST: usize = 4096;

    /// How much memory they take, in bytes.
    pub(crate) const fn size(&self) -> usize {
        self.size
    }

    /// Returns whether they are too many to wait for others: in memory, or to be looked through for each new one.
    pub(crate) fn are_too_many(&self) -> bool {
        self.size > Self::MOST_BYTES || self.pieces.len() > Self::MOST
    }

    /// Takes in a fragment. Returns those of its message, if it was the last one that was missing.
    pub(crate) fn insert(&mut self, place: Key, piece: Piece) -> Option<Vec<Piece>> {
        self.size += piece.bytes.len() + Self::OVERHEAD;
        if let Some(before) = self.pieces.insert(place, piece) {
            self.size -= before.bytes.len() + Self::OVERHEAD;
        }
        // In most captures the end comes last, so that looking for it first is soon over.
        let last = self.last(place)?;
        let first = self.first(place)?;
        let mut message = Vec::new();
        for position in first..=last {
            message.extend(self.pieces.remove(&(place.0, position)));
        }
        self.forget(&message);
        Some(message)
    }

    /// Returns the position of the last fragment of the message, if all from this one on are there.
    fn last(&self, (order, position): Key) -> Option<u64> {
        let pieces = self.pieces.range((order, position)..);
        for (expected, (key, piece)) in (position..).zip(pieces) {
            if *key != (order, expected) || (piece.begins && expected != position) {
                return None;
            }
            if piece.ends {
                return Some(expected);
            }
        }
        None
    }

    /// Returns the position of the first fragment of the message, if all up to this one are there.
    fn first(&self, (order, position): Key) -> Option<u64> {
        let mut expected = position;
        for (key, piece) in self.pieces.range(..=(order, position)).rev() {
            if *key != (order, expected) || (piece.ends && expected != position) {
                return None;
            }
            if piece.begins {
                return Some(expected);
            }
            expected = expected.checked_sub(1)?;
        }
        None
    }

    /// Gives all of them up: returns those that follow each other together.
    pub(crate) fn give_up(&mut self) -> Vec<Vec<Piece>> {
        let mut runs: Vec<Vec<Piece>> = Vec::new();
        let mut expected = None;
        for ((order, position), piece) in std::mem::take(&mut self.pieces) {
            let continues = expected == Some((order, position)) && !piece.begins;
            expected = (!piece.ends).then_some((order, position + 1));
            match runs.last_mut() {
                Some(run) if continues => run.push(piece),
                _ => runs.push(vec![piece]),
            }
        }
        self.size = 0;
        runs
    }

    fn forget(&mut self, pieces: &[Piece]) {
        let bytes: usize = pieces
            .iter()
            .map(|piece| piece.bytes.len() + Self::OVERHEAD)
            .sum();
        self.size -= bytes;
    }
}

/// Returns the place of a portion whose extended transmission sequence number is `tsn`.
pub(crate) fn place(portion: &Portion<'_>, tsn: u64) -> Key {
    match portion.order {
        Order::Tsn => (0, tsn),
        Order::Fragment { message, fragment } => {
            let unordered = u64::from(portion.unordered) << 32;
            let stream = u64::from(portion.stream) << 33;
            (1 << 63 | stream | unordered | u64::from(message), fragment.into())
        }
    }
}
