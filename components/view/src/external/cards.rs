//! The cards of components that were started elsewhere. All have the same height, so that only visible ones are
//! drawn.

use egui::{Align2, Color32, Painter, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::button::{IconButton, icon_label};
use crate::external;
use crate::icon::{self, Icon};
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, RADIUS, Theme, fade, mix, size};
use model::ExternalComponent;

const HEIGHT: f32 = 50.0;
const GAP: f32 = 4.0;

/// Draws the section, if there are any such components.
pub(crate) fn cards_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, selection: &mut Selection) {
    let all = snapshot.model.external();
    if all.is_empty() {
        return;
    }
    let theme = Theme::of(ui);
    let silent = all
        .iter()
        .filter(|component| component.is_stale(snapshot.now))
        .count();
    let heading = ui.horizontal(|ui| {
        icon_label(ui, Icon::Eye, theme.weak, size::ICON);
        ui.label(theme.section_heading("Started elsewhere"));
        let text = match silent {
            0 => format!("{} report", all.len()),
            _ => format!("{silent} of {} silent", all.len()),
        };
        ui.label(theme.remark(text));
    });
    heading
        .response
        .on_hover_text("They send their status here (CSP). They can be watched, not stopped or disturbed.");
    let size = vec2(ui.available_width(), all.len() as f32 * (HEIGHT + GAP));
    let (area, _) = ui.allocate_exact_size(size, Sense::hover());
    let seen = ui.clip_rect();
    for (index, component) in all.iter().enumerate() {
        let top = area.top() + index as f32 * (HEIGHT + GAP);
        let rect = Rect::from_min_size(pos2(area.left(), top), vec2(area.width(), HEIGHT));
        let selected = selection.external() == Some(component.identifier);
        if selected && selection.take_card_due() {
            ui.scroll_to_rect(rect, None);
        }
        if seen.intersects(rect) {
            card_ui(ui, theme, snapshot, component, rect, selected, selection);
        }
    }
}

fn card_ui(
    ui: &mut Ui,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    component: &ExternalComponent,
    rect: Rect,
    selected: bool,
    selection: &mut Selection,
) {
    let id = ui.scope_id().with(("card", component.identifier));
    let card = ui.interact(rect, id, Sense::click());
    card.widget_info(|| {
        let label = external::announcement(component, "", snapshot.now);
        WidgetInfo::selected(Role::ListItem, true, selected, label)
    });
    let fill = match (selected, card.hovered()) {
        (true, _) => mix(theme.card, theme.accent, 0.12),
        (false, true) => mix(theme.card, theme.raised, 0.5),
        (false, false) => theme.card,
    };
    let line = if selected {
        theme.focused_edge()
    } else {
        theme.edge()
    };
    let painter = ui.painter_at(rect.expand(1.0));
    painter.rect(rect, f32::from(RADIUS), fill, line, StrokeKind::Inside);
    paint(&painter, theme, snapshot, component, rect);
    let side = vec2(28.0, 28.0);
    let corner = Rect::from_min_size(pos2(rect.right() - side.x - 4.0, rect.top() + 2.0), side);
    let mut child = ui.new_child(
        egui::UiBuilder::new()
            .max_rect(corner)
            .id_salt(id.with("details")),
    );
    let name = format!("Details of {}", component.name);
    let details = IconButton::new(Icon::Chevron, &name)
        .explain("What it says of itself, and its associations.")
        .show(&mut child);
    if details.clicked() || card.clicked() || card.double_clicked() {
        selection.select_external(component.identifier);
    }
    if details.clicked() || card.double_clicked() {
        selection.inspect();
    }
    card.on_hover_text(external::details(component, snapshot.now));
}

/// Draws the identity and the status: two lines.
fn paint(
    painter: &Painter,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    component: &ExternalComponent,
    rect: Rect,
) {
    let strength = if component.is_stale(snapshot.now) {
        0.6
    } else {
        1.0
    };
    let colour = fade(external::colour(theme, component), strength);
    let mark = pos2(rect.left() + 19.0, rect.top() + 15.0);
    for (radius, fill) in [(8.0, fade(colour, 0.25)), (5.0, Color32::TRANSPARENT)] {
        icon::paint_kind(
            painter,
            mark,
            radius,
            component.role,
            fill,
            Stroke::new(1.2, colour),
        );
    }
    let text = |text: &str, font: egui::FontId, ink: Color32, width: f32| {
        let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, ink);
        job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(16.0));
        painter.layout_job(job)
    };
    let left = rect.left() + 34.0;
    let name = text(
        &component.name,
        theme::strong_font(size::LABEL),
        fade(theme.text, strength),
        rect.right() - 34.0 - left,
    );
    painter.galley(pos2(left, rect.top() + 6.0), name, theme.text);
    // From the right: figures first, so that the text gets the remaining room.
    let small = theme::plain_font(size::SMALL);
    let bottom = rect.bottom() - 12.0;
    let mut right = rect.right() - 10.0;
    let ink = if component.is_stale(snapshot.now) {
        theme.fault
    } else {
        theme.weak
    };
    let heard = external::heard(component, snapshot.now);
    let written = painter.text(
        pos2(right, bottom),
        Align2::RIGHT_CENTER,
        heard,
        small.clone(),
        ink,
    );
    right = written.left() - 8.0;
    if let (Some(load), Some(words)) = (component.load, external::load(component)) {
        let ink = fade(theme.weak, strength);
        let written = painter.text(
            pos2(right, bottom),
            Align2::RIGHT_CENTER,
            words,
            small.clone(),
            ink,
        );
        let bar = Rect::from_min_size(pos2(written.left() - 36.0, bottom - 3.0), vec2(30.0, 6.0));
        painter.rect_filled(bar, 3.0, mix(theme.raised, theme.line, 0.5));
        let filled = Rect::from_min_size(bar.min, vec2(30.0 * (load as f32).clamp(0.0, 1.0), 6.0));
        painter.rect_filled(filled, 3.0, ink);
        right = bar.left() - 8.0;
    }
    let status = text(
        external::status(component),
        small,
        fade(theme.weak, strength),
        right - left,
    );
    let at = pos2(left, bottom - status.size().y / 2.0);
    painter.galley(at, status, theme.weak);
}
