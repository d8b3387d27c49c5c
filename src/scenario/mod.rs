//! Scenario files: the components of a demonstration.
//!
//! A scenario holds the arguments that a person could have typed: what the control centre starts, a shell can start.
//! [`Scenario::parse`] turns the text of a file into checked values, or into [`ScenarioErrors`] that name the line and
//! member of everything that is wrong.

mod check;
mod command_line;
mod component;
mod error;
mod file;
mod library;
mod settings;
#[cfg(test)]
mod tests;

pub use component::{Arguments, ComponentSpec, PoolElementArguments, PoolUserArguments, RegistrarArguments};
pub use error::{ScenarioErrors, ScenarioProblem};
pub use library::{LibraryEntry, library};
pub use settings::{Preset, Settings};

/// A demonstration: what is to be started.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its name for people.
    pub name: String,
    /// What there is to see.
    pub description: String,
    /// What is the same for all components.
    pub settings: Settings,
    /// The components, in the order in which they are started.
    pub components: Vec<ComponentSpec>,
}

impl Scenario {
    /// The most components of a scenario.
    pub const COMPONENTS: usize = 100;
}
