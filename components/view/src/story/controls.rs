//! The controls of the story, and its steps in a row.

use egui::{ComboBox, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::action::{Action, Tone, WindowAction};
use crate::button::{IconButton, tip};
use crate::icon::{self, Icon};
use crate::present;
use crate::story::{CONTROLS, StoryState};
use crate::theme::{self, Theme, fade, mix, size};
use command::Command;
use command::PlayControl;
use play::{Play, PlayState, StepMark};

/// The speeds of a story.
const SPEEDS: [f64; 6] = [0.5, 1.0, 2.0, 4.0, 10.0, 20.0];

/// Draws the row; returns the selected action.
pub(super) fn controls_ui(
    ui: &mut Ui,
    play: &Play,
    story: &mut StoryState,
    presenting: bool,
    commands: &mut Vec<Command>,
) -> Option<Action> {
    let mut chosen = None;
    let row = vec2(ui.available_width(), CONTROLS);
    ui.allocate_ui_with_layout(row, egui::Layout::left_to_right(egui::Align::Center), |ui| {
        ui.set_width(row.x);
        let state = play.state();
        for action in [
            WindowAction::RunOrPause,
            WindowAction::NextStep,
            WindowAction::RestartStory,
        ] {
            let (icon, name, explanation) = match action {
                WindowAction::NextStep => (
                    Icon::Next,
                    "Next step now",
                    "The next step at once, whatever it waits for; then the story pauses.",
                ),
                WindowAction::RestartStory => (
                    Icon::Restart,
                    "Restart the story",
                    "All from the beginning, with new processes.",
                ),
                _ if state == PlayState::Running => (Icon::Pause, "Pause the story", ""),
                _ if state == PlayState::Paused => (Icon::Play, "Go on with the story", ""),
                _ => (Icon::Play, "Run the story", ""),
            };
            // Before the story has begun, there is one large button for this instead.
            let over = matches!(state, PlayState::Succeeded | PlayState::Failed);
            if action == WindowAction::RunOrPause && (state == PlayState::Ready || over) {
                continue;
            }
            let shortcut = action.shortcut().map(|keys| ui.ctx().format_shortcut(&keys));
            let mut button = IconButton::new(icon, name)
                .explain(explanation)
                .shortcut(shortcut)
                .enabled(action != WindowAction::NextStep || !over)
                .acts();
            button = match (action, state) {
                _ if presenting => button,
                (WindowAction::RunOrPause, PlayState::Running) => button.text("Pause"),
                (WindowAction::RunOrPause, _) => button.text("Go on").tone(Tone::Primary),
                (WindowAction::NextStep, _) => button.text("Step"),
                _ if over => button.text("Again").tone(Tone::Primary),
                _ => button,
            };
            if button.show(ui).clicked() {
                chosen = Some(Action::Window(action));
            }
        }
        if !presenting {
            present::only_present(ui, |ui| speed_ui(ui, play, commands));
        }
        ui.add_space(8.0);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let theme = Theme::of(ui);
            let marks = play.marks();
            let at = current(&marks).unwrap_or(marks.len().saturating_sub(1));
            let mut text = format!("step {} of {}", at + 1, marks.len());
            if let Some((round, rounds)) = play.round(at) {
                text = format!("{text}, round {round} of {rounds}");
            }
            if presenting {
                let text = format!("{text}: {}", play.step_name(at));
                ui.label(theme::strong(text).size(size::LEAD));
                return;
            }
            ui.label(theme.remark(text));
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                steps_ui(ui, play, &marks, story);
            });
        });
    });
    chosen
}

fn speed_ui(ui: &mut Ui, play: &Play, commands: &mut Vec<Command>) {
    let speed = play.speed();
    ComboBox::from_id_salt("story speed")
        .selected_text(words(speed))
        .width(62.0)
        .show_ui(ui, |ui| {
            for choice in SPEEDS {
                if ui.selectable_label(choice == speed, words(choice)).clicked() {
                    commands.push(Command::Play(PlayControl::Speed(choice)));
                }
            }
        })
        .response
        .accessible_name("Speed of the story")
        .on_hover_text(
            "How fast the times pass that are there to read and to see. What processes need is not changed.",
        );
}

fn words(speed: f64) -> String {
    format!("{speed}\u{d7}")
}

/// Returns the current step: watched or waited for.
fn current(marks: &[StepMark]) -> Option<usize> {
    marks
        .iter()
        .position(|mark| matches!(mark, StepMark::Next | StepMark::Watched))
}

/// Returns the text of a mark.
pub(super) fn mark_word(mark: StepMark) -> &'static str {
    match mark {
        StepMark::Ahead => "ahead",
        StepMark::Next => "next",
        StepMark::Watched => "going on",
        StepMark::Done => "done",
        StepMark::Failed => "failed",
    }
}

fn steps_ui(ui: &mut Ui, play: &Play, marks: &[StepMark], story: &mut StoryState) {
    let at = current(marks);
    let moved = story.shown != at;
    story.shown = at;
    let ready = play.state() == PlayState::Ready;
    ScrollArea::horizontal()
        .id_salt("story steps")
        .auto_shrink([false, true])
        .scroll_bar_visibility(egui::scroll_area::ScrollBarVisibility::AlwaysHidden)
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                for (position, mark) in marks.iter().enumerate() {
                    if position > 0 {
                        arrow(ui);
                    }
                    let mark = if ready { StepMark::Ahead } else { *mark };
                    let looked = story.looked_at.is_some_and(|(step, _)| step == position);
                    let response = step_ui(ui, play, position, marks.len(), mark, looked);
                    if moved && at == Some(position) {
                        response.scroll_to_me(Some(egui::Align::Center));
                    }
                    if response.clicked() {
                        story.looked_at = (!looked).then_some((position, play.position()));
                    }
                    let told = play.text_of(position);
                    tip(&response, |ui| {
                        ui.label(told.as_deref().unwrap_or("This step says nothing."));
                    });
                }
            });
        });
}

fn arrow(ui: &mut Ui) {
    let theme = Theme::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(12.0, 20.0), Sense::hover());
    let square = Rect::from_center_size(rect.center(), Vec2::splat(9.0));
    icon::paint(ui.painter(), square, Icon::Chevron, fade(theme.weak, 0.6));
}

fn step_ui(
    ui: &mut Ui,
    play: &Play,
    position: usize,
    count: usize,
    mark: StepMark,
    looked: bool,
) -> egui::Response {
    let theme = Theme::of(ui);
    let name = play.step_name(position);
    let (icon, ink) = match mark {
        StepMark::Ahead => (Icon::Dash, theme.weak),
        StepMark::Next => (Icon::Play, theme.accent),
        StepMark::Watched => (Icon::Clock, theme.accent),
        StepMark::Done => (Icon::Check, theme.good),
        StepMark::Failed => (Icon::Cross, theme.danger),
    };
    let on = matches!(mark, StepMark::Next | StepMark::Watched);
    let font = if on {
        theme::strong_font(size::BODY)
    } else {
        theme::plain_font(size::LABEL)
    };
    let text = if mark == StepMark::Ahead {
        theme.weak
    } else {
        theme.text
    };
    let galley = ui.painter().layout_no_wrap(name.clone(), font, text);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 34.0, 26.0), Sense::click());
    response.widget_info(|| {
        let label = format!("Step {} of {count}: {name}, {}", position + 1, mark_word(mark));
        WidgetInfo::selected(Role::Button, true, on || looked, label)
    });
    let fill = if on {
        mix(theme.card, theme.accent, 0.2)
    } else if response.hovered() || looked {
        theme.raised
    } else {
        theme.card
    };
    let line = if response.has_focus() {
        theme.focused_edge()
    } else if looked {
        theme.selected_edge()
    } else {
        Stroke::NONE
    };
    ui.painter().rect(rect, 13.0, fill, line, StrokeKind::Inside);
    let square = Rect::from_center_size(pos2(rect.left() + 15.0, rect.center().y), Vec2::splat(11.0));
    icon::paint(ui.painter(), square, icon, ink);
    let at = pos2(rect.left() + 25.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, text);
    response
}
