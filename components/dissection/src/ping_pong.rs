//! The Ping Pong Protocol of rsplib.

use crate::cursor::Cursor;
use crate::service::{self, protocol, unsigned64};
use crate::term::terms;
use crate::{Term, Value};

protocol!(PROTOCOL = "pingpongprotocol", "rsplib, Ping Pong Protocol");

terms! {
    PING = "PPP_PING" ["pingpongprotocol"] {
        "rsplib, Ping Pong Protocol", "The pool user asks for a reply with the same data."
    };
    PONG = "PPP_PONG" ["pingpongprotocol"] {
        "rsplib, Ping Pong Protocol",
        "The reply. Its number goes on over failovers if the state cookie came through, and begins again at 1 if not."
    };
    PING_NUMBER = "Message Number" ["pingpongprotocol.ping_messageno"] {
        "rsplib, Ping Pong Protocol", "Counts the pings of the pool user, from 1."
    };
    PING_DATA = "Data" ["pingpongprotocol.ping_data"] {
        "rsplib, Ping Pong Protocol", "Any bytes, which the pong returns."
    };
    PONG_NUMBER = "Message Number" ["pingpongprotocol.pong_messageno"] {
        "rsplib, Ping Pong Protocol", "That of the ping."
    };
    REPLY_NUMBER = "Reply Number" ["pingpongprotocol.pong_replyno"] {
        "rsplib, Ping Pong Protocol", "Counts the replies of the session. A gap shows what was lost in a failover."
    };
    PONG_DATA = "Data" ["pingpongprotocol.pong_data"] {
        "rsplib, Ping Pong Protocol", "That of the ping."
    };
}

/// Returns the message of this type.
pub(crate) fn kind(number: u8) -> Option<&'static Term> {
    match number {
        1 => Some(&PING),
        2 => Some(&PONG),
        _ => None,
    }
}

/// Adds a message.
pub(crate) fn message(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    let term = cursor.peek().and_then(|[number]| kind(number));
    service::message(cursor, &PROTOCOL, term, &[], |inner, kind| {
        let data = match kind {
            1 => {
                inner.u64(&PING_NUMBER, unsigned64)?;
                &PING_DATA
            }
            _ => {
                inner.u64(&PONG_NUMBER, unsigned64)?;
                inner.u64(&REPLY_NUMBER, unsigned64)?;
                &PONG_DATA
            }
        };
        if inner.left() > 0 {
            inner.remaining(data, Value::Bytes);
        }
        Some(())
    })
}
