//! Valid and invalid scenario files.

use std::path::{Path, PathBuf};

use feed::ComponentRole;

use super::library::entries;
use super::{AnnounceGroup, ComponentSpec, Scenario, Settings};

/// Checks the problems reported for a file: these texts must appear in this order, one per problem.
#[track_caller]
pub(super) fn check(text: &str, expected: &[&str]) {
    let errors = Scenario::parse("demo.json", text).unwrap_err();
    let told: Vec<String> = errors.problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), expected.len(), "{errors}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.contains(expected), "expected `{expected}` in `{told}`");
    }
    assert!(errors.to_string().starts_with("demo.json"), "{errors}");
}

/// Returns a file with these components, the first of them in line 2.
fn with(components: &[&str]) -> String {
    format!(
        "{{\"name\": \"n\", \"components\": [\n{}\n]}}",
        components.join(",\n")
    )
}

#[test]
fn what_is_no_object_is_refused() {
    check("", &["the file is empty"]);
    check(" \n\t", &["the file is empty"]);
    check("hello", &["line 1, column 1: not JSON: expected value"]);
    check(
        "{\"name\": \"n\",\n",
        &["line 2, column 1: not JSON: EOF while parsing"],
    );
    check("[1]", &["invalid type"]);
    check("{}", &["missing member `name`", "missing member `components`"]);
    check(
        &format!("{} x", with(&[r#"{"role": "registrar"}"#])),
        &["line 3, column 4: not JSON: trailing characters"],
    );
}

#[test]
fn unknown_members_are_named_with_what_is_allowed() {
    check(
        &with(&[
            r#"{"role": "registrar"}"#,
            r#"{"role": "registrar"}"#,
            r#"{"role": "registrar", "colour": "red"}"#,
        ]),
        &["line 4, column 30: components[2]: unknown member `colour`, expected one of `role`, `name`"],
    );
    check(
        "{\"name\": \"n\", \"components\": [],\n\"nmae\": 1}",
        &[
            "components: 0 components; 1 to 256 are allowed",
            "line 2, column 9: unknown member `nmae`, expected one of `name`",
        ],
    );
}

#[test]
fn members_of_other_roles_are_unknown() {
    check(
        &with(&[r#"{"role": "registrar", "policy": "least-used"}"#]),
        &["unknown member `policy`"],
    );
}

#[test]
fn wrong_types_name_the_member() {
    check(
        &with(&[r#"{"role": "pool-user", "size": [512, "tall"]}"#]),
        &["components[0].size[1]: invalid type: string \"tall\", expected u32"],
    );
    check(
        &with(&[r#"{"role": "pool-user", "sessions": -1}"#]),
        &["components[0].sessions: invalid value: integer `-1`, expected u32"],
    );
    check(
        &with(&[r#"{"role": "pool-element", "identifier": "PE"}"#]),
        &["components[0].identifier: invalid value: string \"PE\", expected a number, or text such as"],
    );
    check(
        &with(&[r#"{"role": "pool-element", "registrars": ["10.0.0.1", "some where"]}"#]),
        &["components[0].registrars[1]: `some where` is no registrar's address"],
    );
    check(
        &with(&[r#"{"role": "waiter"}"#]),
        &["components[0].role: unknown variant `waiter`, expected one of `registrar`"],
    );
    check(&with(&["{}"]), &["components[0]: missing member `role`"]);
    check(&with(&["7"]), &["components[0]: invalid type: integer `7`"]);
    check(
        "{\"name\": \"n\", \"preset\": \"fast\", \"components\": []}",
        &[
            "components: 0 components; 1 to 256 are allowed",
            "preset: unknown variant `fast`, expected `rfc` or `demo`",
        ],
    );
}

#[test]
fn the_number_of_components_is_limited() {
    check(&with(&[]), &["components: 0 components; 1 to 256 are allowed"]);
    check(&with(&[r#"{"role": "registrar"}"#; 257]), &["257 components"]);
    assert!(Scenario::parse("many", &with(&[r#"{"role": "registrar"}"#; 256])).is_ok());
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    check(
        &with(&[
            r#"{"role": "registrar", "identifier": "0xcafe", "name": "A"}"#,
            r#"{"role": "pool-element", "identifier": 51966, "name": "B", "position": [1001, 0]}"#,
            r#"{"role": "registrar", "identifier": 51966, "name": "A", "speed": 1}"#,
            r#"{"role": "registrar", "identifier": 51966, "name": "B"}"#,
            r#"{"role": "pool-user", "identifier": "0x100000000000000", "sessions": 0}"#,
            r#"{"role": "pool-user", "size": [0, 5], "name": " "}"#,
            r#"{"role": "pool-user", "sessions": 513}"#,
            r#"{"role": "pool-user", "view": "sea"}"#,
            r#"{"role": "pool-element", "pool-handle": ""}"#,
            r#"{"role": "pool-element", "max-sessions": 0}"#,
            r#"{"role": "pool-element", "policy": "fairest"}"#,
            r#"{"role": "pool-element", "options": ["--speed=7"]}"#,
        ]),
        &[
            "line 3, column 1: components[1].position: [1001, 0] is outside",
            "components[2]: unknown member `speed`",
            "line 5, column 1: duplicate name `B` in components[1] and components[3]",
            "line 5, column 1: duplicate identifier 0xcafe in components[0] and components[3]",
            "components[4].identifier: 0x100000000000000 is out of range: 0x1 to 0xffffffffffffff",
            "components[5].name: must have 1 to 60 characters",
            "components[5].size: [0, 5]; 1 to 2048 pixels",
            "components[6].sessions: invalid value '513'",
            "components[7].view: invalid value 'sea'",
            "components[8].pool-handle: invalid value ''",
            "components[9].max-sessions: invalid value '0'",
            "components[10].policy: invalid value 'fairest'",
            "components[11].speed: unexpected argument '--speed'",
        ],
    );
}

#[test]
fn identifier_zero_stands_for_nobody() {
    check(
        &with(&[r#"{"role": "registrar", "identifier": 0}"#]),
        &["components[0].identifier: 0x0 is out of range: 0x1 to 0xffffffff"],
    );
}

#[test]
fn a_group_must_be_multicast() {
    for bad in ["127.0.0.1:3863", "239.0.0.50", "on"] {
        let text = format!(
            "{{\"name\": \"n\", \"asap-announce\": \"{bad}\", \"components\": [{{\"role\": \"registrar\"}}]}}"
        );
        check(&text, &["asap-announce: `"]);
        check(
            &text.replace("asap-announce", "enrp-announce"),
            &["enrp-announce: `"],
        );
    }
}

#[test]
fn files_that_cannot_be_read_are_named() {
    for (path, expected) in [
        ("/nowhere/at all.json", "there is no such file"),
        ("/", "is a folder"),
    ] {
        let errors = Scenario::load(Path::new(path)).unwrap_err().to_string();
        assert!(errors.starts_with(path) && errors.contains(expected), "{errors}");
    }
}

#[test]
fn every_scenario_in_the_repository_is_good() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo-scenarios");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.is_file() && path.file_name().unwrap() != "schema.json")
        .collect();
    files.sort();
    assert!(files.len() >= 2);
    for file in files {
        if let Err(errors) = Scenario::load(&file) {
            panic!("{errors}");
        }
    }
}

#[test]
fn the_built_in_scenario_has_two_registrars_three_servers_and_two_users() {
    let scenario = Scenario::built_in().unwrap();
    let roles: Vec<ComponentRole> = scenario.components.iter().map(ComponentSpec::role).collect();
    use ComponentRole::{PoolElement as Pe, PoolUser as Pu, Registrar as Pr};
    assert_eq!(roles, [Pr, Pr, Pe, Pe, Pe, Pu, Pu]);
}

#[test]
fn scenarios_are_found_in_their_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo-scenarios");
    let names: Vec<String> = entries(std::iter::once(folder))
        .into_iter()
        .map(|entry| entry.name)
        .collect();
    assert!(names.contains(&"A crowd".to_owned()), "{names:?}");
}

#[test]
fn a_component_becomes_the_command_line_that_a_person_would_type() {
    let text = with(&[
        r#"{"role": "pool-element", "identifier": "0x1a000001", "policy": "least-used", "capacity": 5, "registrars": ["10.0.0.1"]}"#,
        r#"{"role": "pool-user", "size": [300, 200], "view": "spiral", "sessions": 4}"#,
        r#"{"role": "pool-user", "file": "pictures", "images": 2}"#,
    ]);
    let scenario = Scenario::parse("demo.json", &text).unwrap();
    let settings = Settings {
        asap_announce: Some(AnnounceGroup::Off),
        ..Settings::default()
    };
    assert_eq!(
        scenario.components[0].command_line(&settings),
        [
            "pool-element",
            "--identifier=0x1a000001",
            "--asap-announce=off",
            "--feed",
            "--registrar=10.0.0.1:3863",
            "--policy=least-used",
            "--capacity=5"
        ]
    );
    assert_eq!(
        scenario.components[1].command_line(&Settings::default()),
        [
            "pool-user",
            "--feed",
            "--size=300x200",
            "--view=spiral",
            "--sessions=4"
        ]
    );
    assert_eq!(
        scenario.components[2].command_line(&Settings::default()),
        ["pool-user", "--feed", "--file=pictures", "--images=2"]
    );
    assert_eq!(
        Scenario::parse("demo.json", &scenario.to_text()).unwrap(),
        scenario
    );
}

#[test]
fn load_that_needs_no_processor_is_described_by_numbers_and_distributions() {
    let text = with(&[
        r#"{"role": "pool-element", "service": "calcapp", "calculations-per-second": 2.5e6, "max-jobs": 4}"#,
        r#"{"role": "pool-user", "service": "calcapp", "request-size": "exponential:1e7", "request-interval": 12.5, "requests": 3}"#,
    ]);
    let scenario = Scenario::parse("demo.json", &text).unwrap();
    let told: Vec<Vec<String>> = scenario
        .components
        .iter()
        .map(|spec| spec.command_line(&Settings::default()))
        .collect();
    assert_eq!(
        told[0],
        [
            "pool-element",
            "--feed",
            "--service=calcapp",
            "--calculations-per-second=2500000",
            "--max-jobs=4"
        ]
    );
    assert_eq!(
        told[1],
        [
            "pool-user",
            "--feed",
            "--service=calcapp",
            "--request-size=exponential:10000000",
            "--request-interval=12.5",
            "--requests=3"
        ]
    );
    let written = scenario.to_text();
    assert_eq!(Scenario::parse("demo.json", &written).unwrap(), scenario);
    assert!(written.contains("\"request-interval\": 12.5"), "{written}");
    check(
        &with(&[
            r#"{"role": "pool-user", "request-size": "gauss:1:2"}"#,
            r#"{"role": "pool-user", "request-interval": -1}"#,
            r#"{"role": "pool-element", "max-jobs": 0}"#,
            r#"{"role": "pool-user", "service": "tea"}"#,
        ]),
        &[
            "components[0].request-size: invalid value 'gauss:1:2'",
            "components[1].request-interval: invalid value '-1'",
            "components[2].max-jobs: invalid value '0'",
            "components[3].service: invalid value 'tea'",
        ],
    );
}

#[test]
fn further_options_are_those_of_the_command_line() {
    let text =
        with(&[r#"{"role": "pool-element", "options": ["--cookie-max-packets=5", "--fail-after=9"]}"#]);
    let scenario = Scenario::parse("demo.json", &text).unwrap();
    assert_eq!(
        scenario.components[0].command_line(&Settings::default()),
        [
            "pool-element",
            "--feed",
            "--fail-after=9",
            "--cookie-max-packets=5"
        ]
    );
}

#[test]
fn every_service_survives_writing_and_reading() {
    let text = with(&[
        r#"{"role": "pool-element", "service": "scripting", "options": ["--demo-unit=5000"]}"#,
        r#"{"role": "pool-element", "service": "scripting", "policy": "Random", "options": ["--demo-unit=1"]}"#,
        r#"{"role": "pool-element", "service": "scripting", "policy": "RoundRobin", "options": ["--demo-unit=1"]}"#,
        r#"{"role": "pool-element", "service": "chargen"}"#,
        r#"{"role": "pool-user", "service": "scripting", "options": ["--demo-packages=9", "--parallel=3"]}"#,
        r#"{"role": "pool-user", "service": "terminal", "options": ["--byte-service=chargen", "--lines-every=50"]}"#,
    ]);
    let scenario = Scenario::parse("demo.json", &text).unwrap();
    let policy = |index: usize| match &scenario.components[index].args {
        crate::ComponentArgs::PoolElement(args) => args.policy.to_string(),
        _ => panic!("no pool element"),
    };
    assert_ne!(policy(0), policy(2));
    let again = Scenario::parse("demo.json", &scenario.to_text());
    assert_eq!(again, Ok(scenario));
}

#[test]
fn a_scenario_names_no_programs_and_no_files_to_upload() {
    for (role, option) in [
        ("pool-element", "unit-program"),
        ("pool-user", "package"),
        ("pool-user", "environment"),
        ("pool-user", "output"),
    ] {
        let component =
            format!(r#"{{"role": "{role}", "service": "scripting", "options": ["--{option}=/bin/sh"]}}"#);
        let expected = format!("components[0].options: `--{option}` is not allowed in a scenario");
        check(&with(&[&component]), &[&expected]);
    }
}

#[test]
fn options_may_be_followed_by_negative_values_and_names() {
    let text = with(&[
        r#"{"role": "pool-user", "options": ["--c1", "-0.5,-0.1", "--c2", "-0.2,0.1"], "registrars": ["alpha"]}"#,
    ]);
    let scenario = Scenario::parse("demo.json", &text).unwrap();
    let expected = [
        "pool-user",
        "--feed",
        "--registrar=alpha:3863",
        "--c1=-0.5,-0.1",
        "--c2=-0.2,0.1",
    ];
    assert_eq!(
        scenario.components[0].command_line(&Settings::default()),
        expected
    );
    assert_eq!(
        Scenario::parse("demo.json", &scenario.to_text()).unwrap(),
        scenario
    );
}

#[test]
fn chosen_identifiers_are_not_zero_and_not_in_use() {
    let mut spec = ComponentSpec::new(ComponentRole::PoolElement);
    let mut refused = None;
    spec.choose_identifier(|_, number| *refused.get_or_insert(number) == number);
    assert!(spec.identifier().is_some_and(|number| number != 0));
    assert_ne!(spec.identifier(), refused);
    let before = spec.clone();
    spec.choose_identifier(|_, _| false);
    assert_eq!(spec, before);
}
