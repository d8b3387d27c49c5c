//! What is written is read again.

use recording::{Form, Keyframing, Properties, RecordKind, WriteError, Writer};

use crate::sample::{BEGIN, Sample, chunk_of, header, open, packets, records, sample};

const FORMS: [Form; 2] = [Form::Plain, Form::Compressed];

#[test]
fn what_was_written_is_read_with_and_without_indices() {
    for form in FORMS {
        let sample = sample(form, 3);
        let indexed = open(&sample.bytes).unwrap();
        let surveyed = open(&spoiled(sample.bytes.clone())).unwrap();
        assert_eq!(indexed.damage(), [], "{form:?}");
        for recording in [&indexed, &surveyed] {
            assert_eq!(recording.chunks().len(), 3, "{form:?}");
            for (position, expected) in sample.records.iter().enumerate() {
                let info = &recording.chunks()[position];
                let chunk = recording.read_chunk(position).unwrap();
                assert_eq!(&records(&chunk), expected);
                assert_eq!(packets(&chunk), sample.packets[position]);
                assert_eq!(chunk.damage, None);
                assert_eq!(chunk.header(), &info.header);
                assert_eq!((info.records, info.packets), (30, 20));
                assert_eq!((info.from, info.to), (expected[0].at, expected[29].at));
                assert_eq!(info.raw_bytes, chunk.raw().len() as u64);
                assert_eq!(
                    info.keyframes
                        .iter()
                        .map(|keyframe| keyframe.keyframing)
                        .collect::<Vec<_>>(),
                    [Keyframing::Whole, Keyframing::Partial]
                );
                for keyframe in &info.keyframes {
                    let found = chunk
                        .records_from(keyframe.offset, keyframe.record)
                        .next()
                        .unwrap();
                    assert_eq!((found.number, found.at), (keyframe.record, keyframe.at));
                }
                let copies: Vec<_> = info
                    .indexed
                    .iter()
                    .map(|copy| (copy.number, copy.bytes.to_vec()))
                    .collect();
                let originals = expected.iter().filter(|record| record.properties.indexed);
                let originals: Vec<_> = originals
                    .map(|record| (record.number, record.bytes.clone()))
                    .collect();
                assert_eq!(copies, originals);
            }
        }
        assert_eq!(indexed.chunks()[1].keyframes, surveyed.chunks()[1].keyframes);
        assert_eq!(indexed.position_of(31), Some(1));
        assert_eq!(indexed.position_of(90), None);
        assert_eq!(indexed.position_at(sample.records[2][0].at), Some(2));
        assert_eq!(indexed.position_at(feed::Timestamp::default()), None);
    }
}

/// Makes the checksum of every index wrong.
fn spoiled(mut bytes: Vec<u8>) -> Vec<u8> {
    let signature = [b"POOLSCOPE", &[3][..]].concat();
    let places: Vec<_> = (0..bytes.len())
        .filter(|at| bytes[*at..].starts_with(&signature))
        .collect();
    assert_eq!(places.len(), 3);
    for place in places {
        bytes[place + 4] = b'?';
    }
    bytes
}

#[test]
fn a_copy_of_a_chunk_that_goes_on_is_whole_up_to_the_latest_flush() {
    for form in FORMS {
        let mut writer = Writer::new(form, 0).unwrap();
        let mut sample = Sample::default();
        writer.begin_file("Poolscope", &mut sample.bytes).unwrap();
        let before = sample.bytes.len() as u64;
        chunk_of(&mut writer, 0, &mut sample).unwrap();
        let mark = writer.mark().unwrap();
        assert_eq!(mark.stored_bytes(), sample.bytes.len() as u64 - before);
        let properties = Properties::keyframe(Keyframing::Whole);
        writer
            .record(RecordKind(9), properties, BEGIN, b"not flushed")
            .unwrap();
        let mut copy = sample.bytes.clone();
        writer.close_copy(&mark, &mut copy);
        let recording = open(&copy).unwrap();
        assert_eq!(recording.damage(), []);
        assert_eq!(recording.chunks()[0].records, 30);
        assert_eq!(records(&recording.read_chunk(0).unwrap()), sample.records[0]);

        // What was added after the mark is lost, and what comes next is not.
        writer.flush(&mut Vec::new()).unwrap();
        writer.abandon(&mark, &mut sample.bytes).unwrap();
        chunk_of(&mut writer, 1, &mut sample).unwrap();
        writer.finish_chunk(&mut sample.bytes).unwrap();
        let recording = open(&sample.bytes).unwrap();
        assert_eq!(recording.damage(), []);
        assert_eq!(recording.chunks()[1].first_record, 31);
        for position in 0..2 {
            let chunk = recording.read_chunk(position).unwrap();
            assert_eq!(
                (records(&chunk), chunk.damage.clone()),
                (sample.records[position].clone(), None)
            );
        }
    }
}

#[test]
fn limits_are_told_and_kept() {
    let mut writer = Writer::new(Form::Compressed, 5).unwrap();
    let at = BEGIN;
    let add =
        |writer: &mut Writer, bytes: &[u8]| writer.record(RecordKind(1), Properties::INDEXED, at, bytes);
    assert!(matches!(add(&mut writer, b""), Err(WriteError::NoChunk)));
    let mut file = Vec::new();
    writer.begin_chunk(&header(at), &mut file).unwrap();
    let large = vec![7; recording::RECORD_LIMIT + 1];
    assert!(matches!(
        add(&mut writer, &large),
        Err(WriteError::RecordTooLarge { .. })
    ));
    while writer.raw_bytes() < recording::CHUNK_LIMIT as u64 - 1 {
        add(&mut writer, &large[..1 << 20]).unwrap();
    }
    let last = add(&mut writer, &large[1..]);
    assert!(matches!(last, Ok(_) | Err(WriteError::ChunkFull)), "{last:?}");
    assert!(matches!(add(&mut writer, b""), Err(WriteError::ChunkFull)));
    writer.finish_chunk(&mut file).unwrap();
    let recording = open(&file).unwrap();
    let info = &recording.chunks()[0];
    assert_eq!(info.first_record, 5);
    assert_eq!(info.indexed.len() as u64 + info.left_out, info.records);
    assert_eq!(info.left_out, info.records);
    let chunk = recording.read_chunk(0).unwrap();
    assert_eq!(chunk.damage, None);
    assert_eq!(chunk.records().count() as u64, info.records);
}

#[test]
fn times_never_run_backwards() {
    let mut writer = Writer::new(Form::Plain, 0).unwrap();
    let mut file = Vec::new();
    writer.begin_chunk(&header(BEGIN), &mut file).unwrap();
    let later = BEGIN + std::time::Duration::from_secs(1);
    for at in [later, BEGIN] {
        writer.record(RecordKind(1), Properties::NONE, at, b"").unwrap();
    }
    writer.begin_chunk(&header(BEGIN), &mut file).unwrap();
    writer
        .record(RecordKind(1), Properties::NONE, BEGIN, b"")
        .unwrap();
    writer.finish_chunk(&mut file).unwrap();
    let recording = open(&file).unwrap();
    assert_eq!(recording.damage(), []);
    let times = recording.chunks().iter().map(|chunk| (chunk.from, chunk.to));
    assert_eq!(times.collect::<Vec<_>>(), [(later, later); 2]);
}
