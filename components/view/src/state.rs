//! What the window remembers of itself; nothing here is known to the model.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::add_form::AddForm;
use crate::canvas::Canvases;
use crate::files::FileDialog;
use crate::graph::GraphState;
use crate::handlespace::HandlespaceState;
use crate::log_panel::LogState;
use crate::message_table::MessageState;
use crate::palette::PaletteState;
use crate::random_faults::RandomFaultsForm;
use crate::selection::Selection;
use crate::story::StoryState;
use crate::takeover::TakeoverKey;
use model::{ComponentId, Model};

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

/// The tabs of the dock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DockTab {
    /// The table of messages.
    #[default]
    Messages,
    /// Log lines of components.
    Log,
    /// Each registrar's handlespace.
    Handlespace,
}

/// The state of all views.
#[derive(Debug, Default)]
pub struct ViewState {
    /// What is kept.
    pub settings: Settings,
    /// What is chosen, in all views alike.
    pub selection: Selection,
    /// Presenter mode: only what an audience needs.
    pub presenting: bool,
    /// Whether drawing is expensive: fewer frames a second while something moves.
    pub low_graphics: bool,
    /// The tab of the dock.
    pub dock_tab: DockTab,
    /// Whether the help is open.
    pub help: bool,
    /// The pool user whose picture is enlarged.
    pub enlarged: Option<ComponentId>,
    /// Textures of the pictures.
    pub canvases: Canvases,
    /// The problem of the snapshot that has been read and put away: that of which file command, and its text.
    pub problem_closed: Option<(u64, String)>,
    pub(crate) takeover_closed: Option<TakeoverKey>,
    pub(crate) graph: GraphState,
    pub(crate) messages: MessageState,
    pub(crate) log: LogState,
    pub(crate) handlespace: HandlespaceState,
    pub(crate) palette: PaletteState,
    pub(crate) add_form: AddForm,
    pub(crate) story: StoryState,
    pub(crate) files: FileDialog,
    pub(crate) random_faults: RandomFaultsForm,
    seen: BTreeSet<ComponentId>,
}

impl ViewState {
    /// The state at the beginning.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            ..Self::default()
        }
    }

    /// Drops what belongs to components that are gone.
    pub fn forget_gone(&mut self, model: &Model) {
        let gone = |id: &ComponentId| !model.components.contains_key(id);
        self.selection.forget_gone(model);
        self.enlarged = self.enlarged.filter(|id| !gone(id));
        if self.seen.iter().any(gone) {
            self.canvases.forget_gone(model);
            self.graph.forget_gone(model);
        }
        self.seen = model.components.keys().copied().collect();
    }

    /// Seconds between two frames while something moves.
    #[must_use]
    pub fn frame_time(&self) -> std::time::Duration {
        std::time::Duration::from_millis(if self.low_graphics { 80 } else { 16 })
    }
}
