//! The terminal: lines to a service that transfers bytes, such as echo, and its answers.

mod args;
mod dialogue;
mod input;
mod shown;

use std::time::Duration;

use feed::{Activity, Command, PoolUserWork};
use protocol::Time;
use protocol::pool_user::{Event, SessionId};
use runtime::{Offer, WorkSender};
use tracing::{info, warn};
use wire::{PoolHandle, Ppid};

pub use args::{ByteService, TerminalArgs};
pub(crate) use input::Typed;

use self::dialogue::{Dialogue, Outcome};
use self::input::LineReader;
use crate::Args;
use crate::client::{Client, Host};
use crate::work::Work;

/// The number of lines that may wait to be sent; the reader of the input waits with further ones.
const MOST_WAITING: usize = 64;
/// The number of lines to send before returning to the driver.
const BURST: usize = 16;

/// Sends lines to a pool and shows what comes back.
pub(crate) struct TerminalClient {
    pool_handle: PoolHandle,
    service: ByteService,
    receive_timeout: Duration,
    raw: bool,
    source: Source,
    dialogue: Dialogue,
    session: Option<SessionId>,
    /// Whether to send further lines at once: the association has not said that it is full.
    goes_on: bool,
    /// Bytes that a slow reader of the output has not been given.
    left_out: u64,
    outcome: Option<u8>,
}

/// Where the lines come from.
enum Source {
    /// Standard input.
    Typed(LineReader),
    /// They are numbered, and sent at an interval.
    Numbered {
        interval: Duration,
        next: Time,
        number: u64,
    },
}

impl TerminalClient {
    /// Creates a client that begins at its first timeout.
    ///
    /// # Errors
    /// Returns an error if the thread that reads standard input cannot be started.
    pub(crate) fn new(
        args: &Args,
        pool_handle: PoolHandle,
        now: Time,
        work: WorkSender<Work>,
    ) -> std::io::Result<Self> {
        let source = match args.lines_every() {
            Some(interval) => Source::Numbered {
                interval: interval.max(Duration::from_millis(1)),
                next: now,
                number: 0,
            },
            None => {
                let reader = LineReader::start(std::io::stdin(), work)?;
                reader.request(MOST_WAITING);
                Source::Typed(reader)
            }
        };
        let service = args.byte_service();
        Ok(Self {
            pool_handle,
            service,
            receive_timeout: args.receive_timeout(),
            raw: args.terminal.raw,
            source,
            dialogue: Dialogue::new(now, service, args.terminal.linger),
            session: None,
            goes_on: false,
            left_out: 0,
            outcome: None,
        })
    }

    /// Opens a session if one is needed, and sends lines as far as the association takes them.
    fn pump(&mut self, host: &mut Host<'_, '_>) {
        let now = host.now();
        self.goes_on = false;
        if self.session.is_none() && self.dialogue.needs_session() {
            self.session = Some(host.core.open_session(now, self.pool_handle.clone()));
        }
        if let Some(session) = self.session
            && let Some((_, association)) = host.core.served_by(session)
            && host.context.is_writable(association)
        {
            for _ in 0..BURST {
                let Some(line) = self.dialogue.next_line(now) else {
                    break;
                };
                host.send(session, Ppid::UNSPECIFIED, line);
                if let Source::Typed(reader) = &self.source {
                    reader.request(1);
                }
            }
            self.goes_on = self.dialogue.can_send();
        }
        self.settle(host);
    }

    /// Ends if everything is done, or if nothing happens any more.
    fn settle(&mut self, host: &Host<'_, '_>) {
        if self.outcome.is_none()
            && let Some(outcome) = self.dialogue.outcome(host.now())
        {
            self.outcome = Some(status(outcome));
            if let Outcome::Incomplete { unsent, unanswered } = outcome {
                warn!("ends with {unsent} lines not sent and {unanswered} answers missing");
            }
        }
    }

    /// Shows an answer, unless its reader is too slow.
    fn show(&mut self, host: &Host<'_, '_>, message: &[u8]) {
        let Some(lines) = host.lines else {
            info!("received: {}", shown::shown(message).trim_end());
            return;
        };
        let mut bytes = Vec::new();
        if self.left_out > 0 && !self.raw {
            bytes.extend_from_slice(format!("[{} bytes left out]\n", self.left_out).as_bytes());
        }
        if self.raw {
            bytes.extend_from_slice(message);
        } else {
            bytes.extend_from_slice(shown::shown(message).as_bytes());
        }
        match lines.offer(bytes) {
            Offer::Taken => self.left_out = 0,
            Offer::Full => {
                if self.left_out == 0 {
                    host.context.problem(
                        "answers come faster than they are read from standard output: some are left out"
                            .into(),
                    );
                }
                self.left_out += message.len() as u64;
            }
            Offer::Closed => {
                info!("nobody reads the answers any more");
                self.outcome.get_or_insert(0);
            }
        }
    }
}

const fn status(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Complete => 0,
        Outcome::Incomplete { .. } => 1,
    }
}

impl Client for TerminalClient {
    fn handle_event(&mut self, host: &mut Host<'_, '_>, event: Event) {
        let now = host.now();
        match event {
            Event::SessionUp { .. } => {
                self.dialogue.served(now);
                self.pump(host);
            }
            Event::FailoverStarted { .. } => {
                let again = self.dialogue.lost();
                if again > 0 {
                    info!("{again} lines without an answer are sent again");
                }
            }
            Event::Data { session, bytes, .. } if self.session == Some(session) => {
                self.dialogue.answer(now, &bytes);
                self.show(host, &bytes);
                if self.service == ByteService::Daytime {
                    // It has said everything, and is about to end the session.
                    self.dialogue.lost();
                    self.session = None;
                    host.core.close_session(now, session);
                }
                self.pump(host);
            }
            // All other events are logged by the pool user.
            _ => {}
        }
    }

    fn is_done_with(&self, session: SessionId) -> bool {
        self.session != Some(session)
    }

    fn handle_command(&mut self, host: &mut Host<'_, '_>, command: Command) -> bool {
        if command == Command::Failover {
            if let Some(session) = self.session {
                host.core
                    .fail_over(host.context.now, session, "asked for".into(), false);
            }
            return true;
        }
        false
    }

    fn handle_work(&mut self, host: &mut Host<'_, '_>, work: Work) {
        match work {
            Work::Typed(Typed::Line(line)) => {
                self.dialogue.line(line);
                if self.service == ByteService::Daytime
                    && let Source::Typed(reader) = &self.source
                {
                    reader.request(1);
                }
            }
            Work::Typed(Typed::End(error)) => {
                if let Some(error) = error {
                    host.context
                        .problem(format!("cannot read standard input: {error}"));
                }
                self.dialogue.end_of_input(host.now());
            }
            Work::Checked(_) | Work::File(_) => {}
        }
        self.pump(host);
    }

    fn handle_writable(&mut self, host: &mut Host<'_, '_>) {
        self.pump(host);
    }

    fn handle_timeout(&mut self, host: &mut Host<'_, '_>) {
        let now = host.now();
        if let Source::Numbered {
            interval,
            next,
            number,
        } = &mut self.source
            && *next <= now
        {
            *next = now + *interval;
            if self.dialogue.waiting() < MOST_WAITING {
                *number += 1;
                self.dialogue.line(format!("Line {number}\n").into_bytes());
            }
        }
        if let Some(session) = self.session
            && self
                .dialogue
                .owes_since()
                .is_some_and(|since| since + self.receive_timeout <= now)
        {
            let reason = format!("nothing received for {:?}", self.receive_timeout);
            host.core.fail_over(now, session, reason, true);
        }
        self.pump(host);
    }

    fn poll_timeout(&self) -> Option<Time> {
        let begins = self.session.is_none() && self.dialogue.needs_session();
        let line = match &self.source {
            Source::Typed(_) => None,
            Source::Numbered { next, .. } => Some(*next),
        };
        let owes = self
            .dialogue
            .owes_since()
            .map(|since| since + self.receive_timeout);
        [
            (begins || self.goes_on).then_some(Time::ZERO),
            line,
            owes,
            self.dialogue.deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn outcome(&self) -> Option<u8> {
        self.outcome
    }

    fn outcome_if_stopped(&self) -> u8 {
        match self.source {
            Source::Typed(_) => status(self.dialogue.missing()),
            // There is always a next line.
            Source::Numbered { .. } => 0,
        }
    }

    fn activity(&self) -> Activity {
        let (sent, received) = self.dialogue.counts();
        Activity::Terminal { sent, received }
    }

    fn work(&self, _now: Time) -> Option<PoolUserWork> {
        Some(self.dialogue.work())
    }

    fn report(&self) -> String {
        match self.session {
            Some(_) => "1 Session".into(),
            None => "0 Sessions".into(),
        }
    }
}
