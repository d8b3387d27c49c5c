//! Packets that wait to be written, until none can come that precedes them.

use feed::{Packet, Packets, Timestamp};

/// The packets of all components. They come by component, and are written by their times.
#[derive(Debug, Default)]
pub(crate) struct WaitingPackets {
    batches: Vec<Packets>,
    queue: Vec<Queued>,
}

#[derive(Debug, Clone, Copy)]
struct Queued {
    at: Timestamp,
    component: u32,
    /// The number of packets of the component that are missing before this one.
    missing: u64,
    batch: usize,
    number: usize,
}

/// A packet that is to be written.
#[derive(Debug)]
pub(crate) struct Due<'a> {
    pub(crate) component: u32,
    pub(crate) missing: u64,
    pub(crate) packet: Packet<&'a [u8]>,
}

impl WaitingPackets {
    pub(crate) const fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Adds packets of a component, of which `missing` are missing before the first of these.
    pub(crate) fn add(&mut self, component: u32, mut missing: u64, packets: Packets) {
        let batch = self.batches.len();
        let queued = packets.times().enumerate().map(|(number, at)| Queued {
            at,
            component,
            missing: std::mem::take(&mut missing),
            batch,
            number,
        });
        self.queue.extend(queued);
        self.batches.push(packets);
    }

    /// Takes the packets up to this time.
    pub(crate) fn take_until(&mut self, until: Timestamp) -> Self {
        self.queue.sort_by_key(|queued| queued.at);
        let due = self.queue.partition_point(|queued| queued.at <= until);
        let mut later = Packets::default();
        let mut queue = self.queue.split_off(due);
        for queued in &mut queue {
            if let Some(packet) = self.packet(queued) {
                (queued.batch, queued.number) = (0, later.len());
                later.push(packet);
            }
        }
        let later = Self {
            batches: vec![later],
            queue,
        };
        std::mem::replace(self, later)
    }

    /// Returns the packets in the order of their times, if they were [taken](Self::take_until).
    pub(crate) fn due(&self) -> impl Iterator<Item = Due<'_>> {
        self.queue.iter().filter_map(|queued| {
            Some(Due {
                component: queued.component,
                missing: queued.missing,
                packet: self.packet(queued)?,
            })
        })
    }

    fn packet(&self, queued: &Queued) -> Option<Packet<&[u8]>> {
        self.batches.get(queued.batch)?.get(queued.number)
    }
}
