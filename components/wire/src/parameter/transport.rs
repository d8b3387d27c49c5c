//! Transport parameters (RFC 5354 sections 3.3 to 3.7 and 3.16).

use std::net::IpAddr;

/// What a pool element's SCTP transport is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TransportUse {
    /// Application data only.
    #[default]
    DataOnly,
    /// Application data and the ASAP control channel on the same association.
    DataPlusControl,
}

/// An SCTP transport address: at least one IP address and a port that is not 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SctpTransport {
    /// SCTP port.
    pub port: u16,
    /// What the transport is used for.
    pub transport_use: TransportUse,
    /// IPv4 and IPv6 addresses in the order of the wire; 1 to 32 of them.
    pub addresses: Vec<IpAddr>,
}

/// The address at which a pool element offers its service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserTransport {
    /// DCCP.
    Dccp {
        /// DCCP port.
        port: u16,
        /// DCCP service code.
        service_code: u32,
        /// The address.
        address: IpAddr,
    },
    /// SCTP.
    Sctp(SctpTransport),
    /// TCP.
    Tcp {
        /// TCP port.
        port: u16,
        /// The address.
        address: IpAddr,
    },
    /// UDP.
    Udp {
        /// UDP port.
        port: u16,
        /// The address.
        address: IpAddr,
    },
    /// UDP-Lite.
    UdpLite {
        /// UDP-Lite port.
        port: u16,
        /// The address.
        address: IpAddr,
    },
    /// Bytes that only the service's own users understand.
    Opaque(Vec<u8>),
}

/// Which kind a [`UserTransport`] is; all pool elements of a pool have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransportProtocol {
    /// DCCP.
    Dccp,
    /// SCTP.
    Sctp,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// UDP-Lite.
    UdpLite,
    /// Opaque bytes.
    Opaque,
}

impl UserTransport {
    /// Which kind of transport this is.
    #[must_use]
    pub const fn protocol(&self) -> TransportProtocol {
        match self {
            Self::Dccp { .. } => TransportProtocol::Dccp,
            Self::Sctp(_) => TransportProtocol::Sctp,
            Self::Tcp { .. } => TransportProtocol::Tcp,
            Self::Udp { .. } => TransportProtocol::Udp,
            Self::UdpLite { .. } => TransportProtocol::UdpLite,
            Self::Opaque(_) => TransportProtocol::Opaque,
        }
    }

    /// What the transport is used for; everything but SCTP is data only by definition.
    #[must_use]
    pub const fn transport_use(&self) -> TransportUse {
        match self {
            Self::Sctp(sctp) => sctp.transport_use,
            Self::Dccp { .. }
            | Self::Tcp { .. }
            | Self::Udp { .. }
            | Self::UdpLite { .. }
            | Self::Opaque(_) => TransportUse::DataOnly,
        }
    }
}
