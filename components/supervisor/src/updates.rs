//! The bounded channel of updates to the model.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use feed::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use model::{Change, ComponentId, Update};

/// Called when updates are waiting.
pub type Repaint = Arc<dyn Fn() + Send + Sync>;

/// The maximum number of waiting updates of feeds and logs. Each command leads to a few more.
const UPDATES: usize = 4_096;
/// The maximum memory of the waiting frames, in bytes; the largest frame must fit.
const BYTES: usize = 32 << 20;
/// How much more memory a parsed JSON text may take than the text itself: an address, for instance, may be written
/// in four characters.
const TEXT_IN_MEMORY: usize = 4;

/// The supervisor's end of the channel.
#[derive(Clone)]
pub(crate) struct UpdateSender {
    sender: Sender<Queued>,
    room: Room,
    announced: Arc<AtomicBool>,
    repaint: Repaint,
}

/// The control centre's end of the channel.
pub(crate) struct UpdateReceiver {
    receiver: Receiver<Queued>,
    room: Room,
    announced: Arc<AtomicBool>,
}

/// The remaining capacity. Senders wait for it without blocking their thread.
#[derive(Clone)]
struct Room {
    updates: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

/// A message of the background thread.
#[derive(Debug)]
pub(crate) enum Announcement {
    /// An update for the model.
    Update(Update),
    /// A component's standing after its latest command has been carried out, or after its process has ended.
    Standing {
        component: ComponentId,
        /// The number of the command; 0 if there was none.
        command: u64,
        /// Whether it has no process and will not get one, unless another command follows.
        idle: bool,
    },
}

/// An announcement, and the capacity that is released when it is taken.
struct Queued {
    announcement: Announcement,
    _place: Option<OwnedSemaphorePermit>,
    _bytes: Option<OwnedSemaphorePermit>,
}

/// Creates both ends of the channel.
pub(crate) fn channel(repaint: Repaint) -> (UpdateSender, UpdateReceiver) {
    let (sender, receiver) = crossbeam_channel::unbounded();
    let announced = Arc::new(AtomicBool::new(false));
    let room = Room {
        updates: Arc::new(Semaphore::new(UPDATES)),
        bytes: Arc::new(Semaphore::new(BYTES)),
    };
    let sender = UpdateSender {
        sender,
        room: room.clone(),
        announced: Arc::clone(&announced),
        repaint,
    };
    let receiver = UpdateReceiver {
        receiver,
        room,
        announced,
    };
    (sender, receiver)
}

impl UpdateSender {
    /// Sends an update, waiting for room. Meanwhile the feed is not read, and the component leaves out what it
    /// cannot write.
    pub(crate) async fn send(&self, component: ComponentId, change: Change) {
        self.wait_and_queue(update(component, change), None).await;
    }

    /// Sends an update caused by a command or the end of a process, without waiting: signalling processes must never
    /// block.
    pub(crate) fn report(&self, component: ComponentId, change: Change) {
        self.queue(Announcement::Update(update(component, change)), None, None);
    }

    /// Reports that this program did not run for a while.
    pub(crate) fn report_sleep(&self, duration: Duration, all: bool) {
        let at = Timestamp::now();
        let slept = Update::Slept { at, duration, all };
        self.queue(Announcement::Update(slept), None, None);
    }

    /// Reports a component's standing after a command, or without a command after the end of its process. The
    /// command's place is freed when this is taken, which limits the commands that the window may issue without
    /// taking their results.
    pub(crate) fn report_standing(
        &self,
        component: ComponentId,
        command: u64,
        idle: bool,
        place: Option<OwnedSemaphorePermit>,
    ) {
        let standing = Announcement::Standing {
            component,
            command,
            idle,
        };
        self.queue(standing, place, None);
    }

    /// Sends an event of a feed; `length` is its size in the feed.
    pub(crate) async fn send_frame(&self, component: ComponentId, frame: feed::Frame, length: usize) {
        let text = length.saturating_sub(frame.bytes.len());
        let memory = size_of::<feed::Frame>() + frame.bytes.len() + text * TEXT_IN_MEMORY;
        let memory = u32::try_from(memory.min(BYTES)).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room.bytes).acquire_many_owned(memory).await.ok();
        let update = update(component, Change::Feed(Box::new(frame)));
        self.wait_and_queue(update, room).await;
    }

    async fn wait_and_queue(&self, update: Update, bytes: Option<OwnedSemaphorePermit>) {
        // The receiver is gone once the control centre leaves; then the updates are of no use.
        if let Ok(place) = Arc::clone(&self.room.updates).acquire_owned().await {
            self.queue(Announcement::Update(update), Some(place), bytes);
        }
    }

    fn queue(
        &self,
        announcement: Announcement,
        place: Option<OwnedSemaphorePermit>,
        bytes: Option<OwnedSemaphorePermit>,
    ) {
        let queued = Queued {
            announcement,
            _place: place,
            _bytes: bytes,
        };
        // Fails once the receiver is gone.
        let _ = self.sender.send(queued);
        if !self.announced.swap(true, Ordering::AcqRel) {
            (self.repaint)();
        }
    }
}

impl UpdateReceiver {
    /// Begins to take updates: those that arrive from now on are announced again.
    pub(crate) fn begin(&self) {
        self.announced.store(false, Ordering::Release);
    }

    /// Returns the next waiting announcement.
    pub(crate) fn try_next(&mut self) -> Option<Announcement> {
        self.receiver.try_recv().ok().map(|queued| queued.announcement)
    }

    /// Takes no more updates, and stops senders from waiting for room.
    pub(crate) fn close(&mut self) {
        self.room.updates.close();
        self.room.bytes.close();
        while self.receiver.try_recv().is_ok() {}
    }
}

fn update(component: ComponentId, change: Change) -> Update {
    Update::Component {
        component,
        at: Timestamp::now(),
        change,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn a_burst_is_announced_once_until_it_is_taken() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let (sender, mut receiver) = channel(Arc::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        }));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let send = || runtime.block_on(sender.send(ComponentId(1), Change::Frozen));
        send();
        send();
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        receiver.begin();
        assert!(receiver.try_next().is_some() && receiver.try_next().is_some());
        assert!(receiver.try_next().is_none());
        send();
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }
}
