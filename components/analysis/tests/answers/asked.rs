//! An analysis that is awaited.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use analysis::{Analysis, Inspected, Item, Wanted};
use crossbeam_channel::{Receiver, unbounded};
use recording::{Origin, Recording};
use trace::{Filter, Trace};

pub(crate) struct Asked {
    pub(crate) analysis: Analysis,
    told: Receiver<()>,
}

impl Asked {
    pub(crate) fn about(origin: Origin) -> Self {
        Self::bounded(origin, Analysis::PACKETS)
    }

    pub(crate) fn bounded(origin: Origin, most_packets: u64) -> Self {
        let (teller, told) = unbounded();
        let notify = Arc::new(move || teller.send(()).unwrap_or_default());
        Self {
            analysis: Analysis::bounded(origin, notify, most_packets).expect("a thread"),
            told,
        }
    }

    /// Takes answers until this holds.
    pub(crate) fn until(&mut self, what: &str, holds: impl Fn(&Analysis) -> bool) {
        const TOO_LONG: Duration = Duration::from_secs(60);
        while !holds(&self.analysis) {
            let told = self.told.recv_timeout(TOO_LONG);
            assert!(
                told.is_ok(),
                "{what}: nothing more is told; {:?}",
                self.analysis.problem()
            );
            self.analysis.drain();
        }
    }

    /// Waits for so many messages.
    pub(crate) fn traced(&mut self, messages: usize) -> Trace {
        let what = format!("{messages} messages");
        self.until(&what, |analysis| {
            analysis.trace().messages.len() == messages && analysis.progress() >= 1.0
        });
        self.analysis.trace().clone()
    }

    /// Waits for the rows that are expected of what has been traced, and returns them.
    pub(crate) fn rows(&mut self, wanted: Wanted, expected: &[Item]) {
        self.analysis.want(wanted.clone());
        let what = format!("{} rows of {:?}", expected.len(), wanted.filter);
        self.until(&what, |analysis| {
            let rows = analysis.rows();
            let found = (0..rows.len()).filter_map(|place| rows.get(place));
            rows.wanted == wanted && found.eq(expected.iter().copied())
        });
    }

    pub(crate) fn inspected(&mut self, item: Item) -> Inspected {
        self.analysis.inspect(item);
        let is_it = |inspected: &Inspected| inspected.item == item;
        self.until("an inspection", |analysis| {
            analysis.inspected().is_some_and(is_it)
        });
        self.analysis.inspected().expect("what was awaited").clone()
    }

    /// Returns which messages, and packets if wanted, satisfy a filter; in their order.
    pub(crate) fn expected(&self, text: &str, sctp: bool) -> Vec<Item> {
        let (trace, clock) = (self.analysis.trace(), self.analysis.clock().expect("a clock"));
        let filter = Filter::parse(text).expect("a filter").prepare(trace, clock);
        let messages = trace.messages.from(0);
        let messages = messages
            .filter(|(position, message)| filter.accepts(trace, *position, message))
            .map(|(position, message)| {
                let id = trace::MessageId(position as u32);
                (message.last, Some(id), Item::Message(id))
            });
        let packets = trace.packets.from(0);
        let packets = packets
            .filter(|(_, packet)| sctp && packet.chunks != 0 && filter.accepts_packet(packet))
            .map(|(position, _)| {
                let id = trace::PacketId(position as u32);
                (id, None, Item::Packet(id))
            });
        let mut all: Vec<_> = messages.chain(packets).collect();
        all.sort_by_key(|(packet, message, _)| (*packet, *message));
        all.into_iter().map(|(_, _, item)| item).collect()
    }
}

pub(crate) fn carried() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets/failover-kill.pcapng.zst")
}

pub(crate) fn recording() -> Recording {
    Recording::open(&carried()).expect("the recording that the program carries")
}

/// The carried recording, traced as a whole.
pub(crate) fn asked() -> Asked {
    let mut asked = Asked::about(Origin::File(carried()));
    asked.until("all of it", |analysis| analysis.progress() >= 1.0);
    asked
}
