//! The network: associations with latency and ordering, faults, multicast.

mod conditions;
mod faults;
mod setup;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use protocol::{
    AssociationEvent, AssociationId, Core, DownCause, Endpoint, MulticastGroup, Time, TransportAddress,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use wire::Ppid;

pub use conditions::Conditions;

use crate::link::{EndState, Link, Parcel, Side};

/// A node keeps its number and its address when it is restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(pub usize);

/// How a node dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// Its host is alive, and reports the port as unreachable.
    Killed,
    /// There is no response at all.
    Unplugged,
}

/// What arrives at a node.
#[derive(Debug, Clone)]
pub enum Arrival {
    /// An association changed.
    Association(AssociationEvent),
    /// A message on an association.
    Message(AssociationId, Ppid, Vec<u8>),
    /// A datagram of a multicast group, with its source.
    Datagram(MulticastGroup, SocketAddr, Rc<[u8]>),
}

impl Arrival {
    /// Hands it to the core of the node that it arrived at.
    pub fn hand_to(self, core: &mut impl Core, now: Time) {
        match self {
            Self::Association(event) => core.handle_association(now, event),
            Self::Message(association, ppid, bytes) => core.handle_input(now, association, ppid, &bytes),
            Self::Datagram(group, source, bytes) => core.handle_datagram(now, group, source, &bytes),
        }
    }
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
    ports: Ports,
}

/// The SCTP ports of a node.
#[derive(Debug)]
pub struct Ports {
    /// The ports on which its endpoints listen.
    pub listens: Vec<(u16, Endpoint)>,
    /// Whether it opens each association from a different port; otherwise, all are opened from the endpoint's own.
    pub ephemeral: bool,
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
    /// Nothing has got through since the given blockage began.
    Blocked(u64, u64),
    Datagram(NodeId, MulticastGroup, SocketAddr, Rc<[u8]>),
}

/// The address of the first node.
const FIRST_ADDRESS: u32 = 0x0a00_0001;
/// If there is nothing to send, a dead peer is detected by a heartbeat.
const HEARTBEAT: Duration = Duration::from_millis(250);

impl Network {
    /// Creates a network without nodes.
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

    /// Returns the address of a node.
    ///
    /// # Panics
    /// Panics if there are more nodes than addresses.
    #[must_use]
    pub fn address(node: NodeId) -> IpAddr {
        let number = u32::try_from(node.0).expect("simulations are small");
        Ipv4Addr::from(FIRST_ADDRESS + number).into()
    }

    /// Returns the node with an address, whether it has been added or not.
    fn node_with(address: IpAddr) -> Option<NodeId> {
        let IpAddr::V4(address) = address else {
            return None;
        };
        let number = u32::from(address).checked_sub(FIRST_ADDRESS)?;
        usize::try_from(number).ok().map(NodeId)
    }

    /// Returns the port on which a node's endpoint listens.
    #[must_use]
    pub fn port(&self, node: NodeId, endpoint: Endpoint) -> u16 {
        let mut listens = self.places[node.0].ports.listens.iter();
        let found = listens.find(|(_, listening)| *listening == endpoint);
        found.map_or(50_000, |&(port, _)| port)
    }

    /// Returns the number of parcels in transit.
    #[must_use]
    pub fn in_transit(&self) -> usize {
        self.queue.len() + self.links.values().map(|link| link.held.len()).sum::<usize>()
    }

    /// Returns the maximum latency of a message without faults.
    #[must_use]
    pub fn maximum_latency(&self) -> Duration {
        let Conditions {
            latency,
            jitter,
            detour,
            delay_spikes,
            delay_spike,
            ..
        } = self.conditions;
        let spike = if delay_spikes > 0.0 {
            delay_spike
        } else {
            Duration::ZERO
        };
        latency + jitter + detour + spike
    }

    /// Returns the number of associations and connection attempts of a node.
    #[must_use]
    pub fn associations_of(&self, node: NodeId) -> usize {
        self.ends_of(node).count()
    }

    /// Returns whether packets get from one running node to the other.
    #[must_use]
    pub fn connects(&self, one: NodeId, other: NodeId) -> bool {
        let running = |node: NodeId| self.places[node.0].status == Status::Running;
        running(one) && running(other) && !self.is_cut(one, other)
    }

    /// Adds a node, which runs from now on.
    pub fn add(&mut self, ports: Ports) -> NodeId {
        self.places.push(Place {
            status: Status::Running,
            ports,
        });
        NodeId(self.places.len() - 1)
    }

    /// Lets a node run again that has died.
    pub fn restart(&mut self, node: NodeId) {
        self.places[node.0].status = Status::Running;
    }

    /// Returns whether a node is frozen.
    #[must_use]
    pub fn is_frozen(&self, node: NodeId) -> bool {
        self.places[node.0].status == Status::Frozen
    }

    /// Sets the conditions from now on.
    pub const fn set_conditions(&mut self, conditions: Conditions) {
        self.conditions = conditions;
    }

    /// Sends a message on an association of a node.
    ///
    /// # Panics
    /// Panics if the association is not up: a core must not send on it.
    pub fn send(&mut self, now: Time, node: NodeId, association: AssociationId, ppid: Ppid, bytes: Vec<u8>) {
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
        match self.places[other.node.0].status {
            // The host reports the port as unreachable.
            Status::Dead(Death::Killed) if other.state == EndState::Gone => {
                self.post(now, id, side, Parcel::Down(DownCause::Unreachable));
            }
            // It knows nothing of the association, and says so (RFC 9260 section 8.4).
            Status::Running if other.state == EndState::Gone => {
                self.post(now, id, side, Parcel::Down(DownCause::PeerAbort));
            }
            _ => self.post(now, id, 1 - side, Parcel::Message(ppid, bytes)),
        }
    }

    /// Shuts an association of a node down gracefully.
    pub fn shutdown(&mut self, now: Time, node: NodeId, association: AssociationId) {
        let Some(&(id, side)) = self.ends.get(&(node, association)) else {
            return;
        };
        let link = self.links.get_mut(&id).expect("ends belong to links");
        if !link.established {
            self.abort(now, node, association);
        } else if link.ends[side].state == EndState::Open {
            link.ends[side].state = EndState::ShuttingDown;
            self.post(now, id, 1 - side, Parcel::ShutdownRequest);
        }
    }

    /// Aborts an association, or a connection attempt, of a node.
    pub fn abort(&mut self, now: Time, node: NodeId, association: AssociationId) {
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

    /// Sends a datagram to all other nodes that are members of a multicast group.
    pub fn multicast(&mut self, now: Time, from: NodeId, group: MulticastGroup, bytes: Vec<u8>) {
        let port = match group {
            MulticastGroup::Asap => wire::asap::PORT,
            MulticastGroup::Enrp => wire::enrp::PORT,
        };
        let source = SocketAddr::new(Self::address(from), port);
        let bytes: Rc<[u8]> = bytes.into();
        for receiver in (0..self.places.len()).map(NodeId) {
            let lost = self.rng.random_bool(self.conditions.datagram_loss);
            let twice = self.rng.random_bool(self.conditions.datagram_duplication);
            let listens = group == MulticastGroup::Asap || self.port(receiver, Endpoint::Enrp) == port;
            if receiver == from || lost || !listens || !self.connects(from, receiver) {
                continue;
            }
            for _ in 0..=usize::from(twice) {
                let delay = self.delay();
                let datagram = Transit::Datagram(receiver, group, source, Rc::clone(&bytes));
                self.enqueue(now + delay, datagram);
            }
        }
    }

    /// Returns when to call [`Self::step`] next.
    #[must_use]
    pub fn next_time(&self) -> Option<Time> {
        self.queue.first_key_value().map(|((time, _), _)| *time)
    }

    /// Carries out the next event that is due; returns what arrives at which node, if anything does.
    pub fn step(&mut self, now: Time) -> Option<(NodeId, Arrival)> {
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
                let peer = TransportAddress {
                    addresses: vec![Self::address(other.node)],
                    port: other.port,
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
        self.forget_if_gone(id);
        let down = AssociationEvent::Down { association, cause };
        (node, Arrival::Association(down))
    }

    fn forget_if_gone(&mut self, id: u64) {
        let gone = |link: &Link| link.ends.iter().all(|end| end.state == EndState::Gone);
        if self.links.get(&id).is_some_and(gone) {
            self.links.remove(&id);
        }
    }

    fn is_cut(&self, one: NodeId, other: NodeId) -> bool {
        !self.cuts.is_empty() && self.cuts.contains(&(one.min(other), one.max(other)))
    }

    fn ends_of(&self, node: NodeId) -> impl Iterator<Item = (u64, Side)> {
        let own = self.ends.range((node, AssociationId::outgoing(0))..);
        own.take_while(move |((owner, _), _)| *owner == node)
            .map(|(_, &end)| end)
    }

    /// Sends a parcel to an end, after those before it.
    fn post(&mut self, now: Time, id: u64, to: Side, parcel: Parcel) {
        let delay = self.delay();
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let arrival = (now + delay + link.detour).max(link.busy_until[to]);
        link.busy_until[to] = arrival;
        self.enqueue(arrival, Transit::Parcel(id, to, parcel));
    }

    fn delay(&mut self) -> Duration {
        let Conditions {
            latency,
            jitter,
            delay_spikes,
            delay_spike,
            ..
        } = self.conditions;
        let jitter = jitter.mul_f64(self.rng.random());
        let held_up = delay_spikes > 0.0 && self.rng.random_bool(delay_spikes);
        let spike = if held_up {
            delay_spike.mul_f64(self.rng.random())
        } else {
            Duration::ZERO
        };
        latency + jitter + spike
    }

    fn enqueue(&mut self, time: Time, transit: Transit) {
        self.created += 1;
        self.queue.insert((time, self.created), transit);
    }
}

#[cfg(test)]
mod tests;
