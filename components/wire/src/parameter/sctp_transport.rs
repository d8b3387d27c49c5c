//! The SCTP transport parameter (RFC 5354 section 3.4): the transport address of a pool element or registrar.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::transport::InvalidTransport;
use crate::decoding::{Context, Fault, Parameters, RawParameter, TypedParameter};
use crate::parameter::address::{addresses, usable};
use crate::reader::Reader;
use crate::tlv::Writer;

/// The parameter type.
pub(super) const SCTP: u16 = 0x0004;

/// The use of a pool element's SCTP transport; the numbers are those on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u16)]
pub enum TransportUse {
    /// Application data only.
    #[default]
    DataOnly = 0,
    /// Application data and the ASAP control channel on the same association.
    DataPlusControl = 1,
}

impl TransportUse {
    const fn from_number(number: u16) -> Option<Self> {
        const DATA_ONLY: u16 = TransportUse::DataOnly as u16;
        const DATA_PLUS_CONTROL: u16 = TransportUse::DataPlusControl as u16;
        match number {
            DATA_ONLY => Some(Self::DataOnly),
            DATA_PLUS_CONTROL => Some(Self::DataPlusControl),
            _ => None,
        }
    }
}

/// An SCTP transport address: at least one IP address and a port that is not 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SctpTransport {
    pub(super) port: u16,
    pub(super) transport_use: TransportUse,
    pub(super) addresses: Vec<IpAddr>,
}

impl SctpTransport {
    /// The maximum number of addresses in a transport. A limit of ours: rsplib's is 64.
    pub const MOST_ADDRESSES: usize = 32;

    /// Creates a transport from the addresses that are usable by others, limited to [`Self::MOST_ADDRESSES`]: among
    /// the addresses of an association, there may be any that the peer has made up.
    ///
    /// # Errors
    /// Returns an error if no address is left, or if the port is 0.
    pub fn new(
        port: u16,
        transport_use: TransportUse,
        addresses: impl IntoIterator<Item = IpAddr>,
    ) -> Result<Self, InvalidTransport> {
        let usable = addresses.into_iter().filter_map(usable);
        let addresses: Vec<IpAddr> = usable.take(Self::MOST_ADDRESSES).collect();
        match (port, addresses.is_empty()) {
            (0, _) => Err(InvalidTransport::Port),
            (_, true) => Err(InvalidTransport::Addresses),
            (_, false) => Ok(Self {
                port,
                transport_use,
                addresses,
            }),
        }
    }

    /// Returns the SCTP port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns the use of the transport.
    #[must_use]
    pub const fn transport_use(&self) -> TransportUse {
        self.transport_use
    }

    /// Returns the IPv4 and IPv6 addresses in the order on the wire; 1 to [`Self::MOST_ADDRESSES`] of them.
    #[must_use]
    pub fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// Returns the same transport for another use.
    #[must_use]
    pub const fn with_use(mut self, transport_use: TransportUse) -> Self {
        self.transport_use = transport_use;
        self
    }

    /// Returns the transport with those of its addresses that satisfy `keep`; `None` if none does.
    #[must_use]
    pub fn retain(mut self, keep: impl FnMut(&IpAddr) -> bool) -> Option<Self> {
        self.addresses.retain(keep);
        (!self.addresses.is_empty()).then_some(self)
    }
}

impl TypedParameter for SctpTransport {
    const TYPE: u16 = SCTP;

    fn decode(raw: &RawParameter<'_>, context: &mut Context) -> Result<Self, Fault> {
        let mut reader = Reader::new(raw.value);
        let port = reader.u16()?;
        let transport_use = TransportUse::from_number(reader.u16()?).ok_or_else(|| raw.invalid())?;
        let addresses = addresses(&mut Parameters::new(reader, context))?;
        if addresses.len() > Self::MOST_ADDRESSES {
            return Err(raw.invalid());
        }
        Self::new(port, transport_use, addresses).map_err(|_| raw.invalid())
    }

    fn encode(&self, writer: &mut Writer) {
        writer.framed(SCTP, |value| {
            value.u16(self.port);
            value.u16(self.transport_use as u16);
            for address in &self.addresses {
                address.encode(value);
            }
        });
    }
}

/// Formats addresses and port, as in `192.0.2.1:7000` or `192.0.2.1, 2001:db8::1 port 7000`.
impl fmt::Display for SctpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [address] = self.addresses.as_slice() {
            return SocketAddr::new(*address, self.port).fmt(f);
        }
        for (index, address) in self.addresses.iter().enumerate() {
            write!(f, "{}{address}", if index == 0 { "" } else { ", " })?;
        }
        write!(f, " port {}", self.port)
    }
}
