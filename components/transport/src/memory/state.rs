//! The hosts of an in-memory network, and what is in transit between them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::impaired_link::Way;
use crate::outbox::Outbox;
use crate::shared::{Command, Shared};
use crate::{AssociationId, Cause, Event, Message, Peer};

pub(super) struct State {
    latency: Duration,
    hosts: BTreeMap<IpAddr, Host>,
    /// By time of arrival, and then in the order of sending.
    under_way: BTreeMap<(Instant, u64), Parcel>,
    sent: u64,
}

pub(super) struct Host {
    shared: Arc<Shared>,
    outbox: Outbox,
    associations: BTreeMap<AssociationId, Association>,
}

/// One end of an association.
struct Association {
    local_port: u16,
    peer: IpAddr,
    peer_port: u16,
    /// The other end, once it exists.
    peer_id: Option<AssociationId>,
    /// When the last parcel arrives; no later one may overtake it.
    latest: Instant,
    /// What a cut link holds back, in the order of sending.
    held: BTreeMap<u64, Content>,
    /// When it is given up if the link stays cut.
    deadline: Option<Instant>,
    /// The number of bytes that the other end has not processed yet.
    buffered: usize,
    /// The number of bytes that have been processed but not yet reported to the other end.
    owed: usize,
}

struct Parcel {
    from: (IpAddr, AssociationId),
    to: IpAddr,
    content: Content,
}

enum Content {
    Request,
    Accept { streams: u16 },
    Data(Message),
    Taken(usize),
    Shutdown,
    End(Cause),
}

impl Host {
    pub(super) fn new(shared: Arc<Shared>, outbox: Outbox) -> Self {
        Self {
            shared,
            outbox,
            associations: BTreeMap::new(),
        }
    }

    fn insert(
        &mut self,
        id: AssociationId,
        local_port: u16,
        peer: IpAddr,
        peer_port: u16,
    ) -> &mut Association {
        let association = Association {
            local_port,
            peer,
            peer_port,
            peer_id: None,
            latest: Instant::now(),
            held: BTreeMap::new(),
            deadline: None,
            buffered: 0,
            owed: 0,
        };
        self.associations.entry(id).or_insert(association)
    }

    fn report_up(&mut self, id: AssociationId, inbound: bool, out_streams: u16) {
        let Some(association) = self.associations.get(&id) else {
            return;
        };
        self.shared.set_out_streams(id, out_streams);
        let peer = Peer::new(association.peer, association.peer_port);
        self.outbox.push(Event::Up {
            id,
            local_port: association.local_port,
            peer,
            inbound,
            out_streams,
        });
    }

    fn end(&mut self, id: AssociationId, cause: Cause) {
        if self.associations.remove(&id).is_some() {
            self.shared.forget(id);
            self.outbox.push(Event::Down { id, cause });
        }
    }
}

impl State {
    pub(super) fn new(latency: Duration) -> Self {
        Self {
            latency,
            hosts: BTreeMap::new(),
            under_way: BTreeMap::new(),
            sent: 0,
        }
    }

    pub(super) fn free_address(&self) -> IpAddr {
        let mut candidates = (0x0a00_0001_u32..).map(|n| IpAddr::from(n.to_be_bytes()));
        candidates
            .find(|address| !self.hosts.contains_key(address))
            .expect("fewer hosts than addresses")
    }

    pub(super) fn add_host(&mut self, address: IpAddr, host: Host) -> bool {
        !self.hosts.contains_key(&address) && self.hosts.insert(address, host).is_none()
    }

    pub(super) fn has_host(&self, address: IpAddr) -> bool {
        self.hosts.contains_key(&address)
    }

    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        self.hosts.keys().copied().collect()
    }

    pub(super) fn has_waiting_events(&self, address: IpAddr) -> bool {
        self.hosts
            .get(&address)
            .is_some_and(|host| host.outbox.waiting() > 0)
    }

    /// Removes a host. Its peers receive the cause.
    pub(super) fn remove_host(&mut self, address: IpAddr, cause: &Cause) {
        let Some(host) = self.hosts.get(&address) else {
            return;
        };
        let ids: Vec<_> = host.associations.keys().copied().collect();
        for id in ids {
            self.end(address, id, Cause::LocalAbort, cause.clone());
        }
        if let Some(mut host) = self.hosts.remove(&address) {
            host.outbox.flush();
            host.shared.wake.notify_one();
        }
        // Another actor must take care of what is in transit.
        for host in self.hosts.values() {
            host.shared.wake.notify_one();
        }
    }

    /// Processes the requests of a host's handles, and everything that is due on any host.
    pub(super) fn step(&mut self, address: IpAddr) {
        self.handle_commands(address);
        self.look_for_cuts();
        let now = Instant::now();
        while let Some(first) = self.under_way.first_entry().filter(|first| first.key().0 <= now) {
            let ((_, number), parcel) = first.remove_entry();
            self.arrive(number, parcel);
        }
        let Some(host) = self.hosts.get_mut(&address) else {
            return;
        };
        for id in host.outbox.flush() {
            self.acknowledge(address, id);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let arrival = self.under_way.first_key_value().map(|((at, _), _)| *at);
        let associations = self.hosts.values().flat_map(|host| host.associations.values());
        associations
            .filter_map(|association| association.deadline)
            .chain(arrival)
            .min()
    }

    fn handle_commands(&mut self, address: IpAddr) {
        let Some(host) = self.hosts.get(&address) else {
            return;
        };
        for command in host.shared.take_commands() {
            match command {
                Command::Connect {
                    id, local_port, peer, ..
                } => self.connect(address, id, local_port, &peer),
                Command::Reject(id) => {
                    if let Some(host) = self.hosts.get_mut(&address) {
                        host.outbox.push(Event::Down {
                            id,
                            cause: Cause::LocalAbort,
                        });
                    }
                }
                Command::Send { id, message } => {
                    let Some(host) = self.hosts.get_mut(&address) else {
                        return;
                    };
                    host.shared.dequeued(id, &message);
                    let Some(association) = host.associations.get_mut(&id) else {
                        continue;
                    };
                    association.buffered += message.data.len();
                    host.shared.set_buffered(id, association.buffered);
                    self.send(address, id, Content::Data(message));
                }
                Command::Shutdown(id) => self.send(address, id, Content::Shutdown),
                Command::Abort(id) => {
                    self.end(address, id, Cause::LocalAbort, Cause::PeerAbort(String::new()));
                }
            }
        }
    }

    fn connect(&mut self, address: IpAddr, id: AssociationId, local_port: u16, peer: &Peer) {
        let reachable = peer
            .addresses
            .iter()
            .find(|address| self.hosts.contains_key(address))
            .copied();
        let Some(host) = self.hosts.get_mut(&address) else {
            return;
        };
        host.insert(id, local_port, reachable.unwrap_or(address), peer.port);
        match reachable {
            Some(_) => self.send(address, id, Content::Request),
            None if peer.addresses.is_empty() => host.end(id, Cause::Unreachable),
            None => host.end(id, Cause::Refused),
        }
    }

    /// Ends an association, and notifies the other end.
    fn end(&mut self, address: IpAddr, id: AssociationId, here: Cause, there: Cause) {
        self.send(address, id, Content::End(there));
        if let Some(host) = self.hosts.get_mut(&address) {
            host.end(id, here);
        }
    }

    fn send(&mut self, address: IpAddr, id: AssociationId, content: Content) {
        self.sent += 1;
        self.send_numbered(self.sent, address, id, content);
    }

    fn send_numbered(&mut self, number: u64, address: IpAddr, id: AssociationId, content: Content) {
        let Some(host) = self.hosts.get_mut(&address) else {
            return;
        };
        let Some(association) = host.associations.get_mut(&id) else {
            return;
        };
        let bytes = match &content {
            Content::Data(message) => message.data.len(),
            _ => 0,
        };
        let delay = host
            .shared
            .impairments
            .delay(Instant::now().into_std(), association.peer, bytes)
            .saturating_add(self.latency);
        association.latest = association.latest.max(Instant::now() + delay);
        let parcel = Parcel {
            from: (address, id),
            to: association.peer,
            content,
        };
        self.under_way.insert((association.latest, number), parcel);
    }

    fn arrive(&mut self, number: u64, parcel: Parcel) {
        let Parcel {
            from: (from, sender),
            to: address,
            content,
        } = parcel;
        let holds = self.is_cut_towards(from, address)
            || self.holder(from, sender).is_some_and(|a| !a.held.is_empty());
        if holds {
            if let Some(association) = self.holder(from, sender) {
                association.held.insert(number, content);
            }
            return;
        }
        if matches!(content, Content::Request) {
            return self.handle_request(from, sender, address);
        }
        let Some(host) = self.hosts.get_mut(&address) else {
            return;
        };
        let is_meant = |a: &Association| a.peer == from && a.peer_id == Some(sender);
        let found = host
            .associations
            .iter()
            .find(|(_, association)| is_meant(association));
        let Some(id) = found.map(|(id, _)| *id) else {
            return;
        };
        match content {
            Content::Request => {}
            Content::Accept { streams } => host.report_up(id, false, streams),
            Content::Data(message) => {
                if let Some(association) = host.associations.get_mut(&id) {
                    association.owed += message.data.len();
                }
                host.outbox.push(Event::Message { id, message });
                // Only the host's own actor waits for the host's user.
                host.shared.wake.notify_one();
                self.acknowledge(address, id);
            }
            Content::Taken(length) => {
                let Some(association) = host.associations.get_mut(&id) else {
                    return;
                };
                association.buffered = association.buffered.saturating_sub(length);
                if host.shared.set_buffered(id, association.buffered) {
                    host.outbox.push(Event::Writable { id });
                }
            }
            Content::Shutdown => self.end(address, id, Cause::Graceful, Cause::Graceful),
            Content::End(cause) => host.end(id, cause),
        }
    }

    /// A request arrived. From now on both ends know each other, but the requester is notified only when the
    /// response arrives.
    fn handle_request(&mut self, from: IpAddr, requester: AssociationId, address: IpAddr) {
        let Some((from_port, to_port)) = self.holder(from, requester).map(|a| (a.local_port, a.peer_port))
        else {
            return;
        };
        let host = self.hosts.get_mut(&address);
        let admitted = host.and_then(|host| {
            let id = host
                .shared
                .is_listening(to_port)
                .then(|| host.shared.admit(to_port))
                .flatten()?;
            host.insert(id, to_port, from, from_port).peer_id = Some(requester);
            let streams = host.shared.settings.association.streams;
            host.report_up(id, true, streams);
            Some((id, streams))
        });
        match admitted {
            Some((id, streams)) => {
                if let Some(association) = self.holder(from, requester) {
                    association.peer_id = Some(id);
                }
                self.send(address, id, Content::Accept { streams });
            }
            None => {
                if let Some(host) = self.hosts.get_mut(&from) {
                    host.end(requester, Cause::Refused);
                }
            }
        }
    }

    /// Makes room at the sender for what the receiver's user has fetched, or can fetch soon.
    fn acknowledge(&mut self, address: IpAddr, id: AssociationId) {
        let Some(host) = self.hosts.get_mut(&address) else {
            return;
        };
        let limit = host.shared.settings.association.receive_buffer;
        let Some(association) = host.associations.get_mut(&id) else {
            return;
        };
        if association.owed > 0 && host.outbox.share(id) < limit {
            let taken = std::mem::take(&mut association.owed);
            self.send(address, id, Content::Taken(taken));
        }
    }

    /// Starts the timeout of associations across a cut link. When the cut is gone, releases what was held back.
    fn look_for_cuts(&mut self) {
        let now = Instant::now();
        let ends: Vec<_> = self
            .hosts
            .iter()
            .flat_map(|(address, host)| {
                host.associations
                    .iter()
                    .map(move |(id, a)| (*address, *id, a.peer))
            })
            .collect();
        for (address, id, peer) in ends {
            let is_cut = self.is_cut(address, peer);
            let Some(host) = self.hosts.get_mut(&address) else {
                continue;
            };
            let config = &host.shared.settings.association;
            let patience = config
                .heartbeat_interval
                .saturating_mul(config.max_retransmissions.saturating_add(1));
            let Some(association) = host.associations.get_mut(&id) else {
                continue;
            };
            if !is_cut {
                association.deadline = None;
                for (number, content) in std::mem::take(&mut association.held) {
                    self.send_numbered(number, address, id, content);
                }
            } else if association.deadline.is_some_and(|deadline| deadline <= now) {
                host.end(id, Cause::Timeout);
            } else {
                association.deadline = association.deadline.or_else(|| now.checked_add(patience));
            }
        }
    }

    fn is_cut(&self, one: IpAddr, other: IpAddr) -> bool {
        self.is_cut_towards(one, other) || self.is_cut_towards(other, one)
    }

    /// Returns whether nothing of what `from` sends arrives at `to`.
    fn is_cut_towards(&self, from: IpAddr, to: IpAddr) -> bool {
        let cuts = |at: IpAddr, link: IpAddr, way| {
            self.hosts
                .get(&at)
                .is_some_and(|host| host.shared.impairments.is_cut(link, way))
        };
        cuts(from, to, Way::Out) || cuts(to, from, Way::In)
    }

    fn holder(&mut self, address: IpAddr, id: AssociationId) -> Option<&mut Association> {
        self.hosts.get_mut(&address)?.associations.get_mut(&id)
    }
}
