//! Two recordings side by side: what is beside what, what is said about them, and what clicks and keys do.

mod fixture;

use std::time::Duration;

use chronicle::{Alignment, Anchor, Highlight, HighlightKind, Phase, TimeControl};
use command::Command;
use eframe::egui;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, Vec2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use fixture::FixtureCentre;
use fixture::painted::{shows, texts};
use fixture::window::{Window, click, commands, press, says, undrawn_window};

const SIZE: Vec2 = vec2(1280.0, 800.0);

fn window(centre: FixtureCentre, size: Vec2) -> Window {
    let mut window = undrawn_window(centre, size);
    window.run();
    window
}

fn alignment(window: &mut Window) -> Alignment {
    let comparison = window.state_mut().centre().comparison.as_ref();
    comparison.expect("a comparison").alignment()
}

/// Returns the moments of our own recording that can be aligned, and those of the other one.
fn anchors(window: &mut Window) -> [Vec<Anchor>; 2] {
    let comparison = window.state_mut().centre().comparison.as_ref();
    let comparison = comparison.expect("a comparison");
    let other = comparison.other().expect("another recording");
    [comparison.own.status(), other.time].map(|time| Anchor::all(&time))
}

/// Returns the places of the two graphs, the left one first.
fn graphs(window: &Window) -> [Rect; 2] {
    let mut graphs: Vec<Rect> = window
        .query_all_by_role_and_label(Role::Canvas, "Association graph")
        .map(|graph| graph.rect())
        .collect();
    graphs.sort_by(|one, other| one.left().total_cmp(&other.left()));
    graphs.try_into().expect("two graphs")
}

fn place_of(window: &Window, text: &str) -> Rect {
    let found = texts(window).into_iter().find(|painted| painted.text == text);
    found
        .unwrap_or_else(|| panic!("{text:?} is not on the screen"))
        .rect
}

#[test]
fn which_one_was_faster_and_where_is_said_in_a_sentence_and_in_a_table() {
    let window = window(fixture::kill_and_unplug(), SIZE);
    assert!(says(
        &window,
        "kill was 22 \u{d7} as fast: 35 ms instead of 776 ms. The difference is in \u{201c}detection\u{201d}."
    ));
    for text in ["11 ms", "751 ms", "+740 ms", "\u{d7} 67", "Whole", "\u{d7} 22"] {
        assert!(shows(&window, text), "{text:?}");
    }
    let bar = |name: &str| {
        let mut bars = window.query_all_by_role(Role::Image);
        bars.any(|bar| {
            let label = bar.accesskit_node().label();
            label.is_some_and(|label| label.starts_with(name))
        })
    };
    assert!(bar("kill: 35 ms: detection 11 ms, resolution 2.4 ms"));
    assert!(bar("unplug: 776 ms: detection 751 ms"));
}

#[test]
fn both_are_beside_each_other_with_graph_and_pictures_on_every_window() {
    for size in [SIZE, vec2(1024.0, 640.0), vec2(1920.0, 1080.0)] {
        let window = window(fixture::kill_and_unplug(), size);
        let [left, right] = graphs(&window);
        assert!(left.right() <= right.left(), "{left:?} {right:?}");
        assert_eq!(left.size(), right.size());
        assert!(left.width() > size.x * 0.25, "{left:?}");
        assert!(left.height() > size.y * 0.22, "{left:?}");
        let pictures: Vec<Rect> = window
            .query_all_by_role(Role::Image)
            .filter(|image| {
                let label = image.accesskit_node().label();
                label.is_some_and(|label| label.starts_with("Picture of"))
            })
            .map(|image| image.rect())
            .collect();
        assert_eq!(pictures.len(), 4, "two pool users on either side");
        let screen = window.ctx.content_rect();
        for picture in pictures {
            assert!(screen.contains_rect(picture), "{picture:?} of {size:?}");
            assert!(picture.width() >= 40.0, "{picture:?} of {size:?}");
        }
        for text in ["failover-kill", "failover-unplug"] {
            assert!(shows(&window, text), "{text} at {size:?}");
        }
        assert!(
            says(&window, "Its associations break"),
            "the story on the left at {size:?}"
        );
        assert!(
            says(&window, "Now the cable of the pool element"),
            "the one on the right"
        );
    }
}

#[test]
fn what_is_chosen_in_one_is_not_chosen_in_the_other() {
    let mut window = window(fixture::kill_and_unplug(), SIZE);
    let middle = SIZE.x / 2.0;
    let node = |window: &Window, right: bool| {
        let nodes = window.query_all_by_role(Role::Button);
        nodes
            .filter(|node| {
                let label = node.accesskit_node().label();
                label.is_some_and(|label| label.starts_with("PE 2")) && (node.rect().left() > middle) == right
            })
            .map(|node| node.rect())
            .next()
            .expect("a node in either graph")
    };
    let there = node(&window, true);
    assert_ne!(node(&window, false), there);
    window.drag_at(there.center());
    window.drop_at(there.center());
    window.run();
    let own = window.state().view.selection.component();
    assert_eq!(own, None, "the selection on the left is another one");
    // A node that is dragged moves in its own graph alone.
    let before = node(&window, false);
    window.drag_at(there.center());
    window.hover_at(there.center() + vec2(-30.0, 40.0));
    window.run();
    window.drop_at(there.center() + vec2(-30.0, 40.0));
    window.run();
    assert!(node(&window, true).center().distance(there.center()) > 20.0);
    assert_eq!(node(&window, false), before);
    assert_eq!(commands(&mut window), []);
}

#[test]
fn a_fault_is_aligned_by_its_mark_and_by_keys() {
    let mut window = window(fixture::kill_and_unplug(), SIZE);
    let [own, other] = anchors(&mut window);
    assert_eq!((own.len(), other.len()), (3, 3));
    let at_first = alignment(&mut window);
    assert_eq!((at_first.own, at_first.other), (own[0], other[0]));
    let aligned = |commands: Vec<Command>| match commands.as_slice() {
        [Command::Time(TimeControl::Align(alignment))] => (alignment.own, alignment.other),
        commands => panic!("{commands:?}"),
    };
    assert_eq!(aligned(press(&mut window, Key::F3)), (own[1], other[0]));
    window.key_press_modifiers(Modifiers::SHIFT, Key::F3);
    window.run();
    assert_eq!(aligned(commands(&mut window)), (own[1], other[1]));
    assert_eq!(aligned(press(&mut window, Key::F2)), (own[0], other[1]));
    assert_eq!(press(&mut window, Key::F2), [], "there is none before");
    // From end to end, all marks are in sight.
    click(&mut window, "Show both recordings from end to end");
    let mark = window.get_by(|node| {
        let label = node.label().unwrap_or_default();
        node.role() == Role::Button && label.starts_with("kill: align here: PE 2 was killed, +18.0 s")
    });
    mark.click();
    window.run();
    assert_eq!(aligned(commands(&mut window)), (own[2], other[1]));
    assert!(says(&window, "The difference is in"));
}

#[test]
fn medians_of_all_failovers_are_there_to_be_chosen() {
    let mut window = window(fixture::kill_and_unplug(), SIZE);
    assert!(shows(&window, "776 ms"));
    click(&mut window, "Medians of 3 and 3");
    assert!(
        shows(&window, "21 ms") && shows(&window, "45 ms"),
        "the medians on the left"
    );
    assert!(says(&window, "kill was 17 \u{d7} as fast"));
    click(&mut window, "Medians of 3 and 3");
    assert!(
        shows(&window, "11 ms") && !shows(&window, "45 ms"),
        "the first one again"
    );
}

#[test]
fn the_cursor_is_dragged_along_the_time_from_the_fault() {
    let mut window = window(fixture::kill_and_unplug(), SIZE);
    let fault = alignment(&mut window).own.at;
    assert!(shows(&window, "+1.20 s"));
    let line = window.get_by_role_and_label(Role::Slider, "Seconds from where the recordings are aligned");
    let zero = place_of(&window, "0 ms");
    let at = egui::pos2(zero.center().x, line.rect().top() + 10.0);
    let beside = at + vec2(40.0, 0.0);
    window.drag_at(beside);
    window.run();
    window.hover_at(beside + vec2(60.0, 0.0));
    window.run();
    window.drop_at(beside + vec2(60.0, 0.0));
    window.run();
    let sought = commands(&mut window)
        .into_iter()
        .rev()
        .find_map(|command| match command {
            Command::Time(TimeControl::Seek(at)) => Some(at),
            _ => None,
        });
    let after = sought.expect("the cursor was moved") - fault;
    assert!((50..250).contains(&after.as_millis()), "{after:?}");
    let fixture = &mut window.state_mut().centre().comparison;
    let comparison = fixture.as_ref().expect("a comparison");
    let other = comparison.other().expect("another recording");
    assert_eq!(
        other.now - comparison.alignment().other.at,
        after,
        "the other one moves along"
    );
}

#[test]
fn takeovers_are_compared_by_phases_of_their_own() {
    let mut centre = fixture::kill_and_unplug();
    let comparison = centre.comparison.as_mut().expect("a comparison");
    let alignment = comparison.alignment();
    let other = comparison.other.as_mut().expect("another recording");
    for (lanes, anchor, suspicion) in [
        (&mut comparison.own.lanes, alignment.own, 40),
        (&mut other.recorded.lanes, alignment.other, 1_200),
    ] {
        let fault = anchor.at + Duration::from_secs(3);
        let mut end = fault;
        let phases = [("suspicion", suspicion), ("no sign of life", 90), ("adoption", 7)];
        let phases: Vec<Phase> = phases
            .into_iter()
            .map(|(name, ms)| {
                end += Duration::from_millis(ms);
                Phase {
                    name: name.to_owned(),
                    end,
                }
            })
            .collect();
        lanes.add(Highlight {
            at: end,
            component: None,
            kind: HighlightKind::Recovery {
                takeover: true,
                fault_at: Some(fault),
                detected: phases[0].end,
                succeeded: true,
                phases,
                text: "PR 2 took over from PR 1".to_owned(),
            },
        });
    }
    let mut window = window(centre, SIZE);
    assert!(says(&window, "kill was 22"), "failovers come first");
    assert_eq!(click(&mut window, "Takeover"), []);
    assert!(says(
        &window,
        "kill was 9.5 \u{d7} as fast: 137 ms instead of 1.30 s. The difference is in \u{201c}suspected\u{201d}."
    ));
    for text in ["suspected", "considered dead", "PEs moved", "\u{d7} 30"] {
        assert!(shows(&window, text), "{text:?}");
    }
}

#[test]
fn the_controls_of_time_are_those_of_one_recording() {
    let mut window = window(fixture::kill_and_unplug(), SIZE);
    let played = click(&mut window, "Play time");
    assert!(
        matches!(played.as_slice(), [Command::Time(TimeControl::Play(_))]),
        "{played:?}"
    );
    let back = press(&mut window, Key::Home);
    let from = window
        .state_mut()
        .centre()
        .comparison
        .as_ref()
        .expect("a comparison")
        .own
        .status()
        .from;
    assert_eq!(back, [Command::Time(TimeControl::Seek(from))]);
}

#[test]
fn a_failover_of_the_other_recording_is_watched_again_in_both() {
    let mut window = window(fixture::kill_and_unplug(), vec2(1920.0, 1080.0));
    let alignment = alignment(&mut window);
    let buttons = window.query_all_by_role(Role::Button);
    let mut buttons: Vec<_> = buttons
        .filter(|button| {
            let label = button.accesskit_node().label();
            label.is_some_and(|label| label.starts_with("Watch"))
        })
        .collect();
    buttons.sort_by(|one, other| one.rect().left().total_cmp(&other.rect().left()));
    let right = buttons.pop().expect("a button on the right");
    assert!(right.rect().left() > 960.0, "{:?}", right.rect());
    right.click();
    window.run();
    let sent = commands(&mut window);
    let [Command::Time(TimeControl::WatchAgain(from, to))] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert!(
        *from < alignment.own.at && *to > alignment.own.at,
        "the times are those of our own"
    );
}

#[test]
fn what_a_recording_does_not_hold_is_said() {
    let mut centre = fixture::kill_and_unplug();
    let comparison = centre.comparison.as_mut().expect("a comparison");
    let end = comparison.own.to;
    comparison.own.cursor = end + Duration::from_secs(3);
    let window = window(centre, SIZE);
    assert!(says(&window, "is over: ended 3.00 s ago"));
    assert!(shows(&window, "This is its end."));
    let [left, _] = graphs(&window);
    assert!(
        left.contains_rect(place_of(&window, "This is its end.")),
        "on the left alone"
    );
}

#[test]
fn sides_are_swapped_and_the_comparison_is_ended() {
    let mut window = window(fixture::kill_and_unplug(), SIZE);
    let before = place_of(&window, "failover-kill").left();
    assert_eq!(press(&mut window, Key::F4), []);
    let after = place_of(&window, "failover-kill").left();
    assert!(before < SIZE.x / 2.0 && after > SIZE.x / 2.0, "{before} {after}");
    assert!(
        shows(&window, "\u{2212}740 ms"),
        "the difference is the other way round"
    );
    assert_eq!(
        click(&mut window, "End the comparison"),
        [Command::Time(TimeControl::Close)]
    );
    assert_eq!(
        window
            .query_all_by_role_and_label(Role::Canvas, "Association graph")
            .count(),
        1
    );
}

#[test]
fn policies_are_compared_by_how_long_requests_take() {
    let window = window(fixture::two_policies(), SIZE);
    assert!(
        says(
            &window,
            "least-used is 1.6 \u{d7} as fast: 12.2 s instead of 20.0 s per request."
        ),
        "{:?}",
        texts(&window)
    );
    assert!(shows(&window, "Time per request"));
    assert!(shows(&window, "Handling speed"));
}

#[test]
fn another_recording_is_asked_for() {
    let mut centre = fixture::kill_and_unplug();
    centre.comparison.as_mut().expect("a comparison").other = None;
    let mut window = window(centre, SIZE);
    window.key_press_modifiers(Modifiers::COMMAND, Key::D);
    window.run();
    let field = window.get_by_role_and_label(Role::TextInput, "File");
    field.type_text("recordings/unplug.pcapng.zst");
    window.run();
    assert_eq!(
        press(&mut window, Key::Enter),
        [Command::Time(TimeControl::Compare(
            "recordings/unplug.pcapng.zst".into()
        ))]
    );
    assert!(
        !says(&window, "aligned at their first faults"),
        "the dialog is closed"
    );
}

#[test]
fn an_audience_can_read_it() {
    let mut window = window(fixture::kill_and_unplug(), vec2(1024.0, 576.0));
    window.state_mut().view.presenting = true;
    window.run_steps(5);
    for painted in texts(&window) {
        assert!(painted.size >= 14.0, "{painted:?}");
    }
    assert!(says(&window, "kill was 22"));
    let [left, right] = graphs(&window);
    assert!(left.height() > 200.0 && left.right() <= right.left(), "{left:?}");
    assert!(!shows(&window, "home registrar"), "there is no room for a legend");
    for name in ["PE 1", "PE 2", "PE 3"] {
        let there = texts(&window).into_iter().filter(|painted| painted.text == name);
        let inside =
            there.filter(|painted| left.contains_rect(painted.rect) || right.contains_rect(painted.rect));
        assert!(inside.count() >= 2, "{name} in both");
    }
    assert!(shows(&window, "+1.20 s"), "the cursor");
}
