//! Two recordings side by side: aligned at a moment of each, such as a fault, with one cursor for both, and a table of
//! how long each phase of their recoveries took.
//!
//! The recording that commands are about is our own one, and the other one is moved along. Each is drawn by the same code
//! as a single one, with a snapshot and a state of its own, so that nothing of one gets into the other.

mod action;
mod cells;
mod column;
mod facts;
mod figures;
mod headline;
mod line;
mod offset;
mod scale;
mod table;

use egui::{CentralPanel, Frame, Margin, Panel, Rect, Ui, UiBuilder, pos2};
use feed::{Timestamp, WallClock};

use crate::action::Action;
use crate::graph::GraphState;
use crate::load::LoadState;
use crate::present;
use crate::results::ResultsState;
use crate::scenario_status::ScenarioStatus;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::state::ViewState;
use crate::theme::{SPACE, Theme};
use chronicle::{Alignment, Offset, Presence, Source, TimeControl, TimeStatus};
use command::Command;
use model::Model;

pub use action::CompareAction;
pub(crate) use action::{keys, perform};

use column::Parts;
use facts::{Facts, Side};
use line::LineState;
use table::TableState;

/// The minimum height of the columns.
const COLUMNS: f32 = 200.0;

/// Another recording that the one that is shown is compared with: everything that a second snapshot needs.
#[derive(Debug, Clone, Copy)]
pub struct Other<'a> {
    /// Its model at the moment that counts as the one that is shown.
    pub model: &'a Model,
    /// The status of its scenario.
    pub scenario_status: ScenarioStatus<'a>,
    /// That moment, or the end of the recording that is nearest to it.
    pub now: Timestamp,
    /// Converts its timestamps to times of day.
    pub wall_clock: WallClock,
    /// What it holds, and where its cursor is.
    pub time: TimeStatus<'a>,
    /// Which of its moments count as which of our own.
    pub alignment: Alignment,
}

/// The other one of two recordings, ready to be drawn.
#[derive(Debug)]
pub struct Compared<'a> {
    /// It.
    pub snapshot: Box<Snapshot<'a>>,
    /// Which of its moments count as which of our own.
    pub alignment: Alignment,
}

impl<'a> Compared<'a> {
    /// Prepares a frame.
    #[must_use]
    pub fn new(other: Other<'a>) -> Self {
        let Other {
            model,
            scenario_status,
            now,
            wall_clock,
            time,
            alignment,
        } = other;
        let snapshot = Snapshot::new(model, scenario_status, now, wall_clock)
            .with_time(Some(time))
            .beside_another();
        Self {
            snapshot: Box::new(snapshot),
            alignment,
        }
    }
}

/// The state of the comparison.
#[derive(Debug, Default)]
pub(crate) struct ComparisonState {
    /// The state of the other recording's views; that of our own is that of the window.
    graph: GraphState,
    pub(crate) results: ResultsState,
    load: LoadState,
    selection: Selection,
    /// The name of the other recording.
    recording: Option<String>,
    /// Whether the other recording is on the left.
    swapped: bool,
    facts: [Facts; 2],
    line: LineState,
    table: TableState,
}

impl ComparisonState {
    /// Follows what is shown: begins anew with another recording, and drops the state of components that are gone.
    pub(crate) fn follow(&mut self, compared: Option<&Compared<'_>>) {
        let name = compared.map(|compared| name(&compared.snapshot));
        if self.recording.as_deref() != name {
            *self = Self {
                recording: name.map(str::to_owned),
                ..Self::default()
            };
        }
        if let Some(compared) = compared {
            self.selection.set_aside_gone(compared.snapshot.model);
            self.results.forget_gone(compared.snapshot.model);
        }
    }

    /// Brings the textures of the other recording up to date.
    pub(crate) fn update_textures(
        &mut self,
        context: &egui::Context,
        epoch: u64,
        model: &mut Model,
        tint: bool,
    ) {
        self.results.canvases.update(context, epoch, model, tint);
    }

    /// Returns the identity of the selected node of the other recording, for the keyboard focus.
    pub(crate) fn focus(&self, snapshot: &Snapshot<'_>) -> Option<egui::Id> {
        let node = self.selection.node()?;
        Some(snapshot.distinct(node.focus_id()))
    }

    /// Returns the selection in the other recording and its graph, for the keys of the graph.
    pub(crate) fn graph_and_selection(&mut self) -> (&GraphState, &mut Selection) {
        (&self.graph, &mut self.selection)
    }
}

/// Returns a command about the time of the other recording as one about that of our own, which moves both. Nothing else
/// can be done to it.
fn as_own(command: Command, alignment: Alignment) -> Option<Command> {
    let own = |at| alignment.to_own(at);
    let Command::Time(control) = command else {
        return None;
    };
    Some(Command::Time(match control {
        TimeControl::Seek(at) => TimeControl::Seek(own(at)),
        TimeControl::WatchAgain(from, to) => TimeControl::WatchAgain(own(from), own(to)),
        TimeControl::Loop(span) => TimeControl::Loop(span.map(|(from, to)| (own(from), own(to)))),
        control => control,
    }))
}

/// Returns the name of a recording as the user gave it to its file, without what all of them have in common.
fn name<'a>(snapshot: &Snapshot<'a>) -> &'a str {
    match snapshot.time.map(|time| time.source) {
        Some(Source::File { name, .. }) => stem(name),
        Some(Source::Live) | None => "this demonstration",
    }
}

fn stem(name: &str) -> &str {
    let name = name.strip_suffix(".zst").unwrap_or(name);
    let name = name.strip_suffix(".pcapng").unwrap_or(name);
    if name.is_empty() { "recording" } else { name }
}

/// Draws the comparison: everything between the bar at the top and the lower edge.
pub(crate) fn comparison_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    compared: &Compared<'_>,
    state: &mut ViewState,
    commands: &mut Vec<Command>,
) -> Option<Action> {
    let theme = Theme::of(ui);
    let charts = [snapshot, &compared.snapshot].map(|side| state.has_charts_on_stage(side));
    let presenting = state.presenting;
    let comparison = &mut state.comparison;
    let alignment = compared.alignment;
    let time = snapshot.time?;
    let cursor = time.cursor.map_or(snapshot.now, |cursor| cursor.at);
    let offset = Offset::of(cursor, alignment.own.at);
    let [own_facts, other_facts] = &mut comparison.facts;
    own_facts.update(snapshot, alignment.own);
    other_facts.update(&compared.snapshot, alignment.other);
    let swapped = comparison.swapped;
    let mut sides = [
        Side::new(snapshot, own_facts, alignment.own, false),
        Side::new(&compared.snapshot, other_facts, alignment.other, true),
    ];
    if swapped {
        sides.reverse();
    }
    facts::tell_apart(&mut sides);

    let frame = Frame::new()
        .fill(theme.panel)
        .inner_margin(Margin::symmetric(14, 6));
    let mut action = None;
    Panel::bottom("compared time")
        .exact_size(line::height(presenting))
        .frame(frame)
        .show(ui, |ui| {
            let line = (&mut comparison.line, &mut state.time);
            action = line::line_ui(ui, &sides, line, (alignment, offset), presenting, commands);
        });
    let height = table::height(ui, &sides);
    let most = (ui.available_height() - COLUMNS).max(80.0);
    Panel::bottom("compared phases")
        .exact_size(height.min(most))
        .frame(frame.fill(theme.card))
        .show(ui, |ui| {
            table::table_ui(ui, &sides, &mut comparison.table, offset);
        });
    let moving = CentralPanel::no_frame().show(ui, |ui| {
        let room = ui.available_rect_before_wrap();
        let middle = room.center().x;
        let halves = [
            Rect::from_min_max(room.min, pos2(middle - SPACE / 2.0, room.max.y)),
            Rect::from_min_max(pos2(middle + SPACE / 2.0, room.min.y), room.max),
        ];
        let mut moving = false;
        for (side, rect) in sides.iter().zip(halves) {
            // The other recording has controls of its own, which are about our own all the same.
            let mut asked = Vec::new();
            let (parts, asked_of) = if side.is_other {
                let parts = Parts {
                    graph: &mut comparison.graph,
                    results: &mut comparison.results,
                    load: &mut comparison.load,
                    selection: &mut comparison.selection,
                };
                (parts, &mut asked)
            } else {
                let parts = Parts {
                    graph: &mut state.graph,
                    results: &mut state.results,
                    load: &mut state.dock.load,
                    selection: &mut state.selection,
                };
                (parts, &mut *commands)
            };
            let salt = if side.is_other { "the other" } else { "our own" };
            let mut child = ui.new_child(UiBuilder::new().id_salt(salt).max_rect(rect));
            child.shrink_clip_rect(rect);
            let presence = Presence::of(offset, side.anchor.at, side.range());
            let charts = charts[usize::from(side.is_other)];
            present::watch(ui.ctx(), side.snapshot);
            moving |= column::column_ui(&mut child, side, presence, parts, (charts, presenting), asked_of);
            commands.extend(asked.into_iter().filter_map(|command| as_own(command, alignment)));
        }
        present::watch(ui.ctx(), snapshot);
        ui.painter().vline(middle, room.y_range(), theme.edge());
        moving
    });
    if moving.inner {
        ui.request_repaint_after(state.frame_time());
    }
    action
}
