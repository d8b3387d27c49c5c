//! Starts components, and lets pool elements fail and come back.

use std::time::Duration;

use calc_app::Distribution;
use calc_app::client::Client;
use calc_app::server::Server;
use protocol::{
    Endpoint, PoolElement, PoolUser, Registrar, Time, TransportAddress, pool_element, pool_user, registrar,
};
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use virtual_network::{Death, Network, NodeId, Ports};
use wire::parameter::{SctpTransport, TransportUse, UserTransport};
use wire::{PeIdentifier, RegistrarIdentifier, asap, enrp};

use super::{Place, Plan, World};
use crate::element::Element;
use crate::node::{Node, Program};
use crate::user::User;
use crate::workload::request_seed;
use crate::{Parameter, PolicyChoice, Unusable};

/// The port of the CalcApp service.
const SERVICE_PORT: u16 = 7_000;
/// The port on which a pool element expects registrars that take over.
const ELEMENT_PORT: u16 = 4_000;

impl World<'_> {
    /// Adds all nodes without starting them. What is random about each of them depends on the seed and its number, and
    /// on nothing else, so that policies are compared with the same requests and failures.
    pub(super) fn add_nodes(&mut self, policy: &PolicyChoice) -> Result<(), Unusable> {
        for _ in 0..self.parameters.count(Parameter::Registrars) {
            let node = self.add_node(vec![(asap::PORT, Endpoint::Asap), (enrp::PORT, Endpoint::Enrp)]);
            self.registrars.push(node);
        }
        let elements = self.parameters.elements(policy);
        for (capacity, policy) in elements.map_err(|error| Unusable(error.to_string()))? {
            let place = Place {
                node: self.add_node(vec![
                    (ELEMENT_PORT, Endpoint::Asap),
                    (SERVICE_PORT, Endpoint::Service),
                ]),
                capacity,
                policy,
                rng: Pcg64Mcg::seed_from_u64(self.rng.next_u64()),
                identifier: PeIdentifier(0),
            };
            self.places.push(place);
        }
        for _ in 0..self.parameters.count(Parameter::PoolUsers) {
            let node = self.add_node(Vec::new());
            self.users.push(node);
        }
        Ok(())
    }

    fn add_node(&mut self, listens: Vec<(u16, Endpoint)>) -> NodeId {
        self.nodes.push(Node {
            program: None,
            wake: None,
        });
        // Only a pool user opens several associations to the same port, one after the other.
        let ephemeral = listens.is_empty();
        self.network.add(Ports { listens, ephemeral })
    }

    fn start(&mut self, node: NodeId, program: Program) {
        self.network.restart(node);
        self.nodes[node.0].program = Some(program);
        self.drain(node);
    }

    pub(super) fn start_registrars(&mut self) {
        let registrars = self.registrars.clone();
        for (number, &node) in (1..).zip(&registrars) {
            let others = registrars.iter().filter(|other| **other != node);
            let settings = registrar::Settings {
                identifier: RegistrarIdentifier(number),
                announce: false,
                announced_transport: None,
                enrp: registrar::EnrpSettings {
                    port: enrp::PORT,
                    transport: sctp(node, enrp::PORT, TransportUse::DataOnly),
                    mentors: others.map(|&other| at(other, enrp::PORT)).collect(),
                    multicast: false,
                },
                admitted: Vec::new(),
            };
            let registrar = Registrar::new(self.now, settings, self.config.clone(), self.rng.next_u64());
            self.start(node, Program::Registrar(Box::new(registrar)));
        }
    }

    pub(super) fn start_elements(&mut self) {
        for index in 0..self.places.len() {
            self.start_element(index);
        }
    }

    pub(super) fn start_element(&mut self, index: usize) {
        let registrars = self.registrar_addresses();
        let is_restart = self.places[index].identifier != PeIdentifier(0);
        let place = &mut self.places[index];
        place.identifier = PeIdentifier(place.rng.random_range(1..=u32::MAX));
        let node = place.node;
        let Some(transport) = sctp(node, SERVICE_PORT, TransportUse::DataPlusControl) else {
            return;
        };
        let settings = pool_element::Settings {
            pool_handle: self.pool.clone(),
            identifier: place.identifier,
            user_transport: UserTransport::Sctp(transport),
            policy: place.policy.clone(),
            registrars,
        };
        let seed = place.rng.next_u64();
        let core = PoolElement::new(self.now, settings, self.config.clone(), seed);
        let server = Server::new(
            self.now,
            self.parameters.server(place.capacity),
            place.rng.next_u64(),
        );
        let element = Element::new(core, server, place.policy.clone());
        if is_restart {
            self.plan_failure(index);
        }
        self.start(node, Program::Element(Box::new(element)));
    }

    pub(super) fn start_users(&mut self) -> Result<(), Unusable> {
        let what = "a distribution without a finite mean leaves the utilisation undefined";
        let client = self
            .parameters
            .client()
            .ok_or_else(|| Unusable(what.to_owned()))?;
        for (number, node) in self.users.clone().into_iter().enumerate() {
            let settings = pool_user::Settings {
                registrars: self.registrar_addresses(),
            };
            let core = PoolUser::new(self.now, settings, self.config.clone(), self.rng.next_u64());
            let seed = request_seed(self.seed, number);
            let client = Client::new(self.now, client.clone(), seed);
            let user = User::new(core, client, self.pool.clone());
            self.start(node, Program::User(Box::new(user)));
        }
        Ok(())
    }

    fn registrar_addresses(&self) -> Vec<TransportAddress> {
        let registrars = self.registrars.iter();
        registrars.map(|&node| at(node, asap::PORT)).collect()
    }

    pub(super) fn plan_failures(&mut self) {
        for index in 0..self.places.len() {
            self.plan_failure(index);
        }
    }

    fn plan_failure(&mut self, index: usize) {
        if let Some(time) = self.drawn(index, Parameter::Mtbf) {
            self.plan(time, Plan::Fail(index));
        }
    }

    /// Draws when something happens to a pool element that takes this long on average; `None` if it never does.
    fn drawn(&mut self, index: usize, mean: Parameter) -> Option<Time> {
        let mean = self.parameters.get(mean);
        let drawn = Distribution::Exponential { mean }.draw(&mut self.places[index].rng);
        (mean > 0.0).then(|| self.now + Duration::try_from_secs_f64(drawn).unwrap_or(Duration::MAX))
    }

    fn plan(&mut self, time: Time, plan: Plan) {
        self.planned += 1;
        self.plans.insert((time, self.planned), plan);
    }

    /// Lets a pool element stop in order, or its power fail.
    pub(super) fn fail(&mut self, index: usize) {
        let clean_shutdowns = self.parameters.get(Parameter::CleanShutdowns);
        let place = &mut self.places[index];
        let is_clean = place.rng.random_bool(clean_shutdowns);
        let node = place.node;
        self.ends.insert(place.identifier, self.now);
        match &mut self.nodes[node.0].program {
            Some(Program::Element(element)) if is_clean => {
                element.core().stop(self.now);
                self.drain(node);
            }
            _ => self.end(node, Death::Unplugged),
        }
    }

    /// Ends a component. A pool element is repaired.
    pub(super) fn end(&mut self, id: NodeId, death: Death) {
        let node = &mut self.nodes[id.0];
        node.wake = None;
        if let Some(Program::Element(element)) = node.program.take() {
            self.done_by_ended += element.done(self.now);
            self.lost_work += element.unsaved(self.now);
        }
        self.network.kill(self.now, id, death);
        let ended = self.places.iter().position(|place| place.node == id);
        if let Some(index) = ended
            && let Some(time) = self.drawn(index, Parameter::RepairTime)
        {
            self.plan(time, Plan::Start(index));
        }
    }
}

fn at(node: NodeId, port: u16) -> TransportAddress {
    TransportAddress {
        addresses: vec![Network::address(node)],
        port,
    }
}

fn sctp(node: NodeId, port: u16, transport_use: TransportUse) -> Option<SctpTransport> {
    SctpTransport::new(port, transport_use, [Network::address(node)]).ok()
}
