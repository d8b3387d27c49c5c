//! The messages of ASAP (RFC 5352).

use crate::cursor::Cursor;
use crate::frame::{Kind, Message, no_check, no_fixed_part};
use crate::parameter::{Expected, Seen, kind};
use crate::term::terms;
use crate::{NoteKind, Value};

terms! {
    REGISTRATION_TERM = "ASAP_REGISTRATION" ["asap"] {
        "RFC 5352, section 2.2.1",
        "A pool element joins a pool, or renews its registration. The registrar that gets it becomes its home registrar, creates the \
         pool if it is the first one, and answers with ASAP_REGISTRATION_RESPONSE."
    };
    DEREGISTRATION_TERM = "ASAP_DEREGISTRATION" ["asap"] {
        "RFC 5352, section 2.2.2",
        "A pool element leaves its pool. It may still get requests for a while from users that do not know that yet."
    };
    REGISTRATION_RESPONSE_TERM = "ASAP_REGISTRATION_RESPONSE" ["asap"] {
        "RFC 5352, section 2.2.3",
        "Tells whether the registration was accepted. An error without the flag R is a warning: accepted, but changed."
    };
    DEREGISTRATION_RESPONSE_TERM = "ASAP_DEREGISTRATION_RESPONSE" ["asap"] {
        "RFC 5352, section 2.2.4",
        "The pool element is gone from the pool, unless there is an error. Also sent unasked when a registration ends without being \
         renewed.", "D-15"
    };
    HANDLE_RESOLUTION_TERM = "ASAP_HANDLE_RESOLUTION" ["asap"] {
        "RFC 5352, section 2.2.5",
        "A pool user asks which pool elements a pool has. It sends that when it opens a session, and after each failure."
    };
    HANDLE_RESOLUTION_RESPONSE_TERM = "ASAP_HANDLE_RESOLUTION_RESPONSE" ["asap"] {
        "RFC 5352, section 2.2.6",
        "Either the pool elements that the registrar selected by the pool's policy, or an error. The pool user keeps the answer for \
         a while, and takes the first one, or one of them, by the policy.", "D-05"
    };
    ENDPOINT_KEEP_ALIVE_TERM = "ASAP_ENDPOINT_KEEP_ALIVE" ["asap"] {
        "RFC 5352, section 2.2.7",
        "A registrar probes a pool element. Without an acknowledgement in time, it removes it from the pool.", "D-03"
    };
    ENDPOINT_KEEP_ALIVE_ACK_TERM = "ASAP_ENDPOINT_KEEP_ALIVE_ACK" ["asap"] {
        "RFC 5352, section 2.2.8", "The pool element lives."
    };
    ENDPOINT_UNREACHABLE_TERM = "ASAP_ENDPOINT_UNREACHABLE" ["asap"] {
        "RFC 5352, section 2.2.9",
        "Somebody could not reach the pool element. The registrar probes it at once and counts the reports, since they may be wrong \
         or forged.", "D-14"
    };
    SERVER_ANNOUNCE_TERM = "ASAP_SERVER_ANNOUNCE" ["asap"] {
        "RFC 5352, section 2.2.10",
        "A registrar tells by multicast where it is. Without transports, it is at the address from which the datagram came.", "D-07"
    };
    COOKIE_TERM = "ASAP_COOKIE" ["asap"] {
        "RFC 5352, section 2.2.11",
        "A pool element entrusts the state of the session to the pool user, which keeps the last one without understanding it."
    };
    COOKIE_ECHO_TERM = "ASAP_COOKIE_ECHO" ["asap"] {
        "RFC 5352, section 2.2.12",
        "After a failover, the pool user hands the last cookie to the new pool element, which continues from there.", "D-36"
    };
    BUSINESS_CARD_TERM = "ASAP_BUSINESS_CARD" ["asap"] {
        "RFC 5352, section 2.2.13",
        "Tells the peer of a session whom to turn to if the sender fails, in this order.", "D-21"
    };
    ERROR_TERM = "ASAP_ERROR" ["asap"] {
        "RFC 5352, section 2.2.14",
        "Reports what the sender did not understand in a message. It is never answered by an error itself."
    };
    REJECT = "Reject (R)" ["asap.r_bit"] {
        "RFC 5352, section 2.2.3",
        "The registration is refused. The pool element must not try again without a change."
    };
    SUBSCRIBE = "Send updates (S)" {
        "RFC 5352, section 2.2.5",
        "The pool user wants to be told of later changes of the pool, too. rsplib never sets it.", "D-06"
    };
    ACCEPT_UPDATES = "Accept updates (A)" {
        "RFC 5352, section 2.2.6", "The registrar will tell of later changes of the pool.", "D-06"
    };
    HOME = "Home (H)" ["asap.h_bit"] {
        "RFC 5352, section 2.2.7",
        "The sender is the pool element's home registrar from now on. Set after a takeover: the pool element sends its next \
         registration there."
    };
    SERVER_IDENTIFIER = "Server Identifier" ["asap.server_identifier"] {
        "RFC 5352, section 2.2.7", "The registrar that sends this."
    };
}

const POOL_AND_ELEMENT: &[u16] = &[kind::POOL_HANDLE, kind::PE_IDENTIFIER];

static REGISTRATION: Kind = Kind {
    term: &REGISTRATION_TERM,
    flags: &[],
    fixed: no_fixed_part,
    expected: Expected::only(&[kind::POOL_HANDLE, kind::POOL_ELEMENT]),
    check: no_check,
};

static DEREGISTRATION: Kind = named_element(&DEREGISTRATION_TERM);

static REGISTRATION_RESPONSE: Kind = Kind {
    term: &REGISTRATION_RESPONSE_TERM,
    flags: &[(0x01, &REJECT)],
    ..response(&REGISTRATION_RESPONSE_TERM)
};

static DEREGISTRATION_RESPONSE: Kind = response(&DEREGISTRATION_RESPONSE_TERM);

static HANDLE_RESOLUTION: Kind = Kind {
    term: &HANDLE_RESOLUTION_TERM,
    flags: &[(0x01, &SUBSCRIBE)],
    fixed: no_fixed_part,
    expected: Expected {
        required: &[kind::POOL_HANDLE],
        optional: &[kind::HANDLE_RESOLUTION_OPTION],
        several: &[],
    },
    check: check_option,
};

static HANDLE_RESOLUTION_RESPONSE: Kind = Kind {
    term: &HANDLE_RESOLUTION_RESPONSE_TERM,
    flags: &[(0x01, &ACCEPT_UPDATES)],
    fixed: no_fixed_part,
    expected: Expected {
        required: &[kind::POOL_HANDLE],
        optional: &[kind::POLICY, kind::POOL_ELEMENT, kind::OPERATION_ERROR],
        several: &[kind::POOL_ELEMENT],
    },
    check: check_answer,
};

static ENDPOINT_KEEP_ALIVE: Kind = Kind {
    term: &ENDPOINT_KEEP_ALIVE_TERM,
    flags: &[(0x01, &HOME)],
    fixed: server_identifier,
    expected: Expected {
        required: &[kind::POOL_HANDLE],
        optional: &[kind::PE_IDENTIFIER],
        several: &[],
    },
    check: check_keep_alive,
};

static ENDPOINT_KEEP_ALIVE_ACK: Kind = named_element(&ENDPOINT_KEEP_ALIVE_ACK_TERM);
static ENDPOINT_UNREACHABLE: Kind = named_element(&ENDPOINT_UNREACHABLE_TERM);

static SERVER_ANNOUNCE: Kind = Kind {
    term: &SERVER_ANNOUNCE_TERM,
    flags: &[],
    fixed: server_identifier,
    expected: Expected {
        required: &[],
        optional: &[kind::SCTP_TRANSPORT, kind::TCP_TRANSPORT],
        several: &[kind::SCTP_TRANSPORT, kind::TCP_TRANSPORT],
    },
    check: no_check,
};

static COOKIE: Kind = cookie(&COOKIE_TERM);
static COOKIE_ECHO: Kind = cookie(&COOKIE_ECHO_TERM);

static BUSINESS_CARD: Kind = Kind {
    term: &BUSINESS_CARD_TERM,
    flags: &[],
    fixed: no_fixed_part,
    expected: Expected {
        required: &[kind::POOL_HANDLE, kind::POOL_ELEMENT],
        optional: &[kind::POLICY],
        several: &[kind::POOL_ELEMENT],
    },
    check: check_card,
};

static ERROR: Kind = Kind {
    term: &ERROR_TERM,
    flags: &[],
    fixed: no_fixed_part,
    expected: Expected::only(&[kind::OPERATION_ERROR]),
    check: no_check,
};

/// Returns the message of this type.
pub(crate) fn kind(number: u8) -> Option<&'static Kind> {
    Some(match number {
        0x01 => &REGISTRATION,
        0x02 => &DEREGISTRATION,
        0x03 => &REGISTRATION_RESPONSE,
        0x04 => &DEREGISTRATION_RESPONSE,
        0x05 => &HANDLE_RESOLUTION,
        0x06 => &HANDLE_RESOLUTION_RESPONSE,
        0x07 => &ENDPOINT_KEEP_ALIVE,
        0x08 => &ENDPOINT_KEEP_ALIVE_ACK,
        0x09 => &ENDPOINT_UNREACHABLE,
        0x0a => &SERVER_ANNOUNCE,
        0x0b => &COOKIE,
        0x0c => &COOKIE_ECHO,
        0x0d => &BUSINESS_CARD,
        0x0e => &ERROR,
        _ => return None,
    })
}

/// A message that names a pool element.
const fn named_element(term: &'static crate::Term) -> Kind {
    Kind {
        term,
        flags: &[],
        fixed: no_fixed_part,
        expected: Expected::only(POOL_AND_ELEMENT),
        check: no_check,
    }
}

/// An answer that names a pool element and may contain an error.
const fn response(term: &'static crate::Term) -> Kind {
    Kind {
        term,
        flags: &[],
        fixed: no_fixed_part,
        expected: Expected {
            required: POOL_AND_ELEMENT,
            optional: &[kind::OPERATION_ERROR],
            several: &[],
        },
        check: no_check,
    }
}

const fn cookie(term: &'static crate::Term) -> Kind {
    Kind {
        term,
        flags: &[],
        fixed: no_fixed_part,
        expected: Expected::only(&[kind::COOKIE]),
        check: no_check,
    }
}

fn server_identifier(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    if cursor.u32(&SERVER_IDENTIFIER, Value::RegistrarIdentifier)? == 0 {
        cursor.malformed("0 identifies no registrar.");
    }
    Some(())
}

fn check_option(cursor: &mut Cursor<'_, '_>, _: &Message, seen: &Seen) {
    if let Some(option) = seen.first(kind::HANDLE_RESOLUTION_OPTION) {
        cursor.note(
            option,
            NoteKind::Deviation,
            "D-04: an extension of rsplib; how many pool elements an answer has is the registrar's affair in RFC 5352.",
        );
    }
}

fn check_answer(cursor: &mut Cursor<'_, '_>, message: &Message, seen: &Seen) {
    let elements = seen.first(kind::POOL_ELEMENT);
    match (seen.first(kind::OPERATION_ERROR), elements) {
        (None, None) => cursor.wrong(
            message.position,
            "It has neither pool elements nor an error, hence it answers nothing.",
        ),
        (Some(_), Some(element)) => {
            cursor.wrong(element, "Pool elements and an error exclude each other.");
        }
        (None, Some(element)) => {
            if seen.first(kind::POLICY).is_some_and(|policy| policy > element) {
                cursor.wrong(
                    element,
                    "The policy of the pool should be before the pool elements.",
                );
            }
        }
        (Some(_), None) => {}
    }
}

fn check_keep_alive(cursor: &mut Cursor<'_, '_>, _: &Message, seen: &Seen) {
    if let Some(element) = seen.first(kind::PE_IDENTIFIER) {
        cursor.note(
            element,
            NoteKind::Deviation,
            "D-03: rsplib names the pool element; RFC 5352 names the pool only.",
        );
    }
}

fn check_card(cursor: &mut Cursor<'_, '_>, _: &Message, seen: &Seen) {
    if let Some(policy) = seen.first(kind::POLICY) {
        cursor.note(
            policy,
            NoteKind::Deviation,
            "D-21: rsplib's encoder adds a policy, which RFC 5352 does not know here.",
        );
    }
}
