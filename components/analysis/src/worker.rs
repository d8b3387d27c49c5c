//! The thread that reads a recording.

use std::collections::VecDeque;
use std::sync::Arc;

use crossbeam_channel::{Receiver, RecvError, Sender, TryRecvError};
use dissection::{Data, Tree, dissect_message, dissect_packet, dissect_status_report};
use recording::{Chunk, Damage, Origin, Recording, ip};
use trace::{Clock, Message, MessageId, PacketId, Place, Trace, Tracer};
use wire::Ppid;

use crate::analysis::Notify;
use crate::rows::Search;
use crate::{Inspected, Item, Part, Rows, Wanted};

#[derive(Debug)]
pub(crate) enum Request {
    /// The recording may have grown.
    Refresh,
    Rows(Wanted),
    Inspect(Item),
}

#[derive(Debug)]
pub(crate) enum Answer {
    Trace {
        trace: Trace,
        clock: Option<Clock>,
        progress: f32,
        beginning: Beginning,
    },
    Rows(Rows),
    Inspected(Inspected),
    /// Why the recording, or a part of it, cannot be read.
    Problem(Option<String>),
}

/// Where tracing began: not at the beginning of a recording with more packets than are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Beginning {
    /// How often it began.
    pub(crate) number: u64,
    /// How many packets there are before it.
    pub(crate) left_out: u64,
}

pub(crate) struct Worker {
    /// The maximum number of packets that are kept; the copies of both ends count singly.
    most_packets: u64,
    beginning: Beginning,
    /// The position of the chunk where it begins, among those that were there then.
    first: usize,
    inbox: Receiver<Request>,
    outbox: Sender<Answer>,
    notify: Notify,
    tracer: Tracer,
    clock: Option<Clock>,
    /// The number of the next chunk's first record, and of the current chunk: its number and how many of its packets are
    /// taken.
    current: Option<Current>,
    search: Search,
    /// The chunks that were read last.
    chunks: VecDeque<(u64, Arc<Chunk>)>,
    /// How much of the recording was traced, as it was told.
    progress: f32,
    /// Why a part of the recording was not read.
    damage: Option<String>,
    /// Why it cannot be found out how it has grown.
    refused: Option<String>,
    /// What was told of that.
    told: Option<String>,
}

/// The chunk that was traced last; it may grow.
#[derive(Debug, Clone, Copy)]
struct Current {
    first_record: u64,
    number: u32,
    taken: usize,
    /// How much there was of it.
    bytes: u64,
}

impl Worker {
    /// So many messages are looked at before it is looked for another request.
    const PORTION: usize = 200_000;
    /// The number of chunks that are kept.
    const CHUNKS: usize = 2;

    pub(crate) fn new(
        inbox: Receiver<Request>,
        outbox: Sender<Answer>,
        notify: Notify,
        most_packets: u64,
    ) -> Self {
        Self {
            most_packets,
            beginning: Beginning::default(),
            first: 0,
            inbox,
            outbox,
            notify,
            tracer: Tracer::default(),
            clock: None,
            current: None,
            search: Search::new(Wanted::default()),
            chunks: VecDeque::new(),
            progress: 0.0,
            damage: None,
            refused: None,
            told: None,
        }
    }

    /// Runs until nobody asks any more.
    pub(crate) fn run(mut self, origin: &Origin) {
        let mut recording = match origin.open() {
            Ok(recording) => recording,
            Err(error) => return self.answer(Answer::Problem(Some(error.to_string()))),
        };
        let mut has_more = true;
        loop {
            let request = if has_more {
                match self.inbox.try_recv() {
                    Ok(request) => Some(request),
                    Err(TryRecvError::Empty) => None,
                    Err(TryRecvError::Disconnected) => return,
                }
            } else {
                match self.inbox.recv() {
                    Ok(request) => Some(request),
                    Err(RecvError) => return,
                }
            };
            if let Some(request) = request {
                let requests: Vec<Request> = std::iter::once(request).chain(self.inbox.try_iter()).collect();
                self.serve(&mut recording, requests);
            }
            has_more = self.go_on(&recording);
            self.look_for_damage(&recording, origin);
            self.tell_problem();
        }
    }

    /// Carries out requests; of those for rows, and for an item, only the last one is still of interest.
    fn serve(&mut self, recording: &mut Recording, requests: Vec<Request>) {
        let (mut wanted, mut item, mut refresh) = (None, None, false);
        for request in requests {
            match request {
                Request::Refresh => refresh = true,
                Request::Rows(rows) => wanted = Some(rows),
                Request::Inspect(inspect) => item = Some(inspect),
            }
        }
        if let Some(wanted) = wanted {
            self.search = Search::new(wanted);
        }
        if let Some(item) = item {
            let inspected = self.inspect(recording, item);
            self.answer(Answer::Inspected(inspected));
        }
        if refresh {
            self.refused = recording.refresh().err().map(|error| error.to_string());
        }
    }

    /// A recording that grows is always cut, and what follows will be read.
    fn look_for_damage(&mut self, recording: &Recording, origin: &Origin) {
        if self.damage.is_none() {
            let found = recording
                .damage()
                .iter()
                .find(|damage| !(damage.cut && origin.grows()));
            self.damage = found.map(damaged);
        }
    }

    fn tell_problem(&mut self) {
        let problem = self.refused.as_ref().or(self.damage.as_ref());
        if problem != self.told.as_ref() {
            self.told = problem.cloned();
            self.answer(Answer::Problem(self.told.clone()));
        }
    }

    /// Traces the next chunk, and looks for rows. Returns whether there is more to do.
    fn go_on(&mut self, recording: &Recording) -> bool {
        let clock = self.clock.unwrap_or_else(|| Clock {
            wall_clock: feed::WallClock::sample(),
            begin: feed::Timestamp::default(),
        });
        if self.search.look(self.tracer.trace(), clock, Self::PORTION) {
            let rows = self.search.rows();
            self.answer(Answer::Rows(rows));
            return true;
        }
        let (more, changed) = self.trace_next(recording);
        let progress = self.progress(recording);
        if changed || progress != self.progress {
            self.progress = progress;
            let clock = self.clock.unwrap_or(clock);
            if let Some(packet) = self.tracer.changed() {
                self.search.look_again(self.tracer.trace(), packet);
            }
            self.search.look(self.tracer.trace(), clock, usize::MAX);
            let answer = Answer::Trace {
                trace: self.tracer.trace().clone(),
                clock: self.clock,
                progress,
                beginning: self.beginning,
            };
            self.answer(answer);
        }
        let rows = self.search.rows();
        self.answer(Answer::Rows(rows));
        more
    }

    /// Begins with the latest chunks if there are more packets than are kept, and anew whenever they have become so many:
    /// then with half of them, so that this is seldom.
    fn bound(&mut self, recording: &Recording) {
        let first = match self.current {
            None if self.beginning.number == 0 => latest(recording, self.most_packets),
            Some(_) if self.tracer.trace().packets.len() as u64 > self.most_packets => {
                latest(recording, self.most_packets / 2)
            }
            _ => return,
        };
        if first > 0 {
            self.begin(recording, first);
        }
    }

    fn begin(&mut self, recording: &Recording, first: usize) {
        self.tracer = Tracer::default();
        self.search = Search::new(self.search.rows().wanted);
        self.current = None;
        self.first = first;
        let before = recording.chunks().iter().take(first);
        self.beginning = Beginning {
            number: self.beginning.number + 1,
            left_out: before.map(|chunk| chunk.packets).sum(),
        };
    }

    /// Returns whether there are more chunks, and whether anything was found.
    fn trace_next(&mut self, recording: &Recording) -> (bool, bool) {
        self.bound(recording);
        let chunks = recording.chunks();
        let next = match self.current {
            None => self.first,
            Some(current) => {
                let position = chunks.partition_point(|chunk| chunk.first_record < current.first_record);
                match chunks.get(position) {
                    Some(info) if info.first_record == current.first_record => {
                        if info.raw_bytes > current.bytes {
                            position
                        } else {
                            position + 1
                        }
                    }
                    _ => position,
                }
            }
        };
        let Some(info) = chunks.get(next) else {
            return (false, false);
        };
        let begin = chunks.first().map_or(info.from, |first| first.from);
        self.clock.get_or_insert(Clock {
            wall_clock: info.header.wall_clock,
            begin,
        });
        let (number, from) = match self.current {
            Some(current) if current.first_record == info.first_record => (current.number, current.taken),
            _ => (self.tracer.begin_chunk(info.first_record), 0),
        };
        let mut taken = from;
        match recording.read_chunk(next) {
            Ok(chunk) => {
                if let Some(damage) = chunk.damage.as_ref().filter(|damage| !damage.cut) {
                    self.damage.get_or_insert_with(|| damaged(damage));
                }
                taken = self.tracer.take_chunk(number, &chunk, from);
                self.keep(info.first_record, Arc::new(chunk));
            }
            Err(error) => {
                self.damage.get_or_insert_with(|| error.to_string());
            }
        }
        self.current = Some(Current {
            first_record: info.first_record,
            number,
            taken,
            bytes: info.raw_bytes,
        });
        (next + 1 < chunks.len(), taken > from)
    }

    fn progress(&self, recording: &Recording) -> f32 {
        let chunks = recording.chunks();
        let bytes = |chunks: &[Arc<recording::ChunkInfo>]| -> u64 {
            chunks.iter().map(|chunk| chunk.raw_bytes).sum()
        };
        let done = chunks.partition_point(|chunk| {
            self.current
                .is_some_and(|current| chunk.first_record <= current.first_record)
        });
        let all = bytes(chunks).max(1);
        bytes(chunks.get(..done).unwrap_or_default()) as f32 / all as f32
    }

    fn keep(&mut self, first_record: u64, chunk: Arc<Chunk>) {
        self.chunks.retain(|(number, _)| *number != first_record);
        self.chunks.push_back((first_record, chunk));
        if self.chunks.len() > Self::CHUNKS {
            self.chunks.pop_front();
        }
    }

    fn inspect(&mut self, recording: &Recording, item: Item) -> Inspected {
        let parts = match item {
            Item::Message(id) => self.message(recording, id),
            Item::Packet(id) => self.packet(recording, id).map(|part| vec![part]),
        };
        Inspected { item, parts }
    }

    fn message(&mut self, recording: &Recording, id: MessageId) -> Result<Vec<Part>, String> {
        let message = *self.tracer.trace().message(id).ok_or_else(gone)?;
        let mut bytes = Vec::new();
        if message.fragments == 0 {
            let place = self.place(message.first)?;
            let chunk = self.chunk(recording, place)?;
            let packet = chunk.packet(place.position as usize).ok_or_else(gone)?;
            bytes.extend(ip::open(packet.bytes).ok_or_else(gone)?.payload);
        } else {
            self.collect(recording, &message, &mut bytes)?;
        }
        let mut tree = Tree::default();
        match message.protocol.ppid() {
            Some(ppid) => dissect_message(ppid, &bytes, &mut tree),
            None => dissect_status_report(&bytes, &mut tree),
        }
        let mut parts = vec![Part {
            title: self.tracer.trace().names.get(message.name).to_owned(),
            bytes: bytes.into(),
            tree: Arc::new(tree),
        }];
        if message.fragments > 0 {
            parts.push(self.packet(recording, message.last)?);
        }
        Ok(parts)
    }

    /// Collects the fragments of a message from the packets in which they were sent first.
    fn collect(
        &mut self,
        recording: &Recording,
        message: &Message,
        bytes: &mut Vec<u8>,
    ) -> Result<(), String> {
        let mut missing = u32::from(message.fragments);
        let mut fragments = std::collections::BTreeMap::new();
        for number in message.first.0..=message.last.0 {
            let id = PacketId(number);
            let known = self.tracer.trace().packet(id).ok_or_else(gone)?;
            if known.association != message.association || known.from != message.from {
                continue;
            }
            let place = self.place(id)?;
            let chunk = self.chunk(recording, place)?;
            let packet = chunk.packet(place.position as usize).ok_or_else(gone)?;
            let opened = ip::open(packet.bytes).ok_or_else(gone)?;
            let Some(packet) = dissection::Packet::parse(opened.payload) else {
                continue;
            };
            for data in packet.chunks.filter_map(|chunk| Data::of(&chunk)) {
                let place = data.tsn.wrapping_sub(message.tsn);
                if place < u32::from(message.fragments) && !fragments.contains_key(&place) {
                    fragments.insert(place, data.payload.to_vec());
                    missing -= 1;
                }
            }
            if missing == 0 {
                break;
            }
        }
        fragments
            .into_values()
            .for_each(|fragment| bytes.extend(fragment));
        if missing == 0 { Ok(()) } else { Err(gone()) }
    }

    fn packet(&mut self, recording: &Recording, id: PacketId) -> Result<Part, String> {
        let place = self.place(id)?;
        let chunk = self.chunk(recording, place)?;
        let packet = chunk.packet(place.position as usize).ok_or_else(gone)?;
        let opened = ip::open(packet.bytes).ok_or_else(gone)?;
        let mut tree = Tree::default();
        let title = match opened.carried {
            feed::Carried::Sctp => {
                dissect_packet(opened.payload, opened.payload.len(), &mut tree);
                "SCTP packet"
            }
            feed::Carried::Announcement => {
                dissect_message(Ppid::ASAP, opened.payload, &mut tree);
                "datagram"
            }
        };
        Ok(Part {
            title: title.to_owned(),
            bytes: opened.payload.into(),
            tree: Arc::new(tree),
        })
    }

    fn place(&self, id: PacketId) -> Result<Place, String> {
        let packet = self.tracer.trace().packet(id).ok_or_else(gone)?;
        Ok(packet.place)
    }

    fn chunk(&mut self, recording: &Recording, place: Place) -> Result<Arc<Chunk>, String> {
        let first_record = *self
            .tracer
            .trace()
            .chunks
            .get(place.chunk as usize)
            .ok_or_else(gone)?;
        let kept = self.chunks.iter().find(|(number, _)| *number == first_record);
        if let Some((_, chunk)) = kept
            && (place.position as usize) < chunk.packet_count()
        {
            return Ok(Arc::clone(chunk));
        }
        let position = recording
            .chunks()
            .iter()
            .position(|info| info.first_record == first_record)
            .ok_or_else(gone)?;
        let chunk = Arc::new(
            recording
                .read_chunk(position)
                .map_err(|error| error.to_string())?,
        );
        self.keep(first_record, Arc::clone(&chunk));
        Ok(chunk)
    }

    fn answer(&self, answer: Answer) {
        // Fails when nobody is interested any more.
        let _ = self.outbox.send(answer);
        (self.notify)();
    }
}

fn damaged(damage: &Damage) -> String {
    format!("the recording is {damage}; what cannot be read there is missing here")
}

/// Returns the position of the first of the latest chunks that have at most so many packets together; of the last chunk, if it
/// alone has more.
fn latest(recording: &Recording, most: u64) -> usize {
    let chunks = recording.chunks();
    let mut packets = 0;
    let fitting = chunks.iter().rev().take_while(|chunk| {
        packets += chunk.packets;
        packets <= most
    });
    let fitting = fitting.count().max(1);
    chunks.len().saturating_sub(fitting)
}

fn gone() -> String {
    "the recording has it no longer: its oldest parts are deleted when it becomes too large".to_owned()
}
