//! Where packets come in and go to listeners.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use feed::{Packets, Timestamp};

use crate::component::Components;
use crate::listener::Serving;
use crate::queue::Queue;
use crate::{Component, Listener, ListenerStatus, View};

/// Gives the packets of a demonstration to those who listen. Clones are the same hub; with the last one, all listeners get
/// what waits for them, and an end.
#[derive(Debug, Clone)]
pub struct Hub(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    program: String,
    components: Components,
    listeners: Mutex<Vec<Arc<Queue>>>,
    /// Their number.
    listening: AtomicUsize,
    /// One of them has left.
    left: Condvar,
}

/// Why nobody more can listen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// There are too many.
    #[error(
        "{} programs are reading packets already: close one of them",
        Hub::MOST_LISTENERS
    )]
    TooMany,
    /// The system refuses.
    #[error("packets cannot be handed on: {0}")]
    System(#[from] io::Error),
}

impl Hub {
    /// The maximum number of listeners.
    pub const MOST_LISTENERS: usize = 16;

    /// Creates a hub to which nobody listens. `program` names this program, with its version.
    #[must_use]
    pub fn new(program: &str) -> Self {
        Self(Arc::new(Shared {
            program: program.to_owned(),
            components: Components::default(),
            listeners: Mutex::default(),
            listening: AtomicUsize::new(0),
            left: Condvar::new(),
        }))
    }

    /// Writes packets of a component, of which `dropped` are missing before the first of these. It never waits: packets
    /// for which a listener has no room are left out there, and counted. While nobody listens, it costs nothing.
    pub fn write(&self, component: u32, dropped: u64, packets: &Packets) {
        if self.0.listening.load(Ordering::Relaxed) == 0 {
            return;
        }
        let mut copy = None;
        for queue in self.0.listeners().iter() {
            if queue.view.selection.concerns(&component) {
                let packets = copy.get_or_insert_with(|| Arc::new(packets.clone()));
                queue.write(component, dropped, packets);
            }
        }
    }

    /// Tells what a component is called from now on, and what it is, for example `pool element`.
    pub fn name(&self, component: u32, name: &str, role: &str) {
        self.0.components.name(Component {
            id: component,
            name: name.to_owned(),
            role: role.to_owned(),
        });
    }

    /// Tells an address of a component, with its UDP port. Addresses are learned from packets as well, so that this is
    /// needed only for those who look at a link to a component that says nothing any more.
    pub fn address(&self, component: u32, address: SocketAddr) {
        self.0.components.address(component, address);
    }

    /// Tells that a component is not there any more: it is not listed, unless it is named again. Its number
    /// is never that of another one.
    pub fn remove(&self, component: u32) {
        self.0.components.remove(component);
    }

    /// Returns the components that have been named and not removed, by their numbers.
    #[must_use]
    pub fn components(&self) -> Vec<Component> {
        self.0.components.present()
    }

    /// Adds a comment to the first packet at this time or later: of the component if it has one soon, or of any. Those who
    /// do not look at the component do not get it.
    pub fn comment(&self, at: Timestamp, component: Option<u32>, text: &str) {
        if self.0.listening.load(Ordering::Relaxed) == 0 {
            return;
        }
        for queue in self.0.listeners().iter() {
            if component.is_none_or(|component| queue.view.selection.concerns(&component)) {
                queue.comment(at, component, text);
            }
        }
    }

    /// Writes the packets of a view into a pipe or socket, as pcapng, until nobody reads it any more. `title` says
    /// what it is.
    ///
    /// # Errors
    /// Returns an error if there are too many listeners, or no thread can be started.
    pub fn listen(&self, file: OwnedFd, title: &str, view: impl Into<View>) -> Result<Listener, ListenError> {
        let (queue, woken) = Queue::new(title, view.into());
        let components = self.0.components.clone();
        let serving = Serving::begin(&self.0.program, Arc::clone(&queue), woken, file, components)?;
        {
            let mut listeners = self.0.listeners();
            if listeners.len() >= Self::MOST_LISTENERS {
                return Err(ListenError::TooMany);
            }
            listeners.push(Arc::clone(&queue));
            self.0.listening.store(listeners.len(), Ordering::Relaxed);
        }
        let leaving = Leaving {
            hub: Arc::downgrade(&self.0),
            queue: Arc::clone(&queue),
        };
        std::thread::Builder::new()
            .name("packets".into())
            .spawn(move || {
                let _leaving = leaving;
                // That a listener goes away is its own business.
                let _ = serving.run();
            })?;
        Ok(Listener(queue))
    }

    /// Ends: all listeners get what waits for them, and this returns when they have it. Those that do not read are given up
    /// after two seconds. Other clones of the hub remain, and do nothing more.
    pub fn finish(self) {
        let mut listeners = self.0.listeners();
        for queue in listeners.iter() {
            queue.end();
        }
        while !listeners.is_empty() {
            listeners = self
                .0
                .left
                .wait(listeners)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Returns how far all listeners have come.
    #[must_use]
    pub fn listeners(&self) -> Vec<ListenerStatus> {
        let queues = self.0.listeners().clone();
        queues.into_iter().map(|queue| Listener(queue).status()).collect()
    }
}

impl Shared {
    fn listeners(&self) -> MutexGuard<'_, Vec<Arc<Queue>>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for queue in self.listeners().iter() {
            queue.end();
        }
    }
}

/// Takes a listener off the hub when its thread ends.
struct Leaving {
    hub: Weak<Shared>,
    queue: Arc<Queue>,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        if let Some(hub) = self.hub.upgrade() {
            let mut listeners = hub.listeners();
            listeners.retain(|queue| !Arc::ptr_eq(queue, &self.queue));
            hub.listening.store(listeners.len(), Ordering::Relaxed);
            hub.left.notify_all();
        }
        self.queue.has_ended();
    }
}
