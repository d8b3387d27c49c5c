//! The packets of a listener as pcapng.

use std::collections::BTreeMap;

use feed::{Packet, WallClock};
use recording::{StreamWriter, WriteError, ip};

use crate::Component;
use crate::queue::{Comment, Gap};

pub(crate) struct Stream {
    writer: StreamWriter,
    wall_clock: WallClock,
    /// Comments that wait for a packet of a component, or of any.
    comments: Vec<(Option<u32>, String)>,
}

impl Stream {
    /// Begins a stream of a program, with what it is.
    pub(crate) fn begin(program: &str, what: &str) -> Result<Self, WriteError> {
        let wall_clock = WallClock::sample();
        Ok(Self {
            writer: StreamWriter::new(program, what, wall_clock)?,
            wall_clock,
            comments: Vec::new(),
        })
    }

    /// Lets the times of what follows be those of the clocks in the room, also after they have been set.
    pub(crate) fn follow_wall_clock(&mut self) {
        self.wall_clock.follow(WallClock::sample());
        self.writer.set_wall_clock(self.wall_clock);
    }

    pub(crate) fn packet(
        &mut self,
        id: u32,
        components: &BTreeMap<u32, Component>,
        packet: &Packet<&[u8]>,
        gap: Gap,
    ) -> Result<(), WriteError> {
        let (name, role) = named(id, components);
        let interface = self.writer.interface(&name, &ip::description(packet, role))?;
        let is_meant = |component: &Option<u32>| component.is_none_or(|component| component == id);
        for (_, text) in self.comments.extract_if(.., |(component, _)| is_meant(component)) {
            self.writer.comment(Some(interface), &text);
        }
        if gap.lost > 0 {
            let text = format!(
                "{} packets of {name} are missing before this one: they were not read in time",
                gap.lost
            );
            self.writer.comment(Some(interface), &text);
        }
        let remark = packet.remark();
        self.writer.packet(recording::Packet {
            interface,
            at: packet.at,
            direction: packet.direction,
            bytes: &ip::packet(packet),
            comment: remark.as_deref(),
            missing: gap.all(),
        })
    }

    /// Adds a comment to the next packet of its component, or of any.
    pub(crate) fn comment(&mut self, comment: Comment) {
        self.comments.push((comment.component, comment.text));
    }

    /// Lets the comments that still wait be content with any packet.
    pub(crate) fn grow_old(&mut self) {
        for (component, _) in &mut self.comments {
            *component = None;
        }
    }

    pub(crate) fn waiting_bytes(&self) -> usize {
        self.writer.waiting_bytes()
    }

    pub(crate) fn take(&mut self) -> Vec<u8> {
        self.writer.take()
    }
}

fn named(id: u32, components: &BTreeMap<u32, Component>) -> (String, &str) {
    match components.get(&id) {
        Some(component) => (component.name.clone(), &component.role),
        None => (format!("component {id}"), ""),
    }
}
