//! Who takes part in a scenario.

use std::time::Duration;

use rand::Rng;

use crate::{NodeId, PolicyKind, World};

pub(super) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) const fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Waits for a random while.
pub(super) fn pause(world: &mut World, longest: Duration) {
    let duration = longest.mul_f64(world.rng().random());
    world.run_for(duration);
}

/// Registrars, pool elements and pool users, all at work.
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
    /// So many of each start at about the same time, and get to work.
    pub fn start(world: &mut World, registrars: u32, elements: u32, users: u32) -> Self {
        let policy = if world.rng().random() {
            PolicyKind::RoundRobin
        } else {
            PolicyKind::LeastUsed
        };
        // So that no order of identifiers is like the order of starts.
        let offset = world.rng().random_range(0..registrars);
        let registrars: Vec<NodeId> = (0..registrars)
            .map(|number| world.add_registrar(0x0a00_0001 + (number + offset) % registrars * 0x0100_0000))
            .collect();
        let elements = (1..=elements)
            .map(|number| world.add_pool_element(number, policy))
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

    /// Everybody, registrars first.
    #[must_use]
    pub fn everybody(&self) -> Vec<NodeId> {
        let others = self.elements.iter().chain(&self.users);
        self.registrars.iter().chain(others).copied().collect()
    }

    /// All registrars that run are in service.
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

    /// All pool elements that run are registered, and every session goes on.
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

    /// Registrars agree, and every pool element that runs is at home.
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

    /// Whether every pool element that runs is at home.
    #[must_use]
    pub fn all_at_home(&self, world: &World) -> bool {
        let mut elements = self.elements.iter();
        elements.all(|&id| !world.is_running(id) || world.is_at_home(id))
    }

    fn homeless<'a>(&'a self, world: &'a World) -> impl Iterator<Item = NodeId> + 'a {
        let elements = self.elements.iter().copied();
        elements.filter(|&id| world.is_running(id) && !world.is_registered(id))
    }

    /// The pool elements that a registrar owns.
    #[must_use]
    pub fn owned_by(&self, world: &World, registrar: NodeId) -> Vec<NodeId> {
        let elements = self.elements.iter().copied();
        elements
            .filter(|&id| world.owner(id) == Some(registrar))
            .collect()
    }

    /// A registrar, by lot.
    pub fn some_registrar(&self, world: &mut World) -> NodeId {
        self.registrars[world.rng().random_range(0..self.registrars.len())]
    }

    /// The registrar that owns most pool elements, so that its loss matters.
    #[must_use]
    pub fn busiest_registrar(&self, world: &World) -> NodeId {
        let busiest = self
            .registrars
            .iter()
            .max_by_key(|&&id| self.owned_by(world, id).len());
        *busiest.expect("there are registrars")
    }

    /// The pool element that serves the first pool user.
    #[must_use]
    pub fn serving(&self, world: &World) -> NodeId {
        world.server_of(self.users[0]).expect("the session is served")
    }

    /// The gap of the first pool user's last failover, from detection to the new association.
    #[must_use]
    pub fn last_gap(&self, world: &World) -> Duration {
        let failovers = world.failovers(self.users[0]);
        let failover = failovers.last().expect("there was a failover");
        assert!(failover.cookie_echoed);
        failover.resolving + failover.connecting
    }
}
