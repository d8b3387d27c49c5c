//! The real program in its real window, driven through its accessibility tree: the actions of a presenter, step by
//! step.

mod display;
mod driver;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use feed::Timestamp;
use recording::Recording;
use replay::Player;

use crate::display::Display;
use crate::driver::{Node, Window};

/// Allows one control centre at a time: two on one host hear each other's registrars.
static ALONE: Mutex<()> = Mutex::new(());

/// Returns the progress of a pool user's picture in percent.
fn progress(nodes: &[Node], user: &str) -> Option<u32> {
    let beginning = format!("Picture of {user}, ");
    let label = &nodes
        .iter()
        .find(|node| node.role == Role::Image && node.label.starts_with(&beginning))?
        .label;
    label.strip_prefix(&beginning)?.split(' ').next()?.parse().ok()
}

/// Returns the measured phases of the failovers on screen.
fn failovers(nodes: &[Node]) -> Vec<String> {
    let shown = |node: &&Node| node.label.starts_with("Failover with") && node.label.contains("first data");
    nodes
        .iter()
        .filter(shown)
        .map(|node| node.label.clone())
        .collect()
}

/// Waits until a component's node shows this state, and returns its label.
fn wait_for_state(window: &Window, component: &str, state: &str) {
    window.wait_for(&format!("{component} is {state}"), |nodes| {
        nodes
            .iter()
            .any(|node| node.label.starts_with(&format!("{component}, ")) && node.label.contains(state))
            .then_some(())
    });
}

#[test]
fn a_presenter_starts_kills_sees_the_failover_stops_and_restarts() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(display) = Display::start(1400, 900) else {
        return;
    };
    let window = Window::open(&display, &[]);
    window.resize(1280, 800);

    // The demonstration runs by itself: pixels arrive for both pool users.
    window.wait_for("pixels for both pool users", |nodes| {
        (progress(nodes, "PU 1")? >= 5 && progress(nodes, "PU 2")? >= 5).then_some(())
    });

    // Kill the pool element that serves the picture: a failover is measured, and the picture continues.
    assert_eq!(
        window.wait_for("no failover yet", |nodes| Some(failovers(nodes))),
        Vec::<String>::new()
    );
    window.click("Kill the PE that serves PU 1");
    let failover = window.wait_for("the failover", |nodes| failovers(nodes).first().cloned());
    assert!(
        failover.contains("with the state cookie"),
        "the session went on from its cookie: {failover}"
    );
    let victim = window.wait_for("a killed pool element", |nodes| {
        ["PE 1", "PE 2", "PE 3"]
            .into_iter()
            .find(|name| nodes.iter().any(|node| node.label == format!("Start {name}")))
    });
    wait_for_state(&window, victim, "killed");
    let before = window.wait_for("progress", |nodes| progress(nodes, "PU 1"));
    window.wait_for("more of the picture, or the next one", |nodes| {
        (progress(nodes, "PU 1")? != before).then_some(())
    });

    // The killed one is started again.
    window.click(&format!("Start {victim}"));
    wait_for_state(&window, victim, "running");

    // Clean stop and restart of another one.
    let other = ["PE 1", "PE 2", "PE 3"]
        .into_iter()
        .find(|name| *name != victim)
        .expect("there are three");
    window.click(&format!("Stop {other}"));
    wait_for_state(&window, other, "stopped");
    window.click(&format!("Start {other}"));
    wait_for_state(&window, other, "running");

    // The same by keyboard: freeze the selected one and thaw it again.
    window.click(&format!("{other}, …"));
    window.press(Key::F, Modifiers::NONE);
    wait_for_state(&window, other, "frozen");
    window.press(Key::F, Modifiers::NONE);
    wait_for_state(&window, other, "running");
}

#[test]
fn no_component_outlives_a_killed_control_centre() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(display) = Display::start(1400, 900) else {
        return;
    };
    let mut window = Window::open(&display, &[]);
    window.wait_for("pixels", |nodes| progress(nodes, "PU 1"));
    let children = children_of(window.pid());
    assert!(
        children.len() >= 7,
        "two registrars, three pool elements, two pool users, but {children:?}"
    );
    window.kill().expect("it can be killed");
    for child in children {
        let started = std::time::Instant::now();
        while is_component(child) {
            assert!(
                started.elapsed().as_secs() < 30,
                "process {child} outlives its control centre"
            );
            // There is no notification when a process ends that is not a child.
            std::thread::park_timeout(std::time::Duration::from_millis(20));
        }
    }
}

#[test]
fn what_a_killed_control_centre_has_recorded_can_be_replayed() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(display) = Display::start(1400, 900) else {
        return;
    };
    let mut window = Window::open(&display, &[]);
    let before = window.wait_for("pixels for both pool users", |nodes| {
        let users = [progress(nodes, "PU 1")?, progress(nodes, "PU 2")?];
        users.iter().all(|progress| *progress >= 5).then_some(users)
    });
    let seen_at = Timestamp::now();
    let folders = std::fs::read_dir(window.recordings()).expect("it records");
    let folders: Vec<PathBuf> = folders.flatten().map(|entry| entry.path()).collect();
    let [folder] = folders.as_slice() else {
        panic!("{folders:?}");
    };
    // What had been seen is in what is written next, every second, unless that is under way already.
    for _ in 0..2 {
        let size = size_of_files(folder);
        window.wait_for("more is written", |_| {
            (size_of_files(folder) > size).then_some(())
        });
    }
    window.kill().expect("it can be killed");

    let mut player = Player::new(Recording::open(folder).expect("it can be opened"));
    let (from, to) = player.range().expect("something is in it");
    assert!((from..=to).contains(&seen_at), "{from:?} {seen_at:?} {to:?}");
    let state = player.state_at(to).expect("it can be replayed");
    for (name, before) in ["PU 1", "PU 2"].into_iter().zip(before) {
        let mut components = state.model.components.values();
        let user = components.find(|component| component.name == name);
        let canvas = user.and_then(|user| user.canvas.as_ref()).expect("a picture");
        let progress = canvas.done * 100 / (canvas.width * canvas.height).max(1);
        assert!(
            canvas.image > 1 || progress >= before,
            "{name}: {progress} % after {before} %"
        );
    }

    let replayed = Command::new(env!("CARGO_BIN_EXE_poolscope"))
        .args(["replay", "--headless"])
        .arg(folder)
        .output()
        .expect("it can be started");
    let text = String::from_utf8_lossy(&replayed.stdout);
    assert_eq!(replayed.status.code(), Some(1), "{text}");
    assert!(text.contains("cut off"), "{text}");
}

/// Returns the size of all files in a folder, in bytes.
fn size_of_files(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).expect("it is there").flatten();
    files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
}

/// Returns the component processes of a control centre.
fn children_of(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").expect("a Linux system");
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|&pid: &u32| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            // The program's name is in parentheses and may contain anything; state and parent follow it.
            let after = stat.rsplit(')').next().unwrap_or_default();
            after.split_whitespace().nth(1).and_then(|word| word.parse().ok()) == Some(parent)
        })
        .collect()
}

/// Returns whether this process exists and is not a zombie.
fn is_component(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .trim_start()
            .starts_with('Z')
    })
}
