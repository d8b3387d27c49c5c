//! A bounded channel from one sender to one receiver, in which what is urgent overtakes what is not.
//!
//! What is urgent has room of its own besides, so that it finds some when there is none for anything else.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// What goes through the channel.
pub(super) trait Urgency {
    /// Whether it overtakes what is not urgent.
    fn is_urgent(&self) -> bool;

    /// Whether something urgent that was sent later must not overtake this.
    fn precedes(&self, urgent: &Self) -> bool;
}

/// What waits, with its place, which others can have as soon as it is dropped.
#[derive(Debug)]
pub(super) struct Waiting<T> {
    pub(super) value: T,
    pub(super) place: OwnedSemaphorePermit,
}

/// The end where things go in. Dropping it closes the channel.
#[derive(Debug)]
pub(super) struct LaneSender<T> {
    sender: mpsc::Sender<Waiting<T>>,
    places: Arc<Semaphore>,
    urgent_places: Arc<Semaphore>,
}

/// The end where they come out.
#[derive(Debug)]
pub(super) struct LaneReceiver<T> {
    receiver: mpsc::Receiver<Waiting<T>>,
    /// What has been taken from the channel to find what is urgent, in the order in which it was sent.
    waiting: VecDeque<Waiting<T>>,
}

/// No place is free.
#[derive(Debug)]
pub(super) struct Full;

/// A channel with so many places for anything, and so many more for what is urgent.
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
    /// Sends something, without waiting.
    ///
    /// # Errors
    /// When there is no place for it, or nobody at the other end.
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
    /// What comes next; `None` once nothing waits and nobody is at the other end. Nothing is lost when it is not awaited
    /// to its end.
    pub(super) async fn recv(&mut self) -> Option<Waiting<T>> {
        if let Some(next) = self.try_recv() {
            return Some(next);
        }
        let first = self.receiver.recv().await?;
        self.waiting.push_back(first);
        self.try_recv()
    }

    /// What comes next of what waits.
    pub(super) fn try_recv(&mut self) -> Option<Waiting<T>> {
        // Each has its place, hence these are not more than there are places.
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

    /// Whether nobody is at the other end any more; something may still wait.
    pub(super) fn is_closed(&self) -> bool {
        self.receiver.is_closed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A letter that follows a digit, which says of whom it is; capital letters are urgent.
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
        // A place is free when what had it is dropped, not when it is taken.
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
