//! A bounded channel from one sender to one receiver in which urgent items overtake others.
//!
//! Urgent items have additional capacity of their own, so that they find room when the channel is full.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// An item of the channel.
pub(super) trait Urgency {
    /// Returns whether it overtakes items that are not urgent.
    fn is_urgent(&self) -> bool;

    /// Returns whether an urgent item that was sent later must not overtake this one.
    fn precedes(&self, urgent: &Self) -> bool;
}

/// A waiting item with its place, which is freed when this is dropped.
#[derive(Debug)]
pub(super) struct Waiting<T> {
    pub(super) value: T,
    pub(super) place: OwnedSemaphorePermit,
}

/// The sending end. Dropping it closes the channel.
#[derive(Debug)]
pub(super) struct LaneSender<T> {
    sender: mpsc::Sender<Waiting<T>>,
    places: Arc<Semaphore>,
    urgent_places: Arc<Semaphore>,
}

/// The receiving end.
#[derive(Debug)]
pub(super) struct LaneReceiver<T> {
    receiver: mpsc::Receiver<Waiting<T>>,
    /// Items taken from the channel while looking for urgent ones, in the order in which they were sent.
    waiting: VecDeque<Waiting<T>>,
}

/// The channel is full.
#[derive(Debug)]
pub(super) struct Full;

/// Creates a channel with this many places for any items, and additional ones for urgent items.
pub(super) fn channel<T: Urgency>(places: usize, urgent_places: usize) -> (LaneSender<T>, LaneReceiver<T>) {
    let (sender, receiver) = mpsc::channel(places + urgent_places);
    let sender = LaneSender {
        sender,
        places: Arc::new(Semaphore::new(places)),
        urgent_places: Arc::new(Semaphore::new(urgent_places)),
    };
    let receiver = LaneReceiver {
        receiver,
        waiting: VecDeque::new(),
    };
    (sender, receiver)
}

impl<T: Urgency> LaneSender<T> {
    /// Sends an item without waiting.
    ///
    /// # Errors
    /// Returns an error if the channel is full or its receiver is gone.
    pub(super) fn try_send(&self, value: T) -> Result<(), Full> {
        let mut place = Arc::clone(&self.places).try_acquire_owned();
        if place.is_err() && value.is_urgent() {
            place = Arc::clone(&self.urgent_places).try_acquire_owned();
        }
        let place = place.map_err(|_| Full)?;
        self.sender.try_send(Waiting { value, place }).map_err(|_| Full)
    }
}

impl<T: Urgency> LaneReceiver<T> {
    /// Receives the next item. Returns `None` once nothing is waiting and the sender is gone. Cancellation-safe.
    pub(super) async fn recv(&mut self) -> Option<Waiting<T>> {
        if let Some(next) = self.try_recv() {
            return Some(next);
        }
        let first = self.receiver.recv().await?;
        self.waiting.push_back(first);
        self.try_recv()
    }

    /// Returns the next waiting item.
    pub(super) fn try_recv(&mut self) -> Option<Waiting<T>> {
        // Each has its place, so there are at most as many as places.
        while let Ok(waiting) = self.receiver.try_recv() {
            self.waiting.push_back(waiting);
        }
        let urgent = self.waiting.iter().find(|waiting| waiting.value.is_urgent());
        let next = urgent.and_then(|urgent| {
            let mut before = self.waiting.iter();
            before.position(|waiting| std::ptr::eq(waiting, urgent) || waiting.value.precedes(&urgent.value))
        });
        self.waiting.remove(next.unwrap_or(0))
    }

    /// Returns whether the sender is gone; items may still be waiting.
    pub(super) fn is_closed(&self) -> bool {
        self.receiver.is_closed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A digit for the component, followed by a letter; capital letters are urgent.
    impl Urgency for &str {
        fn is_urgent(&self) -> bool {
            self.ends_with(|letter: char| letter.is_uppercase())
        }

        fn precedes(&self, urgent: &Self) -> bool {
            self.chars().next() == urgent.chars().next()
        }
    }

    fn check(sent: &[&'static str], received: &[&'static str]) {
        let (sender, mut receiver) = channel(8, 4);
        for word in sent {
            sender.try_send(*word).unwrap();
        }
        let words: Vec<&str> = std::iter::from_fn(|| receiver.try_recv())
            .map(|waiting| waiting.value)
            .collect();
        assert_eq!(words, received);
    }

    #[test]
    fn what_is_urgent_comes_first_and_the_rest_in_turn() {
        check(&["1a", "2b", "3C", "4d", "5E"], &["3C", "5E", "1a", "2b", "4d"]);
    }

    #[test]
    fn what_must_not_be_overtaken_comes_before() {
        check(
            &["1a", "2b", "2c", "2D", "2e", "1f"],
            &["2b", "2c", "2D", "1a", "2e", "1f"],
        );
    }

    #[test]
    fn what_is_urgent_finds_a_place_when_nothing_else_does() {
        let (sender, mut receiver) = channel(2, 1);
        sender.try_send("1a").unwrap();
        sender.try_send("2b").unwrap();
        assert!(sender.try_send("3c").is_err());
        sender.try_send("4D").unwrap();
        assert!(sender.try_send("5E").is_err());
        // A place is free when its item is dropped, not when it is received.
        let taken = receiver.try_recv().unwrap();
        assert_eq!(taken.value, "4D");
        assert!(sender.try_send("5E").is_err());
        drop(taken);
        sender.try_send("5E").unwrap();
        assert!(sender.try_send("3c").is_err());
    }

    #[test]
    fn the_end_is_noticed_while_waiting() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (sender, mut receiver) = channel(8, 1);
        let waiting = std::thread::spawn(move || {
            runtime.block_on(async {
                let mut words = 0;
                while receiver.recv().await.is_some() {
                    words += 1;
                }
                words
            })
        });
        for word in ["1a", "2b", "3c"] {
            sender.try_send(word).unwrap();
        }
        drop(sender);
        assert_eq!(waiting.join().unwrap(), 3);
    }
}
