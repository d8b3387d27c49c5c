//! The numbers of an experiment: each can be set, and each can be varied.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// A number that an experiment sets or varies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Parameter {
    /// Registrars.
    Registrars,
    /// Pool elements.
    PoolElements,
    /// Pool users.
    PoolUsers,
    /// The mean capacity of a pool element, in calculations per second.
    Capacity,
    /// The capacity of the fast in relation to the slow, for capacities that are not equal.
    CapacityFactor,
    /// The share of the pool's capacity that the pool users ask for.
    Utilisation,
    /// The mean size of a request, in calculations.
    RequestSize,
    /// Requests that a pool element processes at the same time; it rejects further ones.
    RequestLimit,
    /// Pool elements that a pool user asks for in a handle resolution.
    Items,
    /// How long a pool user may reuse a registrar's answer, in seconds.
    StaleCache,
    /// The one-way delay between any two components, in seconds.
    NetworkDelay,
    /// How long an association survives without answers, in seconds.
    AssociationTimeout,
    /// The mean time between the start and the failure of a pool element, in seconds; 0 if none fails.
    Mtbf,
    /// The share of failures that are shut-downs in order, with a last cookie; at others, power fails.
    CleanShutdowns,
    /// The mean time until a failed pool element starts again, in seconds.
    RepairTime,
    /// Time after which a request gets a new cookie, in seconds.
    CookieInterval,
    /// Calculations after which a request gets a new cookie.
    CookieCalculations,
    /// Time after which pool users and pool elements ask each other whether they are alive, in seconds.
    SessionKeepAliveInterval,
    /// Time in which they have to answer, in seconds.
    SessionKeepAliveTimeout,
    /// Time after which a registrar probes a pool element, in seconds.
    RegistrarKeepAliveInterval,
    /// Time in which a pool element has to answer a registrar, in seconds.
    RegistrarKeepAliveTimeout,
    /// Time before anything is measured, in seconds.
    WarmUp,
    /// Measured time, in seconds.
    Duration,
}

/// The properties of a parameter.
struct Properties {
    name: &'static str,
    label: &'static str,
    unit: &'static str,
    default: f64,
    range: RangeInclusive<f64>,
    is_whole: bool,
}

/// More components than this take more memory and time than anybody has.
const MOST: f64 = 10_000.0;
const LONGEST_DELAY: f64 = 60.0;
const HOUR: f64 = 3_600.0;
const WEEK: f64 = 604_800.0;
/// The largest capacity and request: far from where numbers lose their precision.
const LARGEST: f64 = 1e12;

impl Parameter {
    /// All parameters.
    pub const ALL: [Self; 23] = [
        Self::Registrars,
        Self::PoolElements,
        Self::PoolUsers,
        Self::Capacity,
        Self::CapacityFactor,
        Self::Utilisation,
        Self::RequestSize,
        Self::RequestLimit,
        Self::Items,
        Self::StaleCache,
        Self::NetworkDelay,
        Self::AssociationTimeout,
        Self::Mtbf,
        Self::CleanShutdowns,
        Self::RepairTime,
        Self::CookieInterval,
        Self::CookieCalculations,
        Self::SessionKeepAliveInterval,
        Self::SessionKeepAliveTimeout,
        Self::RegistrarKeepAliveInterval,
        Self::RegistrarKeepAliveTimeout,
        Self::WarmUp,
        Self::Duration,
    ];

    fn properties(self) -> Properties {
        let number = |name, label, unit, default, range| Properties {
            name,
            label,
            unit,
            default,
            range,
            is_whole: false,
        };
        let count = |name, label, default, range| Properties {
            is_whole: true,
            ..number(name, label, "", default, range)
        };
        match self {
            Self::Registrars => count("registrars", "Registrars", 1.0, 1.0..=64.0),
            Self::PoolElements => count("pool-elements", "Pool elements", 10.0, 1.0..=MOST),
            Self::PoolUsers => count("pool-users", "Pool users", 100.0, 1.0..=MOST),
            Self::Capacity => number("capacity", "Mean capacity", "calculations/s", 1e6, 1.0..=LARGEST),
            Self::CapacityFactor => number("capacity-factor", "Capacity factor", "", 1.0, 1.0..=1_000.0),
            Self::Utilisation => number("utilisation", "Target utilisation", "", 0.8, 0.001..=10.0),
            Self::RequestSize => number(
                "request-size",
                "Mean request size",
                "calculations",
                1e7,
                1.0..=LARGEST,
            ),
            // As many as there are pool users by default, thus no limit.
            Self::RequestLimit => count("request-limit", "Request limit", 100.0, 1.0..=MOST),
            Self::Items => count("items", "Pool elements per answer", 3.0, 1.0..=128.0),
            Self::StaleCache => number("stale-cache-s", "Stale cache value", "s", 0.0, 0.0..=WEEK),
            Self::NetworkDelay => number("network-delay-s", "Network delay", "s", 0.0, 0.0..=LONGEST_DELAY),
            // About the time that SCTP takes by default to give a path up (RFC 9260 section 16).
            Self::AssociationTimeout => number(
                "association-timeout-s",
                "Association time-out",
                "s",
                63.0,
                0.1..=HOUR,
            ),
            Self::Mtbf => number("mtbf-s", "Mean time between failures", "s", 0.0, 0.0..=WEEK),
            Self::CleanShutdowns => {
                number("clean-shutdowns", "Share of clean shut-downs", "", 0.0, 0.0..=1.0)
            }
            Self::RepairTime => number("repair-time-s", "Mean repair time", "s", 10.0, 0.1..=WEEK),
            // rsplib's values from here on.
            Self::CookieInterval => number("cookie-interval-s", "Cookie interval", "s", 5.0, 0.001..=WEEK),
            Self::CookieCalculations => number(
                "cookie-calculations",
                "Calculations per cookie",
                "",
                5e6,
                1.0..=LARGEST,
            ),
            Self::SessionKeepAliveInterval => number(
                "session-keep-alive-interval-s",
                "Session keep-alive interval",
                "s",
                5.0,
                0.01..=WEEK,
            ),
            Self::SessionKeepAliveTimeout => number(
                "session-keep-alive-timeout-s",
                "Session keep-alive time-out",
                "s",
                5.0,
                0.01..=WEEK,
            ),
            Self::RegistrarKeepAliveInterval => number(
                "registrar-keep-alive-interval-s",
                "Registrar keep-alive interval",
                "s",
                5.0,
                0.01..=WEEK,
            ),
            Self::RegistrarKeepAliveTimeout => number(
                "registrar-keep-alive-timeout-s",
                "Registrar keep-alive time-out",
                "s",
                5.0,
                0.01..=WEEK,
            ),
            Self::WarmUp => number("warm-up-s", "Warm-up", "s", 900.0, 0.0..=WEEK),
            Self::Duration => number("duration-s", "Measured time", "s", 7_200.0, 1.0..=WEEK),
        }
    }

    /// Returns the name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.properties().name
    }

    /// Returns the name for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.properties().label
    }

    /// Returns the unit; empty for counts and fractions.
    #[must_use]
    pub fn unit(self) -> &'static str {
        self.properties().unit
    }

    /// Returns the name for people with the unit.
    #[must_use]
    pub fn label_with_unit(self) -> String {
        match self.unit() {
            "" => self.label().to_owned(),
            unit => format!("{} [{unit}]", self.label()),
        }
    }

    /// Returns the value of the base set-up.
    #[must_use]
    pub fn default_value(self) -> f64 {
        self.properties().default
    }

    /// Returns the values that are allowed.
    #[must_use]
    pub fn range(self) -> RangeInclusive<f64> {
        self.properties().range
    }

    /// Returns whether it counts something.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.properties().is_whole
    }

    /// Checks a value.
    ///
    /// # Errors
    /// Returns an error that says which values are allowed if this one is not.
    pub fn check(self, value: f64) -> Result<f64, UnusableValue> {
        let Properties { range, is_whole, .. } = self.properties();
        if range.contains(&value) && (!is_whole || value.fract() == 0.0) {
            Ok(value)
        } else {
            Err(UnusableValue {
                value,
                range,
                is_whole,
            })
        }
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error for a value that a parameter cannot have.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "{value} is not {} from {} to {}",
    if *is_whole { "a whole number" } else { "a number" },
    range.start(),
    range.end()
)]
pub struct UnusableValue {
    value: f64,
    range: RangeInclusive<f64>,
    is_whole: bool,
}

/// The error for a name that no parameter has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no parameter {name:?}, only {}", names().join(", "))]
pub struct UnknownParameter {
    name: String,
}

fn names() -> Vec<&'static str> {
    Parameter::ALL.map(Parameter::name).to_vec()
}

impl FromStr for Parameter {
    type Err = UnknownParameter;

    fn from_str(name: &str) -> Result<Self, UnknownParameter> {
        let found = Self::ALL.into_iter().find(|parameter| parameter.name() == name);
        found.ok_or_else(|| UnknownParameter {
            name: name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_has_its_place_its_name_and_a_usable_default() {
        for (index, parameter) in Parameter::ALL.into_iter().enumerate() {
            assert_eq!(parameter as usize, index);
            assert_eq!(parameter.name().parse(), Ok(parameter));
            parameter.check(parameter.default_value()).unwrap();
        }
    }

    #[test]
    fn an_unusable_value_is_refused_with_what_is_allowed() {
        let refused = |parameter: Parameter, value| parameter.check(value).unwrap_err().to_string();
        assert_eq!(
            refused(Parameter::Registrars, 0.0),
            "0 is not a whole number from 1 to 64"
        );
        assert_eq!(
            refused(Parameter::PoolElements, 2.5),
            "2.5 is not a whole number from 1 to 10000"
        );
        assert_eq!(
            refused(Parameter::NetworkDelay, f64::NAN),
            "NaN is not a number from 0 to 60"
        );
    }
}
