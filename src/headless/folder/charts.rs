//! The sequence charts of failovers and takeovers.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use analysis::{Cast, Chart, Scene, Subject};
use chronicle::Recovery;
use recording::Recording;
use trace::{Category, Clock, Filter, Trace, Tracer};

use super::evidence::{Evidence, Found};

/// Makes sequence charts from a recording. Of that it reads what is needed for them.
pub(super) struct Charts<'a> {
    found: &'a Found,
    recording: Recording,
    /// What was traced last, and of which chunks.
    traced: (Range<usize>, Trace),
}

/// What is not worth an arrow when a failover or takeover is shown: it goes on all the time.
const ROUTINE: [Category; 3] = [Category::KeepAlive, Category::Presence, Category::Announcement];
/// How long before a chart begins packets are looked for: who has which address is learned from them.
const BEFORE: Duration = Duration::from_secs(5);

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
        subject.hidden.extend(ROUTINE);
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
        subject.lines = Some(concerned(trace, &subject));
        let clock = Clock {
            wall_clock: feed::WallClock::showing(Duration::ZERO, self.found.begin),
            begin: self.found.begin,
        };
        let everything = Filter::default().prepare(trace, clock);
        Ok(Chart::new(&scene, &subject, &everything))
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

/// Returns those between whom something happens that is not only work.
fn concerned(trace: &Trace, subject: &Subject) -> BTreeSet<trace::EndId> {
    let (from, to) = subject.span;
    let messages = trace.messages_within(from, to).map(|(_, message)| message);
    let managing = messages.filter(|message| {
        let category = Category::of(message.protocol, trace.names.get(message.name));
        category == Category::Management
    });
    managing
        .flat_map(|message| [Some(message.from), message.to])
        .flatten()
        .collect()
}
