//! The Scripting Service Protocol of rsplib.

use crate::cursor::Cursor;
use crate::service::{self, protocol, unsigned};
use crate::term::terms;
use crate::{Term, Value};

protocol!(PROTOCOL = "ssp", "rsplib, Scripting Service Protocol");

terms! {
    NOT_READY = "SSP_NOT_READY" ["ssp"] {
        "rsplib, Scripting Service Protocol", "The pool element takes no work now; the pool user turns to another one."
    };
    READY = "SSP_READY" ["ssp"] {
        "rsplib, Scripting Service Protocol", "The pool element waits for a work package."
    };
    UPLOAD = "SSP_UPLOAD" ["ssp"] {
        "rsplib, Scripting Service Protocol", "A piece of a file for the pool element; without data it ends the file."
    };
    DOWNLOAD = "SSP_DOWNLOAD" ["ssp"] {
        "rsplib, Scripting Service Protocol", "A piece of the result; without data it ends the file."
    };
    KEEPALIVE = "SSP_KEEPALIVE" ["ssp"] {
        "rsplib, Scripting Service Protocol", "Asks whether the other end is still there, since a script may run for long."
    };
    KEEPALIVE_ACK = "SSP_KEEPALIVE_ACK" ["ssp"] {
        "rsplib, Scripting Service Protocol", "The sender is still there. Only pool elements add a status."
    };
    STATUS = "SSP_STATUS" ["ssp"] {
        "rsplib, Scripting Service Protocol", "0 when the work begins, then the exit status of the script."
    };
    ENVIRONMENT = "SSP_ENVIRONMENT" ["ssp"] {
        "rsplib, Scripting Service Protocol",
        "Whether the pool element has the file with the environment of the work already, so that it need not be sent again."
    };
    REASON = "Reason" ["ssp.message_reason"] {
        "rsplib, Scripting Service Protocol", "Why no work is taken."
    };
    INFO = "Info" ["ssp.message_info"] {
        "rsplib, Scripting Service Protocol", "A text for people: the name of the host."
    };
    DATA = "Data" ["ssp.message_data"] {
        "rsplib, Scripting Service Protocol", "A piece of the file, 16384 bytes at most; none ends it."
    };
    STATUS_CODE = "Status" ["ssp.message_status"] {
        "rsplib, Scripting Service Protocol", "0 if all is well; otherwise the exit status of the script."
    };
    HASH = "Hash" ["ssp.message_hash"] {
        "rsplib, Scripting Service Protocol", "SHA-1 of the environment file, by which the pool element finds it in its cache."
    };
    UPLOAD_NEEDED = "Upload needed (U)" ["ssp.environment_u_bit"] {
        "rsplib, Scripting Service Protocol", "The pool element does not have the environment file: the pool user must upload it."
    };
}

/// The size of SHA-1.
const HASH_SIZE: usize = 20;

/// Returns the message of this type.
pub(crate) fn kind(number: u8) -> Option<&'static Term> {
    Some(match number {
        0 => &NOT_READY,
        1 => &READY,
        2 => &UPLOAD,
        3 => &DOWNLOAD,
        4 => &KEEPALIVE,
        5 => &KEEPALIVE_ACK,
        6 => &STATUS,
        7 => &ENVIRONMENT,
        _ => return None,
    })
}

/// Adds a message.
pub(crate) fn message(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    let number = cursor.peek().map(|[number]| number);
    let flags: &[(u8, &Term)] = match number {
        Some(7) => &[(0x01, &UPLOAD_NEEDED)],
        _ => &[],
    };
    service::message(cursor, &PROTOCOL, number.and_then(kind), flags, fill)
}

fn fill(cursor: &mut Cursor<'_, '_>, number: u8) -> Option<()> {
    match number {
        0 => {
            cursor.u32(&REASON, |reason| {
                let name = match reason {
                    1 => Some("fully loaded"),
                    2 => Some("out of resources"),
                    _ => None,
                };
                Value::Unsigned(reason.into(), name)
            })?;
            all(cursor, &INFO, Value::Text);
        }
        1 => all(cursor, &INFO, Value::Text),
        2 | 3 => all(cursor, &DATA, Value::Bytes),
        5 if cursor.left() == 0 => {}
        5 | 6 => {
            cursor.u32(&STATUS_CODE, unsigned)?;
        }
        7 => {
            cursor.field(&HASH, HASH_SIZE, Value::Bytes)?;
        }
        _ => {}
    }
    Some(())
}

fn all(cursor: &mut Cursor<'_, '_>, term: &'static Term, value: Value) {
    if cursor.left() > 0 {
        cursor.remaining(term, value);
    }
}
