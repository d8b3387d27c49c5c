//! The band that takes the place of the bar at the top while the past or a recording is shown, and the edge around the
//! window: nobody in the room takes it for the present.

use egui::{Align, Id, Label, LayerId, Layout, Order, RichText, StrokeKind, Ui};

use crate::action::{Action, Tone};
use crate::button::IconButton;
use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE, Theme, size};
use crate::time::action::TimeAction;
use crate::time::{speed, wording};
use chronicle::{Source, TimeStatus};
use model::words;

/// The width of the edge around the window.
const EDGE: f32 = 4.0;

/// Returns the colour of the band at the top, if it says that this is not the present.
pub(crate) fn fill(theme: &Theme, snapshot: &Snapshot<'_>) -> Option<egui::Color32> {
    (!snapshot.is_present()).then_some(theme.past)
}

/// Draws the band's text and the way back in the room that there is; returns the selected action.
pub(crate) fn banner_ui(ui: &mut Ui, snapshot: &Snapshot<'_>) -> Option<Action> {
    let time = snapshot.time?;
    let theme = Theme::of(ui);
    let mut action = None;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let (what, text, explanation) = match time.source {
            Source::Live => (TimeAction::Live, "Live", "Shows the present again."),
            Source::File { .. } => (
                TimeAction::Close,
                "Close",
                "Closes the recording, and shows the demonstration that takes place.",
            ),
        };
        let label = what.label();
        let shortcut = what.shortcut().map(|keys| ui.ctx().format_shortcut(&keys));
        let back = IconButton::new(Icon::Next, &label)
            .text(text)
            .explain(explanation)
            .tone(Tone::Primary)
            .shortcut(shortcut);
        if back.show(ui).clicked() {
            action = Some(Action::Time(what));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = SPACE;
            let [title, rest] = sentence(snapshot, &time);
            let response =
                ui.add(Label::new(theme::strong(title).size(size::TITLE).color(theme.on_past)).truncate());
            // Screen readers announce it once it appears.
            response.ctx.accesskit_node_builder(response.id, |node| {
                node.set_live(egui::accesskit::Live::Polite);
            });
            ui.add(Label::new(RichText::new(rest).size(size::HEADING).color(theme.on_past)).truncate());
        });
    });
    action
}

/// Returns what the band says: that this is the past, or what recording it is; and of when, and how it moves.
pub(super) fn sentence(snapshot: &Snapshot<'_>, time: &TimeStatus<'_>) -> [String; 2] {
    let at = time.cursor.map_or(time.to, |cursor| cursor.at);
    let clock = words::clock_ms(snapshot.wall_clock, at);
    let mut rest = Vec::new();
    let title = match time.source {
        Source::Live => {
            rest.push(format!("{} ago", wording::ago(time.to - at)));
            format!("PAST \u{b7} {clock}")
        }
        Source::File { name, .. } => {
            rest.push(clock);
            match snapshot
                .compared
                .as_ref()
                .and_then(|compared| compared.snapshot.time)
            {
                Some(TimeStatus {
                    source: Source::File { name: other, .. },
                    ..
                }) => format!("RECORDINGS {name} and {other}"),
                Some(_) | None => format!("RECORDING {name}"),
            }
        }
    };
    if let Some(cursor) = time.cursor {
        if cursor.seeking {
            rest.push("seeking\u{2026}".to_owned());
        }
        match cursor.speed {
            Some(speed) if (speed - 1.0).abs() > 0.01 => rest.push(speed::in_words(speed)),
            Some(_) => rest.push("playing".to_owned()),
            None => rest.push("paused".to_owned()),
        }
        if cursor.looped.is_some() {
            rest.push("loop".to_owned());
        }
        if time.source == Source::Live {
            rest.push("End returns to live".to_owned());
        }
    }
    [title, format!("\u{b7} {}", rest.join(" \u{b7} "))]
}

/// Draws the edge around the whole window.
pub(crate) fn edge_ui(ui: &Ui, snapshot: &Snapshot<'_>) {
    let theme = Theme::of(ui);
    let Some(colour) = fill(theme, snapshot) else {
        return;
    };
    let painter = ui
        .ctx()
        .layer_painter(LayerId::new(Order::Middle, Id::unique("edge of the past")));
    let stroke = egui::Stroke::new(EDGE, colour);
    painter.rect_stroke(ui.ctx().content_rect(), 0.0, stroke, StrokeKind::Inside);
}
