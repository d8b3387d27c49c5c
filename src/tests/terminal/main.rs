//! The program in a terminal: signals, output that nobody reads, files that cannot be written, and a display that goes.

#[path = "../window/display.rs"]
mod display;
mod fixture;
mod output;
mod results;
mod scenarios;
mod signals;
mod window;
