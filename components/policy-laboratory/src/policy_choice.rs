//! A policy of an experiment, and the data that each pool element has for it.

use std::fmt;
use std::str::FromStr;

use wire::parameter::{InvalidPolicy, Policy};

/// A policy, as on a pool element's command line, except that values may depend on the pool element.
///
/// The word `capacity` in place of a weight or a priority stands for a number in proportion to the pool element's
/// capacity; in place of a degradation, for the share of a pool element's request limit that one request is, divided by
/// its relative capacity. The word `request` in place of a degradation is the same without the division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyChoice {
    text: String,
    short_name: String,
}

/// The weight of a pool element of mean capacity.
const MEAN_WEIGHT: f64 = 1000.0;
const BY_CAPACITY: &str = "capacity";
const BY_REQUEST: &str = "request";

impl PolicyChoice {
    /// Returns the policy's usual abbreviation, such as `LUD`, with the values if there are any.
    #[must_use]
    pub fn short_name(&self) -> &str {
        &self.short_name
    }

    /// Returns the policy of a pool element of `relative` capacity: 1 is the mean. It rejects requests beyond a limit.
    pub(crate) fn of_element(&self, relative: f64, request_limit: usize) -> Result<Policy, InvalidPolicy> {
        // Whether the word stands for a weight or for a fraction shows in which of them the policy takes: a weight of at
        // least 2 is no fraction.
        let weight = (relative * MEAN_WEIGHT).round().clamp(2.0, f64::from(u32::MAX));
        let share = 1.0 / request_limit.max(1) as f64;
        self.with(&format!("{weight}"), BY_REQUEST).or_else(|_| {
            let scaled = (share / relative).min(1.0);
            self.with(&format!("{scaled:.10}"), &format!("{share:.10}"))
        })
    }

    fn with(&self, by_capacity: &str, by_request: &str) -> Result<Policy, InvalidPolicy> {
        let words = self.text.split(':').enumerate();
        let replaced = words.map(|(index, word)| match word {
            BY_CAPACITY if index > 0 => by_capacity,
            BY_REQUEST if index > 0 => by_request,
            word => word,
        });
        replaced.collect::<Vec<_>>().join(":").parse()
    }
}

impl FromStr for PolicyChoice {
    type Err = InvalidPolicy;

    fn from_str(text: &str) -> Result<Self, InvalidPolicy> {
        let mut choice = Self {
            text: text.to_owned(),
            short_name: String::new(),
        };
        let policy = choice.of_element(1.0, 1).map_err(|error| match error {
            InvalidPolicy::InvalidValues { form, .. } => InvalidPolicy::InvalidValues {
                argument: text.to_owned(),
                form,
            },
            unknown @ InvalidPolicy::UnknownName { .. } => unknown,
        })?;
        let values = text.split_once(':').map(|(_, values)| format!(" {values}"));
        choice.short_name = format!("{}{}", policy.short_name(), values.unwrap_or_default());
        Ok(choice)
    }
}

/// Formats the policy as it is written in files.
impl fmt::Display for PolicyChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, relative: f64) -> Policy {
        let choice: PolicyChoice = text.parse().unwrap();
        choice.of_element(relative, 10).unwrap()
    }

    #[test]
    fn values_may_follow_the_capacity() {
        assert_eq!(
            of("weighted-random:capacity", 2.5),
            Policy::WeightedRandom { weight: 2500 }
        );
        assert_eq!(
            of("WeightedRoundRobin:7", 2.5),
            Policy::WeightedRoundRobin { weight: 7 }
        );
        assert_eq!(of("priority:capacity", 0.5), Policy::Priority { priority: 500 });
        let tenth = of("least-used-degradation:0.1", 1.0);
        assert_eq!(of("least-used-degradation:request", 4.0), tenth);
        assert_eq!(of("least-used-degradation:capacity", 1.0), tenth);
        assert_eq!(
            of("priority-least-used:capacity", 2.0),
            of("priority-least-used:0.05", 1.0)
        );
        assert_eq!(
            of("randomized-priority-least-used:capacity", 2.0),
            of("randomized-priority-least-used:0.05", 1.0)
        );
        assert_eq!(of("round-robin", 9.0), Policy::RoundRobin);
    }

    #[test]
    fn names_are_short_and_errors_name_what_was_written() {
        let choice: PolicyChoice = "least-used-degradation:request".parse().unwrap();
        assert_eq!(choice.short_name(), "LUD request");
        assert_eq!("least-used".parse::<PolicyChoice>().unwrap().short_name(), "LU");
        let error = "weighted-random:fast"
            .parse::<PolicyChoice>()
            .unwrap_err()
            .to_string();
        assert!(error.contains("weighted-random:fast"), "{error}");
        let error = "fastest".parse::<PolicyChoice>().unwrap_err().to_string();
        assert!(
            error.contains("fastest") && error.contains("round-robin"),
            "{error}"
        );
    }
}
