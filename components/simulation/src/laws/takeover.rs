//! No registrar is taken over that is alive and has been reachable for long enough, and false claims about this are
//! not believed. A registrar that is taken over is forgotten by all others at once.

use protocol::Time;
use protocol::registrar::{PeerRegistrar, PeerState};
use wire::RegistrarIdentifier;

use super::Census;
use crate::{NodeId, World};

/// Must be called whenever a registrar has won a takeover, or believes that another one has.
pub(crate) fn check_reason(world: &World, believer: NodeId, target: RegistrarIdentifier) {
    let now = world.now;
    if now - world.last_registrar_fault <= world.laws.doubted_for {
        return;
    }
    let census = Census::new(world);
    let group = |is_it: &dyn Fn(&&super::census::Present) -> bool| {
        census.registrars.iter().find(is_it).and_then(|one| one.group)
    };
    let own = group(&|one| one.node == believer);
    let targets = group(&|one| one.identifier == target && one.in_service);
    assert!(
        own.is_none() || own != targets,
        "{now:?}: for {believer:?}, {target} is taken over, which is alive; \
         the last fault of a registrar was at {:?}",
        world.last_registrar_fault
    );
}

/// A takeover that a registrar has won.
#[derive(Debug)]
pub(crate) struct Victory {
    pub(crate) at: Time,
    pub(crate) by: NodeId,
    pub(crate) target: RegistrarIdentifier,
    /// The registrars that were connected with the winner, and had no reason not to believe it.
    pub(crate) told: Vec<RegistrarIdentifier>,
}

/// Checks that all registrars that have heard of a takeover have acted on it; returns whether the check is complete.
pub(crate) fn check_consequences(world: &World, victory: &Victory) -> bool {
    let &Victory {
        at,
        by,
        target,
        ref told,
    } = victory;
    let now = world.now;
    if world.last_registrar_fault > at {
        return true;
    }
    if now - at <= world.laws.told_within + world.network.maximum_latency() {
        return false;
    }
    let census = Census::new(world);
    let mut present = census.registrars.iter();
    let group = present.find(|one| one.node == by).and_then(|winner| winner.group);
    let returned = census.registrars.iter().any(|one| one.identifier == target);
    let (Some(group), false) = (group, returned) else {
        return true;
    };
    let heirs = census.registrars.iter();
    for heir in heirs.filter(|one| one.group == Some(group) && told.contains(&one.identifier)) {
        let Some(registrar) = world.registrar(heir.node) else {
            continue;
        };
        // Others may have named it before they learnt about the takeover.
        let believed = |peer: &PeerRegistrar| peer.state() != PeerState::Unconfirmed;
        let knows = registrar
            .peers()
            .any(|peer| peer.identifier() == target && believed(peer));
        assert!(
            !knows && registrar.handlespace().owned_count(target) == 0,
            "{now:?}: {by:?} has taken {target} over at {at:?}, and {:?} does not know it",
            heir.node
        );
    }
    true
}
