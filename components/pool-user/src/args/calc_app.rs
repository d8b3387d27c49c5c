//! The options of the CalcApp client.

use std::time::Duration;

use calc_app::Distribution;
use calc_app::client::{FirstRequest, Settings};
use clap::ValueEnum;
use runtime::{Argv, parse_milliseconds};

/// Options of the CalcApp client. A distribution is a number, or one of `exponential:MEAN`, `uniform:MINIMUM:MAXIMUM`,
/// `pareto:MINIMUM:SHAPE`, `erlang:STAGES:MEAN` and `lognormal:MEAN:DEVIATION`.
#[derive(Debug, Clone, PartialEq, clap::Args)]
#[command(next_help_heading = "CalcApp")]
pub struct CalcAppArgs {
    /// Calculations of a request: a number, or a distribution such as exponential:5e6, uniform:1e6:9e6,
    /// pareto:1e6:1.5, erlang:4:5e6 or lognormal:5e6:1e6
    #[arg(long, value_name = "DISTRIBUTION", default_value_t = Settings::default().request_size)]
    pub request_size: Distribution,

    /// Seconds between two requests coming up: a number or a distribution. A request that comes up while another one is
    /// in service waits for its turn
    #[arg(long, value_name = "DISTRIBUTION", default_value_t = Settings::default().request_interval)]
    pub request_interval: Distribution,

    /// When the first request comes up
    #[arg(long, value_enum, default_value_t)]
    pub first_request: FirstRequestChoice,

    /// Number of requests after whose completion the pool user ends; 0 continues until stopped
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub requests: u64,

    /// Maximum number of requests that wait; further ones are dropped
    #[arg(long, value_name = "NUMBER", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub max_queue: u32,

    /// Milliseconds for a pool element to accept or reject a request [default: 5000]
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub accept_timeout: Option<Duration>,

    /// Milliseconds from a rejection to the next attempt, unless that can continue from a state cookie [default: 1000]
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub reject_delay: Option<Duration>,

    /// Milliseconds until a pool element is asked whether it is still there [default: 5000]
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub job_keep_alive_interval: Option<Duration>,

    /// Milliseconds for its answer; without one, the request fails over [default: 5000]
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub job_keep_alive_timeout: Option<Duration>,
}

/// When the first request comes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum FirstRequestChoice {
    /// Immediately
    #[default]
    Immediately,
    /// After an interval, so that pool users started together do not all begin together
    AfterInterval,
}

impl Default for CalcAppArgs {
    fn default() -> Self {
        let Settings {
            request_size,
            request_interval,
            ..
        } = Settings::default();
        Self {
            request_size,
            request_interval,
            first_request: FirstRequestChoice::default(),
            requests: 0,
            max_queue: 1000,
            accept_timeout: None,
            reject_delay: None,
            job_keep_alive_interval: None,
            job_keep_alive_timeout: None,
        }
    }
}

impl CalcAppArgs {
    /// Returns the settings of the client.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let usual = Settings::default();
        Settings {
            request_size: self.request_size,
            request_interval: self.request_interval,
            first_request: match self.first_request {
                FirstRequestChoice::Immediately => FirstRequest::Immediately,
                FirstRequestChoice::AfterInterval => FirstRequest::AfterInterval,
            },
            requests: (self.requests > 0).then_some(self.requests),
            max_queue: self.max_queue as usize,
            accept_timeout: self.accept_timeout.unwrap_or(usual.accept_timeout),
            reject_delay: self.reject_delay.unwrap_or(usual.reject_delay),
            keep_alive_interval: self.job_keep_alive_interval.unwrap_or(usual.keep_alive_interval),
            keep_alive_timeout: self.job_keep_alive_timeout.unwrap_or(usual.keep_alive_timeout),
        }
    }

    pub(super) fn add_to(&self, argv: &mut Argv) {
        let default = Self::default();
        argv.changed("request-size", &self.request_size, &default.request_size);
        argv.changed(
            "request-interval",
            &self.request_interval,
            &default.request_interval,
        );
        argv.changed_value("first-request", self.first_request, default.first_request);
        argv.changed("requests", &self.requests, &default.requests);
        argv.changed("max-queue", &self.max_queue, &default.max_queue);
        for (name, duration) in [
            ("accept-timeout", self.accept_timeout),
            ("reject-delay", self.reject_delay),
            ("job-keep-alive-interval", self.job_keep_alive_interval),
            ("job-keep-alive-timeout", self.job_keep_alive_timeout),
        ] {
            argv.maybe(name, duration.map(|duration| duration.as_millis()).as_ref());
        }
    }
}
