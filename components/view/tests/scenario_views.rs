//! Faults of links, random faults, timers and scenario files: in the window, and the resulting commands.

mod fixture;

use std::path::PathBuf;
use std::time::Duration;

use command::links;
use command::{Command, FileOutcome, FileProblem};
use eframe::egui;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable as _;
use feed::{Impairment, LinkTarget};
use fixture::Fixture;
use fixture::window::{Window, click, commands, id, says, window_of_size};
use model::ComponentId;
use play::RandomFaultsRun;
use scenario::{Preset, RandomFault, RoleFilter, Who};
use view::Chosen;

fn window(fixture: Fixture) -> Window {
    window_of_size(fixture, Vec2::new(1280.0, 900.0))
}

/// Opens the section below a heading.
fn unfold(window: &mut Window, heading: &str) {
    window.get_by_label(heading).click();
    window.run();
}

fn address(window: &mut Window, id: ComponentId) -> LinkTarget {
    LinkTarget::Peer(window.state_mut().centre().fixture.model.components[&id].addresses[0])
}

#[test]
fn a_link_is_chosen_in_the_inspector_and_cut_at_both_ends() {
    let mut window = window(fixture::demo());
    click(&mut window, "Details of PE 2");
    click(&mut window, "Faults of the link to PR 1");
    let (element, registrar) = (id(&mut window, "PE 2"), id(&mut window, "PR 1"));
    let (to_element, to_registrar) = (address(&mut window, element), address(&mut window, registrar));
    let commands = click(&mut window, "Cut the link between PR 1 and PE 2");
    assert_eq!(
        commands,
        [
            Command::Impair(registrar, to_element, Impairment::UNPLUGGED),
            Command::Impair(element, to_registrar, Impairment::UNPLUGGED)
        ]
    );
}

#[test]
fn a_click_on_an_edge_chooses_its_link() {
    let mut window = window(fixture::demo());
    let centre = |window: &Window, name: &str| {
        let begin = format!("{name} in the graph");
        let node = window.get_by(|node| node.label().is_some_and(|text| text.starts_with(&begin)));
        node.rect().center()
    };
    let middle = centre(&window, "PR 1").lerp(centre(&window, "PE 2"), 0.5);
    window.hover_at(middle);
    window.run();
    window.drag_at(middle);
    window.drop_at(middle);
    window.run();
    let link = links::between(id(&mut window, "PR 1"), id(&mut window, "PE 2"));
    assert_eq!(window.state().view.selection.link(), Some(link));
    window.key_press(Key::Escape);
    window.run();
    assert_eq!(window.state().view.selection.inspected(), Chosen::Nothing);
}

#[test]
fn a_link_that_is_cut_is_mended_from_its_badge() {
    let mut window = window(fixture::bad_links());
    for name in [
        "Link between PR 1 and PE 3: cut",
        "Link between PE 3 and PU 1: 20 % loss",
        "Link between PR 1 and PU 1: 80 \u{b1} 20 ms",
    ] {
        assert!(
            window.query_by_role_and_label(Role::Button, name).is_some(),
            "{name}"
        );
    }
    click(&mut window, "Link between PR 1 and PE 3: cut");
    let commands = click(&mut window, "Mend the link between PR 1 and PE 3");
    let all_good = |command: &Command| matches!(command, Command::Impair(_, _, now) if now.is_none());
    assert!(
        commands.len() == 2 && commands.iter().all(all_good),
        "{commands:?}"
    );
}

#[test]
fn faults_of_links_are_counted_once_each() {
    let window = window(fixture::bad_links());
    // Three links, of which the cut one is reported by both ends, and all links of a pool user.
    assert!(says(&window, "4 faults active"));
    let bad = window.query_by(|node| {
        node.label()
            .is_some_and(|text| text.starts_with("PU 2 in the graph") && text.ends_with("20 % loss"))
    });
    assert!(bad.is_some());
}

#[test]
fn loss_of_a_link_is_set_at_one_end_only() {
    let fixture = fixture::demo();
    let mut components = fixture.model.components.values();
    let (one, other) = (
        components.next().expect("one"),
        components.nth(1).expect("another"),
    );
    let lossy = Impairment {
        loss: 0.3,
        ..Impairment::default()
    };
    let target = LinkTarget::Peer(other.addresses[0]);
    assert_eq!(
        links::impair(one, other, lossy),
        [Command::Impair(one.id, target, lossy)]
    );
}

#[test]
fn random_faults_begin_for_one_component_or_all_of_its_role() {
    let mut window = window(fixture::demo());
    click(&mut window, "Details of PE 2");
    unfold(&mut window, "Random up- and down-times");
    let begun = click(&mut window, "Begin random faults of PE 2");
    let [Command::BeginRandomFaults(random_faults)] = begun.as_slice() else {
        panic!("{begun:?}")
    };
    assert_eq!(random_faults.of, Who::Named(vec!["PE 2".into()]));
    assert_eq!(random_faults.keep_up, Some(0), "it is the only one");
    window.get_by_label("Kill").click();
    window.run();
    let begun = click(&mut window, "Begin random faults of all pool elements");
    let [Command::BeginRandomFaults(random_faults)] = begun.as_slice() else {
        panic!("{begun:?}")
    };
    assert_eq!(random_faults.of, Who::Every(RoleFilter::PoolElement));
    assert_eq!(random_faults.faults, [RandomFault::Freeze, RandomFault::Unplug]);
}

#[test]
fn random_faults_that_go_on_are_announced_and_can_be_ended() {
    let mut window = window(fixture::demo());
    let random_faults = scenario::RandomFaults {
        of: Who::Every(RoleFilter::PoolElement),
        mean_up_s: 15.0,
        mean_down_s: 4.0,
        for_s: None,
        faults: vec![RandomFault::Kill],
        keep_up: Some(1),
    };
    let centre = window.state_mut().centre();
    let random = RandomFaultsRun::begin(random_faults, &centre.fixture.model, 1, centre.fixture.now);
    centre.random_faults.extend(random);
    window.run();
    assert!(says(&window, "random faults on 3"));
    click(&mut window, "Details of PE 2");
    let id = id(&mut window, "PE 2");
    assert_eq!(
        click(&mut window, "End these random faults"),
        [Command::EndRandomFaults(id)]
    );
    assert_eq!(click(&mut window, "Undo all faults"), [Command::UndoFaults]);
}

#[test]
fn random_faults_go_on_and_are_undone_at_their_end() {
    let fixture = fixture::demo();
    let random_faults = scenario::RandomFaults {
        of: Who::Every(RoleFilter::PoolElement),
        mean_up_s: 2.0,
        mean_down_s: 200.0,
        for_s: None,
        faults: vec![RandomFault::Freeze],
        keep_up: Some(1),
    };
    let mut now = fixture.now;
    let mut random =
        RandomFaultsRun::begin(random_faults, &fixture.model, 7, now).expect("there are pool elements");
    let mut frozen = Vec::new();
    while now < fixture.now + Duration::from_secs(30) {
        now = random
            .poll_timeout()
            .expect("something is due")
            .max(now + Duration::from_micros(1));
        random.handle(now, &fixture.model);
        frozen.extend(std::iter::from_fn(|| random.poll_command()));
    }
    assert_eq!(frozen.len(), 2, "one of three stays up: {frozen:?}");
    random.end(&fixture.model);
    let undone: Vec<_> = std::iter::from_fn(|| random.poll_command()).collect();
    assert_eq!(undone.len(), 2);
    assert!(random.is_over() && random.poll_timeout().is_none());
}

#[test]
fn timers_are_chosen_before_a_start_and_told_in_the_inspector() {
    let mut fixture = fixture::demo();
    fixture.started_with(Preset::Demo);
    let mut window = window(fixture);
    click(&mut window, "Timers: demo");
    assert!(says(&window, "started from now on"));
    window.get_by_role_and_label(Role::RadioButton, "rfc").click();
    window.run();
    assert_eq!(commands(&mut window), [Command::SetPreset(Preset::Rfc)]);
    window.state_mut().centre().preset = Preset::Rfc;
    window.run();
    assert!(says(&window, "5 components still run with the other ones."));
    assert_eq!(click(&mut window, "Restart all"), [Command::RestartAll]);
    window.key_press(Key::Escape);
    window.run();
    click(&mut window, "Details of PR 1");
    unfold(&mut window, "Timers of PR 1: demo");
    assert!(says(&window, "MAX-TIME-LAST-HEARD"));
    assert!(says(&window, "After a restart: rfc"));
}

#[test]
fn the_scenario_is_saved_under_a_name_and_nothing_is_replaced_unasked() {
    let mut window = window(fixture::demo());
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    window.run();
    assert!(says(&window, "demo-scenarios/failover.json"));
    let asked = click(&mut window, "Save this scenario");
    let [Command::SaveScenario(file)] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert_eq!(file.path, PathBuf::from("demo-scenarios/failover.json"));
    assert!(!file.replace && file.with_steps);
    let path = file.path.clone();
    window.state_mut().centre().outcome = Some(FileOutcome {
        number: 1,
        what: Err(FileProblem::Exists(path.clone())),
    });
    window.run();
    assert!(says(&window, "There is a file"));
    // A double click on Save must not replace the file.
    window.run_steps(4);
    let asked = click(&mut window, "Replace the file");
    assert!(matches!(asked.as_slice(), [Command::SaveScenario(file)] if file.replace));
    window.state_mut().centre().outcome = Some(FileOutcome {
        number: 2,
        what: Ok(path),
    });
    window.run();
    assert!(!says(&window, "Save as a scenario"), "the dialog is closed");
}

#[test]
fn what_is_wrong_with_a_file_is_told_where_it_was_asked_for() {
    let mut window = window(fixture::demo());
    window.key_press_modifiers(Modifiers::COMMAND, Key::O);
    window.run();
    window
        .get_by_role_and_label(Role::TextInput, "File")
        .type_text("broken.json");
    window.run();
    let asked = click(&mut window, "Open this file");
    assert_eq!(
        asked,
        [Command::LoadScenario("demo-scenarios/broken.json".into())]
    );
    window.state_mut().centre().outcome = Some(FileOutcome {
        number: 1,
        what: Err(FileProblem::Wrong(
            "broken.json\n  line 2, column 3: name\n  line 4, column 1: steps".into(),
        )),
    });
    window.run();
    assert!(says(&window, "line 4, column 1"));
    assert!(
        window
            .query_by_role_and_label(Role::Button, "Copy what is wrong")
            .is_some()
    );
}
