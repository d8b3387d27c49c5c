//! Copies of the packets of components, which they write to pipes of their own.
//!
//! All pipes are read in rounds by one task: a component writes many times a second, and being woken each time would
//! cost more than the reading. What it writes meanwhile waits in its pipe, also when the component is killed.

use std::io::{ErrorKind, PipeReader, PipeWriter, Read};
use std::os::fd::AsRawFd;
use std::time::Duration;

use feed::{PacketDecoder, PacketError, PacketRecord, Packets, Timestamp};
use rustix::io::ioctl_fionbio;
use rustix::pipe::{fcntl_getpipe_size, fcntl_setpipe_size};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::updates::UpdateSender;
use model::{Change, ComponentId, Severity};

/// Takes the packets of all components. It is called on the supervisor's thread: it must not block.
pub type PacketSink = Box<dyn FnMut(PacketBatch) + Send>;

/// Consecutive packets of a component, about as many as fit into [`Self::LARGEST`] bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PacketBatch {
    /// The component.
    pub component: ComponentId,
    /// The number of packets that the component left out before the first of these, since it was not read in time.
    pub dropped: u64,
    /// The packets, in the order in which the component saw them. None is older than its process, and none lies in
    /// the future.
    pub packets: Packets,
}

impl PacketBatch {
    /// The number of bytes that are read at once.
    pub const LARGEST: usize = 64 << 10;
}

/// How often the pipes are read.
const ROUND: Duration = Duration::from_millis(100);
/// How often they are read while one of them would soon be full.
const BUSY_ROUND: Duration = Duration::from_millis(20);
/// The capacity of a pipe in bytes, if the system allows it: enough for many rounds of ordinary traffic.
const CAPACITY: usize = 256 << 10;
/// How many times a pipe is read in a round. A component that writes more than that leaves packets out.
const PORTIONS: usize = 8;
/// How many times the pipe of a dead component is read: more often than is needed to empty it, unless another process
/// keeps writing.
const LAST_PORTIONS: usize = 64;

/// Gives work to the task that reads the pipes. The task ends with the last clone of this.
#[derive(Debug, Clone)]
pub(crate) struct PacketReader {
    orders: mpsc::UnboundedSender<Order>,
}

#[derive(Debug)]
enum Order {
    /// Read this pipe from now on.
    Read(Stream),
    /// The component has ended: read what is left.
    Finish(ComponentId, oneshot::Sender<()>),
}

/// A pipe for the packets of one process.
#[derive(Debug)]
pub(crate) struct PacketPipe {
    reader: PipeReader,
    writer: PipeWriter,
}

/// The packets of one process.
#[derive(Debug)]
struct Stream {
    component: ComponentId,
    /// Absent if nothing more is to be read.
    reader: Option<PipeReader>,
    /// The end that the component opens by its path, until it has.
    writer: Option<PipeWriter>,
    decoder: PacketDecoder,
    since: Timestamp,
    /// So many bytes at once are enough to read more often.
    many: usize,
}

impl PacketPipe {
    /// Creates a pipe.
    ///
    /// # Errors
    /// Returns an error if there are too few descriptors.
    pub(crate) fn new() -> std::io::Result<Self> {
        let (reader, writer) = std::io::pipe()?;
        ioctl_fionbio(&reader, true)?;
        // With less than that, a busy component leaves out packets sooner.
        let _ = fcntl_setpipe_size(&writer, CAPACITY);
        Ok(Self { reader, writer })
    }

    /// Returns the option that makes a component open the pipe. It does not inherit it: nothing but standard input,
    /// output and error is inherited, neither by components nor by what they start.
    pub(crate) fn option(&self) -> String {
        let (process, descriptor) = (std::process::id(), self.writer.as_raw_fd());
        format!("--packets=/proc/{process}/fd/{descriptor}")
    }
}

impl PacketReader {
    /// Starts the task.
    pub(crate) fn start(sink: PacketSink, updates: UpdateSender) -> Self {
        let (orders, asked) = mpsc::unbounded_channel();
        tokio::spawn(run(asked, sink, updates));
        Self { orders }
    }

    /// Reads a pipe from now on, which the component opens that is being started.
    pub(crate) fn read(&self, component: ComponentId, pipe: PacketPipe) {
        let capacity = fcntl_getpipe_size(&pipe.reader).unwrap_or_default();
        let stream = Stream {
            component,
            reader: Some(pipe.reader),
            writer: Some(pipe.writer),
            decoder: PacketDecoder::default(),
            since: Timestamp::now(),
            many: capacity / 4,
        };
        // Nobody takes packets any more if the task has ended.
        let _ = self.orders.send(Order::Read(stream));
    }

    /// Waits until everything is read that a process wrote which has ended.
    pub(crate) async fn finish(&self, component: ComponentId) {
        let (done, finished) = oneshot::channel();
        if self.orders.send(Order::Finish(component, done)).is_ok() {
            let _ = finished.await;
        }
    }
}

async fn run(mut asked: mpsc::UnboundedReceiver<Order>, mut sink: PacketSink, updates: UpdateSender) {
    let mut streams: Vec<Stream> = Vec::new();
    let mut buffer = vec![0; PacketBatch::LARGEST];
    let mut next = Instant::now();
    loop {
        tokio::select! {
            order = asked.recv() => match order {
                Some(Order::Read(stream)) => streams.push(stream),
                Some(Order::Finish(component, done)) => {
                    if let Some(place) = streams.iter().position(|stream| stream.component == component) {
                        let mut stream = streams.swap_remove(place);
                        stream.read_portions(LAST_PORTIONS, &mut buffer, &mut sink, &updates).await;
                    }
                    let _ = done.send(());
                }
                None => return,
            },
            () = sleep_until(next), if !streams.is_empty() => {
                let mut is_busy = false;
                for stream in &mut streams {
                    let read = stream.read_portions(PORTIONS, &mut buffer, &mut sink, &updates).await;
                    is_busy |= read > stream.many;
                }
                streams.retain(|stream| stream.reader.is_some());
                next = Instant::now() + if is_busy { BUSY_ROUND } else { ROUND };
            }
        }
    }
}

impl Stream {
    /// Reads what has been written, but not more than this many times. Returns how much that was, in bytes.
    async fn read_portions(
        &mut self,
        most: usize,
        buffer: &mut [u8],
        sink: &mut PacketSink,
        updates: &UpdateSender,
    ) -> usize {
        let mut all = 0;
        for _ in 0..most {
            let Some(reader) = &mut self.reader else { break };
            match reader.read(buffer) {
                Ok(0) => self.reader = None,
                Ok(length) => {
                    all += length;
                    // The component has opened it, so that its end will be seen.
                    self.writer = None;
                    self.decoder.extend(buffer.get(..length).unwrap_or_default());
                    if let Err(error) = self.take_records(sink) {
                        self.give_up(&error, updates);
                    }
                    // Lets other tasks run, however much there is to read.
                    tokio::task::yield_now().await;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => self.reader = None,
            }
        }
        all
    }

    fn take_records(&mut self, sink: &mut PacketSink) -> Result<(), PacketError> {
        let (since, now) = (self.since, Timestamp::now());
        let batch = |dropped| PacketBatch {
            component: self.component,
            dropped,
            packets: Packets::default(),
        };
        let mut next = batch(0);
        let outcome = self.decoder.decode(|record| match record {
            PacketRecord::Packet(mut packet) => {
                packet.at = packet.at.clamp(since, now);
                next.packets.push(packet);
            }
            PacketRecord::Dropped(packets) if next.packets.is_empty() => {
                next.dropped = next.dropped.saturating_add(packets);
            }
            PacketRecord::Dropped(packets) => sink(std::mem::replace(&mut next, batch(packets))),
        });
        if next.dropped > 0 || !next.packets.is_empty() {
            sink(next);
        }
        outcome
    }

    /// Nothing more is read. The component notices that at its next packet, and goes on without.
    fn give_up(&mut self, error: &PacketError, updates: &UpdateSender) {
        self.reader = None;
        let text =
            format!("what it says about its packets makes no sense: {error}; no more of them are recorded");
        let severity = Severity::Problem;
        updates.report(self.component, Change::Told { severity, text });
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc as channel;
    use std::sync::{Arc, Mutex};

    use feed::{Carried, Direction, Fate, Packet};
    use model::{Ending, Update};

    use super::*;
    use crate::{JobCommand, Supervisor, SupervisorCommand};

    /// How long a test waits before it gives up: far longer than anything ever takes.
    const PATIENCE: Duration = Duration::from_secs(20);
    const ID: ComponentId = ComponentId(1);

    /// A supervisor of shell scripts, which find the pipe for their packets in `$pipe`.
    struct Scripts {
        supervisor: Supervisor,
        announced: channel::Receiver<()>,
        batches: Arc<Mutex<Vec<PacketBatch>>>,
    }

    impl Scripts {
        fn running(script: &str, with_packets: bool) -> Self {
            let (announce, announced) = channel::channel();
            let batches = Arc::<Mutex<Vec<PacketBatch>>>::default();
            let taken = Arc::clone(&batches);
            let sink: PacketSink = Box::new(move |batch| taken.lock().unwrap().push(batch));
            let repaint = Arc::new(move || {
                let _ = announce.send(());
            });
            let sink = with_packets.then_some(sink);
            let supervisor = Supervisor::start("/bin/sh".into(), repaint, sink).unwrap();
            let mut scripts = Self {
                supervisor,
                announced,
                batches,
            };
            let script = format!("pipe=${{0#--packets=}}; {script}");
            scripts.command(JobCommand::Start(vec!["-c".into(), script]));
            scripts
        }

        fn command(&mut self, command: JobCommand) {
            let command = SupervisorCommand::Job(ID, command);
            self.supervisor.command(command).unwrap();
        }

        fn wait_for<T>(&mut self, mut pick: impl FnMut(Change) -> Option<T>) -> T {
            loop {
                self.supervisor.begin_updates();
                while let Some(update) = self.supervisor.next_update() {
                    if let Update::Component { change, .. } = update
                        && let Some(picked) = pick(change)
                    {
                        return picked;
                    }
                }
                self.announced.recv_timeout(PATIENCE).expect("something happens");
            }
        }

        fn ending(&mut self) -> Ending {
            self.wait_for(|change| match change {
                Change::Ended(ending) => Some(ending),
                _ => None,
            })
        }
    }

    fn packet(at: Timestamp, bytes: &[u8]) -> Packet {
        Packet {
            at,
            direction: Direction::Sent,
            carried: Carried::Sctp,
            source: ([127, 0, 0, 1], 9899).into(),
            destination: ([127, 0, 0, 2], 9899).into(),
            fate: Fate::Passed,
            corrupted: false,
            delay: Duration::ZERO,
            bytes: bytes.to_vec(),
        }
    }

    fn write(path: &Path, records: &[PacketRecord]) {
        let mut bytes = Vec::new();
        for record in records {
            match record {
                PacketRecord::Packet(packet) => packet.encode(&mut bytes),
                PacketRecord::Dropped(packets) => PacketRecord::encode_dropped(*packets, &mut bytes),
            }
        }
        std::fs::write(path, bytes).unwrap();
    }

    #[test]
    fn what_a_killed_component_wrote_last_is_known_before_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("records");
        let before = Timestamp::now();
        let records = [
            PacketRecord::Packet(packet(Timestamp::default(), b"too old")),
            PacketRecord::Dropped(7),
            PacketRecord::Packet(packet(Timestamp::from_micros(u64::MAX), b"in the future")),
            PacketRecord::Dropped(9),
        ];
        write(&file, &records);
        let script = format!("cat {} > $pipe; kill -KILL $$", file.display());
        let mut scripts = Scripts::running(&script, true);
        let Ending::Crashed { why } = scripts.ending() else {
            panic!("it was killed by itself");
        };
        assert!(why.contains("SIGKILL"), "{why}");
        let batches = std::mem::take(&mut *scripts.batches.lock().unwrap());
        let shown: Vec<(u64, Vec<&[u8]>)> = batches
            .iter()
            .map(|batch| {
                let bytes = batch.packets.iter().map(|packet| packet.bytes);
                (batch.dropped, bytes.collect())
            })
            .collect();
        let expected: [(u64, Vec<&[u8]>); 3] =
            [(0, vec![b"too old"]), (7, vec![b"in the future"]), (9, vec![])];
        assert_eq!(shown, expected);
        let now = Timestamp::now();
        for at in batches.iter().flat_map(|batch| batch.packets.times()) {
            assert!(before <= at && at <= now, "{at:?}");
        }
        assert!(batches.iter().all(|batch| batch.component == ID));
    }

    #[test]
    fn packets_that_make_no_sense_are_told_once_and_end_nothing() {
        // The second attempt fails, since the pipe is not read any more.
        let script = "(while echo 'this is not a packet'; do :; done) > $pipe; exec sleep 60";
        let mut scripts = Scripts::running(script, true);
        let text = scripts.wait_for(|change| match change {
            Change::Told { severity, text } => Some((severity, text)),
            _ => None,
        });
        assert_eq!(text.0, Severity::Problem);
        assert!(text.1.contains("its packets makes no sense"), "{text:?}");
        scripts.command(JobCommand::Kill);
        let ending = scripts.wait_for(|change| match change {
            Change::Told { text, .. } => panic!("once more: {text}"),
            Change::Ended(ending) => Some(ending),
            _ => None,
        });
        assert_eq!(ending, Ending::Killed);
    }

    #[test]
    fn a_flood_of_packets_delays_no_command_and_comes_in_bounded_batches() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("records");
        let flood = PacketRecord::Packet(packet(Timestamp::default(), &[7; 10]));
        write(&file, &vec![flood; 50_000]);
        let script = format!("while cat {}; do :; done > $pipe", file.display());
        let mut scripts = Scripts::running(&script, true);
        while scripts.batches.lock().unwrap().len() < 50 {
            std::thread::yield_now();
        }
        scripts.command(JobCommand::Kill);
        assert_eq!(scripts.ending(), Ending::Killed);
        let batches = scripts.batches.lock().unwrap();
        let largest = batches.iter().map(|batch| batch.packets.len()).max();
        assert!(largest.is_some_and(|packets| packets <= PacketBatch::LARGEST / 40 + 1));
    }

    #[test]
    fn nobody_writes_packets_if_nobody_takes_them() {
        let mut scripts = Scripts::running("echo \"pipe: $pipe\" >&2", false);
        let line = scripts.wait_for(|change| match change {
            Change::LogLine(line) => Some(line),
            _ => None,
        });
        assert_eq!(line, "pipe: poolscope");
    }
}
