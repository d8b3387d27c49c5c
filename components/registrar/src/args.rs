//! The registrar's command line.

use runtime::{ASAP_PORT, Argv, SharedArgs, TimerArgs};

/// Keeps the handlespace: which pool elements are in which pool
#[derive(Debug, Clone, PartialEq, clap::Args)]
pub struct Args {
    /// What all components share.
    #[command(flatten)]
    pub shared: SharedArgs,

    /// SCTP port for pool elements and pool users
    #[arg(long, value_name = "PORT", default_value_t = ASAP_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub asap_port: u16,

    /// Unreachable reports after which a pool element is removed though it answers
    #[arg(long, value_name = "NUMBER")]
    pub max_bad_pe_reports: Option<u32>,

    /// Timers.
    #[command(flatten)]
    pub timers: TimerArgs,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            shared: SharedArgs::default(),
            asap_port: ASAP_PORT,
            max_bad_pe_reports: None,
            timers: TimerArgs::default(),
        }
    }
}

impl Args {
    /// The words that a shell would need to start the same, without the program's name and subcommand.
    #[must_use]
    pub fn to_argv(&self) -> Vec<String> {
        let mut argv = Argv::default();
        self.shared.add_to(&mut argv);
        argv.changed("asap-port", &self.asap_port, &ASAP_PORT);
        argv.maybe("max-bad-pe-reports", self.max_bad_pe_reports.as_ref());
        self.timers.add_to(&mut argv);
        argv.into_words()
    }

    /// Timers and limits of the core.
    pub(crate) fn config(&self) -> protocol::Config {
        let mut config = self.timers.config(self.shared.preset);
        if let Some(reports) = self.max_bad_pe_reports {
            config.max_bad_pe_report = reports;
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Whole {
        #[command(flatten)]
        args: Args,
    }

    fn check(args: &Args) {
        let words = std::iter::once("registrar".to_owned()).chain(args.to_argv());
        assert_eq!(Whole::try_parse_from(words).unwrap().args, *args);
    }

    #[test]
    fn arguments_survive_printing_and_reading() {
        check(&Args::default());
        check(&Args {
            shared: SharedArgs {
                identifier: Some(0x1a00_0001),
                feed: true,
                ..SharedArgs::default()
            },
            asap_port: 3864,
            max_bad_pe_reports: Some(0),
            timers: TimerArgs {
                keep_alive_interval: Some(Duration::from_millis(700)),
                ..TimerArgs::default()
            },
        });
    }
}
