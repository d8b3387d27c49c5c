//! The causes in ABORT and ERROR chunks (RFC 9260 section 3.3.10, RFC 4895, RFC 5061).

use crate::cursor::Cursor;
use crate::sctp::parameter::{self, hmac_name, parameters};
use crate::sctp::{chunk, unsigned, unsigned16};
use crate::term::terms;
use crate::{NoteKind, Term, Value};

terms! {
    UNKNOWN = "Unknown cause" {
        "RFC 9260, section 3.3.10", "A cause without a meaning that is known here. A receiver ignores it."
    };
    CODE = "Cause Code" ["sctp.cause_code"] {
        "RFC 9260, section 3.3.10", "Says what is wrong."
    };
    LENGTH = "Cause Length" ["sctp.cause_length"] {
        "RFC 9260, section 3.3.10", "The bytes of code, length and information, without the padding behind."
    };
    INFORMATION = "Cause Information" ["sctp.cause_information"];
    PADDING = "Cause Padding" ["sctp.cause_padding"] {
        "RFC 9260, section 3.3.10", "Zero bytes, three at most, so that the next cause begins at a multiple of 4."
    };
    INVALID_STREAM = "Invalid Stream Identifier" {
        "RFC 9260, section 3.3.10.1", "A DATA chunk came on a stream that does not exist. It is acknowledged, but not delivered."
    };
    STREAM = "Stream Identifier" ["sctp.cause_stream_identifier"] {
        "RFC 9260, section 3.3.10.1", "The stream that does not exist."
    };
    RESERVED = "Reserved" ["sctp.cause_reserved"];
    MISSING = "Missing Mandatory Parameter" {
        "RFC 9260, section 3.3.10.2", "Parameters that must be in an INIT or INIT ACK were not there."
    };
    MISSING_COUNT = "Number of missing parameters" ["sctp.cause_nr_of_missing_parameters"];
    MISSING_TYPE = "Missing Parameter Type" ["sctp.cause_missing_parameter_type"] {
        "RFC 9260, section 3.3.10.2", "The type of a parameter that was not there."
    };
    STALE = "Stale Cookie" {
        "RFC 9260, section 3.3.10.3", "The cookie was returned too late. The peer may ask for one that is good for longer."
    };
    STALENESS = "Measure of Staleness" ["sctp.cause_measure_of_staleness"] {
        "RFC 9260, section 3.3.10.3", "By how many microseconds it was too late."
    };
    NO_RESOURCES = "Out of Resource" {
        "RFC 9260, section 3.3.10.4", "The sender has no room for an association."
    };
    UNRESOLVABLE = "Unresolvable Address" {
        "RFC 9260, section 3.3.10.5", "The sender cannot use an address of this kind."
    };
    UNRECOGNIZED_CHUNK = "Unrecognized Chunk Type" {
        "RFC 9260, section 3.3.10.6", "Returns a chunk that the sender does not know, and whose highest bits demanded a report."
    };
    INVALID_MANDATORY = "Invalid Mandatory Parameter" {
        "RFC 9260, section 3.3.10.7", "A value in an INIT or INIT ACK is not allowed."
    };
    UNRECOGNIZED_PARAMETERS = "Unrecognized Parameters" {
        "RFC 9260, section 3.3.10.8", "Returns parameters of the INIT ACK that the sender does not know."
    };
    NO_DATA = "No User Data" {
        "RFC 9260, section 3.3.10.9", "A DATA chunk carried nothing."
    };
    EMPTY_TSN = "TSN" ["sctp.cause_tsn"] {
        "RFC 9260, section 3.3.10.9", "The TSN of the DATA chunk that carried nothing."
    };
    SHUTTING_DOWN = "Cookie Received While Shutting Down" {
        "RFC 9260, section 3.3.10.10", "The old association is not closed yet."
    };
    RESTART = "Restart of an Association with New Addresses" {
        "RFC 9260, section 3.3.10.11", "Somebody tried to restart the association from addresses that it did not have: it may be an \
         attack."
    };
    USER_ABORT = "User-Initiated Abort" {
        "RFC 9260, section 3.3.10.12", "The service wanted it so; it may say why."
    };
    VIOLATION = "Protocol Violation" {
        "RFC 9260, section 3.3.10.13", "The peer did what no rule allows."
    };
    DELETE_LAST = "Request to Delete Last Remaining IP Address" {
        "RFC 5061, section 4.3.1", "An association needs an address."
    };
    ADDRESS_RESOURCES = "Operation Refused Due to Resource Shortage" {
        "RFC 5061, section 4.3.2", "There is no room for another address."
    };
    DELETE_SOURCE = "Request to Delete Source IP Address" {
        "RFC 5061, section 4.3.3", "The address to be deleted is the one that the request came from."
    };
    ILLEGAL_ACK = "Association Aborted Due to Illegal ASCONF-ACK" {
        "RFC 5061, section 4.3.4", "The peer acknowledged an ASCONF that was never sent."
    };
    NO_AUTHORIZATION = "Request Refused - No Authorization" {
        "RFC 5061, section 4.3.5", "The sender does not allow this change."
    };
    UNSUPPORTED_HMAC = "Unsupported HMAC Identifier" {
        "RFC 4895, section 5", "An AUTH chunk used a hash function that was not offered."
    };
    HMAC = "HMAC Identifier" ["sctp.hmac_id"] {
        "RFC 4895, section 5", "The hash function that is not supported."
    };
}

/// Adds all causes that are left.
pub(super) fn causes(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    while !cursor.rest().is_empty() {
        cause(cursor)?;
    }
    Some(())
}

fn cause(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    let known = cursor.peek().and_then(|code| term(u16::from_be_bytes(code)));
    cursor.framed(
        known.unwrap_or(&UNKNOWN),
        &PADDING,
        |head| {
            let name = known.map(|term| term.label);
            let code = head.u16(&CODE, |code| Value::Hexadecimal(code.into(), 4, name))?;
            if known.is_none() {
                head.note(
                    head.last(),
                    NoteKind::Unknown,
                    "Unknown cause; a receiver ignores it.",
                );
            }
            head.u16(&LENGTH, unsigned16)?;
            Some(code)
        },
        fill,
    )?;
    Some(())
}

fn fill(cursor: &mut Cursor<'_, '_>, code: u16) -> Option<()> {
    match code {
        1 => {
            cursor.u16(&STREAM, unsigned16)?;
            cursor.u16(&RESERVED, unsigned16)?;
        }
        2 => {
            let count = cursor.u32(&MISSING_COUNT, unsigned)?;
            if u64::from(count) * 2 != cursor.left() as u64 {
                cursor.malformed("The types that follow are not as many.");
            }
            while cursor.left() > 0 {
                cursor.u16(&MISSING_TYPE, |kind| {
                    Value::Hexadecimal(kind.into(), 4, parameter::name(kind))
                })?;
            }
        }
        3 => {
            cursor.u32(&STALENESS, unsigned)?;
        }
        5 | 8 | 11 | 0xa0 | 0xa1 | 0xa2 | 0xa4 => {
            cursor.quote(|inner| parameters(inner).map(|_| ()))?;
        }
        6 => {
            cursor.quote(|inner| {
                while !inner.rest().is_empty() {
                    chunk::chunk(inner)?;
                }
                Some(())
            })?;
        }
        9 => {
            cursor.u32(&EMPTY_TSN, unsigned)?;
        }
        0x105 => {
            cursor.u16(&HMAC, |number| Value::Unsigned(number.into(), hmac_name(number)))?;
        }
        _ if cursor.left() > 0 => {
            cursor.remaining(&INFORMATION, Value::Bytes);
        }
        _ => {}
    }
    Some(())
}

fn term(code: u16) -> Option<&'static Term> {
    Some(match code {
        1 => &INVALID_STREAM,
        2 => &MISSING,
        3 => &STALE,
        4 => &NO_RESOURCES,
        5 => &UNRESOLVABLE,
        6 => &UNRECOGNIZED_CHUNK,
        7 => &INVALID_MANDATORY,
        8 => &UNRECOGNIZED_PARAMETERS,
        9 => &NO_DATA,
        10 => &SHUTTING_DOWN,
        11 => &RESTART,
        12 => &USER_ABORT,
        13 => &VIOLATION,
        0xa0 => &DELETE_LAST,
        0xa1 => &ADDRESS_RESOURCES,
        0xa2 => &DELETE_SOURCE,
        0xa3 => &ILLEGAL_ACK,
        0xa4 => &NO_AUTHORIZATION,
        0x105 => &UNSUPPORTED_HMAC,
        _ => return None,
    })
}
