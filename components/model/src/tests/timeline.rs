//! Who may add how much to the timeline.

use super::*;
use crate::{Severity, Timeline};

fn sentences(fixture: &Fixture) -> Vec<&str> {
    let entries = fixture.model.timeline.entries.iter();
    entries.map(|entry| entry.text.as_str()).collect()
}

fn problem(number: u32) -> Event {
    Event::Problem {
        text: format!("number {number}"),
    }
}

#[test]
fn a_feed_that_tells_too_much_does_not_evict_what_others_tell() {
    let mut fixture = Fixture::set();
    let before = sentences(&fixture).join("\n");
    assert!(before.contains("PE 1 was started"));
    for number in 0..10_000 {
        fixture.feed(PE, problem(number));
    }
    let after = sentences(&fixture);
    assert!(
        after.join("\n").contains(&before),
        "all that was told before is there"
    );
    let told = after
        .iter()
        .filter(|text| text.starts_with("PE 1: number"))
        .count();
    assert!((500..700).contains(&told), "{told}");
    let left_out: Vec<_> = after.iter().filter(|text| text.contains("left out")).collect();
    let count = 10_000 - told;
    let expected = format!("PE 1 tells of too much at a time: {count} events were left out here");
    assert_eq!(left_out, [&expected.as_str()]);
    // Others can still add entries, and so can the user.
    fixture.feed(PU, problem(1));
    fixture.told("PU 1: number 1");
    fixture.change(PE, Change::Fault(Fault::Freeze));
    fixture.told("PE 1 was frozen");
}

#[test]
fn what_is_left_out_much_later_is_told_of_anew() {
    let mut fixture = Fixture::set();
    for _ in 0..2 {
        for number in 0..2_000 {
            fixture.feed(PE, problem(number));
        }
        fixture.now += Duration::from_secs(3_600);
    }
    let left_out = sentences(&fixture)
        .into_iter()
        .filter(|text| text.contains("left out"))
        .count();
    assert_eq!(left_out, 2);
}

#[test]
fn the_times_that_a_feed_writes_do_not_give_it_more_to_tell() {
    let mut fixture = Fixture::set();
    for number in 0..2_000_u32 {
        let frame = Frame {
            stamped: Stamped {
                at: fixture.now + Duration::from_secs(3_600) * number,
                event: problem(number),
            },
            bytes: Vec::new(),
        };
        fixture.change(PE, Change::Feed(Box::new(frame)));
    }
    let told = sentences(&fixture);
    assert!(
        told.iter()
            .filter(|text| text.starts_with("PE 1: number"))
            .count()
            < 600
    );
}

#[test]
fn whoever_tells_most_loses_the_oldest_when_there_is_no_more_room() {
    let mut fixture = Fixture::set();
    let here = 100;
    for _ in 0..here {
        fixture.change(PR, Change::Fault(Fault::Freeze));
    }
    // Slowly enough for each budget.
    for number in 0..3_000 {
        fixture.now += ms(100);
        fixture.feed(PE, problem(number));
        if number % 10 == 0 {
            fixture.feed(PU, problem(number));
        }
    }
    let told = sentences(&fixture);
    assert_eq!(told.len(), Timeline::ENTRIES);
    let count = |begin: &str| told.iter().filter(|text| text.starts_with(begin)).count();
    assert_eq!(count("PR 1 was frozen"), here);
    assert_eq!(count("PU 1: number"), 300);
    assert!(told.contains(&"PE 1: number 2999") && !told.contains(&"PE 1: number 0"));
}

#[test]
fn a_recovery_replaces_the_fault_that_it_belongs_to() {
    let mut timeline = Timeline::default();
    let mut at = moment(1);
    let mut note = |timeline: &mut Timeline, severity, text: &str, fault_at: Option<Timestamp>| {
        at += ms(1);
        let entry = timeline.push(at, None, severity, text.into());
        if let Some(fault_at) = fault_at {
            timeline.concerns(entry, fault_at);
        }
        at
    };
    let headline = |timeline: &Timeline| timeline.headline().map(|entry| entry.text.clone());
    let first = note(&mut timeline, Severity::Fault, "PE 1 was killed", None);
    note(&mut timeline, Severity::Normal, "PE 2 registered", None);
    assert_eq!(headline(&timeline).as_deref(), Some("PE 1 was killed"));
    let second = note(&mut timeline, Severity::Fault, "PR 1 was frozen", None);
    note(&mut timeline, Severity::Recovery, "PU 1 went on", Some(first));
    assert_eq!(headline(&timeline).as_deref(), Some("PR 1 was frozen"));
    note(
        &mut timeline,
        Severity::Recovery,
        "PR 2 has taken over",
        Some(second),
    );
    assert_eq!(headline(&timeline).as_deref(), Some("PR 2 has taken over"));
    note(&mut timeline, Severity::Problem, "PE 2 crashed", None);
    assert_eq!(headline(&timeline).as_deref(), Some("PE 2 crashed"));
}
