//! What there was in a file, at its end.

use std::collections::BTreeMap;
use std::fmt;

use crate::{Counts, Message, Repeated};

/// The numbers of a file.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) counts: Counts,
    pub(crate) associations: u32,
    /// By the names of their protocols; those of an unknown one without a name.
    messages: BTreeMap<Option<&'static str>, u64>,
    retransmissions: u64,
    at_other_interfaces: u64,
    incomplete: u64,
    cut: u64,
    malformed_messages: u64,
    pub(crate) malformed_packets: u64,
    pub(crate) damages: u64,
}

impl Summary {
    /// Counts a message.
    pub(crate) fn count(&mut self, message: &Message<'_>, malformed: bool) {
        *self.messages.entry(message.protocol.name()).or_default() += 1;
        match message.delivery.and_then(|delivery| delivery.repeated) {
            Some(Repeated::Retransmission) => self.retransmissions += 1,
            Some(Repeated::OtherInterface) => self.at_other_interfaces += 1,
            None => {}
        }
        self.incomplete += u64::from(message.is_incomplete());
        self.cut += u64::from(message.is_cut());
        self.malformed_messages += u64::from(malformed);
    }

    /// Returns whether nothing was malformed or damaged.
    pub(crate) const fn is_well(&self) -> bool {
        self.malformed_messages == 0 && self.malformed_packets == 0 && self.damages == 0
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts {
            frames,
            sctp_packets,
            wrong_checksums,
            incomplete_packets,
            not_understood,
        } = &self.counts;
        let all: u64 = self.messages.values().sum();
        let packets = counted(*frames, "packet", "packets");
        let associations = counted(self.associations.into(), "association", "associations");
        let messages = counted(all, "message", "messages");
        write!(
            f,
            "{packets}, {sctp_packets} of them SCTP; {associations}; {messages}"
        )?;
        for (position, (protocol, number)) in self.messages.iter().enumerate() {
            let before = if position == 0 { " (" } else { ", " };
            write!(f, "{before}{number} {}", protocol.unwrap_or("other"))?;
        }
        if !self.messages.is_empty() {
            f.write_str(")")?;
        }
        for (number, one, several) in [
            (self.malformed_messages, "malformed message", "malformed messages"),
            (
                self.malformed_packets,
                "malformed SCTP packet",
                "malformed SCTP packets",
            ),
            (self.retransmissions, "message sent again", "messages sent again"),
            (
                self.at_other_interfaces,
                "message seen at another interface before",
                "messages seen at another interface before",
            ),
            (
                self.incomplete,
                "message with missing fragments",
                "messages with missing fragments",
            ),
            (
                self.cut,
                "message cut by the capture",
                "messages cut by the capture",
            ),
            (
                *wrong_checksums,
                "SCTP packet with a wrong checksum",
                "SCTP packets with wrong checksums",
            ),
            (
                *incomplete_packets,
                "IP packet with missing fragments",
                "IP packets with missing fragments",
            ),
            (self.damages, "damage to the file", "damages to the file"),
        ] {
            if number > 0 {
                write!(f, "; {}", counted(number, one, several))?;
            }
        }
        for (link, number) in not_understood {
            let packets = counted(*number, "packet", "packets");
            write!(f, "; {packets} of link type {link}, which is not understood")?;
        }
        Ok(())
    }
}

/// Returns a number with the word for as many.
fn counted(number: u64, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}
