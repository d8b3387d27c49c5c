//! Valid and invalid steps of scenario files.

use std::path::{Path, PathBuf};

use super::tests::check;
use super::{Condition, RoleFilter, Scenario, StepAction, Who};

/// Returns a file with one component of each role and these steps, the first of them in line 6.
fn with(steps: &[&str]) -> String {
    format!(
        "{{\"name\": \"n\", \"components\": [\n{{\"role\": \"registrar\"}},\n{{\"role\": \"pool-element\"}},\n\
         {{\"role\": \"pool-user\"}}],\n\"steps\": [\n{}\n]}}",
        steps.join(",\n")
    )
}

/// Returns a file with everything that a step can have.
fn everything() -> String {
    with(&[
        r#"{"name": "first", "when": {"all": [
            {"ready": {"every": "component"}},
            {"any": [{"registered": {"of": "PE 1", "with": "PR 1"}}, {"served-by": {"of": "PU 1", "by": ["PE 1"]}}]},
            {"pool-policy": {"pool": "FractalPool", "is": "weighted-random-dpf"}},
            {"utilisation": {"pool": "FractalPool", "at-least": 10, "at-most": 90, "over-s": 5}},
            {"handling-speed": {"pool": "P", "at-least": 20}}, {"faster": {"pool": "P", "than": "Q", "times": 1.5}},
            {"work-share": {"of": "PE 1", "at-most": 40}},
            {"not": {"message-seen": {"name": "ASAP_ERROR", "from": "PE 1", "to": {"home-of": "PE 1"}, "at-least": 2}}}]},
            "within-s": 20, "say": "All is well.", "rfc": "RFC 5351 section 2",
            "notes": "Wait for the applause.", "actors": ["PR 1", {"serving": "PU 1"}]}"#,
        r#"{"name": "faults", "after-s": 1.5, "do": [
            {"start": "PE 1"}, {"stop": "PE 1"}, {"kill": {"serving": "PU 1"}}, {"kill-serving": "PU 1"},
            {"restart": "PE 1"}, {"freeze": "PE 1"}, {"thaw": "PE 1"}, {"unplug": "PE 1"}, {"plug": "PE 1"},
            {"cut": {"between": "PE 1", "and": "PR 1"}}, {"mend": {"between": "PE 1", "and": "PR 1"}},
            {"impair": {"of": "PE 1", "peer": "PU 1", "loss-percent": 10, "delay-ms": 20, "jitter-ms": 5}},
            {"fail-after": {"of": "PE 1", "messages": 10}},
            {"set-capacity": {"of": "PE 1", "iterations-per-second": 1000000}},
            {"set-max-jobs": {"of": "PE 1", "jobs": 2}},
            {"set-policy": {"pool": "FractalPool", "policy": "weighted-random-dpf:10:0.5"}},
            {"set-policy-data": {"of": "PE 1", "weight": 3, "priority": 4, "degradation-percent": 25, "dpf-percent": 0.1}},
            {"set-load": {"of": "PE 1", "percent": 80}}, {"set-load": {"of": "PE 1"}},
            {"failover": "PU 1"}, {"new-image": {"of": "PU 1", "size": [64, 64]}},
            {"add": {"role": "pool-element", "name": "late", "policy": "least-used"}}, {"remove": "late"},
            {"churn": {"of": {"every-running": "pool-element"}, "mean-up-s": 10, "mean-down-s": 2, "for-s": 60,
             "faults": ["kill", "stop", "freeze", "unplug", "restart"], "keep-up": 2}},
            "end-churn", "undo-faults", "start-all", "stop-all"],
            "expect": [{"that": {"failover-gap": {"of": "PU 1", "below-ms": 50}}, "within-s": 3, "for-s": 1, "say": "On it goes."},
                       {"that": "churn-over"}]}"#,
        r#"{"at-s": 60, "do": [{"kill": {"chosen-in": "faults"}}], "repeat": {"from": "faults", "times": 3}}"#,
    ])
}

#[test]
fn a_step_can_have_everything() {
    let scenario = Scenario::parse("demo.json", &everything()).unwrap();
    assert_eq!(scenario.steps.len(), 3);
    assert_eq!(scenario.steps[0].notes.as_deref(), Some("Wait for the applause."));
    assert_eq!(scenario.steps[0].actors.len(), 2);
    assert_eq!(scenario.steps[1].actions.len(), 28);
    assert_eq!(scenario.components[1].name.as_deref(), Some("PE 1"));
    let Some(Condition::All(parts)) = &scenario.steps[0].when else {
        panic!("{:?}", scenario.steps[0].when);
    };
    assert_eq!(parts[0], Condition::Ready(Who::Every(RoleFilter::Component)));
    let StepAction::Add(spec) = &scenario.steps[1].actions[21] else {
        panic!("{:?}", scenario.steps[1].actions);
    };
    assert_eq!(spec.name.as_deref(), Some("late"));
}

#[test]
fn actors_exist_and_notes_are_text() {
    for (bad, why) in [
        (
            r#"{"say": "a", "actors": ["PE 7"]}"#,
            "no component called `PE 7`",
        ),
        (
            r#"{"say": "a", "actors": [{"chosen-in": "later"}]}"#,
            "no step called `later`",
        ),
        (r#"{"say": "a", "notes": ""}"#, "1 to 2000 characters"),
    ] {
        let error = Scenario::parse("demo.json", &with(&[bad]))
            .unwrap_err()
            .to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn a_written_scenario_is_the_one_that_was_read() {
    let scenario = Scenario::parse("demo.json", &everything()).unwrap();
    let again = Scenario::parse("again.json", &scenario.to_text()).unwrap();
    assert_eq!(again, scenario);
}

#[test]
fn everything_wrong_with_steps_is_told_at_once() {
    check(
        &with(&[
            r#"{"when": {"redy": "PE 1"}, "after-s": -1, "say": 7, "colour": "red"}"#,
            r#"{"when": {"all": [{"ready": "PE 9"}, {"load": {"of": "PE 1", "at-least": 120}}, {"not": {"nobody": 1}}]}}"#,
            r#"{"do": [{"kill": "PE 1", "stop": "PE 1"}, {"explode": "PE 1"}, {"impair": {"of": "PE 1", "loss-percent": 101}}]}"#,
            r#"{"expect": [{"within-s": 3}, {"that": {"failover-gap": {"below-ms": 0}}, "within-s": 1e9}]}"#,
            r#"{"name": "a", "do": [{"thaw": {"chosen-in": "later"}}], "repeat": {"from": "later", "times": 0}}"#,
            r#"{"name": "a", "rfc": "see there", "say": ""}"#,
            r#"{}"#,
            r#"{"do": [{"add": {"role": "pool-element", "policy": "fairest"}}, {"add": {"role": "pool-element"}}]}"#,
        ]),
        &[
            "line 6, column 1: steps[0].after-s: -1 is out of range: 0 to 86400 seconds",
            "steps[0].when: unknown variant `redy`",
            "steps[0].say: invalid type: integer `7`, expected a string",
            "steps[0]: unknown member `colour`, expected one of `name`",
            "line 7, column 1: steps[1].when: 120 is out of range: 0 to 100 percent",
            "line 7, column 1: steps[1]: there is no component called `PE 9`",
            "steps[1].when.all[2].not: unknown variant `nobody`",
            "line 8, column 1: steps[2].do[0]: 101 is out of range: 0 to 100 percent",
            "steps[2].do[0]: exactly one member is needed",
            "steps[2].do[1]: unknown variant `explode`",
            "steps[3].expect[0].within-s: 1000000000 is out of range",
            "steps[3].expect[0].that: 0 is out of range",
            "steps[3].expect[0]: missing member `that`",
            "steps[4]: there is no step called `later` before this one",
            "steps[4].repeat: 0 times",
            "steps[4].repeat: there is no step called `later`",
            "steps[5].name: there is a step called `a` already",
            "steps[5].say: must have 1 to 600 characters",
            "steps[5].rfc: `see there` is no reference",
            "steps[6]: says nothing",
            "steps[7].do.add: a component that a step adds needs a name",
            "steps[7].do[0].add.policy: invalid value 'fairest'",
        ],
    );
}

#[test]
fn policies_are_those_of_the_command_line() {
    for (bad, why) in [
        (
            r#"{"set-policy": {"pool": "P", "policy": "fairest"}}"#,
            "there is no policy \"fairest\"",
        ),
        (
            r#"{"set-policy": {"pool": "P", "policy": "weighted-random"}}"#,
            "not of the form weighted-random:WEIGHT",
        ),
        (
            r#"{"set-policy": {"pool": "", "policy": "random"}}"#,
            "set-policy.pool",
        ),
        (r#"{"set-policy-data": {"of": "PE 1"}}"#, "a weight, a priority"),
        (
            r#"{"set-policy-data": {"of": "PE 1", "dpf-percent": 101}}"#,
            "101 is out of range",
        ),
        (
            r#"{"set-load": {"of": "PE 1", "percent": -1}}"#,
            "-1 is out of range",
        ),
    ] {
        check(&with(&[&format!("{{\"do\": [{bad}]}}")]), &[why]);
    }
}

#[test]
fn a_number_of_jobs_is_that_of_the_command_line() {
    for (bad, why) in [
        (
            r#"{"of": "PE 1", "jobs": 0}"#,
            "0 is out of range: 1 to 10000 jobs",
        ),
        (r#"{"of": "PE 1", "jobs": 10001}"#, "10001 is out of range"),
        (r#"{"of": "PE 1", "jobs": -1}"#, "set-max-jobs.jobs: "),
        (r#"{"of": "PE 1"}"#, "missing member `jobs`"),
        (
            r#"{"of": "PE 7", "jobs": 1}"#,
            "there is no component called `PE 7`",
        ),
    ] {
        let step = format!("{{\"do\": [{{\"set-max-jobs\": {bad}}}]}}");
        check(&with(&[&step]), &[why]);
    }
}

#[test]
fn nobody_is_nobody() {
    for (who, why) in [
        ("[]", "an empty list means nobody"),
        (r#"{"every": "waiter"}"#, "unknown variant `waiter`"),
        (r#"{"all": "pool-element"}"#, "unknown member `all`"),
        (
            r#"{"every": "pool-element", "serving": "PU 1"}"#,
            "only one member",
        ),
        ("7", "expected a component's name, a list of names, or an object"),
    ] {
        check(&with(&[&format!("{{\"do\": [{{\"kill\": {who}}}]}}")]), &[why]);
    }
}

#[test]
fn sizes_are_limited() {
    let many = vec![r#"{"after-s": 1}"#; 501];
    check(&with(&many), &["steps: 501 are too many; 500 are allowed"]);
    let actions = vec![r#""undo-faults""#; 101].join(",");
    check(
        &with(&[&format!("{{\"do\": [{actions}]}}")]),
        &["steps[0].do: 101 are too many; 100 are allowed"],
    );
    let deep = format!(
        "{}{{\"ready\": \"PE 1\"}}{}",
        "{\"not\":".repeat(9),
        "}".repeat(9)
    );
    check(&with(&[&format!("{{\"when\": {deep}}}")]), &["more than 8 deep"]);
    let added = vec![r#"{"do": [{"add": {"role": "registrar", "name": "R"}}]}"#; Scenario::COMPONENTS - 2];
    check(&with(&added), &["more than 256 components"]);
}

#[test]
fn repeats_do_not_overlap() {
    check(
        &with(&[
            r#"{"name": "a", "after-s": 1}"#,
            r#"{"name": "b", "after-s": 1, "repeat": {"from": "a", "times": 2}}"#,
            r#"{"name": "c", "after-s": 1, "repeat": {"from": "b", "times": 2}}"#,
        ]),
        &["steps[2].repeat: these steps are repeated already"],
    );
}

#[test]
fn a_scenario_from_elsewhere_writes_no_file_and_reports_to_nobody() {
    for options in [
        r#""--png=/etc/passwd""#,
        r#""--csp-server=192.0.2.1""#,
        r#""--feed""#,
        r#""--png", "picture.png""#,
    ] {
        let text = format!(
            "{{\"name\": \"n\", \"components\": [{{\"role\": \"pool-user\", \"options\": [{options}]}}]}}"
        );
        check(&text, &["is not allowed in a scenario"]);
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo-scenarios")
}

/// Checks a text against the schema with an independent validator.
fn matches_schema(text: &str) -> Result<(), String> {
    let schema: serde_json::Value = serde_json::from_str(&Scenario::schema()).unwrap();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("schema.json", schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile("schema.json", &mut schemas).unwrap();
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    schemas
        .validate(&value, index)
        .map_err(|error| format!("{error:#}"))
}

#[test]
fn the_schema_in_the_repository_is_that_of_the_types() {
    let path = folder().join("schema.json");
    let schema = Scenario::schema();
    if std::env::var_os("POOLSCOPE_WRITE_SCHEMA").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == schema,
        "{} is out of date; POOLSCOPE_WRITE_SCHEMA=1 cargo test --lib schema writes it",
        path.display()
    );
}

#[test]
fn every_scenario_in_the_repository_matches_the_schema() {
    let measurements = folder().join("measurements");
    let files = [folder(), measurements].map(|folder| std::fs::read_dir(folder).unwrap());
    for file in files.into_iter().flatten() {
        let path = file.unwrap().path();
        if path.is_file() && path.file_name().unwrap() != "schema.json" {
            Scenario::load(&path).unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            if let Err(why) = matches_schema(&text) {
                panic!("{}: {why}", path.display());
            }
        }
    }
    matches_schema(&everything()).unwrap();
    let scenario = Scenario::parse("demo.json", &everything()).unwrap();
    matches_schema(&scenario.to_text()).unwrap();
}

#[test]
fn the_schema_refuses_what_the_parser_refuses() {
    for bad in [
        with(&[r#"{"when": {"redy": "PE 1"}}"#]),
        with(&[r#"{"do": [{"kill": {"every": "waiter"}}]}"#]),
        with(&[r#"{"colour": "red", "after-s": 1}"#]),
        with(&[r#"{"expect": [{"within-s": 3}]}"#]),
        r#"{"name": "n", "components": [{"role": "registrar", "policy": "round-robin"}]}"#.to_owned(),
        r#"{"name": "n", "components": []}"#.to_owned(),
    ] {
        assert!(Scenario::parse("bad.json", &bad).is_err(), "{bad}");
        assert!(matches_schema(&bad).is_err(), "{bad}");
    }
}
