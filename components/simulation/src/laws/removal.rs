//! Nobody stays in a handlespace for long, or comes back, who is no more.

use super::Census;
use crate::World;

pub(super) fn check(world: &World, census: &Census) {
    let now = world.now;
    for gone in world.nodes.iter().filter(|node| !node.is_awake()) {
        let Some(identifier) = gone.role.pool_element() else {
            continue;
        };
        for registrar in census.registrars.iter().filter(|one| one.group.is_some()) {
            let Some(core) = world.registrar(registrar.node) else {
                continue;
            };
            let listed = core.handlespace().element(&world.pool, identifier).is_some();
            let since = gone.changed.max(world.last_registrar_fault);
            assert!(
                !listed || now - since <= world.laws.removed_after,
                "{now:?}: {:?} is gone since {:?}, but {:?} still lists it; the last fault of a registrar was at {:?}",
                gone.id,
                gone.changed,
                registrar.node,
                world.last_registrar_fault
            );
        }
    }
}
