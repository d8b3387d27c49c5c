//! The order of the nodes in their columns.

use feed::ComponentRole;

use crate::graph::node_id::NodeId;
use model::{ComponentId, Model};

/// The maximum number of nodes in a column and in the registrars' ring; our own take precedence over those started
/// elsewhere.
const MOST_IN_COLUMN: usize = 38;
const MOST_IN_RING: usize = 8;

/// The order of the nodes in their columns: our own, then those started elsewhere. New nodes are appended to their
/// part, so that existing ones keep their order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct NodeOrder {
    /// Pool users, and components without a role of their own.
    pub(super) users: Vec<NodeId>,
    /// Registrars.
    pub(super) registrars: Vec<NodeId>,
    /// Pool elements.
    pub(super) elements: Vec<NodeId>,
    /// The number of nodes without room: pool users, registrars and pool elements.
    pub(super) hidden: [usize; 3],
}

impl NodeOrder {
    /// Removes nodes that are gone and appends new ones. Returns whether anything changed.
    pub(super) fn update(&mut self, model: &Model) -> bool {
        let count = |order: &Self| order.iter().count();
        let before = count(self);
        for list in [&mut self.users, &mut self.registrars, &mut self.elements] {
            list.retain(|node| node.is_in(model));
        }
        let mut changed = before != count(self);
        for component in model.components.values() {
            let (list, _, _) = self.list(Some(component.role()));
            let node = NodeId::Own(component.id);
            if !list.contains(&node) {
                let end = list.iter().filter(|node| node.own().is_some()).count();
                list.insert(end, node);
                changed = true;
            }
        }
        self.hidden = [0; 3];
        for component in model.external().iter() {
            let (list, most, hidden) = self.list(component.role);
            let node = NodeId::External(component.identifier);
            if list.contains(&node) {
                continue;
            }
            if list.len() < most {
                list.push(node);
                changed = true;
            } else {
                *hidden += 1;
            }
        }
        changed
    }

    /// Sorts everything by age, and pool elements by their home registrar first, so that few edges cross.
    pub(super) fn tidy(&mut self, model: &Model) {
        self.registrars.sort();
        let registrars = &self.registrars;
        self.elements.sort_by_key(|&node| {
            let home = node
                .own()
                .and_then(|id| model.components.get(&id))
                .and_then(|component| component.home_registrar);
            let place = home.and_then(|home| {
                registrars
                    .iter()
                    .position(|&registrar| registrar == NodeId::Own(home))
            });
            (node.own().is_none(), place.unwrap_or(0), node)
        });
        self.users.sort();
    }

    /// Returns all nodes, column by column.
    pub(super) fn iter(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.users
            .iter()
            .chain(&self.registrars)
            .chain(&self.elements)
            .copied()
    }

    /// Returns our own components among them.
    pub(super) fn own(&self) -> impl Iterator<Item = ComponentId> + '_ {
        self.iter().filter_map(NodeId::own)
    }

    /// Returns the column of a role, its maximum number of nodes, and the number of nodes without room. Components
    /// with none of the three roles are users of the others, so they join the pool users.
    fn list(&mut self, role: Option<ComponentRole>) -> (&mut Vec<NodeId>, usize, &mut usize) {
        let [users, registrars, elements] = &mut self.hidden;
        match role {
            Some(ComponentRole::PoolUser) | None => (&mut self.users, MOST_IN_COLUMN, users),
            Some(ComponentRole::Registrar) => (&mut self.registrars, MOST_IN_RING, registrars),
            Some(ComponentRole::PoolElement) => (&mut self.elements, MOST_IN_COLUMN, elements),
        }
    }
}

#[cfg(test)]
mod tests {
    use feed::Timestamp;
    use model::{Change, Update};
    use scenario::ComponentSpec;

    use super::*;

    fn add(model: &mut Model, id: u32) {
        model.apply(Update::Component {
            component: ComponentId(id),
            at: Timestamp::default(),
            change: Change::Added {
                name: format!("PE {id}"),
                spec: Box::new(ComponentSpec::new(ComponentRole::PoolElement)),
            },
        });
    }

    #[test]
    fn a_new_node_leaves_the_order_of_the_others() {
        let node = |id| NodeId::Own(ComponentId(id));
        let (mut model, mut order) = (Model::default(), NodeOrder::default());
        assert!(!order.update(&model));
        for id in [2, 5] {
            add(&mut model, id);
        }
        assert!(order.update(&model));
        order.elements.reverse();
        add(&mut model, 3);
        assert!(order.update(&model));
        assert_eq!(order.elements, [node(5), node(2), node(3)]);
        assert!(!order.update(&model));
    }

    #[test]
    fn what_is_gone_leaves_the_order() {
        let mut order = NodeOrder {
            elements: (0..3).map(|id| NodeId::Own(ComponentId(id))).collect(),
            ..NodeOrder::default()
        };
        assert!(order.update(&Model::default()));
        assert_eq!(order, NodeOrder::default());
    }
}
