//! Everybody who takes part, and time.

mod inspection;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use protocol::{
    AssociationEvent, Config, Core, Output, Peer, PoolElement, PoolUser, Registrar, Time, pool_element,
    pool_user, registrar,
};
use rand::{RngCore, SeedableRng};
use rand_pcg::Pcg64Mcg;
use wire::asap::Message;
use wire::parameter::{Policy, SctpTransport, TransportUse, UserTransport};
use wire::{PeIdentifier, PoolHandle, Ppid, RegistrarIdentifier};

use crate::application::{Counting, Customer};
use crate::attacker::Attacker;
use crate::network::Arrival;
use crate::node::{Node, Program};
use crate::{Conditions, Death, Laws, Network, NodeId, PolicyKind, Role};

/// How often the laws are checked.
const CHECK_EVERY: Duration = Duration::from_millis(50);
/// More outputs than this to one input are an endless loop.
const MOST_OUTPUTS: usize = 10_000;

/// Nodes on a network, and the time.
#[derive(Debug)]
pub struct World {
    now: Time,
    rng: Pcg64Mcg,
    config: Config,
    laws: Laws,
    network: Network,
    nodes: Vec<Node>,
    pool: PoolHandle,
    last_fault: Time,
    next_check: Time,
    missing_since: BTreeMap<NodeId, Time>,
    trace: bool,
}

impl World {
    /// An empty world with the timers of the demonstration.
    #[must_use]
    pub fn new(seed: u64, conditions: Conditions) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let network = Network::new(conditions, rng.next_u64());
        Self {
            now: Time::ZERO,
            rng,
            config: Config::demo(),
            laws: Laws::demo(),
            network,
            nodes: Vec::new(),
            pool: PoolHandle::new(b"CountingPool").expect("neither empty nor long"),
            last_fault: Time::ZERO,
            next_check: Time::ZERO,
            missing_since: BTreeMap::new(),
            trace: std::env::var_os("TRACE").is_some(),
        }
    }

    /// The virtual time.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// Randomness for the scenario itself.
    pub const fn rng(&mut self) -> &mut Pcg64Mcg {
        &mut self.rng
    }

    /// The network, to look at.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// Starts a registrar.
    pub fn add_registrar(&mut self, identifier: u32) -> NodeId {
        self.add(Role::Registrar(RegistrarIdentifier(identifier)))
    }

    /// Starts a pool element.
    pub fn add_pool_element(&mut self, identifier: u32, policy: PolicyKind) -> NodeId {
        self.add(Role::PoolElement(PeIdentifier(identifier), policy))
    }

    /// Starts a pool user and its session.
    pub fn add_pool_user(&mut self) -> NodeId {
        self.add(Role::PoolUser)
    }

    /// Lets somebody in who means ill to all who are here already.
    pub fn add_attacker(&mut self) -> NodeId {
        self.add(Role::Attacker)
    }

    fn add(&mut self, role: Role) -> NodeId {
        let id = self.network.add(role.listens().into_iter().collect());
        self.nodes.push(Node {
            id,
            role,
            program: None,
            changed: self.now,
            frozen: false,
        });
        self.start(id);
        id
    }

    /// Starts a node again that has died or stopped.
    pub fn start(&mut self, id: NodeId) {
        self.fault(format_args!("start {id:?}"));
        self.network.restart(id);
        let seed = self.rng.next_u64();
        let (now, config) = (self.now, self.config.clone());
        let address = Network::address(id);
        let program = match self.nodes[id.0].role {
            Role::Registrar(identifier) => {
                let settings = registrar::Settings {
                    identifier,
                    announce: true,
                    announced_transport: None,
                    enrp: registrar::EnrpSettings {
                        transport: SctpTransport {
                            port: 9901,
                            transport_use: TransportUse::DataOnly,
                            addresses: vec![address],
                        },
                        mentors: Vec::new(),
                        multicast: false,
                    },
                    admitted: Vec::new(),
                };
                Program::Registrar(Box::new(Registrar::new(now, settings, config, seed)))
            }
            Role::PoolElement(identifier, policy) => {
                let settings = pool_element::Settings {
                    pool_handle: self.pool.clone(),
                    identifier,
                    user_transport: UserTransport::Sctp(SctpTransport {
                        port: 7000,
                        transport_use: TransportUse::DataPlusControl,
                        addresses: vec![address],
                    }),
                    policy: match policy {
                        PolicyKind::RoundRobin => Policy::RoundRobin,
                        PolicyKind::LeastUsed => Policy::LeastUsed { load: 0 },
                    },
                    registrars: Vec::new(),
                };
                let core = PoolElement::new(now, settings, config, seed);
                Program::PoolElement(Box::new(Counting::new(now, core, policy)))
            }
            Role::PoolUser => {
                let settings = pool_user::Settings::default();
                let mut core = PoolUser::new(now, settings, config, seed);
                core.open_session(now, self.pool.clone());
                Program::PoolUser(Box::new(Customer::new(now, core)))
            }
            Role::Attacker => Program::Attacker(Box::new(self.attacker(seed))),
        };
        let node = &mut self.nodes[id.0];
        node.program = Some(program);
        node.changed = now;
        node.frozen = false;
        self.drain(id);
    }

    fn attacker(&self, seed: u64) -> Attacker {
        let victims = self.nodes.iter().flat_map(|node| {
            let endpoints = node.role.listens().into_iter();
            endpoints.map(|(port, endpoint)| {
                let addresses = vec![Network::address(node.id)];
                (Peer { addresses, port }, endpoint)
            })
        });
        let identifiers = self.nodes.iter().filter_map(|node| match node.role {
            Role::PoolElement(identifier, _) => Some(identifier),
            Role::Registrar(_) | Role::PoolUser | Role::Attacker => None,
        });
        Attacker::new(
            self.now,
            seed,
            victims.collect(),
            self.pool.clone(),
            identifiers.collect(),
        )
    }

    /// A node dies without a word.
    pub fn kill(&mut self, id: NodeId, death: Death) {
        self.fault(format_args!("{id:?}: {death:?}"));
        self.bury(id, death);
    }

    fn bury(&mut self, id: NodeId, death: Death) {
        self.nodes[id.0].program = None;
        self.nodes[id.0].changed = self.now;
        self.network.kill(self.now, id, death);
    }

    /// A node begins to leave in order.
    pub fn stop(&mut self, id: NodeId) {
        self.fault(format_args!("stop {id:?}"));
        let now = self.now;
        match &mut self.nodes[id.0].program {
            Some(Program::Registrar(registrar)) => registrar.stop(now),
            Some(Program::PoolElement(counting)) => counting.core.stop(now),
            Some(Program::PoolUser(customer)) => customer.core.stop(now),
            Some(Program::Attacker(_)) | None => {}
        }
        self.drain(id);
    }

    /// Whether anybody runs at a node.
    #[must_use]
    pub fn is_running(&self, id: NodeId) -> bool {
        self.nodes[id.0].program.is_some()
    }

    /// A node stands still.
    pub fn freeze(&mut self, id: NodeId) {
        self.fault(format_args!("freeze {id:?}"));
        self.nodes[id.0].frozen = true;
        self.nodes[id.0].changed = self.now;
        self.network.freeze(self.now, id);
    }

    /// A node goes on.
    pub fn thaw(&mut self, id: NodeId) {
        self.fault(format_args!("thaw {id:?}"));
        self.nodes[id.0].frozen = false;
        self.nodes[id.0].changed = self.now;
        self.network.thaw(self.now, id);
    }

    /// Nothing gets through between two groups.
    pub fn partition(&mut self, one: &[NodeId], other: &[NodeId]) {
        self.fault(format_args!("cut between {one:?} and {other:?}"));
        self.network.partition(self.now, one, other);
    }

    /// Everything gets through again.
    pub fn heal(&mut self) {
        self.fault(format_args!("heal"));
        self.network.heal(self.now);
    }

    /// Lets time pass.
    pub fn run_for(&mut self, duration: Duration) {
        self.run_until(duration, |_| false);
    }

    /// Lets time pass until something holds; returns whether it did within the duration.
    pub fn run_until(&mut self, within: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let end = self.now + within;
        loop {
            if holds(self) {
                return true;
            }
            let wake = self
                .nodes
                .iter()
                .filter_map(|node| Some((node.next_time()?, node.id)))
                .min();
            let arrival = self.network.next_time();
            let times = [arrival, wake.map(|(time, _)| time), Some(self.next_check)];
            let next = times.into_iter().flatten().min().unwrap_or(end).max(self.now);
            if next > end {
                self.now = end;
                return false;
            }
            self.now = next;
            if arrival.is_some_and(|time| time <= next) {
                if let Some((id, arrival)) = self.network.step(next) {
                    self.arrive(id, arrival);
                }
            } else if let Some((_, id)) = wake.filter(|(time, _)| *time <= next) {
                self.wake(id);
            } else {
                self.check();
                self.next_check = next + CHECK_EVERY;
            }
        }
    }

    fn wake(&mut self, id: NodeId) {
        let now = self.now;
        match &mut self.nodes[id.0].program {
            Some(Program::Registrar(registrar)) => registrar.handle_timeout(now),
            Some(Program::PoolElement(counting)) => {
                counting.core.handle_timeout(now);
                if counting.next_time() <= now {
                    counting.step(now);
                }
            }
            Some(Program::PoolUser(customer)) => customer.core.handle_timeout(now),
            Some(Program::Attacker(attacker)) => attacker.step(now),
            None => {}
        }
        self.drain(id);
    }

    fn arrive(&mut self, id: NodeId, arrival: Arrival) {
        self.trace_arrival(id, &arrival);
        let now = self.now;
        match &mut self.nodes[id.0].program {
            Some(Program::Registrar(registrar)) => hand_over(registrar.as_mut(), now, arrival),
            Some(Program::PoolElement(counting)) => hand_over(&mut counting.core, now, arrival),
            Some(Program::PoolUser(customer)) => hand_over(&mut customer.core, now, arrival),
            Some(Program::Attacker(attacker)) => match arrival {
                Arrival::Association(AssociationEvent::Up { association, .. }) => {
                    attacker.up(association);
                }
                Arrival::Association(AssociationEvent::Down { association, .. }) => {
                    attacker.down(association);
                }
                Arrival::Association(_) | Arrival::Message(..) | Arrival::Datagram(..) => {}
            },
            None => {}
        }
        self.drain(id);
    }

    /// Carries out what a node wants done.
    fn drain(&mut self, id: NodeId) {
        for _ in 0..MOST_OUTPUTS {
            let now = self.now;
            let (output, stopped) = match &mut self.nodes[id.0].program {
                Some(Program::Registrar(registrar)) => match registrar.poll_output() {
                    Some(Output::Event(event)) => {
                        let stopped = event == registrar::Event::Stopped;
                        self.trace_event(id, &event);
                        (None, stopped)
                    }
                    output => (Some(output.map(without_event)), false),
                },
                Some(Program::PoolElement(counting)) => match counting.core.poll_output() {
                    Some(Output::Event(event)) => {
                        let text = self.trace.then(|| format!("{event:?}"));
                        let stopped = counting.handle(now, event);
                        text.iter().for_each(|text| self.trace_event(id, text));
                        (None, stopped)
                    }
                    output => (Some(output.map(without_event)), false),
                },
                Some(Program::PoolUser(customer)) => match customer.core.poll_output() {
                    Some(Output::Event(event)) => {
                        let text = self.trace.then(|| format!("{event:?}"));
                        let stopped = event == pool_user::Event::Stopped;
                        let outcome = customer.handle(now, event);
                        text.iter().for_each(|text| self.trace_event(id, text));
                        if let Err(broken) = outcome {
                            panic!("{now:?}: work lost or doubled at {id:?}: {broken}");
                        }
                        (None, stopped)
                    }
                    output => (Some(output.map(without_event)), false),
                },
                Some(Program::Attacker(attacker)) => (Some(attacker.poll_output()), false),
                None => return,
            };
            if stopped {
                self.bury(id, Death::Killed);
                return;
            }
            match output {
                Some(Some(output)) => self.carry_out(id, output),
                Some(None) => return,
                None => {}
            }
        }
        panic!("{:?}: {id:?} does not come to rest", self.now);
    }

    fn carry_out(&mut self, id: NodeId, output: Output<()>) {
        let now = self.now;
        match output {
            Output::Connect {
                association,
                endpoint,
                peer,
            } => self.network.connect(now, id, association, endpoint, peer),
            Output::Send {
                association,
                ppid,
                bytes,
            } => {
                self.let_overhear(ppid, &bytes);
                self.network.send(now, id, association, ppid, bytes);
            }
            Output::Shutdown { association } => self.network.shutdown(now, id, association),
            Output::Abort { association } => self.network.abort(now, id, association),
            Output::Multicast { group, bytes } => self.network.multicast(now, id, group, &bytes),
            Output::Event(()) => {}
        }
    }

    fn let_overhear(&mut self, ppid: Ppid, bytes: &[u8]) {
        for node in &mut self.nodes {
            if let Some(Program::Attacker(attacker)) = &mut node.program {
                attacker.overhear(ppid, bytes);
            }
        }
    }

    pub(crate) fn fault(&mut self, what: impl std::fmt::Display) {
        self.last_fault = self.now;
        if self.trace {
            println!("{:?} *** {what}", self.now);
        }
    }

    fn trace_arrival(&self, id: NodeId, arrival: &Arrival) {
        if !self.trace {
            return;
        }
        let text = match arrival {
            Arrival::Association(event) => format!("{event:?}"),
            Arrival::Message(association, Ppid::ASAP, bytes) => match Message::decode(bytes) {
                Ok(decoded) => format!("{association:?}: {:?}", decoded.message),
                Err(rejection) => format!("{association:?}: {rejection}"),
            },
            Arrival::Message(association, ppid, bytes) => {
                format!("{association:?}: {ppid}, {} bytes", bytes.len())
            }
            Arrival::Datagram(group, source, bytes) => {
                format!("{group:?} from {source}: {} bytes", bytes.len())
            }
        };
        println!("{:?} -> {id:?} {text}", self.now);
    }

    fn trace_event(&self, id: NodeId, event: &impl Debug) {
        if self.trace {
            println!("{:?}    {id:?} {event:?}", self.now);
        }
    }
}

fn hand_over<C: Core>(core: &mut C, now: Time, arrival: Arrival) {
    match arrival {
        Arrival::Association(event) => core.handle_association(now, event),
        Arrival::Message(association, ppid, bytes) => {
            core.handle_input(now, association, ppid, &bytes);
        }
        Arrival::Datagram(group, source, bytes) => {
            core.handle_datagram(now, group, source, &bytes);
        }
    }
}

fn without_event<E>(output: Output<E>) -> Output<()> {
    match output {
        Output::Connect {
            association,
            endpoint,
            peer,
        } => Output::Connect {
            association,
            endpoint,
            peer,
        },
        Output::Send {
            association,
            ppid,
            bytes,
        } => Output::Send {
            association,
            ppid,
            bytes,
        },
        Output::Shutdown { association } => Output::Shutdown { association },
        Output::Abort { association } => Output::Abort { association },
        Output::Multicast { group, bytes } => Output::Multicast { group, bytes },
        Output::Event(_) => Output::Event(()),
    }
}
