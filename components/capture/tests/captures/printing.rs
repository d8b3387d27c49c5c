//! What the command prints.

use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use capture::decode::{DecodeArgs, Ended, decode};
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::bytes::{ASAP, ASAP_PPID, Order, TAG, chunk, data, ip, keep_alive, of_ip, pcap, sctp};

struct Printed {
    ended: Ended,
    out: String,
    errors: String,
}

fn file(bytes: &[u8]) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    file
}

fn print(files: &[&NamedTempFile], args: DecodeArgs) -> Printed {
    let files = files.iter().map(|file| file.path().to_owned()).collect();
    let args = DecodeArgs { files, ..args };
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let ended = decode(&args, &mut out, &mut errors).unwrap();
    Printed {
        ended,
        out: String::from_utf8(out).unwrap(),
        errors: String::from_utf8(errors).unwrap(),
    }
}

#[test]
fn each_message_has_a_line() {
    let file = file(&of_ip(&[
        sctp(TAG, &[chunk(3, 0, &[0; 12])]),
        keep_alive(1),
        keep_alive(1),
        sctp(TAG, &[data(2, 2, ASAP_PPID, &ASAP)]),
    ]));
    let printed = print(&[&file], DecodeArgs::default());
    let lines: Vec<&str> = printed.out.lines().collect();
    assert_eq!(lines.len(), 3, "{}", printed.out);
    assert!(
        lines[0].starts_with("     2     1.000000  10.0.0.1:1000 → 10.0.0.2:2000  ASAP  "),
        "{}",
        lines[0]
    );
    assert!(lines[0].ends_with("16 bytes"), "{}", lines[0]);
    assert!(lines[1].ends_with("16 bytes  [retransmission]"), "{}", lines[1]);
    assert!(lines[2].contains("[its end is missing]"), "{}", lines[2]);
    assert_eq!(printed.ended, Ended::Well);
    for part in [
        "4 packets, 4 of them SCTP; 1 association; 3 messages (3 ASAP)",
        "1 message sent again",
        "1 message with missing fragments",
    ] {
        assert!(printed.errors.contains(part), "{}", printed.errors);
    }
}

#[test]
fn fields_are_below_their_message() {
    let file = file(&of_ip(&[keep_alive(1)]));
    let args = DecodeArgs {
        tree: true,
        bytes: true,
        ..DecodeArgs::default()
    };
    let printed = print(&[&file], args);
    for line in [
        "ASAP_ENDPOINT_KEEP_ALIVE  16 bytes",
        "\n    ASAP_ENDPOINT_KEEP_ALIVE  [0..16]\n",
        "\n        Message Length: 16  [2..4]\n",
        "\n            Parameter Length: 8  [10..12]\n",
    ] {
        assert!(printed.out.contains(line), "{line}: {}", printed.out);
    }
}

#[test]
fn a_malformed_message_is_told_but_not_one_that_is_cut() {
    let mut wrong = ASAP;
    wrong[11] = 200;
    let malformed = file(&of_ip(&[sctp(TAG, &[data(3, 1, ASAP_PPID, &wrong)])]));
    let printed = print(&[&malformed], DecodeArgs::default());
    assert!(printed.out.contains("  [malformed: "), "{}", printed.out);
    assert!(
        printed.errors.contains("1 malformed message"),
        "{}",
        printed.errors
    );
    assert_eq!(printed.ended, Ended::WithFaults);
    let args = DecodeArgs {
        tree: true,
        ..DecodeArgs::default()
    };
    assert!(print(&[&malformed], args).out.contains("! malformed: "));

    let packet = ip(&keep_alive(1));
    let mut cut = pcap(101, &[packet[..packet.len() - 6].to_vec()]);
    cut[36..40].copy_from_slice(&(packet.len() as u32).to_le_bytes());
    let fragment = of_ip(&[sctp(TAG, &[data(2, 1, ASAP_PPID, &ASAP[..10])])]);
    for bytes in [cut, fragment] {
        let printed = print(&[&file(&bytes)], DecodeArgs::default());
        assert!(
            printed.out.contains("ASAP_ENDPOINT_KEEP_ALIVE"),
            "{}",
            printed.out
        );
        assert_eq!(printed.ended, Ended::Well, "{}", printed.out);
    }
}

#[test]
fn packets_are_printed_if_they_are_wanted_or_malformed() {
    let mut malformed = chunk(3, 0, &[0; 12]);
    malformed[3] = 200;
    let file = file(&of_ip(&[
        sctp(TAG, &[chunk(3, 0, &[0; 12]), data(3, 1, ASAP_PPID, &ASAP)]),
        sctp(TAG, &[chunk(11, 0, &[]), malformed]),
    ]));
    let printed = print(&[&file], DecodeArgs::default());
    assert_eq!(printed.out.lines().count(), 2, "{}", printed.out);
    assert!(printed.out.contains("SCTP  COOKIE ACK, ?  "), "{}", printed.out);
    assert!(
        printed
            .out
            .contains("[the length of the chunk at byte 16 is wrong]"),
        "{}",
        printed.out
    );
    assert!(
        printed.errors.contains("1 malformed SCTP packet"),
        "{}",
        printed.errors
    );
    assert_eq!(printed.ended, Ended::WithFaults);
    let args = DecodeArgs {
        sctp: true,
        ..DecodeArgs::default()
    };
    let printed = print(&[&file], args);
    let lines: Vec<&str> = printed.out.lines().collect();
    assert!(lines[0].contains("SCTP  SACK, DATA  "), "{}", printed.out);
    assert!(lines[1].contains("ASAP  "), "{}", printed.out);
    assert_eq!(lines.len(), 3, "{}", printed.out);
}

#[test]
fn json_has_an_object_in_each_line() {
    let first = file(&of_ip(&[keep_alive(7), sctp(TAG, &[data(3, 8, 4711, b"data")])]));
    let second = file(&pcap(
        101,
        &[recording::ip::udp(
            ([10, 0, 0, 1], 40_000).into(),
            ([239, 0, 0, 50], 3863).into(),
            &ASAP,
        )],
    ));
    let args = DecodeArgs {
        json: true,
        ..DecodeArgs::default()
    };
    let printed = print(&[&first, &second], args);
    let objects: Vec<Value> = printed
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(objects.len(), 3);
    assert_eq!(objects[0]["file"], first.path().to_str().unwrap());
    assert_eq!(objects[0]["frame"], 1);
    assert_eq!(objects[0]["time"], "0.500000000");
    assert_eq!(objects[0]["source"], "10.0.0.1:1000");
    assert_eq!(objects[0]["protocol"], "ASAP");
    assert_eq!(objects[0]["size"], 16);
    assert_eq!(objects[0]["sctp"]["tsn"], 7);
    assert_eq!(objects[0]["sctp"]["ppid"], 11);
    assert_eq!(objects[0]["sctp"]["retransmission"], false);
    assert_eq!(objects[0]["malformed"], false);
    assert_eq!(objects[0]["name"], "ASAP_ENDPOINT_KEEP_ALIVE");
    let fields = objects[0]["fields"].as_array().unwrap();
    let length = fields
        .iter()
        .find(|field| field["wireshark"] == "asap.message_length");
    let length = length.expect("the length of the message");
    assert_eq!(
        (&length["value"], &length["start"], &length["end"]),
        (&16.into(), &2.into(), &4.into())
    );
    assert_eq!(length["name"], "Message Length");
    assert_eq!(objects[1]["protocol"], Value::Null);
    assert_eq!(objects[1]["sctp"]["ppid"], 4711);
    assert_eq!(objects[2]["sctp"], Value::Null);
    assert_eq!(objects[2]["destination"], "239.0.0.50:3863");
}

#[test]
fn a_file_that_cannot_be_used_is_told_and_the_others_are_decoded() {
    let good = file(&of_ip(&[keep_alive(1)]));
    let other = file(b"this is a letter, and no capture of packets");
    let args = DecodeArgs::default();
    let printed = print(&[&other, &good], args.clone());
    assert_eq!(printed.ended, Ended::Unusable);
    assert!(
        printed.errors.contains("is no capture (byte 0)"),
        "{}",
        printed.errors
    );
    assert_eq!(printed.out.lines().count(), 2, "{}", printed.out);

    let args = DecodeArgs {
        files: vec![PathBuf::from("/no/such/file")],
        ..args
    };
    let mut errors = Vec::new();
    let ended = decode(&args, &mut Vec::new(), &mut errors).unwrap();
    assert_eq!(ended, Ended::Unusable);
    assert!(
        String::from_utf8(errors)
            .unwrap()
            .starts_with("/no/such/file cannot be read")
    );
}

#[test]
fn damage_is_told_with_its_place() {
    let whole = of_ip(&[keep_alive(1), keep_alive(2)]);
    let printed = print(&[&file(&whole[..whole.len() - 3])], DecodeArgs::default());
    assert_eq!(printed.ended, Ended::WithFaults);
    assert_eq!(printed.out.lines().count(), 1);
    assert!(
        printed.errors.contains("is cut off at byte "),
        "{}",
        printed.errors
    );
    assert!(
        printed.errors.contains("1 damage to the file"),
        "{}",
        printed.errors
    );
}

#[test]
fn names_of_interfaces_do_not_reach_the_terminal_as_they_are() {
    let order = Order::Little;
    let packet = ip(&keep_alive(1));
    let file = file(
        &[
            order.section(),
            order.interface(101, 0, &order.option(2, b"red \x1b[31m")),
            order.enhanced(0, 0, &packet, packet.len()),
        ]
        .concat(),
    );
    let printed = print(&[&file], DecodeArgs::default());
    assert!(
        printed.out.ends_with("16 bytes  at red \\u{1b}[31m\n"),
        "{}",
        printed.out
    );
}

/// Somebody who reads only the beginning.
struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn it_ends_quietly_if_nobody_reads_on() {
    let file = file(&of_ip(&[keep_alive(1)]));
    let args = DecodeArgs {
        files: vec![file.path().to_owned()],
        ..DecodeArgs::default()
    };
    let mut errors = Vec::new();
    assert_eq!(decode(&args, &mut Broken, &mut errors).unwrap(), Ended::Well);
    assert_eq!(errors, b"");
}
