//! The command line: without a subcommand the control centre, otherwise a component or a scenario.

use std::path::PathBuf;
use std::process::ExitCode;

use capture::decode::{self, DecodeArgs};
use clap::{Parser, Subcommand};
use live_capture::{ExtcapArgs, extcap};
use scenario::ComponentArgs;
use supervisor::status_listener::ListenAt;
use view::Appearance;

use crate::control_centre::{Begin, PlayOptions};
use crate::headless::{self, ReplayArgs, RunArgs};
use crate::lab::{self, LabArgs};
use crate::meeting_group::MeetingGroup;
use crate::terminal;

/// Watch Reliable Server Pooling work: starts registrars, pool elements and pool users, and shows what they do.
#[derive(Debug, Parser)]
#[command(name = "poolscope", version, args_conflicts_with_subcommands = true)]
#[command(after_help = headless::stories_in_words())]
pub struct Cli {
    /// The control centre's own options.
    #[command(flatten)]
    pub window: WindowOptions,
    /// A subcommand; without one, the control centre's window is opened.
    #[command(subcommand)]
    pub command: Option<Subcommands>,
}

/// The components, each a process of its own, and everything else that needs no window of its own.
#[derive(Debug, Subcommand)]
pub enum Subcommands {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as the program's description")]
    Component(ComponentArgs),
    /// Play a scenario, in the window or without one
    Run(Box<RunArgs>),
    /// Replay a recording, in the window or without one
    Replay(Box<ReplayArgs>),
    /// Compare pool policies in the policy laboratory: simulated, without a window
    Lab(Box<LabArgs>),
    /// Print the messages in captures, of whatever program
    ///
    /// Exit status: 0 if everything is well, 1 if something is malformed or damaged, 2 if a file cannot be read or is no
    /// capture.
    Decode(Box<DecodeArgs>),
    /// Show running demonstrations in Wireshark's list of interfaces
    ///
    /// `--install` puts them there. Wireshark passes the other options; they work by hand as well.
    Extcap(Box<ExtcapArgs>),
}

/// Options of the control centre's window.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct WindowOptions {
    /// Scenario to start with: a JSON file, a story by its name, or - for standard input [default: default]
    pub scenario: Option<PathBuf>,
    /// Multicast group in which the components find each other; `usual` is the one of components started by hand
    /// [default: a group that is not in use on this host]
    #[arg(long, value_name = "ADDRESS|usual")]
    pub group: Option<MeetingGroup>,
    /// UDP port that carries SCTP between all components (RFC 6951) [default: 9899]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub sctp_port: Option<u16>,
    /// Where components started elsewhere, such as rsplib's, report their status (CSP) [default: UDP port 2960 of
    /// all addresses]
    #[arg(long, value_name = "[ADDRESS:]PORT|off")]
    pub status_reports: Option<ListenAt>,
    /// The appearance of the window.
    #[command(flatten)]
    pub appearance: Appearance,
}

/// Parses the command line and carries it out. Prints an error if that fails.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        Some(Subcommands::Component(ComponentArgs::Registrar(args))) => registrar::run(args),
        Some(Subcommands::Component(ComponentArgs::PoolElement(args))) => pool_element::run(args),
        Some(Subcommands::Component(ComponentArgs::PoolUser(args))) => pool_user::run(args),
        Some(Subcommands::Lab(args)) => return lab::run(args),
        Some(Subcommands::Decode(args)) => return decode::run(args),
        Some(Subcommands::Extcap(args)) => extcap::run(args, &mut std::io::stdout())
            .map(|()| ExitCode::SUCCESS)
            .map_err(Into::into),
        Some(Subcommands::Run(args)) if args.headless => return headless::run(args),
        Some(Subcommands::Replay(args)) if args.headless => return headless::replay(args),
        Some(Subcommands::Replay(args)) => crate::window::replay(args),
        Some(Subcommands::Run(args)) => {
            let window = WindowOptions {
                scenario: Some(args.scenario.clone()),
                group: args.group,
                status_reports: args.status_reports,
                appearance: args.appearance.clone(),
                sctp_port: args.sctp_port,
            };
            crate::window::open(&window, args.play_options(0), Begin::AtOnce)
        }
        None => crate::window::open(&cli.window, PlayOptions::default(), Begin::WhenAsked),
    };
    outcome.unwrap_or_else(|error| {
        terminal::complain(format_args!("{error:#}"));
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use view::{TextSize, Theme};

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_window_takes_a_scenario_and_its_options() {
        let cli =
            Cli::try_parse_from(["poolscope", "--theme=dark", "demo.json", "--text-size=large"]).unwrap();
        assert_eq!(cli.window.appearance.theme, Theme::Dark);
        assert_eq!(cli.window.appearance.text_size, TextSize::Large);
        assert_eq!(cli.window.scenario, Some("demo.json".into()));
    }

    #[test]
    fn a_scenario_that_is_played_in_the_window_takes_its_options() {
        let words = [
            "poolscope",
            "run",
            "s",
            "--theme=light",
            "--low-graphics",
            "--status-reports=off",
        ];
        let cli = Cli::try_parse_from(words).unwrap();
        let Some(Subcommands::Run(args)) = cli.command else {
            panic!("{cli:?}");
        };
        assert_eq!(args.appearance.theme, Theme::Light);
        assert_eq!(args.status_reports, Some(ListenAt::Off));
    }

    #[test]
    fn what_only_a_window_can_have_is_refused_without_one() {
        for option in [
            "--theme=dark",
            "--text-size=normal",
            "--low-graphics",
            "--renderer=glow",
            "--status-reports=2960",
        ] {
            let error = Cli::try_parse_from(["poolscope", "run", "s", "--headless", option]).unwrap_err();
            let name = option.split('=').next().unwrap_or_default();
            assert!(error.to_string().contains(name), "{error}");
            assert!(error.to_string().contains("--headless"), "{error}");
        }
        assert!(Cli::try_parse_from(["poolscope", "run", "s", "--headless"]).is_ok());
    }
}
