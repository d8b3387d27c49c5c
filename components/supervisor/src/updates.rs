//! The bounded way of updates to the model.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Receiver, Sender};
use feed::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use model::{Change, ComponentId, Update};

/// Called when updates are waiting.
pub type Repaint = Arc<dyn Fn() + Send + Sync>;

/// Updates of feeds and logs that may wait. There are besides those that commands lead to: a few for each.
const UPDATES: usize = 4_096;
/// Bytes of memory for the frames that wait; the largest frame must fit.
const BYTES: usize = 32 << 20;
/// What is made of a JSON text takes up to about so many times its length: of an address that is written in four
/// characters, for instance.
const TEXT_IN_MEMORY: usize = 4;

/// The supervisor's end.
#[derive(Clone)]
pub(crate) struct UpdateSender {
    sender: Sender<Queued>,
    room: Room,
    announced: Arc<AtomicBool>,
    repaint: Repaint,
}

/// The control centre's end.
pub(crate) struct UpdateReceiver {
    receiver: Receiver<Queued>,
    room: Room,
    announced: Arc<AtomicBool>,
}

/// How much may still be queued. Whoever has no room waits for it without blocking its thread.
#[derive(Clone)]
struct Room {
    updates: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

/// What the background thread has to say.
#[derive(Debug)]
pub(crate) enum Announcement {
    /// For the model.
    Update(Update),
    /// How a component stands after its latest command has been carried out, or its process has ended.
    Standing {
        component: ComponentId,
        /// The command's number; 0 if there was none.
        command: u64,
        /// Whether it has no process and will not get one, unless another command follows.
        idle: bool,
    },
}

/// An announcement, and the room that it gives back when it is taken.
struct Queued {
    announcement: Announcement,
    _place: Option<OwnedSemaphorePermit>,
    _bytes: Option<OwnedSemaphorePermit>,
}

/// Two ends of a way.
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
    /// Sends an update, waiting for room: whoever reads a feed reads no further meanwhile, and the component leaves out
    /// what it cannot write.
    pub(crate) async fn send(&self, component: ComponentId, change: Change) {
        self.wait_and_queue(update(component, change), None).await;
    }

    /// Sends what a command or the end of a process leads to, without waiting: whoever signals processes waits for nobody.
    pub(crate) fn report(&self, component: ComponentId, change: Change) {
        self.queue(Announcement::Update(update(component, change)), None, None);
    }

    /// Says how a component stands after a command, or without one after the end of its process. The command's place is free
    /// when this is taken: the commands that the window may give without taking what comes of them are limited.
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

    /// Sends an event of a feed, which had this length there.
    pub(crate) async fn send_frame(&self, component: ComponentId, frame: feed::Frame, length: usize) {
        let text = length.saturating_sub(frame.bytes.len());
        let memory = size_of::<feed::Frame>() + frame.bytes.len() + text * TEXT_IN_MEMORY;
        let memory = u32::try_from(memory.min(BYTES)).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room.bytes).acquire_many_owned(memory).await.ok();
        let update = update(component, Change::Feed(Box::new(frame)));
        self.wait_and_queue(update, room).await;
    }

    async fn wait_and_queue(&self, update: Update, bytes: Option<OwnedSemaphorePermit>) {
        // Nobody receives any more once the control centre leaves; then the updates are of no use.
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
        // It fails when nobody receives any more.
        let _ = self.sender.send(queued);
        if !self.announced.swap(true, Ordering::AcqRel) {
            (self.repaint)();
        }
    }
}

impl UpdateReceiver {
    /// Begins to take updates: those that come from now on are announced again.
    pub(crate) fn begin(&self) {
        self.announced.store(false, Ordering::Release);
    }

    /// The next announcement that waits.
    pub(crate) fn try_next(&mut self) -> Option<Announcement> {
        self.receiver.try_recv().ok().map(|queued| queued.announcement)
    }

    /// Takes no updates any more; nobody waits for room from now on.
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
