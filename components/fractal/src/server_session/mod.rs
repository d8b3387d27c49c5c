//! A pool element's side of one session: what to compute next, and what to send when.
//!
//! It neither computes nor sends, and has no clock: times are durations since an origin that the caller chooses. The
//! driver passes in what arrives, lets a worker thread carry out the [`Work`], and sends what
//! [`ServerSession::poll_send`] returns.
//!
//! A cookie contains the position of the next pixel. All pixels before that one have been sent before the cookie, in
//! order on the same stream: so a pool user that has the cookie has the pixels, and the next pool element neither
//! leaves out any nor repeats more than what came after the cookie.

mod pace;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use wire::Malformed;
use wire::fractal_generator::{Data, Message, Parameter, StateCookie};

use crate::compute::Picture;
use pace::Pace;
pub use settings::Settings;

/// A pool element's side of one session.
///
/// After every input, call [`Self::poll_send`] until it returns `None` or the association accepts no more, then
/// [`Self::next_work`], and set a timer for [`Self::poll_timeout`].
#[derive(Debug)]
pub struct ServerSession {
    settings: Settings,
    state: State,
    /// Whether a picture has been begun: then it is too late for a cookie echo.
    has_begun: bool,
    data_sent: u32,
    /// The number of pictures completed since [`Self::take_completed`].
    completed: u64,
    outgoing: VecDeque<Outgoing>,
}

#[derive(Debug)]
enum State {
    /// Waits for a Parameter or a cookie echo.
    Idle,
    Computing(Box<Progress>),
    Ended(Outcome),
}

/// The progress of a picture.
#[derive(Debug)]
struct Progress {
    picture: Picture,
    /// The first pixel that has not been sent, where `collected` begins.
    sent: u64,
    collected: Vec<u32>,
    /// The position that a worker is computing, and since when.
    outstanding: Option<(u64, Duration)>,
    pace: Pace,
    last_data: Duration,
    last_cookie: Duration,
    data_since_cookie: u32,
    /// Whether to send the next pixels at once, however few they are.
    is_awaited: bool,
}

/// Pixels to compute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Work {
    /// The picture.
    pub picture: Picture,
    /// The first pixel, in reading order.
    pub position: u64,
    /// The number of pixels.
    pub count: usize,
}

/// Computed pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    /// The first pixel, in reading order.
    pub position: u64,
    /// The values.
    pub pixels: Vec<u32>,
    /// The number of steps that these values stand for.
    pub iterations: u64,
}

impl Work {
    /// Computes the pixels; takes some tenths of a second at most.
    #[must_use]
    pub fn compute(&self) -> Computed {
        let mut pixels = Vec::new();
        let iterations = self.picture.compute(self.position, self.count, &mut pixels);
        Computed {
            position: self.position,
            pixels,
            iterations,
        }
    }
}

/// The next action of a worker thread for the session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Next {
    /// Compute this, and call [`ServerSession::handle_computed`].
    Work(Work),
    /// Ask again at this time: the session has used up its allowance.
    WaitUntil(Duration),
    /// Ask again after the next input, or when messages have been taken from [`ServerSession::poll_send`].
    Wait,
    /// Nothing more, ever. Once [`ServerSession::poll_send`] returns `None`, the association must be aborted.
    Done(Outcome),
}

/// Something to send, in order on stream 0.
#[derive(Debug, Clone, PartialEq)]
pub enum Outgoing {
    /// The content of an ASAP_COOKIE.
    Cookie(StateCookie),
    /// A message of the Fractal Generator Protocol.
    Message(Message),
}

/// The reason why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The pool element is stopping.
    ShutDown,
    /// The limit [`Settings::fail_after`] was reached.
    FailureTest,
}

/// The reason why a pool element aborts a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The message or cookie is malformed, or its picture exceeds the limits.
    #[error("unacceptable request: {0}")]
    Malformed(#[from] Malformed),
    /// A message that only pool elements send.
    #[error("{0} from a pool user")]
    WrongDirection(&'static str),
    /// Another request while a picture is being computed.
    #[error("request while a picture is being computed")]
    Busy,
}

impl ServerSession {
    /// The maximum number of messages waiting to be sent before the session stops computing.
    const MOST_WAITING: usize = 32;

    /// Creates a session that waits for its Parameter or cookie echo.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        let outgoing = VecDeque::new();
        Self {
            settings,
            state: State::Idle,
            has_begun: false,
            data_sent: 0,
            completed: 0,
            outgoing,
        }
    }

    /// A message of the Fractal Generator Protocol arrived.
    ///
    /// # Errors
    /// Returns an error if the session must be aborted.
    pub fn handle_message(&mut self, now: Duration, bytes: &[u8]) -> Result<(), Refusal> {
        if let State::Ended(_) = self.state {
            return Ok(());
        }
        match Message::decode(bytes)? {
            Message::Parameter(parameter) if matches!(self.state, State::Idle) => {
                self.begin(now, &parameter, 0)
            }
            Message::Parameter(_) => Err(Refusal::Busy),
            message @ (Message::Data(_) | Message::Finalizer) => Err(Refusal::WrongDirection(message.name())),
        }
    }

    /// The cookie of an ASAP_COOKIE_ECHO arrived. Only the first request of a session can be one, later ones are
    /// ignored.
    ///
    /// # Errors
    /// Returns an error if the session must be aborted.
    pub fn handle_cookie_echo(&mut self, now: Duration, cookie: &[u8]) -> Result<(), Refusal> {
        if self.has_begun || !matches!(self.state, State::Idle) {
            return Ok(());
        }
        let StateCookie {
            parameter,
            current_x,
            current_y,
        } = StateCookie::decode(cookie)?;
        let position = u64::from(current_y) * u64::from(parameter.width) + u64::from(current_x);
        self.begin(now, &parameter, position)
    }

    /// A worker has finished its work. Ignored if the session has ended meanwhile.
    pub fn handle_computed(&mut self, now: Duration, computed: Computed) {
        let State::Computing(progress) = &mut self.state else {
            return;
        };
        let Some((position, begun)) = progress.outstanding else {
            return;
        };
        if position != computed.position || computed.pixels.is_empty() {
            return;
        }
        progress.outstanding = None;
        progress
            .pace
            .handle_computed(now, begun, computed.pixels.len(), computed.iterations);
        progress.collected.extend(computed.pixels);
        while self.collected() >= Data::MOST_POINTS {
            self.send_data(now);
        }
        self.send_what_is_due(now);
    }

    /// The time returned by [`Self::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.send_what_is_due(now);
    }

    /// The pool element is stopping: sends the available pixels and a last cookie.
    pub fn shut_down(&mut self, now: Duration) {
        self.break_off(now, Outcome::ShutDown);
    }

    /// Changes the computing speed of the session, for instance because the pool element got another session.
    pub fn set_iterations_per_second(&mut self, iterations_per_second: u64) {
        self.settings.iterations_per_second = iterations_per_second;
        if let State::Computing(progress) = &mut self.state {
            progress.pace.set_iterations_per_second(iterations_per_second);
        }
    }

    /// Breaks the session after this many further Data messages; 0 never does.
    pub const fn set_fail_after(&mut self, further_messages: u32) {
        self.settings.fail_after = match further_messages {
            0 => 0,
            number => self.data_sent.saturating_add(number),
        };
    }

    /// Returns what to do next. Work must be completed before more is returned.
    pub fn next_work(&mut self, now: Duration) -> Next {
        let progress = match &mut self.state {
            State::Idle => return Next::Wait,
            State::Ended(outcome) => return Next::Done(*outcome),
            State::Computing(progress) => progress,
        };
        if progress.outstanding.is_some() || self.outgoing.len() >= Self::MOST_WAITING {
            return Next::Wait;
        }
        if now < progress.pace.allowed_from() {
            return Next::WaitUntil(progress.pace.allowed_from());
        }
        let position = progress.computed();
        progress.outstanding = Some((position, now));
        Next::Work(Work {
            picture: progress.picture,
            position,
            count: progress.pace.run(),
        })
    }

    /// Returns the next thing to send.
    pub fn poll_send(&mut self) -> Option<Outgoing> {
        self.outgoing.pop_front()
    }

    /// Returns when to call [`Self::handle_timeout`] if there is no other input before.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let State::Computing(progress) = &self.state else {
            return None;
        };
        let cookie = progress.last_cookie.saturating_add(self.settings.cookie_max_time);
        let data = progress.last_data.saturating_add(self.settings.data_max_time);
        Some(if progress.collected.is_empty() {
            cookie
        } else {
            cookie.min(data)
        })
    }

    /// Returns whether a picture is being computed, which is part of the pool element's load.
    #[must_use]
    pub const fn is_computing(&self) -> bool {
        matches!(self.state, State::Computing(_))
    }

    /// Returns the number of pictures that were completed since the last call.
    pub const fn take_completed(&mut self) -> u64 {
        std::mem::replace(&mut self.completed, 0)
    }

    /// Returns the picture in progress, and how many of its pixels have been sent.
    #[must_use]
    pub fn progress(&self) -> Option<(&Parameter, u64)> {
        match &self.state {
            State::Computing(progress) => Some((progress.picture.parameter(), progress.sent)),
            State::Idle | State::Ended(_) => None,
        }
    }

    fn begin(&mut self, now: Duration, parameter: &Parameter, position: u64) -> Result<(), Refusal> {
        let picture = Picture::new(parameter)?;
        let picture = if self.settings.test_mode {
            picture.in_test_mode()
        } else {
            picture
        };
        self.has_begun = true;
        self.state = State::Computing(Box::new(Progress {
            picture,
            sent: position,
            collected: Vec::new(),
            outstanding: None,
            pace: Pace::new(self.settings.iterations_per_second, now),
            last_data: now,
            last_cookie: now,
            data_since_cookie: 0,
            is_awaited: true,
        }));
        self.send_cookie(now);
        self.send_what_is_due(now);
        Ok(())
    }

    fn collected(&self) -> usize {
        match &self.state {
            State::Computing(progress) => progress.collected.len(),
            State::Idle | State::Ended(_) => 0,
        }
    }

    /// Sends pixels and cookie if they are due, and the end of the picture if it has been reached.
    fn send_what_is_due(&mut self, now: Duration) {
        let State::Computing(progress) = &mut self.state else {
            return;
        };
        let is_complete = progress.computed() >= progress.picture.parameter().pixels();
        let since_data = now.saturating_sub(progress.last_data);
        let since_cookie = now.saturating_sub(progress.last_cookie);
        let cookie_is_due = since_cookie >= self.settings.cookie_max_time
            || progress.data_since_cookie >= self.settings.cookie_max_packets;
        if self.outgoing.len() >= 2 * Self::MOST_WAITING && !is_complete {
            // The messages are not being sent: more of them would not help.
            (progress.last_data, progress.last_cookie) = (now, now);
            return;
        }
        if progress.is_awaited || is_complete || since_data >= self.settings.data_max_time {
            self.send_data(now);
        }
        if is_complete {
            if let State::Computing(_) = self.state {
                self.outgoing.push_back(Outgoing::Message(Message::Finalizer));
                self.completed += 1;
                self.state = State::Idle;
            }
        } else if cookie_is_due {
            self.send_data(now);
            self.send_cookie(now);
        }
    }

    /// Sends as many of the collected pixels as fit into a message, if there are any.
    fn send_data(&mut self, now: Duration) {
        let State::Computing(progress) = &mut self.state else {
            return;
        };
        if progress.collected.is_empty() {
            return;
        }
        let (start_x, start_y) = progress.picture.place(progress.sent);
        let count = progress.collected.len().min(Data::MOST_POINTS);
        let pixels: Vec<u32> = progress.collected.drain(..count).collect();
        progress.sent += count as u64;
        progress.last_data = now;
        progress.data_since_cookie += 1;
        progress.is_awaited = false;
        self.outgoing.push_back(Outgoing::Message(Message::Data(Data {
            start_x,
            start_y,
            pixels,
        })));
        self.data_sent = self.data_sent.saturating_add(1);
        if self.settings.fail_after != 0 && self.data_sent >= self.settings.fail_after {
            self.break_off(now, Outcome::FailureTest);
        }
    }

    /// Sends a cookie for the first pixel that has not been sent.
    fn send_cookie(&mut self, now: Duration) {
        let State::Computing(progress) = &mut self.state else {
            return;
        };
        progress.last_cookie = now;
        progress.data_since_cookie = 0;
        let parameter = *progress.picture.parameter();
        let (current_x, current_y) = progress.picture.place(progress.sent);
        self.outgoing.push_back(Outgoing::Cookie(StateCookie {
            parameter,
            current_x,
            current_y,
        }));
    }

    /// Ends the session with the available pixels and a cookie.
    fn break_off(&mut self, now: Duration, outcome: Outcome) {
        if outcome == Outcome::ShutDown {
            self.settings.fail_after = 0;
            self.send_data(now);
        }
        self.send_cookie(now);
        if !matches!(self.state, State::Ended(_)) {
            self.state = State::Ended(outcome);
        }
    }
}

impl Progress {
    /// Returns the first pixel that has not been computed.
    fn computed(&self) -> u64 {
        self.sent + self.collected.len() as u64
    }
}
