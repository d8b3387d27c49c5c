//! Real processes of the program with their feeds, for tests and measurements.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use feed::{Decoder, Event, Frame, Stamped};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How long a test waits before it gives up: far longer than anything ever takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A group of processes that find only each other.
#[derive(Debug)]
pub struct Lab {
    program: PathBuf,
    asap_group: SocketAddr,
    enrp_group: SocketAddr,
}

/// A running component.
pub struct Process {
    child: Child,
    name: String,
    commands: Option<ChildStdin>,
    frames: mpsc::Receiver<Frame>,
    log: Arc<Mutex<String>>,
    log_reader: Option<JoinHandle<()>>,
}

impl Lab {
    /// Creates a lab with multicast groups of its own, whose components run `program`.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        static LABS: AtomicU32 = AtomicU32::new(0);
        let number = LABS.fetch_add(1, Ordering::Relaxed);
        Self {
            program: program.into(),
            asap_group: own_group(false, std::process::id(), number),
            enrp_group: own_group(true, std::process::id(), number),
        }
    }

    /// Starts a registrar and waits until it is in service.
    pub fn registrar(&self) -> Process {
        let mut process = self.start("registrar", &[]);
        process.wait_ready();
        process
    }

    /// Starts a pool element and waits until it is registered.
    pub fn pool_element(&self, identifier: u32, options: &[&str]) -> Process {
        let identifier = format!("--identifier={identifier:#x}");
        let mut process = self.start("pool-element", &[&[identifier.as_str()], options].concat());
        process.wait_ready();
        process
    }

    /// Starts a component.
    pub fn start(&self, subcommand: &str, options: &[&str]) -> Process {
        Process::spawn(self.command(subcommand, options), subcommand)
    }

    /// Returns the command that starts a component. Groups in the options override the lab's.
    #[must_use]
    pub fn command(&self, subcommand: &str, options: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args([subcommand, "--feed"]);
        let groups = [
            ("--asap-announce", self.asap_group, true),
            ("--enrp-announce", self.enrp_group, subcommand == "registrar"),
        ];
        for (option, group, fits) in groups {
            if fits && !options.iter().any(|given| given.starts_with(option)) {
                command.arg(format!("{option}={group}"));
            }
        }
        command.args(options);
        command
    }
}

impl Process {
    /// Starts a program whose standard output is a feed.
    pub fn spawn(mut command: Command, name: &str) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program can be started");
        let log = Arc::default();
        let (sender, frames) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || read_frames(stdout, &sender));
        }
        let log_reader = child.stderr.take().map(|stderr| {
            let log = Arc::clone(&log);
            std::thread::spawn(move || read_lines(stderr, &log))
        });
        Self {
            commands: child.stdin.take(),
            child,
            name: name.into(),
            frames,
            log,
            log_reader,
        }
    }

    /// Returns the next frame; `None` at the end of the feed.
    pub fn next_frame(&mut self) -> Option<Frame> {
        self.next_frame_until("any event", Instant::now() + PATIENCE)
    }

    fn next_frame_until(&mut self, what: &str, deadline: Instant) -> Option<Frame> {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.frames.recv_timeout(left) {
            Ok(frame) => Some(frame),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => self.give_up(what),
        }
    }

    /// Discards all frames that have arrived.
    pub fn discard_frames(&mut self) {
        while self.frames.try_recv().is_ok() {}
    }

    /// Waits for the first event for which `pick` returns something.
    pub fn wait_for<T>(&mut self, what: &str, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        self.wait_for_stamped(what, |stamped| pick(&stamped.event))
    }

    /// Like [`Self::wait_for`], with the time of the event.
    pub fn wait_for_stamped<T>(&mut self, what: &str, mut pick: impl FnMut(&Stamped) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        while let Some(frame) = self.next_frame_until(what, deadline) {
            if let Some(picked) = pick(&frame.stamped) {
                return picked;
            }
        }
        self.give_up(what)
    }

    /// Waits until the component has reported its addresses. Returns the primary one.
    pub fn address(&mut self) -> IpAddr {
        self.wait_for("its addresses", |event| match event {
            Event::Hello { addresses, .. } => addresses.first().copied(),
            _ => None,
        })
    }

    /// Waits until the component reports that it is ready.
    pub fn wait_ready(&mut self) {
        self.wait_for("readiness", |event| match event {
            Event::Status { ready: true, .. } => Some(()),
            _ => None,
        });
    }

    /// Reads the feed to its end.
    pub fn rest_of_feed(&mut self) -> Vec<Frame> {
        std::iter::from_fn(|| self.next_frame()).collect()
    }

    /// Sends a command.
    pub fn command(&mut self, command: &feed::Command) {
        let line = serde_json::to_string(command).expect("commands can be written");
        self.write_line(line.as_bytes());
    }

    /// Writes a line to its standard input.
    pub fn write_line(&mut self, line: &[u8]) {
        if let Some(stdin) = &mut self.commands {
            // A process that has ended meanwhile is detected by its missing output.
            let _ = stdin.write_all(line).and_then(|()| stdin.write_all(b"\n"));
        }
    }

    /// Closes its standard input.
    pub fn close_input(&mut self) {
        self.commands = None;
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).expect("the process is there");
    }

    /// Returns its process identifier.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Waits for it to end, and for the end of its log.
    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        // The feed ends with the process; there is no event for the exit without a feed.
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.child.try_wait() {
                if let Some(reader) = self.log_reader.take() {
                    let _ = reader.join();
                }
                return status;
            }
            let _ = self.frames.recv_timeout(Duration::from_millis(5));
        }
        self.give_up("its end")
    }

    /// Returns what it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn give_up(&self, what: &str) -> ! {
        panic!(
            "{}: waited in vain for {what}; its log:\n{}",
            self.name,
            self.log()
        );
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a multicast group that no other lab uses: the address depends on the process, the port on the lab within
/// the process.
///
/// # Panics
/// Panics if a process has created more labs than there are ports.
fn own_group(is_enrp: bool, process: u32, lab: u32) -> SocketAddr {
    /// The usual ports of the protocols are below.
    const FIRST_PORT: u32 = 20_000;
    // A process identifier has 22 bits, an address in this block has 24.
    let address = u32::from(Ipv4Addr::new(239, 0, 0, 0)) | u32::from(is_enrp) << 23 | process & 0x007f_ffff;
    let port = u16::try_from(FIRST_PORT + lab).expect("a process has fewer labs than there are ports");
    (Ipv4Addr::from(address), port).into()
}

fn read_frames(mut stdout: impl Read, frames: &mpsc::Sender<Frame>) {
    let mut decoder = Decoder::default();
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = stdout.read(&mut buffer) {
        decoder.extend(buffer.get(..length).unwrap_or_default());
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => {
                    if frames.send(frame).is_err() {
                        return;
                    }
                }
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}

fn read_lines(stderr: impl Read, log: &Mutex<String>) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push_str(&line);
        log.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_lab_has_groups_of_its_own() {
        let labs: Vec<Lab> = (0..100).map(|_| Lab::new("program")).collect();
        let groups: BTreeSet<SocketAddr> = labs
            .iter()
            .flat_map(|lab| [lab.asap_group, lab.enrp_group])
            .collect();
        assert_eq!(groups.len(), 200);
        assert!(groups.iter().all(|group| group.ip().is_multicast()));
    }
}
