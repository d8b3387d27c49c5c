//! Whatever is recorded, nothing panics, and what is said fits together.

use std::net::SocketAddr;
use std::time::Duration;

use feed::{Carried, Direction, Fate as Recorded, Remark, Timestamp};
use proptest::prelude::*;
use recording::ip::Opened;
use trace::{Clock, Copy, Fate, Filter, MessageId, Place, Trace, Tracer};

use crate::network::Packet;

#[derive(Debug, Clone)]
struct Recording {
    component: &'static str,
    at: u64,
    is_sent: bool,
    ends: (u8, u8),
    is_sctp: bool,
    remark: Remark,
    bytes: Vec<u8>,
}

fn chunk() -> impl Strategy<Value = (u8, u8, Vec<u8>)> {
    let tsn = prop_oneof![0_u32..8, Just(u32::MAX), any::<u32>()];
    let data =
        (tsn.clone(), 0_u8..4, prop::collection::vec(any::<u8>(), 0..6)).prop_map(|(tsn, flags, payload)| {
            let mut value = tsn.to_be_bytes().to_vec();
            value.extend([0; 8]);
            value.extend(payload);
            (0, flags, value)
        });
    let sack = (tsn, any::<u32>()).prop_map(|(tsn, window)| {
        let mut value = tsn.to_be_bytes().to_vec();
        value.extend(window.to_be_bytes());
        (3, 0, value)
    });
    let other = (0_u8..20, any::<u8>(), prop::collection::vec(0_u8..3, 0..8));
    prop_oneof![6 => data, 2 => sack, 2 => other]
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let packet = (0_u32..4, prop::collection::vec(chunk(), 0..4)).prop_map(|(tag, chunks)| {
        let packet = chunks
            .into_iter()
            .fold(Packet::to(tag), |packet, (kind, flags, value)| {
                packet.chunk(kind, flags, &value)
            });
        packet.0
    });
    prop_oneof![8 => packet, 1 => prop::collection::vec(any::<u8>(), 0..40)]
}

fn recording() -> impl Strategy<Value = Recording> {
    let at = prop_oneof![8 => 0_u64..1_000, 1 => any::<u64>()];
    let fate =
        prop_oneof![4 => Just(Recorded::Passed), 1 => Just(Recorded::Lost), 1 => Just(Recorded::Refused)];
    let remark = (fate, prop::bool::weighted(0.1), 0_u64..50).prop_map(|(fate, corrupted, delay)| Remark {
        fate,
        corrupted,
        delay: Duration::from_micros(delay),
    });
    let names = prop::sample::select(&["PU 1", "PE 1", "PE 10", "x"][..]);
    let last = || prop_oneof![1_u8..4, Just(200)];
    (
        names,
        at,
        any::<bool>(),
        (last(), last()),
        prop::bool::weighted(0.9),
        remark,
        bytes(),
    )
        .prop_map(
            |(component, at, is_sent, ends, is_sctp, remark, bytes)| Recording {
                component,
                at,
                is_sent,
                ends,
                is_sctp,
                remark,
                bytes,
            },
        )
}

fn address(last: u8) -> SocketAddr {
    // The last one is a multicast group.
    let ip = if last == 200 {
        [239, 0, 0, 1]
    } else {
        [127, 0, 0, last]
    };
    (ip, 9899).into()
}

fn traced(recordings: &[Recording]) -> Tracer {
    let mut tracer = Tracer::default();
    take(&mut tracer, recordings);
    tracer
}

fn take(tracer: &mut Tracer, recordings: &[Recording]) {
    for (position, recording) in recordings.iter().enumerate() {
        tracer.take(&Copy {
            place: Place {
                chunk: 0,
                position: position as u32,
            },
            component: recording.component,
            at: Timestamp::from_micros(recording.at),
            direction: if recording.is_sent {
                Direction::Sent
            } else {
                Direction::Received
            },
            remark: recording.remark,
            packet: Opened {
                source: address(recording.ends.0),
                destination: address(recording.ends.1),
                carried: if recording.is_sctp {
                    Carried::Sctp
                } else {
                    Carried::Announcement
                },
                payload: &recording.bytes,
            },
        });
    }
}

fn check(trace: &Trace, taken: usize) {
    assert!(trace.packets.len() <= taken);
    for (_, packet) in trace.packets.from(0) {
        assert_eq!(packet.arrival().is_some(), packet.fate == Fate::Arrived);
        assert!(packet.arrived >= packet.sent);
        assert!(trace.end(packet.from).is_some() && packet.to.is_none_or(|to| trace.end(to).is_some()));
        assert!(
            packet
                .association
                .is_none_or(|id| trace.association(id).is_some())
        );
    }
    let mut last = None;
    for (position, message) in trace.messages.from(0) {
        assert_eq!(
            message.arrival().is_some(),
            message.fate == Fate::Arrived,
            "{message:?}"
        );
        assert!(message.arrived >= message.sent, "{message:?}");
        assert!(message.first <= message.last && last <= Some(message.last));
        last = Some(message.last);
        assert!(trace.packet(message.last).is_some());
        assert!(trace.end(message.from).is_some() && message.to.is_none_or(|to| trace.end(to).is_some()));
        assert!(
            message
                .association
                .is_none_or(|id| trace.association(id).is_some())
        );
        assert_ne!(trace.names.get(message.name), "?");
        let again = trace.retransmissions_of(MessageId(position as u32));
        assert_eq!(again.count() > 0, message.again, "{message:?}");
    }
    let mut last = None;
    for (_, again) in trace.retransmissions.from(0) {
        assert!(last <= Some(again.packet));
        last = Some(again.packet);
        assert!(trace.packet(again.packet).is_some_and(|packet| packet.again));
        assert!(
            again
                .message
                .is_none_or(|id| trace.message(id).is_some_and(|message| message.again))
        );
    }
    for association in &trace.associations {
        assert!(association.seen >= association.began);
        assert!(association.states.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        for direction in &association.directions {
            assert!(direction.samples.windows(2).all(|pair| pair[0].at <= pair[1].at));
        }
    }
}

proptest! {
    #[test]
    fn any_packets_are_traced(recordings in prop::collection::vec(recording(), 0..60)) {
        let tracer = traced(&recordings);
        check(tracer.trace(), recordings.len());
    }

    #[test]
    fn what_has_changed_is_told(
        recordings in prop::collection::vec(recording(), 1..60),
        begin in 0_usize..60,
    ) {
        let (before, after) = recordings.split_at(begin.min(recordings.len()));
        let mut tracer = traced(before);
        tracer.changed();
        let known = tracer.trace().clone();
        take(&mut tracer, after);
        let changed = tracer.changed();
        for (position, packet) in known.packets.from(0) {
            let is_same = tracer.trace().packets.get(position) == Some(packet);
            prop_assert!(is_same || changed.is_some_and(|first| first.0 as usize <= position));
        }
        for (position, message) in known.messages.from(0) {
            let is_same = tracer.trace().messages.get(position) == Some(message);
            prop_assert!(is_same || changed.is_some_and(|first| first <= message.last));
        }
    }

    #[test]
    fn any_text_is_a_filter_or_an_error_within_it(
        text in "(([-\"a-z+:0-9. é]|from:|is:|after:|pe:|is:lost|is:again){0,6})",
        recordings in prop::collection::vec(recording(), 0..10),
    ) {
        let tracer = traced(&recordings);
        let trace = tracer.trace();
        for completion in Filter::completions(&text, trace) {
            prop_assert!(text.get(completion.place).is_some());
        }
        match Filter::parse(&text) {
            Ok(filter) => {
                let clock = Clock {
                    wall_clock: feed::WallClock::sample(),
                    begin: Timestamp::default(),
                };
                let prepared = filter.prepare(trace, clock);
                for (position, message) in trace.messages.from(0) {
                    let _ = prepared.accepts(trace, position, message);
                }
                for (_, packet) in trace.packets.from(0) {
                    let _ = prepared.accepts_packet(packet);
                }
            }
            Err(error) => {
                prop_assert!(text.get(error.place.clone()).is_some_and(|wrong| !wrong.is_empty()));
                prop_assert!(!error.why.is_empty());
            }
        }
    }
}
