//! Records on their way to the thread.

use std::sync::{Mutex, MutexGuard, PoisonError};

use feed::Timestamp;
use recording::{Properties, RecordKind};

use crate::Item;

/// Records that the thread will take all at once, in one place: records come one by one, and to allocate, hand over and
/// free each of them would cost more than to write it.
#[derive(Debug, Default)]
pub(crate) struct Records(Mutex<Batch>);

/// Some records.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    heads: Vec<Head>,
    bytes: Vec<u8>,
    /// Whether the thread has been told.
    pub(crate) is_announced: bool,
    /// Whether the thread has taken them, so that none can be added.
    pub(crate) is_taken: bool,
}

#[derive(Debug)]
struct Head {
    kind: RecordKind,
    properties: Properties,
    at: Timestamp,
    length: usize,
}

impl Records {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Batch> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes them. None can be added any more.
    pub(crate) fn take(&self) -> Batch {
        let taken = Batch {
            is_taken: true,
            ..Batch::default()
        };
        std::mem::replace(&mut *self.lock(), taken)
    }
}

impl Batch {
    pub(crate) const fn len(&self) -> usize {
        self.heads.len()
    }

    /// Returns the memory that they need, in bytes.
    pub(crate) const fn size(&self) -> usize {
        self.heads.len() * size_of::<Head>() + self.bytes.len()
    }

    pub(crate) fn push(&mut self, item: Item<'_>) {
        self.bytes.extend_from_slice(item.bytes);
        self.heads.push(Head {
            kind: item.kind,
            properties: item.properties,
            at: item.at,
            length: item.bytes.len(),
        });
    }

    /// Removes all but the first `length`.
    pub(crate) fn truncate(&mut self, length: usize) {
        let removed: usize = self.heads.drain(length..).map(|head| head.length).sum();
        self.bytes.truncate(self.bytes.len() - removed);
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = Item<'_>> {
        let mut rest = self.bytes.as_slice();
        self.heads.iter().map(move |head| {
            let (bytes, later) = rest.split_at(head.length);
            rest = later;
            Item {
                kind: head.kind,
                properties: head.properties,
                at: head.at,
                bytes,
            }
        })
    }
}
