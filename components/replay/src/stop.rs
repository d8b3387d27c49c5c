//! Finds where the cursor stops.

use chronicle::{HighlightKind, Stop};
use feed::Timestamp;
use model::Model;

use crate::{Player, ReplayError};

impl Player {
    /// Returns the next stop after a time, or the previous one before it, if there is one.
    ///
    /// # Errors
    /// Returns an error if the recording is damaged on the way.
    pub fn stop(
        &mut self,
        from: Timestamp,
        stop: Stop,
        forward: bool,
    ) -> Result<Option<Timestamp>, ReplayError> {
        let count: fn(&Model) -> u64 = match stop {
            Stop::Event => |model| model.timeline.entered(),
            Stop::Message => |model| model.messages.next_number,
            _ => return Ok(self.highlight_stop(from, stop, forward)),
        };
        if forward {
            return self.next_change(from, count);
        }
        // From keyframe to keyframe back to one after which something happened.
        let mut before = from;
        loop {
            let (mut state, first) = self.keyframe_before(before)?;
            let began = state.at;
            let mut known = count(&state.model);
            let mut last = None;
            self.go_on(&mut state, |state, next| {
                let now = count(&state.model);
                if now != known && state.at < from {
                    last = Some(state.at);
                }
                known = now;
                next.is_none_or(|next| next >= before)
            })?;
            match last {
                None if !first && began < before => before = began,
                last => return Ok(last),
            }
        }
    }

    fn next_change(
        &mut self,
        from: Timestamp,
        count: fn(&Model) -> u64,
    ) -> Result<Option<Timestamp>, ReplayError> {
        let mut state = self.state_at(from)?;
        let known = count(&state.model);
        let mut found = None;
        self.go_on(&mut state, |state, _| {
            let changed = count(&state.model) != known;
            found = changed.then_some(state.at);
            changed
        })?;
        Ok(found)
    }

    fn highlight_stop(&self, from: Timestamp, stop: Stop, forward: bool) -> Option<Timestamp> {
        let times = self.highlights().iter().flat_map(|highlight| {
            let (first, second) = match (&highlight.kind, stop) {
                (HighlightKind::Fault { .. }, Stop::Fault)
                | (HighlightKind::Step { .. }, Stop::Step)
                | (HighlightKind::Expectation { .. }, Stop::Expectation)
                | (HighlightKind::Mark { .. }, Stop::Mark) => (Some(highlight.at), None),
                (
                    HighlightKind::Recovery {
                        takeover, detected, ..
                    },
                    Stop::Failover | Stop::Takeover,
                ) if *takeover == (stop == Stop::Takeover) => (Some(*detected), Some(highlight.at)),
                _ => (None, None),
            };
            first.into_iter().chain(second)
        });
        if forward {
            times.filter(|at| *at > from).min()
        } else {
            times.filter(|at| *at < from).max()
        }
    }
}
