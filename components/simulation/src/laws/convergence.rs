//! Registrars that are connected have the same handlespace.

use wire::RegistrarIdentifier;
use wire::parameter::PoolElementParameter;

use super::{Census, Overdue};
use crate::{NodeId, World};

pub(super) fn check(world: &World, census: &Census, overdue: &mut Overdue<(NodeId, NodeId)>) {
    let now = world.now;
    for group in census.groups() {
        let Some((first, others)) = group.split_first() else {
            continue;
        };
        for other in others {
            let key = (first.node, other.node);
            let difference = difference(world, first.node, other.node);
            let Some(since) = overdue.observe(now, key, difference.is_none()) else {
                continue;
            };
            assert!(
                now - since.max(world.last_registrar_fault) <= world.laws.converged_after,
                "{now:?}: {:?} and {:?} differ since {since:?}: {}; the last fault of a registrar was at {:?}",
                first.node,
                other.node,
                difference.map(describe).unwrap_or_default(),
                world.last_registrar_fault
            );
        }
    }
}

/// Returns two connected registrars that differ.
pub(crate) fn disagreement(world: &World, census: &Census) -> Option<(NodeId, NodeId)> {
    census.groups().find_map(|group| {
        let (first, others) = group.split_first()?;
        let differs = |other: &&&super::census::Present| difference(world, first.node, other.node).is_some();
        let other = others.iter().find(differs)?;
        Some((first.node, other.node))
    })
}

#[derive(Debug)]
enum Difference<'a> {
    Content(Option<&'a PoolElementParameter>, Option<&'a PoolElementParameter>),
    Checksum(RegistrarIdentifier, u16, u16),
}

fn describe(difference: Difference<'_>) -> String {
    match difference {
        Difference::Content(one, other) => format!("{one:?} here, {other:?} there"),
        Difference::Checksum(owner, one, other) => {
            format!("checksum of {owner}: {one:#06x} here, {other:#06x} there")
        }
    }
}

/// Returns a difference between two registrars, considering only pool elements of honest registrars.
fn difference(world: &World, one: NodeId, other: NodeId) -> Option<Difference<'_>> {
    let (one, other) = (world.registrar(one)?, world.registrar(other)?);
    let (one, other) = (one.handlespace(), other.handlespace());
    let honest = |element: &&PoolElementParameter| world.is_honest(element.home_registrar);
    let mut ours = one
        .elements_after(None)
        .map(|(_, element)| element)
        .filter(honest);
    let mut theirs = other
        .elements_after(None)
        .map(|(_, element)| element)
        .filter(honest);
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => break,
            // Some time passes in transit.
            (Some(one), Some(other)) if same(one, other) => {}
            (one, other) => return Some(Difference::Content(one, other)),
        }
    }
    world.nodes.iter().find_map(|node| {
        let owner = node.role.registrar()?;
        let checksums = (one.checksum(owner), other.checksum(owner));
        (checksums.0 != checksums.1).then_some(Difference::Checksum(owner, checksums.0, checksums.1))
    })
}

/// Returns whether both descriptions are the same, apart from the registration life, and from the distance, which
/// depends on where a registrar is.
fn same(one: &PoolElementParameter, other: &PoolElementParameter) -> bool {
    one.identifier == other.identifier
        && one.home_registrar == other.home_registrar
        && one.policy.clone().with_distance(0) == other.policy.clone().with_distance(0)
        && one.user_transport == other.user_transport
        && one.asap_transport == other.asap_transport
}
