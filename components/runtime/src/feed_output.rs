//! The feed on standard output.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use feed::{Event, Frame, Stamped};
use protocol::Time;

use crate::Clock;
use crate::output_thread::OutputThread;

/// Writes events to standard output if the component was started with `--feed`, and nothing otherwise.
///
/// It never blocks. What does not fit into its queue is treated by importance: messages are left out and counted, pixels
/// are refused so that the caller sends them again later ([`Self::try_pixels`]), everything else gets extra room.
pub struct FeedOutput {
    clock: Clock,
    output: Option<OutputThread>,
    dropped: Cell<u64>,
    /// What tests look at.
    recorded: Option<Rc<RefCell<Vec<Frame>>>>,
}

/// Bytes that may wait before messages and pixels are held back.
const SOFT_LIMIT: usize = 1 << 20;
/// Bytes that may wait before anything is left out.
const HARD_LIMIT: usize = 8 << 20;

impl FeedOutput {
    /// Bytes of a message that a frame carries at most; its `size` tells the true length.
    pub const MESSAGE_BYTES: usize = 2048;

    /// A feed that goes nowhere.
    #[must_use]
    pub const fn disabled(clock: Clock) -> Self {
        Self {
            clock,
            output: None,
            dropped: Cell::new(0),
            recorded: None,
        }
    }

    /// A feed that keeps every frame in memory, for tests.
    #[must_use]
    pub fn recording(clock: Clock) -> Self {
        Self {
            clock,
            output: None,
            dropped: Cell::new(0),
            recorded: Some(Rc::default()),
        }
    }

    /// A feed on standard output.
    ///
    /// # Errors
    /// When the thread that writes cannot be started.
    pub fn standard_output(clock: Clock) -> std::io::Result<Self> {
        Ok(Self {
            output: Some(OutputThread::spawn("feed", std::io::stdout())?),
            ..Self::disabled(clock)
        })
    }

    /// Whether anybody may be reading; if not, events need not be composed.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        self.output.is_some() || self.recorded.is_some()
    }

    /// Tells of something that happens now.
    pub fn emit(&self, event: Event) {
        if self.is_enabled() {
            self.emit_at(self.clock.now(), event);
        }
    }

    /// Tells of something that happened at `time`.
    pub fn emit_at(&self, time: Time, event: Event) {
        self.push(time, event, Vec::new(), HARD_LIMIT);
    }

    /// Tells of a message, or counts it as left out.
    pub fn message(&self, time: Time, event: Event, bytes: &[u8]) {
        let shown = bytes.get(..Self::MESSAGE_BYTES).unwrap_or(bytes);
        self.push(time, event, shown.to_vec(), SOFT_LIMIT);
    }

    /// Tells of pixels, unless there is no room: then says so, and the caller tells of them later.
    #[must_use]
    pub fn try_pixels(&self, time: Time, event: Event, bytes: Vec<u8>) -> bool {
        if self.is_full() {
            return false;
        }
        self.push(time, event, bytes, HARD_LIMIT);
        true
    }

    /// Whether messages are being left out.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.output
            .as_ref()
            .is_some_and(|output| output.queued_bytes() >= SOFT_LIMIT)
    }

    /// Waits until everything is written, at most for `patience`.
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

    /// Another handle to the same recording.
    #[must_use]
    pub fn recording_handle(&self) -> Self {
        Self {
            recorded: self.recorded.clone(),
            ..Self::disabled(self.clock)
        }
    }

    fn push(&self, time: Time, event: Event, bytes: Vec<u8>, limit: usize) {
        let frame = |event, bytes| Frame {
            stamped: Stamped {
                at: self.clock.stamp(time),
                event,
            },
            bytes,
        };
        if let Some(recorded) = &self.recorded {
            recorded.borrow_mut().push(frame(event, bytes));
            return;
        }
        let Some(output) = &self.output else {
            return;
        };
        let dropped = self.dropped.get();
        let mut piece = Vec::new();
        if dropped > 0 {
            piece = frame(Event::Dropped { events: dropped }, Vec::new()).encode();
        }
        piece.append(&mut frame(event, bytes).encode());
        if output.try_push(piece, limit) {
            self.dropped.set(0);
        } else {
            self.dropped.set(dropped + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::mpsc;

    use feed::{Decoder, Direction, TransportAddress};

    use super::*;

    /// Lets writes pass once the other end of `released` is gone.
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

    #[test]
    fn a_full_queue_leaves_out_messages_counts_them_and_keeps_the_rest() {
        let clock = Clock::start();
        let (release, released) = mpsc::channel();
        let (written, seen) = mpsc::channel();
        let writer = HeldWriter { released, written };
        let output = FeedOutput {
            output: Some(OutputThread::spawn("test", writer).unwrap()),
            ..FeedOutput::disabled(clock)
        };
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

        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        while let Ok(bytes) = seen.try_recv() {
            decoder.extend(&bytes);
            while let Some(frame) = decoder.next_frame().unwrap() {
                assert!(frame.bytes.len() <= FeedOutput::MESSAGE_BYTES);
                events.push(frame.stamped.event);
            }
        }
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
}
