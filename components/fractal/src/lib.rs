//! The fractal service, without the network.

pub mod compute;
