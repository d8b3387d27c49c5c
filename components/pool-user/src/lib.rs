//! The pool user process: the core from `protocol` with the driver of `runtime`, and a client that uses a pool.
//!
//! The core resolves pool handles and keeps sessions alive; a client uses them. The fractal client assembles
//! pictures, measures failovers, and verifies pixel by pixel that nothing is lost; the ping-pong client counts
//! responses; the terminal sends lines and shows what comes back; the CalcApp client has requests processed, and
//! measures how long that takes; units of work are uploaded to the scripting service. This crate also contains the pool
//! user's options ([`Args`]) and its texts in log, status and reports.

mod args;
mod calc_app_client;
mod check;
mod client;
mod failover;
mod fractal_client;
mod message_work;
mod parameter_files;
mod picture;
mod picture_feed;
mod ping_pong_client;
mod pool_user;
mod terminal;
mod units;
mod work;

pub use args::{AlgorithmChoice, Args, CalcAppArgs, ClientKind, FirstRequestChoice, PictureArgs, Size};
pub use pool_user::run;
pub use terminal::{ByteService, TerminalArgs};
pub use units::UnitArgs;
