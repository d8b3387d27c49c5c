//! What a chart shows: who takes part, and what happened between them.

use std::ops::Range;

use feed::{ComponentRole, Timestamp};

/// Everything that one chart shows. Nothing in it needs to be in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// What the chart is about.
    pub title: String,
    /// Those who take part, from left to right.
    pub life_lines: Vec<LifeLine>,
    /// The messages, each with an id of its own.
    pub arrows: Vec<Arrow>,
    /// What happened at a single component.
    pub events: Vec<Event>,
    /// Phases, which may overlap.
    pub bands: Vec<Band>,
    /// The moment from which times are counted; otherwise they are counted from the first moment shown.
    pub origin: Option<Origin>,
}

/// The moment from which times are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The moment.
    pub at: Timestamp,
    /// What happened then, as in "the fault".
    pub name: String,
}

/// A participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifeLine {
    /// What the caller knows the participant by; it has no meaning here.
    pub key: u32,
    /// Its name.
    pub name: String,
    /// What it does in the pool.
    pub role: ComponentRole,
    /// When it began to run, if that is known: before, its line is dashed.
    pub begins: Option<Timestamp>,
    /// When and how it ended, if it did: thereafter its line is dashed.
    pub ends: Option<(Timestamp, Ending)>,
}

/// How a component ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It was stopped, and could say farewell.
    Stopped,
    /// It was killed.
    Killed,
    /// It ended by itself, without being asked to.
    Failed,
}

impl Ending {
    /// Returns whether it ended without having been able to say so to others, which is shown as a cross.
    #[must_use]
    pub const fn is_sudden(self) -> bool {
        !matches!(self, Self::Stopped)
    }

    /// Returns the word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Killed => "killed",
            Self::Failed => "failed",
        }
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrow {
    /// Identifies the message among all arrows of the chart.
    pub id: u64,
    /// The index of the sender's life line; none if it is not shown.
    pub from: Option<usize>,
    /// Where it went.
    pub to: Target,
    /// When it was sent.
    pub sent: Timestamp,
    /// When it arrived, if it did and that is known. It may lie before `sent` if the clocks of two hosts differ.
    pub arrived: Option<Timestamp>,
    /// What became of it.
    pub fate: Fate,
    /// Which protocol it belongs to.
    pub kind: Kind,
    /// Its name, such as `ASAP_HANDLE_RESOLUTION`.
    pub label: String,
    /// The kind of routine message that it is, if it is one: a row of such messages becomes one thick arrow.
    pub folds: Option<FoldClass>,
    /// Whether it had been sent before.
    pub retransmission: bool,
    /// Whether the reader has chosen it.
    pub selected: bool,
}

/// Where a message went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To the life line with this index, which may be the sender's.
    Line(usize),
    /// To somebody who is not shown.
    Outside,
    /// To a multicast group: with the members that are known to have received it.
    Multicast(Vec<Receiver>),
}

/// Somebody who received a multicast message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receiver {
    /// The index of its life line.
    pub line: usize,
    /// When it arrived there, if that is known.
    pub arrived: Option<Timestamp>,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It arrived.
    Arrived,
    /// It was lost on its way.
    Lost,
    /// Nobody saw whether it arrived.
    Unknown,
    /// The sender's transport refused it: it did not leave.
    Refused,
}

/// The protocol of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The Aggregate Server Access Protocol (RFC 5352).
    Asap,
    /// The Endpoint Handlespace Redundancy Protocol (RFC 5353).
    Enrp,
    /// The protocol of the application that the pool serves.
    Application,
    /// SCTP itself, without data (RFC 9260).
    Sctp,
    /// Anything else.
    Other,
}

impl Kind {
    /// All kinds, in the order of legends.
    pub const ALL: [Self; 5] = [Self::Asap, Self::Enrp, Self::Application, Self::Sctp, Self::Other];

    /// Returns the name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asap => "ASAP",
            Self::Enrp => "ENRP",
            Self::Application => "application",
            Self::Sctp => "SCTP",
            Self::Other => "other",
        }
    }
}

/// The kinds of routine messages: only messages of the same kind are folded into one arrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoldClass {
    /// Results of the application, such as the pixels of a picture.
    Pixels,
    /// Endpoint keep-alives and their acknowledgements.
    KeepAlive,
    /// ENRP presences.
    Presence,
    /// Packets of SCTP that carry no messages, such as heartbeats and acknowledgements.
    Sctp,
    /// Any other, as numbered by the caller.
    Other(u16),
}

/// What happened at a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Identifies the event among all events of the chart.
    pub id: u64,
    /// The index of the component's life line.
    pub line: usize,
    /// When it happened.
    pub at: Timestamp,
    /// What happened, in a few words.
    pub text: String,
    /// What it was.
    pub kind: EventKind,
    /// What came of it: it is joined to these by lines.
    pub caused: Vec<Caused>,
}

/// What kind of event it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// Something was made to fail.
    Fault,
    /// A failure was noticed.
    Detected,
    /// A timer expired.
    TimerExpired,
    /// A pool user went to another pool element.
    Failover,
    /// A registrar took over the pool elements of another one.
    Takeover,
    /// Anything else.
    Other,
}

impl EventKind {
    /// All kinds, in the order of legends.
    pub const ALL: [Self; 6] = [
        Self::Fault,
        Self::Detected,
        Self::TimerExpired,
        Self::Failover,
        Self::Takeover,
        Self::Other,
    ];

    /// Returns the name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Detected => "failure detected",
            Self::TimerExpired => "timer expired",
            Self::Failover => "failover",
            Self::Takeover => "takeover",
            Self::Other => "event",
        }
    }
}

/// What an event caused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caused {
    /// The message with this id was sent.
    Arrow(u64),
    /// The event with this id happened.
    Event(u64),
}

/// A phase: drawn across the life lines, with its duration at the side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// Its name.
    pub label: String,
    /// The life lines that it concerns, by index; all if none.
    pub lines: Option<Range<usize>>,
    /// What it is.
    pub kind: BandKind,
}

/// What kind of phase it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BandKind {
    /// Until a failure is detected.
    Detection,
    /// Until it is known who serves instead.
    Resolution,
    /// Until the session goes on.
    Resumption,
    /// While a registrar takes over.
    Takeover,
    /// Anything else.
    Other,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn life(key: u32, name: &str, role: ComponentRole) -> LifeLine {
        LifeLine {
            key,
            name: name.into(),
            role,
            begins: None,
            ends: None,
        }
    }

    pub(crate) fn two_lines() -> Content {
        Content {
            life_lines: vec![
                life(1, "PU 1", ComponentRole::PoolUser),
                life(2, "PE 1", ComponentRole::PoolElement),
            ],
            ..Content::default()
        }
    }

    /// A message that takes 50 µs.
    pub(crate) fn arrow(id: u64, from: usize, to: usize, sent_us: u64) -> Arrow {
        Arrow {
            id,
            from: Some(from),
            to: Target::Line(to),
            sent: Timestamp::from_micros(sent_us),
            arrived: Some(Timestamp::from_micros(sent_us + 50)),
            fate: Fate::Arrived,
            kind: Kind::Asap,
            label: format!("ASAP_MESSAGE {id}"),
            folds: None,
            retransmission: false,
            selected: false,
        }
    }

    pub(crate) fn event(id: u64, line: usize, at_us: u64) -> Event {
        Event {
            id,
            line,
            at: Timestamp::from_micros(at_us),
            text: format!("event {id}"),
            kind: EventKind::Other,
            caused: Vec::new(),
        }
    }
}
