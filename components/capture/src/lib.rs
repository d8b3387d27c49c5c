//! Reads anybody's capture files, and finds in them what belongs to Reliable Server Pooling.
//!
//! - [`Reader`] reads pcap and pcapng, also compressed with zstd, packet by packet: [`Frame`]s.
//! - [`Finder`] goes through the headers of links, IP and UDP, puts fragments together, and finds SCTP packets,
//!   announcements of registrars and status reports: [`Captured`].
//! - [`Messages`] makes user messages of DATA and I-DATA chunks, and tells which are seen again: [`Message`].
//! - [`decode`] prints them: the command `poolscope decode`.
//!
//! Whatever is in a file leads to a defined result in bounded memory: damage is a value with a place and a reason, and what
//! came before it counts. What a message means is known by [`dissection`] alone, and how blocks of pcapng are made by
//! [`recording`].

mod associations;
mod checksum;
mod damage;
pub mod decode;
mod finder;
mod fragments;
mod frame;
mod input;
mod link;
mod message;
mod messages;
mod network;
mod pcap;
mod pcapng;
mod pieces;
mod portion;
mod reader;
mod seen;
mod time;

pub use checksum::Checksum;
pub use damage::{Damage, Error};
pub use finder::{Captured, Carried, Counts, Finder, SctpPacket};
pub use frame::Frame;
pub use link::LinkType;
pub use message::{Delivery, Message, Protocol, Repeated, Sight};
pub use messages::Messages;
pub use reader::Reader;
pub use time::Time;
