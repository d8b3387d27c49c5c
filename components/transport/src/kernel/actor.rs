//! The thread of a transport. It passes commands of the handles to the tasks of the associations, and their events
//! to the user.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{AbortHandle, spawn_local};

use super::association::Association;
use super::context::{Accepted, Context, Reception, Request, SHARE};
use super::incoming::{self, Arrived, Ended};
use super::pause::pause;
use super::ports::{Port, Ports};
use super::receiving::Batch;
use crate::outbox::Outbox;
use crate::shared::{Command, Ending, Shared};
use crate::{AssociationId, Cause, Event, LARGEST_MESSAGE, Peer};

/// The maximum number of associations in transit from the ports.
const ARRIVALS: usize = 8;
/// How long the last events wait for a user who is slow to fetch them, and how long the associations may take to
/// end.
const LONGEST_FLUSH: Duration = Duration::from_millis(500);

pub(super) struct Actor {
    tasks: BTreeMap<AssociationId, Task>,
    context: Context,
    ended: mpsc::UnboundedReceiver<(AssociationId, Cause)>,
    new_ports: mpsc::UnboundedReceiver<Arc<Port>>,
    accepted: (mpsc::Sender<Arrived>, mpsc::Receiver<Arrived>),
    port_tasks: Vec<AbortHandle>,
}

/// The task of an association.
struct Task {
    requests: mpsc::UnboundedSender<Request>,
    reception: Rc<Reception>,
    handle: AbortHandle,
}

impl Actor {
    pub(super) fn new(
        shared: Arc<Shared>,
        ports: Arc<Ports>,
        new_ports: mpsc::UnboundedReceiver<Arc<Port>>,
        outbox: Outbox,
    ) -> Self {
        let (sender, ended) = mpsc::unbounded_channel();
        Self {
            tasks: BTreeMap::new(),
            context: Context {
                shared,
                ports,
                outbox: Rc::new(RefCell::new(outbox)),
                waiting: Rc::default(),
                ended: sender,
                scratch: Rc::new(RefCell::new(Batch::new(LARGEST_MESSAGE + 1))),
            },
            ended,
            new_ports,
            accepted: mpsc::channel(ARRIVALS),
            port_tasks: Vec::new(),
        }
    }

    /// Runs inside of a `LocalSet` until the transport ends.
    pub(super) async fn run(mut self) {
        let shared = Arc::clone(&self.context.shared);
        loop {
            self.handle_commands();
            self.flush();
            if let Some(ending) = shared.ending() {
                return self.end(ending).await;
            }
            tokio::select! {
                Some((id, cause)) = self.ended.recv() => self.handle_end(id, cause),
                Some(port) = self.new_ports.recv() => {
                    let sender = self.accepted.0.clone();
                    self.port_tasks.push(spawn_local(incoming::serve(port, sender)).abort_handle());
                }
                Some(arrived) = self.accepted.1.recv() => match arrived {
                    Arrived::Alive(accepted) => self.accept(accepted),
                    Arrived::Ended(ended) => self.recall(ended),
                },
                () = shared.wake.notified() => {}
                () = room(&self.context) => {}
            }
        }
    }

    fn handle_commands(&mut self) {
        for command in self.context.shared.take_commands() {
            match command {
                Command::Connect {
                    id,
                    local_port,
                    any_port,
                    peer,
                    config,
                } => {
                    let (association, requests, reception) = self.prepare(id, peer);
                    let port = (!any_port).then_some(local_port);
                    let handle = spawn_local(association.connect(port, config)).abort_handle();
                    self.tasks.insert(
                        id,
                        Task {
                            requests,
                            reception,
                            handle,
                        },
                    );
                    self.update_room();
                }
                Command::Reject(id) => self.report(Event::Down {
                    id,
                    cause: Cause::LocalAbort,
                }),
                Command::Send { id, message } => self.request(id, Request::Send(message)),
                Command::Shutdown(id) => self.request(id, Request::Shutdown),
                Command::Abort(id) => self.request(id, Request::Abort),
            }
        }
    }

    fn accept(&mut self, accepted: Accepted) {
        // The kernel admits no associations while there is no room, but several may arrive at the same time.
        let Some(id) = self.context.shared.admit(accepted.local_port) else {
            return accepted.refuse();
        };
        let (association, requests, reception) = self.prepare(id, accepted.peer.clone());
        let handle = spawn_local(association.accept(accepted)).abort_handle();
        self.tasks.insert(
            id,
            Task {
                requests,
                reception,
                handle,
            },
        );
        self.update_room();
    }

    /// Reports what arrived on an association that has ended: it has been acknowledged, so it must not be lost.
    fn recall(&mut self, ended: Ended) {
        let Some(id) = self.context.shared.admit(ended.local_port) else {
            return;
        };
        self.context.shared.set_closing(id);
        self.report(Event::Up {
            id,
            local_port: ended.local_port,
            peer: ended.peer,
            inbound: true,
            out_streams: ended.out_streams,
        });
        for message in ended.messages {
            self.report(Event::Message { id, message });
        }
        self.context.shared.forget(id);
        self.report(Event::Down {
            id,
            cause: ended.cause,
        });
    }

    fn prepare(
        &self,
        id: AssociationId,
        peer: Peer,
    ) -> (Association, mpsc::UnboundedSender<Request>, Rc<Reception>) {
        let (requests, receiver) = mpsc::unbounded_channel();
        let reception = Rc::new(Reception::default());
        let association = Association::new(id, peer, self.context.clone(), receiver, Rc::clone(&reception));
        (association, requests, reception)
    }

    fn request(&self, id: AssociationId, request: Request) {
        if let Some(task) = self.tasks.get(&id) {
            // If the task has just ended, it has reported why.
            let _ = task.requests.send(request);
        }
    }

    fn handle_end(&mut self, id: AssociationId, cause: Cause) {
        if self.tasks.remove(&id).is_some() {
            self.context.shared.forget(id);
            self.update_room();
            self.report(Event::Down { id, cause });
        }
    }

    fn report(&self, event: Event) {
        self.context.outbox.borrow_mut().push(event);
    }

    /// Passes on the events for which the user has made room.
    fn flush(&mut self) {
        let mut outbox = self.context.outbox.borrow_mut();
        for id in outbox.flush() {
            if outbox.share(id) < SHARE
                && let Some(task) = self.tasks.get(&id)
            {
                task.reception.resume();
            }
        }
    }

    fn update_room(&self) {
        self.context.ports.set_full(!self.context.shared.has_room());
    }

    async fn end(mut self, ending: Ending) {
        let shared = Arc::clone(&self.context.shared);
        for id in self.tasks.keys() {
            self.request(*id, Request::Abort);
        }
        if ending == Ending::Abort {
            let aborts = async {
                while !self.tasks.is_empty() {
                    let Some((id, cause)) = self.ended.recv().await else {
                        break;
                    };
                    self.handle_end(id, cause);
                }
            };
            tokio::select! {
                () = aborts => {}
                () = pause(LONGEST_FLUSH) => {}
            }
        }
        for (id, task) in std::mem::take(&mut self.tasks) {
            task.handle.abort();
            self.report(Event::Down {
                id,
                cause: Cause::LocalAbort,
            });
        }
        for task in &self.port_tasks {
            task.abort();
        }
        self.context.ports.close();
        // This lets the tasks close their sockets.
        tokio::task::yield_now().await;
        shared.ended();
        let flush = async {
            loop {
                self.flush();
                if self.context.outbox.borrow().waiting() == 0 {
                    break;
                }
                room(&self.context).await;
            }
        };
        tokio::select! {
            () = flush => {}
            () = pause(LONGEST_FLUSH) => {}
        }
    }
}

/// Waits until an event is waiting and the user has made room for it.
async fn room(context: &Context) {
    loop {
        let sender = {
            let outbox = context.outbox.borrow();
            (outbox.waiting() > 0).then(|| outbox.sender())
        };
        match sender {
            // A closed channel counts as room: flushing then empties the queue.
            Some(sender) => return drop(sender.reserve().await),
            None => context.waiting.notified().await,
        }
    }
}
