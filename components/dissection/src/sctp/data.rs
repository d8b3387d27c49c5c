//! Chunks that carry messages, or say that they will not come.

use wire::Ppid;

use crate::cursor::Cursor;
use crate::sctp::chunk::Kind;
use crate::sctp::{unsigned, unsigned16};
use crate::term::terms;
use crate::{Term, Value};

terms! {
    DATA_TERM = "DATA" ["sctp"] {
        "RFC 9260, section 3.3.1",
        "Carries a message or a fragment of one. It is sent again until the receiver has acknowledged its TSN."
    };
    I_DATA_TERM = "I-DATA" ["sctp"] {
        "RFC 8260, section 2.1",
        "As DATA, but fragments of messages of different streams may be mixed, so that a large one does not hold up the others."
    };
    FORWARD_TSN_TERM = "FORWARD TSN" ["sctp"] {
        "RFC 3758, section 3.2",
        "The sender has given messages up whose time is over. The receiver no longer waits for them."
    };
    I_FORWARD_TSN_TERM = "I-FORWARD-TSN" ["sctp"] {
        "RFC 8260, section 2.3.1", "As FORWARD TSN, for messages in I-DATA."
    };
    IMMEDIATE = "Immediately (I)" ["sctp.data_i_bit"] {
        "RFC 9260, section 3.3.1", "The sender asks for an acknowledgement at once instead of a delayed one."
    };
    UNORDERED = "Unordered (U)" ["sctp.data_u_bit"] {
        "RFC 9260, section 3.3.1", "The message is delivered as soon as it is complete, whatever is missing before it."
    };
    BEGINNING = "Beginning (B)" ["sctp.data_b_bit"] {
        "RFC 9260, section 3.3.1", "The first fragment of a message. With E as well, it is the whole message."
    };
    ENDING = "Ending (E)" ["sctp.data_e_bit"] {
        "RFC 9260, section 3.3.1", "The last fragment of a message."
    };
    TSN = "TSN" ["sctp.data_tsn_raw"] {
        "RFC 9260, section 3.3.1",
        "Transmission Sequence Number: counts the DATA chunks of the association, whatever their streams, so that each of them can be \
         acknowledged."
    };
    STREAM = "Stream Identifier" ["sctp.data_sid"] {
        "RFC 9260, section 3.3.1", "Messages are kept in order within a stream only: a loss in one of them does not hold up the others."
    };
    SEQUENCE = "Stream Sequence Number" ["sctp.data_ssn"] {
        "RFC 9260, section 3.3.1", "Counts the ordered messages of the stream. All fragments of a message have the same."
    };
    PAYLOAD_PROTOCOL = "Payload Protocol Identifier" ["sctp.data_payload_proto_id"] {
        "RFC 9260, section 3.3.1",
        "Names the protocol of the message. SCTP itself does not look at it; ASAP and ENRP are told from data by it."
    };
    PAYLOAD = "User Data" {
        "RFC 9260, section 3.3.1", "The message, or a fragment of it; one byte at least."
    };
    RESERVED = "Reserved" ["sctp.data_reserved"];
    MESSAGE_IDENTIFIER = "Message Identifier" ["sctp.data_mid"] {
        "RFC 8260, section 2.1", "Counts the messages of the stream."
    };
    FRAGMENT = "Fragment Sequence Number" ["sctp.data_fsn"] {
        "RFC 8260, section 2.1", "Counts the fragments of the message. The first one has the payload protocol identifier here."
    };
    NEW_CUMULATIVE = "New Cumulative TSN" ["sctp.forward_tsn_tsn"] {
        "RFC 3758, section 3.2", "The receiver takes everything up to this TSN for received."
    };
    FORWARD_STREAM = "Stream Identifier" ["sctp.forward_tsn_sid"] {
        "RFC 3758, section 3.2", "A stream in which messages are given up."
    };
    FORWARD_SEQUENCE = "Stream Sequence Number" ["sctp.forward_tsn_ssn"] {
        "RFC 3758, section 3.2", "The largest one that is given up in this stream; what is behind it can be delivered."
    };
    SKIPPED = "Skipped in a stream" {
        "RFC 3758, section 3.2", "Up to where the ordered messages of a stream are given up."
    };
    I_NEW_CUMULATIVE = "New Cumulative TSN" ["sctp.i_forward_tsn_tsn"] {
        "RFC 8260, section 2.3.1", "The receiver takes everything up to this TSN for received."
    };
    I_STREAM = "Stream Identifier" ["sctp.i_forward_tsn_sid"] {
        "RFC 8260, section 2.3.1", "A stream in which messages are given up."
    };
    I_FLAGS = "Flags" ["sctp.i_forward_tsn_flags"];
    I_UNORDERED = "Unordered (U)" ["sctp.i_forward_tsn_u_bit"] {
        "RFC 8260, section 2.3.1", "Unordered messages are counted on their own."
    };
    I_RESERVED = "Reserved" ["sctp.i_forward_tsn_res"];
    I_MESSAGE = "Message Identifier" ["sctp.forward_tsn_mid"] {
        "RFC 8260, section 2.3.1", "The largest one that is given up in this stream."
    };
}

const FLAGS: &[(u8, &Term)] = &[
    (0x08, &IMMEDIATE),
    (0x04, &UNORDERED),
    (0x02, &BEGINNING),
    (0x01, &ENDING),
];

pub(super) static DATA: Kind = Kind {
    term: &DATA_TERM,
    flags: FLAGS,
    fill: data,
};

pub(super) static I_DATA: Kind = Kind {
    term: &I_DATA_TERM,
    flags: FLAGS,
    fill: i_data,
};

pub(super) static FORWARD_TSN: Kind = Kind {
    term: &FORWARD_TSN_TERM,
    flags: &[],
    fill: forward_tsn,
};

pub(super) static I_FORWARD_TSN: Kind = Kind {
    term: &I_FORWARD_TSN_TERM,
    flags: &[],
    fill: i_forward_tsn,
};

fn data(cursor: &mut Cursor<'_, '_>, _: u8) -> Option<()> {
    cursor.u32(&TSN, unsigned)?;
    cursor.u16(&STREAM, unsigned16)?;
    cursor.u16(&SEQUENCE, unsigned16)?;
    cursor.u32(&PAYLOAD_PROTOCOL, |ppid| {
        Value::Unsigned(ppid.into(), Ppid(ppid).name())
    })?;
    payload(cursor)
}

fn i_data(cursor: &mut Cursor<'_, '_>, flags: u8) -> Option<()> {
    cursor.u32(&TSN, unsigned)?;
    cursor.u16(&STREAM, unsigned16)?;
    cursor.u16(&RESERVED, unsigned16)?;
    cursor.u32(&MESSAGE_IDENTIFIER, unsigned)?;
    match flags & 0x02 {
        0 => cursor.u32(&FRAGMENT, unsigned)?,
        _ => cursor.u32(&PAYLOAD_PROTOCOL, |ppid| {
            Value::Unsigned(ppid.into(), Ppid(ppid).name())
        })?,
    };
    payload(cursor)
}

fn payload(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    match cursor.left() {
        0 => cursor
            .malformed("It carries nothing: a receiver aborts the association with the cause No User Data."),
        _ => {
            cursor.remaining(&PAYLOAD, Value::Bytes);
        }
    }
    Some(())
}

fn forward_tsn(cursor: &mut Cursor<'_, '_>, _: u8) -> Option<()> {
    cursor.u32(&NEW_CUMULATIVE, unsigned)?;
    while !cursor.rest().is_empty() {
        cursor.group(&SKIPPED, 4, |inner| {
            inner.u16(&FORWARD_STREAM, unsigned16)?;
            inner.u16(&FORWARD_SEQUENCE, unsigned16)?;
            Some(())
        });
    }
    Some(())
}

fn i_forward_tsn(cursor: &mut Cursor<'_, '_>, _: u8) -> Option<()> {
    cursor.u32(&I_NEW_CUMULATIVE, unsigned)?;
    while !cursor.rest().is_empty() {
        cursor.group(&SKIPPED, 8, |inner| {
            inner.u16(&I_STREAM, unsigned16)?;
            let Some([high, low]) = inner.peek() else {
                return inner.u16(&I_FLAGS, unsigned16).map(|_| ());
            };
            let flags = u16::from_be_bytes([high, low]);
            inner.parent(&I_FLAGS, 2, Value::Hexadecimal(flags.into(), 4, None), |bits| {
                bits.shared_field(&I_RESERVED, 2, unsigned16(flags >> 1));
                bits.field(&I_UNORDERED, 2, Value::Flag(flags & 1 != 0))?;
                Some(())
            });
            inner.u32(&I_MESSAGE, unsigned)?;
            Some(())
        });
    }
    Some(())
}
