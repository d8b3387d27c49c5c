//! The CalcApp protocol of rsplib.

use crate::Term;
use crate::cursor::Cursor;
use crate::service::{self, protocol, unsigned, unsigned64};
use crate::term::terms;

protocol!(PROTOCOL = "calcappprotocol", "rsplib, CalcApp");

terms! {
    REQUEST = "CALCAPP_REQUEST" ["calcappprotocol"] {
        "rsplib, CalcApp", "The pool user orders a calculation."
    };
    ACCEPT = "CALCAPP_ACCEPT" ["calcappprotocol"] {
        "rsplib, CalcApp", "The pool element begins with the calculation, or goes on with it after a cookie echo."
    };
    REJECT = "CALCAPP_REJECT" ["calcappprotocol"] {
        "rsplib, CalcApp", "The pool element has as many calculations as it takes; the pool user turns to another one."
    };
    ABORT = "CALCAPP_ABORT" ["calcappprotocol"] {
        "rsplib, CalcApp", "Defined, but never sent."
    };
    COMPLETE = "CALCAPP_COMPLETE" ["calcappprotocol"] {
        "rsplib, CalcApp", "The calculation is done."
    };
    KEEPALIVE = "CALCAPP_KEEPALIVE" ["calcappprotocol"] {
        "rsplib, CalcApp", "Asks whether the other end still works on the job. It is answered within seconds, or given up."
    };
    KEEPALIVE_ACK = "CALCAPP_KEEPALIVE_ACK" ["calcappprotocol"] {
        "rsplib, CalcApp", "The sender still works on the job."
    };
    JOB_ID = "Job ID" ["calcappprotocol.message_jobid"] {
        "rsplib, CalcApp", "Which job of the session it is about."
    };
    JOB_SIZE = "Job Size" ["calcappprotocol.message_jobsize"] {
        "rsplib, CalcApp", "How many calculations the job consists of."
    };
    COMPLETED = "Completed" ["calcappprotocol.message_completed"] {
        "rsplib, CalcApp", "How many of them are done."
    };
}

/// Returns the message of this type.
pub(crate) fn kind(number: u8) -> Option<&'static Term> {
    Some(match number {
        1 => &REQUEST,
        2 => &ACCEPT,
        3 => &REJECT,
        4 => &ABORT,
        5 => &COMPLETE,
        6 => &KEEPALIVE,
        7 => &KEEPALIVE_ACK,
        _ => return None,
    })
}

/// Adds a message.
pub(crate) fn message(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    let term = cursor.peek().and_then(|[number]| kind(number));
    service::message(cursor, &PROTOCOL, term, &[], |inner, _| {
        inner.u32(&JOB_ID, unsigned)?;
        inner.u64(&JOB_SIZE, unsigned64)?;
        inner.u64(&COMPLETED, unsigned64)?;
        Some(())
    })
}
