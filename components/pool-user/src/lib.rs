//! The pool user process: the core of `protocol` behind the driver of `runtime`, with something to ask a pool for.
//!
//! The core resolves pool handles and keeps sessions alive; a client uses them: the fractal client puts pictures together,
//! measures failovers and proves pixel by pixel that none is lost; the ping-pong client counts answers. This crate also
//! has the pool user's options ([`Args`]) and its words in log, status and reports.

mod args;
mod check;
mod client;
mod failover;
mod fractal_client;
mod picture;
mod picture_feed;
mod ping_pong_client;
mod pool_user;

pub use args::{AlgorithmChoice, Args, ClientKind, PictureArgs, Size};
pub use pool_user::run;
