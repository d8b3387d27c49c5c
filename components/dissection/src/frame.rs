//! What all messages of ASAP and ENRP have in common: the frame, and how unknown ones are treated (RFC 5354).

use crate::cursor::{Cursor, Position};
use crate::parameter::{self, Expected, Seen};
use crate::term::{Protocol, Shared, shared_terms};
use crate::{NoteKind, Term, Value, asap, enrp};

shared_terms! {
    UNKNOWN_MESSAGE = "Unknown message" ("asap", "enrp") {
        "RFC 5354, section 4",
        "The two highest bits of a message type tell a receiver that does not know it what to do, so that new types can be \
         introduced among old implementations."
    };
    TYPE = "Message Type" ["message_type"] {
        "RFC 5354, section 4",
        "Says what the message is about. Whether it is one of ASAP or of ENRP is not in the message: the payload protocol \
         identifier or the port tells."
    };
    FLAGS = "Message Flags" ["message_flags"] {
        "RFC 5354, section 4",
        "Each message type has flags of its own. Others are sent as 0 and ignored when received, so that they can get a meaning \
         later."
    };
    LENGTH = "Message Length" ["message_length"] {
        "RFC 5354, section 4",
        "The bytes of the whole message, header included. The padding behind the last parameter is not counted; rsplib counts it, \
         and receivers accept both.", "D-02"
    };
    PADDING = "Padding" {
        "RFC 5354, section 4",
        "Zero bytes that fill the message up to a multiple of 4 bytes. Their content means nothing."
    };
    VALUE = "Message Value" ("", "enrp.message_value") {
        "RFC 5354, section 4",
        "What a message of an unknown type contains cannot be known."
    };
}

/// A type of message.
pub(crate) struct Kind {
    /// Its name and rule.
    pub(crate) term: &'static Term,
    /// Its flags.
    pub(crate) flags: &'static [(u8, &'static Term)],
    /// Adds what is in front of the parameters.
    pub(crate) fixed: fn(&mut Cursor<'_, '_>) -> Option<()>,
    /// Its parameters.
    pub(crate) expected: Expected,
    /// Looks at what the parameters are together.
    pub(crate) check: fn(&mut Cursor<'_, '_>, &Message, &Seen),
}

/// What a message's header says.
pub(crate) struct Message {
    /// The position of the message.
    pub(crate) position: Position,
    /// The position of its flags.
    pub(crate) flags: Position,
    /// The flags' value.
    pub(crate) flag_bits: u8,
    /// The position of its length.
    length: Position,
    /// The end that its length says.
    end: usize,
}

/// The size of type, flags and length.
const HEADER: usize = 4;

/// Adds a message, which takes all that is left.
pub(crate) fn message(cursor: &mut Cursor<'_, '_>, protocol: Protocol) -> Option<()> {
    cursor.nested(|cursor| {
        let kind = cursor.peek().and_then(|[kind]| match protocol {
            Protocol::Asap => asap::kind(kind),
            Protocol::Enrp => enrp::kind(kind),
        });
        let term = kind.map_or_else(|| UNKNOWN_MESSAGE.of(protocol), |kind| kind.term);
        let position = cursor.next();
        cursor.group(term, cursor.left(), |inner| fill(inner, protocol, kind, position));
        Some(())
    })
}

fn fill(
    cursor: &mut Cursor<'_, '_>,
    protocol: Protocol,
    kind: Option<&'static Kind>,
    position: Position,
) -> Option<()> {
    let of = |shared: &'static Shared| shared.of(protocol);
    let begin = cursor.at();
    let name = kind.map(|kind| kind.term.label);
    let number = cursor.u8(of(&TYPE), |number| Value::Unsigned(number.into(), name))?;
    if kind.is_none() {
        cursor.note(cursor.last(), NoteKind::Unknown, unknown(number));
    }
    let flag_bits = cursor.u8(of(&FLAGS), |flags| Value::Hexadecimal(flags.into(), 2, None))?;
    let flags = cursor.last();
    if let Some(kind) = kind {
        cursor.bits(flag_bits, 1, kind.flags);
    }
    let length = cursor.u16(of(&LENGTH), |length| Value::Unsigned(length.into(), None))?;
    let length_position = cursor.last();
    let length = usize::from(length);
    let Some(value) = length.checked_sub(HEADER) else {
        cursor.malformed("The length is smaller than the header to which it belongs.");
        return None;
    };
    if value > cursor.left() {
        cursor.malformed("The length is larger than the message.");
    }
    match kind {
        Some(kind) => {
            let message = Message {
                position,
                flags,
                flag_bits,
                length: length_position,
                end: begin + length,
            };
            // Padding that is not counted is within the message nevertheless.
            let padded = value.next_multiple_of(4).min(cursor.left());
            cursor.part(padded, |inner| parameters(inner, protocol, kind, &message));
        }
        None => {
            cursor.part(value, |inner| {
                inner.remaining(of(&VALUE), Value::Bytes);
                Some(())
            });
            cursor.padding(of(&PADDING), length);
        }
    }
    Some(())
}

/// Adds what follows the header, and looks at what it is together.
fn parameters(
    cursor: &mut Cursor<'_, '_>,
    protocol: Protocol,
    kind: &'static Kind,
    message: &Message,
) -> Option<()> {
    (kind.fixed)(cursor)?;
    let seen = parameter::parameters(cursor, protocol, message.position, &kind.expected)?;
    (kind.check)(cursor, message, &seen);
    if seen.end > message.end && seen.end <= cursor.at() {
        cursor.wrong(message.length, "The length ends within the last parameter.");
    } else if seen.end < message.end && seen.padded_end == message.end {
        cursor.note(
            message.length,
            NoteKind::Deviation,
            "D-02: the padding behind the last parameter is counted, as rsplib does; RFC 5354 does not count it.",
        );
    }
    Some(())
}

/// Says what is to be done with a message of this unknown type.
const fn unknown(kind: u8) -> &'static str {
    match kind >> 6 {
        0b00 => "Unknown type; its highest bits 00 demand that a receiver discards the message silently.",
        0b01 => {
            "Unknown type; its highest bits 01 demand that a receiver discards the message and reports it with the cause \
             Unrecognized Message."
        }
        _ => "Unknown type; its highest bits are reserved, hence a receiver discards the message silently.",
    }
}

/// Nothing is in front of the parameters.
pub(crate) fn no_fixed_part(_: &mut Cursor<'_, '_>) -> Option<()> {
    Some(())
}

/// There is nothing more to look at.
pub(crate) fn no_check(_: &mut Cursor<'_, '_>, _: &Message, _: &Seen) {}
