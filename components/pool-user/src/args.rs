//! The pool user's command line.

mod calc_app;
mod picture;

use std::time::Duration;

use clap::ValueEnum;
use fractal::client_session::Settings;
use runtime::{Argv, HuntArgs, Preset, SharedArgs, TimerArgs, parse_milliseconds};
use wire::{PoolHandle, fractal_generator, ping_pong};

pub use calc_app::{CalcAppArgs, FirstRequestChoice};
pub use picture::{AlgorithmChoice, PictureArgs, Size};

use crate::{ByteService, TerminalArgs, UnitArgs};

/// Asks a pool for work and shows the result
#[derive(Debug, Clone, PartialEq, clap::Args)]
pub struct Args {
    /// What all components share.
    #[command(flatten)]
    pub shared: SharedArgs,

    /// Options for the server hunt.
    #[command(flatten)]
    pub hunt: HuntArgs,

    /// What to ask the pool for
    #[arg(long, value_enum, default_value_t)]
    pub service: ClientKind,

    /// Pool handle [default: that of the service]
    #[arg(long, value_name = "HANDLE", value_parser = parse_pool_handle)]
    pub pool_handle: Option<PoolHandle>,

    /// Milliseconds without anything from the pool element before failing over to another one
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub receive_timeout: Option<Duration>,

    /// Milliseconds between two Pings
    #[arg(long, value_name = "MS", default_value = "500", value_parser = parse_milliseconds)]
    pub ping_interval: Duration,

    /// Options for the terminal.
    #[command(flatten)]
    pub terminal: TerminalArgs,

    /// Options for requests of the CalcApp service.
    #[command(flatten)]
    pub calc_app: CalcAppArgs,

    /// Options for the scripting service.
    #[command(flatten)]
    pub units: UnitArgs,

    /// Options for the picture.
    #[command(flatten)]
    pub picture: PictureArgs,

    /// Options for timers.
    #[command(flatten)]
    pub timers: TimerArgs,
}

/// The service to ask a pool for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ClientKind {
    /// Pictures of fractals
    #[default]
    Fractal,
    /// The processing of requests, which causes load and has no result
    Calcapp,
    /// Pongs
    PingPong,
    /// Lines to echo, discard, daytime or chargen, and what they answer; ends with its input. Lines whose answer a
    /// failover has lost are sent again
    Terminal,
    /// Units of work: packages are uploaded, run by a pool element, and their results downloaded. A unit whose pool
    /// element is lost starts over elsewhere
    Scripting,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            shared: SharedArgs::default(),
            hunt: HuntArgs::default(),
            service: ClientKind::default(),
            pool_handle: None,
            receive_timeout: None,
            ping_interval: Duration::from_millis(500),
            terminal: TerminalArgs::default(),
            calc_app: CalcAppArgs::default(),
            units: UnitArgs::default(),
            picture: PictureArgs::default(),
            timers: TimerArgs::default(),
        }
    }
}

impl Args {
    /// Returns the arguments that start the same pool user from a shell, without the program's name and subcommand.
    #[must_use]
    pub fn to_argv(&self) -> Vec<String> {
        let default = Self::default();
        let mut argv = Argv::default();
        self.shared.add_to(&mut argv);
        self.hunt.add_to(&mut argv);
        argv.changed_value("service", self.service, default.service);
        argv.maybe("pool-handle", self.pool_handle.as_ref());
        argv.maybe(
            "receive-timeout",
            self.receive_timeout.map(|time| time.as_millis()).as_ref(),
        );
        argv.changed(
            "ping-interval",
            &self.ping_interval.as_millis(),
            &default.ping_interval.as_millis(),
        );
        self.terminal.add_to(&mut argv);
        self.calc_app.add_to(&mut argv);
        self.units.add_to(&mut argv);
        self.picture.add_to(&mut argv);
        self.timers.add_to(&mut argv);
        argv.into_words()
    }

    /// Returns the pool handle.
    ///
    /// # Errors
    /// Never fails: the default pool handles are valid.
    pub fn pool(&self) -> anyhow::Result<PoolHandle> {
        let usual = match self.service {
            ClientKind::Fractal => fractal_generator::POOL_HANDLE,
            ClientKind::Calcapp => wire::calc_app::POOL_HANDLE,
            ClientKind::PingPong => ping_pong::POOL_HANDLE,
            ClientKind::Terminal => self.byte_service().pool_handle(),
            ClientKind::Scripting => wire::scripting::POOL_HANDLE,
        };
        match &self.pool_handle {
            Some(handle) => Ok(handle.clone()),
            None => Ok(PoolHandle::new(usual.as_bytes())?),
        }
    }

    /// Returns the service that the terminal's lines are for.
    pub(crate) fn byte_service(&self) -> ByteService {
        let of_pool = |handle: &PoolHandle| {
            let mut services = ByteService::value_variants().iter();
            services.find(|service| service.pool_handle().as_bytes() == handle.as_bytes())
        };
        let named = self.terminal.byte_service;
        named
            .or_else(|| self.pool_handle.as_ref().and_then(of_pool).copied())
            .unwrap_or(ByteService::Echo)
    }

    /// Returns the interval of the terminal's numbered lines, unless it reads standard input.
    pub(crate) fn lines_every(&self) -> Option<Duration> {
        const SUPERVISED: Duration = Duration::from_secs(1);
        let given = self.terminal.lines_every;
        given.or_else(|| self.shared.feed.then_some(SUPERVISED))
    }

    /// Returns how long a pool element may be silent while it owes something.
    pub(crate) fn receive_timeout(&self) -> Duration {
        self.fractal_settings().receive_timeout
    }

    /// Returns the settings of the fractal client's sessions.
    pub(crate) fn fractal_settings(&self) -> Settings {
        let preset = match self.shared.preset() {
            Preset::Rfc => Settings::default(),
            Preset::Demo => Settings::demo(),
        };
        Settings {
            receive_timeout: self.receive_timeout.unwrap_or(preset.receive_timeout),
            ..preset
        }
    }
}

fn parse_pool_handle(text: &str) -> Result<PoolHandle, String> {
    PoolHandle::new(text.as_bytes()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use fractal::views::View;
    use wire::fractal_generator::Complex;

    use super::*;

    #[derive(Debug, Parser)]
    struct Whole {
        #[command(flatten)]
        args: Args,
    }

    fn check(args: &Args) {
        let words = std::iter::once("pool-user".to_owned()).chain(args.to_argv());
        assert_eq!(Whole::try_parse_from(words).unwrap().args, *args);
    }

    #[test]
    fn arguments_survive_printing_and_reading() {
        check(&Args::default());
        check(&Args {
            service: ClientKind::PingPong,
            pool_handle: Some(PoolHandle::new(b"-x").unwrap()),
            receive_timeout: Some(Duration::from_millis(800)),
            ping_interval: Duration::from_millis(10),
            terminal: TerminalArgs {
                byte_service: Some(ByteService::Chargen),
                lines_every: Some(Duration::from_millis(20)),
                linger: Duration::from_millis(30),
                raw: true,
            },
            calc_app: CalcAppArgs {
                request_size: "uniform:1:5e6".parse().unwrap(),
                request_interval: "2.5".parse().unwrap(),
                first_request: FirstRequestChoice::AfterInterval,
                requests: 3,
                max_queue: 0,
                accept_timeout: Some(Duration::from_millis(1)),
                reject_delay: Some(Duration::from_millis(2)),
                job_keep_alive_interval: Some(Duration::from_millis(3)),
                job_keep_alive_timeout: Some(Duration::from_millis(4)),
            },
            units: UnitArgs {
                package: vec!["a b".into(), "c".into()],
                environment: Some("d".into()),
                output: Some("e".into()),
                parallel: 7,
                unit_trials: 8,
                unit_retry_delay: Some(Duration::from_millis(1)),
                unit_answer_timeout: Some(Duration::from_millis(2)),
                unit_keep_alive_interval: Some(Duration::from_millis(3)),
                unit_keep_alive_timeout: Some(Duration::from_millis(4)),
                max_result: 5,
                ..UnitArgs::default()
            },
            picture: PictureArgs {
                size: Size {
                    width: 640,
                    height: 3,
                },
                view: View::named("spiral").unwrap(),
                file: None,
                c1: Some(Complex { re: -1.5, im: 0.1 }),
                c2: Some(Complex { re: 1e-9, im: -2.0 }),
                max_iterations: Some(77),
                algorithm: Some(AlgorithmChoice::MandelbrotN),
                n: Some(-3.25),
                sessions: 9,
                images: 2,
                pause: Duration::ZERO,
                begin_within: Some(Duration::from_millis(2_000)),
                png: Some("/tmp/pictures".into()),
                verify: true,
            },
            ..Args::default()
        });
    }

    #[test]
    fn a_terminal_speaks_to_the_service_of_its_pool() {
        for (words, handle, service) in [
            ("", "EchoPool", ByteService::Echo),
            ("--byte-service=daytime", "DaytimePool", ByteService::Daytime),
            ("--pool-handle=CharGenPool", "CharGenPool", ByteService::Chargen),
            ("--pool-handle=Mine", "Mine", ByteService::Echo),
            (
                "--pool-handle=Mine --byte-service=discard",
                "Mine",
                ByteService::Discard,
            ),
        ] {
            let words = format!("pool-user --service=terminal {words}");
            let args = Whole::try_parse_from(words.split_whitespace()).unwrap().args;
            assert_eq!(args.byte_service(), service, "{words}");
            assert_eq!(args.pool().unwrap().as_bytes(), handle.as_bytes(), "{words}");
        }
    }

    #[test]
    fn a_picture_is_that_of_a_view_or_of_a_file() {
        check(&Args {
            picture: PictureArgs {
                file: Some("pictures of mine/1.fsf".into()),
                ..PictureArgs::default()
            },
            ..Args::default()
        });
        let words = ["pool-user", "--view=spiral", "--file=x.fsf"];
        let error = Whole::try_parse_from(words).unwrap_err().to_string();
        assert!(error.contains("--view") && error.contains("--file"), "{error}");
    }

    #[test]
    fn a_negative_number_is_no_option() {
        let words = "pool-user --c1 -0.5,-0.1 --c2 -.25,1e-1 --n -3 --verify";
        let args = Whole::try_parse_from(words.split(' ')).unwrap().args.picture;
        assert_eq!(args.c1, Some(Complex { re: -0.5, im: -0.1 }));
        assert_eq!(args.c2, Some(Complex { re: -0.25, im: 0.1 }));
        assert_eq!(args.n, Some(-3.0));
        assert!(args.verify);
        let error = Whole::try_parse_from(["pool-user", "--c1", "--verify"])
            .unwrap_err()
            .to_string();
        assert!(error.contains("--c1") && error.contains("RE,IM"), "{error}");
    }

    #[test]
    fn bad_values_are_refused_with_what_is_allowed() {
        for (word, hint) in [
            ("--size=0x10", "1 to 8192"),
            ("--size=big", "512x512"),
            ("--view=nowhere", "overview"),
            ("--c1=1,2", "--c2"),
            ("--n=nan", "expected a number"),
            ("--request-size=gauss:1:2", "exponential:MEAN"),
            ("--request-interval=uniform:2:1", "above the maximum"),
            ("--max-queue=-1", "0..=1000000"),
        ] {
            let error = Whole::try_parse_from(["pool-user", word])
                .unwrap_err()
                .to_string();
            assert!(error.contains(hint), "{error}");
        }
    }
}
