//! Scenario files: the components of a demonstration.
//!
//! A scenario holds the arguments that a person could have typed: what the control centre starts, a shell can start.
//! Parsing turns the text of a file into checked values, or into errors that name the line and
//! member of everything that is wrong.

mod component;

pub use component::{Arguments, ComponentSpec, PoolElementArguments, PoolUserArguments, RegistrarArguments};
