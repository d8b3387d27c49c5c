//! A child process: its pipes, its signals and its end.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::hearing::{Gap, Hearing};
use super::job::{CommandLine, Exit, JobSignal};
use super::lanes::{self, LaneReceiver, LaneSender};
use super::last_words::LastWords;
use super::log_lines::LogLines;
use super::packets::{PacketPipe, PacketReader};
use super::system_state::system_state;
use super::updates::UpdateSender;
use model::{Change, ComponentId, SystemState};

/// The maximum number of commands waiting for a child to read them.
const COMMANDS: usize = 64;
/// The maximum number of urgent commands waiting in addition.
const URGENT_COMMANDS: usize = 16;
/// How long the pipes of a dead child are read: another process may hold their other ends.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// News about a child.
pub(crate) enum News {
    /// It has ended, and everything that it wrote has been processed; also its last words.
    Exited(ComponentId, Exit, Option<String>),
    /// It counted as silent, and is heard again.
    Heard(ComponentId),
    /// Its output is not a valid feed.
    FeedBroken(ComponentId, String),
}

/// A child that has been started. Dropping it kills the process.
pub(crate) struct RunningChild {
    pid: u32,
    signals: mpsc::UnboundedSender<JobSignal>,
    commands: Option<LaneSender<feed::Command>>,
    hearing: Hearing,
}

impl RunningChild {
    /// Starts a process. This must happen on the thread that lives as long as the supervisor: components have the
    /// kernel kill them when the thread that started them ends.
    ///
    /// # Errors
    /// Returns an error if the program cannot be started.
    pub(crate) fn spawn(
        program: &Path,
        command_line: &CommandLine,
        id: ComponentId,
        updates: &UpdateSender,
        news: &mpsc::Sender<News>,
        gap: &Arc<Gap>,
        packets: Option<&PacketReader>,
    ) -> std::io::Result<Self> {
        let pipe = packets.map(|_| PacketPipe::new()).transpose()?;
        let mut child = Command::new(program)
            .arg0("poolscope")
            .args(command_line)
            .args(pipe.as_ref().map(PacketPipe::option))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // The signals of a terminal are for the control centre, which ends components in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let pid = child.id().unwrap_or_default();
        let (signals, asked) = mpsc::unbounded_channel();
        let (commands, to_write) = lanes::channel(COMMANDS, URGENT_COMMANDS);
        if let Some(stdin) = child.stdin.take() {
            tokio::spawn(write_commands(stdin, to_write));
        }
        let hearing = Hearing::new(Arc::clone(gap));
        let feed = child.stdout.take().map(|stdout| {
            tokio::spawn(read_feed(
                stdout,
                id,
                updates.clone(),
                news.clone(),
                hearing.clone(),
            ))
        });
        let log = child
            .stderr
            .take()
            .map(|stderr| tokio::spawn(read_log(stderr, id, updates.clone())));
        if let (Some(packets), Some(pipe)) = (packets, pipe) {
            packets.read(id, pipe);
        }
        let pumps = Pumps {
            feed,
            log,
            packets: packets.cloned(),
        };
        tokio::spawn(watch(child, asked, pumps, id, news.clone()));
        Ok(Self {
            pid,
            signals,
            commands: Some(commands),
            hearing,
        })
    }

    /// Returns the process identifier.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Returns what is heard of it.
    pub(crate) fn hearing(&self) -> &Hearing {
        &self.hearing
    }

    /// Returns the state of the process according to the system.
    pub(crate) fn system_state(&self) -> SystemState {
        system_state(self.pid)
    }

    /// Sends a signal, unless the process has ended already.
    pub(crate) fn signal(&self, signal: JobSignal) {
        // The receiver is gone once the process has ended; the signal is then meaningless.
        let _ = self.signals.send(signal);
    }

    /// Writes a command. Returns false if the process does not read its commands.
    pub(crate) fn write(&self, command: feed::Command) -> bool {
        self.commands
            .as_ref()
            .is_some_and(|commands| commands.try_send(command).is_ok())
    }

    /// Closes its standard input after the waiting commands, at the latest after a stop command.
    pub(crate) fn close_input(&mut self) {
        self.commands = None;
    }
}

/// What reads the pipes of a child.
struct Pumps {
    feed: Option<JoinHandle<()>>,
    log: Option<JoinHandle<Option<String>>>,
    packets: Option<PacketReader>,
}

/// Owns the process, so that no signal is sent to a process identifier that has been reused.
async fn watch(
    mut child: Child,
    mut asked: mpsc::UnboundedReceiver<JobSignal>,
    pumps: Pumps,
    id: ComponentId,
    news: mpsc::Sender<News>,
) {
    let status = loop {
        tokio::select! {
            biased;
            signal = asked.recv() => match signal {
                Some(signal) => send_signal(&child, signal),
                // The child was dropped; dropping the process kills it.
                None => return,
            },
            status = child.wait() => break status,
        }
    };
    if let Some(packets) = pumps.packets {
        packets.finish(id).await;
    }
    read_to_its_end(pumps.feed).await;
    let last_words = read_to_its_end(pumps.log).await.flatten();
    let exit = match status {
        Ok(status) => {
            use std::os::unix::process::ExitStatusExt;
            match (status.code(), status.signal()) {
                (Some(code), _) => Exit::Status(code),
                (None, signal) => Exit::Signal(signal.unwrap_or_default()),
            }
        }
        // Another part of the program reaped the process; its exit status is lost.
        Err(_) => Exit::Status(-1),
    };
    let _ = news.send(News::Exited(id, exit, last_words)).await;
}

/// Waits until a pipe of a dead child has been read to its end, but not for another process that holds it open.
async fn read_to_its_end<T>(pump: Option<JoinHandle<T>>) -> Option<T> {
    let mut pump = pump?;
    match tokio::time::timeout(LAST_WORDS, &mut pump).await {
        Ok(outcome) => outcome.ok(),
        Err(_) => {
            pump.abort();
            None
        }
    }
}

fn send_signal(child: &Child, signal: JobSignal) {
    // A process that has not been waited for keeps its identifier, even if it has ended.
    let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) else {
        return;
    };
    let signal = match signal {
        JobSignal::Kill => Signal::SIGKILL,
        JobSignal::Freeze => Signal::SIGSTOP,
        JobSignal::Thaw => Signal::SIGCONT,
    };
    // This can only fail for a process that is not our own child.
    let _ = kill(Pid::from_raw(pid), signal);
}

async fn write_commands(mut stdin: impl AsyncWrite + Unpin, mut commands: LaneReceiver<feed::Command>) {
    while let Some(command) = commands.recv().await {
        let Ok(mut line) = serde_json::to_vec(&command.value) else {
            continue;
        };
        line.push(b'\n');
        if stdin.write_all(&line).await.is_err() || command.value == feed::Command::Stop {
            // The process has closed its input or has ended, or it is not to receive any more commands.
            return;
        }
    }
}

async fn read_feed(
    mut stdout: ChildStdout,
    id: ComponentId,
    updates: UpdateSender,
    news: mpsc::Sender<News>,
    hearing: Hearing,
) {
    let mut decoder = feed::Decoder::default();
    let mut buffer = vec![0; 64 << 10];
    while let Some(bytes) = read(&mut stdout, &mut buffer).await {
        if hearing.hear() {
            let _ = news.send(News::Heard(id)).await;
        }
        decoder.extend(bytes);
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => {
                    hearing.witness(frame.stamped.at);
                    if frame.stamped.event == feed::Event::Beat {
                        // It has been heard, and says nothing.
                        continue;
                    }
                    let length = decoder.frame_length();
                    hearing.hold(true);
                    updates.send_frame(id, frame, length).await;
                    hearing.hold(false);
                    hearing.hear();
                }
                Ok(None) => break,
                Err(error) => {
                    let _ = news.send(News::FeedBroken(id, error.to_string())).await;
                    return;
                }
            }
        }
        // Lets other tasks run, however much there is to read.
        tokio::task::yield_now().await;
    }
}

/// Reads the log. Returns the last words.
async fn read_log(mut stderr: ChildStderr, id: ComponentId, updates: UpdateSender) -> Option<String> {
    let mut lines = LogLines::default();
    let mut last_words = LastWords::default();
    let mut buffer = vec![0; 8 << 10];
    while let Some(bytes) = read(&mut stderr, &mut buffer).await {
        for line in lines.extend(bytes) {
            last_words.hear(&line);
            updates.send(id, Change::LogLine(line)).await;
        }
        tokio::task::yield_now().await;
    }
    if let Some(line) = lines.finish() {
        last_words.hear(&line);
        updates.send(id, Change::LogLine(line)).await;
    }
    last_words.finish()
}

async fn read<'a>(stream: &mut (impl AsyncRead + Unpin), buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    match stream.read(buffer).await {
        Ok(length @ 1..) => buffer.get(..length),
        Ok(0) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use feed::{Impairment, LinkTarget};
    use tokio::io::{AsyncBufReadExt, BufReader};

    use super::*;

    fn impair(target: LinkTarget, impairment: Impairment) -> feed::Command {
        feed::Command::Impair { target, impairment }
    }

    /// Returns what a child reads if it begins to read only after all these commands have been sent.
    fn read_after(sent: &[feed::Command]) -> Vec<feed::Command> {
        let (commands, to_write) = lanes::channel(COMMANDS, URGENT_COMMANDS);
        // A pipe with hardly any buffer.
        let (ours, theirs) = tokio::io::duplex(1);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async move {
            let writer = tokio::spawn(write_commands(ours, to_write));
            for command in sent {
                commands.try_send(command.clone()).unwrap();
                // The first one is being written before the next ones arrive.
                tokio::task::yield_now().await;
            }
            drop(commands);
            let mut lines = BufReader::new(theirs).lines();
            let mut commands = Vec::new();
            while let Some(line) = lines.next_line().await.unwrap() {
                commands.push(serde_json::from_str(&line).unwrap());
            }
            writer.await.unwrap();
            commands
        })
    }

    #[test]
    fn unplugging_overtakes_other_commands_that_wait_but_no_other_impairment() {
        let capacity = |iterations_per_second| feed::Command::SetCapacity {
            iterations_per_second,
        };
        let link = LinkTarget::Peer(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let plugged = impair(LinkTarget::All, Impairment::default());
        let unplugged = impair(LinkTarget::All, Impairment::UNPLUGGED);
        let cut = impair(link, Impairment::UNPLUGGED);
        let sent = [
            capacity(1),
            capacity(2),
            plugged.clone(),
            capacity(3),
            unplugged.clone(),
            cut.clone(),
        ];
        let expected = [capacity(1), plugged, unplugged, capacity(2), capacity(3), cut];
        assert_eq!(read_after(&sent), expected);
    }

    #[test]
    fn nothing_is_written_after_a_stop_and_that_overtakes_everything() {
        let unplugged = impair(LinkTarget::All, Impairment::UNPLUGGED);
        let sent = [
            feed::Command::Failover,
            feed::Command::FailAfter { messages: 1 },
            feed::Command::Stop,
            unplugged,
        ];
        assert_eq!(read_after(&sent), [feed::Command::Failover, feed::Command::Stop]);
    }
}
