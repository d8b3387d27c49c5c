//! Packets and files, byte by byte, and what is read of them.

use std::io::Cursor;

use capture::{Captured, Damage, Finder, Message, Messages, Protocol, Reader};

/// An ASAP_ENDPOINT_KEEP_ALIVE of registrar 0x11223344 for the pool "Pool".
pub(crate) const ASAP: [u8; 16] = [
    0x07, 0x00, 0x00, 0x10, // type, flags, length
    0x11, 0x22, 0x33, 0x44, // registrar identifier
    0x00, 0x09, 0x00, 0x08, // parameter: pool handle
    b'P', b'o', b'o', b'l',
];
/// The payload protocol identifier of ASAP.
pub(crate) const ASAP_PPID: u32 = 11;
pub(crate) const TAG: u32 = 0xcafe_0001;

/// A chunk with its head and padding.
pub(crate) fn chunk(kind: u8, flags: u8, value: &[u8]) -> Vec<u8> {
    let mut chunk = vec![kind, flags];
    chunk.extend((4 + value.len() as u16).to_be_bytes());
    chunk.extend(value);
    chunk.resize(chunk.len().next_multiple_of(4), 0);
    chunk
}

/// A DATA chunk: B is 2, E 1, U 4.
pub(crate) fn data(flags: u8, tsn: u32, ppid: u32, payload: &[u8]) -> Vec<u8> {
    let mut value = tsn.to_be_bytes().to_vec();
    value.extend([0, 1, 0, 0]);
    value.extend(ppid.to_be_bytes());
    value.extend(payload);
    chunk(0, flags, &value)
}

/// An I-DATA chunk of stream 1.
pub(crate) fn i_data(flags: u8, tsn: u32, message: u32, fragment_or_ppid: u32, payload: &[u8]) -> Vec<u8> {
    let mut value = tsn.to_be_bytes().to_vec();
    value.extend([0, 1, 0, 0]);
    value.extend(message.to_be_bytes());
    value.extend(fragment_or_ppid.to_be_bytes());
    value.extend(payload);
    chunk(64, flags, &value)
}

/// An SCTP packet from port 1000 to port 2000.
pub(crate) fn sctp(tag: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    sctp_between((1000, 2000), tag, chunks)
}

pub(crate) fn sctp_between(ports: (u16, u16), tag: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut packet = ports.0.to_be_bytes().to_vec();
    packet.extend(ports.1.to_be_bytes());
    packet.extend(tag.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(chunks.concat());
    let checksum = crc32c::crc32c(&packet);
    packet[8..12].copy_from_slice(&checksum.to_le_bytes());
    packet
}

/// An SCTP packet with a whole ASAP message.
pub(crate) fn keep_alive(tsn: u32) -> Vec<u8> {
    sctp(TAG, &[data(3, tsn, ASAP_PPID, &ASAP)])
}

/// An IP packet from 10.0.0.1 to 10.0.0.2 with SCTP.
pub(crate) fn ip(sctp: &[u8]) -> Vec<u8> {
    recording::ip::sctp([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), sctp)
}

/// An Ethernet frame with IPv4.
pub(crate) fn ethernet(ip: &[u8]) -> Vec<u8> {
    [&[0; 12][..], &[0x08, 0x00], ip].concat()
}

/// A pcap file, little-endian with microseconds; the times count up in seconds.
pub(crate) fn pcap(link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    file.extend(65_535_u32.to_le_bytes());
    file.extend(link.to_le_bytes());
    for (second, packet) in packets.iter().enumerate() {
        let length = packet.len() as u32;
        for word in [second as u32, 500_000, length, length] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

/// A pcap file of IP packets.
pub(crate) fn of_ip(packets: &[Vec<u8>]) -> Vec<u8> {
    pcap(101, &packets.iter().map(|packet| ip(packet)).collect::<Vec<_>>())
}

/// Numbers in the order of bytes of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Order {
    Little,
    Big,
}

impl Order {
    pub(crate) fn u16(self, value: u16) -> [u8; 2] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    pub(crate) fn u32(self, value: u32) -> [u8; 4] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    /// A block of pcapng.
    pub(crate) fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let mut body = body.to_vec();
        body.resize(body.len().next_multiple_of(4), 0);
        let size = self.u32(12 + body.len() as u32);
        [&self.u32(kind)[..], &size, &body, &size].concat()
    }

    pub(crate) fn section(self) -> Vec<u8> {
        let magic = self.u32(0x1a2b_3c4d);
        let body = [&magic[..], &self.u16(1), &self.u16(0), &[0xff; 8]];
        self.block(0x0a0d_0d0a, &body.concat())
    }

    pub(crate) fn interface(self, link: u16, snap_length: u32, options: &[u8]) -> Vec<u8> {
        let body = [&self.u16(link)[..], &[0, 0], &self.u32(snap_length), options];
        self.block(1, &body.concat())
    }

    pub(crate) fn option(self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut option = [&self.u16(code)[..], &self.u16(value.len() as u16), value].concat();
        option.resize(option.len().next_multiple_of(4), 0);
        option
    }

    pub(crate) fn enhanced(self, interface: u32, ticks: u64, packet: &[u8], whole: usize) -> Vec<u8> {
        let words = [
            interface,
            (ticks >> 32) as u32,
            ticks as u32,
            packet.len() as u32,
            whole as u32,
        ];
        let mut body: Vec<u8> = words.iter().flat_map(|word| self.u32(*word)).collect();
        body.extend(packet);
        self.block(6, &body)
    }
}

/// A message that was read, without what it borrows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) number: u64,
    pub(crate) protocol: Protocol,
    pub(crate) delivery: Option<capture::Delivery>,
    pub(crate) source: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) whole: usize,
}

impl Read {
    fn of(message: &Message<'_>) -> Self {
        Self {
            number: message.sight.number,
            protocol: message.protocol,
            delivery: message.delivery,
            source: message.sight.source.to_string(),
            bytes: message.bytes.to_vec(),
            whole: message.whole,
        }
    }

    pub(crate) fn delivery(&self) -> capture::Delivery {
        self.delivery.expect("a message of an association")
    }
}

/// Everything that is read of a file.
#[derive(Debug, Default)]
pub(crate) struct All {
    pub(crate) messages: Vec<Read>,
    pub(crate) damages: Vec<Damage>,
    pub(crate) counts: capture::Counts,
    pub(crate) associations: u32,
}

/// Reads a file.
pub(crate) fn read(file: Vec<u8>) -> All {
    read_with(file, Finder::default(), |_| ())
}

/// Reads a file, and looks at everything that is found in it.
pub(crate) fn read_with(file: Vec<u8>, mut finder: Finder, mut look: impl FnMut(&Captured<'_>)) -> All {
    let mut all = All::default();
    let mut messages = Messages::default();
    let mut reader = Reader::new(Cursor::new(file)).expect("a capture");
    loop {
        match reader.read() {
            Ok(Some(frame)) => {
                assert!(frame.bytes.len() <= frame.whole);
                if let Some(captured) = finder.find(&frame) {
                    look(&captured);
                    messages.handle_packet(&captured, &mut |message| {
                        all.messages.push(Read::of(message));
                    });
                }
            }
            Ok(None) => break,
            Err(damage) => all.damages.push(damage),
        }
    }
    messages.finish(&mut |message| all.messages.push(Read::of(message)));
    all.counts = finder.counts();
    all.associations = messages.associations();
    all
}
