//! The picture of a pool user while it arrives.

mod record;

use std::ops::Range;
use std::time::Duration;

use events::pool_user::SessionId;
use serde::{Deserialize, Serialize};
use wire::PeIdentifier;

use crate::{FailoverKey, Request, Shared};

/// A picture: iteration counts, so that it can be recoloured without computing it again, and who computed each
/// pixel.
#[derive(Debug, Clone)]
pub struct Canvas {
    /// The sequence number of the picture at its pool user.
    pub image: u32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The value of pixels that never escape.
    pub max_iterations: u32,
    /// What was requested, if the pool user told.
    pub request: Option<Request>,
    /// Iteration counts in reading order, as they arrived; meaningless where `computed_by` is 0. A pool element may
    /// send more than `max_iterations`.
    pub iterations: Shared<Vec<u32>>,
    /// Who computed each pixel: 0 for nobody yet, otherwise an index into `pool_elements` plus 1.
    pub computed_by: Shared<Vec<u8>>,
    /// Identifiers of the pool elements that computed pixels of this picture, in order of appearance.
    pub pool_elements: Vec<PeIdentifier>,
    /// The points where failovers took over.
    pub marks: Vec<Mark>,
    /// The number of pixels that have arrived.
    pub done: u32,
    /// The result of the picture, once it has ended.
    pub completed: Option<Completed>,
    /// Rows that changed since the view last took them.
    pub dirty: DirtyRows,
    /// Pool elements that sessions of this picture left and whose successors have not drawn yet, in failover order.
    left: Vec<Left>,
}

/// The point where a failover took over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Column of the first pixel by the next pool element.
    pub x: u32,
    /// Row of that pixel.
    pub y: u32,
    /// The failover.
    pub failover: FailoverKey,
}

/// A pool element that a session left.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Left {
    session: SessionId,
    pe_identifier: PeIdentifier,
    /// The pool element that took over, once it has sent data.
    next: Option<PeIdentifier>,
    failover: FailoverKey,
}

/// The result of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completed {
    /// Time from the request to the last pixel.
    pub duration: Duration,
    /// Pixels that no pool element sent.
    pub missing: u64,
    /// Pixels that the pool user received but could not write to its feed; they are not shown.
    pub left_out: u64,
    /// Pixels that are wrong, once the pool user has compared the picture.
    pub wrong: Option<u64>,
}

/// The smallest range of rows that contains all changed rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirtyRows(pub Option<Range<u32>>);

impl DirtyRows {
    /// Adds rows to the range.
    pub(crate) fn add(&mut self, rows: Range<u32>) {
        self.0 = Some(match self.0.take() {
            Some(known) => known.start.min(rows.start)..known.end.max(rows.end),
            None => rows,
        });
    }

    /// Returns the range and resets it.
    pub fn take(&mut self) -> Option<Range<u32>> {
        self.0.take()
    }
}

/// Where pixels belong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) image: u32,
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) tile_x: u32,
    pub(crate) tile_width: u32,
    pub(crate) session: SessionId,
    pub(crate) pe_identifier: PeIdentifier,
}

impl Canvas {
    /// The maximum number of pixels in a picture that is shown.
    pub const PIXELS: u32 = scenario::MAX_PICTURE_PIXELS;
    /// The maximum number of failovers waiting for their successor's pixels, and of marks that are kept.
    const MARKS: usize = 1_000;

    /// Creates an empty picture. Returns `None` if its size is 0 or too large.
    #[must_use]
    pub fn new(image: u32, width: u32, height: u32, max_iterations: u32) -> Option<Self> {
        let pixels = width
            .checked_mul(height)
            .filter(|pixels| (1..=Self::PIXELS).contains(pixels))?;
        Some(Self {
            image,
            width,
            height,
            max_iterations,
            request: None,
            iterations: vec![0; pixels as usize].into(),
            computed_by: vec![0; pixels as usize].into(),
            pool_elements: Vec::new(),
            marks: Vec::new(),
            done: 0,
            completed: None,
            dirty: DirtyRows(Some(0..height)),
            left: Vec::new(),
        })
    }

    /// A session of this picture left a pool element.
    pub(crate) fn leave(&mut self, session: SessionId, pe_identifier: PeIdentifier, failover: FailoverKey) {
        if self.left.len() < Self::MARKS {
            self.left.push(Left {
                session,
                pe_identifier,
                next: None,
                failover,
            });
        }
    }

    /// A session's failover completed. The first pixels of the next pool element may still be in transit.
    pub(crate) fn taken_over(&mut self, failover: FailoverKey, next: PeIdentifier) {
        for left in self.left.iter_mut().filter(|left| left.failover == failover) {
            left.next = Some(next);
        }
        // A pool element that succeeds itself leaves no mark.
        self.left.retain(|left| left.next != Some(left.pe_identifier));
    }

    /// Draws pixels: big-endian values in reading order within their tile. Returns false, and draws nothing, if any
    /// of them lies outside the picture.
    #[must_use]
    pub(crate) fn draw(&mut self, place: Place, bytes: &[u8]) -> bool {
        let (values, rest) = bytes.as_chunks::<4>();
        let Some(right) = place.tile_x.checked_add(place.tile_width) else {
            return false;
        };
        if place.image != self.image
            || !rest.is_empty()
            || values.is_empty()
            || right > self.width
            || !(place.tile_x..right).contains(&place.x)
            || place.y >= self.height
        {
            return false;
        }
        let first_row = u64::from(right - place.x);
        let room = first_row + u64::from(self.height - place.y - 1) * u64::from(place.tile_width);
        if values.len() as u64 > room {
            return false;
        }
        self.mark_takeover(place, right);
        let by = self.number_of(place.pe_identifier);
        let (mut x, mut y, mut values) = (place.x, place.y, values);
        while !values.is_empty() {
            let count = values.len().min((right - x) as usize);
            let (row, later) = values.split_at(count);
            let start = (y * self.width + x) as usize;
            // Checked above: all rows are inside the picture.
            let iterations = &mut self.iterations[start..start + count];
            let computed_by = &mut self.computed_by[start..start + count];
            for ((value, iterations), computed_by) in row.iter().zip(iterations).zip(computed_by) {
                *iterations = u32::from_be_bytes(*value);
                self.done += u32::from(*computed_by == 0);
                *computed_by = by;
            }
            values = later;
            x = place.tile_x;
            y += 1;
        }
        self.dirty.add(place.y..y);
        true
    }

    /// Adds a mark if a pool element continues here where its predecessor stopped: the preceding pixel, or this one
    /// if it is computed again, is by the predecessor.
    fn mark_takeover(&mut self, place: Place, right: u32) {
        let of_session = || self.left.iter().filter(|left| left.session == place.session);
        // Pixels may arrive after the report of the failovers: those of the pool element that was left, and those of
        // a successor that has been left as well.
        let Some(&first) = of_session()
            .next()
            .filter(|left| left.pe_identifier != place.pe_identifier)
        else {
            return;
        };
        let ended = of_session().find(|left| left.next.is_none_or(|next| next == place.pe_identifier));
        let failover = ended
            .or_else(|| of_session().next_back())
            .map_or(first.failover, |left| left.failover);
        self.left
            .retain(|left| left.session != place.session || left.failover > failover);
        let before = if place.x > place.tile_x {
            Some((place.x - 1, place.y))
        } else {
            place.y.checked_sub(1).map(|above| (right - 1, above))
        };
        let at = |(x, y): (u32, u32)| {
            let by = self.computed_by[(y * self.width + x) as usize];
            let drawn_by = self.pool_elements.get(usize::from(by).wrapping_sub(1));
            drawn_by == Some(&first.pe_identifier)
        };
        if (before.is_some_and(at) || at((place.x, place.y))) && self.marks.len() < Self::MARKS {
            self.marks.push(Mark {
                x: place.x,
                y: place.y,
                failover,
            });
        }
    }

    /// Returns the number of a pool element in `computed_by`. From the 255th on, all share the last number.
    fn number_of(&mut self, pe_identifier: PeIdentifier) -> u8 {
        let known = self
            .pool_elements
            .iter()
            .position(|known| *known == pe_identifier);
        let index = known.unwrap_or_else(|| {
            if self.pool_elements.len() < usize::from(u8::MAX) {
                self.pool_elements.push(pe_identifier);
            }
            self.pool_elements.len() - 1
        });
        u8::try_from(index + 1).unwrap_or(u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(values: &[u32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_be_bytes()).collect()
    }

    /// Places pixels in the first session.
    fn place(x: u32, y: u32, tile_x: u32, tile_width: u32, pe_identifier: u32) -> Place {
        Place {
            image: 1,
            x,
            y,
            tile_x,
            tile_width,
            session: SessionId(1),
            pe_identifier: PeIdentifier(pe_identifier),
        }
    }

    /// Moves a place to the second session.
    fn of_second(place: Place) -> Place {
        Place {
            session: SessionId(2),
            ..place
        }
    }

    fn mark(x: u32, y: u32, failover: u64) -> Mark {
        Mark {
            x,
            y,
            failover: FailoverKey(failover),
        }
    }

    fn canvas() -> Canvas {
        Canvas::new(1, 6, 4, 100).unwrap()
    }

    #[test]
    fn pixels_run_on_within_their_tile() {
        let mut canvas = canvas();
        canvas.dirty.take();
        assert!(canvas.draw(place(4, 1, 3, 3, 7), &pixels(&[1, 2, 3, 4, 5])));
        assert_eq!(canvas.iterations[6..18], [0, 0, 0, 0, 1, 2, 0, 0, 0, 3, 4, 5]);
        assert_eq!(canvas.done, 5);
        assert_eq!(canvas.dirty.take(), Some(1..3));
        assert_eq!(canvas.dirty.take(), None);
    }

    #[test]
    fn pixels_that_come_twice_count_once() {
        let mut canvas = canvas();
        assert!(canvas.draw(place(0, 0, 0, 6, 7), &pixels(&[1, 2])));
        assert!(canvas.draw(place(1, 0, 0, 6, 8), &pixels(&[2, 3])));
        assert_eq!(canvas.done, 3);
        assert_eq!(canvas.computed_by[..3], [1, 2, 2]);
    }

    #[test]
    fn what_is_outside_the_picture_is_refused_as_a_whole() {
        let mut canvas = canvas();
        canvas.dirty.take();
        let refused = [
            (place(0, 0, 0, 7, 1), pixels(&[1])),
            (place(0, 0, 0, 0, 1), pixels(&[1])),
            (place(0, 4, 0, 6, 1), pixels(&[1])),
            (place(2, 0, 3, 3, 1), pixels(&[1])),
            (place(u32::MAX, 0, u32::MAX, 1, 1), pixels(&[1])),
            (place(1, 0, 1, u32::MAX, 1), pixels(&[1])),
            (place(5, 3, 3, 3, 1), pixels(&[1, 2])),
            (place(0, 0, 0, 6, 1), pixels(&[0; 25])),
            (place(0, 0, 0, 6, 1), vec![0; 5]),
            (place(0, 0, 0, 6, 1), Vec::new()),
            (
                Place {
                    image: 2,
                    ..place(0, 0, 0, 6, 1)
                },
                pixels(&[1]),
            ),
        ];
        for (place, bytes) in refused {
            assert!(!canvas.draw(place, &bytes), "{place:?}");
        }
        assert_eq!((canvas.done, canvas.dirty.take()), (0, None));
        assert!(canvas.draw(place(0, 0, 0, 6, 1), &pixels(&[0; 24])));
    }

    #[test]
    fn absurd_sizes_are_refused() {
        for (width, height) in [
            (0, 5),
            (5, 0),
            (u32::MAX, u32::MAX),
            (65_536, 65_536),
            (4096, 4096),
        ] {
            assert!(Canvas::new(1, width, height, 1).is_none(), "{width} x {height}");
        }
    }

    #[test]
    fn a_takeover_is_marked_where_the_next_pool_element_goes_on() {
        let mut canvas = canvas();
        assert!(canvas.draw(place(0, 0, 0, 3, 7), &pixels(&[1, 1, 1, 1])));
        assert!(canvas.draw(of_second(place(3, 0, 3, 3, 8)), &pixels(&[1, 1])));
        canvas.leave(SessionId(1), PeIdentifier(7), FailoverKey(4));
        // The other session of the picture continues and leaves no mark.
        assert!(canvas.draw(of_second(place(5, 0, 3, 3, 8)), &pixels(&[1, 1])));
        assert!(canvas.draw(place(1, 1, 0, 3, 8), &pixels(&[1])));
        assert!(canvas.draw(place(2, 1, 0, 3, 8), &pixels(&[1])));
        assert_eq!(canvas.marks, [mark(1, 1, 4)]);
    }

    #[test]
    fn a_takeover_without_cookie_is_marked_at_the_start() {
        let mut canvas = canvas();
        assert!(canvas.draw(place(0, 0, 0, 6, 7), &pixels(&[1, 1, 1, 1])));
        canvas.leave(SessionId(1), PeIdentifier(7), FailoverKey(0));
        assert!(canvas.draw(place(0, 0, 0, 6, 8), &pixels(&[1])));
        assert_eq!(canvas.marks, [mark(0, 0, 0)]);
    }

    #[test]
    fn sessions_that_leave_the_same_pool_element_mark_their_own_failovers() {
        let mut canvas = canvas();
        assert!(canvas.draw(place(0, 0, 0, 3, 7), &pixels(&[1])));
        assert!(canvas.draw(of_second(place(3, 0, 3, 3, 7)), &pixels(&[1])));
        canvas.leave(SessionId(1), PeIdentifier(7), FailoverKey(0));
        canvas.leave(SessionId(2), PeIdentifier(7), FailoverKey(1));
        assert!(canvas.draw(of_second(place(4, 0, 3, 3, 8)), &pixels(&[1])));
        assert!(canvas.draw(place(1, 0, 0, 3, 8), &pixels(&[1])));
        assert_eq!(canvas.marks, [mark(4, 0, 1), mark(1, 0, 0)]);
    }

    #[test]
    fn a_pool_element_that_follows_itself_leaves_no_mark() {
        let mut canvas = canvas();
        assert!(canvas.draw(place(0, 0, 0, 6, 7), &pixels(&[1])));
        canvas.leave(SessionId(1), PeIdentifier(7), FailoverKey(0));
        canvas.taken_over(FailoverKey(0), PeIdentifier(7));
        assert!(canvas.draw(place(1, 0, 0, 6, 7), &pixels(&[1])));
        canvas.leave(SessionId(1), PeIdentifier(7), FailoverKey(1));
        assert!(canvas.draw(place(2, 0, 0, 6, 8), &pixels(&[1])));
        assert_eq!(canvas.marks, [mark(2, 0, 1)]);
    }

    #[test]
    fn pixels_that_are_told_late_mark_the_failover_that_they_end() {
        let mut canvas = canvas();
        assert!(canvas.draw(place(0, 0, 0, 6, 7), &pixels(&[1])));
        canvas.leave(SessionId(1), PeIdentifier(7), FailoverKey(0));
        canvas.taken_over(FailoverKey(0), PeIdentifier(8));
        canvas.leave(SessionId(1), PeIdentifier(8), FailoverKey(1));
        assert!(canvas.draw(place(1, 0, 0, 6, 7), &pixels(&[1])));
        assert!(canvas.draw(place(2, 0, 0, 6, 8), &pixels(&[1])));
        assert!(canvas.draw(place(3, 0, 0, 6, 9), &pixels(&[1])));
        assert_eq!(canvas.marks, [mark(2, 0, 0), mark(3, 0, 1)]);
    }

    #[test]
    fn more_pool_elements_than_numbers_do_no_harm() {
        let mut canvas = canvas();
        for pe_identifier in 0..400 {
            assert!(canvas.draw(place(0, 0, 0, 6, pe_identifier), &pixels(&[1])));
        }
        assert_eq!(canvas.pool_elements.len(), 255);
        assert_eq!(canvas.computed_by[0], 255);
    }
}
