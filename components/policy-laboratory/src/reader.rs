//! Reads experiments from JSON.

use std::fmt;
use std::str::FromStr;

use json_file::{Problem, in_words};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value, json};

use crate::experiment::Sweep;
use crate::{Experiment, Measure, Parameter, Parameters, PolicyChoice};

/// The error in a text that is not an experiment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct ExperimentError {
    /// The path of the file, as it was given.
    pub file: String,
    /// What is wrong with it; its place is where reading ended.
    pub problem: Problem,
}

impl Experiment {
    /// Reads and checks the text of a file.
    ///
    /// # Errors
    /// Returns an error if it is not an experiment that can be simulated.
    pub fn parse(file: &str, text: &str) -> Result<Self, ExperimentError> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let read: Result<File, _> = serde_path_to_error::deserialize(&mut deserializer);
        let failed = |problem| ExperimentError {
            file: file.to_owned(),
            problem,
        };
        let misread = |member: String, error: &serde_json::Error| {
            failed(Problem {
                place: Some((error.line(), error.column())),
                member: if member == "." { String::new() } else { member },
                what: in_words(error),
            })
        };
        let read = read.map_err(|error| misread(error.path().to_string(), error.inner()))?;
        deserializer
            .end()
            .map_err(|error| misread(String::new(), &error))?;
        let experiment = read.experiment();
        match experiment.points() {
            Ok(_) => Ok(experiment),
            Err(unusable) => Err(failed(Problem::of_whole(unusable.to_string()))),
        }
    }

    /// Returns the text of a file from which [`Self::parse`] reads this experiment; values as in the base set-up are
    /// left out.
    #[must_use]
    pub fn to_json(&self) -> String {
        let base = Parameters::default();
        let mut parameters = Map::new();
        for parameter in Parameter::ALL {
            let value = self.parameters.get(parameter);
            if value != base.get(parameter) {
                parameters.insert(parameter.name().into(), number(value));
            }
        }
        let mut texts = |name: &str, value: String, usual: String| {
            if value != usual {
                parameters.insert(name.into(), value.into());
            }
        };
        let Parameters {
            capacities,
            request_distribution,
            interval_distribution,
            ..
        } = &self.parameters;
        texts(CAPACITIES, capacities.to_string(), base.capacities.to_string());
        texts(
            REQUEST_DISTRIBUTION,
            request_distribution.to_string(),
            base.request_distribution.to_string(),
        );
        texts(
            INTERVAL_DISTRIBUTION,
            interval_distribution.to_string(),
            base.interval_distribution.to_string(),
        );
        let text = |things: &[&dyn fmt::Display]| -> Vec<Value> {
            things.iter().map(|thing| thing.to_string().into()).collect()
        };
        let policies: Vec<&dyn fmt::Display> = self.policies.iter().map(|policy| policy as _).collect();
        let show: Vec<&dyn fmt::Display> = self.show.iter().map(|measure| measure as _).collect();
        let mut file = json!({
            "name": self.name,
            "description": self.description,
            "parameters": parameters,
            "policies": text(&policies),
            "seeds": self.seeds,
            "first-seed": self.first_seed,
            "show": text(&show),
        });
        if let Some(Sweep { parameter, values }) = &self.sweep {
            let values: Vec<Value> = values.iter().map(|value| number(*value)).collect();
            file["sweep"] = json!({ "parameter": parameter.name(), "values": values });
        }
        format!("{file:#}\n")
    }
}

/// Returns a number without a decimal point if it is a whole one.
pub(crate) fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        Value::from(value as i64)
    } else {
        Value::from(value)
    }
}

pub(crate) const CAPACITIES: &str = "capacities";
pub(crate) const REQUEST_DISTRIBUTION: &str = "request-distribution";
pub(crate) const INTERVAL_DISTRIBUTION: &str = "interval-distribution";

/// An experiment as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    #[serde(rename = "$schema", default)]
    _schema: Option<String>,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: ParametersMember,
    policies: Vec<Text<PolicyChoice>>,
    #[serde(default)]
    sweep: Option<SweepMember>,
    #[serde(default = "usual_seeds")]
    seeds: u32,
    #[serde(default = "usual_first_seed")]
    first_seed: u64,
    #[serde(default)]
    show: Vec<Text<Measure>>,
}

fn usual_seeds() -> u32 {
    Experiment::default().seeds
}

fn usual_first_seed() -> u64 {
    Experiment::default().first_seed
}

impl File {
    fn experiment(self) -> Experiment {
        let show: Vec<Measure> = self.show.into_iter().map(|Text(measure)| measure).collect();
        Experiment {
            name: self.name,
            description: self.description,
            parameters: self.parameters.0,
            policies: self.policies.into_iter().map(|Text(policy)| policy).collect(),
            sweep: self.sweep.map(|SweepMember { parameter, values }| Sweep {
                parameter: parameter.0,
                values,
            }),
            seeds: self.seeds,
            first_seed: self.first_seed,
            show: if show.is_empty() {
                Experiment::default().show
            } else {
                show
            },
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct SweepMember {
    parameter: Text<Parameter>,
    values: Vec<f64>,
}

/// A value that is written as text.
struct Text<T>(T);

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

/// The parameters; what is not written is as in the base set-up.
#[derive(Default)]
struct ParametersMember(Parameters);

impl<'de> Deserialize<'de> for ParametersMember {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Parameters;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with parameters")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parameters, A::Error> {
                let mut parameters = Parameters::default();
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        CAPACITIES => parameters.capacities = map.next_value::<Text<_>>()?.0,
                        REQUEST_DISTRIBUTION => {
                            parameters.request_distribution = map.next_value::<Text<_>>()?.0;
                        }
                        INTERVAL_DISTRIBUTION => {
                            parameters.interval_distribution = map.next_value::<Text<_>>()?.0;
                        }
                        number => {
                            let parameter: Parameter = number.parse().map_err(|unknown| {
                                let more = [CAPACITIES, REQUEST_DISTRIBUTION, INTERVAL_DISTRIBUTION];
                                A::Error::custom(format!("{unknown}, {}", more.join(", ")))
                            })?;
                            let value = map.next_value_seed(ValueOf(parameter))?;
                            parameters.set(parameter, value).map_err(A::Error::custom)?;
                        }
                    }
                }
                Ok(parameters)
            }
        }

        deserializer.deserialize_map(Members).map(Self)
    }
}

/// Reads a value of a parameter, so that an unusable one is reported with its place.
struct ValueOf(Parameter);

impl<'de> DeserializeSeed<'de> for ValueOf {
    type Value = f64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<f64, D::Error> {
        let value = f64::deserialize(deserializer)?;
        self.0.check(value).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(text: &str) -> String {
        Experiment::parse("a.json", text).unwrap_err().to_string()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut experiment = Experiment {
            name: "All".into(),
            description: "Everything differs.".into(),
            sweep: Some(Sweep {
                parameter: Parameter::NetworkDelay,
                values: vec![0.0, 0.05, 1.5],
            }),
            policies: vec!["least-used-degradation:request".parse().unwrap()],
            seeds: 3,
            first_seed: 99,
            show: vec![Measure::LostWork, Measure::AsapRate],
            ..Experiment::default()
        };
        experiment.parameters.capacities = crate::Capacities::Bimodal;
        experiment.parameters.request_distribution = "pareto:1:1.5".parse().unwrap();
        experiment.parameters.interval_distribution = "constant:1".parse().unwrap();
        experiment.parameters.set(Parameter::Mtbf, 300.5).unwrap();
        let text = experiment.to_json();
        assert_eq!(Experiment::parse("all", &text), Ok(experiment), "{text}");
    }

    #[test]
    fn a_short_file_is_the_base_set_up() {
        let text = r#"{ "name": "Base set-up", "policies": ["LeastUsed", "RoundRobin", "Random"] }"#;
        let experiment = Experiment::parse("base", text).unwrap();
        assert_eq!(experiment.parameters, Parameters::default());
        assert_eq!(
            (experiment.seeds, experiment.show),
            (24, vec![Measure::HandlingSpeed])
        );
    }

    #[test]
    fn errors_say_where_and_what() {
        let value =
            "{\n  \"name\": \"x\",\n  \"parameters\": { \"utilisation\": -1 },\n  \"policies\": []\n}";
        let error = error_of(value);
        assert!(error.starts_with("a.json: line 3, column "), "{error}");
        assert!(
            error.ends_with("parameters.utilisation: -1 is not a number from 0.001 to 10"),
            "{error}"
        );
        let error = error_of("{ \"name\": \"x\",\n\"policies\": [\"random\", \"fair\"] }");
        assert!(error.starts_with("a.json: line 2"), "{error}");
        assert!(
            error.contains("policies[1]: there is no policy \"fair\""),
            "{error}"
        );
        let error = error_of(r#"{ "name": "x", "parameters": { "speed": 1 }, "policies": ["random"] }"#);
        assert!(
            error.contains("no parameter \"speed\", only registrars"),
            "{error}"
        );
        let error = error_of(r#"{ "name": "x", "policies": ["random"], "seed": 1 }"#);
        assert!(error.contains("unknown member `seed`"), "{error}");
        let error = error_of(r#"{ "name": "x", "policies": ["random"], "seeds": 0 }"#);
        assert_eq!(error, "a.json: seeds: 0 is not 1 to 10000");
        assert!(error_of("{").contains("not JSON"));
        assert!(error_of(r#"{ "name": "x", "policies": ["random"] } x"#).contains("not JSON"));
    }
}
