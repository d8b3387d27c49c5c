//! The JSON schema of experiments, for editors: made from what the reader knows, and kept beside the experiments.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use wire::parameter::Policy;

use crate::reader::{CAPACITIES, INTERVAL_DISTRIBUTION, REQUEST_DISTRIBUTION, number};
use crate::{Capacities, Experiment, Measure, Parameter, Parameters, ready_experiments};

/// The file with the schema, as experiments beside it name it.
const NAME: &str = "./schema.json";

/// Returns the schema.
fn schema() -> String {
    let usual = Experiment::default();
    let policy = json!({
        "description": "As on the command line of a pool element. In place of a weight, a priority or a degradation, \
                        `capacity` stands for a number that follows the pool element's capacity; in place of a \
                        degradation, `request` stands for the share of its request limit that a request is.",
        "anyOf": [
            { "enum": policies() },
            { "type": "string", "pattern": "^[A-Za-z-]+(:(capacity|request|[0-9.eE+-]+)){0,2}$" }
        ]
    });
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Experiment",
        "description": "An experiment of the policy laboratory of Poolscope. What is left out is as in the base set-up of \
                        the literature.",
        "type": "object",
        "properties": {
            "$schema": { "type": "string" },
            "name": { "description": "The name for people.", "type": "string" },
            "description": { "description": "What it shows.", "type": "string" },
            "parameters": {
                "type": "object",
                "properties": parameters(),
                "additionalProperties": false
            },
            "policies": {
                "description": "The policies to compare.",
                "type": "array",
                "items": policy,
                "minItems": 1,
                "maxItems": Experiment::MOST_POLICIES,
                "uniqueItems": true
            },
            "sweep": {
                "description": "A parameter that is varied, and its values.",
                "type": "object",
                "properties": {
                    "parameter": { "enum": Parameter::ALL.map(Parameter::name) },
                    "values": {
                        "type": "array",
                        "items": { "type": "number" },
                        "minItems": 1,
                        "maxItems": Experiment::MOST_VALUES
                    }
                },
                "required": ["parameter", "values"],
                "additionalProperties": false
            },
            "seeds": {
                "description": "The number of runs of each point with each policy.",
                "type": "integer",
                "minimum": 1,
                "maximum": Experiment::MOST_SEEDS,
                "default": usual.seeds
            },
            "first-seed": {
                "description": "The seed of the first run; each further one has the next number.",
                "type": "integer",
                "minimum": 0,
                "maximum": u64::MAX - 1,
                "default": usual.first_seed
            },
            "show": {
                "description": "The results to show first; the handling speed when absent.",
                "type": "array",
                "items": { "oneOf": measures() }
            }
        },
        "required": ["name", "policies"],
        "additionalProperties": false
    });
    format!("{schema:#}\n")
}

/// Returns the names of policies; those with values have the words that stand for them.
fn policies() -> Vec<String> {
    let policies = Policy::every().filter_map(|policy| policy.argument());
    let names = policies.map(|argument| match argument.split_once(':') {
        Some((name, values)) => {
            let word = if name.starts_with("weighted") || name == "priority" {
                "capacity"
            } else {
                "request"
            };
            // A distance penalty factor follows nothing.
            let more = values.split_once(':').map(|_| ":0.001").unwrap_or_default();
            format!("{name}:{word}{more}")
        }
        None => argument,
    });
    names.collect()
}

fn parameters() -> Map<String, Value> {
    let base = Parameters::default();
    let distribution = |what: &str, usual: String| {
        json!({
            "description": format!(
                "The shape of the distribution of {what}, of any mean: constant:VALUE, exponential:MEAN, \
                 uniform:MINIMUM:MAXIMUM, pareto:MINIMUM:SHAPE, erlang:STAGES:MEAN or lognormal:MEAN:DEVIATION."
            ),
            "type": "string",
            "pattern": "^((constant|exponential|uniform|pareto|erlang|lognormal):)?[0-9.eE+-]+(:[0-9.eE+-]+)?$",
            "default": usual
        })
    };
    let numbers = Parameter::ALL.into_iter().map(|parameter| {
        let range = parameter.range();
        let schema = json!({
            "description": format!("{}.", parameter.label_with_unit()),
            "type": if parameter.is_whole() { "integer" } else { "number" },
            "minimum": number(*range.start()),
            "maximum": number(*range.end()),
            "default": number(parameter.default_value())
        });
        (parameter.name().to_owned(), schema)
    });
    let others = [
        (
            CAPACITIES,
            json!({
                "description": "How the capacities of pool elements differ; their mean stays.",
                "enum": Capacities::ALL.map(Capacities::name),
                "default": base.capacities.name()
            }),
        ),
        (
            REQUEST_DISTRIBUTION,
            distribution("request sizes", base.request_distribution.to_string()),
        ),
        (
            INTERVAL_DISTRIBUTION,
            distribution(
                "intervals between requests",
                base.interval_distribution.to_string(),
            ),
        ),
    ];
    let others = others.map(|(name, schema)| (name.to_owned(), schema));
    numbers.chain(others).collect()
}

fn measures() -> Vec<Value> {
    let measures = Measure::ALL.into_iter();
    measures
        .map(|measure| json!({ "const": measure.name(), "description": format!("{}.", measure.label_with_unit()) }))
        .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo-scenarios/laboratory")
}

/// Checks a text against the schema with an independent validator.
fn matches_schema(text: &str) -> Result<(), String> {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("schema.json", schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile("schema.json", &mut schemas).unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    schemas
        .validate(&value, index)
        .map_err(|error| format!("{error:#}"))
}

#[test]
fn the_schema_in_the_repository_is_that_of_the_reader() {
    let path = folder().join(NAME);
    let schema = schema();
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
fn every_experiment_in_the_repository_names_the_schema_and_matches_it() {
    for (name, text) in ready_experiments() {
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(value["$schema"], NAME, "{name}");
        if let Err(why) = matches_schema(text) {
            panic!("{name}: {why}");
        }
        let experiment = Experiment::parse(name, text).unwrap();
        matches_schema(&experiment.to_json()).unwrap();
    }
}

#[test]
fn what_the_schema_offers_is_read() {
    for policy in policies() {
        let text = json!({ "name": "n", "policies": [policy] }).to_string();
        Experiment::parse("offered.json", &text).unwrap();
        matches_schema(&text).unwrap();
    }
    for parameter in Parameter::ALL {
        for value in [*parameter.range().start(), *parameter.range().end()] {
            let parameters = json!({ parameter.name(): value });
            let text = json!({ "name": "n", "policies": ["random"], "parameters": parameters }).to_string();
            Experiment::parse("offered.json", &text).unwrap();
            matches_schema(&text).unwrap();
        }
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    for bad in [
        r#"{ "name": "n" }"#,
        r#"{ "name": "n", "policies": [] }"#,
        r#"{ "name": "n", "policies": ["random", "random"] }"#,
        r#"{ "name": "n", "policies": ["weighted random"] }"#,
        r#"{ "name": "n", "policies": ["random"], "seed": 1 }"#,
        r#"{ "name": "n", "policies": ["random"], "seeds": 0 }"#,
        r#"{ "name": "n", "policies": ["random"], "show": ["beauty"] }"#,
        r#"{ "name": "n", "policies": ["random"], "parameters": { "speed": 1 } }"#,
        r#"{ "name": "n", "policies": ["random"], "parameters": { "utilisation": -1 } }"#,
        r#"{ "name": "n", "policies": ["random"], "parameters": { "pool-users": 1.5 } }"#,
        r#"{ "name": "n", "policies": ["random"], "parameters": { "capacities": "large" } }"#,
        r#"{ "name": "n", "policies": ["random"], "parameters": { "request-distribution": "gauss:1" } }"#,
        r#"{ "name": "n", "policies": ["random"], "sweep": { "parameter": "speed", "values": [1] } }"#,
        r#"{ "name": "n", "policies": ["random"], "sweep": { "parameter": "items", "values": [] } }"#,
    ] {
        assert!(Experiment::parse("bad.json", bad).is_err(), "{bad}");
        assert!(matches_schema(bad).is_err(), "{bad}");
    }
}
