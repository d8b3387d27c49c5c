//! The expectations of the story: what it waits for, what is expected, and whether it came true.

use std::time::Duration;

use egui::{Align, Layout, ScrollArea, Ui};
use feed::Timestamp;

use crate::button::{bar, icon_label};
use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::story::StoryState;
use crate::theme::{self, Theme, size};
use crate::wording;
use model::words;
use play::{Decision, Expected, FailureKind, Holding, Moment, Play, PlayState};
use scenario::Expectation;

/// The height of the headline and of each line.
const LINE: f32 = 24.0;
/// The room beside a text for all that can be at the end of its line.
const WORDY: f32 = 190.0;
/// The room for the icon and for the figure at the end alone.
const FIGURE: f32 = 140.0;
/// The maximum number of lines without scrolling.
const MOST: usize = 4;
/// A figure with more characters has a line of its own, so that neither it nor the expectation is cut.
const SHORT: usize = 16;

/// The maximum number of failures listed at the end.
const MOST_FAILURES: usize = 30;

/// Returns the width of this part, given that of the strip. For an audience, its text is larger.
pub(super) fn width(strip: f32, presenting: bool) -> f32 {
    let share = if presenting { 0.46 } else { 0.36 };
    (strip * share).clamp(300.0, 620.0)
}

/// Returns the height that the step with the most expectations needs.
pub(super) fn height(play: &Play) -> f32 {
    let lines = |expectation: &Expectation| {
        let mut lines = 1;
        // The comparison of pictures has a line of its own.
        expectation.that.each_proof(&mut |_| lines = 2);
        lines
    };
    let steps = play.steps().iter();
    let most = steps
        .map(|step| step.expect.iter().map(lines).sum::<usize>())
        .max();
    (most.unwrap_or(0).clamp(1, MOST) + 1) as f32 * LINE + 2.0
}

/// Draws this part.
pub(super) fn expectations_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, play: &Play, story: &StoryState) {
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.spacing_mut().interact_size.y = LINE;
    if let Some((position, _)) = story.looked_at {
        return looked_at_ui(ui, play, position);
    }
    let moment = play.moment(snapshot.now);
    headline_ui(ui, snapshot, play, &moment);
    let height = ui.available_height();
    ScrollArea::vertical()
        .id_salt("story expectations")
        .min_scrolled_height(0.0)
        .max_height(height)
        .auto_shrink([false, true])
        .show(ui, |ui| match moment {
            Moment::Ready => {}
            Moment::Expecting { begun, expected, .. } => {
                for expected in expected {
                    expected_ui(ui, snapshot, expected, begun);
                }
            }
            Moment::Over if play.state() == PlayState::Failed => {
                for failure in play.failures().iter().take(MOST_FAILURES) {
                    let what = match &failure.what {
                        FailureKind::NotMet(not_met) => not_met.to_string(),
                        what => what.to_string(),
                    };
                    line_ui(ui, Verdict::NotMet, &what, &failure.step);
                }
            }
            Moment::Waiting { .. } | Moment::Over => {
                for failure in failures(play) {
                    line_ui(ui, Verdict::NotMet, &failure.to_string(), "");
                }
                recorded_ui(ui, play, play.position());
            }
        });
}

/// Returns the latest failures that belong to no expectation.
fn failures(play: &Play) -> impl Iterator<Item = &FailureKind> {
    let failures = play.failures().iter().rev().map(|failure| &failure.what);
    failures
        .filter(|what| !matches!(what, FailureKind::NotMet(_)))
        .take(3)
}

/// Draws one line with the current state.
fn headline_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, play: &Play, moment: &Moment<'_>) {
    let theme = Theme::of(ui);
    let paused = play.state() == PlayState::Paused;
    let (icon, ink, text, figure) = match moment {
        Moment::Ready => (
            Icon::Clock,
            theme.weak,
            "Nothing happens until you run the story.".to_owned(),
            String::new(),
        ),
        Moment::Expecting { begun, .. } => (
            Icon::Clock,
            theme.accent,
            "Expected of this step".to_owned(),
            words::running(snapshot.now - *begun),
        ),
        Moment::Waiting { position, .. } if paused => (
            Icon::Pause,
            theme.fault,
            format!("Paused. Next: {}", play.step_name(*position)),
            String::new(),
        ),
        Moment::Waiting {
            position,
            due_in: Some(due_in),
            ..
        } if !due_in.is_zero() => (
            Icon::Clock,
            theme.accent,
            format!("Next: {}", play.step_name(*position)),
            format!("in {}", words::running(*due_in)),
        ),
        Moment::Waiting {
            position,
            condition,
            waits,
            ..
        } => {
            let text = match condition {
                Some(condition) => format!("{}, when {condition}", play.step_name(*position)),
                None => format!("Next: {}", play.step_name(*position)),
            };
            let figure = waits.map(|patience| {
                let waited = snapshot.now - patience.since;
                format!(
                    "{} of {}",
                    words::running(waited),
                    words::seconds(patience.at_most)
                )
            });
            (Icon::Clock, theme.accent, text, figure.unwrap_or_default())
        }
        Moment::Over => {
            let (met, not) = play.score();
            let all = met + not;
            match play.state() {
                PlayState::Failed => (
                    Icon::Cross,
                    theme.danger,
                    "The end: not all was as expected".to_owned(),
                    format!("{met} of {all} met"),
                ),
                _ => (
                    Icon::Check,
                    theme.good,
                    "The end: all as expected".to_owned(),
                    format!("{met} of {all} met"),
                ),
            }
        }
    };
    row_ui(ui, icon, ink, &text, true, |ui, _| {
        if !figure.is_empty() {
            let size = theme::legible(ui, size::BODY);
            ui.label(theme::strong(figure).size(size).color(theme.weak));
        }
    });
}

fn expected_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, expected: &Expected, begun: Timestamp) {
    let words = expected.expectation.words();
    if let Some(decision) = &expected.decision {
        return decided_ui(ui, &words, decision);
    }
    let theme = Theme::of(ui);
    let (share, figure) = match expected.holding(snapshot.now) {
        Some(Holding { so_far, required }) => (
            wording::share(so_far, required),
            format!(
                "holds, {} of {}",
                words::running(so_far),
                words::running(required)
            ),
        ),
        None => {
            let (elapsed, within) = (snapshot.now - begun, expected.within());
            (
                wording::share(elapsed, within),
                format!(
                    "{} left",
                    words::seconds(within.saturating_sub(elapsed) + Duration::from_millis(500))
                ),
            )
        }
    };
    row_ui(ui, Icon::Clock, theme.accent, &words, false, |ui, brief| {
        ui.label(theme.remark(figure));
        if !brief {
            bar(ui, share, theme.accent, 56.0, 5.0);
        }
    });
}

/// Draws the outcome of the expectations of a step, if it was carried out.
fn recorded_ui(ui: &mut Ui, play: &Play, position: usize) {
    let Some(record) = play.record_of(position) else {
        return;
    };
    for one in &record.expectations {
        decided_ui(ui, &one.expected, &one.decision);
    }
}

fn decided_ui(ui: &mut Ui, words: &str, decision: &Decision) {
    let verdict = if decision.met {
        Verdict::Met
    } else {
        Verdict::NotMet
    };
    let words = match decision.missing() {
        Some(missing) => format!("{words} ({missing})"),
        None => words.to_owned(),
    };
    line_ui(ui, verdict, &words, &decision.figure());
}

#[derive(Clone, Copy)]
enum Verdict {
    Met,
    NotMet,
}

fn line_ui(ui: &mut Ui, verdict: Verdict, words: &str, figure: &str) {
    let theme = Theme::of(ui);
    let (icon, ink, word) = match verdict {
        Verdict::Met => (Icon::Check, theme.good, "met"),
        Verdict::NotMet => (Icon::Cross, theme.danger, "not met"),
    };
    let long = figure.chars().count() > SHORT;
    row_ui(ui, icon, ink, words, false, |ui, brief| {
        if !figure.is_empty() && !long {
            ui.label(theme::strong(figure).color(theme.text));
        }
        // The icon says the same.
        if !brief || long || figure.is_empty() {
            ui.label(egui::RichText::new(word).color(ink));
        }
    });
    if long {
        ui.horizontal(|ui| {
            ui.add_space(size::ICON + 7.0);
            ui.add(egui::Label::new(theme::strong(figure).color(theme.text)).truncate())
                .on_hover_text(figure);
        });
    }
}

/// Draws a line: an icon, a text that is cut where there is no room, and something at the end, which is told whether
/// it has to be brief.
fn row_ui(
    ui: &mut Ui,
    icon: Icon,
    ink: egui::Color32,
    text: &str,
    strong: bool,
    end: impl FnOnce(&mut Ui, bool),
) {
    let width = ui.available_width();
    let font = theme::plain_font(size::LEAD);
    let words = ui
        .painter()
        .layout_no_wrap(text.to_owned(), font, egui::Color32::PLACEHOLDER);
    let brief = words.size().x + WORDY > width;
    // What does not fit into one line gets a second one.
    let lines = if words.size().x + FIGURE > width { 2.0 } else { 1.0 };
    let size = egui::vec2(width, LINE * lines);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 7.0;
        icon_label(ui, icon, ink, size::ICON);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            end(ui, brief);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let rich = if strong {
                    theme::strong(text).size(size::LEAD)
                } else {
                    egui::RichText::new(text).size(size::LEAD)
                };
                let mut job = egui::WidgetText::from(rich).into_layout_job(
                    ui.style(),
                    egui::FontSelection::Default,
                    Align::Center,
                );
                let job = std::sync::Arc::make_mut(&mut job);
                job.wrap.max_rows = lines as usize;
                ui.add(egui::Label::new(job.clone()).wrap()).on_hover_text(text);
            });
        });
    });
}

/// Draws a step that is viewed while the story continues.
fn looked_at_ui(ui: &mut Ui, play: &Play, position: usize) {
    let theme = Theme::of(ui);
    let mark = play.marks().get(position).copied();
    let word = mark.map_or("", super::controls::mark_word);
    let text = format!(
        "Step {} of {}: {}, {word}",
        position + 1,
        play.steps().len(),
        play.step_name(position)
    );
    row_ui(ui, Icon::Search, theme.accent, &text, true, |_, _| {});
    let height = ui.available_height();
    ScrollArea::vertical()
        .id_salt("story expectations of a step")
        .min_scrolled_height(0.0)
        .max_height(height)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            if play
                .record_of(position)
                .is_some_and(|record| record.over.is_some())
            {
                return recorded_ui(ui, play, position);
            }
            let Some(step) = play.steps().get(position) else {
                return;
            };
            for expectation in &step.expect {
                row_ui(ui, Icon::Dash, theme.weak, &expectation.words(), false, |_, _| {});
            }
        });
}
