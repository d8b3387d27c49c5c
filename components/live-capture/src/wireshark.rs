//! Wireshark, started with packets on its standard input.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::bounded;

use crate::{Copies, Hub, ListenError, Listener, Selection, View};

/// A program that shows packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wireshark {
    program: PathBuf,
    arguments: Vec<OsString>,
    has_titles: bool,
}

/// Why no Wireshark can be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WiresharkError {
    /// It is not installed.
    #[error(
        "Wireshark is not installed: install the package `wireshark` of your system, or put it into the PATH"
    )]
    Missing,
    /// It cannot be started.
    #[error("{} cannot be started: {why}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// It would get no packets.
    #[error(transparent)]
    Listen(#[from] ListenError),
}

/// A Wireshark that was opened. Dropping this leaves it open.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What it reads.
    pub listener: Listener,
    /// Its process.
    pub pid: u32,
    ended: Arc<Ended>,
}

/// How a Wireshark ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It was closed.
    Closed,
    /// It failed.
    Failed {
        /// What it said last, or how it ended.
        why: String,
    },
}

#[derive(Debug, Default)]
struct Ended {
    ending: Mutex<Option<Ending>>,
    happened: Condvar,
}

/// The name of the environment variable with another program.
const VARIABLE: &str = "POOLSCOPE_WIRESHARK";
/// How much of what it says is kept, in bytes.
const LAST_WORDS: usize = 1_000;
/// How long to wait for its last words after its end.
const PATIENCE: Duration = Duration::from_millis(300);

impl Wireshark {
    /// Finds Wireshark: the program that the environment variable `POOLSCOPE_WIRESHARK` names, or else `wireshark` in the
    /// `PATH`.
    ///
    /// # Errors
    /// Returns an error if it is not there.
    pub fn find() -> Result<Self, WiresharkError> {
        let program = std::env::var_os(VARIABLE).filter(|program| !program.is_empty());
        let program = program.as_deref().unwrap_or(OsStr::new("wireshark"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let program = find_in(&path, program).ok_or(WiresharkError::Missing)?;
        Ok(Self {
            program,
            // To capture at once, from standard input.
            arguments: ["-k", "-i", "-"].map(Into::into).to_vec(),
            has_titles: true,
        })
    }

    /// Takes another program that reads pcapng from its standard input, with these arguments.
    #[must_use]
    pub fn other(program: impl Into<PathBuf>, arguments: impl IntoIterator<Item = OsString>) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().collect(),
            has_titles: false,
        }
    }

    /// Opens it with the packets of a view. It is in a process group of its own, so that a terminal does not interrupt
    /// it together with this program. When it is closed, or stops reading, nothing else happens here; when this program
    /// ends, or the [listener](Opened::listener) is stopped, it stops capturing and stays open.
    ///
    /// # Errors
    /// Returns an error if it cannot be started, or if there are too many listeners.
    pub fn open(&self, hub: &Hub, view: impl Into<View>, title: &str) -> Result<Opened, WiresharkError> {
        let view = view.into();
        if hub.listeners().len() >= Hub::MOST_LISTENERS {
            return Err(ListenError::TooMany.into());
        }
        let failed = |why| WiresharkError::Start {
            program: self.program.clone(),
            why,
        };
        let mut command = Command::new(&self.program);
        if self.has_titles {
            // Percent signs would stand for something else.
            let title = title.replace(|letter: char| letter == '%' || letter.is_control(), " ");
            command.args(["-o", &format!("gui.window_title:{title}")]);
            if view.copies == Copies::Each && !matches!(view.selection, Selection::Link { .. }) {
                // It would take the second copy of each packet for a retransmission, and not decode what it carries.
                command.args(["-o", "sctp.tsn_analysis:FALSE"]);
            }
        }
        let mut child = command
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        let (pid, ended) = (child.id(), Arc::<Ended>::default());
        let pipe = child.stdin.take();
        let noticing = Arc::clone(&ended);
        std::thread::Builder::new()
            .name("wireshark".into())
            .spawn(move || noticing.tell(reap(child)))
            .map_err(failed)?;
        let Some(pipe) = pipe else {
            return Err(failed(std::io::ErrorKind::BrokenPipe.into()));
        };
        // If another one was faster, the pipe is closed, and it stays open without packets.
        let listener = hub.listen(pipe.into(), title, view)?;
        Ok(Opened { listener, pid, ended })
    }
}

impl Opened {
    /// Returns how it ended, if it has.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        self.ended
            .ending
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits until it has ended.
    #[must_use]
    pub fn wait(&self) -> Ending {
        let mut ending = self.ended.ending.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(ending) = &*ending {
                return ending.clone();
            }
            ending = self
                .ended
                .happened
                .wait(ending)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Ended {
    fn tell(&self, ending: Ending) {
        *self.ending.lock().unwrap_or_else(PoisonError::into_inner) = Some(ending);
        self.happened.notify_all();
    }
}

/// Waits for the end of a process, and reads what it says meanwhile.
fn reap(mut child: Child) -> Ending {
    let (done, last_words) = bounded(1);
    if let Some(mut errors) = child.stderr.take() {
        // What it has started may keep this open.
        let _ = std::thread::Builder::new()
            .name("wireshark".into())
            .spawn(move || {
                let mut tail = Vec::new();
                let mut buffer = [0; 1_024];
                while let Ok(read @ 1..) = errors.read(&mut buffer) {
                    tail.extend(buffer.get(..read).unwrap_or_default());
                    tail.drain(..tail.len().saturating_sub(LAST_WORDS));
                }
                let _ = done.send(tail);
            });
    }
    let status = match child.wait() {
        Ok(status) if status.success() => return Ending::Closed,
        Ok(status) => status,
        Err(error) => {
            return Ending::Failed {
                why: error.to_string(),
            };
        }
    };
    let tail = last_words.recv_timeout(PATIENCE).unwrap_or_default();
    Ending::Failed {
        why: why(status, &tail),
    }
}

fn why(status: ExitStatus, tail: &[u8]) -> String {
    let said = String::from_utf8_lossy(tail);
    match said.lines().map(str::trim).rfind(|line| !line.is_empty()) {
        Some(line) => line.to_owned(),
        None => status.to_string(),
    }
}

/// Finds a program: by its path, or in these folders.
fn find_in(path: &OsStr, program: &OsStr) -> Option<PathBuf> {
    let is_executable =
        |file: &Path| file.is_file() && rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok();
    if Path::new(program).components().count() > 1 {
        let program = PathBuf::from(program);
        return is_executable(&program).then_some(program);
    }
    std::env::split_paths(path)
        .map(|folder| folder.join(program))
        .find(|file| is_executable(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_if_they_can_be_executed() {
        let found = |path: &str, program: &str| find_in(OsStr::new(path), OsStr::new(program));
        assert_eq!(found("/nowhere:/bin", "sh"), Some("/bin/sh".into()));
        assert_eq!(found("/nowhere", "/bin/sh"), Some("/bin/sh".into()));
        assert_eq!(found("/nowhere", "sh"), None);
        assert_eq!(found("/etc", "passwd"), None);
    }

    fn run(script: &str) -> Ending {
        let arguments = ["-c", script].map(OsString::from);
        let hub = Hub::new("test");
        let shell = Wireshark::other("/bin/sh", arguments);
        let opened = shell.open(&hub, Selection::Everything, "a test").unwrap();
        drop(hub);
        opened.wait()
    }

    #[test]
    fn how_it_ends_is_known_and_why() {
        let failed = |why: &str| Ending::Failed { why: why.to_owned() };
        assert_eq!(run("cat > /dev/null"), Ending::Closed);
        assert_eq!(run("exec < /dev/null; exit 0"), Ending::Closed);
        assert_eq!(
            run("echo one >&2; echo no display >&2; exit 1"),
            failed("no display")
        );
        assert_eq!(run("exit 3"), failed("exit status: 3"));
        assert_eq!(run("kill -KILL $$"), failed("signal: 9 (SIGKILL)"));
        // Another process keeps its standard error.
        assert_eq!(run("sleep 5 & exit 4"), failed("exit status: 4"));
    }

    #[test]
    fn what_cannot_be_started_is_said() {
        let missing = Wireshark::other("/nowhere/wireshark", []);
        let told = missing
            .open(&Hub::new("test"), Selection::Everything, "a test")
            .unwrap_err();
        assert!(told.to_string().contains("/nowhere/wireshark"), "{told}");
    }
}
