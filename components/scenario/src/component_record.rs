//! A component's arguments within records of another kind, such as those of a recording.
//!
//! The entry of a scenario file would not do: it has to be pleasant to read, and may leave out what follows from other
//! members. A record says everything: the words of the command line, which have the same meaning for every version of the
//! program, and the policy with its data, of which a command line has only a part.

use std::cell::RefCell;
use std::collections::HashMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wire::parameter::Policy;

use crate::ComponentArgs;

#[derive(Serialize, Deserialize)]
#[serde(rename = "ComponentArgs")]
struct Record {
    words: Vec<String>,
    policy: Option<Policy>,
}

impl Serialize for ComponentArgs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Record {
            words: self.to_argv(),
            policy: self.policy().cloned(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ComponentArgs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Record { words, policy } = Record::deserialize(deserializer)?;
        let mut args = parse(words).map_err(D::Error::custom)?;
        if let Some(policy) = policy {
            args.set_policy(policy);
        }
        Ok(args)
    }
}

thread_local! {
    /// Command lines that were understood, since each record of a recording has the same ones again.
    static KNOWN: RefCell<HashMap<Vec<String>, ComponentArgs>> = RefCell::default();
}

/// The maximum number of command lines that are kept.
const MOST_KNOWN: usize = 256;

fn parse(words: Vec<String>) -> Result<ComponentArgs, String> {
    KNOWN.with_borrow_mut(|known| {
        if let Some(args) = known.get(&words) {
            return Ok(args.clone());
        }
        let parsed = ComponentArgs::parse(&words);
        let args = parsed.map_err(|refused| format!("no component starts with this: {}", refused.why))?;
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(words, args.clone());
        Ok(args)
    })
}

#[cfg(test)]
mod tests {
    use feed::ComponentRole;

    use super::*;
    use crate::{ComponentSpec, Scenario, Timers, story_names};

    fn there_and_back(spec: &ComponentSpec) -> Result<ComponentSpec, rmp_serde::decode::Error> {
        rmp_serde::from_slice(&rmp_serde::to_vec_named(spec).unwrap())
    }

    #[test]
    fn every_component_of_every_story_survives() {
        for name in story_names() {
            let story = Scenario::parse(name, crate::stories::story(name).unwrap()).unwrap();
            for mut spec in story.components {
                spec.choose_identifier(|_, _| false);
                spec.args = spec.args.with(&story.settings);
                assert_eq!(there_and_back(&spec).unwrap(), spec, "{name}");
                let timers = spec.args.timers();
                let record = rmp_serde::to_vec_named(&timers).unwrap();
                assert_eq!(rmp_serde::from_slice::<Timers>(&record).unwrap(), timers);
            }
        }
    }

    #[test]
    fn data_of_a_policy_survive_that_no_command_line_has() {
        let mut spec = ComponentSpec::new(ComponentRole::PoolElement);
        spec.args.set_policy(Policy::LeastUsedDegradationDpf {
            load: 1,
            load_degradation: 2,
            load_dpf: 3,
            distance: 4,
        });
        spec.position = Some([0.1, f32::MAX]);
        assert_eq!(there_and_back(&spec).unwrap(), spec);
    }

    #[test]
    fn what_no_component_starts_with_is_refused() {
        let record = rmp_serde::to_vec_named(&Record {
            words: vec!["registrar".into(), "--from-the-future".into()],
            policy: None,
        });
        let error = rmp_serde::from_slice::<ComponentArgs>(&record.unwrap()).unwrap_err();
        assert!(error.to_string().contains("--from-the-future"), "{error}");
    }
}
