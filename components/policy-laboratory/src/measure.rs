//! What a run measures.

use std::fmt;
use std::str::FromStr;

/// A result of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// The share of the pool's capacity that was used.
    Utilisation,
    /// The sizes of completed requests, divided by the times from when they came up to their completion, in relation
    /// to the mean capacity of a pool element.
    HandlingSpeed,
    /// The mean time from when a request came up to its completion.
    HandlingTime,
    /// The mean time that a request waits at its pool user for those before it.
    QueueingDelay,
    /// Completed requests per second.
    Throughput,
    /// The mean time from the end of a pool element to the moment when another one serves its session.
    FailoverTime,
    /// Sessions per hour that lost their pool element.
    Failovers,
    /// Calculations that were done in vain, because no cookie told of them, in relation to all that were done.
    LostWork,
    /// Rejections per request.
    Rejections,
    /// ASAP messages per completed request.
    AsapPerRequest,
    /// ENRP messages per completed request.
    EnrpPerRequest,
    /// Application messages per completed request.
    ApplicationPerRequest,
    /// ASAP messages per second.
    AsapRate,
    /// ENRP messages per second.
    EnrpRate,
    /// Application messages per second.
    ApplicationRate,
}

impl Measure {
    /// All measures.
    pub const ALL: [Self; 15] = [
        Self::Utilisation,
        Self::HandlingSpeed,
        Self::HandlingTime,
        Self::QueueingDelay,
        Self::Throughput,
        Self::FailoverTime,
        Self::Failovers,
        Self::LostWork,
        Self::Rejections,
        Self::AsapPerRequest,
        Self::EnrpPerRequest,
        Self::ApplicationPerRequest,
        Self::AsapRate,
        Self::EnrpRate,
        Self::ApplicationRate,
    ];

    const fn properties(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Utilisation => ("utilisation", "Utilisation", "%"),
            Self::HandlingSpeed => (
                "handling-speed",
                "Handling speed",
                "% of a pool element's capacity",
            ),
            Self::HandlingTime => ("handling-time", "Handling time", "s"),
            Self::QueueingDelay => ("queueing-delay", "Queueing delay", "s"),
            Self::Throughput => ("throughput", "Throughput", "requests/s"),
            Self::FailoverTime => ("failover-time", "Failover time", "s"),
            Self::Failovers => ("failovers", "Failovers", "1/h"),
            Self::LostWork => ("lost-work", "Lost work", "% of the work done"),
            Self::Rejections => ("rejections", "Rejections", "per request"),
            Self::AsapPerRequest => ("asap-per-request", "ASAP messages", "per request"),
            Self::EnrpPerRequest => ("enrp-per-request", "ENRP messages", "per request"),
            Self::ApplicationPerRequest => ("application-per-request", "Application messages", "per request"),
            Self::AsapRate => ("asap-rate", "ASAP messages", "1/s"),
            Self::EnrpRate => ("enrp-rate", "ENRP messages", "1/s"),
            Self::ApplicationRate => ("application-rate", "Application messages", "1/s"),
        }
    }

    /// Returns the name in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.properties().0
    }

    /// Returns the name for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        self.properties().1
    }

    /// Returns the unit.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        self.properties().2
    }

    /// Returns the name for people with the unit.
    #[must_use]
    pub fn label_with_unit(self) -> String {
        format!("{} [{}]", self.label(), self.unit())
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error for a name that no measure has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing called {name:?} is measured, only {}", Measure::ALL.map(Measure::name).join(", "))]
pub struct UnknownMeasure {
    name: String,
}

impl FromStr for Measure {
    type Err = UnknownMeasure;

    fn from_str(name: &str) -> Result<Self, UnknownMeasure> {
        let found = Self::ALL.into_iter().find(|measure| measure.name() == name);
        found.ok_or_else(|| UnknownMeasure {
            name: name.to_owned(),
        })
    }
}

/// The results of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    values: [Option<f64>; Measure::ALL.len()],
}

impl Outcome {
    /// Computes all measures; `None` for those that do not exist, such as the failover time without failovers.
    pub(crate) fn of(measure: impl Fn(Measure) -> Option<f64>) -> Self {
        let finite = |which| measure(which).filter(|value| value.is_finite());
        Self {
            values: Measure::ALL.map(finite),
        }
    }

    /// Returns a result, in the unit of the measure.
    #[must_use]
    pub const fn get(&self, measure: Measure) -> Option<f64> {
        self.values[measure as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_has_its_place_and_its_name() {
        for (index, measure) in Measure::ALL.into_iter().enumerate() {
            assert_eq!(measure as usize, index);
            assert_eq!(measure.name().parse(), Ok(measure));
        }
    }

    #[test]
    fn what_cannot_be_computed_does_not_exist() {
        let outcome = Outcome::of(|measure| match measure {
            Measure::Utilisation => Some(80.0),
            _ => Some(f64::NAN),
        });
        assert_eq!(outcome.get(Measure::Utilisation), Some(80.0));
        assert_eq!(outcome.get(Measure::FailoverTime), None);
    }
}
