//! The state cookies of rsplib's services, which ASAP carries without knowing what they contain.

use crate::cursor::Cursor;
use crate::fractal_generator;
use crate::service::{unsigned, unsigned64};
use crate::term::terms;
use crate::{NoteKind, Term, Value};

terms! {
    MAGIC = "Identification" {
        "rsplib, state cookies", "Says whose cookie it is, so that a service does not take that of another one for its own."
    };
    ORDER = "FGP_PARAMETER" {
        "rsplib, Fractal Generator Protocol", "The order of the pool user, so that the new pool element need not be told again."
    };
    CURRENT_X = "Current X" {
        "rsplib, Fractal Generator Protocol", "The column of the pixel with which the next pool element goes on."
    };
    CURRENT_Y = "Current Y" {
        "rsplib, Fractal Generator Protocol", "The row of the pixel with which the next pool element goes on."
    };
    REPLY_NUMBER = "Reply Number" {
        "rsplib, Ping Pong Protocol", "That of the next pong, so that the pool user sees no gap after a failover."
    };
    JOB_ID = "Job ID" {
        "rsplib, CalcApp", "Which job of the session it is about."
    };
    JOB_SIZE = "Job Size" {
        "rsplib, CalcApp", "How many calculations the job consists of."
    };
    COMPLETED = "Completed" {
        "rsplib, CalcApp", "How many of them are done, and need not be done again."
    };
}

const FRACTAL: &[u8; 8] = b"<FG-TD1>";
const PING_PONG: &[u8; 8] = b"<PP-TD1>";
const FRACTAL_SIZE: usize = 76;
const ORDER_SIZE: usize = 60;
const PING_PONG_SIZE: usize = 16;
const CALC_APP_SIZE: usize = 20;

/// Adds a cookie, which takes all that is left.
pub(crate) fn fill(cursor: &mut Cursor<'_, '_>, term: &'static Term) {
    let size = cursor.left();
    let position = match (cursor.peek::<8>(), size) {
        (Some(magic), FRACTAL_SIZE) if magic == *FRACTAL => cursor.group(term, size, |inner| {
            inner.field(&MAGIC, FRACTAL.len(), Value::Text)?;
            inner.group(&ORDER, ORDER_SIZE, fractal_generator::order_of_cookie);
            inner.u32(&CURRENT_X, unsigned)?;
            inner.u32(&CURRENT_Y, unsigned)?;
            Some(())
        }),
        (Some(magic), PING_PONG_SIZE) if magic == *PING_PONG => cursor.group(term, size, |inner| {
            inner.field(&MAGIC, PING_PONG.len(), Value::Text)?;
            inner.u64(&REPLY_NUMBER, unsigned64)?;
            Some(())
        }),
        (_, CALC_APP_SIZE) if is_calculation(cursor) => {
            let position = cursor.group(term, size, |inner| {
                inner.u32(&JOB_ID, unsigned)?;
                inner.u64(&JOB_SIZE, unsigned64)?;
                inner.u64(&COMPLETED, unsigned64)?;
                Some(())
            });
            let text = "It does not say whose it is; by its size and numbers it may be one of CalcApp.";
            cursor.note(position, NoteKind::Remark, text);
            position
        }
        _ => cursor.remaining(term, Value::Bytes),
    };
    if size == 0 {
        cursor.note(
            position,
            NoteKind::Remark,
            "An empty cookie is of no use; rsplib refuses it.",
        );
    }
}

/// Returns whether a cookie of the right size may be one of CalcApp: no more is done than there is to do.
fn is_calculation(cursor: &Cursor<'_, '_>) -> bool {
    cursor
        .peek::<CALC_APP_SIZE>()
        .is_some_and(|[_, _, _, _, numbers @ ..]| {
            let (size, completed) = numbers.split_at(8);
            completed <= size
        })
}
