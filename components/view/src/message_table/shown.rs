//! The filter of the table.

use std::collections::VecDeque;

use crate::snapshot::Snapshot;
use model::{ComponentId, MessageRecord};

/// The numbers of the messages that pass the filter, updated with the log instead of searched again in each frame.
#[derive(Debug, Default)]
pub(super) struct Shown {
    filter: String,
    component: Option<ComponentId>,
    pub(super) numbers: VecDeque<u64>,
    looked_at: u64,
}

impl Shown {
    /// Adds new messages, or starts again if the filter was changed.
    pub(super) fn update(
        &mut self,
        snapshot: &Snapshot<'_>,
        filter: &str,
        component: Option<ComponentId>,
        until: u64,
    ) {
        let log = &snapshot.model.messages;
        if self.filter != filter || self.component != component || self.looked_at > log.next_number {
            *self = Self {
                filter: filter.to_owned(),
                component,
                ..Self::default()
            };
        }
        let oldest = log
            .records
            .front()
            .map_or(log.next_number, |record| record.number);
        while self.numbers.front().is_some_and(|number| *number < oldest) {
            self.numbers.pop_front();
        }
        let needle = filter.to_lowercase();
        let first = usize::try_from(self.looked_at.saturating_sub(oldest)).unwrap_or(usize::MAX);
        for record in log
            .records
            .iter()
            .skip(first)
            .take_while(|record| record.number < until)
        {
            if component.is_none_or(|id| record.from == Some(id) || record.to == Some(id))
                && (needle.is_empty() || matches(snapshot, record, &needle))
            {
                self.numbers.push_back(record.number);
            }
            self.looked_at = record.number + 1;
        }
    }
}

/// Returns whether every word of the filter occurs in the message's name, content, protocol or ends.
fn matches(snapshot: &Snapshot<'_>, record: &MessageRecord, needle: &str) -> bool {
    let name = |id: Option<ComponentId>| {
        id.and_then(|id| snapshot.component(id))
            .map_or("", |it| it.name.as_str())
    };
    let text = format!(
        "{} {} {} {} {}",
        record.name,
        record.summary,
        record.ppid.name().unwrap_or_default(),
        name(record.from),
        name(record.to)
    )
    .to_lowercase();
    needle.split_whitespace().all(|word| text.contains(word))
}
