//! The recording that the program carries.

use std::collections::BTreeSet;
use std::path::Path;

use analysis::{Item, Wanted};
use dissection::Data;
use recording::{Origin, ip};
use trace::{Category, MessageId, PacketId};

use crate::asked::{Asked, asked, carried, recording};

fn filtered(filter: &str) -> Wanted {
    Wanted {
        filter: filter.into(),
        ..Wanted::default()
    }
}

#[test]
fn rows_are_those_that_are_wanted_in_their_order() {
    let mut asked = asked();
    let all = asked.expected("", false);
    assert_eq!(all.len(), asked.analysis.trace().messages.len());
    asked.rows(Wanted::default(), &all);
    for filter in [
        "fgp",
        "-type:FGP_DATA",
        "pe:1 -is:lost",
        "is:again",
        "protocol:enrp from:pr1",
    ] {
        let expected = asked.expected(filter, false);
        asked.rows(filtered(filter), &expected);
    }
    for filter in ["", "heartbeat", "pe:1"] {
        let expected = asked.expected(filter, true);
        let wanted = Wanted {
            sctp: true,
            ..filtered(filter)
        };
        asked.rows(wanted, &expected);
    }
    let trace = asked.analysis.trace().clone();
    let hidden = BTreeSet::from([Category::Data, Category::Presence]);
    let mut expected = asked.expected("with:PE1", false);
    expected.retain(|item| {
        let Item::Message(id) = item else { return false };
        let message = trace.message(*id).unwrap();
        !hidden.contains(&Category::of(message.protocol, trace.names.get(message.name)))
    });
    assert!(!expected.is_empty());
    let of_pe = Wanted {
        hidden,
        component: Some("PE 1".into()),
        ..Wanted::default()
    };
    asked.rows(of_pe, &expected);
    let of_nobody = Wanted {
        component: Some("PE 77".into()),
        ..Wanted::default()
    };
    asked.rows(of_nobody, &[]);
}

#[test]
fn a_row_is_found_by_its_item_and_its_time() {
    let mut asked = asked();
    let expected = asked.expected("-fgp_data", true);
    let wanted = Wanted {
        sctp: true,
        ..filtered("-fgp_data")
    };
    asked.rows(wanted, &expected);
    let (trace, rows) = (asked.analysis.trace(), asked.analysis.rows());
    for (place, item) in expected.iter().enumerate() {
        assert_eq!(rows.position(trace, *item), Ok(place));
    }
    let data = asked.expected("fgp_data", false)[0];
    let place = rows.position(trace, data).unwrap_err();
    let last = |item| match item {
        Item::Message(id) => trace.message(id).unwrap().last,
        Item::Packet(id) => id,
    };
    assert!(place > 0 && last(expected[place - 1]) <= last(data) && last(data) <= last(expected[place]));
    let sent = |item| match item {
        Item::Message(id) => trace.message(id).unwrap().sent,
        Item::Packet(id) => trace.packet(id).unwrap().sent,
    };
    let begin = asked.analysis.clock().unwrap().begin;
    assert_eq!(rows.after(trace, begin - std::time::Duration::from_secs(1)), 0);
    let latest = expected.iter().map(|item| sent(*item)).max().unwrap();
    assert_eq!(rows.after(trace, latest), rows.len());
    let middle = sent(expected[expected.len() / 2]);
    let place = rows.after(trace, middle);
    assert!(sent(expected[place]) > middle && sent(expected[place - 1]) <= middle);
}

#[test]
fn a_span_is_what_was_sent_within_it() {
    let mut asked = asked();
    let begin = asked.analysis.clock().unwrap().begin;
    let second = std::time::Duration::from_secs(1);
    let wanted = Wanted {
        span: Some((begin + second, begin + 2 * second)),
        ..Wanted::default()
    };
    let expected = asked.expected("after:+1 before:+2", false);
    assert!(!expected.is_empty());
    asked.rows(wanted, &expected);
}

#[test]
fn a_wrong_filter_is_told_and_leaves_nothing_out() {
    let mut asked = asked();
    let all = asked.expected("", false);
    asked.rows(filtered("x is:late"), &all);
    assert_eq!(asked.analysis.rows().error.as_ref().unwrap().place, 2..9);
    asked.rows(filtered("is:lost"), &asked.expected("is:lost", false));
    assert_eq!(asked.analysis.rows().error, None);
}

#[test]
fn messages_and_packets_are_taken_apart() {
    let mut asked = asked();
    let recording = recording();
    let chunks: Vec<_> = (0..recording.chunks().len())
        .map(|position| recording.read_chunk(position).unwrap())
        .collect();
    let payload = |id: PacketId| {
        let place = asked.analysis.trace().packet(id).unwrap().place;
        let packet = chunks[place.chunk as usize]
            .packet(place.position as usize)
            .unwrap();
        ip::open(packet.bytes).unwrap().payload.to_vec()
    };
    let first = |filter: &str| match asked.expected(filter, false)[0] {
        Item::Message(id) => id,
        Item::Packet(_) => panic!("no message"),
    };
    let datagram = first("type:SERVER_ANNOUNCE");
    let message = first("type:HANDLE_RESOLUTION_RESPONSE");
    let known = *asked.analysis.trace().message(message).unwrap();
    let announced = payload(asked.analysis.trace().message(datagram).unwrap().first);
    let carrying = payload(known.last);
    let packet = dissection::Packet::parse(&carrying).unwrap();
    let data = packet
        .chunks
        .filter_map(|chunk| Data::of(&chunk))
        .find(|data| data.tsn == known.tsn);
    let parts = asked.inspected(Item::Message(datagram)).parts.unwrap();
    assert_eq!(parts.len(), 1);
    assert_eq!(*parts[0].bytes, announced[..]);
    assert_eq!(parts[0].title, "ASAP_SERVER_ANNOUNCE");
    let parts = asked.inspected(Item::Message(message)).parts.unwrap();
    assert_eq!(parts[0].bytes.as_ref(), data.unwrap().payload);
    assert_eq!(parts[1].bytes.as_ref(), carrying);
    assert!(parts.iter().all(|part| !part.tree.fields.is_empty()));
    let parts = asked.inspected(Item::Packet(known.last)).parts.unwrap();
    assert_eq!((parts.len(), parts[0].bytes.as_ref()), (1, &carrying[..]));
    let unknown = asked.inspected(Item::Message(MessageId(u32::MAX >> 1)));
    assert!(unknown.parts.is_err());
}

#[test]
fn what_is_wrong_with_a_recording_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(carried()).unwrap();
    let about = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        Asked::about(Origin::File(file))
    };
    let mut cut = about("cut.pcapng.zst", &whole[..whole.len() / 2]);
    cut.until("a problem", |analysis| analysis.problem().is_some());
    assert!(
        cut.analysis.problem().unwrap().contains("cut off"),
        "{:?}",
        cut.analysis.problem()
    );
    cut.until("what is there", |analysis| !analysis.trace().messages.is_empty());
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 4_096].fill(0x55);
    let mut damaged = about("damaged.pcapng.zst", &damaged);
    damaged.until("a problem", |analysis| analysis.problem().is_some());
    let mut other = about("other.pcapng", b"this is none");
    other.until("a problem", |analysis| analysis.problem().is_some());
    let mut nothing = Asked::about(Origin::File(Path::new("/nowhere/at/all.pcapng").into()));
    nothing.until("a problem", |analysis| analysis.problem().is_some());
    // To ask nevertheless does no harm.
    nothing.analysis.want(filtered("x"));
    nothing.analysis.refresher()();
    let mut sound = asked();
    sound.rows(filtered("is:lost"), &sound.expected("is:lost", false));
    assert_eq!(sound.analysis.problem(), None);
}
