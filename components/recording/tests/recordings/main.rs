//! Recordings as they are written, read, cut, damaged, and opened by other programs.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, also in what its cases share"
)]

mod analyser;
mod copies;
mod damage;
mod following;
mod round_trip;
mod sample;
