//! What components are called where people read of them.

use wire::{PeIdentifier, RegistrarIdentifier};

/// Knows components by their identifiers.
pub trait Names {
    /// What a registrar is called.
    fn registrar(&self, identifier: RegistrarIdentifier) -> String;

    /// What a pool element is called.
    fn pool_element(&self, identifier: PeIdentifier) -> String;
}

/// Knows nothing but the identifiers themselves: "PR 0x0a000001", "PE 0x1122aabb".
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
