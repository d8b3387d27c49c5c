//! Recordings that are read while they are written.

use std::fs;
use std::io::Write;

use recording::{Form, Recording, Writer};

use crate::sample::{Sample, chunk_of, records};

#[test]
fn a_folder_that_is_being_written_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let name = |number: usize| folder.path().join(format!("{number:04}.pcapng.zst"));
    let mut recording = Recording::follow(folder.path()).unwrap();
    assert!(recording.chunks().is_empty());
    let mut writer = Writer::new(Form::Compressed, 0).unwrap();
    let mut all = Sample::default();
    for number in 0..4 {
        let mut sample = Sample::default();
        writer.begin_file("Poolscope", &mut sample.bytes).unwrap();
        chunk_of(&mut writer, number, &mut sample).unwrap();
        let mut file = fs::File::create(name(number)).unwrap();
        // A reader may come at any time, also when a file was just created.
        recording.refresh().unwrap();
        assert_eq!(recording.chunks().len(), number.min(2));
        // Within the last flush.
        let half = sample.bytes.len() - 5;
        file.write_all(&sample.bytes[..half]).unwrap();
        let refreshed = recording.refresh().unwrap();
        assert_eq!((refreshed.removed, refreshed.changed_from), (0, number.min(2)));
        let some = recording.chunks().last().unwrap().records;
        assert!(some > 0 && some < 30, "{some} records");
        assert!(recording.damage().last().unwrap().cut);
        file.write_all(&sample.bytes[half..]).unwrap();
        recording.refresh().unwrap();
        assert_eq!(recording.chunks().last().unwrap().records, 30);
        let mut end = Vec::new();
        writer.finish_chunk(&mut end).unwrap();
        file.write_all(&end).unwrap();
        all.records.append(&mut sample.records);
        // The oldest one is deleted.
        if number >= 2 {
            fs::remove_file(name(number - 2)).unwrap();
            let refreshed = recording.refresh().unwrap();
            assert_eq!((refreshed.removed, refreshed.changed_from), (1, 1));
        }
        recording.refresh().unwrap();
        assert_eq!(recording.damage(), []);
        for (position, info) in recording.chunks().iter().enumerate() {
            let expected = &all.records[number + 1 - recording.chunks().len() + position];
            assert_eq!(info.first_record, expected[0].number);
            let chunk = recording.read_chunk(position).unwrap();
            let names = chunk.packets().map(|packet| packet.interface.name.clone());
            assert_eq!(names.last().unwrap(), "pool element 3");
            assert_eq!(&records(&recording.read_chunk(position).unwrap()), expected);
        }
    }
}
