//! What a recording tells about a round.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chronicle::Lanes;
use feed::Timestamp;
use recording::Recording;
use replay::{Player, Stage};

use super::curves::{self, Series};

/// What a recording tells about a round.
#[derive(Debug)]
pub(super) struct Evidence {
    /// The recording.
    pub(super) file: PathBuf,
    /// What was found in it; the problem if it cannot be read.
    pub(super) found: Result<Found, String>,
}

/// What was found in a recording.
#[derive(Debug)]
pub(super) struct Found {
    /// When it began.
    pub(super) begin: Timestamp,
    /// The same in microseconds since the Unix epoch.
    pub(super) begin_unix_us: u64,
    /// The host.
    pub(super) host: String,
    /// What is wrong with the recording, if something is.
    pub(super) damage: Option<String>,
    /// What was on the stage at its end.
    pub(super) stage: Stage,
    /// What happened.
    pub(super) lanes: Lanes,
    /// Load and work over time.
    pub(super) series: Series,
}

impl Evidence {
    /// Reads a recording.
    pub(super) fn of(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            found: find(file).map_err(|error| format!("{error:#}")),
        }
    }

    /// Returns the name of the file, without its folder.
    pub(super) fn name(&self) -> String {
        let name = self.file.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

fn find(file: &Path) -> anyhow::Result<Found> {
    let recording = Recording::open(file)?;
    let first = recording.chunks().first().cloned();
    let mut player = Player::new(Recording::open(file)?);
    let (begin, end) = player.range().unwrap_or_default();
    let last = player.state_at(end)?;
    let mut lanes = Lanes::default();
    for highlight in player.highlights() {
        lanes.add(highlight.clone());
    }
    let grid = curves::grid(begin, end.max(begin + Duration::from_secs(1)));
    let messages = curves::count_messages(&recording, grid)?;
    let series = Series::of(&last.model.history, messages, grid);
    Ok(Found {
        begin,
        begin_unix_us: first
            .as_ref()
            .map_or(0, |chunk| chunk.header.wall_clock.unix_us(begin)),
        host: first.map_or_else(String::new, |chunk| chunk.header.host.clone()),
        damage: player.damage(),
        stage: last.stage,
        lanes,
        series,
    })
}
