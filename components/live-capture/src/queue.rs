//! What waits for a listener.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};
use feed::{Packets, Timestamp};

use crate::View;

/// A program that gets packets. Dropping this does not end it.
#[derive(Debug, Clone)]
pub struct Listener(pub(crate) Arc<Queue>);

/// How far a listener has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerStatus {
    /// What it is called.
    pub title: String,
    /// The number of packets that it was given.
    pub packets: u64,
    /// The number of packets that were left out since it did not take them in time.
    pub lost: u64,
    /// Whether it has ended.
    pub ended: bool,
}

impl Listener {
    /// Returns how far it has come.
    #[must_use]
    pub fn status(&self) -> ListenerStatus {
        ListenerStatus {
            title: self.0.title.clone(),
            packets: self.0.written.load(Ordering::Relaxed),
            lost: self.0.lost.load(Ordering::Relaxed),
            ended: self.0.ended.load(Ordering::Acquire),
        }
    }

    /// Lets it have what waits, and no more.
    pub fn stop(&self) {
        self.0.end();
    }
}

/// What has been written for a listener, and has not been taken by the thread that serves it.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) title: String,
    pub(crate) view: View,
    waiting: Mutex<Waiting>,
    /// The size of all packets that wait or are being written, in bytes.
    bytes: AtomicUsize,
    wake: Sender<()>,
    ending: AtomicBool,
    ended: AtomicBool,
    written: AtomicU64,
    lost: AtomicU64,
}

#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// When the first batch came.
    pub(crate) since: Option<Timestamp>,
    pub(crate) batches: Vec<Batch>,
    pub(crate) comments: Vec<Comment>,
    /// What is missing before the next packet of a component.
    gaps: BTreeMap<u32, Gap>,
}

/// Consecutive packets of a component.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) component: u32,
    /// What is missing before the first of them.
    pub(crate) gap: Gap,
    pub(crate) packets: Arc<Packets>,
}

/// Numbers of packets that are missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Gap {
    /// Those that the component left out.
    pub(crate) dropped: u64,
    /// Those for which this listener had no room.
    pub(crate) lost: u64,
}

#[derive(Debug)]
pub(crate) struct Comment {
    pub(crate) at: Timestamp,
    pub(crate) component: Option<u32>,
    pub(crate) text: String,
}

impl Gap {
    pub(crate) const fn all(self) -> u64 {
        self.dropped.saturating_add(self.lost)
    }

    pub(crate) const fn add(&mut self, other: Self) {
        self.dropped = self.dropped.saturating_add(other.dropped);
        self.lost = self.lost.saturating_add(other.lost);
    }
}

impl Queue {
    /// The maximum size of all packets that wait or are being written, in bytes.
    pub(crate) const ROOM: usize = 8 << 20;
    /// The maximum number of comments that wait, and the maximum size of each.
    pub(crate) const COMMENTS: usize = 256;
    const COMMENT: usize = 1_000;

    /// Creates a queue, and what is received from when there is something in it.
    pub(crate) fn new(title: &str, view: View) -> (Arc<Self>, Receiver<()>) {
        let (wake, woken) = bounded(1);
        let queue = Self {
            title: title.to_owned(),
            view,
            waiting: Mutex::default(),
            bytes: AtomicUsize::new(0),
            wake,
            ending: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            written: AtomicU64::new(0),
            lost: AtomicU64::new(0),
        };
        (Arc::new(queue), woken)
    }

    /// Adds packets of a component, if there is room. The lock is held only for moments on either side.
    pub(crate) fn write(&self, component: u32, dropped: u64, packets: &Arc<Packets>) {
        let mut gap = Gap { dropped, lost: 0 };
        let size = packets.size();
        let fits = self.bytes.load(Ordering::Relaxed).saturating_add(size) <= Self::ROOM;
        if !fits {
            gap.lost = packets.len() as u64;
            self.lost.fetch_add(gap.lost, Ordering::Relaxed);
        }
        let mut waiting = self.waiting();
        if !fits || packets.is_empty() {
            waiting.gaps.entry(component).or_default().add(gap);
            return;
        }
        self.bytes.fetch_add(size, Ordering::Relaxed);
        let mut before = waiting.gaps.remove(&component).unwrap_or_default();
        before.add(gap);
        waiting.batches.push(Batch {
            component,
            gap: before,
            packets: Arc::clone(packets),
        });
        if waiting.since.is_none() {
            waiting.since = Some(Timestamp::now());
            drop(waiting);
            // If it is full, the thread has not been woken yet.
            let _ = self.wake.try_send(());
        }
    }

    /// Adds a comment. If there are too many, the oldest is left out.
    pub(crate) fn comment(&self, at: Timestamp, component: Option<u32>, text: &str) {
        let mut waiting = self.waiting();
        if waiting.comments.len() >= Self::COMMENTS {
            waiting.comments.remove(0);
        }
        waiting.comments.push(Comment {
            at,
            component,
            text: text[..text.floor_char_boundary(Self::COMMENT)].to_owned(),
        });
    }

    /// Returns when the first of what waits came.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        self.waiting().since
    }

    pub(crate) fn take(&self) -> Waiting {
        let mut waiting = self.waiting();
        let gaps = std::mem::take(&mut waiting.gaps);
        let taken = std::mem::take(&mut *waiting);
        waiting.gaps = gaps;
        taken
    }

    /// Makes room for what has been written.
    pub(crate) fn give_room(&self, packets: u64, bytes: usize) {
        self.written.fetch_add(packets, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Nothing more comes.
    pub(crate) fn end(&self) {
        self.ending.store(true, Ordering::Release);
        let _ = self.wake.try_send(());
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Acquire)
    }

    pub(crate) fn has_ended(&self) {
        self.ended.store(true, Ordering::Release);
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
