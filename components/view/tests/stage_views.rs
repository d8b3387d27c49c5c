//! The window in front of an audience: how it gets there, what it shows, and how large.

mod fixture;

use command::{Command, PlayControl};
use eframe::egui;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, Vec2, ViewportCommand, ViewportId, vec2};
use egui_kittest::kittest::Queryable as _;
use fixture::painted::{Painted, texts};
use fixture::window::{Window, commands, says, undrawn_window};
use fixture::{FixtureCentre, Told};

/// The height of capitals relative to the size of the text in the window's font.
const CAPITALS: f32 = 0.727;

/// Creates a window of a size in pixels that behaves like a real one: when it is magnified, it has fewer points.
fn window(centre: FixtureCentre, pixels: Vec2) -> Window {
    let mut window = undrawn_window(centre, pixels);
    settle(&mut window, pixels);
    window
}

fn settle(window: &mut Window, pixels: Vec2) {
    for _ in 0..5 {
        let viewport = window.input_mut().viewports.get_mut(&ViewportId::ROOT);
        viewport.expect("the window").fullscreen = Some(true);
        let points = pixels / window.ctx.zoom_factor();
        window.set_size(points);
        window.run_steps(1);
    }
}

fn presented(centre: FixtureCentre, pixels: Vec2) -> Window {
    let mut window = window(centre, pixels);
    window.key_press(Key::F11);
    settle(&mut window, pixels);
    window
}

fn press(window: &mut Window, key: Key) -> Vec<Command> {
    window.key_press(key);
    window.run_steps(4);
    commands(window)
}

fn presents(window: &Window) -> bool {
    window.state().view.presenting
}

fn has_button(window: &Window, name: &str) -> bool {
    window.query_by_role_and_label(Role::Button, name).is_some()
}

#[test]
fn an_audience_can_read_everything_on_every_screen() {
    for (width, height, least) in [
        (1024.0, 768.0, 10.5),
        (1920.0, 1080.0, 20.0),
        (3840.0, 2160.0, 40.0),
    ] {
        let pixels = vec2(width, height);
        let centres = [
            fixture::story(Told::Expecting),
            fixture::story(Told::Failed),
            FixtureCentre::new(fixture::demo()),
            FixtureCentre::new(fixture::disagreement()),
            FixtureCentre::new(fixture::taken_over()),
            FixtureCentre::new(fixture::bad_links()),
            FixtureCentre::new(fixture::two_pools()),
        ];
        for centre in centres {
            let window = presented(centre, pixels);
            let zoom = window.ctx.zoom_factor();
            let texts = texts(&window);
            assert!(texts.len() > 10, "{texts:?}");
            for Painted { text, size, .. } in texts {
                let capitals = size * zoom * CAPITALS;
                assert!(
                    capitals >= least,
                    "{text:?} has capitals of {capitals} pixels at {width}"
                );
            }
        }
    }
}

#[test]
fn pictures_and_graph_share_the_screen_and_grow_with_it() {
    for pixels in [vec2(1024.0, 768.0), vec2(1920.0, 1080.0), vec2(3840.0, 2160.0)] {
        let window = presented(fixture::story(Told::Expecting), pixels);
        let zoom = window.ctx.zoom_factor();
        let graph = window
            .get_by_role_and_label(Role::Canvas, "Association graph")
            .rect();
        assert!(graph.width() * zoom > pixels.x * 0.45, "{graph:?} of {pixels:?}");
        assert!(graph.height() * zoom > pixels.y * 0.5, "{graph:?} of {pixels:?}");
        let pictures: Vec<Rect> = window
            .query_all_by_role(Role::Image)
            .map(|picture| picture.rect())
            .filter(|rect| rect.left() > graph.right())
            .collect();
        assert_eq!(pictures.len(), 2);
        for picture in pictures {
            let side = picture.width() * zoom;
            assert!(side > pixels.y * 0.27, "a picture of {side} pixels on {pixels:?}");
            assert!(picture.bottom() * zoom < pixels.y, "{picture:?}");
        }
    }
}

#[test]
fn presenting_is_full_screen_and_leaves_the_window_as_it_was() {
    let sent = |window: &Window| -> Vec<ViewportCommand> {
        let output = &window.output().viewport_output[&ViewportId::ROOT];
        let commands = output.commands.iter().cloned();
        commands
            .filter(|command| matches!(command, ViewportCommand::Fullscreen(_)))
            .collect()
    };
    for before in [false, true] {
        let mut window = window(fixture::story(Told::Waiting), vec2(1280.0, 800.0));
        let viewport = window.input_mut().viewports.get_mut(&ViewportId::ROOT);
        viewport.expect("the window").fullscreen = Some(before);
        for (key, full) in [(Key::F5, true), (Key::Escape, before)] {
            window.key_press(key);
            let mut seen = Vec::new();
            for _ in 0..4 {
                window.run_steps(1);
                seen.extend(sent(&window));
            }
            assert_eq!(seen, [ViewportCommand::Fullscreen(full)], "{key:?}");
        }
        assert!(!presents(&window));
    }
}

#[test]
fn the_keys_of_presentation_remotes_present_and_do_no_harm() {
    let mut window = window(fixture::story(Told::Waiting), vec2(1280.0, 800.0));
    assert_eq!(press(&mut window, Key::F5), []);
    assert!(presents(&window));
    assert_eq!(press(&mut window, Key::F5), [], "once more");
    assert!(presents(&window));
    assert_eq!(press(&mut window, Key::Escape), []);
    assert!(!presents(&window));
    window.key_press_modifiers(Modifiers::SHIFT, Key::F5);
    window.run_steps(4);
    assert!(presents(&window));
    assert_eq!(commands(&mut window), []);
    assert_eq!(
        press(&mut window, Key::PageDown),
        [Command::Play(PlayControl::Step)]
    );
}

#[test]
fn no_such_key_presses_the_button_that_has_the_focus() {
    for name in ["Kill PE 2", "Stop PE 2", "Restart the story", "Stop all"] {
        let mut window = window(fixture::story(Told::Waiting), vec2(1280.0, 800.0));
        for key in [
            Key::F5,
            Key::Escape,
            Key::PageUp,
            Key::B,
            Key::B,
            Key::Period,
            Key::Period,
        ] {
            if let Some(button) = window.query_by_role_and_label(Role::Button, name) {
                button.focus();
            }
            window.run_steps(2);
            assert_eq!(press(&mut window, key), [], "{key:?} on {name}");
        }
    }
}

#[test]
fn a_blank_screen_comes_back_with_any_key_which_does_nothing_else() {
    for blanks in [Key::B, Key::Period] {
        for wakes in [
            Key::B,
            Key::Period,
            Key::PageDown,
            Key::Escape,
            Key::K,
            Key::Space,
            Key::F5,
        ] {
            let mut window = window(fixture::story(Told::Waiting), vec2(1280.0, 800.0));
            let element = fixture::window::id(&mut window, "PE 2");
            window.state_mut().view.selection.select(element);
            press(&mut window, Key::F5);
            assert_eq!(press(&mut window, blanks), []);
            assert!(window.state().view.blank);
            let blank = "The screen is blank. Any key shows it again.";
            assert!(has_button(&window, blank));
            assert_eq!(press(&mut window, wakes), [], "{wakes:?}");
            assert!(!window.state().view.blank);
            assert!(presents(&window), "{wakes:?}");
            assert!(!has_button(&window, blank));
        }
    }
}

#[test]
fn page_up_goes_back_one_sentence_and_says_so() {
    let mut window = presented(fixture::story(Told::Expecting), vec2(1920.0, 1080.0));
    assert!(says(&window, "Not one pixel"));
    assert_eq!(press(&mut window, Key::PageUp), []);
    assert!(says(&window, "Now the pool element that serves is killed"));
    assert!(says(&window, "Earlier: step 2 of 4"));
    press(&mut window, Key::PageUp);
    assert!(says(&window, "Three pool elements are registered"));
    press(&mut window, Key::PageUp);
    assert!(
        says(&window, "Three pool elements are registered"),
        "there is no earlier one"
    );
    assert_eq!(press(&mut window, Key::PageDown), []);
    assert!(says(&window, "Earlier: step 2 of 4"));
    assert_eq!(press(&mut window, Key::PageDown), []);
    assert!(says(&window, "Not one pixel"));
    assert!(!says(&window, "Earlier"));
    assert_eq!(
        press(&mut window, Key::PageDown),
        [Command::Play(PlayControl::Step)],
        "the story goes on"
    );
}

#[test]
fn notes_are_for_the_presenter_alone() {
    let mut window = window(fixture::story(Told::Waiting), vec2(1280.0, 800.0));
    assert!(says(&window, "Let them look at the colours"));
    press(&mut window, Key::F5);
    assert!(!says(&window, "Let them look at the colours"));
    press(&mut window, Key::Escape);
    assert!(says(&window, "Let them look at the colours"));
}
