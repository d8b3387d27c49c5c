//! Charts as callers see them: laid out, pointed at, and exported.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, also in what its cases share"
)]

mod anything;
mod exports;
mod layouts;
mod pointing;

use feed::{ComponentRole, Timestamp};
use ladder::{Arrow, Content, Event, EventKind, Fate, Kind, Layout, LifeLine, Options, Target, measure};

fn at(us: u64) -> Timestamp {
    Timestamp::from_micros(us)
}

fn life(name: &str, role: ComponentRole) -> LifeLine {
    LifeLine {
        key: 0,
        name: name.into(),
        role,
        begins: None,
        ends: None,
    }
}

/// A chart of a pool user, a registrar and a pool element, in which nothing happens.
fn three() -> Content {
    Content {
        title: "A chart".into(),
        life_lines: vec![
            life("PU 1", ComponentRole::PoolUser),
            life("PR 1", ComponentRole::Registrar),
            life("PE 1", ComponentRole::PoolElement),
        ],
        ..Content::default()
    }
}

/// A message that takes 100 µs.
fn arrow(id: u64, from: usize, to: usize, sent_us: u64) -> Arrow {
    Arrow {
        id,
        from: Some(from),
        to: Target::Line(to),
        sent: at(sent_us),
        arrived: Some(at(sent_us + 100)),
        fate: Fate::Arrived,
        kind: Kind::Asap,
        label: format!("ASAP_MESSAGE_{id}"),
        folds: None,
        retransmission: false,
        selected: false,
    }
}

fn event(id: u64, line: usize, at_us: u64) -> Event {
    Event {
        id,
        line,
        at: at(at_us),
        text: "timer expired".into(),
        kind: EventKind::TimerExpired,
        caused: Vec::new(),
    }
}

fn laid_out(content: &Content) -> Layout {
    Layout::new(content, &Options::default(), &measure)
}
