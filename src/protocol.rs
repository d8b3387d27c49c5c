//! The messages of what is shown, while somebody looks at them.

use std::time::{Duration, Instant};

use analysis::{Analysis, Notify};
use command::ProtocolCommand;
use feed::Timestamp;
use recording::Origin;

/// How often it is looked for what has been recorded meanwhile.
const LOOK: Duration = Duration::from_millis(400);
/// For how long it is looked for more after the latest question: a window asks with each frame.
const INTEREST: Duration = Duration::from_secs(2);

/// The messages of what is shown.
pub(crate) struct Protocol {
    analysis: Analysis,
    /// The number of the recording that was opened; `None` for the demonstration that takes place.
    epoch: Option<u64>,
    grows: bool,
    asked: Instant,
    looked: Option<(Instant, Timestamp)>,
}

impl Protocol {
    /// Begins to look at the messages of a recording.
    ///
    /// # Errors
    /// Returns an error if no thread can be started.
    pub(crate) fn begin(origin: Origin, epoch: Option<u64>, notify: Notify) -> std::io::Result<Self> {
        Ok(Self {
            grows: origin.grows(),
            analysis: Analysis::begin(origin, notify)?,
            epoch,
            asked: Instant::now(),
            looked: None,
        })
    }

    /// Returns whether it is about this recording.
    pub(crate) fn is_of(&self, epoch: Option<u64>) -> bool {
        self.epoch == epoch
    }

    pub(crate) fn analysis(&self) -> &Analysis {
        &self.analysis
    }

    pub(crate) fn ask(&mut self, question: ProtocolCommand) {
        self.asked = Instant::now();
        match question {
            ProtocolCommand::Want(wanted) => self.analysis.want(wanted),
            ProtocolCommand::Inspect(item) => self.analysis.inspect(item),
            // Files and other programs are not its affair.
            ProtocolCommand::OpenWireshark { .. }
            | ProtocolCommand::SaveSpan { .. }
            | ProtocolCommand::SaveChart { .. } => {}
        }
    }

    pub(crate) fn drain(&mut self) {
        self.analysis.drain();
    }

    /// Returns what looks for more that has been recorded, when it is time for that.
    pub(crate) fn looks(&mut self, now: Timestamp) -> Option<Notify> {
        let due = self.looked.is_none_or(|(looked, _)| looked.elapsed() >= LOOK);
        if !self.is_watched() || !due {
            return None;
        }
        self.looked = Some((Instant::now(), now));
        Some(self.analysis.refresher())
    }

    /// Returns when it has to be looked for more.
    pub(crate) fn wake_at(&self) -> Option<Timestamp> {
        let (_, looked) = self.looked.filter(|_| self.is_watched())?;
        Some(looked + LOOK)
    }

    fn is_watched(&self) -> bool {
        self.grows && self.asked.elapsed() < INTEREST
    }
}
