//! What a person has set, and finds as it was the next time.

use serde::{Deserialize, Serialize};

/// What is kept from one run of the program to the next.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Dark or light, or as the system has it.
    pub theme: egui::ThemePreference,
    /// Everything larger.
    pub large: bool,
    /// Whether pictures are tinted by the pool elements that computed them.
    pub tint: bool,
    /// Whether the dock at the bottom is open; absent as long as nobody decided, it depends on the room then.
    pub dock: Option<bool>,
}
