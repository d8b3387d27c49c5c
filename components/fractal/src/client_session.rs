//! A pool user's side of one session: one tile of a picture, from its request to its last pixel.
//!
//! Pool elements, associations and cookies are handled by the pool user; this requests the picture, checks what
//! arrives, counts the pixels, and detects timeouts. Times are durations since an origin that the caller chooses.

use std::collections::VecDeque;
use std::time::Duration;

use wire::Malformed;
use wire::fractal_generator::{Data, Message, Parameter};

/// Settings of a pool user's fractal sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The time without anything from the pool element that leads to a failover.
    pub receive_timeout: Duration,
    /// How often the picture is requested again if the pool element reports it as complete but it is not. rsplib's
    /// pool elements may leave pixels out after a failover.
    pub repetitions: u32,
}

/// The defaults of rsplib's pool user.
impl Default for Settings {
    fn default() -> Self {
        Self {
            receive_timeout: Duration::from_millis(5000),
            repetitions: 1,
        }
    }
}

impl Settings {
    /// Returns short times, for demonstrations.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            receive_timeout: Duration::from_millis(1300),
            ..Self::default()
        }
    }
}

/// A pool user's side of one session.
///
/// After every input, call [`Self::poll_send`] until it returns `None`, and set a timer for [`Self::poll_timeout`].
#[derive(Debug)]
pub struct ClientSession {
    settings: Settings,
    parameter: Parameter,
    state: State,
    received: Received,
    repetitions: u32,
    outgoing: VecDeque<Message>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is no pool element.
    Disconnected,
    /// Pixels are expected by the given time.
    Receiving { until: Duration },
    /// The session is complete.
    Complete,
}

/// The meaning of a message from the pool element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// Pixels to draw.
    Pixels {
        /// The pixels; all of them are within the tile.
        data: Data,
        /// Pixels that had not been received before.
        new: u64,
    },
    /// The pool element reports the picture as complete.
    Finished {
        /// Pixels that have not been received; normally 0.
        missing: u64,
    },
    /// The pool element reports the picture as complete, but it is not: the session requests it again.
    Repeating {
        /// Pixels that have not been received.
        missing: u64,
    },
    /// The message has no effect.
    Ignored(Ignored),
}

/// The reason why a message is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Ignored {
    /// It is not a message of the protocol.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Pixels outside the tile.
    #[error("pixels outside the picture")]
    Outside,
    /// A message that only pool users send.
    #[error("{0} from a pool element")]
    WrongDirection(&'static str),
    /// The session does not expect anything.
    #[error("message outside of a session")]
    Unexpected,
}

impl ClientSession {
    /// Creates a session that will request this picture or tile.
    #[must_use]
    pub fn new(settings: Settings, parameter: Parameter) -> Self {
        let received = Received::new(parameter.pixels());
        let outgoing = VecDeque::new();
        Self {
            settings,
            parameter,
            state: State::Disconnected,
            received,
            repetitions: 0,
            outgoing,
        }
    }

    /// An association with a pool element came up, initially or after a failover. If a cookie was echoed to the pool
    /// element, it continues by itself; otherwise the picture is requested from the beginning.
    pub fn handle_connected(&mut self, now: Duration, cookie_was_echoed: bool) {
        if self.state == State::Complete {
            return;
        }
        self.outgoing.clear();
        if !cookie_was_echoed {
            self.outgoing.push_back(Message::Parameter(self.parameter));
        }
        self.expect_more(now);
    }

    /// The association ended.
    pub fn handle_disconnected(&mut self) {
        self.outgoing.clear();
        self.state = if self.received.missing == 0 {
            State::Complete
        } else {
            State::Disconnected
        };
    }

    /// A message of the Fractal Generator Protocol arrived.
    pub fn handle_message(&mut self, now: Duration, bytes: &[u8]) -> Arrival {
        if !matches!(self.state, State::Receiving { .. }) {
            return Arrival::Ignored(Ignored::Unexpected);
        }
        let message = match Message::decode(bytes) {
            Ok(message) => message,
            Err(malformed) => return Arrival::Ignored(malformed.into()),
        };
        match message {
            Message::Data(data) if data.fits(&self.parameter) => {
                self.expect_more(now);
                let first =
                    u64::from(data.start_y) * u64::from(self.parameter.width) + u64::from(data.start_x);
                let new = self.received.insert(first, data.pixels.len() as u64);
                Arrival::Pixels { data, new }
            }
            Message::Data(_) => Arrival::Ignored(Ignored::Outside),
            Message::Finalizer => self.handle_finalizer(now),
            Message::Parameter(_) => Arrival::Ignored(Ignored::WrongDirection(message.name())),
        }
    }

    /// A cookie arrived: a sign of life.
    pub fn handle_cookie(&mut self, now: Duration) {
        if matches!(self.state, State::Receiving { .. }) {
            self.expect_more(now);
        }
    }

    /// The time returned by [`Self::poll_timeout`] has come. Returns whether the pool element must be given up.
    pub fn handle_timeout(&mut self, now: Duration) -> bool {
        match self.state {
            State::Receiving { until } if now >= until => {
                self.handle_disconnected();
                self.state == State::Disconnected
            }
            State::Receiving { .. } | State::Disconnected | State::Complete => false,
        }
    }

    /// Returns the next message to send to the pool element.
    pub fn poll_send(&mut self) -> Option<Message> {
        self.outgoing.pop_front()
    }

    /// Returns when to call [`Self::handle_timeout`] if there is no other input before.
    #[must_use]
    pub const fn poll_timeout(&self) -> Option<Duration> {
        match self.state {
            State::Receiving { until } => Some(until),
            State::Disconnected | State::Complete => None,
        }
    }

    /// Returns the parameters that the session requests.
    #[must_use]
    pub const fn parameter(&self) -> &Parameter {
        &self.parameter
    }

    /// Returns the number of pixels that have not been received.
    #[must_use]
    pub const fn missing(&self) -> u64 {
        self.received.missing
    }

    /// Returns whether the session is over: either the pool element reported so, or all pixels arrived before it was
    /// lost. Only then no failover is needed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.state == State::Complete
    }

    fn handle_finalizer(&mut self, now: Duration) -> Arrival {
        let missing = self.received.missing;
        if missing > 0 && self.repetitions < self.settings.repetitions {
            self.repetitions += 1;
            self.outgoing.push_back(Message::Parameter(self.parameter));
            self.expect_more(now);
            return Arrival::Repeating { missing };
        }
        self.state = State::Complete;
        Arrival::Finished { missing }
    }

    fn expect_more(&mut self, now: Duration) {
        self.state = State::Receiving {
            until: now.saturating_add(self.settings.receive_timeout),
        };
    }
}

/// The pixels that have been received: one bit each, in words that are allocated when first needed.
#[derive(Debug)]
struct Received {
    pixels: u64,
    missing: u64,
    words: Vec<u64>,
}

impl Received {
    const fn new(pixels: u64) -> Self {
        Self {
            pixels,
            missing: pixels,
            words: Vec::new(),
        }
    }

    /// Marks a run of pixels, and returns how many of them are new.
    fn insert(&mut self, first: u64, count: u64) -> u64 {
        let end = first.saturating_add(count).min(self.pixels);
        let words = usize::try_from(end.div_ceil(64)).unwrap_or(usize::MAX);
        if self.words.len() < words {
            self.words.resize(words, 0);
        }
        let mut new = 0;
        for position in first..end {
            let Some(word) = self.words.get_mut((position / 64) as usize) else {
                continue;
            };
            let bit = 1 << (position % 64);
            if *word & bit == 0 {
                *word |= bit;
                new += 1;
            }
        }
        self.missing -= new;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::VIEWS;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn connected() -> ClientSession {
        let mut session = ClientSession::new(
            Settings {
                receive_timeout: Duration::from_millis(1000),
                ..Settings::default()
            },
            VIEWS[0].parameter(10, 10),
        );
        session.handle_connected(ms(0), false);
        session
    }

    fn pixels(
        session: &mut ClientSession,
        now: Duration,
        (start_x, start_y): (u32, u32),
        count: usize,
    ) -> Arrival {
        let data = Data {
            start_x,
            start_y,
            pixels: vec![1; count],
        };
        session.handle_message(now, &Message::Data(data).encode())
    }

    fn new(arrival: &Arrival) -> Option<u64> {
        if let Arrival::Pixels { new, .. } = arrival {
            Some(*new)
        } else {
            None
        }
    }

    #[test]
    fn the_picture_is_asked_for_unless_a_cookie_was_echoed() {
        let mut session = connected();
        assert_eq!(
            session.poll_send(),
            Some(Message::Parameter(*session.parameter()))
        );
        session.handle_disconnected();
        session.handle_connected(ms(1), true);
        assert_eq!(session.poll_send(), None);
        session.handle_disconnected();
        session.handle_connected(ms(2), false);
        assert!(session.poll_send().is_some());
    }

    #[test]
    fn pixels_and_cookies_are_signs_of_life() {
        let mut session = connected();
        assert_eq!(session.poll_timeout(), Some(ms(1000)));
        pixels(&mut session, ms(500), (0, 0), 1);
        assert_eq!(session.poll_timeout(), Some(ms(1500)));
        session.handle_cookie(ms(1400));
        assert!(!session.handle_timeout(ms(1500)));
        assert!(session.handle_timeout(ms(2400)));
        assert_eq!(session.poll_timeout(), None);
    }

    #[test]
    fn what_is_malformed_or_outside_is_ignored_and_no_sign_of_life() {
        let mut session = connected();
        for arrival in [
            session.handle_message(ms(10), b"\x02\0\0\x10"),
            pixels(&mut session, ms(10), (10, 0), 1),
            pixels(&mut session, ms(10), (0, 10), 1),
            pixels(&mut session, ms(10), (5, 9), 6),
        ] {
            assert!(matches!(arrival, Arrival::Ignored(_)), "{arrival:?}");
        }
        let request = Message::Parameter(*session.parameter()).encode();
        let ignored = Arrival::Ignored(Ignored::WrongDirection("FGP_PARAMETER"));
        assert_eq!(session.handle_message(ms(10), &request), ignored);
        assert_eq!((session.poll_timeout(), session.missing()), (Some(ms(1000)), 100));
    }

    #[test]
    fn repeated_pixels_count_once() {
        let mut session = connected();
        assert_eq!(new(&pixels(&mut session, ms(1), (5, 0), 10)), Some(10));
        assert_eq!(new(&pixels(&mut session, ms(2), (0, 0), 20)), Some(10));
        assert_eq!(session.missing(), 80);
    }

    #[test]
    fn the_finalizer_ends_the_session() {
        let mut session = connected();
        pixels(&mut session, ms(1), (0, 0), 100);
        assert!(!session.is_complete());
        let arrival = session.handle_message(ms(2), &Message::Finalizer.encode());
        assert_eq!(arrival, Arrival::Finished { missing: 0 });
        assert!(session.is_complete());
        assert_eq!(
            pixels(&mut session, ms(3), (0, 0), 1),
            Arrival::Ignored(Ignored::Unexpected)
        );
    }

    #[test]
    fn an_incomplete_picture_is_asked_for_again_a_limited_number_of_times() {
        let mut session = connected();
        session.poll_send();
        pixels(&mut session, ms(1), (0, 0), 99);
        let finalizer = Message::Finalizer.encode();
        assert_eq!(
            session.handle_message(ms(2), &finalizer),
            Arrival::Repeating { missing: 1 }
        );
        assert!(session.poll_send().is_some());
        assert_eq!(
            session.handle_message(ms(3), &finalizer),
            Arrival::Finished { missing: 1 }
        );
    }

    #[test]
    fn a_pool_element_lost_after_the_last_pixel_is_not_missed() {
        let mut session = connected();
        pixels(&mut session, ms(1), (0, 0), 100);
        assert!(!session.handle_timeout(ms(1001)));
        assert!(session.is_complete());
    }
}
