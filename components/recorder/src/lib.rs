//! Writes a recording while it happens.
//!
//! A thread takes what is recorded, of which only so much may wait for it, so that whoever records never waits:
//! [`Recorder`]. It writes into one file, or into a folder of files of which the oldest are deleted when they are more than
//! was granted: [`Destination`]. What was recorded up to a moment can be saved as one file meanwhile.
//!
//! What it cannot take or write is missing in the recording: then it asks for the whole state, from which the recording
//! goes on, and tells how much time is missing.

mod folder;
mod output;
mod records;
mod save;
mod status;
#[cfg(test)]
mod tests;
mod thread;
mod waiting_packets;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use feed::{Packets, Timestamp};
use recording::{Keyframing, Properties, RecordKind};

pub use folder::Destination;
use records::Records;
use status::Shared;
pub use status::{Gap, Status};
use thread::{Order, Orders, Writing};

/// Called from the recorder's thread when something has changed that whoever records should look at.
pub type Notify = Arc<dyn Fn() + Send + Sync>;

/// What the file says about the program and the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The program with its version.
    pub program: String,
    /// The host.
    pub host: String,
    /// The version of what is in the records.
    pub contents: u32,
}

/// A record to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item<'a> {
    /// Its kind.
    pub kind: RecordKind,
    /// What it is for the file.
    pub properties: Properties,
    /// Its time.
    pub at: Timestamp,
    /// Its content.
    pub bytes: &'a [u8],
}

/// A keyframe that the recorder wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Whether it must hold everything.
    pub whole: bool,
    /// Whether something before it is missing, so that the state jumps to it.
    pub jump: bool,
}

/// Encodes a keyframe, on the recorder's thread.
pub type Encode = Box<dyn FnOnce() -> Vec<u8> + Send>;

/// Writes a recording on a thread of its own. Dropping it finishes the recording.
#[derive(Debug)]
pub struct Recorder {
    orders: Orders,
    /// The records that the thread has been told to take, to which more can be added until it does.
    records: Arc<Records>,
    shared: Arc<Shared>,
    location: PathBuf,
    thread: Option<JoinHandle<()>>,
}

/// The packets' way into a recording, for another thread.
#[derive(Debug, Clone)]
pub struct PacketInlet {
    orders: Orders,
    shared: Arc<Shared>,
}

impl Recorder {
    /// Begins a recording. `notify` is called when it wants something, or when its status has changed.
    ///
    /// # Errors
    /// Returns an error if the destination cannot be written, or no thread can be started.
    pub fn start(destination: &Destination, origin: Origin, notify: Notify) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::new(notify));
        let output = destination.open()?;
        let location = output.location().to_owned();
        let (orders, inbox) = Orders::channel();
        let writing = Writing::begin(output, origin, Arc::clone(&shared))?;
        let thread = std::thread::Builder::new()
            .name("recorder".into())
            .spawn(move || writing.run(&inbox))?;
        Ok(Self {
            orders,
            records: Arc::default(),
            shared,
            location,
            thread: Some(thread),
        })
    }

    /// Returns the file, or the folder with the files.
    #[must_use]
    pub fn location(&self) -> &Path {
        &self.location
    }

    /// Returns the way for packets.
    #[must_use]
    pub fn packets(&self) -> PacketInlet {
        PacketInlet {
            orders: self.orders.clone(),
            shared: Arc::clone(&self.shared),
        }
    }

    /// Writes records. While a keyframe is wanted to which the state jumps, they are left out, since they could not be
    /// carried out.
    pub fn write<'a>(&mut self, items: impl IntoIterator<Item = Item<'a>>) {
        let mut batch = self.records.lock();
        if batch.is_taken {
            drop(batch);
            self.records = Arc::default();
            batch = self.records.lock();
        }
        let (length, size) = (batch.len(), batch.size());
        let mut latest = None;
        for item in items {
            latest = Some(item.at);
            batch.push(item);
        }
        let Some(at) = latest else { return };
        if self.shared.is_broken(at) {
            batch.truncate(length);
        } else if !self.shared.take_room(batch.size() - size) {
            batch.truncate(length);
            self.shared
                .break_off(at, "they came faster than they could be written");
        } else if !std::mem::replace(&mut batch.is_announced, true) {
            drop(batch);
            self.order(Order::Records(Arc::clone(&self.records)));
        } else if self.shared.is_crowded() {
            self.orders.hurry();
        }
    }

    /// Returns the keyframe that is wanted, if one is.
    #[must_use]
    pub fn wants_keyframe(&self) -> Option<Wanted> {
        self.shared.wanted()
    }

    /// Writes a keyframe, which is encoded on the recorder's thread.
    pub fn keyframe(&mut self, kind: RecordKind, at: Timestamp, keyframing: Keyframing, encode: Encode) {
        if self.shared.is_broken(at) && keyframing == Keyframing::Partial {
            return;
        }
        self.shared.go_on(at);
        // What is written from now on follows it.
        self.records = Arc::default();
        self.order(Order::Keyframe {
            kind,
            at,
            keyframing,
            encode,
        });
    }

    /// Tells the name of a component, under which its packets are written, and a description.
    pub fn name(&self, component: u32, name: String, description: String) {
        self.order(Order::Name {
            component,
            name,
            description,
        });
    }

    /// Adds a comment to the first packet at this time or later. It should not come much later than that packet.
    pub fn comment(&self, at: Timestamp, text: String) {
        let bytes = text.len();
        if self.shared.take_room(bytes) {
            self.order(Order::Comment { at, text, bytes });
        }
    }

    /// Makes everything readable that has been written so far. `then` is called afterwards.
    pub fn flush(&self, then: Option<Notify>) {
        self.order(Order::Flush(then));
    }

    /// Saves what has been recorded so far as one file: compressed if its name ends with `.zst`. `then` gets the outcome.
    pub fn save(&self, path: PathBuf, then: Box<dyn FnOnce(Result<(), String>) + Send>) {
        self.order(Order::Save { path, then });
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> Status {
        self.shared.status()
    }

    /// Takes the latest time for which something is missing, if it has not been taken yet.
    #[must_use]
    pub fn take_gap(&self) -> Option<Gap> {
        self.shared.take_gap()
    }

    /// Finishes the recording. Returns its last status: with a problem, its end could not be written.
    #[must_use]
    pub fn finish(self) -> Status {
        let shared = Arc::clone(&self.shared);
        drop(self);
        shared.status()
    }

    fn order(&self, order: Order) {
        let pressing = match order {
            Order::Flush(_) | Order::Save { .. } | Order::End => true,
            _ => self.shared.is_crowded(),
        };
        self.orders.give(order, pressing);
    }
}

impl PacketInlet {
    /// Writes packets of a component, of which `dropped` are missing before the first of these. It never waits: packets
    /// for which there is no room are left out and counted.
    pub fn write(&self, component: u32, dropped: u64, packets: Packets) {
        let (dropped, packets) = if self.shared.take_room(packets.size()) {
            (dropped, packets)
        } else {
            (dropped.saturating_add(packets.len() as u64), Packets::default())
        };
        let order = Order::Packets {
            component,
            dropped,
            packets,
        };
        self.orders.give(order, self.shared.is_crowded());
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::Release);
        self.order(Order::End);
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did, the recording ends where it does.
            let _ = thread.join();
        }
    }
}
