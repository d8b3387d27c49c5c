//! Events in transit to the user.

use std::collections::{BTreeMap, VecDeque};

use tokio::sync::mpsc;

use crate::{AssociationId, Event};

/// The cost of an event in addition to the bytes of its message.
const EVENT_OVERHEAD: usize = 64;

/// Holds, in order, what does not fit into the user's channel, and counts it per association, so that the actor can
/// stop receiving messages of those that have used up their share.
pub(crate) struct Outbox {
    sender: mpsc::Sender<Event>,
    waiting: VecDeque<Event>,
    shares: BTreeMap<AssociationId, usize>,
}

impl Outbox {
    pub(crate) fn new(sender: mpsc::Sender<Event>) -> Self {
        Self {
            sender,
            waiting: VecDeque::new(),
            shares: BTreeMap::new(),
        }
    }

    pub(crate) fn push(&mut self, event: Event) {
        if self.waiting.is_empty() {
            match self.sender.try_send(event) {
                Err(mpsc::error::TrySendError::Full(event)) => self.wait(event),
                // There is no receiver: events are of no use.
                Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
            }
        } else {
            // However often a peer restarts, one event is enough.
            let repeated = matches!(&event, Event::Restarted { .. }) && self.waiting.back() == Some(&event);
            if !repeated {
                self.wait(event);
            }
        }
    }

    /// Returns the number of bytes of one association that wait for the user.
    pub(crate) fn share(&self, id: AssociationId) -> usize {
        self.shares.get(&id).copied().unwrap_or(0)
    }

    /// Returns the number of events that wait for the user beyond the capacity of the channel.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Returns the sender of the user's channel.
    pub(crate) fn sender(&self) -> mpsc::Sender<Event> {
        self.sender.clone()
    }

    /// Waits until the user has made room by fetching an event; forever, if none is waiting here.
    pub(crate) async fn ready(&self) {
        if self.waiting.is_empty() {
            return std::future::pending().await;
        }
        // A closed channel counts as ready: flushing then empties the queue.
        drop(self.sender.reserve().await);
    }

    /// Moves what fits into the channel. Returns the associations whose share has decreased.
    pub(crate) fn flush(&mut self) -> Vec<AssociationId> {
        let mut relieved = Vec::new();
        while !self.waiting.is_empty() {
            let permit = match self.sender.try_reserve() {
                Ok(permit) => Some(permit),
                Err(mpsc::error::TrySendError::Full(())) => break,
                Err(mpsc::error::TrySendError::Closed(())) => None,
            };
            let Some(event) = self.waiting.pop_front() else {
                break;
            };
            let id = event.id();
            if let Some(share) = self.shares.get_mut(&id) {
                *share = share.saturating_sub(cost(&event));
                if *share == 0 {
                    self.shares.remove(&id);
                }
            }
            if relieved.last() != Some(&id) {
                relieved.push(id);
            }
            if let Some(permit) = permit {
                permit.send(event);
            }
        }
        relieved
    }

    fn wait(&mut self, event: Event) {
        *self.shares.entry(event.id()).or_default() += cost(&event);
        self.waiting.push_back(event);
    }
}

fn cost(event: &Event) -> usize {
    EVENT_OVERHEAD
        + if let Event::Message { message, .. } = event {
            message.data.len()
        } else {
            0
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    fn message(id: u64, length: usize) -> Event {
        Event::Message {
            id: AssociationId(id),
            message: Message::new(0, vec![0; length]),
        }
    }

    #[test]
    fn events_wait_in_order_and_are_counted_per_association() {
        let (sender, mut receiver) = mpsc::channel(1);
        let mut outbox = Outbox::new(sender);
        for event in [message(1, 10), message(1, 20), message(2, 30)] {
            outbox.push(event);
        }
        let shares = |outbox: &Outbox| (outbox.share(AssociationId(1)), outbox.share(AssociationId(2)));
        assert_eq!(shares(&outbox), (EVENT_OVERHEAD + 20, EVENT_OVERHEAD + 30));
        assert!(outbox.flush().is_empty());
        assert_eq!(receiver.try_recv().unwrap(), message(1, 10));
        assert_eq!(outbox.flush(), [AssociationId(1)]);
        assert_eq!(shares(&outbox), (0, EVENT_OVERHEAD + 30));
        assert_eq!(receiver.try_recv().unwrap(), message(1, 20));
    }

    #[test]
    fn repeated_restarts_wait_as_one() {
        let (sender, _receiver) = mpsc::channel(1);
        let mut outbox = Outbox::new(sender);
        for _ in 0..10 {
            outbox.push(Event::Restarted { id: AssociationId(1) });
        }
        assert_eq!(outbox.waiting(), 1);
    }

    #[test]
    fn nothing_is_kept_when_nobody_listens() {
        let (sender, receiver) = mpsc::channel(1);
        let mut outbox = Outbox::new(sender);
        outbox.push(message(1, 1));
        outbox.push(message(1, 1));
        drop(receiver);
        outbox.flush();
        outbox.push(message(1, 1));
        assert_eq!((outbox.waiting(), outbox.share(AssociationId(1))), (0, 0));
    }
}
