//! What the messages of rsplib's demonstration services have in common: a header of type, flags and length.

use crate::cursor::{Cursor, Position};
use crate::{NoteKind, Term, Value};

/// A service's protocol.
pub(crate) struct Protocol {
    /// A message of unknown type.
    pub(crate) unknown: Term,
    /// The field with the type.
    pub(crate) message_type: Term,
    /// The field with the flags.
    pub(crate) flags: Term,
    /// The field with the length.
    pub(crate) length: Term,
    /// The value of a message of unknown type.
    pub(crate) value: Term,
}

/// A protocol, of which Wireshark has this name, and that the services' messages follow.
macro_rules! protocol {
    ($name:ident = $wireshark:literal, $section:literal) => {
        static $name: $crate::service::Protocol = $crate::service::Protocol {
            unknown: $crate::Term {
                label: "Unknown message",
                wireshark: $wireshark,
                explanation: $crate::term::explanation!(
                    $section,
                    "A type that the protocol does not know. A receiver drops the message or gives the session up."
                ),
            },
            message_type: $crate::Term {
                label: "Type",
                wireshark: concat!($wireshark, ".message_type"),
                explanation: $crate::term::explanation!($section, "Says what the message is about."),
            },
            flags: $crate::Term {
                label: "Flags",
                wireshark: concat!($wireshark, ".message_flags"),
                explanation: $crate::term::explanation!($section, "Sent as 0 unless the message has a flag of its own."),
            },
            length: $crate::Term {
                label: "Length",
                wireshark: concat!($wireshark, ".message_length"),
                explanation: $crate::term::explanation!(
                    $section,
                    "The bytes of the whole message, header included; there is no padding."
                ),
            },
            value: $crate::Term {
                label: "Value",
                wireshark: "",
                explanation: None,
            },
        };
    };
}

pub(crate) use protocol;

/// Adds a message, which takes all that is left.
pub(crate) fn message(
    cursor: &mut Cursor<'_, '_>,
    protocol: &'static Protocol,
    term: Option<&'static Term>,
    flags: &[(u8, &'static Term)],
    fill: impl FnOnce(&mut Cursor<'_, '_>, u8) -> Option<()>,
) -> Option<()> {
    cursor.group(term.unwrap_or(&protocol.unknown), cursor.left(), |inner| {
        let there = inner.left();
        let (kind, length, position) = header(inner, protocol, term, flags)?;
        let length = usize::from(length);
        if length != there {
            inner.wrong(position, "The length is not that of the message.");
        }
        if term.is_none() {
            inner.note(
                position - 2,
                NoteKind::Unknown,
                "The protocol knows no such type.",
            );
            if inner.left() > 0 {
                inner.remaining(&protocol.value, Value::Bytes);
            }
            return Some(());
        }
        fill(inner, kind)
    });
    Some(())
}

/// Adds type, flags and length. Returns type and length, and the position of the latter.
pub(crate) fn header(
    cursor: &mut Cursor<'_, '_>,
    protocol: &'static Protocol,
    term: Option<&'static Term>,
    flags: &[(u8, &'static Term)],
) -> Option<(u8, u16, Position)> {
    let name = term.map(|term| term.label);
    let kind = cursor.u8(&protocol.message_type, |kind| Value::Unsigned(kind.into(), name))?;
    let set = cursor.u8(&protocol.flags, |set| Value::Hexadecimal(set.into(), 2, None))?;
    cursor.bits(set, 1, flags);
    let length = cursor.u16(&protocol.length, |length| Value::Unsigned(length.into(), None))?;
    Some((kind, length, cursor.last()))
}

/// Returns a number without a meaning of its own.
pub(crate) fn unsigned(number: u32) -> Value {
    Value::Unsigned(number.into(), None)
}

/// Returns a number without a meaning of its own.
pub(crate) fn unsigned64(number: u64) -> Value {
    Value::Unsigned(number, None)
}
