//! The messages of real traffic decode, and encode to the very bytes that were sent.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside of #[test] functions"
)]

#[path = "captures/extract.rs"]
mod extract;

use std::collections::BTreeMap;
use std::fmt::Debug;

use extract::{Captured, Carrier};
use wire::{Ppid, asap, calc_app, csp, enrp, fractal_generator, ping_pong};

/// The kinds of messages in a capture, with their numbers.
type Counts = BTreeMap<String, usize>;

/// The name of a message, and the bytes it encodes to.
struct Recoded {
    name: &'static str,
    bytes: Vec<u8>,
}

/// Decodes a message depending on its carrier, and encodes it again.
fn recode(captured: &Captured) -> Recoded {
    let payload = &captured.payload;
    match (captured.carrier, captured.destination.port()) {
        (Carrier::Sctp(Ppid::ASAP), _) | (Carrier::Udp, 3863) => {
            let decoded = expect(captured, asap::Message::decode(payload));
            assert_eq!(decoded.report, [], "{captured:?}");
            recoded(decoded.message.name(), decoded.message.encode())
        }
        (Carrier::Sctp(Ppid::ENRP), _) | (Carrier::Udp, 9901) => {
            let decoded = expect(captured, enrp::Message::decode(payload));
            assert_eq!(decoded.report, [], "{captured:?}");
            recoded(decoded.message.name(), decoded.message.encode())
        }
        (Carrier::Sctp(Ppid::FRACTAL_GENERATOR), _) => {
            let message = expect(captured, fractal_generator::Message::decode(payload));
            recoded(message.name(), message.encode())
        }
        (Carrier::Sctp(Ppid::PING_PONG), _) => {
            let message = expect(captured, ping_pong::Message::decode(payload));
            recoded(message.name(), message.encode())
        }
        (Carrier::Sctp(Ppid::CALC_APP), _) => {
            let message = expect(captured, calc_app::Message::decode(payload));
            recoded(message.name(), message.encode())
        }
        (Carrier::Udp, csp::MONITOR_PORT) => {
            let report = expect(captured, csp::Report::decode(payload));
            recoded(report.name(), report.encode())
        }
        // Echo, daytime and discard have no messages, just bytes.
        (Carrier::Sctp(Ppid::UNSPECIFIED), _) => recoded("bytes", payload.clone()),
        (Carrier::Sctp(_) | Carrier::Udp, _) => panic!("no protocol known for {captured:?}"),
    }
}

const fn recoded(name: &'static str, bytes: Vec<u8>) -> Recoded {
    Recoded { name, bytes }
}

fn expect<M, E: Debug>(captured: &Captured, decoded: Result<M, E>) -> M {
    decoded.unwrap_or_else(|error| panic!("{error:?} in {captured:?}"))
}

/// Reads the captures and their messages from the table in the captures' README.
fn table() -> Vec<(String, Counts)> {
    let readme = include_str!("captures/README.md");
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let counts = cells[3].split(", ").map(|count| {
            let (name, number) = count.rsplit_once(' ').unwrap();
            (name.to_owned(), number.parse().unwrap())
        });
        (cells[1].trim_matches('`').to_owned(), counts.collect())
    })
    .collect()
}

#[test]
fn every_message_of_every_capture_comes_back_as_it_was_sent() {
    let table = table();
    for (file_name, expected) in &table {
        let mut counts = Counts::new();
        for captured in extract::messages(file_name) {
            let recoded = recode(&captured);
            assert_eq!(recoded.bytes, captured.payload, "{file_name}: {captured:?}");
            *counts.entry(recoded.name.to_owned()).or_default() += 1;
        }
        assert_eq!(counts, *expected, "{file_name}");
    }
    assert_eq!(table.len(), 16);
}

/// Returns the cookie in a message, if any.
fn cookie(captured: &Captured) -> Option<Vec<u8>> {
    if captured.carrier != Carrier::Sctp(Ppid::ASAP) {
        return None;
    }
    match asap::Message::decode(&captured.payload).unwrap().message {
        asap::Message::Cookie(message) => Some(message.cookie),
        asap::Message::CookieEcho(message) => Some(message.cookie),
        _ => None,
    }
}

#[test]
fn the_state_in_every_cookie_comes_back_as_it_was_sent() {
    let mut counts = Counts::new();
    for (file_name, _) in table() {
        for captured in extract::messages(&file_name) {
            let Some(cookie) = cookie(&captured) else {
                continue;
            };
            // The cookies of the two services here have different sizes.
            let recoded = match cookie.len() {
                fractal_generator::StateCookie::SIZE => recoded(
                    "fractal generator",
                    expect(&captured, fractal_generator::StateCookie::decode(&cookie)).encode(),
                ),
                ping_pong::StateCookie::SIZE => recoded(
                    "ping pong",
                    expect(&captured, ping_pong::StateCookie::decode(&cookie)).encode(),
                ),
                other => panic!("a cookie of {other} bytes in {captured:?}"),
            };
            assert_eq!(recoded.bytes, cookie, "{file_name}: {captured:?}");
            *counts.entry(recoded.name.to_owned()).or_default() += 1;
        }
    }
    let expected = [("fractal generator", 34), ("ping pong", 42)];
    let expected = expected.map(|(name, count)| (name.to_owned(), count));
    assert_eq!(counts, Counts::from(expected));
}
