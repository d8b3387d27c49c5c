//! The display names of components.

use wire::{PeIdentifier, RegistrarIdentifier};

/// Maps identifiers to the names of components.
pub trait Names {
    /// Returns the name of a registrar.
    fn registrar(&self, identifier: RegistrarIdentifier) -> String;

    /// Returns the name of a pool element.
    fn pool_element(&self, identifier: PeIdentifier) -> String;
}

/// Uses the identifiers themselves: "PR 0x0a000001", "PE 0x1122aabb".
#[derive(Debug, Clone, Copy, Default)]
pub struct Identifiers;

impl Names for Identifiers {
    fn registrar(&self, identifier: RegistrarIdentifier) -> String {
        format!("PR {identifier}")
    }

    fn pool_element(&self, identifier: PeIdentifier) -> String {
        format!("PE {identifier}")
    }
}
