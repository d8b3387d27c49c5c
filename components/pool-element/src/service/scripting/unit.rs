//! A running unit: a program with limits, in a process group of its own, of which nothing is left at the end.

use std::fs::File;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::args::UnitProgram;

/// The files of a unit, in its folder.
pub(super) const PACKAGE: &str = "input.data";
pub(super) const ENVIRONMENT: &str = "environment.data";
pub(super) const OUTPUT: &str = "output.data";
/// What it says on standard output and standard error.
pub(super) const LOG: &str = "log.txt";

/// Sets the limits, which all processes of the unit inherit, and runs it. Its standard input is a pipe that ends with
/// the pool element, however that ends: then the whole process group is killed, this shell included.
const SCRIPT: &str = "exec 3<&0 </dev/null\n\
    (read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 &\n\
    exec 3<&-\n\
    ulimit -c 0 && ulimit -t \"$1\" && ulimit -f \"$2\" || exit 126\n\
    shift 2\n\
    \"$@\"\n";

/// What each process of a unit may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Processor time.
    pub(super) cpu_time: Duration,
    /// The size of a file in bytes.
    pub(super) file_size: u64,
}

/// A running unit.
#[derive(Debug)]
pub(super) enum Unit {
    /// Processes.
    Program(Arc<Group>),
    /// The demonstration, which ends early when this is dropped.
    Demonstration { _end: mpsc::Sender<()> },
}

/// A process group.
#[derive(Debug)]
pub(super) struct Group {
    /// Its leader, as long as the number is taken.
    leader: Mutex<Option<Pid>>,
}

impl Unit {
    /// Starts a unit in its folder. Its exit status is told in a thread of its own, after all its processes have gone.
    ///
    /// # Errors
    /// Returns an error if it cannot be started.
    pub(super) fn start(
        program: &UnitProgram,
        folder: &Path,
        environment: bool,
        limits: Limits,
        ended: impl FnOnce(u32) + Send + 'static,
    ) -> io::Result<Self> {
        match program {
            UnitProgram::Program(path) => {
                let log = File::create(folder.join(LOG))?;
                let mut child = command(path, folder, environment, limits, log)?.spawn()?;
                // The pipe ends when this process does, at the latest.
                let lifeline = child.stdin.take();
                let leader = Pid::from_raw(child.id().cast_signed());
                let group = Arc::new(Group {
                    leader: Mutex::new(leader),
                });
                let watched = Arc::clone(&group);
                thread("unit", move || ended(watched.wait(child, lifeline)))?;
                Ok(Self::Program(group))
            }
            UnitProgram::Demonstration(time) => {
                let (end, ends) = mpsc::channel();
                let (time, folder) = (*time, folder.to_owned());
                thread("unit", move || ended(demonstrate(time, &folder, &ends)))?;
                Ok(Self::Demonstration { _end: end })
            }
        }
    }

    /// Kills it with everything it has started.
    pub(super) fn kill(self) {
        if let Self::Program(group) = self {
            group.kill();
        }
    }
}

impl Group {
    fn kill(&self) {
        let leader = self.leader.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(leader) = *leader {
            // An empty group is what is wanted.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }

    /// Waits until the leader has ended, and kills what it has left. Returns the exit status.
    fn wait(&self, mut child: Child, lifeline: Option<ChildStdin>) -> u32 {
        if let Some(pid) = Pid::from_raw(child.id().cast_signed()) {
            // Its number remains taken, so that no other group has it.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while waitid(WaitId::Pid(pid), options).is_err_and(|error| error == Errno::INTR) {}
        }
        self.kill();
        let mut leader = self.leader.lock().unwrap_or_else(PoisonError::into_inner);
        let status = child.wait();
        *leader = None;
        drop(lifeline);
        status.map_or(scripting::NOT_STARTED, number)
    }
}

fn command(
    program: &Path,
    folder: &Path,
    environment: bool,
    limits: Limits,
    log: File,
) -> io::Result<Command> {
    /// The unit of `ulimit -f`.
    const BLOCK: u64 = 512;
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", SCRIPT, "unit"])
        .arg(limits.cpu_time.as_secs().to_string())
        .arg((limits.file_size / BLOCK).max(1).to_string())
        .arg(program)
        .args([PACKAGE, OUTPUT])
        .args(environment.then_some(ENVIRONMENT))
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("TMPDIR", folder)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log);
    for name in ["PATH", "LANG"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    Ok(command)
}

/// Returns the number of an exit status, in which a signal counts as in a shell.
fn number(status: ExitStatus) -> u32 {
    let number = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    number.unwrap_or_default().cast_unsigned()
}

/// Waits, and writes the SHA-1 of the package.
fn demonstrate(time: Duration, folder: &Path, ends: &mpsc::Receiver<()>) -> u32 {
    const KILLED: u32 = 137;
    const FAILED: u32 = 1;
    if ends.recv_timeout(time) != Err(mpsc::RecvTimeoutError::Timeout) {
        return KILLED;
    }
    let result = match std::fs::read(folder.join(PACKAGE)) {
        Ok(package) => {
            let digits = scripting::hash_of(&package)
                .map(|byte| format!("{byte:02x}"))
                .concat();
            std::fs::write(folder.join(OUTPUT), format!("{digits}\n"))
        }
        Err(error) => Err(error),
    };
    if result.is_ok() { 0 } else { FAILED }
}

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let builder = std::thread::Builder::new()
        .name(name.into())
        .stack_size(128 << 10);
    builder.spawn(work)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const LIMITS: Limits = Limits {
        cpu_time: Duration::from_secs(10),
        file_size: 1 << 20,
    };
    const PATIENCE: Duration = Duration::from_secs(60);

    /// A shell script as the program of a unit.
    struct Script {
        folder: tempfile::TempDir,
        program: UnitProgram,
    }

    impl Script {
        fn new(text: &str) -> Self {
            use std::os::unix::fs::PermissionsExt;
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("program");
            std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            std::fs::write(folder.path().join(PACKAGE), "package").unwrap();
            let program = UnitProgram::Program(path);
            Self { folder, program }
        }

        fn start(&self, limits: Limits) -> (Unit, mpsc::Receiver<u32>) {
            let (told, ended) = mpsc::channel();
            let tell = move |status| told.send(status).unwrap();
            let unit = Unit::start(&self.program, self.folder.path(), false, limits, tell).unwrap();
            (unit, ended)
        }

        fn run(&self, limits: Limits) -> u32 {
            let (_unit, ended) = self.start(limits);
            ended.recv_timeout(PATIENCE).unwrap()
        }

        fn read(&self, name: &str) -> String {
            std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
        }

        /// Waits for a process identifier that the script has written.
        fn pid(&self, name: &str) -> i32 {
            let deadline = Instant::now() + PATIENCE;
            loop {
                if let Ok(pid) = self.read(name).trim().parse() {
                    return pid;
                }
                assert!(Instant::now() < deadline, "{}", self.read(LOG));
                std::thread::yield_now();
            }
        }
    }

    fn lives(pid: i32) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
        state.is_some_and(|state| state != 'Z' && state != 'X')
    }

    fn wait_for_end_of(pid: i32) {
        let deadline = Instant::now() + PATIENCE;
        while lives(pid) {
            assert!(Instant::now() < deadline, "process {pid} still lives");
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_unit_reads_its_package_and_writes_its_output() {
        let script = Script::new("tr a-z A-Z <\"$1\" >\"$2\"; echo \"$# $HOME\"; cat; exit 3");
        assert_eq!(script.run(LIMITS), 3);
        assert_eq!(script.read(OUTPUT), "PACKAGE");
        assert_eq!(
            script.read(LOG),
            format!("2 {}\n", script.folder.path().display())
        );
    }

    #[test]
    fn a_unit_leaves_no_process() {
        let script = Script::new("sleep 1000 & echo $! >left\nexit 0");
        assert_eq!(script.run(LIMITS), 0);
        wait_for_end_of(script.pid("left"));
    }

    #[test]
    fn a_killed_unit_takes_everything_with_it() {
        let script = Script::new("sleep 1000 & echo $! >child.tmp; mv child.tmp child; sleep 1000");
        let (unit, ended) = script.start(LIMITS);
        let child = script.pid("child");
        assert!(lives(child));
        unit.kill();
        assert_eq!(ended.recv_timeout(PATIENCE).unwrap(), 137);
        wait_for_end_of(child);
    }

    #[test]
    fn a_unit_ends_with_its_pool_element() {
        let script = Script::new("echo $$ >me.tmp; mv me.tmp me; exec sleep 1000");
        let UnitProgram::Program(path) = &script.program else {
            unreachable!()
        };
        let log = File::create(script.folder.path().join(LOG)).unwrap();
        let mut child = command(path, script.folder.path(), false, LIMITS, log)
            .unwrap()
            .spawn()
            .unwrap();
        let pid = script.pid("me");
        assert!(lives(pid));
        // As the kernel does when the pool element is killed.
        drop(child.stdin.take());
        assert_eq!(number(child.wait().unwrap()), 137);
        wait_for_end_of(pid);
    }

    #[test]
    fn processor_time_and_files_have_limits() {
        let script = Script::new("while :; do :; done");
        let limits = Limits {
            cpu_time: Duration::from_secs(1),
            ..LIMITS
        };
        assert!(script.run(limits) > 128);
        let script = Script::new("head -c 3000000 /dev/zero >\"$2\"; exit $?");
        assert_ne!(script.run(LIMITS), 0);
        assert!(script.read(OUTPUT).len() <= 1 << 20);
    }

    #[test]
    fn the_demonstration_needs_no_program() {
        let mut script = Script::new("");
        script.program = UnitProgram::Demonstration(Duration::ZERO);
        assert_eq!(script.run(LIMITS), 0);
        assert_eq!(script.read(OUTPUT).trim().len(), 40);
        script.program = UnitProgram::Demonstration(Duration::from_secs(3600));
        let (unit, ended) = script.start(LIMITS);
        unit.kill();
        assert_eq!(ended.recv_timeout(PATIENCE).unwrap(), 137);
    }
}
