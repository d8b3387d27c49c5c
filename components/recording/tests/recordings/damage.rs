//! Files that are cut, damaged, hostile or of other kinds.

use std::path::Path;

use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionBlock;
use pcap_file::pcapng::blocks::unknown::UnknownBlock;
use pcap_file::pcapng::{Block, PcapNgParser, PcapNgWriter};
use pcap_file::{DataLink, Endianness};
use proptest::prelude::*;
use recording::{Error, FORMAT_VERSION, Form, Recording, Writer};

use crate::sample::{BEGIN, Sample, header, open, packets, records, sample};

/// Checks that whatever is read was written like this, and that chunks which end before `intact` or begin behind it are
/// read as a whole if they are read at all. Returns the number of records.
fn check(bytes: &[u8], original: &Sample, damaged: std::ops::Range<usize>) -> usize {
    let recording = match open(bytes) {
        Ok(recording) => recording,
        Err(
            Error::Unreadable { .. } | Error::OtherKind { .. } | Error::Foreign { .. } | Error::Newer { .. },
        ) => {
            return 0;
        }
        Err(error) => panic!("{error}"),
    };
    let mut count = 0;
    for position in 0..recording.chunks().len() {
        let chunk = recording.read_chunk(position).unwrap();
        for record in records(&chunk) {
            let written = &original.records[record.number as usize / 30][record.number as usize % 30];
            assert_eq!(&record, written);
            count += 1;
        }
        let number = recording.chunks()[position].first_record as usize / 30;
        let place = original.borders[number]..original.borders[number + 1];
        if place.end <= damaged.start || place.start >= damaged.end {
            assert_eq!(records(&chunk), original.records[number]);
            let is_named = original.packets[number] == packets(&chunk);
            // The names of interfaces may be lost with an earlier part.
            assert!(is_named || place.start >= damaged.end);
            assert_eq!(chunk.damage, None);
        }
    }
    count
}

#[test]
fn a_file_that_is_cut_anywhere_is_read_up_to_there() {
    for form in [Form::Plain, Form::Compressed] {
        let original = sample(form, 3);
        let mut before = 0;
        let length = original.bytes.len();
        for cut in (0..length).step_by(101).chain(length - 30..=length) {
            let count = check(&original.bytes[..cut], &original, cut..length);
            assert!(
                count >= before,
                "{form:?}: {count} records of {cut} bytes, {before} of fewer"
            );
            before = count;
            if let Ok(recording) = open(&original.bytes[..cut]) {
                // All but the latest flush of the latest chunk are there.
                let whole = original.borders.iter().filter(|border| **border <= cut).count() - 1;
                assert!(count >= whole * 30, "{form:?}: {count} records of {cut} bytes");
                assert!(
                    recording.damage().iter().all(|damage| damage.cut),
                    "{:?}",
                    recording.damage()
                );
                assert!(
                    recording
                        .damage()
                        .iter()
                        .all(|damage| damage.offset <= cut as u64)
                );
            }
        }
        assert_eq!(before, 90);
    }
}

#[test]
fn chunks_behind_a_damaged_one_are_read() {
    for form in [Form::Plain, Form::Compressed] {
        let original = sample(form, 3);
        // Half of the second chunk.
        let (begin, end) = (original.borders[1], original.borders[2]);
        let damaged = begin + (end - begin) / 4..begin + (end - begin) / 2;
        let mut bytes = original.bytes.clone();
        bytes[damaged.clone()].fill(0x55);
        let count = check(&bytes, &original, damaged.clone());
        assert!((60..90).contains(&count), "{form:?}: {count}");
        let recording = open(&bytes).unwrap();
        let chunk = recording.read_chunk(1).unwrap();
        let damage = chunk.damage.unwrap();
        assert!(
            (begin as u64..end as u64).contains(&damage.offset),
            "{form:?}: {damage}"
        );
        // Also if it cannot be read at all.
        bytes[begin..end].fill(0x55);
        assert_eq!(check(&bytes, &original, begin..end), 60, "{form:?}");
        let recording = open(&bytes).unwrap();
        assert_eq!(
            recording.damage()[0].offset,
            begin as u64,
            "{:?}",
            recording.damage()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_is_read_of_a_damaged_file_was_written(
        plain in any::<bool>(),
        place in any::<prop::sample::Index>(),
        values in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let original = sample(if plain { Form::Plain } else { Form::Compressed }, 3);
        let mut bytes = original.bytes.clone();
        let at = place.index(bytes.len());
        let end = bytes.len().min(at + values.len());
        bytes[at..end].copy_from_slice(&values[..end - at]);
        check(&bytes, &original, at..end);
    }

    #[test]
    fn whatever_is_left_out_or_inserted_only_loses_chunks(
        plain in any::<bool>(),
        place in any::<prop::sample::Index>(),
        removed in 0..300_usize,
        inserted in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let original = sample(if plain { Form::Plain } else { Form::Compressed }, 3);
        let mut bytes = original.bytes.clone();
        let at = place.index(bytes.len());
        let end = bytes.len().min(at + removed);
        bytes.splice(at..end, inserted);
        check(&bytes, &original, at..end.max(at + 1));
    }

    #[test]
    fn any_bytes_are_an_error_or_a_recording(
        begin in prop::sample::select(vec![
            &b""[..],
            &[0x0a, 0x0d, 0x0d, 0x0a],
            &[0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0],
            &[0x28, 0xb5, 0x2f, 0xfd],
            &[0x5b, 0x2a, 0x4d, 0x18],
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..500),
    ) {
        if let Ok(recording) = open(&[begin, &rest].concat()) {
            for position in 0..recording.chunks().len() {
                let _ = recording.read_chunk(position).unwrap();
            }
        }
    }
}

#[test]
fn files_of_other_kinds_are_told_apart() {
    let told = |bytes: &[u8]| open(bytes).unwrap_err().to_string();
    assert!(told(b"").contains("is empty"));
    assert!(told(b"{\"name\": 1}").contains("neither a pcapng file"));
    assert!(told(&[0xd4, 0xc3, 0xb2, 0xa1, 0, 0, 0, 0]).contains("older format pcap"));
    assert!(told(&[0x1f, 0x8b, 8, 0]).contains("gzip"));
    let foreign = foreign(3);
    assert!(
        told(&foreign).contains("contains no recording of Poolscope: 3 packets"),
        "{}",
        told(&foreign)
    );
    let folder = tempfile::tempdir().unwrap();
    let empty = Recording::open(folder.path()).unwrap_err().to_string();
    assert!(empty.contains("the folder contains none"), "{empty}");
    let device = Recording::open(Path::new("/dev/zero")).unwrap_err().to_string();
    assert!(device.contains("neither a file nor a folder"), "{device}");
    let missing = Recording::open(&folder.path().join("missing")).unwrap_err();
    assert!(matches!(missing, Error::Io { .. }), "{missing}");
}

/// A capture of another program.
fn foreign(packets: usize) -> Vec<u8> {
    let mut file = PcapNgWriter::new(Vec::new()).unwrap();
    file.write_pcapng_block(InterfaceDescriptionBlock::new(DataLink::ETHERNET, 0))
        .unwrap();
    for _ in 0..packets {
        let packet = EnhancedPacketBlock {
            interface_id: 0,
            timestamp: std::time::Duration::from_secs(1),
            original_len: 60,
            data: vec![0; 60].into(),
            options: vec![],
        };
        file.write_pcapng_block(packet).unwrap();
    }
    file.into_inner()
}

/// Changes the content of our blocks with this kind, and corrects their checksum.
fn forged(bytes: &[u8], kind: u8, forge: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let signature = [b"POOLSCOPE", &[kind][..]].concat();
    let places: Vec<_> = (0..bytes.len())
        .filter(|at| bytes[*at..].starts_with(&signature))
        .collect();
    for at in places {
        let length = u32::from_le_bytes(bytes[at + 12..at + 16].try_into().unwrap()) as usize;
        let block = &mut bytes[at..at + 20 + length];
        forge(block);
        let checksum = crc32c::crc32c_append(crc32c::crc32c(&block[9..16]), &block[20..]);
        block[16..20].copy_from_slice(&checksum.to_le_bytes());
    }
    bytes
}

#[test]
fn a_newer_format_is_told_with_both_versions() {
    let newer = |block: &mut [u8]| block[10..12].copy_from_slice(&(FORMAT_VERSION + 6).to_le_bytes());
    let mut bytes = sample(Form::Plain, 2).bytes;
    for kind in 1..=4 {
        bytes = forged(&bytes, kind, newer);
    }
    let told = open(&bytes).unwrap_err();
    assert!(
        matches!(
            told,
            Error::Newer {
                found: 7,
                known: 1,
                ..
            }
        ),
        "{told}"
    );
    assert!(told.to_string().contains("Poolscope 0.1.0"), "{told}");
}

#[test]
fn indices_that_lie_are_seen_through() {
    let original = sample(Form::Plain, 3);
    // The number of records, the size of the chunk, and its times.
    for (field, value) in [(2, u64::MAX), (0, u64::MAX), (1, u64::MAX), (4, u64::MAX), (5, 0)] {
        let bytes = forged(&original.bytes, 3, |block| {
            block[20 + field * 8..28 + field * 8].copy_from_slice(&value.to_le_bytes());
        });
        assert_eq!(check(&bytes, &original, 0..0), 90, "{field} {value}");
    }
    // A chunk that begins elsewhere has nothing that can be read.
    let bytes = forged(&original.bytes, 3, |block| {
        block[20..28].copy_from_slice(&1_u64.to_le_bytes());
    });
    let recording = open(&bytes).unwrap();
    for position in 0..recording.chunks().len() {
        let _ = recording.read_chunk(position).unwrap();
    }
}

#[test]
fn times_and_numbers_that_run_backwards_end_a_chunk() {
    let original = sample(Form::Plain, 1);
    // The time of the first record of each block.
    let bytes = forged(&original.bytes, 2, |block| {
        block[40..48].copy_from_slice(&7_u64.to_le_bytes());
    });
    let chunk = open(&bytes).unwrap().read_chunk(0).unwrap();
    assert!(chunk.damage.unwrap().why.contains("runs backwards"));
    let bytes = forged(&original.bytes, 2, |block| {
        block[20..28].copy_from_slice(&0_u64.to_le_bytes());
    });
    let recording = open(&bytes).unwrap();
    let chunk = recording.read_chunk(0).unwrap();
    assert_eq!(chunk.records().count(), 6, "those of the first block");
    assert!(
        chunk
            .damage
            .unwrap()
            .why
            .contains("there is record 0, where record 6 should be")
    );
}

#[test]
fn what_does_not_belong_together_is_left_out() {
    for form in [Form::Plain, Form::Compressed] {
        let original = sample(form, 2);
        let twice = [&original.bytes[..], &original.bytes].concat();
        let recording = open(&twice).unwrap();
        assert_eq!(recording.chunks().len(), 2);
        let damage = &recording.damage()[0];
        assert!(damage.why.contains("another recording"), "{damage}");
        assert!(damage.offset >= original.bytes.len() as u64);
        // A capture of another program in front of it, or behind it, is not.
        if form == Form::Plain {
            for bytes in [
                [&foreign(2)[..], &original.bytes].concat(),
                [&original.bytes[..], &foreign(2)].concat(),
            ] {
                let recording = open(&bytes).unwrap();
                assert_eq!((recording.chunks().len(), recording.damage()), (2, &[][..]));
                assert_eq!(records(&recording.read_chunk(1).unwrap()), original.records[1]);
            }
        }
    }
}

#[test]
fn a_file_that_somebody_compressed_as_a_whole_is_read() {
    let original = sample(Form::Plain, 3);
    let compressed = zstd::encode_all(&original.bytes[..], 3).unwrap();
    let recording = open(&compressed).unwrap();
    for position in 0..3 {
        let chunk = recording.read_chunk(position).unwrap();
        assert_eq!(
            (records(&chunk), packets(&chunk)),
            (
                original.records[position].clone(),
                original.packets[position].clone()
            )
        );
        assert_eq!(chunk.damage, None);
    }
}

#[test]
fn a_section_of_the_other_order_of_bytes_is_read() {
    let original = sample(Form::Plain, 2);
    let mut rest = &original.bytes[..];
    let (mut parser, mut file) = (
        None,
        PcapNgWriter::with_endianness(Vec::new(), Endianness::Big).unwrap(),
    );
    while !rest.is_empty() {
        let Some(parser) = &mut parser else {
            let (after, new) = PcapNgParser::new(rest).unwrap();
            (rest, parser) = (after, Some(new));
            continue;
        };
        let (after, block) = parser.next_block(rest).unwrap();
        rest = after;
        match block {
            Block::Unknown(custom) if custom.type_ == 0xbad => {
                let mut value = custom.value.to_vec();
                value[..4].reverse();
                file.write_pcapng_block(UnknownBlock::new(0xbad, 0, &value))
                    .unwrap();
            }
            Block::Unknown(_) => {}
            other => {
                file.write_block(&other).unwrap();
            }
        }
    }
    let bytes = file.into_inner();
    assert_eq!(bytes[8..12], [0x1a, 0x2b, 0x3c, 0x4d]);
    let recording = open(&bytes).unwrap();
    for position in 0..2 {
        let chunk = recording.read_chunk(position).unwrap();
        assert_eq!(records(&chunk), original.records[position]);
        assert_eq!(packets(&chunk), original.packets[position]);
    }
    let refused = recording.copy(Form::Plain, &mut Vec::new()).unwrap_err();
    assert!(refused.to_string().contains("big-endian"), "{refused}");
}

#[test]
fn a_chunk_that_decompresses_into_more_than_any_may_have_is_damaged() {
    let mut writer = Writer::new(Form::Plain, 0).unwrap();
    let mut plain = Vec::new();
    writer.begin_chunk(&header(BEGIN), &mut plain).unwrap();
    writer.flush(&mut plain).unwrap();
    // Blocks of a kind that nobody knows.
    let size = 8_u32 << 20;
    let mut block = [[0x77, 0, 0, 0], size.to_le_bytes()].concat();
    block.resize(size as usize - 4, 0);
    block.extend(size.to_le_bytes());
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    std::io::Write::write_all(&mut encoder, &plain).unwrap();
    for _ in 0..25 {
        std::io::Write::write_all(&mut encoder, &block).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 1 << 20);
    let recording = open(&bomb).unwrap();
    assert!(
        recording.damage()[0].why.contains("too large"),
        "{:?}",
        recording.damage()
    );
}
