//! The names of components in sentences about events.

use events::Names;
use wire::{PeIdentifier, RegistrarIdentifier};

use crate::Model;

/// Uses the components' names if they are known, otherwise their identifiers.
impl Names for Model {
    fn registrar(&self, identifier: RegistrarIdentifier) -> String {
        self.registrar_name(identifier)
    }

    fn pool_element(&self, identifier: PeIdentifier) -> String {
        self.pool_element_name(identifier)
    }
}
