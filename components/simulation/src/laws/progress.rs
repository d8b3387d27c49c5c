//! Sessions make progress if a pool element is available to serve them.

use crate::node::Node;
use crate::{NodeId, Role, World};

pub(super) fn check(world: &World) {
    let now = world.now;
    for user in world.nodes.iter().filter(|node| !node.frozen) {
        let Some(customer) = user.customer() else {
            continue;
        };
        let since = customer.progressed.max(world.last_fault);
        if now - since <= world.laws.progress_within {
            continue;
        }
        let reaches = |node: &&Node| node.program.is_some() && world.network.connects(user.id, node.id);
        let mut reachable = world.nodes.iter().filter(reaches);
        let servable = reachable.clone().any(|registrar| {
            let is_registrar = registrar.role.registrar().is_some();
            is_registrar
                && reachable.clone().any(|element| {
                    matches!(element.role, Role::PoolElement(..))
                        && world.network.connects(element.id, registrar.id)
                })
        });
        let all_agree = reachable
            .all(|node| node.role.registrar().is_none() || lists_somebody_reachable(world, user.id, node));
        assert!(
            !servable || !all_agree,
            "{now:?}: the session of {:?} stands still since {since:?}: {:?}",
            user.id,
            customer.core
        );
    }
}

/// A registrar that is cut off from others lists only its own pool elements: a pool user cannot be served if it has
/// none.
fn lists_somebody_reachable(world: &World, user: NodeId, registrar: &Node) -> bool {
    let Some(core) = registrar.registrar() else {
        return false;
    };
    world.nodes.iter().any(|element| {
        let identifier = element.role.pool_element();
        world.network.connects(user, element.id)
            && element.program.is_some()
            && identifier
                .is_some_and(|identifier| core.handlespace().element(&world.pool, identifier).is_some())
    })
}
