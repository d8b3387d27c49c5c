//! The command line: no subcommand is the control centre, the subcommands are the components.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::control_centre::PlayOptions;
use crate::group::Group;
use crate::headless::{self, RunArgs};
use crate::status_listener::ListenAt;
use crate::timers::Timers;

/// Watch Reliable Server Pooling work: starts registrars, pool elements and pool users, and shows what they do.
#[derive(Debug, Parser)]
#[command(name = "poolscope", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// The control centre's own options.
    #[command(flatten)]
    pub window: WindowOptions,
    /// Something else than the control centre's window.
    #[command(subcommand)]
    pub command: Option<Subcommands>,
}

/// The components, each a process of its own, and what there is besides the window.
#[derive(Debug, Subcommand)]
pub enum Subcommands {
    /// A registrar (PR).
    Registrar(Box<registrar::Args>),
    /// A pool element (PE).
    PoolElement(Box<pool_element::Args>),
    /// A pool user (PU).
    PoolUser(Box<pool_user::Args>),
    /// Play a scenario, in the window or without one
    Run(Box<RunArgs>),
}

impl Subcommands {
    /// Whether it is a component.
    fn is_component(&self) -> bool {
        match self {
            Self::Registrar(_) | Self::PoolElement(_) | Self::PoolUser(_) => true,
            Self::Run(_) => false,
        }
    }
}

/// Options of the control centre's window.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct WindowOptions {
    /// Scenario to start with, a JSON file; the built-in one if none is given
    #[arg(value_name = "SCENARIO FILE")]
    pub scenario: Option<PathBuf>,
    /// Multicast group in which the components find each other; `usual` is where those started by hand are [default: one
    /// that nobody on this host uses]
    #[arg(long, value_name = "ADDRESS|usual")]
    pub group: Option<Group>,
    /// Where components that others have started, such as rsplib's, report their status (CSP) [default: UDP port 2960 of
    /// all addresses]
    #[arg(long, value_name = "[ADDRESS:]PORT|off")]
    pub status_reports: Option<ListenAt>,
    /// Draw with less effort: for machines without a graphics processor
    #[arg(long)]
    pub low_graphics: bool,
    /// What draws the window
    #[arg(long, value_enum, default_value_t)]
    pub renderer: Renderer,
    /// Colours of the window
    #[arg(long, value_enum, default_value_t)]
    pub theme: Theme,
    /// Size of texts and controls
    #[arg(long, value_enum, default_value_t)]
    pub text_size: TextSize,
}

/// What draws the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Renderer {
    /// OpenGL, or else what wgpu finds
    #[default]
    Auto,
    /// OpenGL
    Glow,
    /// Vulkan, Metal, Direct3D or OpenGL
    Wgpu,
}

/// Colours of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Theme {
    /// As the desktop has it
    #[default]
    System,
    /// Light text on a dark ground
    Dark,
    /// Dark text on a light ground
    Light,
}

/// Size of texts and controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TextSize {
    /// For a screen in front of one person
    #[default]
    Normal,
    /// For a projector in a room
    Large,
}

/// Why a component would not start with a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedComponent {
    /// The option that is wrong, without its dashes, if it is one.
    pub option: Option<String>,
    /// What is wrong.
    pub why: String,
}

/// Checks the words that are to follow the program's name, without starting anything.
///
/// # Errors
/// When they start no component.
pub fn check_component(words: &[String]) -> Result<(), RefusedComponent> {
    let words = std::iter::once("poolscope").chain(words.iter().map(String::as_str));
    let refused = |option, why: &str| {
        Err(RefusedComponent {
            option,
            why: why.to_owned(),
        })
    };
    match Cli::try_parse_from(words) {
        Ok(cli) if cli.command.as_ref().is_some_and(Subcommands::is_component) => Ok(()),
        Ok(_) => refused(None, "no component is started by this"),
        Err(error) if !error.use_stderr() => refused(None, "--help and --version start no component"),
        Err(error) => {
            let text = error.render().to_string();
            let line = text.lines().next().unwrap_or_default();
            let why = line.strip_prefix("error: ").unwrap_or(line);
            let option = why.split_once("'--").and_then(|(_, rest)| {
                let name =
                    rest.split(|character: char| !character.is_ascii_alphanumeric() && character != '-');
                name.into_iter().next().map(str::to_owned)
            });
            refused(option, why)
        }
    }
}

/// The timers of the component that these words would start.
pub(crate) fn timers(words: &[String]) -> Option<Timers> {
    let words = std::iter::once("poolscope").chain(words.iter().map(String::as_str));
    match Cli::try_parse_from(words).ok()?.command? {
        Subcommands::Registrar(args) => Some(Timers::of_registrar(&args)),
        Subcommands::PoolElement(args) => Some(Timers::of_pool_element(&args)),
        Subcommands::PoolUser(args) => Some(Timers::of_pool_user(&args)),
        Subcommands::Run(_) => None,
    }
}

/// Parses the command line, does what it says, and prints one error if that fails.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        Some(Subcommands::Registrar(args)) => registrar::run(args),
        Some(Subcommands::PoolElement(args)) => pool_element::run(args),
        Some(Subcommands::PoolUser(args)) => pool_user::run(args),
        Some(Subcommands::Run(args)) if args.headless => return headless::run(args),
        Some(Subcommands::Run(args)) => {
            let window = WindowOptions {
                scenario: Some(args.scenario.clone()),
                group: args.group,
                ..WindowOptions::default()
            };
            crate::window::open(&window, args.play_options(0)).map(|()| ExitCode::SUCCESS)
        }
        None => crate::window::open(&cli.window, PlayOptions::default()).map(|()| ExitCode::SUCCESS),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("poolscope: {error:#}");
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(words: &[&str]) -> RefusedComponent {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        check_component(&words).unwrap_err()
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn what_is_wrong_with_a_component_is_told_by_option() {
        let policy = refused(&["pool-element", "--policy=fairest"]);
        assert_eq!(policy.option.as_deref(), Some("policy"));
        assert!(policy.why.contains("fairest"), "{policy:?}");
        let unknown = refused(&["registrar", "--speed=1"]);
        assert_eq!(unknown.option.as_deref(), Some("speed"));
        for words in [
            ["registrar", "--help"],
            ["--low-graphics", "--theme=dark"],
            ["run", "x.json"],
        ] {
            assert_eq!(refused(&words).option, None);
        }
    }

    #[test]
    fn a_window_takes_a_scenario_and_its_options() {
        let cli =
            Cli::try_parse_from(["poolscope", "--theme=dark", "demo.json", "--text-size=large"]).unwrap();
        assert_eq!(cli.window.theme, Theme::Dark);
        assert_eq!(cli.window.text_size, TextSize::Large);
        assert_eq!(cli.window.scenario, Some("demo.json".into()));
    }
}
