//! The policy laboratory: what pool policies do to the load, simulated in virtual time.
//!
//! An [`Experiment`] names policies, parameters and seeds. [`Run`] simulates it on all cores in the background:
//! registrars, pool elements and pool users are the cores of `protocol` with the service of `calc-app`, which serve live
//! as well, on a [`virtual_network`]. A policy that is wrong here is wrong in the registrar. [`Results`] holds what was
//! measured, with confidence intervals over the seeds, and writes tables, CSV and pictures; [`limits`] has what theory
//! says.
//!
//! The same experiment has the same results, bit by bit, on any number of threads. Nothing here has a socket; only
//! [`Run`] has threads.

mod axis;
mod capacities;
mod chart;
mod csv;
mod element;
mod experiment;
mod library;
pub mod limits;
mod measure;
mod node;
mod parameter;
mod parameters;
mod policy_choice;
mod reader;
mod results;
mod run;
#[cfg(test)]
mod schema;
mod statistics;
mod table;
mod traffic;
mod user;
mod workload;
mod world;

pub use axis::Axis;
pub use capacities::{Capacities, UnknownCapacities};

pub use chart::{COLOURS, ChartError, png, svg};
pub use experiment::{Experiment, Point, Sweep};
pub use library::{ready_experiment, ready_experiments};
pub use measure::{Measure, Outcome, UnknownMeasure};
pub use parameter::{Parameter, UnknownParameter, UnusableValue};
pub use parameters::Parameters;
pub use policy_choice::PolicyChoice;
pub use reader::ExperimentError;
pub use results::Results;
pub use run::{Progress, Run};
pub use statistics::Estimate;
pub use table::{rounded, rows, table, with_interval};
pub use workload::request_seed;
pub use world::simulate;

/// The error for parameters that cannot be simulated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(pub(crate) String);
