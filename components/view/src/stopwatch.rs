//! The failover stopwatch: the duration of a failover and of its phases.

use std::collections::VecDeque;
use std::time::Duration;

use egui::Ui;
use feed::Timestamp;

use crate::phases::{self, PhaseName, PhaseTook};
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, size};
use crate::time::{self, Watched};
use command::Command;
use model::{Failover, Fault, Server, words};

/// The phases of a failover with their explanations.
pub(crate) const PHASES: [PhaseName; 4] = [
    (
        "detection",
        "from the fault (or the last data) until the pool user noticed",
    ),
    (
        "resolution",
        "until the registrar or the cache named the next pool element",
    ),
    (
        "connection",
        "until the association to it was up; the state cookie is echoed at that moment, as its first message",
    ),
    ("first data", "until its first pixels arrived"),
];

/// Returns the name of a phase.
pub(crate) fn name(phase: usize) -> &'static str {
    PHASES.get(phase).map_or("?", |(name, _)| name)
}

/// Returns the durations of the phases until now; the last one may still be in progress.
#[must_use]
pub(crate) fn phases(failover: &Failover, now: Timestamp) -> Vec<PhaseTook> {
    let ends = [
        Some(failover.detected),
        failover.resolved,
        failover.connected,
        failover.first_data,
    ];
    let mut before = failover.began();
    let mut phases = Vec::new();
    for (phase, end) in ends.into_iter().enumerate() {
        // What took no time, such as the detection of a clean stop, is not a phase.
        if let Some(end) = end.filter(|end| *end > before) {
            phases.push((phase, end - before));
            before = end;
        }
    }
    let going_on = ends.iter().position(Option::is_none);
    if let Some(phase) = going_on.filter(|_| failover.is_under_way() && now > before) {
        phases.push((phase, now - before));
    }
    phases
}

/// Draws the figures of a pool user's latest failover, one below the other, with its phases if there is room for them.
pub(crate) fn stopwatch_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    failovers: &VecDeque<Failover>,
    with_phases: bool,
    commands: &mut Vec<Command>,
) {
    let Some(failover) = failovers.back() else { return };
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing.y = 1.0;
    ui.spacing_mut().interact_size.y = 15.0;
    ui.horizontal(|ui| {
        gap_ui(ui, theme, snapshot, failover);
        again_ui(ui, snapshot, failover, false, commands);
    });
    ui.label(theme::small(ends(snapshot, failover)));
    let why = failover
        .fault
        .as_ref()
        .map_or(failover.reason.as_str(), |injected| injected.text.as_str());
    ui.add(egui::Label::new(theme.remark(why)).truncate())
        .on_hover_text(why);
    if !with_phases {
        return;
    }
    ui.add_space(5.0);
    for (phase, duration) in phases(failover, snapshot.now) {
        let (name, explanation) = PHASES[phase];
        let row = ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            phases::square_ui(ui, phase);
            ui.label(theme.remark(name));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.label(theme::small(words::duration(duration)));
            });
        });
        row.response.on_hover_text(explanation);
    }
    if let Some((number, median)) = median_gap(failovers) {
        ui.add_space(3.0);
        let kind = kind(failover).map_or("no fault there", Fault::word);
        let text = format!("median of {number}: {}", words::duration(median));
        ui.label(theme.remark(text))
            .on_hover_text(format!("of failovers of this kind only: {kind}"));
    }
}

/// Draws the button that shows a failover again.
fn again_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    failover: &Failover,
    with_text: bool,
    commands: &mut Vec<Command>,
) {
    if snapshot.time.is_some() {
        let watched = Watched::of_failover(snapshot.model, failover);
        time::again_ui(ui, snapshot, watched, with_text, commands);
    }
}

/// Draws the figures of the latest failover in one line.
pub(crate) fn line_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    failovers: &VecDeque<Failover>,
    commands: &mut Vec<Command>,
) {
    let Some(failover) = failovers.back() else { return };
    let theme = Theme::of(ui);
    ui.horizontal_wrapped(|ui| {
        gap_ui(ui, theme, snapshot, failover);
        ui.label(ends(snapshot, failover));
        again_ui(ui, snapshot, failover, true, commands);
        ui.add_space(12.0);
        for (phase, duration) in phases(failover, snapshot.now) {
            phases::square_ui(ui, phase);
            ui.label(theme::small(format!(
                "{} {}",
                PHASES[phase].0,
                words::duration(duration)
            )));
        }
    });
}

/// Draws the latest failover as a figure and a word for an audience.
pub(crate) fn headline_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    failovers: &VecDeque<Failover>,
    commands: &mut Vec<Command>,
) {
    let Some(failover) = failovers.back() else { return };
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        gap_ui(ui, theme, snapshot, failover);
        again_ui(ui, snapshot, failover, false, commands);
        let ends = egui::RichText::new(ends(snapshot, failover)).size(size::LEAD);
        ui.add(egui::Label::new(ends).truncate());
    });
}

/// Draws the phases of the latest failover as a separate bar.
pub(crate) fn bar_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, failovers: &VecDeque<Failover>) {
    match failovers.back() {
        Some(failover) => {
            let of = if failover.cookie_echoed.is_some() {
                "Failover with the state cookie"
            } else {
                "Failover without a state cookie"
            };
            phases::bar_ui(ui, of, &PHASES, &phases(failover, snapshot.now))
        }
        None => phases::room_ui(ui),
    };
}

fn gap_ui(ui: &mut Ui, theme: &Theme, snapshot: &Snapshot<'_>, failover: &Failover) {
    match failover.gap() {
        Some(gap) => ui.label(theme::figure(words::duration(gap))),
        None if failover.abandoned => ui.label(theme::strong("given up").size(size::HEADING).color(theme.weak)),
        // In slow motion, the figure can be read.
        None if !snapshot.is_present() => {
            let so_far = words::duration(snapshot.now - failover.began());
            ui.label(theme::figure(so_far).color(theme.fault))
        }
        None => ui.label(theme::strong("failing over").size(size::HEADING).color(theme.fault)),
    }
    .on_hover_text(
        "The failover gap: from the fault to the first data of the next pool element. Without a fault, or after a \
         clean stop, it begins with the last data of the pool element that was left.",
    );
}

/// Returns the names of the two pool elements.
fn ends(snapshot: &Snapshot<'_>, failover: &Failover) -> String {
    let name = |server: Server| snapshot.model.pool_element_name(server.pe_identifier);
    let to = failover.to.map_or_else(|| "?".to_owned(), name);
    format!("{} \u{2192} {to}", name(failover.from))
}

/// Returns the fault that led to a failover: gaps after different faults have nothing to do with each other.
fn kind(failover: &Failover) -> Option<Fault> {
    failover.fault.as_ref().map(|injected| injected.fault)
}

/// Returns the number of failovers of the same kind as the latest one, and their median gap, once there are several.
fn median_gap(failovers: &VecDeque<Failover>) -> Option<(usize, Duration)> {
    let latest = kind(failovers.back()?);
    let same = failovers.iter().filter(|failover| kind(failover) == latest);
    let mut gaps: Vec<Duration> = same.filter_map(Failover::gap).collect();
    if gaps.len() < 3 {
        return None;
    }
    gaps.sort_unstable();
    Some((gaps.len(), figures::quantile(&gaps, 0.5)?))
}

#[cfg(test)]
mod tests {
    use feed::SessionId;
    use wire::PeIdentifier;

    use super::*;
    use model::{FailoverKey, InjectedFault};

    fn failover() -> Failover {
        let at = Timestamp::from_micros;
        let server = |number| Server {
            pe_identifier: PeIdentifier(number),
            component: None,
        };
        Failover {
            key: FailoverKey(0),
            session: SessionId(1),
            from: server(1),
            to: Some(server(2)),
            reason: "abort".into(),
            sign: None,
            fault: Some(InjectedFault {
                at: at(1_000),
                fault: Fault::Kill,
                text: "PE 1 was killed".into(),
            }),
            last_data: at(900),
            detected: at(5_000),
            resolved: Some(at(7_000)),
            connected: Some(at(12_000)),
            cookie_echoed: None,
            first_data: Some(at(30_000)),
            abandoned: false,
        }
    }

    #[test]
    fn medians_do_not_mix_kinds_of_fault() {
        let of = |fault, gap_ms: u64| {
            let mut failover = failover();
            failover.first_data = Some(failover.began() + Duration::from_millis(gap_ms));
            if let Some(injected) = &mut failover.fault {
                injected.fault = fault;
            }
            failover
        };
        let mut failovers: VecDeque<Failover> = [10, 30, 20].map(|ms| of(Fault::Kill, ms)).into();
        assert_eq!(median_gap(&failovers), Some((3, Duration::from_millis(20))));
        failovers.extend([800, 900].map(|ms| of(Fault::Freeze, ms)));
        assert_eq!(median_gap(&failovers), None);
        failovers.push_back(of(Fault::Kill, 40));
        assert_eq!(median_gap(&failovers), Some((4, Duration::from_millis(20))));
    }

    #[test]
    fn the_parts_add_up_to_the_gap() {
        let failover = failover();
        let phases = phases(&failover, failover.detected);
        assert_eq!(
            phases.iter().map(|(_, duration)| duration).sum::<Duration>(),
            Duration::from_millis(29)
        );
        assert_eq!(failover.gap(), Some(Duration::from_millis(29)));
        assert_eq!(phases.last(), Some(&(3, Duration::from_millis(18))));
    }

    #[test]
    fn the_phase_that_is_going_on_grows_until_now() {
        let mut failover = failover();
        failover.first_data = None;
        failover.connected = None;
        let at = Timestamp::from_micros;
        let last = |now| phases(&failover, at(now)).last().copied();
        assert_eq!(last(7_000), Some((1, Duration::from_millis(2))));
        assert_eq!(last(9_500), Some((2, Duration::from_micros(2_500))));
        failover.abandoned = true;
        assert_eq!(
            phases(&failover, at(9_500)).last(),
            Some(&(1, Duration::from_millis(2)))
        );
    }
}
