//! The views of components that were started elsewhere, found by role and name as a screen reader would.

mod fixture;

use eframe::egui;
use egui::accesskit::{Role, Toggled};
use egui::{Key, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use fixture::Fixture;
use fixture::external::{ELEMENT, REGISTRAR, SILENT, external, many_external};
use fixture::window::{Window, click_on, labels, window_of_size};
use model::Update;

const NODE: &str = "PE 0x00000261 on alpha in the graph, started elsewhere, 2 of 4 sessions, load 38 %";
const CARD: &str = "PE 0x00000261 on alpha, started elsewhere, 2 of 4 sessions, load 38 %";

fn window(fixture: Fixture, height: f32) -> Window {
    window_of_size(fixture, Vec2::new(1280.0, height))
}

/// Returns the number of widgets of a role whose name contains this text.
fn named(window: &Window, role: Role, part: &str) -> usize {
    window
        .query_all_by_role(role)
        .filter(|node| {
            node.accesskit_node()
                .label()
                .is_some_and(|name| name.contains(part))
        })
        .count()
}

#[test]
fn what_was_started_elsewhere_is_in_the_graph_and_has_cards() {
    let window = window(external(), 1200.0);
    assert!(window.query_by_role_and_label(Role::Button, NODE).is_some());
    assert!(window.query_by_role_and_label(Role::ListItem, CARD).is_some());
    for name in [
        "PR 0x0a000001 on gamma in the graph, started elsewhere, 2 PEs, 2 pools, 1 peer",
        "PU 0x0000123456789a on delta in the graph, started elsewhere, Image 4 in progress",
        "group 7 0x00000000004711 in the graph, started elsewhere, says nothing of itself",
    ] {
        assert!(
            window.query_by_role_and_label(Role::Button, name).is_some(),
            "{name}"
        );
    }
    assert_eq!(labels(&window, "Started elsewhere"), 1);
    assert_eq!(labels(&window, "1 of 5 silent"), 1);
}

#[test]
fn where_there_are_none_nothing_is_said_of_them() {
    let window = window(fixture::demo(), 1200.0);
    assert_eq!(labels(&window, "Started elsewhere"), 0);
    assert_eq!(named(&window, Role::Button, "started elsewhere"), 0);
}

#[test]
fn a_silent_one_says_for_how_long_and_disappears_when_forgotten() {
    let mut window = window(external(), 1200.0);
    let node = "PE 0x00000262 on beta in the graph, started elsewhere, Registered, load 20 %, silent for 4 s";
    assert!(window.query_by_role_and_label(Role::Button, node).is_some());
    window.state_mut().view.selection.select_external(SILENT);
    let fixture = &mut window.state_mut().centre().fixture;
    fixture.wait(6_000);
    let at = fixture.now;
    fixture.model.apply(Update::ReportsDue { at });
    window.run();
    assert_eq!(named(&window, Role::Button, "0x00000262"), 0);
    assert_eq!(
        window.state().view.selection.external(),
        None,
        "nothing is chosen any more"
    );
}

#[test]
fn its_end_removes_it() {
    let mut window = window(external(), 1200.0);
    fixture::external::end(&mut window.state_mut().centre().fixture, ELEMENT);
    window.run();
    assert_eq!(named(&window, Role::Button, "0x00000261"), 0);
    assert_eq!(named(&window, Role::ListItem, "0x00000261"), 0);
}

#[test]
fn one_selection_holds_for_own_and_others() {
    let mut window = window(external(), 1200.0);
    click_on(&mut window, Role::ListItem, CARD);
    assert_eq!(window.state().view.selection.external(), Some(ELEMENT));
    let card = window.get_by_role_and_label(Role::ListItem, CARD);
    assert_eq!(card.accesskit_node().toggled(), Some(Toggled::True));
    let own = window
        .state_mut()
        .centre()
        .fixture
        .model
        .components
        .keys()
        .next()
        .copied();
    window
        .state_mut()
        .view
        .selection
        .select(own.expect("there are own ones"));
    window.run();
    assert_eq!(window.state().view.selection.external(), None);
    click_on(&mut window, Role::Button, NODE);
    assert_eq!(window.state().view.selection.external(), Some(ELEMENT));
    assert_eq!(window.state().view.selection.component(), None);
    window.key_press(Key::Escape);
    window.run();
    assert_eq!(window.state().view.selection.external(), None);
}

#[test]
fn the_inspector_tells_everything_and_has_nothing_to_press() {
    let mut window = window(external(), 1200.0);
    click_on(&mut window, Role::Button, "Details of PE 0x00000261 on alpha");
    let sentence =
        "Started elsewhere: it reports its status here and can only be watched, not stopped or disturbed.";
    for text in [
        sentence,
        "2 of 4 sessions",
        "38 %",
        "ASAP, 11 min",
        "pool element",
        "0x00000261",
        "PE $00000261",
        "alpha: 10.10.0.61, fd00::61",
        "10.10.0.61",
        "fd00::61",
        "1.00 s",
        "heard 0 s ago",
    ] {
        assert!(labels(&window, text) >= 1, "{text}");
    }
    for control in ["Stop", "Kill", "Freeze", "Unplug", "Restart"] {
        assert_eq!(named(&window, Role::Button, &format!("{control} PE 0x")), 0);
    }
    window.state_mut().centre().fixture.wait(1_000);
    window.run();
    assert_eq!(labels(&window, "heard 1 s ago"), 1, "it goes on");
    click_on(&mut window, Role::Link, "PR 1");
    assert!(
        window.state().view.selection.component().is_some(),
        "the other end is ours"
    );
}

#[test]
fn keys_for_own_components_do_nothing_to_others() {
    let mut window = window(external(), 1200.0);
    window.state_mut().view.selection.select_external(REGISTRAR);
    window.run();
    for key in [Key::K, Key::S, Key::F, Key::U, Key::Delete] {
        window.key_press(key);
        window.run();
    }
    assert_eq!(window.state_mut().centre().commands, []);
}

#[test]
fn hundreds_are_drawn_as_far_as_there_is_room() {
    let mut window = window(many_external(), 800.0);
    assert!(named(&window, Role::Button, "in the graph, started elsewhere") <= 35);
    assert!(named(&window, Role::ListItem, "started elsewhere") < 20);
    let model = &window.state_mut().centre().fixture.model;
    let last = model.external().iter().last().expect("there are many").identifier;
    window.state_mut().view.selection.select_external(last);
    window.run();
    assert_eq!(
        named(&window, Role::ListItem, "0x0000112c"),
        1,
        "its card has come on the screen"
    );
}
