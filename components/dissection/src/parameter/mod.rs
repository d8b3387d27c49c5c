//! The parameters of ASAP and ENRP (RFC 5354).

mod operation_error;
mod policy;
mod pool_element;
mod transport;

use crate::cursor::{Cursor, Position};
use crate::term::{Protocol, Shared, shared_terms};
use crate::{NoteKind, Value, state_cookie};

shared_terms! {
    UNKNOWN_PARAMETER = "Unknown parameter" {
        "RFC 5354, section 3",
        "The two highest bits of a parameter type tell a receiver that does not know it whether to go on without it or to stop, \
         and whether to report it. That is how both protocols can be extended."
    };
    TYPE = "Parameter Type" ["parameter_type"] {
        "RFC 5354, section 3",
        "Says what the value is. Its two highest bits tell what to do with an unknown type: 00 and 01 stop, 10 and 11 skip; 01 \
         and 11 report it to the sender."
    };
    LENGTH = "Parameter Length" ["parameter_length"] {
        "RFC 5354, section 3",
        "The bytes of type, length and value, without the padding behind. A receiver steps over a parameter by this length, \
         rounded up to a multiple of 4."
    };
    VALUE = "Parameter Value" ["parameter_value"];
    PADDING = "Padding" ["parameter_padding"] {
        "RFC 5354, section 3",
        "Zero bytes, three at most, so that the next parameter begins at a multiple of 4. They are not counted in the length, and \
         ignored when received."
    };
    POOL_HANDLE = "Pool Handle" {
        "RFC 5354, section 3.9",
        "The name of a pool: any bytes, compared byte by byte. A scope has one flat set of them; all pool elements that register \
         with the same handle can replace each other.", "D-18"
    };
    HANDLE = "Pool Handle value" ["pool_handle_pool_handle"] {
        "RFC 5354, section 3.9",
        "Not necessarily text, and without a terminator; its length is that of the parameter less 4. It must not be empty."
    };
    COOKIE_PARAMETER = "Cookie" {
        "RFC 5354, section 3.13",
        "The state of a session in a form that only the service knows. The pool user keeps the last one and does not look into it."
    };
    COOKIE = "Cookie value" ["cookie"] {
        "RFC 5354, section 3.13",
        "ASAP does not interpret it. It should be signed by the pool element, since it passes through the hands of pool users."
    };
    PE_IDENTIFIER_PARAMETER = "PE Identifier" {
        "RFC 5354, section 3.14",
        "Names one pool element within the pool of the handle before it."
    };
    PE_IDENTIFIER = "PE Identifier value" ["pe_identifier"] {
        "RFC 5354, section 3.14",
        "A random number other than 0 that a pool element chooses when it starts, and keeps for all its registrations."
    };
    PE_CHECKSUM_PARAMETER = "PE Checksum" {
        "RFC 5354, section 3.15",
        "A digest of the pool elements that the sender is home registrar of. The peer compares it with its own copy, and asks for \
         a handle table if they differ."
    };
    PE_CHECKSUM = "PE Checksum value" ["pe_checksum"] {
        "RFC 5353, section 3.6.2",
        "The checksum of RFC 1071 over pool handle and PE identifier of all these pool elements. It does not depend on their order, \
         hence a change can be added to it without computing it anew."
    };
    OPAQUE = "Opaque Transport Address" {
        "RFC 5354, section 3.16",
        "An address of a kind that only the service and its users know; registrars pass it on.", "D-20"
    };
    HANDLE_RESOLUTION_OPTION = "Handle Resolution Option" {
        "rsplib",
        "An extension of rsplib by which a pool user says how many pool elements it wants. Its type begins with 10, hence \
         registrars that do not know it skip it.", "D-04"
    };
    ITEMS = "Items" ("asap.hropt_items", "") {
        "rsplib",
        "The largest number of pool elements in the answer. 0 leaves it to the registrar; rsplib's gives 3 then, and never more \
         than 128.", "D-04"
    };
}

/// The types of parameters.
pub(crate) mod kind {
    pub(crate) const IPV4_ADDRESS: u16 = 0x01;
    pub(crate) const IPV6_ADDRESS: u16 = 0x02;
    pub(crate) const DCCP_TRANSPORT: u16 = 0x03;
    pub(crate) const SCTP_TRANSPORT: u16 = 0x04;
    pub(crate) const TCP_TRANSPORT: u16 = 0x05;
    pub(crate) const UDP_TRANSPORT: u16 = 0x06;
    pub(crate) const UDP_LITE_TRANSPORT: u16 = 0x07;
    pub(crate) const POLICY: u16 = 0x08;
    pub(crate) const POOL_HANDLE: u16 = 0x09;
    pub(crate) const POOL_ELEMENT: u16 = 0x0a;
    pub(crate) const SERVER_INFORMATION: u16 = 0x0b;
    pub(crate) const OPERATION_ERROR: u16 = 0x0c;
    pub(crate) const COOKIE: u16 = 0x0d;
    pub(crate) const PE_IDENTIFIER: u16 = 0x0e;
    pub(crate) const PE_CHECKSUM: u16 = 0x0f;
    pub(crate) const OPAQUE_TRANSPORT: u16 = 0x10;
    pub(crate) const HANDLE_RESOLUTION_OPTION: u16 = 0x803f;
}

/// Which parameters a message has.
pub(crate) struct Expected {
    /// Those that must be there.
    pub(crate) required: &'static [u16],
    /// Those that may be there.
    pub(crate) optional: &'static [u16],
    /// Which of them may be there several times.
    pub(crate) several: &'static [u16],
}

impl Expected {
    /// No parameters at all.
    pub(crate) const NONE: Self = Self::only(&[]);

    /// These, once each.
    pub(crate) const fn only(required: &'static [u16]) -> Self {
        Self {
            required,
            optional: &[],
            several: &[],
        }
    }
}

/// The parameters that a message has.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The first one of each type, in the order of [`slot`].
    first: [Option<u32>; SLOTS],
    /// The end of the last one, without its padding.
    pub(crate) end: usize,
    /// The end of the padding behind it.
    pub(crate) padded_end: usize,
}

impl Seen {
    /// Returns the position of the first parameter of this type.
    pub(crate) fn first(&self, kind: u16) -> Option<Position> {
        let first = self.first.get(slot(kind)?)?;
        first.map(|position| position as Position)
    }

    fn take(&mut self, parameter: &Parameter) {
        if let Some(first) = slot(parameter.kind).and_then(|slot| self.first.get_mut(slot)) {
            first.get_or_insert(parameter.position as u32);
        }
        self.end = parameter.end;
        self.padded_end = parameter.end.next_multiple_of(4);
    }
}

const SLOTS: usize = 18;

/// Returns where [`Seen`] has the parameters of this type.
fn slot(kind: u16) -> Option<usize> {
    match kind {
        kind::HANDLE_RESOLUTION_OPTION => Some(0),
        0x01..=0x10 => Some(kind.into()),
        _ => None,
    }
}

/// A parameter that was added.
#[derive(Debug)]
pub(crate) struct Parameter {
    /// Its type.
    pub(crate) kind: u16,
    /// Its position.
    pub(crate) position: Position,
    /// Its end without padding, counted from the same byte as the ends of its message.
    end: usize,
}

/// Adds all parameters that are left, and says which of them should not be there, or are missing.
pub(crate) fn parameters(
    cursor: &mut Cursor<'_, '_>,
    protocol: Protocol,
    owner: Position,
    expected: &Expected,
) -> Option<Seen> {
    let mut seen = Seen {
        end: cursor.at(),
        padded_end: cursor.at(),
        ..Seen::default()
    };
    while !cursor.rest().is_empty() {
        let parameter = parameter(cursor, protocol)?;
        let Parameter { kind, position, .. } = parameter;
        let has_meaning = expected.required.contains(&kind) || expected.optional.contains(&kind);
        if slot(kind).is_some() && !has_meaning {
            cursor.note(position, NoteKind::Unknown, misplaced(kind));
        } else if seen.first(kind).is_some() && !expected.several.contains(&kind) {
            cursor.note(
                position,
                NoteKind::Remark,
                "It is there for the second time; a receiver takes the first.",
            );
        }
        seen.take(&parameter);
    }
    if cursor.is_cut() {
        return None;
    }
    for &kind in expected.required {
        if seen.first(kind).is_none() {
            cursor.wrong(owner, missing(kind));
        }
    }
    Some(seen)
}

/// Adds a parameter with its padding.
pub(crate) fn parameter(cursor: &mut Cursor<'_, '_>, protocol: Protocol) -> Option<Parameter> {
    let begin = cursor.at();
    let kind = cursor.peek().map_or(0, u16::from_be_bytes);
    let known = shared_of(kind);
    let position = cursor.next();
    let length = cursor.framed(
        known.unwrap_or(&UNKNOWN_PARAMETER).of(protocol),
        PADDING.of(protocol),
        |head| {
            let name = known.map(|shared| shared.of(protocol).label);
            head.u16(TYPE.of(protocol), |kind| Value::Hexadecimal(kind.into(), 4, name))?;
            if known.is_none() {
                head.note(head.last(), NoteKind::Unknown, unknown(kind));
            }
            head.u16(LENGTH.of(protocol), |length| Value::Unsigned(length.into(), None))
        },
        |value, _| value.nested(|value| fill(value, protocol, kind, position)),
    )?;
    Some(Parameter {
        kind,
        position,
        end: begin + length,
    })
}

fn fill(cursor: &mut Cursor<'_, '_>, protocol: Protocol, kind: u16, position: Position) -> Option<()> {
    let unsigned = |number: u32| Value::Unsigned(number.into(), None);
    match kind {
        kind::IPV4_ADDRESS | kind::IPV6_ADDRESS => transport::address(cursor, protocol, kind),
        kind::DCCP_TRANSPORT..=kind::UDP_LITE_TRANSPORT => transport::fill(cursor, protocol, kind, position),
        kind::POLICY => policy::fill(cursor, protocol),
        kind::POOL_HANDLE => {
            let is_empty = cursor.left() == 0;
            cursor.remaining(HANDLE.of(protocol), Value::Text);
            if is_empty {
                cursor.malformed("A pool handle must not be empty.");
            }
            Some(())
        }
        kind::POOL_ELEMENT => pool_element::fill(cursor, protocol, position),
        kind::SERVER_INFORMATION => pool_element::server_information(cursor, protocol, position),
        kind::OPERATION_ERROR => operation_error::fill(cursor, protocol),
        kind::COOKIE => {
            state_cookie::fill(cursor, COOKIE.of(protocol));
            Some(())
        }
        kind::PE_IDENTIFIER => cursor
            .u32(PE_IDENTIFIER.of(protocol), Value::PeIdentifier)
            .map(|_| ()),
        kind::PE_CHECKSUM => cursor
            .u16(PE_CHECKSUM.of(protocol), |sum| {
                Value::Hexadecimal(sum.into(), 4, None)
            })
            .map(|_| ()),
        kind::HANDLE_RESOLUTION_OPTION => cursor.u32(ITEMS.of(protocol), unsigned).map(|_| ()),
        _ => {
            if cursor.left() > 0 {
                cursor.remaining(VALUE.of(protocol), Value::Bytes);
            }
            Some(())
        }
    }
}

fn shared_of(kind: u16) -> Option<&'static Shared> {
    Some(match kind {
        kind::IPV4_ADDRESS => &transport::IPV4_PARAMETER,
        kind::IPV6_ADDRESS => &transport::IPV6_PARAMETER,
        kind::DCCP_TRANSPORT => &transport::DCCP,
        kind::SCTP_TRANSPORT => &transport::SCTP,
        kind::TCP_TRANSPORT => &transport::TCP,
        kind::UDP_TRANSPORT => &transport::UDP,
        kind::UDP_LITE_TRANSPORT => &transport::UDP_LITE,
        kind::POLICY => &policy::POLICY,
        kind::POOL_HANDLE => &POOL_HANDLE,
        kind::POOL_ELEMENT => &pool_element::POOL_ELEMENT,
        kind::SERVER_INFORMATION => &pool_element::SERVER_INFORMATION,
        kind::OPERATION_ERROR => &operation_error::OPERATION_ERROR,
        kind::COOKIE => &COOKIE_PARAMETER,
        kind::PE_IDENTIFIER => &PE_IDENTIFIER_PARAMETER,
        kind::PE_CHECKSUM => &PE_CHECKSUM_PARAMETER,
        kind::OPAQUE_TRANSPORT => &OPAQUE,
        kind::HANDLE_RESOLUTION_OPTION => &HANDLE_RESOLUTION_OPTION,
        _ => return None,
    })
}

/// Says what is to be done with a parameter of this unknown type.
const fn unknown(kind: u16) -> &'static str {
    match kind >> 14 {
        0b00 => {
            "Unknown type; its highest bits 00 demand that a receiver discards the whole message silently."
        }
        0b01 => {
            "Unknown type; its highest bits 01 demand that a receiver discards the whole message and reports the parameter with \
             the cause Unrecognized Parameter."
        }
        0b10 => "Unknown type; its highest bits 10 demand that a receiver skips the parameter and goes on.",
        _ => {
            "Unknown type; its highest bits 11 demand that a receiver skips the parameter, goes on, and reports it with the cause \
             Unrecognized Parameter. rsplib does not report it (D-27)."
        }
    }
}

/// Says what is to be done with a parameter of a known type where it has no meaning.
const fn misplaced(kind: u16) -> &'static str {
    match kind {
        kind::HANDLE_RESOLUTION_OPTION => {
            "It has no meaning here; the highest bits 10 of its type demand that a receiver skips it and goes on."
        }
        _ => {
            "It has no meaning here; the highest bits 00 of its type demand that a receiver discards the whole message silently."
        }
    }
}

/// Says that a parameter of this type is missing.
const fn missing(kind: u16) -> &'static str {
    match kind {
        kind::POOL_HANDLE => "The parameter Pool Handle is missing.",
        kind::POOL_ELEMENT => "The parameter Pool Element is missing.",
        kind::PE_IDENTIFIER => "The parameter PE Identifier is missing.",
        kind::OPERATION_ERROR => "The parameter Operation Error is missing.",
        kind::COOKIE => "The parameter Cookie is missing.",
        kind::POLICY => "The parameter Pool Member Selection Policy is missing.",
        _ => "A parameter that must be there is missing.",
    }
}
