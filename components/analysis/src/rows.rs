//! The rows of a table.

use std::collections::BTreeSet;
use std::sync::Arc;

use feed::{Protocol as Purpose, Timestamp};
use trace::{Category, Clock, End, Filter, FilterError, MessageId, PacketId, Prepared, Protocol, Trace};

use crate::Item;
use crate::item::Row;

/// Which rows are wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// The filter, as it was written.
    pub filter: String,
    /// The categories of messages that are left out.
    pub hidden: BTreeSet<Category>,
    /// The purposes of messages that are left out.
    pub hidden_purposes: BTreeSet<Purpose>,
    /// Whether packets of SCTP are wanted as well.
    pub sctp: bool,
    /// Only what this component has sent or received, by its name.
    pub component: Option<String>,
    /// Only what was sent within this span.
    pub span: Option<(Timestamp, Timestamp)>,
}

/// The rows that were found, in the order of the recording.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    rows: Arc<Vec<Row>>,
    /// What was wanted.
    pub wanted: Wanted,
    /// Why the filter is none; then everything is there that is not left out otherwise.
    pub error: Option<FilterError>,
}

impl Rows {
    /// Returns their number.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns a row.
    #[must_use]
    pub fn get(&self, position: usize) -> Option<Item> {
        self.rows.get(position).map(|row| (*row).into())
    }

    /// Returns the position of the first row of what was sent after a time.
    #[must_use]
    pub fn after(&self, trace: &Trace, at: Timestamp) -> usize {
        let sent = |item: Item| match item {
            Item::Message(id) => trace.message(id).map(|message| message.sent),
            Item::Packet(id) => trace.packet(id).map(|packet| packet.sent),
        };
        self.rows
            .partition_point(|row| sent((*row).into()).is_some_and(|sent| sent <= at))
    }

    /// Returns the position of an item.
    ///
    /// # Errors
    /// Returns the position where it would be, if it is not among them.
    pub fn position(&self, trace: &Trace, item: Item) -> Result<usize, usize> {
        let key = |item: Item| order(trace, item);
        let wanted = key(item);
        let place = self.rows.partition_point(|row| key((*row).into()) < wanted);
        if self.get(place) == Some(item) {
            Ok(place)
        } else {
            Err(place)
        }
    }
}

/// Returns the place of an item: a packet comes before the messages that it makes whole.
fn order(trace: &Trace, item: Item) -> (u32, u32) {
    match item {
        Item::Packet(packet) => (packet.0, 0),
        Item::Message(id) => (
            trace.message(id).map_or(u32::MAX, |message| message.last.0),
            id.0 + 1,
        ),
    }
}

/// Looks through a trace that grows.
#[derive(Debug)]
pub(crate) struct Search {
    wanted: Wanted,
    filter: Result<Filter, FilterError>,
    rows: Arc<Vec<Row>>,
    /// The ends that were known then.
    ends: Arc<Vec<End>>,
    looked_at_messages: usize,
    looked_at_packets: usize,
}

impl Search {
    pub(crate) fn new(wanted: Wanted) -> Self {
        Self {
            filter: Filter::parse(&wanted.filter),
            wanted,
            rows: Arc::default(),
            ends: Arc::default(),
            looked_at_messages: 0,
            looked_at_packets: 0,
        }
    }

    pub(crate) fn rows(&self) -> Rows {
        Rows {
            rows: Arc::clone(&self.rows),
            wanted: self.wanted.clone(),
            error: self.filter.as_ref().err().cloned(),
        }
    }

    /// More is known of this packet or of its messages, and maybe of later ones: looks at them once more, if that matters.
    pub(crate) fn look_again(&mut self, trace: &Trace, from: PacketId) {
        let is_provisional = self.filter.as_ref().is_ok_and(Filter::is_provisional);
        if !is_provisional && self.wanted.span.is_none() {
            return;
        }
        let kept = self
            .rows
            .partition_point(|row| order(trace, (*row).into()) < (from.0, 0));
        Arc::make_mut(&mut self.rows).truncate(kept);
        let message = trace.messages.partition_point(|message| message.last < from);
        self.looked_at_messages = self.looked_at_messages.min(message);
        self.looked_at_packets = self.looked_at_packets.min(from.0 as usize);
    }

    /// What a name in a filter means depends on whom there is.
    fn meet(&mut self, ends: &Arc<Vec<End>>) {
        if Arc::ptr_eq(&self.ends, ends) {
            return;
        }
        let is_about_some = self.filter.as_ref().is_ok_and(|filter| !filter.is_empty());
        if (is_about_some || self.wanted.component.is_some()) && self.ends != *ends {
            self.rows = Arc::default();
            (self.looked_at_messages, self.looked_at_packets) = (0, 0);
        }
        self.ends = Arc::clone(ends);
    }

    /// Looks at so many messages at most. Returns whether there are more.
    pub(crate) fn look(&mut self, trace: &Trace, clock: Clock, most: usize) -> bool {
        self.meet(&trace.ends);
        let none = Filter::default();
        let filter = self.filter.as_ref().unwrap_or(&none);
        let look = Look {
            trace,
            wanted: &self.wanted,
            prepared: filter.prepare(trace, clock),
            component: self.wanted.component.as_deref().map(|name| trace.component(name)),
        };
        let rows = Arc::make_mut(&mut self.rows);
        let mut left = most;
        let mut packets = trace.packets.from(self.looked_at_packets);
        for (position, message) in trace.messages.from(self.looked_at_messages) {
            if left == 0 {
                return true;
            }
            left -= 1;
            if self.wanted.sctp {
                let before = (message.last.0 as usize + 1).saturating_sub(self.looked_at_packets);
                for (position, _) in packets.by_ref().take(before) {
                    self.looked_at_packets = position + 1;
                    look.packet(position, rows);
                }
            }
            self.looked_at_messages = position + 1;
            look.message(position, rows);
        }
        if self.wanted.sctp {
            for (position, _) in packets {
                self.looked_at_packets = position + 1;
                look.packet(position, rows);
            }
        }
        false
    }
}

/// Returns the purpose of a message, as the graph has lines for it. State cookies travel with the data.
pub(crate) const fn purpose(protocol: Protocol, category: Category) -> Purpose {
    match (protocol, category) {
        (Protocol::Asap, Category::Cookie) => Purpose::Application,
        (Protocol::Asap, _) => Purpose::Asap,
        (Protocol::Enrp, _) => Purpose::Enrp,
        _ => Purpose::Application,
    }
}

struct Look<'a> {
    trace: &'a Trace,
    wanted: &'a Wanted,
    prepared: Prepared,
    /// The only component that is wanted; none of those that are known, if that is so.
    component: Option<Option<trace::EndId>>,
}

impl Look<'_> {
    fn message(&self, position: usize, rows: &mut Vec<Row>) {
        let Some(message) = self.trace.messages.get(position) else {
            return;
        };
        let ends = [Some(message.from), message.to];
        let of_component = self
            .component
            .is_none_or(|wanted| wanted.is_some() && ends.contains(&wanted));
        let within = self
            .wanted
            .span
            .is_none_or(|(from, to)| (from..=to).contains(&message.sent));
        if of_component
            && within
            && self.is_shown(message.protocol, message.name)
            && self.prepared.accepts(self.trace, position, message)
        {
            rows.push(Item::Message(MessageId(position as u32)).into());
        }
    }

    fn is_shown(&self, protocol: Protocol, name: u16) -> bool {
        let (hidden, purposes) = (&self.wanted.hidden, &self.wanted.hidden_purposes);
        if hidden.is_empty() && purposes.is_empty() {
            return true;
        }
        let category = Category::of(protocol, self.trace.names.get(name));
        !hidden.contains(&category) && !purposes.contains(&purpose(protocol, category))
    }

    fn packet(&self, position: usize, rows: &mut Vec<Row>) {
        let Some(packet) = self.trace.packets.get(position) else {
            return;
        };
        let ends = [Some(packet.from), packet.to];
        let of_component = self
            .component
            .is_none_or(|wanted| wanted.is_some() && ends.contains(&wanted));
        let within = self
            .wanted
            .span
            .is_none_or(|(from, to)| (from..=to).contains(&packet.sent));
        // A datagram is what it carries.
        if packet.chunks != 0 && of_component && within && self.prepared.accepts_packet(packet) {
            rows.push(Item::Packet(PacketId(position as u32)).into());
        }
    }
}
