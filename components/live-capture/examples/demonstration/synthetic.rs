//! Packets of a demonstration that never was, as its components would report them.

use std::net::SocketAddr;
use std::time::Duration;

use feed::{Carried, Direction, Fate, Packet, Packets, Timestamp};
use live_capture::Hub;
use wire::asap::{self, EndpointKeepAlive, EndpointKeepAliveAck, HandleResolution};
use wire::{PeIdentifier, PoolHandle, Ppid, RegistrarIdentifier};

/// The numbers of the components.
pub(crate) const REGISTRAR: u32 = 1;
pub(crate) const ELEMENT: u32 = 2;
pub(crate) const USER: u32 = 3;

/// ENRP_PRESENCE (RFC 5353 section 2.1) of the registrar 0x0a000001 to all, with a checksum of its handlespace.
const PRESENCE: [u8; 20] = [
    0x01, 0, 0, 20, 0x0a, 0, 0, 1, 0, 0, 0, 0, 0, 0x0f, 0, 6, 0xff, 0xff, 0, 0,
];

pub(crate) fn name(hub: &Hub) {
    hub.name(REGISTRAR, "Registrar 1", "registrar");
    hub.name(ELEMENT, "PE 1", "pool element");
    hub.name(USER, "PU 1", "pool user");
}

/// Exchanges messages: a keep-alive between registrar and pool element, a question of the pool user, over a UDP port that
/// Wireshark does not know, and an announcement.
pub(crate) struct Exchange {
    tsn: u32,
    keep_alive: Vec<u8>,
    ack: Vec<u8>,
    resolution: Vec<u8>,
}

impl Exchange {
    pub(crate) fn new() -> Self {
        let pool_handle = PoolHandle::new(b"EchoPool").expect("it is short");
        let pe = PeIdentifier(0x0b00_0001);
        let keep_alive = EndpointKeepAlive {
            home: true,
            registrar: RegistrarIdentifier(0x0a00_0001),
            pool_handle: pool_handle.clone(),
            pe_identifier: Some(pe),
        };
        let ack = EndpointKeepAliveAck {
            pool_handle: pool_handle.clone(),
            pe_identifier: pe,
        };
        let resolution = HandleResolution {
            subscribe: false,
            pool_handle,
            items: None,
        };
        Self {
            tsn: 0,
            keep_alive: asap::Message::EndpointKeepAlive(keep_alive).encode(),
            ack: asap::Message::EndpointKeepAliveAck(ack).encode(),
            resolution: asap::Message::HandleResolution(resolution).encode(),
        }
    }

    /// Returns the packets of a round that ends now, by component.
    pub(crate) fn round(&mut self) -> [(u32, Packets); 3] {
        self.tsn += 1;
        let at = |before_us| Timestamp::now() - Duration::from_micros(before_us);
        let [registrar, element, user, other, announcer, group]: [SocketAddr; 6] = [
            ([127, 0, 0, 1], 9899).into(),
            ([127, 0, 0, 2], 9899).into(),
            ([127, 0, 0, 3], 20_000).into(),
            ([127, 0, 0, 1], 20_001).into(),
            ([127, 0, 0, 1], 9901).into(),
            ([239, 0, 0, 51], 9901).into(),
        ];
        let keep_alive = sctp(1, self.tsn, &self.keep_alive);
        let ack = sctp(2, self.tsn, &self.ack);
        let question = sctp(3, self.tsn, &self.resolution);
        let between = |source, destination, direction, before_us, bytes| Packet {
            at: at(before_us),
            direction,
            carried: Carried::Sctp,
            source,
            destination,
            fate: Fate::Passed,
            corrupted: false,
            delay: Duration::ZERO,
            bytes,
        };
        let (sent, received) = (Direction::Sent, Direction::Received);
        let presence = Packet {
            carried: Carried::Announcement,
            ..between(announcer, group, sent, 100, &PRESENCE[..])
        };
        let of_registrar = [
            between(registrar, element, sent, 900, &keep_alive[..]),
            between(element, registrar, received, 600, &ack[..]),
            between(user, other, received, 300, &question[..]),
            presence,
        ];
        let of_element = [
            between(registrar, element, received, 800, &keep_alive[..]),
            between(element, registrar, sent, 700, &ack[..]),
        ];
        let of_user = [between(user, other, sent, 400, &question[..])];
        [
            (REGISTRAR, of_registrar.into_iter().collect()),
            (ELEMENT, of_element.into_iter().collect()),
            (USER, of_user.into_iter().collect()),
        ]
    }
}

/// An SCTP packet of an association with a DATA chunk (RFC 9260 section 3) that has a whole ASAP message.
fn sctp(tag: u8, tsn: u32, message: &[u8]) -> Vec<u8> {
    let port = asap::PORT.to_be_bytes();
    let mut packet = [&port[..], &port, &[tag; 4], &[0; 4], &[0, 3]].concat();
    packet.extend((16 + message.len() as u16).to_be_bytes());
    packet.extend(tsn.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(Ppid::ASAP.0.to_be_bytes());
    packet.extend(message);
    packet.resize(packet.len().next_multiple_of(4), 0);
    let checksum = crc32c::crc32c(&packet).to_le_bytes();
    packet[8..12].copy_from_slice(&checksum);
    packet
}
