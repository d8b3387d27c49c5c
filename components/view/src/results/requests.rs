//! Pool users whose service has no pictures: the requests of each as a card, or all of them as cells where they are many.
//!
//! A cell has the colour of the pool element that serves the pool user, so that a crowd shows at a glance who is served
//! by whom.

use std::collections::BTreeMap;

use egui::{Align2, Color32, Label, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::{name_ui, servers_ui};
use crate::icon;
use crate::load;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, RADIUS_SMALL, SPACE, SPACE_SMALL, Theme, fade, size};
use crate::wording::{self, Standing};
use model::{Component, words};
use wire::PoolHandle;

/// The maximum number of pool users of a pool that have a card each.
const MOST_CARDS: usize = 5;
/// The size of a cell relative to the size of its text, and the height of its coloured part.
const CELL: egui::Vec2 = vec2(2.3, 2.6);
const COLOURED: f32 = 1.35;
const GAP: f32 = 3.0;
/// The height of a card, and of the words above and below the cells of a pool.
const CARD: f32 = 56.0;
const WORDS: f32 = 66.0;

/// Returns the height that all these pool users take in a column of this width.
pub(super) fn height(users: &[&Component], width: f32) -> f32 {
    let pools = by_pool(users);
    let heights = pools.values().map(|users| {
        if users.len() <= MOST_CARDS {
            WORDS + users.len() as f32 * CARD
        } else {
            let cell = CELL * size::CAPTION + egui::Vec2::splat(GAP);
            let columns = ((width / cell.x) as usize).max(1);
            WORDS + users.len().div_ceil(columns) as f32 * cell.y
        }
    });
    heights.sum()
}

/// Draws these pool users, pool by pool.
pub(super) fn requests_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    users: &[&Component],
    selection: &mut Selection,
) {
    let theme = Theme::of(ui);
    for (pool, users) in by_pool(users) {
        ui.spacing_mut().item_spacing.y = SPACE_SMALL;
        if let Some(pool) = pool {
            heading_ui(ui, snapshot, theme, pool);
        }
        if users.len() <= MOST_CARDS {
            for user in users {
                card_ui(ui, snapshot, theme, user, selection);
            }
        } else {
            cells_ui(ui, snapshot, theme, &users, selection);
        }
        ui.add_space(SPACE);
    }
}

fn by_pool<'a>(users: &[&'a Component]) -> BTreeMap<Option<&'a PoolHandle>, Vec<&'a Component>> {
    let mut pools: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for user in users {
        pools.entry(user.pool_handle.as_ref()).or_default().push(*user);
    }
    pools
}

/// Draws the name, the policy and the figures of a pool.
fn heading_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, theme: &Theme, pool: &PoolHandle) {
    let (policy, sentence) = load::pool_in_words(snapshot, pool);
    ui.horizontal(|ui| {
        ui.add(Label::new(theme::strong(pool.to_string())).truncate());
        ui.add(Label::new(theme::small(policy).color(theme.accent)).truncate());
    });
    ui.label(theme.remark(sentence));
}

fn card_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, theme: &Theme, user: &Component, selection: &mut Selection) {
    let selected = selection.component() == Some(user.id);
    let frame = egui::Frame::new()
        .fill(theme.card)
        .stroke(if selected {
            theme.focused_edge()
        } else {
            theme.edge()
        })
        .corner_radius(RADIUS_SMALL)
        .inner_margin(egui::Margin::symmetric(8, 5));
    let builder = egui::UiBuilder::new()
        .id_salt(("requests", user.id))
        .sense(Sense::click());
    let card = ui.scope_builder(builder, |ui| {
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().interact_size.y = 20.0;
            ui.spacing_mut().item_spacing.y = 1.0;
            ui.horizontal(|ui| {
                name_ui(ui, user, size::LABEL);
                servers_ui(ui, snapshot, user);
            });
            ui.add(Label::new(theme.remark(doing(user))).truncate());
        });
    });
    let response = card.response;
    response.widget_info(|| {
        let label = format!("Requests of {}: {}", user.name, doing(user));
        WidgetInfo::selected(Role::ListItem, true, selected, label)
    });
    if response.clicked() {
        selection.select(user.id);
    }
}

fn cells_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    theme: &Theme,
    users: &[&Component],
    selection: &mut Selection,
) {
    let text = theme::legible(ui, size::CAPTION);
    let cell = CELL * text;
    let columns = (((ui.available_width() + GAP) / (cell.x + GAP)) as usize).max(1);
    let rows = users.len().div_ceil(columns);
    let whole = vec2(ui.available_width(), rows as f32 * (cell.y + GAP));
    let (area, _) = ui.allocate_exact_size(whole, Sense::hover());
    for (index, user) in users.iter().enumerate() {
        let (row, column) = (index / columns, index % columns);
        let corner = area.min + vec2(column as f32 * (cell.x + GAP), row as f32 * (cell.y + GAP));
        let rect = Rect::from_min_size(corner, cell);
        if ui.is_rect_visible(rect) {
            cell_ui(ui, snapshot, theme, user, (rect, text), selection);
        }
    }
    ui.label(theme.remark("In the colour of the PE that serves it; below, its requests that wait."));
}

fn cell_ui(
    ui: &Ui,
    snapshot: &Snapshot<'_>,
    theme: &Theme,
    user: &Component,
    (rect, text): (Rect, f32),
    selection: &mut Selection,
) {
    let response = ui.interact(rect, ui.scope_id().with(("requests", user.id)), Sense::click());
    let standing = Standing::of(user);
    let selected = selection.component() == Some(user.id);
    let coloured = Rect::from_min_size(rect.min, vec2(rect.width(), COLOURED * text));
    let server = user.served.values().next();
    let strength = if standing.is_silent() { 0.35 } else { 1.0 };
    let (fill, line) = match server {
        _ if !user.process.is_alive() => (Color32::TRANSPARENT, fade(theme.weak, 0.4)),
        Some(server) => {
            let colour = snapshot.element_colour(theme, server.pe_identifier);
            (fade(colour, strength), colour)
        }
        None => (theme.raised, theme.line),
    };
    let painter = ui.painter();
    painter.rect(coloured, 3.0, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    if !user.process.is_alive() || standing.is_silent() {
        // The colour alone would not tell it.
        let place = Rect::from_center_size(coloured.center(), egui::Vec2::splat(text));
        icon::paint(painter, place, standing.icon(), standing.colour(theme));
    }
    if let Some(work) = user.pool_user_work
        && work.queued > 0
    {
        let at = pos2(rect.center().x, coloured.bottom() + 1.0);
        let font = theme::plain_font(text);
        painter.text(
            at,
            Align2::CENTER_TOP,
            words::count(work.queued.into()),
            font,
            theme.text,
        );
    }
    if selected || response.has_focus() {
        painter.rect_stroke(rect.expand(1.0), 3.0, theme.focused_edge(), StrokeKind::Outside);
    }
    let by = server.map(|server| snapshot.model.pool_element_name(server.pe_identifier));
    let by = by.map_or_else(String::new, |by| format!(", served by {by}"));
    let label = || format!("Requests of {}{by}: {}", user.name, doing(user));
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, selected, label()));
    if response.clicked() {
        selection.select(user.id);
    }
    if response.hovered() {
        response.on_hover_text(label());
    }
}

/// Returns what a pool user asks for and gets, in a line.
fn doing(user: &Component) -> String {
    let Some(work) = user.pool_user_work.filter(|_| user.process.is_alive()) else {
        return wording::status_line(user).into_owned();
    };
    let mut parts = vec![
        format!("{} in service", words::count(work.running.into())),
        format!("{} waiting", words::count(work.queued.into())),
        format!("{} completed", words::count(work.completed)),
    ];
    if work.rejected > 0 {
        parts.push(format!("{} rejected", words::count(work.rejected)));
    }
    let seconds = work.handling.as_secs_f64();
    if seconds > 0.0 && work.completed > 0 {
        parts.push(load::work_rate(work.done / seconds, work.unit));
    }
    parts.join(", ")
}
