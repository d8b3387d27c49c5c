//! The table of messages: real ones, as the components told of them, with the bytes of the chosen one.

mod bytes;
mod shown;

use bytes::bytes_ui;
use egui::{Color32, Role, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2};
use shown::Shown;

use crate::button::IconButton;
use crate::icon::Icon;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, fade, size};
use model::{ComponentId, MessageRecord, words};

/// What the table remembers.
#[derive(Debug, Default)]
pub(crate) struct MessageState {
    filter: String,
    only_selection: bool,
    /// While paused, messages from this number on are not shown.
    paused_at: Option<u64>,
    chosen: Option<u64>,
    shown: Shown,
}

impl MessageState {
    /// Holds the table still, or lets it go on.
    pub(crate) fn toggle_pause(&mut self, next_number: u64) {
        self.paused_at = if self.paused_at.is_some() {
            None
        } else {
            Some(next_number)
        };
    }
}

/// The controls beside the tabs.
pub(crate) fn controls_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    messages: &mut MessageState,
    selection: &Selection,
) {
    let theme = Theme::of(ui);
    let next = snapshot.model.messages.next_number;
    ui.add(
        TextEdit::singleline(&mut messages.filter)
            .hint_text("filter by words")
            .desired_width(size::FIELD),
    )
    .accessible_name("Filter messages");
    let paused = messages.paused_at.is_some();
    let pause = IconButton::new(
        if paused { Icon::Play } else { Icon::Pause },
        if paused {
            "Let the messages go on"
        } else {
            "Pause the messages"
        },
    )
    .selected(paused)
    .key(egui::Key::P);
    if pause.show(ui).clicked() {
        messages.toggle_pause(next);
    }
    if let Some(component) = selection.component().and_then(|id| snapshot.component(id)) {
        ui.checkbox(&mut messages.only_selection, format!("only {}", component.name));
    }
    if let Some(at) = messages.paused_at {
        let waiting = next.saturating_sub(at);
        ui.label(theme::small(format!("paused, {} more", words::count(waiting))).color(theme.fault));
    }
    if snapshot.model.messages.lost > 0 {
        let lost = words::count(snapshot.model.messages.lost);
        ui.label(theme.remark(format!("{lost} no longer kept")));
    }
}

/// Draws the table and the chosen message.
pub(crate) fn message_table_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    messages: &mut MessageState,
    selection: &Selection,
) {
    let component = selection.component().filter(|_| messages.only_selection);
    let until = messages.paused_at.unwrap_or(u64::MAX);
    let filter = messages.filter.clone();
    messages.shown.update(snapshot, filter.trim(), component, until);
    let chosen = messages
        .chosen
        .and_then(|number| snapshot.model.messages.get(number));
    if let Some(record) = chosen {
        egui::Panel::right("message bytes")
            .resizable(true)
            .default_size(440.0)
            .show(ui, |ui| {
                bytes_ui(ui, snapshot, record);
            });
    }
    rows_ui(ui, snapshot, messages, selection);
}

/// The widths of the columns; the last one takes the rest.
const COLUMNS: [(&str, f32); 5] = [
    ("Time (UTC)", 104.0),
    ("From", 92.0),
    ("To", 92.0),
    ("Message", 230.0),
    ("Size", 70.0),
];
const ROW: f32 = 21.0;

fn rows_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, messages: &mut MessageState, selection: &Selection) {
    let theme = Theme::of(ui);
    let (header, _) = ui.allocate_exact_size(vec2(ui.available_width(), 18.0), Sense::hover());
    let mut x = header.left() + 8.0;
    for (title, width) in COLUMNS.into_iter().chain([("Content", 0.0)]) {
        ui.painter().text(
            pos2(x, header.center().y),
            egui::Align2::LEFT_CENTER,
            title,
            theme::plain_font(size::SMALL),
            theme.weak,
        );
        x += width;
    }
    if messages.shown.numbers.is_empty() {
        let text = if snapshot.model.messages.records.is_empty() {
            "No message yet."
        } else {
            "No message passes the filter."
        };
        ui.label(egui::RichText::new(text).color(theme.weak));
        return;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let total = messages.shown.numbers.len();
    let mut chosen = None;
    ScrollArea::vertical()
        .auto_shrink(false)
        .stick_to_bottom(true)
        .show_rows(ui, ROW, total, |ui, range| {
            for index in range {
                let number = messages.shown.numbers.get(index).copied();
                if let Some(record) = number.and_then(|number| snapshot.model.messages.get(number))
                    && row_ui(ui, theme, snapshot, messages, selection, record)
                {
                    chosen = Some(record.number);
                }
            }
        });
    if chosen.is_some() {
        messages.chosen = chosen.filter(|_| messages.chosen != chosen);
    }
}

fn row_ui(
    ui: &mut Ui,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    messages: &MessageState,
    selection: &Selection,
    record: &MessageRecord,
) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let chosen = messages.chosen == Some(record.number);
    let name = |id: Option<ComponentId>| {
        id.and_then(|id| snapshot.component(id))
            .map(|component| component.name.as_str())
    };
    response.widget_info(|| {
        let (from, to) = (name(record.from).unwrap_or("?"), name(record.to).unwrap_or("?"));
        WidgetInfo::selected(
            Role::Row,
            true,
            chosen,
            format!("{} from {from} to {to}", record.name),
        )
    });
    let concerned = selection.component().is_some()
        && (record.from == selection.component() || record.to == selection.component());
    if chosen {
        ui.painter().rect_filled(rect, 4.0, fade(theme.accent, 0.3));
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 4.0, theme.raised);
    } else if concerned {
        ui.painter().rect_filled(rect, 0.0, fade(theme.accent, 0.12));
    }
    let painter = ui.painter_at(rect);
    let y = rect.center().y;
    let font = theme::plain_font(size::LABEL);
    let cell = |column: usize, indent: f32, text: &str, colour: Color32| {
        let left = rect.left() + 8.0 + COLUMNS[..column].iter().map(|(_, width)| width).sum::<f32>();
        let width = COLUMNS
            .get(column)
            .map_or(rect.right() - left, |(_, width)| width - 8.0);
        let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font.clone(), colour);
        job.wrap = egui::text::TextWrapping::truncate_at_width((width - indent).max(10.0));
        let galley = painter.layout_job(job);
        painter.galley(pos2(left + indent, y - galley.size().y / 2.0), galley, colour);
        left
    };
    cell(
        0,
        0.0,
        &words::clock_ms(snapshot.wall_clock, record.at),
        theme.weak,
    );
    let address = || {
        record
            .remote
            .addresses
            .first()
            .map_or_else(|| "?".to_owned(), ToString::to_string)
    };
    for (column, id) in [(1, record.from), (2, record.to)] {
        match id.and_then(|id| snapshot.component(id)) {
            Some(component) => {
                let left = cell(column, 13.0, &component.name, theme.text);
                let colour = theme.component(component);
                let stroke = egui::Stroke::new(1.3, colour);
                let body = fade(colour, 0.35);
                crate::icon::paint_role(&painter, pos2(left + 5.0, y), 4.5, component.role(), body, stroke);
            }
            None if column == 2 && record.multicast => {
                cell(column, 0.0, "everybody", theme.weak);
            }
            None => {
                cell(column, 0.0, &address(), theme.weak);
            }
        }
    }
    let protocol = theme.protocol(snapshot.model.protocol_of(record));
    let left = cell(3, 12.0, &record.name, theme.text);
    painter.circle_filled(pos2(left + 4.0, y), 3.5, protocol);
    cell(4, 0.0, &words::bytes(record.size.into()), theme.weak);
    cell(5, 0.0, &record.summary, theme.weak);
    response.clicked()
}
