//! Scenario files: the components of a demonstration, and the steps of its story.
//!
//! A scenario holds command line arguments: what the control centre starts, a shell can start as well.
//! [`Scenario::parse`] turns the text of a file into checked values, or into [`ScenarioErrors`] with the line and
//! member of every problem.

mod check;
mod check_steps;
mod component;
mod component_args;
mod component_record;
mod condition;
mod condition_words;
mod duration;
mod entry;
mod error;
mod file;
mod library;
mod numbers;
mod policy_step;
mod pool_figures;
mod reader;
mod say;
mod settings;
mod step;
mod step_action;
mod step_reader;
pub mod step_record;
#[cfg(test)]
mod step_tests;
mod stories;
#[cfg(test)]
mod tests;
pub mod timers;
mod who;
mod write;

pub use check::MAX_PICTURE_PIXELS;
pub use component::{ComponentSpec, free_name};
pub use component_args::{ComponentArgs, RefusedArgs};
pub use condition::{Condition, FailureSign, ProtocolWord, StateWord, TakeoverSign};
pub use error::ScenarioErrors;
pub use library::{LibraryEntry, folder, library};
pub use policy_step::{PoolHasPolicy, SetPolicy, SetPolicyData};
pub use pool_element::{Args as PoolElementArgs, ServiceKind};
pub use pool_figures::{MEASURED_OVER_S, PoolFigure, PoolsCompared, WorkShare};
pub use pool_user::{Args as PoolUserArgs, ByteService, ClientKind, Size as PictureSize};
pub use runtime::{AnnounceGroup, Preset};
pub use say::{Once, Say, Sentence};
pub use settings::Settings;
pub use step::{Expectation, Repeat, Step};
pub use step_action::{Disturbance, ImpairLinks, LinksBetween, RandomFault, RandomFaults, StepAction};
pub use stories::story_names;
pub use timers::{TimerValue, Timers};
pub use who::{RoleFilter, Who};

/// A demonstration.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its display name.
    pub name: String,
    /// What there is to see in it.
    pub description: String,
    /// The settings shared by all components.
    pub settings: Settings,
    /// The components, in the order in which they are started.
    pub components: Vec<ComponentSpec>,
    /// The steps to carry out after the start, in order.
    pub steps: Vec<Step>,
}

impl Scenario {
    /// The maximum number of components.
    pub const COMPONENTS: usize = 256;

    /// Assigns names to the components that have none, so that steps can refer to them.
    pub(crate) fn name_components(&mut self) {
        component::name_all(self.components.iter_mut());
    }
}
