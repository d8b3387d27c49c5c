//! What became of messages: they have arrived when all of their fragments have.

use std::collections::BTreeMap;

use feed::Timestamp;

use crate::path::Piece;
use crate::{Fate, MessageId, Packet, Tracer};

/// The fragments of a message that have not arrived.
#[derive(Debug, Default)]
pub(crate) struct Missing {
    /// What became of their latest transmissions, by their transmission sequence numbers.
    fragments: BTreeMap<u64, Fate>,
    /// When the latest one of those that have arrived did so.
    latest: Timestamp,
}

/// Returns what became of that which a packet carries: a receiver does not read what a bit was flipped in.
pub(crate) const fn content_fate(packet: &Packet) -> Fate {
    match packet.fate {
        Fate::Arrived | Fate::Sent if packet.corrupted => Fate::Lost,
        fate => fate,
    }
}

impl Missing {
    /// Returns what became of the message.
    fn fate(&self) -> (Fate, Timestamp) {
        let badness = |fate: &Fate| match fate {
            Fate::Arrived => 0,
            Fate::Sent => 1,
            Fate::Refused => 2,
            Fate::Lost => 3,
        };
        match self.fragments.values().copied().max_by_key(badness) {
            Some(worst) => (worst, Packet::NEVER),
            None => (Fate::Arrived, self.latest),
        }
    }
}

impl Tracer {
    /// Returns what became of a message whose fragments were sent in these packets, and when it had arrived.
    pub(crate) fn fate_of(&mut self, message: MessageId, pieces: &[Piece]) -> (Fate, Timestamp) {
        let mut missing = Missing::default();
        for piece in pieces {
            let attempts = std::iter::once(piece.packet).chain(piece.again.iter().map(|(packet, _)| *packet));
            let mut fate = Fate::Sent;
            let mut arrived = Packet::NEVER;
            for packet in attempts.filter_map(|id| self.trace.packet(id)) {
                fate = content_fate(packet);
                if fate == Fate::Arrived {
                    arrived = arrived.min(packet.arrived);
                }
            }
            if arrived == Packet::NEVER {
                missing.fragments.insert(piece.number, fate);
            } else {
                missing.latest = missing.latest.max(arrived);
            }
        }
        let fate = missing.fate();
        if pieces.len() > 1 && !missing.fragments.is_empty() {
            self.missing.insert(message, missing);
        }
        fate
    }

    /// Tells what became of a transmission of a fragment, or of a whole message if it has only one.
    pub(crate) fn settle_part(&mut self, id: MessageId, number: u64, fate: Fate, arrived: Timestamp) {
        if self
            .trace
            .message(id)
            .is_some_and(|message| message.fragments < 2)
        {
            return self.settle_message(id, fate, arrived);
        }
        let Some(missing) = self.missing.get_mut(&id) else {
            return;
        };
        if fate == Fate::Arrived {
            if missing.fragments.remove(&number).is_some() {
                missing.latest = missing.latest.max(arrived);
            }
        } else if let Some(known) = missing.fragments.get_mut(&number) {
            *known = fate;
        }
        let (fate, arrived) = missing.fate();
        if fate == Fate::Arrived {
            self.missing.remove(&id);
        }
        self.settle_message(id, fate, arrived);
    }

    /// Tells what became of a message. Once it has arrived, nothing changes that.
    pub(crate) fn settle_message(&mut self, id: MessageId, fate: Fate, arrived: Timestamp) {
        let known = self.trace.message(id).map(|message| message.fate);
        if known.is_none_or(|known| known == Fate::Arrived || known == fate) {
            return;
        }
        self.trace.messages.change(id.0 as usize, |message| {
            message.fate = fate;
            message.arrived = if fate == Fate::Arrived {
                arrived.max(message.sent)
            } else {
                Packet::NEVER
            };
        });
    }
}
