//! The user interface of the control centre. Views get the model and their own state, draw, and return commands; they
//! have no other effects.
//!
//! - [`theme`]: every colour, distance and text size; [`icon`] and [`wording`]: the visual and the written language.
//! - [`window`]: the layout of the window; then one module for each region of it.
//! - [`Selection`]: the selection, which views share; each view also has a state of its own.
//! - [`action`]: the single list of user actions, from which buttons, menus, shortcuts and the palette are built.

pub mod action;
pub mod app;
pub mod canvas;
pub mod graph;
pub mod icon;
pub mod theme;
pub mod window;
pub mod wording;

mod add_form;
mod appearance;
mod button;
mod card;
mod comparison;
mod component_panel;
mod deliberate;
mod dock;
mod external;
mod files;
mod fixed_plot;
mod handlespace;
mod help;
mod inspector;
mod laboratory;
mod link_inspector;
mod load;
mod log_panel;
mod measured_fault;
mod message_table;
mod missing_glyphs;
mod palette;
mod phases;
mod pool_policy;
mod present;
mod problem;
mod protocol;
mod random_faults;
mod registrar_state;
mod results;
mod scenario_status;
mod selection;
mod settings;
mod snapshot;
mod stage;
mod state;
mod still_pointer;
mod stopwatch;
mod story;
mod takeover;
mod time;
mod timeline;
mod timers;
mod toolbar;

pub use appearance::{Appearance, Renderer, TextSize, Theme};
pub use comparison::{Compared, Other};
pub use laboratory::LaboratoryStatus;
pub use scenario_status::{ScenarioEntry, ScenarioStatus};
pub use selection::{Chosen, Selection};
pub use settings::{SeparateWindow, Settings};
pub use snapshot::Snapshot;
pub use state::ViewState;
