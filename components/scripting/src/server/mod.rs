//! The pool element's side: sessions in which units of work are uploaded, run, and their results downloaded.

mod session;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use protocol::{AssociationId, Time};
use thiserror::Error;
use wire::Malformed;
use wire::scripting::{Message, Reason};

use crate::Hash;
use crate::cache::{Cache, Limits};
use session::Session;

/// Settings of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The name of the host, which pool users are told.
    pub host: String,
    /// How long a pool user may send nothing while an upload is not complete, or take nothing of a download.
    pub upload_timeout: Duration,
    /// The time between two keep-alives while a unit runs.
    pub keep_alive_interval: Duration,
    /// How long an acknowledgement of a keep-alive may take.
    pub keep_alive_timeout: Duration,
    /// The maximum size of a work package in bytes.
    pub most_package: u64,
    /// The maximum size of an environment in bytes.
    pub most_environment: u64,
    /// The maximum size of a result in bytes; what is beyond is left out.
    pub most_output: u64,
    /// How long a unit may run, and how long its upload may take.
    pub unit_time: Duration,
    /// The limits of the cache of environments.
    pub cache: Limits,
}

impl Default for Settings {
    /// The times and the cache are those of rsplib, which has no other limits.
    fn default() -> Self {
        Self {
            host: String::new(),
            upload_timeout: Duration::from_secs(30),
            keep_alive_interval: Duration::from_secs(15),
            keep_alive_timeout: Duration::from_secs(10),
            most_package: 64 << 20,
            most_environment: 128 << 20,
            most_output: 64 << 20,
            unit_time: Duration::from_secs(3600),
            cache: Limits::default(),
        }
    }
}

/// A file of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum File {
    /// The work package.
    Package,
    /// The environment.
    Environment,
}

/// What is to be done with files and processes: one after the other, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// Append to a file of a session.
    Append {
        /// The session.
        session: AssociationId,
        /// The file.
        file: File,
        /// The bytes.
        data: Vec<u8>,
    },
    /// Copy a kept environment to a session. If that fails, so does [`Job::Run`].
    TakeEnvironment {
        /// The session.
        session: AssociationId,
        /// The environment.
        hash: Hash,
    },
    /// Keep a session's environment.
    KeepEnvironment {
        /// The session.
        session: AssociationId,
        /// The environment.
        hash: Hash,
    },
    /// Remove a kept environment.
    DropEnvironment {
        /// The environment.
        hash: Hash,
    },
    /// Run the session's unit; answered by [`Server::handle_ended`].
    Run {
        /// The session.
        session: AssociationId,
        /// Whether there is an environment.
        environment: bool,
    },
    /// Kill the session's unit with everything it has started; answered likewise.
    Kill {
        /// The session.
        session: AssociationId,
    },
    /// Read a piece of the result, at most [`wire::scripting::MOST_DATA`] bytes; answered by [`Server::handle_output`].
    ReadOutput {
        /// The session.
        session: AssociationId,
        /// Where to begin.
        offset: u64,
    },
    /// Kill the session's unit if it runs, and remove all files of the session. Nothing is answered.
    Remove {
        /// The session.
        session: AssociationId,
    },
}

/// What a server wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send a message.
    Send {
        /// The session.
        session: AssociationId,
        /// The message.
        message: Message,
    },
    /// End a session in order, after everything that was sent.
    Close {
        /// The session.
        session: AssociationId,
    },
    /// Break a session off.
    Abort {
        /// The session.
        session: AssociationId,
        /// Why.
        why: Refused,
    },
    /// Do something with files and processes.
    Job(Job),
    /// Something happened that is worth telling.
    Event(Event),
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A unit was started.
    Started {
        /// The session.
        session: AssociationId,
        /// The size of its package in bytes.
        package: u64,
        /// Whether it has an environment.
        environment: bool,
    },
    /// A unit ended.
    Ended {
        /// The session.
        session: AssociationId,
        /// Its exit status.
        exit_status: u32,
    },
    /// Its result was sent.
    Delivered {
        /// The session.
        session: AssociationId,
        /// The size of the result in bytes.
        bytes: u64,
    },
}

/// Why a session is broken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refused {
    /// A message made no sense.
    #[error("{0}")]
    Malformed(#[from] Malformed),
    /// A message does not belong there.
    #[error("{0} does not belong there")]
    Unexpected(&'static str),
    /// An upload exceeds its limit.
    #[error("the {0} has more than {1} bytes")]
    TooLarge(&'static str, u64),
    /// The environment is another one than was announced.
    #[error("the environment is not the one that was announced")]
    OtherEnvironment,
    /// The pool user sends nothing.
    #[error("the pool user does not go on with its upload")]
    UploadTimeout,
    /// The pool user does not acknowledge a keep-alive.
    #[error("the pool user does not acknowledge a keep-alive")]
    KeepAliveTimeout,
    /// The pool user takes nothing.
    #[error("the pool user takes nothing")]
    DownloadTimeout,
}

/// The scripting service of a pool element.
#[derive(Debug)]
pub struct Server {
    settings: Settings,
    cache: Cache,
    sessions: BTreeMap<AssociationId, Session>,
    outputs: VecDeque<Output>,
    completed: u64,
    rejected: u64,
}

impl Server {
    /// Creates a server without sessions.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self {
            cache: Cache::new(settings.cache),
            settings,
            sessions: BTreeMap::new(),
            outputs: VecDeque::new(),
            completed: 0,
            rejected: 0,
        }
    }

    /// A pool user opened a session.
    pub fn begin_session(&mut self, now: Time, session: AssociationId) {
        let info = self.settings.host.clone();
        self.send(session, Message::Ready { info });
        self.sessions.insert(session, Session::new(now, &self.settings));
    }

    /// A pool user opened a session for which there is no room.
    pub fn reject_session(&mut self, session: AssociationId) {
        self.rejected += 1;
        let message = Message::NotReady {
            reason: Reason::FullyLoaded,
            info: self.settings.host.clone(),
        };
        self.send(session, message);
        self.outputs.push_back(Output::Close { session });
    }

    /// A pool user sent a message.
    pub fn handle_message(&mut self, now: Time, id: AssociationId, bytes: &[u8]) {
        let handled = match Message::decode(bytes) {
            Ok(message) => self.with(id, |session, io| session.handle_message(now, io, message)),
            Err(malformed) => Err(malformed.into()),
        };
        if let Err(why) = handled {
            self.abort(id, why);
        }
    }

    /// A unit ended with this exit status. It has left no processes.
    pub fn handle_ended(&mut self, now: Time, id: AssociationId, exit_status: u32) {
        let _ = self.with(id, |session, io| {
            session.handle_ended(now, io, exit_status);
            Ok(())
        });
    }

    /// A piece of the result was read; it is empty at the end.
    pub fn handle_output(&mut self, now: Time, id: AssociationId, data: Vec<u8>) {
        let _ = self.with(id, |session, io| {
            session.handle_output(now, io, data);
            Ok(())
        });
    }

    /// An environment that should have been kept is lost: who needs it has to upload it again.
    pub fn forget_environment(&mut self, hash: &Hash) {
        self.cache.remove(hash);
    }

    /// A session accepts messages: more of its result can be sent. To be told after each message that was sent.
    pub fn handle_writable(&mut self, now: Time, id: AssociationId) {
        let _ = self.with(id, |session, io| {
            session.handle_writable(now, io);
            Ok(())
        });
    }

    /// A session ended.
    pub fn end_session(&mut self, id: AssociationId) {
        if self.sessions.remove(&id).is_some() {
            self.outputs.push_back(Output::Job(Job::Remove { session: id }));
        }
    }

    /// The time returned by [`Self::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Time) {
        let due = |session: &Session| session.poll_timeout().is_some_and(|time| time <= now);
        let due: Vec<AssociationId> = self
            .sessions
            .iter()
            .filter(|(_, session)| due(session))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            if let Err(why) = self.with(id, |session, io| session.handle_timeout(now, io)) {
                self.abort(id, why);
            }
        }
    }

    /// Returns when to call [`Self::handle_timeout`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Time> {
        self.sessions.values().filter_map(Session::poll_timeout).min()
    }

    /// Returns the next thing to do, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Returns whether a session sends its result, which [`Self::handle_writable`] continues.
    #[must_use]
    pub fn wants_to_send(&self, id: AssociationId) -> bool {
        self.sessions.get(&id).is_some_and(Session::wants_to_send)
    }

    /// Returns the number of sessions, each of which is load: a pool user that has been promised a unit gets it.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Returns the number of units that were run to their end, and of sessions for which there was no room.
    #[must_use]
    pub const fn counts(&self) -> (u64, u64) {
        (self.completed, self.rejected)
    }

    fn with(
        &mut self,
        id: AssociationId,
        action: impl FnOnce(&mut Session, &mut Io<'_>) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        let Some(session) = self.sessions.get_mut(&id) else {
            return Ok(());
        };
        let mut io = Io {
            id,
            settings: &self.settings,
            cache: &mut self.cache,
            outputs: &mut self.outputs,
            completed: &mut self.completed,
        };
        action(session, &mut io)
    }

    fn send(&mut self, session: AssociationId, message: Message) {
        self.outputs.push_back(Output::Send { session, message });
    }

    /// Breaks a session off. The end of its association will not find it any more.
    fn abort(&mut self, id: AssociationId, why: Refused) {
        self.end_session(id);
        self.outputs.push_back(Output::Abort { session: id, why });
    }
}

/// What a session works with.
struct Io<'a> {
    id: AssociationId,
    settings: &'a Settings,
    cache: &'a mut Cache,
    outputs: &'a mut VecDeque<Output>,
    completed: &'a mut u64,
}

impl Io<'_> {
    fn send(&mut self, message: Message) {
        let session = self.id;
        self.outputs.push_back(Output::Send { session, message });
    }

    fn job(&mut self, job: Job) {
        self.outputs.push_back(Output::Job(job));
    }

    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }
}
