//! To which association a packet belongs.

use std::net::SocketAddr;
use std::sync::Arc;

use feed::Timestamp;

use crate::path::Path;
use crate::{Association, AssociationId, Copy, Direction, EndId, Tracer};

/// An association, and which of its ends sends.
pub(crate) type Way = (AssociationId, usize);

const INIT: u8 = 1;
const INIT_ACK: u8 = 2;
const ABORT: u8 = 6;
const SHUTDOWN_COMPLETE: u8 = 14;

impl Tracer {
    /// The maximum number of associations. What comes on top is left out.
    const ASSOCIATIONS: usize = 1_000_000;

    /// Returns the association of a packet, and which of its ends sent it.
    pub(crate) fn association(
        &mut self,
        copy: &Copy<'_>,
        from: EndId,
        to: EndId,
        parsed: &dissection::Packet<'_>,
    ) -> Option<Way> {
        let ports = [parsed.source_port, parsed.destination_port];
        let back = [ports[1], ports[0]];
        let key = (parsed.tag, ports);
        if copy.remark.corrupted {
            // The bit may be one of the tag or of the ports: then it is of none.
            return self.by_tag.get(&key).copied();
        }
        let first = parsed.chunks.clone().next();
        let mut addresses = [
            SocketAddr::new(copy.packet.source.ip(), ports[0]),
            SocketAddr::new(copy.packet.destination.ip(), ports[1]),
        ];
        addresses.sort();
        let initiate_tag = first.and_then(|chunk| match (chunk.kind, chunk.value) {
            (INIT | INIT_ACK, &[a, b, c, d, ..]) => Some(u32::from_be_bytes([a, b, c, d])),
            _ => None,
        });
        if parsed.tag == 0 {
            // Only an INIT has no tag. One that is repeated belongs to the association that it began.
            let tag = initiate_tag?;
            let reverse = (tag, back);
            if let Some((association, receiver)) = self.by_tag.get(&reverse) {
                return Some((*association, 1 - receiver));
            }
            let association = self.begin([from, to], ports, copy.at, addresses)?;
            self.by_tag.insert(reverse, (association, 1));
            self.learn_tag(association, 0, tag);
            return Some((association, 0));
        }
        // Who does not know the association answers with the tag of the packet that it answers (RFC 9260 section 8.4).
        let is_reflected = first
            .is_some_and(|chunk| matches!(chunk.kind, ABORT | SHUTDOWN_COMPLETE) && chunk.flags & 1 != 0);
        if is_reflected && let Some((association, answered)) = self.by_tag.get(&(parsed.tag, back)) {
            return Some((*association, 1 - answered));
        }
        let (association, side) = match self.by_tag.get(&key) {
            Some(found) => *found,
            None => {
                let (association, side) = self.adopt([from, to], ports, addresses, copy.at)?;
                self.by_tag.insert(key, (association, side));
                self.learn_tag(association, 1 - side, parsed.tag);
                (association, side)
            }
        };
        if let Some(tag) = initiate_tag {
            self.by_tag.insert((tag, back), (association, 1 - side));
            self.learn_tag(association, side, tag);
        }
        Some((association, side))
    }

    /// Returns the association between these ends for which the tag in this direction is not known yet, or else a new one.
    fn adopt(
        &mut self,
        ends: [EndId; 2],
        ports: [u16; 2],
        addresses: [SocketAddr; 2],
        at: Timestamp,
    ) -> Option<Way> {
        if let Some(latest) = self.by_ends.get(&addresses)
            && let Some(known) = self.trace.association(*latest)
        {
            let side = usize::from(!(known.ends[0] == ends[0] && known.ports[0] == ports[0]));
            if known.tags[1 - side].is_none() {
                return Some((*latest, side));
            }
        }
        let association = self.begin(ends, ports, at, addresses)?;
        Some((association, 0))
    }

    fn begin(
        &mut self,
        ends: [EndId; 2],
        ports: [u16; 2],
        at: Timestamp,
        addresses: [SocketAddr; 2],
    ) -> Option<AssociationId> {
        if self.trace.associations.len() >= Self::ASSOCIATIONS {
            return None;
        }
        let id = AssociationId(self.trace.associations.len() as u32);
        self.trace.associations.push(Arc::new(Association {
            ends,
            ports,
            began: at,
            seen: at,
            tags: [None; 2],
            states: Vec::new(),
            paths: Vec::new(),
            directions: Default::default(),
        }));
        self.paths.push(Default::default());
        self.by_ends.insert(addresses, id);
        Some(id)
    }

    fn learn_tag(&mut self, association: AssociationId, end: usize, tag: u32) {
        if let Some(association) = self.changing(association)
            && let Some(known) = association.tags.get_mut(end)
        {
            *known = Some(tag);
        }
    }

    /// Returns an association that is about to change.
    pub(crate) fn changing(&mut self, association: AssociationId) -> Option<&mut Association> {
        let association = self.trace.associations.get_mut(association.0 as usize)?;
        Some(Arc::make_mut(association))
    }

    pub(crate) fn direction(&mut self, (association, side): Way) -> Option<&mut Direction> {
        self.changing(association)?.directions.get_mut(side)
    }

    pub(crate) fn path(&mut self, (association, side): Way) -> Option<&mut Path> {
        self.paths.get_mut(association.0 as usize)?.get_mut(side)
    }
}
