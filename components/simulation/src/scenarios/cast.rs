//! The nodes of a scenario.

use std::time::Duration;

use rand::RngExt;
use wire::parameter::Policy;

use crate::{NodeId, World};

pub(super) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) const fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Waits for a random time.
pub(super) fn pause(world: &mut World, longest: Duration) {
    let duration = longest.mul_f64(world.rng().random());
    world.run_for(duration);
}

/// Returns any policy of a kind, with any data with which a pool element can serve.
pub(super) fn any_policy(kind: u32, rng: &mut impl RngExt) -> Policy {
    let weight = rng.random_range(1..=5);
    let load = 0;
    let load_degradation = rng.random_range(0..=u32::MAX / 20);
    let (weight_dpf, load_dpf) = (
        rng.random_range(0..=u32::MAX / 1_000),
        rng.random_range(0..=1_000),
    );
    let distance = 0;
    macro_rules! degrading {
        ($variant:ident) => {
            Policy::$variant {
                load,
                load_degradation,
            }
        };
    }
    match kind % KINDS {
        0 => Policy::RoundRobin,
        1 => Policy::WeightedRoundRobin { weight },
        2 => Policy::Random,
        3 => Policy::WeightedRandom { weight },
        4 => Policy::Priority {
            priority: rng.random_range(0..=2),
        },
        5 => Policy::LeastUsed { load },
        6 => degrading!(LeastUsedDegradation),
        7 => degrading!(PriorityLeastUsed),
        8 => Policy::RandomizedLeastUsed { load },
        9 => degrading!(RandomizedPriorityLeastUsed),
        10 => degrading!(RandomizedLeastUsedDegradation),
        11 => degrading!(PriorityLeastUsedDegradation),
        12 => degrading!(RandomizedPriorityLeastUsedDegradation),
        13 => Policy::WeightedRandomDpf {
            weight,
            weight_dpf,
            distance,
        },
        14 => Policy::LeastUsedDpf {
            load,
            load_dpf,
            distance,
        },
        _ => Policy::LeastUsedDegradationDpf {
            load,
            load_degradation,
            load_dpf,
            distance,
        },
    }
}

/// The number of policies that [`any_policy`] knows: all.
pub(super) const KINDS: u32 = 16;

/// Registrars, pool elements and pool users, all working.
#[derive(Debug)]
pub struct Cast {
    /// The registrars.
    pub registrars: Vec<NodeId>,
    /// The pool elements.
    pub elements: Vec<NodeId>,
    /// The pool users.
    pub users: Vec<NodeId>,
}

impl Cast {
    /// Starts this many of each at about the same time, and waits until they work.
    pub fn start(world: &mut World, registrars: u32, elements: u32, users: u32) -> Self {
        let kind = world.rng().random();
        // So that the order of identifiers differs from the order of starts.
        let offset = world.rng().random_range(0..registrars);
        let registrars: Vec<NodeId> = (0..registrars)
            .map(|number| world.add_registrar(0x0a00_0001 + (number + offset) % registrars * 0x0100_0000))
            .collect();
        let elements = (1..=elements)
            .map(|number| {
                let policy = any_policy(kind, world.rng());
                world.add_pool_element(number, policy)
            })
            .collect();
        let users = (0..users).map(|_| world.add_pool_user()).collect();
        let cast = Self {
            registrars,
            elements,
            users,
        };
        cast.all_serve_within(world, seconds(4));
        cast.all_work_within(world, seconds(4));
        cast
    }

    /// Returns all nodes, registrars first.
    #[must_use]
    pub fn everybody(&self) -> Vec<NodeId> {
        let others = self.elements.iter().chain(&self.users);
        self.registrars.iter().chain(others).copied().collect()
    }

    /// Expects all running registrars to be in service.
    pub fn all_serve_within(&self, world: &mut World, within: Duration) {
        let started = world.now();
        let serves = |world: &World, id| !world.is_running(id) || world.in_service_since(id).is_some();
        let done = world.run_until(within, |world| {
            self.registrars.iter().all(|&id| serves(world, id))
        });
        let late: Vec<_> = self.registrars.iter().filter(|&&id| !serves(world, id)).collect();
        assert!(
            done,
            "{:?}: {late:?} not in service since {started:?}",
            world.now()
        );
    }

    /// Expects all running pool elements to be registered, and every session to make progress.
    pub fn all_work_within(&self, world: &mut World, within: Duration) {
        let before: Vec<u64> = self.users.iter().map(|&user| world.progress(user)).collect();
        let users = self.users.clone();
        let goes_on = |world: &World, user: NodeId, before: u64| {
            !world.is_running(user) || world.progress(user) > before + 10
        };
        let done = world.run_until(within, |world| {
            self.homeless(world).next().is_none()
                && users
                    .iter()
                    .zip(&before)
                    .all(|(&user, &before)| goes_on(world, user, before))
        });
        if !done {
            let homeless: Vec<NodeId> = self.homeless(world).collect();
            let still = users.iter().zip(&before);
            let still: Vec<_> = still
                .filter(|(user, before)| !goes_on(world, **user, **before))
                .map(|(user, _)| user)
                .collect();
            panic!(
                "{:?}: not everybody works within {within:?}: {homeless:?} not registered, sessions of {still:?} stand still",
                world.now()
            );
        }
    }

    /// Expects registrars to agree, and every running pool element to have a home registrar.
    pub fn all_agree_within(&self, world: &mut World, within: Duration) {
        let done = world.run_until(within, |world| {
            world.registrars_agree() && self.all_at_home(world)
        });
        let lost: Vec<_> = self
            .elements
            .iter()
            .filter(|&&id| world.is_running(id) && !world.is_at_home(id))
            .collect();
        assert!(
            done,
            "{:?}: no order within {within:?}; without a home: {lost:?}; registrars agree: {}",
            world.now(),
            world.registrars_agree()
        );
    }

    /// Returns whether every running pool element has a home registrar.
    #[must_use]
    pub fn all_at_home(&self, world: &World) -> bool {
        let mut elements = self.elements.iter();
        elements.all(|&id| !world.is_running(id) || world.is_at_home(id))
    }

    fn homeless<'a>(&'a self, world: &'a World) -> impl Iterator<Item = NodeId> + 'a {
        let elements = self.elements.iter().copied();
        elements.filter(|&id| world.is_running(id) && !world.is_registered(id))
    }

    /// Returns the pool elements that a registrar owns.
    #[must_use]
    pub fn owned_by(&self, world: &World, registrar: NodeId) -> Vec<NodeId> {
        let elements = self.elements.iter().copied();
        elements
            .filter(|&id| world.owner(id) == Some(registrar))
            .collect()
    }

    /// Returns a random registrar.
    pub fn some_registrar(&self, world: &mut World) -> NodeId {
        self.registrars[world.rng().random_range(0..self.registrars.len())]
    }

    /// Returns the registrar that owns the most pool elements, so that its loss matters.
    #[must_use]
    pub fn busiest_registrar(&self, world: &World) -> NodeId {
        let busiest = self
            .registrars
            .iter()
            .max_by_key(|&&id| self.owned_by(world, id).len());
        *busiest.expect("there are registrars")
    }

    /// Returns the pool element that serves the first pool user.
    #[must_use]
    pub fn serving(&self, world: &World) -> NodeId {
        world.server_of(self.users[0]).expect("the session is served")
    }

    /// Returns the gap of the first pool user's last failover, from detection to the new association.
    #[must_use]
    pub fn last_gap(&self, world: &World) -> Duration {
        let failovers = world.failovers(self.users[0]);
        let failover = failovers.last().expect("there was a failover");
        assert!(failover.cookie_echoed);
        failover.resolving + failover.connecting
    }
}
