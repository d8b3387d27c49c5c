//! Chunks that set an association up.

use crate::cursor::Cursor;
use crate::sctp::chunk::{Kind, nothing};
use crate::sctp::parameter::{self, parameters};
use crate::sctp::{unsigned, unsigned16};
use crate::term::terms;
use crate::{Term, Value};

terms! {
    INIT_TERM = "INIT" ["sctp"] {
        "RFC 9260, section 3.3.2",
        "Asks for an association. The receiver answers with INIT ACK, and keeps nothing in memory until the cookie comes back."
    };
    INIT_ACK_TERM = "INIT ACK" ["sctp"] {
        "RFC 9260, section 3.3.3",
        "Answers an INIT. All that the sender must know of the association is in the State Cookie, which the peer returns: so a \
         flood of forged INITs costs no memory."
    };
    COOKIE_ECHO_TERM = "COOKIE ECHO" ["sctp"] {
        "RFC 9260, section 3.3.11",
        "Returns the State Cookie. It proves that the sender is reached at its address; only now the receiver has an association."
    };
    COOKIE_ACK_TERM = "COOKIE ACK" ["sctp"] {
        "RFC 9260, section 3.3.12", "The association is set up."
    };
    INIT_TAG = "Initiate Tag" ["sctp.init_initiate_tag"] {
        "RFC 9260, section 3.3.2",
        "The verification tag that all packets to the sender will have. A random number other than 0, which is hard to guess."
    };
    INIT_WINDOW = "Advertised Receiver Window Credit" ["sctp.init_credit"] {
        "RFC 9260, section 3.3.2", "How many bytes the sender has room for."
    };
    INIT_OUTBOUND = "Number of Outbound Streams" ["sctp.init_nr_out_streams"] {
        "RFC 9260, section 3.3.2", "How many streams the sender would like to send on; the peer may allow less."
    };
    INIT_INBOUND = "Number of Inbound Streams" ["sctp.init_nr_in_streams"] {
        "RFC 9260, section 3.3.2", "How many streams the peer may send on."
    };
    INIT_TSN = "Initial TSN" ["sctp.init_initial_tsn"] {
        "RFC 9260, section 3.3.2", "The TSN of the first DATA chunk of the sender."
    };
    ACK_TAG = "Initiate Tag" ["sctp.initack_initiate_tag"] {
        "RFC 9260, section 3.3.3", "The verification tag that all packets to the sender will have."
    };
    ACK_WINDOW = "Advertised Receiver Window Credit" ["sctp.initack_credit"] {
        "RFC 9260, section 3.3.3", "How many bytes the sender has room for."
    };
    ACK_OUTBOUND = "Number of Outbound Streams" ["sctp.initack_nr_out_streams"] {
        "RFC 9260, section 3.3.3", "How many streams the sender will send on; not more than the INIT allowed."
    };
    ACK_INBOUND = "Number of Inbound Streams" ["sctp.initack_nr_in_streams"] {
        "RFC 9260, section 3.3.3", "How many streams the peer may send on. The smaller number of both ends counts."
    };
    ACK_TSN = "Initial TSN" ["sctp.initack_initial_tsn"] {
        "RFC 9260, section 3.3.3", "The TSN of the first DATA chunk of the sender."
    };
    COOKIE = "Cookie" ["sctp.cookie"] {
        "RFC 9260, section 3.3.11", "The State Cookie of the INIT ACK, byte by byte. Its sender checks that it has signed it."
    };
}

pub(super) static INIT: Kind = Kind {
    term: &INIT_TERM,
    flags: &[],
    fill: |cursor, _| {
        fixed(
            cursor,
            [&INIT_TAG, &INIT_WINDOW, &INIT_OUTBOUND, &INIT_INBOUND, &INIT_TSN],
        )?;
        parameters(cursor)?;
        Some(())
    },
};

pub(super) static INIT_ACK: Kind = Kind {
    term: &INIT_ACK_TERM,
    flags: &[],
    fill: |cursor, _| {
        let length = cursor.last();
        fixed(
            cursor,
            [&ACK_TAG, &ACK_WINDOW, &ACK_OUTBOUND, &ACK_INBOUND, &ACK_TSN],
        )?;
        let seen = parameters(cursor)?;
        if !seen.contains(parameter::Seen::STATE_COOKIE) && !cursor.is_cut() {
            cursor.wrong(length, "The parameter State Cookie is missing.");
        }
        Some(())
    },
};

pub(super) static COOKIE_ECHO: Kind = Kind {
    term: &COOKIE_ECHO_TERM,
    flags: &[],
    fill: |cursor, _| {
        cursor.remaining(&COOKIE, Value::Bytes);
        Some(())
    },
};

pub(super) static COOKIE_ACK: Kind = Kind {
    term: &COOKIE_ACK_TERM,
    flags: &[],
    fill: nothing,
};

fn fixed(
    cursor: &mut Cursor<'_, '_>,
    [tag, window, outbound, inbound, tsn]: [&'static Term; 5],
) -> Option<()> {
    if cursor.u32(tag, |tag| Value::Hexadecimal(tag.into(), 8, None))? == 0 {
        cursor.malformed("The tag must not be 0.");
    }
    cursor.u32(window, unsigned)?;
    for streams in [outbound, inbound] {
        if cursor.u16(streams, unsigned16)? == 0 {
            cursor.malformed("There must be a stream in each direction.");
        }
    }
    cursor.u32(tsn, unsigned)?;
    Some(())
}
