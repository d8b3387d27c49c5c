//! The pool element's command line.

mod calc_app;
mod scripting;

use std::time::Duration;

use clap::ValueEnum;
use fractal::server_session::Settings;
use runtime::{Argv, HuntArgs, Preset, SharedArgs, TimerArgs, parse_milliseconds};
use wire::parameter::Policy;
use wire::{PoolHandle, fractal_generator, ping_pong};

pub use calc_app::CalcAppArgs;
pub use scripting::ScriptingArgs;

pub(crate) use scripting::UnitProgram;

/// Offers a service in a pool
#[derive(Debug, Clone, PartialEq, clap::Args)]
pub struct Args {
    /// What all components share.
    #[command(flatten)]
    pub shared: SharedArgs,

    /// Options for the server hunt.
    #[command(flatten)]
    pub hunt: HuntArgs,

    /// Service that the pool element provides
    #[arg(long, value_enum, default_value_t)]
    pub service: ServiceKind,

    /// Pool handle [default: that of the service]
    #[arg(long, value_name = "HANDLE", value_parser = parse_pool_handle)]
    pub pool_handle: Option<PoolHandle>,

    /// Pool member selection policy, such as RoundRobin or LeastUsed; the scripting service has another default, for
    /// four sessions
    #[arg(long, value_name = "POLICY", default_value = "RoundRobin", value_parser = parse_policy)]
    #[arg(default_value_if("service", "scripting", SCRIPTING_POLICY))]
    pub policy: Policy,

    /// SCTP port of the service [default: a free one]
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub service_port: u16,

    /// Maximum number of sessions; further ones are refused. CalcApp has --max-jobs instead
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub max_sessions: u16,

    /// Break each session after this many data messages, to test failovers; 0 never does
    #[arg(long, value_name = "MESSAGES", default_value_t = 0)]
    pub fail_after: u32,

    /// Options for the fractal service.
    #[command(flatten)]
    pub fractal: FractalArgs,

    /// Options for the CalcApp service.
    #[command(flatten)]
    pub calc_app: CalcAppArgs,

    /// Options for the scripting service.
    #[command(flatten)]
    pub scripting: ScriptingArgs,

    /// Options for timers.
    #[command(flatten)]
    pub timers: TimerArgs,
}

/// Options of the fractal service.
#[derive(Debug, Clone, PartialEq, Eq, Default, clap::Args)]
#[command(next_help_heading = "Fractal service")]
pub struct FractalArgs {
    /// Iterations per second and session; 0 means as fast as possible
    #[arg(long, value_name = "ITERATIONS", default_value_t = 0)]
    pub capacity: u64,

    /// Milliseconds after which pixels are sent even if the message is not full
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub data_max_time: Option<Duration>,

    /// Maximum number of milliseconds between two state cookies
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub cookie_max_time: Option<Duration>,

    /// Maximum number of data messages between two state cookies
    #[arg(long, value_name = "NUMBER")]
    pub cookie_max_packets: Option<u32>,

    /// Milliseconds without progress in sending after which the session is broken
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub transmit_timeout: Option<Duration>,

    /// Send a test pattern instead of computing
    #[arg(long)]
    pub test_mode: bool,
}

/// The service that a pool element provides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ServiceKind {
    /// Computes fractals
    #[default]
    Fractal,
    /// Computes nothing in particular, but causes load
    Calcapp,
    /// Sends back what it receives
    Echo,
    /// Answers Pings with numbered Pongs
    PingPong,
    /// Sends the time and ends the session
    Daytime,
    /// Accepts everything and answers nothing
    Discard,
    /// Sends characters without end
    Chargen,
    /// Runs a program for each work package that is uploaded; --unit-program says which one
    Scripting,
}

impl ServiceKind {
    /// Returns the service's default pool handle, which is rsplib's.
    #[must_use]
    pub const fn usual_pool_handle(self) -> &'static str {
        match self {
            Self::Fractal => fractal_generator::POOL_HANDLE,
            Self::Calcapp => wire::calc_app::POOL_HANDLE,
            Self::Echo => "EchoPool",
            Self::PingPong => ping_pong::POOL_HANDLE,
            Self::Daytime => "DaytimePool",
            Self::Discard => "DiscardPool",
            Self::Chargen => "CharGenPool",
            Self::Scripting => wire::scripting::POOL_HANDLE,
        }
    }

    /// Returns the policy of a pool element of which none is given.
    #[must_use]
    pub fn usual_policy(self) -> Policy {
        match self {
            Self::Scripting => SCRIPTING_POLICY.parse().unwrap_or(Policy::RoundRobin),
            _ => Policy::RoundRobin,
        }
    }
}

/// Each session is a unit, and counts at once, before its load has got around.
const SCRIPTING_POLICY: &str = "LeastUsedDegradation:0.25";

impl Default for Args {
    fn default() -> Self {
        Self {
            shared: SharedArgs::default(),
            hunt: HuntArgs::default(),
            service: ServiceKind::default(),
            pool_handle: None,
            policy: Policy::RoundRobin,
            service_port: 0,
            max_sessions: 4,
            fail_after: 0,
            fractal: FractalArgs::default(),
            calc_app: CalcAppArgs::default(),
            scripting: ScriptingArgs::default(),
            timers: TimerArgs::default(),
        }
    }
}

impl Args {
    /// Returns the arguments that start the same pool element from a shell, without the program's name and
    /// subcommand.
    #[must_use]
    pub fn to_argv(&self) -> Vec<String> {
        let default = Self::default();
        let mut argv = Argv::default();
        self.shared.add_to(&mut argv);
        self.hunt.add_to(&mut argv);
        argv.changed_value("service", self.service, default.service);
        argv.maybe("pool-handle", self.pool_handle.as_ref());
        if self.policy != self.service.usual_policy()
            && let Some(policy) = self.policy.argument()
        {
            argv.option("policy", policy);
        }
        argv.changed("service-port", &self.service_port, &default.service_port);
        argv.changed("max-sessions", &self.max_sessions, &default.max_sessions);
        argv.changed("fail-after", &self.fail_after, &default.fail_after);
        self.fractal.add_to(&mut argv);
        self.calc_app.add_to(&mut argv);
        self.scripting.add_to(&mut argv);
        self.timers.add_to(&mut argv);
        argv.into_words()
    }

    /// Returns the pool handle.
    ///
    /// # Errors
    /// Never fails: the default pool handles are valid.
    pub fn pool(&self) -> anyhow::Result<PoolHandle> {
        match &self.pool_handle {
            Some(handle) => Ok(handle.clone()),
            None => Ok(PoolHandle::new(self.service.usual_pool_handle().as_bytes())?),
        }
    }

    /// Returns the settings of the fractal service's sessions.
    pub(crate) fn fractal_settings(&self) -> Settings {
        let preset = match self.shared.preset() {
            Preset::Rfc => Settings::default(),
            Preset::Demo => Settings::demo(),
        };
        let fractal = &self.fractal;
        Settings {
            most_sessions: self.max_sessions.into(),
            transmit_timeout: fractal.transmit_timeout.unwrap_or(preset.transmit_timeout),
            data_max_time: fractal.data_max_time.unwrap_or(preset.data_max_time),
            cookie_max_time: fractal.cookie_max_time.unwrap_or(preset.cookie_max_time),
            cookie_max_packets: fractal.cookie_max_packets.unwrap_or(preset.cookie_max_packets),
            iterations_per_second: fractal.capacity,
            fail_after: self.fail_after,
            test_mode: fractal.test_mode,
        }
    }
}

impl FractalArgs {
    fn add_to(&self, argv: &mut Argv) {
        argv.changed("capacity", &self.capacity, &0);
        let milliseconds = |duration: Option<Duration>| duration.map(|duration| duration.as_millis());
        argv.maybe("data-max-time", milliseconds(self.data_max_time).as_ref());
        argv.maybe("cookie-max-time", milliseconds(self.cookie_max_time).as_ref());
        argv.maybe("cookie-max-packets", self.cookie_max_packets.as_ref());
        argv.maybe("transmit-timeout", milliseconds(self.transmit_timeout).as_ref());
        argv.flag("test-mode", self.test_mode);
    }
}

fn parse_pool_handle(text: &str) -> Result<PoolHandle, String> {
    // D-18.
    if text.len() > PoolHandle::LONGEST_PORTABLE {
        return Err(format!(
            "a pool handle has at most {} bytes, this one {}",
            PoolHandle::LONGEST_PORTABLE,
            text.len()
        ));
    }
    PoolHandle::new(text.as_bytes()).map_err(|error| error.to_string())
}

fn parse_policy(text: &str) -> Result<Policy, String> {
    text.parse::<Policy>().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Whole {
        #[command(flatten)]
        args: Args,
    }

    fn check(args: &Args) {
        let words = std::iter::once("pool-element".to_owned()).chain(args.to_argv());
        assert_eq!(Whole::try_parse_from(words).unwrap().args, *args);
    }

    #[test]
    fn arguments_survive_printing_and_reading() {
        check(&Args::default());
        check(&Args {
            hunt: HuntArgs {
                registrars: vec!["127.0.0.9:3863".parse().unwrap()],
            },
            service: ServiceKind::PingPong,
            pool_handle: Some(PoolHandle::new(b"My Pool").unwrap()),
            policy: Policy::LeastUsedDegradation {
                load: 0,
                load_degradation: u32::MAX / 4,
            },
            service_port: 7000,
            max_sessions: 9,
            fail_after: 17,
            fractal: FractalArgs {
                capacity: 1_000_000,
                data_max_time: Some(Duration::from_millis(1)),
                cookie_max_time: Some(Duration::from_millis(2)),
                cookie_max_packets: Some(3),
                transmit_timeout: Some(Duration::from_millis(4)),
                test_mode: true,
            },
            calc_app: CalcAppArgs {
                calculations_per_second: 2.5e6,
                max_jobs: 3,
                job_cookie_calculations: Some(1e5),
                job_cookie_interval: Some(Duration::from_millis(5)),
                job_keep_alive_interval: Some(Duration::from_millis(6)),
                job_keep_alive_timeout: Some(Duration::from_millis(7)),
                final_cookie_probability: 0.25,
            },
            ..Args::default()
        });
    }

    #[test]
    fn the_scripting_service_has_a_policy_of_its_own() {
        for (words, policy) in [
            ("--service=scripting", SCRIPTING_POLICY),
            ("--service=scripting --policy=RoundRobin", "RoundRobin"),
            ("--service=scripting --policy=Random", "Random"),
            ("--service=echo", "RoundRobin"),
        ] {
            let words = format!("pool-element {words}");
            let args = Whole::try_parse_from(words.split(' ')).unwrap().args;
            assert_eq!(args.policy, policy.parse().unwrap(), "{words}");
            check(&args);
        }
        check(&Args {
            service: ServiceKind::Scripting,
            policy: ServiceKind::Scripting.usual_policy(),
            scripting: ScriptingArgs {
                unit_program: Some("/bin/true".into()),
                demo_unit: None,
                unit_time: Duration::from_millis(5),
                unit_cpu_time: Some(Duration::from_millis(6)),
                max_package: 1,
                max_environment: 2,
                max_output: 3,
                environment_cache: 4,
                environment_cache_entries: 5,
                upload_timeout: Some(Duration::from_millis(7)),
                unit_keep_alive_interval: Some(Duration::from_millis(8)),
                unit_keep_alive_timeout: Some(Duration::from_millis(9)),
            },
            ..Args::default()
        });
    }

    #[test]
    fn a_pool_handle_that_rsplib_cannot_bear_is_refused() {
        let long = format!("--pool-handle={}", "x".repeat(33));
        let error = Whole::try_parse_from(["pool-element", &long]).unwrap_err();
        assert!(error.to_string().contains("at most 32 bytes"), "{error}");
        let error = Whole::try_parse_from(["pool-element", "--policy=Fastest"]).unwrap_err();
        assert!(error.to_string().contains("--policy"), "{error}");
    }

    #[test]
    fn impossible_numbers_are_refused_with_what_is_allowed() {
        for (option, hint) in [
            ("--calculations-per-second=-1", "0 to 1e15"),
            ("--calculations-per-second=nan", "0 to 1e15"),
            ("--max-jobs=0", "1..=10000"),
            ("--job-cookie-calculations=0", "from 1 on"),
            ("--final-cookie-probability=1.1", "0 to 1"),
        ] {
            let error = Whole::try_parse_from(["pool-element", option]).unwrap_err();
            assert!(error.to_string().contains(hint), "{error}");
        }
    }

    #[test]
    fn the_presets_differ_in_how_much_work_a_job_may_lose() {
        let of = |words: &str| {
            let args = Whole::try_parse_from(words.split(' ')).unwrap().args;
            args.calc_app.settings(args.shared.preset())
        };
        let demo = of("pool-element --preset=demo --calculations-per-second=2e6");
        assert_eq!(demo.cookie_calculations, 2e6);
        let rfc = of("pool-element --preset=rfc");
        assert_eq!(rfc, ::calc_app::server::Settings::default());
    }
}
