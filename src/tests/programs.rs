//! Supervised programs that are no components, or do not behave like one.

mod fixture;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use command::Command;
use feed::ComponentRole;
use fixture::Fixture;
use model::{Ending, ProcessState};
use scenario::Scenario;

/// Creates a program that is not a component.
fn script(name: &str, text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("poolscope-{name}-{}.sh", std::process::id()));
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("the script can be written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))
        .expect("the script can be made executable");
    path
}

fn lone_registrar() -> Scenario {
    Scenario::parse(
        "lone",
        r#"{"name": "lone", "components": [{"role": "registrar"}]}"#,
    )
    .expect("the scenario is right")
}

/// Runs another program as the only component until it has ended.
fn ending_of(program: &Path) -> Ending {
    let mut fixture = Fixture::playing(program, lone_registrar());
    fixture.wait_for("the process has ended", |model| {
        match &model.components.values().next()?.process {
            ProcessState::Ended { ending, .. } => Some(ending.clone()),
            _ => None,
        }
    })
}

#[test]
fn programs_that_are_no_components_are_told_apart() {
    let cases = [
        ("exit 7", "exit status 7"),
        ("echo there is no room >&2; exit 1", "there is no room"),
        ("kill -SEGV $$", "signal SIGSEGV"),
        (
            "echo this is no feed at all; exec cat",
            "its feed made no sense: a frame of",
        ),
    ];
    for (index, (text, expected)) in cases.into_iter().enumerate() {
        let program = script(&format!("case-{index}"), text);
        let ending = ending_of(&program);
        std::fs::remove_file(program).unwrap();
        assert!(
            matches!(&ending, Ending::Crashed { why } | Ending::NotStarted { why } if why.contains(expected)),
            "{text}: {ending:?}"
        );
    }
    let missing = ending_of(Path::new("/nowhere/at/all"));
    assert!(
        matches!(&missing, Ending::NotStarted { why } if why.contains("/nowhere/at/all")),
        "{missing:?}"
    );
}

#[test]
fn who_does_not_stop_is_killed() {
    let program = script(
        "deaf",
        "exec 3<&0; echo deaf >&2; while :; do wait; read line <&3 || exec sleep 1000; done",
    );
    let mut fixture = Fixture::playing(&program, lone_registrar());
    let id = fixture.wait_for("the process runs", |model| {
        let component = model.components.values().next()?;
        (!component.log.is_empty()).then_some(component.id)
    });
    fixture.centre.run(Command::Stop(id));
    fixture.process_becomes(id, "killed");
    std::fs::remove_file(program).unwrap();
    let mut entries = fixture.centre.model().timeline.entries.iter();
    assert!(entries.any(|entry| entry.text == "PR 1 did not stop within 3 s and was killed"));
    assert_eq!(
        fixture.centre.model().components[&id].role(),
        ComponentRole::Registrar
    );
}

#[test]
fn a_log_that_floods_neither_blocks_nor_grows() {
    let program = script("flood", "while :; do echo 0123456789 >&2; done");
    let mut fixture = Fixture::playing(&program, lone_registrar());
    let id = fixture.wait_for("the log is full", |model| {
        let component = model.components.values().next()?;
        (component.log.len() == 500).then_some(component.id)
    });
    fixture.centre.run(Command::Kill(id));
    fixture.process_becomes(id, "killed");
    std::fs::remove_file(program).unwrap();
    assert_eq!(fixture.centre.model().components[&id].log.len(), 500);
}
