//! Runs the next events.

use std::time::Duration;

use protocol::registrar::{PeerRegistrar, PeerState};
use protocol::{AssociationEvent, Core, Effect, Output, Registrar, Time, pool_user, registrar};
use virtual_network::Arrival;
use wire::{Ppid, RegistrarIdentifier};

use super::World;
use crate::laws::takeover::{self, Victory};

use crate::node::{Node, Program};
use crate::{Death, NodeId};

/// The interval at which the laws are checked that are not checked at every step.
const CHECK_EVERY: Duration = Duration::from_millis(50);
/// More outputs than this to one input indicate an endless loop.
const MOST_OUTPUTS: usize = 20_000;
/// More steps than this without any time passing indicate one as well.
const MOST_STEPS_AT_ONCE: usize = 1_000_000;

impl World {
    /// Advances time.
    pub fn run_for(&mut self, duration: Duration) {
        self.run_until(duration, |_| false);
    }

    /// Advances time until something holds; returns whether it did within the duration.
    ///
    /// # Panics
    /// Panics if a law is violated.
    pub fn run_until(&mut self, within: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let end = self.now + within;
        let mut steps = 0;
        loop {
            if holds(self) {
                return true;
            }
            let alarms = self.nodes.iter().filter_map(|node| Some((node.wake?, node.id)));
            let wake = alarms.min();
            let arrival = self.network.next_time();
            let times = [arrival, wake.map(|(time, _)| time), Some(self.next_check)];
            let next = times.into_iter().flatten().min().unwrap_or(end).max(self.now);
            if next > end {
                self.now = end;
                return false;
            }
            steps = if next > self.now { 0 } else { steps + 1 };
            assert!(steps < MOST_STEPS_AT_ONCE, "{next:?}: time stands still");
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
        let node = &mut self.nodes[id.0];
        let now = node.clock.local_time(self.now);
        match &mut node.program {
            Some(Program::Registrar(registrar)) => registrar.handle_timeout(now),
            Some(Program::PoolElement(counting)) => {
                counting.core.handle_timeout(now);
                counting.step(now);
            }
            Some(Program::PoolUser(customer)) => customer.core.handle_timeout(now),
            Some(Program::Attacker(attacker)) => attacker.step(now),
            Some(Program::Liar(liar)) => liar.step(now),
            None => {}
        }
        self.drain(id);
    }

    fn arrive(&mut self, id: NodeId, arrival: Arrival) {
        self.add_to_digest(id, &arrival);
        if self.trace {
            self.trace_arrival(id, &arrival);
        }
        let node = &mut self.nodes[id.0];
        let now = node.clock.local_time(self.now);
        match &mut node.program {
            Some(Program::Registrar(registrar)) => arrival.hand_to(registrar.as_mut(), now),
            Some(Program::PoolElement(counting)) => arrival.hand_to(&mut counting.core, now),
            Some(Program::PoolUser(customer)) => arrival.hand_to(&mut customer.core, now),
            Some(Program::Attacker(attacker)) => match arrival {
                Arrival::Association(AssociationEvent::Up { association, .. }) => {
                    attacker.up(association);
                }
                Arrival::Association(AssociationEvent::Down { association, .. }) => {
                    attacker.down(association);
                }
                Arrival::Association(_) | Arrival::Message(..) | Arrival::Datagram(..) => {}
            },
            Some(Program::Liar(liar)) => match arrival {
                Arrival::Association(event) => liar.handle_association(event),
                Arrival::Message(association, ppid, bytes) => liar.handle_input(association, ppid, &bytes),
                Arrival::Datagram(..) => {}
            },
            None => {}
        }
        self.drain(id);
    }

    /// Carries out the outputs of a node.
    pub(super) fn drain(&mut self, id: NodeId) {
        for _ in 0..MOST_OUTPUTS {
            if self.nodes[id.0].program.is_none() {
                return;
            }
            match self.poll_output(id) {
                Some(Done::Event) => {}
                Some(Done::Stopped) => {
                    self.fault(&[id], format_args!("stopped"));
                    self.bury(id, Death::Killed);
                    return;
                }
                Some(Done::Effect(effect)) => self.carry_out(id, effect),
                None => {
                    self.nodes[id.0].set_alarm();
                    self.check_memory_of(id);
                    return;
                }
            }
        }
        panic!("{:?}: {id:?} does not come to rest", self.now);
    }

    /// Returns the next output of a node, after its application has handled it if it is an event.
    fn poll_output(&mut self, id: NodeId) -> Option<Done> {
        let node = &mut self.nodes[id.0];
        let local = node.clock.local_time(self.now);
        Some(match node.program.as_mut()? {
            Program::Registrar(registrar) => match registrar.poll_output()?.effect_or_event() {
                Ok(effect) => Done::Effect(effect),
                Err(event) => self.registrar_event(id, &event),
            },
            Program::PoolElement(counting) => match counting.core.poll_output()?.effect_or_event() {
                Ok(effect) => Done::Effect(effect),
                Err(event) => {
                    if self.trace {
                        trace_event(self.now, id, &event);
                    }
                    done(counting.handle(local, event))
                }
            },
            Program::PoolUser(customer) => match customer.core.poll_output()?.effect_or_event() {
                Ok(effect) => Done::Effect(effect),
                Err(event) => {
                    if self.trace {
                        trace_event(self.now, id, &event);
                    }
                    let stopped = event == pool_user::Event::Stopped;
                    if let Err(broken) = customer.handle(local, self.now, event) {
                        panic!("{:?}: work lost or doubled at {id:?}: {broken}", self.now);
                    }
                    done(stopped)
                }
            },
            Program::Attacker(attacker) => Done::Effect(attacker.poll_output()?),
            Program::Liar(liar) => Done::Effect(liar.poll_output()?),
        })
    }

    fn registrar_event(&mut self, id: NodeId, event: &registrar::Event) -> Done {
        if self.trace {
            trace_event(self.now, id, event);
        }
        match event {
            registrar::Event::Stopped => return Done::Stopped,
            registrar::Event::StartUp {
                phase: registrar::StartUpPhase::InService { .. },
            } => {
                self.nodes[id.0].in_service = Some(self.now);
            }
            registrar::Event::Takeover { target, phase } => self.takeover_event(id, *target, *phase),
            _ => {}
        }
        Done::Event
    }

    /// Returns whether a registrar has heard another one and does not doubt it: delayed messages may arrive after
    /// their sender's death.
    fn believes_in(&self, believer: RegistrarIdentifier, other: RegistrarIdentifier) -> bool {
        let registrars = self.nodes.iter().filter_map(Node::registrar);
        let believers = registrars.filter(|registrar| registrar.identifier() == believer);
        let mut peers = believers.flat_map(Registrar::peers);
        peers.any(|peer| peer.identifier() == other && peer.state() == PeerState::Active)
    }

    fn takeover_event(&mut self, id: NodeId, target: RegistrarIdentifier, phase: registrar::TakeoverPhase) {
        match phase {
            registrar::TakeoverPhase::Won { .. } => {
                let peers = self.registrar(id).into_iter().flat_map(Registrar::peers);
                let connected = peers.filter(|peer| peer.association().is_some());
                let told = connected.map(PeerRegistrar::identifier);
                let told = told.filter(|&told| !self.believes_in(told, target)).collect();
                self.victories.push(Victory {
                    at: self.now,
                    by: id,
                    target,
                    told,
                });
            }
            registrar::TakeoverPhase::TakenOver { .. } => {}
            _ => return,
        }
        self.takeovers += 1;
        takeover::check_reason(self, id, target);
    }

    fn carry_out(&mut self, id: NodeId, effect: Effect) {
        let now = self.now;
        match effect {
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
            Output::Multicast { group, bytes } => self.network.multicast(now, id, group, bytes),
        }
    }

    fn let_overhear(&mut self, ppid: Ppid, bytes: &[u8]) {
        for node in &mut self.nodes {
            if let Some(Program::Attacker(attacker)) = &mut node.program {
                attacker.overhear(ppid, bytes);
            }
        }
    }

    fn add_to_digest(&mut self, id: NodeId, arrival: &Arrival) {
        let size = match arrival {
            Arrival::Association(_) => 0,
            Arrival::Message(_, _, bytes) => bytes.len(),
            Arrival::Datagram(_, _, bytes) => bytes.len(),
        };
        let time = self.now.since_origin().subsec_nanos();
        let new = u64::from(time) << 32 | (id.0 as u64) << 16 | size as u64 & 0xffff;
        self.digest = (self.digest ^ new).wrapping_mul(0x0000_0100_0000_01b3);
    }
}

/// The result of asking a node for its next output.
#[derive(Debug)]
enum Done {
    Event,
    Stopped,
    Effect(Effect),
}

const fn done(stopped: bool) -> Done {
    if stopped { Done::Stopped } else { Done::Event }
}

fn trace_event(now: Time, id: NodeId, event: &impl std::fmt::Debug) {
    println!("{now:?}    {id:?} {event:?}");
}
