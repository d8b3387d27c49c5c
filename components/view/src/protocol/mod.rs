//! The messages on the wire: as a sequence chart and as a table, each taken apart field by field, with SCTP beneath.
//!
//! They are shown in the dock, or in a window of their own. Everything in here comes from the packets of the recording; what
//! is inferred from them is marked so.

mod associations;
mod bytes;
mod controls;
mod fields;
mod filter_field;
mod inspector;
mod ladder;
mod marks;
mod painter;
mod scope;
mod separate;
mod table;

use std::collections::BTreeSet;

use analysis::{Cast, Inspected, Item, Wanted};
use egui::{Panel, RichText, Ui};
use trace::Category;

use crate::files::Part;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{SPACE, Theme};
use command::{Command, ProtocolCommand};

pub(crate) use controls::controls_ui;
use ladder::LadderState;
use scope::Scope;
pub use separate::SeparateWindow;
pub(crate) use separate::show as show_separately;

/// The width of the pane in which a message is taken apart, initially and at most as a share of the room.
const INSPECTOR: f32 = 420.0;
const INSPECTOR_LEAST: f32 = 260.0;
const INSPECTOR_SHARE: f32 = 0.6;
/// The share of the height that the chart takes where the table is below it.
const CHART_SHARE: f32 = 0.62;
const CHART_LEAST: f32 = 120.0;

/// The state of the messages.
#[derive(Debug)]
pub(crate) struct ProtocolState {
    filter: String,
    hidden: BTreeSet<Category>,
    /// What the graph's legend has switched off.
    pub(crate) hidden_purposes: BTreeSet<feed::Protocol>,
    sctp: bool,
    only_selection: bool,
    shows: Shows,
    scope: Scope,
    chosen: Option<Item>,
    /// Which part of the chosen message is looked at, and which of its fields is marked.
    part: usize,
    field: Option<usize>,
    /// The association whose curves are shown.
    association: Option<trace::AssociationId>,
    /// What the numbers of messages are valid for.
    numbering: u64,
    /// The cursor in time, as it was when the table was drawn last.
    cursor: Option<feed::Timestamp>,
    /// The row that is to be scrolled into view.
    sought: Option<Item>,
    ladder: LadderState,
    /// The part of the recording that is to be saved.
    to_save: Option<Part>,
    completion: filter_field::CompletionState,
    cast: CastOf,
}

/// Who is who, as of a certain revision of what it depends on.
#[derive(Debug, Default)]
struct CastOf {
    key: (usize, u64, u64),
    cast: Cast,
}

/// Which of the views are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shows {
    ladder: bool,
    table: bool,
    associations: bool,
}

impl Default for ProtocolState {
    fn default() -> Self {
        Self {
            filter: String::new(),
            hidden: BTreeSet::new(),
            hidden_purposes: BTreeSet::new(),
            sctp: false,
            only_selection: false,
            shows: Shows {
                ladder: false,
                table: true,
                associations: false,
            },
            scope: Scope::default(),
            chosen: None,
            part: 0,
            field: None,
            association: None,
            numbering: 0,
            cursor: None,
            sought: None,
            ladder: LadderState::default(),
            to_save: None,
            completion: filter_field::CompletionState::default(),
            cast: CastOf::default(),
        }
    }
}

impl ProtocolState {
    /// Chooses a message or packet, or none.
    pub(crate) fn choose(&mut self, item: Option<Item>) {
        if self.chosen != item {
            self.chosen = item;
            self.part = 0;
            self.field = None;
        }
    }

    /// Chooses what is not necessarily in view.
    pub(crate) fn seek(&mut self, item: Item) {
        self.choose(Some(item));
        self.sought = Some(item);
    }

    /// Takes the part of the recording that is to be saved, once.
    pub(crate) fn take_to_save(&mut self) -> Option<Part> {
        self.to_save.take()
    }

    /// Shows all that there is room for in a window of its own.
    pub(crate) fn spread(&mut self) {
        self.shows = Shows {
            ladder: true,
            table: true,
            associations: false,
        };
    }

    /// Shows the sequence chart besides what is shown.
    pub(crate) fn show_ladder(&mut self) {
        self.shows.ladder = true;
        self.shows.associations = false;
    }

    /// Takes up the message that was chosen elsewhere, and tells which one is taken apart here.
    fn share(&mut self, snapshot: &Snapshot<'_>, selection: &mut Selection) {
        let Some(protocol) = snapshot.protocol else {
            return;
        };
        let trace = protocol.trace();
        if selection.seeks_message() && protocol.progress() >= 1.0 {
            let sought = selection.take_sought_message();
            if let Some(item) = sought.and_then(|sought| marks::find(trace, &self.cast.cast, &sought)) {
                self.seek(item);
            }
        }
        if let Some(pixel) = selection.take_sought_pixel()
            && let Some(item) = marks::bringing(trace, &self.cast.cast, &pixel, snapshot.now)
        {
            self.seek(item);
        }
        let chosen = self
            .chosen
            .and_then(|item| marks::chosen_message(trace, &self.cast.cast, item));
        selection.set_message(chosen);
    }

    /// Returns the rows that are wanted.
    fn wanted(&self, snapshot: &Snapshot<'_>, selection: &Selection) -> Wanted {
        let component = selection
            .component()
            .filter(|_| self.only_selection)
            .and_then(|id| snapshot.component(id));
        Wanted {
            filter: self.filter.trim().to_owned(),
            hidden: self.hidden.clone(),
            hidden_purposes: self.hidden_purposes.clone(),
            sctp: self.sctp,
            component: component.map(|component| component.name.clone()),
            span: self.scope.span(snapshot),
        }
    }

    /// Returns the filter of a chart, with what is wanted of the chosen component only.
    fn chart_filter(&self, snapshot: &Snapshot<'_>, selection: &Selection) -> String {
        let only = self.wanted(snapshot, selection).component;
        let only = only.map(|name| format!(" with:\"{name}\"")).unwrap_or_default();
        format!("{}{only}", self.filter.trim())
    }

    /// Brings up to date who is who.
    fn follow(&mut self, snapshot: &Snapshot<'_>) {
        let (Some(protocol), Some(time)) = (snapshot.protocol, snapshot.time) else {
            return;
        };
        if self.numbering != protocol.numbering() {
            self.numbering = protocol.numbering();
            self.choose(None);
            self.association = None;
        }
        let key = (protocol.trace().ends.len(), time.lanes.revision, time.epoch);
        if self.cast.key != key {
            self.cast = CastOf {
                key,
                cast: Cast::of(protocol.trace(), time.lanes),
            };
        }
    }
}

/// Draws the messages.
pub(crate) fn protocol_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ProtocolState,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    state.follow(snapshot);
    state.share(snapshot, selection);
    let wanted = state.wanted(snapshot, selection);
    commands.push(Command::Protocol(ProtocolCommand::Want(wanted)));
    if let Some(item) = state.chosen {
        commands.push(Command::Protocol(ProtocolCommand::Inspect(item)));
    }
    let Some(protocol) = snapshot.protocol else {
        let text = if snapshot.time.is_some() {
            "The recording is being read."
        } else {
            "Nothing is recorded, so that there is nothing to be taken apart."
        };
        ui.label(theme.remark(text));
        return;
    };
    if let Some(problem) = protocol.problem() {
        ui.label(RichText::new(problem).color(theme.danger));
    }
    if protocol.progress() < 1.0 && protocol.progress() > 0.0 {
        ui.add(
            egui::ProgressBar::new(protocol.progress())
                .desired_height(4.0)
                .fill(theme.accent),
        );
    }
    if let Some(item) = state.chosen {
        let inspected = protocol.inspected().filter(|inspected| inspected.item == item);
        inspector_panel(ui, snapshot, state, inspected, commands);
    }
    let room = ui.available_rect_before_wrap();
    ui.shrink_clip_rect(room);
    if state.shows.associations {
        associations::associations_ui(ui, snapshot, state, selection);
        return;
    }
    match (state.shows.ladder, state.shows.table) {
        (true, true) => {
            let height = ui.available_height();
            // Windows of another size begin with what suits them.
            Panel::top(("sequence chart", (height / 160.0) as u32))
                .resizable(true)
                .default_size((height * CHART_SHARE).max(CHART_LEAST))
                .min_size(CHART_LEAST)
                .max_size((height - CHART_LEAST).max(CHART_LEAST))
                .show(ui, |ui| {
                    // It keeps its height while there is nothing to be drawn.
                    ui.set_min_height(ui.available_height());
                    ladder::ladder_ui(ui, snapshot, state, selection, commands);
                });
            table::table_ui(ui, snapshot, state, selection);
        }
        (true, false) => ladder::ladder_ui(ui, snapshot, state, selection, commands),
        (false, _) => table::table_ui(ui, snapshot, state, selection),
    }
    ui.add_space(SPACE / 2.0);
}

fn inspector_panel(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ProtocolState,
    inspected: Option<&Inspected>,
    commands: &mut Vec<Command>,
) {
    let most = (ui.available_width() * INSPECTOR_SHARE).max(INSPECTOR_LEAST);
    Panel::right("message inspector")
        .resizable(true)
        .default_size(INSPECTOR.min(most))
        .size_range(INSPECTOR_LEAST..=most)
        .show(ui, |ui| {
            inspector::inspector_ui(ui, snapshot, state, inspected, commands);
        });
}
