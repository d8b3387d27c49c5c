//! The registrar process: the core from `protocol` with the driver of `runtime`.
//!
//! This crate contains what is specific to registrars: options ([`Args`]), texts in log, status and reports, and
//! what is reported to a control centre about the handlespace and other registrars.

mod args;
mod handlespace;
mod peers;
mod registrar;
mod throttle;

pub use args::Args;
pub use registrar::run;
