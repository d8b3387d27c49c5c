//! Nothing grows without bounds.

use crate::{NodeId, World};

pub(super) fn check(world: &World) {
    let now = world.now;
    let in_transit = world.network.in_transit();
    assert!(
        in_transit <= world.laws.most_in_transit,
        "{now:?}: {in_transit} parcels on their way"
    );
    if world.nodes.iter().any(|node| node.role.means_ill()) {
        return;
    }
    let most = world.laws.most_associations * world.nodes.len();
    for node in &world.nodes {
        let associations = world.network.associations_of(node.id);
        assert!(
            associations <= most,
            "{now:?}: {:?} has {associations} associations with {} nodes",
            node.id,
            world.nodes.len()
        );
    }
}

pub(super) fn check_node(world: &World, id: NodeId) {
    let Some(registrar) = world.registrar(id) else {
        return;
    };
    let (peers, most) = (registrar.peers().count(), world.config().max_peers);
    assert!(peers <= most, "{:?}: {id:?} knows {peers} peers", world.now);
    let (listed, most) = (registrar.handlespace().len(), world.config().max_pool_elements);
    assert!(
        listed <= most,
        "{:?}: {id:?} lists {listed} pool elements",
        world.now
    );
}
