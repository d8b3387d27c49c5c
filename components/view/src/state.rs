//! The window's own state; the model knows nothing of it.

use std::collections::BTreeSet;

use feed::ComponentRole;

use crate::add_form::AddForm;
use crate::comparison::ComparisonState;
use crate::dock::{DockState, DockTab};
use crate::files::FileDialog;
use crate::graph::GraphState;
use crate::laboratory::LaboratoryState;
use crate::missing_glyphs::MissingGlyphs;
use crate::palette::PaletteState;
use crate::problem::ProblemState;
use crate::random_faults::RandomFaultsForm;
use crate::results::ResultsState;
use crate::selection::Selection;
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::story::StoryState;
use crate::time::TimeState;
use chronicle::Source;
use model::ComponentId;

/// The state of all views: the shared state, and one field for each view with a state of its own.
#[derive(Debug, Default)]
pub struct ViewState {
    /// The persistent settings.
    pub settings: Settings,
    /// The selection, the same in all views.
    pub selection: Selection,
    /// Whether presenter mode is on, which shows only what an audience needs.
    pub presenting: bool,
    /// Whether an audience sees curves instead of pictures, if the user has decided.
    pub(crate) charts_on_stage: Option<bool>,
    /// Whether the screen is blank, so that the audience looks at the speaker.
    pub blank: bool,
    /// Whether drawing is expensive: fewer frames per second while something moves.
    pub low_graphics: bool,
    /// Whether the desktop delivers files that are dropped on the window.
    pub can_drop: bool,
    /// Whether the help is open.
    pub(crate) help: bool,
    pub(crate) graph: GraphState,
    pub(crate) results: ResultsState,
    pub(crate) story: StoryState,
    pub(crate) dock: DockState,
    pub(crate) add_form: AddForm,
    pub(crate) random_faults: RandomFaultsForm,
    pub(crate) palette: PaletteState,
    pub(crate) files: FileDialog,
    pub(crate) laboratory: LaboratoryState,
    pub(crate) time: TimeState,
    pub(crate) comparison: ComparisonState,
    pub(crate) problem: ProblemState,
    pub(crate) missing_glyphs: MissingGlyphs,
    /// Whether the zoom shall be set again, whatever the user has made of it.
    pub(crate) reset_zoom: bool,
    seen: BTreeSet<ComponentId>,
    /// The recording that is shown, by its name; `None` while it is the demonstration that takes place.
    recording: Option<String>,
    /// The graph of that demonstration while a recording is shown.
    graph_of_present: Option<GraphState>,
}

/// What the keys are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeysFor {
    /// The whole window.
    Window,
    /// A text that is being typed.
    Text,
    /// A page in place of the demonstration.
    Page,
    /// A dialog, menu or another popup.
    Dialog,
}

impl ViewState {
    /// Creates the initial state.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            ..Self::default()
        }
    }

    /// Follows what is shown: drops the state of components that are gone, but for those that are not there yet, or no
    /// longer, at the cursor.
    pub(crate) fn follow(&mut self, snapshot: &Snapshot<'_>) {
        let model = snapshot.model;
        self.follow_source(snapshot);
        self.comparison.follow(snapshot.compared.as_ref());
        if snapshot.is_present() {
            self.selection.forget_gone(model);
        } else {
            self.selection.set_aside_gone(model);
        }
        if self.seen.iter().any(|id| !model.components.contains_key(id)) {
            self.results.forget_gone(model);
            if snapshot.is_present() {
                self.graph.forget_gone(model);
            }
        }
        self.seen = model.components.keys().copied().collect();
    }

    /// Puts away the state of another demonstration, whose components may have the same identifiers.
    fn follow_source(&mut self, snapshot: &Snapshot<'_>) {
        let recording = match snapshot.time.map(|time| time.source) {
            Some(Source::File { name, .. }) => Some(name),
            Some(Source::Live) | None => None,
        };
        if self.recording.as_deref() == recording {
            return;
        }
        let of_present = self.recording.is_none();
        self.recording = recording.map(str::to_owned);
        self.selection.deselect();
        self.results.enlarged = None;
        let before = std::mem::take(&mut self.graph);
        if of_present {
            self.graph_of_present = Some(before);
        } else if self.recording.is_none() {
            self.graph = self.graph_of_present.take().unwrap_or_default();
        }
    }

    /// Opens the dock at the load over time.
    pub fn show_load(&mut self) {
        self.dock.open(DockTab::Load, &mut self.settings);
    }

    /// Unfolds the lanes of the components.
    pub fn show_lanes(&mut self) {
        self.time.unfold();
    }

    /// Shows a sentence about the window itself until the user closes it.
    pub fn tell(&mut self, sentence: String) {
        self.problem.tell(sentence);
    }

    /// Returns whether an audience sees curves: as set by the user, else if nobody shows pictures.
    pub(crate) fn has_charts_on_stage(&self, snapshot: &Snapshot<'_>) -> bool {
        self.charts_on_stage.unwrap_or_else(|| {
            let mut users = snapshot.role(ComponentRole::PoolUser).peekable();
            users.peek().is_some() && users.all(|user| !user.spec.shows_pictures())
        })
    }

    /// Returns what keys are for: no shortcut may act behind what the user is busy with.
    pub(crate) fn keys_are_for(&self, context: &egui::Context) -> KeysFor {
        let modal = context.memory(|memory| memory.top_modal_layer().is_some());
        if modal
            || self.help
            || self.palette.is_open()
            || self.files.is_open()
            || self.time.is_asking()
            || self.results.enlarged.is_some()
            || egui::Popup::is_any_open(context)
        {
            KeysFor::Dialog
        } else if context.text_edit_focused() {
            KeysFor::Text
        } else if self.laboratory.is_open() {
            KeysFor::Page
        } else {
            KeysFor::Window
        }
    }

    /// Returns the time between two frames while something moves.
    #[must_use]
    pub fn frame_time(&self) -> std::time::Duration {
        std::time::Duration::from_millis(if self.low_graphics { 80 } else { 16 })
    }
}
