//! What a presenter must be able to rely on: nothing moves under the pointer, no click and no key does what was not meant,
//! no text breaks the layout.

mod fixture;

use command::{Command, Undoable};
use eframe::egui;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feed::ComponentRole;
use fixture::window::{Window, click, commands, filter_messages, id, place, press, says, window_of_size};
use fixture::{Fixture, FixtureCentre};
use model::{Change, Ending};
use view::Settings;
use view::app::App;

const SIZE: Vec2 = Vec2::new(1280.0, 800.0);

/// Creates a window whose time passes in steps that are shorter than a double click.
fn fast_window(fixture: Fixture) -> Window {
    let centre = FixtureCentre::new(fixture);
    let mut window = Harness::builder()
        .with_size(SIZE)
        .with_step_dt(0.02)
        .with_max_steps(200)
        .build_eframe(|creation| App::new(&creation.egui_ctx, centre, Settings::default()));
    // Longer than it takes to react to what has appeared.
    window.run_steps(40);
    window
}

/// Presses and releases the button of the pointer at a place, in two frames.
fn click_at(window: &mut Window, pos: Pos2) {
    window.event(Event::PointerMoved(pos));
    for pressed in [true, false] {
        window.event(Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        window.run_steps(1);
    }
}

fn is_enabled(window: &Window, name: &str) -> bool {
    !window
        .get_by_role_and_label(Role::Button, name)
        .accesskit_node()
        .is_disabled()
}

/// Everything that can be pressed in the inspector and on the cards.
fn places(window: &Window) -> Vec<(String, Rect)> {
    window
        .query_all_by(|node| matches!(node.role(), Role::Button | Role::SpinButton | Role::Slider))
        .filter_map(|node| {
            let label = node.accesskit_node().label()?;
            // Nodes of the graph show how things are, and move with it.
            (!label.contains("in the graph") && !label.contains("Association")).then(|| (label, node.rect()))
        })
        .collect()
}

#[test]
fn a_double_click_on_kill_does_not_remove_or_start_the_component() {
    let mut window = fast_window(fixture::demo());
    let element = id(&mut window, "PE 2");
    for inspector in [false, true] {
        if inspector {
            click(&mut window, "Details of PE 2");
            window.run_steps(40);
        }
        window.state_mut().centre().fixture.start(element);
        window.run_steps(40);
        commands(&mut window);
        let kill = place(&window, "Kill PE 2").center();
        click_at(&mut window, kill);
        assert_eq!(commands(&mut window), [Command::Kill(element)]);
        window.state_mut().centre().fixture.kill(element);
        window.run_steps(1);
        click_at(&mut window, kill);
        click_at(&mut window, kill);
        assert_eq!(commands(&mut window), []);
    }
}

#[test]
fn shift_tells_undoing_all_faults_from_undoing_the_last_step() {
    let mut window = fast_window(fixture::failures());
    for (modifiers, expected) in [
        (Modifiers::COMMAND, Command::Undo),
        (Modifiers::COMMAND.plus(Modifiers::SHIFT), Command::UndoFaults),
    ] {
        window.key_press_modifiers(modifiers, Key::Z);
        window.run_steps(2);
        assert_eq!(commands(&mut window), [expected]);
    }
}

#[test]
fn nothing_in_the_inspector_moves_when_the_component_changes() {
    let mut window = fast_window(fixture::demo());
    let element = id(&mut window, "PE 2");
    click(&mut window, "Details of PE 2");
    window.run_steps(5);
    let controls = |window: &Window| -> Vec<(String, Rect)> {
        let ours = places(window).into_iter();
        ours.filter(|(label, _)| {
            label.ends_with(" PE 2") && !label.starts_with("Faults of") && !label.starts_with("Details")
                || ["Fail after", "Capacity", "Loss", "Delay", "Jitter"].contains(&label.as_str())
        })
        .collect()
    };
    let before = controls(&window);
    assert!(before.len() > 12, "{before:?}");
    let fixture = &mut window.state_mut().centre().fixture;
    fixture.change(element, Change::Frozen);
    window.run_steps(2);
    assert_eq!(controls(&window), before, "frozen");
    let fixture = &mut window.state_mut().centre().fixture;
    fixture.change(element, Change::Thawed);
    fixture.change(
        element,
        Change::FeedBroken {
            why: "a very long reason ".repeat(20),
        },
    );
    window.run_steps(2);
    assert_eq!(controls(&window), before, "a problem");
    let fixture = &mut window.state_mut().centre().fixture;
    fixture.kill(element);
    window.run_steps(2);
    assert_eq!(controls(&window), before, "killed");
    assert!(!is_enabled(&window, "Kill PE 2") && is_enabled(&window, "Remove PE 2"));
}

#[test]
fn nothing_on_the_cards_moves_when_components_change() {
    let mut window = fast_window(fixture::demo());
    let [second, third] = ["PE 2", "PE 3"].map(|name| id(&mut window, name));
    let cards = |window: &Window| -> Vec<(String, Rect)> {
        let ours = places(window).into_iter();
        ours.filter(|(label, _)| {
            ["Kill ", "Stop ", "Details of "]
                .iter()
                .any(|start| label.starts_with(start))
                && label.len() < 20
        })
        .collect()
    };
    let before = cards(&window);
    let fixture = &mut window.state_mut().centre().fixture;
    fixture.kill(second);
    fixture.change(
        third,
        Change::Ended(Ending::Crashed {
            why: "a reason that goes on and on ".repeat(20),
        }),
    );
    window.run_steps(2);
    assert_eq!(cards(&window), before);
}

#[test]
fn what_has_just_moved_under_the_pointer_is_not_hit() {
    let mut window = fast_window(fixture::demo());
    let aimed = place(&window, "Kill PE 3").center();
    window.event(Event::PointerMoved(aimed));
    window.run_steps(40);
    // Another registrar moves all cards below down.
    let fixture = &mut window.state_mut().centre().fixture;
    for number in 2..6 {
        let id = fixture.add(ComponentRole::Registrar, &format!("PR {number}"));
        fixture.start(id);
    }
    window.run_steps(1);
    let there = |window: &Window| {
        let mut there = places(window).into_iter();
        there
            .find(|(_, rect)| rect.contains(aimed))
            .map(|(label, _)| label)
    };
    let now = there(&window);
    assert_ne!(now.as_deref(), Some("Kill PE 3"));
    click_at(&mut window, aimed);
    assert_eq!(commands(&mut window), [], "{now:?}");
    // Who has had time to look means it.
    let other = place(&window, "Kill PE 2").center();
    window.run_steps(40);
    click_at(&mut window, other);
    assert_eq!(commands(&mut window).len(), 1);
}

#[test]
fn undo_brings_back_what_was_removed() {
    let mut window = window_of_size(fixture::demo(), SIZE);
    let element = id(&mut window, "PE 1");
    window.state_mut().centre().undoable = Some(Undoable::Removal {
        id: element,
        name: "PE 1".into(),
    });
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run();
    assert_eq!(commands(&mut window), [Command::Undo]);
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run();
    window
        .get_by_role_and_label(Role::TextInput, "Search all actions")
        .type_text("bring back");
    window.run();
    assert_eq!(press(&mut window, Key::Enter), [Command::Undo]);
}

#[test]
fn undo_names_the_setting_that_it_brings_back() {
    let mut window = window_of_size(fixture::demo(), SIZE);
    let id = id(&mut window, "PE 2");
    window.state_mut().centre().undoable = Some(Undoable::Setting {
        id,
        name: "PE 2".into(),
        what: "capacity",
        since: fixture::BEGIN,
        before: feed::Command::SetCapacity {
            iterations_per_second: 0,
        },
    });
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run();
    window
        .get_by_role_and_label(Role::TextInput, "Search all actions")
        .type_text("undo: the capacity of pe 2");
    window.run();
    assert_eq!(press(&mut window, Key::Enter), [Command::Undo]);
}

/// Types all letters that mean something, and other shortcuts.
fn type_everything(window: &mut Window) -> Vec<Command> {
    for key in [
        Key::S,
        Key::K,
        Key::R,
        Key::F,
        Key::U,
        Key::X,
        Key::N,
        Key::Delete,
        Key::T,
        Key::P,
        Key::I,
        Key::Space,
        Key::PageDown,
    ] {
        window.key_press(key);
        window.run();
    }
    for key in [Key::Z, Key::R, Key::J, Key::T, Key::L] {
        window.key_press_modifiers(Modifiers::COMMAND, key);
        window.run();
    }
    commands(window)
}

#[test]
fn keys_do_not_act_behind_anything_that_is_open() {
    let mut window = window_of_size(fixture::failures(), SIZE);
    let element = id(&mut window, "PE 2");
    window.state_mut().view.selection.select(element);
    window.run();
    let before = window.state().view.settings.clone();
    type Open = fn(&mut Window);
    let open: [(&str, Open); 5] = [
        ("the dialog for files", |window| {
            window.key_press_modifiers(Modifiers::COMMAND, Key::O);
            window.run();
            // With a wrong path and Enter, the field has no focus any more.
            press(window, Key::Enter);
            commands(window);
        }),
        ("the help", |window| {
            press(window, Key::F1);
        }),
        ("the palette", |window| {
            window.key_press_modifiers(Modifiers::COMMAND, Key::K);
            window.run();
        }),
        ("a menu", |window| {
            click(window, "Timers: demo");
        }),
        ("a text", |window| {
            click(window, "Add a registrar");
            window.get_by_role_and_label(Role::TextInput, "Name").focus();
            window.run();
        }),
    ];
    for (what, open) in open {
        open(&mut window);
        assert_eq!(type_everything(&mut window), [], "behind {what}");
        assert_eq!(window.state().view.settings, before, "behind {what}");
        press(&mut window, Key::Escape);
        press(&mut window, Key::Escape);
        window.state_mut().view.selection.select(element);
        window.run();
    }
    assert_ne!(type_everything(&mut window), [], "now nothing is open");
}

/// A demonstration with names that nobody expected.
fn with_names(names: [&str; 4]) -> Fixture {
    let mut fixture = fixture::demo();
    for (role, name) in [
        (ComponentRole::Registrar, names[0]),
        (ComponentRole::PoolElement, names[1]),
        (ComponentRole::PoolUser, names[2]),
        (ComponentRole::PoolElement, names[3]),
    ] {
        let id = fixture.add(role, name);
        fixture.start(id);
        fixture.ready(id);
    }
    fixture
}

#[test]
fn names_of_any_length_stay_within_their_places() {
    let long = "A pool element whose name has eighty-eight characters, which nobody has expected in a window";
    let wide = "W".repeat(88);
    let dense = "i".repeat(88);
    let spaceless = "pool-element-".repeat(7);
    for size in [Vec2::new(1024.0, 768.0), SIZE, Vec2::new(1920.0, 1080.0)] {
        let plain = window_of_size(with_names(["PR 2", "PE 4", "PU 3", "PE 5"]), size);
        let mut window = window_of_size(with_names([long, &wide, &dense, &spaceless]), size);
        for (ordinary, name) in [("PR 2", long), ("PE 4", &wide), ("PE 5", &spaceless)] {
            for action in ["Kill", "Stop", "Details of"] {
                let expected = place(&plain, &format!("{action} {ordinary}"));
                let there = place(&window, &format!("{action} {name}"));
                assert!(
                    (expected.min.x - there.min.x).abs() < 1.0,
                    "{action} {ordinary} at {size:?}: {expected:?}, {there:?}"
                );
            }
        }
        let there = place(&window, "Tint pictures by pool element");
        let expected = place(&plain, "Tint pictures by pool element");
        assert_eq!(there.min.x, expected.min.x, "the results are where they were");
        click(&mut window, &format!("Details of {wide}"));
        let name = format!("Kill {wide}");
        for kill in window.query_all_by_role(Role::Button) {
            if kill.accesskit_node().label().as_deref() == Some(name.as_str()) {
                assert!(kill.rect().max.x < 700.0, "{:?}", kill.rect());
            }
        }
    }
}

#[test]
fn the_bar_at_the_top_has_room_for_all_of_its_buttons() {
    for (width, height) in [(787.0, 590.0), (960.0, 600.0), (1024.0, 768.0), (1280.0, 800.0)] {
        let mut window = window_of_size(fixture::failures(), Vec2::new(width, height));
        window.state_mut().centre().scenario = Some(
            scenario::Scenario::parse(
                "long",
                &format!(
                    r#"{{"name": "{}", "components": [{{"role": "registrar"}}]}}"#,
                    "A name without an end ".repeat(4).trim()
                ),
            )
            .expect("a valid scenario"),
        );
        window.run();
        let names = [
            "Start all",
            "Stop all",
            "Undo all faults",
            "Search all actions",
            "Dark or light",
        ];
        let rects: Vec<Rect> = names.iter().map(|name| place(&window, name)).collect();
        for pair in rects.windows(2) {
            assert!(pair[0].max.x <= pair[1].min.x, "{width}: {rects:?}");
        }
        let end = window.ctx.content_rect().right();
        assert!(place(&window, "Presenter mode").max.x <= end, "{width}");
    }
}

#[test]
fn undo_all_stays_where_it_is_while_faults_come_and_go() {
    let mut window = window_of_size(fixture::demo(), SIZE);
    let before = place(&window, "Undo all faults");
    assert!(!is_enabled(&window, "Undo all faults"));
    let element = id(&mut window, "PE 2");
    window
        .state_mut()
        .centre()
        .fixture
        .change(element, Change::Frozen);
    window.run();
    assert_eq!(place(&window, "Undo all faults"), before);
    assert!(is_enabled(&window, "Undo all faults"));
}

#[test]
fn a_window_that_was_closed_while_presenting_begins_as_usual() {
    let centre = FixtureCentre::new(fixture::demo());
    let mut window = Harness::builder()
        .with_size(SIZE)
        .with_max_steps(60)
        .build_eframe(|creation| {
            // As egui keeps it.
            creation.egui_ctx.set_zoom_factor(1.3);
            App::new(&creation.egui_ctx, centre, Settings::default())
        });
    window.run();
    assert_eq!(window.ctx.zoom_factor(), 1.0);
}

#[test]
fn the_layout_can_be_reset() {
    let mut window = window_of_size(fixture::demo(), SIZE);
    window.ctx.set_zoom_factor(2.0);
    window.state_mut().view.settings.dock = Some(true);
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run();
    window
        .get_by_role_and_label(Role::TextInput, "Search all actions")
        .type_text("reset layout");
    window.run();
    press(&mut window, Key::Enter);
    assert_eq!(window.ctx.zoom_factor(), 1.0);
    assert_eq!(window.state().view.settings.dock, None);
}

#[test]
fn paused_messages_and_the_opened_one_stay_however_many_follow() {
    let mut window = window_of_size(fixture::demo(), SIZE);
    window
        .get_by(|node| node.role() == Role::Tab && node.label().is_some_and(|it| it.starts_with("Messages")))
        .click();
    window.run();
    let rows = |window: &Window| -> Vec<Option<String>> {
        let rows = window.query_all_by_role(Role::Row);
        rows.map(|row| row.accesskit_node().label()).collect()
    };
    click(&mut window, "Pause the messages");
    let before = rows(&window);
    window.query_all_by_role(Role::Row).nth(2).expect("rows").click();
    window.run();
    assert!(says(&window, "PPID "));
    let fixture = &mut window.state_mut().centre().fixture;
    let [from, to] = ["PE 2", "PR 1"].map(|name| fixture.named(name));
    let number = fixture
        .model
        .associations
        .values()
        .find_map(|association| Some(association.views.get(&from)?.number))
        .expect("an association of PE 2");
    for _ in 0..model::MessageLog::RECORDS + 100 {
        fixture.message(
            from,
            to,
            number.number(),
            wire::Ppid::ASAP,
            "ASAP_ENDPOINT_KEEP_ALIVE",
            48,
        );
    }
    window.run();
    assert_eq!(rows(&window), before);
    assert!(says(&window, "PPID "), "the opened message stays open");
    assert!(says(&window, "paused, 20,"));
    click(&mut window, "Let the messages go on");
    assert_ne!(rows(&window), before);
}

#[test]
fn a_message_of_a_removed_component_keeps_its_name() {
    let mut fixture = fixture::demo();
    let element = fixture.named("PE 1");
    fixture.change(element, Change::Removed);
    let mut window = window_of_size(fixture, SIZE);
    filter_messages(&mut window, "registration response");
    let rows: Vec<_> = window
        .query_all_by_role(Role::Row)
        .filter_map(|row| row.accesskit_node().label())
        .collect();
    assert!(
        rows.iter().any(|label| label.ends_with("from PR 1 to PE 1")),
        "{rows:?}"
    );
}
