//! Nobody is taken over who is alive and has been reachable for long enough.

use wire::RegistrarIdentifier;

use super::Census;
use crate::{NodeId, World};

/// Checked whenever a registrar has won a takeover.
pub(crate) fn check_reason(world: &World, by: NodeId, target: RegistrarIdentifier) {
    let now = world.now;
    if now - world.last_registrar_fault <= world.laws.acquainted_after {
        return;
    }
    let census = Census::new(world);
    let group = |is_it: &dyn Fn(&&super::census::Present) -> bool| {
        census.registrars.iter().find(is_it).and_then(|one| one.group)
    };
    let own = group(&|one| one.node == by);
    let targets = group(&|one| one.identifier == target && one.in_service);
    assert!(
        own.is_none() || own != targets,
        "{now:?}: {by:?} has taken {target} over, which is alive; the last fault of a registrar was at {:?}",
        world.last_registrar_fault
    );
}
