//! Associations that peers open.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sctp_rs::{AssocChangeState, NotificationOrData};
use socket2::SockRef;
use tokio::sync::mpsc;

use super::context::Accepted;
use super::notification::{Notification, abort_reason};
use super::pause::pause;
use super::ports::Port;
use super::sending::UNORDERED;
use super::{receiving, system};
use crate::{Cause, LARGEST_MESSAGE, Message, Peer};

/// How long a port waits after the kernel reported an error on it.
const PAUSE: Duration = Duration::from_millis(10);

/// An association that a peer opened.
pub(super) enum Arrived {
    /// It is alive.
    Alive(Accepted),
    /// It ended before this process could accept it.
    Ended(Ended),
}

/// What is left of an association that ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) peer: Peer,
    pub(super) local_port: u16,
    pub(super) out_streams: u16,
    pub(super) messages: Vec<Message>,
    pub(super) cause: Cause,
}

/// Gives each association that peers open to a port its own socket.
pub(super) async fn serve(port: Arc<Port>, arrived: mpsc::Sender<Arrived>) {
    loop {
        let change = match port.next().await {
            Ok(NotificationOrData::Notification(sctp_rs::Notification::AssociationChange(change))) => change,
            // This concerns associations that failed before they were established.
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(port = port.number, %error, "a port has failed");
                pause(PAUSE).await;
                continue;
            }
        };
        if change.state != AssocChangeState::CommUp {
            continue;
        }
        let mut found = Vec::new();
        let mut backlog = Backlog::new(&port);
        backlog.take(change.assoc_id, change.ob_streams, &mut found).await;
        if !backlog.ended.is_empty() {
            backlog.read(&mut found).await;
        }
        for association in found {
            if arrived.send(association).await.is_err() {
                return;
            }
        }
    }
}

/// What the one-to-many socket still holds of associations that ended. All of it is already there, including their
/// ends.
struct Backlog<'a> {
    port: &'a Arc<Port>,
    ended: BTreeMap<i32, Unread>,
}

#[derive(Default)]
struct Unread {
    out_streams: u16,
    source: Option<SocketAddr>,
    partial: Vec<u8>,
    messages: Vec<Message>,
}

impl<'a> Backlog<'a> {
    fn new(port: &'a Arc<Port>) -> Self {
        Self {
            port,
            ended: BTreeMap::new(),
        }
    }

    /// Accepts a new association, or records that it has ended.
    async fn take(&mut self, association: i32, out_streams: u16, found: &mut Vec<Arrived>) {
        match accept(self.port, association, out_streams) {
            Ok(accepted) => found.push(Arrived::Alive(accepted)),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                let unread = Unread {
                    out_streams,
                    ..Unread::default()
                };
                self.ended.insert(association, unread);
            }
            Err(error) => {
                tracing::debug!(port = self.port.number, %error, "an association cannot be taken");
                self.port.abort(association, "out of resource").await;
            }
        }
    }

    async fn read(&mut self, found: &mut Vec<Arrived>) {
        let mut buffer = vec![0; LARGEST_MESSAGE + 1];
        while let Ok(received) = receiving::receive(self.port, &mut buffer) {
            let bytes = buffer.get(..received.length).unwrap_or_default();
            if let Some(info) = received.info {
                if let Some(unread) = self.ended.get_mut(&info.association) {
                    unread.source = unread.source.or(received.source);
                    unread.add(bytes, info, received.end_of_record);
                }
                continue;
            }
            if !received.notification {
                return;
            }
            let Some(association) = Notification::association_of_change(bytes) else {
                continue;
            };
            let cause = match Notification::parse(bytes) {
                Notification::Up { out_streams } => {
                    self.take(association, out_streams, found).await;
                    continue;
                }
                Notification::ShutDown => Cause::Graceful,
                Notification::Lost { error, abort } => Cause::peer_abort(&abort_reason(error, &abort)),
                _ => continue,
            };
            // If no message arrived, the association need not be reported.
            if let Some(unread) = self.ended.remove(&association)
                && let Some(source) = unread.source
            {
                found.push(Arrived::Ended(Ended {
                    peer: Peer::new(source.ip(), source.port()),
                    local_port: self.port.number,
                    out_streams: unread.out_streams,
                    messages: unread.messages,
                    cause,
                }));
            }
        }
    }
}

impl Unread {
    fn add(&mut self, bytes: &[u8], info: receiving::Info, end: bool) {
        if self.partial.len() + bytes.len() > LARGEST_MESSAGE {
            return;
        }
        self.partial.extend_from_slice(bytes);
        if end {
            self.messages.push(Message {
                stream: info.stream,
                ppid: info.ppid,
                unordered: info.flags & UNORDERED != 0,
                data: std::mem::take(&mut self.partial),
            });
        }
    }
}

/// Gives an association its own socket.
fn accept(port: &Arc<Port>, association: i32, out_streams: u16) -> io::Result<Accepted> {
    let descriptor = port.peel_off(association)?;
    let peer_port = SockRef::from(&descriptor)
        .peer_addr()?
        .as_socket()
        .map_or(0, |address| address.port());
    let addresses = system::paths(&descriptor, peer_port)?.confirmed;
    let keys: Vec<_> = addresses.iter().map(|address| (*address, peer_port)).collect();
    Ok(Accepted {
        peer: Peer {
            addresses,
            port: peer_port,
        },
        local_port: port.number,
        out_streams,
        descriptor,
        claim: port.succeed(&keys),
    })
}
