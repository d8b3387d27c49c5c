//! Logs of messages within records: whole, or as what has changed since an earlier record.
//!
//! A log holds megabytes, of which a few seconds change little. Its records are shared between it and its clones, and change
//! by being replaced: so two logs are compared by their pointers.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{MessageLog, MessageRecord};
use crate::bounded;

/// What of a log is not the same in an earlier one. The whole log is made again from it and those of earlier logs
/// ([`MessageRebuild`]); the first one of a row is what is not in an empty log, thus everything.
#[derive(Debug, Clone, Default)]
pub struct MessageDelta {
    /// Records that are new or have changed, in order.
    records: Vec<Arc<MessageRecord>>,
    /// The number of the oldest record that is kept, or of the next one if none is.
    oldest: u64,
    next_number: u64,
    lost: u64,
}

/// Makes a log of deltas, from the latest one back.
#[derive(Debug)]
pub struct MessageRebuild {
    /// The records from the oldest one on, as far as they have been found.
    found: VecDeque<Option<Arc<MessageRecord>>>,
    missing: usize,
    oldest: u64,
    lost: u64,
}

impl MessageDelta {
    /// Returns the number of records in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Returns whether no record is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

impl MessageLog {
    /// Returns what is not the same in an earlier state of this log.
    #[must_use]
    pub fn changed_since(&self, earlier: &Self) -> MessageDelta {
        let is_known = |record: &&Arc<MessageRecord>| {
            let known = earlier.shared(record.number);
            known.is_some_and(|known| Arc::ptr_eq(known, record))
        };
        MessageDelta {
            records: self
                .records
                .iter()
                .filter(|record| !is_known(record))
                .cloned()
                .collect(),
            oldest: self.oldest(),
            next_number: self.next_number,
            lost: self.lost,
        }
    }

    fn oldest(&self) -> u64 {
        self.records
            .front()
            .map_or(self.next_number, |record| record.number)
    }
}

impl MessageRebuild {
    /// Begins with the delta of the log that is to be made.
    #[must_use]
    pub fn new(latest: &MessageDelta) -> Self {
        let MessageDelta {
            oldest,
            next_number,
            lost,
            ..
        } = *latest;
        // A delta that was read has no more than a log can have.
        let records = usize::try_from(next_number.saturating_sub(oldest)).unwrap_or(usize::MAX);
        let records = records.min(MessageLog::RECORDS);
        let mut rebuild = Self {
            found: VecDeque::from(vec![None; records]),
            missing: records,
            oldest,
            lost,
        };
        rebuild.add(latest);
        rebuild
    }

    /// Takes what is still missing from the delta before those that have been added.
    pub fn add(&mut self, earlier: &MessageDelta) {
        for record in &earlier.records {
            let place = record.number.checked_sub(self.oldest);
            let place = place.and_then(|place| usize::try_from(place).ok());
            if let Some(place @ None) = place.and_then(|place| self.found.get_mut(place)) {
                *place = Some(Arc::clone(record));
                self.missing -= 1;
            }
        }
    }

    /// Returns how many records are still missing.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// Returns the log. If records are still missing, those after the last one that is missing are all that is left.
    #[must_use]
    pub fn finish(mut self) -> MessageLog {
        let gap = self.found.iter().rposition(Option::is_none);
        let gone = gap.map_or(0, |gap| gap + 1);
        let mut log = MessageLog {
            next_number: self.oldest.saturating_add(self.found.len() as u64),
            lost: self.lost.saturating_add(gone as u64),
            kept_bytes: 0,
            records: self.found.drain(gone..).flatten().collect(),
        };
        log.kept_bytes = log.records.iter().map(|record| record.memory()).sum();
        log.evict();
        log
    }
}

#[derive(Serialize)]
#[serde(rename = "Messages")]
struct Written<'a> {
    records: Vec<&'a MessageRecord>,
    oldest: u64,
    next_number: u64,
    lost: u64,
}

#[derive(Deserialize)]
#[serde(rename = "Messages")]
struct Read {
    #[serde(deserialize_with = "bounded::list::<{ MessageLog::RECORDS }, _, _>")]
    records: Vec<MessageRecord>,
    oldest: u64,
    #[serde(deserialize_with = "bounded::count")]
    next_number: u64,
    lost: u64,
}

impl Serialize for MessageDelta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written {
            records: self.records.iter().map(Arc::as_ref).collect(),
            oldest: self.oldest,
            next_number: self.next_number,
            lost: self.lost,
        }
        .serialize(serializer)
    }
}

impl Serialize for MessageLog {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written {
            records: self.records.iter().map(Arc::as_ref).collect(),
            oldest: self.oldest(),
            next_number: self.next_number,
            lost: self.lost,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MessageDelta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Read {
            records,
            oldest,
            next_number,
            lost,
        } = Read::deserialize(deserializer)?;
        let numbers = oldest..next_number;
        if oldest > next_number || next_number - oldest > MessageLog::RECORDS as u64 {
            return Err(D::Error::custom("more messages than are kept"));
        }
        if !records.is_sorted_by(|one, other| one.number < other.number)
            || !records.iter().all(|record| numbers.contains(&record.number))
        {
            return Err(D::Error::custom("messages that are not in order"));
        }
        if records
            .iter()
            .any(|record| record.memory() > MessageRecord::MOST_MEMORY)
        {
            return Err(D::Error::custom("a message of which more is there than is kept"));
        }
        Ok(Self {
            records: records.into_iter().map(Arc::new).collect(),
            oldest,
            next_number,
            lost,
        })
    }
}

impl<'de> Deserialize<'de> for MessageLog {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let whole = MessageRebuild::new(&MessageDelta::deserialize(deserializer)?);
        if whole.missing() > 0 {
            return Err(D::Error::custom("a log in which messages are missing"));
        }
        Ok(whole.finish())
    }
}
