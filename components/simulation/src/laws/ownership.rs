//! A registered pool element is owned by exactly one registrar.

use super::{Census, Overdue};
use crate::{NodeId, World};

pub(super) fn check(world: &World, census: &Census, overdue: &mut Overdue<NodeId>) {
    let now = world.now;
    for node in &world.nodes {
        let Some(identifier) = node.role.pool_element() else {
            continue;
        };
        let expected =
            node.is_awake() && world.is_registered(node.id) && census.reached_from(world, node.id).is_some();
        let owners = census.registrars.iter().filter(|present| {
            let Some(registrar) = world.registrar(present.node) else {
                return false;
            };
            let listed = registrar.handlespace().element(&world.pool, identifier);
            listed.is_some_and(|listed| listed.home_registrar == present.identifier)
        });
        let in_order = !expected || owners.clone().count() == 1;
        let Some(since) = overdue.observe(now, node.id, in_order) else {
            continue;
        };
        assert!(
            now - since.max(world.last_fault) <= world.laws.owned_after,
            "{now:?}: {:?} believes to be registered, but its owners are {:?} since {since:?}; \
             the last fault was at {:?}",
            node.id,
            owners.map(|owner| owner.node).collect::<Vec<_>>(),
            world.last_fault
        );
    }
}
