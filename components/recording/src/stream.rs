//! Packets as a stream of pcapng, with nothing that could be replayed.

use std::collections::BTreeMap;

use feed::WallClock;
use pcap_file::pcapng::PcapNgWriter;

use crate::comments::Comments;
use crate::interface::{Interface, InterfaceName};
use crate::writer::{MOST_INTERFACES, OUR_NAME, OURSELVES, declare, enhanced, in_memory, section};
use crate::{InterfaceId, Packet, WriteError};

/// Turns packets into the bytes of a section of pcapng, and does no I/O: whoever owns it writes what it
/// [takes](Self::take). Interfaces are declared where their first packet is: who reads it need not know them before.
pub struct StreamWriter {
    blocks: PcapNgWriter<Vec<u8>>,
    known: BTreeMap<InterfaceName, InterfaceId>,
    comments: Comments,
    wall_clock: WallClock,
}

impl StreamWriter {
    /// Begins a section. `program` names who wrote it, and `comment` says what it is.
    ///
    /// # Errors
    /// Returns an error if its header cannot be encoded.
    pub fn new(program: &str, comment: &str, wall_clock: WallClock) -> Result<Self, WriteError> {
        let first = InterfaceName {
            name: OUR_NAME.to_owned(),
            description: String::new(),
        };
        let comment = Comments::bounded(comment).to_owned();
        Ok(Self {
            blocks: section(program, comment, &[Interface::from(&first)])?,
            known: BTreeMap::from([(first, OURSELVES)]),
            comments: Comments::default(),
            wall_clock,
        })
    }

    /// Shows the times of the packets that follow by another wall clock.
    pub const fn set_wall_clock(&mut self, wall_clock: WallClock) {
        self.wall_clock = wall_clock;
    }

    /// Returns the interface with this name and description, and declares it unless it is known. All that are too many
    /// are one.
    ///
    /// # Errors
    /// Returns an error if it cannot be encoded.
    pub fn interface(&mut self, name: &str, description: &str) -> Result<InterfaceId, WriteError> {
        let interface = Interface {
            name: name.to_owned(),
            description: description.to_owned(),
            ..Interface::lost()
        };
        let key = InterfaceName::from(&interface);
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        if self.known.len() >= MOST_INTERFACES {
            return Ok(OURSELVES);
        }
        declare(&mut self.blocks, &Interface::from(&key))?;
        let id = InterfaceId(self.known.len());
        self.known.insert(key, id);
        Ok(id)
    }

    /// Adds a packet.
    ///
    /// # Errors
    /// Returns an error if it cannot be encoded.
    pub fn packet(&mut self, packet: Packet<'_>) -> Result<(), WriteError> {
        let comments = self.comments.take(packet.interface);
        let block = enhanced(&packet, comments, self.wall_clock);
        self.blocks.write_pcapng_block(block).map_err(in_memory)?;
        Ok(())
    }

    /// Adds a comment to the next packet of the interface, or of any; to that of any if none comes until the next
    /// [`take`](Self::take). If packets are rare, the oldest comments are left out.
    pub fn comment(&mut self, interface: Option<InterfaceId>, text: &str) {
        self.comments.add(interface, text);
    }

    /// Takes the bytes of all that was added, which end with a whole block.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        self.comments.grow_old();
        std::mem::take(self.blocks.get_mut())
    }

    /// Returns how many bytes there are to [take](Self::take).
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        self.blocks.get_ref().len()
    }
}

impl std::fmt::Debug for StreamWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamWriter")
            .field("interfaces", &self.known.len())
            .field("waiting_bytes", &self.waiting_bytes())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use feed::{Direction, Timestamp};
    use pcap_file::pcapng::{Block, PcapNgReader};

    use super::*;

    #[test]
    fn interfaces_are_declared_once_where_they_are_needed_and_those_that_are_too_many_are_one() {
        let at = Timestamp::from_micros(7);
        let clock = WallClock::showing(Duration::from_secs(1_000), at);
        let mut writer = StreamWriter::new("Poolscope", "a stream", clock).unwrap();
        let mut bytes = writer.take();
        for number in 0..MOST_INTERFACES + 10 {
            let name = format!("component {number}");
            let interface = writer.interface(&name, "").unwrap();
            assert_eq!(writer.interface(&name, "").unwrap(), interface);
            let packet = Packet {
                interface,
                at,
                direction: Direction::Sent,
                bytes: &[0x45; 40],
                comment: None,
                missing: 0,
            };
            writer.packet(packet).unwrap();
            bytes.extend(writer.take());
        }
        let (mut declared, mut packets, mut of_ourselves) = (0, 0, 0);
        let mut reader = PcapNgReader::new(&bytes[..]).unwrap();
        while let Some(block) = reader.next_block() {
            match block.unwrap() {
                Block::InterfaceDescription(_) => declared += 1,
                Block::EnhancedPacket(packet) => {
                    assert_eq!(packet.timestamp, Duration::from_secs(1_000));
                    packets += 1;
                    of_ourselves += u32::from(packet.interface_id == 0);
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((declared, packets), (MOST_INTERFACES, MOST_INTERFACES + 10));
        assert_eq!(of_ourselves, 11);
    }
}
