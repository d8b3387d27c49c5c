//! Messages by their payload protocol identifier.

use wire::Ppid;

use crate::cursor::Cursor;
use crate::term::{Protocol, terms};
use crate::{Tree, Value, asap, calc_app, enrp, fractal_generator, frame, ping_pong, scripting};

terms! {
    USER_DATA = "User data" {
        "RFC 9260, section 3.3.1",
        "The payload protocol identifier names no protocol that is known here: only the two ends know what this means."
    };
    TEXT = "Text" {
        "RFC 9260, section 3.3.1",
        "A payload protocol identifier of 0 leaves open what is carried. rsplib's byte services use it, most of them for text."
    };
}

/// Takes a whole message apart, which an SCTP association or a multicast datagram carried.
///
/// Fields are added to the tree, whose byte numbers are those of `bytes`.
pub fn dissect_message(ppid: Ppid, bytes: &[u8], tree: &mut Tree) {
    dissect_cut_message(ppid, bytes, bytes.len(), tree);
}

/// Takes the beginning of a message apart that had the length `whole`, of which the capture has only these bytes.
///
/// What is missing is noted once, and is no contradiction.
pub fn dissect_cut_message(ppid: Ppid, bytes: &[u8], whole: usize, tree: &mut Tree) {
    let mut cursor = Cursor::new(bytes, whole, tree);
    let _taken_apart = match ppid {
        Ppid::ASAP => frame::message(&mut cursor, Protocol::Asap),
        Ppid::ENRP => frame::message(&mut cursor, Protocol::Enrp),
        Ppid::FRACTAL_GENERATOR => fractal_generator::message(&mut cursor),
        Ppid::PING_PONG => ping_pong::message(&mut cursor),
        Ppid::CALC_APP => calc_app::message(&mut cursor),
        Ppid::SCRIPTING => scripting::message(&mut cursor),
        _ => user_data(&mut cursor, ppid, bytes),
    };
    cursor.note_cut();
}

fn user_data(cursor: &mut Cursor<'_, '_>, ppid: Ppid, bytes: &[u8]) -> Option<()> {
    let is_text = ppid == Ppid::UNSPECIFIED
        && std::str::from_utf8(bytes)
            .is_ok_and(|text| !text.contains(|c: char| c.is_control() && !c.is_whitespace()));
    match is_text {
        true => cursor.remaining(&TEXT, Value::Text),
        false => cursor.remaining(&USER_DATA, Value::Bytes),
    };
    Some(())
}

/// Returns the name of the message, such as `ASAP_REGISTRATION`; `None` if its protocol or type is unknown.
#[must_use]
pub fn message_name(ppid: Ppid, bytes: &[u8]) -> Option<&'static str> {
    let &kind = bytes.first()?;
    let term = match ppid {
        Ppid::ASAP => asap::kind(kind)?.term,
        Ppid::ENRP => enrp::kind(kind)?.term,
        Ppid::FRACTAL_GENERATOR => fractal_generator::kind(kind)?,
        Ppid::PING_PONG => ping_pong::kind(kind)?,
        Ppid::CALC_APP => calc_app::kind(kind)?,
        Ppid::SCRIPTING => scripting::kind(kind)?,
        _ => return None,
    };
    Some(term.label)
}
