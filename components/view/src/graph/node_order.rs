//! The order of the nodes in their columns.

use std::collections::BTreeSet;

use feed::ComponentRole;
use wire::PoolHandle;

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
    /// Where another pool begins among the pool elements, if each pool has its own part of them.
    pub(super) breaks: Vec<usize>,
}

impl NodeOrder {
    /// Removes nodes that are gone, unless they are to keep their places, and appends new ones. Returns whether anything
    /// changed.
    pub(super) fn update(&mut self, model: &Model, keep_gone: bool) -> bool {
        let count = |order: &Self| order.iter().count();
        let before = count(self);
        for list in [&mut self.users, &mut self.registrars, &mut self.elements] {
            list.retain(|node| keep_gone || node.is_in(model));
        }
        let mut changed = before != count(self);
        for component in model.components.values() {
            let (list, _, _) = self.list(Some(component.role()));
            let node = NodeId::Own(component.id);
            if !list.contains(&node) {
                // Members of a pool are together.
                let pool = component.spec.args.pool_handle();
                let alike = |node: &NodeId| pool.is_some() && pool_of(model, *node) == pool;
                let end = list.iter().rposition(alike).map(|last| last + 1);
                let end = end.unwrap_or_else(|| list.iter().filter(|node| node.own().is_some()).count());
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
        if changed {
            self.breaks = breaks(model, &self.elements);
        }
        changed
    }

    /// Sorts everything by age, but first by pool, and pool elements by their home registrar, so that few edges cross.
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
            (
                node.own().is_none(),
                pool_of(model, node),
                place.unwrap_or(0),
                node,
            )
        });
        self.users
            .sort_by_key(|&node| (node.own().is_none(), pool_of(model, node), node));
        self.breaks = breaks(model, &self.elements);
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

/// Returns the pool of one of our own components.
pub(super) fn pool_of(model: &Model, node: NodeId) -> Option<PoolHandle> {
    model.components.get(&node.own()?)?.spec.args.pool_handle()
}

/// Returns where another pool begins in a column; nothing if a pool is in several parts.
fn breaks(model: &Model, nodes: &[NodeId]) -> Vec<usize> {
    let mut pools: Vec<_> = nodes.iter().map(|node| pool_of(model, *node)).collect();
    // Of nodes that keep the places of what is not there, the pool is that of their neighbours.
    let mut latest = None;
    let gone = |node: &NodeId| node.own().is_some_and(|id| !model.components.contains_key(&id));
    for (node, pool) in nodes.iter().zip(&mut pools) {
        if gone(node) {
            pool.clone_from(&latest);
        } else {
            latest.clone_from(pool);
        }
    }
    let begins = |index: &usize| pools.get(*index) != pools.get(index.wrapping_sub(1));
    let breaks: Vec<usize> = (1..pools.len()).filter(begins).collect();
    let distinct: BTreeSet<_> = pools.iter().collect();
    if distinct.len() == breaks.len() + 1 {
        breaks
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use feed::Timestamp;
    use model::{Change, Update};
    use scenario::ComponentSpec;

    use super::*;

    fn add(model: &mut Model, id: u32) {
        add_to(model, id, "pool");
    }

    fn add_to(model: &mut Model, id: u32, pool: &str) {
        let mut spec = ComponentSpec::new(ComponentRole::PoolElement);
        let words = ["pool-element".to_owned(), format!("--pool-handle={pool}")];
        spec.args = scenario::ComponentArgs::parse(&words).expect("a pool");
        model.apply(Update::Component {
            component: ComponentId(id),
            at: Timestamp::default(),
            change: Change::Added {
                name: format!("PE {id}"),
                spec: Box::new(spec),
            },
        });
    }

    #[test]
    fn a_new_node_leaves_the_order_of_the_others() {
        let node = |id| NodeId::Own(ComponentId(id));
        let (mut model, mut order) = (Model::default(), NodeOrder::default());
        assert!(!order.update(&model, false));
        for id in [2, 5] {
            add(&mut model, id);
        }
        assert!(order.update(&model, false));
        order.elements.reverse();
        add(&mut model, 3);
        assert!(order.update(&model, false));
        assert_eq!(order.elements, [node(5), node(2), node(3)]);
        assert!(!order.update(&model, false));
    }

    #[test]
    fn members_of_a_pool_are_together_and_the_next_pool_begins_at_a_break() {
        let (mut model, mut order) = (Model::default(), NodeOrder::default());
        for (id, pool) in [(1, "a"), (2, "b"), (3, "b")] {
            add_to(&mut model, id, pool);
        }
        order.update(&model, false);
        assert_eq!(order.breaks, [1]);
        add_to(&mut model, 4, "a");
        order.update(&model, false);
        let node = |id| NodeId::Own(ComponentId(id));
        assert_eq!(order.elements, [node(1), node(4), node(2), node(3)]);
        assert_eq!(order.breaks, [2]);
        order.elements.swap(1, 2);
        order.tidy(&model);
        assert_eq!(order.elements, [node(1), node(4), node(2), node(3)]);
    }

    #[test]
    fn what_is_not_there_at_the_cursor_keeps_its_place() {
        let node = |id| NodeId::Own(ComponentId(id));
        let (mut model, mut order) = (Model::default(), NodeOrder::default());
        for (id, pool) in [(1, "a"), (2, "b"), (3, "b")] {
            add_to(&mut model, id, pool);
        }
        order.update(&model, false);
        let mut earlier = Model::default();
        for (id, pool) in [(1, "a"), (2, "b"), (7, "b")] {
            add_to(&mut earlier, id, pool);
        }
        assert!(order.update(&earlier, true));
        assert_eq!(order.elements, [node(1), node(2), node(7), node(3)]);
        assert_eq!(order.breaks, [1]);
        assert!(!order.update(&model, true));
        assert!(order.update(&model, false));
        assert_eq!(order.elements, [node(1), node(2), node(3)]);
    }

    #[test]
    fn what_is_gone_leaves_the_order() {
        let mut order = NodeOrder {
            elements: (0..3).map(|id| NodeId::Own(ComponentId(id))).collect(),
            ..NodeOrder::default()
        };
        assert!(order.update(&Model::default(), false));
        assert_eq!(order, NodeOrder::default());
    }
}
