//! The options of the CalcApp service.

use std::time::Duration;

use calc_app::server::Settings;
use runtime::{Argv, Preset, parse_milliseconds};

/// Options of the CalcApp service.
#[derive(Debug, Clone, PartialEq, clap::Args)]
#[command(next_help_heading = "CalcApp service")]
pub struct CalcAppArgs {
    /// Calculations per second, shared equally by all jobs
    #[arg(long, value_name = "NUMBER", default_value_t = 1e6, value_parser = parse_rate)]
    pub calculations_per_second: f64,

    /// Maximum number of jobs; further ones are rejected
    #[arg(long, value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub max_jobs: u32,

    /// Calculations of a job between two state cookies, at most [default: 5 s at full speed, preset demo 1 s]
    #[arg(long, value_name = "NUMBER", value_parser = parse_calculations)]
    pub job_cookie_calculations: Option<f64>,

    /// Milliseconds between two state cookies of a job, at most [default: 5000, preset demo 1000]
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub job_cookie_interval: Option<Duration>,

    /// Milliseconds until a pool user is asked whether it is still there [default: 2500]
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub job_keep_alive_interval: Option<Duration>,

    /// Milliseconds for its answer; without one, its job is removed [default: 2500]
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub job_keep_alive_timeout: Option<Duration>,

    /// Probability that jobs get a last state cookie when the pool element stops in order
    #[arg(long, value_name = "0..1", default_value_t = 1.0, value_parser = parse_probability)]
    pub final_cookie_probability: f64,
}

impl Default for CalcAppArgs {
    fn default() -> Self {
        Self {
            calculations_per_second: 1e6,
            max_jobs: 10,
            job_cookie_calculations: None,
            job_cookie_interval: None,
            job_keep_alive_interval: None,
            job_keep_alive_timeout: None,
            final_cookie_probability: 1.0,
        }
    }
}

impl CalcAppArgs {
    /// Returns the settings of the service.
    #[must_use]
    pub fn settings(&self, preset: Preset) -> Settings {
        let usual = Settings::default();
        let between_cookies = match preset {
            Preset::Rfc => usual.cookie_interval,
            Preset::Demo => Duration::from_secs(1),
        };
        let at_full_speed = self.calculations_per_second * between_cookies.as_secs_f64();
        Settings {
            capacity: self.calculations_per_second,
            max_jobs: self.max_jobs as usize,
            cookie_calculations: self.job_cookie_calculations.unwrap_or(at_full_speed),
            cookie_interval: self.job_cookie_interval.unwrap_or(between_cookies),
            keep_alive_interval: self.job_keep_alive_interval.unwrap_or(usual.keep_alive_interval),
            keep_alive_timeout: self.job_keep_alive_timeout.unwrap_or(usual.keep_alive_timeout),
            final_cookie_probability: self.final_cookie_probability,
        }
    }

    pub(super) fn add_to(&self, argv: &mut Argv) {
        let default = Self::default();
        argv.changed(
            "calculations-per-second",
            &self.calculations_per_second,
            &default.calculations_per_second,
        );
        argv.changed("max-jobs", &self.max_jobs, &default.max_jobs);
        argv.maybe("job-cookie-calculations", self.job_cookie_calculations.as_ref());
        let milliseconds = |duration: Option<Duration>| duration.map(|duration| duration.as_millis());
        for (name, duration) in [
            ("job-cookie-interval", self.job_cookie_interval),
            ("job-keep-alive-interval", self.job_keep_alive_interval),
            ("job-keep-alive-timeout", self.job_keep_alive_timeout),
        ] {
            argv.maybe(name, milliseconds(duration).as_ref());
        }
        argv.changed(
            "final-cookie-probability",
            &self.final_cookie_probability,
            &default.final_cookie_probability,
        );
    }
}

fn parse_rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (0.0..=1e15).contains(&rate) => Ok(rate),
        _ => Err("expected a number from 0 to 1e15".into()),
    }
}

fn parse_calculations(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if number >= 1.0 => Ok(number),
        _ => Err("expected a number from 1 on".into()),
    }
}

fn parse_probability(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(probability) if (0.0..=1.0).contains(&probability) => Ok(probability),
        _ => Err("expected a number from 0 to 1".into()),
    }
}
