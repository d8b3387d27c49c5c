//! A running registrar goes into service.

use super::Census;
use crate::World;

pub(super) fn check(world: &World, census: &Census) {
    let now = world.now;
    for registrar in census.registrars.iter().filter(|one| !one.in_service) {
        let changed = world.nodes[registrar.node.0].changed;
        let since = changed.max(world.last_registrar_fault);
        assert!(
            now - since <= world.laws.in_service_after,
            "{now:?}: {:?} runs since {changed:?}, the last fault was at {since:?}, and it is not in service",
            registrar.node
        );
    }
}
