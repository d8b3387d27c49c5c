//! The sequence charts of failovers and takeovers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use analysis::{Cast, Chart, Scene, Subject};
use chronicle::{HighlightKind, Recovery};
use feed::ComponentRole;
use ladder::{Arrow, Target};
use recording::Recording;
use trace::{Category, Clock, EndId, Filter, Trace, Tracer};

use super::evidence::{Evidence, Found};

/// Makes sequence charts from a recording. Of that it reads what is needed for them.
pub(super) struct Charts<'a> {
    found: &'a Found,
    recording: Recording,
    /// What was traced last, and of which chunks.
    traced: (Range<usize>, Trace),
}

/// What goes on all the time, and hence is not worth an arrow when a failover is shown, or a takeover: that tells pool
/// elements of their new home registrar with keep-alives.
const BESIDE_FAILOVER: &[Category] = &[Category::KeepAlive, Category::Presence, Category::Announcement];
const BESIDE_TAKEOVER: &[Category] = &[
    Category::Data,
    Category::Cookie,
    Category::Presence,
    Category::Announcement,
];
/// How long before a chart begins packets are looked for: who has which address is learned from them.
const BEFORE: Duration = Duration::from_secs(5);
/// So many life lines are readable on paper.
const LINES: usize = 8;

impl<'a> Charts<'a> {
    /// Opens the recording of a round.
    ///
    /// # Errors
    /// Returns the problem if it cannot be read.
    pub(super) fn open(evidence: &'a Evidence) -> Result<Self, String> {
        let found = evidence.found.as_ref().map_err(Clone::clone)?;
        let recording = Recording::open(&evidence.file).map_err(|error| error.to_string())?;
        Ok(Self {
            found,
            recording,
            traced: (0..0, Trace::default()),
        })
    }

    /// Makes the chart of a failover or takeover.
    ///
    /// # Errors
    /// Returns the problem if its part of the recording cannot be read.
    pub(super) fn of(&mut self, recovery: &Recovery<'_>) -> Result<Chart, String> {
        let mut subject = Subject::of_recovery(recovery);
        let routine = if recovery.takeover {
            BESIDE_TAKEOVER
        } else {
            BESIDE_FAILOVER
        };
        subject.hidden.extend(routine);
        let (from, to) = subject.span;
        self.trace((from - BEFORE)..to)
            .map_err(|error| error.to_string())?;
        let trace = &self.traced.1;
        let cast = Cast::of(trace, &self.found.lanes);
        let scene = Scene {
            trace,
            lanes: &self.found.lanes,
            cast: &cast,
        };
        subject.lines = Some(concerned(&scene, &subject));
        let clock = Clock {
            wall_clock: feed::WallClock::showing(Duration::ZERO, self.found.begin),
            begin: self.found.begin,
        };
        let everything = Filter::default().prepare(trace, clock);
        let mut chart = Chart::new(&scene, &subject, &everything);
        let content = &mut chart.content;
        // Work with somebody else belongs into another chart.
        content
            .arrows
            .retain(|arrow| arrow.folds.is_none() || is_inside(arrow));
        Ok(chart)
    }

    /// Traces the chunks with packets of this time.
    fn trace(&mut self, span: Range<feed::Timestamp>) -> Result<(), recording::Error> {
        let position = |at| self.recording.position_at(at).unwrap_or_default();
        let chunks = position(span.start)..position(span.end) + 1;
        if self.traced.0 == chunks {
            return Ok(());
        }
        let mut tracer = Tracer::default();
        for position in chunks.clone() {
            let Some(info) = self.recording.chunks().get(position) else {
                continue;
            };
            let number = tracer.begin_chunk(info.first_record);
            tracer.take_chunk(number, &self.recording.read_chunk(position)?, 0);
        }
        self.traced = (chunks, tracer.trace().clone());
        Ok(())
    }
}

/// Returns whether both ends of an arrow are shown.
const fn is_inside(arrow: &Arrow) -> bool {
    arrow.from.is_some() && !matches!(arrow.to, Target::Outside)
}

/// Returns who had to do with it: those to whom something happened, those with whom a pool user among them talked, and
/// those who told each other something that is not only work, of whom the busiest count if they are many.
fn concerned(scene: &Scene<'_>, subject: &Subject) -> BTreeSet<EndId> {
    let (from, to) = subject.span;
    let points = &scene.lanes.points;
    let first = points.partition_point(|point| point.at < from);
    let points = points.iter().skip(first).take_while(|point| point.at <= to);
    let happened = points.filter(|point| {
        matches!(
            point.kind,
            HighlightKind::Fault { .. } | HighlightKind::Detection { .. } | HighlightKind::Recovery { .. }
        )
    });
    let mut concerned: BTreeSet<EndId> = happened
        .filter_map(|point| scene.cast.end_of(point.component?))
        .collect();
    let is_user = |end: &EndId| {
        let member = scene.cast.get(*end);
        member.is_some_and(|member| member.role == Some(ComponentRole::PoolUser))
    };
    let users: BTreeSet<EndId> = concerned.iter().copied().filter(is_user).collect();
    let mut busy = BTreeMap::<EndId, usize>::new();
    for (_, message) in scene.trace.messages_within(from, to) {
        let ends = || [Some(message.from), message.to].into_iter().flatten();
        if ends().any(|end| users.contains(&end)) {
            concerned.extend(ends());
        }
        if Category::of(message.protocol, scene.trace.names.get(message.name)) == Category::Management {
            ends().for_each(|end| *busy.entry(end).or_default() += 1);
        }
    }
    let mut busy: Vec<(EndId, usize)> = busy.into_iter().collect();
    busy.sort_by_key(|(end, count)| (Reverse(*count), *end));
    for (end, _) in busy {
        if concerned.len() < LINES {
            concerned.insert(end);
        }
    }
    concerned
}
