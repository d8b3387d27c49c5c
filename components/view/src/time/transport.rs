//! The controls beside the line: back, forward, play, speed, marks and files.

use egui::{ComboBox, Ui};

use super::TimeState;
use super::action::{STOPS, TimeAction, stop_word};
use super::speed::{self, SPEEDS};
use crate::button::IconButton;
use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::theme::SPACE_SMALL;
use chronicle::{Source, TimeStatus};

/// The width of the choice of a kind of stop, and of that of a speed.
const STOP: f32 = 84.0;
const SPEED: f32 = 62.0;
/// The width of the window from which all controls are beside the line; otherwise some are in the menu alone.
const ALL_FROM: f32 = 1000.0;

/// Draws the controls; returns the selected action.
pub(super) fn transport_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    time: &TimeStatus<'_>,
    state: &mut TimeState,
) -> Option<TimeAction> {
    let mut chosen = None;
    ui.spacing_mut().item_spacing.x = SPACE_SMALL;
    // In front of an audience, only what moves the cursor; all the rest has keys.
    let all = ui.ctx().content_rect().width() >= ALL_FROM && !state.presenting;
    let moves = time.cursor.and_then(|cursor| cursor.speed);
    let mut button = |ui: &mut Ui, action: TimeAction, icon: Icon, name: &str, explanation: &str| {
        let shortcut = action.shortcut().map(|keys| ui.ctx().format_shortcut(&keys));
        let selected = match action {
            TimeAction::PlayBack => moves.is_some_and(|speed| speed < 0.0),
            TimeAction::Lanes => state.lanes,
            _ => false,
        };
        let button = IconButton::new(icon, name)
            .explain(explanation)
            .shortcut(shortcut)
            .enabled(action.applies_to(snapshot))
            .selected(selected);
        if button.show(ui).clicked() {
            chosen = Some(action);
        }
    };
    let lanes = TimeAction::Lanes;
    // Two recordings have one line for both.
    if snapshot.compared.is_none() {
        button(
            ui,
            lanes,
            Icon::Lanes,
            &lanes.label(),
            "Unfolds one lane per component.",
        );
    }
    let stop = stop_word(state.stop);
    let previous = format!("Previous {stop}");
    button(ui, TimeAction::StepChosen(false), Icon::Previous, &previous, "");
    let back = TimeAction::PlayBack;
    if all {
        button(ui, back, Icon::PlayBack, &back.label(), "");
    }
    let (icon, name, explanation) = match moves {
        Some(_) => (Icon::Pause, "Pause time", ""),
        None if time.cursor.is_none() && time.source == Source::Live => (
            Icon::Pause,
            "Pause time",
            "Stops what is shown at this moment; the demonstration goes on.",
        ),
        None => (Icon::Play, "Play time", "From the cursor on."),
    };
    button(ui, TimeAction::PlayOrPause, icon, name, explanation);
    let next = format!("Next {stop}");
    button(ui, TimeAction::StepChosen(true), Icon::Next, &next, "");
    if all {
        ComboBox::from_id_salt("kind of stop")
            .selected_text(stop)
            .width(STOP)
            .truncate()
            .show_ui(ui, |ui| {
                for stop in STOPS {
                    ui.selectable_value(&mut state.stop, stop, stop_word(stop));
                }
            })
            .response
            .accessible_name("Stop at")
            .on_hover_text("What the two buttons stop at");
    }
    let speed = state.speed(time);
    let mut faster = None;
    ComboBox::from_id_salt("speed of time")
        .selected_text(speed::words(speed))
        .width(SPEED)
        .show_ui(ui, |ui| {
            for choice in SPEEDS {
                if ui
                    .selectable_label(choice == speed, speed::words(choice))
                    .clicked()
                {
                    faster = Some(choice);
                }
            }
        })
        .response
        .accessible_name("Speed of time")
        .on_hover_text("How fast the cursor moves: slow motion from 1/1000, up to 16 times as fast");
    state.chosen_speed = faster.or(state.chosen_speed);
    state.speed_due |= faster.is_some();
    if all {
        let mark = TimeAction::Mark;
        let shortcut = mark.shortcut().map(|keys| ui.ctx().format_shortcut(&keys));
        let flag = IconButton::new(Icon::Flag, "Set a mark")
            .explain("With a name, at the cursor or now.")
            .shortcut(shortcut)
            .enabled(mark.applies_to(snapshot));
        if flag.show(ui).clicked() {
            chosen = Some(mark);
        }
    }
    if state.presenting {
        return chosen;
    }
    chosen.or(menu_ui(ui, snapshot, all))
}

/// Draws the menu with everything else.
fn menu_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, all: bool) -> Option<TimeAction> {
    let mut chosen = None;
    let menu = ui.menu_button("\u{2026}", |ui| {
        for action in [
            TimeAction::Live,
            TimeAction::Beginning,
            TimeAction::WatchAgain,
            TimeAction::PlayBack,
            TimeAction::Mark,
            TimeAction::Loop,
            TimeAction::Save,
            TimeAction::Open,
            TimeAction::Compare,
            TimeAction::Close,
        ] {
            if all && matches!(action, TimeAction::PlayBack | TimeAction::Mark) {
                continue;
            }
            let text = match action {
                TimeAction::Save => "Save recording\u{2026}".into(),
                TimeAction::Open => "Open recording\u{2026}".into(),
                TimeAction::Compare => "Compare with recording\u{2026}".into(),
                _ => action.label(),
            };
            let mut button = egui::Button::new(text);
            if let Some(keys) = action.shortcut() {
                button = button.shortcut_text(ui.ctx().format_shortcut(&keys));
            }
            if ui.add_enabled(action.applies_to(snapshot), button).clicked() {
                chosen = Some(action);
                ui.close();
            }
        }
    });
    menu.response
        .accessible_name("More about time")
        .on_hover_text("Recordings, marks and loops");
    chosen
}
