//! The revision, by which others cache what they derive from components and associations.

use feed::{Impairment, LinkTarget};

use super::*;

/// Returns whether the revision changes when something happens.
fn changes(fixture: &mut Fixture, happen: impl FnOnce(&mut Fixture)) -> bool {
    let before = fixture.model.revision;
    happen(fixture);
    fixture.model.revision != before
}

#[test]
fn what_changes_components_or_associations_is_another_revision() {
    let mut fixture = Fixture::set();
    assert!(changes(&mut fixture, |it| it.up(PU, PE, 1)));
    // The layout is the same, but first both ends see the association, and then only one.
    assert!(changes(&mut fixture, |it| it.up(PE, PU, 1)));
    assert!(changes(&mut fixture, |it| it.down(PU, PE, 1)));
    assert!(changes(&mut fixture, |it| it.change(PE, Change::Frozen)));
    let links = vec![(LinkTarget::All, Impairment::UNPLUGGED)];
    assert!(changes(&mut fixture, |it| it.feed(PE, Event::Impairments { links })));
    assert!(changes(&mut fixture, |it| it.change(PE, Change::Ended(Ending::Killed))));
    assert!(changes(&mut fixture, |it| it.change(PE, Change::Removed)));
    let at = fixture.now;
    assert!(changes(&mut fixture, |it| it.apply(Update::ReportsDue { at })));
}

#[test]
fn traffic_and_what_concerns_nobody_leave_the_revision() {
    let mut fixture = Fixture::set();
    fixture.up(PU, PE, 1);
    assert!(!changes(&mut fixture, |it| it.message(
        PU,
        Direction::Sent,
        PE,
        40
    )));
    assert_eq!(fixture.model.messages.records.len(), 1);
    let lines = fixture.model.log_lines;
    assert!(!changes(&mut fixture, |it| it.change(PE, Change::LogLine("INFO".into()))));
    assert_eq!(
        fixture.model.log_lines,
        lines + 1,
        "which is what logs are cached by"
    );
    fixture.change(PE, Change::Removed);
    assert!(!changes(&mut fixture, |it| it.change(PE, Change::Frozen)));
}
