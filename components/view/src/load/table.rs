//! The figures of each pool element as a table.

use egui::{Align, Color32, Label, Layout, Role, Ui};
use egui_extras::{Column, TableBuilder};
use feed::ComponentRole;

use super::curves::{Charts, PoolCharts};
use super::figures::Row;
use crate::button::{announce_as, icon_label, role_label};
use crate::selection::Selection;
use crate::theme::{self, Theme, fade, size};
use crate::wording::Standing;

const ROW: f32 = 20.0;
const HEADER: f32 = 18.0;
/// The width of the name, and of the cells.
const NAME: f32 = 76.0;
const CELLS: [f32; 6] = [112.0, 44.0, 56.0, 84.0, 62.0, 56.0];
/// The width of the whole table, with the gaps and the scroll bar.
pub(super) const WIDTH: f32 = 576.0;

/// Draws the table.
pub(super) fn table_ui(ui: &mut Ui, charts: &Charts, selection: &mut Selection) {
    let theme = Theme::of(ui);
    ui.spacing_mut().interact_size.y = 16.0;
    ui.spacing_mut().item_spacing.y = 0.0;
    let rows: Vec<(&PoolCharts, &Row)> = charts
        .pools
        .iter()
        .flat_map(|pool| pool.rows.iter().map(move |row| (pool, row)))
        .collect();
    let mut table = TableBuilder::new(ui)
        .id_salt("figures")
        .striped(true)
        .auto_shrink([false, false])
        .min_scrolled_height(0.0)
        .sense(egui::Sense::click())
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::exact(NAME).clip(true));
    for width in CELLS {
        table = table.column(Column::exact(width).clip(true));
    }
    let several = charts.pools.len() > 1;
    table
        .header(HEADER, |mut row| {
            for title in std::iter::once("Pool element").chain(Row::TITLES) {
                row.col(|ui| {
                    announce_as(&ui.label(theme.remark(title)), Role::ColumnHeader, title);
                });
            }
        })
        .body(|body| {
            body.rows(ROW, rows.len(), |mut table_row| {
                let Some((pool, row)) = rows.get(table_row.index()) else {
                    return;
                };
                table_row.set_selected(selection.component() == Some(row.id));
                row_cells(&mut table_row, theme, row, several.then_some(pool.name.as_str()));
                if table_row.response().clicked() {
                    selection.select(row.id);
                }
            });
        });
}

fn row_cells(table_row: &mut egui_extras::TableRow<'_, '_>, theme: &Theme, row: &Row, pool: Option<&str>) {
    let is_gone = matches!(
        row.standing,
        Standing::NotStarted | Standing::Stopped | Standing::Killed | Standing::Crashed
    );
    let is_stale = row.standing.is_silent();
    let ink = if is_gone || is_stale {
        theme.weak
    } else {
        theme.text
    };
    table_row.col(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let colour = theme.element(row.colour);
        let fill = if is_gone {
            Color32::TRANSPARENT
        } else {
            fade(colour, 0.5)
        };
        role_label(ui, ComponentRole::PoolElement, fill, colour, size::ICON);
        if is_gone || is_stale {
            icon_label(
                ui,
                row.standing.icon(),
                row.standing.colour(theme),
                size::ICON_SMALL,
            );
        }
        let name = ui.add(Label::new(theme::small(row.name.as_str()).color(ink)).truncate());
        if let Some(pool) = pool {
            name.on_hover_text(format!("in pool {pool}"));
        }
    });
    for cell in &row.cells {
        table_row.col(|ui| {
            if !cell.is_empty() {
                ui.add(Label::new(theme::small(cell.as_str()).color(ink)).truncate());
            }
        });
    }
}
