//! Chunks that watch an association, close it, or say what is wrong.

use crate::sctp::cause::causes;
use crate::sctp::chunk::{Kind, nothing};
use crate::sctp::parameter::parameters;
use crate::sctp::unsigned;
use crate::term::terms;

terms! {
    HEARTBEAT_TERM = "HEARTBEAT" ["sctp"] {
        "RFC 9260, section 3.3.5",
        "Tests whether the peer is reached at an address on which nothing else is sent. The peer returns it as it is."
    };
    HEARTBEAT_ACK_TERM = "HEARTBEAT ACK" ["sctp"] {
        "RFC 9260, section 3.3.6",
        "Returns what was in the HEARTBEAT. Its sender finds there when and whereto it sent it, and knows the round-trip time."
    };
    ABORT_TERM = "ABORT" ["sctp"] {
        "RFC 9260, section 3.3.7",
        "Ends the association at once; what is still on its way is lost. The causes, if there are any, say why."
    };
    SHUTDOWN_TERM = "SHUTDOWN" ["sctp"] {
        "RFC 9260, section 3.3.8",
        "Begins to close the association: the sender sends nothing new, and waits until both have got everything."
    };
    SHUTDOWN_ACK_TERM = "SHUTDOWN ACK" ["sctp"] {
        "RFC 9260, section 3.3.9", "The peer has nothing left to send either."
    };
    ERROR_TERM = "ERROR" ["sctp"] {
        "RFC 9260, section 3.3.10", "Tells of something wrong that does not end the association by itself."
    };
    SHUTDOWN_COMPLETE_TERM = "SHUTDOWN COMPLETE" ["sctp"] {
        "RFC 9260, section 3.3.13", "The association is closed."
    };
    ABORT_T = "Reflected tag (T)" ["sctp.abort_t_bit"] {
        "RFC 9260, section 8.5.1",
        "The sender has no such association, hence no tag of the peer: the packet has the verification tag of the packet that it \
         answers."
    };
    COMPLETE_T = "Reflected tag (T)" ["sctp.shutdown_complete_t_bit"] {
        "RFC 9260, section 8.5.1",
        "The sender has no such association any more: the packet has the verification tag of the packet that it answers."
    };
    CUMULATIVE = "Cumulative TSN Ack" ["sctp.shutdown_cumulative_tsn_ack"] {
        "RFC 9260, section 3.3.8", "All DATA chunks up to this TSN have arrived."
    };
}

pub(super) static HEARTBEAT: Kind = Kind {
    term: &HEARTBEAT_TERM,
    flags: &[],
    fill: |cursor, _| parameters(cursor).map(|_| ()),
};

pub(super) static HEARTBEAT_ACK: Kind = Kind {
    term: &HEARTBEAT_ACK_TERM,
    flags: &[],
    fill: |cursor, _| parameters(cursor).map(|_| ()),
};

pub(super) static ABORT: Kind = Kind {
    term: &ABORT_TERM,
    flags: &[(0x01, &ABORT_T)],
    fill: |cursor, _| causes(cursor),
};

pub(super) static SHUTDOWN: Kind = Kind {
    term: &SHUTDOWN_TERM,
    flags: &[],
    fill: |cursor, _| cursor.u32(&CUMULATIVE, unsigned).map(|_| ()),
};

pub(super) static SHUTDOWN_ACK: Kind = Kind {
    term: &SHUTDOWN_ACK_TERM,
    flags: &[],
    fill: nothing,
};

pub(super) static ERROR: Kind = Kind {
    term: &ERROR_TERM,
    flags: &[],
    fill: |cursor, _| {
        if cursor.left() == 0 {
            cursor.malformed("An error has one cause at least.");
        }
        causes(cursor)
    },
};

pub(super) static SHUTDOWN_COMPLETE: Kind = Kind {
    term: &SHUTDOWN_COMPLETE_TERM,
    flags: &[(0x01, &COMPLETE_T)],
    fill: nothing,
};
