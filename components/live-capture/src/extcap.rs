//! Wireshark's interface for programs that capture (`extcap`): each running demonstration is an interface.
//!
//! Wireshark starts every program in its extcap folders with the arguments of [`ExtcapArgs`], and reads what it prints,
//! line by line: a word, and pairs of key and value in braces. [`install`](crate::install()) puts us there. `tshark` and
//! `dumpcap` do likewise.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use crate::client::stream;
use crate::request::{Named, Want};
use crate::{AskError, Component, Demonstration, InstallError, install, uninstall};

/// The arguments that Wireshark passes, and those that a user does.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ExtcapArgs {
    /// Put Poolscope into Wireshark's list of interfaces
    #[arg(long, conflicts_with = "uninstall")]
    pub install: bool,
    /// Take Poolscope off Wireshark's list of interfaces
    #[arg(long)]
    pub uninstall: bool,
    /// List the running demonstrations
    #[arg(long)]
    pub extcap_interfaces: bool,
    /// The version of Wireshark
    #[arg(long, num_args = 0..=1, default_missing_value = "", hide = true)]
    pub extcap_version: Option<String>,
    /// The demonstration that is meant: `poolscope-` and the number of its process
    #[arg(long, value_name = "INTERFACE")]
    pub extcap_interface: Option<String>,
    /// Tell the link type of an interface
    #[arg(long)]
    pub extcap_dlts: bool,
    /// Tell what can be chosen for an interface
    #[arg(long)]
    pub extcap_config: bool,
    /// Tell the choices for an argument again
    #[arg(long, value_name = "ARGUMENT", allow_hyphen_values = true)]
    pub extcap_reload_option: Option<String>,
    /// A capture filter, of which there are none
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub extcap_capture_filter: Option<String>,
    /// Capture packets
    #[arg(long, requires = "fifo", requires = "extcap_interface")]
    pub capture: bool,
    /// Where to write captured packets
    #[arg(long, value_name = "PATH")]
    pub fifo: Option<PathBuf>,
    /// The components whose packets are captured, by number or name, with commas between them; all if there are none
    #[arg(long, value_name = "COMPONENTS")]
    pub components: Option<String>,
    /// Two components: the packets between them are captured, as seen at the first
    #[arg(long, value_name = "A,B")]
    pub link: Option<String>,
    /// Capture packets at both ends: switch off Wireshark's analysis of TSNs then
    #[arg(long)]
    pub copies: bool,
}

/// Why Wireshark gets no packets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExtcapError {
    /// The arguments are wrong.
    #[error("{0}")]
    Arguments(String),
    /// The demonstration gives no packets.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// Poolscope cannot be put into Wireshark's list.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// What Wireshark reads cannot be written.
    #[error("{path} cannot be written: {why}")]
    Write {
        /// The pipe.
        path: String,
        /// Why.
        why: io::Error,
    },
}

/// What the names of interfaces begin with.
const PREFIX: &str = "poolscope-";
/// Where there is more to read.
const HELP: &str = "https://www.wireshark.org/docs/man-pages/extcap.html";
/// The number of LINKTYPE_RAW as a data link type, which Wireshark passes to libpcap.
const RAW: u32 = 12;
const COMPONENTS: &str = "--components";

/// Does what the arguments say, and prints to `out` what Wireshark, or the user, reads.
///
/// # Errors
/// Returns an error if it cannot be done. Wireshark shows what is printed to standard error then.
pub fn run(args: &ExtcapArgs, out: &mut dyn Write) -> Result<(), ExtcapError> {
    let to = |out: &mut dyn Write, text: &str| {
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        written.map_err(|why| ExtcapError::Write {
            path: "standard output".to_owned(),
            why,
        })
    };
    if args.install {
        return to(out, &format!("{}\n", install()?));
    }
    if args.uninstall {
        return to(out, &format!("{}\n", uninstall()?));
    }
    if args.extcap_interfaces {
        return to(out, &interfaces(&Demonstration::running()));
    }
    let Some(interface) = &args.extcap_interface else {
        return Err(ExtcapError::Arguments(
            "Wireshark starts this itself: `--install` puts it into its list of interfaces".to_owned(),
        ));
    };
    let pid = process(interface)?;
    if args.capture {
        return capture(pid, args);
    }
    if args.extcap_dlts {
        return to(
            out,
            &format!("dlt {{number={RAW}}}{{name=RAW}}{{display=IP packets}}\n"),
        );
    }
    if args.extcap_config {
        let components = Demonstration::of(pid)?.components;
        let only = args.extcap_reload_option.as_deref();
        return to(out, &config(&components, only));
    }
    if args
        .extcap_capture_filter
        .as_ref()
        .is_some_and(|filter| !filter.is_empty())
    {
        // Any output tells Wireshark that the filter is invalid, and is shown.
        return to(out, &format!("{NO_FILTER}\n"));
    }
    Ok(())
}

const NO_FILTER: &str = "Poolscope has no capture filters: choose components in the options of its interface, or use \
    display filters";

fn process(interface: &str) -> Result<u32, ExtcapError> {
    let pid = interface.strip_prefix(PREFIX).and_then(|pid| pid.parse().ok());
    pid.ok_or_else(|| ExtcapError::Arguments(format!("{interface:?} is no interface of Poolscope")))
}

/// Returns a text as it may be in braces.
fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '{' => '(',
            '}' => ')',
            letter if letter.is_control() => ' ',
            letter => letter,
        })
        .collect()
}

fn interfaces(running: &[Demonstration]) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!("extcap {{version={version}}}{{help={HELP}}}{{display=Poolscope}}\n");
    for Demonstration { pid, scenario, .. } in running {
        let display = plain(&format!("Poolscope: {scenario} ({pid})"));
        text += &format!("interface {{value={PREFIX}{pid}}}{{display={display}}}\n");
    }
    text
}

/// Returns what can be chosen, or only the choices for an argument.
fn config(components: &[Component], only: Option<&str>) -> String {
    let mut text = String::new();
    if only.is_none() {
        text += &format!(
            "arg {{number=0}}{{call={COMPONENTS}}}{{display=Components}}{{type=multicheck}}{{reload=true}}\
             {{placeholder=Look for components again}}{{required=false}}\
             {{tooltip=The components whose packets are captured. If none is chosen, all are, and those that come later}}\n\
             arg {{number=1}}{{call=--link}}{{display=Only between}}{{type=string}}{{required=false}}\
             {{validation=^$|^[0-9]+,[0-9]+$}}\
             {{tooltip=The numbers of two components, such as 1,2: the packets between them as seen at the first}}\n\
             arg {{number=2}}{{call=--copies}}{{display=At both ends}}{{type=boolflag}}{{default=false}}{{required=false}}\
             {{tooltip=Packets as their senders and their receivers saw them. Switch off the analysis of TSNs in the \
             preferences of SCTP then: Wireshark takes the second copies for retransmissions}}\n"
        );
    }
    if only.is_none_or(|only| only.trim_start_matches('-') == COMPONENTS.trim_start_matches('-')) {
        for Component { id, name, role } in components {
            let display = plain(&format!("{id}: {name} ({role})"));
            text += &format!(
                "value {{arg=0}}{{value={id}}}{{display={display}}}{{default=false}}{{enabled=true}}\n"
            );
        }
    }
    text
}

/// Writes the packets of a demonstration into the pipe, until nobody reads it, or the demonstration ends.
fn capture(pid: u32, args: &ExtcapArgs) -> Result<(), ExtcapError> {
    if args
        .extcap_capture_filter
        .as_ref()
        .is_some_and(|filter| !filter.is_empty())
    {
        // Who asks for fewer packets must not get all of them.
        return Err(ExtcapError::Arguments(NO_FILTER.to_owned()));
    }
    let named = |text: &Option<String>| -> Vec<Named> {
        let parts = text.iter().flat_map(|text| text.split(','));
        parts
            .filter(|part| !part.trim().is_empty())
            .map(Named::parse)
            .collect()
    };
    let link = named(&args.link);
    let link = match <[Named; 2]>::try_from(link) {
        Ok(link) => Some(link),
        Err(none) if none.is_empty() => None,
        Err(_) => {
            let what = "a link is between two components, such as 1,2".to_owned();
            return Err(ExtcapError::Arguments(what));
        }
    };
    let Some(path) = &args.fifo else {
        return Err(ExtcapError::Arguments(
            "where to write packets is missing: --fifo".to_owned(),
        ));
    };
    let want = Want::Stream {
        components: named(&args.components),
        link,
        copies: args.copies,
    };
    let packets = stream(pid, want)?;
    let failed = |why| ExtcapError::Write {
        path: path.display().to_string(),
        why,
    };
    let fifo = open(path).map_err(failed)?;
    pump(&packets, &fifo).map_err(failed)
}

fn open(path: &Path) -> io::Result<File> {
    File::options().write(true).create(true).truncate(true).open(path)
}

/// Copies until either side is gone, which is no error.
fn pump(mut packets: &UnixStream, mut fifo: &File) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let mut files = [
            PollFd::new(packets, PollFlags::IN),
            PollFd::new(fifo, PollFlags::empty()),
        ];
        match poll(&mut files, None) {
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        if files[1].revents().contains(PollFlags::ERR) {
            return Ok(());
        }
        let read = match packets.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => buffer.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            // The demonstration was killed.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(()),
            Err(error) => return Err(error),
        };
        match fifo.write_all(read) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        args: ExtcapArgs,
    }

    fn parse(arguments: &[&str]) -> Result<ExtcapArgs, clap::Error> {
        let arguments = std::iter::once("poolscope").chain(arguments.iter().copied());
        Program::try_parse_from(arguments).map(|program| program.args)
    }

    fn printed(arguments: &[&str]) -> Result<String, ExtcapError> {
        let mut out = Vec::new();
        run(&parse(arguments).unwrap(), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn what_wireshark_passes_is_understood() {
        for arguments in [
            &["--extcap-interfaces", "--extcap-version=4.0"][..],
            &["--extcap-interfaces", "--extcap-version"],
            &["--extcap-interface", "poolscope-1", "--extcap-dlts"],
            &[
                "--extcap-config",
                "--extcap-interface",
                "poolscope-1",
                "--extcap-reload-option",
                "--components",
            ],
            &["--extcap-interface", "poolscope-1", "--extcap-capture-filter", ""],
            &[
                "--capture",
                "--extcap-interface",
                "poolscope-1",
                "--fifo",
                "/f",
                "--components",
                "1,2",
            ],
        ] {
            parse(arguments).unwrap();
        }
        for wrong in [
            &["--capture"][..],
            &["--capture", "--fifo", "/f"],
            &["--install", "--uninstall"],
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn texts_cannot_leave_their_braces() {
        let running = Demonstration {
            pid: 7,
            program: "Poolscope".to_owned(),
            scenario: "{value=evil}\ninterface {value=other}".to_owned(),
            started_s: 0,
            components: Vec::new(),
        };
        assert_eq!(
            interfaces(&[running]).lines().collect::<Vec<_>>()[1..],
            ["interface {value=poolscope-7}{display=Poolscope: (value=evil) interface (value=other) (7)}"]
        );
    }

    #[test]
    fn components_can_be_chosen_and_looked_for_again() {
        let components = [Component {
            id: 3,
            name: "PE 1".to_owned(),
            role: "pool element".to_owned(),
        }];
        let all = config(&components, None);
        let value = "value {arg=0}{value=3}{display=3: PE 1 (pool element)}{default=false}{enabled=true}\n";
        assert!(
            all.starts_with("arg {number=0}{call=--components}") && all.ends_with(value),
            "{all}"
        );
        assert_eq!(config(&components, Some("--components")), value);
        assert_eq!(config(&components, Some("link")), "");
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        assert!(matches!(printed(&[]), Err(ExtcapError::Arguments(_))));
        for wrong in ["eth0", "poolscope-", "poolscope-x", "poolscope--1"] {
            assert!(
                printed(&["--extcap-interface", wrong, "--extcap-dlts"]).is_err(),
                "{wrong}"
            );
        }
        let interface = ["--extcap-interface", "poolscope-2147483647"];
        assert!(matches!(
            printed(&[&interface[..], &["--extcap-config"]].concat()),
            Err(ExtcapError::Ask(AskError::Gone(2_147_483_647)))
        ));
        let filter = printed(&[&interface[..], &["--extcap-capture-filter", "sctp"]].concat());
        assert!(filter.unwrap().contains("display filter"));
        let none = printed(&[&interface[..], &["--extcap-capture-filter", ""]].concat());
        assert_eq!(none.unwrap(), "");
        let capture = ["--capture", "--fifo", "/nowhere", "--link", "1,2,3"];
        let told = printed(&[&interface[..], &capture].concat())
            .unwrap_err()
            .to_string();
        assert!(told.contains("two components"), "{told}");
    }
}
