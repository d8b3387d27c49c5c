//! One child process: its pipes, its signals and its end.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::job::{CommandLine, Exit, JobSignal};
use super::log_lines::LogLines;
use super::updates::UpdateSender;
use model::{Change, ComponentId};

/// Commands that may wait for a child to read them.
const COMMANDS: usize = 64;
/// How long the pipes of a dead child may still bring something: somebody else may hold their other ends.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// News of a child.
pub(crate) enum News {
    /// It has ended, and all that it wrote has been taken.
    Exited(ComponentId, Exit),
    /// What it writes is no feed.
    FeedBroken(ComponentId, String),
}

/// A child that has been started. Dropping it kills the process.
pub(crate) struct RunningChild {
    pid: u32,
    signals: mpsc::UnboundedSender<JobSignal>,
    commands: Option<mpsc::Sender<feed::Command>>,
}

impl RunningChild {
    /// Starts a process. It must happen on the thread that lives as long as the supervisor: components let the kernel
    /// kill them when the thread that started them ends.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub(crate) fn spawn(
        program: &Path,
        command_line: &CommandLine,
        id: ComponentId,
        updates: &UpdateSender,
        news: &mpsc::Sender<News>,
    ) -> std::io::Result<Self> {
        let mut child = Command::new(program)
            .arg0("poolscope")
            .args(command_line)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let pid = child.id().unwrap_or_default();
        let (signals, asked) = mpsc::unbounded_channel();
        let (commands, to_write) = mpsc::channel(COMMANDS);
        if let Some(stdin) = child.stdin.take() {
            tokio::spawn(write_commands(stdin, to_write));
        }
        let mut pumps = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            pumps.push(tokio::spawn(read_feed(stdout, id, updates.clone(), news.clone())));
        }
        if let Some(stderr) = child.stderr.take() {
            pumps.push(tokio::spawn(read_log(stderr, id, updates.clone())));
        }
        tokio::spawn(watch(child, asked, pumps, id, news.clone()));
        Ok(Self {
            pid,
            signals,
            commands: Some(commands),
        })
    }

    /// Process identifier.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Sends a signal, unless the process has ended already.
    pub(crate) fn signal(&self, signal: JobSignal) {
        // The other end is gone when the process has ended, and then the signal has no meaning.
        let _ = self.signals.send(signal);
    }

    /// Writes a command; false if the process does not read its commands.
    pub(crate) fn write(&self, command: feed::Command) -> bool {
        self.commands
            .as_ref()
            .is_some_and(|commands| commands.try_send(command).is_ok())
    }

    /// Closes its standard input after the commands that wait.
    pub(crate) fn close_input(&mut self) {
        self.commands = None;
    }
}

/// Owns the process, so that no signal is sent to a process identifier that may belong to another one meanwhile.
async fn watch(
    mut child: Child,
    mut asked: mpsc::UnboundedReceiver<JobSignal>,
    pumps: Vec<JoinHandle<()>>,
    id: ComponentId,
    news: mpsc::Sender<News>,
) {
    let status = loop {
        tokio::select! {
            biased;
            signal = asked.recv() => match signal {
                Some(signal) => send_signal(&child, signal),
                // Nobody is interested any more; dropping the child kills it.
                None => return,
            },
            status = child.wait() => break status,
        }
    };
    for mut pump in pumps {
        if tokio::time::timeout(LAST_WORDS, &mut pump).await.is_err() {
            pump.abort();
        }
    }
    let exit = match status {
        Ok(status) => {
            use std::os::unix::process::ExitStatusExt;
            match (status.code(), status.signal()) {
                (Some(code), _) => Exit::Status(code),
                (None, signal) => Exit::Signal(signal.unwrap_or_default()),
            }
        }
        // The process was reaped by somebody else; its status is lost.
        Err(_) => Exit::Status(-1),
    };
    let _ = news.send(News::Exited(id, exit)).await;
}

fn send_signal(child: &Child, signal: JobSignal) {
    // A process that was not waited for keeps its identifier, even if it has ended.
    let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) else {
        return;
    };
    let signal = match signal {
        JobSignal::Kill => Signal::SIGKILL,
        JobSignal::Freeze => Signal::SIGSTOP,
        JobSignal::Thaw => Signal::SIGCONT,
    };
    // It can only fail for a process that is not ours, which this one is.
    let _ = kill(Pid::from_raw(pid), signal);
}

async fn write_commands(mut stdin: ChildStdin, mut commands: mpsc::Receiver<feed::Command>) {
    while let Some(command) = commands.recv().await {
        let Ok(mut line) = serde_json::to_vec(&command) else {
            continue;
        };
        line.push(b'\n');
        if stdin.write_all(&line).await.is_err() {
            // The process has closed its input or has ended.
            return;
        }
    }
}

async fn read_feed(
    mut stdout: ChildStdout,
    id: ComponentId,
    updates: UpdateSender,
    news: mpsc::Sender<News>,
) {
    let mut decoder = feed::Decoder::default();
    let mut buffer = vec![0; 64 << 10];
    while let Some(bytes) = read(&mut stdout, &mut buffer).await {
        decoder.extend(bytes);
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => updates.send_frame(id, frame).await,
                Ok(None) => break,
                Err(error) => {
                    let _ = news.send(News::FeedBroken(id, error.to_string())).await;
                    return;
                }
            }
        }
    }
}

async fn read_log(mut stderr: ChildStderr, id: ComponentId, updates: UpdateSender) {
    let mut lines = LogLines::default();
    let mut buffer = vec![0; 8 << 10];
    while let Some(bytes) = read(&mut stderr, &mut buffer).await {
        for line in lines.extend(bytes) {
            updates.send(id, Change::LogLine(line)).await;
        }
    }
    if let Some(line) = lines.finish() {
        updates.send(id, Change::LogLine(line)).await;
    }
}

async fn read<'a>(stream: &mut (impl AsyncRead + Unpin), buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    match stream.read(buffer).await {
        Ok(length @ 1..) => buffer.get(..length),
        Ok(0) | Err(_) => None,
    }
}
