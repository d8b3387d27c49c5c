//! What is sent and what is expected: the terminal without its session, its streams and its clock.

use std::collections::VecDeque;
use std::time::Duration;

use feed::PoolUserWork;
use protocol::Time;

use crate::ByteService;
use crate::message_work::MessageWork;

/// The maximum number of lines that have been sent and not answered.
const WINDOW: usize = 256;

/// The lines of a terminal on their way to a service and back.
#[derive(Debug)]
pub(super) struct Dialogue {
    service: ByteService,
    /// How long the end waits for something to happen.
    linger: Duration,
    /// Lines to send, in this order.
    waiting: VecDeque<Vec<u8>>,
    /// Lines sent to the pool element that serves now, whose answers have not come: only of a service that answers.
    unanswered: VecDeque<Vec<u8>>,
    /// Answers to come that no line waits for: the first time of day, and one for each line since.
    questions: u64,
    /// Whether a pool element serves.
    served: bool,
    /// When something last happened: a line was sent, an answer came, a pool element began to serve.
    progress: Time,
    input_ended: bool,
    sent: u64,
    received: u64,
    /// Of lines, and of questions for the time of day. A line that is sent again is the same request.
    work: MessageWork,
    /// Lines that were sent for the first time.
    requests: u64,
    /// Lines that have come back.
    echoes: u64,
}

/// How a dialogue ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Everything was sent, and answered as far as the service answers.
    Complete,
    /// The wait for something to happen was in vain.
    Incomplete {
        /// Lines that were not sent.
        unsent: usize,
        /// Answers that did not come.
        unanswered: u64,
    },
}

impl Dialogue {
    /// Creates a dialogue with a service. The end of the input waits for at most `linger` for something to happen.
    pub(super) fn new(now: Time, service: ByteService, linger: Duration) -> Self {
        Self {
            service,
            linger,
            waiting: VecDeque::new(),
            unanswered: VecDeque::new(),
            questions: match service {
                ByteService::Daytime => 1,
                ByteService::Echo | ByteService::Discard | ByteService::Chargen => 0,
            },
            served: false,
            progress: now,
            input_ended: false,
            sent: 0,
            received: 0,
            work: MessageWork::default(),
            requests: 0,
            echoes: 0,
        }
    }

    /// A line was typed.
    pub(super) fn line(&mut self, line: Vec<u8>) {
        match self.service {
            // It is not told anything: a new session is the question.
            ByteService::Daytime => self.questions += 1,
            ByteService::Echo | ByteService::Discard | ByteService::Chargen => self.waiting.push_back(line),
        }
    }

    /// Nothing more will be typed.
    pub(super) fn end_of_input(&mut self, now: Time) {
        self.input_ended = true;
        self.progress = now;
        if self.service == ByteService::Chargen {
            // One more message tells that the service was there.
            self.questions = 1;
        }
    }

    /// A pool element serves.
    pub(super) fn served(&mut self, now: Time) {
        self.served = true;
        self.progress = now;
    }

    /// The pool element was lost. Lines without an answer are sent again to the next one, as an echo has no other
    /// effect; their number is returned.
    pub(super) fn lost(&mut self) -> usize {
        self.served = false;
        let again = self.unanswered.len();
        self.unanswered.append(&mut self.waiting);
        std::mem::swap(&mut self.unanswered, &mut self.waiting);
        again
    }

    /// An answer came.
    pub(super) fn answer(&mut self, now: Time, message: &[u8]) {
        self.progress = now;
        self.received += 1;
        self.questions = self.questions.saturating_sub(1);
        if self.service == ByteService::Daytime {
            self.requests += 1;
            self.work.requested(now, self.requests, false);
        }
        // Messages keep their order, so anything else is none of the answers.
        if self.unanswered.front().is_some_and(|line| line == message) {
            self.unanswered.pop_front();
            self.echoes += 1;
            self.work.answered(now, self.echoes);
        }
    }

    /// Returns the next line to send now.
    pub(super) fn next_line(&mut self, now: Time) -> Option<Vec<u8>> {
        if !self.can_send() {
            return None;
        }
        let line = self.waiting.pop_front()?;
        self.progress = now;
        self.sent += 1;
        // Those that are sent again come first, and have been counted.
        if self.lost_lines() == 0 {
            self.requests += 1;
            let is_answered = self.service == ByteService::Echo;
            self.work.requested(now, self.requests, is_answered);
        }
        if self.service == ByteService::Echo {
            self.unanswered.push_back(line.clone());
        }
        Some(line)
    }

    /// Returns whether there is a line to send now.
    pub(super) fn can_send(&self) -> bool {
        self.served && !self.waiting.is_empty() && self.unanswered.len() < WINDOW
    }

    /// Returns whether a session is needed.
    pub(super) const fn needs_session(&self) -> bool {
        match self.service {
            ByteService::Daytime => self.questions > 0,
            ByteService::Echo | ByteService::Discard | ByteService::Chargen => true,
        }
    }

    /// Returns the number of lines that wait to be sent.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Returns the number of lines sent, including repetitions, and of messages received.
    pub(super) const fn counts(&self) -> (u64, u64) {
        (self.sent, self.received)
    }

    /// Returns the requests until now.
    pub(super) fn work(&self) -> PoolUserWork {
        self.work.total(self.waiting.len() - self.lost_lines())
    }

    /// Returns the number of lines that wait to be sent again.
    fn lost_lines(&self) -> usize {
        match self.service {
            ByteService::Echo => {
                let sent = self.echoes + self.unanswered.len() as u64;
                self.requests.saturating_sub(sent) as usize
            }
            ByteService::Discard | ByteService::Daytime | ByteService::Chargen => 0,
        }
    }

    /// Returns since when the pool element that serves owes an answer.
    pub(super) fn owes_since(&self) -> Option<Time> {
        let owes = match self.service {
            ByteService::Echo => !self.unanswered.is_empty(),
            ByteService::Discard => false,
            ByteService::Daytime | ByteService::Chargen => true,
        };
        (self.served && owes).then_some(self.progress)
    }

    /// Returns when [`Self::outcome`] is known at the latest.
    pub(super) fn deadline(&self) -> Option<Time> {
        self.input_ended.then(|| self.progress + self.linger)
    }

    /// Returns how it ended, if it has.
    pub(super) fn outcome(&self, now: Time) -> Option<Outcome> {
        if !self.input_ended {
            return None;
        }
        match self.missing() {
            Outcome::Complete => Some(Outcome::Complete),
            missing @ Outcome::Incomplete { .. } => (now >= self.progress + self.linger).then_some(missing),
        }
    }

    /// Returns how it would end if it ended now.
    pub(super) fn missing(&self) -> Outcome {
        let (unsent, unanswered) = (self.waiting.len(), self.unanswered.len() as u64 + self.questions);
        if unsent == 0 && unanswered == 0 {
            Outcome::Complete
        } else {
            Outcome::Incomplete { unsent, unanswered }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINGER: Duration = Duration::from_secs(5);

    fn at(seconds: u64) -> Time {
        Time::from_origin(Duration::from_secs(seconds))
    }

    fn dialogue(service: ByteService, lines: usize) -> Dialogue {
        let mut dialogue = Dialogue::new(at(0), service, LINGER);
        for number in 0..lines {
            dialogue.line(line(number));
        }
        dialogue
    }

    fn line(number: usize) -> Vec<u8> {
        format!("{number}\n").into_bytes()
    }

    fn send_all(dialogue: &mut Dialogue, now: Time) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| dialogue.next_line(now)).collect()
    }

    #[test]
    fn an_echo_is_complete_when_each_line_has_come_back() {
        let mut dialogue = dialogue(ByteService::Echo, 2);
        dialogue.end_of_input(at(1));
        assert_eq!(send_all(&mut dialogue, at(1)), Vec::<Vec<u8>>::new());
        dialogue.served(at(2));
        assert_eq!(send_all(&mut dialogue, at(2)), [line(0), line(1)]);
        dialogue.answer(at(3), &line(0));
        assert_eq!(dialogue.outcome(at(3)), None);
        dialogue.answer(at(4), &line(1));
        assert_eq!(dialogue.outcome(at(4)), Some(Outcome::Complete));
        assert_eq!(dialogue.counts(), (2, 2));
    }

    #[test]
    fn lines_without_an_answer_are_sent_again_before_all_others() {
        let mut dialogue = dialogue(ByteService::Echo, 3);
        dialogue.served(at(1));
        send_all(&mut dialogue, at(1));
        dialogue.answer(at(1), &line(0));
        dialogue.line(line(3));
        assert_eq!(dialogue.lost(), 2);
        assert_eq!((dialogue.work().requested, dialogue.work().queued), (4, 1));
        assert_eq!(dialogue.owes_since(), None);
        dialogue.served(at(2));
        assert_eq!(send_all(&mut dialogue, at(2)), [line(1), line(2), line(3)]);
        // Two of them for the second time.
        dialogue.answer(at(5), &line(1));
        let work = dialogue.work();
        assert_eq!((work.requested, work.completed, work.running), (4, 2, 2));
        assert_eq!(work.handling, Duration::from_secs(4));
        assert_eq!(dialogue.counts(), (6, 2));
        assert_eq!(dialogue.owes_since(), Some(at(5)));
    }

    #[test]
    fn more_than_the_window_waits_for_answers() {
        let mut dialogue = dialogue(ByteService::Echo, WINDOW + 1);
        dialogue.served(at(0));
        assert_eq!(send_all(&mut dialogue, at(0)).len(), WINDOW);
        dialogue.answer(at(0), b"something else");
        assert!(!dialogue.can_send());
        dialogue.answer(at(0), &line(0));
        assert_eq!(send_all(&mut dialogue, at(0)), [line(WINDOW)]);
    }

    #[test]
    fn the_end_does_not_wait_for_ever() {
        let mut dialogue = dialogue(ByteService::Echo, 3);
        dialogue.served(at(0));
        dialogue.next_line(at(0));
        dialogue.lost();
        dialogue.served(at(10));
        dialogue.next_line(at(10));
        dialogue.end_of_input(at(10));
        assert_eq!(dialogue.deadline(), Some(at(15)));
        assert_eq!(dialogue.outcome(at(14)), None);
        let incomplete = Outcome::Incomplete {
            unsent: 2,
            unanswered: 1,
        };
        assert_eq!(dialogue.outcome(at(15)), Some(incomplete));
    }

    #[test]
    fn nobody_expects_an_answer_of_a_discard_service() {
        let mut dialogue = dialogue(ByteService::Discard, 2);
        dialogue.end_of_input(at(0));
        assert_eq!(dialogue.outcome(at(0)), None);
        dialogue.served(at(1));
        send_all(&mut dialogue, at(1));
        assert_eq!(dialogue.outcome(at(1)), Some(Outcome::Complete));
        assert_eq!(dialogue.owes_since(), None);
    }

    #[test]
    fn the_time_of_day_is_asked_at_once_and_once_more_for_each_line() {
        let mut dialogue = dialogue(ByteService::Daytime, 0);
        assert!(dialogue.needs_session());
        dialogue.served(at(1));
        assert_eq!(dialogue.owes_since(), Some(at(1)));
        dialogue.answer(at(1), b"Monday");
        dialogue.lost();
        assert!(!dialogue.needs_session());
        dialogue.line(line(1));
        assert!(dialogue.needs_session());
        dialogue.end_of_input(at(1));
        assert_eq!(dialogue.outcome(at(1)), None);
        dialogue.served(at(2));
        dialogue.answer(at(2), b"Tuesday");
        assert_eq!(dialogue.outcome(at(2)), Some(Outcome::Complete));
    }

    #[test]
    fn characters_end_with_the_next_message_after_the_input() {
        let mut dialogue = dialogue(ByteService::Chargen, 0);
        dialogue.served(at(0));
        dialogue.answer(at(0), b"abc");
        dialogue.end_of_input(at(1));
        assert_eq!(dialogue.outcome(at(1)), None);
        dialogue.answer(at(2), b"abc");
        assert_eq!(dialogue.outcome(at(2)), Some(Outcome::Complete));
    }
}
