//! What happened, for people.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use feed::Timestamp;

use crate::ComponentId;
use crate::budget::{Allowance, Budget};

/// The latest entries, bounded, the oldest first.
///
/// Nobody can push out what others tell: of whoever has told the most, the oldest entry goes when there is no room.
/// What feeds tell and what components of others cause has a budget besides.
#[derive(Debug, Default)]
pub struct Timeline {
    /// The entries.
    pub entries: VecDeque<TimelineEntry>,
    /// By whose doing things happen at this moment, and when that arrived.
    speaker: (Speaker, Timestamp),
    /// How many entries there are of each.
    counts: BTreeMap<Speaker, usize>,
    /// What each feed may still tell, and what it was not let tell.
    budgets: BTreeMap<ComponentId, FeedBudget>,
    /// Number of the next entry.
    next_number: u64,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct TimelineEntry {
    /// Microseconds as components stamp their events.
    pub at: Timestamp,
    /// Whom it concerns.
    pub component: Option<ComponentId>,
    /// How it is to be shown.
    pub severity: Severity,
    /// One sentence.
    pub text: String,
    /// By whose doing it is here.
    speaker: Speaker,
    number: u64,
}

/// How an entry is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Part of normal life: started, registered, picture complete.
    Normal,
    /// Somebody did it on purpose: stop, kill, freeze, unplug.
    Fault,
    /// The system dealt with it: failover complete.
    Recovery,
    /// It should not have happened: a crash, a component that cannot start.
    Problem,
}

/// By whose doing something is on the timeline.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Speaker {
    /// This control centre: the person in front of it, and what it sees of processes.
    #[default]
    Here,
    /// The feed of a component.
    Feed(ComponentId),
    /// Anybody who can send a status report.
    Network,
}

/// Names an entry, for as long as it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EntryNumber(u64);

/// What was left out of something that came too often: told once, with a count that goes on.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    count: u64,
    latest: Timestamp,
    entry: Option<EntryNumber>,
}

#[derive(Debug)]
struct FeedBudget {
    budget: Budget,
    left_out: LeftOut,
}

impl Timeline {
    /// The most entries that are kept.
    pub const ENTRIES: usize = 2_000;
    /// The most of them by the doing of anybody on the network.
    pub const OF_THE_NETWORK: usize = 200;
    /// What a feed may tell: a registrar with many pool elements has a lot to tell at once.
    const OF_A_FEED: Allowance = Allowance {
        at_once: 500,
        every: Duration::from_millis(100),
    };
    /// The longest sentence, in bytes.
    const TEXT: usize = 500;
    /// How far back a late entry is put in its place; feeds are never further apart in practice.
    const LATE: usize = 32;

    /// What happens from now on is by the doing of this one, and arrived at this time.
    pub(crate) fn listen_to(&mut self, speaker: Speaker, at: Timestamp) {
        self.speaker = (speaker, at);
    }

    /// Uses up a part of the speaker's budget. Returns the component whose feed has told too much, if it has.
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

    /// Counts something that was left out, since the feed of this component has told too much.
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

    /// Adds an entry where its time belongs.
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
        self.entries.insert(self.entries.len() - later, entry);
        EntryNumber(number)
    }

    /// Makes room for an entry of this speaker.
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

    /// Changes the sentence of an entry, if it is still there; says whether it is.
    fn amend(&mut self, number: EntryNumber, text: String) -> bool {
        let mut entries = self.entries.iter_mut().rev();
        let Some(entry) = entries.find(|entry| entry.number == number.0) else {
            return false;
        };
        entry.text = text;
        true
    }

    /// A component is gone for good.
    pub(crate) fn forget(&mut self, id: ComponentId) {
        self.budgets.remove(&id);
    }
}

impl LeftOut {
    /// What is left out after such a time has nothing to do with what was left out before.
    const ANOTHER_AFTER: Duration = Duration::from_secs(60);

    /// One more is left out. The sentence is made from their number.
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
