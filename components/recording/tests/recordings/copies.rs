//! Copies of recordings.

use std::fs;

use recording::{CopyError, Form, Recording, Writer};

use crate::sample::{Sample, chunk_of, open, packets, records, sample};

fn copied(recording: &Recording, form: Form) -> Vec<u8> {
    let mut copy = Vec::new();
    let size = recording.copy(form, &mut copy).unwrap();
    assert_eq!(size, copy.len() as u64);
    copy
}

fn check(bytes: &[u8], expected: &Sample) {
    let copy = open(bytes).unwrap();
    assert_eq!(copy.damage(), []);
    assert_eq!(copy.chunks().len(), expected.records.len());
    for (position, records_of) in expected.records.iter().enumerate() {
        let chunk = copy.read_chunk(position).unwrap();
        assert_eq!(chunk.damage, None);
        assert_eq!(&records(&chunk), records_of);
        assert_eq!(packets(&chunk), expected.packets[position]);
    }
}

#[test]
fn a_folder_becomes_one_file_of_any_form_although_its_last_chunk_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::new(Form::Compressed, 0).unwrap();
    let mut expected = Sample::default();
    for number in 0..3 {
        let mut file = Sample::default();
        writer.begin_file("Poolscope", &mut file.bytes).unwrap();
        for chunk in 0..2 {
            chunk_of(&mut writer, 2 * number + chunk, &mut file).unwrap();
            if chunk == 0 {
                writer.finish_chunk(&mut file.bytes).unwrap();
            }
        }
        let goes_on = file.bytes.len();
        writer.finish_chunk(&mut file.bytes).unwrap();
        if number == 2 {
            file.bytes.truncate(goes_on);
        }
        fs::write(folder.path().join(format!("{number:04}.pcapng.zst")), &file.bytes).unwrap();
        expected.records.append(&mut file.records);
        expected.packets.append(&mut file.packets);
    }
    let recording = Recording::open(folder.path()).unwrap();
    assert!(recording.damage()[0].cut);
    let plain = copied(&recording, Form::Plain);
    let compressed = copied(&recording, Form::Compressed);
    check(&plain, &expected);
    check(&compressed, &expected);
    // One section, whatever the files were: a copy of a copy is the same.
    assert_eq!(
        plain
            .windows(4)
            .filter(|bytes| bytes == &[0x0a, 0x0d, 0x0d, 0x0a])
            .count(),
        1
    );
    for bytes in [plain, compressed] {
        let form = if bytes[0] == 0x0a {
            Form::Plain
        } else {
            Form::Compressed
        };
        assert!(copied(&open(&bytes).unwrap(), form) == bytes, "{form:?}");
        let other = if form == Form::Plain {
            Form::Compressed
        } else {
            Form::Plain
        };
        check(&copied(&open(&bytes).unwrap(), other), &expected);
    }
}

#[test]
fn a_copy_that_cannot_be_written_tells_so() {
    let sample = sample(Form::Plain, 1);
    let recording = open(&sample.bytes).unwrap();
    let mut full = fs::File::options().write(true).open("/dev/full").unwrap();
    let told = recording.copy(Form::Plain, &mut full).unwrap_err();
    assert!(matches!(&told, CopyError::Write(_)), "{told}");
}

#[test]
fn a_copy_has_the_records_that_can_be_read_whatever_the_types_of_their_blocks_are() {
    /// The type of blocks that other programs do not copy.
    const NOT_COPIED: [u8; 4] = 0x4000_0bad_u32.to_le_bytes();
    let numbers = |recording: &Recording| -> Vec<u64> {
        let chunks = 0..recording.chunks().len();
        let chunks = chunks.map(|position| recording.read_chunk(position).unwrap());
        chunks
            .flat_map(|chunk| records(&chunk))
            .map(|record| record.number)
            .collect()
    };
    let mut bytes = sample(Form::Plain, 2).bytes;
    let all = numbers(&open(&bytes).unwrap());
    let is_ours = |bytes: &[u8]| bytes.starts_with(b"POOLSCOPE\x02");
    let records = bytes.windows(10).position(is_ours).unwrap();
    // The type is followed by a size and the number of the enterprise.
    bytes[records - 12..][..4].copy_from_slice(&NOT_COPIED);
    let recording = open(&bytes).unwrap();
    let read = numbers(&recording);
    assert!(read.len() < all.len());
    for form in [Form::Plain, Form::Compressed] {
        assert_eq!(numbers(&open(&copied(&recording, form)).unwrap()), read);
    }
}
