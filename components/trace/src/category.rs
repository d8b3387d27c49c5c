//! What messages are for, as far as one wants to see them or not.

use crate::Protocol;

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// The work itself: pixels, pings, calculations, and other data of services.
    Data,
    /// The registrar asks whether a pool element lives, or it answers; or a service does so.
    KeepAlive,
    /// Registrars tell each other that they live.
    Presence,
    /// Registrars announce themselves to everybody.
    Announcement,
    /// State cookies.
    Cookie,
    /// Everything else: what changes or asks something.
    Management,
}

impl Category {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Management,
        Self::Cookie,
        Self::Data,
        Self::KeepAlive,
        Self::Presence,
        Self::Announcement,
    ];

    /// Returns the category of a message, by its protocol and name.
    #[must_use]
    pub fn of(protocol: Protocol, name: &str) -> Self {
        match (protocol, name) {
            (_, "ASAP_ENDPOINT_KEEP_ALIVE" | "ASAP_ENDPOINT_KEEP_ALIVE_ACK")
            | (Protocol::CalcApp, "CALCAPP_KEEPALIVE" | "CALCAPP_KEEPALIVE_ACK") => Self::KeepAlive,
            (_, "ENRP_PRESENCE") => Self::Presence,
            (_, "ASAP_SERVER_ANNOUNCE") => Self::Announcement,
            (_, "ASAP_COOKIE" | "ASAP_COOKIE_ECHO") => Self::Cookie,
            (Protocol::FractalGenerator, "FGP_DATA") | (Protocol::PingPong | Protocol::Other(_), _) => {
                Self::Data
            }
            _ => Self::Management,
        }
    }

    /// Returns its name for a switch.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::KeepAlive => "keep-alives",
            Self::Presence => "presence",
            Self::Announcement => "announcements",
            Self::Cookie => "cookies",
            Self::Management => "management",
        }
    }
}
