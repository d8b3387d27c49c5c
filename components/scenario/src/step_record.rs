//! Steps within records of another kind, for `#[serde(with)]`: as the text that a scenario file has, which is checked when it
//! is read, as that of a file is.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

use crate::reader::Reader;
use crate::{ScenarioErrors, Step, Who, numbers, write};

/// Serializes steps.
///
/// # Errors
/// Returns the serializer's error.
pub fn serialize<S: Serializer>(steps: &[Step], serializer: S) -> Result<S::Ok, S::Error> {
    let text = write::steps(steps).map_err(S::Error::custom)?;
    serializer.serialize_str(&text)
}

/// Deserializes steps.
///
/// # Errors
/// Returns an error if they are none.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<[Step]>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).map(Arc::from).map_err(D::Error::custom)
}

fn parse(steps: &str) -> Result<Vec<Step>, ScenarioErrors> {
    let text = numbers::whole(&format!(r#"{{"steps":{steps}}}"#)).into_owned();
    let mut reader = Reader {
        text: &text,
        problems: Vec::new(),
    };
    let mut steps = Vec::new();
    if let Some(mut members) = reader.members(&text, "") {
        for (raw, path) in reader.list(&mut members, "steps", Step::STEPS) {
            steps.extend(reader.step(raw, &path));
        }
        reader.no_more(members, &["steps"]);
    }
    // Nobody knows here which components there are; who is not there is not met.
    let mut names = BTreeSet::new();
    let mut name = |who: &Who| names.extend(who.components().iter().cloned());
    for (_, step) in &steps {
        step.actors.iter().for_each(&mut name);
        step.each_who(&mut name);
    }
    crate::check_steps::check(&mut reader, &steps, &names);
    if reader.problems.is_empty() {
        Ok(steps.into_iter().map(|(_, step)| step).collect())
    } else {
        Err(ScenarioErrors {
            file: "steps".into(),
            problems: reader.problems,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scenario, story_names};

    #[test]
    fn the_steps_of_every_story_survive() {
        for name in story_names() {
            let story = Scenario::parse(name, crate::stories::story(name).unwrap()).unwrap();
            let text = write::steps(&story.steps).unwrap();
            assert_eq!(parse(&text).unwrap(), story.steps, "{name}");
        }
    }

    #[test]
    fn steps_that_no_file_may_have_are_refused() {
        let deep = format!("{}\"all-ready\"{}", r#"{"not":"#.repeat(300), "}".repeat(300));
        for steps in [
            r#"[{"after-s": 1e300}]"#,
            r#"[{"say": "", "do": []}]"#,
            r#"[{"name": "a", "say": "b", "repeat": {"from": "a", "times": 4294967295}}]"#,
            &format!(r#"[{{"when": {deep}}}]"#),
            r#"{}"#,
        ] {
            assert!(parse(steps).is_err(), "{steps}");
        }
    }
}
