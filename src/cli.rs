//! The command line: no subcommand is the control centre, the subcommands are the components.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// Watch Reliable Server Pooling work: starts registrars, pool elements and pool users, and shows what they do.
#[derive(Debug, Parser)]
#[command(name = "poolscope", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// The control centre's own options.
    #[command(flatten)]
    pub window: WindowOptions,
    /// A component instead of the control centre.
    #[command(subcommand)]
    pub component: Option<ComponentCommand>,
}

/// The components, each a process of its own.
#[derive(Debug, Subcommand)]
pub enum ComponentCommand {
    /// A registrar (PR).
    Registrar(Box<registrar::Args>),
    /// A pool element (PE).
    PoolElement(Box<pool_element::Args>),
    /// A pool user (PU).
    PoolUser(Box<pool_user::Args>),
}

/// Options of the control centre's window.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct WindowOptions {
    /// Scenario to start with, a JSON file; the built-in one if none is given
    #[arg(value_name = "SCENARIO FILE")]
    pub scenario: Option<PathBuf>,
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

/// Parses the command line, does what it says, and prints one error if that fails.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.component {
        Some(ComponentCommand::Registrar(args)) => registrar::run(args),
        Some(ComponentCommand::PoolElement(args)) => pool_element::run(args),
        Some(ComponentCommand::PoolUser(args)) => pool_user::run(args),
        None => Err(anyhow::anyhow!(
            "the control centre has no window yet: start a component by its subcommand"
        )),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("poolscope: {error:#}");
        ExitCode::FAILURE
    })
}
