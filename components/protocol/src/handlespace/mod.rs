//! All pools and their pool elements, as one registrar knows them.

use wire::RegistrarIdentifier;

/// All pools and their pool elements.
#[derive(Debug, Default)]
pub struct Handlespace {}

impl Handlespace {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The checksum of the pool elements that `owner` owns.
    #[must_use]
    pub fn checksum(&self, owner: RegistrarIdentifier) -> u16 {
        let _ = owner;
        0xffff
    }
}
