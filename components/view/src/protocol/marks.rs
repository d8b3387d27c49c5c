//! What rows, arrows and the graph have in common: colours, ends, and which message is meant.

use std::time::Duration;

use analysis::{Cast, Item, Member};
use egui::{Color32, Ui};
use feed::{ComponentRole, Protocol as Purpose};
use trace::{EndId, MessageId, Protocol, Trace};

use crate::button::role_label;
use crate::selection::{ChosenMessage, Pixels, SoughtPixel};
use crate::theme::{Theme, fade, size};

/// Returns the colour of a protocol.
pub(super) fn colour(theme: &Theme, protocol: Protocol) -> Color32 {
    match protocol {
        Protocol::Asap => theme.protocol(Purpose::Asap),
        Protocol::Enrp => theme.protocol(Purpose::Enrp),
        Protocol::FractalGenerator | Protocol::PingPong | Protocol::CalcApp | Protocol::Scripting => {
            theme.protocol(Purpose::Application)
        }
        Protocol::Status | Protocol::Other(_) => theme.weak,
    }
}

/// Returns the colour of an end.
pub(super) fn end_colour(theme: &Theme, member: &Member) -> Color32 {
    match member.role {
        Some(ComponentRole::PoolElement) => theme.element(member.colour),
        Some(ComponentRole::Registrar) => theme.protocol(Purpose::Enrp),
        Some(ComponentRole::PoolUser) => theme.text,
        None => theme.weak,
    }
}

/// Draws the shape of the role of an end.
pub(super) fn role_ui(ui: &mut Ui, theme: &Theme, member: &Member) {
    if let Some(role) = member.role {
        let colour = end_colour(theme, member);
        role_label(ui, role, fade(colour, 0.35), colour, size::ICON_SMALL);
    }
}

/// How far apart in time both ways of knowing a message may be: a component tells of it when it handles it, and its packet
/// is recorded when it leaves.
const APART: Duration = Duration::from_millis(20);

/// Returns a message as all views know it.
pub(super) fn chosen_message(trace: &Trace, cast: &Cast, item: Item) -> Option<ChosenMessage> {
    let component = |end: EndId| cast.get(end)?.component;
    Some(match item {
        Item::Message(id) => {
            let message = trace.message(id)?;
            ChosenMessage {
                from: component(message.from)?,
                to: message.to.and_then(component),
                sent: message.sent,
                arrived: message.arrival(),
                name: trace.names.get(message.name).to_owned(),
                pixels: pixels(trace, id),
            }
        }
        Item::Packet(id) => {
            let packet = trace.packet(id)?;
            ChosenMessage {
                from: component(packet.from)?,
                to: packet.to.and_then(component),
                sent: packet.sent,
                arrived: packet.arrival(),
                name: "SCTP packet".to_owned(),
                pixels: None,
            }
        }
    })
}

/// Returns the message that is meant: the nearest one of this name between the same ends.
pub(super) fn find(trace: &Trace, cast: &Cast, sought: &ChosenMessage) -> Option<Item> {
    let from = cast.end_of(sought.from)?;
    let to = sought.to.and_then(|to| cast.end_of(to));
    let near = trace.messages_within(sought.sent - APART, sought.sent + APART);
    let same = near.filter(|(_, message)| {
        message.from == from && message.to == to && trace.names.get(message.name) == sought.name
    });
    let apart = |at: feed::Timestamp| at.as_micros().abs_diff(sought.sent.as_micros());
    same.min_by_key(|(_, message)| apart(message.sent))
        .map(|(id, _)| Item::Message(id))
}

/// How many messages are looked at for the one that brought a pixel.
const MOST_LOOKED_AT: usize = 200_000;

/// Returns the pixels that a message carries, by its summary.
fn pixels(trace: &Trace, id: MessageId) -> Option<Pixels> {
    if trace.message(id)?.protocol != Protocol::FractalGenerator {
        return None;
    }
    let (count, rest) = trace.summaries.get(id.0 as usize).split_once(" pixels from (")?;
    let (x, y) = rest.strip_suffix(')')?.split_once(", ")?;
    Some(Pixels {
        x: x.parse().ok()?,
        y: y.parse().ok()?,
        count: count.parse().ok()?,
    })
}

/// Returns the last message before a time that brought a pixel.
pub(super) fn bringing(
    trace: &Trace,
    cast: &Cast,
    sought: &SoughtPixel,
    before: feed::Timestamp,
) -> Option<Item> {
    let to = cast.end_of(sought.user)?;
    let end = trace.messages.partition_point(|message| message.sent <= before);
    let first = end.saturating_sub(MOST_LOOKED_AT);
    let looked_at = trace.messages.from(first).take(end - first);
    let brought = looked_at
        .filter(|(_, message)| message.to == Some(to))
        .filter(|(number, _)| {
            let pixels = pixels(trace, MessageId(*number as u32));
            pixels.is_some_and(|pixels| pixels.contains(sought.x, sought.y, sought.width))
        });
    brought
        .last()
        .map(|(number, _)| Item::Message(MessageId(number as u32)))
}
