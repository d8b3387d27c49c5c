//! The Pool Element and Server Information parameters (RFC 5354 sections 3.10 and 3.11).

use crate::cursor::{Cursor, Position};
use crate::parameter::{kind, parameter};
use crate::term::{Protocol, shared_terms};
use crate::{NoteKind, Value};

shared_terms! {
    POOL_ELEMENT = "Pool Element" {
        "RFC 5354, section 3.10",
        "All that registrars and pool users know of a pool element. The order of its parameters is fixed, since its two transports \
         can only be told apart by it: first the service's, then the policy, last the one for ASAP.", "D-17"
    };
    PE_IDENTIFIER = "PE Identifier" ["pool_element_pe_identifier"] {
        "RFC 5354, section 3.10",
        "A random number other than 0 that tells the pool elements of a pool apart. A second registration with the same one renews \
         the first."
    };
    HOME = "Home ENRP Server Identifier" ["pool_element_home_enrp_server_identifier"] {
        "RFC 5354, section 3.10",
        "The registrar that is responsible for this pool element: it watches it and tells the other registrars. 0 in the first \
         registration, when the pool element does not know it yet."
    };
    REGISTRATION_LIFE = "Registration Life" ["pool_element_registration_life"] {
        "RFC 5354, section 3.10",
        "How long the registration is good without being renewed: seconds in the RFC, milliseconds in rsplib, and -1 for ever. A \
         pool element renews it in time; when it is over, the registrar removes the pool element.", "D-01"
    };
    SERVER_INFORMATION = "Server Information" ("", "") {
        "RFC 5354, section 3.11",
        "A registrar: its identifier, and where its peers reach it for ENRP."
    };
    SERVER_IDENTIFIER = "Server Identifier" ("", "enrp.server_information_server_identifier") {
        "RFC 5354, section 3.11",
        "A random number other than 0 that the registrar chose when it started. rsplib lists configured peers that it has not heard \
         yet with 0."
    };
}

/// Adds the value of a Pool Element parameter.
pub(super) fn fill(cursor: &mut Cursor<'_, '_>, protocol: Protocol, position: Position) -> Option<()> {
    let number = cursor.u32(PE_IDENTIFIER.of(protocol), Value::PeIdentifier)?;
    if number == 0 {
        cursor.malformed("0 identifies no pool element.");
    }
    cursor.u32(HOME.of(protocol), Value::RegistrarIdentifier)?;
    cursor.u32(REGISTRATION_LIFE.of(protocol), |life| {
        let life = i64::from(life.cast_signed());
        Value::Signed(life, (life == -1).then_some("infinite"))
    })?;
    let mut transports = 0_u32;
    let mut policies = 0_u32;
    while !cursor.rest().is_empty() {
        let inner = parameter(cursor, protocol)?;
        match inner.kind {
            kind::DCCP_TRANSPORT..=kind::UDP_LITE_TRANSPORT | kind::OPAQUE_TRANSPORT => {
                transports += 1;
                if transports == 2 && inner.kind != kind::SCTP_TRANSPORT {
                    cursor.wrong(inner.position, "The second transport is for ASAP, hence one of SCTP.");
                } else if transports > 2 {
                    cursor.wrong(inner.position, "There are two transports at most.");
                }
            }
            kind::POLICY => {
                policies += 1;
                if transports == 0 {
                    cursor.wrong(inner.position, "The transport of the service should be before the policy.");
                } else if policies > 1 {
                    cursor.wrong(inner.position, "There is one policy only.");
                }
            }
            kind::HANDLE_RESOLUTION_OPTION => cursor.note(
                inner.position,
                NoteKind::Unknown,
                "It has no meaning here; the highest bits 10 of its type demand that a receiver skips it and goes on.",
            ),
            0x01..=0x10 => cursor.wrong(inner.position, "It does not belong into a pool element."),
            _ => {}
        }
    }
    if cursor.is_cut() {
        return None;
    }
    if transports == 0 {
        cursor.wrong(position, "The transport of the service is missing.");
    }
    if policies == 0 {
        cursor.wrong(position, "The policy is missing.");
    }
    Some(())
}

/// Adds the value of a Server Information parameter.
pub(super) fn server_information(
    cursor: &mut Cursor<'_, '_>,
    protocol: Protocol,
    position: Position,
) -> Option<()> {
    cursor.u32(SERVER_IDENTIFIER.of(protocol), Value::RegistrarIdentifier)?;
    let mut transports = 0_u32;
    while !cursor.rest().is_empty() {
        let inner = parameter(cursor, protocol)?;
        match inner.kind {
            kind::SCTP_TRANSPORT => transports += 1,
            0x01..=0x10 => cursor.wrong(inner.position, "A registrar is reached by SCTP only."),
            _ => {}
        }
    }
    if cursor.is_cut() {
        return None;
    }
    if transports == 0 {
        cursor.wrong(position, "The transport of the registrar is missing.");
    } else if transports > 1 {
        cursor.wrong(position, "There is more than one transport.");
    }
    Some(())
}
