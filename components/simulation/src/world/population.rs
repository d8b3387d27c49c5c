//! Starts, stops and disturbs nodes.

use std::time::Duration;

use protocol::{PoolElement, PoolUser, Registrar, TransportAddress, pool_element, pool_user, registrar};
use rand::Rng;
use wire::parameter::{SctpTransport, TransportUse, UserTransport};
use wire::{PeIdentifier, RegistrarIdentifier, enrp};

use super::World;
use crate::application::{Counting, Customer};
use crate::clock::Clock;
use crate::liar::Victims;
use crate::node::{Companions, Node, Program};
use crate::{Attacker, Death, Liar, Lie, Network, NodeId, PoolPolicy, Role};

impl World {
    /// Starts a registrar that finds others by multicast.
    pub fn add_registrar(&mut self, identifier: u32) -> NodeId {
        self.add_registrar_with(identifier, Companions::default())
    }

    /// Starts a registrar. Another one may have the same identifier, by mistake.
    pub fn add_registrar_with(&mut self, identifier: u32, companions: Companions) -> NodeId {
        self.add(Role::Registrar(RegistrarIdentifier(identifier), companions))
    }

    /// Starts a pool element.
    pub fn add_pool_element(&mut self, identifier: u32, policy: impl Into<PoolPolicy>) -> NodeId {
        self.add(Role::PoolElement(PeIdentifier(identifier), policy.into()))
    }

    /// Gives a pool element another policy, which it has from its next start on.
    pub fn change_policy(&mut self, id: NodeId, policy: impl Into<PoolPolicy>) {
        if let Role::PoolElement(_, current) = &mut self.nodes[id.0].role {
            *current = policy.into();
        }
    }

    /// Starts a pool user and its session.
    pub fn add_pool_user(&mut self) -> NodeId {
        self.add(Role::PoolUser)
    }

    /// Adds an attacker of all existing nodes.
    pub fn add_attacker(&mut self) -> NodeId {
        self.add(Role::Attacker)
    }

    /// Adds an impostor of a registrar, which lies to the existing nodes.
    pub fn add_liar(&mut self, identifier: u32, lie: Lie) -> NodeId {
        self.add(Role::Liar(RegistrarIdentifier(identifier), lie))
    }

    fn add(&mut self, role: Role) -> NodeId {
        let id = self.network.add(role.ports());
        self.nodes.push(Node {
            id,
            role,
            program: None,
            clock: Clock::exact(),
            wake: None,
            changed: self.now,
            frozen: false,
            leaving: false,
            in_service: None,
        });
        self.start(id);
        id
    }

    /// Starts a node again that has died or stopped.
    pub fn start(&mut self, id: NodeId) {
        self.fault(&[id], format_args!("start"));
        self.network.restart(id);
        let seed = self.rng.next_u64();
        let config = self.config.clone();
        let now = self.nodes[id.0].clock.local_time(self.now);
        let address = Network::address(id);
        let program = match self.nodes[id.0].role.clone() {
            Role::Registrar(identifier, companions) => {
                let mentors = companions.mentors.into_iter().map(|mentor| TransportAddress {
                    addresses: vec![Network::address(mentor)],
                    port: enrp::PORT,
                });
                let settings = registrar::Settings {
                    identifier,
                    announce: true,
                    announced_transport: None,
                    enrp: registrar::EnrpSettings {
                        port: enrp::PORT,
                        transport: SctpTransport::new(enrp::PORT, TransportUse::DataOnly, [address]).ok(),
                        mentors: mentors.collect(),
                        multicast: companions.multicast,
                    },
                    admitted: Vec::new(),
                };
                Program::Registrar(Box::new(Registrar::new(now, settings, config, seed)))
            }
            Role::PoolElement(identifier, policy) => {
                let settings = pool_element::Settings {
                    pool_handle: self.pool.clone(),
                    identifier,
                    user_transport: UserTransport::Sctp(
                        SctpTransport::new(7000, TransportUse::DataPlusControl, [address])
                            .expect("a node has an address"),
                    ),
                    policy: policy.initial.clone(),
                    registrars: Vec::new(),
                };
                let core = PoolElement::new(now, settings, config, seed);
                Program::PoolElement(Box::new(Counting::new(now, core, policy)))
            }
            Role::PoolUser => {
                let settings = pool_user::Settings::default();
                let mut core = PoolUser::new(now, settings, config, seed);
                core.open_session(now, self.pool.clone());
                Program::PoolUser(Box::new(Customer::new(self.now, core)))
            }
            Role::Attacker => Program::Attacker(Box::new(self.attacker(seed))),
            Role::Liar(identifier, lie) => {
                let victims = self.victims();
                Program::Liar(Box::new(Liar::new(now, seed, identifier, address, lie, victims)))
            }
        };
        let node = &mut self.nodes[id.0];
        node.program = Some(program);
        node.changed = self.now;
        node.frozen = false;
        node.leaving = false;
        node.in_service = None;
        self.drain(id);
    }

    fn attacker(&self, seed: u64) -> Attacker {
        let victims = self.nodes.iter().flat_map(|node| {
            let endpoints = node.role.ports().listens.into_iter();
            endpoints.map(|(port, endpoint)| {
                let addresses = vec![Network::address(node.id)];
                (TransportAddress { addresses, port }, endpoint)
            })
        });
        let identifiers = self.nodes.iter().filter_map(|node| node.role.pool_element());
        Attacker::new(
            self.now,
            seed,
            victims.collect(),
            self.pool.clone(),
            identifiers.collect(),
        )
    }

    fn victims(&self) -> Victims {
        let registrars = self.nodes.iter().filter_map(|node| {
            let peer = TransportAddress {
                addresses: vec![Network::address(node.id)],
                port: enrp::PORT,
            };
            Some((node.role.registrar()?, peer))
        });
        let elements = self.nodes.iter().filter_map(|node| node.role.pool_element());
        Victims {
            registrars: registrars.collect(),
            pool: self.pool.clone(),
            elements: elements.collect(),
        }
    }

    /// Kills a node without warning.
    pub fn kill(&mut self, id: NodeId, death: Death) {
        self.fault(&[id], format_args!("{death:?}"));
        self.bury(id, death);
    }

    pub(super) fn bury(&mut self, id: NodeId, death: Death) {
        let node = &mut self.nodes[id.0];
        node.program = None;
        node.wake = None;
        node.in_service = None;
        node.changed = self.now;
        self.network.kill(self.now, id, death);
    }

    /// Begins to stop a node gracefully.
    pub fn stop(&mut self, id: NodeId) {
        self.fault(&[id], format_args!("stop"));
        let node = &mut self.nodes[id.0];
        node.leaving = true;
        let now = node.clock.local_time(self.now);
        match &mut node.program {
            Some(Program::Registrar(registrar)) => registrar.stop(now),
            Some(Program::PoolElement(counting)) => counting.core.stop(now),
            Some(Program::PoolUser(customer)) => customer.core.stop(now),
            Some(Program::Attacker(_) | Program::Liar(_)) | None => {}
        }
        self.drain(id);
    }

    /// Returns whether a node is running.
    #[must_use]
    pub fn is_running(&self, id: NodeId) -> bool {
        self.nodes[id.0].program.is_some()
    }

    /// Freezes a node.
    pub fn freeze(&mut self, id: NodeId) {
        self.fault(&[id], format_args!("freeze"));
        self.set_frozen(id, true);
        self.network.freeze(self.now, id);
    }

    /// Thaws a node.
    pub fn thaw(&mut self, id: NodeId) {
        self.fault(&[id], format_args!("thaw"));
        self.set_frozen(id, false);
        self.network.thaw(self.now, id);
    }

    fn set_frozen(&mut self, id: NodeId, frozen: bool) {
        let node = &mut self.nodes[id.0];
        node.frozen = frozen;
        node.changed = self.now;
        node.set_alarm();
    }

    /// Steps a node's clock forward.
    pub fn step_clock(&mut self, id: NodeId, by: Duration) {
        self.fault(&[id], format_args!("clock steps by {by:?}"));
        let node = &mut self.nodes[id.0];
        node.clock.step(self.now, by);
        node.set_alarm();
    }

    /// Sets the rate of a node's clock: nanoseconds of the node per thousand of the world.
    pub fn set_clock_rate(&mut self, id: NodeId, per_mille: u32) {
        self.fault(&[id], format_args!("clock runs at {per_mille} per mille"));
        let node = &mut self.nodes[id.0];
        node.clock.set_rate(self.now, per_mille);
        node.set_alarm();
    }

    /// Drops everything between two groups.
    pub fn partition(&mut self, one: &[NodeId], other: &[NodeId]) {
        self.fault(one, format_args!("cut from {other:?}"));
        self.network.partition(self.now, one, other);
        let has_registrar =
            |group: &[NodeId]| group.iter().any(|id| self.nodes[id.0].role.registrar().is_some());
        if has_registrar(one) && has_registrar(other) {
            self.last_registrar_fault = self.now;
        }
    }

    /// Ends all partitions.
    pub fn heal(&mut self) {
        self.fault(&[], format_args!("heal"));
        self.last_registrar_fault = self.now;
        self.network.heal(self.now);
    }
}
