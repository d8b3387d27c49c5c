//! What is answered about recordings, and the charts of them.

mod asked;
mod carried;
mod charts;
mod growing;
#[allow(dead_code, reason = "some of it is for the tests of the tracer only")]
#[path = "../../../trace/tests/hand_built/network.rs"]
mod network;
