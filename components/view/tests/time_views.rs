//! The line of time: the cursor on it, what it says about the past, and that nothing can be done to the past.

mod fixture;

use std::time::Duration;

use chronicle::{Stop, TimeControl};
use command::Command;
use eframe::egui;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Vec2, pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feed::Timestamp;
use fixture::painted::{all_discs, shows, texts};
use fixture::times::{Recorded, failover_of_demo, in_flight, of_demo, two_hours};
use fixture::window::{Window, click, commands, id, press, says, undrawn_window};
use fixture::{Fixture, FixtureCentre, Told};

const SIZES: [Vec2; 2] = [Vec2::new(1280.0, 800.0), Vec2::new(1920.0, 1080.0)];

fn window(centre: FixtureCentre, size: Vec2) -> Window {
    let mut window = undrawn_window(centre, size);
    window.run_steps(8);
    window
}

/// The demonstration, recorded, with the cursor at its failover if `past` is set.
fn recorded(past: bool) -> FixtureCentre {
    let fixture = fixture::demo();
    let (fault, _) = failover_of_demo(&fixture);
    FixtureCentre::recorded(fixture, |fixture| {
        let recorded = of_demo(fixture);
        if past { recorded.at(fault) } else { recorded }
    })
}

fn press_with(window: &mut Window, modifiers: Modifiers, key: Key) -> Vec<Command> {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(2);
    commands(window)
}

fn pointer(window: &mut Window, at: Pos2, pressed: Option<bool>, modifiers: Modifiers) {
    window.event(Event::PointerMoved(at));
    if let Some(pressed) = pressed {
        window.event(Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers,
        });
    }
    window.run_steps(1);
}

fn is_disabled(window: &Window, name: &str) -> bool {
    let button = window.get_by_role_and_label(Role::Button, name);
    button.accesskit_node().is_disabled()
}

fn time(controls: Vec<Command>) -> Vec<TimeControl> {
    let controls = controls.into_iter();
    controls
        .map(|command| match command {
            Command::Time(control) => control,
            other => panic!("{other:?} is not about time"),
        })
        .collect()
}

#[test]
fn without_a_recording_there_is_the_timeline_of_two_minutes() {
    let window = window(FixtureCentre::new(fixture::demo()), SIZES[0]);
    assert!(
        window
            .query_by_role_and_label(Role::Slider, "Time line")
            .is_none()
    );
    let timeline = "Timeline of the last two minutes";
    assert!(window.query_by_role_and_label(Role::Image, timeline).is_some());
}

#[test]
fn dragging_moves_the_cursor_and_the_right_end_is_the_present() {
    for size in SIZES {
        let mut window = window(recorded(true), size);
        let line = window.get_by_role_and_label(Role::Slider, "Time line").rect();
        let at = |share: f32| pos2(line.left() + line.width() * share, line.center().y);
        pointer(&mut window, at(0.5), Some(true), Modifiers::NONE);
        let first = time(commands(&mut window));
        let [TimeControl::Seek(first)] = first.as_slice() else {
            panic!("{first:?}");
        };
        // However often the pointer moves in a frame, the cursor is sent once.
        let moves = [0.55, 0.6, 0.7].map(|share| Event::PointerMoved(at(share)));
        window.input_mut().events.extend(moves);
        window.run_steps(1);
        let second = time(commands(&mut window));
        let [TimeControl::Seek(second)] = second.as_slice() else {
            panic!("{second:?}");
        };
        assert!(first < second);
        window.run_steps(3);
        assert_eq!(commands(&mut window), [], "the pointer rests");
        pointer(&mut window, at(1.0), None, Modifiers::NONE);
        assert_eq!(time(commands(&mut window)), [TimeControl::Live]);
        pointer(&mut window, at(1.0), Some(false), Modifiers::NONE);
        assert_eq!(commands(&mut window), []);
    }
}

#[test]
fn a_span_selected_with_shift_is_played_over_and_over() {
    let mut window = window(recorded(true), SIZES[0]);
    let line = window.get_by_role_and_label(Role::Slider, "Time line").rect();
    let at = |share: f32| pos2(line.left() + line.width() * share, line.center().y);
    window.event(Event::ModifiersChanged(Modifiers::SHIFT));
    pointer(&mut window, at(0.8), Some(true), Modifiers::SHIFT);
    pointer(&mut window, at(0.6), None, Modifiers::SHIFT);
    pointer(&mut window, at(0.6), Some(false), Modifiers::SHIFT);
    let controls = time(commands(&mut window));
    let [TimeControl::Loop(Some((from, to)))] = controls.as_slice() else {
        panic!("{controls:?}");
    };
    assert!(from < to, "whatever the direction");
}

#[test]
fn every_control_has_a_key() {
    let (both, command) = (Modifiers::COMMAND.plus(Modifiers::SHIFT), Modifiers::COMMAND);
    let step = |stop, forward| TimeControl::Step { stop, forward };
    let mut window = window(recorded(true), SIZES[0]);
    for (modifiers, key, expected) in [
        (Modifiers::NONE, Key::End, TimeControl::Live),
        (command, Key::ArrowRight, step(Stop::Event, true)),
        (command, Key::ArrowLeft, step(Stop::Event, false)),
        (both, Key::ArrowRight, step(Stop::Failover, true)),
        (Modifiers::ALT, Key::ArrowLeft, step(Stop::Message, false)),
        (Modifiers::NONE, Key::Space, TimeControl::Play(1.0)),
        (Modifiers::SHIFT, Key::Space, TimeControl::Play(1.0)),
        (Modifiers::SHIFT, Key::Backspace, TimeControl::Play(-1.0)),
    ] {
        let controls = time(press_with(&mut window, modifiers, key));
        assert_eq!(controls, [expected], "{modifiers:?} {key:?}");
    }
    assert_eq!(press_with(&mut window, command, Key::ArrowDown), []);
    assert_eq!(
        time(press_with(&mut window, Modifiers::NONE, Key::Space)),
        [TimeControl::Play(0.5)],
        "slower"
    );
    // A loop begins at the cursor, ends there later, and ends altogether.
    assert_eq!(press_with(&mut window, Modifiers::NONE, Key::O), []);
    let looped = time(press_with(&mut window, Modifiers::NONE, Key::O));
    assert!(
        matches!(looped.as_slice(), [TimeControl::Loop(Some(_))]),
        "{looped:?}"
    );
}

#[test]
fn a_mark_gets_its_name_while_no_key_does_anything_else() {
    let mut window = window(recorded(false), SIZES[0]);
    assert_eq!(press_with(&mut window, Modifiers::NONE, Key::M), []);
    let field = window.get_by_role_and_label(Role::TextInput, "Name of the mark");
    field.type_text("here it got slow");
    window.run_steps(2);
    assert_eq!(
        time(press_with(&mut window, Modifiers::NONE, Key::Enter)),
        [TimeControl::Mark("here it got slow".into())]
    );
    assert!(
        window
            .query_by_role(Role::TextInput)
            .is_none_or(|it| { it.accesskit_node().label().as_deref() != Some("Name of the mark") })
    );
}

#[test]
fn the_window_says_that_it_shows_the_past_and_lets_nothing_be_done_to_it() {
    for size in SIZES {
        for presenting in [false, true] {
            let mut window = window(recorded(true), size);
            window.state_mut().view.presenting = presenting;
            let element = id(&mut window, "PE 2");
            window.state_mut().view.selection.select(element);
            window.run_steps(4);
            assert!(says(&window, "PAST \u{b7} 10:00:40"), "{presenting}");
            assert!(says(&window, "End returns to live"), "{presenting}");
            for key in [Key::K, Key::S, Key::F, Key::U, Key::R] {
                assert_eq!(press(&mut window, key), [], "{key:?}");
            }
            if !presenting {
                assert!(is_disabled(&window, "Kill PE 2"));
                assert!(!is_disabled(&window, "Details of PE 2"));
                assert!(window.query_by_role_and_label(Role::Button, "Stop all").is_none());
            }
            assert_eq!(
                time(click(&mut window, "Back to the present")).first(),
                Some(&TimeControl::Live)
            );
        }
    }
    let window = window(recorded(false), SIZES[0]);
    assert!(!says(&window, "PAST"));
    assert!(!is_disabled(&window, "Kill PE 2"));
}

#[test]
fn a_recording_is_named_and_its_damage_told_once() {
    let mut centre = recorded(true);
    if let Some(recorded) = &mut centre.recorded {
        recorded.file = Some(("kill.pcapng.zst", Some("the file ends at byte 4096")));
    }
    let mut window = window(centre, SIZES[0]);
    assert!(says(&window, "RECORDING kill.pcapng.zst"));
    assert!(says(&window, "the file ends at byte 4096"));
    click(&mut window, "Close this message");
    window.run_steps(3);
    assert!(!says(&window, "the file ends at byte 4096"));
    assert_eq!(
        time(click(&mut window, "Close the recording")),
        [TimeControl::Close]
    );
}

#[test]
fn what_could_not_be_recorded_is_said_and_what_was_dropped_as_well() {
    let mut centre = recorded(false);
    if let Some(recorded) = &mut centre.recorded {
        recorded.problem = Some("the disk is full");
        recorded.dropped = true;
    }
    let window = window(centre, SIZES[0]);
    assert!(says(&window, "Not everything is recorded: the disk is full"));
    assert!(shows(&window, "recorded since 10:00:00"));
}

#[test]
fn a_failover_is_watched_again_and_its_phase_is_told() {
    let mut centre = recorded(false);
    let (fault, over) = failover_of_demo(&centre.fixture);
    if let Some(recorded) = &mut centre.recorded {
        recorded.obeys = true;
    }
    let mut window = window(centre, SIZES[0]);
    for name in ["Watch again: PE 1 \u{2192} PE 3", "key"] {
        let controls = if name == "key" {
            press_with(&mut window, Modifiers::NONE, Key::W)
        } else {
            let buttons: Vec<_> = window.query_all_by_role_and_label(Role::Button, name).collect();
            assert_eq!(buttons.len(), 2, "beside the picture, and at the sentence");
            buttons[0].click();
            window.run_steps(2);
            commands(&mut window)
        };
        let controls = time(controls);
        let [TimeControl::WatchAgain(from, to)] = controls.as_slice() else {
            panic!("{name}: {controls:?}");
        };
        assert!(*from < fault && fault - *from < Duration::from_millis(10));
        assert!(*to > over && *to - over < Duration::from_millis(10));
    }
    let tells = |window: &mut Window, at: Timestamp, text: &str| {
        let recorded = window.state_mut().centre().recorded.as_mut();
        recorded.expect("a recording").cursor = Some(fixture::times::resting(at));
        window.run_steps(2);
        assert!(says(window, text), "{text}");
    };
    tells(
        &mut window,
        fault + Duration::from_millis(1),
        "detection: PE 1 was killed",
    );
    tells(
        &mut window,
        over - Duration::from_millis(1),
        "first data: PE 3 goes on",
    );
}

#[test]
fn messages_are_where_they_were_at_the_cursor() {
    let discs = |with: bool| {
        let mut centre = recorded(true);
        let flying = in_flight(&centre.fixture, 0.4);
        assert!(!flying.is_empty());
        if let (Some(recorded), true) = (&mut centre.recorded, with) {
            recorded.in_flight = flying;
        }
        all_discs(&window(centre, SIZES[0]))
    };
    assert!(discs(true) > discs(false));
}

#[test]
fn lanes_tell_how_each_component_was_and_are_magnified() {
    for size in SIZES {
        let mut window = window(recorded(true), size);
        assert!(
            window
                .query_by_role_and_label(Role::Slider, "Magnified time line")
                .is_none()
        );
        assert_eq!(press(&mut window, Key::H), []);
        let lane = |window: &Window, name: &str| window.query_by_role_and_label(Role::Button, name).is_some();
        assert!(lane(&window, "Lane of PE 1: failed"));
        assert!(lane(&window, "Lane of PE 2: ready"));
        let line = window.get_by_role_and_label(Role::Slider, "Magnified time line");
        assert!(
            line.accesskit_node()
                .numeric_value()
                .is_some_and(|value| value > 40.0)
        );
        line.focus();
        window.run_steps(2);
        for _ in 0..30 {
            press(&mut window, Key::Plus);
        }
        assert!(texts(&window).iter().any(|text| text.text.ends_with("\u{b5}s")));
        let before = time(press(&mut window, Key::ArrowRight));
        assert!(matches!(before.as_slice(), [TimeControl::Seek(_)]), "{before:?}");
        assert_eq!(
            window.state().view.selection.component(),
            None,
            "the arrow moved the cursor alone"
        );
        click(&mut window, "Lane of PE 2: ready");
        assert!(window.state().view.selection.component().is_some());
    }
}

#[test]
fn an_audience_can_read_the_line_and_its_lanes() {
    for centre in [recorded(true), recorded(false)] {
        let mut window = window(centre, Vec2::new(1024.0, 768.0));
        press(&mut window, Key::H);
        window.state_mut().view.presenting = true;
        window.run_steps(6);
        for text in texts(&window) {
            assert!(text.size >= 15.0, "{text:?}");
        }
    }
}

#[test]
fn sixty_components_in_two_hours_are_drawn_within_their_places() {
    for size in SIZES {
        let fixture: Fixture = fixture::sixty();
        let centre = FixtureCentre::recorded(fixture, |fixture| -> Recorded {
            let recorded = two_hours(fixture);
            let at = recorded.from + Duration::from_secs(3_005);
            recorded.at(at)
        });
        let mut window = window(centre, size);
        press(&mut window, Key::H);
        assert!(shows(&window, "not recorded: the disk was full"));
        let lanes =
            window.query_all_by(|node| node.label().is_some_and(|label| label.starts_with("Lane of ")));
        assert!(lanes.count() < 40, "only what is visible is drawn");
    }
}

#[test]
fn in_a_story_page_up_goes_back_in_time() {
    let mut centre = fixture::story(Told::Expecting);
    centre.recorded = Some(of_demo(&centre.fixture));
    let mut window = window(centre, SIZES[0]);
    assert_eq!(time(press(&mut window, Key::PageUp)), [TimeControl::StoryBack]);
    let (fault, _) = failover_of_demo(&window.state_mut().centre().fixture);
    let recorded = window.state_mut().centre().recorded.as_mut();
    recorded.expect("a recording").cursor = Some(fixture::times::resting(fault));
    window.run_steps(2);
    assert_eq!(time(press(&mut window, Key::PageDown)), [TimeControl::StoryOn]);
}
