//! Compares what we find in a capture with what a protocol analyser finds there: each field that it names must be in our tree
//! with the same value, from the same bytes; and each field that we give one of its names must be in its.
//!
//! The analyser writes PDML, since JSON may have the same key several times, which readers drop.

mod expected;
mod frames;
mod shown;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};

use dissection::{
    Field, NoteKind, Tree, Value, dissect_cut_message, dissect_cut_status_report, dissect_packet,
};
use roxmltree::{Document, Node};
use wire::Ppid;

use self::expected::{Excuse, Expected};

/// What came out of a comparison.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// How many fields were the same, by the analyser's name.
    pub(crate) same: BTreeMap<String, usize>,
    /// What is different, and should not be.
    pub(crate) different: Vec<String>,
    /// How often each of the known differences occurred.
    pub(crate) excused: BTreeMap<&'static str, usize>,
}

/// Why the data of a policy is several fields, and one of the analyser.
const POLICY: &str = "the data of policies of rsplib that the analyser does not know";

/// Why what follows the header of a message is one field, and several of the analyser.
const UNKNOWN_MESSAGE: &str = "the value of a message of unknown type, which the analyser reads nevertheless";

/// How many differences are described before the rest is left out.
const MOST_DIFFERENCES: usize = 50;

/// Compares all packets of a capture file.
///
/// Returns `None`, with a message, if there is no analyser; unless `POOLSCOPE_REQUIRE_ALL` is set, which makes that fail.
pub(crate) fn compare(file: &Path) -> Option<Comparison> {
    let frames = frames::read(file);
    let mut command = Command::new("tshark");
    command
        .args(["-n", "-o", "sctp.checksum:CRC-32C", "-T", "pdml", "-r"])
        .arg(file);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(why) => {
            assert!(
                std::env::var_os("POOLSCOPE_REQUIRE_ALL").is_none(),
                "tshark is needed: {why}"
            );
            eprintln!("LEFT OUT: no comparison with a protocol analyser, since tshark does not run: {why}");
            return None;
        }
    };
    let mut comparison = Comparison::default();
    let mut frames = frames.iter().enumerate();
    let mut packet = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if line.trim_start().starts_with("<packet>") {
            packet.clear();
        }
        packet.push_str(&line);
        packet.push('\n');
        if line.trim_start().starts_with("</packet>") {
            let (index, frame) = frames.next().expect("no more packets than in the file");
            comparison.take(index + 1, &packet, frame);
        }
    }
    assert!(child.wait().unwrap().success(), "tshark reads {}", file.display());
    assert!(frames.next().is_none(), "as many packets as in the file");
    Some(comparison)
}

/// A protocol's part of a packet.
struct Layer<'a> {
    bytes: &'a [u8],
    /// Where it is in the packet.
    at: usize,
    /// Its fields, as the analyser sees them.
    expected: Vec<Expected>,
    tree: Tree,
}

impl Layer<'_> {
    /// Returns whether these bytes are the value of a message whose type is unknown.
    fn is_in_unknown_message(&self, at: &Range<usize>) -> bool {
        self.tree.fields.iter().any(|field| {
            let range = field.range();
            field.term.label == "Message Value" && range.start <= at.start && at.end <= range.end
        })
    }
}

impl Comparison {
    /// Compares one packet, given as the analyser describes it.
    fn take(&mut self, number: usize, described: &str, frame: &[u8]) {
        let document = Document::parse(described).unwrap();
        let protocols: Vec<Node<'_, '_>> = document
            .root_element()
            .children()
            .filter(|node| node.has_tag_name("proto"))
            .collect();
        // What an ICMP message quotes is the beginning of a packet that was sent the other way.
        if protocols
            .iter()
            .any(|protocol| expected::name(*protocol).starts_with("icmp"))
        {
            return;
        }
        self.take_packet(number, &protocols, frame);
        for protocol in &protocols {
            self.take_message(number, *protocol, &protocols, frame);
        }
    }

    /// Compares the SCTP packet. Its chunks may be in several elements.
    fn take_packet(&mut self, number: usize, protocols: &[Node<'_, '_>], frame: &[u8]) {
        let parts: Vec<_> = protocols
            .iter()
            .filter(|protocol| expected::name(**protocol) == "sctp")
            .collect();
        let Some(first) = parts.first() else { return };
        let at = expected::number(**first, "pos");
        let end = frames::end_of_payload(protocols, at);
        let bytes = &frame[at..end.min(frame.len())];
        let mut tree = Tree::default();
        dissect_packet(bytes, end - at, &mut tree);
        let expected = parts.iter().flat_map(|part| expected::fields(**part)).collect();
        self.take_layer(
            number,
            Layer {
                bytes,
                at,
                expected,
                tree,
            },
        );
    }

    fn take_message(&mut self, number: usize, protocol: Node<'_, '_>, all: &[Node<'_, '_>], frame: &[u8]) {
        let ppid = match expected::name(protocol) {
            "asap" => Some(Ppid::ASAP),
            "enrp" => Some(Ppid::ENRP),
            "fractalgeneratorprotocol" => Some(Ppid::FRACTAL_GENERATOR),
            "pingpongprotocol" => Some(Ppid::PING_PONG),
            "calcappprotocol" => Some(Ppid::CALC_APP),
            "ssp" => Some(Ppid::SCRIPTING),
            "componentstatusprotocol" => None,
            _ => return,
        };
        let fields = expected::fields(protocol);
        let at = expected::number(protocol, "pos");
        let size = expected::number(protocol, "size");
        let is_reassembled = all.iter().any(|other| {
            other
                .descendants()
                .any(|node| expected::name(node) == "sctp.fragments")
        });
        // A message that came in fragments is nowhere in this packet as a whole: positions are those in itself.
        let reassembled = is_reassembled.then(|| expected::filled(&fields, at, size));
        let bytes = reassembled.as_deref().unwrap_or_else(|| &frame[at..at + size]);
        let is_in_sctp = all.iter().any(|other| expected::name(*other) == "sctp");
        let whole = match is_in_sctp {
            true => bytes.len(),
            false => frames::end_of_payload(all, at) - at,
        };
        let mut tree = Tree::default();
        match ppid {
            Some(ppid) => dissect_cut_message(ppid, bytes, whole, &mut tree),
            None => dissect_cut_status_report(bytes, whole, &mut tree),
        }
        self.take_layer(
            number,
            Layer {
                bytes,
                at,
                expected: fields,
                tree,
            },
        );
    }

    fn take_layer(&mut self, number: usize, layer: Layer<'_>) {
        let mut found = BTreeSet::new();
        let mut unknown = Vec::new();
        for expected in &layer.expected {
            if let Some(Excuse { why, .. }) = expected.excuse() {
                *self.excused.entry(why).or_default() += 1;
                continue;
            }
            let at = expected.at - layer.at..expected.at - layer.at + expected.size;
            let position = layer
                .tree
                .fields
                .iter()
                .enumerate()
                .position(|(position, field)| {
                    field.term.wireshark == expected.name && field.range() == at && !found.contains(&position)
                });
            let Some(position) = position else {
                if expected.name.ends_with("policy_value") {
                    *self.excused.entry(POLICY).or_default() += 1;
                    unknown.push(at);
                    continue;
                }
                if layer.is_in_unknown_message(&at) {
                    *self.excused.entry(UNKNOWN_MESSAGE).or_default() += 1;
                    continue;
                }
                self.differ(number, || format!("we do not have {expected:?}"));
                continue;
            };
            found.insert(position);
            let field = layer.tree.fields[position];
            if shown::is_same(&field, expected, layer.bytes) && is_checked(&layer, expected, position) {
                *self.same.entry(expected.name.clone()).or_default() += 1;
            } else {
                self.differ(number, || {
                    format!("we have {:?} instead of {expected:?}", field.value)
                });
            }
        }
        if is_cut(&layer.tree) {
            // The analyser gives a chunk up that is cut; we do not.
            return;
        }
        for (position, field) in layer.tree.fields.iter().enumerate() {
            let is_unknown = unknown
                .iter()
                .any(|range| range.start <= field.range().start && field.range().end <= range.end);
            if !found.contains(&position) && is_named(field) && !is_unknown {
                self.differ(number, || {
                    format!("only we have {} at {:?}", field.term.wireshark, field.range())
                });
            }
        }
    }

    fn differ(&mut self, number: usize, what: impl FnOnce() -> String) {
        if self.different.len() < MOST_DIFFERENCES {
            self.different.push(format!("packet {number}: {}", what()));
        }
    }
}

/// Returns whether the analyser, which checks checksums, and we agree on one. Nobody checks that of a packet that is cut.
fn is_checked(layer: &Layer<'_>, expected: &Expected, position: usize) -> bool {
    if expected.name != "sctp.checksum" {
        return true;
    }
    let status = layer
        .expected
        .iter()
        .find(|other| other.name == "sctp.checksum.status");
    let is_good = status.is_some_and(|status| status.show == "1");
    let Value::Hexadecimal(_, _, meaning) = layer.tree.fields[position].value else {
        return false;
    };
    is_cut(&layer.tree) || is_good == (meaning == Some("correct"))
}

/// Returns whether the capture has only the beginning of the packet.
fn is_cut(tree: &Tree) -> bool {
    tree.notes.iter().any(|note| note.kind == NoteKind::Cut)
}

/// Returns whether a field has a name of the analyser's, and not only that of a protocol.
fn is_named(field: &Field) -> bool {
    field.term.wireshark.contains('.') && !field.range().is_empty()
}
