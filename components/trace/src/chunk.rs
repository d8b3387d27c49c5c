//! The packets of a chunk of a recording.

use feed::Remark;
use recording::{Chunk, Interface, ip};

use crate::{Copy, Place, Tracer};

impl Tracer {
    /// Takes the packets of a chunk from this position on. Returns the position behind the last one, from where it goes on
    /// when the chunk has grown.
    ///
    /// `number` is what [`Self::begin_chunk`] returned for it.
    pub fn take_chunk(&mut self, number: u32, chunk: &Chunk, from: usize) -> usize {
        for position in from..chunk.packet_count() {
            let Some(packet) = chunk.packet(position) else {
                self.count(0, 1);
                continue;
            };
            self.count(packet.missing, 0);
            let opened = (packet.interface.link_type == Interface::IP)
                .then(|| ip::open(packet.bytes))
                .flatten();
            let (Some(opened), Some(direction)) = (opened, packet.direction) else {
                self.count(0, 1);
                continue;
            };
            let remark = packet.comments().find_map(|comment| Remark::parse(&comment));
            self.take(&Copy {
                place: Place {
                    chunk: number,
                    position: u32::try_from(position).unwrap_or(u32::MAX),
                },
                component: &packet.interface.name,
                at: packet.at,
                direction,
                remark: remark.unwrap_or_default(),
                packet: opened,
            });
        }
        chunk.packet_count().max(from)
    }
}
