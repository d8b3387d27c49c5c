//! The control centre of a live Reliable Server Pooling demonstration.
//!
//! It starts registrars, pool elements and pool users as processes of this same program, learns about them from
//! their feeds just as it would for processes on another machine, and shows them.
//!
//! - [`control_centre`]: the model and the supervisor combined, without a window.
//! - [`meeting_group`]: the multicast group in which its components find each other.
//! - [`window`]: the control centre in a window.
//! - [`headless`]: scenarios without a window, with a report.
//! - [`lab`]: the policy laboratory without a window.
//! - [`cli`]: the command line; `terminal`: what is printed; `output_files`: what is written to files that options name.
//!
//! Its parts are crates of their own: `scenario`, `model`, `command`, `play`, `supervisor` and `view`.
//!
//! This crate is a library only so that its tests can use it; the program is `main.rs`.

pub mod cli;
pub mod control_centre;
pub mod headless;
pub mod lab;
mod live;
pub mod meeting_group;
mod output_files;
mod protocol;
mod terminal;
mod time_travel;
pub mod window;
