//! The program in a terminal: signals, output that nobody reads, files that cannot be written, environments made for other
//! programs, and a display that goes.

#[path = "../window/display.rs"]
mod display;
mod environment;
mod fixture;
mod lab;
mod lines;
mod output;
mod recordings;
mod results;
mod scenarios;
mod signals;
mod units;
mod window;
