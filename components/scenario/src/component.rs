//! One component of a scenario, with checked values.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use feed::ComponentRole;

/// What a component is started with, and how it is called and placed.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentSpec {
    /// Its name for people, unique; chosen from the role ("PE 1") when absent.
    pub name: Option<String>,
    /// Where it is drawn in the graph, in an area of 1000 x 700; placed by role when absent.
    pub position: Option<[f32; 2]>,
    /// The arguments that a person could have typed.
    pub arguments: Arguments,
    /// Further options as they would be typed, such as `--cookie-max-packets=5`.
    pub options: Vec<String>,
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
    /// Registrar identifier, not 0; random at each start when absent (RFC 5354 section 3.14).
    pub identifier: Option<u32>,
}

/// Arguments of a pool element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PoolElementArguments {
    /// PE identifier, not 0; random when absent, then kept for all starts.
    pub identifier: Option<u32>,
    /// Pool handle.
    pub pool_handle: Option<String>,
    /// Pool policy as its command line has it.
    pub policy: Option<String>,
    /// Iterations per second and session; 0 means no limit.
    pub capacity: Option<u64>,
    /// The most sessions at a time.
    pub max_sessions: Option<u32>,
    /// Registrars to use besides announced ones.
    pub registrars: Vec<SocketAddr>,
}

/// Arguments of a pool user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PoolUserArguments {
    /// The number it is known by in status reports, 56 bits, not 0; random when absent, then kept for all starts.
    pub identifier: Option<u64>,
    /// Pool handle.
    pub pool_handle: Option<String>,
    /// Width and height of its pictures in pixels.
    pub size: Option<[u32; 2]>,
    /// What its pictures show, a name of [`fractal::views::VIEWS`].
    pub view: Option<String>,
    /// Sessions that share a picture.
    pub sessions: Option<u32>,
    /// Pictures after which it ends; 0 means that it does not end.
    pub images: Option<u32>,
    /// Registrars to use besides announced ones.
    pub registrars: Vec<SocketAddr>,
}

impl PoolUserArguments {
    /// The most pixels of a picture that the control centre shows.
    pub const PIXELS: u32 = 2048 * 2048;
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
            options: Vec::new(),
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

    /// Its identifier in the protocols, where one is given.
    #[must_use]
    pub fn identifier(&self) -> Option<u64> {
        match &self.arguments {
            Arguments::Registrar(arguments) => arguments.identifier.map(u64::from),
            Arguments::PoolElement(arguments) => arguments.identifier.map(u64::from),
            Arguments::PoolUser(arguments) => arguments.identifier,
        }
    }

    /// Leaves the identifier to chance again.
    pub fn forget_identifier(&mut self) {
        match &mut self.arguments {
            Arguments::Registrar(arguments) => arguments.identifier = None,
            Arguments::PoolElement(arguments) => arguments.identifier = None,
            Arguments::PoolUser(arguments) => arguments.identifier = None,
        }
    }

    /// Chooses an identifier where none is given, other than those in use, so that a pool element or pool user is the
    /// same one after a restart. A registrar chooses afresh at each start: it does not know what it knew before.
    pub fn choose_identifier(&mut self, mut in_use: impl FnMut(ComponentRole, u64) -> bool) {
        let role = self.role();
        if self.identifier().is_some() {
            return;
        }
        match &mut self.arguments {
            Arguments::Registrar(_) => {}
            Arguments::PoolElement(arguments) => {
                let mut choices = std::iter::repeat_with(rand::random::<u32>);
                arguments.identifier =
                    choices.find(|number| *number != 0 && !in_use(role, u64::from(*number)));
            }
            Arguments::PoolUser(arguments) => {
                let mut choices = std::iter::repeat_with(|| rand::random::<u64>() >> 8);
                arguments.identifier = choices.find(|number| *number != 0 && !in_use(role, *number));
            }
        }
    }
}

/// Gives names to those that have none: "PE 1", "PE 2", and so on.
pub(super) fn name_all<'a>(specs: impl Iterator<Item = &'a mut ComponentSpec>) {
    let mut specs: Vec<_> = specs.collect();
    let mut names: BTreeSet<String> = specs.iter().filter_map(|spec| spec.name.clone()).collect();
    for spec in specs.iter_mut().filter(|spec| spec.name.is_none()) {
        let name = free_name(spec.role(), |name| names.contains(name));
        names.insert(name.clone());
        spec.name = Some(name);
    }
}

/// The first name of a role that is not taken: "PE 1", "PE 2", and so on.
#[must_use]
pub fn free_name(role: ComponentRole, taken: impl Fn(&str) -> bool) -> String {
    let role = match role {
        ComponentRole::Registrar => "PR",
        ComponentRole::PoolElement => "PE",
        ComponentRole::PoolUser => "PU",
    };
    (1_u32..)
        .map(|number| format!("{role} {number}"))
        .find(|name| !taken(name))
        .unwrap_or_default()
}
