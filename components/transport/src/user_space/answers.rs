//! Limits how much of a packet is processed, so that no packet causes more than a few responses.
//!
//! dcsctp answers every chunk that requires a response with a separate packet, and a datagram can contain thousands
//! of chunks.

use std::borrow::Cow;
use std::time::Instant;

use super::allowance::{Allowance, Rate};
use super::packet::{Chunk, PacketView, chunk};

/// The maximum number of chunks in a packet that require separate responses. An honest packet has one or two at
/// most.
const MOST_IN_PACKET: usize = 4;
/// The bytes of a DATA chunk's value before the user data (RFC 9260 section 3.3.1).
const DATA_FIXED: usize = 12;
/// The bit in an unknown chunk type that requests a report (RFC 9260 section 3.2).
const REPORT: u8 = 0x40;

/// Counts the responses to one peer.
#[derive(Debug)]
pub(super) struct Answers(Allowance);

impl Answers {
    pub(super) const fn new(now: Instant) -> Self {
        Self(Allowance::new(now, Rate::ASSOCIATION))
    }

    /// Returns the beginning of a packet that may be processed; `None` if there is none. The rest counts as lost, as
    /// if the network had dropped it.
    pub(super) fn admit<'a>(&mut self, now: Instant, packet: PacketView<'a>) -> Option<Cow<'a, [u8]>> {
        let mut answers = 0;
        let mut acknowledgements = 0;
        packet.beginning(|index, chunk| {
            let admitted = match chunk.kind {
                // These never follow other chunks (RFC 9260 sections 3 and 5.1), and their content has only been
                // checked at the front.
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

/// Returns whether a chunk requires a separate response. User data does not: it is acknowledged once for the whole
/// packet.
const fn is_answered(chunk: Chunk<'_>) -> bool {
    match chunk.kind {
        chunk::DATA => chunk.value.len() <= DATA_FIXED,
        chunk::COOKIE_ECHO | chunk::HEARTBEAT | chunk::RE_CONFIG | chunk::SHUTDOWN | chunk::SHUTDOWN_ACK => {
            true
        }
        kind => kind & REPORT != 0,
    }
}
