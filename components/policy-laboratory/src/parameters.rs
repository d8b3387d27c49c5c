//! Everything that a run is determined by, apart from the policy and the seed.

use std::time::Duration;

use calc_app::Distribution;
use protocol::Config;
use virtual_network::Conditions;
use wire::parameter::{InvalidPolicy, Policy};

use crate::{Capacities, Parameter, PolicyChoice, UnusableValue, workload};

/// The parameters of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    values: [f64; Parameter::ALL.len()],
    /// How the capacities differ.
    pub capacities: Capacities,
    /// The shape of the distribution of request sizes; it is stretched to the mean request size.
    pub request_distribution: Distribution,
    /// The shape of the distribution of intervals between requests; it is stretched to reach the utilisation.
    pub interval_distribution: Distribution,
}

/// The base set-up of the literature.
impl Default for Parameters {
    fn default() -> Self {
        Self {
            values: Parameter::ALL.map(Parameter::default_value),
            capacities: Capacities::default(),
            request_distribution: Distribution::Exponential { mean: 1.0 },
            interval_distribution: Distribution::Exponential { mean: 1.0 },
        }
    }
}

impl Parameters {
    /// Returns a value, in the unit of the parameter.
    #[must_use]
    pub const fn get(&self, parameter: Parameter) -> f64 {
        self.values[parameter as usize]
    }

    /// Sets a value, in the unit of the parameter.
    ///
    /// # Errors
    /// Returns an error that says which values are allowed if this one is not.
    pub fn set(&mut self, parameter: Parameter, value: f64) -> Result<(), UnusableValue> {
        self.values[parameter as usize] = parameter.check(value)?;
        Ok(())
    }

    /// Returns a number of things.
    #[must_use]
    pub const fn count(&self, parameter: Parameter) -> usize {
        // Checked when it was set, so that nothing is cut off.
        self.get(parameter) as usize
    }

    /// Returns a time.
    #[must_use]
    pub fn duration(&self, parameter: Parameter) -> Duration {
        Duration::from_secs_f64(self.get(parameter))
    }

    /// Returns the capacity of each pool element, in calculations per second.
    #[must_use]
    pub fn element_capacities(&self) -> Vec<f64> {
        self.capacities.of(
            self.count(Parameter::PoolElements),
            self.get(Parameter::Capacity),
            self.get(Parameter::CapacityFactor),
        )
    }

    /// Returns the capacity of each pool element, in calculations per second, and its policy.
    ///
    /// # Errors
    /// Returns an error if the values of the policy do not suit a pool element.
    pub fn elements(&self, policy: &PolicyChoice) -> Result<Vec<(f64, Policy)>, InvalidPolicy> {
        let limit = self.count(Parameter::RequestLimit);
        let mean = self.get(Parameter::Capacity);
        let capacities = self.element_capacities().into_iter();
        capacities
            .map(|capacity| Ok((capacity, policy.of_element(capacity / mean, limit)?)))
            .collect()
    }

    /// Returns the distribution of request sizes, in calculations; `None` if the shape has no mean.
    #[must_use]
    pub fn request_sizes(&self) -> Option<Distribution> {
        workload::with_mean(self.request_distribution, self.get(Parameter::RequestSize))
    }

    /// Returns the distribution of the intervals between requests of one pool user, in seconds, with which all of them
    /// together ask for the utilisation; `None` if the shape has no mean.
    #[must_use]
    pub fn request_intervals(&self) -> Option<Distribution> {
        let capacity = self.get(Parameter::Capacity) * self.get(Parameter::PoolElements);
        let asked_for = self.get(Parameter::Utilisation) * capacity;
        let each = asked_for / self.get(Parameter::PoolUsers);
        let mean = self.get(Parameter::RequestSize) / each;
        workload::with_mean(self.interval_distribution, mean)
    }

    /// Returns the timers and limits of the cores: the RFCs' values, and those that are parameters.
    pub(crate) fn config(&self) -> Config {
        Config {
            stale_cache_value: self.duration(Parameter::StaleCache),
            keep_alive_interval: self.duration(Parameter::RegistrarKeepAliveInterval),
            keep_alive_timeout: self.duration(Parameter::RegistrarKeepAliveTimeout),
            items: u32::try_from(self.count(Parameter::Items)).ok(),
            // Everybody here means well.
            max_associations: usize::MAX,
            ..Config::default()
        }
    }

    pub(crate) fn conditions(&self) -> Conditions {
        Conditions {
            latency: self.duration(Parameter::NetworkDelay),
            jitter: Duration::ZERO,
            dead_after: self.duration(Parameter::AssociationTimeout),
            ..Conditions::default()
        }
    }

    pub(crate) fn server(&self, capacity: f64) -> calc_app::server::Settings {
        calc_app::server::Settings {
            capacity,
            max_jobs: self.count(Parameter::RequestLimit),
            cookie_calculations: self.get(Parameter::CookieCalculations),
            cookie_interval: self.duration(Parameter::CookieInterval),
            keep_alive_interval: self.duration(Parameter::SessionKeepAliveInterval),
            keep_alive_timeout: self.duration(Parameter::SessionKeepAliveTimeout),
            final_cookie_probability: 1.0,
        }
    }

    /// Returns the settings of pool users; `None` if a distribution has no mean.
    pub(crate) fn client(&self) -> Option<calc_app::client::Settings> {
        Some(calc_app::client::Settings {
            request_size: self.request_sizes()?,
            request_interval: self.request_intervals()?,
            first_request: calc_app::client::FirstRequest::AfterInterval,
            keep_alive_interval: self.duration(Parameter::SessionKeepAliveInterval),
            keep_alive_timeout: self.duration(Parameter::SessionKeepAliveTimeout),
            ..calc_app::client::Settings::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_set_up_asks_for_its_utilisation() {
        let parameters = Parameters::default();
        let interval = parameters
            .request_intervals()
            .and_then(|interval| interval.mean());
        // 100 pool users with one request of 10 s each 125 s keep 8 of 10 pool elements busy.
        assert_eq!(interval, Some(125.0));
        let size = parameters.request_sizes().and_then(|size| size.mean());
        assert_eq!(size, Some(1e7));
    }

    #[test]
    fn a_value_is_checked_before_it_is_set() {
        let mut parameters = Parameters::default();
        parameters.set(Parameter::PoolUsers, 7.0).unwrap();
        parameters.set(Parameter::PoolUsers, 0.5).unwrap_err();
        assert_eq!(parameters.count(Parameter::PoolUsers), 7);
    }
}
