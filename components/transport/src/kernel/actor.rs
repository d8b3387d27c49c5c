//! The thread of a transport: commands of the handles to the tasks of the associations, their events to the user.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{AbortHandle, spawn_local};

use super::association::{Association, Gate, Order, Surroundings};
use super::incoming::{self, Accepted, Arrived, Past};
use super::ports::{Port, Ports};
use crate::outbox::Outbox;
use crate::shared::{Command, Ending, Shared};
use crate::{AssociationId, Cause, Event, LARGEST_MESSAGE, Peer};

/// Events on their way from the associations' tasks.
const EVENT_QUEUE: usize = 8;
/// Bytes of one association that may wait for a slow user here; the rest waits in the kernel and closes the window.
const SHARE: usize = LARGEST_MESSAGE;
/// How long the last events wait for a user who does not fetch them, and the associations for their end.
const LAST_WORDS: Duration = Duration::from_millis(500);

pub(super) struct Actor {
    outbox: Outbox,
    tasks: BTreeMap<AssociationId, Task>,
    around: Surroundings,
    events: mpsc::Receiver<Event>,
    new_ports: mpsc::UnboundedReceiver<Arc<Port>>,
    accepted: (mpsc::Sender<Arrived>, mpsc::Receiver<Arrived>),
    port_tasks: Vec<AbortHandle>,
}

/// The task of an association.
struct Task {
    orders: mpsc::UnboundedSender<Order>,
    gate: Rc<Gate>,
    handle: AbortHandle,
}

impl Actor {
    pub(super) fn new(
        shared: Arc<Shared>,
        ports: Arc<Ports>,
        new_ports: mpsc::UnboundedReceiver<Arc<Port>>,
        outbox: Outbox,
    ) -> Self {
        let (sender, events) = mpsc::channel(EVENT_QUEUE);
        Self {
            outbox,
            tasks: BTreeMap::new(),
            around: Surroundings {
                shared,
                ports,
                events: sender,
                scratch: Rc::new(RefCell::new(vec![0; LARGEST_MESSAGE + 1])),
            },
            events,
            new_ports,
            accepted: mpsc::channel(EVENT_QUEUE),
            port_tasks: Vec::new(),
        }
    }

    /// Runs inside of a `LocalSet` until the transport ends.
    pub(super) async fn run(mut self) {
        let shared = Arc::clone(&self.around.shared);
        loop {
            self.handle_commands();
            self.flush();
            if let Some(ending) = shared.ending() {
                return self.end(ending).await;
            }
            tokio::select! {
                Some(event) = self.events.recv() => {
                    self.handle_event(event);
                    while let Ok(event) = self.events.try_recv() {
                        self.handle_event(event);
                    }
                }
                Some(port) = self.new_ports.recv() => {
                    let sender = self.accepted.0.clone();
                    self.port_tasks.push(spawn_local(incoming::serve(port, sender)).abort_handle());
                }
                Some(arrived) = self.accepted.1.recv() => match arrived {
                    Arrived::Alive(accepted) => self.accept(accepted),
                    Arrived::Past(past) => self.recall(past),
                },
                () = shared.wake.notified() => {}
                () = self.outbox.ready() => {}
            }
        }
    }

    fn handle_commands(&mut self) {
        for command in self.around.shared.take_commands() {
            match command {
                Command::Connect {
                    id,
                    local_port,
                    any_port,
                    peer,
                    config,
                } => {
                    let (association, orders, gate) = self.prepare(id, peer);
                    let port = (!any_port).then_some(local_port);
                    let handle = spawn_local(association.connect(port, config)).abort_handle();
                    self.tasks.insert(id, Task { orders, gate, handle });
                    self.mind_the_room();
                }
                Command::Reject(id) => self.outbox.push(Event::Down {
                    id,
                    cause: Cause::LocalAbort,
                }),
                Command::Send { id, message } => self.order(id, Order::Send(message)),
                Command::Shutdown(id) => self.order(id, Order::Shutdown),
                Command::Abort(id) => self.order(id, Order::Abort),
            }
        }
    }

    fn accept(&mut self, accepted: Accepted) {
        // The kernel lets nobody in while there is no room, but several may come at the same time.
        let Some(id) = self.around.shared.admit(accepted.local_port) else {
            return accepted.refuse();
        };
        let (association, orders, gate) = self.prepare(id, accepted.peer.clone());
        let handle = spawn_local(association.accept(accepted)).abort_handle();
        self.tasks.insert(id, Task { orders, gate, handle });
        self.mind_the_room();
    }

    /// Tells what has come on an association that is over: it has been acknowledged, it must not get lost.
    fn recall(&mut self, past: Past) {
        let Some(id) = self.around.shared.admit(past.local_port) else {
            return;
        };
        self.around.shared.set_closing(id);
        self.outbox.push(Event::Up {
            id,
            local_port: past.local_port,
            peer: past.peer,
            inbound: true,
            out_streams: past.out_streams,
        });
        for message in past.messages {
            self.outbox.push(Event::Message { id, message });
        }
        self.around.shared.forget(id);
        self.outbox.push(Event::Down {
            id,
            cause: past.cause,
        });
    }

    fn prepare(
        &self,
        id: AssociationId,
        peer: Peer,
    ) -> (Association, mpsc::UnboundedSender<Order>, Rc<Gate>) {
        let (orders, receiver) = mpsc::unbounded_channel();
        let gate = Rc::new(Gate::default());
        let association = Association::new(id, peer, self.around.clone(), receiver, Rc::clone(&gate));
        (association, orders, gate)
    }

    fn order(&self, id: AssociationId, order: Order) {
        if let Some(task) = self.tasks.get(&id) {
            // A task that has just ended has told why.
            let _ = task.orders.send(order);
        }
    }

    fn handle_event(&mut self, event: Event) {
        let id = event.id();
        if let Event::Down { .. } = event {
            if self.tasks.remove(&id).is_none() {
                return;
            }
            self.around.shared.forget(id);
            self.mind_the_room();
        }
        self.outbox.push(event);
        if self.outbox.share(id) >= SHARE
            && let Some(task) = self.tasks.get(&id)
        {
            task.gate.close();
        }
    }

    /// Gives the user what he has made room for.
    fn flush(&mut self) {
        for id in self.outbox.flush() {
            if self.outbox.share(id) < SHARE
                && let Some(task) = self.tasks.get(&id)
            {
                task.gate.open();
            }
        }
    }

    fn mind_the_room(&self) {
        self.around.ports.set_full(!self.around.shared.has_room());
    }

    async fn end(mut self, ending: Ending) {
        let shared = Arc::clone(&self.around.shared);
        for id in self.tasks.keys() {
            self.order(*id, Order::Abort);
        }
        if ending == Ending::Abort {
            let aborts = async {
                while !self.tasks.is_empty() {
                    let Some(event) = self.events.recv().await else {
                        break;
                    };
                    self.handle_event(event);
                }
            };
            let _ = tokio::time::timeout(LAST_WORDS, aborts).await;
        }
        for (id, task) in std::mem::take(&mut self.tasks) {
            task.handle.abort();
            self.outbox.push(Event::Down {
                id,
                cause: Cause::LocalAbort,
            });
        }
        for task in &self.port_tasks {
            task.abort();
        }
        self.around.ports.close();
        // Their sockets are closed when they next get their turn.
        tokio::task::yield_now().await;
        shared.ended();
        let flush = async {
            loop {
                self.outbox.flush();
                if self.outbox.waiting() == 0 {
                    break;
                }
                self.outbox.ready().await;
            }
        };
        let _ = tokio::time::timeout(LAST_WORDS, flush).await;
    }
}
