//! The state as of any moment, from a recording.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use chronicle::Highlight;
use feed::{Timestamp, WallClock};
use model::{Past, PastDelta, PastRebuild};
use recording::{Chunk, Keyframe, Record, Recording};

use crate::entry::{self, Entry, PlayCall};
use crate::{CONTENTS, ReplayError, State};

/// Rebuilds states from a recording.
///
/// A state is rebuilt from the keyframe before it, by carrying out the entries in between. What took time to get is kept
/// for a while: moments that are asked for one after the other usually lie close together.
#[derive(Debug)]
pub struct Player {
    recording: Recording,
    /// Chunks that were read, by the number of their first entry, the latest last.
    chunks: VecDeque<(u64, Arc<Chunk>)>,
    /// What is new in the past of keyframes, by the number of the entry, the latest last.
    pasts: VecDeque<(u64, Arc<PastDelta>)>,
    /// States that were passed, the latest last.
    passed: VecDeque<State>,
    highlights: Vec<Highlight>,
    /// The entry up to which highlights have been taken.
    highlights_until: u64,
}

/// What is seen when a recording is gone through.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'a> {
    /// The play of the steps looked at the state at this time, which is done whenever something has happened.
    Handled(Timestamp),
    /// Whoever made the recording noted something.
    Note(&'a [u8]),
}

/// A keyframe: the number of its chunk, and its position among the keyframes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    chunk: usize,
    keyframe: usize,
}

impl Player {
    /// The maximum number of chunks, of keyframes' pasts and of states that are kept.
    const CHUNKS: usize = 2;
    const PASTS: usize = 32;
    const STATES: usize = 6;
    /// States are kept this many entries apart, so that time can run backwards.
    const APART: u64 = 1_000;
    /// The maximum number of keyframes whose pasts are put together.
    const CHAIN: usize = 64;

    /// Plays a recording.
    #[must_use]
    pub fn new(recording: Recording) -> Self {
        let mut player = Self {
            recording,
            chunks: VecDeque::new(),
            pasts: VecDeque::new(),
            passed: VecDeque::new(),
            highlights: Vec::new(),
            highlights_until: 0,
        };
        player.take_highlights();
        player
    }

    /// Looks for what has been recorded meanwhile.
    ///
    /// # Errors
    /// Returns an error if it cannot be read.
    pub fn refresh(&mut self) -> Result<(), ReplayError> {
        let refreshed = self.recording.refresh()?;
        let changed = self.recording.chunks().get(refreshed.changed_from);
        let unchanged = changed.map_or(u64::MAX, |chunk| chunk.first_record);
        self.chunks.retain(|(first, _)| *first < unchanged);
        self.take_highlights();
        Ok(())
    }

    /// Returns the first and the last time that a state can be rebuilt for.
    #[must_use]
    pub fn range(&self) -> Option<(Timestamp, Timestamp)> {
        let chunks = self.recording.chunks();
        Some((chunks.first()?.from, chunks.last()?.to))
    }

    /// Returns the wall clock at the place where the recording was made, as of a time.
    #[must_use]
    pub fn wall_clock(&self, at: Timestamp) -> Option<WallClock> {
        let chunk = self.recording.chunks().get(self.chunk_of(at))?;
        Some(chunk.header.wall_clock)
    }

    /// Returns the problem that ended reading early, or left something out, if there is one.
    #[must_use]
    pub fn damage(&self) -> Option<String> {
        let mut damage = self.recording.damage().iter();
        damage.next().map(ToString::to_string)
    }

    /// Returns the highlights in their order.
    #[must_use]
    pub fn highlights(&self) -> &[Highlight] {
        &self.highlights
    }

    fn take_highlights(&mut self) {
        let mut until = self.highlights_until;
        for record in self.recording.chunks().iter().flat_map(|chunk| &chunk.indexed) {
            if record.number < self.highlights_until {
                continue;
            }
            until = until.max(record.number + 1);
            // A highlight that makes no sense is one less to be seen.
            if let Ok(Some(Entry::Highlight(highlight))) = Entry::decode(record.kind.0, &record.bytes) {
                self.highlights.push(highlight);
            }
        }
        self.highlights_until = until;
    }

    /// Returns the state as of a time; before the beginning, the first one.
    ///
    /// # Errors
    /// Returns an error if the recording is damaged there, or empty.
    pub fn state_at(&mut self, at: Timestamp) -> Result<State, ReplayError> {
        let place = self.place(self.chunk_of(at), |keyframe| keyframe.at <= at)?;
        let mut state = self.nearest(place, |state| state.at <= at)?;
        self.advance(&mut state, at)?;
        Ok(state)
    }

    /// Returns the state after this many entries of the recording.
    ///
    /// # Errors
    /// Returns an error if the recording is damaged there, or has no such entry.
    pub fn state_after(&mut self, entries: u64) -> Result<State, ReplayError> {
        let chunks = self.recording.chunks();
        let chunk = chunks.partition_point(|chunk| chunk.first_record < entries);
        let place = self.place(chunk.saturating_sub(1), |keyframe| keyframe.record < entries)?;
        let mut state = self.nearest(place, |state| state.position <= entries)?;
        self.go_on(&mut state, |state, _| state.position >= entries)?;
        Ok(state)
    }

    /// Lets a state go on until a time.
    ///
    /// # Errors
    /// Returns an error if the recording is damaged on the way.
    pub fn advance(&mut self, state: &mut State, at: Timestamp) -> Result<(), ReplayError> {
        self.go_on(state, |_, next| next.is_none_or(|next| next > at))
    }

    /// Lets a state go on, entry by entry, until `enough` says so: it is shown the state and the time of the next entry,
    /// if there is one.
    pub(crate) fn go_on(
        &mut self,
        state: &mut State,
        mut enough: impl FnMut(&State, Option<Timestamp>) -> bool,
    ) -> Result<(), ReplayError> {
        let position = state.position;
        let mut ended = false;
        self.each_from(position, |player, record| {
            if enough(state, Some(record.at)) {
                ended = true;
                return Ok(ControlFlow::Break(()));
            }
            if let Some(entry) = Entry::decode(record.kind.0, record.bytes)? {
                state.carry_out(entry);
            }
            player.pass(state, &record);
            Ok(ControlFlow::Continue(()))
        })?;
        if !ended {
            enough(state, None);
        }
        Ok(())
    }

    /// Goes through the whole recording. `see` is shown what there is, and the state then. Returns the last state.
    ///
    /// # Errors
    /// Returns an error if the recording is damaged, with all until then seen.
    pub fn go_through(&mut self, mut see: impl FnMut(&State, Seen<'_>)) -> Result<State, ReplayError> {
        let mut state = self.keyframe(self.place(0, |_| false)?)?;
        let position = state.position;
        self.each_from(position, |_, record| {
            match Entry::decode(record.kind.0, record.bytes)? {
                Some(Entry::Note(note)) => see(&state, Seen::Note(&note)),
                Some(Entry::Play(PlayCall::Handle(now))) => {
                    state.carry_out(Entry::Play(PlayCall::Handle(now)));
                    see(&state, Seen::Handled(now));
                }
                Some(entry) => state.carry_out(entry),
                None => {}
            }
            state.position = record.number + 1;
            state.at = record.at;
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(state)
    }

    /// Shows every entry from a number on, until `show` breaks off.
    fn each_from(
        &mut self,
        position: u64,
        mut show: impl FnMut(&mut Self, Record<'_>) -> Result<ControlFlow<()>, ReplayError>,
    ) -> Result<(), ReplayError> {
        let chunks = self.recording.chunks();
        let first = chunks.partition_point(|chunk| chunk.first_record <= position);
        let end = chunks.len();
        for number in first.saturating_sub(1)..end {
            let chunk = self.chunk(number)?;
            let offset = self.recording.chunks().get(number).and_then(|info| {
                let before = info
                    .keyframes
                    .partition_point(|keyframe| keyframe.record <= position);
                info.keyframes.get(before.checked_sub(1)?)
            });
            let offset = offset.map_or(0, |keyframe| keyframe.offset);
            for record in chunk.records_from(offset, position) {
                if show(self, record)?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Notes that a state has carried out an entry, and keeps a copy of the state now and then.
    fn pass(&mut self, state: &mut State, record: &Record<'_>) {
        state.position = record.number + 1;
        state.at = record.at;
        let due = state.position.is_multiple_of(Self::APART);
        if due && self.passed.iter().all(|passed| passed.position != state.position) {
            if self.passed.len() >= Self::STATES {
                self.passed.pop_front();
            }
            self.passed.push_back(state.clone());
        }
    }

    /// Returns the last state that is not beyond what is wanted: one that was passed since a keyframe, or that of the
    /// keyframe.
    fn nearest(&mut self, place: Place, wanted: impl Fn(&State) -> bool) -> Result<State, ReplayError> {
        let keyframe = self.info(place)?.record;
        let passed = self.passed.iter();
        let passed = passed.filter(|state| state.position > keyframe && wanted(state));
        match passed.max_by_key(|state| state.position) {
            Some(state) => Ok(state.clone()),
            None => self.keyframe(place),
        }
    }

    /// Returns the number of the chunk in which a time lies.
    fn chunk_of(&self, at: Timestamp) -> usize {
        let chunks = self.recording.chunks();
        chunks.partition_point(|chunk| chunk.from <= at).saturating_sub(1)
    }

    /// Returns the last keyframe of a chunk for which a condition holds that holds for those before it as well, or else its
    /// first one.
    fn place(&self, chunk: usize, holds: impl Fn(&Keyframe) -> bool) -> Result<Place, ReplayError> {
        let info = self.recording.chunks().get(chunk).ok_or(ReplayError::Empty)?;
        let keyframe = info.keyframes.partition_point(holds).saturating_sub(1);
        Ok(Place { chunk, keyframe })
    }

    fn place_before(&self, place: Place) -> Option<Place> {
        if let Some(keyframe) = place.keyframe.checked_sub(1) {
            return Some(Place { keyframe, ..place });
        }
        let chunk = place.chunk.checked_sub(1)?;
        let keyframe = self
            .recording
            .chunks()
            .get(chunk)?
            .keyframes
            .len()
            .checked_sub(1)?;
        Some(Place { chunk, keyframe })
    }

    fn info(&self, place: Place) -> Result<&Keyframe, ReplayError> {
        let chunk = self.recording.chunks().get(place.chunk);
        let keyframe = chunk.and_then(|chunk| chunk.keyframes.get(place.keyframe));
        keyframe.ok_or(ReplayError::NoKeyframe(place.chunk))
    }

    /// Returns the state of the last keyframe before a time, and whether it is the first one of all.
    pub(crate) fn keyframe_before(&mut self, at: Timestamp) -> Result<(State, bool), ReplayError> {
        let chunks = self.recording.chunks();
        let chunk = chunks.partition_point(|chunk| chunk.from < at).saturating_sub(1);
        let place = self.place(chunk, |keyframe| keyframe.at < at)?;
        let state = self.keyframe(place)?;
        Ok((state, place.chunk == 0 && place.keyframe == 0))
    }

    /// Returns the state that a keyframe holds.
    fn keyframe(&mut self, place: Place) -> Result<State, ReplayError> {
        let number = self.info(place)?.record;
        let chunk = self.chunk(place.chunk)?;
        let record = self.record(place, &chunk)?;
        let entry = Entry::decode(record.kind.0, record.bytes)?;
        let Some(Entry::Keyframe(keyframe) | Entry::Jump(keyframe)) = entry else {
            return Err(ReplayError::NoKeyframe(place.chunk));
        };
        let mut state = State {
            model: keyframe.model,
            play: keyframe.play,
            stage: keyframe.stage,
            position: number + 1,
            at: record.at,
        };
        self.keep_past(number, Arc::new(keyframe.past));
        let past = self.past_at(place)?;
        state.model.put_past(past);
        Ok(state)
    }

    fn record<'a>(&self, place: Place, chunk: &'a Chunk) -> Result<Record<'a>, ReplayError> {
        let info = self.info(place)?;
        let mut records = chunk.records_from(info.offset, info.record);
        let record = records.next().filter(|record| record.number == info.record);
        record.ok_or(ReplayError::NoKeyframe(place.chunk))
    }

    /// Puts the past of a keyframe together, with those of the keyframes before it.
    fn past_at(&mut self, place: Place) -> Result<Past, ReplayError> {
        let mut rebuild = PastRebuild::new(&*self.past_of(place)?);
        let mut before = self.place_before(place);
        for _ in 0..Self::CHAIN {
            let Some(place) = before.filter(|_| rebuild.missing() > 0) else {
                break;
            };
            rebuild.add(&*self.past_of(place)?);
            before = self.place_before(place);
        }
        Ok(rebuild.finish())
    }

    fn past_of(&mut self, place: Place) -> Result<Arc<PastDelta>, ReplayError> {
        let number = self.info(place)?.record;
        if let Some((_, delta)) = self.pasts.iter().find(|(known, _)| *known == number) {
            return Ok(Arc::clone(delta));
        }
        let chunk = self.chunk(place.chunk)?;
        let record = self.record(place, &chunk)?;
        let delta = Arc::new(entry::past(record.bytes)?);
        self.keep_past(number, Arc::clone(&delta));
        Ok(delta)
    }

    fn keep_past(&mut self, number: u64, delta: Arc<PastDelta>) {
        if self.pasts.iter().any(|(known, _)| *known == number) {
            return;
        }
        if self.pasts.len() >= Self::PASTS {
            self.pasts.pop_front();
        }
        self.pasts.push_back((number, delta));
    }

    fn chunk(&mut self, number: usize) -> Result<Arc<Chunk>, ReplayError> {
        let info = self.recording.chunks().get(number).ok_or(ReplayError::Empty)?;
        if info.header.contents > CONTENTS {
            return Err(ReplayError::Newer {
                program: info.header.program.clone(),
                contents: info.header.contents,
            });
        }
        let first = info.first_record;
        if let Some((_, chunk)) = self.chunks.iter().find(|(known, _)| *known == first) {
            return Ok(Arc::clone(chunk));
        }
        let chunk = Arc::new(self.recording.read_chunk(number)?);
        if self.chunks.len() >= Self::CHUNKS {
            self.chunks.pop_front();
        }
        self.chunks.push_back((first, Arc::clone(&chunk)));
        Ok(chunk)
    }
}
