//! The terminal's options.

use std::time::Duration;

use clap::ValueEnum;
use runtime::{Argv, parse_milliseconds};

/// Options of the terminal.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Terminal")]
pub struct TerminalArgs {
    /// Service that the lines are for, which determines the answers to expect and the default pool handle [default:
    /// that of the pool handle, otherwise echo]
    #[arg(long, value_enum)]
    pub byte_service: Option<ByteService>,

    /// Send a numbered line every so many milliseconds instead of those from standard input [default under a control
    /// centre, where standard input has commands: 1000]
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub lines_every: Option<Duration>,

    /// Milliseconds without any progress after which the end of the input is not kept waiting for answers; what is
    /// missing then leads to exit status 1
    #[arg(long, value_name = "MS", default_value = "5000", value_parser = parse_milliseconds)]
    pub linger: Duration,

    /// Write answers as they come instead of escaping what a terminal would obey
    #[arg(long)]
    pub raw: bool,
}

/// A service that transfers bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ByteService {
    /// Sends back each line
    Echo,
    /// Accepts everything and answers nothing
    Discard,
    /// Tells the time of day, once more for each line
    Daytime,
    /// Sends characters without end
    Chargen,
}

impl ByteService {
    /// Returns the default pool handle, which is rsplib's.
    pub(crate) const fn pool_handle(self) -> &'static str {
        match self {
            Self::Echo => "EchoPool",
            Self::Discard => "DiscardPool",
            Self::Daytime => "DaytimePool",
            Self::Chargen => "CharGenPool",
        }
    }
}

impl Default for TerminalArgs {
    fn default() -> Self {
        Self {
            byte_service: None,
            lines_every: None,
            linger: Duration::from_secs(5),
            raw: false,
        }
    }
}

impl TerminalArgs {
    pub(crate) fn add_to(&self, argv: &mut Argv) {
        let default = Self::default();
        argv.maybe_value("byte-service", self.byte_service);
        argv.maybe(
            "lines-every",
            self.lines_every.map(|time| time.as_millis()).as_ref(),
        );
        argv.changed("linger", &self.linger.as_millis(), &default.linger.as_millis());
        argv.flag("raw", self.raw);
    }
}
