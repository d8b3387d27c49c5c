//! The control centre of a live Reliable Server Pooling demonstration.
//!
//! It starts registrars, pool elements and pool users as processes of this same program, learns about them from their
//! feeds as it would of processes on another machine, and shows them.
//!
//! - [`control_centre`]: the model and the supervisor together, without a window.
//! - [`meeting_group`]: where its components find each other.
//! - [`window`]: the same in a window.
//! - [`headless`]: scenarios without a window, with a report.
//! - [`cli`]: the command line.
//!
//! What it is made of are crates of their own: `scenario`, `model`, `command`, `play`, `supervisor` and `view`.
//!
//! This crate is a library only so that its tests can use it; the program is `main.rs`.

pub mod cli;
pub mod control_centre;
pub mod headless;
pub mod meeting_group;
mod whole_file;
pub mod window;
