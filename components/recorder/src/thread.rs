//! The thread that writes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use feed::{Packets, Timestamp, WallClock};
use recording::{ChunkHeader, Keyframing, Mark, Properties, RecordKind, WriteError, Writer, ip};

use crate::output::Output;
use crate::records::{Batch, Records};
use crate::save::save;
use crate::status::Shared;
use crate::waiting_packets::{Due, WaitingPackets};
use crate::{Encode, Notify, Origin};

/// What the thread is to do.
pub(crate) enum Order {
    Records(Arc<Records>),
    Keyframe {
        kind: RecordKind,
        at: Timestamp,
        keyframing: Keyframing,
        encode: Encode,
    },
    Name {
        component: u32,
        name: String,
        description: String,
    },
    Packets {
        component: u32,
        dropped: u64,
        packets: Packets,
    },
    Comment {
        at: Timestamp,
        text: String,
        bytes: usize,
    },
    Flush(Option<Notify>),
    Save {
        path: PathBuf,
        then: Box<dyn FnOnce(Result<(), String>) + Send>,
    },
    End,
}

/// Where orders come in.
#[derive(Debug)]
pub(crate) struct Inbox {
    pub(crate) orders: Receiver<Order>,
    hurry: Receiver<()>,
}

/// The way to the thread.
#[derive(Debug, Clone)]
pub(crate) struct Orders {
    orders: Sender<Order>,
    /// Full if the orders are not to wait for more of them.
    hurry: Sender<()>,
}

impl Orders {
    pub(crate) fn channel() -> (Self, Inbox) {
        let (orders, inbox) = unbounded();
        let (hurry, hurried) = bounded(1);
        let inbox = Inbox {
            orders: inbox,
            hurry: hurried,
        };
        (Self { orders, hurry }, inbox)
    }

    /// Gives an order, which is carried out at once if it is `pressing`.
    pub(crate) fn give(&self, order: Order, pressing: bool) {
        // Fails if the thread has ended.
        let _ = self.orders.send(order);
        if pressing {
            self.hurry();
        }
    }

    /// Does not let the thread wait for more orders.
    pub(crate) fn hurry(&self) {
        // If it is full, it does not wait any more.
        let _ = self.hurry.try_send(());
    }
}

/// A recording that is being written.
pub(crate) struct Writing {
    output: Box<dyn Output>,
    origin: Origin,
    shared: Arc<Shared>,
    writer: Writer,
    /// What has not been written to the output.
    out: Vec<u8>,
    /// How far the chunk has reached the output.
    written: Option<Mark>,
    /// What ends a chunk that was given up, and could not be written either.
    closing: Vec<u8>,
    chunk_begun: Instant,
    /// When the first of what has not been flushed came.
    unflushed: Option<Instant>,
    /// When it is tried again to write.
    retry: Option<Instant>,
    /// The names and descriptions of components.
    names: BTreeMap<u32, (String, String)>,
    /// The packets that have not been flushed.
    packets: WaitingPackets,
    /// Comments that wait for a packet, with their times.
    comments: Vec<(Timestamp, String)>,
    /// Packets that are missing before the next one of a component.
    missing: BTreeMap<u32, u64>,
    /// What is being saved.
    saving: Vec<JoinHandle<()>>,
}

impl Writing {
    /// How often everything is flushed. What has not been, and what is collected, is lost when the program is killed.
    const FLUSH: Duration = Duration::from_millis(750);
    /// How long orders may wait for more of them.
    const COLLECT: Duration = Duration::from_millis(250);
    /// The size after which a chunk is to end, in bytes before they are compressed, and its age.
    const CHUNK: u64 = 12 << 20;
    const CHUNK_AGE: Duration = Duration::from_secs(300);
    /// How long to wait after an error.
    const RETRY: Duration = Duration::from_secs(5);
    /// The maximum number of comments that wait for a packet.
    const COMMENTS: usize = 1_000;
    /// How late packets may come in order to be put into the order of their times.
    const LATE: Duration = Duration::from_millis(200);

    pub(crate) fn begin(
        output: Box<dyn Output>,
        origin: Origin,
        shared: Arc<Shared>,
    ) -> std::io::Result<Self> {
        let writer = Writer::new(output.form(), 0).map_err(std::io::Error::other)?;
        let budget = output.budget();
        shared.tell(|status| status.budget = budget);
        Ok(Self {
            output,
            origin,
            shared,
            writer,
            out: Vec::new(),
            written: None,
            closing: Vec::new(),
            chunk_begun: Instant::now(),
            unflushed: None,
            retry: None,
            names: BTreeMap::new(),
            packets: WaitingPackets::default(),
            comments: Vec::new(),
            missing: BTreeMap::new(),
            saving: Vec::new(),
        })
    }

    /// Carries out orders until the end.
    pub(crate) fn run(mut self, inbox: &Inbox) {
        'orders: loop {
            let flush = self.unflushed.map(|since| since + Self::FLUSH);
            let due = flush.into_iter().chain(self.retry).min();
            let order = match due {
                Some(due) => inbox.orders.recv_deadline(due),
                None => inbox.orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match order {
                Ok(order) => {
                    // Being woken for each order would cost more than carrying them out.
                    let collected = Instant::now() + Self::COLLECT;
                    let _ = inbox.hurry.recv_deadline(collected);
                    for order in std::iter::once(order).chain(inbox.orders.try_iter()) {
                        if matches!(order, Order::End) {
                            break 'orders;
                        }
                        self.carry_out(order);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = Instant::now();
            if self.unflushed.is_some_and(|since| now - since >= Self::FLUSH) {
                self.flush(false);
            }
            if self.retry.is_some_and(|retry| now >= retry) {
                self.retry = None;
                self.shared.jump();
            }
        }
        self.flush(true);
        self.finish_chunk();
        for saving in self.saving {
            let _ = saving.join();
        }
    }

    pub(crate) fn carry_out(&mut self, order: Order) {
        match order {
            Order::Records(records) => {
                let batch = records.take();
                self.records(&batch);
                self.shared.give_room(batch.size());
            }
            Order::Keyframe {
                kind,
                at,
                keyframing,
                encode,
            } => self.keyframe(kind, at, keyframing, &encode()),
            Order::Name {
                component,
                name,
                description,
            } => {
                self.names.insert(component, (name, description));
            }
            Order::Packets {
                component,
                dropped,
                packets,
            } => {
                if dropped > 0 {
                    let now = Timestamp::now();
                    self.shared.miss(now - Self::LATE, now, dropped);
                }
                let mut missing = self.missing.remove(&component).unwrap_or_default();
                missing = missing.saturating_add(dropped);
                if packets.is_empty() {
                    self.missing.insert(component, missing);
                } else {
                    self.packets.add(component, missing, packets);
                }
                self.unflushed.get_or_insert_with(Instant::now);
            }
            Order::Comment { at, text, bytes } => {
                // Those that wait for a packet are few: they are not accounted for.
                if self.comments.len() < Self::COMMENTS {
                    self.comments.push((at, text));
                }
                self.shared.give_room(bytes);
            }
            Order::Flush(then) => {
                self.flush(true);
                if let Some(then) = then {
                    then();
                }
            }
            Order::Save { path, then } => {
                self.flush(true);
                self.saving.retain(|saving| !saving.is_finished());
                self.saving
                    .extend(save(self.output.location().to_owned(), path, then));
            }
            Order::End => {}
        }
    }

    fn records(&mut self, batch: &Batch) {
        for item in batch.items() {
            let written = self
                .writer
                .record(item.kind, item.properties, item.at, item.bytes);
            match written {
                Ok(_) => {
                    self.unflushed.get_or_insert_with(Instant::now);
                }
                // It was given up; a keyframe will follow.
                Err(WriteError::NoChunk) => return,
                Err(error) => {
                    self.shared.break_off(item.at, &error.to_string());
                    return;
                }
            }
        }
    }

    fn keyframe(&mut self, kind: RecordKind, at: Timestamp, keyframing: Keyframing, bytes: &[u8]) {
        let whole = keyframing == Keyframing::Whole;
        let due = !self.writer.is_open() || self.chunk_is_due();
        if due && (whole || !self.output.is_full()) && !self.begin_chunk(whole, at) {
            return;
        }
        let properties = Properties::keyframe(keyframing);
        match self.writer.record(kind, properties, at, bytes) {
            Ok(_) => {
                self.unflushed.get_or_insert_with(Instant::now);
            }
            Err(error) => self.shared.break_off(at, &error.to_string()),
        }
    }

    fn chunk_is_due(&self) -> bool {
        self.writer.raw_bytes() >= Self::CHUNK || self.chunk_begun.elapsed() >= Self::CHUNK_AGE
    }

    /// Begins a chunk, in another file if that is due. Returns whether that was possible.
    fn begin_chunk(&mut self, whole: bool, at: Timestamp) -> bool {
        self.flush(true);
        self.finish_chunk();
        if whole && self.output.is_full() {
            // Without it, the file is readable as well, but seems to be cut off.
            let _ = self.output.write(&std::mem::take(&mut self.closing));
            if let Err(error) = self.output.next_file() {
                self.fail(at, &error);
                return false;
            }
            let dropped = self.output.has_dropped();
            self.shared.tell(|status| status.dropped = dropped);
        }
        let header = ChunkHeader {
            begun: at,
            wall_clock: WallClock::sample(),
            contents: self.origin.contents,
            program: self.origin.program.clone(),
            host: self.origin.host.clone(),
        };
        self.chunk_begun = Instant::now();
        self.written = None;
        let mut begun = Ok(());
        if self.output.is_empty() {
            begun = self.writer.begin_file(&self.origin.program, &mut self.out);
        }
        match begun.and_then(|()| self.writer.begin_chunk(&header, &mut self.out)) {
            Ok(()) => true,
            Err(error) => {
                self.shared.break_off(at, &error.to_string());
                false
            }
        }
    }

    pub(crate) fn finish_chunk(&mut self) {
        if !self.writer.is_open() {
            return;
        }
        let finished = self.writer.finish_chunk(&mut self.out);
        let end = self.out.clone();
        self.put(finished);
        if self.retry.is_some() {
            // All of it has been flushed but its end, which can still follow.
            self.closing = end;
        }
    }

    /// Makes everything readable; `all` packets, or only those that none can precede any more.
    pub(crate) fn flush(&mut self, all: bool) {
        self.write_packets(all);
        self.unflushed = (!self.packets.is_empty()).then(Instant::now);
        let flushed = self.writer.flush(&mut self.out);
        self.put(flushed);
        if self.writer.is_open() && self.chunk_is_due() {
            self.shared.want(self.output.is_full());
        }
    }

    /// Writes to the output what the writer has produced.
    fn put(&mut self, produced: Result<(), WriteError>) {
        if let Err(error) = produced {
            self.fail(Timestamp::now(), &std::io::Error::other(error));
            return;
        }
        if self.out.is_empty() {
            return;
        }
        if !self.closing.is_empty() {
            match self.output.write(&self.closing) {
                Ok(()) => self.closing.clear(),
                Err(error) => return self.fail(Timestamp::now(), &error),
            }
        }
        match self.output.write(&self.out) {
            Ok(()) => {
                self.out.clear();
                self.written = self.writer.mark();
                let bytes = self.output.files().iter().map(|(_, size)| size).sum();
                self.shared.tell(|status| {
                    status.bytes = bytes;
                    status.problem = None;
                });
            }
            Err(error) => self.fail(Timestamp::now(), &error),
        }
    }

    /// Gives up the chunk. What has been written stays.
    fn fail(&mut self, at: Timestamp, error: &std::io::Error) {
        self.out.clear();
        let given_up = match self.written.take() {
            Some(mark) if self.closing.is_empty() => self.writer.abandon(&mark, &mut self.closing),
            _ => self.writer.discard(),
        };
        let why = match given_up {
            Ok(()) => error.to_string(),
            Err(worse) => worse.to_string(),
        };
        let where_to = self.output.location().display();
        let mut problem = format!("Nothing is recorded at {where_to}: {why}.");
        if !self.shared.ending.load(Ordering::Acquire) {
            problem.push_str(" It is tried again.");
        }
        self.shared.tell(|status| status.problem = Some(problem));
        self.shared.break_off_for_now(at, &why);
        self.retry = Some(Instant::now() + Self::RETRY);
    }

    fn write_packets(&mut self, all: bool) {
        let until = if all || self.shared.ending.load(Ordering::Acquire) {
            Timestamp::from_micros(u64::MAX)
        } else {
            Timestamp::now() - Self::LATE
        };
        let due = self.packets.take_until(until);
        let (mut lost, mut room) = (0_u64, 0);
        self.comments.sort_by_key(|(at, _)| *at);
        let mut comments = std::mem::take(&mut self.comments).into_iter().peekable();
        for packet in due.due() {
            while let Some((_, text)) = comments.next_if(|(at, _)| *at <= packet.packet.at) {
                self.writer.comment(None, &text);
            }
            lost += u64::from(self.write_packet(&packet).is_err());
            room += Packets::HEAD + packet.packet.bytes.len();
        }
        self.comments = comments.collect();
        self.shared.give_room(room);
        if lost > 0 {
            // Then records are missing as well, which tells the gap.
            self.shared.tell(|status| {
                status.missing_packets = status.missing_packets.saturating_add(lost);
            });
        }
    }

    fn write_packet(&mut self, due: &Due<'_>) -> Result<(), WriteError> {
        let Due {
            component,
            missing,
            packet,
        } = due;
        let unknown;
        let (name, description) = match self.names.get(component) {
            Some((name, description)) => (name, description.as_str()),
            None => {
                unknown = format!("component {component}");
                (&unknown, "")
            }
        };
        let description = ip::description(packet, description);
        let interface = self.writer.interface(name, &description);
        let bytes = ip::packet(packet);
        let remark = packet.remark();
        self.writer.packet(recording::Packet {
            interface,
            at: packet.at,
            direction: packet.direction,
            bytes: &bytes,
            comment: remark.as_deref(),
            missing: *missing,
        })
    }
}
