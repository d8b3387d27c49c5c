//! The registrar process: the core of `protocol` behind the driver of `runtime`.
//!
//! What is the registrar's own is here: its options ([`Args`]), its words in log, status and reports, and what it tells
//! a control centre of its handlespace and of other registrars.

mod args;
mod handlespace;
mod peers;
mod registrar;
mod throttle;

pub use args::Args;
pub use registrar::run;
