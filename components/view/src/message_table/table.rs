//! The rows of the table: only visible ones are drawn, and the last one stays visible while messages arrive.

use egui::{Align, Color32, Id, Label, Layout, Rangef, Rect, Response, RichText, Role, Sense, Ui};
use egui::{WidgetInfo, vec2};
use egui_extras::{Column, TableBuilder, TableRow};

use super::MessageState;
use crate::button::{announce_as, role_label};
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{SPACE, SPACE_SMALL, Theme, fade, size};
use model::{ComponentId, MessageRecord, words};

const HEADER: f32 = 18.0;
const ROW: f32 = 21.0;
/// The columns and their initial widths; the last one takes the rest.
const COLUMNS: [(&str, f32); 5] = [
    ("Time (UTC)", 96.0),
    ("From", 118.0),
    ("To", 118.0),
    ("Message", 210.0),
    ("Size", 62.0),
];
const LAST_COLUMN: &str = "Content";
/// The width with which the last column can be read.
const READABLE: f32 = 120.0;
/// The minimum width of a column.
const LEAST: f32 = 40.0;

/// Returns the width with which all columns can be read.
pub(super) fn width() -> f32 {
    COLUMNS.iter().map(|(_, width)| width + SPACE).sum::<f32>() + READABLE
}

/// Draws the table; returns the message whose row was clicked.
pub(super) fn table_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    messages: &MessageState,
    selection: &Selection,
) -> Option<u64> {
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing = vec2(SPACE, 0.0);
    let rows = Rows {
        theme,
        snapshot,
        messages,
        selection,
        across: ui.available_rect_before_wrap().x_range(),
        id: ui.scope_id().with("message"),
    };
    let total = messages.shown.numbers.len();
    let mut clicked = None;
    let mut table = TableBuilder::new(ui)
        .id_salt("messages")
        .stick_to_bottom(true)
        // Without rows, there is a sentence below the headers instead.
        .auto_shrink([false, total == 0])
        .min_scrolled_height(0.0)
        .cell_layout(Layout::left_to_right(Align::Center));
    for (_, width) in COLUMNS {
        table = table.column(
            Column::initial(width)
                .at_least(LEAST)
                .clip(true)
                .resizable(total > 0),
        );
    }
    table
        .column(Column::remainder().at_least(LEAST).clip(true))
        .header(HEADER, |mut row| {
            for (column, title) in COLUMNS
                .iter()
                .map(|(title, _)| *title)
                .chain([LAST_COLUMN])
                .enumerate()
            {
                row.col(|ui| {
                    if column == 0 {
                        ui.add_space(SPACE);
                    }
                    let label = ui.add(Label::new(theme.remark(title)).truncate());
                    announce_as(&label, Role::ColumnHeader, title);
                });
            }
        })
        .body(|body| {
            body.rows(ROW, total, |mut row| {
                let number = messages.shown.numbers.get(row.index()).copied();
                let log = &snapshot.model.messages;
                let record = number.and_then(|number| messages.shown.get(log, number));
                if record.is_some_and(|record| rows.row(&mut row, record)) {
                    clicked = number;
                }
            });
        });
    clicked
}

/// The context shared by all rows.
struct Rows<'a> {
    theme: &'static Theme,
    snapshot: &'a Snapshot<'a>,
    messages: &'a MessageState,
    selection: &'a Selection,
    /// The horizontal extent of a row.
    across: Rangef,
    id: Id,
}

impl Rows<'_> {
    /// Draws a row; returns whether it was clicked.
    fn row(&self, row: &mut TableRow<'_, '_>, record: &MessageRecord) -> bool {
        let (theme, snapshot) = (self.theme, self.snapshot);
        let mut clicked = false;
        row.col(|ui| {
            clicked = self.whole_row(ui, record).clicked();
            ui.add_space(SPACE);
            cell_ui(ui, &words::clock_ms(snapshot.wall_clock, record.at), theme.weak);
        });
        row.col(|ui| self.end_ui(ui, record, record.from, false));
        row.col(|ui| self.end_ui(ui, record, record.to, record.multicast));
        row.col(|ui| {
            ui.spacing_mut().item_spacing.x = SPACE_SMALL;
            let (dot, _) = ui.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
            let protocol = theme.protocol(snapshot.model.protocol_of(record));
            ui.painter().circle_filled(dot.center(), 3.5, protocol);
            cell_ui(ui, &record.name, theme.text);
        });
        row.col(|ui| cell_ui(ui, &words::bytes(record.size.into()), theme.weak));
        row.col(|ui| cell_ui(ui, &record.summary, theme.weak));
        clicked
    }

    /// Makes the whole row a single item for pointer, keyboard and screen reader, behind all of its cells.
    fn whole_row(&self, ui: &mut Ui, record: &MessageRecord) -> Response {
        let rect = Rect::from_x_y_ranges(self.across, ui.max_rect().y_range());
        // The first cell, which draws this, is clipped to its column; the row is not.
        let column = ui.clip_rect();
        ui.set_clip_rect(Rect::from_x_y_ranges(self.across, column.y_range()));
        let response = ui.interact(rect, self.id.with(record.number), Sense::click());
        let chosen = self.messages.chosen.as_ref();
        let chosen = chosen.is_some_and(|chosen| chosen.number == record.number);
        response.widget_info(|| {
            let name = |id: Option<ComponentId>| {
                let component = id.and_then(|id| self.snapshot.model.present_or_removed(id));
                component.map_or("?", |component| component.name.as_str())
            };
            let label = format!(
                "{} from {} to {}",
                record.name,
                name(record.from),
                name(record.to)
            );
            WidgetInfo::selected(Role::Row, true, chosen, label)
        });
        let component = self.selection.component();
        let concerned = component.is_some() && (record.from == component || record.to == component);
        let theme = self.theme;
        if chosen {
            ui.painter().rect_filled(rect, 4.0, fade(theme.accent, 0.3));
        } else if response.hovered() {
            ui.painter().rect_filled(rect, 4.0, theme.raised);
        } else if concerned {
            ui.painter().rect_filled(rect, 0.0, fade(theme.accent, 0.12));
        }
        ui.set_clip_rect(column);
        response
    }

    /// Draws one end of a message: the component's name, or else what is known about it.
    fn end_ui(&self, ui: &mut Ui, record: &MessageRecord, end: Option<ComponentId>, everybody: bool) {
        let theme = self.theme;
        if let Some(component) = end.and_then(|id| self.snapshot.model.present_or_removed(id)) {
            ui.spacing_mut().item_spacing.x = SPACE_SMALL;
            let colour = theme.component(component);
            role_label(ui, component.role(), fade(colour, 0.35), colour, size::ICON_SMALL);
            cell_ui(ui, &component.name, theme.text);
        } else if everybody {
            cell_ui(ui, "everybody", theme.weak);
        } else {
            let address = record.remote.addresses.first();
            let address = address.map_or_else(|| "?".to_owned(), ToString::to_string);
            cell_ui(ui, &address, theme.weak);
        }
    }
}

fn cell_ui(ui: &mut Ui, text: &str, ink: Color32) {
    let shown = RichText::new(text).size(size::LABEL).color(ink);
    let label = ui.add(Label::new(shown).truncate());
    announce_as(&label, Role::Cell, text);
}
