//! The picture that a story is about, and what is over, as a screen reader would find them.

mod fixture;

use std::time::Duration;

use egui::accesskit::Role;
use egui::{Key, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feed::{Activity, Event, Impairment, Status};
use fixture::window::{Window, id, press, says, window_of_size};
use fixture::{Fixture, demo, taken_over};
use model::{Change, Comparison, ComponentId, Ending, Proof};

const SIZE: Vec2 = Vec2::new(1280.0, 800.0);

fn has(window: &Window, role: Role, name: &str) -> bool {
    window.query_by_role_and_label(role, name).is_some()
}

/// Completes the picture of a pool user that is kept, and begins another one.
fn complete(fixture: &mut Fixture, user: ComponentId) {
    let canvas = fixture.model.components[&user]
        .canvas
        .as_ref()
        .expect("a picture");
    let (image, side) = (canvas.image, canvas.width);
    let element = fixture.named("PE 2");
    fixture.change(user, Change::PictureHeld { next: false });
    fixture.rows(user, element, 0..side);
    fixture.event(
        user,
        Event::ImageCompleted {
            image,
            duration: Duration::from_secs(2),
            failovers: 1,
            missing: 0,
            left_out: 0,
        },
    );
    fixture.begin_picture(user, image + 1, side);
    fixture.rows(user, element, 0..side / 10);
}

/// Compares the picture that is kept with itself, but for some pixels.
fn compare(fixture: &mut Fixture, user: ComponentId, wrong: usize) {
    let canvas = fixture.model.components[&user]
        .picture_to_compare()
        .expect("it is over");
    let mut computed = canvas.iterations.clone();
    for value in computed.iter_mut().skip(5).take(wrong) {
        *value += 1;
    }
    let (image, proof) = (canvas.image, Proof::Made(Comparison::of(canvas, &computed)));
    fixture.change(user, Change::PictureCompared { image, proof });
}

#[test]
fn the_picture_that_a_fault_concerned_stays_with_its_proof() {
    let mut fixture = demo();
    let user = fixture.named("PU 1");
    complete(&mut fixture, user);
    compare(&mut fixture, user, 0);
    let canvas = fixture.model.components[&user].held_canvas().expect("it is kept");
    let pixels = model::words::count(u64::from(canvas.width * canvas.height));
    let mut window = window_of_size(fixture, SIZE);
    assert!(has(&window, Role::Image, "Picture of PU 1, 100 % done"));
    assert!(has(&window, Role::Image, "Next picture of PU 1, 10 % done"));
    let proof = format!("Picture of PU 1: {pixels} of {pixels} pixels equal");
    assert!(has(&window, Role::Label, &proof), "{proof}");

    window
        .state_mut()
        .centre()
        .fixture
        .change(user, Change::PictureLetGo);
    window.run();
    assert!(has(&window, Role::Image, "Picture of PU 1, 10 % done"));
    assert!(!has(&window, Role::Label, &proof));
}

#[test]
fn an_audience_sees_the_progress_of_the_picture_that_it_sees() {
    let mut fixture = demo();
    let user = fixture.named("PU 1");
    complete(&mut fixture, user);
    compare(&mut fixture, user, 0);
    let mut window = window_of_size(fixture, SIZE);
    press(&mut window, Key::F11);
    assert!(has(&window, Role::Image, "Picture of PU 1, 100 % done"));
    assert!(has(&window, Role::Label, "complete, 2.00 s"));
    assert!(!has(&window, Role::Label, "10 %"));
}

#[test]
fn wrong_pixels_are_counted_and_placed() {
    let mut fixture = demo();
    let user = fixture.named("PU 1");
    complete(&mut fixture, user);
    compare(&mut fixture, user, 2);
    let comparison = fixture.model.components[&user].held.as_ref();
    let told = comparison
        .and_then(model::HeldPicture::comparison)
        .expect("compared")
        .in_words();
    assert!(
        told.ends_with("pixels equal, 2 wrong, the first in row 0, column 5"),
        "{told}"
    );
    let window = window_of_size(fixture, SIZE);
    assert!(has(&window, Role::Label, &format!("Picture of PU 1: {told}")));
}

#[test]
fn who_has_been_killed_serves_nobody() {
    let mut fixture = demo();
    let (user, element) = (fixture.named("PU 1"), fixture.named("PE 3"));
    let serves = fixture.model.components[&user].served.values();
    assert_eq!(
        serves.filter_map(|server| server.component).collect::<Vec<_>>(),
        [element]
    );
    fixture.kill(element);
    let window = window_of_size(fixture, SIZE);
    // Nobody is left to be killed, and nobody is named.
    assert!(!says(&window, "served by PE 3"));
    let button = window.get_by_role_and_label(Role::Button, "Kill the PE that serves PU 1");
    assert!(button.accesskit_node().is_disabled());
}

#[test]
fn who_has_done_everything_says_what_it_was() {
    let mut fixture = demo();
    let user = fixture.named("PU 1");
    let units = Activity::Units {
        total: 9,
        running: 0,
        complete: 8,
        failed: 1,
    };
    let status = Status::PoolUser {
        connected: true,
        failure: None,
        activity: units,
    };
    fixture.event(user, Event::Status { ready: true, status });
    let reason = feed::FINISHED.to_owned();
    fixture.event(user, Event::Goodbye { reason });
    fixture.change(user, Change::Ended(Ending::Clean));
    let window = window_of_size(fixture, SIZE);
    assert!(says(&window, "finished: 8 of 9 units complete, 1 failed"));
}

#[test]
fn who_was_not_heard_has_not_left_in_order() {
    let mut fixture = demo();
    let (heard, unheard) = (fixture.named("PE 1"), fixture.named("PE 2"));
    let deregistered =
        |confirmed| Event::PoolElement(events::pool_element::Event::Deregistered { confirmed });
    fixture.event(heard, deregistered(true));
    fixture.change(heard, Change::Ended(Ending::Clean));
    fixture.impair(unheard, Impairment::UNPLUGGED);
    fixture.event(unheard, deregistered(false));
    fixture.change(unheard, Change::Ended(Ending::Clean));
    let window = window_of_size(fixture, SIZE);
    assert!(says(&window, "left in order"));
    assert!(says(&window, "nobody heard it leave"));
}

#[test]
fn registrars_that_have_all_stopped_have_taken_nobody_over() {
    let mut window = window_of_size(taken_over(), SIZE);
    assert!(says(&window, "taken over by"));
    for name in ["PR 1", "PR 2", "PR 3"] {
        let registrar = id(&mut window, name);
        let fixture = &mut window.state_mut().centre().fixture;
        fixture.change(registrar, Change::Ended(Ending::Clean));
    }
    window.run();
    assert!(!says(&window, "taken over by"));
}

#[test]
fn the_takeover_covers_no_stopwatch() {
    for size in [SIZE, Vec2::new(1024.0, 768.0), Vec2::new(1920.0, 1080.0)] {
        let mut fixture = taken_over();
        let (from, to) = (fixture.named("PE 2"), fixture.named("PE 3"));
        for user in ["PU 1", "PU 2"].map(|name| fixture.named(name)) {
            fixture.fail_over(user, from, to, [11_200, 2_400, 6_900, 15_200]);
        }
        let window = window_of_size(fixture, size);
        let card = window.get_by_role_and_label(Role::Button, "Put the takeover away");
        let images = window.query_all_by_role(Role::Image);
        let bars: Vec<_> = images
            .filter(|node| {
                let label = node.accesskit_node().label();
                label.is_some_and(|label| label.starts_with("Failover with"))
            })
            .collect();
        assert_eq!(bars.len(), 2, "{size:?}");
        for bar in bars {
            assert!(bar.rect().bottom() < card.rect().top(), "{size:?}");
        }
    }
}
