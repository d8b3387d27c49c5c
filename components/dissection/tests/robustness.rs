//! Properties of arbitrary bytes, and of all messages that can be encoded.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside of #[test] functions"
)]

#[path = "../../wire/tests/robustness/arbitrary.rs"]
mod arbitrary;
mod made;

use arbitrary::{asap_message, enrp_message};
use dissection::{
    NoteKind, Packet, Tree, dissect_cut_message, dissect_cut_status_report, dissect_message, dissect_packet,
    dissect_status_report, message_name,
};
use made::{Carrier, Vector};
use proptest::collection::vec;
use proptest::prelude::*;
use wire::Ppid;

/// Checks what is true of each tree.
fn check_tree(tree: &Tree, bytes: &[u8]) {
    let mut parents: Vec<(u8, std::ops::Range<usize>)> = Vec::new();
    for field in &tree.fields {
        let range = field.range();
        assert!(range.start <= range.end && range.end <= bytes.len(), "{field:?}");
        parents.retain(|(level, _)| *level < field.level);
        assert_eq!(
            parents.len(),
            usize::from(field.level),
            "a level is left out before {field:?}"
        );
        if let Some((_, parent)) = parents.last() {
            assert!(
                parent.start <= range.start && range.end <= parent.end,
                "{field:?} is not in its parent"
            );
        }
        parents.push((field.level, range));
        let _shown = field.value_of(bytes).to_string();
    }
    for note in &tree.notes {
        assert!((note.field as usize) < tree.fields.len(), "{note:?}");
        let is_deviation = note.kind == NoteKind::Deviation;
        assert_eq!(note.text.starts_with("D-"), is_deviation, "{note:?}");
    }
    // What is longer than the bytes cannot have been read from them.
    assert!(
        tree.fields.len() <= 6 * bytes.len() + 2,
        "{} fields",
        tree.fields.len()
    );
}

const PROTOCOLS: [u32; 8] = [0, 11, 12, 32, 33, 34, 35, 99];

/// Takes bytes apart by the rules of every protocol.
fn check_bytes(bytes: &[u8]) {
    let mut tree = Tree::default();
    for ppid in PROTOCOLS {
        tree.clear();
        dissect_message(Ppid(ppid), bytes, &mut tree);
        check_tree(&tree, bytes);
        let _name = message_name(Ppid(ppid), bytes);
        tree.clear();
        dissect_cut_message(Ppid(ppid), bytes, bytes.len() + 7, &mut tree);
        check_tree(&tree, bytes);
    }
    tree.clear();
    dissect_status_report(bytes, &mut tree);
    check_tree(&tree, bytes);
    for more in [0, 1, 100] {
        tree.clear();
        dissect_packet(bytes, bytes.len() + more, &mut tree);
        check_tree(&tree, bytes);
        let is_cut = tree.notes.iter().any(|note| note.kind == NoteKind::Cut);
        assert_eq!(is_cut, more > 0);
    }
    for chunk in Packet::parse(bytes).iter().flat_map(|packet| packet.chunks) {
        assert!(chunk.at + 4 + chunk.value.len() <= bytes.len());
    }
}

fn taken_apart(vector: &Vector, bytes: &[u8]) -> Tree {
    let mut tree = Tree::default();
    match vector.carrier {
        Carrier::Sctp(ppid) => dissect_message(ppid, bytes, &mut tree),
        Carrier::StatusReport => dissect_status_report(bytes, &mut tree),
    }
    check_tree(&tree, bytes);
    tree
}

#[test]
fn valid_vectors_are_well_formed_and_the_others_are_noted() {
    for vector in made::vectors() {
        let tree = taken_apart(&vector, &vector.bytes);
        if vector.is_valid {
            assert!(!tree.is_malformed(), "{}: {:#?}", vector.name, tree.notes);
        } else {
            assert!(
                tree.notes.iter().any(|note| note.kind != NoteKind::Deviation),
                "{} is not valid",
                vector.name
            );
        }
    }
}

#[test]
fn what_ends_too_early_is_malformed() {
    for vector in made::vectors().iter().filter(|vector| vector.is_valid) {
        // Padding may be missing.
        for end in 0..vector.bytes.len().saturating_sub(3) {
            let tree = taken_apart(vector, &vector.bytes[..end]);
            assert!(tree.is_malformed(), "{} with {end} bytes", vector.name);
        }
    }
}

#[test]
fn what_is_cut_is_not_malformed() {
    for vector in made::vectors().iter().filter(|vector| vector.is_valid) {
        let whole = vector.bytes.len();
        for end in 0..whole {
            let bytes = &vector.bytes[..end];
            let mut tree = Tree::default();
            match vector.carrier {
                Carrier::Sctp(ppid) => dissect_cut_message(ppid, bytes, whole, &mut tree),
                Carrier::StatusReport => dissect_cut_status_report(bytes, whole, &mut tree),
            }
            check_tree(&tree, bytes);
            assert!(
                !tree.is_malformed(),
                "{} of {end} bytes: {:#?}",
                vector.name,
                tree.notes
            );
            let cuts = tree.notes.iter().filter(|note| note.kind == NoteKind::Cut);
            assert_eq!(cuts.count(), 1);
        }
    }
}

#[test]
fn messages_have_the_names_by_which_they_are_known() {
    let mut compared = 0;
    for vector in made::vectors() {
        let (Carrier::Sctp(ppid), Some(name)) = (vector.carrier, &vector.message) else {
            continue;
        };
        let top = taken_apart(&vector, &vector.bytes).fields[0];
        assert_eq!(
            message_name(ppid, &vector.bytes),
            Some(name.as_str()),
            "{}",
            vector.name
        );
        assert_eq!(top.term.label, name);
        compared += 1;
    }
    assert!(compared > 100, "{compared} names");
}

#[test]
fn a_packet_that_is_cut_is_not_malformed() {
    for chunk in made::every_chunk() {
        let packet = made::packet(7, &[chunk]);
        let mut tree = Tree::default();
        dissect_packet(&packet, packet.len(), &mut tree);
        check_tree(&tree, &packet);
        let whole = tree.notes.clone();
        assert!(!tree.is_malformed(), "{whole:?}");
        for end in 0..packet.len() {
            tree.clear();
            dissect_packet(&packet[..end], packet.len(), &mut tree);
            check_tree(&tree, &packet[..end]);
            assert!(!tree.is_malformed(), "{:?} of {end} bytes", tree.notes);
            assert!(tree.notes.iter().any(|note| note.kind == NoteKind::Cut));
        }
    }
}

#[test]
fn one_wrong_bit_makes_the_checksum_wrong() {
    let packet = made::packet(7, &[made::data(1, Ppid::UNSPECIFIED, b"text")]);
    for byte in 0..packet.len() {
        let mut wrong = packet.clone();
        wrong[byte] ^= 0x10;
        let mut tree = Tree::default();
        dissect_packet(&wrong, wrong.len(), &mut tree);
        assert!(tree.is_malformed(), "byte {byte}");
    }
    let mut without = packet;
    without[8..12].fill(0);
    let mut tree = Tree::default();
    dissect_packet(&without, without.len(), &mut tree);
    assert_eq!(tree.notes.len(), 1);
    assert_eq!(tree.notes[0].kind, NoteKind::Remark);
}

#[test]
fn what_is_to_be_known_about_a_field_is_complete() {
    let mut trees = Vec::new();
    for vector in made::vectors() {
        trees.push(taken_apart(&vector, &vector.bytes));
    }
    for chunk in made::every_chunk() {
        let packet = made::packet(7, &[chunk]);
        let mut tree = Tree::default();
        dissect_packet(&packet, packet.len(), &mut tree);
        trees.push(tree);
    }
    for tree in &trees {
        for field in &tree.fields {
            let term = field.term;
            assert!(!term.label.is_empty());
            let Some(explanation) = term.explanation else {
                let is_group = field.value == dissection::Value::Group;
                assert!(!is_group && field.level > 0, "{} is not explained", term.label);
                continue;
            };
            let section = explanation.section;
            let is_known = ["RFC ", "rsplib", "draft-", "our own term"];
            assert!(
                is_known.iter().any(|begin| section.starts_with(begin)),
                "{section}"
            );
            assert!(
                explanation.rule.ends_with('.'),
                "{}: {}",
                term.label,
                explanation.rule
            );
            assert!(!explanation.rule.contains("  "), "{}", explanation.rule);
            let deviation = explanation.deviation;
            assert!(deviation.is_empty() || deviation.starts_with("D-"), "{deviation}");
        }
    }
}

#[test]
fn what_contains_itself_is_bounded() {
    let mut message = made::chunk(1, 0, &[]);
    for _ in 0..1000 {
        let cause = made::parameter(2, &message);
        message = made::chunk(0x0e, 0, &made::parameter(0x0c, &cause));
    }
    let mut tree = Tree::default();
    dissect_message(Ppid::ASAP, &message, &mut tree);
    check_tree(&tree, &message);
    assert!(tree.fields.iter().map(|field| field.level).max().unwrap() < 32);
    let mut chunk = Vec::new();
    for _ in 0..1000 {
        chunk = made::chunk(9, 0, &made::parameter(6, &chunk));
    }
    let packet = made::packet(7, &[chunk]);
    tree.clear();
    dissect_packet(&packet, packet.len(), &mut tree);
    check_tree(&tree, &packet);
}

#[test]
fn a_tree_is_filled_without_allocating_again() {
    let message = &made::vectors()[0].bytes;
    let mut tree = Tree::default();
    dissect_message(Ppid::ASAP, message, &mut tree);
    let before = (tree.fields.as_ptr(), tree.fields.len());
    tree.clear();
    dissect_message(Ppid::ASAP, message, &mut tree);
    assert_eq!((tree.fields.as_ptr(), tree.fields.len()), before);
    assert!(size_of::<dissection::Field>() <= 56);
}

/// A message that consists of parameters of any type and any content.
fn bytes_of_parameters() -> impl Strategy<Value = Vec<u8>> {
    let known_type = prop_oneof![0_u16..0x12, Just(0x803f), any::<u16>()];
    let parameter = (known_type, vec(any::<u8>(), 0..24));
    (1_u8..0x10, any::<u8>(), vec(parameter, 0..8)).prop_map(|(kind, flags, parameters)| {
        let parameters = parameters
            .iter()
            .map(|(kind, value)| made::parameter(*kind, value));
        made::chunk(kind, flags, &parameters.collect::<Vec<_>>().concat())
    })
}

/// A packet with chunks of any type, whose values are parameters or any bytes.
fn bytes_of_chunks() -> impl Strategy<Value = Vec<u8>> {
    let parameter = (prop_oneof![0_u16..20, any::<u16>()], vec(any::<u8>(), 0..24))
        .prop_map(|(kind, value)| made::parameter(kind, &value));
    let value = prop_oneof![
        vec(any::<u8>(), 0..40),
        (vec(any::<u8>(), 0..=16), vec(parameter, 0..4)).prop_map(|(head, parameters)| [
            head,
            parameters.concat()
        ]
        .concat()),
    ];
    let kind = prop_oneof![0_u8..0x11, Just(0x40), 0x80_u8..0x86, 0xc0_u8..0xc3, any::<u8>()];
    vec((kind, any::<u8>(), value), 0..6).prop_map(|chunks| {
        let chunks: Vec<_> = chunks
            .iter()
            .map(|(kind, flags, value)| made::chunk(*kind, *flags, value))
            .collect();
        made::packet(1, &chunks)
    })
}

fn check_encoded(ppid: Ppid, bytes: &[u8]) {
    let mut tree = Tree::default();
    dissect_message(ppid, bytes, &mut tree);
    check_tree(&tree, bytes);
    assert!(!tree.is_malformed(), "{:#?}", tree.notes);
    for end in 0..bytes.len() {
        tree.clear();
        dissect_message(ppid, &bytes[..end], &mut tree);
        check_tree(&tree, &bytes[..end]);
        assert!(!tree.notes.is_empty() || bytes.len() - end < 4, "{end} bytes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_have_a_defined_outcome(bytes in vec(any::<u8>(), 0..400)) {
        check_bytes(&bytes);
    }

    #[test]
    fn any_parameters_have_a_defined_outcome(bytes in bytes_of_parameters()) {
        check_bytes(&bytes);
    }

    #[test]
    fn any_chunks_have_a_defined_outcome(bytes in bytes_of_chunks()) {
        check_bytes(&bytes);
    }

    #[test]
    fn a_damaged_message_has_a_defined_outcome(
        vector in 0..made::vectors().len(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = made::vectors().swap_remove(vector).bytes;
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check_bytes(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_message_of_asap_is_well_formed(message in asap_message()) {
        let bytes = message.encode();
        prop_assert_eq!(message_name(Ppid::ASAP, &bytes), Some(message.name()));
        check_encoded(Ppid::ASAP, &bytes);
    }

    #[test]
    fn every_message_of_enrp_is_well_formed(message in enrp_message()) {
        let bytes = message.encode();
        prop_assert_eq!(message_name(Ppid::ENRP, &bytes), Some(message.name()));
        check_encoded(Ppid::ENRP, &bytes);
    }
}
