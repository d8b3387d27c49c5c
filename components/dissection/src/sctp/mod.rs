//! SCTP packets (RFC 9260), field by field.

mod acknowledgement;
mod cause;
mod chunk;
mod closing;
mod data;
mod extension;
mod handshake;
mod parameter;
mod reconfiguration;

use crate::cursor::Cursor;
use crate::term::terms;
use crate::{NoteKind, Tree, Value};

terms! {
    COMMON_HEADER = "SCTP Common Header" ["sctp"] {
        "RFC 9260, section 3.1",
        "What all chunks of the packet have in common: between which ports, for which association, and a checksum."
    };
    SOURCE_PORT = "Source Port" ["sctp.srcport"] {
        "RFC 9260, section 3.1", "With the addresses and the destination port, it tells the receiver which association is meant."
    };
    DESTINATION_PORT = "Destination Port" ["sctp.dstport"] {
        "RFC 9260, section 3.1", "The port of the receiver: 3863 is ASAP's, 9901 is ENRP's."
    };
    VERIFICATION_TAG = "Verification Tag" ["sctp.verification_tag"] {
        "RFC 9260, section 8.5",
        "The receiver chose it in its INIT or INIT ACK. A packet with another tag is dropped, so that nobody who does not see the \
         packets can disturb the association. 0 in a packet with INIT."
    };
    CHECKSUM = "Checksum" ["sctp.checksum"] {
        "RFC 9260, section 6.8",
        "CRC-32C of the whole packet, computed with zeros in this field, and stored with its lowest byte first. A packet with a wrong \
         one is dropped."
    };
}

/// The size of the common header.
const HEADER: usize = 12;

/// Where the common header has the checksum.
const CHECKSUM_AT: usize = 8;

/// Takes an SCTP packet apart, from its common header to its last chunk. What DATA chunks carry remains bytes: a message
/// may be in several of them.
///
/// `whole` is the length that the packet had; more than `bytes` if the capture has only its beginning.
pub fn dissect_packet(bytes: &[u8], whole: usize, tree: &mut Tree) {
    let mut cursor = Cursor::new(bytes, whole, tree);
    cursor.group(&COMMON_HEADER, HEADER, |inner| {
        let port = |number: u16| Value::Unsigned(number.into(), port_name(number));
        inner.u16(&SOURCE_PORT, port)?;
        inner.u16(&DESTINATION_PORT, port)?;
        inner.u32(&VERIFICATION_TAG, |tag| Value::Hexadecimal(tag.into(), 8, None))?;
        checksum(inner, bytes, whole)
    });
    while !cursor.rest().is_empty() {
        if chunk::chunk(&mut cursor).is_none() {
            break;
        }
    }
    cursor.note_cut();
}

fn checksum(cursor: &mut Cursor<'_, '_>, bytes: &[u8], whole: usize) -> Option<()> {
    let computed = (bytes.len() >= whole).then(|| computed(bytes)).flatten();
    let mut is_right = true;
    let sum = cursor.u32(&CHECKSUM, |sum| {
        is_right = computed.is_none_or(|computed| computed == sum.swap_bytes());
        let meaning = match computed {
            None => "not checked",
            Some(_) if is_right => "correct",
            Some(_) => "wrong",
        };
        Value::Hexadecimal(sum.into(), 8, Some(meaning))
    })?;
    if !is_right && sum == 0 {
        cursor.note(
            cursor.last(),
            NoteKind::Remark,
            "There is no checksum yet: the packet was captured before the network interface added it, or its receiver accepts zero \
             (RFC 9653).",
        );
    } else if !is_right {
        cursor.malformed("The checksum is wrong: a receiver drops the packet.");
    }
    Some(())
}

/// Returns CRC-32C of a packet with zeros in place of the checksum; `None` if it has no whole header.
fn computed(bytes: &[u8]) -> Option<u32> {
    let (before, rest) = bytes.split_at_checked(CHECKSUM_AT)?;
    let (_, behind) = rest.split_first_chunk::<4>()?;
    let sum = crc32c::crc32c_append(crc32c::crc32c(before), &[0; 4]);
    Some(crc32c::crc32c_append(sum, behind))
}

const fn port_name(number: u16) -> Option<&'static str> {
    match number {
        3863 => Some("ASAP"),
        9901 => Some("ENRP"),
        _ => None,
    }
}

/// Returns the number of an association's sequence, an identifier or the like.
fn unsigned(number: u32) -> Value {
    Value::Unsigned(number.into(), None)
}

/// Returns a number of 16 bits without a meaning of its own.
fn unsigned16(number: u16) -> Value {
    Value::Unsigned(number.into(), None)
}
