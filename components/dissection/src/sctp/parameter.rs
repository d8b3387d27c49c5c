//! The parameters of SCTP's chunks (RFC 9260, RFC 3758, RFC 4895, RFC 5061, RFC 6525, RFC 9653).

use crate::cursor::Cursor;
use crate::sctp::{cause, chunk, reconfiguration, unsigned, unsigned16};
use crate::term::terms;
use crate::{NoteKind, Term, Value};

terms! {
    UNKNOWN = "Unknown parameter" {
        "RFC 9260, section 3.2.1",
        "The two highest bits of a parameter type tell a receiver that does not know it whether to go on with the chunk, and \
         whether to report it."
    };
    TYPE = "Parameter Type" ["sctp.parameter_type"] {
        "RFC 9260, section 3.2.1", "Says what the value is."
    };
    BIT_1 = "Skip if unknown" ["sctp.parameter_bit_1"] {
        "RFC 9260, section 3.2.1", "Whether a receiver that does not know the type goes on with the next parameter."
    };
    BIT_2 = "Report if unknown" ["sctp.parameter_bit_2"] {
        "RFC 9260, section 3.2.1", "Whether a receiver that does not know the type reports it to the sender."
    };
    LENGTH = "Parameter Length" ["sctp.parameter_length"] {
        "RFC 9260, section 3.2.1", "The bytes of type, length and value, without the padding behind."
    };
    VALUE = "Parameter Value" ["sctp.parameter_value"];
    PADDING = "Parameter Padding" ["sctp.parameter_padding"] {
        "RFC 9260, section 3.2.1", "Zero bytes, three at most, so that the next parameter begins at a multiple of 4."
    };
    HEARTBEAT_INFO = "Heartbeat Info" {
        "RFC 9260, section 3.3.5", "Only its sender knows what is in it: usually when it was sent, and to which address."
    };
    HEARTBEAT_INFORMATION = "Heartbeat Information" ["sctp.parameter_heartbeat_information"] {
        "RFC 9260, section 3.3.5", "Returned byte by byte; the peer does not interpret it."
    };
    IPV4 = "IPv4 Address" {
        "RFC 9260, section 3.3.2.1", "An address of the sender. An association has all addresses of both ends, so that it survives \
         the loss of a path."
    };
    IPV4_VALUE = "IPv4 Address value" ["sctp.parameter_ipv4_address"];
    IPV6 = "IPv6 Address" {
        "RFC 9260, section 3.3.2.1", "An address of the sender. An association has all addresses of both ends, so that it survives \
         the loss of a path."
    };
    IPV6_VALUE = "IPv6 Address value" ["sctp.parameter_ipv6_address"];
    STATE_COOKIE = "State Cookie" {
        "RFC 9260, section 3.3.3.1",
        "All that the sender must know of the association, signed by it. It keeps nothing in memory until the cookie comes back."
    };
    STATE_COOKIE_VALUE = "State Cookie value" ["sctp.parameter_state_cookie"] {
        "RFC 9260, section 3.3.3.1", "Returned byte by byte in COOKIE ECHO; the peer does not interpret it."
    };
    UNRECOGNIZED = "Unrecognized Parameter" {
        "RFC 9260, section 3.3.3.1", "Returns a parameter of the INIT that the sender did not know."
    };
    PRESERVATIVE = "Cookie Preservative" {
        "RFC 9260, section 3.3.2.1", "Asks for a State Cookie that is good for longer, since the last one was stale on arrival."
    };
    INCREMENT = "Suggested Cookie Life-Span Increment" ["sctp.parameter_cookie_preservative_incr"] {
        "RFC 9260, section 3.3.2.1", "By how many milliseconds."
    };
    HOST_NAME = "Host Name Address" {
        "RFC 9260, section 3.3.2.1", "A name instead of addresses. It is no longer allowed; a receiver aborts."
    };
    HOST_NAME_VALUE = "Host Name" ["sctp.parameter_hostname"];
    ADDRESS_TYPES = "Supported Address Types" {
        "RFC 9260, section 3.3.2.1", "Which kinds of addresses the sender can use. The peer answers with such addresses only."
    };
    ADDRESS_TYPE = "Address Type" ["sctp.parameter_supported_address_type"] {
        "RFC 9260, section 3.3.2.1", "The parameter type of an address that the sender can use."
    };
    ECN = "ECN" {
        "RFC 4960, appendix A", "The sender can use explicit congestion notification."
    };
    FORWARD_TSN = "Forward TSN Supported" {
        "RFC 3758, section 3.1", "The sender can give messages up, and understands it if the peer does."
    };
    ZERO_CHECKSUM = "Zero Checksum Acceptable" {
        "RFC 9653, section 4", "The sender accepts packets without checksum, since something else protects them already."
    };
    ALTERNATE_METHOD = "Error Detection Method Identifier" {
        "RFC 9653, section 4", "What protects the packets instead."
    };
    RANDOM = "Random" {
        "RFC 4895, section 3.1", "Becomes a part of the keys by which chunks are authenticated."
    };
    RANDOM_NUMBER = "Random Number" ["sctp.random_number"] {
        "RFC 4895, section 3.1", "32 bytes, new for each association."
    };
    CHUNK_LIST = "Chunk List" {
        "RFC 4895, section 3.2", "Which chunks the sender accepts only if they are authenticated."
    };
    CHUNK_TO_AUTHENTICATE = "Chunk Type" ["sctp.chunk_type_to_auth"] {
        "RFC 4895, section 3.2", "A chunk that is dropped unless it is authenticated."
    };
    HMAC_ALGORITHMS = "Requested HMAC Algorithm" {
        "RFC 4895, section 3.3", "Which hash functions the sender can use, the best one first."
    };
    HMAC_IDENTIFIER = "HMAC Identifier" ["sctp.hmac_id"] {
        "RFC 4895, section 3.3", "A hash function that the sender can use."
    };
    PAD = "Padding" {
        "RFC 4820, section 4", "Makes the INIT larger. A receiver ignores it."
    };
    PADDING_DATA = "Padding Data" ["sctp.parameter_value"];
    EXTENSIONS = "Supported Extensions" {
        "RFC 5061, section 4.2.7", "Which chunks of extensions the sender understands."
    };
    EXTENSION = "Chunk Type" ["sctp.supported_chunk_type"] {
        "RFC 5061, section 4.2.7", "A chunk that the sender understands."
    };
    ADD_ADDRESS = "Add IP Address" {
        "RFC 5061, section 4.2.1", "The sender is reached at this address, too."
    };
    DELETE_ADDRESS = "Delete IP Address" {
        "RFC 5061, section 4.2.2", "The sender is no longer reached at this address."
    };
    ERROR_CAUSE = "Error Cause Indication" {
        "RFC 5061, section 4.2.3", "A change was refused; the causes say why."
    };
    SET_PRIMARY = "Set Primary IP Address" {
        "RFC 5061, section 4.2.4", "The peer should send to this address."
    };
    SUCCESS = "Success Indication" {
        "RFC 5061, section 4.2.5", "A change was made."
    };
    ADAPTATION = "Adaptation Layer Indication" {
        "RFC 5061, section 4.2.6", "What is between SCTP and the service at the sender's end."
    };
    INDICATION = "Adaptation Code Point" ["sctp.adaptation_layer_indication"];
    CORRELATION = "Correlation ID" ["sctp.correlation_id"] {
        "RFC 5061, section 4.2.1", "Tells the changes of an ASCONF apart in the answer."
    };
    OUTGOING_RESET = "Outgoing SSN Reset Request" {
        "RFC 6525, section 4.1", "The sender's streams begin at 0 again."
    };
    INCOMING_RESET = "Incoming SSN Reset Request" {
        "RFC 6525, section 4.2", "The peer should let its streams begin at 0 again."
    };
    TSN_RESET = "SSN/TSN Reset Request" {
        "RFC 6525, section 4.3", "All numbers of the association begin anew, in both directions."
    };
    RESPONSE = "Re-configuration Response" {
        "RFC 6525, section 4.4", "Tells what has become of a request."
    };
    ADD_OUTGOING = "Add Outgoing Streams Request" {
        "RFC 6525, section 4.5", "The sender wants to send on more streams."
    };
    ADD_INCOMING = "Add Incoming Streams Request" {
        "RFC 6525, section 4.6", "The peer should send on more streams."
    };
}

/// The types of parameters that are mentioned elsewhere.
pub(super) mod kind {
    pub(in crate::sctp) const OUTGOING_RESET: u16 = 13;
    pub(in crate::sctp) const INCOMING_RESET: u16 = 14;
    pub(in crate::sctp) const TSN_RESET: u16 = 15;
    pub(in crate::sctp) const RESPONSE: u16 = 16;
    pub(in crate::sctp) const ADD_OUTGOING: u16 = 17;
    pub(in crate::sctp) const ADD_INCOMING: u16 = 18;
}

/// Which parameters there were, as far as anybody asks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen(u32);

impl Seen {
    /// The State Cookie.
    pub(super) const STATE_COOKIE: u16 = 7;

    /// Returns whether there was a parameter of this type, which is below 32.
    pub(super) fn contains(self, kind: u16) -> bool {
        self.0.checked_shr(kind.into()).is_some_and(|bits| bits & 1 != 0)
    }

    fn take(&mut self, kind: u16) {
        self.0 |= 1_u32.checked_shl(kind.into()).unwrap_or_default();
    }
}

/// Adds all parameters that are left.
pub(super) fn parameters(cursor: &mut Cursor<'_, '_>) -> Option<Seen> {
    let mut seen = Seen::default();
    while !cursor.rest().is_empty() {
        seen.take(parameter(cursor)?);
    }
    Some(seen)
}

/// Adds a parameter with its padding, as far as it is there. Returns its type.
fn parameter(cursor: &mut Cursor<'_, '_>) -> Option<u16> {
    let kind = cursor.peek().map_or(0, u16::from_be_bytes);
    let known = term(kind);
    cursor.framed(
        known.unwrap_or(&UNKNOWN),
        &PADDING,
        |head| header(head, known),
        |value, kind| value.nested(|value| fill(value, kind)),
    )?;
    Some(kind)
}

/// Adds type and length. Returns the type.
fn header(cursor: &mut Cursor<'_, '_>, known: Option<&Term>) -> Option<u16> {
    let name = known.map(|term| term.label);
    let kind = cursor.u16(&TYPE, |kind| Value::Hexadecimal(kind.into(), 4, name))?;
    if known.is_none() {
        cursor.note(cursor.last(), NoteKind::Unknown, demand(kind));
    }
    cursor.bits((kind >> 8) as u8, 2, &[(0x80, &BIT_1), (0x40, &BIT_2)]);
    cursor.u16(&LENGTH, unsigned16)?;
    Some(kind)
}

fn fill(cursor: &mut Cursor<'_, '_>, kind: u16) -> Option<()> {
    match kind {
        5 => cursor.ipv4(&IPV4_VALUE).map(|_| ()),
        6 => cursor.ipv6(&IPV6_VALUE).map(|_| ()),
        8 => cursor.quote(|inner| parameters(inner).map(|_| ())),
        9 => cursor.u32(&INCREMENT, unsigned).map(|_| ()),
        12 => list16(cursor, &ADDRESS_TYPE, address_name),
        kind::OUTGOING_RESET..=kind::ADD_INCOMING => reconfiguration::fill(cursor, kind),
        0x8001 => cursor
            .u32(&ALTERNATE_METHOD, |method| {
                let name = (method == 1).then_some("SCTP over DTLS");
                Value::Unsigned(method.into(), name)
            })
            .map(|_| ()),
        0x8003 => list8(cursor, &CHUNK_TO_AUTHENTICATE),
        0x8004 => list16(cursor, &HMAC_IDENTIFIER, hmac_name),
        0x8008 => list8(cursor, &EXTENSION),
        0xc001 | 0xc002 | 0xc004 => {
            cursor.u32(&CORRELATION, unsigned)?;
            parameters(cursor).map(|_| ())
        }
        0xc003 => {
            cursor.u32(&CORRELATION, unsigned)?;
            cause::causes(cursor)
        }
        0xc005 => cursor.u32(&CORRELATION, unsigned).map(|_| ()),
        0xc006 => cursor
            .u32(&INDICATION, |code| Value::Hexadecimal(code.into(), 8, None))
            .map(|_| ()),
        _ => {
            let (term, value) = match kind {
                1 => (&HEARTBEAT_INFORMATION, Value::Bytes),
                7 => (&STATE_COOKIE_VALUE, Value::Bytes),
                11 => (&HOST_NAME_VALUE, Value::Text),
                0x8002 => (&RANDOM_NUMBER, Value::Bytes),
                0x8005 => (&PADDING_DATA, Value::Bytes),
                _ => (&VALUE, Value::Bytes),
            };
            if cursor.left() > 0 {
                cursor.remaining(term, value);
            }
            Some(())
        }
    }
}

fn list8(cursor: &mut Cursor<'_, '_>, term: &'static Term) -> Option<()> {
    while cursor.left() > 0 {
        cursor.u8(term, |number| Value::Unsigned(number.into(), chunk::name(number)))?;
    }
    Some(())
}

fn list16(
    cursor: &mut Cursor<'_, '_>,
    term: &'static Term,
    name: fn(u16) -> Option<&'static str>,
) -> Option<()> {
    while cursor.left() > 0 {
        cursor.u16(term, |number| Value::Unsigned(number.into(), name(number)))?;
    }
    Some(())
}

const fn address_name(kind: u16) -> Option<&'static str> {
    match kind {
        5 => Some("IPv4"),
        6 => Some("IPv6"),
        11 => Some("host name"),
        _ => None,
    }
}

/// Returns the name of an HMAC (RFC 4895 section 8).
pub(super) const fn hmac_name(number: u16) -> Option<&'static str> {
    match number {
        1 => Some("SHA-1"),
        3 => Some("SHA-256"),
        _ => None,
    }
}

/// Returns the name of a parameter type.
pub(super) fn name(kind: u16) -> Option<&'static str> {
    term(kind).map(|term| term.label)
}

/// Says what a receiver does with a parameter of this unknown type.
const fn demand(kind: u16) -> &'static str {
    match kind >> 14 {
        0b00 => "Unknown type; its highest bits 00 demand that a receiver drops the rest of the chunk.",
        0b01 => {
            "Unknown type; its highest bits 01 demand that a receiver drops the rest of the chunk and reports the parameter."
        }
        0b10 => "Unknown type; its highest bits 10 demand that a receiver skips the parameter and goes on.",
        _ => {
            "Unknown type; its highest bits 11 demand that a receiver skips the parameter, goes on, and reports it."
        }
    }
}

fn term(kind: u16) -> Option<&'static Term> {
    Some(match kind {
        1 => &HEARTBEAT_INFO,
        5 => &IPV4,
        6 => &IPV6,
        7 => &STATE_COOKIE,
        8 => &UNRECOGNIZED,
        9 => &PRESERVATIVE,
        11 => &HOST_NAME,
        12 => &ADDRESS_TYPES,
        kind::OUTGOING_RESET => &OUTGOING_RESET,
        kind::INCOMING_RESET => &INCOMING_RESET,
        kind::TSN_RESET => &TSN_RESET,
        kind::RESPONSE => &RESPONSE,
        kind::ADD_OUTGOING => &ADD_OUTGOING,
        kind::ADD_INCOMING => &ADD_INCOMING,
        0x8000 => &ECN,
        0x8001 => &ZERO_CHECKSUM,
        0x8002 => &RANDOM,
        0x8003 => &CHUNK_LIST,
        0x8004 => &HMAC_ALGORITHMS,
        0x8005 => &PAD,
        0x8008 => &EXTENSIONS,
        0xc000 => &FORWARD_TSN,
        0xc001 => &ADD_ADDRESS,
        0xc002 => &DELETE_ADDRESS,
        0xc003 => &ERROR_CAUSE,
        0xc004 => &SET_PRIMARY,
        0xc005 => &SUCCESS,
        0xc006 => &ADAPTATION,
        _ => return None,
    })
}
