//! The progress of a registrar's takeover: the registrars involved, the duration of each phase, and the number of
//! pool elements that have a new home registrar.

use egui::{Frame, Margin, Panel, Ui};
use feed::Timestamp;

use crate::button::{IconButton, icon_label};
use crate::icon::Icon;
use crate::phases::{self, PhaseName, PhaseTook};
use crate::snapshot::Snapshot;
use crate::theme::{self, RADIUS, Theme, size};
use crate::time::{self, Watched};
use command::Command;
use model::{Outcome, Takeover, TakeoverView, words};
use wire::RegistrarIdentifier;

/// The phases of a takeover with their explanations.
pub(crate) const PHASES: [PhaseName; 4] = [
    (
        "suspected",
        "from the fault until the registrar that takes over had not heard it for MAX-TIME-LAST-HEARD, or lost the \
         association to it, and asked whether it is there (RFC 5353, 3.4)",
    ),
    (
        "considered dead",
        "until it was told that nobody is there, or had no answer for MAX-TIME-NO-RESPONSE; then the others were asked \
         to agree (RFC 5353, 3.5.1)",
    ),
    (
        "agreed",
        "until all other registrars had agreed (RFC 5353, 3.5.2)",
    ),
    (
        "PEs moved",
        "until each pool element had acknowledged its new home registrar (RFC 5353, 3.5.4)",
    ),
];

/// How long an audience is told of a takeover that is over.
const NEWS: std::time::Duration = std::time::Duration::from_secs(30);
/// The index of the phase in which the others agree.
const AGREED: usize = 2;

/// The key of a takeover, unique as long as the window is open.
type Key = (RegistrarIdentifier, Timestamp);

/// The state of the pane: the takeover that has been put away.
#[derive(Debug, Default)]
pub(crate) struct TakeoverState {
    put_away: Option<Key>,
}

fn key(takeover: &Takeover) -> Key {
    (takeover.target, takeover.began())
}

/// Returns the name of a phase.
pub(crate) fn name(phase: usize) -> &'static str {
    PHASES.get(phase).map_or("?", |(name, _)| name)
}

/// Returns the durations of the phases of a takeover; the last one may still be in progress.
#[must_use]
pub(crate) fn phases(takeover: &Takeover, now: Timestamp) -> Vec<PhaseTook> {
    let Some((_, view)) = takeover.initiator() else {
        return Vec::new();
    };
    let end = view.end.map(|end| end.at);
    let ends = [
        view.suspected,
        view.initiated.map(|initiated| initiated.at),
        view.won.map(|won| won.at),
        takeover.completed(),
    ];
    // Where nobody has to agree, agreeing takes no time.
    let nobody_agrees = view.initiated.is_some_and(|initiated| initiated.due == 0);
    let mut before = takeover.began();
    let mut phases = Vec::new();
    for (phase, at) in ends.into_iter().enumerate() {
        match at {
            Some(_) if phase == AGREED && nobody_agrees => {}
            Some(at) => {
                phases.push((phase, at - before));
                before = before.max(at);
            }
            // A registrar that has lost the association need not have asked.
            None if phase == 0 => {}
            None => {
                phases.push((phase, end.unwrap_or(now) - before));
                break;
            }
        }
    }
    phases
}

/// Draws the latest takeover at the bottom of the column, until it is put away.
pub(crate) fn takeover_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut TakeoverState,
    commands: &mut Vec<Command>,
) {
    let Some(takeover) = snapshot.model.takeovers.back() else {
        return;
    };
    // The takeover by a registrar that has ended as well is over, and nothing of it is left.
    let by = takeover.initiator().and_then(|(id, _)| snapshot.component(id));
    if state.put_away == Some(key(takeover)) || by.is_none_or(|by| !by.process.is_alive()) {
        return;
    }
    let theme = Theme::of(ui);
    let frame = Frame::new()
        .fill(theme.card)
        .stroke(theme.edge())
        .corner_radius(RADIUS)
        .inner_margin(Margin::symmetric(12, 8))
        .outer_margin(Margin {
            top: 6,
            ..Margin::ZERO
        });
    Panel::bottom("takeover")
        .resizable(false)
        .show_separator_line(false)
        .frame(frame)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            heading_ui(ui, theme, snapshot, takeover, state, commands);
            figures_ui(ui, theme, snapshot, takeover);
            let phases = phases(takeover, snapshot.now);
            phases::bar_ui(ui, &title(snapshot, takeover), &PHASES, &phases);
            phases_ui(ui, theme, &phases);
        });
}

/// Draws the latest takeover as a sentence for an audience, while it is in progress and for some time after it.
pub(crate) fn sentence_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, commands: &mut Vec<Command>) {
    let Some(takeover) = snapshot.model.takeovers.back() else {
        return;
    };
    let over = takeover.completed();
    let is_news = takeover.is_under_way() || over.is_some_and(|at| snapshot.now - at < NEWS);
    if !is_news || takeover.initiator().is_none() {
        return;
    }
    let theme = Theme::of(ui);
    let text = match takeover.duration() {
        Some(took) => format!("{}: {}", title(snapshot, takeover), words::duration(took)),
        None => title(snapshot, takeover),
    };
    ui.horizontal(|ui| {
        icon_label(
            ui,
            Icon::Swap,
            theme.protocol(feed::Protocol::Enrp),
            size::ICON_LARGE,
        );
        again_ui(ui, snapshot, takeover, commands);
        ui.add(egui::Label::new(theme::strong(text).size(size::HEADING)).truncate());
    });
}

/// Draws the button that shows a takeover again.
fn again_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, takeover: &Takeover, commands: &mut Vec<Command>) {
    if snapshot.time.is_some() {
        let watched = Watched::of_takeover(snapshot, takeover);
        time::again_ui(ui, snapshot, watched, false, commands);
    }
}

fn heading_ui(
    ui: &mut Ui,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    takeover: &Takeover,
    state: &mut TakeoverState,
    commands: &mut Vec<Command>,
) {
    ui.horizontal(|ui| {
        icon_label(ui, Icon::Swap, theme.protocol(feed::Protocol::Enrp), size::ICON);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if IconButton::new(Icon::Cross, "Put the takeover away")
                .show(ui)
                .clicked()
            {
                state.put_away = Some(key(takeover));
            }
            again_ui(ui, snapshot, takeover, commands);
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                let text = theme::strong(title(snapshot, takeover)).size(size::LEAD);
                ui.add(egui::Label::new(text).truncate());
            });
        });
    });
}

/// Returns the title: who takes over whom.
pub(crate) fn title(snapshot: &Snapshot<'_>, takeover: &Takeover) -> String {
    let by = initiator_name(snapshot, takeover);
    let target = snapshot.model.registrar_name(takeover.target);
    if takeover.is_under_way() {
        format!("{by} takes over {target}")
    } else if takeover.completed().is_some() {
        format!("{by} has taken over {target}")
    } else {
        format!("{by} wanted to take over {target}")
    }
}

/// Returns the name of the registrar that takes over.
pub(crate) fn initiator_name(snapshot: &Snapshot<'_>, takeover: &Takeover) -> String {
    takeover
        .initiator()
        .and_then(|(id, _)| snapshot.component(id))
        .map_or_else(|| "a registrar".to_owned(), |component| component.name.clone())
}

fn figures_ui(ui: &mut Ui, theme: &Theme, snapshot: &Snapshot<'_>, takeover: &Takeover) {
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 16.0;
        let explanation = "The time from the fault until every pool element of the dead registrar has a new home. \
                           Without a fault it begins when the silence was noticed.";
        let so_far = snapshot.now - takeover.began();
        match takeover.duration() {
            Some(us) => ui.label(theme::figure(words::duration(us))),
            None if takeover.is_under_way() => {
                ui.label(theme::figure(words::duration(so_far)).color(theme.fault))
            }
            None => ui.label(theme::strong("given up").size(size::TITLE).color(theme.weak)),
        }
        .on_hover_text(explanation);
        ui.add_space(6.0);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if let Some((_, view)) = takeover.initiator() {
                ui.add(egui::Label::new(progress(view)).truncate());
                let consent = theme.remark(consent(snapshot, takeover, view));
                ui.add(egui::Label::new(consent).truncate());
            }
        });
    });
}

/// Returns how many pool elements have a new home registrar.
fn progress(view: &TakeoverView) -> String {
    let all = view.pool_elements();
    let have = if all == 1 { "has" } else { "have" };
    let moved = format!(
        "{} of {} {have} a new home",
        view.adopted(),
        words::pool_elements(all)
    );
    match view.end.map(|end| end.outcome) {
        Some(Outcome::GivenUp { reason }) => reason.to_string(),
        Some(Outcome::Ended) => "its own process ended".to_owned(),
        Some(Outcome::Complete { lost, .. }) if lost > 0 => {
            format!("{moved}, {lost} did not answer")
        }
        _ => moved,
    }
}

/// Returns the reason, and the peers that agreed.
fn consent(snapshot: &Snapshot<'_>, takeover: &Takeover, view: &TakeoverView) -> String {
    let due = view.initiated.map_or(0, |initiated| initiated.due);
    let agreed: Vec<String> = view
        .acknowledgements
        .iter()
        .take(4)
        .map(|known| snapshot.model.registrar_name(known.by))
        .collect();
    let agreed = match (due, agreed.as_slice()) {
        (0, _) => "nobody had to agree".to_owned(),
        (_, []) => format!("0 of {due} agree"),
        (_, names) if view.acknowledgements.len() <= 4 => format!("{} agreed", names.join(", ")),
        _ => format!("{} of {due} agreed", view.acknowledgements.len()),
    };
    match &takeover.fault {
        Some(injected) => format!("{}; {agreed}", injected.text),
        None => agreed,
    }
}

fn phases_ui(ui: &mut Ui, theme: &Theme, phases: &[PhaseTook]) {
    ui.spacing_mut().interact_size.y = 15.0;
    egui::Grid::new("takeover phases")
        .num_columns(2)
        .spacing([18.0, 1.0])
        .min_col_width((ui.available_width() - 18.0) / 2.0)
        .show(ui, |ui| {
            for (column, (phase, duration)) in phases.iter().enumerate() {
                let (name, explanation) = PHASES[*phase];
                let row = ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    phases::square_ui(ui, *phase);
                    ui.label(theme.remark(name));
                    ui.label(theme::small(words::duration(*duration)));
                });
                row.response.on_hover_text(explanation);
                if column % 2 == 1 {
                    ui.end_row();
                }
            }
        });
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use model::{ComponentId, End, Fault, Initiated, InjectedFault, Won};

    fn us(microseconds: u64) -> Duration {
        Duration::from_micros(microseconds)
    }

    fn takeover(suspected: Option<Timestamp>, complete: bool) -> Takeover {
        let view = TakeoverView {
            suspected,
            initiated: Some(Initiated {
                at: Timestamp::from_micros(2_500),
                pool_elements: 2,
                due: 0,
            }),
            won: complete.then_some(Won {
                at: Timestamp::from_micros(2_600),
                pool_elements: 2,
            }),
            end: complete.then_some(End {
                outcome: Outcome::Complete { adopted: 2, lost: 0 },
                at: Timestamp::from_micros(3_000),
            }),
            ..TakeoverView::default()
        };
        Takeover {
            target: RegistrarIdentifier(1),
            target_component: None,
            fault: Some(InjectedFault {
                at: Timestamp::from_micros(1_000),
                fault: Fault::Kill,
                text: "PR 1 was killed".into(),
            }),
            views: BTreeMap::from([(ComponentId(2), view)]),
        }
    }

    #[test]
    fn the_parts_add_up_to_the_whole() {
        for suspected in [Some(Timestamp::from_micros(2_000)), None] {
            let takeover = takeover(suspected, true);
            let sum: Duration = phases(&takeover, Timestamp::from_micros(9_000))
                .iter()
                .map(|(_, duration)| duration)
                .sum();
            assert_eq!(Some(sum), takeover.duration());
        }
    }

    #[test]
    fn a_part_that_goes_on_grows_with_the_time() {
        let takeover = takeover(Some(Timestamp::from_micros(2_000)), false);
        assert_eq!(
            phases(&takeover, Timestamp::from_micros(2_550)),
            [(0, us(1_000)), (1, us(500)), (2, us(50))]
        );
        assert_eq!(
            phases(&takeover, Timestamp::from_micros(2_800)),
            [(0, us(1_000)), (1, us(500)), (2, us(300))]
        );
    }
}
