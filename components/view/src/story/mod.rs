//! The story: the narration, the current step, what it waits for, what is expected and whether it came true.
//!
//! It is a strip below the graph, as high as the longest text of the scenario needs, so that nothing jumps from step
//! to step. Scenarios without steps have none.

mod controls;
mod expectations;
mod narration;
mod notes;

use egui::{Frame, Margin, Panel, Ui};

use crate::action::{Action, WindowAction};
use crate::snapshot::Snapshot;
use crate::theme::{SPACE_LARGE, Theme};
use command::Command;
use play::{Play, PlayState};

/// The height of the row of controls and steps.
const CONTROLS: f32 = 36.0;
/// The margin above and below.
const MARGIN: f32 = 8.0;
/// Wider strips get larger text.
const WIDE: f32 = 1500.0;

/// The state of the strip.
#[derive(Debug, Default)]
pub(crate) struct StoryState {
    /// The past or future step that is being viewed, and the current step at the time when this began.
    looked_at: Option<(usize, usize)>,
    /// The current step of the previous frame.
    shown: Option<usize>,
    measure: narration::Measure,
}

impl StoryState {
    /// Returns whether another step than the current one is being viewed.
    #[must_use]
    pub(crate) fn is_looking(&self) -> bool {
        self.looked_at.is_some()
    }

    /// Views the sentence before the one that is on the screen.
    pub(crate) fn look_back(&mut self, play: &Play) {
        if play.state() == PlayState::Ready {
            return;
        }
        let now = play.position();
        let at = self.looked_at.map_or(now, |(step, _)| step);
        let mut said = sentences(play, 0..=at).rev();
        if let (Some(_), Some(earlier)) = (said.next(), said.next()) {
            self.looked_at = Some((earlier, now));
        }
    }

    /// Views the sentence after the viewed one; the current one ends the view.
    pub(crate) fn look_ahead(&mut self, play: &Play) {
        let now = play.position();
        self.looked_at = self.looked_at.and_then(|(step, _)| {
            let last = sentences(play, 0..=now).next_back()?;
            let next = sentences(play, step + 1..=now).next()?;
            (next < last).then_some((next, now))
        });
    }
}

/// Returns the steps in a range that have a sentence.
fn sentences(play: &Play, range: std::ops::RangeInclusive<usize>) -> impl DoubleEndedIterator<Item = usize> {
    let says = |step: &usize| play.steps().get(*step).is_some_and(|step| step.say.is_some());
    range.filter(says)
}

/// Returns what the command to run or pause does now, if anything.
#[must_use]
pub(crate) fn run_or_pause(play: &Play) -> Option<command::PlayControl> {
    match play.state() {
        PlayState::Ready | PlayState::Paused => Some(command::PlayControl::Run),
        PlayState::Running => Some(command::PlayControl::Pause),
        PlayState::Succeeded | PlayState::Failed => None,
    }
}

/// Draws the strip if the scenario has steps; returns the selected action.
pub(crate) fn story_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    story: &mut StoryState,
    presenting: bool,
    commands: &mut Vec<Command>,
) -> Option<Action> {
    let play = snapshot.scenario_status.play?;
    let theme = Theme::of(ui);
    let now = play.position();
    // Progress of the story ends a look at another step.
    story.looked_at = story
        .looked_at
        .filter(|(step, on)| *on == now && *step < play.steps().len());
    let width = ui.available_width() - 2.0 * SPACE_LARGE;
    let facts = expectations::width(width, presenting);
    let room = width - facts - SPACE_LARGE - 8.0;
    let large = width > WIDE;
    let height = story.measure.height(ui, snapshot, room, large);
    let facts_height = expectations::height(play);
    let body = height.max(facts_height);
    let notes = notes::height(play, presenting);
    let frame = Frame::new()
        .fill(theme.card)
        .inner_margin(Margin::symmetric(SPACE_LARGE as i8, MARGIN as i8));
    let mut action = None;
    Panel::bottom("story")
        .resizable(false)
        .exact_size(CONTROLS + body + notes + 2.0 * MARGIN + 6.0)
        .frame(frame)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            action = controls::controls_ui(ui, play, story, presenting, commands);
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = SPACE_LARGE;
                ui.allocate_ui_with_layout(
                    egui::vec2(room, body),
                    egui::Layout::top_down(egui::Align::Min),
                    |ui| {
                        ui.set_width(room);
                        if narration::narration_ui(ui, snapshot, play, story) {
                            action = Some(Action::Window(WindowAction::RunOrPause));
                        }
                    },
                );
                ui.allocate_ui_with_layout(
                    egui::vec2(facts, body),
                    egui::Layout::top_down(egui::Align::Min),
                    |ui| {
                        ui.set_width(facts);
                        expectations::expectations_ui(ui, snapshot, play, story);
                    },
                );
            });
            if notes > 0.0 {
                notes::notes_ui(ui, play, story, notes);
            }
        });
    action
}
