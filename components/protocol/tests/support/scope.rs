//! Several registrars and pool elements, and a network that delays everything by a millisecond.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use protocol::registrar::{self, EnrpSettings, Settings};
use protocol::{
    AssociationEvent, AssociationId, Config, Core, DownCause, Effect, Endpoint, MulticastGroup, Output,
    PoolElement, Registrar, Time, TransportAddress, pool_element,
};
use wire::enrp::{Body, Message};
use wire::parameter::{Policy, SctpTransport, TransportUse};
use wire::{PeIdentifier, Ppid, RegistrarIdentifier, asap, enrp};

use super::{handle, ip, sctp};

const LATENCY: Duration = Duration::from_millis(1);

/// An operational scope.
pub(crate) struct Scope {
    pub(crate) now: Time,
    pub(crate) config: Config,
    nodes: BTreeMap<u32, Node>,
    /// The other end of every association.
    links: BTreeMap<(u32, AssociationId), (u32, AssociationId)>,
    queue: BTreeMap<(Time, u64), (u32, Arrival)>,
    /// Nodes that are cut off from all others; or pairs of nodes that are cut off from each other.
    cut: BTreeSet<(u32, u32)>,
    counter: u64,
    /// ENRP messages over associations: time, sender, receiver, message.
    pub(crate) enrp_sent: Vec<(Time, u32, u32, Message)>,
    pub(crate) events: Vec<(Time, u32, registrar::Event)>,
}

enum Node {
    Registrar(Box<Registrar>),
    PoolElement(Box<PoolElement>),
    Dead,
}

enum Arrival {
    Association(AssociationEvent),
    Message(AssociationId, Ppid, Vec<u8>),
    Datagram(MulticastGroup, SocketAddr, Vec<u8>),
    Call(u32, AssociationId, Endpoint, u16),
}

pub(crate) fn registrar_settings(number: u32) -> Settings {
    Settings {
        identifier: RegistrarIdentifier(number),
        announce: true,
        announced_transport: None,
        enrp: EnrpSettings {
            port: enrp::PORT,
            transport: SctpTransport::new(enrp::PORT, TransportUse::DataOnly, [address(number)]).ok(),
            mentors: Vec::new(),
            multicast: true,
        },
        admitted: Vec::new(),
    }
}

fn address(node: u32) -> IpAddr {
    ip(&format!("10.0.0.{node}"))
}

/// Returns the transport address of a registrar for other registrars.
pub(crate) fn enrp_place(node: u32) -> TransportAddress {
    TransportAddress {
        addresses: vec![address(node)],
        port: enrp::PORT,
    }
}

impl Scope {
    pub(crate) fn new() -> Self {
        Self {
            now: Time::ZERO,
            config: Config::demo(),
            nodes: BTreeMap::new(),
            links: BTreeMap::new(),
            queue: BTreeMap::new(),
            cut: BTreeSet::new(),
            counter: 0,
            enrp_sent: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Starts a registrar with this identifier, found by multicast.
    pub(crate) fn start(&mut self, number: u32) {
        self.start_with(number, registrar_settings(number));
    }

    pub(crate) fn start_with(&mut self, node: u32, settings: Settings) {
        let registrar = Registrar::new(self.now, settings, self.config.clone(), node.into());
        self.nodes.insert(node, Node::Registrar(Box::new(registrar)));
        self.flush(node);
    }

    /// Starts a pool element that knows this registrar, and others by announcements.
    pub(crate) fn start_pool_element(&mut self, number: u32, registrar: u32) {
        self.start_pool_element_with(number, registrar, Policy::RoundRobin);
    }

    pub(crate) fn start_pool_element_with(&mut self, number: u32, registrar: u32, policy: Policy) {
        let settings = pool_element::Settings {
            pool_handle: handle(),
            identifier: PeIdentifier(number),
            user_transport: sctp(&[&address(number).to_string()]),
            policy,
            registrars: vec![TransportAddress {
                addresses: vec![address(registrar)],
                port: asap::PORT,
            }],
        };
        let element = PoolElement::new(self.now, settings, self.config.clone(), number.into());
        self.nodes.insert(number, Node::PoolElement(Box::new(element)));
        self.flush(number);
    }

    pub(crate) fn stop(&mut self, node: u32) {
        let now = self.now;
        match self.nodes.get_mut(&node) {
            Some(Node::Registrar(core)) => core.stop(now),
            Some(Node::PoolElement(core)) => core.stop(now),
            _ => {}
        }
        self.flush(node);
    }

    /// SIGKILL: the host reports to all peers that the port is unreachable.
    pub(crate) fn kill(&mut self, node: u32) {
        self.nodes.insert(node, Node::Dead);
        let of_node = (node, AssociationId::outgoing(0))..(node + 1, AssociationId::outgoing(0));
        let lost: Vec<_> = self
            .links
            .range(of_node)
            .map(|(one, other)| (*one, *other))
            .collect();
        for (one, other) in lost {
            self.links.remove(&one);
            self.links.remove(&other);
            self.down_after(LATENCY, other, DownCause::Unreachable);
        }
    }

    /// Drops everything between two nodes, which is noticed after a second.
    pub(crate) fn cut(&mut self, one: u32, other: u32) {
        self.cut.extend([(one, other), (other, one)]);
        let between: Vec<_> = self
            .links
            .iter()
            .filter(|(end, far)| end.0 == one && far.0 == other)
            .map(|(end, far)| (*end, *far))
            .collect();
        for (end, far) in between {
            self.links.remove(&end);
            self.links.remove(&far);
            self.down_after(Duration::from_secs(1), end, DownCause::Timeout);
            self.down_after(Duration::from_secs(1), far, DownCause::Timeout);
        }
    }

    pub(crate) fn heal(&mut self) {
        self.cut.clear();
    }

    pub(crate) fn pass(&mut self, milliseconds: u64) {
        let end = self.now + Duration::from_millis(milliseconds);
        loop {
            let timers = self
                .nodes
                .iter()
                .filter_map(|(&node, core)| Some((timeout(core)?, node)));
            let timer = timers.min();
            let arrival = self.queue.first_key_value().map(|((time, _), _)| *time);
            let next = timer.map(|(time, _)| time).into_iter().chain(arrival).min();
            let Some(next) = next.filter(|&next| next <= end) else {
                break;
            };
            self.now = self.now.max(next);
            if arrival == Some(next) {
                if let Some((_, (node, arrival))) = self.queue.pop_first() {
                    self.arrive(node, arrival);
                    self.flush(node);
                }
            } else if let Some((_, node)) = timer {
                let now = self.now;
                match self.nodes.get_mut(&node) {
                    Some(Node::Registrar(core)) => core.handle_timeout(now),
                    Some(Node::PoolElement(core)) => core.handle_timeout(now),
                    _ => {}
                }
                self.flush(node);
            }
        }
        self.now = end;
    }

    pub(crate) fn registrar(&self, node: u32) -> &Registrar {
        match &self.nodes[&node] {
            Node::Registrar(registrar) => registrar,
            _ => panic!("{node} is no registrar"),
        }
    }

    pub(crate) fn pool_element(&self, node: u32) -> &PoolElement {
        match &self.nodes[&node] {
            Node::PoolElement(element) => element,
            _ => panic!("{node} is no pool element"),
        }
    }

    /// Returns the pool elements in a registrar's copy, with their owners.
    pub(crate) fn view(&self, node: u32) -> Vec<(u32, u32)> {
        let elements = self.registrar(node).handlespace().elements_after(None);
        elements
            .map(|(_, element)| (element.identifier.0, element.home_registrar.0))
            .collect()
    }

    /// Returns the bodies of the messages that one node has sent to another.
    pub(crate) fn between(&self, from: u32, to: u32) -> Vec<&Body> {
        let wanted = self
            .enrp_sent
            .iter()
            .filter(|(_, one, other, _)| (*one, *other) == (from, to));
        wanted.map(|(.., message)| &message.body).collect()
    }

    pub(crate) fn events_of(&self, node: u32) -> impl Iterator<Item = &registrar::Event> {
        self.events
            .iter()
            .filter(move |(_, of, _)| *of == node)
            .map(|(.., event)| event)
    }

    fn post(&mut self, delay: Duration, to: u32, arrival: Arrival) {
        self.counter += 1;
        self.queue.insert((self.now + delay, self.counter), (to, arrival));
    }

    fn down_after(&mut self, delay: Duration, (node, association): (u32, AssociationId), cause: DownCause) {
        let down = AssociationEvent::Down { association, cause };
        self.post(delay, node, Arrival::Association(down));
    }

    fn arrive(&mut self, node: u32, arrival: Arrival) {
        let now = self.now;
        if let Arrival::Call(caller, association, endpoint, port) = arrival {
            return self.take_call(node, caller, association, endpoint, port);
        }
        let core: &mut dyn CoreOf = match self.nodes.get_mut(&node) {
            Some(Node::Registrar(core)) => core.as_mut(),
            Some(Node::PoolElement(core)) => core.as_mut(),
            _ => return,
        };
        core.take(now, arrival);
    }

    fn take_call(
        &mut self,
        node: u32,
        caller: u32,
        association: AssociationId,
        endpoint: Endpoint,
        port: u16,
    ) {
        if self.cut.contains(&(node, caller)) {
            return;
        }
        let listens = match &self.nodes[&node] {
            Node::Registrar(_) => [(asap::PORT, Endpoint::Asap), (enrp::PORT, Endpoint::Enrp)],
            Node::PoolElement(_) => [(4000, Endpoint::Asap), (7000, Endpoint::Service)],
            Node::Dead => return self.down_after(LATENCY, (caller, association), DownCause::Refused),
        };
        let Some((_, there)) = listens.into_iter().find(|(listening, _)| *listening == port) else {
            return self.down_after(LATENCY, (caller, association), DownCause::Refused);
        };
        self.counter += 1;
        let incoming = AssociationId::incoming(self.counter);
        self.links.insert((caller, association), (node, incoming));
        self.links.insert((node, incoming), (caller, association));
        let from = TransportAddress {
            addresses: vec![address(caller)],
            port: self.own_port(caller, endpoint),
        };
        let to = TransportAddress {
            addresses: vec![address(node)],
            port,
        };
        let up = |association, endpoint, peer| AssociationEvent::Up {
            association,
            endpoint,
            peer,
        };
        self.post(
            Duration::ZERO,
            node,
            Arrival::Association(up(incoming, there, from)),
        );
        self.post(
            LATENCY,
            caller,
            Arrival::Association(up(association, endpoint, to)),
        );
    }

    fn own_port(&self, node: u32, endpoint: Endpoint) -> u16 {
        match (&self.nodes[&node], endpoint) {
            (Node::Registrar(_), Endpoint::Asap) => asap::PORT,
            (Node::Registrar(_), _) => enrp::PORT,
            (_, Endpoint::Asap) => 4000,
            _ => 7000,
        }
    }

    fn flush(&mut self, node: u32) {
        loop {
            let output = match self.nodes.get_mut(&node) {
                Some(Node::Registrar(core)) => core
                    .poll_output()
                    .map(|output| output.effect_or_event().map_err(Some)),
                Some(Node::PoolElement(core)) => core
                    .poll_output()
                    .map(|output| output.effect_or_event().map_err(|_| None)),
                _ => None,
            };
            match output {
                None => return,
                Some(Ok(effect)) => self.carry_out(node, effect),
                Some(Err(Some(event))) => self.events.push((self.now, node, event)),
                Some(Err(None)) => {}
            }
        }
    }

    fn carry_out(&mut self, node: u32, effect: Effect) {
        match effect {
            Output::Connect {
                association,
                endpoint,
                peer,
            } => {
                let there = self
                    .nodes
                    .keys()
                    .copied()
                    .find(|&node| peer.addresses.contains(&address(node)));
                match there {
                    Some(there) => {
                        let call = Arrival::Call(node, association, endpoint, peer.port);
                        self.post(LATENCY, there, call);
                    }
                    None => self.down_after(LATENCY, (node, association), DownCause::Refused),
                }
            }
            Output::Send {
                association,
                ppid,
                bytes,
            } => {
                let Some(&(to, far)) = self.links.get(&(node, association)) else {
                    return;
                };
                if ppid == Ppid::ENRP {
                    let message = Message::decode(&bytes).unwrap().message;
                    self.enrp_sent.push((self.now, node, to, message));
                }
                self.post(LATENCY, to, Arrival::Message(far, ppid, bytes));
            }
            Output::Shutdown { association } => {
                self.end(node, association, DownCause::Graceful, DownCause::Graceful);
            }
            Output::Abort { association } => {
                self.end(node, association, DownCause::LocalAbort, DownCause::PeerAbort);
            }
            Output::Multicast { group, bytes } => {
                let port = match group {
                    MulticastGroup::Asap => asap::PORT,
                    MulticastGroup::Enrp => enrp::PORT,
                };
                let source = SocketAddr::new(address(node), port);
                let others: Vec<u32> = self
                    .nodes
                    .keys()
                    .copied()
                    .filter(|&other| other != node)
                    .collect();
                for other in others {
                    if !self.cut.contains(&(node, other)) {
                        self.post(LATENCY, other, Arrival::Datagram(group, source, bytes.clone()));
                    }
                }
            }
        }
    }

    fn end(&mut self, node: u32, association: AssociationId, here: DownCause, there: DownCause) {
        if let Some(far) = self.links.remove(&(node, association)) {
            self.links.remove(&far);
            self.down_after(LATENCY, far, there);
        }
        self.down_after(LATENCY, (node, association), here);
    }
}

trait CoreOf {
    fn take(&mut self, now: Time, arrival: Arrival);
}

impl<C: Core> CoreOf for C {
    fn take(&mut self, now: Time, arrival: Arrival) {
        match arrival {
            Arrival::Association(event) => self.handle_association(now, event),
            Arrival::Message(association, ppid, bytes) => self.handle_input(now, association, ppid, &bytes),
            Arrival::Datagram(group, source, bytes) => self.handle_datagram(now, group, source, &bytes),
            Arrival::Call(..) => {}
        }
    }
}

fn timeout(node: &Node) -> Option<Time> {
    match node {
        Node::Registrar(core) => core.poll_timeout(),
        Node::PoolElement(core) => core.poll_timeout(),
        Node::Dead => None,
    }
}
