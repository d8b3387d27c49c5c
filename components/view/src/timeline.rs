//! The timeline: the latest event as a sentence, and all events over time, with failovers as measured bars.

use std::time::Duration;

use egui::{Align2, Color32, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use feed::{Timestamp, WallClock};

use crate::icon::{self, Icon};
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, fade, size};
use crate::time::{self, Watched};
use command::Command;
use model::{Severity, TimelineEntry, words};

/// The span of the strip.
const SPAN: Duration = Duration::from_secs(120);
/// The maximum number of marks drawn.
const MOST_MARKS: usize = 300;

/// Draws the timeline.
pub(crate) fn timeline_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, selection: &mut Selection) {
    let theme = Theme::of(ui);
    // Without a recording, there is nothing to be watched again.
    caption_ui(ui, snapshot, selection, &mut Vec::new());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Timeline of the last two minutes"));
    let painter = ui.painter_at(rect);
    let axis = rect.bottom() - 14.0;
    painter.hline(rect.x_range(), axis, theme.edge());
    let begin = snapshot.now - SPAN;
    let x = |at: Timestamp| {
        let share = crate::wording::share(at - begin, SPAN);
        rect.left() + 8.0 + share * (rect.width() - 22.0)
    };
    for seconds in (0..=SPAN.as_secs()).step_by(30) {
        let at = x(snapshot.now - Duration::from_secs(seconds));
        painter.vline(at, axis..=axis + 3.0, theme.edge());
        let text = if seconds == 0 {
            "now".to_owned()
        } else {
            format!("\u{2212}{seconds} s")
        };
        let align = if seconds == 0 {
            Align2::RIGHT_TOP
        } else {
            Align2::CENTER_TOP
        };
        let at = if seconds == 0 {
            rect.right() - 4.0
        } else {
            at.max(rect.left() + 20.0)
        };
        painter.text(
            pos2(at, axis + 2.0),
            align,
            text,
            theme::plain_font(size::CAPTION),
            theme.weak,
        );
    }
    paint_takeovers(&painter, theme, snapshot, begin, axis, x);
    paint_failovers(&painter, theme, snapshot, begin, axis, x);
    let pointer = response.hover_pos();
    let mut near: Option<(f32, &TimelineEntry)> = None;
    for entry in snapshot.model.timeline.entries.iter().rev().take(MOST_MARKS) {
        if entry.at < begin {
            break;
        }
        let at = pos2(x(entry.at), axis);
        let colour = severity_colour(theme, entry.severity);
        let concerns = selection.component().is_none() || entry.component == selection.component();
        paint_mark(
            &painter,
            at,
            entry.severity,
            fade(colour, if concerns { 1.0 } else { 0.3 }),
        );
        if let Some(pointer) = pointer {
            let apart = (pointer.x - at.x).abs();
            if apart < 8.0 && near.is_none_or(|(best, _)| apart < best) {
                near = Some((apart, entry));
            }
        }
    }
    if let Some((_, entry)) = near {
        if response.clicked()
            && let Some(component) = entry.component
        {
            selection.select(component);
        }
        response.on_hover_text_at_pointer(format!(
            "{} UTC\n{}",
            words::clock_ms(snapshot.wall_clock, entry.at),
            entry.text
        ));
    }
}

/// Draws the latest entries that an audience should notice.
pub(crate) fn caption_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let entries = &snapshot.model.timeline.entries;
    let notable = snapshot.model.timeline.headline();
    let latest = entries.back();
    ui.horizontal(|ui| {
        ui.set_height(if snapshot.time.is_some() {
            size::ICON_BUTTON
        } else {
            22.0
        });
        let Some(first) = notable.or(latest) else {
            ui.label(egui::RichText::new("Nothing has happened yet.").color(theme.weak));
            return;
        };
        if first.severity == Severity::Recovery {
            let watched = Watched::ended_at(snapshot, first.at);
            time::again_ui(ui, snapshot, watched, false, commands);
        }
        sentence_ui(ui, theme, snapshot.wall_clock, first, true, selection);
        if let Some(latest) = latest.filter(|latest| latest.at > first.at) {
            ui.add_space(12.0);
            sentence_ui(ui, theme, snapshot.wall_clock, latest, false, selection);
        }
    });
}

fn sentence_ui(
    ui: &mut Ui,
    theme: &Theme,
    wall_clock: WallClock,
    entry: &TimelineEntry,
    strong: bool,
    selection: &mut Selection,
) {
    let (rect, _) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
    icon::paint(
        ui.painter(),
        rect,
        severity_icon(entry.severity),
        severity_colour(theme, entry.severity),
    );
    let at = entry.at;
    ui.label(theme.remark(words::clock(wall_clock, at)));
    let text = if strong {
        theme::strong(entry.text.as_str()).size(size::LEAD)
    } else {
        egui::RichText::new(entry.text.as_str()).color(theme.weak)
    };
    let label = ui.add(egui::Label::new(text).truncate().sense(Sense::click()));
    if label.clicked()
        && let Some(component) = entry.component
    {
        selection.select(component);
    }
}

fn paint_failovers(
    painter: &egui::Painter,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    begin: Timestamp,
    axis: f32,
    x: impl Fn(Timestamp) -> f32,
) {
    for component in snapshot.model.components.values() {
        for failover in component.failovers.iter().rev() {
            let Some(gap) = failover.gap() else { continue };
            let Some(end) = failover.first_data.filter(|end| *end >= begin) else {
                break;
            };
            let from = x((end - gap).max(begin));
            let bar = Rect::from_min_max(pos2(from, axis - 12.0), pos2(x(end).max(from + 3.0), axis - 6.0));
            painter.rect_filled(bar, 2.0, theme.good);
        }
    }
}

/// Draws takeovers of registrars, from the fault to the new home registrar of the last pool element.
fn paint_takeovers(
    painter: &egui::Painter,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    begin: Timestamp,
    axis: f32,
    x: impl Fn(Timestamp) -> f32,
) {
    for takeover in snapshot.model.takeovers.iter().rev() {
        let end = match takeover.completed() {
            Some(end) => end,
            None if takeover.is_under_way() => snapshot.now,
            None => continue,
        };
        if end < begin {
            break;
        }
        let from = x(takeover.began().max(begin));
        let bar = Rect::from_min_max(pos2(from, axis - 5.0), pos2(x(end).max(from + 3.0), axis - 1.0));
        painter.rect_filled(bar, 2.0, theme.protocol(feed::Protocol::Enrp));
    }
}

fn paint_mark(painter: &egui::Painter, at: egui::Pos2, severity: Severity, colour: Color32) {
    match severity {
        Severity::Normal => {
            painter.circle_filled(at, 2.5, colour);
        }
        Severity::Fault => {
            let square = Rect::from_center_size(at - vec2(0.0, 1.0), vec2(11.0, 13.0));
            icon::paint(painter, square, Icon::Bolt, colour);
        }
        Severity::Recovery => {
            painter.circle_filled(at, 5.0, colour);
        }
        Severity::Problem => {
            icon::paint(
                painter,
                Rect::from_center_size(at, vec2(11.0, 11.0)),
                Icon::Cross,
                colour,
            );
        }
    }
}

fn severity_icon(severity: Severity) -> Icon {
    match severity {
        Severity::Normal => Icon::Dash,
        Severity::Fault => Icon::Bolt,
        Severity::Recovery => Icon::Check,
        Severity::Problem => Icon::Warning,
    }
}

fn severity_colour(theme: &Theme, severity: Severity) -> Color32 {
    match severity {
        Severity::Normal => theme.weak,
        Severity::Fault => theme.fault,
        Severity::Recovery => theme.good,
        Severity::Problem => theme.danger,
    }
}
