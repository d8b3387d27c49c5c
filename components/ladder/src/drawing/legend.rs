//! The legend: what the lines and marks that occur in a chart mean.

use crate::drawing::arrows::{draw_bar, draw_cross, draw_head, draw_thick, stroke};
use crate::drawing::events::{draw_end, draw_event};
use crate::drawing::{Canvas, Palette, Stroke};
use crate::{Ending, EventKind, Fate, Kind, Layout, Pos, Source};

/// What a legend explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbol {
    Message(Kind),
    Folded,
    Unseen,
    Again,
    Lost,
    Refused,
    Multicast,
    Event(EventKind),
    End(Ending),
}

/// A symbol with its meaning.
pub(crate) struct Entry {
    pub(crate) symbol: Symbol,
    pub(crate) text: &'static str,
}

/// Returns what must be explained in a chart.
pub(crate) fn entries(layout: &Layout) -> Vec<Entry> {
    let arrows = || layout.arrows.iter();
    let has_kind = |kind| {
        arrows().any(|arrow| arrow.kind == kind) || layout.groups.iter().any(|group| group.kind == kind)
    };
    let kinds = Kind::ALL.into_iter().filter(|kind| has_kind(*kind));
    let mut found: Vec<(Symbol, &'static str)> =
        kinds.map(|kind| (Symbol::Message(kind), kind.name())).collect();
    let marks = [
        (!layout.groups.is_empty(), Symbol::Folded, "several messages"),
        (
            arrows().any(|arrow| arrow.source == Source::Multicast),
            Symbol::Multicast,
            "multicast",
        ),
        (
            arrows().any(|arrow| arrow.retransmission),
            Symbol::Again,
            "sent again",
        ),
        (
            arrows().any(|arrow| arrow.fate == Fate::Unknown && !arrow.retransmission),
            Symbol::Unseen,
            "arrival unknown",
        ),
        (
            arrows().any(|arrow| arrow.fate == Fate::Lost),
            Symbol::Lost,
            "lost",
        ),
        (
            arrows().any(|arrow| arrow.fate == Fate::Refused),
            Symbol::Refused,
            "refused",
        ),
    ];
    found.extend(
        marks
            .into_iter()
            .filter(|mark| mark.0)
            .map(|mark| (mark.1, mark.2)),
    );
    let has_event = |kind: &EventKind| layout.events.iter().any(|event| event.kind == *kind);
    found.extend(
        EventKind::ALL
            .into_iter()
            .filter(has_event)
            .map(|kind| (Symbol::Event(kind), kind.name())),
    );
    for ending in [Ending::Killed, Ending::Failed, Ending::Stopped] {
        if layout
            .lines
            .iter()
            .any(|line| line.ends.as_ref().is_some_and(|end| end.ending == ending))
        {
            found.push((Symbol::End(ending), ending.word()));
        }
    }
    found
        .into_iter()
        .map(|(symbol, text)| Entry { symbol, text })
        .collect()
}

/// Draws a symbol around the middle of a line from `left`, of this length.
pub(crate) fn draw_symbol(
    symbol: Symbol,
    left: Pos,
    length: f32,
    palette: &Palette,
    canvas: &mut dyn Canvas,
) {
    let right = Pos::new(left.x + length, left.y);
    let middle = left.towards(right, 0.5);
    let colour = palette.faint;
    let line = |fate, again| stroke(Kind::Asap, fate, again, colour);
    match symbol {
        Symbol::Message(kind) => {
            let end = Pos::new(
                right.x - if kind == Kind::Application { 1.0 } else { 8.0 },
                right.y,
            );
            canvas.polyline(
                &[left, end],
                &stroke(kind, Fate::Arrived, false, palette.kind(kind)),
            );
            draw_head(kind, left, right, palette, canvas);
        }
        Symbol::Folded => draw_thick((left, right), false, Kind::Sctp, palette, canvas),
        Symbol::Unseen => canvas.polyline(&[left, right], &line(Fate::Unknown, false)),
        Symbol::Again => canvas.polyline(&[left, right], &line(Fate::Arrived, true)),
        Symbol::Lost => {
            canvas.polyline(&[left, middle], &line(Fate::Lost, false));
            draw_cross(
                middle,
                4.2,
                &Stroke::solid(2.0, palette.event(EventKind::Fault)),
                canvas,
            );
        }
        Symbol::Refused => {
            canvas.polyline(&[left, right], &line(Fate::Refused, false));
            draw_bar(left, right, palette, canvas);
        }
        Symbol::Multicast => {
            canvas.polyline(&[left, right], &Stroke::solid(1.3, colour));
            canvas.circle(middle, 6.0, palette.background, Some(&Stroke::solid(1.0, colour)));
            canvas.circle(middle, 2.6, colour, None);
        }
        Symbol::Event(kind) => draw_event(kind, middle, palette, canvas),
        Symbol::End(ending) => draw_end(ending, middle, palette, canvas),
    }
}
