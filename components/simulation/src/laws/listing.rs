//! A live pool element that can reach the registrars is in all their handlespaces.

use super::{Census, Overdue};
use crate::{NodeId, World};

pub(super) fn check(world: &World, census: &Census, overdue: &mut Overdue<(NodeId, NodeId)>) {
    let now = world.now;
    let laws = &world.laws;
    for node in &world.nodes {
        let Some(identifier) = node.role.pool_element() else {
            continue;
        };
        let expected = (node.is_awake() && !node.leaving)
            .then(|| census.reached_from(world, node.id))
            .flatten()
            .unwrap_or_default();
        for registrar in &census.registrars {
            let expected = expected.iter().any(|one| one.node == registrar.node);
            let lists = || {
                let core = world.registrar(registrar.node);
                core.is_some_and(|core| core.handlespace().element(&world.pool, identifier).is_some())
            };
            let key = (node.id, registrar.node);
            let Some(since) = overdue.observe(now, key, !expected || lists()) else {
                continue;
            };
            let at_rest = since - world.last_fault > laws.at_rest_after;
            let patience = if at_rest {
                laws.missing_at_rest
            } else {
                laws.listed_after
            };
            assert!(
                now - since.max(world.last_fault) <= patience,
                "{now:?}: {:?} is not listed by {:?} since {since:?}; the last fault was at {:?}",
                node.id,
                registrar.node,
                world.last_fault
            );
        }
    }
}
