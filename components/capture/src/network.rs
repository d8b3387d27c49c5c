//! IP headers (RFC 791, RFC 8200), with options and extension headers.

use std::net::IpAddr;

use etherparse::{IpFragOffset, IpNumber, Ipv6ExtensionSlice, LaxIpSlice};

/// An IP packet.
#[derive(Debug, Clone)]
pub(crate) struct IpPacket<'a> {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    /// What the payload is.
    pub(crate) protocol: IpNumber,
    pub(crate) payload: &'a [u8],
    /// How many bytes the payload had.
    pub(crate) whole: usize,
    /// Where it belongs, if it is a fragment of a packet.
    pub(crate) fragment: Option<Fragment>,
}

/// A part of a packet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fragment {
    pub(crate) identification: u32,
    pub(crate) offset: IpFragOffset,
    pub(crate) more: bool,
}

impl<'a> IpPacket<'a> {
    /// Returns `None` if there is no whole header.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (slice, stop) = LaxIpSlice::from_slice(bytes).ok()?;
        // Behind an extension header that is cut, there is no payload.
        if stop.is_some() {
            return None;
        }
        // Hardware that divides packets gets one without a length; what is there is the whole packet then.
        let (fragment, announced) = match &slice {
            LaxIpSlice::Ipv4(ip) => {
                let header = ip.header();
                let fragment = Fragment {
                    identification: header.identification().into(),
                    offset: header.fragments_offset(),
                    more: header.more_fragments(),
                };
                (Some(fragment), usize::from(header.total_len()))
            }
            LaxIpSlice::Ipv6(ip) => {
                let fragment = ip.extensions().clone().into_iter().find_map(|extension| {
                    let Ipv6ExtensionSlice::Fragment(header) = extension else {
                        return None;
                    };
                    Some(Fragment {
                        identification: header.identification(),
                        offset: header.fragment_offset(),
                        more: header.more_fragments(),
                    })
                });
                const HEADER: usize = 40;
                (fragment, HEADER + usize::from(ip.header().payload_length()))
            }
        };
        let (source, destination) = (slice.source_addr(), slice.destination_addr());
        let fragmenting = slice.is_fragmenting_payload();
        let payload = match &slice {
            LaxIpSlice::Ipv4(ip) => ip.payload().clone(),
            LaxIpSlice::Ipv6(ip) => ip.payload().clone(),
        };
        let missing = if payload.incomplete {
            announced.saturating_sub(bytes.len())
        } else {
            0
        };
        Some(Self {
            source,
            destination,
            protocol: payload.ip_number,
            whole: payload.payload.len() + missing,
            payload: payload.payload,
            fragment: fragment.filter(|_| fragmenting),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_and_extension_headers_are_left() {
        let mut v4 = vec![0x46, 0, 0, 26, 0, 0, 0, 0, 64, 132, 0, 0];
        v4.extend([10, 0, 0, 1, 10, 0, 0, 2]);
        v4.extend([1, 1, 1, 0, 8, 9]);
        // The frame is longer: Ethernet fills up short packets.
        v4.extend([0; 10]);
        let ip = IpPacket::parse(&v4).unwrap();
        assert_eq!((ip.protocol.0, ip.payload, ip.whole), (132, &[8, 9][..], 2));
        assert!(ip.fragment.is_none());

        let mut v6 = vec![0x60, 0, 0, 0, 0, 26, 0, 64];
        v6.extend([0; 32]);
        // Hop-by-hop options, then destination options, then a fragment that is the only one.
        v6.extend([60, 0, 1, 4, 0, 0, 0, 0]);
        v6.extend([44, 0, 1, 4, 0, 0, 0, 0]);
        v6.extend([132, 0, 0, 0, 0, 0, 0, 5]);
        v6.extend([8, 9]);
        let ip = IpPacket::parse(&v6).unwrap();
        assert_eq!((ip.protocol.0, ip.payload, ip.whole), (132, &[8, 9][..], 2));
        assert!(ip.fragment.is_none());
        let cut = IpPacket::parse(&v6[..v6.len() - 1]).unwrap();
        assert_eq!((cut.payload, cut.whole), (&[8][..], 2));
        for end in 0..v6.len() - 2 {
            assert!(IpPacket::parse(&v6[..end]).is_none(), "{end}");
        }
    }
}
