//! What the control centre knows, independent of how it is displayed.
//!
//! [`Model::apply`] is the only place where the model changes. It learns about components from their feeds, their
//! log lines and their exits, just as it would for processes on another machine. No user-interface type appears
//! here.

use feed::Timestamp;

mod appearances;
mod apply;
mod association;
pub mod bounded;
mod budget;
mod component;
mod ends;
mod external;
mod failover;
mod feed_event;
mod held_picture;
mod history;
mod image;
mod index;
mod link_fault;
mod message;
mod naming;
mod ownership;
mod past;
mod picture_count;
mod process;
mod record;
mod registrar;
mod removed;
mod setting;
mod shared;
mod start_failure;
mod takeover;
#[cfg(test)]
mod tests;
mod timeline;
mod update;
pub mod words;

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use wire::PeIdentifier;

pub use association::{Association, AssociationKey, AssociationView};
pub use component::{Component, ComponentId, Farewell, HandlespaceSize, Load, LogLine, Server};
pub use external::{External, ExternalComponent, ExternalEnd, ExternalLink, external_name};
pub use failover::{Failover, FailoverKey, InjectedFault};
pub use held_picture::{Comparison, HeldPicture, Proof, Request};
pub use history::{
    Grid, History, Interval, Mark as HistoryMark, MarkKind, PoolSpan, PoolTotals, Span, Speed, Totals, Track,
    Utilisation,
};
pub use image::{Canvas, Completed, DirtyRows, Mark};
pub use message::{MessageDelta, MessageLog, MessageRebuild, MessageRecord, protocol};
pub use past::{Past, PastDelta, PastRebuild};
pub use picture_count::PictureCount;
pub use process::{Ending, ProcessState, Silence, SystemState};
pub use registrar::{Agreement, Peer, Registrar};
pub use shared::Shared;
pub use start_failure::StartFailure;
pub use takeover::{Acknowledgement, End, Initiated, Outcome, Settled, Takeover, TakeoverView, Won};
pub use timeline::{Severity, Timeline, TimelineEntry};
pub use update::{Change, Fault, Update};

/// Everything the control centre knows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Model {
    /// The components by their identifier, stopped ones included.
    #[serde(deserialize_with = "bounded::map::<{ Model::COMPONENTS }, _, _, _>")]
    pub components: BTreeMap<ComponentId, Component>,
    /// The associations that are up according to at least one end.
    pub associations: BTreeMap<AssociationKey, Association>,
    /// The most recent messages of all components.
    pub messages: MessageLog,
    /// Components started elsewhere, see [`Model::external`].
    pub(crate) external: External,
    /// Takeovers among registrars, the latest last, bounded.
    #[serde(deserialize_with = "bounded::list::<{ takeover::TAKEOVERS }, _, _>")]
    pub takeovers: VecDeque<Takeover>,
    /// What happened, as sentences.
    pub timeline: Timeline,
    /// Load, sessions and work over time.
    pub history: History,
    /// Changes whenever a component (own or external) or an association appears or disappears, so that layouts can
    /// be cached by it.
    #[serde(deserialize_with = "bounded::count")]
    pub generation: u64,
    /// Changes with every update but messages, pixels and log lines, so that whatever is derived from components and
    /// associations can be cached by it.
    #[serde(deserialize_with = "bounded::count")]
    pub revision: u64,
    /// How many log lines have arrived, including those that are no longer kept, so that what follows from the logs
    /// can be cached by it.
    #[serde(deserialize_with = "bounded::count")]
    pub log_lines: u64,
    /// Components that were removed.
    pub(crate) removed: removed::Removed,
    /// The latest fault of a link that was told.
    pub(crate) told_link_fault: Option<link_fault::ToldLinkFault>,
    /// The latest change of a setting that was told.
    pub(crate) told_setting: Option<setting::ToldSetting>,
    /// Indices for quick look-ups.
    pub(crate) index: index::Index,
}

impl Model {
    /// The maximum number of components in a record of a model.
    const COMPONENTS: usize = 4_096;

    /// Returns the component with this identifier in the protocols.
    #[must_use]
    pub fn identified(&self, identity: feed::ComponentIdentity) -> Option<ComponentId> {
        self.index.component(identity)
    }

    /// Returns the display name of a pool element: its component's name, or else its identifier.
    #[must_use]
    pub fn pool_element_name(&self, pe_identifier: PeIdentifier) -> String {
        self.index
            .pool_element(pe_identifier)
            .and_then(|id| self.components.get(&id))
            .map_or_else(
                || format!("PE {pe_identifier}"),
                |component| component.name.clone(),
            )
    }

    /// Returns the rows of a pool user's picture that changed since the last call.
    pub fn take_dirty_rows(&mut self, id: ComponentId) -> Option<std::ops::Range<u32>> {
        self.components.get_mut(&id)?.canvas.as_mut()?.dirty.take()
    }

    /// Lets the rows of all pictures count as changed, since whoever shows them has shown others in their place.
    pub fn redraw_pictures(&mut self) {
        let canvases = self
            .components
            .values_mut()
            .filter_map(|user| user.canvas.as_mut());
        for canvas in canvases {
            canvas.dirty.add(0..canvas.height);
        }
    }

    /// Lets those rows of the pictures count as changed as well that have changed in an earlier state and were not shown.
    pub fn redraw_also(&mut self, earlier: &Self) {
        for (id, user) in &mut self.components {
            let before = earlier
                .components
                .get(id)
                .and_then(|before| before.canvas.as_ref());
            if let (Some(canvas), Some(before)) = (&mut user.canvas, before)
                && let Some(rows) = before.dirty.0.clone()
                && canvas.image == before.image
            {
                canvas.dirty.add(rows.start..rows.end.min(canvas.height));
            }
        }
    }

    /// Forgets which rows of the pictures have changed.
    pub fn pictures_are_shown(&mut self) {
        let canvases = self
            .components
            .values_mut()
            .filter_map(|user| user.canvas.as_mut());
        for canvas in canvases {
            canvas.dirty.take();
        }
    }

    /// Adds a timeline entry; its sentence starts with the component's name.
    fn note(
        &mut self,
        component: Option<ComponentId>,
        at: Timestamp,
        severity: Severity,
        text: impl FnOnce(&str) -> String,
    ) {
        self.enter(component, at, severity, text);
    }

    /// Adds a timeline entry for a recovery from the fault that was injected at this time, if there was one.
    fn note_recovery(
        &mut self,
        component: ComponentId,
        at: Timestamp,
        fault_at: Option<Timestamp>,
        text: impl FnOnce(&str) -> String,
    ) {
        let entry = self.enter(Some(component), at, Severity::Recovery, text);
        if let (Some(entry), Some(fault_at)) = (entry, fault_at) {
            self.timeline.concerns(entry, fault_at);
        }
    }

    fn enter(
        &mut self,
        component: Option<ComponentId>,
        at: Timestamp,
        severity: Severity,
        text: impl FnOnce(&str) -> String,
    ) -> Option<timeline::EntryNumber> {
        let components = &self.components;
        let name = |id| {
            components
                .get(&id)
                .map_or("", |component| component.name.as_str())
        };
        match self.timeline.spend() {
            Ok(()) => {
                let text = text(component.map_or("", name));
                Some(self.timeline.push(at, component, severity, text))
            }
            Err(feed) => {
                self.timeline.leave_out(feed, at, name(feed));
                None
            }
        }
    }
}

/// Shortens a text to at most this many bytes. Truncation alone would not release the memory.
fn shorten(text: &mut String, bytes: usize) {
    if text.len() > bytes {
        text.truncate(text.floor_char_boundary(bytes));
        text.push('…');
        text.shrink_to_fit();
    }
}

/// Shortens a list to at most this many items, and releases the memory.
fn shorten_list<T>(list: &mut Vec<T>, most: usize) {
    if list.len() > most {
        list.truncate(most);
        list.shrink_to_fit();
    }
}
