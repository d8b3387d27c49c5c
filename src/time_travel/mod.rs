//! The cursor in time: fetches what is shown of the past, and moves through it.
//!
//! It serves the demonstration that takes place, whose recording is still growing, and recordings that were opened.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use chronicle::{Cursor, Highlight, HighlightKind, InFlight, Lanes, Source, TimeControl};
use feed::{Timestamp, WallClock};
use recording::Origin;
use replay::{Answer, Moment, Notify, Past, Playhead, State};

/// How long a fetch may take until the window says that it is under way.
const AT_ONCE: Duration = Duration::from_millis(150);
/// How often the cursor moves while it moves by itself.
const FRAME: Duration = Duration::from_micros(16_667);
/// For how long a message on its way is shown at least.
const TRAVEL: Duration = Duration::from_millis(300);
/// How often it is looked for what has been recorded meanwhile, which takes a while.
const LOOK: Duration = Duration::from_millis(500);
/// The cursor gets there soon.
const AHEAD: Duration = Duration::from_secs(2);

/// The recording that the program carries: a story, for a look without processes to start.
const CARRIED: &[u8] = include_bytes!("../../assets/failover-kill.pcapng.zst");
const CARRIED_NAME: &str = "failover-kill.pcapng.zst";

/// Moves through a recording.
pub(crate) struct TimeTravel {
    past: Past,
    /// Where the recording is.
    origin: Origin,
    /// The name of the file, unless the demonstration takes place.
    file: Option<String>,
    playhead: Playhead,
    /// What is shown.
    shown: Option<Moment>,
    /// The moment that was asked for and has not been answered, and since when.
    asked: Option<(Timestamp, Instant)>,
    range: (Timestamp, Timestamp),
    /// When it was last looked for more.
    looked: Option<Instant>,
    /// The highlights of a file.
    lanes: Lanes,
    damage: Option<String>,
    /// The wall clock where the recording was made.
    wall_clock: Option<WallClock>,
    /// Whether what is shown was fetched when less was known.
    stale: bool,
    /// A problem that the user has to know of.
    problem: Option<String>,
    /// What the cursor is to do once the recording is open.
    begin: Begin,
    /// The number of the state that is shown, so that textures notice another one.
    epoch: u64,
}

/// What the cursor does once the recording is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begin {
    Rest,
    Play,
    Begun,
}

impl TimeTravel {
    /// Opens a recording that is still growing, with the cursor at a time.
    pub(crate) fn live(folder: PathBuf, at: Timestamp, notify: Notify) -> std::io::Result<Self> {
        Self::open(Origin::Folder(folder), None, at, notify)
    }

    /// Opens a file, and plays it from its beginning.
    pub(crate) fn file(path: PathBuf, notify: Notify) -> std::io::Result<Self> {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let name = name.to_string_lossy().into_owned();
        Self::open(Origin::File(path), Some(name), Timestamp::default(), notify)
    }

    /// Opens the recording that the program carries, and plays it from its beginning.
    pub(crate) fn carried(notify: Notify) -> std::io::Result<Self> {
        let origin = Origin::Bytes(CARRIED_NAME, CARRIED);
        Self::open(origin, Some(CARRIED_NAME.into()), Timestamp::default(), notify)
    }

    fn open(origin: Origin, file: Option<String>, at: Timestamp, notify: Notify) -> std::io::Result<Self> {
        Ok(Self {
            past: Past::open(origin.clone(), notify)?,
            origin,
            begin: if file.is_some() { Begin::Play } else { Begin::Rest },
            file,
            playhead: Playhead::new(at),
            shown: None,
            asked: None,
            range: (at, at),
            looked: None,
            lanes: Lanes::default(),
            damage: None,
            wall_clock: None,
            stale: false,
            problem: None,
            epoch: 0,
        })
    }

    /// Returns where the recording is.
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns whether it is known what there is to be seen.
    pub(crate) fn is_open(&self) -> bool {
        self.begin == Begin::Begun
    }

    /// Puts the cursor at a time, and lets it rest there; beyond the ends of the recording, at the nearest one.
    pub(crate) fn show(&mut self, at: Timestamp) {
        self.playhead.pause();
        self.playhead.seek(at.clamp(self.range.0, self.range.1));
        self.fetch();
    }

    /// Returns the state that is shown, once there is one.
    pub(crate) fn state(&self) -> Option<&State> {
        self.shown.as_ref().map(|moment| moment.state.as_ref())
    }

    /// Returns the state that is shown, for its pictures to be drawn.
    pub(crate) fn state_mut(&mut self) -> Option<&mut State> {
        self.shown.as_mut().map(|moment| moment.state.as_mut())
    }

    /// Returns the time of the state that is shown.
    pub(crate) fn now(&self) -> Timestamp {
        self.shown.as_ref().map_or(self.playhead.at(), |moment| moment.at)
    }

    /// Returns the place of the cursor.
    pub(crate) fn cursor(&self) -> Cursor {
        let late = self.asked.is_some_and(|(_, since)| since.elapsed() > AT_ONCE);
        self.playhead.cursor(late)
    }

    /// Returns the number of the model that is shown: another one whenever it does not go on from the one before.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Returns the messages that were on their way.
    pub(crate) fn in_flight(&self) -> &[InFlight] {
        self.shown.as_ref().map_or(&[], |moment| &moment.in_flight)
    }

    /// Returns the highlights of the file.
    pub(crate) fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    /// Returns the first and the last time of the recording.
    pub(crate) fn range(&self) -> (Timestamp, Timestamp) {
        self.range
    }

    /// Returns the wall clock where the recording was made, if that is known.
    pub(crate) fn wall_clock(&self) -> Option<WallClock> {
        self.wall_clock
    }

    /// Returns where the demonstration comes from.
    pub(crate) fn source(&self) -> Source<'_> {
        match &self.file {
            None => Source::Live,
            Some(name) => Source::File {
                name,
                damage: self.damage.as_deref(),
            },
        }
    }

    /// Returns the problem that the user has to know of, if there is one.
    pub(crate) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Moves the cursor as the user wants. What concerns files or the present is not its affair.
    pub(crate) fn control(&mut self, now: Timestamp, control: &TimeControl) {
        // Elsewhere there may be something to be seen.
        self.problem = None;
        match *control {
            TimeControl::Seek(at) => {
                let (first, last) = self.reach(now);
                self.playhead.seek(at.clamp(first, last.max(first)));
            }
            TimeControl::Step { stop, forward } => {
                self.playhead.pause();
                self.past.step(self.now(), stop, forward);
            }
            TimeControl::Play(speed) => {
                // Nothing follows the end of a file: it begins again.
                if self.file.is_some() && speed > 0.0 && self.playhead.at() >= self.range.1 {
                    self.playhead.seek(self.range.0);
                }
                self.playhead.play(now, speed);
            }
            TimeControl::Pause => self.playhead.pause(),
            TimeControl::Loop(span) => self.playhead.repeat(span),
            TimeControl::WatchAgain(from, to) => self.playhead.watch(now, from, to),
            TimeControl::Live
            | TimeControl::StoryBack
            | TimeControl::StoryOn
            | TimeControl::Mark(_)
            | TimeControl::Save(_)
            | TimeControl::Open(_)
            | TimeControl::Compare(_)
            | TimeControl::Align(_)
            | TimeControl::Close => {}
        }
        self.fetch();
    }

    /// Sets a mark at the cursor, for as long as the recording is open.
    pub(crate) fn mark(&mut self, name: String) {
        self.lanes.add(Highlight {
            at: self.now(),
            component: None,
            kind: HighlightKind::Mark { name },
        });
    }

    /// Moves the cursor on, and takes what was fetched.
    pub(crate) fn drain(&mut self, now: Timestamp) {
        while let Some(answer) = self.past.try_next() {
            self.take(now, answer);
        }
        self.playhead.advance(now, self.reach(now));
        if self.file.is_some() && self.playhead.has_reached(self.range.1) {
            self.playhead.pause();
        }
        self.fetch();
    }

    /// Returns what looks for more that has been recorded, when it is time for that.
    pub(crate) fn looks(&mut self) -> Option<Notify> {
        let soon = self.playhead.at() + AHEAD >= self.range.1;
        let due = self.looked.is_none_or(|looked| soon && looked.elapsed() >= LOOK);
        if self.file.is_some() || !due {
            return None;
        }
        self.looked = Some(Instant::now());
        Some(self.past.refresher())
    }

    /// Returns how long it may take until the next [`Self::drain`].
    pub(crate) fn wake_within(&self) -> Option<Duration> {
        if self.playhead.moves() {
            Some(FRAME)
        } else if self.asked.is_some() {
            Some(AT_ONCE)
        } else {
            None
        }
    }

    /// Returns whether the cursor has caught up with the present.
    pub(crate) fn has_caught_up(&self, now: Timestamp) -> bool {
        self.file.is_none() && self.playhead.overtakes() && self.playhead.at() + LOOK >= now
    }

    /// Returns how far the cursor can go.
    fn reach(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        match (self.begin, &self.file) {
            (Begin::Begun, Some(_)) => self.range,
            (Begin::Begun, None) => (self.range.0, now),
            _ => (Timestamp::default(), now),
        }
    }

    fn take(&mut self, now: Timestamp, answer: Answer) {
        match answer {
            Answer::Range {
                from,
                to,
                highlights,
                damage,
                wall_clock,
            } => {
                self.wall_clock = wall_clock;
                // What was not known yet may have been shown as if nothing had happened.
                self.stale |= self.playhead.at() >= self.range.1;
                self.range = (from, to);
                self.damage = damage;
                for highlight in highlights {
                    self.lanes.add(highlight);
                }
                if self.begin == Begin::Play {
                    self.playhead.seek(from);
                    self.playhead.play(now, 1.0);
                }
                self.begin = Begin::Begun;
            }
            Answer::Moment(moment) => {
                self.asked = None;
                self.epoch += u64::from(!moment.goes_on);
                if let Some(before) = self.shown.replace(moment) {
                    if let Some(now) = &mut self.shown {
                        // Not every moment is drawn.
                        now.state.model.redraw_also(&before.state.model);
                    }
                    self.past.give_back(before.state);
                }
            }
            Answer::Stop(at) => self.playhead.seek(at),
            Answer::NoStop => {}
            Answer::Failed(error) => {
                self.asked = None;
                self.playhead.pause();
                self.problem = Some(error.to_string());
            }
        }
    }

    /// Asks for the moment at the cursor, unless an answer is still due.
    fn fetch(&mut self) {
        let at = self.playhead.at();
        let known = !self.stale && self.shown.as_ref().is_some_and(|shown| shown.at == at);
        if self.begin != Begin::Begun || self.asked.is_some() || known || self.problem.is_some() {
            return;
        }
        self.stale = false;
        self.asked = Some((at, Instant::now()));
        self.past.seek(at, TRAVEL.mul_f64(self.playhead.pace()));
    }
}
