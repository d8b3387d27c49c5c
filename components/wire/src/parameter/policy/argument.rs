//! Policies on a command line: `round-robin`, `weighted-random:10`, `least-used-degradation:0.25`.
//!
//! rsplib's spellings (`LeastUsedDegradation:0.25`) are accepted as well. Load and distance are not part of the
//! argument: a pool element starts idle, and distances are determined by registrars.

use std::str::FromStr;

use crate::parameter::{Policy, fraction_of_scale, scale_of_fraction};

/// The error for a text that is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolicy {
    /// No policy has this name.
    #[error("there is no policy {name:?}, only {}", forms().join(", "))]
    UnknownName {
        /// The given name.
        name: String,
    },
    /// The policy takes different values.
    #[error(
        "{argument:?} is not of the form {form}, where weights and priorities are whole numbers, and degradations and DPFs are numbers from 0 to 1"
    )]
    InvalidValues {
        /// The given argument.
        argument: String,
        /// The correct form.
        form: String,
    },
}

/// A value after a policy's name and a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    Weight,
    Priority,
    Degradation,
    Dpf,
}

impl Value {
    const fn placeholder(self) -> &'static str {
        match self {
            Self::Weight => "WEIGHT",
            Self::Priority => "PRIORITY",
            Self::Degradation => "DEGRADATION",
            Self::Dpf => "DPF",
        }
    }

    fn parse(self, text: &str) -> Option<u32> {
        match self {
            Self::Weight | Self::Priority => text.parse().ok(),
            Self::Degradation | Self::Dpf => {
                let fraction: f64 = text.parse().ok()?;
                (0.0..=1.0)
                    .contains(&fraction)
                    .then(|| scale_of_fraction(fraction))
            }
        }
    }

    /// Returns the shortest text that [`Self::parse`] converts to this number.
    fn print(self, number: u32) -> String {
        match self {
            Self::Weight | Self::Priority => number.to_string(),
            Self::Degradation | Self::Dpf => (0..10)
                .map(|digits| format!("{:.digits$}", fraction_of_scale(number)))
                .find(|text| self.parse(text) == Some(number))
                // Half of the unit in the tenth decimal is less than half of the scale's.
                .unwrap_or_else(|| format!("{:.10}", fraction_of_scale(number))),
        }
    }
}

/// A policy's name, its values, and how to build it from them.
struct Form {
    name: &'static str,
    values: &'static [Value],
    build: fn(&[u32]) -> Policy,
}

impl Form {
    /// Returns the syntax of the argument, such as `weighted-random:WEIGHT`.
    fn usage(&self) -> String {
        let values: String = self
            .values
            .iter()
            .map(|value| format!(":{}", value.placeholder()))
            .collect();
        format!("{}{values}", self.name)
    }
}

/// Returns the value at this index; [`Form::build`] gets as many as there are [`Form::values`].
fn at(values: &[u32], index: usize) -> u32 {
    values.get(index).copied().unwrap_or_default()
}

/// Forms of policies that only have a load and a load degradation.
macro_rules! degradation_form {
    ($name:literal, $variant:ident) => {
        Form {
            name: $name,
            values: &[Value::Degradation],
            build: |values| Policy::$variant {
                load: 0,
                load_degradation: at(values, 0),
            },
        }
    };
}

const FORMS: [Form; 16] = [
    Form {
        name: "round-robin",
        values: &[],
        build: |_| Policy::RoundRobin,
    },
    Form {
        name: "weighted-round-robin",
        values: &[Value::Weight],
        build: |values| Policy::WeightedRoundRobin {
            weight: at(values, 0),
        },
    },
    Form {
        name: "random",
        values: &[],
        build: |_| Policy::Random,
    },
    Form {
        name: "weighted-random",
        values: &[Value::Weight],
        build: |values| Policy::WeightedRandom {
            weight: at(values, 0),
        },
    },
    Form {
        name: "priority",
        values: &[Value::Priority],
        build: |values| Policy::Priority {
            priority: at(values, 0),
        },
    },
    Form {
        name: "least-used",
        values: &[],
        build: |_| Policy::LeastUsed { load: 0 },
    },
    degradation_form!("least-used-degradation", LeastUsedDegradation),
    degradation_form!("priority-least-used", PriorityLeastUsed),
    Form {
        name: "randomized-least-used",
        values: &[],
        build: |_| Policy::RandomizedLeastUsed { load: 0 },
    },
    degradation_form!("randomized-priority-least-used", RandomizedPriorityLeastUsed),
    degradation_form!(
        "randomized-least-used-degradation",
        RandomizedLeastUsedDegradation
    ),
    degradation_form!("priority-least-used-degradation", PriorityLeastUsedDegradation),
    degradation_form!(
        "randomized-priority-least-used-degradation",
        RandomizedPriorityLeastUsedDegradation
    ),
    Form {
        name: "weighted-random-dpf",
        values: &[Value::Weight, Value::Dpf],
        build: |values| Policy::WeightedRandomDpf {
            weight: at(values, 0),
            weight_dpf: at(values, 1),
            distance: 0,
        },
    },
    Form {
        name: "least-used-dpf",
        values: &[Value::Dpf],
        build: |values| Policy::LeastUsedDpf {
            load: 0,
            load_dpf: at(values, 0),
            distance: 0,
        },
    },
    Form {
        name: "least-used-degradation-dpf",
        values: &[Value::Degradation, Value::Dpf],
        build: |values| Policy::LeastUsedDegradationDpf {
            load: 0,
            load_degradation: at(values, 0),
            load_dpf: at(values, 1),
            distance: 0,
        },
    },
];

/// Returns the syntax of each policy.
fn forms() -> Vec<String> {
    FORMS.iter().map(Form::usage).collect()
}

/// Returns a name without hyphens and in lower case: `LeastUsed` and `least-used` are the same.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|character| !matches!(character, '-' | '_'))
        .map(|character| character.to_ascii_lowercase())
        .collect()
}

impl FromStr for Policy {
    type Err = InvalidPolicy;

    fn from_str(argument: &str) -> Result<Self, InvalidPolicy> {
        let mut parts = argument.split(':');
        let name = parts.next().unwrap_or_default();
        let values: Vec<&str> = parts.collect();
        let form = FORMS
            .iter()
            .find(|form| plain(form.name) == plain(name))
            .ok_or_else(|| InvalidPolicy::UnknownName {
                name: name.to_owned(),
            })?;
        // rsplib's variant of this one takes no value.
        let no_degradation = form.name == "randomized-priority-least-used" && values.is_empty();
        let values = if no_degradation { vec!["0"] } else { values };
        let numbers: Option<Vec<u32>> = (values.len() == form.values.len())
            .then(|| {
                let pairs = form.values.iter().zip(values);
                pairs.map(|(value, text)| value.parse(text)).collect()
            })
            .flatten();
        match numbers {
            Some(numbers) => Ok((form.build)(&numbers)),
            None => Err(InvalidPolicy::InvalidValues {
                argument: argument.to_owned(),
                form: form.usage(),
            }),
        }
    }
}

impl Policy {
    /// Returns a policy of every type that has a form on the wire, with all values 0.
    pub fn every() -> impl Iterator<Item = Self> {
        FORMS.iter().map(|form| (form.build)(&[]))
    }

    /// Returns the policy with this name, with all values 0.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let form = FORMS.iter().find(|form| plain(form.name) == plain(name))?;
        Some((form.build)(&[]))
    }

    /// Returns the command line argument for this policy, without load and distance. `None` for unknown types, which
    /// cannot be requested.
    #[must_use]
    pub fn argument(&self) -> Option<String> {
        let numbers: Vec<u32> = match *self {
            Self::RoundRobin | Self::Random | Self::LeastUsed { .. } | Self::RandomizedLeastUsed { .. } => {
                vec![]
            }
            Self::WeightedRoundRobin { weight } | Self::WeightedRandom { weight } => vec![weight],
            Self::Priority { priority } => vec![priority],
            Self::LeastUsedDegradation { load_degradation, .. }
            | Self::PriorityLeastUsed { load_degradation, .. }
            | Self::RandomizedPriorityLeastUsed { load_degradation, .. }
            | Self::RandomizedLeastUsedDegradation { load_degradation, .. }
            | Self::PriorityLeastUsedDegradation { load_degradation, .. }
            | Self::RandomizedPriorityLeastUsedDegradation { load_degradation, .. } => vec![load_degradation],
            Self::WeightedRandomDpf {
                weight, weight_dpf, ..
            } => vec![weight, weight_dpf],
            Self::LeastUsedDpf { load_dpf, .. } => vec![load_dpf],
            Self::LeastUsedDegradationDpf {
                load_degradation,
                load_dpf,
                ..
            } => vec![load_degradation, load_dpf],
            Self::Unknown { .. } => return None,
        };
        let form = FORMS
            .iter()
            .find(|form| (form.build)(&numbers).policy_type() == self.policy_type())?;
        let values: String = form
            .values
            .iter()
            .zip(numbers)
            .map(|(value, number)| format!(":{}", value.print(number)))
            .collect();
        Some(format!("{}{values}", form.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::PolicyType;

    #[track_caller]
    fn check(argument: &str, canonical: &str) {
        let policy: Policy = argument.parse().unwrap();
        assert_eq!(policy.argument().as_deref(), Some(canonical));
        assert_eq!(canonical.parse(), Ok(policy));
    }

    #[test]
    fn the_spellings_of_rsplib_are_understood() {
        check("RoundRobin", "round-robin");
        check("WeightedRoundRobin:10", "weighted-round-robin:10");
        check("Random", "random");
        check("WeightedRandom:4294967295", "weighted-random:4294967295");
        check("WeightedRandomDPF:10:0.001", "weighted-random-dpf:10:0.001");
        check("Priority:5", "priority:5");
        check("LeastUsed", "least-used");
        check("LeastUsedDegradation:0.25", "least-used-degradation:0.25");
        check("PriorityLeastUsed:0.1", "priority-least-used:0.1");
        check(
            "PriorityLeastUsedDegradation:1.0",
            "priority-least-used-degradation:1",
        );
        check("RandomizedLeastUsed", "randomized-least-used");
        check("RandomizedPriorityLeastUsed", "randomized-priority-least-used:0");
        check("LeastUsedDPF:0.3333", "least-used-dpf:0.3333");
        check(
            "LeastUsedDegradationDPF:0.5:0",
            "least-used-degradation-dpf:0.5:0",
        );
    }

    #[test]
    fn every_canonical_form_is_its_own() {
        for form in &FORMS {
            let values: String = form.values.iter().map(|_| ":1").collect();
            let argument = format!("{}{values}", form.name);
            check(&argument, &argument);
        }
    }

    #[test]
    fn every_fraction_of_the_scale_has_a_text_of_its_own() {
        let step = u32::MAX / 9_973;
        for number in (0..=9_973).map(|factor| factor * step).chain([1, 2, u32::MAX]) {
            let text = Value::Degradation.print(number);
            assert_eq!(Value::Degradation.parse(&text), Some(number), "{text}");
        }
    }

    #[track_caller]
    fn check_refused(argument: &str, message: &str) {
        let error = argument.parse::<Policy>().unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }

    #[test]
    fn errors_say_what_is_allowed() {
        check_refused(
            "fastest",
            "no policy \"fastest\", only round-robin, weighted-round-robin:WEIGHT",
        );
        check_refused("", "there is no policy \"\"");
        let form = "is not of the form least-used-degradation:DEGRADATION";
        for values in ["", ":", ":x", ":1.5", ":-0.1", ":nan", ":0.5:0.5"] {
            check_refused(&format!("least-used-degradation{values}"), form);
        }
        check_refused("round-robin:1", "is not of the form round-robin,");
        check_refused("weighted-random:0.5", "whole numbers");
    }

    #[test]
    fn unknown_policies_cannot_be_asked_for() {
        let unknown = Policy::Unknown {
            policy_type: PolicyType(7),
            data: vec![],
        };
        assert_eq!(unknown.argument(), None);
    }
}
