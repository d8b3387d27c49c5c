//! The bytes of the selected message.

use std::fmt::Write as _;

use egui::{Label, ScrollArea, Ui};

use crate::snapshot::Snapshot;
use crate::theme::{self, Theme};
use model::{MessageRecord, words};

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
    let lines = record.bytes.len().div_ceil(16);
    ui.spacing_mut().item_spacing.y = 1.0;
    let height = ui.text_style_height(&egui::TextStyle::Monospace);
    ScrollArea::both()
        .id_salt("bytes")
        .auto_shrink(false)
        .show_rows(ui, height, lines, |ui, range| {
            for line in range {
                let bytes = record.bytes.get(line * 16..).unwrap_or_default();
                let text = hex_line(line * 16, &bytes[..bytes.len().min(16)]);
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

/// Returns a line of a hex dump: offset, bytes, and printable characters.
fn hex_line(offset: usize, bytes: &[u8]) -> String {
    let mut line = format!("{offset:04x}  ");
    for place in 0..16 {
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
            hex_line(16, b"\x01A\xff"),
            "0010  01 41 ff                                          .A."
        );
    }
}
