//! The network: associations with latency and order, faults, multicast.

mod faults;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use protocol::{AssociationEvent, AssociationId, DownCause, Endpoint, MulticastGroup, Peer, Time};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use wire::Ppid;

use crate::link::{End, EndState, Link, Parcel, Side};

/// A node keeps its number and its address when it is restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(pub usize);

/// How the network behaves when nothing is broken.
#[derive(Debug, Clone, Copy)]
pub struct Conditions {
    /// One way.
    pub latency: Duration,
    /// At most this much more.
    pub jitter: Duration,
    /// Probability that a datagram is lost for a receiver.
    pub datagram_loss: f64,
    /// How long an association survives without an answer.
    pub dead_after: Duration,
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            latency: Duration::from_millis(1),
            jitter: Duration::from_millis(3),
            datagram_loss: 0.0,
            dead_after: Duration::from_millis(1500),
        }
    }
}

/// How a node dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// Its host lives and says that nobody is there.
    Killed,
    /// Nobody says anything.
    Unplugged,
}

/// What arrives at a node.
#[derive(Debug, Clone)]
pub(crate) enum Arrival {
    Association(AssociationEvent),
    Message(AssociationId, Ppid, Vec<u8>),
    Datagram(MulticastGroup, SocketAddr, Vec<u8>),
}

/// Associations and datagrams between nodes.
#[derive(Debug)]
pub struct Network {
    conditions: Conditions,
    rng: Pcg64Mcg,
    places: Vec<Place>,
    links: BTreeMap<u64, Link>,
    ends: BTreeMap<(NodeId, AssociationId), (u64, Side)>,
    cuts: BTreeSet<(NodeId, NodeId)>,
    queue: BTreeMap<(Time, u64), Transit>,
    created: u64,
}

#[derive(Debug)]
struct Place {
    status: Status,
    listens: BTreeMap<u16, Endpoint>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Running,
    Frozen,
    Dead(Death),
}

#[derive(Debug)]
enum Transit {
    Setup(u64),
    Parcel(u64, Side, Parcel),
    /// Nothing got through since the given blockage began.
    Blocked(u64, u64),
    Datagram(NodeId, MulticastGroup, SocketAddr, Vec<u8>),
}

/// How often somebody who does not answer is called.
const SETUP_RETRY: Duration = Duration::from_millis(100);
/// How long that goes on.
const SETUP_TIMEOUT: Duration = Duration::from_secs(10);
/// Without anything to send, a dead peer is noticed by a heartbeat.
const HEARTBEAT: Duration = Duration::from_millis(250);

impl Network {
    /// A network without nodes.
    #[must_use]
    pub fn new(conditions: Conditions, seed: u64) -> Self {
        Self {
            conditions,
            rng: Pcg64Mcg::seed_from_u64(seed),
            places: Vec::new(),
            links: BTreeMap::new(),
            ends: BTreeMap::new(),
            cuts: BTreeSet::new(),
            queue: BTreeMap::new(),
            created: 0,
        }
    }

    /// The address of a node.
    #[must_use]
    pub fn address(node: NodeId) -> IpAddr {
        let number = u32::try_from(node.0).expect("simulations are small");
        Ipv4Addr::from(0x0a00_0001 + number).into()
    }

    /// The port of a node's endpoint.
    #[must_use]
    pub fn port(&self, node: NodeId, endpoint: Endpoint) -> u16 {
        let listens = self.places[node.0].listens.iter();
        let mut found = listens.filter(|(_, listening)| **listening == endpoint);
        found.next().map_or(50_000, |(&port, _)| port)
    }

    /// How many parcels are on their way.
    #[must_use]
    pub fn in_transit(&self) -> usize {
        self.queue.len() + self.links.values().map(|link| link.held.len()).sum::<usize>()
    }

    /// Whether packets get from one running node to the other.
    #[must_use]
    pub fn connects(&self, one: NodeId, other: NodeId) -> bool {
        let running = |node: NodeId| self.places[node.0].status == Status::Running;
        running(one) && running(other) && !self.is_cut(one, other)
    }

    pub(crate) fn add(&mut self, listens: BTreeMap<u16, Endpoint>) -> NodeId {
        self.places.push(Place {
            status: Status::Running,
            listens,
        });
        NodeId(self.places.len() - 1)
    }

    pub(crate) fn restart(&mut self, node: NodeId) {
        self.places[node.0].status = Status::Running;
    }

    pub(crate) fn is_frozen(&self, node: NodeId) -> bool {
        self.places[node.0].status == Status::Frozen
    }

    pub(crate) fn connect(
        &mut self,
        now: Time,
        node: NodeId,
        association: AssociationId,
        endpoint: Endpoint,
        target: Peer,
    ) {
        let end = |node, association, state| End {
            node,
            association,
            endpoint,
            state,
        };
        let link = Link {
            // The other end becomes known when the attempt reaches it.
            ends: [
                end(node, association, EndState::Open),
                end(node, association, EndState::Gone),
            ],
            established: false,
            opened: now,
            target,
            busy_until: [now; 2],
            held: VecDeque::new(),
            blockage: 0,
            blocked: false,
        };
        self.created += 1;
        let id = self.created;
        self.links.insert(id, link);
        self.ends.insert((node, association), (id, 0));
        let delay = self.delay();
        self.enqueue(now + delay, Transit::Setup(id));
    }

    pub(crate) fn send(
        &mut self,
        now: Time,
        node: NodeId,
        association: AssociationId,
        ppid: Ppid,
        bytes: Vec<u8>,
    ) {
        let Some(&(id, side)) = self.ends.get(&(node, association)) else {
            return;
        };
        let link = &self.links[&id];
        assert!(
            link.established || link.ends[side].state != EndState::Open,
            "{node:?} sends on {association:?}, which is not up"
        );
        if link.ends[side].state != EndState::Open {
            return;
        }
        let other = &link.ends[1 - side];
        let killed = self.places[other.node.0].status == Status::Dead(Death::Killed);
        if other.state == EndState::Gone && killed {
            // The host answers that nobody is there.
            self.post(now, id, side, Parcel::Down(DownCause::Unreachable));
        } else {
            self.post(now, id, 1 - side, Parcel::Message(ppid, bytes));
        }
    }

    pub(crate) fn shutdown(&mut self, now: Time, node: NodeId, association: AssociationId) {
        if let Some(&(id, side)) = self.ends.get(&(node, association)) {
            let end = &mut self.links.get_mut(&id).expect("ends belong to links").ends[side];
            if end.state == EndState::Open {
                end.state = EndState::ShuttingDown;
                self.post(now, id, 1 - side, Parcel::ShutdownRequest);
            }
        }
    }

    pub(crate) fn abort(&mut self, now: Time, node: NodeId, association: AssociationId) {
        let Some(&(id, side)) = self.ends.get(&(node, association)) else {
            return;
        };
        let link = self.links.get_mut(&id).expect("ends belong to links");
        if matches!(link.ends[side].state, EndState::Open | EndState::ShuttingDown) {
            link.ends[side].state = EndState::Closed;
            self.post(now, id, 1 - side, Parcel::Down(DownCause::PeerAbort));
            let down = Parcel::Down(DownCause::LocalAbort);
            self.enqueue(now, Transit::Parcel(id, side, down));
        }
    }

    pub(crate) fn multicast(&mut self, now: Time, from: NodeId, group: MulticastGroup, bytes: &[u8]) {
        let source = SocketAddr::new(Self::address(from), 3863);
        for receiver in (0..self.places.len()).map(NodeId) {
            let lost = self.rng.random_bool(self.conditions.datagram_loss);
            if receiver != from && !lost && self.connects(from, receiver) {
                let delay = self.delay();
                let datagram = Transit::Datagram(receiver, group, source, bytes.to_vec());
                self.enqueue(now + delay, datagram);
            }
        }
    }

    pub(crate) fn next_time(&self) -> Option<Time> {
        self.queue.first_key_value().map(|((time, _), _)| *time)
    }

    /// Carries out the next thing that is due; returns what arrives at which node, if anything does.
    pub(crate) fn step(&mut self, now: Time) -> Option<(NodeId, Arrival)> {
        let (_, transit) = self.queue.pop_first()?;
        match transit {
            Transit::Setup(id) => self.set_up(now, id),
            Transit::Parcel(id, side, parcel) => self.deliver(now, id, side, parcel),
            Transit::Blocked(id, blockage) => {
                self.give_up(now, id, blockage);
                None
            }
            Transit::Datagram(node, group, source, bytes) => {
                let running = self.places[node.0].status == Status::Running;
                running.then_some((node, Arrival::Datagram(group, source, bytes)))
            }
        }
    }

    fn set_up(&mut self, now: Time, id: u64) -> Option<(NodeId, Arrival)> {
        let link = self.links.get(&id)?;
        let opener = link.ends[0].node;
        if link.ends[0].state != EndState::Open {
            return None;
        }
        let target = (0..self.places.len())
            .map(NodeId)
            .find(|&node| link.target.addresses.contains(&Self::address(node)));
        let status = target.map(|node| self.places[node.0].status);
        let silent = match (target, status) {
            (Some(target), Some(status)) => {
                status == Status::Dead(Death::Unplugged)
                    || status == Status::Frozen
                    || self.is_cut(opener, target)
                    || self.is_frozen(opener)
            }
            _ => true,
        };
        if silent {
            if now - link.opened > SETUP_TIMEOUT {
                self.post(now, id, 0, Parcel::Down(DownCause::Timeout));
            } else {
                self.enqueue(now + SETUP_RETRY, Transit::Setup(id));
            }
            return None;
        }
        let target = target?;
        let endpoint = self.places[target.0].listens.get(&link.target.port).copied();
        let refused = status != Some(Status::Running);
        let Some(endpoint) = endpoint.filter(|_| !refused) else {
            self.post(now, id, 0, Parcel::Down(DownCause::Refused));
            return None;
        };
        self.created += 1;
        let association = AssociationId::incoming(self.created);
        self.ends.insert((target, association), (id, 1));
        let link = self.links.get_mut(&id)?;
        link.established = true;
        link.ends[1] = End {
            node: target,
            association,
            endpoint,
            state: EndState::Open,
        };
        self.post(now, id, 0, Parcel::Up);
        self.deliver(now, id, 1, Parcel::Up)
    }

    fn deliver(&mut self, now: Time, id: u64, side: Side, parcel: Parcel) -> Option<(NodeId, Arrival)> {
        let blocked = self.is_blocked(id);
        let link = self.links.get_mut(&id)?;
        let end = &link.ends[side];
        let (node, association, state) = (end.node, end.association, end.state);
        let local = matches!(parcel, Parcel::Down(DownCause::LocalAbort | DownCause::Timeout));
        let frozen = self.places[node.0].status == Status::Frozen;
        if state == EndState::Gone {
            return None;
        }
        if frozen || blocked && !local {
            link.held.push_back((side, parcel));
            return None;
        }
        match parcel {
            Parcel::Up if state != EndState::Closed => {
                let endpoint = link.ends[side].endpoint;
                let other = &link.ends[1 - side];
                let (other, other_endpoint) = (other.node, other.endpoint);
                let peer = Peer {
                    addresses: vec![Self::address(other)],
                    port: self.port(other, other_endpoint),
                };
                let up = AssociationEvent::Up {
                    association,
                    endpoint,
                    peer,
                };
                Some((node, Arrival::Association(up)))
            }
            Parcel::Message(ppid, bytes) if matches!(state, EndState::Open | EndState::ShuttingDown) => {
                Some((node, Arrival::Message(association, ppid, bytes)))
            }
            Parcel::Up | Parcel::Message(..) => None,
            Parcel::ShutdownRequest => {
                self.post(now, id, 1 - side, Parcel::Down(DownCause::Graceful));
                Some(self.close(id, side, DownCause::Graceful))
            }
            Parcel::Down(cause) => {
                let own = state == EndState::Closed && cause != DownCause::LocalAbort;
                (!own).then(|| self.close(id, side, cause))
            }
        }
    }

    fn close(&mut self, id: u64, side: Side, cause: DownCause) -> (NodeId, Arrival) {
        let link = self.links.get_mut(&id).expect("closed only once");
        let end = &mut link.ends[side];
        end.state = EndState::Gone;
        let (node, association) = (end.node, end.association);
        self.ends.remove(&(node, association));
        if link.ends.iter().all(|end| end.state == EndState::Gone) {
            self.links.remove(&id);
        }
        let down = AssociationEvent::Down { association, cause };
        (node, Arrival::Association(down))
    }

    fn is_cut(&self, one: NodeId, other: NodeId) -> bool {
        self.cuts.contains(&(one.min(other), one.max(other)))
    }

    fn links_of(&self, node: NodeId) -> Vec<(u64, Side)> {
        let own = self.ends.range((node, AssociationId::outgoing(0))..);
        own.take_while(|((owner, _), _)| *owner == node)
            .map(|(_, &end)| end)
            .collect()
    }

    /// Sends a parcel on its way to an end, behind those before it.
    fn post(&mut self, now: Time, id: u64, to: Side, parcel: Parcel) {
        let delay = self.delay();
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let arrival = (now + delay).max(link.busy_until[to]);
        link.busy_until[to] = arrival;
        self.enqueue(arrival, Transit::Parcel(id, to, parcel));
    }

    fn delay(&mut self) -> Duration {
        let jitter = self.conditions.jitter.mul_f64(self.rng.random());
        self.conditions.latency + jitter
    }

    fn enqueue(&mut self, time: Time, transit: Transit) {
        self.created += 1;
        self.queue.insert((time, self.created), transit);
    }
}
