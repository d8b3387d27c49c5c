//! Asks running demonstrations.

use std::io;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::net::RecvFlags;

use crate::request::{ANSWER, List, Refusal, Request, VERSION, Want};
use crate::{Component, folder, line};

/// How long to wait for the beginning of the packets.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running demonstration of the same user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demonstration {
    /// The process of its control centre.
    pub pid: u32,
    /// The program with its version.
    pub program: String,
    /// The name of the scenario.
    pub scenario: String,
    /// When it began, in seconds since the Unix epoch.
    pub started_s: u64,
    /// Its components.
    pub components: Vec<Component>,
}

/// Why a demonstration does not give its packets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// It has ended, or never was.
    #[error("no demonstration runs in process {0} any more: refresh the interfaces")]
    Gone(u32),
    /// It does not want to.
    #[error("the demonstration gives no packets: {0}")]
    Refused(String),
    /// The connection failed.
    #[error("the demonstration does not answer: {0}")]
    Connection(#[from] io::Error),
}

impl Demonstration {
    /// Returns all that run now and answer, by their processes.
    #[must_use]
    pub fn running() -> Vec<Self> {
        let mut running: Vec<Self> = folder::connected(&folder::candidates())
            .into_iter()
            .filter_map(|(pid, socket)| Self::ask(pid, &socket).ok())
            .collect();
        running.sort_by_key(|demonstration| demonstration.pid);
        running.dedup_by_key(|demonstration| demonstration.pid);
        running
    }

    /// Returns the one that runs in a process.
    ///
    /// # Errors
    /// Returns an error if there is none, or if it does not answer.
    pub fn of(pid: u32) -> Result<Self, AskError> {
        Self::ask(pid, &connect(pid)?)
    }

    fn ask(pid: u32, socket: &UnixStream) -> Result<Self, AskError> {
        let request = Request {
            version: VERSION,
            want: Want::List,
        };
        line::write(socket, &request)?;
        let list: List = line::read(socket, ANSWER)?;
        Ok(Self {
            // In another container, it may know itself by another number.
            pid,
            program: list.program,
            scenario: list.scenario,
            started_s: list.started_s,
            components: list.components,
        })
    }
}

/// Asks the demonstration in a process for packets. Returns the connection, from which pcapng can be read.
pub(crate) fn stream(pid: u32, want: Want) -> Result<UnixStream, AskError> {
    let socket = connect(pid)?;
    let request = Request {
        version: VERSION,
        want,
    };
    line::write(&socket, &request)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut first = [0];
    let (_, length) = rustix::net::recv(&socket, &mut first, RecvFlags::PEEK).map_err(io::Error::from)?;
    match (length, first) {
        (0, _) => Err(AskError::Refused("it closed the connection".to_owned())),
        (_, [b'{']) => {
            let refusal: Refusal = line::read(&socket, ANSWER)?;
            Err(AskError::Refused(refusal.error))
        }
        _ => {
            socket.set_read_timeout(None)?;
            Ok(socket)
        }
    }
}

fn connect(pid: u32) -> Result<UnixStream, AskError> {
    let found = folder::connected(&folder::candidates());
    let found = found.into_iter().find(|(process, _)| *process == pid);
    found.map(|(_, socket)| socket).ok_or(AskError::Gone(pid))
}
