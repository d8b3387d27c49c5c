//! The registrar's command line.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use protocol::Peer;
use runtime::{AnnounceGroup, Argv, EnrpPlan, EnrpTimerArgs, HostPort, SharedArgs, TimerArgs};
use wire::{asap, enrp};

/// Maintains the handlespace: which pool elements are in which pool
#[derive(Debug, Clone, PartialEq, clap::Args)]
pub struct Args {
    /// What all components share.
    #[command(flatten)]
    pub shared: SharedArgs,

    /// SCTP port for pool elements and pool users
    #[arg(long, value_name = "PORT", default_value_t = asap::PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub asap_port: u16,

    /// SCTP port for other registrars
    #[arg(long, value_name = "PORT", default_value_t = enrp::PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub enrp_port: u16,

    /// Multicast group in which registrars find each other, or off [default: 239.0.0.51:9901]
    #[arg(long, value_name = "GROUP:PORT|off")]
    pub enrp_announce: Option<AnnounceGroup>,

    /// Registrar to download the handlespace from, in addition to those found by multicast; repeatable, asked in
    /// this order [default port: 9901]
    #[arg(long = "peer", value_name = "HOST[:PORT]")]
    pub peers: Vec<PeerAddress>,

    /// Which identifier wins when two registrars want to take over a third one; must be the same for all registrars
    #[arg(long, value_enum, default_value_t)]
    pub takeover_order: TakeoverOrder,

    /// Unreachable reports after which a pool element is removed even if it answers
    #[arg(long, value_name = "NUMBER")]
    pub max_bad_pe_reports: Option<u32>,

    /// Registrations per second that are answered at once on one association; further ones are answered later
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub registration_rate: Option<u32>,

    /// Handle resolutions per second that are answered on one association; further ones are refused
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub resolution_rate: Option<u32>,

    /// How many pool elements at the beginning of an answer count as selected: a number, or all of them, as in RFC
    /// 5356 [default: 1]
    #[arg(long, value_name = "NUMBER|all")]
    pub max_increment: Option<MaxIncrement>,

    /// Options for timers.
    #[command(flatten)]
    pub timers: TimerArgs,

    /// Options for timers among registrars.
    #[command(flatten)]
    pub enrp_timers: EnrpTimerArgs,
}

/// Which registrar wins when two want to take over a third one (D-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TakeoverOrder {
    /// The larger identifier, as in RFC 5353
    #[default]
    Larger,
    /// The smaller identifier, for scopes with registrars of rsplib
    Smaller,
}

/// How many pool elements at the beginning of an answer count as selected (D-31).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxIncrement {
    /// This many; 0 if answers are not to count.
    First(u32),
    /// All of them.
    All,
}

impl fmt::Display for MaxIncrement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First(number) => number.fmt(f),
            Self::All => f.write_str("all"),
        }
    }
}

impl FromStr for MaxIncrement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            number => number
                .parse()
                .map(Self::First)
                .map_err(|_| format!("{number:?} is neither a number of pool elements nor \"all\"")),
        }
    }
}

/// The ENRP transport address of another registrar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerAddress(pub HostPort);

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for PeerAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        HostPort::parse(text, enrp::PORT).map(Self)
    }
}

impl Default for Args {
    fn default() -> Self {
        Self {
            shared: SharedArgs::default(),
            asap_port: asap::PORT,
            enrp_port: enrp::PORT,
            enrp_announce: None,
            peers: Vec::new(),
            takeover_order: TakeoverOrder::default(),
            max_bad_pe_reports: None,
            registration_rate: None,
            resolution_rate: None,
            max_increment: None,
            timers: TimerArgs::default(),
            enrp_timers: EnrpTimerArgs::default(),
        }
    }
}

impl Args {
    /// Returns the arguments that start the same registrar from a shell, without the program's name and subcommand.
    #[must_use]
    pub fn to_argv(&self) -> Vec<String> {
        let mut argv = Argv::default();
        self.shared.add_to(&mut argv);
        argv.changed("asap-port", &self.asap_port, &asap::PORT);
        argv.changed("enrp-port", &self.enrp_port, &enrp::PORT);
        argv.maybe("enrp-announce", self.enrp_announce.as_ref());
        argv.options("peer", &self.peers);
        argv.changed_value("takeover-order", self.takeover_order, TakeoverOrder::default());
        argv.maybe("max-bad-pe-reports", self.max_bad_pe_reports.as_ref());
        argv.maybe("registration-rate", self.registration_rate.as_ref());
        argv.maybe("resolution-rate", self.resolution_rate.as_ref());
        argv.maybe("max-increment", self.max_increment.as_ref());
        self.timers.add_to(&mut argv);
        self.enrp_timers.add_to(&mut argv);
        argv.into_words()
    }

    /// Returns the multicast group in which registrars find each other.
    #[must_use]
    pub fn enrp_announce(&self) -> AnnounceGroup {
        self.enrp_announce.unwrap_or(AnnounceGroup::ENRP)
    }

    /// Returns the timers and limits of the core.
    pub(crate) fn config(&self) -> protocol::Config {
        let mut config = self.timers.config(self.shared.preset());
        self.enrp_timers.apply_to(&mut config);
        config.takeover_order = match self.takeover_order {
            TakeoverOrder::Larger => protocol::TakeoverOrder::LargerIdentifierWins,
            TakeoverOrder::Smaller => protocol::TakeoverOrder::SmallerIdentifierWins,
        };
        if let Some(reports) = self.max_bad_pe_reports {
            config.max_bad_pe_report = reports;
        }
        if let Some(rate) = self.registration_rate {
            config.registration_rate = rate;
        }
        if let Some(rate) = self.resolution_rate {
            config.handle_resolution_rate = rate;
        }
        match self.max_increment {
            Some(MaxIncrement::First(number)) => {
                config.max_increment = usize::try_from(number).unwrap_or(usize::MAX);
            }
            Some(MaxIncrement::All) => config.max_increment = usize::MAX,
            None => {}
        }
        config
    }

    /// Returns the ENRP settings.
    pub(crate) fn enrp(&self) -> EnrpPlan {
        EnrpPlan {
            port: self.enrp_port,
            announce: self.enrp_announce(),
        }
    }

    /// Returns the registrars to download the handlespace from.
    ///
    /// # Errors
    /// Returns an error if a name cannot be resolved.
    pub(crate) fn mentors(&self) -> anyhow::Result<Vec<Peer>> {
        runtime::peers(self.peers.iter().map(|PeerAddress(host)| host), "--peer")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Whole {
        #[command(flatten)]
        args: Args,
    }

    fn check(args: &Args) {
        let words = std::iter::once("registrar".to_owned()).chain(args.to_argv());
        assert_eq!(Whole::try_parse_from(words).unwrap().args, *args);
    }

    #[test]
    fn arguments_survive_printing_and_reading() {
        check(&Args::default());
        check(&Args {
            shared: SharedArgs {
                identifier: Some(0x1a00_0001),
                feed: true,
                ..SharedArgs::default()
            },
            asap_port: 3864,
            enrp_port: 9902,
            enrp_announce: Some(AnnounceGroup::Off),
            peers: vec!["10.0.0.7".parse().unwrap(), "[::1]:9903".parse().unwrap()],
            takeover_order: TakeoverOrder::Smaller,
            max_bad_pe_reports: Some(0),
            registration_rate: Some(7),
            resolution_rate: Some(8),
            max_increment: Some(MaxIncrement::All),
            timers: TimerArgs {
                keep_alive_interval: Some(Duration::from_millis(700)),
                ..TimerArgs::default()
            },
            enrp_timers: EnrpTimerArgs {
                mentor_discovery: Some(Duration::ZERO),
                ..EnrpTimerArgs::default()
            },
        });
    }

    #[test]
    fn what_registrars_must_agree_on_reaches_the_core() {
        let words = [
            "registrar",
            "--preset=rfc",
            "--peer=10.0.0.7",
            "--takeover-order=smaller",
            "--max-time-last-heard=4321",
            "--registration-rate=12",
            "--resolution-rate=13",
            "--max-increment=2",
        ];
        let args = Whole::try_parse_from(words).unwrap().args;
        let config = args.config();
        assert_eq!(
            config.takeover_order,
            protocol::TakeoverOrder::SmallerIdentifierWins
        );
        assert_eq!(config.max_time_last_heard, Duration::from_millis(4321));
        assert_eq!(
            (config.registration_rate, config.handle_resolution_rate),
            (12, 13)
        );
        assert_eq!(config.max_increment, 2);
        let all = Whole::try_parse_from(["registrar", "--max-increment=all"])
            .unwrap()
            .args;
        assert_eq!(all.config().max_increment, usize::MAX);
        assert_eq!(
            config.peer_heartbeat_cycle,
            protocol::Config::default().peer_heartbeat_cycle
        );
        assert_eq!(args.mentors().unwrap()[0].to_string(), "10.0.0.7:9901");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for word in [
            "--enrp-port=0",
            "--enrp-announce=10.0.0.1:9901",
            "--peer=10.0.0.1:0",
            "--max-increment=some",
        ] {
            let error = Whole::try_parse_from(["registrar", word]).unwrap_err();
            assert!(error.to_string().contains(&word[..6]), "{error}");
        }
    }
}
