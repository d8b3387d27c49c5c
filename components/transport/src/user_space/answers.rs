//! How much of a packet is read, so that no packet causes more than a few answers.
//!
//! dcsctp answers every chunk that asks for it with a packet of its own, and a datagram holds thousands of chunks.

use std::borrow::Cow;
use std::time::Instant;

use super::allowance::{Allowance, Rate};
use super::packet::{Chunk, PacketView, chunk};

/// Chunks of a packet that may ask for answers of their own. No honest packet has more than one or two.
const MOST_IN_PACKET: usize = 4;
/// In a DATA chunk what comes before the user data (RFC 9260 section 3.3.1).
const DATA_FIXED: usize = 12;
/// In the type of a chunk that is not known: it is to be reported (RFC 9260 section 3.2).
const REPORT: u8 = 0x40;

/// Counts the answers to one peer.
#[derive(Debug)]
pub(super) struct Answers(Allowance);

impl Answers {
    pub(super) const fn new(now: Instant) -> Self {
        Self(Allowance::new(now, Rate::ASSOCIATION))
    }

    /// The beginning of a packet that may be dealt with; `None` if that is nothing. The rest is treated as lost, as on a
    /// network that had no room for it.
    pub(super) fn admit<'a>(&mut self, now: Instant, packet: PacketView<'a>) -> Option<Cow<'a, [u8]>> {
        let mut answers = 0;
        let mut acknowledgements = 0;
        packet.beginning(|index, chunk| {
            let admitted = match chunk.kind {
                // These do not follow other chunks (RFC 9260 sections 3 and 5.1), and only at the front have their
                // contents been checked.
                chunk::INIT | chunk::INIT_ACK | chunk::COOKIE_ECHO if index > 0 => false,
                chunk::SACK => {
                    acknowledgements += 1;
                    acknowledgements == 1
                }
                _ => true,
            };
            admitted
                && (!is_answered(chunk) || {
                    answers += 1;
                    answers <= MOST_IN_PACKET && self.0.take(now)
                })
        })
    }
}

/// Whether a chunk asks for an answer of its own. Those to user data are for a whole packet.
const fn is_answered(chunk: Chunk<'_>) -> bool {
    match chunk.kind {
        chunk::DATA => chunk.value.len() <= DATA_FIXED,
        chunk::COOKIE_ECHO | chunk::HEARTBEAT | chunk::RE_CONFIG | chunk::SHUTDOWN | chunk::SHUTDOWN_ACK => {
            true
        }
        kind => kind & REPORT != 0,
    }
}
