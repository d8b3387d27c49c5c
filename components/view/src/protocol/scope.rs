//! Of which time messages are shown.

use std::time::Duration;

use chronicle::Recovery;
use feed::Timestamp;

use crate::snapshot::Snapshot;

/// Of which time messages are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Scope {
    /// Of all the time; a chart shows the latest, or what is around the cursor.
    #[default]
    All,
    /// Of the failover or takeover that ended at this time.
    Recovery(Timestamp),
    /// Of a span.
    Span(Timestamp, Timestamp),
}

/// How much a chart shows of what takes place, and of what is around the cursor in the past.
pub(crate) const LATEST: Duration = Duration::from_millis(1_500);
const AROUND: Duration = Duration::from_millis(400);

impl Scope {
    /// Returns the failover or takeover, if it is one that is known.
    pub(crate) fn recovery<'a>(self, snapshot: &Snapshot<'a>) -> Option<Recovery<'a>> {
        let Self::Recovery(end) = self else {
            return None;
        };
        let time = snapshot.time?;
        time.lanes.recoveries().find(|recovery| recovery.end == end)
    }

    /// Returns the span; `None` for all the time.
    pub(crate) fn span(self, snapshot: &Snapshot<'_>) -> Option<(Timestamp, Timestamp)> {
        match self {
            Self::All => None,
            Self::Recovery(_) => {
                let recovery = self.recovery(snapshot)?;
                Some(analysis::Subject::of_recovery(&recovery).span)
            }
            Self::Span(from, to) => Some((from, to)),
        }
    }

    /// Returns what a chart shows of all the time.
    pub(crate) fn latest(snapshot: &Snapshot<'_>) -> (Timestamp, Timestamp) {
        if snapshot.is_present() {
            // The latest is what is known by now: a chart that changed with each frame could not be read.
            let trace = snapshot.protocol.map(analysis::Analysis::trace);
            let last = trace.and_then(|trace| trace.packets.get(trace.packets.len().checked_sub(1)?));
            let now = last.map_or(snapshot.now, |last| {
                last.sent.max(last.arrival().unwrap_or(last.sent))
            });
            (now - LATEST, now)
        } else {
            (snapshot.now - AROUND, snapshot.now + AROUND)
        }
    }
}
