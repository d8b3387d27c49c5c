//! The identifiers of RSerPool (RFC 5354 sections 3.9, 3.10 and 3.14).

use std::fmt;
use std::sync::Arc;

/// Identifies a registrar, "ENRP server" in the RFCs: random, constant until the registrar restarts.
///
/// [`Self::UNDETERMINED`] stands for "none", "unknown" or "all", depending on the field.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(transparent)
)]
pub struct RegistrarIdentifier(pub u32);

impl RegistrarIdentifier {
    /// No registrar in particular.
    pub const UNDETERMINED: Self = Self(0);

    /// Whether this names a registrar.
    #[must_use]
    pub const fn is_determined(self) -> bool {
        self.0 != 0
    }
}

impl fmt::Debug for RegistrarIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PR {:#010x}", self.0)
    }
}

impl fmt::Display for RegistrarIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

/// Identifies a pool element within its pool: random, kept for all re-registrations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(transparent)
)]
pub struct PeIdentifier(pub u32);

impl fmt::Debug for PeIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PE {:#010x}", self.0)
    }
}

impl fmt::Display for PeIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

/// Names a pool: 1 to 255 bytes, compared byte by byte, not necessarily text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolHandle(Arc<[u8]>);

/// A byte string that cannot be a pool handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a pool handle has 1 to {} bytes, not {length}", PoolHandle::LONGEST)]
pub struct InvalidPoolHandle {
    /// The length in bytes of the refused handle.
    pub length: usize,
}

impl PoolHandle {
    /// The longest handle that is accepted from a peer, in bytes. A limit of ours: the format would allow 65531.
    pub const LONGEST: usize = 255;
    /// The longest handle to choose for a pool of one's own, in bytes: rsplib's processes end on a longer one (D-18).
    pub const LONGEST_PORTABLE: usize = 32;

    /// Takes the bytes of a handle.
    ///
    /// # Errors
    /// When they are empty or more than [`Self::LONGEST`].
    pub fn new(bytes: &[u8]) -> Result<Self, InvalidPoolHandle> {
        if bytes.is_empty() || bytes.len() > Self::LONGEST {
            return Err(InvalidPoolHandle { length: bytes.len() });
        }
        Ok(Self(bytes.into()))
    }

    /// The bytes of the handle.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for PoolHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.escape_ascii().fmt(f)
    }
}

impl fmt::Debug for PoolHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}
