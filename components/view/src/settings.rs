//! The user's settings, which persist between runs.

use serde::{Deserialize, Serialize};

pub use crate::protocol::SeparateWindow;

/// The persistent settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Dark, light, or as the system has it.
    pub theme: egui::ThemePreference,
    /// Whether everything is larger.
    pub large: bool,
    /// Whether pictures are tinted by the pool elements that computed them.
    pub tint: bool,
    /// Whether the dock at the bottom is open; if absent, the user has not decided, and it depends on the room.
    pub dock: Option<bool>,
    /// The window of the messages.
    pub messages: SeparateWindow,
    /// The window of the results.
    pub results: SeparateWindow,
}
