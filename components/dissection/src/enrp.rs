//! The messages of ENRP (RFC 5353).

use crate::cursor::Cursor;
use crate::frame::{Kind, Message, no_check};
use crate::parameter::{Expected, Seen, kind};
use crate::term::terms;
use crate::{NoteKind, Value};

terms! {
    PRESENCE_TERM = "ENRP_PRESENCE" ["enrp"] {
        "RFC 5353, section 2.1",
        "The heartbeat of a registrar. By its checksum, each peer finds out whether it knows the pool elements of the sender.", "D-09"
    };
    HANDLE_TABLE_REQUEST_TERM = "ENRP_HANDLE_TABLE_REQUEST" ["enrp"] {
        "RFC 5353, section 2.2",
        "Asks a peer for all pools and pool elements: when a registrar starts, or when a checksum shows that something is missing.",
        "D-26"
    };
    HANDLE_TABLE_RESPONSE_TERM = "ENRP_HANDLE_TABLE_RESPONSE" ["enrp"] {
        "RFC 5353, section 2.3",
        "A part of the handlespace: pool handles, each followed by the pool elements of the pool."
    };
    HANDLE_UPDATE_TERM = "ENRP_HANDLE_UPDATE" ["enrp"] {
        "RFC 5353, section 2.4",
        "The home registrar tells its peers of a pool element that has registered, changed or gone."
    };
    LIST_REQUEST_TERM = "ENRP_LIST_REQUEST" ["enrp"] {
        "RFC 5353, section 2.5", "A registrar that starts asks another one, its mentor, which registrars there are.", "D-26"
    };
    LIST_RESPONSE_TERM = "ENRP_LIST_RESPONSE" ["enrp"] {
        "RFC 5353, section 2.6", "The registrars that the sender knows."
    };
    INIT_TAKEOVER_TERM = "ENRP_INIT_TAKEOVER" ["enrp"] {
        "RFC 5353, section 2.7",
        "The target seems to be dead, and the sender wants its pool elements. All peers are asked, so that only one of them does it; \
         the target itself objects by ENRP_PRESENCE if it lives.", "D-12"
    };
    INIT_TAKEOVER_ACK_TERM = "ENRP_INIT_TAKEOVER_ACK" ["enrp"] {
        "RFC 5353, section 2.8", "The sender agrees to the takeover, and does not try one itself.", "D-13"
    };
    TAKEOVER_SERVER_TERM = "ENRP_TAKEOVER_SERVER" ["enrp"] {
        "RFC 5353, section 2.9",
        "The takeover is done: the sender is the home registrar of the target's pool elements from now on."
    };
    ERROR_TERM = "ENRP_ERROR" ["enrp"] {
        "RFC 5353, section 2.10",
        "Reports what the sender did not understand in a message. It is never answered by an error itself."
    };
    SENDER = "Sending Server's ID" ["enrp.sender_servers_id"] {
        "RFC 5353, section 2.1",
        "The registrar that sends this. A receiver tells its peers apart by it, not by association or address."
    };
    RECEIVER = "Receiving Server's ID" ["enrp.receiver_servers_id"] {
        "RFC 5353, section 2.1", "The registrar for which it is meant; 0 if it is meant for all of them."
    };
    TARGET = "Targeting Server's ID" ["enrp.target_servers_id"] {
        "RFC 5353, section 2.7", "The registrar that is, or was, to be taken over."
    };
    UPDATE_ACTION = "Update Action" ["enrp.update_action"] {
        "RFC 5353, section 2.4",
        "Whether the pool element is added, or changed if it is known, or deleted. A receiver ignores others."
    };
    RESERVED = "Reserved" ["enrp.reserved"] {
        "RFC 5353, section 2.4", "Sent as 0 and ignored."
    };
    REPLY_REQUIRED = "Reply required (R)" ["enrp.r_bit"] {
        "RFC 5353, section 3.4.3",
        "The receiver answers with a presence of its own at once. It is asked before a peer is taken for dead. RFC 5353 uses the flag \
         in its text, and has forgotten it in the figure.", "D-10"
    };
    OWN_CHILDREN_ONLY = "Own children only (W)" ["enrp.w_bit"] {
        "RFC 5353, section 2.2", "Only pool elements whose home registrar is the receiver are wanted, for an audit."
    };
    REJECT = "Reject (R)" ["enrp.r_bit"] {
        "RFC 5353, section 2.3", "The request is refused, such as by a registrar that has not finished its own start."
    };
    MORE = "More to send (M)" ["enrp.m_bit"] {
        "RFC 5353, section 2.3", "There is more than fits into the message: the receiver asks again."
    };
    TAKEOVER_SUGGESTED = "Takeover suggested (T)" ["enrp.t_bit"] {
        "rsplib", "rsplib proposes by it that the receiver becomes the home registrar. No RFC knows it.", "D-24"
    };
}

static PRESENCE: Kind = Kind {
    flags: &[(0x01, &REPLY_REQUIRED)],
    expected: Expected {
        required: &[],
        optional: &[kind::PE_CHECKSUM, kind::SERVER_INFORMATION],
        several: &[],
    },
    check: check_presence,
    ..between(&PRESENCE_TERM)
};

static HANDLE_TABLE_REQUEST: Kind = Kind {
    flags: &[(0x01, &OWN_CHILDREN_ONLY)],
    ..between(&HANDLE_TABLE_REQUEST_TERM)
};

static HANDLE_TABLE_RESPONSE: Kind = Kind {
    flags: &[(0x02, &MORE), (0x01, &REJECT)],
    expected: Expected {
        required: &[],
        optional: &[kind::POOL_HANDLE, kind::POOL_ELEMENT],
        several: &[kind::POOL_HANDLE, kind::POOL_ELEMENT],
    },
    check: check_table,
    ..between(&HANDLE_TABLE_RESPONSE_TERM)
};

static HANDLE_UPDATE: Kind = Kind {
    flags: &[(0x01, &TAKEOVER_SUGGESTED)],
    fixed: update_action,
    expected: Expected::only(&[kind::POOL_HANDLE, kind::POOL_ELEMENT]),
    check: check_suggestion,
    ..between(&HANDLE_UPDATE_TERM)
};

static LIST_REQUEST: Kind = between(&LIST_REQUEST_TERM);

static LIST_RESPONSE: Kind = Kind {
    flags: &[(0x01, &REJECT)],
    expected: Expected {
        required: &[],
        optional: &[kind::SERVER_INFORMATION],
        several: &[kind::SERVER_INFORMATION],
    },
    ..between(&LIST_RESPONSE_TERM)
};

static INIT_TAKEOVER: Kind = takeover(&INIT_TAKEOVER_TERM);
static INIT_TAKEOVER_ACK: Kind = takeover(&INIT_TAKEOVER_ACK_TERM);
static TAKEOVER_SERVER: Kind = takeover(&TAKEOVER_SERVER_TERM);

static ERROR: Kind = Kind {
    expected: Expected::only(&[kind::OPERATION_ERROR]),
    ..between(&ERROR_TERM)
};

/// Returns the message of this type.
pub(crate) fn kind(number: u8) -> Option<&'static Kind> {
    Some(match number {
        0x01 => &PRESENCE,
        0x02 => &HANDLE_TABLE_REQUEST,
        0x03 => &HANDLE_TABLE_RESPONSE,
        0x04 => &HANDLE_UPDATE,
        0x05 => &LIST_REQUEST,
        0x06 => &LIST_RESPONSE,
        0x07 => &INIT_TAKEOVER,
        0x08 => &INIT_TAKEOVER_ACK,
        0x09 => &TAKEOVER_SERVER,
        0x0a => &ERROR,
        _ => return None,
    })
}

/// A message that says which registrars it is between, and no more.
const fn between(term: &'static crate::Term) -> Kind {
    Kind {
        term,
        flags: &[],
        fixed: registrars,
        expected: Expected::NONE,
        check: no_check,
    }
}

const fn takeover(term: &'static crate::Term) -> Kind {
    Kind {
        fixed: target,
        ..between(term)
    }
}

fn registrars(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    if cursor.u32(&SENDER, Value::RegistrarIdentifier)? == 0 {
        cursor.malformed("0 identifies no registrar.");
    }
    cursor.u32(&RECEIVER, Value::RegistrarIdentifier)?;
    Some(())
}

fn target(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    registrars(cursor)?;
    if cursor.u32(&TARGET, Value::RegistrarIdentifier)? == 0 {
        cursor.malformed("0 identifies no registrar.");
    }
    Some(())
}

fn update_action(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    registrars(cursor)?;
    let name = |action| match action {
        0 => Some("ADD_PE"),
        1 => Some("DEL_PE"),
        _ => None,
    };
    let action = cursor.u16(&UPDATE_ACTION, |action| {
        Value::Unsigned(action.into(), name(action))
    })?;
    if name(action).is_none() {
        let text = "Unknown action; a receiver ignores the message.";
        cursor.note(cursor.last(), NoteKind::Unknown, text);
    }
    cursor.u16(&RESERVED, |reserved| Value::Hexadecimal(reserved.into(), 4, None))?;
    Some(())
}

fn check_presence(cursor: &mut Cursor<'_, '_>, message: &Message, seen: &Seen) {
    let checksum = seen.first(kind::PE_CHECKSUM);
    let information = seen.first(kind::SERVER_INFORMATION);
    if checksum.is_none() || information.is_none() {
        cursor.note(
            message.position,
            NoteKind::Remark,
            "Checksum or server information is missing: RFC 5353 allows that, but rsplib discards such a presence (D-11).",
        );
    }
}

fn check_table(cursor: &mut Cursor<'_, '_>, message: &Message, seen: &Seen) {
    let handle = seen.first(kind::POOL_HANDLE);
    let element = seen.first(kind::POOL_ELEMENT);
    if let Some(element) = element
        && handle.is_none_or(|handle| handle > element)
    {
        cursor.wrong(element, "It follows no pool handle, hence it is in no pool.");
    }
    if message.flag_bits & 0x01 != 0 && (handle.is_some() || element.is_some()) {
        cursor.wrong(message.flags, "A request that is refused yields no pool.");
    }
}

fn check_suggestion(cursor: &mut Cursor<'_, '_>, message: &Message, _: &Seen) {
    if message.flag_bits & 0x01 != 0 {
        cursor.note(
            message.flags + 1,
            NoteKind::Deviation,
            "D-24: a proposal of rsplib to take the pool element over; RFC 5353 does not know the flag.",
        );
    }
}
