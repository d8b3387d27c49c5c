//! What is shown of the messages, and what can be done with them.

use egui::{Button, Ui};
use feed::Timestamp;
use trace::Category;

use super::ProtocolState;
use super::filter_field::filter_field_ui;
use super::scope::Scope;
use crate::files::Part;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE_SMALL, Theme};
use command::{Command, ProtocolCommand, Selection as Packets};
use model::words;

/// The categories that have switches.
const SWITCHES: [Category; 5] = [
    Category::Data,
    Category::Cookie,
    Category::KeepAlive,
    Category::Presence,
    Category::Announcement,
];
/// The most failovers and takeovers in the menu.
const RECOVERIES: usize = 20;

/// Draws the controls.
pub(crate) fn controls_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ProtocolState,
    selection: &Selection,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing.x = SPACE_SMALL;
    views_ui(ui, state);
    ui.separator();
    scope_ui(ui, snapshot, state);
    filter_field_ui(ui, snapshot, state);
    // With little room, the switches are in a menu.
    if ui.available_width() > 620.0 {
        switches_ui(ui, state);
    } else {
        ui.menu_button(theme::small("Kinds"), |ui| switches_ui(ui, state));
    }
    if let Some(component) = selection.component().and_then(|id| snapshot.component(id)) {
        let text = theme::small(format!("only {}", component.name));
        ui.add(egui::Checkbox::new(&mut state.only_selection, text));
    }
    packets_ui(ui, snapshot, state, selection, commands);
    if let Some(protocol) = snapshot.protocol {
        let shown = protocol.rows().len();
        ui.label(theme.remark(words::count(shown as u64)));
        if protocol.left_out() > 0 {
            let left_out = words::count(protocol.left_out() / 2);
            ui.label(theme.remark(format!("the latest, without some {left_out} packets")));
        }
        let missing = protocol.trace().missing;
        if missing > 0 {
            ui.label(theme.remark(format!("{} packets not recorded", words::count(missing))));
        }
    }
}

fn views_ui(ui: &mut Ui, state: &mut ProtocolState) {
    let shows = &mut state.shows;
    let chart = ui
        .add(Button::selectable(
            shows.ladder && !shows.associations,
            theme::small("Chart"),
        ))
        .on_hover_text("Messages as arrows between components, in the course of time");
    if chart.clicked() {
        shows.ladder = !shows.ladder || shows.associations;
        shows.table |= !shows.ladder;
        shows.associations = false;
    }
    let table = ui
        .add(Button::selectable(
            shows.table && !shows.associations,
            theme::small("Table"),
        ))
        .on_hover_text("Messages row by row");
    if table.clicked() {
        shows.table = !shows.table || shows.associations;
        shows.ladder |= !shows.table;
        shows.associations = false;
    }
    let associations = ui
        .add(Button::selectable(
            shows.associations,
            theme::small("Associations"),
        ))
        .on_hover_text("SCTP beneath: states, paths, round-trip times, windows and retransmissions");
    if associations.clicked() {
        shows.associations = !shows.associations;
    }
}

/// Draws the choice of the time.
fn scope_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &mut ProtocolState) {
    let words_of = match state.scope {
        Scope::All => "All the time".to_owned(),
        Scope::Recovery(_) => state
            .scope
            .recovery(snapshot)
            .map_or_else(|| "gone".to_owned(), |recovery| name(snapshot, &recovery)),
        Scope::Span(from, to) => format!("{} long", words::duration(to - from)),
    };
    ui.menu_button(theme::small(shortened(&words_of)), |ui| {
        if ui
            .selectable_label(state.scope == Scope::All, "All the time")
            .clicked()
        {
            state.scope = Scope::All;
        }
        let Some(time) = snapshot.time else {
            return;
        };
        let now = snapshot.now;
        if ui.button("The latest 10 seconds").clicked() {
            state.scope = Scope::Span(now - std::time::Duration::from_secs(10), now);
        }
        if let Some(span) = step(snapshot, now)
            && ui.button("This step of the story").clicked()
        {
            state.scope = Scope::Span(span.0, span.1);
        }
        let recoveries: Vec<_> = time.lanes.recoveries().collect();
        if !recoveries.is_empty() {
            ui.separator();
            ui.label(theme::small("Failovers and takeovers, the latest first"));
        }
        for recovery in recoveries.iter().rev().take(RECOVERIES) {
            let scope = Scope::Recovery(recovery.end);
            if ui
                .selectable_label(state.scope == scope, name(snapshot, recovery))
                .clicked()
            {
                state.scope = scope;
                state.show_ladder();
            }
        }
    })
    .response
    .on_hover_text("Of which time messages are shown");
}

fn name(snapshot: &Snapshot<'_>, recovery: &chronicle::Recovery<'_>) -> String {
    let clock = words::clock(snapshot.wall_clock, recovery.began());
    format!(
        "{clock}  {}, {}",
        recovery.text,
        words::duration(recovery.end - recovery.began())
    )
}

fn shortened(text: &str) -> String {
    const MOST: usize = 34;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['\u{2026}']).collect()
}

/// Returns the span of the step of the story at this time.
fn step(snapshot: &Snapshot<'_>, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let time = snapshot.time?;
    let mut steps =
        time.lanes.points.iter().filter_map(|point| {
            matches!(point.kind, chronicle::HighlightKind::Step { .. }).then_some(point.at)
        });
    let begin = steps.clone().take_while(|step| *step <= at).last()?;
    let end = steps.find(|step| *step > at).unwrap_or(time.to);
    Some((begin, end))
}

fn switches_ui(ui: &mut Ui, state: &mut ProtocolState) {
    for category in SWITCHES {
        let shown = !state.hidden.contains(&category);
        let button = ui
            .add(Button::selectable(shown, theme::small(category.words())))
            .on_hover_text(format!("Whether {} are shown", category.words()));
        if button.clicked() && !state.hidden.remove(&category) {
            state.hidden.insert(category);
        }
    }
    let sctp = ui
        .add(Button::selectable(state.sctp, theme::small("SCTP")))
        .on_hover_text("Whether packets of SCTP are shown as well");
    if sctp.clicked() {
        state.sctp = !state.sctp;
    }
}

/// Draws what other programs can have: packets while they happen, or those of a span.
fn packets_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ProtocolState,
    selection: &Selection,
    commands: &mut Vec<Command>,
) {
    let name = |id| {
        let component = snapshot.model.present_or_removed(id);
        component.map_or_else(|| "?".to_owned(), |component| component.name.clone())
    };
    let (which, words) = match (selection.link(), selection.component()) {
        (Some((one, other)), _) => (
            Packets::Link(one, other),
            format!("between {} and {}", name(one), name(other)),
        ),
        (None, Some(id)) => (Packets::Components(vec![id]), format!("of {}", name(id))),
        (None, None) => (Packets::All, "of all components".to_owned()),
    };
    ui.menu_button(theme::small("Packets"), |ui| {
        ui.label(Theme::of(ui).remark(format!("Packets {words}")));
        let live = ui.add_enabled(snapshot.is_present(), Button::new("Open in Wireshark, live"));
        let live = live.on_disabled_hover_text(
            "Wireshark shows packets while they happen: return to the present, or save them.",
        );
        if live.clicked() {
            let selection = which.clone();
            commands.push(Command::Protocol(ProtocolCommand::OpenWireshark { selection }));
        }
        let whole = snapshot.time.map(|time| (time.from, time.to));
        let spans = [
            ("Save those of this time", state.scope.span(snapshot)),
            ("Save those of all the time", whole),
        ];
        for (text, span) in spans {
            let Some(span) = span else {
                continue;
            };
            if ui.button(text).clicked() {
                state.to_save = Some(Part::Packets {
                    span,
                    selection: which.clone(),
                    words: format!("Packets {words}, {} of time.", words::duration(span.1 - span.0)),
                });
            }
        }
    })
    .response
    .on_hover_text("Packets for Wireshark: those of the chosen link or component, or all");
}
