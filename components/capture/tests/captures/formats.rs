//! Formats of files.

use std::io::{Cursor, Read, Write};
use std::sync::mpsc;

use capture::{Error, Reader};
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use pcap_file::{Endianness, TsResolution};

use crate::bytes::{Order, ip, keep_alive, of_ip, read};

/// A frame that was read, without what it borrows.
type Frame = (u64, Option<i64>, u32, u16, Vec<u8>, usize);

fn frames(file: Vec<u8>) -> Vec<Frame> {
    let mut reader = Reader::new(Cursor::new(file)).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = reader.read().unwrap() {
        let time = frame.time.map(|time| time.0);
        let link = frame.link.0;
        frames.push((
            frame.number,
            time,
            frame.interface,
            link,
            frame.bytes.to_vec(),
            frame.whole,
        ));
    }
    frames
}

#[test]
fn the_variants_of_pcap_are_read_as_a_library_writes_them() {
    for endianness in [Endianness::Little, Endianness::Big] {
        for (ts_resolution, expected) in [
            (TsResolution::MicroSecond, 1_700_000_000_123_456_000),
            (TsResolution::NanoSecond, 1_700_000_000_123_456_789),
        ] {
            let header = PcapHeader {
                endianness,
                ts_resolution,
                ..PcapHeader::default()
            };
            let mut writer = PcapWriter::with_header(Vec::new(), header).unwrap();
            let time = std::time::Duration::new(1_700_000_000, 123_456_789);
            writer
                .write_packet(&PcapPacket::new(time, 9, &[1, 2, 3]))
                .unwrap();
            let expected = (1, Some(expected), 0, 1, vec![1, 2, 3], 9);
            assert_eq!(
                frames(writer.into_writer()),
                [expected],
                "{endianness:?} {ts_resolution:?}"
            );
        }
    }
}

#[test]
fn modified_pcap_has_more_in_the_head_of_each_packet() {
    for (order, magic) in [
        (Order::Little, [0x34, 0xcd, 0xb2, 0xa1]),
        (Order::Big, [0xa1, 0xb2, 0xcd, 0x34]),
    ] {
        let mut file = [&magic[..], &[0; 16], &order.u32(101)].concat();
        for word in [7, 1, 3, 3, 0, 0] {
            file.extend(order.u32(word));
        }
        file.extend([1, 2, 3]);
        let expected = (1, Some(7_000_001_000), 0, 101, vec![1, 2, 3], 3);
        assert_eq!(frames(file), [expected]);
    }
}

/// Two sections, the first with two interfaces, of which one counts in units of 2^-10 s from a later beginning; packets of
/// all kinds of blocks, and others in between.
fn sections(order: Order) -> Vec<u8> {
    let resolution = order.option(9, &[0x80 | 10]);
    let later = match order {
        Order::Little => 100_u64.to_le_bytes(),
        Order::Big => 100_u64.to_be_bytes(),
    };
    let name = order.option(2, b"eth7");
    let options = [resolution, order.option(14, &later), name, order.option(0, &[])].concat();
    let obsolete = [
        &order.u16(1)[..],
        &order.u16(0),
        &order.u32(0),
        &order.u32(1024),
        &order.u32(2),
        &order.u32(2),
        &[8, 9],
    ];
    let simple = [&order.u32(6)[..], &[1, 2, 3, 4]];
    [
        order.section(),
        order.interface(1, 4, &[]),
        order.interface(101, 0, &options),
        // The name resolution block, statistics, and one that nobody knows.
        order.block(4, &[0; 8]),
        order.enhanced(0, 1_500_000, &[1, 2, 3], 3),
        order.enhanced(1, 1536, &[4], 1500),
        order.block(5, &[0; 12]),
        order.block(2, &obsolete.concat()),
        order.block(0x8000_1234, b"anything"),
        // A custom block, which has a number of its own.
        order.block(0x0bad, b"anything"),
        order.block(3, &simple.concat()),
        order.section(),
        order.interface(228, 0, &[]),
        order.enhanced(0, 1, &[5], 1),
    ]
    .concat()
}

#[test]
fn pcapng_of_both_orders_has_sections_interfaces_and_packets_of_all_kinds() {
    for order in [Order::Little, Order::Big] {
        let expected = [
            (1, Some(1_500_000_000), 0, 1, vec![1, 2, 3], 3),
            (2, Some(101_500_000_000), 1, 101, vec![4], 1500),
            (3, Some(101_000_000_000), 1, 101, vec![8, 9], 2),
            // Its size is that of the first interface's snap length.
            (5, None, 0, 1, vec![1, 2, 3, 4], 6),
            (6, Some(1000), 2, 228, vec![5], 1),
        ];
        assert_eq!(frames(sections(order)), expected, "{order:?}");
    }
}

#[test]
fn sections_of_different_orders_follow_each_other() {
    let file = [sections(Order::Little), sections(Order::Big)].concat();
    assert_eq!(frames(file).len(), 10);
}

#[test]
fn interfaces_have_names() {
    let mut reader = Reader::new(Cursor::new(sections(Order::Big))).unwrap();
    let mut names = Vec::new();
    while let Some(frame) = reader.read().unwrap() {
        names.push(frame.interface_name.map(str::to_owned));
    }
    let eth7 = Some("eth7".to_owned());
    assert_eq!(names, [None, eth7.clone(), eth7, None, None]);
}

#[test]
fn what_is_compressed_is_recognised_whatever_its_name() {
    let plain = of_ip(&[keep_alive(1), keep_alive(2)]);
    let (first, second) = plain.split_at(50);
    // Two frames, and one in between that decoders skip.
    let mut file = zstd::encode_all(first, 1).unwrap();
    file.extend([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    file.extend(zstd::encode_all(second, 1).unwrap());
    assert_eq!(read(file.clone()).messages.len(), 2);

    for end in 4..file.len() {
        let Ok(mut reader) = Reader::new(Cursor::new(file[..end].to_vec())) else {
            continue;
        };
        let mut packets = 0;
        let damage = loop {
            match reader.read() {
                Ok(Some(_)) => packets += 1,
                Ok(None) => break None,
                Err(damage) => break Some(damage),
            }
        };
        assert!(packets < 2, "{end}");
        // The file may end after a frame; a record is cut then, since frames end within them.
        let damage = damage.unwrap_or_else(|| panic!("{end}"));
        assert!(damage.cut && damage.compressed, "{end}: {damage}");
    }
}

#[test]
fn a_recording_is_a_capture() {
    let file = std::fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../assets/failover-kill.pcapng.zst"
    ));
    let all = read(file.unwrap());
    assert_eq!(all.damages, []);
    assert_eq!(all.counts.wrong_checksums, 0);
    assert!(all.counts.sctp_packets > 0);
    assert!(
        all.messages
            .iter()
            .all(|message| message.delivery.is_none_or(|delivery| !delivery.lacks_end))
    );
}

/// Gives bytes when somebody sends some.
struct Pipe(mpsc::Receiver<Vec<u8>>);

impl Read for Pipe {
    fn read(&mut self, mut buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.recv() {
            Ok(bytes) => buffer.write(&bytes),
            Err(_) => Ok(0),
        }
    }
}

#[test]
fn packets_of_a_pipe_are_read_before_it_ends() {
    let file = of_ip(&[keep_alive(1), keep_alive(2)]);
    let first = 24 + 16 + ip(&keep_alive(1)).len();
    let (sender, receiver) = mpsc::channel();
    sender.send(file[..first].to_vec()).unwrap();
    let mut reader = Reader::new(Pipe(receiver)).unwrap();
    assert_eq!(reader.read().unwrap().unwrap().number, 1);
    assert!(reader.is_drained());
    for byte in &file[first..] {
        sender.send(vec![*byte]).unwrap();
    }
    assert_eq!(reader.read().unwrap().unwrap().number, 2);
    drop(sender);
    assert_eq!(reader.read().unwrap(), None);
}

#[test]
fn files_of_another_kind_are_told() {
    let error = |bytes: &[u8]| Reader::new(Cursor::new(bytes.to_vec())).unwrap_err();
    assert!(matches!(error(b""), Error::Empty));
    for (bytes, word) in [
        (&[0x1f, 0x8b, 8, 0][..], "gunzip"),
        (b"snoop\0\0\0", "editcap"),
        (b"0123456789012345678901234567", "30313233"),
        (&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0], "header"),
        (&[0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff, 0xff], "zstd"),
    ] {
        let message = error(bytes).to_string();
        assert!(message.contains(word) && message.contains("byte 0"), "{message}");
    }
}
