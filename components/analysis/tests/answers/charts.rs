//! Sequence charts of parts of a recording.

use std::collections::BTreeSet;

use analysis::{Cast, Chart, Item, Scene, Subject};
use chronicle::{Condition, Lanes, Span};
use feed::{Timestamp, WallClock};
use ladder::{Caused, Ending, EventKind, Fate, Layout, Options, Target, measure};
use replay::Player;
use trace::{Category, Clock, Filter, MessageId, PacketId, Prepared, Trace};

use crate::asked::{asked, recording};
use crate::network::{LOST, Network, PE, PU, Packet, at};

fn lanes() -> Lanes {
    let mut lanes = Lanes::default();
    for highlight in Player::new(recording()).highlights() {
        lanes.add(highlight.clone());
    }
    lanes
}

fn everything(trace: &Trace) -> Prepared {
    let clock = Clock {
        wall_clock: WallClock::sample(),
        begin: Timestamp::default(),
    };
    Filter::default().prepare(trace, clock)
}

fn span(from: Timestamp, to: Timestamp) -> Subject {
    Subject {
        span: (from, to),
        title: "a span".into(),
        phases_of: None,
        origin: None,
        lines: None,
        hidden: BTreeSet::new(),
        hidden_purposes: BTreeSet::new(),
        sctp: false,
        selected: None,
    }
}

#[test]
fn a_failover_is_told_from_the_fault_to_the_first_message() {
    let (asked, lanes) = (asked(), lanes());
    let trace = asked.analysis.trace();
    let cast = Cast::of(trace, &lanes);
    let scene = Scene {
        trace,
        lanes: &lanes,
        cast: &cast,
    };
    let recovery = lanes.recoveries().find(|recovery| !recovery.takeover).unwrap();
    let chart = Chart::new(&scene, &Subject::of_recovery(&recovery), &everything(trace));
    let content = &chart.content;
    for label in [
        "ASAP_ENDPOINT_UNREACHABLE",
        "ASAP_HANDLE_RESOLUTION",
        "ASAP_COOKIE_ECHO",
    ] {
        assert!(
            content.arrows.iter().any(|arrow| arrow.label == label),
            "no {label}"
        );
    }
    assert!(
        content
            .arrows
            .iter()
            .all(|arrow| arrow.label != "ASAP_SERVER_ANNOUNCE")
    );
    let killed = content
        .life_lines
        .iter()
        .find(|line| matches!(line.ends, Some((_, Ending::Killed))));
    let (ended, _) = killed.unwrap().ends.unwrap();
    let bands: BTreeSet<&str> = content.bands.iter().map(|band| band.label.as_str()).collect();
    for phase in recovery.phases {
        assert!(
            bands.contains(phase.name.as_str()),
            "no {} in {bands:?}",
            phase.name
        );
    }
    let event = |kind| content.events.iter().find(|event| event.kind == kind).unwrap();
    let (fault, detected) = (event(EventKind::Fault), event(EventKind::Detected));
    assert!(fault.caused.contains(&Caused::Event(detected.id)));
    assert!(fault.at <= ended && fault.at <= detected.at);
    let [Caused::Arrow(arrow)] = detected.caused[..] else {
        panic!("{:?}", detected.caused);
    };
    let first = content.arrows.iter().find(|other| other.id == arrow).unwrap();
    assert_eq!(first.from, Some(detected.line));
    assert!(
        first.sent >= detected.at && first.label.starts_with("ASAP_"),
        "{}",
        first.label
    );
    let layout = Layout::new(content, &Options::default(), &measure);
    assert!(layout.labels().count() > 0);
}

#[test]
fn who_is_ready_lives_though_nobody_saw_it_start() {
    let (asked, mut lanes) = (asked(), lanes());
    for lane in lanes.components.values_mut() {
        lane.spans.retain(|span| span.condition != Condition::Starting);
        let from = lane.spans.first().unwrap().from;
        let condition = Condition::Stopped;
        lane.spans.insert(0, Span { from, condition });
    }
    let trace = asked.analysis.trace();
    let cast = Cast::of(trace, &lanes);
    let scene = Scene {
        trace,
        lanes: &lanes,
        cast: &cast,
    };
    let recovery = lanes.recoveries().find(|recovery| !recovery.takeover).unwrap();
    let chart = Chart::new(&scene, &Subject::of_recovery(&recovery), &everything(trace));
    let ended = chart.content.life_lines.iter().filter(|line| line.ends.is_some());
    let ended: Vec<_> = ended.map(|line| line.ends.unwrap().1).collect();
    assert_eq!(ended, [Ending::Killed]);
}

#[test]
fn what_is_hidden_filtered_or_not_chosen_is_not_drawn() {
    let (asked, lanes) = (asked(), lanes());
    let trace = asked.analysis.trace();
    let cast = Cast::of(trace, &lanes);
    let scene = Scene {
        trace,
        lanes: &lanes,
        cast: &cast,
    };
    let recovery = lanes.recoveries().next().unwrap();
    let mut subject = Subject::of_recovery(&recovery);
    let all = everything(trace);
    subject.hidden = Category::ALL.into();
    assert!(Chart::new(&scene, &subject, &all).content.arrows.is_empty());
    subject.hidden.clear();
    let pe = Chart::new(&scene, &subject, &all).lines[0];
    subject.lines = Some(BTreeSet::from([pe]));
    let chart = Chart::new(&scene, &subject, &all);
    assert_eq!((chart.lines, chart.content.life_lines.len()), (vec![pe], 1));
    let ends = |arrow: &ladder::Arrow| arrow.from == Some(0) || arrow.to == Target::Line(0);
    assert!(!chart.content.arrows.is_empty() && chart.content.arrows.iter().all(ends));
    subject.lines = None;
    let filter = Filter::parse("type:resolution").unwrap();
    let chart = Chart::new(
        &scene,
        &subject,
        &filter.prepare(trace, asked.analysis.clock().unwrap()),
    );
    let found: BTreeSet<_> = chart
        .content
        .arrows
        .iter()
        .map(|arrow| &arrow.label[..])
        .collect();
    assert!(
        found.iter().all(|label| label.contains("RESOLUTION")),
        "{found:?}"
    );
}

#[test]
fn what_would_be_too_much_is_left_out_and_counted() {
    const MORE: usize = 100;
    let mut network = Network::default();
    let all = (Chart::ARROWS + MORE) as u32;
    for tsn in 0..all {
        let packet = Packet::to(5).message(tsn, "x");
        network.sent_but(2 * u64::from(tsn), PU, PE, &packet, LOST);
        network.passed(2 * u64::from(tsn) + 1, PU, PE, &packet);
    }
    let trace = network.trace();
    let lanes = Lanes::default();
    let cast = Cast::of(trace, &lanes);
    let scene = Scene {
        trace,
        lanes: &lanes,
        cast: &cast,
    };
    let subject = span(Timestamp::default(), Timestamp::from_micros(u64::MAX));
    let chart = Chart::new(&scene, &subject, &everything(trace));
    assert_eq!(chart.content.arrows.len(), 2 * Chart::ARROWS);
    assert_eq!(chart.left_out, MORE);
    let ids: BTreeSet<u64> = chart.content.arrows.iter().map(|arrow| arrow.id).collect();
    assert_eq!(
        ids.len(),
        chart.content.arrows.len(),
        "each has an identifier of its own"
    );
}

#[test]
fn what_was_lost_and_sent_again_has_two_arrows() {
    let mut network = Network::default();
    network.passed(1, PU, PE, &Packet::to(5).message(1, "before"));
    network.sent_but(10, PU, PE, &Packet::to(5).message(2, "lost"), LOST);
    network.passed(
        1_010,
        PU,
        PE,
        &Packet::to(5).message(2, "lost").message(3, "next"),
    );
    let trace = network.trace();
    let lanes = Lanes::default();
    let cast = Cast::of(trace, &lanes);
    let scene = Scene {
        trace,
        lanes: &lanes,
        cast: &cast,
    };
    let chart = Chart::new(&scene, &span(at(0), at(2_000)), &everything(trace));
    let arrows = &chart.content.arrows;
    let id = Chart::arrow(Item::Message(MessageId(1)));
    let first = arrows.iter().find(|arrow| arrow.id == id).unwrap();
    assert_eq!(
        (first.fate, first.arrived, first.retransmission),
        (Fate::Lost, None, false)
    );
    let again: Vec<_> = arrows.iter().filter(|arrow| arrow.retransmission).collect();
    assert_eq!(again.len(), 1);
    assert_eq!(
        (again[0].fate, again[0].arrived),
        (Fate::Arrived, Some(at(1_011)))
    );
    assert_eq!(Chart::item(again[0].id), Item::Packet(PacketId(2)));
    assert_eq!(arrows.len(), 4);
}

#[test]
fn an_arrow_is_that_of_its_item() {
    for number in [0, 1, 77, (1 << 31) - 1] {
        for item in [Item::Message(MessageId(number)), Item::Packet(PacketId(number))] {
            assert_eq!(Chart::item(Chart::arrow(item)), item);
        }
    }
}
