//! The palette, the menu of scenarios and the dialogs: everything is to be found there, and in its usual place.

mod fixture;

use command::Command;
use eframe::egui;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feed::Impairment;
use fixture::window::{Window, click, id, place, press, says, window_of_size};

const SIZE: Vec2 = Vec2::new(1280.0, 800.0);

/// Chooses what the palette finds first for a text.
fn palette(window: &mut Window, text: &str) -> Vec<Command> {
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run();
    window
        .get_by_role_and_label(Role::TextInput, "Search all actions")
        .type_text(text);
    window.run();
    press(window, Key::Enter)
}

#[test]
fn the_palette_knows_every_action() {
    let mut fixture = fixture::demo();
    let element = fixture.named("PE 2");
    fixture.limits(element, Some(0), Some(0));
    let mut window = window_of_size(fixture, SIZE);
    let impair = |impairment| Command::Impair(element, feed::LinkTarget::All, impairment);
    let loss = Impairment {
        loss: 0.2,
        ..Impairment::default()
    };
    assert_eq!(palette(&mut window, "loss 20 % pe 2"), [impair(loss)]);
    let delay = Impairment {
        delay_ms: 200.0,
        ..Impairment::default()
    };
    assert_eq!(palette(&mut window, "delay 200 pe 2"), [impair(delay)]);
    let jitter = Impairment {
        jitter_ms: 20.0,
        ..Impairment::default()
    };
    assert_eq!(palette(&mut window, "jitter 20 pe 2"), [impair(jitter)]);
    let rate = Impairment {
        rate_kbit_s: 64.0,
        ..Impairment::default()
    };
    assert_eq!(palette(&mut window, "rate 64 pe 2"), [impair(rate)]);
    let one_way = Impairment {
        direction: feed::Affected::Sent,
        ..Impairment::UNPLUGGED
    };
    assert_eq!(palette(&mut window, "direction pe 2 sends"), [impair(one_way)]);
    let fail = feed::Command::FailAfter { messages: 10 };
    assert_eq!(
        palette(&mut window, "fail after 10 messages pe 2"),
        [Command::Send(element, fail)]
    );
    let commands = palette(&mut window, "random faults of pe 2");
    assert!(
        matches!(commands.as_slice(), [Command::BeginRandomFaults(_)]),
        "{commands:?}"
    );
    let dead = id(&mut window, "PE 1");
    assert_eq!(palette(&mut window, "remove pe 1"), [Command::Remove(dead)]);
    let loaded = palette(&mut window, "two registrars");
    assert!(
        matches!(loaded.as_slice(), [Command::LoadScenario(_)]),
        "{loaded:?}"
    );
    assert_eq!(palette(&mut window, "no such thing at all"), []);
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run();
    window
        .get_by_role_and_label(Role::TextInput, "Search all actions")
        .type_text("no such thing at all");
    window.run();
    assert!(says(&window, "No action has all of these words."));
}

#[test]
fn enter_saves_and_the_buttons_of_all_dialogs_have_the_same_order() {
    let mut window = window_of_size(fixture::demo(), SIZE);
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    window.run();
    let cancel = place(&window, "Close this dialog");
    assert!(cancel.max.x <= place(&window, "Save this scenario").min.x);
    let asked = press(&mut window, Key::Enter);
    assert!(
        matches!(asked.as_slice(), [Command::SaveScenario(file)] if !file.replace),
        "{asked:?}"
    );
    press(&mut window, Key::Escape);
    window.key_press_modifiers(Modifiers::COMMAND, Key::O);
    window.run();
    let cancel = place(&window, "Close this dialog");
    assert!(cancel.max.x <= place(&window, "Open this file").min.x);
    press(&mut window, Key::Escape);
    click(&mut window, "Add a pool user");
    let cancel = place(&window, "Add nothing");
    assert!(cancel.max.x <= place(&window, "Start the new pool user").min.x);
}

#[test]
fn drops_are_offered_only_where_they_arrive() {
    for can_drop in [true, false] {
        let mut window = window_of_size(fixture::demo(), SIZE);
        window.state_mut().view.can_drop = can_drop;
        window.key_press_modifiers(Modifiers::COMMAND, Key::O);
        window.run();
        assert_eq!(says(&window, "dropped on the window"), can_drop);
    }
}

#[test]
fn the_menu_of_scenarios_says_what_each_shows_and_how_long_it_takes() {
    let mut window = window_of_size(fixture::demo(), SIZE);
    let scenarios = &mut window.state_mut().centre().scenarios;
    scenarios[0].description = "A pool element is killed.".into();
    scenarios[0].duration = Some(std::time::Duration::from_secs(61));
    window.run();
    click(&mut window, "Scenario: failover");
    let entry = window.get_by_role_and_label(Role::MenuItem, "failover");
    let description = entry.accesskit_node().description().unwrap_or_default();
    assert_eq!(description, "at least 65 s. A pool element is killed.");
}
