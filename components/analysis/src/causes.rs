//! What came of what: inferred from the order of events and messages, not told by anybody.

use std::collections::BTreeMap;
use std::time::Duration;

use feed::Timestamp;
use ladder::{Caused, Event, EventKind};
use trace::{EndId, Message, MessageId};

use crate::drawn::folds;
use crate::{Chart, Item, Scene};

/// What a component sends within this time after it has noticed something, it sends because of that.
const SOON: Duration = Duration::from_millis(20);

/// Joins events with what they caused: a fault with its detection, and a detection with what was sent then.
pub(crate) fn join(
    scene: &Scene<'_>,
    messages: &[(MessageId, &Message)],
    place: &BTreeMap<EndId, usize>,
    events: &mut [Event],
) {
    let detections: Vec<(u64, Timestamp)> = events
        .iter()
        .filter(|event| event.kind == EventKind::Detected)
        .map(|event| (event.id, event.at))
        .collect();
    let faults: Vec<Timestamp> = events
        .iter()
        .filter(|event| event.kind == EventKind::Fault)
        .map(|event| event.at)
        .collect();
    for event in events.iter_mut() {
        match event.kind {
            EventKind::Fault => {
                let next_fault = faults.iter().find(|at| **at > event.at).copied();
                let noticed = detections
                    .iter()
                    .filter(|(_, at)| *at >= event.at && next_fault.is_none_or(|next| *at < next));
                event.caused.extend(noticed.map(|(id, _)| Caused::Event(*id)));
            }
            EventKind::Detected => {
                let sent = messages.iter().find(|(_, message)| {
                    place.get(&message.from) == Some(&event.line)
                        && (event.at..=event.at + SOON).contains(&message.sent)
                        && folds(message.protocol, scene.trace.names.get(message.name)).is_none()
                });
                let arrow = sent.map(|(id, _)| Caused::Arrow(Chart::arrow(Item::Message(*id))));
                event.caused.extend(arrow);
            }
            EventKind::TimerExpired | EventKind::Failover | EventKind::Takeover | EventKind::Other => {}
        }
    }
}
