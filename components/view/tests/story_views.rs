//! The story below the graph, found by role and name as a screen reader would, and used by mouse and keyboard.

mod fixture;

use std::time::Duration;

use command::Command;
use command::PlayControl;
use eframe::egui;
use egui::accesskit::Role;
use egui::{Key, Vec2, ViewportId};
use egui_kittest::kittest::Queryable as _;
use fixture::window::{Window, commands, says, undrawn_window};
use fixture::{FixtureCentre, Told};

fn window(centre: FixtureCentre, size: Vec2) -> Window {
    let mut window = undrawn_window(centre, size);
    // Clocks are running, so the window need not become idle.
    window.run_steps(4);
    window
}

fn told(told: Told) -> Window {
    window(fixture::story(told), Vec2::new(1280.0, 800.0))
}

fn click(window: &mut Window, name: &str) -> Vec<Command> {
    window.get_by_role_and_label(Role::Button, name).click();
    window.run_steps(4);
    commands(window)
}

fn press(window: &mut Window, key: Key) -> Vec<Command> {
    window.key_press(key);
    window.run_steps(4);
    commands(window)
}

/// Returns the commands that follow from this control.
fn asked(order: PlayControl) -> [Command; 1] {
    [Command::Play(order)]
}

fn has_button(window: &Window, name: &str) -> bool {
    window.query_by_role_and_label(Role::Button, name).is_some()
}

#[test]
fn a_scenario_without_steps_has_no_strip() {
    let mut window = window(FixtureCentre::new(fixture::demo()), Vec2::new(1280.0, 800.0));
    assert!(!has_button(&window, "Restart the story"));
    assert_eq!(press(&mut window, Key::Space), []);
    assert_eq!(press(&mut window, Key::PageDown), []);
}

#[test]
fn a_story_waits_for_somebody_to_run_it() {
    let mut window = told(Told::Ready);
    assert!(says(&window, "dies without a word"), "what there will be to see");
    assert!(!has_button(&window, "Pause the story"));
    assert_eq!(click(&mut window, "Run the story"), asked(PlayControl::Run));
    assert_eq!(press(&mut window, Key::Space), asked(PlayControl::Run));
}

#[test]
fn every_control_of_a_story_has_a_button_and_keys() {
    let mut window = told(Told::Waiting);
    assert_eq!(click(&mut window, "Pause the story"), asked(PlayControl::Pause));
    assert_eq!(press(&mut window, Key::Space), asked(PlayControl::Pause));
    assert_eq!(click(&mut window, "Next step now"), asked(PlayControl::Step));
    assert_eq!(press(&mut window, Key::PageDown), asked(PlayControl::Step));
    assert_eq!(click(&mut window, "Restart the story"), [Command::RestartStory]);
    window.key_press_modifiers(egui::Modifiers::COMMAND, Key::R);
    window.run_steps(4);
    assert_eq!(commands(&mut window), [Command::RestartStory]);
    window
        .get_by_role_and_label(Role::ComboBox, "Speed of the story")
        .click();
    window.run_steps(4);
    window.get_by_label("4\u{d7}").click();
    window.run_steps(4);
    assert_eq!(commands(&mut window), [Command::Play(PlayControl::Speed(4.0))]);
}

#[test]
fn the_space_bar_is_left_to_text_fields_and_focused_buttons() {
    let mut window = told(Told::Waiting);
    window
        .get_by_role_and_label(Role::Button, "Restart the story")
        .focus();
    window.run_steps(4);
    assert_eq!(
        press(&mut window, Key::Space),
        [Command::RestartStory],
        "the button that has the focus is pressed"
    );
}

#[test]
fn steps_tell_how_they_stand() {
    let window = told(Told::Expecting);
    for name in [
        "Step 1 of 4: ready, done",
        "Step 2 of 4: kill, done",
        "Step 3 of 4: what nobody sees, going on",
        "Step 4 of 4: the end, ahead",
    ] {
        assert!(has_button(&window, name), "{name}");
    }
    assert!(says(&window, "step 3 of 4"));
}

#[test]
fn the_audience_is_told_what_happens_and_where_it_is_specified() {
    let window = told(Told::Expecting);
    assert!(says(&window, "Not one pixel is lost or wrong"));
    assert!(says(&window, "RFC 5351 section 2.5.1"));
}

#[test]
fn what_is_expected_has_a_word_and_a_stopwatch() {
    let window = told(Told::Expecting);
    assert!(says(&window, "The pool user is at work."));
    assert!(says(&window, "met"));
    assert!(says(&window, "A registrar is taken over."));
    assert!(says(&window, "s left"));
    assert!(says(&window, "Expected of this step"));
}

#[test]
fn what_is_waited_for_is_told_with_the_time_that_is_left() {
    let window = told(Told::Waiting);
    assert!(says(&window, "Next: kill"));
    assert!(says(&window, "in 3."), "of 6 seconds 2.3 are over");
    assert!(
        says(&window, "The pool user is served."),
        "what came of the step before"
    );
}

#[test]
fn a_step_can_be_looked_back_at() {
    let mut window = told(Told::Expecting);
    click(&mut window, "Step 2 of 4: kill, done");
    assert!(says(&window, "It says nothing to anybody"));
    assert!(says(&window, "35 ms"), "the measured gap");
    assert!(!says(&window, "Not one pixel"));
    click(&mut window, "Back to the step that is on");
    assert!(says(&window, "Not one pixel"));
}

#[test]
fn the_end_says_whether_all_was_as_expected() {
    let window = told(Told::Failed);
    assert!(says(&window, "not all was as expected"));
    assert!(has_button(&window, "Step 3 of 4: what nobody sees, failed"));
    assert!(!has_button(&window, "Pause the story"));
}

#[test]
fn a_story_is_drawn_again_only_while_its_clocks_run() {
    for (told, rests) in [(Told::Ready, true), (Told::Waiting, false), (Told::Failed, true)] {
        let mut centre = fixture::story(told);
        // The arrow of the failover is drawn until it has faded.
        centre.fixture.wait(15_000);
        let mut window = window(centre, Vec2::new(1280.0, 800.0));
        window.run_steps(20);
        let delay = window.output().viewport_output[&ViewportId::ROOT].repaint_delay;
        assert_eq!(delay >= Duration::from_secs(10), rests, "{told:?}: {delay:?}");
    }
    let mut paused = fixture::story(Told::Waiting);
    paused.control(PlayControl::Pause);
    paused.fixture.wait(15_000);
    let mut window = window(paused, Vec2::new(1280.0, 800.0));
    assert!(says(&window, "Paused. Next: kill"));
    window.run_steps(20);
    let delay = window.output().viewport_output[&ViewportId::ROOT].repaint_delay;
    assert!(delay >= Duration::from_secs(10), "{delay:?}");
}

#[test]
fn stories_are_found_in_help_and_palette() {
    let mut window = told(Told::Waiting);
    press(&mut window, Key::F1);
    assert!(says(&window, "Run or pause the story"));
    press(&mut window, Key::Escape);
    window.key_press_modifiers(egui::Modifiers::COMMAND, Key::K);
    window.run_steps(4);
    window
        .get_by_role_and_label(Role::TextInput, "Search all actions")
        .type_text("next step");
    window.run_steps(4);
    assert_eq!(press(&mut window, Key::Enter), [Command::Play(PlayControl::Step)]);
}

#[test]
fn every_window_size_draws_every_story() {
    for (width, height) in [(960.0, 600.0), (1280.0, 800.0), (1920.0, 1080.0)] {
        for told in [Told::Ready, Told::Waiting, Told::Expecting, Told::Failed] {
            let mut window = window(fixture::story(told), Vec2::new(width, height));
            let graph = window.get_by_role_and_label(Role::Canvas, "Association graph");
            let bounds = graph.rect();
            assert!(
                bounds.height() > height * 0.4 || height < 700.0,
                "the graph has {} of {height}",
                bounds.height()
            );
            press(&mut window, Key::F11);
            assert!(has_button(&window, "Restart the story"));
        }
    }
}
