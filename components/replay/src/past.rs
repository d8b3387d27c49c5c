//! The past, fetched on a thread of its own.

use std::sync::Arc;
use std::thread::JoinHandle;

use chronicle::{Highlight, InFlight, Stop};
use crossbeam_channel::{Receiver, Sender, unbounded};
use feed::{Timestamp, WallClock};
use recording::Origin;

use crate::shown::Shown;
use crate::{Player, ReplayError, State};

/// Told when there is something to take: called on the thread that fetches.
pub type Notify = Arc<dyn Fn() + Send + Sync>;

/// Fetches states of a recording on a thread of its own. Who asks never waits.
#[derive(Debug)]
pub struct Past {
    requests: Option<Sender<Request>>,
    answers: Receiver<Answer>,
    thread: Option<JoinHandle<()>>,
}

/// A moment as it is shown.
#[derive(Debug)]
pub struct Moment {
    /// Its time.
    pub at: Timestamp,
    /// The state.
    pub state: Box<State>,
    /// Whether the state goes on from the moment before, so that only those rows of its pictures are marked that have
    /// changed since.
    pub goes_on: bool,
    /// The messages that were on their way.
    pub in_flight: Vec<InFlight>,
}

/// What was fetched.
#[derive(Debug)]
pub enum Answer {
    /// The recording was opened, or has grown: the first and last time, and the highlights that are new.
    Range {
        /// The first time.
        from: Timestamp,
        /// The last time.
        to: Timestamp,
        /// The highlights.
        highlights: Vec<Highlight>,
        /// The problem that ended reading it early, if one did.
        damage: Option<String>,
        /// The wall clock where it was made, at its end.
        wall_clock: Option<WallClock>,
    },
    /// The moment that was asked for last.
    Moment(Moment),
    /// The cursor is to go there, since that is the next stop.
    Stop(Timestamp),
    /// There is no such stop in that direction.
    NoStop,
    /// Something cannot be read.
    Failed(ReplayError),
}

#[derive(Debug)]
enum Request {
    Refresh,
    Seek {
        at: Timestamp,
        stretch: std::time::Duration,
    },
    Step {
        from: Timestamp,
        stop: Stop,
        forward: bool,
    },
    /// A state that is no longer shown. It is dropped here, since it may be large.
    Drop(Box<State>),
}

impl Past {
    /// Opens a recording.
    ///
    /// # Errors
    /// Returns an error if no thread can be started. All else is answered later.
    pub fn open(origin: Origin, notify: Notify) -> std::io::Result<Self> {
        let (requests, inbox) = unbounded();
        let (outbox, answers) = unbounded();
        let worker = Worker {
            inbox,
            outbox,
            notify,
            grows: matches!(origin, Origin::Folder(_)),
        };
        let thread = std::thread::Builder::new()
            .name("past".into())
            .spawn(move || worker.run(&origin))?;
        Ok(Self {
            requests: Some(requests),
            answers,
            thread: Some(thread),
        })
    }

    /// Returns what asks for that which has been recorded meanwhile, from any thread.
    #[must_use]
    pub fn refresher(&self) -> Notify {
        let requests = self.requests.clone();
        Arc::new(move || {
            if let Some(requests) = &requests {
                let _ = requests.send(Request::Refresh);
            }
        })
    }

    /// Asks for a moment. Messages that were on their way for less than `stretch` are shown for that long.
    pub fn seek(&self, at: Timestamp, stretch: std::time::Duration) {
        self.ask(Request::Seek { at, stretch });
    }

    /// Asks for the next stop from a time on.
    pub fn step(&self, from: Timestamp, stop: Stop, forward: bool) {
        self.ask(Request::Step { from, stop, forward });
    }

    /// Gives a state back that is no longer shown.
    pub fn give_back(&self, state: Box<State>) {
        self.ask(Request::Drop(state));
    }

    /// Takes the next answer, if there is one.
    #[must_use]
    pub fn try_next(&self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }

    fn ask(&self, request: Request) {
        if let Some(requests) = &self.requests {
            // Fails once the thread has ended, which it said why.
            let _ = requests.send(request);
        }
    }
}

impl Drop for Past {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            // It ends after what it is doing.
            let _ = thread.join();
        }
    }
}

struct Worker {
    inbox: Receiver<Request>,
    outbox: Sender<Answer>,
    notify: Notify,
    grows: bool,
}

impl Worker {
    fn run(&self, origin: &Origin) {
        let mut player = match origin.open() {
            Ok(recording) => Player::new(recording),
            Err(error) => return self.answer(Answer::Failed(error.into())),
        };
        let mut told = 0;
        self.tell_range(&player, &mut told);
        // The state that was shown last, and the one some way ahead from which it is known when messages arrive.
        let mut shown: Option<Shown> = None;
        while let Ok(request) = self.inbox.recv() {
            let mut wanted = None;
            // Of several moments only the last one is still of interest.
            for request in std::iter::once(request).chain(self.inbox.try_iter()) {
                match request {
                    Request::Refresh => match player.refresh() {
                        Ok(()) => self.tell_range(&player, &mut told),
                        Err(error) => self.answer(Answer::Failed(error)),
                    },
                    Request::Seek { at, stretch } => wanted = Some((at, stretch)),
                    Request::Step { from, stop, forward } => {
                        self.answer(match player.stop(from, stop, forward) {
                            Ok(Some(at)) => Answer::Stop(at),
                            Ok(None) => Answer::NoStop,
                            Err(error) => Answer::Failed(error),
                        });
                    }
                    Request::Drop(state) => drop(state),
                }
            }
            let Some((at, stretch)) = wanted else {
                continue;
            };
            match Shown::fetch(&mut player, shown.take(), at) {
                Ok(mut fetched) => {
                    self.answer(Answer::Moment(fetched.moment(stretch)));
                    shown = Some(fetched);
                }
                Err(error) => self.answer(Answer::Failed(error)),
            }
        }
    }

    fn tell_range(&self, player: &Player, told: &mut usize) {
        let Some((from, to)) = player.range() else {
            // Nothing has been written yet.
            return;
        };
        let highlights = player.highlights().get(*told..).unwrap_or_default().to_vec();
        *told += highlights.len();
        self.answer(Answer::Range {
            from,
            to,
            highlights,
            // What grows just ends where it ends.
            damage: player.damage().filter(|_| !self.grows),
            wall_clock: player.wall_clock(to),
        });
    }

    fn answer(&self, answer: Answer) {
        // Fails when nobody is interested any more.
        let _ = self.outbox.send(answer);
        (self.notify)();
    }
}
