//! The home of a user without privileges: as root, Wireshark looks for interfaces only in its own folder.

use std::ffi::OsStr;
use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rustix::process::geteuid;
use tempfile::TempDir;

use crate::{PROGRAM, succeeded};

/// The user `nobody`.
const NOBODY: u32 = 65_534;

/// A registrar, a pool element, and a pool user that never has enough.
const ENDLESS: &str = r#"{
    "name": "endless",
    "components": [
        {"role": "registrar"},
        {"role": "pool-element", "capacity": 2000000},
        {"role": "pool-user", "size": [200, 200]}
    ],
    "steps": [
        {"when": {"ready": "PU 1"}, "say": "All are ready."},
        {"at-s": 80000, "say": "At last."}
    ]
}"#;

/// The home, with the program.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        std::fs::set_permissions(home.path(), Permissions::from_mode(0o755)).expect("it is ours");
        let home = Self(home);
        let program = home.path("poolscope");
        if std::fs::hard_link(PROGRAM, &program).is_err() {
            std::fs::copy(PROGRAM, &program).expect("there is room");
        }
        std::fs::write(home.path("endless.json"), ENDLESS).expect("there is room");
        for folder in ["run", "extcap", "."] {
            let folder = home.path(folder);
            std::fs::create_dir_all(&folder).expect("there is room");
            if geteuid().is_root() {
                chown(&folder, Some(NOBODY), Some(NOBODY)).expect("root may do so");
            }
        }
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Returns a command that the user gives.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
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

    pub(crate) fn poolscope(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(self.path("poolscope"));
        command.args(arguments);
        command
    }

    /// Runs the program, and returns what it prints.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        succeeded(self.poolscope(arguments).output().expect("it can be started"))
    }

    #[track_caller]
    pub(crate) fn tshark(&self, arguments: &[&str]) -> String {
        let output = self.command("tshark").args(arguments).output();
        succeeded(output.expect("tshark can be started"))
    }

    /// Starts a demonstration without a window that has no end. All components are ready.
    pub(crate) fn demonstrate(&self) -> Demonstration {
        let mut child = self
            .poolscope(&["run", "--headless", "endless.json"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("it can be started");
        let mut output = BufReader::new(child.stdout.take().expect("it is read"));
        let mut line = String::new();
        while !line.contains("All are ready.") {
            line.clear();
            assert_ne!(
                output.read_line(&mut line).expect("it writes text"),
                0,
                "it has ended"
            );
        }
        Demonstration {
            child,
            _output: output,
        }
    }
}

/// A demonstration that takes place.
pub(crate) struct Demonstration {
    child: Child,
    _output: BufReader<ChildStdout>,
}

impl Demonstration {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Returns the interface that it is for Wireshark.
    pub(crate) fn interface(&self) -> String {
        format!("poolscope-{}", self.pid())
    }

    /// Interrupts it, and waits for its end in order.
    pub(crate) fn end(mut self) {
        let pid = Pid::from_raw(self.pid().cast_signed());
        kill(pid, Signal::SIGINT).expect("it takes place");
        let status = self.child.wait().expect("it is our child");
        assert_eq!(status.code(), Some(130));
    }
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the socket of a control centre whose folder this is.
pub(crate) fn socket(run: &Path, pid: u32) -> PathBuf {
    run.join(format!("poolscope/{pid}.sock"))
}
