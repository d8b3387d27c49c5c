//! What happened, as sentences.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use feed::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::budget::{Allowance, Budget};
use crate::{ComponentId, Model, Shared, bounded};

/// The latest entries, bounded, the oldest first.
///
/// No origin can displace the entries of the others: when there is no room, the oldest entry of the origin with the
/// most entries is removed. Feeds and external components are also limited by budgets.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Timeline {
    /// The entries.
    #[serde(deserialize_with = "bounded::shared_list::<{ Timeline::ENTRIES }, _, _>")]
    pub entries: Shared<VecDeque<TimelineEntry>>,
    /// The origin of what happens at this moment, and when it arrived.
    speaker: (Speaker, Timestamp),
    /// The number of entries per origin.
    #[serde(skip)]
    counts: BTreeMap<Speaker, usize>,
    /// The remaining budget of each feed, and what was left out of it.
    #[serde(deserialize_with = "bounded::map::<{ Model::COMPONENTS }, _, _, _>")]
    budgets: BTreeMap<ComponentId, FeedBudget>,
    /// The number of the next entry.
    #[serde(deserialize_with = "bounded::count")]
    next_number: u64,
}

/// One thing that happened.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct TimelineEntry {
    /// When it happened, by the clock that components timestamp their events with.
    pub at: Timestamp,
    /// The component concerned.
    pub component: Option<ComponentId>,
    /// How it is displayed.
    pub severity: Severity,
    /// One sentence.
    pub text: String,
    /// For a recovery: when the fault was injected from which the system recovered.
    pub fault_at: Option<Timestamp>,
    /// Its origin.
    speaker: Speaker,
    number: u64,
}

/// How an entry is displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Severity {
    /// Part of normal life: started, registered, picture complete.
    Normal,
    /// A deliberate action: stop, kill, freeze, unplug.
    Fault,
    /// The system recovered: failover complete.
    Recovery,
    /// It should not have happened: a crash, a component that cannot start.
    Problem,
}

/// The origin of a timeline entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Speaker {
    /// This control centre: its user, and what it observes of processes.
    #[default]
    Here,
    /// The feed of a component.
    Feed(ComponentId),
    /// Anybody who can send a status report.
    Network,
}

/// Identifies an entry while it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EntryNumber(u64);

/// Repetitions that were left out because they came too often: one entry with a running count.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct LeftOut {
    #[serde(deserialize_with = "bounded::count")]
    count: u64,
    latest: Timestamp,
    entry: Option<EntryNumber>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct FeedBudget {
    budget: Budget,
    left_out: LeftOut,
}

impl Timeline {
    /// The maximum number of entries that are kept.
    pub const ENTRIES: usize = 2_000;
    /// The maximum number of entries that originate from the network.
    pub const OF_THE_NETWORK: usize = 200;
    /// Changes of the same thing that follow each other so quickly are one, such as while a slider is dragged.
    pub const ONE_CHANGE: Duration = Duration::from_secs(2);
    /// The budget of a feed: a registrar with many pool elements has a lot to report at once.
    const OF_A_FEED: Allowance = Allowance {
        at_once: 500,
        every: Duration::from_millis(100),
    };
    /// The maximum length of a sentence, in bytes.
    const TEXT: usize = 500;
    /// How many entries back a late one may be inserted; feeds are never further apart in practice.
    const LATE: usize = 32;

    /// Sets the origin of the following events, and their time of arrival.
    pub(crate) fn listen_to(&mut self, speaker: Speaker, at: Timestamp) {
        self.speaker = (speaker, at);
    }

    /// Takes one from the budget of the current origin. Returns the component if its feed has exceeded its budget.
    pub(crate) fn spend(&mut self) -> Result<(), ComponentId> {
        let (Speaker::Feed(id), arrived) = self.speaker else {
            return Ok(());
        };
        let feed = self.budgets.entry(id).or_insert_with(|| FeedBudget {
            budget: Budget::new(Self::OF_A_FEED),
            left_out: LeftOut::default(),
        });
        if feed.budget.take(arrived) {
            Ok(())
        } else {
            Err(id)
        }
    }

    /// Counts an entry that was left out because this component's feed exceeded its budget.
    pub(crate) fn leave_out(&mut self, feed: ComponentId, at: Timestamp, name: &str) {
        let Some(budget) = self.budgets.get_mut(&feed) else {
            return;
        };
        let mut left_out = std::mem::take(&mut budget.left_out);
        left_out.one_more(self, at, |count| {
            format!("{name} tells of too much at a time: {count} events were left out here")
        });
        if let Some(budget) = self.budgets.get_mut(&feed) {
            budget.left_out = left_out;
        }
    }

    /// Returns how many entries there have been, those included that are no longer kept.
    #[must_use]
    pub const fn entered(&self) -> u64 {
        self.next_number
    }

    /// Inserts an entry in chronological order.
    pub(crate) fn push(
        &mut self,
        at: Timestamp,
        component: Option<ComponentId>,
        severity: Severity,
        mut text: String,
    ) -> EntryNumber {
        super::shorten(&mut text, Self::TEXT);
        let (speaker, _) = self.speaker;
        self.make_room(speaker);
        let number = self.next_number;
        self.next_number += 1;
        *self.counts.entry(speaker).or_default() += 1;
        let entry = TimelineEntry {
            at,
            component,
            severity,
            text,
            fault_at: None,
            speaker,
            number,
        };
        let later = self
            .entries
            .iter()
            .rev()
            .take(Self::LATE)
            .take_while(|other| other.at > at)
            .count();
        let place = self.entries.len() - later;
        self.entries.insert(place, entry);
        EntryNumber(number)
    }

    /// Tells which fault an entry is about.
    pub(crate) fn concerns(&mut self, number: EntryNumber, fault_at: Timestamp) {
        let mut entries = self.entries.iter_mut().rev();
        if let Some(entry) = entries.find(|entry| entry.number == number.0) {
            entry.fault_at = Some(fault_at);
        }
    }

    /// Returns the entry that matters most at this moment: the latest fault or, once the system has recovered from it,
    /// the latest recovery from it. A recovery from an earlier fault does not replace it. What belongs to no fault
    /// counts by its own time.
    #[must_use]
    pub fn headline(&self) -> Option<&TimelineEntry> {
        let notable = self
            .entries
            .iter()
            .filter(|entry| entry.severity != Severity::Normal);
        notable.max_by_key(|entry| (entry.fault_at.unwrap_or(entry.at), entry.at, entry.number))
    }

    /// Makes room for an entry of this origin.
    fn make_room(&mut self, speaker: Speaker) {
        let network_is_full = speaker == Speaker::Network
            && self.counts.get(&speaker).copied().unwrap_or_default() >= Self::OF_THE_NETWORK;
        let loser = if network_is_full {
            Some(speaker)
        } else if self.entries.len() >= Self::ENTRIES {
            let most = self.counts.iter().max_by_key(|(_, count)| **count);
            most.map(|(speaker, _)| *speaker)
        } else {
            None
        };
        let Some(loser) = loser else { return };
        let oldest = self.entries.iter().position(|entry| entry.speaker == loser);
        if let Some(oldest) = oldest {
            self.entries.remove(oldest);
        }
        if let Some(count) = self.counts.get_mut(&loser) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&loser);
            }
        }
    }

    /// Changes the sentence of an entry. Returns false if it is gone.
    pub(crate) fn amend(&mut self, number: EntryNumber, text: String) -> bool {
        let mut entries = self.entries.iter_mut().rev();
        let Some(entry) = entries.find(|entry| entry.number == number.0) else {
            return false;
        };
        entry.text = text;
        true
    }

    /// Puts entries in place of those that there are.
    pub(crate) fn put_entries(&mut self, entries: Shared<VecDeque<TimelineEntry>>) {
        self.entries = entries;
        self.count();
    }

    /// Counts the entries by their origin.
    fn count(&mut self) {
        self.counts.clear();
        for entry in &self.entries {
            *self.counts.entry(entry.speaker).or_default() += 1;
        }
    }

    /// Forgets a component that was removed.
    pub(crate) fn forget(&mut self, id: ComponentId) {
        self.budgets.remove(&id);
    }
}

impl Serialize for Timeline {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Timeline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut timeline = Self::deserialize(deserializer)?;
        timeline.count();
        Ok(timeline)
    }
}

impl LeftOut {
    /// After this time, a new entry is made for what is left out.
    const ANOTHER_AFTER: Duration = Duration::from_secs(60);

    /// Counts one more. The sentence is made from the count.
    pub(crate) fn one_more(
        &mut self,
        timeline: &mut Timeline,
        at: Timestamp,
        sentence: impl FnOnce(u64) -> String,
    ) {
        let (_, arrived) = timeline.speaker;
        if arrived - self.latest > Self::ANOTHER_AFTER {
            *self = Self::default();
        }
        self.count += 1;
        self.latest = arrived;
        let text = sentence(self.count);
        if !self
            .entry
            .is_some_and(|entry| timeline.amend(entry, text.clone()))
        {
            self.entry = Some(timeline.push(at, None, Severity::Problem, text));
        }
    }
}
