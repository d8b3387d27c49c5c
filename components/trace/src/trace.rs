//! What is known of the packets of a recording.

use std::net::IpAddr;
use std::sync::Arc;

use feed::Timestamp;

use crate::{
    Association, AssociationId, EndId, List, Message, MessageId, Names, Packet, PacketId, Retransmission,
    Texts,
};

/// What is known of the packets of a recording. A copy is cheap, and stays as it is while the original grows.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// The packets, in the order in which they were recorded.
    pub packets: List<Packet>,
    /// The messages, in the order in which they were whole.
    pub messages: List<Message>,
    /// What is in the messages, in a few words each.
    pub summaries: Texts,
    /// What was sent more than once, in order.
    pub retransmissions: List<Retransmission>,
    /// The names of messages.
    pub names: Names,
    /// The ends.
    pub ends: Arc<Vec<End>>,
    /// The associations, in the order in which they were first seen.
    pub associations: Vec<Arc<Association>>,
    /// The chunks of the recording that it was made of, by the numbers of their first records.
    pub chunks: Arc<Vec<u64>>,
    /// Packets that their components left out, as the recording says.
    pub missing: u64,
    /// What could not be understood at all.
    pub foreign: u64,
}

/// An end of an association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The name of the component; `None` if it is none of those that were recorded.
    pub component: Option<String>,
    /// The address that it had last.
    pub address: IpAddr,
}

impl Trace {
    /// How much later than its order says a packet may have been sent: it waited on a slow link, or for its receiver's copy.
    const SLACK: std::time::Duration = std::time::Duration::from_secs(2);

    /// Returns an end.
    #[must_use]
    pub fn end(&self, id: EndId) -> Option<&End> {
        self.ends.get(usize::from(id.0))
    }

    /// Returns the end that is this component.
    #[must_use]
    pub fn component(&self, name: &str) -> Option<EndId> {
        let is_it = |end: &End| end.component.as_deref() == Some(name);
        self.ends.iter().position(is_it).map(|place| EndId(place as u16))
    }

    /// Returns a packet.
    #[must_use]
    pub fn packet(&self, id: PacketId) -> Option<&Packet> {
        self.packets.get(id.0 as usize)
    }

    /// Returns a message.
    #[must_use]
    pub fn message(&self, id: MessageId) -> Option<&Message> {
        self.messages.get(id.0 as usize)
    }

    /// Returns an association.
    #[must_use]
    pub fn association(&self, id: AssociationId) -> Option<&Arc<Association>> {
        self.associations.get(id.0 as usize)
    }

    /// Returns the messages that were sent, or were under way, within a span.
    pub fn messages_within(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = (MessageId, &Message)> {
        // Where the messages that were whole then are. Their own times are not in order: a message may have been begun long
        // before it was whole.
        let begin = from - Self::SLACK;
        let packet = self.packets.partition_point(|packet| packet.sent < begin);
        let first = self
            .messages
            .partition_point(|message| (message.last.0 as usize) < packet);
        let all = self.messages.from(first);
        all.take_while(move |(_, message)| message.sent <= to + Self::SLACK)
            .filter(move |(_, message)| {
                message.sent <= to && message.arrival().unwrap_or(message.sent) >= from
            })
            .map(|(position, message)| (MessageId(position as u32), message))
    }

    /// Returns the packets that were sent, or were under way, within a span.
    pub fn packets_within(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = (PacketId, &Packet)> {
        let begin = from - Self::SLACK;
        let first = self.packets.partition_point(|packet| packet.sent < begin);
        let all = self.packets.from(first);
        all.take_while(move |(_, packet)| packet.sent <= to + Self::SLACK)
            .filter(move |(_, packet)| packet.sent <= to && packet.arrival().unwrap_or(packet.sent) >= from)
            .map(|(position, packet)| (PacketId(position as u32), packet))
    }

    /// Returns the packets that carried a message, or parts of it, for another time.
    pub fn retransmissions_of(&self, message: MessageId) -> impl Iterator<Item = PacketId> {
        let first = self.message(message).map_or(0, |message| {
            self.retransmissions
                .partition_point(|again| again.packet < message.first)
        });
        self.retransmissions
            .from(first)
            .map(|(_, again)| *again)
            .filter(move |again| again.message == Some(message))
            .map(|again| again.packet)
    }
}
