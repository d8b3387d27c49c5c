//! The layout of a chart: where everything lies.

use std::collections::BTreeSet;
use std::time::Duration;

use feed::Timestamp;

use crate::axis::{Axis, Gap};
use crate::columns::{Columns, Route, columns};
use crate::folding::{Folded, fold, group_label};
use crate::joins::{Join, joins};
use crate::labels::{Label, Place, Placer, along, beside};
use crate::legs::{Room, way};
use crate::schedule::{SLANT, Schedule, schedule};
use crate::shapes::{ArrowShape, EndShape, EventShape, GroupShape, Header, LineShape};
use crate::side::{BandShape, bands};
use crate::text::Texts;
use crate::ticks::{Step, Tick, ticks};
use crate::{Area, Arrow, Content, Fate, Pos, TextStyle, Tilted};

/// How a chart is laid out.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The ids of the groups that are shown as single arrows: those of their first arrows.
    pub unfolded: BTreeSet<u64>,
    /// From which duration on a stretch without anything is shortened; if none, the chart chooses one.
    pub idle: Option<Duration>,
    /// How far the axis is stretched: 1 is as far as is needed to read it. It is kept within 0.1 and 10.
    pub scale: f32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            unfolded: BTreeSet::new(),
            idle: None,
            scale: 1.0,
        }
    }
}

/// Where everything of a chart lies, in points.
///
/// The headers lie in an area of their own, of the same width and of `header_height`, so that they can stay where they
/// are while the body below is moved. All else lies in the body, whose top is y 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// What the chart is about.
    pub title: String,
    /// The width, of headers and body.
    pub width: f32,
    /// The height of the headers.
    pub header_height: f32,
    /// The height of the body.
    pub height: f32,
    /// The left and the right edge of the room of the life lines, with margins: left of it are the times, right of it
    /// the names of the bands.
    pub edges: (f32, f32),
    /// The headers, from left to right.
    pub headers: Vec<Header>,
    /// The life lines, from left to right.
    pub lines: Vec<LineShape>,
    /// The arrows that are shown singly, by time.
    pub arrows: Vec<ArrowShape>,
    /// The folded groups, by time.
    pub groups: Vec<GroupShape>,
    /// The events, in the order of the content.
    pub events: Vec<EventShape>,
    /// The lines from events to what they caused.
    pub joins: Vec<Join>,
    /// The bands, by time.
    pub bands: Vec<BandShape>,
    /// The moments told at the axis.
    pub ticks: Vec<Tick>,
    /// The durations told between ticks.
    pub steps: Vec<Step>,
    /// The shortened stretches, by time.
    pub gaps: Vec<Gap>,
    /// The time axis.
    pub axis: Axis,
    /// The moment from which times are counted.
    pub origin: Timestamp,
    /// What a reader must know: the origin, how the axis is squeezed, and what is not shown.
    pub notes: Vec<String>,
}

/// Charts show at most so many life lines; messages to others lead outside.
const MOST_LINES: usize = 256;
const HEADER_HEIGHT: f32 = 50.0;
const HEADER_AREA: (f32, f32) = (6.0, 44.0);
/// The room of labels.
const WIDEST_EVENT: f32 = 210.0;
const LABEL_ROOM: (f32, f32) = (90.0, 400.0);
/// The room of a dot, a cross or a head, which no label enters.
const MARK_ROOM: f32 = 11.0;
/// The distance of a text from the life line that it stands beside.
const FROM_LINE: f32 = 10.0;
/// The same of the loop of a message to its sender.
const FROM_LOOP: f32 = 5.0;
const BOTTOM: f32 = 12.0;

impl Layout {
    /// Lays out a chart. `measure` returns the width of a text in points.
    ///
    /// The same content and options give the same layout. Indices of life lines that do not exist are taken for
    /// components that are not shown.
    #[must_use]
    pub fn new(content: &Content, options: &Options, measure: &dyn Fn(&str, TextStyle) -> f32) -> Self {
        let mut content = std::borrow::Cow::Borrowed(content);
        let lines = content.life_lines.len().min(MOST_LINES);
        if content.life_lines.len() > lines {
            content.to_mut().life_lines.truncate(lines);
        }
        let scale = if options.scale.is_finite() {
            options.scale.clamp(0.1, 10.0)
        } else {
            1.0
        };
        let mut texts = Texts::new(measure);
        let folded = fold(&content, &options.unfolded);
        let routes: Vec<Route> = content
            .arrows
            .iter()
            .map(|arrow| Route::of(arrow, lines))
            .collect();
        let schedule = schedule(&content, &folded, &routes, options.idle, scale);
        let columns = columns(&content, lines, &told(&content, &folded, &routes), &mut texts);
        let draft = Draft {
            content: &content,
            folded: &folded,
            routes: &routes,
            schedule: &schedule,
            columns: &columns,
        };
        draft.finish(&mut texts)
    }
}

/// Returns the label of an arrow, with what the reader must know beside its name.
fn arrow_label(arrow: &Arrow) -> String {
    match (arrow.fate, arrow.retransmission) {
        (Fate::Refused, _) => format!("{} (refused)", arrow.label),
        (_, true) => format!("{} (again)", arrow.label),
        (_, false) => arrow.label.clone(),
    }
}

/// Returns all labels, with the columns in which they lie.
fn told(content: &Content, folded: &Folded, routes: &[Route]) -> Vec<(std::ops::Range<usize>, String)> {
    let lines = content.life_lines.len();
    let arrows = folded.singles.iter().filter_map(|index| {
        let columns = routes.get(*index)?.columns(lines);
        Some((columns, arrow_label(content.arrows.get(*index)?)))
    });
    let groups = folded.groups.iter().map(|group| {
        let (one, other) = group.lines;
        (
            one.min(other) + 1..one.max(other) + 1,
            group_label(group, content),
        )
    });
    let events = content.events.iter().map(|event| {
        let columns = event.line + 1..event.line + 2;
        (columns, event.text.chars().take(48).collect())
    });
    arrows.chain(groups).chain(events).collect()
}

/// What has been found out when shapes are made.
struct Draft<'a> {
    content: &'a Content,
    folded: &'a Folded,
    routes: &'a [Route],
    schedule: &'a Schedule,
    columns: &'a Columns,
}

impl Draft<'_> {
    fn finish(&self, texts: &mut Texts<'_>) -> Layout {
        let mut placer = Placer::new(&self.columns.lines);
        let (mut arrows, ways) = self.arrows();
        let mut groups = self.groups();
        let mut events = self.events();
        let mut lines = self.lines();
        obstruct(&mut placer, &arrows, &groups, &events, &lines);
        self.label_groups(&mut groups, &mut placer, texts);
        self.label_events(&mut events, &mut placer, texts);
        label_ends(&mut lines, &mut placer, texts);
        self.label_arrows(&mut arrows, &ways, &mut placer, texts);

        let joins = joins(self.content, &events, &arrows, &groups);
        let (bands, side) = bands(self.content, self.schedule, self.columns, texts);
        let origin = self.origin();
        let (ticks, steps) = ticks(self.schedule, origin);
        let mut layout = Layout {
            title: texts.fit(&self.content.title, TextStyle::Title, f32::MAX).0,
            width: self.columns.right + side,
            header_height: HEADER_HEIGHT,
            height: 0.0,
            edges: (self.columns.left, self.columns.right),
            headers: self.headers(texts),
            lines,
            arrows,
            groups,
            events,
            joins,
            bands,
            ticks,
            steps,
            gaps: self.schedule.gaps.clone(),
            axis: self.schedule.axis.clone(),
            origin,
            notes: Vec::new(),
        };
        layout.height = layout.needed_height(self.schedule.height);
        layout.notes = self.notes(&layout);
        layout
    }

    fn headers(&self, texts: &mut Texts<'_>) -> Vec<Header> {
        let lines = self
            .content
            .life_lines
            .iter()
            .zip(&self.columns.lines)
            .zip(&self.columns.header_widths);
        let header = |(line, ((life, x), width)): (usize, ((&crate::LifeLine, &f32), &f32))| Header {
            line,
            area: Area::new(x - width / 2.0, HEADER_AREA.0, x + width / 2.0, HEADER_AREA.1),
            name: texts.fit(&life.name, TextStyle::Name, width - 12.0).0,
            role: life.role,
        };
        lines.enumerate().map(header).collect()
    }

    fn lines(&self) -> Vec<LineShape> {
        let lines = self
            .content
            .life_lines
            .iter()
            .zip(&self.columns.lines)
            .enumerate();
        let line = |(line, (life, x)): (usize, (&crate::LifeLine, &f32))| LineShape {
            line,
            x: *x,
            begins: self.schedule.begins.get(line).copied().flatten(),
            ends: life
                .ends
                .zip(self.schedule.ends.get(line).copied().flatten())
                .map(|((_, ending), y)| EndShape {
                    y,
                    ending,
                    label: None,
                }),
        };
        lines.map(line).collect()
    }

    /// Returns the arrows, and for each where its label lies.
    fn arrows(&self) -> (Vec<ArrowShape>, Vec<Room>) {
        let shapes = self.folded.singles.iter().filter_map(|index| {
            let arrow = self.content.arrows.get(*index)?;
            let way = way(
                *index,
                arrow,
                self.routes.get(*index)?,
                self.schedule,
                self.columns,
            )?;
            let shape = ArrowShape {
                id: arrow.id,
                index: *index,
                kind: arrow.kind,
                fate: arrow.fate,
                retransmission: arrow.retransmission,
                backwards: arrow.arrived.is_some_and(|at| at < arrow.sent),
                selected: arrow.selected,
                source: way.source,
                legs: way.legs,
                label: None,
            };
            Some((shape, way.room))
        });
        shapes.unzip()
    }

    fn groups(&self) -> Vec<GroupShape> {
        let groups = self.folded.groups.iter().zip(&self.schedule.groups);
        let shape = |(group, (top, bottom)): (&crate::folding::Group, &(f32, f32))| {
            let arrows = || {
                group
                    .arrows
                    .iter()
                    .filter_map(|index| self.content.arrows.get(*index))
            };
            let first = arrows().next()?;
            let (near, far) = (self.columns.x(group.lines.0), self.columns.x(group.lines.1));
            let slant = if group.both { 0.0 } else { SLANT as f32 };
            Some(GroupShape {
                id: first.id,
                ids: arrows().map(|arrow| arrow.id).collect(),
                lines: group.lines,
                both: group.both,
                kind: first.kind,
                selected: arrows().any(|arrow| arrow.selected),
                corners: [
                    Pos::new(near, *top),
                    Pos::new(near, bottom - slant),
                    Pos::new(far, *bottom),
                    Pos::new(far, top + slant),
                ],
                label: None,
            })
        };
        groups.filter_map(shape).collect()
    }

    fn events(&self) -> Vec<EventShape> {
        let events = self.content.events.iter().zip(&self.schedule.events).enumerate();
        let shape = |(index, (event, y)): (usize, (&crate::Event, &f32))| EventShape {
            id: event.id,
            index,
            line: event.line,
            kind: event.kind,
            place: Pos::new(self.columns.x(event.line), *y),
            label: None,
        };
        let shown = |(_, (event, _)): &(usize, (&crate::Event, &f32))| event.line < self.columns.lines.len();
        events.filter(shown).map(shape).collect()
    }

    fn label_groups(&self, groups: &mut [GroupShape], placer: &mut Placer, texts: &mut Texts<'_>) {
        for (shape, group) in groups.iter_mut().zip(&self.folded.groups) {
            let (from, to) = shape.middle();
            let room = (from.distance(to) - 12.0).clamp(LABEL_ROOM.0, LABEL_ROOM.1);
            let (text, width) = texts.fit(&group_label(group, self.content), TextStyle::Label, room);
            shape.label = placer
                .choose(along(from, to, width))
                .map(|area| label(text, area));
        }
    }

    fn label_events(&self, events: &mut [EventShape], placer: &mut Placer, texts: &mut Texts<'_>) {
        for shape in events {
            let text = self
                .content
                .events
                .get(shape.index)
                .map_or("", |event| &event.text);
            let (text, width) = texts.fit(text, TextStyle::Label, WIDEST_EVENT);
            let places = beside(shape.place, width, FROM_LINE).filter(|place| self.is_inside(place));
            shape.label = placer.choose(places).map(|area| label(text, area));
        }
    }

    /// What went wrong has its label first. What the reader chooses has no such right: labels that move away when they
    /// are pointed at are hard to read.
    fn label_arrows(
        &self,
        shapes: &mut [ArrowShape],
        rooms: &[Room],
        placer: &mut Placer,
        texts: &mut Texts<'_>,
    ) {
        let mut order: Vec<(&mut ArrowShape, &Room)> = shapes.iter_mut().zip(rooms).collect();
        order.sort_by_key(|(shape, _)| {
            let wrong = matches!(shape.fate, Fate::Lost | Fate::Refused) || shape.retransmission;
            !wrong
        });
        for (shape, room) in order {
            let Some(arrow) = self.content.arrows.get(shape.index) else {
                continue;
            };
            let text = arrow_label(arrow);
            let (text, area) = match *room {
                Room::Along(from, to, room) => {
                    let room = (room - 10.0).clamp(LABEL_ROOM.0, LABEL_ROOM.1);
                    let (text, width) = texts.fit(&text, TextStyle::Label, room);
                    let places = along(from, to, width).filter(|place| self.is_inside(place));
                    (text, placer.choose(places))
                }
                Room::Beside(place) => {
                    let (text, width) = texts.fit(&text, TextStyle::Label, WIDEST_EVENT);
                    let places = beside(place, width, FROM_LOOP).filter(|place| self.is_inside(place));
                    (text, placer.choose(places))
                }
            };
            shape.label = area.map(|area| label(text, area));
        }
    }

    fn is_inside(&self, place: &Place) -> bool {
        let bounds = place.0.bounds();
        bounds.min.x >= self.columns.left && bounds.max.x <= self.columns.right
    }

    fn origin(&self) -> Timestamp {
        let first = || self.schedule.axis.span().map(|(first, _)| first);
        let told = self.content.origin.as_ref().map(|origin| origin.at);
        told.or_else(first).unwrap_or_default()
    }

    fn notes(&self, layout: &Layout) -> Vec<String> {
        let origin = self
            .content
            .origin
            .as_ref()
            .map_or("the first moment shown", |origin| &origin.name);
        let mut notes = vec![format!("Time runs down; times are counted from {origin}.")];
        let squeezed = match layout.gaps.len() {
            0 => "Dense moments are stretched".to_owned(),
            1 => "One idle stretch is shortened, at the zigzag, and dense moments are stretched".to_owned(),
            gaps => format!(
                "{gaps} idle stretches are shortened, at the zigzags, and dense moments are stretched"
            ),
        };
        notes.push(format!(
            "The axis is not to scale. {squeezed}; the times and durations at the sides are real."
        ));
        let missing = self
            .routes
            .iter()
            .filter(|route| **route == Route::Nowhere)
            .count();
        if missing > 0 {
            notes.push(format!("Messages between others that are not shown: {missing}."));
        }
        let silent = layout.arrows.iter().filter(|arrow| arrow.label.is_none()).count();
        if silent > 0 {
            notes.push(format!(
                "Labels left out, as there is no room for them at this scale: {silent}."
            ));
        }
        notes
    }
}

fn label(text: String, area: Tilted) -> Label {
    Label {
        text,
        style: TextStyle::Label,
        area,
    }
}

fn label_ends(lines: &mut [LineShape], placer: &mut Placer, texts: &mut Texts<'_>) {
    for line in lines {
        let Some(end) = &mut line.ends else { continue };
        let (text, width) = texts.fit(end.ending.word(), TextStyle::Label, WIDEST_EVENT);
        let place = Pos::new(line.x, end.y);
        let area = placer.choose(beside(place, width, FROM_LINE + 2.0));
        end.label = area.map(|area| label(text, area));
    }
}

fn obstruct(
    placer: &mut Placer,
    arrows: &[ArrowShape],
    groups: &[GroupShape],
    events: &[EventShape],
    lines: &[LineShape],
) {
    let room = |centre: Pos| Tilted {
        centre,
        width: MARK_ROOM,
        height: MARK_ROOM,
        angle: 0.0,
    };
    for arrow in arrows {
        for leg in &arrow.legs {
            leg.segments().for_each(|(from, to)| placer.add_leg(from, to));
            if arrow.fate == Fate::Lost {
                leg.points
                    .last()
                    .into_iter()
                    .for_each(|end| placer.take(room(*end)));
            }
        }
    }
    for group in groups {
        let [top, bottom, far_bottom, far_top] = group.corners;
        for (from, to) in [(top, far_top), (bottom, far_bottom), group.middle()] {
            placer.add_leg(from, to);
        }
    }
    events.iter().for_each(|event| placer.take(room(event.place)));
    for line in lines {
        line.ends
            .iter()
            .for_each(|end| placer.take(room(Pos::new(line.x, end.y))));
    }
}

impl Layout {
    fn needed_height(&self, scheduled: f32) -> f32 {
        let legs = self
            .arrows
            .iter()
            .flat_map(|arrow| &arrow.legs)
            .flat_map(|leg| &leg.points);
        let legs = legs.map(|point| point.y);
        let labels = self.labels().map(|label| label.area.bounds().max.y);
        let bands = self.bands.iter().map(|band| band.text_area.max.y);
        let lowest = legs.chain(labels).chain(bands).fold(0.0_f32, f32::max);
        (lowest + BOTTOM).max(scheduled)
    }

    /// Returns the labels that lie between the life lines, none of which overlaps another.
    pub fn labels(&self) -> impl Iterator<Item = &Label> {
        let arrows = self.arrows.iter().filter_map(|arrow| arrow.label.as_ref());
        let groups = self.groups.iter().filter_map(|group| group.label.as_ref());
        let events = self.events.iter().filter_map(|event| event.label.as_ref());
        let ends = self
            .lines
            .iter()
            .filter_map(|line| line.ends.as_ref()?.label.as_ref());
        arrows.chain(groups).chain(events).chain(ends)
    }
}
