//! What a capture on the network would not tell about a packet, as a sentence that can be read again.

use std::time::Duration;

use crate::{Direction, Fate};

/// What a capture on the network would not tell about a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remark {
    /// What became of it.
    pub fate: Fate,
    /// Whether an impaired link flipped a bit in it.
    pub corrupted: bool,
    /// How long an impaired link held it.
    pub delay: Duration,
}

/// A packet of which there is nothing to be said.
impl Default for Remark {
    fn default() -> Self {
        Self {
            fate: Fate::Passed,
            corrupted: false,
            delay: Duration::ZERO,
        }
    }
}

const LOST_BY_SENDER: &str = "lost by an impaired link of its sender: it was never sent";
const LOST_BY_RECEIVER: &str = "lost by an impaired link of its receiver: it arrived and was not processed";
const REFUSED: &str = "the system refused to send it";
const CORRUPTED: &str = "a bit was flipped by an impaired link";
/// Around the milliseconds.
const DELAYED: (&str, &str) = ("delayed by ", " ms on an impaired link");
const SEPARATOR: &str = "; ";

impl Remark {
    /// Returns it as a sentence; `None` if there is nothing to be said.
    #[must_use]
    pub fn sentence(&self, direction: Direction) -> Option<String> {
        let mut remarks = Vec::new();
        match (self.fate, direction) {
            (Fate::Passed, _) => {}
            (Fate::Lost, Direction::Sent) => remarks.push(LOST_BY_SENDER.to_owned()),
            (Fate::Lost, Direction::Received) => remarks.push(LOST_BY_RECEIVER.to_owned()),
            (Fate::Refused, _) => remarks.push(REFUSED.to_owned()),
        }
        if self.corrupted {
            remarks.push(CORRUPTED.to_owned());
        }
        if !self.delay.is_zero() {
            let milliseconds = self.delay.as_secs_f64() * 1e3;
            remarks.push(format!("{}{milliseconds:.1}{}", DELAYED.0, DELAYED.1));
        }
        (!remarks.is_empty()).then(|| remarks.join(SEPARATOR))
    }

    /// Understands a sentence, or `None` if it is none of these.
    #[must_use]
    pub fn parse(sentence: &str) -> Option<Self> {
        let mut remark = Self::default();
        for part in sentence.split(SEPARATOR) {
            match part {
                LOST_BY_SENDER | LOST_BY_RECEIVER => remark.fate = Fate::Lost,
                REFUSED => remark.fate = Fate::Refused,
                CORRUPTED => remark.corrupted = true,
                _ => {
                    let delay = part.strip_prefix(DELAYED.0)?.strip_suffix(DELAYED.1)?;
                    let milliseconds: f64 = delay.parse().ok()?;
                    remark.delay = Duration::try_from_secs_f64(milliseconds / 1e3).ok()?;
                }
            }
        }
        Some(remark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_understood() {
        for fate in [Fate::Passed, Fate::Lost, Fate::Refused] {
            for corrupted in [false, true] {
                for delay in [0, 12_300] {
                    let remark = Remark {
                        fate,
                        corrupted,
                        delay: Duration::from_micros(delay),
                    };
                    for direction in [Direction::Sent, Direction::Received] {
                        let said = remark.sentence(direction).and_then(|said| Remark::parse(&said));
                        assert_eq!(said.unwrap_or_default(), remark);
                    }
                }
            }
        }
    }

    #[test]
    fn other_sentences_are_not() {
        for text in [
            "",
            "PE 1 was killed",
            "delayed by x ms on an impaired link",
            "delayed by -1 ms on an impaired link",
        ] {
            assert_eq!(Remark::parse(text), None, "{text}");
        }
    }
}
