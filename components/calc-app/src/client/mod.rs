//! The pool user's side: requests that come up, wait, and are processed one after the other.

mod arrivals;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use protocol::Time;
use wire::calc_app::{Kind, Message, StateCookie};

pub use settings::{FirstRequest, Settings};

use crate::{Distribution, Refused};
use arrivals::{Arrivals, Request};

/// The CalcApp client of a pool user.
///
/// One request is processed at a time, each in a session of its own, so that the pool's policy decides about every one
/// of them; further ones wait. A session outlives pool elements: it continues at the next one from the last cookie, or,
/// if there was none, from the start.
///
/// Inform it of an input and its time, then take outputs until there are none, and call [`Self::handle_timeout`] at the
/// time that [`Self::poll_timeout`] returns; the first time that is immediately. All inputs about a session are about the
/// one opened last.
#[derive(Debug)]
pub struct Client {
    settings: Settings,
    arrivals: Arrivals,
    job: Option<Job>,
    outputs: VecDeque<Output>,
    completed: u64,
    rejected: u64,
    done: f64,
    handling: Duration,
    queueing: Duration,
}

/// The request in service.
#[derive(Debug)]
struct Job {
    request: Request,
    /// When its turn came.
    began: Time,
    state: State,
    /// Whether the session has a cookie to continue from.
    has_cookie: bool,
    /// Whether it is the cookie of something else: another pool element must not get it.
    has_wrong_cookie: bool,
    /// Rejections since a pool element accepted it last.
    rejections: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No pool element serves the session yet, or not any more.
    Seeking,
    /// The request, or the cookie, was sent; the pool element must answer by this time.
    Asking { answer_by: Time },
    /// It was accepted; a keep-alive is sent at this time.
    InService { ask_at: Time },
    /// A keep-alive was sent, which must be acknowledged by this time.
    Probing { answer_by: Time },
    /// It was rejected, and the session has ended; a new one is opened at this time.
    Resting { until: Time },
    /// It was rejected again, and has a cookie; the session fails over at this time.
    Lingering { until: Time },
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Open a session with the pool.
    OpenSession,
    /// Send a message in the session, with [`wire::Ppid::CALC_APP`].
    Send {
        /// The message.
        bytes: Vec<u8>,
    },
    /// Let the session fail over to another pool element, with its cookie.
    FailOver {
        /// Whether to report the pool element as unreachable.
        report: bool,
        /// Why.
        why: String,
    },
    /// End the session in order.
    CloseSession,
    /// Something happened that may be of interest.
    Event(Event),
}

/// What happened to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It came up.
    CameUp {
        /// Its number.
        job_id: u32,
        /// Its size in calculations.
        size: u64,
        /// When it came up.
        at: Time,
    },
    /// It came up while the queue was full, and is lost.
    Dropped {
        /// Its size in calculations.
        size: u64,
    },
    /// A pool element took it into service.
    Accepted {
        /// Its number.
        job_id: u32,
    },
    /// A pool element rejected it. It will be tried again.
    Rejected {
        /// Its number.
        job_id: u32,
    },
    /// It was completed.
    Completed(Completed),
}

/// A completed request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Completed {
    /// Its number.
    pub job_id: u32,
    /// Its size in calculations.
    pub size: u64,
    /// When it came up.
    pub came_up: Time,
    /// The time from then until it was completed.
    pub handling: Duration,
    /// The part of that in which it waited for its turn.
    pub queueing: Duration,
}

/// What has become of the requests since the client was created. Only `queued` and `running` ever decrease.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Work {
    /// Requests that came up, without dropped ones.
    pub requested: u64,
    /// Requests that came up while the queue was full.
    pub dropped: u64,
    /// Requests that wait for their turn.
    pub queued: usize,
    /// Requests in service, or on their way to it: 0 or 1.
    pub running: usize,
    /// Requests completed.
    pub completed: u64,
    /// Rejections of requests.
    pub rejected: u64,
    /// The calculations of completed requests.
    pub done: f64,
    /// The sum of [`Completed::handling`].
    pub handling: Duration,
    /// The sum of [`Completed::queueing`].
    pub queueing: Duration,
}

impl Work {
    /// Returns the handling speed in calculations per second, which is the measure of performance in the literature:
    /// the calculations of completed requests divided by the time from when they came up to their completion. `None`
    /// before the first completion.
    #[must_use]
    pub fn handling_speed(&self) -> Option<f64> {
        let seconds = self.handling.as_secs_f64();
        (seconds > 0.0).then(|| self.done / seconds)
    }
}

impl Client {
    /// Creates a client without a session.
    #[must_use]
    pub fn new(now: Time, settings: Settings, seed: u64) -> Self {
        let settings = settings.sanitized();
        Self {
            arrivals: Arrivals::new(now, &settings, seed),
            settings,
            job: None,
            outputs: VecDeque::new(),
            completed: 0,
            rejected: 0,
            done: 0.0,
            handling: Duration::ZERO,
            queueing: Duration::ZERO,
        }
    }

    /// The time returned by [`Self::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Time) {
        let outputs = &mut self.outputs;
        self.arrivals
            .come_up(now, self.job.is_none(), |request, has_room| {
                let Request { id, size, came_up } = request;
                outputs.push_back(Output::Event(match has_room {
                    true => Event::CameUp {
                        job_id: id,
                        size,
                        at: came_up,
                    },
                    false => Event::Dropped { size },
                }));
            });
        self.begin_next(now);
        let Some(job) = &mut self.job else {
            return;
        };
        match job.state {
            State::Asking { answer_by } if answer_by <= now => {
                self.fail_over(true, "no answer to a request");
            }
            State::InService { ask_at } if ask_at <= now => {
                let answer_by = now + self.settings.keep_alive_timeout;
                job.state = State::Probing { answer_by };
                self.send(Kind::KeepAlive);
            }
            State::Probing { answer_by } if answer_by <= now => {
                self.fail_over(true, "no answer to a keep-alive");
            }
            State::Resting { until } if until <= now => {
                job.state = State::Seeking;
                self.outputs.push_back(Output::OpenSession);
            }
            State::Lingering { until } if until <= now => {
                self.fail_over(false, "rejected again");
            }
            _ => {}
        }
    }

    /// Returns when to call [`Self::handle_timeout`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Time> {
        let due = self.job.as_ref().and_then(|job| match job.state {
            State::Seeking => None,
            State::Asking { answer_by } | State::Probing { answer_by } => Some(answer_by),
            State::InService { ask_at } => Some(ask_at),
            State::Resting { until } | State::Lingering { until } => Some(until),
        });
        [self.arrivals.poll_timeout(), due].into_iter().flatten().min()
    }

    /// A pool element serves the session; `cookie_echoed` if it has got the session's cookie.
    pub fn session_up(&mut self, now: Time, cookie_echoed: bool) {
        let answer_by = now + self.settings.accept_timeout;
        let Some(job) = &mut self.job else {
            return;
        };
        job.state = State::Asking { answer_by };
        if cookie_echoed {
            // D-36: rsplib's service does not notice a cookie until something follows it.
            self.send(Kind::KeepAlive);
        } else {
            job.has_cookie = false;
            self.send(Kind::Request);
        }
    }

    /// The session's pool element was lost; another one is being looked for.
    pub fn session_lost(&mut self, _: Time) {
        if let Some(job) = &mut self.job
            && !matches!(job.state, State::Resting { .. })
        {
            self.seek_again();
        }
    }

    /// The pool element sent a message.
    ///
    /// # Errors
    /// Returns an error if the message makes no sense. The outputs then let the session fail over; the error is for the
    /// log.
    pub fn handle_message(&mut self, now: Time, bytes: &[u8]) -> Result<(), Refused> {
        let outcome = Message::decode(bytes)
            .map_err(Refused::Message)
            .and_then(|message| self.handle(now, message));
        if let Err(refused) = &outcome {
            self.fail_over(false, &refused.to_string());
        }
        outcome
    }

    /// The pool element sent a state cookie, which the session keeps.
    pub fn cookie_received(&mut self, _: Time, cookie: &[u8]) {
        if let Some(job) = &mut self.job {
            let Request { id, size, .. } = job.request;
            let is_ours =
                StateCookie::decode(cookie).is_ok_and(|state| state.job_id == id && state.job_size == size);
            job.has_cookie = true;
            job.has_wrong_cookie = !is_ours;
        }
    }

    /// Changes the sizes of the requests that come up from now on.
    pub const fn set_request_size(&mut self, size: Distribution) {
        self.settings.request_size = size;
        self.arrivals.set_size(size);
    }

    /// Changes the intervals between requests, in seconds.
    pub fn set_request_interval(&mut self, now: Time, interval: Distribution) {
        self.settings.request_interval = interval;
        self.arrivals.set_interval(now, interval);
    }

    /// Returns the next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Returns the settings in effect.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns whether all requests that were to come up are completed.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.job.is_none() && self.arrivals.is_over()
    }

    /// Returns whether a pool element has the request in service.
    #[must_use]
    pub fn is_served(&self) -> bool {
        let state = self.job.as_ref().map(|job| job.state);
        matches!(state, Some(State::InService { .. } | State::Probing { .. }))
    }

    /// Returns what has become of the requests until now.
    #[must_use]
    pub fn work(&self) -> Work {
        Work {
            requested: self.arrivals.requested,
            dropped: self.arrivals.dropped,
            queued: self.arrivals.waiting(),
            running: usize::from(self.job.is_some()),
            completed: self.completed,
            rejected: self.rejected,
            done: self.done,
            handling: self.handling,
            queueing: self.queueing,
        }
    }

    /// Begins with the request that has waited the longest, unless one is in service.
    fn begin_next(&mut self, now: Time) {
        if self.job.is_some() {
            return;
        }
        if let Some(request) = self.arrivals.take() {
            self.job = Some(Job {
                request,
                began: now.max(request.came_up),
                state: State::Seeking,
                has_cookie: false,
                has_wrong_cookie: false,
                rejections: 0,
            });
            self.outputs.push_back(Output::OpenSession);
        }
    }

    fn handle(&mut self, now: Time, message: Message) -> Result<(), Refused> {
        let ask_at = now + self.settings.keep_alive_interval;
        let Some(job) = &mut self.job else {
            return Ok(());
        };
        let job_id = job.request.id;
        // What is still on its way when the pool element is left, or about another job, concerns nobody.
        let is_left = matches!(
            job.state,
            State::Seeking | State::Resting { .. } | State::Lingering { .. }
        );
        if is_left || message.job_id != job_id {
            return Ok(());
        }
        let is_asking = matches!(job.state, State::Asking { .. });
        match message.kind {
            Kind::Accept if is_asking => {
                job.rejections = 0;
                job.state = State::InService { ask_at };
                self.outputs.push_back(Output::Event(Event::Accepted { job_id }));
            }
            Kind::Reject if is_asking => self.rejected(now),
            Kind::Complete if message.job_size == job.request.size && !is_asking => self.complete(now),
            Kind::KeepAlive => self.send(Kind::KeepAliveAck),
            Kind::KeepAliveAck => {
                if matches!(job.state, State::Probing { .. }) {
                    job.state = State::InService { ask_at };
                }
            }
            Kind::Accept | Kind::Reject | Kind::Complete => return Err(Refused::Contradiction(message)),
            Kind::Request | Kind::Abort => return Err(Refused::WrongDirection(message)),
        }
        Ok(())
    }

    /// The next pool element gets the cookie at once. Without one, there is no hurry; and when several pool elements in
    /// a row are full, most likely all of them are.
    fn rejected(&mut self, now: Time) {
        self.rejected += 1;
        let until = now + self.settings.reject_delay;
        let Some(job) = &mut self.job else {
            return;
        };
        job.rejections = job.rejections.saturating_add(1);
        let job_id = job.request.id;
        self.outputs.push_back(Output::Event(Event::Rejected { job_id }));
        if !job.has_cookie {
            job.state = State::Resting { until };
            self.outputs.push_back(Output::CloseSession);
        } else if job.rejections > 1 {
            job.state = State::Lingering { until };
        } else {
            self.fail_over(false, "rejected");
        }
    }

    fn complete(&mut self, now: Time) {
        let Some(Job { request, began, .. }) = self.job.take() else {
            return;
        };
        let completed = Completed {
            job_id: request.id,
            size: request.size,
            came_up: request.came_up,
            handling: now - request.came_up,
            queueing: began - request.came_up,
        };
        self.completed += 1;
        self.done += request.size as f64;
        self.handling = self.handling.saturating_add(completed.handling);
        self.queueing = self.queueing.saturating_add(completed.queueing);
        self.outputs.push_back(Output::CloseSession);
        self.outputs.push_back(Output::Event(Event::Completed(completed)));
        self.begin_next(now);
    }

    /// Leaves the pool element.
    fn fail_over(&mut self, report: bool, why: &str) {
        if self.seek_again() {
            let why = why.to_owned();
            self.outputs.push_back(Output::FailOver { report, why });
        }
    }

    /// Waits for another pool element. Returns `false` if that needs another session, which has been asked for: the
    /// present one has a cookie that no pool element can use.
    fn seek_again(&mut self) -> bool {
        let Some(job) = &mut self.job else {
            return false;
        };
        job.state = State::Seeking;
        let is_wrong = std::mem::take(&mut job.has_wrong_cookie);
        if is_wrong {
            job.has_cookie = false;
            self.outputs.push_back(Output::CloseSession);
            self.outputs.push_back(Output::OpenSession);
        }
        !is_wrong
    }

    fn send(&mut self, kind: Kind) {
        if let Some(Job { request, .. }) = &self.job {
            let message = Message {
                kind,
                job_id: request.id,
                job_size: match kind {
                    Kind::Request => request.size,
                    _ => 0,
                },
                completed: 0,
            };
            let bytes = message.encode();
            self.outputs.push_back(Output::Send { bytes });
        }
    }
}
