//! Filters, in a language that people know from mail programs and search engines.
//!
//! | written | finds messages |
//! | --- | --- |
//! | `word` | in whose name, content, ends or protocol it occurs |
//! | `"two words"` | in which they occur so |
//! | `-word` | in which it does not; `-` may be put before everything that follows here as well |
//! | `from:PU1`, `to:PR1` | with this sender, this receiver |
//! | `pe:2`, `pu:1`, `pr:1`, `with:NAME` | with this component at either end |
//! | `type:REGISTRATION` | in whose name it occurs |
//! | `protocol:ENRP` | of this protocol |
//! | `is:lost`, `is:again`, `is:wrong` | that were lost, sent more than once, not decodable |
//! | `after:14:03:05.250`, `before:+12.5` | sent from a time of day (UTC) on, or up to so many seconds after the beginning |
//!
//! A message has to satisfy all of them. Upper and lower case are the same, and names may be written without their spaces.

use std::ops::Range;

use feed::{Timestamp, WallClock};

use crate::{Fate, Message, Packet, Trace};

/// A filter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq)]
struct Term {
    negated: bool,
    what: What,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Word(String),
    From(String),
    To(String),
    With(String),
    Kind(String),
    Protocol(String),
    Is(Is),
    After(Moment),
    Before(Moment),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Is {
    Lost,
    Again,
    Wrong,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Moment {
    /// Microseconds since midnight, UTC.
    OfDay(u64),
    /// Microseconds since the beginning.
    SinceBeginning(u64),
}

/// Why something is no filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// What is wrong, in bytes of the text.
    pub place: Range<usize>,
    /// A sentence.
    pub why: String,
}

/// What times of day refer to.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// The time of day.
    pub wall_clock: WallClock,
    /// When the recording began.
    pub begin: Timestamp,
}

/// What may be written at the end of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What it takes the place of, in bytes of the text.
    pub place: Range<usize>,
    /// What is written there.
    pub text: String,
}

const KEYS: [&str; 11] = [
    "from", "to", "with", "pe", "pu", "pr", "type", "protocol", "is", "after", "before",
];

impl Filter {
    /// Returns whether everything satisfies it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Returns whether what satisfies it may change when more is known of a message: what became of it, or when it was sent.
    #[must_use]
    pub fn is_provisional(&self) -> bool {
        let changes = |term: &Term| matches!(term.what, What::Is(_) | What::After(_) | What::Before(_));
        self.terms.iter().any(changes)
    }

    /// Understands a filter.
    ///
    /// # Errors
    /// Returns an error if a word before a colon, or what follows it, is none of those that are known.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let terms = words(text).map(|word| {
            term(&word).map_err(|why| FilterError {
                place: word.place,
                why,
            })
        });
        Ok(Self {
            terms: terms
                .collect::<Result<Vec<_>, _>>()?
                .into_iter()
                .flatten()
                .collect(),
        })
    }

    /// Returns what may be written at the end of a text, the likeliest first.
    #[must_use]
    pub fn completions(text: &str, trace: &Trace) -> Vec<Completion> {
        const MOST: usize = 12;
        let begin = text.rfind(char::is_whitespace).map_or(0, |space| {
            space + text[space..].chars().next().map_or(1, char::len_utf8)
        });
        let begin = begin + usize::from(text[begin..].starts_with('-'));
        let last = &text[begin..];
        if last.is_empty() {
            return Vec::new();
        }
        let compact = |name: &str| name.replace(' ', "");
        let components = |role: &str| -> Vec<String> {
            let names = trace.ends.iter().filter_map(|end| end.component.as_deref());
            names
                .map(compact)
                .filter(|name| lower(name).starts_with(role))
                .collect()
        };
        let (start, candidates): (usize, Vec<String>) = match last.split_once(':') {
            None => {
                let keys = KEYS.iter().map(|key| format!("{key}:"));
                (begin, keys.chain(trace.names.iter().map(str::to_owned)).collect())
            }
            Some((key, _)) => {
                let candidates = match lower(key).as_str() {
                    "from" | "to" | "with" => components(""),
                    role @ ("pe" | "pu" | "pr") => {
                        let all = components(role);
                        all.iter().map(|name| name[role.len()..].to_owned()).collect()
                    }
                    "type" => trace.names.iter().map(str::to_owned).collect(),
                    "protocol" => ["ASAP", "ENRP", "FGP", "PPP", "CalcApp", "SSP", "CSP"]
                        .map(str::to_owned)
                        .into(),
                    "is" => ["lost", "again", "wrong"].map(str::to_owned).into(),
                    _ => Vec::new(),
                };
                (begin + key.len() + 1, candidates)
            }
        };
        let written = lower(&text[start..]);
        let fits = |candidate: &String| {
            let candidate = lower(candidate);
            candidate != written && candidate.contains(&written) && !candidate.contains(char::is_whitespace)
        };
        let mut fitting: Vec<String> = candidates.into_iter().filter(fits).collect();
        fitting.sort_by_key(|candidate| !lower(candidate).starts_with(&written));
        fitting.dedup();
        fitting
            .into_iter()
            .take(MOST)
            .map(|text| Completion {
                place: start..start + written.len(),
                text,
            })
            .collect()
    }

    /// Prepares to look through messages: what depends on names and ends only is decided once.
    #[must_use]
    pub fn prepare(&self, trace: &Trace, clock: Clock) -> Prepared {
        let terms = self.terms.iter().map(|term| {
            let ends = |name: &str| ends(trace, name);
            let names =
                |word: &str| -> Vec<bool> { trace.names.iter().map(|name| contains(name, word)).collect() };
            let check = match &term.what {
                What::Word(word) => Check::Word {
                    names: names(word),
                    ends: trace
                        .ends
                        .iter()
                        .map(|end| {
                            end.component.as_deref().is_some_and(|name| {
                                contains(name, word) || contains(&name.replace(' ', ""), word)
                            })
                        })
                        .collect(),
                    word: word.clone(),
                },
                What::From(name) => Check::From(ends(name)),
                What::To(name) => Check::To(ends(name)),
                What::With(name) => Check::With(ends(name)),
                What::Kind(word) => Check::Name {
                    names: names(word),
                    word: word.clone(),
                },
                What::Protocol(word) => Check::Protocol(word.clone()),
                What::Is(is) => Check::Is(*is),
                What::After(moment) => Check::After(moment.on(clock)),
                What::Before(moment) => Check::Before(moment.on(clock)),
            };
            (term.negated, check)
        });
        Prepared {
            checks: terms.collect(),
        }
    }
}

/// A filter that is ready for the messages of a trace.
#[derive(Debug, Clone)]
pub struct Prepared {
    checks: Vec<(bool, Check)>,
}

#[derive(Debug, Clone)]
enum Check {
    Word {
        names: Vec<bool>,
        ends: Vec<bool>,
        word: String,
    },
    From(Vec<bool>),
    To(Vec<bool>),
    With(Vec<bool>),
    Name {
        names: Vec<bool>,
        word: String,
    },
    Protocol(String),
    Is(Is),
    After(Timestamp),
    Before(Timestamp),
}

impl Prepared {
    /// Returns whether a message satisfies the filter; `position` is its number.
    #[must_use]
    pub fn accepts(&self, trace: &Trace, position: usize, message: &Message) -> bool {
        let is = |all: &[bool], number: u16| all.get(usize::from(number)).copied().unwrap_or_default();
        let from = |all: &[bool]| is(all, message.from.0);
        let to = |all: &[bool]| message.to.is_some_and(|to| is(all, to.0));
        self.checks.iter().all(|(negated, check)| {
            let holds = match check {
                Check::Word { names, ends, word } => {
                    is(names, message.name)
                        || from(ends)
                        || to(ends)
                        || contains(message.protocol.name(), word)
                        || contains(trace.summaries.get(position), word)
                }
                Check::From(ends) => from(ends),
                Check::To(ends) => to(ends),
                Check::With(ends) => from(ends) || to(ends),
                Check::Name { names, .. } => is(names, message.name),
                Check::Protocol(word) => contains(message.protocol.name(), word),
                Check::Is(Is::Lost) => matches!(message.fate, Fate::Lost | Fate::Refused),
                Check::Is(Is::Again) => message.again,
                Check::Is(Is::Wrong) => message.undecodable,
                Check::After(at) => message.sent >= *at,
                Check::Before(at) => message.sent <= *at,
            };
            holds != *negated
        })
    }
}

impl Prepared {
    /// Returns whether a packet satisfies the filter. Its words are the names of its chunks and ends; it has no other type or
    /// content.
    #[must_use]
    pub fn accepts_packet(&self, packet: &Packet) -> bool {
        let is = |all: &[bool], number: u16| all.get(usize::from(number)).copied().unwrap_or_default();
        let from = |all: &[bool]| is(all, packet.from.0);
        let to = |all: &[bool]| packet.to.is_some_and(|to| is(all, to.0));
        let chunks = |word: &str| packet.chunk_names().any(|name| contains(name, word));
        self.checks.iter().all(|(negated, check)| {
            let holds = match check {
                Check::Word { ends, word, .. } => {
                    from(ends) || to(ends) || chunks(word) || contains(SCTP, word)
                }
                Check::From(ends) => from(ends),
                Check::To(ends) => to(ends),
                Check::With(ends) => from(ends) || to(ends),
                Check::Name { word, .. } => chunks(word),
                Check::Protocol(word) => contains(SCTP, word),
                Check::Is(Is::Lost) => matches!(packet.fate, Fate::Lost | Fate::Refused),
                Check::Is(Is::Again) => packet.again,
                Check::Is(Is::Wrong) => packet.corrupted,
                Check::After(at) => packet.sent >= *at,
                Check::Before(at) => packet.sent <= *at,
            };
            holds != *negated
        })
    }
}

const SCTP: &str = "SCTP";

impl Moment {
    fn on(self, clock: Clock) -> Timestamp {
        const DAY: u64 = 86_400_000_000;
        match self {
            Self::SinceBeginning(us) => Timestamp::from_micros(clock.begin.as_micros().saturating_add(us)),
            Self::OfDay(us) => {
                let begin_us = clock.wall_clock.unix_us(clock.begin);
                // A time of day before that of the beginning is of the next day.
                let since = (us + DAY - begin_us % DAY) % DAY;
                Timestamp::from_micros(clock.begin.as_micros().saturating_add(since))
            }
        }
    }
}

/// Returns for each end whether it is called so. A name that is exactly one of theirs is no other's beginning.
fn ends(trace: &Trace, name: &str) -> Vec<bool> {
    let wanted = lower(&name.replace(' ', ""));
    let called = |end: &crate::End| match &end.component {
        Some(component) => lower(&component.replace(' ', "")),
        None => end.address.to_string(),
    };
    let exact: Vec<bool> = trace.ends.iter().map(|end| called(end) == wanted).collect();
    if exact.contains(&true) {
        return exact;
    }
    trace
        .ends
        .iter()
        .map(|end| called(end).contains(&wanted))
        .collect()
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// Returns whether a word occurs in a text; the word is in lower case.
fn contains(text: &str, word: &str) -> bool {
    if !word.is_ascii() || !text.is_ascii() {
        return lower(text).contains(word);
    }
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let Some((first, rest)) = word.split_first() else {
        return true;
    };
    text.iter().enumerate().any(|(place, byte)| {
        byte.to_ascii_lowercase() == *first
            && text
                .get(place + 1..place + 1 + rest.len())
                .is_some_and(|there| there.eq_ignore_ascii_case(rest))
    })
}

/// A word of a filter: without its quotes and the `-` before it, and where it is. Between quotes, nothing has a meaning.
struct Word {
    place: Range<usize>,
    is_negated: bool,
    text: String,
    /// Where the first colon is in it.
    colon: Option<usize>,
}

/// Splits a text at its spaces, but for those between quotes.
fn words(text: &str) -> impl Iterator<Item = Word> {
    let mut characters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        while characters
            .next_if(|(_, character)| character.is_whitespace())
            .is_some()
        {}
        let (begin, _) = *characters.peek()?;
        let is_negated = characters.next_if(|(_, character)| *character == '-').is_some();
        let (mut quoted, mut colon, mut word) = (false, None, String::new());
        let mut end = begin + usize::from(is_negated);
        while let Some((place, character)) =
            characters.next_if(|(_, character)| quoted || !character.is_whitespace())
        {
            end = place + character.len_utf8();
            if character == '"' {
                quoted = !quoted;
            } else {
                if character == ':' && !quoted && colon.is_none() {
                    colon = Some(word.len());
                }
                word.push(character);
            }
        }
        Some(Word {
            place: begin..end,
            is_negated,
            text: word,
            colon,
        })
    })
}

/// Understands a word; `None` if there is nothing in it yet.
fn term(word: &Word) -> Result<Option<Term>, String> {
    let parts = word
        .colon
        .filter(|colon| *colon > 0)
        .map(|colon| word.text.split_at(colon));
    let (key, value) = match parts {
        Some((key, value)) => (Some(lower(key)), lower(value.strip_prefix(':').unwrap_or(value))),
        None => (None, lower(&word.text)),
    };
    let (key, value) = (key.as_deref(), value.as_str());
    if value.is_empty() && key.is_none_or(|key| KEYS.contains(&key)) {
        return Ok(None);
    }
    let owned = value.to_owned();
    let what = match key {
        None => What::Word(owned),
        Some("from") => What::From(owned),
        Some("to") => What::To(owned),
        Some("with") => What::With(owned),
        Some(role @ ("pe" | "pu" | "pr")) => What::With(if value.starts_with(role) {
            owned
        } else {
            format!("{role}{value}")
        }),
        Some("type") => What::Kind(owned),
        Some("protocol") => What::Protocol(owned),
        Some("is") => What::Is(match value {
            "lost" => Is::Lost,
            "again" => Is::Again,
            "wrong" => Is::Wrong,
            _ => {
                return Err(format!(
                    "\"is:{value}\" is none of is:lost, is:again and is:wrong"
                ));
            }
        }),
        Some("after") => What::After(moment(value)?),
        Some("before") => What::Before(moment(value)?),
        Some(key) => {
            return Err(format!(
                "\"{key}:\" is none of {}; put what contains a colon into quotes, as in \":80\"",
                KEYS.map(|key| format!("{key}:")).join(", ")
            ));
        }
    };
    Ok(Some(Term {
        negated: word.is_negated,
        what,
    }))
}

/// Understands a time: `14:03`, `14:03:05.250`, or `+12.5`.
fn moment(text: &str) -> Result<Moment, String> {
    let wrong = || {
        format!("\"{text}\" is no time: write 14:03:05.250 (UTC), or +12.5 for seconds after the beginning")
    };
    let seconds = |text: &str, most: f64| -> Result<f64, String> {
        let is_number = text
            .chars()
            .all(|character| character.is_ascii_digit() || character == '.');
        let seconds: f64 = text.parse().map_err(|_| wrong())?;
        (is_number && seconds < most).then_some(seconds).ok_or_else(wrong)
    };
    let us = |seconds: f64| (seconds * 1e6).round() as u64;
    if let Some(since) = text.strip_prefix('+') {
        return Ok(Moment::SinceBeginning(us(seconds(since, 1e10)?)));
    }
    let mut parts = text.split(':');
    let hours = seconds(parts.next().unwrap_or_default(), 24.0)?;
    let minutes = seconds(parts.next().ok_or_else(wrong)?, 60.0)?;
    let rest = parts.next().map_or(Ok(0.0), |text| seconds(text, 60.0))?;
    if parts.next().is_some() || hours.fract() != 0.0 || minutes.fract() != 0.0 {
        return Err(wrong());
    }
    Ok(Moment::OfDay(us(hours * 3_600.0 + minutes * 60.0 + rest)))
}
