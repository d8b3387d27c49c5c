//! A demonstration as Wireshark's programs see it while it runs. Needs `tshark`.
//!
//! All programs run as a user without privileges: as root, Wireshark looks for interfaces only in its own folder.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, also in what its cases share"
)]

use std::ffi::OsStr;
use std::fs::{File, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};

use rustix::process::geteuid;
use tempfile::TempDir;

/// The user `nobody`.
const NOBODY: u32 = 65_534;

/// Whether tshark is there; says so if not.
fn is_there() -> bool {
    if Command::new("tshark").arg("--version").output().is_ok() {
        return true;
    }
    assert!(
        std::env::var_os("POOLSCOPE_REQUIRE_ALL").is_none(),
        "tshark is missing, so no analyser has seen a running demonstration"
    );
    eprintln!("LEFT OUT: no analyser has seen a running demonstration: tshark is missing");
    false
}

/// The home of a user, with a program called `poolscope`.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
        let own = std::env::current_exe().unwrap();
        let example = own.parent().unwrap().with_file_name("examples/demonstration");
        std::fs::copy(example, home.path().join("poolscope")).unwrap();
        let home = Self(home);
        for folder in ["run", "extcap"] {
            std::fs::create_dir(home.path(folder)).unwrap();
            home.give(&home.path(folder));
        }
        home.give(home.0.path());
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn give(&self, path: &Path) {
        if geteuid().is_root() {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }

    /// Returns a command that the user gives.
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = if geteuid().is_root() {
            let mut command = Command::new("setpriv");
            let user = [format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")];
            command.args(user).arg("--clear-groups").arg(program);
            command
        } else {
            Command::new(program)
        };
        command
            .env("HOME", self.0.path())
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .env("WIRESHARK_EXTCAP_DIR", self.path("extcap"))
            .env_remove("XDG_CONFIG_HOME")
            .current_dir(self.0.path())
            .stdin(Stdio::null());
        command
    }

    fn poolscope(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(self.path("poolscope"));
        command.args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> String {
        succeeded(&self.poolscope(arguments).output().unwrap())
    }

    fn tshark(&self, arguments: &[&str]) -> String {
        succeeded(&self.command("tshark").args(arguments).output().unwrap())
    }

    fn serve(&self) -> Serving {
        let mut child = self
            .poolscope(&["serve"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let (pid, socket) = line.trim().split_once(' ').unwrap();
        Serving {
            interface: format!("poolscope-{pid}"),
            socket: socket.into(),
            child,
            stdin,
        }
    }
}

fn succeeded(output: &Output) -> String {
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{problem}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A running demonstration.
struct Serving {
    interface: String,
    socket: PathBuf,
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Serving {
    /// Ends it well.
    fn end(mut self) {
        self.stdin = None;
        assert!(self.child.wait().unwrap().success());
        assert!(!self.socket.exists());
    }

    /// Ends it badly.
    fn kill(mut self) -> PathBuf {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::take(&mut self.socket)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const FIELDS: [&str; 12] = [
    "-T",
    "fields",
    "-e",
    "frame.interface_name",
    "-e",
    "asap.message_type",
    "-e",
    "enrp.message_type",
    "-e",
    "sctp.checksum.status",
    "-e",
    "frame.comment",
];

/// The packets of ten rounds, each as its sender saw it.
const COUNT: &str = "40";

/// Checks what is seen of a running demonstration.
fn check(seen: &str) {
    let mut kinds: Vec<_> = seen
        .lines()
        .map(|line| line.rsplit_once('\t').unwrap().0)
        .collect();
    kinds.sort_unstable();
    // For Wireshark, a keep-alive is 7, its acknowledgement 8, a question 5, a presence 1; and a good checksum is 1.
    let expected = [
        "PE 1\t8\t\t1",
        // Over a UDP port that Wireshark does not know.
        "PU 1\t5\t\t1",
        "Registrar 1\t\t1\t",
        "Registrar 1\t7\t\t1",
    ];
    let expected: Vec<_> = expected.iter().flat_map(|kind| [*kind; 10]).collect();
    assert_eq!(kinds, expected, "{seen}");
    assert!(seen.contains("\ta comment"), "{seen}");
}

#[test]
fn tshark_lists_running_demonstrations_and_captures_their_packets() {
    if !is_there() {
        return;
    }
    let home = Home::new();
    let told = home.run(&["extcap", "--install"]);
    let script = home.path("extcap/poolscope");
    assert!(told.contains(script.to_str().unwrap()), "{told}");
    // Once more is the same.
    assert_eq!(home.run(&["extcap", "--install"]), told);
    let [first, second] = [home.serve(), home.serve()];
    let listed = home.tshark(&["-D"]);
    for serving in [&first, &second] {
        let interface = &serving.interface;
        let pid = interface.strip_prefix("poolscope-").unwrap();
        let line = format!("{interface} (Poolscope: Nothing (much) ({pid}))");
        assert!(listed.contains(&line), "{listed}");
    }
    let arguments = [
        "-n",
        "-o",
        "sctp.checksum:CRC-32C",
        "-i",
        &first.interface,
        "-c",
        COUNT,
    ];
    check(&home.tshark(&[&arguments[..], &FIELDS].concat()));
    let links = home.tshark(&["-i", &first.interface, "-L"]);
    assert!(links.contains("IP packets"), "{links}");
    // What a user chose in the options of the interface.
    let option = format!("extcap.{}.components:2", first.interface.replace('-', "_"));
    let arguments = [
        "-n",
        "-o",
        &option,
        "-i",
        &first.interface,
        "-c",
        "20",
        "-T",
        "fields",
    ];
    let seen = home.tshark(&[&arguments[..], &["-e", "frame.interface_name"]].concat());
    assert_eq!(seen, "PE 1\n".repeat(20));
    let left = first.kill();
    assert!(left.exists());
    let listed = home.run(&["extcap", "--extcap-interfaces", "--extcap-version=4.0"]);
    assert!(
        listed.contains(&second.interface) && listed.matches("interface {").count() == 1,
        "{listed}"
    );
    assert!(!left.exists());
    second.end();
    home.run(&["extcap", "--uninstall"]);
    assert!(!script.exists());
    assert!(home.run(&["extcap", "--uninstall"]).contains("nothing to remove"));
}

#[test]
fn capturing_ends_with_its_reader_or_with_the_demonstration() {
    let home = Home::new();
    let serving = home.serve();
    let fifo = home.path("fifo");
    assert!(home.command("mkfifo").arg(&fifo).status().unwrap().success());
    let capture = |more: &[&str]| {
        let fifo = fifo.to_str().unwrap();
        let begin = [
            "extcap",
            "--capture",
            "--extcap-interface",
            &serving.interface,
            "--fifo",
            fifo,
        ];
        home.poolscope(&[&begin[..], more].concat())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let mut child = capture(&["--components", "1, PE 1"]);
    let mut reader = File::open(&fifo).unwrap();
    reader.read_exact(&mut [0; 4_000]).unwrap();
    drop(reader);
    assert!(child.wait().unwrap().success());
    // Nothing comes that could not be written: nobody is called 99.
    let mut child = capture(&["--components", "99"]);
    let mut reader = File::open(&fifo).unwrap();
    reader.read_exact(&mut [0; 100]).unwrap();
    drop(reader);
    assert!(child.wait().unwrap().success());

    let mut child = capture(&["--link", "1,2"]);
    let mut reader = File::open(&fifo).unwrap();
    reader.read_exact(&mut [0; 4_000]).unwrap();
    let interface = serving.interface.clone();
    serving.end();
    reader.read_to_end(&mut Vec::new()).unwrap();
    assert!(child.wait().unwrap().success());
    let gone = home
        .poolscope(&[
            "extcap",
            "--capture",
            "--extcap-interface",
            &interface,
            "--fifo",
            "file",
        ])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&gone.stderr);
    assert!(!gone.status.success() && told.contains("any more"), "{told}");
}

#[test]
fn components_are_listed_for_the_options_of_the_interface() {
    let home = Home::new();
    let serving = home.serve();
    let arguments = [
        "extcap",
        "--extcap-interface",
        &serving.interface,
        "--extcap-config",
    ];
    let told = home.run(&[&arguments[..], &["--extcap-reload-option", "components"]].concat());
    let expected = [
        "value {arg=0}{value=1}{display=1: Registrar 1 (registrar)}{default=false}{enabled=true}",
        "value {arg=0}{value=2}{display=2: PE 1 (pool element)}{default=false}{enabled=true}",
        "value {arg=0}{value=3}{display=3: PU 1 (pool user)}{default=false}{enabled=true}",
    ];
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
    serving.end();
}

/// Writes a program into the home that is called Wireshark.
fn stand_in(home: &Home, script: &str) -> String {
    let path = home.path("wireshark");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

fn open(home: &Home, wireshark: &str) -> Output {
    home.poolscope(&["open"])
        .env("POOLSCOPE_WIRESHARK", wireshark)
        .output()
        .unwrap()
}

#[test]
fn an_analyser_that_is_opened_reads_packets_from_its_standard_input() {
    if !is_there() {
        return;
    }
    let home = Home::new();
    // tshark captures at once in any case, and is the same behind it.
    let fields = FIELDS.join(" ");
    let script = format!(
        "echo \"$@\" > arguments; [ \"$3\" = -k ] || exit 9; title=$2; shift 3; \
         exec tshark -n -o sctp.checksum:CRC-32C -o \"$title\" \"$@\" -c {COUNT} {fields} > seen"
    );
    let output = open(&home, &stand_in(&home, &script));
    succeeded(&output);
    let arguments = std::fs::read_to_string(home.path("arguments")).unwrap();
    assert_eq!(
        arguments.trim(),
        "-o gui.window_title:All packets of 100  of nothing -k -i -"
    );
    check(&std::fs::read_to_string(home.path("seen")).unwrap());
}

#[test]
fn an_analyser_that_is_missing_or_fails_is_told() {
    let home = Home::new();
    let told = |output: Output| {
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let missing = told(open(&home, "/nowhere/wireshark"));
    assert!(missing.contains("install"), "{missing}");
    let failed = stand_in(&home, "echo 'could not connect to display' >&2; exit 1");
    assert_eq!(told(open(&home, &failed)), "could not connect to display\n");
    let install = || {
        let mut shell = home.command("sh");
        shell.args(["-c", "PATH=; exec ./poolscope extcap --install"]);
        shell.output().unwrap()
    };
    // Without tshark, there is a place where Wireshark will look.
    let installed = install();
    let script = home.path(".local/lib/wireshark/extcap/poolscope");
    assert!(succeeded(&installed).contains(script.to_str().unwrap()));
    let mode = script.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
    std::fs::write(&script, "#!/bin/sh\n# something else\n").unwrap();
    assert!(told(install()).contains("not written by Poolscope"));
}

#[test]
fn strangers_get_nothing() {
    if !geteuid().is_root() {
        eprintln!("LEFT OUT: no stranger has asked for packets: only root can act as one");
        return;
    }
    let home = Home::new();
    let serving = home.serve();
    // Root may enter any folder, and is a stranger nevertheless.
    let mut socket = UnixStream::connect(&serving.socket).unwrap();
    let mut answer = Vec::new();
    let _ = std::io::Write::write_all(&mut socket, b"{\"version\":1,\"want\":\"list\"}\n");
    let _ = socket.read_to_end(&mut answer);
    assert_eq!(answer, b"");
    let folder = serving.socket.parent().unwrap();
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    serving.end();
}
