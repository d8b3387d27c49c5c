//! The command line options that all components share.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use rand::RngExt;
use rand::distr::uniform::SampleUniform;
use serde::{Deserialize, Serialize};

use wire::{asap, csp, enrp};

use crate::{Argv, Host, HostPort, report_plan};

/// The UDP port that carries SCTP by default (RFC 6951 section 5.1).
pub const SCTP_UDP_PORT: u16 = 9899;

/// Options of every component.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub struct SharedArgs {
    /// Identifier of this component, hexadecimal with 0x or decimal [default: random]
    #[arg(long, value_name = "NUMBER", value_parser = parse_identifier)]
    pub identifier: Option<u64>,

    /// Own IP address, or a name that stands for it, repeatable [default: a free loopback address]
    #[arg(long, value_name = "ADDRESS")]
    pub address: Vec<Host>,

    /// UDP port that carries SCTP (RFC 6951), the same for all components [default: 9899]
    #[arg(long, value_name = "PORT")]
    pub udp_port: Option<u16>,

    /// SCTP implementation
    #[arg(long, value_enum, default_value_t)]
    pub transport: TransportChoice,

    /// Multicast group of registrar announcements, or off [default: 239.0.0.50:3863]
    #[arg(long, value_name = "GROUP:PORT|off")]
    pub asap_announce: Option<AnnounceGroup>,

    /// Preset of all timers that no option sets [default: demo]
    #[arg(long, value_enum)]
    pub preset: Option<Preset>,

    /// Destination of status reports (CSP) [default: CSP_SERVER in the environment, or else none; port 2960]
    #[arg(long, value_name = "HOST[:PORT]", value_parser = parse_csp_server)]
    pub csp_server: Option<HostPort>,

    /// Milliseconds between status reports, at least 250 [default: CSP_INTERVAL in the environment, or else 1000]
    #[arg(long, value_name = "MS", value_parser = parse_csp_interval)]
    pub csp_interval: Option<Duration>,

    /// Write the feed to standard output and take commands from standard input; end of input means stop
    #[arg(long)]
    pub feed: bool,

    /// Pipe to which a copy of each packet is written; control centres give it
    #[arg(long, value_name = "PIPE", hide = true)]
    pub packets: Option<PathBuf>,

    /// How much to log to standard error
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t)]
    pub log: LogLevel,

    /// Seed of all random choices, to repeat a run [default: random]
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
}

/// Options of components that hunt for a registrar.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub struct HuntArgs {
    /// Registrar to use in addition to announced ones, repeatable [default port: 3863]
    #[arg(long = "registrar", value_name = "HOST[:PORT]")]
    pub registrars: Vec<RegistrarAddress>,
}

impl SharedArgs {
    /// Returns the component's identifier, or a random one if none is given. It does not derive from the seed, since
    /// two components with the same seed are still two components.
    ///
    /// # Errors
    /// Returns an error if the given identifier is too large for the role.
    pub fn identifier_up_to<N>(&self, largest: N) -> anyhow::Result<N>
    where
        N: SampleUniform + PartialOrd + TryFrom<u64> + From<u8> + fmt::LowerHex + Copy,
    {
        let Some(number) = self.identifier else {
            return Ok(rand::rng().random_range(N::from(1)..=largest));
        };
        let identifier = N::try_from(number)
            .ok()
            .filter(|identifier| *identifier <= largest);
        identifier.with_context(|| {
            format!("--identifier: {number:#x} is too large, the largest one is {largest:#x}")
        })
    }

    /// Returns the preset of all timers that no option sets.
    #[must_use]
    pub fn preset(&self) -> Preset {
        self.preset.unwrap_or_default()
    }

    /// Returns the UDP port that carries SCTP.
    #[must_use]
    pub fn udp_port(&self) -> u16 {
        self.udp_port.unwrap_or(SCTP_UDP_PORT)
    }

    /// Returns the multicast group of registrar announcements.
    #[must_use]
    pub fn asap_announce(&self) -> AnnounceGroup {
        self.asap_announce.unwrap_or(AnnounceGroup::ASAP)
    }

    /// Adds these options to a command line.
    pub fn add_to(&self, argv: &mut Argv) {
        let default = Self::default();
        if let Some(identifier) = self.identifier {
            argv.option("identifier", format_args!("{identifier:#x}"));
        }
        argv.options("address", &self.address);
        argv.maybe("udp-port", self.udp_port.as_ref());
        argv.changed_value("transport", self.transport, default.transport);
        argv.maybe("asap-announce", self.asap_announce.as_ref());
        argv.maybe_value("preset", self.preset);
        argv.maybe("csp-server", self.csp_server.as_ref());
        argv.maybe(
            "csp-interval",
            self.csp_interval.map(|interval| interval.as_millis()).as_ref(),
        );
        argv.flag("feed", self.feed);
        argv.maybe("packets", self.packets.as_deref().map(Path::display).as_ref());
        argv.changed_value("log", self.log, default.log);
        argv.maybe("seed", self.seed.as_ref());
    }
}

impl HuntArgs {
    /// Returns the registrars in the form that the cores use.
    ///
    /// # Errors
    /// Returns an error if a name cannot be resolved.
    pub fn peers(&self) -> anyhow::Result<Vec<protocol::Peer>> {
        let hosts = self.registrars.iter().map(|RegistrarAddress(host)| host);
        crate::peers(hosts, "--registrar")
    }

    /// Adds these options to a command line.
    pub fn add_to(&self, argv: &mut Argv) {
        argv.options("registrar", &self.registrars);
    }
}

/// The SCTP implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TransportChoice {
    /// The kernel's SCTP if available; user space if started by a control centre, which needs it to impair links
    #[default]
    Auto,
    /// The kernel's SCTP
    Kernel,
    /// The kernel's SCTP over UDP (RFC 6951), after sysctl -w net.sctp.udp_port=9899; --udp-port is the peers' port
    KernelUdp,
    /// SCTP over UDP in this process
    User,
}

/// Named sets of timers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The RFCs' values
    Rfc,
    /// Short timers for demonstrations
    #[default]
    Demo,
}

impl Preset {
    /// Returns the name used on command lines and in scenario files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rfc => "rfc",
            Self::Demo => "demo",
        }
    }
}

/// The log level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogLevel {
    /// Nothing
    Off,
    /// Fatal errors
    Error,
    /// Warnings as well
    Warn,
    /// What happens, as well
    #[default]
    Info,
    /// Messages as well
    Debug,
    /// Everything
    Trace,
}

/// The destination of registrar announcements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnnounceGroup {
    /// No announcements: registrars are configured explicitly.
    Off,
    /// This multicast group and UDP port.
    Group(SocketAddr),
}

impl AnnounceGroup {
    /// For ASAP_SERVER_ANNOUNCE: rsplib's group (D-08), and the ASAP port of RFC 5352 section 6.
    pub const ASAP: Self = Self::group_of_rsplib(50, asap::PORT);
    /// For ENRP_PRESENCE: rsplib's group (D-08, D-09), and the ENRP port of RFC 5353 section 6.
    pub const ENRP: Self = Self::group_of_rsplib(51, enrp::PORT);

    const fn group_of_rsplib(last: u8, port: u16) -> Self {
        Self::Group(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(239, 0, 0, last)), port))
    }

    /// Returns the group, unless announcements are off.
    #[must_use]
    pub const fn group(&self) -> Option<SocketAddr> {
        match self {
            Self::Off => None,
            Self::Group(group) => Some(*group),
        }
    }
}

impl fmt::Display for AnnounceGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Group(group) => group.fmt(f),
        }
    }
}

impl FromStr for AnnounceGroup {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let group: SocketAddr = text
            .parse()
            .map_err(|_| format!("expected GROUP:PORT such as {}, or off", Self::ASAP))?;
        if !group.ip().is_multicast() || group.port() == 0 {
            return Err("the group must be a multicast address, the port not 0".into());
        }
        Ok(Self::Group(group))
    }
}

/// The transport address of a registrar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrarAddress(pub HostPort);

impl fmt::Display for RegistrarAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RegistrarAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        HostPort::parse(text, asap::PORT).map(Self)
    }
}

fn parse_csp_server(text: &str) -> Result<HostPort, String> {
    HostPort::parse(text, csp::MONITOR_PORT)
}

fn parse_csp_interval(text: &str) -> Result<Duration, String> {
    let interval = parse_milliseconds(text)?;
    if interval < report_plan::SHORTEST {
        return Err("the shortest interval is 250 ms".into());
    }
    Ok(interval)
}

/// Parses a number of milliseconds, for options that are durations.
///
/// # Errors
/// Returns an error if the text is not a number, or exceeds a day.
pub fn parse_milliseconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(number @ 0..=86_400_000) => Ok(Duration::from_millis(number)),
        Ok(_) => Err("more than a day".into()),
        Err(_) => Err("expected a whole number of milliseconds".into()),
    }
}

/// Parses a component identifier, hexadecimal with `0x` or decimal; 0 is not a valid identifier.
///
/// # Errors
/// Returns an error if the text is neither, or if it is 0.
pub fn parse_identifier(text: &str) -> Result<u64, wire::InvalidIdentifier> {
    wire::parse_identifier(text, u64::MAX)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[derive(Debug, Parser)]
    struct Whole {
        #[command(flatten)]
        shared: SharedArgs,
        #[command(flatten)]
        hunt: HuntArgs,
    }

    fn parse(words: &[&str]) -> Result<Whole, clap::Error> {
        Whole::try_parse_from(std::iter::once(&"test").chain(words))
    }

    #[test]
    fn no_words_give_the_default() {
        let whole = parse(&[]).unwrap();
        assert_eq!(whole.shared, SharedArgs::default());
        assert_eq!(whole.hunt, HuntArgs::default());
        let mut argv = Argv::default();
        whole.shared.add_to(&mut argv);
        assert!(argv.into_words().is_empty());
    }

    #[test]
    fn every_option_survives_printing_and_reading() {
        let shared = SharedArgs {
            identifier: Some(0x1a00_0001),
            address: ["127.0.0.7", "::1", "localhost"]
                .map(|host| host.parse().unwrap())
                .into(),
            udp_port: Some(9900),
            transport: TransportChoice::User,
            asap_announce: Some(AnnounceGroup::Off),
            preset: Some(Preset::Rfc),
            csp_server: HostPort::parse("alpha:2961", 1).ok(),
            csp_interval: Some(Duration::from_millis(333)),
            feed: true,
            packets: Some("/proc/17/fd/9".into()),
            log: LogLevel::Debug,
            seed: Some(42),
        };
        let hunt = HuntArgs {
            registrars: ["127.0.0.1", "[::1]:3864", "alpha.example:3865"]
                .map(|host| host.parse().unwrap())
                .into(),
        };
        let mut argv = Argv::default();
        shared.add_to(&mut argv);
        hunt.add_to(&mut argv);
        let words = argv.into_words();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let whole = parse(&words).unwrap();
        assert_eq!(whole.shared, shared);
        assert_eq!(whole.hunt, hunt);
    }

    #[test]
    fn bad_values_are_refused_with_the_option_named() {
        for (words, option) in [
            (["--identifier=0"], "--identifier"),
            (["--identifier=0xzz"], "--identifier"),
            (["--address=10.0.0.300"], "--address"),
            (["--csp-server=alpha:beta"], "--csp-server"),
            (["--udp-port=70000"], "--udp-port"),
            (["--asap-announce=127.0.0.1:3863"], "--asap-announce"),
            (["--registrar=127.0.0.1:0"], "--registrar"),
            (["--csp-interval=10"], "--csp-interval"),
            (["--log=loud"], "--log"),
        ] {
            let error = parse(&words).unwrap_err().to_string();
            assert!(error.contains(option), "{error}");
        }
    }

    #[test]
    fn the_help_names_the_usual_ports_and_groups() {
        let help = Whole::command().render_long_help().to_string();
        for usual in [
            format!("[default: {}]", AnnounceGroup::ASAP),
            format!("[default port: {}]", asap::PORT),
            format!("port {}]", csp::MONITOR_PORT),
        ] {
            assert!(help.contains(&usual), "{usual} is not in\n{help}");
        }
    }

    #[test]
    fn ports_have_their_usual_defaults() {
        let whole = parse(&["--registrar=10.0.0.1", "--csp-server=10.0.0.2"]).unwrap();
        assert_eq!(whole.hunt.registrars[0].0.port, 3863);
        assert_eq!(whole.shared.csp_server.unwrap().port, 2960);
    }
}
