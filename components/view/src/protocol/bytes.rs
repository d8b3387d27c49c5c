//! The bytes of a message, some of which are marked.

use std::fmt::Write as _;
use std::ops::Range;

use egui::{FontId, Rect, Role, ScrollArea, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2};

use crate::theme::{Theme, fade};

/// The room between the dump and its scroll bar.
const SCROLL_GAP: f32 = 8.0;
/// The number of characters before the bytes, and of each byte with its space.
const OFFSET: usize = 6;
const BYTE: usize = 3;

/// Draws the bytes; those of the range are marked. Returns the byte that was clicked.
pub(super) fn bytes_ui(ui: &mut Ui, bytes: &[u8], marked: Option<Range<usize>>) -> Option<usize> {
    let font = TextStyle::Monospace.resolve(ui.style());
    let character = ui
        .painter()
        .layout_no_wrap("0".to_owned(), font.clone(), egui::Color32::PLACEHOLDER)
        .size();
    let room = ui.available_width() - ui.spacing().scroll.bar_width - SCROLL_GAP;
    let width = |each: usize| (OFFSET + each * BYTE + 1 + each) as f32 * character.x;
    let each = [16, 8].into_iter().find(|each| width(*each) <= room).unwrap_or(8);
    let dump = Dump {
        bytes,
        marked: marked.filter(|marked| !marked.is_empty()),
        each,
        font,
        character: character.x,
        height: character.y + 1.0,
        width: width(each),
    };
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut clicked = None;
    ScrollArea::both().id_salt("bytes").auto_shrink(false).show_rows(
        ui,
        dump.height,
        bytes.len().div_ceil(each),
        |ui, lines| {
            for line in lines {
                clicked = clicked.or(dump.line_ui(ui, line));
            }
        },
    );
    clicked
}

struct Dump<'a> {
    bytes: &'a [u8],
    marked: Option<Range<usize>>,
    each: usize,
    font: FontId,
    character: f32,
    height: f32,
    width: f32,
}

impl Dump<'_> {
    /// Draws a line. Returns the byte that was clicked.
    fn line_ui(&self, ui: &mut Ui, line: usize) -> Option<usize> {
        let theme = Theme::of(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(self.width, self.height), Sense::click());
        let begin = line * self.each;
        let bytes = self.bytes.chunks(self.each).nth(line).unwrap_or_default();
        let text = hex_line(begin, bytes, self.each);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text.as_str()));
        let marked = self.marked.clone().unwrap_or_default();
        let (first, last) = (marked.start.max(begin), marked.end.min(begin + bytes.len()));
        if first < last {
            let fill = fade(theme.accent, 0.35);
            let (first, last) = (first - begin, last - begin);
            for columns in [
                OFFSET + first * BYTE..OFFSET + last * BYTE - 1,
                self.characters() + first..self.characters() + last,
            ] {
                let left = rect.left() + columns.start as f32 * self.character;
                let right = rect.left() + columns.end as f32 * self.character;
                let mark = Rect::from_min_max(pos2(left, rect.top()), pos2(right, rect.bottom()));
                ui.painter().rect_filled(mark.expand2(vec2(1.0, 0.0)), 2.0, fill);
            }
        }
        ui.painter().text(
            rect.min,
            egui::Align2::LEFT_TOP,
            text,
            self.font.clone(),
            theme.text,
        );
        let pointer = response.interact_pointer_pos().filter(|_| response.clicked())?;
        let column = ((pointer.x - rect.left()) / self.character).max(0.0) as usize;
        let place = match column.checked_sub(self.characters()) {
            Some(character) => character,
            None => column.checked_sub(OFFSET)? / BYTE,
        };
        (place < bytes.len()).then_some(begin + place)
    }

    /// Returns where the printable characters begin.
    const fn characters(&self) -> usize {
        OFFSET + self.each * BYTE + 1
    }
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
    }
    line.push(' ');
    line.extend(bytes.iter().map(|byte| match byte {
        0x20..=0x7e => char::from(*byte),
        _ => '.',
    }));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_where_they_are_marked() {
        let line = hex_line(0x10, b"ab\n", 8);
        assert_eq!(line, "0010  61 62 0a                 ab.");
        assert_eq!(line.find("ab."), Some(OFFSET + 8 * BYTE + 1));
        assert_eq!(line.find("61"), Some(OFFSET));
    }
}
