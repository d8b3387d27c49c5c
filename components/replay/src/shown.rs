//! A moment with the messages that were on their way.

use std::time::Duration;

use chronicle::InFlight;
use feed::Timestamp;

use crate::{Moment, Player, ReplayError, State};

/// The state of the moment that was asked for last, and the state some way ahead of it: only there it is known which
/// messages arrived, and when.
#[derive(Debug)]
pub(crate) struct Shown {
    state: State,
    ahead: State,
    /// The time that both were fetched for.
    at: Timestamp,
    /// Whether it goes on from the moment before.
    goes_on: bool,
}

impl Shown {
    /// Messages that take longer than this appear on their way only when they have arrived.
    const AHEAD: Duration = Duration::from_millis(500);
    /// The maximum number of messages that are looked at.
    const LOOK: usize = 4_000;
    /// The maximum number of messages on their way that are shown.
    const MOST: usize = 500;
    /// How far it may go on from one moment to another rather than begin again at a keyframe.
    const NEAR: Duration = Duration::from_secs(4);

    /// Fetches a moment, from the one before if that is near.
    pub(crate) fn fetch(
        player: &mut Player,
        before: Option<Self>,
        at: Timestamp,
    ) -> Result<Self, ReplayError> {
        let near = before.filter(|before| before.at <= at && at - before.at <= Self::NEAR);
        let mut shown = match near {
            Some(before) => Self {
                goes_on: true,
                ..before
            },
            None => {
                let state = player.state_at(at)?;
                Self {
                    ahead: state.clone(),
                    state,
                    at,
                    goes_on: false,
                }
            }
        };
        player.advance(&mut shown.state, at)?;
        player.advance(&mut shown.ahead, at + Self::AHEAD)?;
        shown.at = at;
        Ok(shown)
    }

    /// Returns the moment as it is shown. Messages are on their way for at least `stretch`.
    pub(crate) fn moment(&mut self, stretch: Duration) -> Moment {
        let state = Box::new(self.state.clone());
        self.state.model.pictures_are_shown();
        Moment {
            at: self.at,
            state,
            goes_on: self.goes_on,
            in_flight: self.in_flight(stretch),
        }
    }

    fn in_flight(&self, stretch: Duration) -> Vec<InFlight> {
        let model = &self.ahead.model;
        let records = model.messages.records.iter().rev().take(Self::LOOK);
        let on_their_way = records.filter_map(|record| {
            let (from, to) = (record.from?, record.to?);
            let time = (record.received? - record.at).max(stretch);
            let passed = (record.at <= self.at).then(|| self.at - record.at)?;
            (passed < time).then(|| InFlight {
                number: record.number,
                from,
                to,
                protocol: model.protocol_of(record),
                progress: passed.as_secs_f32() / time.as_secs_f32(),
            })
        });
        on_their_way.take(Self::MOST).collect()
    }
}
