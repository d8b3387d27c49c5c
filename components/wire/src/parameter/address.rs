//! The IPv4 and IPv6 Address parameters (RFC 5354 sections 3.1 and 3.2).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x0001 and length 8, or type 0x0002 and length 20 |
//! | 4 | 4 or 16 | the address |
//!
//! This is the only place that decides which addresses a message may contain, both for received ones and for those
//! that are obtained otherwise and are to be sent.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::decoding::{Context, Fault, Parameters, RawParameter, TypedParameter};
use crate::tlv::Writer;

const IPV4_ADDRESS: u16 = 0x0001;
const IPV6_ADDRESS: u16 = 0x0002;

impl TypedParameter for IpAddr {
    const TYPE: u16 = IPV4_ADDRESS;

    fn accepts(parameter_type: u16) -> bool {
        matches!(parameter_type, IPV4_ADDRESS | IPV6_ADDRESS)
    }

    fn decode(raw: &RawParameter<'_>, _context: &mut Context) -> Result<Self, Fault> {
        let address = if raw.parameter_type == IPV4_ADDRESS {
            Self::V4(Ipv4Addr::from(raw.array::<4>()?))
        } else {
            Self::V6(Ipv6Addr::from(raw.array::<16>()?)).to_canonical()
        };
        match reach(address) {
            Reach::Nobody => Err(raw.invalid()),
            Reach::Link | Reach::Anywhere => Ok(address),
        }
    }

    /// An IPv4-mapped IPv6 address is encoded as an IPv4 address.
    fn encode(&self, writer: &mut Writer) {
        match self.to_canonical() {
            Self::V4(address) => writer.framed(IPV4_ADDRESS, |value| value.bytes(&address.octets())),
            Self::V6(address) => writer.framed(IPV6_ADDRESS, |value| value.bytes(&address.octets())),
        }
    }
}

/// From where an address can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// It is not the address of a host.
    Nobody,
    /// From the same link only: a message does not identify the link, hence this is useless to its receiver.
    Link,
    /// From anywhere in the network.
    Anywhere,
}

/// Returns from where a canonical address can be reached.
const fn reach(address: IpAddr) -> Reach {
    let (nobody, link) = match address {
        IpAddr::V4(v4) => (
            v4.is_unspecified() || v4.is_multicast() || v4.is_broadcast(),
            v4.is_link_local(),
        ),
        IpAddr::V6(v6) => (
            v6.is_unspecified() || v6.is_multicast(),
            v6.is_unicast_link_local(),
        ),
    };
    if nobody {
        Reach::Nobody
    } else if link {
        Reach::Link
    } else {
        Reach::Anywhere
    }
}

/// Returns the address for use in a transport, if it is usable by receivers: an IPv4-mapped IPv6 address becomes an
/// IPv4 address.
pub(crate) fn usable(address: IpAddr) -> Option<IpAddr> {
    let address = address.to_canonical();
    (reach(address) == Reach::Anywhere).then_some(address)
}

/// Reads all addresses of a transport; fails if one of them is not the address of a host.
pub(crate) fn addresses(parameters: &mut Parameters<'_, '_>) -> Result<Vec<IpAddr>, Fault> {
    let addresses = parameters.repeated()?;
    parameters.finish()?;
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Violation;
    use crate::parameter::encoded;
    use crate::reader::Reader;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<&str, Violation>) {
        let raw = RawParameter::read(&mut Reader::new(bytes)).unwrap();
        let address = IpAddr::decode(&raw, &mut Context::default());
        assert_eq!(
            address.map_err(|fault| fault.violation),
            expected.map(|text| text.parse().unwrap())
        );
    }

    #[test]
    fn addresses_have_the_length_of_their_family() {
        check(&[0, 1, 0, 8, 192, 0, 2, 1], Ok("192.0.2.1"));
        check(&[0, 1, 0, 6, 192, 0], Err(Violation::InvalidValue(1)));
        check(&[0, 2, 0, 8, 192, 0, 2, 1], Err(Violation::InvalidValue(2)));
    }

    #[test]
    fn only_addresses_of_hosts_are_accepted() {
        for octets in [[0, 0, 0, 0], [255, 255, 255, 255], [224, 0, 0, 1]] {
            let mut bytes = vec![0, 1, 0, 8];
            bytes.extend(octets);
            check(&bytes, Err(Violation::InvalidValue(1)));
        }
        for address in ["::", "ff02::1"] {
            let bytes = encoded(&address.parse::<IpAddr>().unwrap());
            check(&bytes, Err(Violation::InvalidValue(2)));
        }
    }

    #[test]
    fn ipv4_mapped_addresses_travel_as_ipv4() {
        let mapped: IpAddr = "::ffff:192.0.2.1".parse().unwrap();
        assert_eq!(encoded(&mapped), [0, 1, 0, 8, 192, 0, 2, 1]);
    }
}
