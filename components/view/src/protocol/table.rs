//! The rows of the table: only visible ones are drawn, and the last one stays visible while messages arrive.

use analysis::{Item, Member};
use egui::{
    Align, Color32, Id, Key, Label, Layout, Modifiers, Rangef, Rect, Response, RichText, Role, Sense, Ui,
};
use egui::{WidgetInfo, vec2};
use egui_extras::{Column, TableBuilder, TableRow};
use feed::Timestamp;
use trace::{EndId, Fate, Message, Packet, Trace};

use super::ProtocolState;
use super::marks::{colour, role_ui};
use crate::button::announce_as;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{SPACE, SPACE_SMALL, Theme, fade, size};
use model::words;

const HEADER: f32 = 18.0;
const ROW: f32 = 21.0;
/// The columns and their initial widths; the last one takes the rest.
const COLUMNS: [(&str, f32); 6] = [
    ("Time (UTC)", 96.0),
    ("From", 96.0),
    ("To", 96.0),
    ("Message", 240.0),
    ("Way", 74.0),
    ("Size", 58.0),
];
const LAST_COLUMN: &str = "Content";
/// The minimum width of a column.
const LEAST: f32 = 40.0;

/// Draws the table.
pub(super) fn table_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ProtocolState,
    selection: &Selection,
) {
    let theme = Theme::of(ui);
    let Some(protocol) = snapshot.protocol else {
        return;
    };
    ui.spacing_mut().item_spacing = vec2(SPACE, 0.0);
    let (rows, trace) = (protocol.rows(), protocol.trace());
    keys(ui, snapshot, state);
    let total = rows.len();
    let sought = state
        .sought
        .take()
        .map(|item| rows.position(trace, item).unwrap_or_else(|place| place));
    let sought = sought.or_else(|| at_cursor(snapshot, state, rows));
    let context = Rows {
        theme,
        snapshot,
        trace,
        state,
        selection,
        across: ui.available_rect_before_wrap().x_range(),
        id: ui.scope_id().with("message"),
    };
    let mut table = TableBuilder::new(ui)
        .id_salt("messages")
        .stick_to_bottom(context.state.chosen.is_none() && snapshot.is_present())
        // Without rows, there is a sentence below the headers instead.
        .auto_shrink([false, total == 0])
        .min_scrolled_height(0.0)
        .cell_layout(Layout::left_to_right(Align::Center));
    if let Some(row) = sought {
        table = table.scroll_to_row(row, Some(Align::Center));
    }
    for (_, width) in COLUMNS {
        let column = Column::initial(width).at_least(LEAST).clip(true);
        table = table.column(column.resizable(total > 0));
    }
    let mut clicked = None;
    table
        .column(Column::remainder().at_least(LEAST).clip(true))
        .header(HEADER, |mut row| {
            let titles = COLUMNS.iter().map(|(title, _)| *title).chain([LAST_COLUMN]);
            for (column, title) in titles.enumerate() {
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
                if let Some(item) = rows.get(row.index())
                    && context.row(&mut row, item)
                {
                    clicked = Some(item);
                }
            });
        });
    if let Some(item) = clicked {
        // A second click deselects it.
        state.choose((state.chosen != Some(item)).then_some(item));
    }
    if total == 0 {
        let text = if trace.messages.is_empty() {
            "No message yet."
        } else {
            "No message passes the filter."
        };
        ui.horizontal(|ui| {
            ui.add_space(SPACE);
            ui.label(RichText::new(text).color(theme.weak));
        });
    }
}

/// Returns the row at the cursor in time, if that has moved and nothing else is looked at.
fn at_cursor(snapshot: &Snapshot<'_>, state: &mut ProtocolState, rows: &analysis::Rows) -> Option<usize> {
    let now = (!snapshot.is_present()).then_some(snapshot.now);
    let moved = std::mem::replace(&mut state.cursor, now) != now;
    let now = now.filter(|_| moved && state.chosen.is_none())?;
    let trace = snapshot.protocol?.trace();
    Some(rows.after(trace, now).saturating_sub(1))
}

/// Moves the choice by the arrow keys, while one is chosen and nothing else has the focus.
fn keys(ui: &Ui, snapshot: &Snapshot<'_>, state: &mut ProtocolState) {
    let (Some(item), Some(protocol)) = (state.chosen, snapshot.protocol) else {
        return;
    };
    if ui.ctx().text_edit_focused() {
        return;
    }
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::ALT, key));
    let step = match (pressed(Key::ArrowUp), pressed(Key::ArrowDown)) {
        (true, false) => -1,
        (false, true) => 1,
        _ => return,
    };
    let rows = protocol.rows();
    let next = match rows.position(protocol.trace(), item) {
        Ok(place) => place.saturating_add_signed(step),
        Err(place) => place.saturating_add_signed(step.min(0)),
    };
    if let Some(item) = rows.get(next) {
        state.seek(item);
    }
}

/// The context shared by all rows.
struct Rows<'a> {
    theme: &'static Theme,
    snapshot: &'a Snapshot<'a>,
    trace: &'a Trace,
    state: &'a ProtocolState,
    selection: &'a Selection,
    /// The horizontal extent of a row.
    across: Rangef,
    id: Id,
}

/// What a row shows.
struct Shown<'a> {
    sent: Timestamp,
    arrived: Option<Timestamp>,
    from: EndId,
    to: Option<EndId>,
    name: String,
    colour: Color32,
    fate: Fate,
    again: bool,
    wrong: bool,
    size: u64,
    content: &'a str,
}

impl Rows<'_> {
    fn shown(&self, item: Item) -> Option<Shown<'_>> {
        Some(match item {
            Item::Message(id) => self.message(self.trace.message(id)?, id.0 as usize),
            Item::Packet(id) => self.packet(self.trace.packet(id)?),
        })
    }

    fn message(&self, message: &Message, position: usize) -> Shown<'_> {
        Shown {
            sent: message.sent,
            arrived: message.arrival(),
            from: message.from,
            to: message.to,
            name: self.trace.names.get(message.name).to_owned(),
            colour: colour(self.theme, message.protocol),
            fate: message.fate,
            again: message.again,
            wrong: message.undecodable,
            size: message.size.into(),
            content: self.trace.summaries.get(position),
        }
    }

    fn packet(&self, packet: &Packet) -> Shown<'_> {
        let names: Vec<&str> = packet.chunk_names().collect();
        Shown {
            sent: packet.sent,
            arrived: packet.arrival(),
            from: packet.from,
            to: packet.to,
            name: names.join(", "),
            colour: self.theme.weak,
            fate: packet.fate,
            again: packet.again,
            wrong: packet.corrupted,
            size: packet.size.into(),
            content: "SCTP packet",
        }
    }

    /// Draws a row; returns whether it was clicked.
    fn row(&self, row: &mut TableRow<'_, '_>, item: Item) -> bool {
        let (theme, snapshot) = (self.theme, self.snapshot);
        let Some(shown) = self.shown(item) else {
            return false;
        };
        let mut clicked = false;
        // What is still to come at the cursor is paler.
        let share = if shown.sent > snapshot.now { 0.55 } else { 1.0 };
        let (text, weak) = (fade(theme.text, share), fade(theme.weak, share));
        row.col(|ui| {
            clicked = self.whole_row(ui, item, &shown).clicked();
            ui.add_space(SPACE);
            cell_ui(ui, &words::clock_ms(snapshot.wall_clock, shown.sent), weak);
        });
        row.col(|ui| self.end_ui(ui, Some(shown.from), text));
        row.col(|ui| self.end_ui(ui, shown.to, text));
        row.col(|ui| {
            ui.spacing_mut().item_spacing.x = SPACE_SMALL;
            let (dot, _) = ui.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
            ui.painter()
                .circle_filled(dot.center(), 3.5, fade(shown.colour, share));
            cell_ui(ui, &shown.name, if shown.wrong { theme.danger } else { text });
            if shown.again {
                cell_ui(ui, "again", theme.fault);
            }
        });
        row.col(|ui| match (shown.fate, shown.arrived) {
            (Fate::Lost, _) => cell_ui(ui, "lost", theme.danger),
            (Fate::Refused, _) => cell_ui(ui, "refused", theme.danger),
            (_, Some(arrived)) => cell_ui(ui, &words::duration(arrived - shown.sent), weak),
            (_, None) => cell_ui(ui, "", weak),
        });
        row.col(|ui| cell_ui(ui, &words::bytes(shown.size), weak));
        row.col(|ui| cell_ui(ui, shown.content, weak));
        clicked
    }

    /// Makes the whole row a single item for pointer, keyboard and screen reader, behind all of its cells.
    fn whole_row(&self, ui: &mut Ui, item: Item, shown: &Shown<'_>) -> Response {
        let rect = Rect::from_x_y_ranges(self.across, ui.max_rect().y_range());
        // The first cell, which draws this, is clipped to its column; the row is not.
        let column = ui.clip_rect();
        ui.set_clip_rect(Rect::from_x_y_ranges(self.across, column.y_range()));
        let response = ui.interact(rect, self.id.with(item), Sense::click());
        let chosen = self.state.chosen == Some(item);
        response.widget_info(|| {
            let name = |end: Option<EndId>| {
                let member = end.and_then(|end| self.state.cast.cast.get(end));
                member.map_or("everybody", |member| member.name.as_str())
            };
            let label = format!(
                "{} from {} to {}",
                shown.name,
                name(Some(shown.from)),
                name(shown.to)
            );
            WidgetInfo::selected(Role::Row, true, chosen, label)
        });
        let component = self.selection.component();
        let concerned = component.is_some_and(|component| {
            let end = self.state.cast.cast.end_of(component);
            end.is_some() && (Some(shown.from) == end || shown.to == end)
        });
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

    /// Draws one end of a message: the component's name, or else its address.
    fn end_ui(&self, ui: &mut Ui, end: Option<EndId>, ink: Color32) {
        let Some(end) = end else {
            cell_ui(ui, "everybody", self.theme.weak);
            return;
        };
        let nobody = Member {
            name: "?".to_owned(),
            component: None,
            role: None,
            colour: 0,
        };
        let member = self.state.cast.cast.get(end).unwrap_or(&nobody);
        ui.spacing_mut().item_spacing.x = SPACE_SMALL;
        role_ui(ui, self.theme, member);
        cell_ui(ui, &member.name, ink);
    }
}

fn cell_ui(ui: &mut Ui, text: &str, ink: Color32) {
    let shown = RichText::new(text).size(size::LABEL).color(ink);
    let label = ui.add(Label::new(shown).truncate());
    announce_as(&label, Role::Cell, text);
}
