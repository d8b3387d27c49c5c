//! The policy laboratory.

mod fixture;

use command::Command;
use eframe::egui;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use fixture::window::{Window, click, click_on, commands, press, says, window_of_size};
use policy_laboratory::{Experiment, Measure, Parameter, Run};

const SIZE: Vec2 = Vec2::new(1280.0, 800.0);

/// Opens the laboratory by its key.
fn laboratory() -> Window {
    let mut window = window_of_size(fixture::demo(), SIZE);
    window.key_press_modifiers(Modifiers::COMMAND, Key::E);
    window.run();
    window
}

/// An experiment that is over soon, and has been simulated.
fn simulated(sweep: &str) -> Run {
    let text = format!(
        r#"{{ "name": "Short", "policies": ["least-used", "round-robin"], "seeds": 2, {sweep}
            "parameters": {{ "pool-users": 20, "warm-up-s": 60, "duration-s": 300 }} }}"#
    );
    let experiment = Experiment::parse("short", &text).expect("it is an experiment");
    let mut run = Run::start(experiment, || {}).expect("it can be simulated");
    while run.wait() {}
    run
}

fn show(window: &mut Window, run: Run) {
    window.state_mut().centre().laboratory = Some(run);
    window.run();
}

fn image(window: &Window) -> String {
    let mut images = window.query_all_by_role(Role::Image);
    let labels = images.find_map(|node| {
        node.accesskit_node()
            .label()
            .filter(|label| label.contains("Simulated"))
    });
    labels.expect("a chart")
}

#[test]
fn it_opens_in_place_of_the_demonstration_and_says_that_it_is_simulated() {
    let mut window = window_of_size(fixture::demo(), SIZE);
    assert!(
        window
            .query_by_role_and_label(Role::Button, "Kill PE 1")
            .is_some()
    );
    click(&mut window, "Policy laboratory");
    assert!(says(&window, "Policy laboratory: simulated"));
    assert!(
        window
            .query_by_role_and_label(Role::Button, "Kill PE 1")
            .is_none()
    );
    click(&mut window, "Close the policy laboratory");
    assert!(
        window
            .query_by_role_and_label(Role::Button, "Kill PE 1")
            .is_some()
    );
}

#[test]
fn the_base_set_up_is_simulated_with_one_click() {
    let mut window = laboratory();
    let asked = click(&mut window, "Simulate the experiment");
    assert_eq!(asked, [Command::Simulate(Box::default())]);
    assert!(says(&window, "72 runs"));
}

#[test]
fn no_key_acts_on_the_demonstration_behind_it() {
    let mut window = window_of_size(fixture::demo(), SIZE);
    let element = fixture::window::id(&mut window, "PE 2");
    window.state_mut().view.selection.select(element);
    window.key_press_modifiers(Modifiers::COMMAND, Key::E);
    window.run();
    for key in [Key::K, Key::S, Key::F, Key::Space, Key::PageDown] {
        assert_eq!(press(&mut window, key), [], "{key:?}");
    }
    press(&mut window, Key::Escape);
    assert!(!says(&window, "Policy laboratory: simulated"));
    assert_eq!(press(&mut window, Key::K), [Command::Kill(element)]);
}

#[test]
fn policies_are_chosen_and_none_is_not_enough() {
    let mut window = laboratory();
    click_on(&mut window, Role::CheckBox, "RAND (random)");
    let asked = click(&mut window, "Simulate the experiment");
    let [Command::Simulate(experiment)] = asked.as_slice() else {
        panic!("{asked:?}");
    };
    let names: Vec<String> = experiment.policies.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["least-used", "round-robin"]);
    for name in ["LU (least-used)", "RR (round-robin)"] {
        click_on(&mut window, Role::CheckBox, name);
    }
    assert!(says(&window, "policies: 0 are given"));
    let button = window.get_by_role_and_label(Role::Button, "Simulate the experiment");
    assert!(button.accesskit_node().is_disabled());
}

#[test]
fn results_are_drawn_described_and_listed_with_their_limits() {
    let mut window = laboratory();
    let sweep = r#""sweep": { "parameter": "utilisation", "values": [0.2, 0.6] },"#;
    show(&mut window, simulated(sweep));
    let described = image(&window);
    assert!(described.starts_with("Simulated Handling speed"), "{described}");
    assert!(
        described.contains("over Target utilisation, at 0.6: LU "),
        "{described}"
    );
    assert!(
        described.contains(", RR ") && described.contains(" \u{b1} "),
        "{described}"
    );
    for words in ["all 8 runs", "Short", "M/M/c, one central queue", "theory"] {
        let in_progress = window.query_all_by_role(Role::ProgressIndicator).any(|node| {
            node.accesskit_node()
                .label()
                .is_some_and(|label| label.contains(words))
        });
        assert!(says(&window, words) || in_progress, "{words}");
    }
    let end = window.get_by_role_and_label(Role::Button, "Cancel the experiment");
    assert!(end.accesskit_node().is_disabled());
}

#[test]
fn results_without_a_varied_parameter_are_drawn_too_and_written_on_request() {
    let mut window = laboratory();
    show(&mut window, simulated(""));
    assert!(image(&window).contains("Handling speed"));
    commands(&mut window);
    for (name, file) in [
        ("Write all runs as CSV", "poolscope-lab-short.csv"),
        ("Draw the result as SVG", "poolscope-lab-short.svg"),
        ("Draw the result as PNG", "poolscope-lab-short.png"),
        ("Write the experiment as JSON", "poolscope-lab-short.json"),
    ] {
        let expected = Command::WriteResults(file.into(), vec![Measure::HandlingSpeed]);
        assert_eq!(click(&mut window, name), [expected]);
    }
}

#[test]
fn an_experiment_under_way_can_be_cancelled() {
    let mut window = laboratory();
    let mut endless = Experiment {
        seeds: 10_000,
        ..Experiment::default()
    };
    endless.parameters.set(Parameter::Duration, 600_000.0).unwrap();
    show(&mut window, Run::start_on(1, endless, || {}).unwrap());
    assert_eq!(
        click(&mut window, "Cancel the experiment"),
        [Command::EndSimulation]
    );
}
