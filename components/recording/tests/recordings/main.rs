//! Recordings as they are written, read, cut, damaged, and opened by other programs.

mod analyser;
mod copies;
mod damage;
mod following;
mod round_trip;
mod sample;
