//! All components of one run, and the time.

mod population;
mod totals;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use protocol::{Config, Effect, Output, Time};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use virtual_network::{Death, Network, NodeId};
use wire::parameter::Policy;
use wire::{PeIdentifier, PoolHandle, calc_app};

use crate::measure::Outcome;
use crate::node::{Node, Program, Step};
use crate::traffic::Traffic;
use crate::{Parameter, Parameters, PolicyChoice, Unusable};

/// How long components may take to find each other; then something is wrong with the parameters.
const READY_WITHIN: Duration = Duration::from_secs(3_600);
/// Events between two looks at whether the run is still wanted.
const EVENTS_BETWEEN_LOOKS: u32 = 1 << 12;

/// Simulates one run; returns `None` if `is_cancelled` became true before its end.
///
/// # Errors
/// Returns an error if the parameters do not lead to a pool that works.
pub fn simulate(
    parameters: &Parameters,
    policy: &PolicyChoice,
    seed: u64,
    is_cancelled: &AtomicBool,
) -> Result<Option<Outcome>, Unusable> {
    let mut world = World::new(parameters, policy, seed)?;
    world.run(is_cancelled)
}

/// What shall happen to a pool element at a certain time.
#[derive(Debug, Clone, Copy)]
enum Plan {
    Fail(usize),
    Start(usize),
}

/// A pool element's place in the pool, which outlives its failures.
#[derive(Debug)]
struct Place {
    node: NodeId,
    capacity: f64,
    policy: Policy,
    /// Of its failures and repairs.
    rng: Pcg64Mcg,
    /// The identifier that it has had since its last start.
    identifier: PeIdentifier,
}

#[derive(Debug)]
struct World<'a> {
    parameters: &'a Parameters,
    config: Config,
    now: Time,
    seed: u64,
    rng: Pcg64Mcg,
    network: Network,
    nodes: Vec<Node>,
    registrars: Vec<NodeId>,
    places: Vec<Place>,
    users: Vec<NodeId>,
    pool: PoolHandle,
    /// When nodes want to be woken; an entry that the node no longer agrees with is ignored.
    alarms: BinaryHeap<Reverse<(Time, NodeId)>>,
    plans: BTreeMap<(Time, u64), Plan>,
    planned: u64,
    in_service: usize,
    traffic: Traffic,
    /// When each pool element ended that has ended.
    ends: BTreeMap<PeIdentifier, Time>,
    /// When the pool elements ended whose sessions have not been taken over yet, by pool user.
    lost: BTreeMap<NodeId, Time>,
    failovers: u64,
    /// The sum of their durations.
    failing_over: Duration,
    /// The work of pool elements that have ended, and what of it was lost.
    done_by_ended: f64,
    lost_work: f64,
}

impl<'a> World<'a> {
    fn new(parameters: &'a Parameters, policy: &PolicyChoice, seed: u64) -> Result<Self, Unusable> {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let network = Network::new(parameters.conditions(), rng.next_u64());
        let mut world = Self {
            parameters,
            config: parameters.config(),
            now: Time::ZERO,
            seed,
            rng,
            network,
            nodes: Vec::new(),
            registrars: Vec::new(),
            places: Vec::new(),
            users: Vec::new(),
            pool: PoolHandle::new(calc_app::POOL_HANDLE.as_bytes())
                .map_err(|error| Unusable(error.to_string()))?,
            alarms: BinaryHeap::new(),
            plans: BTreeMap::new(),
            planned: 0,
            in_service: 0,
            traffic: Traffic::default(),
            ends: BTreeMap::new(),
            lost: BTreeMap::new(),
            failovers: 0,
            failing_over: Duration::ZERO,
            done_by_ended: 0.0,
            lost_work: 0.0,
        };
        world.add_nodes(policy)?;
        Ok(world)
    }

    /// Lets everything start in order, warm up, and run for the measured time.
    fn run(&mut self, is_cancelled: &AtomicBool) -> Result<Option<Outcome>, Unusable> {
        self.start_registrars();
        let registrars = self.registrars.len();
        if !self.run_until_ready(is_cancelled, |world| world.in_service == registrars) {
            return unready(is_cancelled, "registrars do not get into service");
        }
        self.start_elements();
        if !self.run_until_ready(is_cancelled, Self::is_pool_complete) {
            return unready(is_cancelled, "pool elements do not get registered");
        }
        self.plan_failures();
        self.start_users()?;
        let begin = self.now + self.parameters.duration(Parameter::WarmUp);
        let end = begin + self.parameters.duration(Parameter::Duration);
        if !self.run_until(begin, is_cancelled) {
            return Ok(None);
        }
        let before = self.totals();
        if !self.run_until(end, is_cancelled) {
            return Ok(None);
        }
        let measured = self.totals() - before;
        Ok(Some(measured.outcome(self.parameters)))
    }

    fn run_until_ready(&mut self, is_cancelled: &AtomicBool, ready: impl Fn(&Self) -> bool) -> bool {
        let deadline = self.now + READY_WITHIN;
        while !ready(self) {
            if is_cancelled.load(Ordering::Relaxed) || !self.step(deadline) {
                return false;
            }
        }
        true
    }

    /// Returns `false` if the run was cancelled.
    fn run_until(&mut self, end: Time, is_cancelled: &AtomicBool) -> bool {
        loop {
            for _ in 0..EVENTS_BETWEEN_LOOKS {
                if !self.step(end) {
                    return true;
                }
            }
            if is_cancelled.load(Ordering::Relaxed) {
                return false;
            }
        }
    }

    /// Advances to the next event and carries it out. Returns `false` if there is none before `end`, which is the time
    /// then.
    fn step(&mut self, end: Time) -> bool {
        while let Some(&Reverse((time, id))) = self.alarms.peek() {
            if self.nodes[id.0].wake == Some(time) {
                break;
            }
            self.alarms.pop();
        }
        let arrival = self.network.next_time();
        let alarm = self.alarms.peek().map(|&Reverse((time, _))| time);
        let plan = self.plans.first_key_value().map(|(&(time, _), _)| time);
        let next = [arrival, alarm, plan].into_iter().flatten().min();
        let Some(next) = next.filter(|next| *next < end) else {
            self.now = end;
            return false;
        };
        self.now = self.now.max(next);
        if arrival == Some(next) {
            if let Some((id, arrival)) = self.network.step(self.now) {
                if let Some(program) = &mut self.nodes[id.0].program {
                    program.handle_arrival(self.now, arrival);
                }
                self.drain(id);
            }
        } else if alarm == Some(next) {
            if let Some(Reverse((_, id))) = self.alarms.pop() {
                self.nodes[id.0].wake = None;
                if let Some(program) = &mut self.nodes[id.0].program {
                    program.handle_timeout(self.now);
                }
                self.drain(id);
            }
        } else if let Some((_, plan)) = self.plans.pop_first() {
            match plan {
                Plan::Fail(index) => self.fail(index),
                Plan::Start(index) => self.start_element(index),
            }
        }
        true
    }

    /// Carries out everything that a node wants.
    fn drain(&mut self, id: NodeId) {
        while let Some(program) = &mut self.nodes[id.0].program {
            match program.poll_step(self.now) {
                Some(Step::Effect(effect)) => self.carry_out(id, effect),
                Some(Step::Stopped) => self.end(id, Death::Killed),
                Some(Step::InService) => self.in_service += 1,
                Some(Step::Lost(element)) => {
                    if let Some(&end) = self.ends.get(&element) {
                        self.lost.entry(id).or_insert(end);
                    }
                }
                Some(Step::Served) => {
                    if let Some(since) = self.lost.remove(&id) {
                        self.failovers += 1;
                        self.failing_over += self.now - since;
                    }
                }
                None => {
                    let wake = program.poll_timeout();
                    let node = &mut self.nodes[id.0];
                    if node.wake != wake {
                        node.wake = wake;
                        self.alarms.extend(wake.map(|wake| Reverse((wake, id))));
                    }
                    return;
                }
            }
        }
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
                self.traffic.count(ppid);
                self.network.send(now, id, association, ppid, bytes);
            }
            Output::Shutdown { association } => self.network.shutdown(now, id, association),
            Output::Abort { association } => self.network.abort(now, id, association),
            Output::Multicast { group, bytes } => self.network.multicast(now, id, group, bytes),
        }
    }

    fn is_pool_complete(&self) -> bool {
        self.places
            .iter()
            .all(|place| match &self.nodes[place.node.0].program {
                Some(Program::Element(element)) => element.is_registered(),
                _ => false,
            })
    }
}

fn unready(is_cancelled: &AtomicBool, what: &str) -> Result<Option<Outcome>, Unusable> {
    if is_cancelled.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let hours = READY_WITHIN.as_secs() / 3_600;
    Err(Unusable(format!("{what} within {hours} h of virtual time")))
}
