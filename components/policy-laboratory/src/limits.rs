//! What theory says about the handling speed, to compare the policies with.
//!
//! Both limits are for exponential intervals between requests. Handling speeds are fractions of a pool element's
//! capacity.

use calc_app::Distribution;

use crate::{Capacities, Measure, Parameter, Parameters};

/// A theoretical limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`central_queue`].
    CentralQueue,
    /// [`processor_sharing`].
    ProcessorSharing,
}

impl Limit {
    /// All limits.
    pub const ALL: [Self; 2] = [Self::CentralQueue, Self::ProcessorSharing];

    /// Returns the name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CentralQueue => "M/M/c, one central queue",
            Self::ProcessorSharing => "M/M/1-PS, random, no queue at pool users",
        }
    }

    /// Returns the limit of a measure, in its unit; `None` if theory has none, or its assumptions do not hold.
    pub(crate) fn of(self, parameters: &Parameters, measure: Measure) -> Option<f64> {
        let is_exponential = |shape| matches!(shape, Distribution::Exponential { .. });
        let have_equal_capacities =
            parameters.capacities == Capacities::Equal || parameters.get(Parameter::CapacityFactor) == 1.0;
        let never_fail = parameters.get(Parameter::Mtbf) == 0.0;
        let holds = measure == Measure::HandlingSpeed
            && have_equal_capacities
            && never_fail
            && is_exponential(parameters.interval_distribution);
        let utilisation = parameters.get(Parameter::Utilisation);
        let speed = match self {
            _ if !holds => None,
            Self::CentralQueue if is_exponential(parameters.request_distribution) => {
                let servers = u32::try_from(parameters.count(Parameter::PoolElements)).ok()?;
                central_queue(servers, utilisation)
            }
            Self::CentralQueue => None,
            Self::ProcessorSharing => processor_sharing(utilisation),
        };
        speed.map(|speed| 100.0 * speed)
    }
}

/// Returns the handling speed of one central queue for all pool elements (M/M/c), for exponential request sizes.
///
/// Nobody idles while there is work, and nobody shares: no policy can do better as long as a request is processed by
/// one pool element and request sizes are not known in advance. `None` if the queue would grow without end.
#[must_use]
pub fn central_queue(servers: u32, utilisation: f64) -> Option<f64> {
    if servers == 0 || !(0.0..1.0).contains(&utilisation) {
        return None;
    }
    let offered = f64::from(servers) * utilisation;
    // Erlang's loss formula by its recursion, and from it the probability of waiting.
    let loss = (1..=servers).fold(1.0, |loss, server| {
        let product = offered * loss;
        product / (f64::from(server) + product)
    });
    let waiting = loss / (1.0 - utilisation * (1.0 - loss));
    // In units of the mean service time.
    let delay = waiting / (f64::from(servers) - offered);
    Some(1.0 / (1.0 + delay))
}

/// Returns the handling speed of a pool element that shares its capacity among requests which come up independently
/// (M/G/1-PS): a random choice of the pool element, without any delay before it. Request sizes may have any
/// distribution. `None` if the requests would become ever more.
#[must_use]
pub fn processor_sharing(utilisation: f64) -> Option<f64> {
    (0.0..1.0).contains(&utilisation).then_some(1.0 - utilisation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_central_queue_is_erlangs() {
        let speed = central_queue(10, 0.8).unwrap();
        assert!((speed - 0.830_2).abs() < 5e-5, "{speed}");
        // Of one server, both limits are the same: the mean does not depend on who is served first.
        let one = central_queue(1, 0.8).unwrap();
        assert!((one - processor_sharing(0.8).unwrap()).abs() < 1e-12, "{one}");
        assert_eq!(central_queue(10, 0.0), Some(1.0));
    }

    #[test]
    fn limits_are_only_given_where_they_hold() {
        let mut parameters = Parameters::default();
        let limits = |parameters: &Parameters| {
            Limit::ALL.map(|limit| limit.of(parameters, Measure::HandlingSpeed).map(f64::round))
        };
        assert_eq!(limits(&parameters), [Some(83.0), Some(20.0)]);
        assert_eq!(Limit::CentralQueue.of(&parameters, Measure::QueueingDelay), None);
        parameters.request_distribution = Distribution::Constant(1.0);
        assert_eq!(limits(&parameters), [None, Some(20.0)]);
        parameters.capacities = Capacities::Linear;
        assert_eq!(limits(&parameters), [None, Some(20.0)]);
        parameters.set(Parameter::CapacityFactor, 3.0).unwrap();
        assert_eq!(limits(&parameters), [None, None]);
    }

    #[test]
    fn there_is_no_limit_under_overload() {
        assert_eq!(central_queue(10, 1.0), None);
        assert_eq!(central_queue(0, 0.5), None);
        assert_eq!(processor_sharing(1.2), None);
        assert_eq!(processor_sharing(f64::NAN), None);
    }
}
