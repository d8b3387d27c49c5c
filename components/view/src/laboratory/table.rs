//! The results as a table.

use egui::{Align, Label, Layout, Role, Ui};
use egui_extras::{Column, TableBuilder};

use super::shown::Shown;
use crate::button::announce_as;
use crate::theme::{self, Theme};

const ROW: f32 = 20.0;
const HEADER: f32 = 22.0;
/// The width of the policy's name, and the least of other cells.
const NAME: f32 = 220.0;
const CELL: f32 = 90.0;

/// Draws the table.
pub(super) fn table_ui(ui: &mut Ui, shown: &Shown) {
    let theme = Theme::of(ui);
    let Some((header, rows)) = shown.rows.split_first() else {
        return;
    };
    let others = header.len().saturating_sub(1);
    TableBuilder::new(ui)
        .id_salt("laboratory results")
        .striped(true)
        .auto_shrink([false, false])
        .min_scrolled_height(0.0)
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::exact(NAME).clip(true))
        .columns(Column::remainder().at_least(CELL).clip(true), others)
        .header(HEADER, |mut row| {
            for title in header {
                row.col(|ui| {
                    let label = ui.add(Label::new(theme.remark(title.as_str())).truncate());
                    announce_as(&label, Role::ColumnHeader, title);
                });
            }
        })
        .body(|body| {
            body.rows(ROW, rows.len(), |mut row| {
                let Some(cells) = rows.get(row.index()) else {
                    return;
                };
                for cell in cells {
                    row.col(|ui| {
                        ui.add(Label::new(theme::small(cell.as_str())).truncate());
                    });
                }
            });
        });
}
