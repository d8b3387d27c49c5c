//! Messages reported by their senders and receivers.

use feed::Direction::{Received, Sent};

use super::*;
use crate::{MessageLog, MessageRecord};

fn connected() -> Fixture {
    let mut fixture = Fixture::set();
    fixture.up(PU, PE, 1);
    fixture.up(PE, PU, 1);
    fixture
}

fn records(fixture: &Fixture) -> Vec<&MessageRecord> {
    fixture.model.messages.records.iter().map(AsRef::as_ref).collect()
}

#[test]
fn a_message_that_both_ends_tell_of_appears_once() {
    for order in [[(PU, Sent), (PE, Received)], [(PE, Received), (PU, Sent)]] {
        let mut fixture = connected();
        for (id, direction) in order {
            let other = if id == PU { PE } else { PU };
            fixture.message(id, direction, other, 40);
        }
        let [record] = records(&fixture)[..] else {
            panic!("{:?}", fixture.model.messages.records)
        };
        assert_eq!((record.from, record.to), (Some(PU), Some(PE)));
        assert_eq!(record.told_by, Sent);
        assert!(record.received.is_some());
        assert_eq!(fixture.model.associations.values().next().unwrap().messages, 1);
    }
}

#[test]
fn messages_are_joined_in_order_for_each_direction() {
    let mut fixture = connected();
    for size in [40, 40, 60] {
        fixture.message(PU, Sent, PE, size);
    }
    fixture.message(PE, Sent, PU, 40);
    fixture.message(PE, Received, PU, 40);
    fixture.message(PE, Received, PU, 40);
    fixture.message(PE, Received, PU, 60);
    fixture.message(PU, Received, PE, 40);
    let records = records(&fixture);
    assert_eq!(records.len(), 4);
    assert!(records.iter().all(|record| record.received.is_some()));
    assert!(records[0].received < records[1].received);
}

#[test]
fn what_the_sender_left_out_is_kept_from_the_receiver() {
    let mut fixture = connected();
    fixture.message(PE, Received, PU, 99);
    fixture.message(PU, Sent, PE, 40);
    fixture.message(PE, Received, PU, 40);
    let told: Vec<_> = records(&fixture)
        .iter()
        .map(|record| (record.size, record.told_by))
        .collect();
    assert_eq!(told, [(99, Received), (40, Sent)]);
}

#[test]
fn after_events_were_dropped_the_ends_are_joined_afresh() {
    let mut fixture = connected();
    fixture.message(PU, Sent, PE, 40);
    fixture.feed(PU, Event::Dropped { events: 5 });
    assert_eq!(fixture.model.messages.lost, 5);
    fixture.message(PU, Sent, PE, 40);
    fixture.message(PE, Received, PU, 40);
    let records = records(&fixture);
    assert_eq!(records.len(), 2);
    assert!(records[0].received.is_none() && records[1].received.is_some());
}

#[test]
fn the_receiver_is_believed_when_the_sender_is_dead() {
    let mut fixture = connected();
    fixture.kill(PU);
    fixture.message(PE, Received, PU, 40);
    let record = records(&fixture)[0];
    assert_eq!(
        (record.from, record.to, record.told_by),
        (Some(PU), Some(PE), Received)
    );
}

#[test]
fn multicast_is_told_by_its_sender_alone() {
    let mut fixture = Fixture::set();
    fixture.message_on(PR, Sent, None, ComponentId(200), 40);
    for receiver in [PU, PE, PE2, PR] {
        fixture.message_on(receiver, Received, None, PR, 40);
    }
    let [record] = records(&fixture)[..] else {
        panic!("{:?}", fixture.model.messages.records)
    };
    assert!(record.multicast);
    assert_eq!((record.from, record.to), (Some(PR), None));
    // From a component that is not ours.
    fixture.message_on(PU, Received, None, ComponentId(201), 40);
    assert_eq!(records(&fixture)[1].from, None);
}

#[test]
fn the_log_is_bounded_and_its_numbers_go_on() {
    let mut fixture = connected();
    let count = MessageLog::RECORDS as u64 + 10;
    for _ in 0..count {
        fixture.message(PU, Sent, PE, 40);
    }
    let log = &fixture.model.messages;
    assert_eq!(
        (log.records.len(), log.lost, log.next_number),
        (MessageLog::RECORDS, 10, count)
    );
    assert!(log.get(9).is_none());
    assert_eq!(log.get(10).map(|record| record.number), Some(10));
    assert_eq!(log.get(count - 1).map(|record| record.number), Some(count - 1));
    assert!(log.get(count).is_none());
}

#[test]
fn huge_messages_do_not_fill_the_memory() {
    let mut fixture = connected();
    for _ in 0..2_000 {
        fixture.feed_with(
            PU,
            Event::Message {
                direction: Sent,
                association: Some(1.into()),
                remote: end(PE),
                ppid: wire::Ppid::ASAP,
                name: "x".repeat(10_000),
                summary: "ä".repeat(10_000),
                size: 70_000,
            },
            vec![0; 70_000],
        );
    }
    let log = &fixture.model.messages;
    let kept: usize = log.records.iter().map(|record| record.memory()).sum();
    assert!(kept <= MessageLog::BYTES && kept == log.kept_bytes);
    assert!(
        log.records
            .iter()
            .all(|record| record.name.len() < 300 && record.summary.len() < 1_100)
    );
    assert!(log.lost > 0);
}
