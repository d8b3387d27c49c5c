//! What happened, at a point in time or for a while.

use std::time::Duration;

use feed::Timestamp;
use serde::{Deserialize, Serialize};

use super::History;
use crate::ComponentId;

/// What happened to a component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// When it happened, or began.
    pub at: Timestamp,
    /// When it ended; `None` while it lasts, and for what does not last.
    pub until: Option<Timestamp>,
    /// The component.
    pub component: ComponentId,
    /// What it was.
    pub kind: MarkKind,
    /// In a few words, beginning with the component's name.
    pub text: String,
}

/// What a mark stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum MarkKind {
    /// Its process was started.
    Start,
    /// It joined its pool.
    Join,
    /// It left its pool, or ended in order.
    Leave,
    /// It was asked to stop.
    Stop,
    /// It was killed.
    Kill,
    /// It crashed.
    Crash,
    /// It was frozen, until it was thawed.
    Freeze,
    /// It was unplugged, until it was plugged in.
    Unplug,
    /// A link of it was cut, until none is.
    CutLink,
    /// Its links were bad, until they were good again.
    Impair,
    /// Its policy, or the data of its policy other than the load, changed.
    Policy,
}

impl MarkKind {
    /// Returns whether it lasts.
    #[must_use]
    pub const fn lasts(self) -> bool {
        matches!(self, Self::Freeze | Self::Unplug | Self::CutLink | Self::Impair)
    }

    /// Returns whether it is a fault that was injected, or a crash.
    #[must_use]
    pub const fn is_fault(self) -> bool {
        self.lasts() || matches!(self, Self::Kill | Self::Crash)
    }
}

/// Equal changes of policy within this time are one change of the pool.
const ONE_CHANGE: Duration = Duration::from_secs(10);

impl History {
    /// Adds a mark, in the order of time.
    pub(super) fn mark(&mut self, id: ComponentId, at: Timestamp, kind: MarkKind, what: &str) {
        if let Some(track) = self.tracks.get(&id) {
            let text = format!("{} {what}", track.name);
            self.insert(id, at, kind, text);
        }
    }

    fn insert(&mut self, component: ComponentId, at: Timestamp, kind: MarkKind, text: String) {
        let mark = Mark {
            at,
            until: None,
            component,
            kind,
            text,
        };
        if self.marks.len() == Self::MARKS {
            self.marks.pop_front();
        }
        let later = self.marks.iter().rev().take_while(|other| other.at > at).count();
        let place = self.marks.len() - later;
        self.marks.insert(place, mark);
        self.revision += 1;
    }

    /// Adds a mark for the pool of a component, unless another one of the pool has made the same change just before.
    pub(super) fn mark_pool(&mut self, id: ComponentId, at: Timestamp, text: String) {
        let pool = |id| self.tracks.get(&id).and_then(|track| track.pool.as_ref());
        let known = self.marks.iter().rev().take(50).any(|mark| {
            mark.kind == MarkKind::Policy
                && mark.text == text
                && at - mark.at <= ONE_CHANGE
                && pool(mark.component) == pool(id)
        });
        if !known {
            self.insert(id, at, MarkKind::Policy, text);
        }
    }

    /// Ends what lasts at a component, of one kind or of all.
    pub(super) fn end_marks(&mut self, id: ComponentId, at: Timestamp, kind: Option<MarkKind>) {
        for mark in &mut self.marks {
            let is_meant = kind.is_none_or(|kind| mark.kind == kind);
            if mark.component == id && mark.kind.lasts() && mark.until.is_none() && is_meant {
                mark.until = Some(at.max(mark.at));
                self.revision += 1;
            }
        }
    }

    /// Returns whether something of this kind lasts at a component.
    pub(super) fn lasts(&self, id: ComponentId, kind: MarkKind) -> bool {
        self.marks
            .iter()
            .any(|mark| mark.component == id && mark.kind == kind && mark.until.is_none())
    }
}
