//! The form that adds a component: every service can be chosen, and what is wrong is said.

mod fixture;

use command::Command;
use eframe::egui;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feed::ComponentRole;
use fixture::window::{Window, click, commands, press, says, window_of_size};
use scenario::{ComponentArgs, ComponentSpec};

const SIZE: Vec2 = Vec2::new(1280.0, 800.0);

/// Opens the form of a role.
fn form(role: ComponentRole) -> Window {
    let mut window = window_of_size(fixture::demo(), SIZE);
    click(&mut window, &format!("Add a {role}"));
    window
}

fn choose(window: &mut Window, label: &str, choice: &str) {
    window.get_by_role_and_label(Role::ComboBox, label).click();
    window.run();
    window.get_by_role_and_label(Role::Button, choice).click();
    window.run();
}

/// Replaces the text of a field.
fn type_into(window: &mut Window, label: &str, text: &str) {
    window.get_by_role_and_label(Role::TextInput, label).focus();
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run();
    window
        .get_by_role_and_label(Role::TextInput, label)
        .type_text(text);
    window.run();
}

/// Raises or lowers a number by keys.
fn step(window: &mut Window, label: &str, key: Key) {
    window.get_by_role_and_label(Role::SpinButton, label).focus();
    window.run();
    assert_eq!(press(window, key), []);
}

fn added(commands: Vec<Command>) -> ComponentSpec {
    match <[Command; 1]>::try_from(commands) {
        Ok([Command::Add(spec)]) => spec,
        other => panic!("{other:?}"),
    }
}

/// Starts what was entered; returns its arguments as in a shell.
fn start(window: &mut Window, role: ComponentRole) -> String {
    let spec = added(click(window, &format!("Start the new {role}")));
    let argv = spec.args.to_argv();
    assert_eq!(ComponentArgs::parse(&argv), Ok(spec.args));
    argv.join(" ")
}

fn can_start(window: &Window, role: ComponentRole) -> bool {
    let name = format!("Start the new {role}");
    let start = window.get_by_role_and_label(Role::Button, &name);
    !start.accesskit_node().is_disabled()
}

#[test]
fn a_pool_element_offers_any_service() {
    const ROLE: ComponentRole = ComponentRole::PoolElement;
    for (service, argv) in [
        ("fractal", "pool-element"),
        ("calcapp", "pool-element --service=calcapp"),
        ("echo", "pool-element --service=echo"),
        ("ping-pong", "pool-element --service=ping-pong"),
        ("daytime", "pool-element --service=daytime"),
        ("discard", "pool-element --service=discard"),
        ("chargen", "pool-element --service=chargen"),
        ("scripting", "pool-element --service=scripting --demo-unit=5000"),
    ] {
        let mut window = form(ROLE);
        choose(&mut window, "Service", service);
        assert_eq!(start(&mut window, ROLE), argv);
    }
}

#[test]
fn a_pool_element_of_the_calcapp_service_has_a_capacity_and_a_number_of_jobs() {
    const ROLE: ComponentRole = ComponentRole::PoolElement;
    let mut window = form(ROLE);
    choose(&mut window, "Service", "calcapp");
    step(&mut window, "Capacity", Key::ArrowUp);
    step(&mut window, "Most jobs", Key::ArrowDown);
    assert_eq!(
        start(&mut window, ROLE),
        "pool-element --service=calcapp --calculations-per-second=1010000 --max-jobs=9"
    );
}

#[test]
fn a_pool_element_joins_with_the_policy_of_its_pool_and_another_one_is_warned_of() {
    const ROLE: ComponentRole = ComponentRole::PoolElement;
    let mut demo = fixture::demo();
    let element = demo.named("PE 1");
    let policy = wire::parameter::Policy::LeastUsedDegradation {
        load: 77,
        load_degradation: u32::MAX / 2 + 1,
    };
    demo.event(element, feed::Event::Policy { policy });
    let mut window = window_of_size(demo, SIZE);
    click(&mut window, "Add a pool element");
    assert_eq!(
        start(&mut window, ROLE),
        "pool-element --policy=least-used-degradation:0.5"
    );
    click(&mut window, "Add a pool element");
    choose(&mut window, "Policy", "Weighted Round Robin");
    assert!(says(&window, "The pool has LUD: it will be refused."));
    // In a pool of its own it may have any.
    type_into(&mut window, "Pool", "Another Pool");
    assert!(!says(&window, "it will be refused."));
    assert_eq!(
        start(&mut window, ROLE),
        "pool-element --pool-handle=Another Pool --policy=weighted-round-robin:10"
    );
}

#[test]
fn a_pool_user_uses_any_service() {
    const ROLE: ComponentRole = ComponentRole::PoolUser;
    for (service, argv) in [
        ("fractal", "pool-user"),
        ("calcapp", "pool-user --service=calcapp"),
        ("ping-pong", "pool-user --service=ping-pong"),
        ("terminal", "pool-user --service=terminal --byte-service=echo"),
        ("scripting", "pool-user --service=scripting --demo-packages=10"),
    ] {
        let mut window = form(ROLE);
        choose(&mut window, "Service", service);
        assert_eq!(start(&mut window, ROLE), argv);
    }
    let mut window = form(ROLE);
    choose(&mut window, "Service", "terminal");
    choose(&mut window, "Lines for", "daytime");
    assert_eq!(
        start(&mut window, ROLE),
        "pool-user --service=terminal --byte-service=daytime"
    );
}

#[test]
fn sizes_and_intervals_of_requests_are_distributions_and_enter_starts() {
    let mut window = form(ComponentRole::PoolUser);
    choose(&mut window, "Service", "calcapp");
    type_into(&mut window, "Request size", "erlang:4:1e7");
    type_into(&mut window, "Interval", " 2.5 ");
    let spec = added(press(&mut window, Key::Enter));
    assert_eq!(
        spec.args.to_argv(),
        [
            "pool-user",
            "--service=calcapp",
            "--request-size=erlang:4:10000000",
            "--request-interval=2.5"
        ]
    );
    assert!(
        window.query_by_label("Add nothing").is_none(),
        "the form is closed"
    );
}

#[test]
fn a_wrong_distribution_is_explained_and_starts_nothing() {
    const ROLE: ComponentRole = ComponentRole::PoolUser;
    let mut window = form(ROLE);
    choose(&mut window, "Service", "calcapp");
    for (label, text, problem) in [
        (
            "Request size",
            "gauss:1:2",
            "Request size: there is no distribution \"gauss\"",
        ),
        (
            "Request size",
            "exponential",
            "Request size: exponential:MEAN has these parameters",
        ),
        ("Request size", "1e6", ""),
        (
            "Interval",
            "uniform:2:1",
            "Interval: the minimum must not be above the maximum",
        ),
        ("Interval", "-1", "Interval: no parameter may be negative"),
    ] {
        type_into(&mut window, label, text);
        assert_eq!(can_start(&window, ROLE), problem.is_empty(), "{text}");
        assert!(says(&window, problem), "{text}");
    }
    assert_eq!(press(&mut window, Key::Enter), [], "nor does Enter");
    // What is not asked for is not wrong.
    choose(&mut window, "Service", "fractal");
    assert!(can_start(&window, ROLE));
}

#[test]
fn the_pool_follows_the_service_unless_it_is_changed() {
    const ROLE: ComponentRole = ComponentRole::PoolUser;
    let mut window = form(ROLE);
    let hint = |window: &Window| {
        let field = window.get_by_role_and_label(Role::TextInput, "Pool");
        field.accesskit_node().placeholder().map(str::to_owned)
    };
    assert_eq!(hint(&window).as_deref(), Some("FractalGeneratorPool"));
    choose(&mut window, "Service", "calcapp");
    assert_eq!(hint(&window).as_deref(), Some("CalcAppPool"));
    choose(&mut window, "Service", "terminal");
    choose(&mut window, "Lines for", "chargen");
    assert_eq!(hint(&window).as_deref(), Some("CharGenPool"));
    type_into(&mut window, "Pool", "Mine");
    choose(&mut window, "Service", "calcapp");
    assert_eq!(
        start(&mut window, ROLE),
        "pool-user --service=calcapp --pool-handle=Mine"
    );
    click(&mut window, "Add a pool user");
    type_into(&mut window, "Pool", &"\u{20ac}".repeat(11));
    assert!(says(&window, "Pool: a handle has at most 32 bytes, this one 33"));
    assert!(!can_start(&window, ROLE));
    assert_eq!(commands(&mut window), []);
}

#[test]
fn the_form_begins_like_the_latest_component_of_its_role() {
    let mut window = window_of_size(fixture::two_pools(), SIZE);
    click(&mut window, "Add a pool user");
    assert_eq!(
        start(&mut window, ComponentRole::PoolUser),
        "pool-user --service=ping-pong --pool-handle=Random"
    );
    // The pool belongs to that service.
    let mut window = window_of_size(fixture::two_pools(), SIZE);
    click(&mut window, "Add a pool element");
    choose(&mut window, "Service", "echo");
    assert_eq!(
        start(&mut window, ComponentRole::PoolElement),
        "pool-element --service=echo"
    );
}
