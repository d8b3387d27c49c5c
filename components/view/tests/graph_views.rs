//! What the graph shows of causes: messages of their own shapes, broken edges, failovers, disagreements, the pool, and
//! those of whom the story tells.

mod fixture;

use eframe::egui;
use egui::{Vec2, vec2};
use feed::{DownCause, Event, Protocol};
use fixture::painted::{Painted, all_discs, discs, shows, texts};
use fixture::window::{Window, undrawn_window};
use fixture::{Fixture, FixtureCentre, Told};
use view::theme::Theme;
use wire::Ppid;

fn window_of(centre: FixtureCentre, size: Vec2) -> Window {
    let mut window = undrawn_window(centre, size);
    window.run_steps(4);
    window
}

/// The demonstration, long enough after its failover.
fn demo() -> Window {
    let mut demo = fixture::demo();
    demo.wait(15_000);
    window_of(FixtureCentre::new(demo), vec2(1280.0, 800.0))
}

fn theme(window: &Window) -> &'static Theme {
    Theme::dark_or_light(window.ctx.theme() == egui::Theme::Dark)
}

fn fixture(window: &mut Window) -> &mut Fixture {
    &mut window.state_mut().centre().fixture
}

/// Sends a message from one component to another, over the association between them if there is one.
fn send(window: &mut Window, from: &str, to: &str, name: &str) {
    let fixture = fixture(window);
    let (from, to) = (fixture.named(from), fixture.named(to));
    let number = fixture.model.associations.values().find_map(|association| {
        let both = association.ends.contains(&Some(from)) && association.ends.contains(&Some(to));
        association.views.get(&from).filter(|_| both)
    });
    let number = number.map_or(9_999, |view| view.number.number());
    fixture.message(from, to, number, Ppid::ASAP, name, 60);
    window.run_steps(2);
}

#[test]
fn what_explains_a_failover_has_a_shape_and_an_entry_in_the_legend() {
    for (from, to, name, entry) in [
        ("PE 2", "PU 2", "ASAP_COOKIE", "state cookie"),
        ("PU 2", "PE 2", "ASAP_COOKIE_ECHO", "state cookie"),
        ("PU 1", "PR 1", "ASAP_HANDLE_RESOLUTION", "asks for pool elements"),
        ("PR 1", "PU 1", "ASAP_HANDLE_RESOLUTION_RESPONSE", "answer"),
        (
            "PU 1",
            "PR 1",
            "ASAP_ENDPOINT_UNREACHABLE",
            "reports: unreachable",
        ),
    ] {
        let mut window = demo();
        assert!(!shows(&window, entry), "{entry} before any was sent");
        send(&mut window, from, to, name);
        assert!(shows(&window, entry), "{name}");
    }
    let mut window = demo();
    let cookie = theme(&window).cookie;
    assert_eq!(discs(&window, cookie), 0);
    send(&mut window, "PE 2", "PU 2", "ASAP_COOKIE");
    assert!(discs(&window, cookie) >= 2, "one on its way, one in the legend");
}

#[test]
fn nothing_travels_where_there_is_no_association() {
    let mut window = demo();
    let before = all_discs(&window);
    send(&mut window, "PE 2", "PU 1", "FGP_DATA");
    assert_eq!(all_discs(&window), before);
    send(&mut window, "PE 2", "PU 2", "FGP_DATA");
    assert!(all_discs(&window) > before);
}

#[test]
fn a_broken_association_lingers_and_one_that_was_closed_does_not() {
    for killed in [true, false] {
        let mut window = demo();
        let demo = fixture(&mut window);
        let (user, element) = (demo.named("PU 2"), demo.named("PE 2"));
        let number = demo.model.associations.values().find_map(|association| {
            let is_it = association.protocol == Protocol::Application;
            association.views.get(&user).filter(|_| is_it)
        });
        let number = number.expect("a session").number;
        let remote = demo.model.associations.keys().next().expect("one").0.clone();
        if killed {
            demo.kill(element);
        } else {
            demo.change(element, model::Change::Ended(model::Ending::Clean));
        }
        demo.event(
            user,
            Event::AssociationDown {
                association: number,
                remote,
                cause: DownCause::PeerAbort,
            },
        );
        window.run_steps(2);
        assert_eq!(shows(&window, "broken"), killed);
        window.run_steps(40);
        assert!(!shows(&window, "broken"), "it has faded");
    }
}

#[test]
fn an_arrow_leads_from_the_old_server_to_the_new_one() {
    let mut failed_over = fixture::demo();
    let window = window_of(FixtureCentre::new(failed_over), vec2(1280.0, 800.0));
    assert!(shows(&window, "old to new server"));
    failed_over = fixture::demo();
    failed_over.wait(15_000);
    let window = window_of(FixtureCentre::new(failed_over), vec2(1280.0, 800.0));
    assert!(!shows(&window, "old to new server"), "no news any more");
}

#[test]
fn registrars_that_disagree_say_on_how_many_pool_elements() {
    let mut window = window_of(FixtureCentre::new(fixture::disagreement()), vec2(1280.0, 800.0));
    window.run_steps(10);
    let marks: Vec<_> = texts(&window)
        .into_iter()
        .filter(|painted| painted.text.starts_with("disagree on"))
        .collect();
    assert!(!marks.is_empty());
    assert!(shows(&window, "disagreement"), "in the legend");
    let agreeing = window_of(FixtureCentre::new(fixture::two_registrars()), vec2(1280.0, 800.0));
    assert!(!shows(&agreeing, "disagreement"));
}

#[test]
fn a_pool_has_its_name_and_its_policy() {
    let window = demo();
    assert!(shows(&window, "FractalGeneratorPool"));
    assert!(shows(&window, "least used"));
}

#[test]
fn those_of_whom_the_story_tells_are_lit_and_the_others_dimmed() {
    let window = window_of(fixture::story(Told::Expecting), vec2(1280.0, 800.0));
    let graph = |painted: &&Painted| painted.rect.left() > 290.0 && painted.rect.right() < 900.0;
    let opacity = |name: &str| {
        let texts = texts(&window);
        let found = texts.iter().filter(graph).find(|painted| painted.text == name);
        found
            .unwrap_or_else(|| panic!("{name} is not in the graph"))
            .ink
            .a()
    };
    assert_eq!(opacity("PU 1"), 255);
    assert_eq!(opacity("PE 2"), 255, "serves it");
    assert!(opacity("PU 2") < 180);
    let window = demo();
    let texts = texts(&window);
    let mut names = texts
        .iter()
        .filter(graph)
        .filter(|painted| painted.text.starts_with("PU "));
    assert!(names.all(|painted| painted.ink.a() == 255), "without a story");
}

#[test]
fn the_legend_is_on_the_screen_and_covers_nothing() {
    for size in [
        vec2(960.0, 600.0),
        vec2(1024.0, 768.0),
        vec2(1280.0, 800.0),
        vec2(1920.0, 1080.0),
    ] {
        for centre in [
            fixture::failures(),
            fixture::bad_links(),
            fixture::disagreement(),
            fixture::sixty(),
        ] {
            let window = window_of(FixtureCentre::new(centre), size);
            let texts = texts(&window);
            let is_last = |painted: &&Painted| painted.text == "ASAP" || painted.text.ends_with("more: F1");
            let last = texts
                .iter()
                .filter(is_last)
                .max_by(|one, other| one.rect.bottom().total_cmp(&other.rect.bottom()))
                .unwrap_or_else(|| panic!("the end of the legend at {size:?}"));
            assert!(last.rect.bottom() < size.y, "{last:?} at {size:?}");
        }
    }
}
