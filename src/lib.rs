//! The control centre of a live Reliable Server Pooling demonstration.
//!
//! It starts registrars, pool elements and pool users as processes of this same program, learns about them from their
//! feeds as it would of processes on another machine, and shows them.
//!
//! - [`scenario`]: what is to be started, and what is to happen then, from a file.
//! - [`play`]: how the steps of a scenario go on.
//! - [`supervisor`]: one background thread that owns the processes; commands in, updates out.
//! - [`status_listener`]: what components that others have started report, by rsplib's status protocol.
//! - [`model`]: what is known; changes only through [`model::Model::apply`].
//! - [`command`]: what a view may ask for.
//! - [`control_centre`]: the model and the supervisor together, without a window.
//! - [`links`]: what is wrong with the links between two components.
//! - [`timers`]: the timers that a component is started with.
//! - [`group`]: where its components find each other.
//! - [`view`], [`app`]: how the model looks, and the window.
//! - [`picture`]: pictures as files.
//! - [`window`]: all of that together.
//! - [`headless`]: scenarios without a window, with a report.
//! - [`cli`]: the command line.
//!
//! This crate is a library only so that its tests can use it; the program is `main.rs`.

pub mod app;
pub mod cli;
pub mod command;
pub mod control_centre;
pub mod group;
pub mod headless;
pub mod links;
pub mod model;
pub mod picture;
pub mod play;
pub mod scenario;
pub mod status_listener;
pub mod supervisor;
pub mod timers;
pub mod view;
pub mod window;
