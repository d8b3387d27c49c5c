//! Acquainted registrars inform each other at once about what they own: no audit is needed to find out.

use wire::{PeIdentifier, RegistrarIdentifier};

use super::census::Present;
use super::{Census, Overdue};
use crate::{NodeId, World};

/// Owner, peer, pool element.
pub(super) type Key = (NodeId, NodeId, PeIdentifier);

pub(super) fn check(world: &World, census: &Census, overdue: &mut Overdue<Key>) {
    // A liar that lies to one of them only makes them differ until the next audit.
    if world.nodes.iter().any(|node| node.role.means_ill()) {
        return;
    }
    let now = world.now;
    let patience = world.laws.told_within + world.network.maximum_latency();
    let identifiers = world.nodes.iter().filter_map(|node| node.role.pool_element());
    for group in census.groups().filter(|group| group.len() > 1) {
        for identifier in identifiers.clone() {
            let owners = |one: &Present| owner(world, one, identifier);
            for one in &group {
                for other in group.iter().filter(|other| other.node != one.node) {
                    let owns = owners(one) == Some(one.identifier);
                    let in_order = owns == (owners(other) == Some(one.identifier));
                    let key = (one.node, other.node, identifier);
                    let Some(since) = overdue.observe(now, key, in_order) else {
                        continue;
                    };
                    let acquainted = world.last_registrar_fault + world.laws.acquainted_after;
                    assert!(
                        now - since.max(acquainted) <= patience,
                        "{now:?}: {:?} owns {identifier:?}: {owns}, and {:?} does not know that since {since:?}; \
                         the last fault of a registrar was at {:?}",
                        one.node,
                        other.node,
                        world.last_registrar_fault
                    );
                }
            }
        }
    }
}

fn owner(world: &World, present: &Present, identifier: PeIdentifier) -> Option<RegistrarIdentifier> {
    let registrar = world.registrar(present.node)?;
    let element = registrar.handlespace().element(&world.pool, identifier)?;
    Some(element.home_registrar)
}
