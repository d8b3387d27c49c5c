//! Captures of all formats, whole and damaged, as other programs and we write them.

#![expect(clippy::unwrap_used, reason = "a test may end like this")]

mod analyser;
mod bytes;
mod damage;
mod formats;
mod fragments;
mod links;
mod printing;
mod reassembly;
mod tunnels;
