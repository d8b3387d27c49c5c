//! Chunks that change an association: its addresses (RFC 5061) and its streams (RFC 6525).

use crate::cursor::Cursor;
use crate::sctp::chunk::Kind;
use crate::sctp::parameter::{kind, parameters};
use crate::sctp::{unsigned, unsigned16};
use crate::term::terms;
use crate::{Term, Value};

terms! {
    ASCONF_TERM = "ASCONF" ["sctp"] {
        "RFC 5061, section 4.1.1",
        "Adds or deletes addresses of the sender, or asks for one as the primary path. The peer answers with ASCONF-ACK."
    };
    ASCONF_ACK_TERM = "ASCONF-ACK" ["sctp"] {
        "RFC 5061, section 4.1.2", "Tells which changes were made; those that are not mentioned were."
    };
    RE_CONFIG_TERM = "RE-CONFIG" ["sctp"] {
        "RFC 6525, section 3.1", "Resets the numbering of streams, or adds streams, without a new association."
    };
    ASCONF_NUMBER = "Sequence Number" ["sctp.asconf_seq_nr_number"] {
        "RFC 5061, section 4.1.1", "Counts the ASCONF chunks of the association, so that one that is repeated is not executed twice."
    };
    ASCONF_ACK_NUMBER = "Sequence Number" ["sctp.asconf_ack_seq_nr_number"] {
        "RFC 5061, section 4.1.2", "That of the ASCONF that is answered."
    };
    REQUEST_NUMBER = "Re-configuration Request Sequence Number" ["sctp.parameter_reconfig_request_sequence_number"] {
        "RFC 6525, section 4.1", "Counts the requests of the sender, so that one that is repeated is not executed twice."
    };
    RESPONSE_NUMBER = "Re-configuration Response Sequence Number" ["sctp.parameter_reconfig_response_sequence_number"] {
        "RFC 6525, section 4.1", "That of the request that is answered."
    };
    LAST_TSN = "Sender's Last Assigned TSN" ["sctp.parameter_senders_last_assigned_tsn"] {
        "RFC 6525, section 4.1", "The receiver resets the streams when it has everything up to this TSN."
    };
    STREAM = "Stream Number" ["sctp.parameter_reconfig_sid"] {
        "RFC 6525, section 4.1", "A stream that is reset; all of them if there is none."
    };
    RESULT = "Result" ["sctp.parameter_reconfig_response_result"] {
        "RFC 6525, section 4.4", "What has become of the request."
    };
    SENDERS_NEXT = "Sender's Next TSN" ["sctp.parameter_senders_next_tsn"] {
        "RFC 6525, section 4.4", "With which TSN the sender goes on after all numbers began anew."
    };
    RECEIVERS_NEXT = "Receiver's Next TSN" ["sctp.parameter_receivers_next_tsn"] {
        "RFC 6525, section 4.4", "With which TSN the peer goes on after all numbers began anew."
    };
    OUTGOING_STREAMS = "Number of new streams" ["sctp.parameter_add_outgoing_streams_number"] {
        "RFC 6525, section 4.5", "How many streams are added to those of the sender."
    };
    OUTGOING_RESERVED = "Reserved" ["sctp.parameter_add_outgoing_streams_reserved"];
    INCOMING_STREAMS = "Number of new streams" ["sctp.parameter_add_incoming_streams_number"] {
        "RFC 6525, section 4.6", "How many streams are added to those of the peer."
    };
    INCOMING_RESERVED = "Reserved" ["sctp.parameter_add_incoming_streams_reserved"];
}

pub(super) static ASCONF: Kind = Kind {
    term: &ASCONF_TERM,
    flags: &[],
    fill: |cursor, _| {
        cursor.u32(&ASCONF_NUMBER, |number| {
            Value::Hexadecimal(number.into(), 8, None)
        })?;
        parameters(cursor).map(|_| ())
    },
};

pub(super) static ASCONF_ACK: Kind = Kind {
    term: &ASCONF_ACK_TERM,
    flags: &[],
    fill: |cursor, _| {
        cursor.u32(&ASCONF_ACK_NUMBER, |number| {
            Value::Hexadecimal(number.into(), 8, None)
        })?;
        parameters(cursor).map(|_| ())
    },
};

pub(super) static RE_CONFIG: Kind = Kind {
    term: &RE_CONFIG_TERM,
    flags: &[],
    fill: |cursor, _| parameters(cursor).map(|_| ()),
};

/// Adds the value of a parameter of RE-CONFIG.
pub(super) fn fill(cursor: &mut Cursor<'_, '_>, kind: u16) -> Option<()> {
    match kind {
        kind::OUTGOING_RESET => {
            cursor.u32(&REQUEST_NUMBER, unsigned)?;
            cursor.u32(&RESPONSE_NUMBER, unsigned)?;
            cursor.u32(&LAST_TSN, unsigned)?;
            streams(cursor)
        }
        kind::INCOMING_RESET => {
            cursor.u32(&REQUEST_NUMBER, unsigned)?;
            streams(cursor)
        }
        kind::TSN_RESET => cursor.u32(&REQUEST_NUMBER, unsigned).map(|_| ()),
        kind::RESPONSE => {
            cursor.u32(&RESPONSE_NUMBER, unsigned)?;
            cursor.u32(&RESULT, |result| {
                Value::Unsigned(result.into(), result_name(result))
            })?;
            if cursor.left() > 0 {
                cursor.u32(&SENDERS_NEXT, unsigned)?;
                cursor.u32(&RECEIVERS_NEXT, unsigned)?;
            }
            Some(())
        }
        kind::ADD_OUTGOING => more(cursor, &OUTGOING_STREAMS, &OUTGOING_RESERVED),
        _ => more(cursor, &INCOMING_STREAMS, &INCOMING_RESERVED),
    }
}

fn streams(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    while cursor.left() > 0 {
        cursor.u16(&STREAM, unsigned16)?;
    }
    Some(())
}

fn more(cursor: &mut Cursor<'_, '_>, number: &'static Term, reserved: &'static Term) -> Option<()> {
    cursor.u32(&REQUEST_NUMBER, unsigned)?;
    cursor.u16(number, unsigned16)?;
    cursor.u16(reserved, unsigned16)?;
    Some(())
}

const fn result_name(result: u32) -> Option<&'static str> {
    Some(match result {
        0 => "nothing to do",
        1 => "performed",
        2 => "denied",
        3 => "wrong stream sequence number",
        4 => "a request is already in progress",
        5 => "bad sequence number",
        6 => "in progress",
        _ => return None,
    })
}
