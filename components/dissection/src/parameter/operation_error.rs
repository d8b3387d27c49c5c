//! The Operation Error parameter and its causes (RFC 5354 section 3.12).

use wire::parameter::CauseCode;

use crate::cursor::{Cursor, Position};
use crate::parameter::parameter;
use crate::term::{Protocol, Shared, shared_terms};
use crate::{NoteKind, Value, frame};

shared_terms! {
    OPERATION_ERROR = "Operation Error" {
        "RFC 5354, section 3.12",
        "Why something was refused, or accepted with a change: one cause or several."
    };
    CODE = "Cause Code" ["cause_code"] {
        "RFC 5354, section 3.12",
        "Which cause it is. rsplib also sends codes of its own; a receiver takes an unknown one for a refusal nevertheless.", "D-16"
    };
    LENGTH = "Cause Length" ["cause_length"] {
        "RFC 5354, section 3.12", "The bytes of code, length and information, without the padding behind."
    };
    INFORMATION = "Cause Information" ["cause_info"] {
        "RFC 5354, section 3.12", "What the cause concerns, in a form that depends on the code."
    };
    PADDING = "Padding" ["cause_padding"] {
        "RFC 5354, section 3.12", "Zero bytes, three at most, so that the next cause begins at a multiple of 4."
    };
    CAUSE = "Error cause" {
        "RFC 5354, section 3.12", "A cause without a meaning that is known here."
    };
    UNSPECIFIED = "Unspecified Error" {
        "RFC 5354, section 3.12", "The sender does not want to say more, or knows no better cause."
    };
    UNRECOGNIZED_PARAMETER = "Unrecognized Parameter" {
        "RFC 5354, section 3.12",
        "Returns a parameter whose type the receiver did not know, and whose highest bits demanded a report."
    };
    UNRECOGNIZED_MESSAGE = "Unrecognized Message" {
        "RFC 5354, section 3.12",
        "Returns a message whose type the receiver did not know, and whose highest bits demanded a report."
    };
    INVALID_VALUES = "Invalid Values" {
        "RFC 5354, section 3.12", "Returns a parameter with a value that cannot be accepted."
    };
    NON_UNIQUE = "Non-unique PE Identifier" {
        "RFC 5354, section 3.12",
        "Another pool element of the pool has the identifier already. The one that is refused chooses another one and tries again."
    };
    INCONSISTENT_POLICY = "Inconsistent Pooling Policy" {
        "RFC 5354, section 3.12",
        "The pool has another policy, which is returned. A policy concerns the pool as a whole, hence all have the same."
    };
    LACK_OF_RESOURCES = "Lack of Resources" {
        "RFC 5354, section 3.12", "The registrar has no room for another pool element."
    };
    INCONSISTENT_TRANSPORT = "Inconsistent Transport Type" {
        "RFC 5354, section 3.12",
        "The pool elements of the pool are reached by another transport protocol, and users could not change between them."
    };
    INCONSISTENT_CONTROL = "Inconsistent Data/Control Configuration" {
        "RFC 5354, section 3.12", "Either all pool elements of a pool have a control channel, or none."
    };
    UNKNOWN_POOL = "Unknown Pool Handle" {
        "RFC 5354, section 3.12", "No pool element of that name is registered: the pool does not exist, or not any more."
    };
    SECURITY = "Rejected due to security considerations" {
        "RFC 5354, section 3.12", "The sender is not allowed to do this. It should not try again without a change."
    };
}

/// Adds the value of an Operation Error parameter.
pub(super) fn fill(cursor: &mut Cursor<'_, '_>, protocol: Protocol) -> Option<()> {
    if cursor.left() == 0 {
        cursor.malformed("An error has one cause at least.");
    }
    while !cursor.rest().is_empty() {
        cause(cursor, protocol)?;
    }
    Some(())
}

fn cause(cursor: &mut Cursor<'_, '_>, protocol: Protocol) -> Option<()> {
    let code = cursor
        .peek()
        .map_or(CauseCode::UNSPECIFIED, |code| CauseCode(u16::from_be_bytes(code)));
    cursor.framed(
        term(code).of(protocol),
        PADDING.of(protocol),
        |head| {
            head.u16(CODE.of(protocol), |number| {
                Value::Hexadecimal(number.into(), 4, code.name())
            })?;
            let position = head.last();
            let length = head.u16(LENGTH.of(protocol), |length| Value::Unsigned(length.into(), None))?;
            note_code(head, position, code, length);
            Some(())
        },
        |information, ()| fill_information(information, protocol, code),
    )?;
    Some(())
}

fn note_code(cursor: &mut Cursor<'_, '_>, at: Position, code: CauseCode, length: u16) {
    /// The length of code and length.
    const BARE: u16 = 4;
    if code.name().is_none() {
        let text = "Unknown cause; a receiver takes it for an error nevertheless.";
        cursor.note(at, NoteKind::Unknown, text);
    } else if code > CauseCode::SECURITY {
        let text = "D-16: a code of rsplib's own, which no RFC knows.";
        cursor.note(at, NoteKind::Deviation, text);
    } else if length == BARE
        && [
            CauseCode::INCONSISTENT_POOLING_POLICY,
            CauseCode::INCONSISTENT_TRANSPORT_TYPE,
        ]
        .contains(&code)
    {
        let text = "D-16: what the pool has is missing here, as rsplib leaves it out.";
        cursor.note(at, NoteKind::Deviation, text);
    }
}

fn fill_information(cursor: &mut Cursor<'_, '_>, protocol: Protocol, code: CauseCode) -> Option<()> {
    if cursor.left() == 0 {
        return Some(());
    }
    match code {
        CauseCode::UNRECOGNIZED_MESSAGE => cursor.quote(|inner| frame::message(inner, protocol)),
        CauseCode::UNRECOGNIZED_PARAMETER
        | CauseCode::INVALID_VALUES
        | CauseCode::INCONSISTENT_POOLING_POLICY
        | CauseCode::INCONSISTENT_TRANSPORT_TYPE => cursor.quote(|inner| {
            while !inner.rest().is_empty() {
                parameter(inner, protocol)?;
            }
            Some(())
        }),
        _ => {
            cursor.remaining(INFORMATION.of(protocol), Value::Bytes);
            Some(())
        }
    }
}

fn term(code: CauseCode) -> &'static Shared {
    match code {
        CauseCode::UNSPECIFIED => &UNSPECIFIED,
        CauseCode::UNRECOGNIZED_PARAMETER => &UNRECOGNIZED_PARAMETER,
        CauseCode::UNRECOGNIZED_MESSAGE => &UNRECOGNIZED_MESSAGE,
        CauseCode::INVALID_VALUES => &INVALID_VALUES,
        CauseCode::NON_UNIQUE_PE_IDENTIFIER => &NON_UNIQUE,
        CauseCode::INCONSISTENT_POOLING_POLICY => &INCONSISTENT_POLICY,
        CauseCode::LACK_OF_RESOURCES => &LACK_OF_RESOURCES,
        CauseCode::INCONSISTENT_TRANSPORT_TYPE => &INCONSISTENT_TRANSPORT,
        CauseCode::INCONSISTENT_DATA_CONTROL => &INCONSISTENT_CONTROL,
        CauseCode::UNKNOWN_POOL_HANDLE => &UNKNOWN_POOL,
        CauseCode::SECURITY => &SECURITY,
        _ => &CAUSE,
    }
}
