//! Who a registrar is.

use std::net::IpAddr;

use wire::RegistrarIdentifier;
use wire::parameter::SctpTransport;

use crate::TransportAddress;

/// Who a registrar is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its identifier; determined.
    pub identifier: RegistrarIdentifier,
    /// Whether it announces itself by multicast.
    pub announce: bool,
    /// The transport that announcements name. `None` sends the bare form: receivers take the datagram's source (D-07).
    pub announced_transport: Option<SctpTransport>,
    /// How it takes part in ENRP.
    pub enrp: EnrpSettings,
    /// Addresses from which pool elements may register; empty admits everybody (RFC 5355: there is no TLS here, D-29).
    pub admitted: Vec<IpAddr>,
}

/// How a registrar takes part in ENRP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrpSettings {
    /// Its ENRP port.
    pub port: u16,
    /// Its ENRP transport address, which its presences name; `None` leaves it to the others to see where they come from.
    pub transport: Option<SctpTransport>,
    /// Registrars to ask for the handlespace at the start, the first one in front; others may be found by multicast.
    pub mentors: Vec<TransportAddress>,
    /// Whether its presence goes to the multicast group as well (D-09), so that nobody needs to be configured.
    pub multicast: bool,
}

impl EnrpSettings {
    /// For a registrar that does not look for others; others may still find it.
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
