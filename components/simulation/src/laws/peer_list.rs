//! Connected registrars know each other, and no others.

use protocol::registrar::PeerState;
use wire::RegistrarIdentifier;

use super::{Census, Overdue};
use crate::{NodeId, World};

pub(super) fn check(world: &World, census: &Census, overdue: &mut Overdue<NodeId>) {
    let now = world.now;
    for present in census.registrars.iter().filter(|one| one.in_service) {
        let (Some(group), Some(registrar)) = (present.group, world.registrar(present.node)) else {
            continue;
        };
        let expected = census
            .registrars
            .iter()
            .filter(|other| other.group == Some(group) && other.node != present.node)
            .map(|other| other.identifier);
        let mut peers = registrar
            .peers()
            .filter(|peer| world.is_honest(peer.identifier()));
        let knows = |expected: RegistrarIdentifier| {
            let mut peers = registrar.peers();
            peers.any(|peer| peer.identifier() == expected && peer.state() == PeerState::Active)
        };
        let mut all = expected.clone();
        let in_order =
            all.all(knows) && peers.all(|peer| expected.clone().any(|one| one == peer.identifier()));
        let Some(since) = overdue.observe(now, present.node, in_order) else {
            continue;
        };
        assert!(
            now - since.max(world.last_registrar_fault) <= world.laws.acquainted_after,
            "{now:?}: {:?} should know {:?} and knows {:?} since {since:?}; the last fault of a registrar was at {:?}",
            present.node,
            expected.collect::<Vec<_>>(),
            registrar.peers().collect::<Vec<_>>(),
            world.last_registrar_fault
        );
    }
}
