//! The things that a layout is made of.

use feed::ComponentRole;

use crate::{Area, Ending, EventKind, Fate, Kind, Label, Leg, Pos, Source};

/// The header of a life line.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The index of the life line.
    pub line: usize,
    /// Its room, in the area of the headers.
    pub area: Area,
    /// The name, shortened to the room.
    pub name: String,
    /// The role.
    pub role: ComponentRole,
}

/// A life line.
#[derive(Debug, Clone, PartialEq)]
pub struct LineShape {
    /// Its index.
    pub line: usize,
    /// Where it stands.
    pub x: f32,
    /// The y from which on it runs, if it began within the chart: above, it is dashed.
    pub begins: Option<f32>,
    /// Its end, if it ended within the chart: below, it is dashed.
    pub ends: Option<EndShape>,
}

/// The end of a life line.
#[derive(Debug, Clone, PartialEq)]
pub struct EndShape {
    /// Its y.
    pub y: f32,
    /// How it ended.
    pub ending: Ending,
    /// The word for it, unless there is no room.
    pub label: Option<Label>,
}

/// An arrow.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrowShape {
    /// Its id.
    pub id: u64,
    /// Its index in the content.
    pub index: usize,
    /// Which protocol it belongs to.
    pub kind: Kind,
    /// What became of the message: dashed if that is unknown.
    pub fate: Fate,
    /// Whether the message had been sent before: dotted.
    pub retransmission: bool,
    /// Whether it arrived before it was sent, by the clocks that were read.
    pub backwards: bool,
    /// Whether the reader has chosen it.
    pub selected: bool,
    /// Where it begins.
    pub source: Source,
    /// Its lines: one for each receiver.
    pub legs: Vec<Leg>,
    /// Its label, unless there is no room.
    pub label: Option<Label>,
}

impl ArrowShape {
    /// Returns where it begins.
    #[must_use]
    pub fn start(&self) -> Option<Pos> {
        self.legs.first()?.points.first().copied()
    }

    /// Returns the y of its highest and of its lowest point; its label may lie a little above or below.
    #[must_use]
    pub fn extent(&self) -> (f32, f32) {
        let points = self.legs.iter().flat_map(|leg| &leg.points);
        points.fold((f32::MAX, f32::MIN), |(top, bottom), point| {
            (top.min(point.y), bottom.max(point.y))
        })
    }
}

/// A row of messages that are folded into one arrow.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupShape {
    /// The id of its first arrow, by which it can be unfolded.
    pub id: u64,
    /// The ids of all its arrows, by time.
    pub ids: Vec<u64>,
    /// The indices of the life lines: of the first sender, and of its receiver.
    pub lines: (usize, usize),
    /// Whether messages went in both directions.
    pub both: bool,
    /// Which protocol its first message belongs to.
    pub kind: Kind,
    /// Whether the reader has chosen one of its messages.
    pub selected: bool,
    /// Its corners: at the first sender from top to bottom, and at the receiver from bottom to top.
    pub corners: [Pos; 4],
    /// Its label, unless there is no room.
    pub label: Option<Label>,
}

impl GroupShape {
    /// Returns where it begins.
    #[must_use]
    pub const fn start(&self) -> Pos {
        self.corners[0]
    }

    /// Returns the ends of the arrow in its middle.
    #[must_use]
    pub fn middle(&self) -> (Pos, Pos) {
        let [top, bottom, far_bottom, far_top] = self.corners;
        (top.towards(bottom, 0.62), far_top.towards(far_bottom, 0.62))
    }
}

/// An event on a life line.
#[derive(Debug, Clone, PartialEq)]
pub struct EventShape {
    /// Its id.
    pub id: u64,
    /// Its index in the content.
    pub index: usize,
    /// The index of its life line.
    pub line: usize,
    /// What kind of event it is.
    pub kind: EventKind,
    /// Where it is.
    pub place: Pos,
    /// Its text, unless there is no room.
    pub label: Option<Label>,
}
