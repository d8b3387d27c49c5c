//! The three components by themselves: `component registrar`, `component pool-element`, `component pool-user`.

use std::process::ExitCode;

use clap::Parser;

/// A component of RSerPool.
#[derive(Debug, Parser)]
#[command(version)]
enum Component {
    /// A registrar (PR).
    Registrar(Box<registrar::Args>),
    /// A pool element (PE).
    PoolElement(Box<pool_element::Args>),
    /// A pool user (PU).
    PoolUser(Box<pool_user::Args>),
}

fn main() -> ExitCode {
    let outcome = match Component::parse() {
        Component::Registrar(args) => registrar::run(&args),
        Component::PoolElement(args) => pool_element::run(&args),
        Component::PoolUser(args) => pool_user::run(&args),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("{error:#}");
        ExitCode::FAILURE
    })
}
