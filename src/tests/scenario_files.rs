//! Scenarios as files: a control centre can load what it saves.

mod fixture;

use std::path::PathBuf;

use command::{Command, FileProblem, ScenarioFile};
use fixture::Fixture;
use poolscope::control_centre::ControlCentre;
use scenario::Scenario;

const SCENARIO: &str = r#"{
  "name": "Fixture", "description": "As it was.", "preset": "rfc",
  "components": [
    { "role": "registrar", "name": "PR 1", "position": [500, 100] },
    { "role": "pool-element", "name": "PE 1", "identifier": "0x11", "policy": "least-used", "capacity": 2000000 },
    { "role": "pool-user", "name": "PU 1", "size": [64, 64], "sessions": 2, "options": ["--verify"] }
  ],
  "steps": [
    { "name": "one", "when": { "ready": "PE 1" }, "say": "Something.", "do": [{ "kill": "PE 1" }],
      "expect": [{ "that": { "state": { "of": "PE 1", "is": "killed" } }, "within-s": 3 }] }
  ]
}"#;

/// Creates a control centre with processes that exit at once.
fn centre() -> ControlCentre {
    let scenario = Scenario::parse("fixture", SCENARIO).expect("a scenario");
    let mut fixture = Fixture::playing("/bin/true".as_ref(), scenario);
    fixture.wait_until("the components are there", |model| model.components.len() == 3);
    fixture.centre
}

fn save(centre: &mut ControlCentre, path: &std::path::Path, replace: bool) -> Result<PathBuf, FileProblem> {
    let dragged = centre.model().components.keys().next().copied();
    centre.run(Command::SaveScenario(Box::new(ScenarioFile {
        name: "Fixture".into(),
        description: "As it was.".into(),
        path: path.into(),
        positions: dragged.into_iter().map(|id| (id, [500.0, 100.0])).collect(),
        with_steps: true,
        replace,
    })));
    centre.file_outcome().expect("something came of it").what.clone()
}

#[test]
fn a_saved_scenario_is_the_same_when_it_is_loaded() {
    let folder = std::env::temp_dir().join(format!("poolscope-scenario-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("scenario.json");
    let mut centre = centre();
    assert_eq!(save(&mut centre, &path, false), Ok(path.clone()));
    assert_eq!(
        Scenario::load(&path).expect("it can be loaded"),
        Scenario::parse("fixture", SCENARIO).expect("a scenario")
    );
    assert_eq!(
        save(&mut centre, &path, false),
        Err(FileProblem::Exists(path.clone()))
    );
    assert_eq!(save(&mut centre, &path, true), Ok(path.clone()));
    let nowhere = save(&mut centre, &folder.join("no/folder.json"), false);
    assert!(matches!(nowhere, Err(FileProblem::Wrong(why)) if why.contains("cannot be written")));
    let _ = std::fs::remove_dir_all(&folder);
}
