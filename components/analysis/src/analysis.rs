//! The end of the thread that a window has.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, unbounded};
use recording::Origin;
use trace::{Clock, Trace};

use crate::worker::{Answer, Beginning, Request, Worker};
use crate::{Inspected, Item, Rows, Wanted};

/// Told when there is something to take: called on the thread that looks.
pub type Notify = Arc<dyn Fn() + Send + Sync>;

/// What is known of the messages of a recording, and what was asked about them.
#[derive(Debug)]
pub struct Analysis {
    requests: Sender<Request>,
    answers: Receiver<Answer>,
    trace: Trace,
    clock: Option<Clock>,
    /// How much of the recording is traced, from 0 to 1.
    progress: f32,
    rows: Rows,
    wanted: Wanted,
    inspected: Option<Inspected>,
    asked: Option<Item>,
    problem: Option<String>,
    beginning: Beginning,
}

impl Analysis {
    /// The maximum number of packets of which something is known at a time: they take some 100 bytes each.
    pub const PACKETS: u64 = 6_000_000;

    /// Begins with a recording.
    ///
    /// # Errors
    /// Returns an error if no thread can be started. All else is told later.
    pub fn begin(origin: Origin, notify: Notify) -> std::io::Result<Self> {
        Self::bounded(origin, notify, Self::PACKETS)
    }

    /// Begins with the latest part of a recording that has at most so many packets, about.
    ///
    /// # Errors
    /// Returns an error if no thread can be started. All else is told later.
    pub fn bounded(origin: Origin, notify: Notify, most_packets: u64) -> std::io::Result<Self> {
        let (requests, inbox) = unbounded();
        let (outbox, answers) = unbounded();
        let worker = Worker::new(inbox, outbox, notify, most_packets);
        // It ends when nobody can ask any more, after what it is about to read: a window does not wait for that.
        std::thread::Builder::new()
            .name("analysis".into())
            .spawn(move || worker.run(&origin))?;
        Ok(Self {
            requests,
            answers,
            trace: Trace::default(),
            clock: None,
            progress: 0.0,
            rows: Rows::default(),
            wanted: Wanted::default(),
            inspected: None,
            asked: None,
            problem: None,
            beginning: Beginning::default(),
        })
    }

    /// Takes what was found. Returns whether anything has changed.
    pub fn drain(&mut self) -> bool {
        let mut changed = false;
        while let Ok(answer) = self.answers.try_recv() {
            changed = true;
            match answer {
                Answer::Trace {
                    trace,
                    clock,
                    progress,
                    beginning,
                } => {
                    if self.beginning.number != beginning.number {
                        // What had these numbers was something else.
                        (self.inspected, self.asked) = (None, None);
                    }
                    (self.trace, self.clock, self.progress) = (trace, clock, progress);
                    self.beginning = beginning;
                }
                Answer::Rows(rows) => self.rows = rows,
                Answer::Inspected(inspected) => self.inspected = Some(inspected),
                Answer::Problem(problem) => self.problem = problem,
            }
        }
        changed
    }

    /// Returns what asks for that which has been recorded meanwhile, from any thread.
    #[must_use]
    pub fn refresher(&self) -> Notify {
        let requests = self.requests.clone();
        Arc::new(move || {
            let _ = requests.send(Request::Refresh);
        })
    }

    /// Looks for other rows.
    pub fn want(&mut self, wanted: Wanted) {
        if self.wanted != wanted {
            self.wanted = wanted.clone();
            self.ask(Request::Rows(wanted));
        }
    }

    /// Takes a message or packet apart.
    pub fn inspect(&mut self, item: Item) {
        if self.asked != Some(item) {
            self.asked = Some(item);
            self.ask(Request::Inspect(item));
        }
    }

    /// Returns what is known of the packets.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Returns what times of day refer to, once that is known.
    #[must_use]
    pub const fn clock(&self) -> Option<Clock> {
        self.clock
    }

    /// Returns how much of the recording is known, from 0 to 1.
    #[must_use]
    pub const fn progress(&self) -> f32 {
        self.progress
    }

    /// Returns the rows that were found last. They may be those of an earlier request: see [`Rows::wanted`].
    #[must_use]
    pub const fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Returns the message or packet that was taken apart last.
    #[must_use]
    pub const fn inspected(&self) -> Option<&Inspected> {
        self.inspected.as_ref()
    }

    /// Returns how many packets at the beginning of the recording are left out, since there are too many; both copies count.
    #[must_use]
    pub const fn left_out(&self) -> u64 {
        self.beginning.left_out
    }

    /// Returns a number that changes when messages and packets get other numbers, since the oldest were left out.
    #[must_use]
    pub const fn numbering(&self) -> u64 {
        self.beginning.number
    }

    /// Returns why the recording, or a part of it, cannot be read, if that is so.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    fn ask(&self, request: Request) {
        // Fails when the recording could not be opened, which has been told.
        let _ = self.requests.send(request);
    }
}
