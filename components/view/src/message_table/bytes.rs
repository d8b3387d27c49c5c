//! The bytes of the selected message.

use std::fmt::Write as _;

use egui::{Label, ScrollArea, Ui};

use crate::snapshot::Snapshot;
use crate::theme::{self, Theme};
use model::{MessageRecord, words};

/// The room between the dump and its scroll bar.
const SCROLL_GAP: f32 = 8.0;

/// Draws the facts about a message, and its bytes.
pub(super) fn bytes_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, record: &MessageRecord) {
    let theme = Theme::of(ui);
    ui.label(theme::strong(record.name.as_str()));
    let protocol = snapshot.model.protocol_of(record);
    let way = match record.received {
        Some(received) => format!(", {} on the way", words::duration(received - record.at)),
        None => String::new(),
    };
    ui.label(theme::small(format!(
        "{protocol}, PPID {}, {}{way}",
        record.ppid.0,
        words::bytes(record.size.into())
    )));
    ui.add(Label::new(record.summary.as_str()).wrap().selectable(true));
    let each = if ui.available_width() >= width(ui, 16) {
        16
    } else {
        8
    };
    let lines = record.bytes.len().div_ceil(each);
    ui.spacing_mut().item_spacing.y = 1.0;
    let height = ui.text_style_height(&egui::TextStyle::Monospace);
    ScrollArea::both()
        .id_salt("bytes")
        .auto_shrink(false)
        .show_rows(ui, height, lines, |ui, range| {
            for line in range {
                let bytes = record.bytes.chunks(each).nth(line).unwrap_or_default();
                let text = hex_line(line * each, bytes, each);
                ui.add(
                    Label::new(egui::RichText::new(text).monospace())
                        .extend()
                        .selectable(true),
                );
            }
            if record.size as usize > record.bytes.len() {
                ui.label(theme.remark("the beginning only"));
            }
        });
}

/// Returns the width of a dump with so many bytes in a line.
pub(super) fn width(ui: &Ui, each: usize) -> f32 {
    let line = hex_line(0, &[b'.'; 16][..each.min(16)], each);
    let font = egui::TextStyle::Monospace.resolve(ui.style());
    let galley = ui
        .painter()
        .layout_no_wrap(line, font, egui::Color32::PLACEHOLDER);
    galley.size().x + ui.spacing().scroll.bar_width + SCROLL_GAP
}

/// Returns a line of a hex dump with room for so many bytes: offset, bytes, and printable characters.
fn hex_line(offset: usize, bytes: &[u8], each: usize) -> String {
    let mut line = format!("{offset:04x}  ");
    for place in 0..each {
        match bytes.get(place) {
            Some(byte) => {
                let _ = write!(line, "{byte:02x} ");
            }
            None => line.push_str("   "),
        }
        if place == 7 {
            line.push(' ');
        }
    }
    line.push(' ');
    line.extend(bytes.iter().map(|byte| {
        if byte.is_ascii_graphic() {
            char::from(*byte)
        } else {
            '.'
        }
    }));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_line_of_a_hex_dump_is_padded() {
        assert_eq!(
            hex_line(16, b"\x01A\xff", 16),
            "0010  01 41 ff                                          .A."
        );
    }
}
