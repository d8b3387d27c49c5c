//! The identity and configuration of a registrar.

use std::net::IpAddr;

use wire::RegistrarIdentifier;
use wire::parameter::SctpTransport;

use crate::TransportAddress;

/// The identity and configuration of a registrar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its identifier; fixed.
    pub identifier: RegistrarIdentifier,
    /// Whether it announces itself by multicast.
    pub announce: bool,
    /// The transport in announcements. With `None` they have no transport: receivers use the source of the datagram
    /// (D-07).
    pub announced_transport: Option<SctpTransport>,
    /// Its ENRP settings.
    pub enrp: EnrpSettings,
    /// Addresses from which pool elements may register; if empty, all may (RFC 5355: there is no TLS here, D-29).
    pub admitted: Vec<IpAddr>,
}

/// The ENRP settings of a registrar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrpSettings {
    /// Its ENRP port.
    pub port: u16,
    /// The ENRP transport address in its presences; with `None`, the others use the source address.
    pub transport: Option<SctpTransport>,
    /// Registrars to ask for the handlespace at start-up, in this order; others may be found by multicast.
    pub mentors: Vec<TransportAddress>,
    /// Whether its presence is sent to the multicast group as well (D-09), so that no peers need to be configured.
    pub multicast: bool,
}

impl EnrpSettings {
    /// Returns the settings of a registrar that does not look for others; others may still find it.
    #[must_use]
    pub const fn without_mentors(port: u16, transport: Option<SctpTransport>) -> Self {
        Self {
            port,
            transport,
            mentors: Vec::new(),
            multicast: false,
        }
    }
}
