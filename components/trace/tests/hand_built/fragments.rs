//! Messages in several packets.

use trace::{Fate, PacketId};

use crate::network::{LOST, Network, PE, PU, Packet, at};

const TAG: u32 = 9;

fn fragments() -> [Packet; 3] {
    [
        Packet::to(TAG).fragment(5, 0b10, "one "),
        Packet::to(TAG).fragment(6, 0b00, "two "),
        Packet::to(TAG).fragment(7, 0b01, "three"),
    ]
}

#[test]
fn a_message_has_arrived_when_all_of_it_has() {
    let mut network = Network::default();
    let [one, two, three] = fragments();
    network.sent(10, PU, PE, &one);
    network.sent(11, PU, PE, &two);
    assert!(network.messages().is_empty());
    network.sent(12, PU, PE, &three);
    // They overtake each other.
    for (ms, packet) in [(20, &three), (21, &one)] {
        network.received(ms, PU, PE, packet);
        assert_eq!(network.only_message().fate, Fate::Sent);
    }
    network.received(22, PU, PE, &two);
    let message = network.only_message();
    assert_eq!((message.fate, message.arrival()), (Fate::Arrived, Some(at(22))));
    assert_eq!((message.sent, message.fragments, message.size), (at(10), 3, 13));
    assert_eq!(
        (message.first, message.last, message.tsn),
        (PacketId(0), PacketId(2), 5)
    );
    assert!(!message.again);
    assert_eq!(network.trace().summaries.get(0), "one two three");
}

#[test]
fn a_message_is_lost_with_any_part_of_it() {
    let mut network = Network::default();
    let [one, two, three] = fragments();
    network.passed(10, PU, PE, &one);
    network.sent_but(12, PU, PE, &two, LOST);
    network.passed(14, PU, PE, &three);
    let message = network.only_message();
    assert_eq!(
        (message.fate, message.arrival(), message.again),
        (Fate::Lost, None, false)
    );
    network.sent_but(1_000, PU, PE, &two, LOST);
    assert_eq!(network.only_message().fate, Fate::Lost);
    network.passed(3_000, PU, PE, &two);
    let message = network.only_message();
    assert_eq!(
        (message.fate, message.arrival()),
        (Fate::Arrived, Some(at(3_001)))
    );
    assert!(message.again);
    assert_eq!(network.again(0), [3, 4]);
}

#[test]
fn what_was_sent_again_before_the_message_was_whole_belongs_to_it() {
    let mut network = Network::default();
    let [one, two, three] = fragments();
    network.sent_but(10, PU, PE, &one, LOST);
    network.passed(12, PU, PE, &two);
    network.passed(1_010, PU, PE, &one);
    network.passed(1_020, PU, PE, &three);
    let message = network.only_message();
    assert_eq!((message.sent, message.again), (at(10), true));
    assert_eq!(
        (message.fate, message.arrival()),
        (Fate::Arrived, Some(at(1_021)))
    );
    assert_eq!(network.again(0), [2]);
}

#[test]
fn fragments_that_are_received_first_are_those_that_were_sent() {
    let mut network = Network::default();
    let [one, two, three] = fragments();
    network.received(10, PU, PE, &one);
    network.sent(10, PU, PE, &one);
    network.passed(11, PU, PE, &two);
    network.received(13, PU, PE, &three);
    network.sent(13, PU, PE, &three);
    let message = network.only_message();
    assert_eq!((message.fate, message.arrival()), (Fate::Arrived, Some(at(13))));
    assert_eq!(network.trace().packets.len(), 3);
}

#[test]
fn a_message_without_its_beginning_is_none() {
    let mut network = Network::default();
    let [_, two, three] = fragments();
    network.passed(10, PU, PE, &two);
    network.passed(12, PU, PE, &three);
    network.passed(14, PU, PE, &Packet::to(TAG).fragment(8, 0b00, "four"));
    network.passed(16, PU, PE, &Packet::to(TAG).fragment(9, 0b01, "five"));
    assert!(network.messages().is_empty());
    // The beginning comes; the end of another message is no end of this one.
    network.passed(20, PU, PE, &Packet::to(TAG).fragment(5, 0b10, "one "));
    assert_eq!(network.trace().summaries.get(0), "one two three");
    assert_eq!(network.messages().len(), 1);
}

#[test]
fn a_message_that_takes_long_is_found_in_its_span() {
    let mut network = Network::default();
    let [one, two, three] = fragments();
    for number in 0..20 {
        network.passed(
            number * 1_000,
            PE,
            PU,
            &Packet::to(1).message(number as u32, "tick"),
        );
        match number {
            2 => network.passed(2_001, PU, PE, &one),
            10 => network.passed(10_001, PU, PE, &two),
            17 => network.passed(17_001, PU, PE, &three),
            _ => {}
        }
    }
    let within = |from, to| {
        let messages = network.trace().messages_within(at(from), at(to));
        messages.map(|(_, message)| message.fragments).collect::<Vec<_>>()
    };
    assert_eq!(within(16_500, 17_500), [1, 3]);
    assert_eq!(within(18_000, 19_000), [1, 1]);
    assert_eq!(network.trace().packets_within(at(10_000), at(10_001)).count(), 2);
}
