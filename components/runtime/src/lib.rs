//! What every component process shares.

mod args;
mod argv;
mod clock;
mod feed_output;
mod inputs;
mod log;
mod output_thread;
mod supervision;

pub use args::*;
pub use argv::Argv;
pub use clock::{Clock, microseconds};
pub use feed_output::FeedOutput;
pub use inputs::Input;
pub use log::Log;
