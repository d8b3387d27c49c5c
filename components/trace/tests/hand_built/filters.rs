//! The language of filters.

use std::time::Duration;

use feed::{Direction, WallClock};
use trace::{Clock, Filter};

use crate::network::{LOST, Network, PR, PU, Packet, at, node};

/// PE 1 and PE 10, of which the name of one begins with that of the other.
fn network() -> Network {
    let (pe, pe_10) = (node("PE 1", 3), node("PE 10", 10));
    let mut network = Network::default();
    network.passed(10, PU, pe, &Packet::to(1).message(1, "Good Morning"));
    network.passed(20, PU, pe_10, &Packet::to(2).message(1, "good: evening"));
    network.passed(30, pe_10, PU, &Packet::to(3).message(1, "night"));
    network.sent_but(40, PR, pe, &Packet::to(4).message(1, "lost"), LOST);
    network.announced(50, PR, Direction::Sent, PR);
    network.passed(60, PR, pe, &Packet::to(4).message(1, "lost"));
    network.passed(70, PU, pe, &Packet::to(1).chunk(4, 0, b"beat"));
    network
}

/// A demonstration that began ten milliseconds before midnight.
fn clock() -> Clock {
    const DAY: u64 = 86_400_000_000;
    let begin = at(0);
    let since_epoch = Duration::from_micros(20_000 * DAY - 10_000);
    Clock {
        wall_clock: WallClock::showing(since_epoch, begin),
        begin,
    }
}

fn found(network: &Network, text: &str) -> Vec<usize> {
    let trace = network.trace();
    let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let prepared = filter.prepare(trace, clock());
    let all = trace.messages.from(0);
    all.filter(|(position, message)| prepared.accepts(trace, *position, message))
        .map(|(position, _)| position)
        .collect()
}

#[test]
fn messages_are_found_by_what_is_said() {
    let network = network();
    for (text, expected) in [
        ("", &[0, 1, 2, 3, 4][..]),
        ("good", &[0, 1]),
        ("GOOD -morning", &[1]),
        ("\"good morning\"", &[0]),
        ("-\"good morning\" good", &[1]),
        ("\"good: e\"", &[1]),
        ("-\"good: e\" good", &[0]),
        ("\"-x\"", &[]),
        ("from:PU1", &[0, 1]),
        ("from:\"pu 1\"", &[0, 1]),
        ("to:pu1", &[2]),
        ("-from:pu1 -to:pu1", &[3, 4]),
        ("with:PE1", &[0, 3]),
        ("pe:1", &[0, 3]),
        ("pe:pe1", &[0, 3]),
        ("pe:10", &[1, 2]),
        ("with:pe", &[0, 1, 2, 3]),
        ("pu:1 pe:10", &[1, 2]),
        ("pr:1", &[3, 4]),
        ("from:127.0.0.77", &[]),
        ("type:keep", &[]),
        ("protocol:bytes", &[0, 1, 2, 3]),
        ("protocol:ASAP", &[4]),
        ("is:again", &[3]),
        ("is:lost", &[]),
        ("-is:again -protocol:asap", &[0, 1, 2]),
        ("before:+0.02", &[0, 1]),
        ("after:+0.02", &[1, 2, 3, 4]),
        ("after:+0.02 before:+0.03", &[1, 2]),
        ("before:23:59:59.999", &[]),
        ("before:0:00", &[0]),
        ("after:00:00:00.02", &[2, 3, 4]),
        ("from:", &[0, 1, 2, 3, 4]),
        ("-", &[0, 1, 2, 3, 4]),
    ] {
        assert_eq!(found(&network, text), expected, "{text}");
    }
}

#[test]
fn packets_are_found_by_their_chunks() {
    let network = network();
    let found = |text: &str| {
        let prepared = Filter::parse(text).unwrap().prepare(network.trace(), clock());
        let all = network.trace().packets.from(0);
        all.filter(|(_, packet)| prepared.accepts_packet(packet)).count()
    };
    for (text, expected) in [
        ("heartbeat", 1),
        ("type:DATA", 5),
        ("sctp", 7),
        ("is:lost", 1),
        ("is:again", 1),
        ("-is:again is:lost", 1),
        ("from:PU1 type:data", 2),
        ("protocol:asap", 0),
        ("morning", 0),
        ("pe:10", 2),
        ("before:+0.02", 2),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_filter_says_where_and_why() {
    for (text, place, why) in [
        ("good fro:PU1", 5..12, "\"fro:\" is none of from:"),
        ("is:late", 0..7, "is:lost"),
        ("a -is:x b", 2..7, "is:again"),
        ("after:noon", 0..10, "\"noon\" is no time"),
        ("after:24:00", 0..11, "no time"),
        ("before:12:60", 0..12, "no time"),
        ("before:1.5:00", 0..13, "no time"),
        ("before:1:2:3:4", 0..14, "no time"),
        ("after:+inf", 0..10, "no time"),
        ("after:+-1", 0..9, "no time"),
        ("é x:1", 3..6, "\"x:\" is none of"),
    ] {
        let error = Filter::parse(text).unwrap_err();
        assert_eq!(error.place, place, "{text}");
        assert!(error.why.contains(why), "{text}: {}", error.why);
    }
}

#[test]
fn what_is_begun_can_be_completed() {
    let network = network();
    let completed = |text: &str| -> Vec<String> {
        let completions = Filter::completions(text, network.trace());
        let filled = completions.iter().map(|completion| {
            let mut text = text.to_owned();
            text.replace_range(completion.place.clone(), &completion.text);
            text
        });
        filled.collect()
    };
    assert_eq!(completed("fro"), ["from:"]);
    assert_eq!(completed("a -fro"), ["a -from:"]);
    assert_eq!(completed("from:pe"), ["from:PE1", "from:PE10"]);
    assert_eq!(completed("x pe:"), ["x pe:1", "x pe:10"]);
    assert_eq!(completed("pe:10"), Vec::<String>::new(), "it is there");
    assert_eq!(completed("is:"), ["is:lost", "is:again", "is:wrong"]);
    assert_eq!(completed("protocol:e"), ["protocol:ENRP"]);
    assert_eq!(completed("good "), Vec::<String>::new());
    assert!(completed("p").starts_with(&["pe:".to_owned(), "pu:".into(), "pr:".into(), "protocol:".into()]));
}
