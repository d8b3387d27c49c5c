//! What a dead registrar owned soon belongs to another one, or to none.

use super::Census;
use crate::World;

pub(super) fn check(world: &World, census: &Census) {
    let now = world.now;
    for gone in world.nodes.iter().filter(|node| !node.is_awake()) {
        let Some(identifier) = gone.role.registrar() else {
            continue;
        };
        let since = gone.changed.max(world.last_registrar_fault);
        let has_namesake = census
            .registrars
            .iter()
            .any(|present| present.identifier == identifier);
        if has_namesake || now - since <= world.laws.inherited_within {
            continue;
        }
        for heir in census.groups().flatten() {
            let owned = world
                .registrar(heir.node)
                .map_or(0, |registrar| registrar.handlespace().owned_count(identifier));
            assert!(
                owned == 0,
                "{now:?}: {:?} is gone since {:?}, but {:?} still lists {owned} pool elements as its own; \
                 the last fault of a registrar was at {:?}",
                gone.id,
                gone.changed,
                heir.node,
                world.last_registrar_fault
            );
        }
    }
}
