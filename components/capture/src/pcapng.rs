//! The newer format of captures (pcapng): blocks, in sections of their own interfaces.

use recording::Interface;
use recording::block::{self, Begin, Block, EnhancedPacket, Order};

use crate::frame::{Next, Place};
use crate::{LinkType, Time};

/// An entry of systemd's journal.
const JOURNAL: u32 = 9;
/// The most interfaces of a file, against one that fills the memory with them.
const MOST: usize = 65_536;

/// The state in which a block is read.
#[derive(Debug, Default)]
pub(crate) struct Pcapng {
    order: Order,
    /// The interfaces of all sections.
    interfaces: Vec<Described>,
    /// The first one of this section.
    first: usize,
}

#[derive(Debug)]
struct Described {
    interface: Interface,
    /// How many bytes of a packet are captured at most; 0 for all.
    snap_length: u32,
}

/// A packet, as far as blocks of all kinds have it.
struct Packet {
    interface: u32,
    ticks: Option<u64>,
    start: usize,
    length: usize,
    whole: usize,
}

impl Pcapng {
    /// Returns whether a file begins like this.
    pub(crate) fn is(bytes: &[u8]) -> bool {
        bytes.starts_with(&block::SECTION_HEADER.to_be_bytes())
    }

    /// Returns the interface at this position among all those in the file.
    pub(crate) fn interface(&self, position: u32) -> Option<&Interface> {
        let described = self.interfaces.get(position as usize)?;
        Some(&described.interface)
    }

    /// Looks at the block with which these bytes begin.
    pub(crate) fn next(&mut self, bytes: &[u8]) -> Next {
        let block = match block::begin(bytes, self.order) {
            Begin::Block(block) => block,
            Begin::Incomplete(size) => return Next::Incomplete(size),
            Begin::Wrong(why) => return Next::Wrong(format!("{why}; what follows cannot be found")),
        };
        self.order = block.order;
        let size = block.size();
        let packet = match block.kind {
            block::SECTION_HEADER => {
                self.first = self.interfaces.len();
                return Next::Item(size, None);
            }
            block::INTERFACE_DESCRIPTION => return self.describe(&block),
            block::ENHANCED_PACKET => enhanced(&block),
            block::OBSOLETE_PACKET => obsolete(&block),
            block::SIMPLE_PACKET => self.simple(&block),
            block::CUSTOM | block::CUSTOM_NOT_COPIED | JOURNAL => return Next::Numbered(size),
            _ => return Next::Item(size, None),
        };
        let Some(packet) = packet else {
            let why = "the block of a packet is too short for what it says of its length; it is left out";
            return Next::Skipped(size, why.to_owned());
        };
        let position = self.first.saturating_add(packet.interface as usize);
        let Some(described) = self.interfaces.get(position) else {
            let why = format!(
                "a packet is of interface {}, which the section does not describe; it is left out",
                packet.interface
            );
            return Next::Skipped(size, why);
        };
        let interface = &described.interface;
        let time = packet
            .ticks
            .map(|ticks| Time::from_nanoseconds(interface.unix_ns(ticks)));
        let place = Place {
            time,
            interface: position as u32,
            link: LinkType(interface.link_type),
            bytes: packet.start..packet.start + packet.length,
            whole: packet.whole.max(packet.length),
        };
        Next::Item(size, Some(place))
    }

    fn describe(&mut self, block: &Block<'_>) -> Next {
        if self.interfaces.len() == MOST {
            return Next::Wrong(format!("there are more than {MOST} interfaces"));
        }
        // Its number counts, even if nothing else is known: those of the others depend on it.
        let (interface, why) = match Interface::parse(block) {
            Some(interface) => (interface, None),
            None => (
                Interface::lost(),
                Some("the description of an interface is malformed; its packets are taken for IP"),
            ),
        };
        let snap_length = block.order.u32(block.body, 4).unwrap_or_default();
        self.interfaces.push(Described {
            interface,
            snap_length,
        });
        match why {
            Some(why) => Next::Skipped(block.size(), why.to_owned()),
            None => Next::Item(block.size(), None),
        }
    }

    fn simple(&self, block: &Block<'_>) -> Option<Packet> {
        let whole = block.order.u32(block.body, 0)?;
        let captured = match self.interfaces.get(self.first) {
            Some(described) if described.snap_length > 0 => whole.min(described.snap_length),
            _ => whole,
        };
        packet(block, 0, None, 4, captured, whole)
    }
}

/// A block's head, before its body: type and length.
const HEAD: usize = 8;

fn enhanced(block: &Block<'_>) -> Option<Packet> {
    let read = EnhancedPacket::parse(block)?;
    let length = read.data.len() as u32;
    packet(block, read.interface, Some(read.ticks), 20, length, read.whole)
}

fn obsolete(block: &Block<'_>) -> Option<Packet> {
    let word = |at| block.order.u32(block.body, at);
    let interface = block.order.u16(block.body, 0)?;
    let ticks = u64::from(word(4)?) << 32 | u64::from(word(8)?);
    packet(block, interface.into(), Some(ticks), 20, word(12)?, word(16)?)
}

fn packet(
    block: &Block<'_>,
    interface: u32,
    ticks: Option<u64>,
    at: usize,
    captured: u32,
    whole: u32,
) -> Option<Packet> {
    let length = captured as usize;
    block.body.get(at..)?.get(..length)?;
    Some(Packet {
        interface,
        ticks,
        start: HEAD + at,
        length,
        whole: whole as usize,
    })
}
