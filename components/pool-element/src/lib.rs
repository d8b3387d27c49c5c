//! The pool element process: the core from `protocol` with the driver of `runtime`, and a service to provide.
//!
//! The core registers and maintains sessions; a service answers what pool users send in them. The fractal service
//! computes in worker threads, the scripting service has threads for files and processes, and everything else runs in the
//! driver's single thread. This crate also contains the pool
//! element's options ([`Args`]) and its texts in log, status and reports.

mod args;
mod pool_element;
mod service;

pub use args::{Args, CalcAppArgs, FractalArgs, ScriptingArgs, ServiceKind};
pub use pool_element::run;
