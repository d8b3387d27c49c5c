//! Transport addresses (RFC 5354 sections 3.1 to 3.7).

use crate::cursor::{Cursor, Position};
use crate::parameter::{kind, parameter};
use crate::term::{Protocol, Shared, shared_terms};
use crate::{NoteKind, Value};

shared_terms! {
    IPV4_PARAMETER = "IPv4 Address" {
        "RFC 5354, section 3.1",
        "An address of the transport that it is in."
    };
    IPV4 = "IPv4 Address value" ["ipv4_address"];
    IPV6_PARAMETER = "IPv6 Address" {
        "RFC 5354, section 3.2",
        "An address of the transport that it is in. There is no room for a zone, hence link-local addresses are of no use."
    };
    IPV6 = "IPv6 Address value" ["ipv6_address"];
    DCCP = "DCCP Transport" {
        "RFC 5354, section 3.3",
        "Where a service is reached by DCCP: one address, a port and a service code.", "D-20"
    };
    SCTP = "SCTP Transport" {
        "RFC 5354, section 3.4",
        "Where an SCTP endpoint is reached: a port, and all its addresses, since SCTP may use several paths at once. The first \
         one in a pool element is the service's, a second one is where its home registrar reaches it."
    };
    TCP = "TCP Transport" {
        "RFC 5354, section 3.5",
        "Where a service is reached by TCP: a port and exactly one address. Such a service has no control channel to its users."
    };
    UDP = "UDP Transport" {
        "RFC 5354, section 3.6",
        "Where a service is reached by UDP: a port and exactly one address."
    };
    UDP_LITE = "UDP-Lite Transport" {
        "RFC 5354, section 3.7",
        "Where a service is reached by UDP-Lite: a port and exactly one address.", "D-20"
    };
    DCCP_PORT = "Port" ["dccp_transport_port"] {
        "RFC 5354, section 3.3", "The port of DCCP."
    };
    DCCP_RESERVED = "Reserved" ["dccp_transport_reserved"] {
        "RFC 5354, section 3.3", "Sent as 0 and ignored."
    };
    SERVICE_CODE = "Service Code" ("", "") {
        "RFC 5354, section 3.3", "Tells DCCP services on the same port apart (RFC 4340 section 8.1.2)."
    };
    SCTP_PORT = "Port" ["sctp_transport_port"] {
        "RFC 5354, section 3.4", "The port of SCTP, the same for all addresses."
    };
    TRANSPORT_USE = "Transport Use" ["transport_use"] {
        "RFC 5354, section 3.4",
        "Whether the association carries the service's data only, or ASAP messages between pool user and pool element as well: the \
         control channel, by which state cookies travel. All pool elements of a pool have the same."
    };
    TCP_PORT = "Port" ["tcp_transport_port"] {
        "RFC 5354, section 3.5", "The port of TCP."
    };
    TCP_RESERVED = "Reserved" ["transport_use"] {
        "RFC 5354, section 3.5", "Sent as 0 and ignored. rsplib has its Transport Use here, as for SCTP.", "D-19"
    };
    UDP_PORT = "Port" ["udp_transport_port"] {
        "RFC 5354, section 3.6", "The port of UDP."
    };
    UDP_RESERVED = "Reserved" ["udp_transport_reserved"] {
        "RFC 5354, section 3.6", "Sent as 0 and ignored."
    };
    UDP_LITE_PORT = "Port" ["udp_lite_transport_port"] {
        "RFC 5354, section 3.7", "The port of UDP-Lite."
    };
    UDP_LITE_RESERVED = "Reserved" ["udp_lite_transport_reserved"] {
        "RFC 5354, section 3.7", "Sent as 0 and ignored."
    };
}

/// Adds the value of an address parameter.
pub(super) fn address(cursor: &mut Cursor<'_, '_>, protocol: Protocol, kind: u16) -> Option<()> {
    match kind {
        kind::IPV4_ADDRESS => cursor.ipv4(IPV4.of(protocol)).map(|_| ()),
        _ => cursor.ipv6(IPV6.of(protocol)).map(|_| ()),
    }
}

/// Adds the value of a transport parameter.
pub(super) fn fill(
    cursor: &mut Cursor<'_, '_>,
    protocol: Protocol,
    kind: u16,
    position: Position,
) -> Option<()> {
    let unsigned = |number: u16| Value::Unsigned(number.into(), None);
    let (port, second): (&'static Shared, &'static Shared) = match kind {
        kind::DCCP_TRANSPORT => (&DCCP_PORT, &DCCP_RESERVED),
        kind::SCTP_TRANSPORT => (&SCTP_PORT, &TRANSPORT_USE),
        kind::TCP_TRANSPORT => (&TCP_PORT, &TCP_RESERVED),
        kind::UDP_TRANSPORT => (&UDP_PORT, &UDP_RESERVED),
        _ => (&UDP_LITE_PORT, &UDP_LITE_RESERVED),
    };
    cursor.u16(port.of(protocol), unsigned)?;
    if kind == kind::SCTP_TRANSPORT {
        let transport_use = cursor.u16(second.of(protocol), |number| {
            Value::Unsigned(number.into(), meaning(number))
        })?;
        if meaning(transport_use).is_none() {
            cursor.malformed("The RFC knows 0 and 1 only.");
        }
    } else if cursor.u16(second.of(protocol), unsigned)? != 0 && kind == kind::TCP_TRANSPORT {
        cursor.note(
            cursor.last(),
            NoteKind::Deviation,
            "D-19: rsplib puts its transport use here, which RFC 5354 reserves.",
        );
    }
    if kind == kind::DCCP_TRANSPORT {
        cursor.u32(SERVICE_CODE.of(protocol), |code| {
            Value::Hexadecimal(code.into(), 8, None)
        })?;
    }
    addresses(cursor, protocol, kind, position)
}

const fn meaning(transport_use: u16) -> Option<&'static str> {
    match transport_use {
        0 => Some("data only"),
        1 => Some("data plus control"),
        _ => None,
    }
}

fn addresses(cursor: &mut Cursor<'_, '_>, protocol: Protocol, kind: u16, position: Position) -> Option<()> {
    let mut count = 0_u32;
    while !cursor.rest().is_empty() {
        let address = parameter(cursor, protocol)?;
        match address.kind {
            kind::IPV4_ADDRESS | kind::IPV6_ADDRESS => count += 1,
            _ => cursor.wrong(address.position, "A transport contains addresses only."),
        }
    }
    if cursor.is_cut() {
        return None;
    }
    if count == 0 {
        cursor.wrong(position, "There is no address in it.");
    } else if count > 1 && kind != kind::SCTP_TRANSPORT {
        cursor.wrong(position, "Only SCTP has several addresses.");
    }
    Some(())
}
