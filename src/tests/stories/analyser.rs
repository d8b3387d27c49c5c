//! What a protocol analyser finds in a recording, and whether it is what the control centre knew.
//!
//! Needs `tshark`.
//!
//! Every packet is in a recording twice, as its sender and as its receiver saw it. The analyser decodes the messages of a
//! DATA chunk where it finds it first, and takes what is in later packets with the same TSN for retransmissions. So it
//! counts each message of an association once, and those of a multicast group where they were sent.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use feed::Direction;
use model::{MessageLog, MessageRecord, Model};
use recording::Recording;
use replay::Player;

/// The protocols with the names of their messages, numbered from 1: RFC 5354, RFC 5353, and those of the services.
const PROTOCOLS: [(&str, &[&str]); 4] = [
    (
        "asap",
        &[
            "ASAP_REGISTRATION",
            "ASAP_DEREGISTRATION",
            "ASAP_REGISTRATION_RESPONSE",
            "ASAP_DEREGISTRATION_RESPONSE",
            "ASAP_HANDLE_RESOLUTION",
            "ASAP_HANDLE_RESOLUTION_RESPONSE",
            "ASAP_ENDPOINT_KEEP_ALIVE",
            "ASAP_ENDPOINT_KEEP_ALIVE_ACK",
            "ASAP_ENDPOINT_UNREACHABLE",
            "ASAP_SERVER_ANNOUNCE",
            "ASAP_COOKIE",
            "ASAP_COOKIE_ECHO",
            "ASAP_BUSINESS_CARD",
            "ASAP_ERROR",
        ],
    ),
    (
        "enrp",
        &[
            "ENRP_PRESENCE",
            "ENRP_HANDLE_TABLE_REQUEST",
            "ENRP_HANDLE_TABLE_RESPONSE",
            "ENRP_HANDLE_UPDATE",
            "ENRP_LIST_REQUEST",
            "ENRP_LIST_RESPONSE",
            "ENRP_INIT_TAKEOVER",
            "ENRP_INIT_TAKEOVER_ACK",
            "ENRP_TAKEOVER_SERVER",
            "ENRP_ERROR",
        ],
    ),
    ("fractalgeneratorprotocol", &["FGP_PARAMETER", "FGP_DATA"]),
    (
        "calcappprotocol",
        &[
            "CALCAPP_REQUEST",
            "CALCAPP_ACCEPT",
            "CALCAPP_REJECT",
            "CALCAPP_ABORT",
            "CALCAPP_COMPLETE",
            "CALCAPP_KEEPALIVE",
            "CALCAPP_KEEPALIVE_ACK",
        ],
    ),
];

/// Lets the analyser read a recording: it must find nothing wrong with it, and the messages that the control centre knew.
/// `reported` is how many those are in the report of the run, which leaves out what was sent when it was over.
pub(crate) fn check(file: &Path, reported: &serde_json::Value) {
    let wrong = "_ws.malformed || _ws.unreassembled || _ws.expert.severity == error";
    let Some(lines) = tshark(file, wrong, &["frame.number", "_ws.col.Protocol", "_ws.col.Info"]) else {
        return;
    };
    assert_eq!(lines, Vec::<Vec<String>>::new(), "{}", file.display());
    let Some(captured) = captured(file) else { return };
    let known = known(file);
    let missing = missing_packets(file);
    let mut problems = Vec::new();
    for name in known.keys().chain(captured.keys()) {
        let captured = captured.get(name).copied().unwrap_or_default();
        let known = known.get(name).copied().unwrap_or_default();
        let reported = reported[name]["messages"].as_u64().unwrap_or_default();
        // Who sends a message hands it to SCTP, which keeps it back while its window is full, and never sends it if the
        // association is lost before. Who has received it proves that it was sent.
        let least = (known.told - known.unconfirmed).saturating_sub(missing);
        if !(least..=known.told).contains(&captured) || reported > known.told {
            problems.push(format!(
                "{name}: {captured} captured, {reported} reported, {known:?}"
            ));
        }
    }
    assert!(
        problems.is_empty(),
        "{} ({missing} packets are missing): {problems:#?}",
        file.display()
    );
}

/// The messages of a type that the control centre knew.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// All of them.
    told: u64,
    /// Those that only their sender told of, and that had a single receiver.
    unconfirmed: u64,
}

/// Returns the messages of each type that the analyser decodes; `None`, with a message, without an analyser.
fn captured(file: &Path) -> Option<BTreeMap<String, u64>> {
    const SENT: &str = "0x00000002";
    let kinds = PROTOCOLS.map(|(protocol, _)| format!("{protocol}.message_type"));
    let fields = ["frame.packet_flags_direction", "sctp.data_tsn"].into_iter();
    let fields: Vec<&str> = fields.chain(kinds.iter().map(String::as_str)).collect();
    let filter = PROTOCOLS.map(|(protocol, _)| protocol).join(" || ");
    let mut captured = BTreeMap::new();
    for line in tshark(file, &filter, &fields)? {
        let [direction, chunks, kinds @ ..] = line.as_slice() else {
            panic!("{line:?}");
        };
        let multicast = chunks.is_empty();
        if multicast && direction != SENT {
            continue;
        }
        for ((_, names), kinds) in PROTOCOLS.iter().zip(kinds) {
            for kind in kinds.split(',').filter(|kind| !kind.is_empty()) {
                let kind: usize = kind.parse().expect("a number");
                *captured.entry(names[kind - 1].to_owned()).or_default() += 1;
            }
        }
    }
    Some(captured)
}

/// Returns the messages of each type that the control centre knew in the end.
fn known(file: &Path) -> BTreeMap<String, Known> {
    let mut player = Player::new(Recording::open(file).expect("it is a recording"));
    // The model keeps only the latest, and adds to a message what becomes known of it soon afterwards.
    let mut messages: BTreeMap<u64, MessageRecord> = BTreeMap::new();
    let mut taken_until = 0;
    let mut take = |model: &Model| {
        let records = model.messages.records.iter();
        messages.extend(records.map(|record| (record.number, MessageRecord::clone(record))));
    };
    let last = player.go_through(|state, _| {
        if state.model.messages.next_number >= taken_until + MessageLog::RECORDS as u64 / 2 {
            taken_until = state.model.messages.next_number;
            take(&state.model);
        }
    });
    let last = last.expect("it can be replayed");
    take(&last.model);
    assert_eq!(messages.len() as u64, last.model.messages.next_number);
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    for message in messages.into_values() {
        let confirmed =
            message.multicast || message.received.is_some() || message.told_by == Direction::Received;
        let known = known.entry(message.name).or_default();
        known.told += 1;
        known.unconfirmed += u64::from(!confirmed);
    }
    known
}

/// Returns how many packets components left out, since they were not read in time.
fn missing_packets(file: &Path) -> u64 {
    let recording = Recording::open(file).expect("it is a recording");
    let chunks = (0..recording.chunks().len()).map(|number| recording.read_chunk(number));
    let chunks = chunks.map(|chunk| chunk.expect("it can be read"));
    chunks
        .map(|chunk| chunk.packets().map(|packet| packet.missing).sum::<u64>())
        .sum()
}

/// Returns these fields of the packets that match a filter; `None`, with a message, without an analyser.
fn tshark(file: &Path, filter: &str, fields: &[&str]) -> Option<Vec<Vec<String>>> {
    let fields = fields.iter().flat_map(|field| ["-e", field]);
    let output = Command::new("tshark")
        .args(["-n", "-r"])
        .arg(file)
        .args(["-Y", filter, "-T", "fields"])
        .args(fields)
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            assert!(
                std::env::var_os("POOLSCOPE_REQUIRE_ALL").is_none(),
                "tshark cannot read recordings: {error}"
            );
            eprintln!("LEFT OUT: no analyser has read the recordings of stories: tshark: {error}");
            return None;
        }
    };
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{problem}");
    let lines = String::from_utf8(output.stdout).expect("it writes text");
    let lines = lines.lines();
    Some(
        lines
            .map(|line| line.split('\t').map(str::to_owned).collect())
            .collect(),
    )
}
