//! The pool elements of one registrar.

use std::collections::BTreeSet;

use wire::checksum::PeChecksum;
use wire::{PeIdentifier, PoolHandle};

/// The pool elements of one owner, and their checksum, kept up to date with each change.
#[derive(Debug, Default)]
pub(super) struct Owner {
    elements: BTreeSet<(PoolHandle, PeIdentifier)>,
    checksum: PeChecksum,
}

impl Owner {
    pub(super) fn add(&mut self, handle: &PoolHandle, identifier: PeIdentifier) {
        if self.elements.insert((handle.clone(), identifier)) {
            self.checksum.add(handle, identifier);
        }
    }

    pub(super) fn remove(&mut self, handle: &PoolHandle, identifier: PeIdentifier) {
        if self.elements.remove(&(handle.clone(), identifier)) {
            self.checksum.remove(handle, identifier);
        }
    }

    pub(super) const fn elements(&self) -> &BTreeSet<(PoolHandle, PeIdentifier)> {
        &self.elements
    }

    pub(super) fn checksum(&self) -> u16 {
        self.checksum.value()
    }
}
