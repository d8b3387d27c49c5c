//! Which registrars can talk to each other.

use wire::RegistrarIdentifier;

use crate::node::Node;
use crate::{NodeId, World};

/// The registrars that are awake, and the group of each.
#[derive(Debug)]
pub(crate) struct Census {
    pub(crate) registrars: Vec<Present>,
}

/// A registrar that is awake.
#[derive(Debug)]
pub(crate) struct Present {
    pub(crate) node: NodeId,
    pub(crate) identifier: RegistrarIdentifier,
    pub(crate) in_service: bool,
    /// Registrars with the same number are all connected with each other, and with no others. `None` if the
    /// connections are otherwise: then nothing can be expected of them together.
    pub(crate) group: Option<usize>,
}

impl Census {
    pub(crate) fn new(world: &World) -> Self {
        let awake = |node: &&Node| node.is_awake() && !node.leaving;
        let mut registrars: Vec<Present> = world
            .nodes
            .iter()
            .filter(awake)
            .filter_map(|node| {
                Some(Present {
                    node: node.id,
                    identifier: node.role.registrar()?,
                    in_service: node.in_service.is_some(),
                    group: None,
                })
            })
            .collect();
        let network = &world.network;
        for index in 0..registrars.len() {
            let own = registrars[index].node;
            let connects = |other: &Present| other.node == own || network.connects(own, other.node);
            let alike = |other: &Present| {
                let others_connections =
                    |third: &Present| third.node == other.node || network.connects(third.node, other.node);
                registrars
                    .iter()
                    .all(|third| connects(third) == others_connections(third))
            };
            let mut neighbours = registrars.iter().filter(|other| connects(other));
            let first = neighbours.clone().next().map(|first| first.node.0);
            let is_group = neighbours.clone().all(alike);
            // Two registrars with the same identifier disturb all that hear them.
            let distinct = neighbours.all(|one| {
                let same = |other: &&Present| other.identifier == one.identifier && connects(other);
                registrars.iter().filter(same).count() == 1
            });
            registrars[index].group = first.filter(|_| is_group && distinct);
        }
        Self { registrars }
    }

    /// Returns the registrars in service of each group.
    pub(crate) fn groups(&self) -> impl Iterator<Item = Vec<&Present>> {
        self.registrars.iter().enumerate().filter_map(|(index, first)| {
            let group = first.group?;
            let is_first = self.registrars[..index]
                .iter()
                .all(|one| one.group != Some(group));
            let serving = |one: &&Present| one.group == Some(group) && one.in_service;
            is_first.then(|| self.registrars.iter().filter(serving).collect())
        })
    }

    /// Returns the registrars that a node can reach, if they are in service and belong to one group.
    pub(crate) fn reached_from(&self, world: &World, id: NodeId) -> Option<Vec<&Present>> {
        let reached: Vec<&Present> = self
            .registrars
            .iter()
            .filter(|one| world.network.connects(one.node, id))
            .collect();
        let group = reached.first()?.group?;
        let all_there = self
            .registrars
            .iter()
            .filter(|one| one.group == Some(group))
            .count();
        let one_group = reached
            .iter()
            .all(|one| one.group == Some(group) && one.in_service);
        (one_group && reached.len() == all_there).then_some(reached)
    }
}
