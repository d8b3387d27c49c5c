//! Packets and messages made for tests: each chunk with each parameter and cause, and the test vectors.

#![allow(dead_code, reason = "each test uses some of it")]

use std::path::Path;

use serde_json::Value;
use wire::Ppid;

/// A test vector: a message with what its protocol is.
#[derive(Debug, Clone)]
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) carrier: Carrier,
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_valid: bool,
    /// The name of the message, if the vectors know it.
    pub(crate) message: Option<String>,
}

/// What carries a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    Sctp(Ppid),
    /// A status report, by UDP.
    StatusReport,
}

/// Returns all test vectors that are messages.
pub(crate) fn vectors() -> Vec<Vector> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wire/tests/vectors/vectors.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let vectors = vectors.as_array().unwrap().iter();
    vectors
        .filter_map(|vector| {
            let carrier = match vector["protocol"].as_str().unwrap() {
                "ASAP" => Carrier::Sctp(Ppid::ASAP),
                "ENRP" => Carrier::Sctp(Ppid::ENRP),
                "FGP" => Carrier::Sctp(Ppid::FRACTAL_GENERATOR),
                "PPP" => Carrier::Sctp(Ppid::PING_PONG),
                "CALCAPP" => Carrier::Sctp(Ppid::CALC_APP),
                "SSP" => Carrier::Sctp(Ppid::SCRIPTING),
                "CSP" => Carrier::StatusReport,
                "PARAM" => return None,
                other => panic!("{other}"),
            };
            Some(Vector {
                name: vector["name"].as_str().unwrap().to_owned(),
                carrier,
                bytes: unhex(vector["hex"].as_str().unwrap()),
                is_valid: vector["valid"].as_bool().unwrap(),
                message: vector["decoded"]["type_name"].as_str().map(str::to_owned),
            })
        })
        .collect()
}

/// Returns the bytes that these hexadecimal digits stand for.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// Returns a chunk with its padding.
pub(crate) fn chunk(kind: u8, flags: u8, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap();
    padded([&[kind, flags][..], &length.to_be_bytes(), value].concat())
}

/// Returns a parameter or an error cause with its padding.
pub(crate) fn parameter(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap();
    padded([&kind.to_be_bytes()[..], &length.to_be_bytes(), value].concat())
}

fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// Returns a DATA chunk with a whole message.
pub(crate) fn data(tsn: u32, ppid: Ppid, message: &[u8]) -> Vec<u8> {
    let head = [
        &tsn.to_be_bytes()[..],
        &[0; 2],
        &(tsn as u16).to_be_bytes(),
        &ppid.0.to_be_bytes(),
    ];
    chunk(0, 0x03, &[&head.concat()[..], message].concat())
}

/// Returns an SCTP packet with its checksum.
pub(crate) fn packet(tag: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = unhex("8000 1b58 00000000 00000000");
    bytes[4..8].copy_from_slice(&tag.to_be_bytes());
    bytes.extend(chunks.concat());
    let checksum = crc32c::crc32c(&bytes);
    bytes[8..12].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// Returns chunks of all types, with all parameters and causes.
pub(crate) fn every_chunk() -> Vec<Vec<u8>> {
    let init = "12345678 00010000 000a ffff 00000100";
    let addresses = [
        parameter(5, &[192, 0, 2, 1]),
        parameter(6, &unhex("20010db8 00000000 00000000 00000001")),
    ]
    .concat();
    let init_parameters = [
        addresses.clone(),
        parameter(9, &unhex("00001000")),
        parameter(12, &unhex("0005 0006")),
        parameter(0x8000, &[]),
        parameter(0x8002, &[7; 32]),
        parameter(0x8003, &unhex("c1 80 00")),
        parameter(0x8004, &unhex("0001 0003")),
        parameter(0x8005, &[0; 6]),
        parameter(0x8008, &unhex("c0 c1 80 82")),
        parameter(0xc000, &[]),
        parameter(0xc006, &unhex("00000001")),
        parameter(0xbabe, &unhex("0102")),
    ]
    .concat();
    let cookie = parameter(7, &[0x5a; 23]);
    let unrecognized = parameter(8, &parameter(0xffee, &unhex("01020304")));
    let causes = [
        parameter(1, &unhex("0007 0000")),
        parameter(2, &unhex("00000002 0007 0005")),
        parameter(3, &unhex("000003e8")),
        parameter(4, &[]),
        parameter(5, &parameter(11, b"host.example\0")),
        parameter(6, &chunk(0x77, 0, &[1, 2, 3, 4])),
        parameter(7, &[]),
        parameter(8, &parameter(0xffee, &unhex("01020304"))),
        parameter(9, &unhex("00000200")),
        parameter(10, &[]),
        parameter(11, &addresses),
        parameter(13, b"why not"),
        parameter(
            0xa0,
            &parameter(
                0xc002,
                &[&[0, 0, 0, 1][..], &parameter(5, &[192, 0, 2, 1])].concat(),
            ),
        ),
        parameter(0x105, &unhex("0002")),
        parameter(0x7777, b"what"),
    ]
    .concat();
    let asconf = [
        unhex("00000100"),
        parameter(5, &[192, 0, 2, 1]),
        parameter(
            0xc001,
            &[&[0, 0, 0, 1][..], &parameter(5, &[192, 0, 2, 2])].concat(),
        ),
        parameter(
            0xc004,
            &[&[0, 0, 0, 2][..], &parameter(5, &[192, 0, 2, 2])].concat(),
        ),
    ]
    .concat();
    let asconf_ack = [
        unhex("00000100"),
        parameter(0xc005, &[0, 0, 0, 1]),
        parameter(0xc003, &[&[0, 0, 0, 2][..], &parameter(0xa1, &[])].concat()),
    ]
    .concat();
    let reconfiguration = [
        parameter(13, &unhex("00000001 00000002 00000003 0001 0002 0003")),
        parameter(14, &unhex("00000001 0004")),
        parameter(15, &unhex("00000001")),
        parameter(16, &unhex("00000001 00000001")),
        parameter(16, &unhex("00000001 00000001 00000005 00000006")),
        parameter(17, &unhex("00000001 0003 0000")),
        parameter(18, &unhex("00000001 0003 0000")),
    ]
    .concat();
    vec![
        chunk(1, 0, &[unhex(init), init_parameters].concat()),
        chunk(2, 0, &[unhex(init), cookie, unrecognized].concat()),
        data(0x100, Ppid::UNSPECIFIED, b"text"),
        chunk(0, 0x08 | 0x06, &unhex("00000101 0001 0002 00000000 616263")),
        chunk(
            3,
            0,
            &unhex("00000105 00010000 0002 0001 0002 0003 0005 0007 00000104"),
        ),
        chunk(4, 0, &parameter(1, &unhex("0102030405"))),
        chunk(5, 0, &parameter(1, &unhex("0102030405"))),
        chunk(6, 1, &parameter(12, b"enough")),
        chunk(7, 0, &unhex("00000105")),
        chunk(8, 0, &[]),
        chunk(9, 0, &causes),
        chunk(10, 0, &[0x5a; 23]),
        chunk(11, 0, &[]),
        chunk(12, 0, &unhex("00000105")),
        chunk(13, 0, &unhex("00000105")),
        chunk(14, 1, &[]),
        chunk(15, 0, &[&unhex("0001 0001")[..], &[9; 20]].concat()),
        chunk(
            16,
            0,
            &unhex("00000105 00010000 0001 0001 0001 0000 0002 0003 0005 0007 00000104"),
        ),
        chunk(0x40, 0x03, &unhex("00000102 0001 0000 00000007 00000000 616263")),
        chunk(0x40, 0x01, &unhex("00000103 0001 0000 00000007 00000001 616263")),
        chunk(0x80, 0, &asconf_ack),
        chunk(0x82, 0, &reconfiguration),
        chunk(0x84, 0, &[0; 5]),
        chunk(0xc0, 0, &unhex("00000106 0001 0002 0003 0004")),
        chunk(0xc1, 0, &asconf),
        chunk(0xc2, 0, &unhex("00000107 0001 0001 00000008 0002 0000 00000009")),
        chunk(0x3f, 0, &unhex("01020304 05")),
    ]
}
