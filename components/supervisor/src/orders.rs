//! The bounded way of orders to the background thread.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, TryRecvError};
use tokio::sync::Notify;

use super::{Busy, NumberedOrder};

/// Orders that may wait: more than a scenario has components.
const ORDERS: usize = 1_024;

/// The control centre's end. Dropping it ends the way.
pub(super) struct OrderSender {
    // Dropped before `news` tells the other end to look.
    sender: Sender<NumberedOrder>,
    news: NotifyOnDrop,
}

/// The supervisor's end.
pub(super) struct OrderReceiver {
    receiver: Receiver<NumberedOrder>,
    news: Arc<Notify>,
}

struct NotifyOnDrop(Arc<Notify>);

impl Drop for NotifyOnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Two ends of a way.
pub(super) fn channel() -> (OrderSender, OrderReceiver) {
    let (sender, receiver) = crossbeam_channel::bounded(ORDERS);
    let news = Arc::new(Notify::new());
    let sender = OrderSender {
        sender,
        news: NotifyOnDrop(Arc::clone(&news)),
    };
    (sender, OrderReceiver { receiver, news })
}

impl OrderSender {
    /// Hands over an order, without waiting.
    pub(super) fn send(&self, order: NumberedOrder) -> Result<(), Busy> {
        self.sender.try_send(order).map_err(|_| Busy)?;
        self.news.0.notify_one();
        Ok(())
    }
}

impl OrderReceiver {
    /// The next order; `None` once there will be none.
    pub(super) async fn recv(&mut self) -> Option<NumberedOrder> {
        loop {
            match self.receiver.try_recv() {
                Ok(order) => return Some(order),
                Err(TryRecvError::Disconnected) => return None,
                // A notification that came since is kept, so that none is missed.
                Err(TryRecvError::Empty) => self.news.notified().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supervisor::Order;

    #[test]
    fn orders_come_in_turn_and_the_end_is_noticed_while_waiting() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (sender, mut receiver) = channel();
        let waiting = std::thread::spawn(move || {
            runtime.block_on(async {
                let mut orders = 0;
                while receiver.recv().await.is_some() {
                    orders += 1;
                }
                orders
            })
        });
        for number in 1..=3 {
            let order = Order::Leave;
            sender.send(NumberedOrder { number, order }).unwrap();
        }
        drop(sender);
        assert_eq!(waiting.join().unwrap(), 3);
    }
}
