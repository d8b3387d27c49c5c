//! Uses a measurement's program as the program of the components that it measures.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
struct CommandLine {
    #[command(subcommand)]
    component: Component,
}

#[derive(Debug, Subcommand)]
enum Component {
    Registrar(Box<registrar::Args>),
    PoolElement(Box<pool_element::Args>),
    PoolUser(Box<pool_user::Args>),
}

/// Runs a component and exits with it if the command line names one. Otherwise returns the program for the
/// components of this measurement, which is this one, and the measurement's own arguments.
///
/// # Panics
/// Panics if the path of this program is not available.
#[must_use]
pub fn begin() -> (PathBuf, Vec<String>) {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let subcommand = words.first().map_or("", String::as_str);
    if ["registrar", "pool-element", "pool-user"].contains(&subcommand) {
        let status = match CommandLine::parse().component {
            Component::Registrar(args) => registrar::run(&args),
            Component::PoolElement(args) => pool_element::run(&args),
            Component::PoolUser(args) => pool_user::run(&args),
        };
        let status = status.unwrap_or_else(|error| {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        });
        std::process::exit(i32::from(status != ExitCode::SUCCESS));
    }
    let program = std::env::current_exe().expect("a running program can be found");
    (program, words)
}
