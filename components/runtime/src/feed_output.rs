//! The feed on standard output.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use feed::{Event, Frame, Stamped};
use protocol::Time;

use crate::Clock;
use crate::output_thread::OutputThread;
use crate::retained::{Merged, Retained, Subject};

/// Writes events to standard output if the component was started with `--feed`; otherwise does nothing.
///
/// It never blocks. What does not fit into its queue is treated by importance: messages are dropped and counted;
/// pixels are refused, so that the caller sends them again later ([`Self::try_pixels`]); for states that have
/// changed several times, the latest is kept for later; everything else has additional room.
pub struct FeedOutput {
    clock: Clock,
    output: Option<OutputThread>,
    dropped: Cell<u64>,
    retained: RefCell<Retained>,
    /// When there may be room again for the retained events.
    retry_at: Cell<Time>,
    /// When to check whether a sign of life is due.
    beat_at: Cell<Time>,
    /// Whether anything has been written since the last check.
    spoke: Cell<bool>,
    /// The frames for tests.
    recorded: Option<Rc<RefCell<Vec<Frame>>>>,
}

/// The maximum number of queued bytes for messages, pixels and states.
const SOFT_LIMIT: usize = 1 << 20;
/// The maximum number of queued bytes for everything else.
const HARD_LIMIT: usize = 8 << 20;
/// How long to wait before checking for room again.
const RETRY: Duration = Duration::from_millis(50);
/// How often to check whether a sign of life is due.
const BEAT: Duration = Duration::from_secs(1);

impl FeedOutput {
    /// The maximum number of bytes of a message in a frame; its `size` is that of the whole message.
    pub const MESSAGE_BYTES: usize = 2048;

    /// Creates a feed that discards everything.
    #[must_use]
    pub fn disabled(clock: Clock) -> Self {
        Self {
            clock,
            output: None,
            dropped: Cell::new(0),
            retained: RefCell::default(),
            retry_at: Cell::new(Time::ZERO),
            beat_at: Cell::new(Time::ZERO),
            spoke: Cell::new(false),
            recorded: None,
        }
    }

    /// Creates a feed that keeps every frame in memory, for tests.
    #[must_use]
    pub fn recording(clock: Clock) -> Self {
        Self {
            recorded: Some(Rc::default()),
            ..Self::disabled(clock)
        }
    }

    /// Creates a feed that writes to standard output.
    ///
    /// # Errors
    /// Returns an error if the writing thread cannot be started.
    pub fn standard_output(clock: Clock) -> std::io::Result<Self> {
        Ok(Self {
            output: Some(OutputThread::spawn("feed", std::io::stdout())?),
            ..Self::disabled(clock)
        })
    }

    /// Returns whether the feed may have a reader; if not, events need not be composed.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        self.output.is_some() || self.recorded.is_some()
    }

    /// Writes an event that happens now.
    pub fn emit(&self, event: Event) {
        if self.is_enabled() {
            self.emit_at(self.clock.now(), event);
        }
    }

    /// Writes an event that happened at `time`.
    pub fn emit_at(&self, time: Time, event: Event) {
        if !self.is_enabled() {
            return;
        }
        self.send_retained();
        let merged = self.retained.borrow_mut().merge(self.stamped(time, event));
        match merged {
            Merged::Superseded(events) => self.dropped.set(self.dropped.get() + events),
            Merged::News(stamped) => match Subject::of(&stamped.event) {
                Some(subject) => {
                    if let Some(stamped) = self.push(stamped, Vec::new(), subject.limit()) {
                        self.retained.borrow_mut().insert(subject, stamped);
                        self.retry_at.set(time + RETRY);
                    }
                }
                None => self.push_or_count(stamped, Vec::new(), HARD_LIMIT),
            },
        }
    }

    /// Writes an event that happened at `time`, with its bytes. Returns false if there is no room even for important events.
    #[must_use]
    pub fn try_emit_with(&self, time: Time, event: Event, bytes: Vec<u8>) -> bool {
        self.push(self.stamped(time, event), bytes, HARD_LIMIT).is_none()
    }

    /// Writes a message, or counts it as dropped.
    pub fn message(&self, time: Time, event: Event, bytes: &[u8]) {
        self.send_retained();
        let shown = bytes.get(..Self::MESSAGE_BYTES).unwrap_or(bytes);
        self.push_or_count(self.stamped(time, event), shown.to_vec(), SOFT_LIMIT);
    }

    /// Writes pixels. Returns false if there is no room; the caller then tries again later.
    #[must_use]
    pub fn try_pixels(&self, time: Time, event: Event, bytes: Vec<u8>) -> bool {
        !self.is_full() && self.push(self.stamped(time, event), bytes, HARD_LIMIT).is_none()
    }

    /// Returns when to call [`Self::handle_timeout`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Time> {
        (!self.retained.borrow().is_empty()).then(|| self.retry_at.get())
    }

    /// Writes the retained events as far as there is room.
    pub fn handle_timeout(&self, now: Time) {
        if now >= self.retry_at.get() {
            self.retry_at.set(now + RETRY);
            self.send_retained();
        }
    }

    /// Returns when to call [`Self::handle_beat`]; `None` if nobody listens.
    #[must_use]
    pub fn poll_beat(&self) -> Option<Time> {
        self.output.is_some().then(|| self.beat_at.get())
    }

    /// Writes a sign of life if nothing has been written for a while.
    pub fn handle_beat(&self, now: Time) {
        if now < self.beat_at.get() {
            return;
        }
        self.beat_at.set(now + BEAT);
        if !self.spoke.get() {
            // Without room there is enough to read anyway.
            let _ = self.push(self.stamped(now, Event::Beat), Vec::new(), SOFT_LIMIT);
        }
        self.spoke.set(false);
    }

    /// Returns whether messages are being dropped.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.output
            .as_ref()
            .is_some_and(|output| output.queued_bytes() >= SOFT_LIMIT)
    }

    /// Waits until everything is written, for at most `patience`.
    pub fn flush(&self, patience: Duration) {
        if let Some(output) = &self.output {
            output.flush(patience);
        }
    }

    /// Takes the frames of a [`Self::recording`] feed.
    #[must_use]
    pub fn take_recorded(&self) -> Vec<Frame> {
        self.recorded
            .as_ref()
            .map(|recorded| recorded.take())
            .unwrap_or_default()
    }

    /// Returns another handle to the same recording.
    #[must_use]
    pub fn recording_handle(&self) -> Self {
        Self {
            recorded: self.recorded.clone(),
            ..Self::disabled(self.clock.clone())
        }
    }

    fn stamped(&self, time: Time, event: Event) -> Stamped {
        Stamped {
            at: self.clock.stamp(time),
            event,
        }
    }

    /// Writes the retained events as far as there is room.
    fn send_retained(&self) {
        let mut retained = self.retained.borrow_mut();
        while !self.is_full()
            && let Some((subject, stamped)) = retained.take_first()
        {
            if let Some(stamped) = self.push(stamped, Vec::new(), subject.limit()) {
                return retained.insert(subject, stamped);
            }
        }
    }

    fn push_or_count(&self, stamped: Stamped, bytes: Vec<u8>, limit: usize) {
        if self.push(stamped, bytes, limit).is_some() {
            self.dropped.set(self.dropped.get() + 1);
        }
    }

    /// Queues an event, preceded by the number of events dropped before it. Returns the event if there is no room.
    fn push(&self, stamped: Stamped, bytes: Vec<u8>, limit: usize) -> Option<Stamped> {
        if let Some(recorded) = &self.recorded {
            recorded.borrow_mut().push(Frame { stamped, bytes });
            return None;
        }
        let Some(output) = &self.output else {
            return None;
        };
        let mut piece = Vec::new();
        let dropped = self.dropped.get();
        if dropped > 0 {
            let stamped = Stamped {
                at: stamped.at,
                event: Event::Dropped { events: dropped },
            };
            let bytes = Vec::new();
            piece = Frame { stamped, bytes }.encode();
        }
        let frame = Frame { stamped, bytes };
        piece.append(&mut frame.encode());
        if !output.try_push(piece, limit) {
            return Some(frame.stamped);
        }
        self.dropped.set(0);
        self.spoke.set(true);
        None
    }
}

impl Subject {
    /// Returns the maximum number of queued bytes for an event of this subject.
    const fn limit(self) -> usize {
        if self.is_repeated() {
            SOFT_LIMIT
        } else {
            HARD_LIMIT
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::Write;
    use std::sync::mpsc;

    use feed::{Decoder, Direction, Home, Registration, Status, TransportAddress};

    use super::*;

    /// Blocks writes until the other end of `released` is gone.
    struct HeldWriter {
        released: mpsc::Receiver<()>,
        written: mpsc::Sender<Vec<u8>>,
    }

    impl Write for HeldWriter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let _ = self.released.recv();
            let _ = self.written.send(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn message() -> Event {
        Event::Message {
            direction: Direction::Sent,
            association: None,
            remote: TransportAddress {
                addresses: Vec::new(),
                port: 1,
            },
            ppid: wire::Ppid::ASAP,
            name: "ASAP_COOKIE".into(),
            summary: String::new(),
            size: 2048,
        }
    }

    /// Returns a feed that is not read while the sender exists, and what is read from it after that.
    fn held() -> (FeedOutput, mpsc::Sender<()>, mpsc::Receiver<Vec<u8>>) {
        let (release, released) = mpsc::channel();
        let (written, seen) = mpsc::channel();
        let writer = HeldWriter { released, written };
        let output = FeedOutput {
            output: Some(OutputThread::spawn("test", writer).unwrap()),
            ..FeedOutput::disabled(Clock::start())
        };
        (output, release, seen)
    }

    fn frames(seen: &mpsc::Receiver<Vec<u8>>) -> Vec<Frame> {
        let mut decoder = Decoder::default();
        while let Ok(bytes) = seen.try_recv() {
            decoder.extend(&bytes);
        }
        std::iter::from_fn(|| decoder.next_frame().unwrap()).collect()
    }

    #[test]
    fn a_full_queue_leaves_out_messages_counts_them_and_keeps_the_rest() {
        let (output, release, seen) = held();
        let bytes = [7; 4096];
        let mut sent = 0;
        while !output.is_full() && output.dropped.get() == 0 {
            output.message(Time::ZERO, message(), &bytes);
            sent += 1;
        }
        for _ in 0..9 {
            output.message(Time::ZERO, message(), &bytes);
        }
        let left_out = output.dropped.get();
        assert!((9..=10).contains(&left_out));
        output.emit(Event::Problem { text: "kept".into() });
        drop(release);
        output.flush(Duration::from_secs(60));

        let frames = frames(&seen);
        assert!(
            frames
                .iter()
                .all(|frame| frame.bytes.len() <= FeedOutput::MESSAGE_BYTES)
        );
        let mut events: Vec<Event> = frames.into_iter().map(|frame| frame.stamped.event).collect();
        let last = events.split_off(events.len() - 2);
        assert_eq!(
            last,
            [
                Event::Dropped { events: left_out },
                Event::Problem { text: "kept".into() }
            ]
        );
        assert_eq!(events.len() as u64, sent + 9 - left_out);
    }

    #[test]
    fn a_feed_without_news_is_not_silent_for_two_seconds() {
        let (output, release, seen) = held();
        drop(release);
        let at = |milliseconds| Time::from_origin(Duration::from_millis(milliseconds));
        output.handle_beat(output.poll_beat().unwrap());
        output.handle_beat(at(999));
        output.emit_at(at(1_000), Event::Problem { text: "news".into() });
        output.handle_beat(at(1_001));
        assert_eq!(output.poll_beat(), Some(at(2_001)));
        output.handle_beat(at(2_001));
        output.handle_beat(at(3_001));
        output.flush(Duration::from_secs(60));
        let events: Vec<Event> = frames(&seen)
            .into_iter()
            .map(|frame| frame.stamped.event)
            .collect();
        let news = Event::Problem { text: "news".into() };
        assert_eq!(events, [Event::Beat, news, Event::Beat, Event::Beat]);
        assert_eq!(FeedOutput::disabled(Clock::start()).poll_beat(), None);
    }

    #[test]
    fn how_things_stand_is_known_in_the_end_however_long_nobody_reads() {
        let (output, release, seen) = held();
        let end = || TransportAddress {
            addresses: Vec::new(),
            port: 1,
        };
        let up = |association: u64| Event::AssociationUp {
            association: association.into(),
            protocol: feed::Protocol::Asap,
            local: end(),
            remote: end(),
            inbound: false,
            peer: None,
        };
        let down = |association: u64| Event::AssociationDown {
            association: association.into(),
            remote: end(),
            cause: feed::DownCause::Timeout,
        };
        let status = |sessions| Event::Status {
            ready: true,
            status: Status::PoolElement {
                registration: Registration::Registered {
                    home: Home::At(TransportAddress {
                        addresses: vec![std::net::IpAddr::from([127, 0, 0, 1]); 64],
                        port: 1,
                    }),
                },
                sessions,
            },
        };
        output.emit_at(Time::ZERO, up(1));
        let mut emitted = 1;
        for number in 0..10_000 {
            output.emit_at(Time::ZERO, status(number));
            output.emit_at(Time::ZERO, up(10 + u64::from(number)));
            output.emit_at(Time::ZERO, down(10 + u64::from(number)));
            output.emit_at(
                Time::ZERO,
                Event::Problem {
                    text: "x".repeat(500),
                },
            );
            emitted += 4;
        }
        output.emit_at(Time::ZERO, down(1));
        output.emit_at(Time::ZERO, up(2));
        emitted += 2;
        assert!(output.output.as_ref().unwrap().queued_bytes() <= HARD_LIMIT);
        drop(release);
        output.flush(Duration::from_secs(60));
        let mut now = Time::ZERO;
        while let Some(due) = output.poll_timeout() {
            now = now.max(due);
            output.handle_timeout(now);
            output.flush(Duration::from_secs(60));
        }

        let (mut associations, mut last, mut told) = (BTreeSet::new(), None, 0);
        for frame in frames(&seen) {
            told += 1;
            match frame.stamped.event {
                Event::AssociationUp { association, .. } => assert!(associations.insert(association)),
                Event::AssociationDown { association, .. } => assert!(associations.remove(&association)),
                event @ Event::Status { .. } => last = Some(event),
                Event::Dropped { events } => told += events - 1,
                _ => {}
            }
        }
        assert_eq!(associations, BTreeSet::from([2.into()]));
        assert_eq!(last, Some(status(9_999)));
        assert_eq!(told, emitted, "nobody is told how much was left out");
    }
}
