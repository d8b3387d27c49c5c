//! The views of several registrars, found by role and name as a screen reader would.

mod fixture;

use eframe::egui;
use egui::Vec2;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use fixture::Fixture;
use fixture::window::{Window, click_on, labels, window_of_size};

fn window(fixture: Fixture) -> Window {
    window_of_size(fixture, Vec2::new(1280.0, 900.0))
}

/// Returns the full name of a component's node in the graph.
fn node(window: &Window, name: &str) -> String {
    let begin = format!("{name} in the graph, ");
    let node = window.get_by(|node| node.label().is_some_and(|text| text.starts_with(&begin)));
    node.accesskit_node().label().unwrap_or_default()
}

#[test]
fn nodes_tell_whose_is_whose_and_whether_registrars_agree() {
    let window = window(fixture::two_registrars());
    for (name, end) in [
        ("PR 1", "agrees with PR 2"),
        ("PR 2", "agrees with PR 1"),
        ("PE 1", "home PR 1"),
        ("PE 2", "home PR 2"),
        ("PE 3", "home PR 1"),
    ] {
        let text = node(&window, name);
        assert!(text.ends_with(end), "{text}");
    }
}

#[test]
fn with_one_registrar_nobody_needs_to_be_told_whose_is_whose() {
    let window = window(fixture::demo());
    assert!(!node(&window, "PE 2").contains("home"));
    assert!(!node(&window, "PR 1").contains("agrees"));
}

#[test]
fn a_takeover_is_told_at_both_registrars_and_by_its_parts() {
    let mut window = window(fixture::takeover());
    let text = node(&window, "PR 1");
    assert!(
        text.contains("killed") && text.ends_with("being taken over by PR 2"),
        "{text}"
    );
    assert!(node(&window, "PR 2").ends_with("takes over PR 1: 1 of 2"));
    assert!(node(&window, "PE 1").ends_with("home PR 2"));
    assert_eq!(labels(&window, "1 of 2 PEs have a new home"), 1);
    assert_eq!(labels(&window, "PR 1 was killed; PR 3 agreed"), 1);
    let parts =
        "PR 2 takes over PR 1: suspected 1.07 s, considered dead 500 ms, agreed 5.0 ms, PEs moved 72 ms";
    assert!(window.query_by_role_and_label(Role::Image, parts).is_some());
    click_on(&mut window, Role::Button, "Put the takeover away");
    assert_eq!(labels(&window, "1 of 2 PEs have a new home"), 0);
}

#[test]
fn a_takeover_that_is_over_says_how_long_it_took() {
    let window = window(fixture::taken_over());
    assert!(node(&window, "PR 1").ends_with("taken over by PR 2"));
    assert!(node(&window, "PR 2").ends_with("agrees with PR 3"));
    assert_eq!(labels(&window, "2 of 2 PEs have a new home"), 1);
    assert_eq!(labels(&window, "1.83 s"), 1);
}

#[test]
fn registrars_that_disagree_are_told_at_their_nodes() {
    let window = window(fixture::disagreement());
    assert!(node(&window, "PR 3").ends_with("differs, asks PR 1"));
    let frozen = node(&window, "PR 2");
    assert!(
        frozen.contains("frozen") && frozen.ends_with("not heard by 2 PRs"),
        "{frozen}"
    );
}

#[test]
fn the_handlespace_marks_what_is_different() {
    let mut window = window(fixture::disagreement());
    click_on(&mut window, Role::Tab, "Handlespace");
    assert_eq!(labels(&window, "4 differences"), 1);
    assert_eq!(labels(&window, "missing here"), 1);
    assert_eq!(labels(&window, "differs"), 1, "the checksum");
    assert_eq!(labels(&window, "frozen, as it was"), 1);
    click_on(&mut window, Role::Button, "Show differences only");
    assert_eq!(labels(&window, "missing here"), 1);
    assert_eq!(labels(&window, "says it is its own"), 1);
    assert_eq!(
        labels(&window, "says least used"),
        1,
        "PR 3, the owner, says round robin"
    );
    assert_eq!(labels(&window, "agrees"), 0, "checksums that agree are left out");
}

#[test]
fn the_handlespace_says_when_all_agree() {
    let mut window = window(fixture::two_registrars());
    click_on(&mut window, Role::Tab, "Handlespace");
    assert_eq!(labels(&window, "all 2 registrars agree"), 1);
    assert_eq!(
        labels(&window, "its own"),
        5,
        "two checksums and three pool elements"
    );
    assert_eq!(labels(&window, "of PR 1"), 2);
    click_on(&mut window, Role::Button, "Show differences only");
    assert_eq!(labels(&window, "There are no differences."), 1);
}

#[test]
fn the_handlespace_of_a_killed_registrar_is_shown_as_it_was() {
    let mut window = window(fixture::taken_over());
    click_on(&mut window, Role::Tab, "Handlespace");
    assert_eq!(labels(&window, "killed, as it was"), 1);
    assert!(labels(&window, "was its own") >= 2);
    assert_eq!(
        labels(&window, "all 2 registrars agree"),
        1,
        "the dead one has no say"
    );
}

#[test]
fn the_inspector_tells_of_a_registrars_peers() {
    let mut window = window(fixture::two_registrars());
    click_on(&mut window, Role::Button, "Details of PR 2");
    assert_eq!(labels(&window, "in service after 62 ms, from PR 1"), 1);
    assert_eq!(labels(&window, "PR 1: heard, checksums agree"), 1);
}
