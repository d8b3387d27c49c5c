//! One session: upload, work, download.

use protocol::Time;
use sha1::{Digest, Sha1};
use wire::scripting::Message;

use super::{Event, File, Io, Job, Output, Refused, Settings};
use crate::keep_alive::{KeepAlive, Next};
use crate::{Hash, OUT_OF_TIME};

/// A session.
#[derive(Debug)]
pub(super) struct Session {
    state: State,
    /// The size of the package so far.
    package: u64,
    environment: Environment,
}

#[derive(Debug)]
enum State {
    /// The package is uploaded, and after it the environment if it is needed.
    Uploading {
        file: File,
        /// When the pool user has been silent for too long.
        deadline: Time,
        /// When the upload must be complete, however busy the pool user is.
        latest: Time,
        /// Whether a keep-alive waits for its acknowledgement: rsplib's pool users understand that only once the work
        /// has begun.
        owes_ack: bool,
    },
    /// The unit runs.
    Working {
        /// When it has run for too long; `None` once it is being killed for that.
        until: Option<Time>,
        keep_alive: KeepAlive,
    },
    /// The result is sent.
    Downloading {
        offset: u64,
        wait: Wait,
        /// When the pool user has taken nothing for too long.
        deadline: Time,
    },
    /// Everything was sent; the association ends.
    Done,
}

/// What the download waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// The next piece of the file.
    File,
    /// Room on the association.
    Room,
}

/// The environment of a session.
#[derive(Debug)]
enum Environment {
    /// The pool user has none.
    None,
    /// It is taken from the cache.
    Kept,
    /// It has to be uploaded.
    Wanted { hash: Hash, digest: Sha1, bytes: u64 },
    /// It was uploaded.
    Uploaded,
}

impl Session {
    /// Creates a session.
    pub(super) fn new(now: Time, settings: &Settings) -> Self {
        Self {
            state: State::Uploading {
                file: File::Package,
                deadline: now + settings.upload_timeout,
                latest: now + settings.unit_time,
                owes_ack: false,
            },
            package: 0,
            environment: Environment::None,
        }
    }

    pub(super) fn handle_message(
        &mut self,
        now: Time,
        io: &mut Io<'_>,
        message: Message,
    ) -> Result<(), Refused> {
        let name = message.name();
        match (&mut self.state, message) {
            (
                State::Uploading {
                    deadline,
                    latest,
                    owes_ack,
                    ..
                },
                message,
            ) => {
                *deadline = (now + io.settings.upload_timeout).min(*latest);
                match message {
                    Message::Upload { data } => self.handle_upload(now, io, data),
                    Message::Environment { hash, .. } => self.handle_query(io, hash),
                    Message::KeepAlive => {
                        *owes_ack = true;
                        Ok(())
                    }
                    _ => Err(Refused::Unexpected(name)),
                }
            }
            (State::Working { .. } | State::Downloading { .. } | State::Done, Message::KeepAlive) => {
                io.send(Message::KeepAliveAck { status: Some(0) });
                Ok(())
            }
            (State::Working { keep_alive, .. }, Message::KeepAliveAck { .. }) => {
                *keep_alive = KeepAlive::Due(now + io.settings.keep_alive_interval);
                Ok(())
            }
            // It was on its way when the unit ended.
            (State::Downloading { .. } | State::Done, Message::KeepAliveAck { .. }) => Ok(()),
            _ => Err(Refused::Unexpected(name)),
        }
    }

    fn handle_query(&mut self, io: &mut Io<'_>, hash: Hash) -> Result<(), Refused> {
        let asks_now = matches!(
            (&self.state, &self.environment),
            (
                State::Uploading {
                    file: File::Package,
                    ..
                },
                Environment::None
            )
        );
        if !asks_now {
            return Err(Refused::Unexpected("a second query for an environment"));
        }
        let is_kept = io.cache.find(&hash);
        io.send(Message::Environment {
            hash,
            upload_needed: !is_kept,
        });
        self.environment = if is_kept {
            io.job(Job::TakeEnvironment { session: io.id, hash });
            Environment::Kept
        } else {
            Environment::Wanted {
                hash,
                digest: Sha1::new(),
                bytes: 0,
            }
        };
        Ok(())
    }

    fn handle_upload(&mut self, now: Time, io: &mut Io<'_>, data: Vec<u8>) -> Result<(), Refused> {
        let State::Uploading { file, .. } = &mut self.state else {
            return Ok(());
        };
        if data.is_empty() {
            if *file == File::Package && matches!(self.environment, Environment::Wanted { .. }) {
                *file = File::Environment;
                return Ok(());
            }
            self.keep_environment(io)?;
            self.begin(now, io);
            return Ok(());
        }
        let length = data.len() as u64;
        match (*file, &mut self.environment) {
            (File::Environment, Environment::Wanted { digest, bytes, .. }) => {
                *bytes += length;
                let most = io.settings.most_environment;
                if *bytes > most {
                    return Err(Refused::TooLarge("environment", most));
                }
                digest.update(&data);
            }
            _ => {
                self.package += length;
                let most = io.settings.most_package;
                if self.package > most {
                    return Err(Refused::TooLarge("work package", most));
                }
            }
        }
        let (session, file) = (io.id, *file);
        io.job(Job::Append { session, file, data });
        Ok(())
    }

    /// Checks the environment that was uploaded, if there is one, and keeps it for other sessions.
    fn keep_environment(&mut self, io: &mut Io<'_>) -> Result<(), Refused> {
        let Environment::Wanted { hash, digest, bytes } = &mut self.environment else {
            return Ok(());
        };
        if Hash::from(digest.finalize_reset()) != *hash {
            return Err(Refused::OtherEnvironment);
        }
        let (is_kept, evicted) = io.cache.insert(*hash, *bytes);
        for hash in evicted {
            io.job(Job::DropEnvironment { hash });
        }
        if is_kept {
            let (session, hash) = (io.id, *hash);
            io.job(Job::KeepEnvironment { session, hash });
        }
        self.environment = Environment::Uploaded;
        Ok(())
    }

    fn begin(&mut self, now: Time, io: &mut Io<'_>) {
        let owes_ack = matches!(self.state, State::Uploading { owes_ack: true, .. });
        let environment = !matches!(self.environment, Environment::None);
        io.send(Message::Status { exit_status: 0 });
        if owes_ack {
            io.send(Message::KeepAliveAck { status: Some(0) });
        }
        let session = io.id;
        io.job(Job::Run { session, environment });
        io.event(Event::Started {
            session,
            package: self.package,
            environment,
        });
        self.state = State::Working {
            until: Some(now + io.settings.unit_time),
            keep_alive: KeepAlive::Due(now + io.settings.keep_alive_interval),
        };
    }

    pub(super) fn handle_ended(&mut self, now: Time, io: &mut Io<'_>, exit_status: u32) {
        let State::Working { until, .. } = &self.state else {
            return;
        };
        let exit_status = if until.is_none() { OUT_OF_TIME } else { exit_status };
        let session = io.id;
        io.send(Message::Status { exit_status });
        io.event(Event::Ended { session, exit_status });
        io.job(Job::ReadOutput { session, offset: 0 });
        self.state = State::Downloading {
            offset: 0,
            wait: Wait::File,
            deadline: now + io.settings.upload_timeout,
        };
    }

    pub(super) fn handle_output(&mut self, now: Time, io: &mut Io<'_>, mut data: Vec<u8>) {
        let State::Downloading {
            offset,
            wait,
            deadline,
        } = &mut self.state
        else {
            return;
        };
        let room = io.settings.most_output.saturating_sub(*offset);
        data.truncate(usize::try_from(room).unwrap_or(usize::MAX));
        *offset += data.len() as u64;
        *wait = Wait::Room;
        *deadline = now + io.settings.upload_timeout;
        let is_end = data.is_empty();
        io.send(Message::Download { data });
        if is_end {
            let (session, bytes) = (io.id, *offset);
            *io.completed += 1;
            io.event(Event::Delivered { session, bytes });
            io.outputs.push_back(Output::Close { session });
            self.state = State::Done;
        }
    }

    pub(super) const fn wants_to_send(&self) -> bool {
        matches!(self.state, State::Downloading { wait: Wait::Room, .. })
    }

    pub(super) fn handle_writable(&mut self, now: Time, io: &mut Io<'_>) {
        if let State::Downloading {
            offset,
            wait,
            deadline,
        } = &mut self.state
            && *wait == Wait::Room
        {
            *wait = Wait::File;
            *deadline = now + io.settings.upload_timeout;
            let (session, offset) = (io.id, *offset);
            io.job(Job::ReadOutput { session, offset });
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Time, io: &mut Io<'_>) -> Result<(), Refused> {
        match &mut self.state {
            State::Uploading { deadline, .. } if *deadline <= now => Err(Refused::UploadTimeout),
            State::Downloading { deadline, .. } if *deadline <= now => Err(Refused::DownloadTimeout),
            State::Working { until, keep_alive } => {
                if until.is_some_and(|until| until <= now) {
                    *until = None;
                    io.job(Job::Kill { session: io.id });
                }
                match keep_alive.handle_timeout(now, io.settings.keep_alive_timeout) {
                    Next::Wait => {}
                    Next::Send => io.send(Message::KeepAlive),
                    Next::GiveUp => return Err(Refused::KeepAliveTimeout),
                }
                Ok(())
            }
            State::Uploading { .. } | State::Downloading { .. } | State::Done => Ok(()),
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        match &self.state {
            State::Uploading { deadline, .. } | State::Downloading { deadline, .. } => Some(*deadline),
            State::Working { until, keep_alive } => {
                let time = keep_alive.poll_timeout();
                Some(until.map_or(time, |until| until.min(time)))
            }
            State::Done => None,
        }
    }
}
