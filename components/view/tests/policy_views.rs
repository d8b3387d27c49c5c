//! The policy of a pool in the window: one choice changes it, and whoever is refused says why.

mod fixture;

use command::Command;
use eframe::egui;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feed::Event;
use fixture::window::{Window, click, click_on, commands, press, says, window_of_size};
use wire::PoolHandle;
use wire::parameter::{ErrorCause, Policy};

const SIZE: Vec2 = Vec2::new(1280.0, 800.0);
const POOL: &str = wire::fractal_generator::POOL_HANDLE;

fn pool() -> PoolHandle {
    PoolHandle::new(POOL.as_bytes()).expect("a handle that is neither empty nor too long")
}

fn chosen(policy: Policy) -> Command {
    Command::SetPoolPolicy(pool(), policy)
}

#[test]
fn the_heading_of_the_pool_is_the_choice_of_its_policy() {
    let mut window = window_of_size(fixture::demo(), SIZE);
    click_on(&mut window, Role::Button, "Policy of the pool");
    click_on(&mut window, Role::Button, "Weighted Round Robin  WRR");
    let policy = Policy::WeightedRoundRobin { weight: 10 };
    assert_eq!(commands(&mut window), [chosen(policy)]);
    // The current one needs no change.
    click_on(&mut window, Role::Button, "Policy of the pool");
    assert_eq!(click(&mut window, "Round Robin  RR"), []);
}

#[test]
fn the_palette_has_all_policies_but_the_current_one() {
    let mut window = window_of_size(fixture::demo(), SIZE);
    let find = |window: &mut Window, text: &str| {
        window.key_press_modifiers(Modifiers::COMMAND, Key::K);
        window.run();
        window
            .get_by_role_and_label(Role::TextInput, "Search all actions")
            .type_text(text);
        window.run();
    };
    find(&mut window, "policy of");
    let items = window.query_all_by_role(Role::MenuItem);
    let policies = items.filter(|item| {
        let label = item.accesskit_node().label();
        label.is_some_and(|label| label.starts_with("Policy of"))
    });
    assert!(policies.count() >= 10, "as many as there is room for");
    press(&mut window, Key::Escape);
    find(&mut window, "policy least used (lu)");
    let policy = Policy::LeastUsed { load: 0 };
    assert_eq!(press(&mut window, Key::Enter), [chosen(policy)]);
    find(&mut window, "policy: round robin (rr)");
    assert_eq!(press(&mut window, Key::Enter), [], "it has that one");
}

#[test]
fn a_slider_changes_what_a_pool_element_tells_by_one_command() {
    let mut demo = fixture::demo();
    let element = demo.named("PE 2");
    let policy = Policy::LeastUsedDegradation {
        load: u32::MAX / 2,
        load_degradation: 0,
    };
    demo.event(element, Event::Policy { policy });
    let mut window = window_of_size(demo, SIZE);
    click(&mut window, "Details of PE 2");
    for absent in ["Weight", "Priority", "DPF"] {
        let slider = window.query_by_role_and_label(Role::Slider, absent);
        assert!(slider.is_none(), "{absent}");
    }
    let focus = |window: &mut Window, label: &str| {
        window.get_by_role_and_label(Role::Slider, label).focus();
        window.run();
    };
    focus(&mut window, "Degradation");
    match &press(&mut window, Key::ArrowRight)[..] {
        [Command::Send(id, feed::Command::SetPolicy { policy })] if *id == element => {
            let degradation = policy.data().load_degradation;
            assert!(degradation.is_some_and(|degradation| degradation > 0), "{policy}");
            assert_eq!(policy.load(), Some(u32::MAX / 2));
        }
        other => panic!("{other:?}"),
    }
    focus(&mut window, "Load told");
    match press(&mut window, Key::ArrowRight)[..] {
        [Command::Send(id, feed::Command::SetLoad { load: Some(load) })] if id == element => {
            assert!(load > 0.5 && load < 0.6, "{load}");
        }
        ref other => panic!("{other:?}"),
    }
    let measured = window.get_by_role_and_label(Role::Button, "Tell what it measures");
    measured.focus();
    window.run();
    assert_eq!(
        press(&mut window, Key::Enter),
        [Command::Send(element, feed::Command::SetLoad { load: None })]
    );
}

#[test]
fn a_slider_shows_what_a_pool_element_has_after_its_change_was_undone() {
    let mut demo = fixture::demo();
    let element = demo.named("PE 2");
    let weight = |weight| Event::Policy {
        policy: Policy::WeightedRandom { weight },
    };
    demo.event(element, weight(10));
    let mut window = window_of_size(demo, SIZE);
    click(&mut window, "Details of PE 2");
    let shown = |window: &Window| {
        let slider = window.get_by_role_and_label(Role::Slider, "Weight");
        slider.accesskit_node().numeric_value()
    };
    window.get_by_role_and_label(Role::Slider, "Weight").focus();
    window.run();
    press(&mut window, Key::ArrowRight);
    assert_eq!(shown(&window), Some(11.0), "until it reports another one");
    for has in [11, 10] {
        window.state_mut().centre().fixture.event(element, weight(has));
        window.run();
        assert_eq!(shown(&window), Some(has.into()));
    }
}

#[test]
fn a_load_that_was_told_is_shown_until_the_measured_one_is() {
    let mut demo = fixture::demo();
    let element = demo.named("PE 2");
    let policy = Policy::LeastUsed { load: u32::MAX / 4 };
    demo.event(element, Event::Policy { policy });
    demo.change(element, model::Change::LoadTold(Some(0.8)));
    let mut window = window_of_size(demo, SIZE);
    click(&mut window, "Details of PE 2");
    let shown = |window: &Window| {
        let slider = window.get_by_role_and_label(Role::Slider, "Load told");
        slider.accesskit_node().numeric_value().map(f64::round)
    };
    assert_eq!(shown(&window), Some(80.0));
    let fixture = &mut window.state_mut().centre().fixture;
    fixture.change(element, model::Change::LoadTold(None));
    window.run();
    assert_eq!(shown(&window), Some(25.0));
}

#[test]
fn who_was_refused_and_why_stands_on_the_card_as_long_as_it_lasts() {
    let mut demo = fixture::demo();
    let element = demo.named("PE 2");
    let refused = events::pool_element::Event::RegistrationRefused {
        pool_handle: pool(),
        policy: Policy::LeastUsed { load: 0 },
        causes: vec![ErrorCause::inconsistent_policy(&Policy::RoundRobin)],
        retry_in: std::time::Duration::from_secs(3),
    };
    demo.event(element, Event::PoolElement(refused));
    // As much of it as there is room for; the sentence on the timeline begins with the name.
    let says_why = |window: &Window| {
        let mut labels = window.query_all_by_role(Role::Label);
        labels.any(|node| {
            let value = node.accesskit_node().value();
            value.is_some_and(|value| value.starts_with("refused: the pool"))
        })
    };
    let mut window = window_of_size(demo, SIZE);
    assert!(says_why(&window));
    assert!(says(&window, "PE 2 was refused: the pool"));
    let joined = events::pool_element::Event::Registered {
        association: 1.into(),
        registrar: None,
        first: true,
        warnings: Vec::new(),
    };
    let fixture = &mut window.state_mut().centre().fixture;
    fixture.event(element, Event::PoolElement(joined));
    window.run();
    assert!(!says_why(&window));
}
