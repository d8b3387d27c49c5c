//! Writes a picture to the feed.

use std::ops::Range;
use std::time::Duration;

use feed::Event;
use fixedbitset::FixedBitSet;
use fractal::image::Image;
use protocol::Time;
use protocol::pool_user::SessionId;
use runtime::FeedOutput;
use wire::PeIdentifier;
use wire::fractal_generator::Data;

/// Writes a picture's pixels to the feed, and keeps track of those that found no room, to write them later.
///
/// A reader of the feed eventually sees every pixel. The pool user does not wait for that: pixels that are still
/// unwritten when it begins another picture are left out and counted.
#[derive(Debug)]
pub(crate) struct PictureFeed {
    /// The sequence number of the picture.
    number: u32,
    /// The sessions of its tiles.
    sessions: Vec<SessionId>,
    /// Pixels that have arrived but have not been written, by tile and position in the tile.
    owed: FixedBitSet,
    /// The number of those pixels.
    count: usize,
    /// The event to write before any pixel, with its bytes: readers ignore pixels of an unknown picture.
    beginning: Option<(Event, Vec<u8>)>,
    /// The event to write after all pixels.
    completion: Option<Completion>,
    retry_at: Time,
}

/// The end of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Completion {
    /// The time from the request to the last pixel.
    pub(crate) duration: Duration,
    /// The number of failovers during the picture.
    pub(crate) failovers: u32,
    /// Pixels that no pool element sent.
    pub(crate) missing: u64,
}

/// A run of pixels in a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    tile: usize,
    first: usize,
    end: usize,
    pe_identifier: PeIdentifier,
}

/// How long to wait before checking for room again.
const RETRY: Duration = Duration::from_millis(50);
/// The maximum number of pixels per event.
const MOST_PIXELS: usize = 4096;

impl PictureFeed {
    /// Creates the state for the picture with this number, the sessions of its tiles, and its first event
    /// with its bytes.
    pub(crate) fn new(number: u32, sessions: Vec<SessionId>, beginning: (Event, Vec<u8>)) -> Self {
        Self {
            number,
            sessions,
            beginning: Some(beginning),
            owed: FixedBitSet::new(),
            count: 0,
            completion: None,
            retry_at: Time::ZERO,
        }
    }

    /// Writes the beginning of the picture, or defers it.
    pub(crate) fn begin(&mut self, now: Time, feed: &FeedOutput) {
        if !self.write_beginning(now, feed) {
            self.retry_at = now + RETRY;
        }
    }

    /// Writes pixels that have just arrived, or defers them.
    pub(crate) fn write(
        &mut self,
        now: Time,
        feed: &FeedOutput,
        image: &Image,
        tile: usize,
        data: &Data,
        pe_identifier: PeIdentifier,
    ) {
        let Some(parameter) = image.tiles().get(tile).map(|tile| tile.parameter) else {
            return;
        };
        if !feed.is_enabled() || data.start_x >= parameter.width {
            return;
        }
        // A picture that is stored is small enough.
        let pixels = parameter.pixels() as usize;
        let first = data.start_y as usize * parameter.width as usize + data.start_x as usize;
        let end = (first + data.pixels.len()).min(pixels);
        if first >= end {
            return;
        }
        let span = Span {
            tile,
            first,
            end,
            pe_identifier,
        };
        if self.beginning.is_none() && self.count == 0 && self.write_span(now, feed, image, span) {
            return;
        }
        if self.is_done() {
            self.retry_at = now + RETRY;
        }
        let base = tile_base(image, tile);
        self.owe(base + first..base + end);
    }

    fn owe(&mut self, pixels: Range<usize>) {
        self.owed.grow(pixels.end);
        self.count += pixels.len() - self.owed.count_ones(pixels.clone());
        self.owed.insert_range(pixels);
    }

    /// The picture is complete, which is written to the feed after all its pixels.
    pub(crate) fn complete(&mut self, now: Time, feed: &FeedOutput, completion: Completion) {
        self.completion = Some(completion);
        if self.beginning.is_none() && self.count == 0 {
            self.write_completion(now, feed);
        }
    }

    /// Another picture begins: pixels that are still unwritten are left out.
    pub(crate) fn give_up(mut self, now: Time, feed: &FeedOutput) {
        // A reader that has not seen the picture by then need not learn about it.
        if self.write_beginning(now, feed) {
            self.write_completion(now, feed);
        }
    }

    /// Tries again to write what found no room.
    pub(crate) fn handle_timeout(&mut self, now: Time, feed: &FeedOutput, image: &Image) {
        if now < self.retry_at || self.is_done() {
            return;
        }
        self.retry_at = now + RETRY;
        if !self.write_beginning(now, feed) {
            return;
        }
        while let Some(first) = self.owed.minimum() {
            let Some(span) = self.owed_span(image, first) else {
                break;
            };
            if !self.write_span(now, feed, image, span) {
                return;
            }
            let written = first..first + (span.end - span.first);
            self.count -= written.len();
            self.owed.remove_range(written);
        }
        self.write_completion(now, feed);
    }

    /// Returns when to call [`Self::handle_timeout`].
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        (!self.is_done()).then_some(self.retry_at)
    }

    /// Returns whether everything has been written.
    pub(crate) const fn is_done(&self) -> bool {
        self.beginning.is_none() && self.count == 0 && self.completion.is_none()
    }

    /// Returns whether the beginning has been written.
    fn write_beginning(&mut self, now: Time, feed: &FeedOutput) -> bool {
        if let Some((event, bytes)) = &self.beginning
            && feed.try_emit_with(now, event.clone(), bytes.clone())
        {
            self.beginning = None;
        }
        self.beginning.is_none()
    }

    fn write_completion(&mut self, now: Time, feed: &FeedOutput) {
        if let Some(completion) = self.completion.take() {
            let event = Event::ImageCompleted {
                image: self.number,
                duration: completion.duration,
                failovers: completion.failovers,
                missing: completion.missing,
                left_out: self.count as u64,
            };
            feed.emit_at(now, event);
        }
    }

    /// Returns whether there was room.
    fn write_span(&self, now: Time, feed: &FeedOutput, image: &Image, span: Span) -> bool {
        let (Some(tile), Some(session)) = (image.tiles().get(span.tile), self.sessions.get(span.tile)) else {
            return true;
        };
        let tile_width = tile.parameter.width as usize;
        // Within the picture, whose dimensions have 32 bits.
        let place = |position: usize| {
            let x = tile.x + (position % tile_width) as u32;
            let y = tile.y + (position / tile_width) as u32;
            (x, y)
        };
        let mut bytes = Vec::with_capacity(4 * (span.end - span.first));
        for position in span.first..span.end {
            let (x, y) = place(position);
            let index = y as usize * image.parameter().width as usize + x as usize;
            let value = image.values().get(index).copied().unwrap_or_default();
            bytes.extend_from_slice(&value.to_be_bytes());
        }
        let (x, y) = place(span.first);
        let event = Event::Pixels {
            image: self.number,
            x,
            y,
            tile_x: tile.x,
            tile_width: tile.parameter.width,
            session: *session,
            pe_identifier: span.pe_identifier,
        };
        feed.try_pixels(now, event, bytes)
    }

    /// Returns the longest run of unwritten pixels from here that come from the same pool element.
    fn owed_span(&self, image: &Image, position: usize) -> Option<Span> {
        let mut base = 0;
        for (tile, of) in image.tiles().iter().enumerate() {
            let pixels = of.parameter.pixels() as usize;
            let first = position - base;
            if first >= pixels {
                base += pixels;
                continue;
            }
            let width = of.parameter.width as usize;
            let origin = |place: usize| {
                let (x, y) = (of.x + (place % width) as u32, of.y + (place / width) as u32);
                image.computed_by(x, y)
            };
            let from = origin(first)?;
            let end = (first..pixels.min(first + MOST_PIXELS))
                .find(|place| !self.owed.contains(base + place) || origin(*place) != Some(from))
                .unwrap_or(pixels.min(first + MOST_PIXELS));
            return Some(Span {
                tile,
                first,
                end,
                pe_identifier: image.pool_elements().get(from).copied()?,
            });
        }
        None
    }
}

/// Returns the number of pixels in all tiles before this one.
fn tile_base(image: &Image, tile: usize) -> usize {
    let before = image.tiles().iter().take(tile);
    before.map(|tile| tile.parameter.pixels() as usize).sum()
}

#[cfg(test)]
mod tests {
    use runtime::Clock;

    use super::*;
    use crate::{PictureArgs, Size};

    const COMPLETION: Completion = Completion {
        duration: Duration::from_micros(5),
        failovers: 1,
        missing: 0,
    };

    fn begun(feed: &FeedOutput) -> PictureFeed {
        let beginning = Event::ImageStarted {
            image: 1,
            width: 20,
            height: 10,
            max_iterations: 9,
            algorithm: String::new(),
            sessions: 1,
        };
        let mut picture = PictureFeed::new(1, vec![SessionId(1)], (beginning.clone(), vec![7]));
        picture.begin(Time::ZERO, feed);
        let told = feed.take_recorded().remove(0);
        assert_eq!((told.stamped.event, told.bytes), (beginning, vec![7]));
        picture
    }

    /// Returns a picture of 20 x 10 pixels in which each row contains its number, computed by `pe(row)`.
    fn image(pe: impl Fn(u32) -> u32) -> Image {
        let size = Size {
            width: 20,
            height: 10,
        };
        let mut image = Image::new(&PictureArgs::default().parameter(size, None), 1).unwrap();
        for row in 0..10 {
            image.place(0, &data(row), PeIdentifier(pe(row)));
        }
        image
    }

    fn data(start_y: u32) -> Data {
        Data {
            start_x: 0,
            start_y,
            pixels: vec![start_y; 20],
        }
    }

    /// Returns first row, pool element and number of pixels of each event with pixels.
    fn runs(feed: &FeedOutput) -> Vec<(u32, u32, usize)> {
        let frames = feed.take_recorded().into_iter();
        let runs = frames.filter_map(|frame| match frame.stamped.event {
            Event::Pixels { y, pe_identifier, .. } => {
                assert_eq!(frame.bytes[3], y as u8);
                Some((y, pe_identifier.0, frame.bytes.len() / 4))
            }
            _ => None,
        });
        runs.collect()
    }

    #[test]
    fn pixels_that_found_no_room_are_written_later_in_long_runs_before_the_completion() {
        let feed = FeedOutput::recording(Clock::start());
        let image = image(|_| 7);
        let mut picture = begun(&feed);
        picture.owe(0..20);
        for row in 1..10 {
            picture.write(Time::ZERO, &feed, &image, 0, &data(row), PeIdentifier(7));
        }
        picture.complete(Time::ZERO, &feed, COMPLETION);
        assert!(feed.take_recorded().is_empty());
        let due = picture.poll_timeout().unwrap();
        picture.handle_timeout(due, &feed, &image);
        assert!(picture.is_done());
        let frames = feed.take_recorded();
        assert_eq!(frames.len(), 2);
        assert_eq!(frames[0].bytes.len(), 4 * 200);
        assert_eq!(frames[0].bytes[4 * 199 + 3], 9);
        let completed = Event::ImageCompleted {
            image: 1,
            duration: Duration::from_micros(5),
            failovers: 1,
            missing: 0,
            left_out: 0,
        };
        assert_eq!(frames[1].stamped.event, completed);
    }

    #[test]
    fn a_run_has_one_origin_and_no_gap() {
        let feed = FeedOutput::recording(Clock::start());
        let image = image(|row| if row < 5 { 1 } else { 2 });
        let mut picture = begun(&feed);
        for rows in [8..9, 2..4, 3..7] {
            picture.owe(rows.start * 20..rows.end * 20);
        }
        picture.handle_timeout(Time::ZERO, &feed, &image);
        assert!(picture.is_done());
        assert_eq!(runs(&feed), [(2, 1, 60), (5, 2, 40), (8, 2, 20)]);
    }

    #[test]
    fn pixels_that_are_owed_when_another_picture_begins_are_counted_as_left_out() {
        let feed = FeedOutput::recording(Clock::start());
        let mut picture = begun(&feed);
        picture.owe(0..30);
        picture.owe(10..40);
        picture.complete(Time::ZERO, &feed, COMPLETION);
        picture.give_up(Time::ZERO, &feed);
        let frames = feed.take_recorded();
        assert!(matches!(
            frames[0].stamped.event,
            Event::ImageCompleted { left_out: 40, .. }
        ));
    }
}
