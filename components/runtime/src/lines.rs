//! Lines for whoever started a component by hand.

use std::time::Duration;

use crate::output_thread::OutputThread;

/// Lines on standard output. The component never waits for their reader: a terminal may have been stopped.
pub struct Lines {
    output: OutputThread,
}

/// What became of lines that were offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// They will be written.
    Taken,
    /// They are left out: too many wait already.
    Full,
    /// They are left out: nobody can read standard output any more.
    Closed,
}

/// The maximum number of queued bytes; further lines are left out.
const LIMIT: usize = 1 << 20;
/// How long the end of the process waits for a reader: as long as it takes, unless somebody interrupts it.
const UNTIL_READ: Duration = Duration::from_secs(3600);

impl Lines {
    /// Starts to write to standard output.
    ///
    /// # Errors
    /// Returns an error if the writing thread cannot be started.
    pub fn on_standard_output() -> std::io::Result<Self> {
        Ok(Self {
            output: OutputThread::spawn("lines", std::io::stdout())?,
        })
    }

    /// Writes bytes as they are, unless too many wait already or nobody can read them.
    pub fn offer(&self, bytes: Vec<u8>) -> Offer {
        if self.output.is_broken() {
            Offer::Closed
        } else if self.output.try_push(bytes, LIMIT) {
            Offer::Taken
        } else {
            Offer::Full
        }
    }

    /// Writes a line, unless too many wait already or nobody wants to read them.
    pub fn say(&self, line: &str) {
        self.output.try_push(format!("{line}\n").into_bytes(), LIMIT);
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.output.flush(UNTIL_READ);
    }
}
