//! The pool element process: the core of `protocol` behind the driver of `runtime`, with a service to offer.
//!
//! The core registers and keeps sessions; a service answers what pool users send in them. The fractal service computes in
//! worker threads, everything else happens in the driver's one thread. This crate also has the pool element's options
//! ([`Args`]) and its words in log, status and reports.

mod args;
mod pool_element;
mod service;

pub use args::{Args, FractalArgs, ServiceKind};
pub use pool_element::run;
