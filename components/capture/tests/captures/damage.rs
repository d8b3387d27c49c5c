//! Damaged files: whatever the bytes, what came before the damage counts, and nothing is unbounded.

use std::io::{self, Cursor, Read};

use capture::decode::{DecodeArgs, decode};
use capture::{Finder, Messages, Reader};
use proptest::prelude::*;

use crate::bytes::{ASAP, ASAP_PPID, Order, TAG, data, ip, keep_alive, of_ip, pcap, read, sctp};

fn pcapng(order: Order) -> Vec<u8> {
    let packet = ip(&keep_alive(1));
    let mut file = order.section();
    file.extend(order.interface(101, 0, &order.option(2, b"name")));
    for ticks in 0..3 {
        file.extend(order.enhanced(0, ticks, &packet, packet.len()));
    }
    file
}

fn samples() -> Vec<Vec<u8>> {
    let plain = of_ip(&[keep_alive(1), keep_alive(2), keep_alive(3)]);
    let fragments = [
        sctp(TAG, &[data(2, 1, ASAP_PPID, &ASAP[..8])]),
        sctp(TAG, &[data(1, 2, ASAP_PPID, &ASAP[8..])]),
    ];
    vec![
        zstd::encode_all(&plain[..], 1).unwrap(),
        plain,
        of_ip(&fragments),
        pcapng(Order::Little),
        pcapng(Order::Big),
    ]
}

/// Goes through all of a file. Returns the number of packets, and of damages.
fn walk(bytes: &[u8]) -> (usize, usize) {
    let Ok(mut reader) = Reader::new(Cursor::new(bytes.to_vec())) else {
        return (0, 0);
    };
    let (mut finder, mut messages) = (Finder::default(), Messages::default());
    let (mut packets, mut damages) = (0, 0);
    loop {
        match reader.read() {
            Ok(Some(frame)) => {
                packets += 1;
                if let Some(captured) = finder.find(&frame) {
                    assert!(captured.bytes.len() <= captured.whole);
                    messages.handle_packet(&captured, &mut |message| {
                        assert!(message.bytes.len() <= message.whole);
                    });
                }
            }
            Ok(None) => break,
            Err(damage) => {
                damages += 1;
                assert!(!damage.why.is_empty());
            }
        }
        // Each step takes bytes, of which decompression makes at most some thousand times as many.
        assert!(packets + damages <= bytes.len() * 4096);
    }
    messages.finish(&mut |message| assert!(message.delivery.is_some()));
    (packets, damages)
}

#[test]
fn what_is_before_the_end_of_a_truncated_file_is_read() {
    for file in samples().into_iter().skip(1) {
        let (all, damages) = walk(&file);
        assert_eq!(damages, 0);
        let mut before = 0;
        let mut clean = 0;
        for end in 0..=file.len() {
            let (packets, damages) = walk(&file[..end]);
            assert!(packets >= before && packets <= all, "{end}");
            assert!(damages <= 1);
            clean += usize::from(damages == 0 && packets > before);
            before = packets;
        }
        // Only where a packet ends, the file may end without damage.
        assert_eq!((before, clean), (all, all));
    }
}

#[test]
fn damage_has_a_place_and_a_reason() {
    let whole = of_ip(&[keep_alive(1), keep_alive(2)]);
    let second = 24 + 16 + ip(&keep_alive(1)).len();

    let cut = read(whole[..whole.len() - 1].to_vec());
    assert_eq!(cut.messages.len(), 1);
    let [damage] = &cut.damages[..] else {
        panic!("{:?}", cut.damages);
    };
    assert!(damage.cut);
    assert_eq!(damage.offset, second as u64);

    let mut absurd = whole;
    absurd[second + 8..second + 12].fill(0x7f);
    let absurd = read(absurd);
    assert_eq!(absurd.messages.len(), 1);
    let damage = absurd.damages[0].to_string();
    assert!(damage.contains(&format!("damaged at byte {second}")), "{damage}");
    assert!(damage.contains("too large"), "{damage}");
}

#[test]
fn a_block_that_makes_no_sense_is_left_out() {
    let order = Order::Big;
    let packet = ip(&keep_alive(1));
    let mut short = order.enhanced(0, 0, &packet, packet.len());
    short[20..24].copy_from_slice(&1_000_000_u32.to_be_bytes());
    let file = [
        order.section(),
        order.interface(101, 0, &[]),
        short,
        order.enhanced(7, 0, &packet, packet.len()),
        order.block(1, &[]),
        order.enhanced(0, 0, &packet, packet.len()),
    ]
    .concat();
    let all = read(file);
    assert_eq!(all.messages.len(), 1);
    let damages: Vec<_> = all.damages.iter().map(ToString::to_string).collect();
    assert_eq!(damages.len(), 3, "{damages:?}");
    assert!(damages[0].contains("too short"), "{damages:?}");
    assert!(damages[1].contains("interface 7"), "{damages:?}");
    assert!(damages[2].contains("malformed"), "{damages:?}");
}

#[test]
fn fragments_that_never_end_are_given_up_in_time() {
    let mut messages = Messages::default();
    let mut finder = Finder::default();
    let file = {
        let packets: Vec<_> = (0..3000_u32)
            .map(|tsn| sctp(TAG, &[data(0, tsn, ASAP_PPID, &[0; 8000])]))
            .collect();
        of_ip(&packets)
    };
    let mut reader = Reader::new(Cursor::new(file)).unwrap();
    let (mut told, mut bytes) = (0, 0);
    while let Some(frame) = reader.read().unwrap() {
        let captured = finder.find(&frame).unwrap();
        messages.handle_packet(&captured, &mut |message| {
            told += 1;
            bytes += message.bytes.len();
        });
    }
    assert!(told >= 2, "{told}");
    messages.finish(&mut |message| bytes += message.bytes.len());
    assert_eq!(bytes, 3000 * 8000);
}

/// Gives a few bytes at a time.
struct Slow {
    bytes: Cursor<Vec<u8>>,
    step: usize,
}

impl Read for Slow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let step = self.step.min(buffer.len());
        self.bytes.read(&mut buffer[..step])
    }
}

/// Returns all packets and damages, in words.
fn story(source: impl Read + Send + 'static) -> Vec<String> {
    let mut reader = match Reader::new(source) {
        Ok(reader) => reader,
        Err(error) => return vec![error.to_string()],
    };
    let mut story = Vec::new();
    loop {
        match reader.read() {
            Ok(Some(frame)) => story.push(format!("{frame:?}")),
            Ok(None) => return story,
            Err(damage) => story.push(damage.to_string()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400), magic in 0..8_usize) {
        const MAGICS: [&[u8]; 8] = [
            b"",
            &[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 101, 0, 0, 0],
            &[0xa1, 0xb2, 0x3c, 0x4d, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
            &[0xa1, 0xb2, 0xcd, 0x34, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff,
              0xff, 0xff, 0xff, 28, 0, 0, 0],
            &[0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff,
              0xff, 0xff, 0xff, 0, 0, 0, 28],
            &[0x28, 0xb5, 0x2f, 0xfd],
            &[0x0a, 0x0d, 0x0d, 0x0a],
        ];
        walk(&[MAGICS[magic], &bytes].concat());
    }

    #[test]
    fn any_packet_of_any_link_type_is_looked_at(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        link in prop::sample::select(vec![0, 1, 12, 101, 108, 113, 228, 248, 276]),
        like in 0..3_usize,
    ) {
        let begin: &[u8] = [&[][..], &[0x45, 0], &[0x60]][like];
        let packet = [begin, &bytes].concat();
        let all = read(pcap(link, &[packet.clone(), packet]));
        prop_assert_eq!(all.damages, []);
        prop_assert_eq!(all.counts.frames, 2);
    }

    #[test]
    fn any_chunks_are_looked_at(
        chunks in prop::collection::vec(any::<u8>(), 0..120),
        kind in prop::sample::select(vec![0_u8, 3, 64]),
        repetitions in 1..4_usize,
    ) {
        let packet = sctp(TAG, &[[&[kind], &chunks[..]].concat()]);
        let all = read(of_ip(&vec![packet; repetitions]));
        prop_assert_eq!(all.counts.sctp_packets, repetitions as u64);
        for message in all.messages {
            prop_assert!(message.whole <= 65_535 * 4);
        }
    }

    #[test]
    fn damaged_bytes_anywhere_are_told_or_harmless(
        sample in 0..5_usize,
        place in any::<prop::sample::Index>(),
        bit in 0..8_u8,
        end in any::<prop::sample::Index>(),
    ) {
        let mut file = samples().swap_remove(sample);
        let at = place.index(file.len());
        file[at] ^= 1 << bit;
        walk(&file);
        file.truncate(end.index(file.len()));
        walk(&file);
    }

    #[test]
    fn it_does_not_matter_how_many_bytes_come_at_a_time(
        // What is compressed and damaged may be refused for another reason.
        sample in 1..5_usize,
        place in any::<prop::sample::Index>(),
        value in any::<u8>(),
        step in 1..40_usize,
    ) {
        let mut bytes = samples().swap_remove(sample);
        let at = place.index(bytes.len());
        bytes[at] = value;
        let bytes = Cursor::new(bytes);
        prop_assert_eq!(story(Slow { bytes: bytes.clone(), step }), story(bytes));
    }

    #[test]
    fn whatever_is_decoded_is_printed(
        sample in 0..5_usize,
        place in any::<prop::sample::Index>(),
        value in any::<u8>(),
        json in any::<bool>(),
    ) {
        let mut bytes = samples().swap_remove(sample);
        let at = place.index(bytes.len());
        bytes[at] = value;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        let args = DecodeArgs {
            files: vec![file.path().to_owned()],
            json,
            tree: !json,
            sctp: true,
            ..DecodeArgs::default()
        };
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        decode(&args, &mut out, &mut errors).unwrap();
        prop_assert!(!errors.is_empty());
        let out = String::from_utf8(out).unwrap();
        if json {
            for line in out.lines() {
                serde_json::from_str::<serde_json::Value>(line).unwrap();
            }
        }
    }
}
