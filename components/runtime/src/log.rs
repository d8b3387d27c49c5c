//! Logs to standard error.

use std::fmt;
use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::LogLevel;
use crate::output_thread::OutputThread;

/// The log of this process.
#[derive(Clone)]
pub struct Log {
    output: OutputThread,
}

impl Log {
    /// Starts logging to standard error.
    ///
    /// # Errors
    /// Returns an error if the writing thread cannot be started.
    pub fn start(level: LogLevel) -> std::io::Result<Self> {
        let log = Self {
            output: OutputThread::spawn("log", std::io::stderr())?,
        };
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(match level {
                LogLevel::Off => LevelFilter::OFF,
                LogLevel::Error => LevelFilter::ERROR,
                LogLevel::Warn => LevelFilter::WARN,
                LogLevel::Info => LevelFilter::INFO,
                LogLevel::Debug => LevelFilter::DEBUG,
                LogLevel::Trace => LevelFilter::TRACE,
            })
            .with_target(false)
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .with_timer(TimeOfDay)
            .with_writer(log.clone())
            .finish();
        // A second component in this process (in a test) logs to the first one's subscriber.
        let _ = tracing::subscriber::set_global_default(subscriber);
        Ok(log)
    }

    /// Waits until everything is written, for at most `patience`.
    pub fn flush(&self, patience: Duration) {
        self.output.flush(patience);
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line {
            output: self.output.clone(),
        }
    }
}

/// Writes one log line; lines that are not read in time are dropped.
pub struct Line {
    output: OutputThread,
}

/// The maximum number of queued bytes.
const LIMIT: usize = 256 << 10;

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.output.try_push(bytes.to_vec(), LIMIT);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Formats the time of day (UTC).
struct TimeOfDay;

impl FormatTime for TimeOfDay {
    #[expect(
        clippy::disallowed_methods,
        reason = "people read it, beside the times of day of other logs"
    )]
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = since_epoch.as_secs();
        write!(
            writer,
            "{:02}:{:02}:{:02}.{:03}",
            seconds / 3600 % 24,
            seconds / 60 % 60,
            seconds % 60,
            since_epoch.subsec_millis()
        )
    }
}
