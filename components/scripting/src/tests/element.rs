//! A pool element with files in memory, and with units that do what a test says.

use std::collections::BTreeMap;

use protocol::{AssociationId, Time};
use wire::scripting::{MOST_DATA, Message};

use super::{ID, at};
use crate::Hash;
use crate::server::{self, Event, File, Job, Output, Refused, Server};

/// A pool element: a server with files in memory and units that do what a test says.
pub(super) struct Element {
    pub(super) server: Server,
    pub(super) files: BTreeMap<(AssociationId, File), Vec<u8>>,
    pub(super) kept: BTreeMap<Hash, Vec<u8>>,
    pub(super) running: Vec<AssociationId>,
    pub(super) output: Vec<u8>,
    pub(super) sent: Vec<Vec<u8>>,
    pub(super) aborted: Vec<Refused>,
    pub(super) closed: Vec<AssociationId>,
    pub(super) events: Vec<Event>,
}

impl Element {
    pub(super) fn new(settings: server::Settings) -> Self {
        Self {
            server: Server::new(settings),
            files: BTreeMap::new(),
            kept: BTreeMap::new(),
            running: Vec::new(),
            output: b"the result".to_vec(),
            sent: Vec::new(),
            aborted: Vec::new(),
            closed: Vec::new(),
            events: Vec::new(),
        }
    }

    pub(super) fn begun() -> Self {
        let mut element = Self::new(server::Settings::default());
        element.server.begin_session(at(0), ID);
        element.carry_out(at(0));
        element.sent.clear();
        element
    }

    pub(super) fn carry_out(&mut self, now: Time) {
        while let Some(output) = self.server.poll_output() {
            match output {
                Output::Send { session, message } => {
                    self.sent.push(message.encode());
                    self.server.handle_writable(now, session);
                }
                Output::Close { session } => self.closed.push(session),
                Output::Abort { why, .. } => self.aborted.push(why),
                Output::Event(event) => self.events.push(event),
                Output::Job(job) => self.work(now, job),
            }
        }
    }

    pub(super) fn work(&mut self, now: Time, job: Job) {
        match job {
            Job::Append { session, file, data } => {
                self.files.entry((session, file)).or_default().extend(data);
            }
            Job::TakeEnvironment { session, hash } => {
                let content = self.kept[&hash].clone();
                self.files.insert((session, File::Environment), content);
            }
            Job::KeepEnvironment { session, hash } => {
                let content = self.files[&(session, File::Environment)].clone();
                self.kept.insert(hash, content);
            }
            Job::DropEnvironment { hash } => {
                self.kept.remove(&hash);
            }
            Job::Run { session, environment } => {
                assert_eq!(
                    environment,
                    self.files.contains_key(&(session, File::Environment))
                );
                self.running.push(session);
            }
            Job::Kill { session } => self.end(now, session, 137),
            Job::ReadOutput { session, offset } => {
                let rest = self.output.get(offset as usize..).unwrap_or_default();
                let piece = rest.iter().copied().take(MOST_DATA).collect();
                self.server.handle_output(now, session, piece);
            }
            Job::Remove { session } => {
                self.running.retain(|running| *running != session);
                self.files.retain(|(id, _), _| *id != session);
            }
        }
    }

    /// The unit of a session ends.
    pub(super) fn end(&mut self, now: Time, session: AssociationId, exit_status: u32) {
        self.running.retain(|running| *running != session);
        self.server.handle_ended(now, session, exit_status);
        self.carry_out(now);
    }

    pub(super) fn receive(&mut self, now: Time, message: &Message) {
        self.server.handle_message(now, ID, &message.encode());
        self.carry_out(now);
    }

    pub(super) fn wait_until(&mut self, now: Time) {
        while let Some(time) = self.server.poll_timeout().filter(|time| *time <= now) {
            self.server.handle_timeout(time);
            self.carry_out(time);
        }
    }

    pub(super) fn messages(&mut self) -> Vec<Message> {
        let sent = std::mem::take(&mut self.sent);
        sent.iter().map(|bytes| Message::decode(bytes).unwrap()).collect()
    }
}
