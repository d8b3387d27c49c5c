//! Chunks: what all of them have in common, and which there are.

use crate::cursor::Cursor;
use crate::sctp::{acknowledgement, closing, data, extension, handshake, reconfiguration};
use crate::term::terms;
use crate::{NoteKind, Term, Value};

terms! {
    UNKNOWN = "Unknown chunk" {
        "RFC 9260, section 3.2",
        "The two highest bits of a chunk type tell a receiver that does not know it whether to go on with the packet, and whether \
         to report it."
    };
    TYPE = "Chunk Type" ["sctp.chunk_type"] {
        "RFC 9260, section 3.2", "Says what the chunk is for."
    };
    BIT_1 = "Skip if unknown" ["sctp.chunk_bit_1"] {
        "RFC 9260, section 3.2", "Whether a receiver that does not know the type goes on with the next chunk, or drops the packet."
    };
    BIT_2 = "Report if unknown" ["sctp.chunk_bit_2"] {
        "RFC 9260, section 3.2", "Whether a receiver that does not know the type reports it in an ERROR chunk."
    };
    FLAGS = "Chunk Flags" ["sctp.chunk_flags"] {
        "RFC 9260, section 3.2", "Each chunk type has flags of its own; others are sent as 0 and ignored."
    };
    LENGTH = "Chunk Length" ["sctp.chunk_length"] {
        "RFC 9260, section 3.2", "The bytes of the chunk with this header, without the padding behind it."
    };
    VALUE = "Chunk Value" ["sctp.chunk_value"];
    PADDING = "Chunk Padding" ["sctp.chunk_padding"] {
        "RFC 9260, section 3.2", "Zero bytes, three at most, so that the next chunk begins at a multiple of 4."
    };
}

/// A type of chunk.
pub(super) struct Kind {
    /// Its name and rule.
    pub(super) term: &'static Term,
    /// Its flags.
    pub(super) flags: &'static [(u8, &'static Term)],
    /// Adds its value. The flags are given.
    pub(super) fill: fn(&mut Cursor<'_, '_>, u8) -> Option<()>,
}

/// Adds a chunk with its padding.
pub(super) fn chunk(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    let kind = cursor.peek().and_then(|[number]| kind(number));
    let term = kind.map_or(&UNKNOWN, |kind| kind.term);
    cursor.framed(
        term,
        &PADDING,
        |head| header(head, kind),
        |value, flags| match kind {
            Some(kind) => (kind.fill)(value, flags),
            None => unknown_value(value),
        },
    )?;
    Some(())
}

/// Adds type, flags and length. Returns the flags.
fn header(cursor: &mut Cursor<'_, '_>, kind: Option<&Kind>) -> Option<u8> {
    let number = cursor.u8(&TYPE, |number| {
        Value::Unsigned(number.into(), kind.map(|kind| kind.term.label))
    })?;
    if kind.is_none() {
        cursor.note(cursor.last(), NoteKind::Unknown, demand(number));
    }
    cursor.bits(number, 1, &[(0x80, &BIT_1), (0x40, &BIT_2)]);
    let flags = cursor.u8(&FLAGS, |flags| Value::Hexadecimal(flags.into(), 2, None))?;
    if let Some(kind) = kind {
        cursor.bits(flags, 1, kind.flags);
    }
    cursor.u16(&LENGTH, |length| Value::Unsigned(length.into(), None))?;
    Some(flags)
}

fn unknown_value(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    if cursor.left() > 0 {
        cursor.remaining(&VALUE, Value::Bytes);
    }
    Some(())
}

/// Says what a receiver does with a chunk of this unknown type.
const fn demand(number: u8) -> &'static str {
    match number >> 6 {
        0b00 => "Unknown type; its highest bits 00 demand that a receiver drops the rest of the packet.",
        0b01 => {
            "Unknown type; its highest bits 01 demand that a receiver drops the rest of the packet and reports the chunk."
        }
        0b10 => "Unknown type; its highest bits 10 demand that a receiver skips the chunk and goes on.",
        _ => {
            "Unknown type; its highest bits 11 demand that a receiver skips the chunk, goes on, and reports it."
        }
    }
}

/// Returns the name of a chunk type.
pub(super) fn name(number: u8) -> Option<&'static str> {
    kind(number).map(|kind| kind.term.label)
}

fn kind(number: u8) -> Option<&'static Kind> {
    Some(match number {
        0x00 => &data::DATA,
        0x01 => &handshake::INIT,
        0x02 => &handshake::INIT_ACK,
        0x03 => &acknowledgement::SACK,
        0x04 => &closing::HEARTBEAT,
        0x05 => &closing::HEARTBEAT_ACK,
        0x06 => &closing::ABORT,
        0x07 => &closing::SHUTDOWN,
        0x08 => &closing::SHUTDOWN_ACK,
        0x09 => &closing::ERROR,
        0x0a => &handshake::COOKIE_ECHO,
        0x0b => &handshake::COOKIE_ACK,
        0x0c => &acknowledgement::ECNE,
        0x0d => &acknowledgement::CWR,
        0x0e => &closing::SHUTDOWN_COMPLETE,
        0x0f => &extension::AUTH,
        0x10 => &acknowledgement::NR_SACK,
        0x40 => &data::I_DATA,
        0x80 => &reconfiguration::ASCONF_ACK,
        0x82 => &reconfiguration::RE_CONFIG,
        0x84 => &extension::PAD,
        0xc0 => &data::FORWARD_TSN,
        0xc1 => &reconfiguration::ASCONF,
        0xc2 => &data::I_FORWARD_TSN,
        _ => return None,
    })
}

/// Nothing is in a chunk but its header.
pub(super) fn nothing(_: &mut Cursor<'_, '_>, _: u8) -> Option<()> {
    Some(())
}
