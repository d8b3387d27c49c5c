//! What the pointer means in a chart, and what is told about it.

use egui::{Pos2, Response, vec2};
use egui_plot::{PlotPoint, PlotTransform};

use super::{Drawing, MOST_VALUES, curve_ink, mark_ink};
use crate::load::axis::seconds_ago;
use crate::load::curves::{Curve, PoolCharts};
use crate::theme::{self, size};

/// How far from a curve the pointer may be to mean it.
const NEAR: f32 = 16.0;

impl Drawing<'_> {
    /// Returns the curve that the pointer means.
    pub(super) fn near(&self, transform: &PlotTransform, pointer: Pos2) -> Option<&Curve> {
        let seconds = transform.value_from_position(pointer).x;
        let index = self.charts.index_at(seconds)?;
        let near = self.chart.curves.iter().filter_map(|curve| {
            let value = curve.values.get(index).copied().flatten()?;
            let at = transform.position_from_point(&PlotPoint::new(seconds, value));
            Some(((at.y - pointer.y).abs(), curve))
        });
        let nearest = near.min_by(|(one, _), (other, _)| one.total_cmp(other));
        nearest
            .filter(|(distance, _)| *distance <= NEAR)
            .map(|(_, curve)| curve)
    }

    /// Shows all values at the time under the pointer, and what happened then.
    pub(super) fn tooltip(
        &self,
        response: &Response,
        transform: &PlotTransform,
        pool: &PoolCharts,
        near: Option<&Curve>,
    ) {
        let Some(pointer) = response.hover_pos() else {
            return;
        };
        let seconds = transform.value_from_position(pointer).x;
        let Some(index) = self.charts.index_at(seconds) else {
            return;
        };
        let apart = transform.dvalue_dpos()[0].abs() * 6.0;
        let mut values: Vec<(&Curve, f64)> = self
            .chart
            .curves
            .iter()
            .filter_map(|curve| Some((curve, curve.values.get(index).copied().flatten()?)))
            .collect();
        values.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        // The one under the pointer is there in any case.
        let first = near.and_then(|near| values.iter().position(|(curve, _)| std::ptr::eq(*curve, near)));
        if let Some(first) = first.filter(|first| *first >= MOST_VALUES) {
            values.swap(MOST_VALUES - 1, first);
        }
        response.clone().on_hover_ui_at_pointer(|ui| {
            ui.spacing_mut().item_spacing = vec2(8.0, 2.0);
            ui.spacing_mut().interact_size.y = 0.0;
            ui.label(self.theme.remark(seconds_ago(seconds.round())));
            egui::Grid::new("values").num_columns(2).show(ui, |ui| {
                for (curve, value) in values.iter().take(MOST_VALUES) {
                    let is_near = near.is_some_and(|near| std::ptr::eq(*curve, near));
                    let ink = curve_ink(self.theme, curve.ink);
                    let name = if is_near {
                        theme::strong(curve.name.as_str()).size(size::SMALL)
                    } else {
                        theme::small(curve.name.as_str())
                    };
                    ui.label(name.color(ink));
                    ui.label(theme::small(self.chart.scale.format(*value)));
                    ui.end_row();
                }
            });
            if values.len() > MOST_VALUES {
                let more = format!("and {} more", values.len() - MOST_VALUES);
                ui.label(self.theme.remark(more));
            }
            let marks = pool.marks.iter().filter(|mark| match mark.to {
                Some(to) => (mark.from..=to).contains(&seconds),
                None => (mark.from - seconds).abs() <= apart,
            });
            for mark in marks.take(6) {
                ui.label(theme::small(mark.text.as_str()).color(mark_ink(self.theme, mark.kind)));
            }
        });
    }
}
