//! What happened, for people.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use feed::Timestamp;

use crate::ComponentId;
use crate::budget::{Allowance, Budget};

/// The latest happenings, bounded, the oldest first.
///
/// Nobody can push out what others tell: of whoever has told the most, the oldest happening goes when there is no room.
/// What feeds tell and what components of others cause has a budget besides.
#[derive(Debug, Default)]
pub struct Timeline {
    /// The happenings.
    pub happenings: VecDeque<Happening>,
    /// By whose doing things happen at this moment, and when that arrived.
    speaker: (Speaker, Timestamp),
    /// How many happenings there are of each.
    counts: BTreeMap<Speaker, usize>,
    /// What each feed may still tell, and what it was not let tell.
    budgets: BTreeMap<ComponentId, FeedBudget>,
    /// Number of the next happening.
    next_number: u64,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Happening {
    /// Microseconds as components stamp their events.
    pub at: Timestamp,
    /// Whom it concerns.
    pub component: Option<ComponentId>,
    /// How it is to be shown.
    pub weight: Weight,
    /// One sentence.
    pub text: String,
    /// By whose doing it is here.
    speaker: Speaker,
    number: u64,
}

/// How a happening is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
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

/// Names a happening, for as long as it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HappeningNumber(u64);

/// What was left out of something that came too often: told once, with a count that goes on.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    count: u64,
    latest: Timestamp,
    told: Option<HappeningNumber>,
}

#[derive(Debug)]
struct FeedBudget {
    budget: Budget,
    left_out: LeftOut,
}

impl Timeline {
    /// The most happenings that are kept.
    pub const HAPPENINGS: usize = 2_000;
    /// The most of them by the doing of anybody on the network.
    pub const OF_THE_NETWORK: usize = 200;
    /// What a feed may tell: a registrar with many pool elements has a lot to tell at once.
    const OF_A_FEED: Allowance = Allowance {
        at_once: 500,
        every: Duration::from_millis(100),
    };
    /// The longest sentence, in bytes.
    const TEXT: usize = 500;
    /// How far back a late happening is put in its place; feeds are never further apart in practice.
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

    /// Adds a happening where its time belongs.
    pub(crate) fn push(
        &mut self,
        at: Timestamp,
        component: Option<ComponentId>,
        weight: Weight,
        mut text: String,
    ) -> HappeningNumber {
        super::shorten(&mut text, Self::TEXT);
        let (speaker, _) = self.speaker;
        self.make_room(speaker);
        let number = self.next_number;
        self.next_number += 1;
        *self.counts.entry(speaker).or_default() += 1;
        let happening = Happening {
            at,
            component,
            weight,
            text,
            speaker,
            number,
        };
        let later = self
            .happenings
            .iter()
            .rev()
            .take(Self::LATE)
            .take_while(|other| other.at > at)
            .count();
        self.happenings.insert(self.happenings.len() - later, happening);
        HappeningNumber(number)
    }

    /// Makes room for a happening of this speaker.
    fn make_room(&mut self, speaker: Speaker) {
        let network_is_full = speaker == Speaker::Network
            && self.counts.get(&speaker).copied().unwrap_or_default() >= Self::OF_THE_NETWORK;
        let loser = if network_is_full {
            Some(speaker)
        } else if self.happenings.len() >= Self::HAPPENINGS {
            let most = self.counts.iter().max_by_key(|(_, count)| **count);
            most.map(|(speaker, _)| *speaker)
        } else {
            None
        };
        let Some(loser) = loser else { return };
        let oldest = self
            .happenings
            .iter()
            .position(|happening| happening.speaker == loser);
        if let Some(oldest) = oldest {
            self.happenings.remove(oldest);
        }
        if let Some(count) = self.counts.get_mut(&loser) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&loser);
            }
        }
    }

    /// Changes the sentence of a happening, if it is still there; says whether it is.
    fn amend(&mut self, number: HappeningNumber, text: String) -> bool {
        let mut happenings = self.happenings.iter_mut().rev();
        let Some(happening) = happenings.find(|happening| happening.number == number.0) else {
            return false;
        };
        happening.text = text;
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
        if !self.told.is_some_and(|told| timeline.amend(told, text.clone())) {
            self.told = Some(timeline.push(at, None, Weight::Problem, text));
        }
    }
}
