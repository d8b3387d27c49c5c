//! The thread that serves a listener.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Receiver;
use feed::{Fate, Packets, Timestamp};

use crate::Selection;
use crate::component::Components;
use crate::ordered::{Held, Ordered};
use crate::outlet::Outlet;
use crate::queue::{Comment, Gap, Queue, Waiting};
use crate::selection::{Filter, ends};
use crate::stream::Stream;

/// Turns the packets of a listener into pcapng, and writes it.
pub(crate) struct Serving {
    queue: Arc<Queue>,
    woken: Receiver<()>,
    outlet: Outlet,
    components: Components,
    stream: Stream,
    filter: Filter<u32>,
    ordered: Ordered,
    comments: Vec<Comment>,
    /// What is missing before the next packet that is shown, of each component of which some are not.
    carried: BTreeMap<u32, Gap>,
}

impl Serving {
    /// How often to look whether anybody still reads, while there is nothing to write.
    const IDLE: Duration = Duration::from_millis(500);
    /// After how many bytes to write what has been encoded.
    const PIECE: usize = 256 << 10;

    pub(crate) fn begin(
        program: &str,
        queue: Arc<Queue>,
        woken: Receiver<()>,
        file: OwnedFd,
        components: Components,
    ) -> io::Result<Self> {
        let mut filter = Filter::new(queue.view.clone());
        if let Selection::Link { with, .. } = queue.view.selection {
            let told = components.addresses(with);
            told.into_iter().for_each(|address| filter.learn_address(address));
        }
        Ok(Self {
            woken,
            outlet: Outlet::new(file)?,
            stream: Stream::begin(program, &queue.title).map_err(io::Error::other)?,
            filter,
            components,
            queue,
            ordered: Ordered::default(),
            comments: Vec::new(),
            carried: BTreeMap::new(),
        })
    }

    /// Runs until the listener is gone, or nothing more comes.
    ///
    /// # Errors
    /// Returns an error if the listener is gone.
    pub(crate) fn run(mut self) -> io::Result<()> {
        // Wireshark shows nothing, and does not say why, until it has read the beginning.
        self.write()?;
        loop {
            let since = self.queue.since();
            let due = self.ordered.due(since);
            let now = Timestamp::now();
            if self.queue.is_ending() {
                let waiting = self.queue.take();
                self.add(waiting);
                let rest = self.ordered.take_until(Timestamp::from_micros(u64::MAX));
                return self.flush(&rest);
            }
            if due.is_none_or(|due| now < due) {
                let pause = due.map_or(Self::IDLE, |due| (due - now).min(Self::IDLE));
                let _ = self.woken.recv_timeout(pause);
                if self.outlet.is_closed() {
                    return Err(io::ErrorKind::BrokenPipe.into());
                }
                continue;
            }
            // A round that has just begun is not complete.
            let round = since.filter(|since| Ordered::is_complete(*since, now));
            if round.is_some() {
                let waiting = self.queue.take();
                self.add(waiting);
            }
            let due = self.ordered.take(round, now);
            self.flush(&due)?;
        }
    }

    fn add(&mut self, waiting: Waiting) {
        for batch in &waiting.batches {
            // What precedes its first packet, by whatever component, is held as well: then its address is known.
            if self.filter.learns() {
                let packets = batch.packets.iter();
                packets.for_each(|packet| self.filter.learn(&batch.component, ends(&packet)));
            }
            self.ordered.add(batch);
        }
        self.comments.extend(waiting.comments);
        self.comments.sort_by_key(|comment| comment.at);
        let too_many = self.comments.len().saturating_sub(Queue::COMMENTS);
        self.comments.drain(..too_many);
    }

    fn flush(&mut self, due: &[Held]) -> io::Result<()> {
        self.stream.follow_wall_clock();
        let components = self.components.all();
        let (mut packets, mut room) = (0, 0);
        let mut comments = std::mem::take(&mut self.comments).into_iter().peekable();
        for held in due {
            let Some(packet) = held.packet() else { continue };
            room += Packets::HEAD + packet.bytes.len();
            let mut gap = self.carried.remove(&held.component).unwrap_or_default();
            gap.add(held.gap);
            let tells_more = packet.fate != Fate::Passed || packet.corrupted;
            if !self.filter.passes(&held.component, ends(&packet), tells_more) {
                if gap.all() > 0 && self.filter.selection().shows(&held.component) {
                    self.carried.insert(held.component, gap);
                }
                continue;
            }
            while let Some(comment) = comments.next_if(|comment| comment.at <= packet.at) {
                self.stream.comment(comment);
            }
            self.stream
                .packet(held.component, &components, &packet, gap)
                .map_err(io::Error::other)?;
            packets += 1;
            if self.stream.waiting_bytes() >= Self::PIECE {
                self.write()?;
            }
        }
        self.comments = comments.collect();
        self.stream.grow_old();
        let written = self.write();
        self.queue.give_room(packets, room);
        written
    }

    fn write(&mut self) -> io::Result<()> {
        let bytes = self.stream.take();
        self.outlet.write_all(&bytes, || self.queue.is_ending())
    }
}
