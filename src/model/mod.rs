//! What the control centre knows, and nothing about how it looks.
//!
//! [`Model::apply`] is the only place where it changes. It learns about components from their feeds, their log lines
//! and their exits, as it would of processes on another machine. No type of the user interface appears here.

mod apply;
mod association;
mod component;
mod failover;
mod image;
mod message;
mod process;
mod timeline;
mod update;

use std::collections::BTreeMap;

pub use association::{Association, AssociationKey, AssociationView};
pub use component::{Component, ComponentId, Served};
pub use failover::Failover;
pub use image::{Canvas, DirtyRows};
pub use message::{MessageLog, MessageRecord};
pub use process::{Ending, ProcessState};
pub use timeline::{Happening, Timeline, Weight};
pub use update::{Change, Fault, Update};

/// Everything the control centre knows.
#[derive(Debug, Default)]
pub struct Model {
    /// The components by their identifier, stopped ones included.
    pub components: BTreeMap<ComponentId, Component>,
    /// The associations that are up, each seen from at least one of its ends.
    pub associations: BTreeMap<AssociationKey, Association>,
    /// The most recent messages of all components.
    pub messages: MessageLog,
    /// What happened, for people.
    pub timeline: Timeline,
    /// Changes whenever a component or an association appears or disappears: what a layout may be cached by.
    pub generation: u64,
}
