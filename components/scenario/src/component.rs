//! One component of a scenario.

use std::collections::BTreeSet;

use feed::ComponentRole;
use serde::{Deserialize, Serialize};

use crate::{ComponentArgs, Settings};

/// A component's arguments, name and position.
///
/// Serialized, nothing of it is left out; an entry of a scenario file is shorter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComponentSpec {
    /// Its unique display name; derived from the role ("PE 1") when absent.
    pub name: Option<String>,
    /// Where it is drawn in the graph, in an area of 1000 x 700; placed by role when absent.
    pub position: Option<[f32; 2]>,
    /// Its arguments, as they could be typed in a shell.
    pub args: ComponentArgs,
}

impl ComponentSpec {
    /// Returns whether it is a pool user whose service is pictures.
    #[must_use]
    pub fn shows_pictures(&self) -> bool {
        match &self.args {
            ComponentArgs::PoolUser(args) => args.service == pool_user::ClientKind::Fractal,
            ComponentArgs::Registrar(_) | ComponentArgs::PoolElement(_) => false,
        }
    }

    /// Returns whether its pictures come in several parts, each in a session of its own.
    #[must_use]
    pub fn splits_pictures(&self) -> bool {
        match &self.args {
            ComponentArgs::PoolUser(args) => args.picture.sessions > 1,
            ComponentArgs::Registrar(_) | ComponentArgs::PoolElement(_) => false,
        }
    }

    /// Creates a component of a role with default arguments.
    #[must_use]
    pub fn new(role: ComponentRole) -> Self {
        Self {
            name: None,
            position: None,
            args: ComponentArgs::new(role),
        }
    }

    /// Returns the role.
    #[must_use]
    pub fn role(&self) -> ComponentRole {
        self.args.role()
    }

    /// Returns its identifier in the protocols, if one is given.
    #[must_use]
    pub fn identifier(&self) -> Option<u64> {
        self.args.shared().identifier
    }

    /// Returns the arguments with which a control centre starts it, without the program's name.
    #[must_use]
    pub fn command_line(&self, settings: &Settings) -> Vec<String> {
        let mut args = self.args.with(settings);
        args.shared_mut().feed = true;
        args.to_argv()
    }

    /// Resets the identifier, so that it is random again.
    pub fn forget_identifier(&mut self) {
        self.args.shared_mut().identifier = None;
    }

    /// Chooses an unused identifier if none is given, so that a pool element or pool user keeps it across restarts.
    /// A registrar chooses a new one at each start, since it does not retain its state.
    pub fn choose_identifier(&mut self, mut in_use: impl FnMut(ComponentRole, u64) -> bool) {
        let role = self.role();
        // PE identifiers have 32 bits (RFC 5354 section 3.10), those of pool users in status reports have 56.
        let unused_bits = match role {
            ComponentRole::Registrar => return,
            ComponentRole::PoolElement => 32,
            ComponentRole::PoolUser => 8,
        };
        let shared = self.args.shared_mut();
        if shared.identifier.is_none() {
            let mut choices = std::iter::repeat_with(|| rand::random::<u64>() >> unused_bits);
            shared.identifier = choices.find(|number| *number != 0 && !in_use(role, *number));
        }
    }
}

/// Assigns names to the components that have none: "PE 1", "PE 2", and so on.
pub(super) fn name_all<'a>(specs: impl Iterator<Item = &'a mut ComponentSpec>) {
    let mut specs: Vec<_> = specs.collect();
    let mut names: BTreeSet<String> = specs.iter().filter_map(|spec| spec.name.clone()).collect();
    for spec in specs.iter_mut().filter(|spec| spec.name.is_none()) {
        let name = free_name(spec.role(), |name| names.contains(name));
        names.insert(name.clone());
        spec.name = Some(name);
    }
}

/// Returns the first unused name of a role: "PE 1", "PE 2", and so on.
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
