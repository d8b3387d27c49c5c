//! Tells the feed of pixels, and of those again that found no room.

use std::time::Duration;

use feed::Event;
use fractal::image::Image;
use protocol::Time;
use protocol::pool_user::SessionId;
use runtime::FeedOutput;
use wire::PeIdentifier;
use wire::fractal_generator::Data;

/// Pixels of a picture on their way to the feed. None is missing in the end: what found no room is told from the
/// picture later.
#[derive(Debug)]
pub(crate) struct PixelTeller {
    /// The picture's number.
    number: u32,
    deferred: Vec<Span>,
    /// What is to be told once all pixels have been.
    afterwards: Vec<Event>,
    retry_at: Time,
}

/// Where pixels belong, and who computed them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    /// The session that asked for them.
    pub(crate) session: SessionId,
    /// The session's tile of the picture.
    pub(crate) tile: usize,
    /// The pool element that computed them.
    pub(crate) pe_identifier: PeIdentifier,
}

/// A run of pixels of a tile, from one pool element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    source: Source,
    first: u64,
    end: u64,
}

/// How long to wait until there may be room.
const RETRY: Duration = Duration::from_millis(50);
/// Pixels of one event.
const MOST_PIXELS: u64 = 4096;
/// Spans that are looked at for one to prolong: there is one for each session as a rule.
const RECENT: usize = 16;

impl PixelTeller {
    /// For the picture with this number.
    pub(crate) const fn new(number: u32) -> Self {
        Self {
            number,
            deferred: Vec::new(),
            afterwards: Vec::new(),
            retry_at: Time::ZERO,
        }
    }

    /// Tells of pixels that have just been put into the picture.
    pub(crate) fn tell(&mut self, now: Time, feed: &FeedOutput, image: &Image, data: &Data, source: Source) {
        let Some(width) = image.tiles().get(source.tile).map(|tile| tile.parameter.width) else {
            return;
        };
        if !feed.is_enabled() {
            return;
        }
        let first = u64::from(data.start_y) * u64::from(width) + u64::from(data.start_x);
        let span = Span {
            source,
            first,
            end: first + data.pixels.len() as u64,
        };
        if self.deferred.is_empty() && tell_span(now, feed, self.number, image, span) {
            return;
        }
        self.defer(span);
        self.retry_at = self.retry_at.max(now + RETRY);
    }

    /// Tells of an event after all pixels.
    pub(crate) fn tell_afterwards(&mut self, now: Time, feed: &FeedOutput, event: Event) {
        if self.deferred.is_empty() {
            feed.emit_at(now, event);
        } else {
            self.afterwards.push(event);
        }
    }

    /// Tries again to tell what found no room.
    pub(crate) fn handle_timeout(&mut self, now: Time, feed: &FeedOutput, image: &Image) {
        if now < self.retry_at {
            return;
        }
        self.retry_at = now + RETRY;
        while let Some(span) = self.deferred.first_mut() {
            let end = span.end.min(span.first + MOST_PIXELS);
            if !tell_span(now, feed, self.number, image, Span { end, ..*span }) {
                return;
            }
            span.first = end;
            if span.first == span.end {
                self.deferred.remove(0);
            }
        }
        for event in self.afterwards.drain(..) {
            feed.emit_at(now, event);
        }
    }

    /// When to call [`Self::handle_timeout`].
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        (!self.is_done()).then_some(self.retry_at)
    }

    /// Whether everything has been told.
    pub(crate) const fn is_done(&self) -> bool {
        self.deferred.is_empty() && self.afterwards.is_empty()
    }

    fn defer(&mut self, new: Span) {
        let mut recent = self.deferred.iter_mut().rev().take(RECENT);
        let prolonged = recent.find(|span| (span.source, span.end) == (new.source, new.first));
        match prolonged {
            Some(span) => span.end = new.end,
            None => self.deferred.push(new),
        }
    }
}

fn tell_span(now: Time, feed: &FeedOutput, number: u32, image: &Image, span: Span) -> bool {
    let Some(tile) = image.tiles().get(span.source.tile) else {
        return true;
    };
    let tile_width = u64::from(tile.parameter.width);
    // Within the picture, whose edges have 32 bits.
    let place = |position: u64| {
        let x = tile.x + (position % tile_width) as u32;
        let y = tile.y + (position / tile_width) as u32;
        (x, y)
    };
    let mut bytes = Vec::with_capacity(4 * (span.end - span.first) as usize);
    for position in span.first..span.end {
        let (x, y) = place(position);
        let index = y as usize * image.parameter().width as usize + x as usize;
        let value = image.values().get(index).copied().unwrap_or_default();
        bytes.extend_from_slice(&value.to_be_bytes());
    }
    let (x, y) = place(span.first);
    let event = Event::Pixels {
        image: number,
        x,
        y,
        tile_x: tile.x,
        tile_width: tile.parameter.width,
        session: span.source.session.0,
        pe_identifier: span.source.pe_identifier,
    };
    feed.try_pixels(now, event, bytes)
}

#[cfg(test)]
mod tests {
    use runtime::Clock;

    use super::*;
    use crate::{PictureArgs, Size};

    #[test]
    fn pixels_that_found_no_room_are_told_later_in_long_runs() {
        let feed = FeedOutput::recording(Clock::start());
        let size = Size {
            width: 20,
            height: 10,
        };
        let mut image = Image::new(&PictureArgs::default().parameter(size), 1).unwrap();
        let mut teller = PixelTeller::new(1);
        // As if the first message had found no room.
        let source = Source {
            session: SessionId(1),
            tile: 0,
            pe_identifier: PeIdentifier(7),
        };
        let message = |start_y| Data {
            start_x: 0,
            start_y,
            pixels: vec![start_y; 20],
        };
        image.place(0, &message(0), source.pe_identifier);
        teller.defer(Span {
            source,
            first: 0,
            end: 20,
        });
        for row in 1..10 {
            image.place(0, &message(row), source.pe_identifier);
            teller.tell(Time::ZERO, &feed, &image, &message(row), source);
        }
        let done = Event::Problem { text: "done".into() };
        teller.tell_afterwards(Time::ZERO, &feed, done.clone());
        assert!(feed.take_recorded().is_empty());
        let due = teller.poll_timeout().unwrap();
        teller.handle_timeout(due, &feed, &image);
        let frames = feed.take_recorded();
        assert!(teller.is_done());
        assert_eq!(frames.len(), 2);
        assert_eq!(frames[0].bytes.len(), 4 * 200);
        assert_eq!(frames[0].bytes[4 * 199 + 3], 9);
        assert_eq!(frames[1].stamped.event, done);
    }
}
