//! Captures of all formats, whole and damaged, as other programs and we write them.

mod analyser;
mod bytes;
mod damage;
mod formats;
mod fragments;
mod links;
mod printing;
mod reassembly;
mod tunnels;
