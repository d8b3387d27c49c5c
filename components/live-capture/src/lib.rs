//! Packets of a running demonstration for Wireshark: pipes, a socket, and an extcap interface.
//!
//! A [`Hub`] takes the packets that the components report, and gives each listener those that it selected, as pcapng.
//! Listeners are programs that [`Wireshark`] starts with the packets on their standard input, and those that ask a
//! [`Server`] for them over a socket: [`extcap`] does so for a Wireshark that the user started.
//!
//! Nobody who listens can hold anything up: what a slow listener has no room for is left out, and told to it.

mod client;
mod component;
pub mod extcap;
mod folder;
mod hub;
mod install;
mod line;
mod listener;
mod ordered;
mod outlet;
mod queue;
mod request;
mod selection;
mod server;
mod span;
mod stream;
#[cfg(test)]
mod tests;
mod wireshark;

pub use client::{AskError, Demonstration};
pub use component::Component;
pub use extcap::ExtcapArgs;
pub use hub::{Hub, ListenError};
pub use install::{InstallError, install, uninstall};
pub use queue::{Listener, ListenerStatus};
pub use request::Description;
pub use selection::{Copies, Selection, View};
pub use server::Server;
pub use span::{Saved, SpanError, save_span};
pub use wireshark::{Ending, Opened, Wireshark, WiresharkError};
