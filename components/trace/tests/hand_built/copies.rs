//! Both copies of packets, one of them, or none that arrived.

use std::time::Duration;

use feed::{Direction, Remark};
use trace::{Fate, Message};

use crate::network::{
    CORRUPTED, GROUP, LOST, Network, PASSED, PE, PR, PU, Packet, REFUSED, STRANGER, at, node,
};

const TO_PE: u32 = 0x0200_0000;

fn hello() -> Packet {
    Packet::to(TO_PE).message(7, "hello")
}

fn way(message: &Message) -> (u64, Option<u64>, Fate) {
    let since = |time: feed::Timestamp| (time - at(0)).as_millis() as u64;
    (since(message.sent), message.arrival().map(since), message.fate)
}

#[test]
fn both_copies_are_one_message() {
    let mut network = Network::default();
    network.passed(10, PU, PE, &hello());
    let message = network.only_message();
    assert_eq!(way(&message), (10, Some(11), Fate::Arrived));
    assert_eq!(network.name(message.from), Some("PU 1"));
    assert_eq!(message.to.and_then(|to| network.name(to)), Some("PE 1"));
    assert_eq!(network.trace().packets.len(), 1);
    assert_eq!(network.trace().ends.len(), 2, "nobody is known twice");
}

#[test]
fn the_receivers_copy_may_be_the_first_one() {
    let mut network = Network::default();
    network.received(10, PU, PE, &hello());
    let before = network.only_message();
    assert!(network.trace().packet(before.first).unwrap().by_receiver);
    assert!(network.tracer.changed().is_none(), "it is new");
    network.sent(11, PU, PE, &hello());
    assert_eq!(network.tracer.changed(), Some(before.first));
    let message = network.only_message();
    assert_eq!(
        way(&message),
        (10, Some(10), Fate::Arrived),
        "nothing arrives before it is sent"
    );
    assert_eq!(network.name(message.from), Some("PU 1"));
    let packet = network.trace().packet(message.first).unwrap();
    assert!(!packet.by_receiver && network.trace().packets.len() == 1);
    // With the delay on an impaired link, the sender's copy tells when it was sent.
    let next = Packet::to(TO_PE).message(8, "next");
    network.received(50, PU, PE, &next);
    let delayed = Remark {
        delay: Duration::from_millis(30),
        ..PASSED
    };
    network.sent_but(51, PU, PE, &next, delayed);
    assert_eq!(way(&network.messages()[1]), (21, Some(50), Fate::Arrived));
    // What follows is matched as ever.
    network.passed(60, PU, PE, &Packet::to(TO_PE).message(9, "last"));
    assert_eq!(network.trace().packets.len(), 3);
}

#[test]
fn what_is_sent_again_is_not_taken_for_the_copy_of_what_was_received_before() {
    let mut network = Network::default();
    network.introduce([PU, PE], [1, TO_PE]);
    network.received(10, PU, PE, &hello());
    network.passed(1_500, PU, PE, &hello());
    let message = network.only_message();
    assert_eq!(way(&message), (10, Some(10), Fate::Arrived));
    assert!(message.again);
    assert_eq!(network.again(0).len(), 1);
}

#[test]
fn a_packet_is_lost_at_its_sender_or_its_receiver_or_refused() {
    for (sent, received, fate) in [
        (LOST, None, Fate::Lost),
        (REFUSED, None, Fate::Refused),
        (PASSED, Some(LOST), Fate::Lost),
        (PASSED, None, Fate::Sent),
    ] {
        let mut network = Network::default();
        network.sent_but(10, PU, PE, &hello(), sent);
        if let Some(received) = received {
            network.received_but(11, PU, PE, &hello(), received);
        }
        assert_eq!(way(&network.only_message()), (10, None, fate));
        let association = &network.trace().associations[0];
        let lost = u64::from(fate == Fate::Lost);
        assert_eq!(association.directions[0].lost, lost);
        assert_eq!(association.directions[0].packets, 1);
    }
}

#[test]
fn a_delayed_packet_was_sent_before_its_link_held_it() {
    let mut network = Network::default();
    let delayed = Remark {
        delay: Duration::from_millis(40),
        ..PASSED
    };
    network.sent_but(50, PU, PE, &hello(), delayed);
    network.received(51, PU, PE, &hello());
    assert_eq!(way(&network.only_message()), (10, Some(51), Fate::Arrived));
}

#[test]
fn what_a_bit_was_flipped_in_is_not_read() {
    // In the payload, the checksum, the tag, and a port.
    for place in [30, 9, 5, 1] {
        let mut network = Network::default();
        network.sent(10, PU, PE, &hello());
        network.received_but(11, PU, PE, &hello().altered(place), CORRUPTED);
        let message = network.only_message();
        assert_eq!(way(&message), (10, None, Fate::Lost), "{place}");
        let packet = network.trace().packet(message.first).unwrap();
        assert!(packet.corrupted && packet.fate == Fate::Arrived);
        network.passed(500, PU, PE, &hello());
        assert_eq!(way(&network.only_message()), (10, Some(501), Fate::Arrived));
        assert_eq!(network.trace().associations.len(), 1);
    }
}

#[test]
fn a_bit_that_its_sender_flipped_confuses_nobody() {
    // In the tag, and in the highest byte of the transmission sequence number.
    for place in [4, 16] {
        let mut network = Network::default();
        network.introduce([PU, PE], [1, TO_PE]);
        network.passed(10, PU, PE, &Packet::to(TO_PE).message(6, "before"));
        let altered = hello().altered(place);
        network.sent_but(20, PU, PE, &altered, CORRUPTED);
        network.received(21, PU, PE, &altered);
        network.passed(30, PU, PE, &hello());
        network.passed(40, PU, PE, &Packet::to(TO_PE).message(8, "after"));
        let arrived = network
            .messages()
            .iter()
            .filter(|message| message.fate == Fate::Arrived)
            .count();
        assert_eq!((arrived, network.messages().len()), (3, 3));
        assert!(network.messages().iter().all(|message| !message.again));
        assert_eq!(network.trace().associations.len(), 1);
    }
}

#[test]
fn what_was_lost_arrives_when_it_is_sent_again() {
    let mut network = Network::default();
    network.passed(1, PU, PE, &Packet::to(TO_PE).message(6, "before"));
    network.sent_but(10, PU, PE, &hello(), LOST);
    assert_eq!(network.messages()[1].fate, Fate::Lost);
    let rest = hello().message(8, "more");
    network.sent(1_010, PU, PE, &rest);
    let message = network.messages()[1];
    assert_eq!(way(&message), (10, None, Fate::Sent), "it is under way again");
    network.received(1_012, PU, PE, &rest);
    let message = network.messages()[1];
    assert_eq!(way(&message), (10, Some(1_012), Fate::Arrived));
    assert!(message.again && !network.messages()[2].again);
    let packets = network.again(1);
    assert_eq!(packets, [2]);
    assert!(network.trace().packets.get(2).unwrap().again);
    assert_eq!(network.trace().associations[0].directions[0].retransmissions, 1);
    // What arrives for a second time changes nothing.
    network.passed(2_000, PU, PE, &hello());
    assert_eq!(way(&network.messages()[1]), (10, Some(1_012), Fate::Arrived));
    assert_eq!(network.again(1), [2, 3]);
}

#[test]
fn a_strangers_packets_are_known_from_their_receiver() {
    let mut network = Network::default();
    network.received_but(10, STRANGER, PE, &hello(), LOST);
    assert_eq!(way(&network.only_message()), (10, None, Fate::Lost));
    network.received(1_010, STRANGER, PE, &hello());
    let message = network.only_message();
    assert_eq!(way(&message), (10, Some(1_010), Fate::Arrived));
    assert!(message.again && network.name(message.from).is_none());
    // What it is told is known to be sent, and no more.
    network.sent(1_020, PE, STRANGER, &Packet::to(5).message(1, "well"));
    assert_eq!(network.messages()[1].fate, Fate::Sent);
}

#[test]
fn an_announcement_is_one_message_for_all_who_hear_it() {
    let mut network = Network::default();
    // The first one is heard before it is known whose it is.
    network.announced(10, PU, Direction::Received, PR);
    network.announced(10, PE, Direction::Received, PR);
    network.announced(11, PR, Direction::Sent, PR);
    network.announced(12, PE, Direction::Received, PR);
    let message = network.only_message();
    assert_eq!((message.to, network.name(message.from)), (None, Some("PR 1")));
    network.announced(1_011, PR, Direction::Sent, PR);
    network.announced(1_012, PU, Direction::Received, PR);
    assert_eq!(network.messages().len(), 2);
    // Those of a stranger are known from whoever hears them.
    for ms in [2_000, 3_000] {
        network.announced(ms, PU, Direction::Received, STRANGER);
        network.announced(ms + 1, PE, Direction::Received, STRANGER);
    }
    let messages = network.messages();
    assert_eq!(messages.len(), 4);
    assert_eq!(network.name(messages[3].from), None);
    assert!(messages.iter().all(|message| message.fragments == 0));
    assert!(
        network
            .trace()
            .ends
            .iter()
            .all(|end| end.address != GROUP.address)
    );
}

#[test]
fn a_component_is_the_same_at_a_new_address() {
    let mut network = Network::default();
    network.passed(10, PE, PR, &Packet::to(1).message(1, "old"));
    let moved = node("PE 1", 33);
    network.passed(20, moved, PR, &Packet::to(2).message(1, "new"));
    network.passed(30, PR, moved, &Packet::to(3).message(1, "answer"));
    let [old, new, answer] = network.messages()[..] else {
        panic!("{:?}", network.messages());
    };
    assert_eq!((old.from, Some(old.from)), (new.from, answer.to));
    assert_eq!(network.trace().end(old.from).unwrap().address, moved.address);
    // Somebody else may have the old address then.
    let other = node("PE 2", 3);
    network.passed(40, other, PR, &Packet::to(4).message(1, "hello"));
    assert_eq!(network.name(network.messages()[3].from), Some("PE 2"));
}
