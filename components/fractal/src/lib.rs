//! The fractal service, without the network: arithmetic, both sides of a session, pictures and colours.
//!
//! [`compute`] calculates pixels with the processor's vector instructions. [`server_session`] and [`client_session`]
//! are the procedures of pool element and pool user as state machines: they receive messages and times, and return
//! messages and work. A pool user splits its picture into [`tile`]s, one per session, and assembles the pixels as an
//! [`image`]; [`colour`]s and [`png_file`] make it visible, [`views`] are places worth looking
//! at, and [`parameter_file`]s of rsplib describe others.
//!
//! This crate has no clock, no I/O and no threads. Messages and cookies are those of [`wire::fractal_generator`];
//! associations, failover and the storage of cookies are up to the pool user.

pub mod client_session;
pub mod colour;
pub mod compute;
pub mod image;
pub mod parameter_file;
pub mod png_file;
pub mod server_session;
pub mod tile;
pub mod views;
