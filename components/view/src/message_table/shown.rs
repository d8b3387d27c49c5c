//! The filter of the table.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::snapshot::Snapshot;
use model::{ComponentId, MessageLog, MessageRecord};

/// The messages that pass the filter, updated with the log instead of searched again in each frame.
#[derive(Debug, Default)]
pub(super) struct Shown {
    filter: String,
    component: Option<ComponentId>,
    /// The messages that are shown while the table is paused, whatever the log still keeps of them.
    held: Option<Held>,
    pub(super) numbers: VecDeque<u64>,
    looked_at: u64,
    /// The model whose log was looked at.
    epoch: u64,
}

/// The log as it was when the table was paused. It shares its records with the log.
#[derive(Debug)]
struct Held {
    records: VecDeque<Arc<MessageRecord>>,
    next_number: u64,
}

impl Shown {
    /// Keeps the messages of a log until they are released.
    pub(super) fn hold(&mut self, log: &MessageLog) {
        *self = Self {
            held: Some(Held {
                records: log.records.clone(),
                next_number: log.next_number,
            }),
            ..Self::default()
        };
    }

    /// Follows the log again.
    pub(super) fn release(&mut self) {
        *self = Self::default();
    }

    /// Returns how many messages have come since they are held, if they are.
    pub(super) fn waiting(&self, log: &MessageLog) -> Option<u64> {
        let held = self.held.as_ref()?;
        Some(log.next_number.saturating_sub(held.next_number))
    }

    /// Returns the message with this number.
    pub(super) fn get<'a>(&'a self, log: &'a MessageLog, number: u64) -> Option<&'a Arc<MessageRecord>> {
        match &self.held {
            Some(held) => {
                let oldest = held.records.front()?.number;
                held.records
                    .get(usize::try_from(number.checked_sub(oldest)?).ok()?)
            }
            None => log.shared(number),
        }
    }

    /// Adds new messages, or starts again if the filter was changed.
    pub(super) fn update(&mut self, snapshot: &Snapshot<'_>, filter: &str, component: Option<ComponentId>) {
        let log = &snapshot.model.messages;
        let (records, next_number) = match &self.held {
            Some(held) => (&held.records, held.next_number),
            None => (&log.records, log.next_number),
        };
        let is_other = self.epoch != snapshot.epoch() && self.held.is_none();
        if self.filter != filter || self.component != component || self.looked_at > next_number || is_other {
            self.epoch = snapshot.epoch();
            self.filter = filter.to_owned();
            self.component = component;
            self.numbers.clear();
            self.looked_at = 0;
        }
        let oldest = records.front().map_or(next_number, |record| record.number);
        while self.numbers.front().is_some_and(|number| *number < oldest) {
            self.numbers.pop_front();
        }
        let needle = filter.to_lowercase();
        let first = usize::try_from(self.looked_at.saturating_sub(oldest)).unwrap_or(usize::MAX);
        for record in records.iter().skip(first) {
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
        id.and_then(|id| snapshot.model.present_or_removed(id))
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
