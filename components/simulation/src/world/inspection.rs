//! Looking at the world, and at whether the laws hold.

use protocol::{Registrar, Time, pool_user};

use super::World;
use crate::node::Node;
use crate::{NodeId, Role};

impl World {
    /// A registrar that runs.
    #[must_use]
    pub fn registrar(&self, id: NodeId) -> Option<&Registrar> {
        self.nodes[id.0].registrar()
    }

    /// Whether a pool element believes to be registered.
    #[must_use]
    pub fn is_registered(&self, id: NodeId) -> bool {
        let pool_element = self.nodes[id.0].pool_element();
        pool_element.is_some_and(protocol::PoolElement::is_registered)
    }

    /// How far a pool user's session has come.
    #[must_use]
    pub fn progress(&self, id: NodeId) -> u64 {
        self.nodes[id.0]
            .customer()
            .map_or(0, |customer| customer.complete)
    }

    /// A pool user's failovers so far.
    #[must_use]
    pub fn failovers(&self, id: NodeId) -> &[pool_user::FailoverTimes] {
        let customer = self.nodes[id.0].customer();
        customer.map_or(&[], |customer| &customer.failovers)
    }

    /// The node of the pool element that serves a pool user.
    #[must_use]
    pub fn server_of(&self, id: NodeId) -> Option<NodeId> {
        let customer = self.nodes[id.0].customer()?;
        let (serving, _) = customer.core.served_by(pool_user::SessionId(1))?;
        let mut nodes = self.nodes.iter();
        let is_it =
            |node: &&Node| matches!(node.role, Role::PoolElement(identifier, _) if identifier == serving);
        Some(nodes.find(is_it)?.id)
    }

    pub(super) fn check(&mut self) {
        let now = self.now;
        let in_transit = self.network.in_transit();
        assert!(
            in_transit <= self.laws.most_in_transit,
            "{now:?}: {in_transit} parcels on their way"
        );
        self.check_registrations();
        self.check_removals();
        self.check_progress();
    }

    /// Whoever believes to be registered is in the handlespace of a registrar that runs and that it can reach.
    fn check_registrations(&mut self) {
        let now = self.now;
        for index in 0..self.nodes.len() {
            let node = &self.nodes[index];
            let Role::PoolElement(identifier, _) = node.role else {
                continue;
            };
            let believes = !node.frozen && self.is_registered(node.id);
            let known = self
                .nodes
                .iter()
                .filter_map(Node::registrar)
                .any(|registrar| registrar.handlespace().element(&self.pool, identifier).is_some());
            let id = node.id;
            if !believes || known {
                self.missing_since.remove(&id);
                continue;
            }
            let since = *self.missing_since.entry(id).or_insert(now);
            assert!(
                now - since.max(self.last_fault) <= self.laws.registered_after,
                "{now:?}: {id:?} believes to be registered since {since:?}, but is not"
            );
        }
    }

    /// Nobody stays in a handlespace for long who is no more.
    fn check_removals(&self) {
        let now = self.now;
        for registrar in self.nodes.iter().filter(|node| !node.frozen) {
            let Some(core) = registrar.registrar() else {
                continue;
            };
            for gone in self
                .nodes
                .iter()
                .filter(|node| node.program.is_none() || node.frozen)
            {
                let Role::PoolElement(identifier, _) = gone.role else {
                    continue;
                };
                let listed = core.handlespace().element(&self.pool, identifier).is_some();
                let since: Time = gone.changed.max(registrar.changed);
                assert!(
                    !listed || now - since <= self.laws.removed_after,
                    "{now:?}: {:?} is gone since {since:?}, but {:?} still lists it",
                    gone.id,
                    registrar.id
                );
            }
        }
    }

    /// Sessions go on if somebody is there to serve them.
    fn check_progress(&self) {
        let now = self.now;
        for user in self.nodes.iter().filter(|node| !node.frozen) {
            let Some(customer) = user.customer() else {
                continue;
            };
            let reaches = |node: &&Node| node.program.is_some() && self.network.connects(user.id, node.id);
            let mut reachable = self.nodes.iter().filter(reaches);
            let servable = reachable.clone().any(|registrar| {
                let is_registrar = matches!(registrar.role, Role::Registrar(_));
                is_registrar
                    && reachable.clone().any(|element| {
                        matches!(element.role, Role::PoolElement(..))
                            && self.network.connects(element.id, registrar.id)
                    })
            });
            let all_agree = reachable.all(|node| {
                !matches!(node.role, Role::Registrar(_)) || self.lists_somebody_reachable(user.id, node)
            });
            let since = customer.progressed.max(self.last_fault);
            assert!(
                !servable || !all_agree || now - since <= self.laws.progress_within,
                "{now:?}: the session of {:?} stands still since {since:?}: {:?}",
                user.id,
                customer.core
            );
        }
    }

    /// Without ENRP, a registrar names its own pool elements only: a pool user is out of luck at one that has none.
    fn lists_somebody_reachable(&self, user: NodeId, registrar: &Node) -> bool {
        let Some(core) = registrar.registrar() else {
            return false;
        };
        self.nodes.iter().any(|element| match element.role {
            Role::PoolElement(identifier, _) => {
                self.network.connects(user, element.id)
                    && element.program.is_some()
                    && core.handlespace().element(&self.pool, identifier).is_some()
            }
            Role::Registrar(_) | Role::PoolUser | Role::Attacker => false,
        })
    }
}
