//! The window without a display: found by role and name as a screen reader would, and used by mouse and keyboard.

mod fixture;

use std::time::Duration;

use command::Command;
use eframe::egui;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2, ViewportId};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feed::{ComponentRole, Impairment, LinkTarget};
use fixture::Fixture;
use fixture::window::{Window, click, commands, filter_messages, id, press, window_of_size};

/// Creates a window on a demonstration, drawn until it is idle. This includes a check that every input widget has a
/// name.
fn window(fixture: Fixture) -> Window {
    window_of_size(fixture, Vec2::new(1280.0, 800.0))
}

#[test]
fn stop_and_kill_are_different_buttons_of_a_card() {
    let mut window = window(fixture::demo());
    let id = id(&mut window, "PE 2");
    assert_eq!(click(&mut window, "Kill PE 2"), [Command::Kill(id)]);
    assert_eq!(click(&mut window, "Stop PE 2"), [Command::Stop(id)]);
}

#[test]
fn a_killed_component_can_be_started_from_its_card() {
    let mut window = window(fixture::demo());
    let id = id(&mut window, "PE 1");
    let kill = window.get_by_role_and_label(Role::Button, "Kill PE 1");
    assert!(kill.accesskit_node().is_disabled());
    assert_eq!(click(&mut window, "Start PE 1"), [Command::Start(id)]);
}

#[test]
fn one_click_kills_the_pool_element_that_serves_a_pool_user() {
    let mut window = window(fixture::demo());
    let id = id(&mut window, "PU 1");
    assert_eq!(
        click(&mut window, "Kill the PE that serves PU 1"),
        [Command::KillServing(id)]
    );
}

#[test]
fn the_nodes_of_the_graph_tell_their_states() {
    let window = window(fixture::failures());
    for (name, state) in [
        ("PR 1", "running"),
        ("PE 1", "killed"),
        ("PE 2", "frozen"),
        ("PE 3", "unplugged"),
        ("PE 4", "crashed"),
        ("PE 5", "cannot start"),
        ("PE 6", "stopped"),
    ] {
        let label = format!("{name} in the graph, {state}");
        let node = window.get_by(|node| node.label().is_some_and(|text| text.starts_with(&label)));
        assert_eq!(node.accesskit_node().role(), Role::Button, "{label}");
    }
}

#[test]
fn a_component_that_cannot_start_says_why_on_its_card() {
    let window = window(fixture::failures());
    let says_why = |it: &egui_kittest::kittest::AccessKitNode<'_>| {
        it.value().is_some_and(|text| text.contains("port 9899"))
    };
    assert!(
        window
            .query_all_by_role(Role::Label)
            .any(|node| says_why(&node.accesskit_node()))
    );
}

#[test]
fn a_scenario_that_cannot_be_used_is_explained_until_it_is_closed() {
    let mut window = window(Fixture::new());
    window.state_mut().centre().problem = Some("line 12: unknown member".into());
    window.run();
    assert!(window.query_by_label_contains("line 12").is_some());
    click(&mut window, "Close this message");
    assert!(window.query_by_label_contains("line 12").is_none());
}

#[test]
fn keys_act_on_the_chosen_component() {
    let mut window = window(fixture::demo());
    let id = id(&mut window, "PE 2");
    assert_eq!(press(&mut window, Key::K), [], "nothing is chosen");
    window.state_mut().view.selection.select(id);
    window.run();
    assert_eq!(press(&mut window, Key::S), [Command::Stop(id)]);
    assert_eq!(press(&mut window, Key::K), [Command::Kill(id)]);
    assert_eq!(press(&mut window, Key::F), [Command::Freeze(id)]);
    let unplug = Command::Impair(id, LinkTarget::All, Impairment::UNPLUGGED);
    assert_eq!(press(&mut window, Key::U), [unplug]);
    assert_eq!(press(&mut window, Key::Escape), []);
    assert_eq!(window.state().view.selection.component(), None);
}

#[test]
fn arrow_keys_choose_nodes_of_the_graph_and_enter_opens_the_inspector() {
    let mut window = window(fixture::demo());
    press(&mut window, Key::ArrowDown);
    let first = window.state().view.selection.component();
    assert!(first.is_some());
    press(&mut window, Key::ArrowRight);
    assert_ne!(window.state().view.selection.component(), first);
    press(&mut window, Key::Enter);
    assert!(window.query_by_label("Back to all components").is_some());
}

#[test]
fn the_inspector_offers_everything_that_can_be_done() {
    let mut window = window(fixture::demo());
    click(&mut window, "Details of PE 2");
    for name in [
        "Stop PE 2",
        "Kill PE 2",
        "Restart PE 2",
        "Freeze PE 2",
        "Unplug PE 2",
    ] {
        assert!(
            window.query_by_role_and_label(Role::Button, name).is_some(),
            "{name}"
        );
    }
    let id = id(&mut window, "PE 2");
    assert_eq!(click(&mut window, "Restart PE 2"), [Command::Restart(id)]);
    window.get_by_role_and_label(Role::SpinButton, "Loss").focus();
    window.run();
}

#[test]
fn everything_that_can_be_wrong_with_packets_is_set_at_a_component() {
    let mut window = window(fixture::demo());
    click(&mut window, "Details of PE 2");
    window.get_by_label("More faults").click();
    window.run();
    for label in ["Loss", "Lost in a row", "Rate", "Corrupted", "First lost"] {
        let value = window.query_by_role_and_label(Role::SpinButton, label);
        assert!(value.is_some(), "{label}");
    }
    for label in [
        "Both directions",
        "Only what PE 2 sends",
        "Only what PE 2 receives",
    ] {
        let choice = window.query_by_role_and_label(Role::RadioButton, label);
        assert!(choice.is_some(), "{label}");
    }
}

#[test]
fn limits_are_shown_as_the_component_tells_of_them_and_changed_by_typing() {
    let mut fixture = fixture::demo();
    let mut elements = fixture.model.components.values();
    let element = elements.find(|component| component.name == "PE 2").unwrap().id;
    fixture.limits(element, Some(7), Some(2_000_000));
    let mut window = window(fixture);
    click(&mut window, "Details of PE 2");
    let value = |window: &Window, label| {
        let node = window.get_by_role_and_label(Role::SpinButton, label);
        node.accesskit_node().numeric_value()
    };
    assert_eq!(value(&window, "Fail after"), Some(7.0));
    assert_eq!(value(&window, "Capacity"), Some(2.0));
    window
        .get_by_role_and_label(Role::SpinButton, "Fail after")
        .focus();
    window.run();
    let commands = press(&mut window, Key::ArrowUp);
    let tell = |messages| Command::Send(element, feed::Command::FailAfter { messages });
    assert_eq!(commands, [tell(8)]);
    // The new value stays visible until the component reports it, and even if it never does.
    assert_eq!(value(&window, "Fail after"), Some(8.0));
    let fixture = &mut window.state_mut().centre().fixture;
    fixture.limits(element, Some(4), None);
    window.run();
    assert_eq!(value(&window, "Fail after"), Some(4.0));
    let capacity = window.get_by_role_and_label(Role::SpinButton, "Capacity");
    assert!(capacity.accesskit_node().is_disabled());
}

#[test]
fn active_faults_are_announced_and_undone_by_one_click() {
    let mut window = window(fixture::failures());
    assert!(window.query_by_label("2 faults active").is_some());
    assert_eq!(click(&mut window, "Undo all faults"), [Command::UndoFaults]);
}

#[test]
fn a_pool_element_that_is_to_fail_is_a_fault_like_any_other() {
    let mut failures = fixture::failures();
    let element = failures.named("PE 2");
    failures.limits(element, Some(10), Some(0));
    let window = window(failures);
    assert!(window.query_by_label("3 faults active").is_some());
    let node = |node: &egui_kittest::kittest::AccessKitNode<'_>| {
        let label = node.label().unwrap_or_default();
        label.starts_with("PE 2 in the graph") && label.ends_with("fails after 10 messages")
    };
    assert!(
        window
            .query_by(|it| it.role() == Role::Button && node(it))
            .is_some()
    );
}

#[test]
fn the_palette_finds_an_action_by_its_words() {
    let mut window = window(fixture::demo());
    let id = id(&mut window, "PE 3");
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run();
    window
        .get_by_role_and_label(Role::TextInput, "Search all actions")
        .type_text("freeze pe 3");
    window.run();
    assert_eq!(press(&mut window, Key::Enter), [Command::Freeze(id)]);
}

#[test]
fn a_pool_element_can_be_added_under_a_name() {
    let mut window = window(fixture::demo());
    click(&mut window, "Add a pool element");
    window.get_by_role_and_label(Role::TextInput, "Name").focus();
    window.run();
    window
        .get_by_role_and_label(Role::TextInput, "Name")
        .type_text("Spare");
    window.run();
    let commands = click(&mut window, "Start the new pool element");
    let [Command::Add(spec)] = commands.as_slice() else {
        panic!("{commands:?}")
    };
    assert_eq!(spec.role(), ComponentRole::PoolElement);
    assert_eq!(spec.name.as_deref(), Some("Spare"));
}

#[test]
fn nothing_is_drawn_again_while_nothing_happens() {
    for fixture in [
        Fixture::new(),
        fixture::demo(),
        fixture::sixty(),
        fixture::failures(),
        fixture::two_registrars(),
        fixture::taken_over(),
        fixture::disagreement(),
    ] {
        let mut fixture = fixture;
        // The arrow of a failover is drawn until it has faded.
        fixture.wait(15_000);
        let mut window = window(fixture);
        window.run_steps(3);
        let delay = window.output().viewport_output[&ViewportId::ROOT].repaint_delay;
        assert!(delay >= Duration::from_secs(10), "{delay:?}");
    }
}

#[test]
fn a_message_moves_along_its_edge_and_then_all_rests() {
    let mut demo = fixture::demo();
    demo.wait(15_000);
    let mut window = window(demo);
    let fixture = &mut window.state_mut().centre().fixture;
    let (from, to, number) = fixture
        .model
        .associations
        .values()
        .find_map(|association| {
            let [Some(from), Some(to)] = association.ends else {
                return None;
            };
            Some((from, to, association.views.get(&from)?.number))
        })
        .expect("an association");
    fixture.message(
        from,
        to,
        number.number(),
        wire::Ppid::ASAP,
        "ASAP_ENDPOINT_KEEP_ALIVE",
        48,
    );
    window.run_steps(2);
    let delay = |window: &Window| window.output().viewport_output[&ViewportId::ROOT].repaint_delay;
    assert!(delay(&window) < Duration::from_millis(100), "the dot moves");
    window.run_steps(30);
    assert!(
        delay(&window) >= Duration::from_secs(10),
        "the dot has arrived: {:?}",
        delay(&window)
    );
}

#[test]
fn the_presenter_sees_graph_and_pictures_only() {
    let mut window = window(fixture::demo());
    press(&mut window, Key::F11);
    assert!(window.query_by_label("Stop all").is_none());
    assert!(window.query_by_label("Kill the PE that serves PU 1").is_some());
    press(&mut window, Key::F11);
    assert!(window.query_by_label("Stop all").is_some());
}

#[test]
fn messages_can_be_filtered_and_opened() {
    let mut window = window(fixture::demo());
    filter_messages(&mut window, "registration response");
    let rows: Vec<_> = window.query_all_by_role(Role::Row).collect();
    assert_eq!(rows.len(), 3, "one for each pool element");
    rows[0].click();
    drop(rows);
    window.run();
    assert!(window.query_by_label_contains("PPID 11").is_some());
}

#[test]
fn the_table_of_messages_has_headers_and_cells() {
    let mut window = window(fixture::demo());
    window
        .get_by(|node| node.role() == Role::Tab && node.label().is_some_and(|it| it.starts_with("Messages")))
        .click();
    window.run();
    for title in ["Time (UTC)", "From", "To", "Message", "Size", "Content"] {
        window.get_by_role_and_label(Role::ColumnHeader, title);
    }
    let rows = window.query_all_by_role(Role::Row).count();
    let cells = window.query_all_by_role(Role::Cell).count();
    assert!(rows > 0);
    assert_eq!(cells, 6 * rows);
    let fixture = fixture::demo();
    let latest = fixture.model.messages.records.back().expect("there are messages");
    let last = window
        .query_all_by_role(Role::Row)
        .last()
        .expect("there are rows");
    let label = last.accesskit_node().label().unwrap_or_default();
    assert!(
        label.starts_with(&latest.name),
        "{label} is not the latest message"
    );
}

#[test]
fn every_tab_and_window_size_draws_every_fixture() {
    for (width, height) in [(960.0, 600.0), (1280.0, 800.0), (1920.0, 1080.0)] {
        for fixture in [
            Fixture::new(),
            fixture::demo(),
            fixture::sixty(),
            fixture::failures(),
            fixture::takeover(),
            fixture::disagreement(),
            fixture::crowd(),
        ] {
            let mut window = window_of_size(fixture, Vec2::new(width, height));
            for tab in ["Log", "Handlespace"] {
                window.get_by_role_and_label(Role::Tab, tab).click();
                window.run();
            }
            press(&mut window, Key::F1);
            press(&mut window, Key::Escape);
        }
    }
}

#[test]
fn quitting_stops_everything_first() {
    let mut window = window(fixture::demo());
    window.key_press_modifiers(Modifiers::COMMAND, Key::Q);
    window.run_steps(2);
    assert_eq!(commands(&mut window), [Command::Quit]);
}

/// Returns the texts at the marks of failovers in pictures.
fn marks(window: &Window) -> Vec<String> {
    window
        .query_all_by_role(Role::Label)
        .filter_map(|node| node.accesskit_node().value())
        .filter(|text| text.starts_with("Failover of "))
        .collect()
}

#[test]
fn a_mark_tells_of_its_own_failover_whatever_became_of_others() {
    let mut fixture = fixture::demo();
    let [user, second, third] = ["PU 1", "PE 2", "PE 3"].map(|name| fixture.named(name));
    // The pool user is back at its pool element, so there is no mark.
    fixture.fail_over(user, third, third, [50_000, 10_000, 10_000, 20_000]);
    fixture.rows(user, third, 170..180);
    fixture.fail_over(user, third, second, [500_000, 100_000, 100_000, 200_000]);
    fixture.rows(user, second, 180..190);
    // This failover is still in progress.
    fixture.leave(user, second, feed::Timestamp::from_micros(800));
    let mut window = window(fixture);
    let expected = [
        "Failover of PU 1 at row 96: 35 ms",
        "Failover of PU 1 at row 180: 900 ms",
    ];
    assert_eq!(marks(&window), expected);
    // Now it will never be completed.
    let fixture = &mut window.state_mut().centre().fixture;
    fixture.kill(user);
    assert!(
        fixture.model.components[&user]
            .failovers
            .back()
            .is_some_and(|it| it.abandoned)
    );
    window.run();
    assert_eq!(marks(&window), expected);
}

#[test]
fn a_failover_takes_as_long_in_every_place_that_tells_of_it() {
    let mut fixture = fixture::demo();
    let [user, second, third] = ["PU 1", "PE 2", "PE 3"].map(|name| fixture.named(name));
    // The last data came 0.8 ms earlier.
    fixture.fail_over(user, third, second, [20, 20, 20, 40]);
    fixture.rows(user, second, 170..180);
    let window = window(fixture);
    let labels: Vec<_> = window
        .query_all_by_role(Role::Label)
        .filter_map(|node| node.accesskit_node().value())
        .collect();
    for text in [
        "PU 1 fails over: PE 3 \u{2192} PE 2, gap 900 \u{b5}s",
        "900 \u{b5}s",
        "Failover of PU 1 at row 170: 900 \u{b5}s",
    ] {
        assert!(labels.iter().any(|label| label == text), "{text}: {labels:?}");
    }
}
