//! The pool user's side: a unit of work, from its package to its result.
//!
//! A session is opened when [`Unit::wants_session`] says so, and ends as its events say. While no pool element serves the
//! session, or when another one does, the unit starts over: the service keeps no state that another pool element could
//! continue from.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use protocol::Time;
use wire::scripting::{MOST_DATA, Message};

use crate::keep_alive::{KeepAlive, Next};
use crate::{Hash, hash_of};

/// Settings of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How long a pool element may take for an answer, or between two pieces of the result.
    pub answer_timeout: Duration,
    /// The time between two keep-alives while the unit runs.
    pub keep_alive_interval: Duration,
    /// How long an acknowledgement of a keep-alive may take.
    pub keep_alive_timeout: Duration,
    /// How often the unit is run if its exit status is not 0.
    pub trials: u32,
    /// The pause before the next trial, or when no pool element has room.
    pub retry_delay: Duration,
    /// The maximum size of the result in bytes.
    pub most_output: u64,
}

impl Default for Settings {
    /// Those of rsplib's pool user, which has no limit for the result.
    fn default() -> Self {
        Self {
            answer_timeout: Duration::from_millis(59_500),
            keep_alive_interval: Duration::from_secs(10),
            keep_alive_timeout: Duration::from_secs(10),
            trials: 3,
            retry_delay: Duration::from_secs(10),
            most_output: 256 << 20,
        }
    }
}

/// An environment: a file that many units share, and that pool elements keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    content: Arc<[u8]>,
    hash: Hash,
}

impl Environment {
    /// Creates an environment from its content.
    #[must_use]
    pub fn new(content: Arc<[u8]>) -> Self {
        let hash = hash_of(&content);
        Self { content, hash }
    }
}

/// Something that happened to a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A pool element accepts it; with the name of its host, as a stranger tells it.
    Accepted {
        /// The name of the host.
        host: String,
    },
    /// A pool element has no room.
    NotReady {
        /// Why, as a stranger tells it.
        why: String,
    },
    /// A pool element runs it.
    Begun,
    /// It has run.
    Ended {
        /// Its exit status.
        exit_status: u32,
        /// Whether it will be run again.
        again: bool,
    },
    /// The session must move to another pool element, for this reason; with a report of the pool element if it does
    /// not answer.
    FailOver {
        /// Why.
        why: &'static str,
        /// Whether to report the pool element.
        report: bool,
    },
    /// The session must be closed; the unit will want another one later.
    Leave,
    /// Everything is done, and the session must be closed.
    Complete {
        /// The exit status of the last trial.
        exit_status: u32,
        /// The result.
        output: Vec<u8>,
    },
    /// The result is larger than allowed: the session must be closed, and nothing follows.
    TooLarge,
}

/// A unit of work.
#[derive(Debug)]
pub struct Unit {
    settings: Settings,
    package: Arc<[u8]>,
    environment: Option<Environment>,
    state: State,
    /// Messages to send before anything else.
    answers: VecDeque<Message>,
    events: VecDeque<Event>,
    /// Runs with an exit status other than 0.
    failures: u32,
    /// Pool elements without room, one after the other.
    rejections: u32,
}

#[derive(Debug)]
enum State {
    /// There is no session, and none is wanted until then.
    Apart { until: Time },
    /// There is a session, and no pool element serves it.
    Unserved,
    /// The pool element has to say whether it is ready.
    AwaitsReady { deadline: Time },
    /// Package and environment are sent.
    Uploading {
        part: Part,
        query: Query,
        deadline: Time,
    },
    /// The unit runs.
    Working { keep_alive: KeepAlive },
    /// The result arrives.
    Downloading {
        exit_status: u32,
        output: Vec<u8>,
        deadline: Time,
    },
    /// Nothing follows.
    Done,
}

/// What is sent next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Package {
        offset: usize,
    },
    /// The package has been sent, and the pool element has not said whether it needs the environment.
    Undecided,
    Environment {
        offset: usize,
    },
    /// Everything has been sent.
    Complete,
}

/// What is known about the pool element's environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Query {
    Open,
    Needed,
    NotNeeded,
}

impl Unit {
    /// Creates a unit that wants a session at once.
    #[must_use]
    pub const fn new(settings: Settings, package: Arc<[u8]>, environment: Option<Environment>) -> Self {
        Self {
            settings,
            package,
            environment,
            state: State::Apart { until: Time::ZERO },
            answers: VecDeque::new(),
            events: VecDeque::new(),
            failures: 0,
            rejections: 0,
        }
    }

    /// Returns whether a session is to be opened now. It is then taken for opened.
    pub fn wants_session(&mut self, now: Time) -> bool {
        let wants = matches!(self.state, State::Apart { until } if until <= now);
        if wants {
            self.state = State::Unserved;
        }
        wants
    }

    /// A pool element serves the session.
    pub fn session_up(&mut self, now: Time) {
        if matches!(self.state, State::Unserved) {
            let deadline = now + self.settings.answer_timeout;
            self.state = State::AwaitsReady { deadline };
        }
    }

    /// The pool element was lost: another one will be sought.
    pub fn session_lost(&mut self) {
        self.answers.clear();
        if !matches!(self.state, State::Apart { .. } | State::Done) {
            self.state = State::Unserved;
        }
    }

    /// A message arrived.
    pub fn handle_message(&mut self, now: Time, bytes: &[u8]) {
        let Ok(message) = Message::decode(bytes) else {
            return self.fail_over("its message makes no sense", false);
        };
        let answer_by = now + self.settings.answer_timeout;
        match (&mut self.state, message) {
            (State::Apart { .. } | State::Unserved | State::Done, _) => {}
            (State::AwaitsReady { .. }, Message::Ready { info }) => {
                self.rejections = 0;
                self.events.push_back(Event::Accepted { host: info });
                self.begin_upload(answer_by);
            }
            (State::AwaitsReady { .. }, Message::NotReady { reason, info }) => {
                let why = format!("{reason}: {info}");
                self.events.push_back(Event::NotReady { why });
                self.rejections += 1;
                if self.rejections == 1 {
                    self.fail_over("it has no room", false);
                } else {
                    // Nobody seems to have room: asking on and on would only make it worse.
                    self.leave(now);
                }
            }
            (State::Uploading { part, query, .. }, Message::Environment { hash, upload_needed }) => {
                let asked = self.environment.as_ref().is_some_and(|own| own.hash == hash);
                if !asked || *query != Query::Open {
                    return self.fail_over("it answers what was not asked", false);
                }
                *query = if upload_needed {
                    Query::Needed
                } else {
                    Query::NotNeeded
                };
                if *part == Part::Undecided {
                    *part = Part::after_package(*query);
                }
            }
            (
                State::Uploading {
                    part: Part::Complete, ..
                },
                Message::Status { exit_status: 0 },
            ) => {
                self.events.push_back(Event::Begun);
                self.state = State::Working {
                    keep_alive: KeepAlive::Due(now + self.settings.keep_alive_interval),
                };
            }
            (State::Uploading { .. }, Message::Status { .. }) => {
                self.fail_over("it does not accept the upload", false);
            }
            (State::Working { .. } | State::Downloading { .. }, Message::KeepAlive) => {
                self.answers.push_back(Message::KeepAliveAck { status: None });
            }
            (State::Working { keep_alive }, Message::KeepAliveAck { .. }) => {
                *keep_alive = KeepAlive::Due(now + self.settings.keep_alive_interval);
            }
            (State::Uploading { .. } | State::Downloading { .. }, Message::KeepAliveAck { .. }) => {}
            (State::Working { .. }, Message::Status { exit_status }) => self.ended(now, exit_status),
            (
                State::Downloading {
                    exit_status,
                    output,
                    deadline,
                },
                Message::Download { data },
            ) => {
                *deadline = answer_by;
                if data.is_empty() {
                    let (exit_status, output) = (*exit_status, std::mem::take(output));
                    self.state = State::Done;
                    self.events.push_back(Event::Complete { exit_status, output });
                } else if output.len() as u64 + data.len() as u64 > self.settings.most_output {
                    self.state = State::Done;
                    self.events.push_back(Event::TooLarge);
                } else {
                    output.extend_from_slice(&data);
                }
            }
            _ => {
                self.fail_over("its message does not belong there", false);
            }
        }
    }

    /// Returns the next message to send. To be called as long as the association accepts messages.
    pub fn next_message(&mut self, now: Time) -> Option<Message> {
        if let Some(answer) = self.answers.pop_front() {
            return Some(answer);
        }
        let State::Uploading {
            part,
            query,
            deadline,
        } = &mut self.state
        else {
            return None;
        };
        let (data, next) = match part {
            Part::Package { offset } => (piece(&self.package, offset), Part::after_package(*query)),
            Part::Environment { offset } => {
                let content = self.environment.as_ref().map(|own| &own.content[..]);
                (piece(content.unwrap_or_default(), offset), Part::Complete)
            }
            Part::Undecided | Part::Complete => return None,
        };
        *deadline = now + self.settings.answer_timeout;
        if data.is_empty() {
            *part = next;
        }
        Some(Message::Upload { data })
    }

    /// Returns whether there is a message to send.
    #[must_use]
    pub fn wants_to_send(&self) -> bool {
        let uploads = matches!(
            self.state,
            State::Uploading {
                part: Part::Package { .. } | Part::Environment { .. },
                ..
            }
        );
        uploads || !self.answers.is_empty()
    }

    /// Returns the next event, until there is none.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The time returned by [`Self::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Time) {
        match &mut self.state {
            State::AwaitsReady { deadline }
            | State::Uploading { deadline, .. }
            | State::Downloading { deadline, .. }
                if *deadline <= now =>
            {
                self.fail_over("it does not answer", true);
            }
            State::Working { keep_alive } => {
                match keep_alive.handle_timeout(now, self.settings.keep_alive_timeout) {
                    Next::Wait => {}
                    Next::Send => self.answers.push_back(Message::KeepAlive),
                    Next::GiveUp => self.fail_over("it does not acknowledge a keep-alive", true),
                }
            }
            _ => {}
        }
    }

    /// Returns when to call [`Self::handle_timeout`], or [`Self::wants_session`].
    #[must_use]
    pub const fn poll_timeout(&self) -> Option<Time> {
        match &self.state {
            State::Apart { until } => Some(*until),
            State::AwaitsReady { deadline }
            | State::Uploading { deadline, .. }
            | State::Downloading { deadline, .. } => Some(*deadline),
            State::Working { keep_alive } => Some(keep_alive.poll_timeout()),
            State::Unserved | State::Done => None,
        }
    }

    /// Returns whether a pool element runs it.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self.state, State::Working { .. })
    }

    /// Returns whether nothing follows.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    fn begin_upload(&mut self, deadline: Time) {
        let query = match &self.environment {
            Some(environment) => {
                self.answers.push_back(Message::Environment {
                    hash: environment.hash,
                    upload_needed: false,
                });
                Query::Open
            }
            None => Query::NotNeeded,
        };
        self.state = State::Uploading {
            part: Part::Package { offset: 0 },
            query,
            deadline,
        };
    }

    fn ended(&mut self, now: Time, exit_status: u32) {
        if exit_status != 0 {
            self.failures += 1;
        }
        let again = exit_status != 0 && self.failures < self.settings.trials;
        self.events.push_back(Event::Ended { exit_status, again });
        if again {
            self.leave(now);
        } else {
            self.state = State::Downloading {
                exit_status,
                output: Vec::new(),
                deadline: now + self.settings.answer_timeout,
            };
        }
    }

    /// Leaves the session, to open another one later.
    fn leave(&mut self, now: Time) {
        self.answers.clear();
        self.state = State::Apart {
            until: now + self.settings.retry_delay,
        };
        self.events.push_back(Event::Leave);
    }

    fn fail_over(&mut self, why: &'static str, report: bool) {
        self.session_lost();
        self.events.push_back(Event::FailOver { why, report });
    }
}

impl Part {
    /// Returns what follows the package.
    const fn after_package(query: Query) -> Self {
        match query {
            Query::Open => Self::Undecided,
            Query::Needed => Self::Environment { offset: 0 },
            Query::NotNeeded => Self::Complete,
        }
    }
}

/// Returns the next piece of a file; it is empty at the end.
fn piece(content: &[u8], offset: &mut usize) -> Vec<u8> {
    let rest = content.get(*offset..).unwrap_or_default();
    let piece = rest.get(..MOST_DATA).unwrap_or(rest).to_vec();
    *offset += piece.len();
    piece
}
