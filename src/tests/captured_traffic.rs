//! What real processes send to each other, as a protocol analyser sees it on the wire.
//!
//! Needs `tshark`, and permission to capture on the loopback interface.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use feed::Event;
use laboratory::{Lab, Process};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const PROGRAM: &str = env!("CARGO_BIN_EXE_poolscope");
const ASAP_DEREGISTRATION_RESPONSE: &str = "4";
/// How far the analyser may lag behind.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn an_analyser_decodes_a_whole_demonstration_and_finds_every_checksum_good() {
    let file = std::env::temp_dir().join(format!("poolscope-capture-{}.pcap", std::process::id()));
    let Some(capture) = Capture::start(&file) else {
        return;
    };
    let addresses = demonstrate();
    // The last message of the graceful shutdown.
    let seen = capture.stop_after(ASAP_DEREGISTRATION_RESPONSE, addresses);

    // RFC 5354 section 4: registration, deregistration and their responses, handle resolution and its response,
    // keep-alive and its acknowledgement, state cookie and its echo.
    let asap = seen.values("asap.message_type", "");
    for kind in [1, 2, 3, 4, 5, 6, 7, 8, 11, 12] {
        assert!(
            asap.contains(&kind.to_string()),
            "no ASAP message {kind} in {asap:?}"
        );
    }
    // Presence, handle table request and response, handle update, list request and response.
    let enrp = seen.values("enrp.message_type", "");
    for kind in [1, 2, 3, 4, 5, 6] {
        assert!(
            enrp.contains(&kind.to_string()),
            "no ENRP message {kind} in {enrp:?}"
        );
    }
    let fgp = seen.values("fractalgeneratorprotocol.message_type", "");
    assert_eq!(
        fgp,
        BTreeSet::from(["1".into(), "2".into()]),
        "parameter and data"
    );

    assert_eq!(
        seen.values("sctp.checksum.status", ""),
        BTreeSet::from(["1".into()])
    );
    for wrong in [
        "_ws.malformed",
        "_ws.expert.severity == error",
        "_ws.unreassembled",
    ] {
        assert_eq!(seen.values("frame.number", wrong), BTreeSet::new(), "{wrong}");
    }
}

/// Runs two registrars, two pool elements, a picture, a kill of the serving pool element, and a graceful shutdown.
/// Returns the addresses from which there must be packets.
fn demonstrate() -> BTreeSet<String> {
    let mut addresses = BTreeSet::new();
    let lab = Lab::new(PROGRAM);
    let mut start = |kind: &str, options: &[&str]| {
        // SCTP over UDP, even if the kernel supports SCTP.
        let mut process = lab.start(kind, &[&["--transport=user"], options].concat());
        addresses.insert(process.address().to_string());
        process
    };
    let mut registrars = [start("registrar", &[]), start("registrar", &[])];
    for registrar in &mut registrars {
        registrar.wait_ready();
    }
    let mut elements: Vec<Process> = ["--identifier=1", "--identifier=2"]
        .map(|identifier| start("pool-element", &[identifier, "--capacity=20000000"]))
        .into();
    for element in &mut elements {
        element.wait_ready();
    }
    let mut user = start("pool-user", &["--images=1", "--verify", "--size=200x200"]);
    let serving = user.wait_for("pixels", |event| match event {
        Event::Pixels { pe_identifier, .. } => Some(pe_identifier.0),
        _ => None,
    });
    // Wait for its first state cookie, without which no failover could continue the picture.
    user.wait_for("a cookie", |event| match event {
        Event::Message { name, .. } if name == "ASAP_COOKIE" => Some(()),
        _ => None,
    });
    elements[serving as usize - 1].signal(Signal::SIGKILL);
    assert!(user.wait().success(), "{}", user.log());
    let mut survivor = elements.swap_remove(2 - serving as usize);
    survivor.command(&feed::Command::Stop);
    assert!(survivor.wait().success(), "{}", survivor.log());
    addresses
}

/// A running capture.
struct Capture {
    child: Child,
    file: PathBuf,
    /// The receiver and the types of the ASAP messages in each captured packet; there may be packets of other
    /// programs on this host.
    asap_messages: mpsc::Receiver<(String, String)>,
}

impl Capture {
    /// Starts a capture. Returns `None`, with a message, if capturing is not possible.
    fn start(file: &Path) -> Option<Self> {
        let left_out = |why: &str| {
            assert!(
                std::env::var_os("POOLSCOPE_REQUIRE_ALL").is_none(),
                "the traffic of real processes cannot be captured: {why}"
            );
            eprintln!("LEFT OUT: no analyser has seen the traffic of real processes: {why}");
            None
        };
        let spawned = Command::new("tshark")
            .args(["-n", "-i", "lo", "-f", "udp port 9899", "-F", "pcap", "-w"])
            .arg(file)
            .args([
                "-P",
                "-l",
                "-T",
                "fields",
                "-e",
                "ip.dst",
                "-e",
                "asap.message_type",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => return left_out(&format!("tshark: {error}")),
        };
        let mut said = String::new();
        let mut lines = BufReader::new(child.stderr.take()?);
        while !said.contains("Capture started") {
            if lines.read_line(&mut said).ok()? == 0 {
                let _ = child.wait();
                return left_out(&said);
            }
        }
        // It keeps writing messages, and must not be ended by a pipe that is not read.
        std::thread::spawn(move || lines.lines().for_each(drop));
        let (sender, asap_messages) = mpsc::channel();
        let packets = BufReader::new(child.stdout.take()?);
        std::thread::spawn(move || {
            for line in packets.lines().map_while(Result::ok) {
                let Some((receiver, kinds)) = line.split_once('\t') else {
                    continue;
                };
                for kind in kinds.split(',') {
                    let _ = sender.send((receiver.to_owned(), kind.to_owned()));
                }
            }
        });
        Some(Self {
            child,
            file: file.to_owned(),
            asap_messages,
        })
    }

    fn stop_after(mut self, last: &str, addresses: BTreeSet<String>) -> Captured {
        loop {
            let message = self.asap_messages.recv_timeout(PATIENCE);
            let (receiver, kind) = message.expect("the last packet is captured");
            if kind == last && addresses.contains(&receiver) {
                break;
            }
        }
        let pid = Pid::from_raw(self.child.id().cast_signed());
        kill(pid, Signal::SIGINT).expect("tshark is there");
        assert!(self.child.wait().expect("tshark ends").success());
        let addresses: Vec<_> = addresses.into_iter().collect();
        Captured {
            ours: format!(
                "sctp && ip.src in {{{0}}} && ip.dst in {{{0}}}",
                addresses.join(", ")
            ),
            file: self.file,
        }
    }
}

/// Captured packets between processes of the demonstration.
struct Captured {
    file: PathBuf,
    /// A filter that excludes the packets of other programs on this host.
    ours: String,
}

impl Captured {
    /// Returns all values of a field in packets that also match the filter.
    fn values(&self, field: &str, filter: &str) -> BTreeSet<String> {
        let filter = if filter.is_empty() {
            self.ours.clone()
        } else {
            format!("{} && ({filter})", self.ours)
        };
        let output = Command::new("tshark")
            .args(["-n", "-o", "sctp.checksum:CRC-32C", "-r"])
            .arg(&self.file)
            .args(["-Y", &filter, "-T", "fields", "-e", field])
            .output()
            .expect("tshark runs");
        let problem = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{problem}");
        let values = String::from_utf8_lossy(&output.stdout);
        values
            .split(['\n', ','])
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

impl Drop for Captured {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}
