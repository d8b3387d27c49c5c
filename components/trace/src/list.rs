//! Long lists that grow at their end, and of which copies are cheap.

use std::sync::Arc;

/// A list in pieces. A copy shares all of them; only the piece that is changed afterwards is copied.
#[derive(Debug)]
pub struct List<T> {
    pieces: Vec<Arc<Vec<T>>>,
    /// The first element that was changed.
    changed: Option<usize>,
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        Self {
            pieces: self.pieces.clone(),
            changed: self.changed,
        }
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            pieces: Vec::new(),
            changed: None,
        }
    }
}

impl<T: Copy> List<T> {
    /// The number of elements of a piece.
    const PIECE: usize = 8_192;

    /// Returns the number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.pieces.split_last() {
            Some((last, whole)) => whole.len() * Self::PIECE + last.len(),
            None => 0,
        }
    }

    /// Returns whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Adds an element, and returns its position.
    pub(crate) fn push(&mut self, element: T) -> usize {
        let position = self.len();
        if position.is_multiple_of(Self::PIECE) {
            self.pieces.push(Arc::default());
        }
        if let Some(last) = self.pieces.last_mut() {
            Arc::make_mut(last).push(element);
        }
        position
    }

    /// Returns an element.
    #[must_use]
    pub fn get(&self, position: usize) -> Option<&T> {
        self.pieces
            .get(position / Self::PIECE)?
            .get(position % Self::PIECE)
    }

    /// Changes an element.
    pub(crate) fn change(&mut self, position: usize, change: impl FnOnce(&mut T)) {
        let piece = self.pieces.get_mut(position / Self::PIECE);
        if let Some(element) = piece.and_then(|piece| Arc::make_mut(piece).get_mut(position % Self::PIECE)) {
            change(element);
            self.changed = Some(self.changed.map_or(position, |first| first.min(position)));
        }
    }

    /// Returns the first element that was changed since this was asked for the last time.
    pub(crate) const fn take_changed(&mut self) -> Option<usize> {
        self.changed.take()
    }

    /// Returns the elements from a position on, each with its position.
    pub fn from(&self, position: usize) -> impl Iterator<Item = (usize, &T)> {
        let first = position / Self::PIECE;
        let pieces = self.pieces.get(first..).unwrap_or_default().iter();
        let elements = pieces.flat_map(|piece| piece.iter());
        let skipped = position - first * Self::PIECE;
        elements
            .enumerate()
            .skip(skipped)
            .map(move |(number, element)| (first * Self::PIECE + number, element))
    }

    /// Returns the position of the first element for which this does not hold. It has to hold for all before it.
    pub fn partition_point(&self, mut holds: impl FnMut(&T) -> bool) -> usize {
        let pieces = self
            .pieces
            .partition_point(|piece| piece.first().is_some_and(&mut holds));
        let Some(last) = pieces.checked_sub(1) else {
            return 0;
        };
        let within = self
            .pieces
            .get(last)
            .map_or(0, |piece| piece.partition_point(&mut holds));
        last * Self::PIECE + within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_stays_as_it_was() {
        let mut list = List::default();
        for number in 0..20_000_u32 {
            assert_eq!(list.push(number), number as usize);
        }
        let before = list.clone();
        list.change(10, |element| *element = 0);
        list.push(20_000);
        assert_eq!((before.len(), before.get(10)), (20_000, Some(&10)));
        assert_eq!((list.len(), list.get(10)), (20_001, Some(&0)));
        assert_eq!(list.get(20_001), None);
    }

    #[test]
    fn elements_are_found_across_pieces() {
        let mut list = List::default();
        assert_eq!(list.partition_point(|_| true), 0);
        for number in 0..20_000_u32 {
            list.push(number);
        }
        for wanted in [0, 1, 8_191, 8_192, 8_193, 19_999, 20_000, 30_000] {
            let found = list.partition_point(|element| *element < wanted);
            assert_eq!(found, wanted.min(20_000) as usize);
            assert_eq!(
                list.from(found).next().map(|(position, _)| position),
                (found < 20_000).then_some(found)
            );
        }
        assert_eq!(
            list.from(8_190)
                .take(4)
                .map(|(_, element)| *element)
                .collect::<Vec<_>>(),
            [8_190, 8_191, 8_192, 8_193]
        );
    }
}
