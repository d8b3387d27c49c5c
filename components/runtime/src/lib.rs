//! The infrastructure that all component processes share: the driver loop and everything around it.
//!
//! A component is a core from `protocol` with a thin layer of its own ([`ComponentProcess`]). [`run`] runs it as a
//! process: it binds the transport, joins the multicast groups, reads commands and signals, writes feed, log and
//! status reports, and drives the core until the component has finished.
//!
//! This crate knows no protocol rules: it carries out the core's outputs and reports what happens. It never blocks:
//! every queue is bounded, and streams that may block have a thread of their own.
//!
//! Below are `protocol`, `transport`, `wire` and `feed`; above are `registrar`, `pool-element` and `pool-user`.

mod alarm;
mod args;
mod argv;
mod associations;
mod clock;
mod component_process;
mod driver;
mod event_log;
mod feed_output;
mod groups;
mod host;
mod impairments;
mod inputs;
mod lines;
mod log;
mod output_thread;
mod paced;
mod packet_output;
mod process;
mod report_plan;
mod retained;
mod status_reporter;
mod supervision;
mod timers;

pub use args::*;
pub use argv::Argv;
pub use clock::Clock;
pub use component_process::{ComponentProcess, Context, Status};
pub use driver::Endpoints;
pub use feed::microseconds;
pub use feed_output::FeedOutput;
pub use host::{Host, HostPort, peers};
pub use inputs::Input;
pub use lines::{Lines, Offer};
pub use log::Log;
pub use paced::Paced;
pub use process::{
    EnrpPlan, Foundation, Plan, PortPlan, WorkSender, asap_association, host_name, quiet_service_association,
    run, service_association,
};
pub use timers::{EnrpTimerArgs, TimerArgs};
