//! Inspects the world.

use protocol::{Registrar, Time, pool_user};
use wire::RegistrarIdentifier;

use super::World;
use crate::laws::Census;
use crate::node::Node;
use crate::{NodeId, Role};

impl World {
    /// Returns a running registrar.
    #[must_use]
    pub fn registrar(&self, id: NodeId) -> Option<&Registrar> {
        self.nodes[id.0].registrar()
    }

    /// Returns since when a running registrar has been in service.
    #[must_use]
    pub fn in_service_since(&self, id: NodeId) -> Option<Time> {
        self.nodes[id.0].in_service
    }

    /// Returns whether a pool element believes that it is registered.
    #[must_use]
    pub fn is_registered(&self, id: NodeId) -> bool {
        let pool_element = self.nodes[id.0].pool_element();
        pool_element.is_some_and(protocol::PoolElement::is_registered)
    }

    /// Returns the registrar that owns a pool element, if exactly one of those that are awake believes that it does.
    #[must_use]
    pub fn owner(&self, element: NodeId) -> Option<NodeId> {
        let identifier = self.nodes[element.0].role.pool_element()?;
        let mut owners = self.nodes.iter().filter(|node| {
            let registrar = node.registrar().filter(|_| node.is_awake());
            registrar.is_some_and(|registrar| {
                let listed = registrar.handlespace().element(&self.pool, identifier);
                listed.is_some_and(|listed| listed.home_registrar == registrar.identifier())
            })
        });
        let owner = owners.next()?.id;
        owners.next().is_none().then_some(owner)
    }

    /// Returns whether a pool element has a home registrar: it believes that it is registered, and one registrar
    /// believes that it owns it.
    #[must_use]
    pub fn is_at_home(&self, element: NodeId) -> bool {
        self.is_registered(element) && self.owner(element).is_some()
    }

    /// Returns the progress of a pool user's session.
    #[must_use]
    pub fn progress(&self, id: NodeId) -> u64 {
        self.nodes[id.0]
            .customer()
            .map_or(0, |customer| customer.complete)
    }

    /// Returns a pool user's failovers so far.
    #[must_use]
    pub fn failovers(&self, id: NodeId) -> &[pool_user::FailoverTimes] {
        let customer = self.nodes[id.0].customer();
        customer.map_or(&[], |customer| &customer.failovers)
    }

    /// Returns the node of the pool element that serves a pool user.
    #[must_use]
    pub fn server_of(&self, id: NodeId) -> Option<NodeId> {
        let customer = self.nodes[id.0].customer()?;
        let (serving, _) = customer.core.served_by(pool_user::SessionId(1))?;
        let mut nodes = self.nodes.iter();
        let is_it =
            |node: &&Node| matches!(node.role, Role::PoolElement(identifier, _) if identifier == serving);
        Some(nodes.find(is_it)?.id)
    }

    /// Returns how often a registrar has won a takeover, or has believed that another one has.
    #[must_use]
    pub const fn takeovers(&self) -> u32 {
        self.takeovers
    }

    /// Returns whether all connected registrars agree on the pool elements and their owners.
    #[must_use]
    pub fn registrars_agree(&self) -> bool {
        crate::laws::convergence::disagreement(self, &Census::new(self)).is_none()
    }

    /// Returns whether a registrar with this identifier exists, running or not.
    pub(crate) fn is_honest(&self, identifier: RegistrarIdentifier) -> bool {
        let mut nodes = self.nodes.iter();
        nodes.any(|node| node.role.registrar() == Some(identifier))
    }
}
