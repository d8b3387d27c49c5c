//! One component of a scenario, with checked values.

use feed::ComponentRole;

/// What a component is started with, and how it is called and placed.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentSpec {
    /// Its name for people, unique; chosen from the role ("PE 1") when absent.
    pub name: Option<String>,
    /// Where it is drawn in the graph, in the graph's points; placed by role when absent.
    pub position: Option<[f32; 2]>,
    /// The arguments that a person could have typed.
    pub arguments: Arguments,
}

/// The arguments of a component, by role. What is absent is left to the component's own default.
#[derive(Debug, Clone, PartialEq)]
pub enum Arguments {
    /// `poolscope registrar`.
    Registrar(RegistrarArguments),
    /// `poolscope pool-element`.
    PoolElement(PoolElementArguments),
    /// `poolscope pool-user`.
    PoolUser(PoolUserArguments),
}

/// Arguments of a registrar.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistrarArguments {
    /// Registrar identifier, not 0.
    pub identifier: Option<u32>,
}

/// Arguments of a pool element.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PoolElementArguments {
    /// PE identifier.
    pub identifier: Option<u32>,
    /// Pool handle.
    pub pool_handle: Option<String>,
    /// Pool policy as its command line has it.
    pub policy: Option<String>,
    /// Iterations per second and session; 0 means no limit.
    pub capacity: Option<u64>,
    /// The most sessions at a time.
    pub max_sessions: Option<u32>,
}

/// Arguments of a pool user.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PoolUserArguments {
    /// The number it is known by in status reports, 56 bits.
    pub identifier: Option<u64>,
    /// Pool handle.
    pub pool_handle: Option<String>,
    /// Width and height of its pictures in pixels.
    pub size: Option<[u32; 2]>,
    /// Sessions that share a picture.
    pub sessions: Option<u32>,
}

impl ComponentSpec {
    /// A component of a role with nothing but defaults.
    #[must_use]
    pub fn new(role: ComponentRole) -> Self {
        let arguments = match role {
            ComponentRole::Registrar => Arguments::Registrar(RegistrarArguments::default()),
            ComponentRole::PoolElement => Arguments::PoolElement(PoolElementArguments::default()),
            ComponentRole::PoolUser => Arguments::PoolUser(PoolUserArguments::default()),
        };
        Self {
            name: None,
            position: None,
            arguments,
        }
    }

    /// The role.
    #[must_use]
    pub fn role(&self) -> ComponentRole {
        match self.arguments {
            Arguments::Registrar(_) => ComponentRole::Registrar,
            Arguments::PoolElement(_) => ComponentRole::PoolElement,
            Arguments::PoolUser(_) => ComponentRole::PoolUser,
        }
    }
}
