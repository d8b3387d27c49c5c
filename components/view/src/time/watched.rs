//! A failover or takeover that is watched again: its span, and what happens in each of its phases.

use std::time::Duration;

use egui::{Align, Layout, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use feed::Timestamp;

use super::TimeState;
use super::extents::began;
use crate::button::{IconButton, icon_label};
use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE, Theme, size};
use crate::{stopwatch, takeover};
use chronicle::{Highlight, HighlightKind, TimeControl};
use command::Command;
use model::{Component, Failover, Model, Takeover, words};

/// The share of the whole that is shown before it, and the least time.
const BEFORE: f64 = 0.12;
const LEAST_BEFORE: Duration = Duration::from_micros(500);
/// The share that is shown after it.
const AFTER: f64 = 0.06;
/// The width of the bar with the phases, and its height.
const BAR: f32 = 260.0;
const BAR_HEIGHT: f32 = 11.0;
/// The minimum width of a phase in the bar.
const SLIVER: f32 = 2.0;

/// What is watched again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Watched {
    /// From when to when.
    from: Timestamp,
    to: Timestamp,
    /// The beginning and the end of what happened.
    began: Timestamp,
    ended: Timestamp,
    title: String,
    phases: Vec<Phase>,
}

/// A phase of it.
#[derive(Debug, Clone, PartialEq)]
struct Phase {
    /// The index of its colour.
    colour: usize,
    name: String,
    /// What happens in it.
    sentence: String,
    until: Timestamp,
}

impl Watched {
    fn new(began: Timestamp, ended: Timestamp, title: String) -> Self {
        let whole = ended - began;
        Self {
            from: began - whole.mul_f64(BEFORE).max(LEAST_BEFORE),
            to: ended + whole.mul_f64(AFTER).max(LEAST_BEFORE),
            began,
            ended,
            title,
            phases: Vec::new(),
        }
    }

    /// Returns the failover or takeover that ended at a time.
    pub(crate) fn ended_at(snapshot: &Snapshot<'_>, at: Timestamp) -> Option<Self> {
        snapshot.time?;
        all(snapshot).find(|watched| watched.ended == at)
    }

    /// Returns the failover of a pool user, once it is complete.
    pub(crate) fn of_failover(model: &Model, failover: &Failover) -> Option<Self> {
        let ended = failover.first_data?;
        let user = "the pool user";
        let from = model.pool_element_name(failover.from.pe_identifier);
        let to = failover.to.map_or_else(
            || "the next pool element".to_owned(),
            |to| model.pool_element_name(to.pe_identifier),
        );
        let mut watched = Self::new(failover.began(), ended, format!("{from} \u{2192} {to}"));
        let why = match &failover.fault {
            Some(fault) => format!("{}, and {user} has not noticed it yet", fault.text),
            None => format!("{user} hears nothing from {from}"),
        };
        let mut until = failover.began();
        for (phase, took) in stopwatch::phases(failover, ended) {
            until += took;
            let sentence = match phase {
                0 => why.clone(),
                1 => format!("{user} asks who is next"),
                2 => format!("{user} connects to {to}"),
                _ => format!("{to} goes on from the state cookie"),
            };
            watched.phases.push(Phase {
                colour: phase,
                name: stopwatch::name(phase).to_owned(),
                sentence,
                until,
            });
        }
        Some(watched)
    }

    /// Returns a takeover, once it is complete.
    pub(crate) fn of_takeover(snapshot: &Snapshot<'_>, it: &Takeover) -> Option<Self> {
        let ended = it.completed()?;
        let by = takeover::initiator_name(snapshot, it);
        let target = snapshot.model.registrar_name(it.target);
        let mut watched = Self::new(it.began(), ended, takeover::title(snapshot, it));
        let mut until = it.began();
        for (phase, took) in takeover::phases(it, ended) {
            until += took;
            let sentence = match phase {
                0 => format!("{by} has not missed {target} yet"),
                1 => format!("{by} has asked {target} whether it is there"),
                2 => format!("{by} asks the other registrars to agree"),
                _ => format!("the pool elements of {target} move to {by}"),
            };
            watched.phases.push(Phase {
                colour: phase,
                name: takeover::name(phase).to_owned(),
                sentence,
                until,
            });
        }
        Some(watched)
    }

    /// Returns a recovery of which no more is known than its highlight.
    fn of_highlight(point: &Highlight) -> Option<Self> {
        let HighlightKind::Recovery {
            fault_at,
            detected,
            phases,
            text,
            ..
        } = &point.kind
        else {
            return None;
        };
        let mut watched = Self::new(began(point)?, point.at, text.clone());
        if !phases.is_empty() {
            let phases = phases.iter().enumerate().map(|(colour, phase)| Phase {
                colour,
                name: phase.name.clone(),
                sentence: text.clone(),
                until: phase.end,
            });
            watched.phases.extend(phases);
            return Some(watched);
        }
        if fault_at.is_some() {
            watched.phases.push(Phase {
                colour: 0,
                name: stopwatch::name(0).to_owned(),
                sentence: "nobody has noticed it yet".to_owned(),
                until: *detected,
            });
        }
        watched.phases.push(Phase {
            colour: 2,
            name: "recovery".to_owned(),
            sentence: text.clone(),
            until: point.at,
        });
        Some(watched)
    }

    /// Returns when it began.
    pub(super) fn began(&self) -> Timestamp {
        self.began
    }

    /// Returns the command that plays it.
    pub(crate) fn command(&self) -> Command {
        Command::Time(TimeControl::WatchAgain(self.from, self.to))
    }

    /// Returns the phase at a time; `None` before and after it.
    fn phase_at(&self, at: Timestamp) -> Option<&Phase> {
        if at < self.began {
            return None;
        }
        self.phases.iter().find(|phase| at < phase.until)
    }

    /// Returns what happens at a time, in a sentence that begins with the name of the phase.
    fn sentence_at(&self, at: Timestamp) -> String {
        match self.phase_at(at) {
            Some(phase) => format!("{}: {}", phase.name, phase.sentence),
            None if at < self.began => format!("just before it: {}", self.title),
            None => format!(
                "over after {}: {}",
                words::duration(self.ended - self.began),
                self.title
            ),
        }
    }
}

/// Returns all failovers and takeovers that the model still has.
fn all<'a>(snapshot: &'a Snapshot<'_>) -> impl Iterator<Item = Watched> + 'a {
    let users = snapshot.model.components.values();
    let failovers = users.flat_map(move |user: &Component| {
        let failovers = user.failovers.iter().rev();
        failovers.filter_map(move |failover| Watched::of_failover(snapshot.model, failover))
    });
    let takeovers = snapshot.model.takeovers.iter().rev();
    failovers.chain(takeovers.filter_map(|it| Watched::of_takeover(snapshot, it)))
}

/// Returns what is to be watched again: what is being watched, or else the latest until now.
pub(super) fn latest(snapshot: &Snapshot<'_>, watched: Option<&Watched>) -> Option<Watched> {
    let time = snapshot.time?;
    let at = time.cursor.map_or(time.to, |cursor| cursor.at);
    let again = watched.filter(|watched| (watched.from..=watched.to).contains(&at));
    if let Some(watched) = again {
        return Some(watched.clone());
    }
    let mut recoveries = time
        .lanes
        .points
        .iter()
        .rev()
        .filter(|point| matches!(point.kind, HighlightKind::Recovery { succeeded: true, .. }));
    // Before the first one, the first one is next.
    let point = recoveries
        .clone()
        .find(|point| point.at <= at)
        .or(recoveries.next_back())?;
    let known = all(snapshot).find(|watched| watched.ended == point.at);
    known.or_else(|| Watched::of_highlight(point))
}

impl TimeState {
    /// Takes note of what is going to be watched again, to tell its phases.
    pub(crate) fn note_watched(&mut self, snapshot: &Snapshot<'_>, commands: &[Command]) {
        for command in commands {
            if let Command::Time(TimeControl::WatchAgain(from, to)) = command
                && self
                    .watched
                    .as_ref()
                    .is_none_or(|watched| (watched.from, watched.to) != (*from, *to))
            {
                self.watched = all(snapshot).find(|watched| (watched.from, watched.to) == (*from, *to));
            }
        }
    }
}

/// Draws the button that plays a failover or a takeover again, slowed down, if it can be played.
pub(crate) fn again_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    watched: Option<Watched>,
    with_text: bool,
    commands: &mut Vec<Command>,
) {
    let (Some(_), Some(watched)) = (snapshot.time, watched) else {
        return;
    };
    let name = format!("Watch again: {}", watched.title);
    let mut button = IconButton::new(Icon::Again, &name)
        .explain("Plays it from just before the fault, so slowly that it takes about ten seconds.");
    if with_text {
        button = button.text("Watch again");
    }
    if button.show(ui).clicked() {
        commands.push(watched.command());
    }
}

/// Draws what happens at the cursor in what is watched again, with its phases. Returns whether it is being watched.
pub(crate) fn watched_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &TimeState) -> bool {
    let (Some(watched), Some(time)) = (&state.watched, snapshot.time) else {
        return false;
    };
    let Some(cursor) = time.cursor else {
        return false;
    };
    if !(watched.from..=watched.to).contains(&cursor.at) {
        return false;
    }
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(size::ICON_BUTTON);
        icon_label(ui, Icon::Again, theme.past, size::ICON);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let width = BAR.min(ui.available_width() / 3.0);
            bar_ui(ui, theme, watched, cursor.at, width);
            let since = if cursor.at < watched.began {
                format!("\u{2212}{}", words::duration(watched.began - cursor.at))
            } else {
                words::duration(cursor.at.min(watched.ended) - watched.began)
            };
            ui.label(theme::strong(since).size(size::LEAD));
            ui.add_space(SPACE);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = theme::strong(watched.sentence_at(cursor.at)).size(size::LEAD);
                ui.add(egui::Label::new(text).truncate());
            });
        });
    });
    true
}

/// Draws the phases in proportion to their durations, those that are ahead faded, with the cursor.
fn bar_ui(ui: &mut Ui, theme: &Theme, watched: &Watched, at: Timestamp, width: f32) {
    let (rect, response) = ui.allocate_exact_size(vec2(width, BAR_HEIGHT), Sense::hover());
    let name = watched.sentence_at(at);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    let whole = (watched.ended - watched.began).as_secs_f64().max(1e-9);
    let x = |at: Timestamp| {
        let share = (at.saturating_since(watched.began)).as_secs_f64() / whole;
        rect.left() + (share as f32).clamp(0.0, 1.0) * rect.width()
    };
    let mut left = rect.left();
    for phase in &watched.phases {
        let right = x(phase.until).max(left + SLIVER);
        let part = Rect::from_min_max(pos2(left, rect.top()), pos2(right - 1.0, rect.bottom()));
        let colour = theme.phase(phase.colour);
        ui.painter().rect_filled(part, 2.0, theme::fade(colour, 0.3));
        let done = x(at).clamp(left, right - 1.0);
        let part = Rect::from_min_max(part.min, pos2(done, rect.bottom()));
        ui.painter().rect_filled(part, 2.0, colour);
        left = right;
    }
    let needle = egui::Stroke::new(2.0, theme.text);
    ui.painter().vline(x(at), rect.expand(3.0).y_range(), needle);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(us: u64) -> Timestamp {
        Timestamp::from_micros(us)
    }

    fn recovery() -> Highlight {
        Highlight {
            at: at(1_030_000),
            component: None,
            kind: HighlightKind::Recovery {
                takeover: false,
                fault_at: Some(at(1_000_000)),
                detected: at(1_010_000),
                succeeded: true,
                phases: Vec::new(),
                text: "PU 1 fails over".into(),
            },
        }
    }

    #[test]
    fn it_begins_before_the_fault_and_the_sentence_names_the_phase() {
        let watched = Watched::of_highlight(&recovery()).expect("a recovery");
        assert!(watched.from < at(1_000_000) && watched.to > at(1_030_000));
        for (when, begins) in [
            (999_000, "just before it"),
            (1_005_000, "detection"),
            (1_010_000, "recovery"),
            (1_031_000, "over after 30 ms"),
        ] {
            let sentence = watched.sentence_at(at(when));
            assert!(sentence.starts_with(begins), "{when}: {sentence}");
        }
    }

    #[test]
    fn the_phases_of_a_highlight_are_told_if_it_has_any() {
        let mut recovery = recovery();
        if let HighlightKind::Recovery { phases, .. } = &mut recovery.kind {
            for (name, end) in [("detection", 1_010_000), ("first data", 1_030_000)] {
                phases.push(chronicle::Phase {
                    name: name.into(),
                    end: at(end),
                });
            }
        }
        let watched = Watched::of_highlight(&recovery).expect("a recovery");
        assert!(watched.sentence_at(at(1_020_000)).starts_with("first data"));
    }
}
