//! Poolscope: the control centre of a live Reliable Server Pooling demonstration.

fn main() {}
