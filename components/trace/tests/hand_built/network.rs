//! A network whose ends record what they are told to have sent and received.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use feed::{Carried, Direction, Fate, Remark, Timestamp};
use recording::ip::Opened;
use trace::{Copy, Message, MessageId, Place, Trace, Tracer};

/// Who sends and receives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    pub(crate) name: &'static str,
    pub(crate) address: IpAddr,
}

pub(crate) const fn node(name: &'static str, last: u8) -> Node {
    Node {
        name,
        address: IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)),
    }
}

pub(crate) const PU: Node = node("PU 1", 1);
pub(crate) const PR: Node = node("PR 1", 2);
pub(crate) const PE: Node = node("PE 1", 3);
/// It records nothing.
pub(crate) const STRANGER: Node = node("", 99);
/// The group to which registrars announce themselves.
pub(crate) const GROUP: Node = Node {
    name: "",
    address: IpAddr::V4(Ipv4Addr::new(239, 0, 0, 1)),
};

pub(crate) const LOST: Remark = Remark {
    fate: Fate::Lost,
    ..PASSED
};
pub(crate) const REFUSED: Remark = Remark {
    fate: Fate::Refused,
    ..PASSED
};
pub(crate) const CORRUPTED: Remark = Remark {
    corrupted: true,
    ..PASSED
};
pub(crate) const PASSED: Remark = Remark {
    fate: Fate::Passed,
    corrupted: false,
    delay: Duration::ZERO,
};

/// An SCTP packet.
#[derive(Debug, Clone)]
pub(crate) struct Packet(pub(crate) Vec<u8>);

impl Packet {
    /// A packet between ports that are the same everywhere.
    pub(crate) fn to(tag: u32) -> Self {
        let mut bytes = vec![0x0f, 0x17, 0x0f, 0x17];
        bytes.extend(tag.to_be_bytes());
        bytes.extend([0; 4]);
        Self(bytes)
    }

    pub(crate) fn chunk(mut self, kind: u8, flags: u8, value: &[u8]) -> Self {
        self.0.extend([kind, flags]);
        self.0.extend((4 + value.len() as u16).to_be_bytes());
        self.0.extend(value);
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self.checked()
    }

    pub(crate) fn init(self, kind: u8, tag: u32) -> Self {
        let mut value = tag.to_be_bytes().to_vec();
        value.extend([0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1]);
        self.chunk(kind, 0, &value)
    }

    pub(crate) fn message(self, tsn: u32, text: &str) -> Self {
        self.fragment(tsn, 0b11, text)
    }

    /// A fragment: flag 2 begins a message, 1 ends it.
    pub(crate) fn fragment(self, tsn: u32, flags: u8, text: &str) -> Self {
        let mut value = tsn.to_be_bytes().to_vec();
        value.extend([0; 8]);
        value.extend(text.as_bytes());
        self.chunk(0, flags, &value)
    }

    pub(crate) fn sack(self, tsn: u32, window: u32) -> Self {
        let mut value = tsn.to_be_bytes().to_vec();
        value.extend(window.to_be_bytes());
        value.extend([0; 4]);
        self.chunk(3, 0, &value)
    }

    /// Flips a bit.
    pub(crate) fn altered(mut self, place: usize) -> Self {
        self.0[place] ^= 4;
        self
    }

    /// The checksum need not be right, but that of another packet is another one.
    fn checked(mut self) -> Self {
        self.0[8..12].fill(0);
        let sum = self.0.iter().fold(0x811c_9dc5_u32, |sum, byte| {
            (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
        });
        self.0[8..12].copy_from_slice(&sum.to_be_bytes());
        self
    }
}

/// What records.
#[derive(Debug, Default)]
pub(crate) struct Network {
    pub(crate) tracer: Tracer,
    position: u32,
}

impl Network {
    pub(crate) fn trace(&self) -> &Trace {
        self.tracer.trace()
    }

    pub(crate) fn sent(&mut self, ms: u64, from: Node, to: Node, packet: &Packet) {
        self.sent_but(ms, from, to, packet, PASSED);
    }

    pub(crate) fn sent_but(&mut self, ms: u64, from: Node, to: Node, packet: &Packet, remark: Remark) {
        self.recorded(from, Direction::Sent, ms, [from, to], remark, packet);
    }

    pub(crate) fn received(&mut self, ms: u64, from: Node, to: Node, packet: &Packet) {
        self.received_but(ms, from, to, packet, PASSED);
    }

    pub(crate) fn received_but(&mut self, ms: u64, from: Node, to: Node, packet: &Packet, remark: Remark) {
        self.recorded(to, Direction::Received, ms, [from, to], remark, packet);
    }

    /// A packet that takes a millisecond.
    pub(crate) fn passed(&mut self, ms: u64, from: Node, to: Node, packet: &Packet) {
        self.sent(ms, from, to, packet);
        self.received(ms + 1, from, to, packet);
    }

    fn recorded(
        &mut self,
        own: Node,
        direction: Direction,
        ms: u64,
        way: [Node; 2],
        remark: Remark,
        packet: &Packet,
    ) {
        let way = way.map(|node| SocketAddr::new(node.address, 9899));
        self.copy(own.name, direction, ms, way, Carried::Sctp, remark, &packet.0);
    }

    /// An announcement that a component sends, or receives.
    pub(crate) fn announced(&mut self, ms: u64, own: Node, direction: Direction, from: Node) {
        let way = [from, GROUP].map(|node| SocketAddr::new(node.address, 3863));
        let bytes = b"\x08\0\0\x08\x01\x02\x03\x04";
        self.copy(own.name, direction, ms, way, Carried::Announcement, PASSED, bytes);
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "it is what a recording says of a packet"
    )]
    fn copy(
        &mut self,
        component: &str,
        direction: Direction,
        ms: u64,
        [source, destination]: [SocketAddr; 2],
        carried: Carried,
        remark: Remark,
        payload: &[u8],
    ) {
        let place = Place {
            chunk: 0,
            position: self.position,
        };
        self.position += 1;
        self.tracer.take(&Copy {
            place,
            component,
            at: at(ms),
            direction,
            remark,
            packet: Opened {
                source,
                destination,
                carried,
                payload,
            },
        });
    }

    /// Two ends that have sent each other something, with a tag for the packets to each of them, and nothing lost.
    pub(crate) fn introduce(&mut self, ends: [Node; 2], tags: [u32; 2]) {
        self.passed(0, ends[0], ends[1], &Packet::to(0).init(1, tags[0]));
        self.passed(2, ends[1], ends[0], &Packet::to(tags[0]).init(2, tags[1]));
        self.passed(4, ends[0], ends[1], &Packet::to(tags[1]).chunk(10, 0, b"state"));
        self.passed(6, ends[1], ends[0], &Packet::to(tags[0]).chunk(11, 0, b""));
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        self.trace()
            .messages
            .from(0)
            .map(|(_, message)| *message)
            .collect()
    }

    pub(crate) fn only_message(&self) -> Message {
        let messages = self.messages();
        assert_eq!(messages.len(), 1, "{messages:#?}");
        messages[0]
    }

    /// The packets in which a message was sent again.
    pub(crate) fn again(&self, message: u32) -> Vec<u32> {
        let packets = self.trace().retransmissions_of(MessageId(message));
        packets.map(|packet| packet.0).collect()
    }

    pub(crate) fn name(&self, end: trace::EndId) -> Option<&str> {
        self.trace().end(end).expect("an end").component.as_deref()
    }
}

pub(crate) const fn at(ms: u64) -> Timestamp {
    Timestamp::from_micros(1_000_000 + ms * 1_000)
}
