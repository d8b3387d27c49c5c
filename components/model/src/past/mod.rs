//! What a model keeps of the past, apart from the rest: messages, curves, sentences and lines of logs.
//!
//! It is most of a model, and within a few seconds little of it changes. So a row of records, such as the keyframes of a
//! recording, holds models without their past ([`Model::take_past`]), and of the past what is not in the record before
//! ([`Past::changed_since`]). It is put together again from the latest record back ([`PastRebuild`]).

mod list;

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::history::Samples;
use crate::{
    ComponentId, History, LogLine, MessageDelta, MessageLog, MessageRebuild, Model, Shared, Timeline,
    TimelineEntry, apply, bounded,
};
pub(crate) use list::List;
use list::{ListDelta, ListRebuild};

type LogLines = Shared<VecDeque<LogLine>>;
type Entries = Shared<VecDeque<TimelineEntry>>;
/// Of the levels and the counters of a track.
type Levels = Samples<7>;
type Counts = Samples<6>;

/// What a model keeps of the past.
#[derive(Debug, Clone, Default)]
pub struct Past {
    messages: MessageLog,
    timeline: Entries,
    /// Those of components that were removed stay with these: they do not change any more.
    logs: BTreeMap<ComponentId, LogLines>,
    levels: BTreeMap<ComponentId, Levels>,
    counts: BTreeMap<ComponentId, Counts>,
}

/// What of the past is not the same in an earlier state of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PastDelta {
    messages: MessageDelta,
    timeline: ListDelta<Entries>,
    #[serde(deserialize_with = "bounded::map::<LISTS, _, _, _>")]
    logs: BTreeMap<ComponentId, ListDelta<LogLines>>,
    #[serde(deserialize_with = "bounded::map::<LISTS, _, _, _>")]
    levels: BTreeMap<ComponentId, ListDelta<Levels>>,
    #[serde(deserialize_with = "bounded::map::<LISTS, _, _, _>")]
    counts: BTreeMap<ComponentId, ListDelta<Counts>>,
}

/// Makes the past of deltas, from the latest one back.
#[derive(Debug)]
pub struct PastRebuild {
    messages: MessageRebuild,
    timeline: ListRebuild<Entries>,
    logs: BTreeMap<ComponentId, ListRebuild<LogLines>>,
    levels: BTreeMap<ComponentId, ListRebuild<Levels>>,
    counts: BTreeMap<ComponentId, ListRebuild<Counts>>,
}

/// The maximum number of lists of a kind.
const LISTS: usize = History::TRACKS;

impl Past {
    /// Returns what is not the same in an earlier state of it. What is not in an empty one is everything.
    #[must_use]
    pub fn changed_since(&self, earlier: &Self) -> PastDelta {
        PastDelta {
            messages: self.messages.changed_since(&earlier.messages),
            timeline: ListDelta::between(&earlier.timeline, &self.timeline),
            logs: between(&earlier.logs, &self.logs),
            levels: between(&earlier.levels, &self.levels),
            counts: between(&earlier.counts, &self.counts),
        }
    }
}

impl PastRebuild {
    /// Begins with the delta of the past that is to be made.
    #[must_use]
    pub fn new(latest: &PastDelta) -> Self {
        Self {
            messages: MessageRebuild::new(&latest.messages),
            timeline: ListRebuild::new(&latest.timeline),
            logs: begin(&latest.logs),
            levels: begin(&latest.levels),
            counts: begin(&latest.counts),
        }
    }

    /// Takes what is still missing from the delta before those that have been added.
    pub fn add(&mut self, earlier: &PastDelta) {
        self.messages.add(&earlier.messages);
        self.timeline.add(Some(&earlier.timeline));
        add(&mut self.logs, &earlier.logs);
        add(&mut self.levels, &earlier.levels);
        add(&mut self.counts, &earlier.counts);
    }

    /// Returns how much is still missing: messages, sentences, lines and samples.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.messages.missing()
            + self.timeline.missing()
            + missing(&self.logs)
            + missing(&self.levels)
            + missing(&self.counts)
    }

    /// Returns the past, without what is still missing.
    #[must_use]
    pub fn finish(self) -> Past {
        Past {
            messages: self.messages.finish(),
            timeline: self.timeline.finish(),
            logs: finish(self.logs),
            levels: finish(self.levels),
            counts: finish(self.counts),
        }
    }
}

impl Model {
    /// Returns what it keeps of the past.
    #[must_use]
    pub fn past(&self) -> Past {
        self.clone().take_past()
    }

    /// Takes out what it keeps of the past, which is to be put back before anything else happens.
    #[must_use]
    pub fn take_past(&mut self) -> Past {
        let (levels, counts) = self.history.take_samples();
        let components = self.components.iter_mut();
        Past {
            logs: components
                .map(|(id, component)| (*id, std::mem::take(&mut component.log)))
                .collect(),
            messages: std::mem::take(&mut self.messages),
            timeline: std::mem::take(&mut self.timeline.entries),
            levels,
            counts,
        }
    }

    /// Puts back what it keeps of the past.
    pub fn put_past(&mut self, past: Past) {
        let Past {
            messages,
            timeline,
            mut logs,
            levels,
            counts,
        } = past;
        self.messages = messages;
        self.timeline.put_entries(timeline);
        for (id, component) in &mut self.components {
            component.log = logs.remove(id).unwrap_or_default();
        }
        self.history.put_samples(levels, counts);
    }
}

impl List for LogLines {
    type Item = LogLine;
    const MOST: usize = apply::LOG_LINES;

    fn items(&self) -> &VecDeque<LogLine> {
        self
    }

    fn is_same(&self, other: &Self) -> bool {
        Self::is_same(self, other)
    }

    fn of(items: Vec<LogLine>) -> Self {
        latest(items, Self::MOST).into()
    }
}

impl List for Entries {
    type Item = TimelineEntry;
    const MOST: usize = Timeline::ENTRIES;

    fn items(&self) -> &VecDeque<TimelineEntry> {
        self
    }

    fn is_same(&self, other: &Self) -> bool {
        Self::is_same(self, other)
    }

    fn of(items: Vec<TimelineEntry>) -> Self {
        latest(items, Self::MOST).into()
    }
}

/// Returns the latest items, at most so many.
pub(crate) fn latest<T>(mut items: Vec<T>, most: usize) -> VecDeque<T> {
    items.drain(..items.len().saturating_sub(most));
    items.into()
}

fn between<L: List>(
    earlier: &BTreeMap<ComponentId, L>,
    lists: &BTreeMap<ComponentId, L>,
) -> BTreeMap<ComponentId, ListDelta<L>> {
    let none = L::default();
    lists
        .iter()
        .map(|(id, list)| (*id, ListDelta::between(earlier.get(id).unwrap_or(&none), list)))
        .collect()
}

fn begin<L: List>(lists: &BTreeMap<ComponentId, ListDelta<L>>) -> BTreeMap<ComponentId, ListRebuild<L>> {
    lists
        .iter()
        .map(|(id, list)| (*id, ListRebuild::new(list)))
        .collect()
}

fn add<L: List>(
    lists: &mut BTreeMap<ComponentId, ListRebuild<L>>,
    earlier: &BTreeMap<ComponentId, ListDelta<L>>,
) {
    for (id, list) in lists {
        list.add(earlier.get(id));
    }
}

fn missing<L: List>(lists: &BTreeMap<ComponentId, ListRebuild<L>>) -> usize {
    lists.values().map(ListRebuild::missing).sum()
}

fn finish<L: List>(lists: BTreeMap<ComponentId, ListRebuild<L>>) -> BTreeMap<ComponentId, L> {
    lists.into_iter().map(|(id, list)| (id, list.finish())).collect()
}
