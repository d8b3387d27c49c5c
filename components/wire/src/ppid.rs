//! SCTP payload protocol identifiers.

use std::fmt;

/// The SCTP payload protocol identifier of a message, in host byte order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(transparent)
)]
pub struct Ppid(pub u32);

impl Ppid {
    /// Unspecified; the byte services of rsplib use it.
    pub const UNSPECIFIED: Self = Self(0);
    /// ASAP, including the control channel between pool user and pool element.
    pub const ASAP: Self = Self(11);
    /// ENRP.
    pub const ENRP: Self = Self(12);
    /// Fractal Generator Protocol.
    pub const FRACTAL_GENERATOR: Self = Self(32);
    /// Ping Pong Protocol.
    pub const PING_PONG: Self = Self(33);
    /// CalcApp.
    pub const CALC_APP: Self = Self(34);
    /// Scripting Service Protocol.
    pub const SCRIPTING: Self = Self(35);

    /// Returns the protocol's short name, if the identifier is known.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::UNSPECIFIED => "unspecified",
            Self::ASAP => "ASAP",
            Self::ENRP => "ENRP",
            Self::FRACTAL_GENERATOR => "FGP",
            Self::PING_PONG => "PPP",
            Self::CALC_APP => "CalcApp",
            Self::SCRIPTING => "SSP",
            _ => return None,
        })
    }
}

impl fmt::Display for Ppid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "PPID {}", self.0),
        }
    }
}

impl fmt::Debug for Ppid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
