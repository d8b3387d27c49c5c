//! Scenario files: the components of a demonstration.

use feed::ComponentRole;

/// What a component is started with: its role with the arguments a person could have typed.
#[derive(Debug, Clone, PartialEq)]
pub enum ComponentSpec {
    /// A registrar.
    Registrar(()),
    /// A pool element.
    PoolElement(()),
    /// A pool user.
    PoolUser(()),
}

impl ComponentSpec {
    /// The role.
    #[must_use]
    pub fn role(&self) -> ComponentRole {
        match self {
            Self::Registrar(_) => ComponentRole::Registrar,
            Self::PoolElement(_) => ComponentRole::PoolElement,
            Self::PoolUser(_) => ComponentRole::PoolUser,
        }
    }
}
