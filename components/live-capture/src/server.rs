//! The socket of a running demonstration.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use feed::WallClock;
use rustix::net::Shutdown;
use rustix::net::sockopt::socket_peercred;
use rustix::process::{Uid, geteuid};

use crate::request::{List, REQUEST, Refusal, Request, VERSION, Want, view};
use crate::{Description, Hub, View, folder, line};

/// Answers the requests of other programs of the same user, on a socket in a private folder. Dropping it ends that; those
/// who listen keep listening, as long as there is a [`Hub`].
#[derive(Debug)]
pub struct Server {
    path: PathBuf,
    socket: Arc<UnixListener>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    hub: Hub,
    description: Mutex<Description>,
    /// The number of requests that are being read or answered.
    requests: AtomicUsize,
    ending: AtomicBool,
    user: Uid,
}

impl Server {
    /// The maximum number of requests at the same time.
    const MOST_REQUESTS: usize = 32;
    /// How long to wait after the system refused a connection.
    const PAUSE: Duration = Duration::from_millis(100);

    /// Starts to answer requests: in `$XDG_RUNTIME_DIR/poolscope/`, or else in `/tmp/poolscope-UID/`.
    ///
    /// # Errors
    /// Returns an error if there cannot be a socket.
    pub fn start(hub: Hub, description: Description) -> io::Result<Self> {
        Self::start_in(&folder::candidates(), hub, description)
    }

    pub(crate) fn start_in(folders: &[PathBuf], hub: Hub, description: Description) -> io::Result<Self> {
        let path = folder::own_socket(folders)?;
        // It is left from a dead process that had the same number.
        let _ = std::fs::remove_file(&path);
        let socket = Arc::new(UnixListener::bind(&path)?);
        let shared = Arc::new(Shared {
            hub,
            description: Mutex::new(description),
            requests: AtomicUsize::new(0),
            ending: AtomicBool::new(false),
            user: geteuid(),
        });
        let (serving, accepting) = (Arc::clone(&shared), Arc::clone(&socket));
        let thread = std::thread::Builder::new()
            .name("packet server".into())
            .spawn(move || serve(&serving, &accepting))?;
        Ok(Self {
            path,
            socket,
            shared,
            thread: Some(thread),
        })
    }

    /// Returns the path of the socket.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tells others about another demonstration from now on.
    pub fn describe(&self, description: Description) {
        let mut current = self
            .shared
            .description
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *current = description;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::Release);
        // Wakes the thread, which accepts no more.
        let woken = rustix::net::shutdown(&self.socket, Shutdown::Both);
        let _ = std::fs::remove_file(&self.path);
        if let (Ok(()), Some(thread)) = (woken, self.thread.take()) {
            let _ = thread.join();
        }
    }
}

fn serve(shared: &Arc<Shared>, socket: &UnixListener) {
    loop {
        let accepted = socket.accept();
        if shared.ending.load(Ordering::Acquire) {
            return;
        }
        match accepted {
            Ok((connection, _)) => admit(shared, connection),
            // Too few descriptors, for example.
            Err(_) => std::thread::sleep(Server::PAUSE),
        }
    }
}

/// Answers a request on a thread of its own, unless there are too many. Strangers and those that are too many find the
/// connection closed.
fn admit(shared: &Arc<Shared>, connection: UnixStream) {
    if !socket_peercred(&connection).is_ok_and(|peer| peer.uid == shared.user) {
        return;
    }
    let counted = Counted::new(Arc::clone(shared));
    if counted.number > Server::MOST_REQUESTS {
        return;
    }
    // Without a thread, there is no answer.
    let _ = std::thread::Builder::new()
        .name("packet request".into())
        .spawn(move || {
            if let Err(refusal) = answer(&counted.shared, connection) {
                let (connection, refusal) = *refusal;
                let _ = line::write(&connection, &refusal);
            }
        });
}

/// Counts a request as long as it lives.
struct Counted {
    shared: Arc<Shared>,
    number: usize,
}

impl Counted {
    fn new(shared: Arc<Shared>) -> Self {
        let number = shared.requests.fetch_add(1, Ordering::AcqRel) + 1;
        Self { shared, number }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.shared.requests.fetch_sub(1, Ordering::AcqRel);
    }
}

fn answer(shared: &Shared, connection: UnixStream) -> Result<(), Box<(UnixStream, Refusal)>> {
    let outcome = understand(shared, &connection);
    let refusal = match outcome {
        Ok(None) => return Ok(()),
        Ok(Some((title, view))) => {
            let Ok(socket) = connection.try_clone() else {
                return Ok(());
            };
            match shared.hub.listen(socket.into(), &title, view) {
                Ok(_) => return Ok(()),
                Err(error) => Refusal {
                    error: error.to_string(),
                },
            }
        }
        Err(refusal) => refusal,
    };
    Err(Box::new((connection, refusal)))
}

/// Reads a request. Returns the packets that are wanted, unless it has been answered.
fn understand(shared: &Shared, connection: &UnixStream) -> Result<Option<(String, View)>, Refusal> {
    let request: Request = line::read(connection, REQUEST).map_err(|error| Refusal {
        error: format!("the request makes no sense: {error}"),
    })?;
    if request.version != VERSION {
        let error = format!("the version of the request is {}, not {VERSION}", request.version);
        return Err(Refusal { error });
    }
    let components = shared.hub.components();
    let description = shared
        .description
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    match request.want {
        Want::List => {
            let started_us = WallClock::sample().unix_us(description.started);
            let list = List {
                version: VERSION,
                program: description.program,
                scenario: description.scenario,
                pid: std::process::id(),
                started_s: started_us / 1_000_000,
                components,
            };
            // Who does not read the answer has no use for it.
            let _ = line::write(connection, &list);
            Ok(None)
        }
        Want::Stream {
            components: wanted,
            link,
            copies,
        } => {
            let view = view(&wanted, link.as_ref(), copies, &components)?;
            let title = format!("Packets of {}, while they happen", description.scenario);
            Ok(Some((title, view)))
        }
    }
}
