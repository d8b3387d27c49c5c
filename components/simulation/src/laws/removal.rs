//! A dead pool element soon disappears from all handlespaces, and does not come back.

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
            let Some(listed) = core.handlespace().element(&world.pool, identifier) else {
                continue;
            };
            // If nothing from the owner gets through, the others cannot learn that it is gone: it stays for its
            // registration life.
            let is_cut_off = census.registrars.iter().any(|owner| {
                owner.identifier == listed.home_registrar
                    && owner.node != registrar.node
                    && !world.network.connects(owner.node, registrar.node)
            });
            let patience = if is_cut_off {
                world.laws.removed_after + world.config().registration_life
            } else {
                world.laws.removed_after
            };
            let since = gone.changed.max(world.last_registrar_fault);
            assert!(
                now - since <= patience,
                "{now:?}: {:?} is gone since {:?}, but {:?} still lists it; the last fault of a registrar was at {:?}",
                gone.id,
                gone.changed,
                registrar.node,
                world.last_registrar_fault
            );
        }
    }
}
