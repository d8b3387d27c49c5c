//! The identifiers of RSerPool (RFC 5354 sections 3.9, 3.10 and 3.14), and the number of a pool user, which is only
//! used by the Component Status Protocol.
//!
//! Their text form is a hexadecimal number with `0x`, or a decimal one.

use std::fmt;
use std::str::FromStr;
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
    /// No particular registrar.
    pub const UNDETERMINED: Self = Self(0);

    /// Returns whether this identifies a registrar.
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

impl FromStr for RegistrarIdentifier {
    type Err = InvalidIdentifier;

    /// Parses a determined identifier.
    fn from_str(text: &str) -> Result<Self, InvalidIdentifier> {
        parse_identifier(text, u32::MAX.into()).map(|number| Self(number as u32))
    }
}

impl FromStr for PeIdentifier {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, InvalidIdentifier> {
        parse_identifier(text, u32::MAX.into()).map(|number| Self(number as u32))
    }
}

/// Identifies a pool user in status reports: a number of 56 bits that it chooses itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "u64", into = "u64")
)]
pub struct PoolUserIdentifier(u64);

impl PoolUserIdentifier {
    /// The largest number of a pool user.
    pub const LARGEST: u64 = (1 << 56) - 1;

    /// Returns the pool user with this number; `None` if it has more than 56 bits.
    #[must_use]
    pub const fn new(number: u64) -> Option<Self> {
        if number <= Self::LARGEST {
            Some(Self(number))
        } else {
            None
        }
    }

    /// Returns the number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for PoolUserIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PU {self}")
    }
}

impl fmt::Display for PoolUserIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#016x}", self.0)
    }
}

impl FromStr for PoolUserIdentifier {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, InvalidIdentifier> {
        parse_identifier(text, Self::LARGEST).map(Self)
    }
}

impl TryFrom<u64> for PoolUserIdentifier {
    type Error = InvalidIdentifier;

    fn try_from(number: u64) -> Result<Self, InvalidIdentifier> {
        Self::new(number).ok_or(InvalidIdentifier::TooLarge {
            number,
            largest: Self::LARGEST,
        })
    }
}

impl From<PoolUserIdentifier> for u64 {
    fn from(identifier: PoolUserIdentifier) -> Self {
        identifier.0
    }
}

/// The error for a text or a number that is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIdentifier {
    /// It is not a number.
    #[error("expected a number such as 0x1a000001 or 436207617")]
    NotANumber,
    /// 0 is not an identifier.
    #[error("0 stands for no component")]
    Zero,
    /// It has more bits than the identifier.
    #[error("{number:#x} is too large, the largest one is {largest:#x}")]
    TooLarge {
        /// The number.
        number: u64,
        /// The largest number of this kind.
        largest: u64,
    },
}

/// Parses the number of an identifier, from 1 to `largest`, if the kind is not known yet.
///
/// # Errors
/// Returns an error if the text is not such a number.
pub fn parse_identifier(text: &str, largest: u64) -> Result<u64, InvalidIdentifier> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None => (text, 10),
    };
    // The standard library accepts a sign as well.
    if digits.starts_with('+') {
        return Err(InvalidIdentifier::NotANumber);
    }
    match u64::from_str_radix(digits, radix) {
        Err(_) => Err(InvalidIdentifier::NotANumber),
        Ok(0) => Err(InvalidIdentifier::Zero),
        Ok(number) if number > largest => Err(InvalidIdentifier::TooLarge { number, largest }),
        Ok(number) => Ok(number),
    }
}

/// The name of a pool: 1 to 255 bytes, compared byte by byte, not necessarily text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolHandle(Arc<[u8]>);

/// The error for a byte string that is not a pool handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a pool handle has 1 to {} bytes, not {length}", PoolHandle::LONGEST)]
pub struct InvalidPoolHandle {
    /// The length of the refused handle in bytes.
    pub length: usize,
}

impl PoolHandle {
    /// The maximum length of a handle that is accepted from a peer, in bytes. A limit of ours: the format would
    /// allow 65531.
    pub const LONGEST: usize = 255;
    /// The maximum length of a handle for one's own pools, in bytes: rsplib's processes terminate on a longer one
    /// (D-18).
    pub const LONGEST_PORTABLE: usize = 32;

    /// Creates a pool handle.
    ///
    /// # Errors
    /// Returns an error if there are no bytes, or more than [`Self::LONGEST`].
    pub fn new(bytes: &[u8]) -> Result<Self, InvalidPoolHandle> {
        if bytes.is_empty() || bytes.len() > Self::LONGEST {
            return Err(InvalidPoolHandle { length: bytes.len() });
        }
        Ok(Self(bytes.into()))
    }

    /// Returns the bytes of the handle.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_read_as_they_are_shown() {
        let registrar = RegistrarIdentifier(0x0a00_0001);
        assert_eq!(registrar.to_string(), "0x0a000001");
        assert_eq!("0x0a000001".parse(), Ok(registrar));
        assert_eq!("167772161".parse(), Ok(registrar));
        let pool_element = PeIdentifier(0xffff_ffff);
        assert_eq!(pool_element.to_string().parse(), Ok(pool_element));
        let pool_user = PoolUserIdentifier::new(0x0012_3456_789a_bcde).unwrap();
        assert_eq!(pool_user.to_string(), "0x123456789abcde");
        assert_eq!("0X123456789ABCDE".parse(), Ok(pool_user));
        let short = PoolUserIdentifier::new(1).unwrap();
        assert_eq!(short.to_string(), "0x00000000000001");
    }

    #[test]
    fn texts_that_identify_nobody_say_why() {
        let too_large = InvalidIdentifier::TooLarge {
            number: 1 << 32,
            largest: u32::MAX.into(),
        };
        for (text, error) in [
            ("", InvalidIdentifier::NotANumber),
            ("0x", InvalidIdentifier::NotANumber),
            ("0x+1", InvalidIdentifier::NotANumber),
            ("+1", InvalidIdentifier::NotANumber),
            ("-1", InvalidIdentifier::NotANumber),
            ("0", InvalidIdentifier::Zero),
            ("0x0", InvalidIdentifier::Zero),
            ("0x100000000", too_large),
        ] {
            assert_eq!(text.parse::<RegistrarIdentifier>(), Err(error), "{text}");
            assert_eq!(text.parse::<PeIdentifier>(), Err(error), "{text}");
        }
        assert_eq!(PoolUserIdentifier::new(1 << 56), None);
        let error = "0x100000000000000".parse::<PoolUserIdentifier>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "0x100000000000000 is too large, the largest one is 0xffffffffffffff"
        );
    }
}
