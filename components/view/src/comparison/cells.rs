//! The places of the cells of a table.

use egui::{Align, Label, Layout, Rect, RichText, Ui, pos2, vec2};

use crate::comparison::table::child_ui;
use crate::theme::Theme;

/// Places cells of a table: a wide one, and narrow ones.
pub(super) struct Cells {
    area: Rect,
    row: f32,
    first: f32,
    each: f32,
}

impl Cells {
    pub(super) fn new(area: Rect, row: f32, narrow: usize) -> Self {
        let first = (area.width() * if narrow > 2 { 0.28 } else { 0.38 }).clamp(90.0, 220.0);
        Self {
            area,
            row,
            first,
            each: (area.width() - first) / narrow as f32,
        }
    }

    pub(super) fn rect(&self, row: usize, column: usize) -> Rect {
        let top = self.area.top() + self.row * row as f32;
        let (left, width) = match column {
            0 => (0.0, self.first),
            _ => (self.first + self.each * (column - 1) as f32, self.each),
        };
        Rect::from_min_size(pos2(self.area.left() + left, top), vec2(width - 6.0, self.row))
    }

    /// Draws a text at the right of a cell.
    pub(super) fn text(&self, ui: &mut Ui, (row, column): (usize, usize), text: RichText, hint: &str) {
        let rect = self.rect(row, column);
        child_ui(ui, rect, &format!("cell {row} {column}"), |ui| {
            let layout = if column == 0 {
                Layout::left_to_right(Align::Center)
            } else {
                Layout::right_to_left(Align::Center)
            };
            ui.with_layout(layout, |ui| {
                let label = ui.add(Label::new(text).truncate());
                if !hint.is_empty() {
                    label.on_hover_text(hint);
                }
            });
        });
    }

    pub(super) fn line(&self, ui: &Ui, row: usize) {
        let y = self.area.top() + self.row * row as f32;
        ui.painter().hline(self.area.x_range(), y, Theme::of(ui).edge());
    }
}
