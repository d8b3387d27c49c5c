//! SCTP beneath: each association with its state, paths, round-trip times, windows and retransmissions.

use std::sync::Arc;

use egui::{Color32, Label, Panel, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};
use egui_extras::{Column, TableBuilder};
use egui_plot::{Legend, Line, PlotPoints, Points, VLine};
use feed::Timestamp;
use trace::{Association, AssociationId, Direction, Sample};

use super::ProtocolState;
use super::marks::role_ui;
use crate::fixed_plot::fixed_plot;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{SPACE, SPACE_SMALL, Theme, fade, size};
use chronicle::HighlightKind;
use model::words;

const ROW: f32 = 21.0;
const HEADER: f32 = 18.0;
const COLUMNS: [(&str, f32); 9] = [
    ("From", 96.0),
    ("To", 96.0),
    ("State", 150.0),
    ("Messages", 78.0),
    ("Round trip", 78.0),
    ("Time-out", 78.0),
    ("In flight", 76.0),
    ("Window", 76.0),
    ("Again, lost", 84.0),
];
/// The share of the height that the curves take.
const CURVES_SHARE: f32 = 0.55;
const CURVES_LEAST: f32 = 130.0;

/// Draws the associations, the living ones first.
pub(super) fn associations_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ProtocolState,
    selection: &Selection,
) {
    let theme = Theme::of(ui);
    let Some(protocol) = snapshot.protocol else {
        return;
    };
    let trace = protocol.trace();
    let only = selection
        .component()
        .filter(|_| state.only_selection)
        .map(|component| state.cast.cast.end_of(component));
    let is_wanted = |association: &Association| {
        only.is_none_or(|end| end.is_some_and(|end| association.ends.contains(&end)))
    };
    let mut shown: Vec<(AssociationId, &Arc<Association>)> = trace
        .associations
        .iter()
        .enumerate()
        .map(|(number, association)| (AssociationId(number as u32), association))
        .filter(|(_, association)| association.began <= snapshot.now && is_wanted(association))
        .collect();
    shown.sort_by_key(|(id, association)| {
        let over = association
            .state_at(snapshot.now)
            .is_some_and(trace::AssociationState::is_over);
        (over, std::cmp::Reverse(*id))
    });
    let chosen = state
        .association
        .and_then(|id| Some((id, trace.association(id)?)));
    if let Some((_, association)) = chosen {
        let height = ui.available_height();
        let least = CURVES_LEAST.min(height * 0.7);
        Panel::bottom("curves of the association")
            .resizable(true)
            .default_size((height * CURVES_SHARE).max(least))
            .size_range(least..=(height - 60.0).max(least))
            .show(ui, |ui| curves_ui(ui, snapshot, state, association));
    }
    // The lines between the columns end where the curves begin.
    let room = ui.available_rect_before_wrap();
    ui.shrink_clip_rect(room);
    if shown.is_empty() {
        ui.label(theme.remark("No association yet."));
        return;
    }
    if let Some(clicked) = table_ui(ui, snapshot, state, &shown) {
        state.association = (state.association != Some(clicked)).then_some(clicked);
    }
}

fn table_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &ProtocolState,
    shown: &[(AssociationId, &Arc<Association>)],
) -> Option<AssociationId> {
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing = vec2(SPACE, 0.0);
    let across = ui.available_rect_before_wrap().x_range();
    let id = ui.scope_id().with("association");
    let mut clicked = None;
    let mut table = TableBuilder::new(ui)
        .id_salt("associations")
        .auto_shrink(false)
        .min_scrolled_height(0.0)
        .cell_layout(egui::Layout::left_to_right(egui::Align::Center));
    for (_, width) in COLUMNS {
        table = table.column(Column::initial(width).at_least(40.0).clip(true).resizable(true));
    }
    table
        .header(HEADER, |mut row| {
            for (title, _) in COLUMNS {
                row.col(|ui| {
                    ui.add(Label::new(theme.remark(title)).truncate());
                });
            }
        })
        .body(|body| {
            body.rows(ROW, shown.len(), |mut row| {
                let Some((number, association)) = shown.get(row.index()).copied() else {
                    return;
                };
                let is_chosen = state.association == Some(number);
                let told = association
                    .state_at(snapshot.now)
                    .unwrap_or(trace::AssociationState::Underway);
                let ink = if told.is_over() { theme.weak } else { theme.text };
                row.col(|ui| {
                    let rect = egui::Rect::from_x_y_ranges(across, ui.max_rect().y_range());
                    let column = ui.clip_rect();
                    ui.set_clip_rect(egui::Rect::from_x_y_ranges(across, column.y_range()));
                    let response = ui.interact(rect, id.with(number), Sense::click());
                    response.widget_info(|| {
                        WidgetInfo::selected(
                            Role::Row,
                            true,
                            is_chosen,
                            format!("association, {}", told.words()),
                        )
                    });
                    if is_chosen {
                        ui.painter().rect_filled(rect, 4.0, fade(theme.accent, 0.3));
                    } else if response.hovered() {
                        ui.painter().rect_filled(rect, 4.0, theme.raised);
                    }
                    ui.set_clip_rect(column);
                    if response.clicked() {
                        clicked = Some(number);
                    }
                    end_ui(ui, state, association, 0, ink);
                });
                row.col(|ui| end_ui(ui, state, association, 1, ink));
                row.col(|ui| {
                    cell_ui(
                        ui,
                        told.words(),
                        if told.is_over() { theme.weak } else { theme.good },
                    );
                });
                for text in figures(association, snapshot.now) {
                    row.col(|ui| cell_ui(ui, &text, ink));
                }
            });
        });
    clicked
}

fn end_ui(ui: &mut Ui, state: &ProtocolState, association: &Association, side: usize, ink: Color32) {
    let Some(member) = association
        .ends
        .get(side)
        .and_then(|end| state.cast.cast.get(*end))
    else {
        return;
    };
    ui.spacing_mut().item_spacing.x = SPACE_SMALL;
    role_ui(ui, Theme::of(ui), member);
    cell_ui(ui, &member.name, ink);
}

fn cell_ui(ui: &mut Ui, text: &str, ink: Color32) {
    ui.add(Label::new(RichText::new(text).size(size::LABEL).color(ink)).truncate());
}

/// Returns the figures of an association as of a time, of the direction in which more data was sent.
fn figures(association: &Association, at: Timestamp) -> [String; 6] {
    let [one, other] = &association.directions;
    let sample = |direction: &Direction| -> Option<Sample> {
        let known = direction.samples.partition_point(|sample| sample.at <= at);
        direction.samples.get(known.checked_sub(1)?).copied()
    };
    let main = if one.bytes >= other.bytes { one } else { other };
    let sample = sample(main);
    let of = |figure: fn(&Sample) -> Option<String>| sample.as_ref().and_then(figure).unwrap_or_default();
    [
        words::count(one.messages + other.messages),
        of(|sample| (sample.smoothed_us > 0).then(|| time(sample.smoothed_us))),
        of(|sample| (sample.time_out_us > 0).then(|| time(sample.time_out_us))),
        of(|sample| Some(words::bytes(sample.in_flight.into()))),
        of(|sample| Some(words::bytes(sample.window.into()))),
        match (one.retransmissions + other.retransmissions, one.lost + other.lost) {
            (0, 0) => String::new(),
            (again, lost) => format!("{again}, {lost}"),
        },
    ]
}

/// Returns a number without the digits that only binary fractions have.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn time(us: u32) -> String {
    words::duration(std::time::Duration::from_micros(us.into()))
}

/// Draws what is to be known of an association, and its curves.
fn curves_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &ProtocolState, association: &Association) {
    let theme = Theme::of(ui);
    ScrollArea::vertical()
        .id_salt("association")
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.add_space(SPACE_SMALL);
            facts_ui(ui, snapshot, association);
            let width = ui.available_width();
            let beside = width > 900.0;
            for (side, direction) in association.directions.iter().enumerate() {
                // A curve needs two points.
                if direction.samples.len() < 2 {
                    continue;
                }
                let name = |side: usize| {
                    let end = association.ends.get(side).and_then(|end| state.cast.cast.get(*end));
                    end.map_or("?", |end| end.name.as_str())
                };
                ui.label(theme.section_heading(format!("{} \u{2192} {}", name(side), name(1 - side))));
                let size = if beside {
                    vec2((width - SPACE) / 2.0, 120.0)
                } else {
                    vec2(width, 110.0)
                };
                let pair = Pair {
                    theme,
                    snapshot,
                    association,
                    direction,
                    side,
                    size,
                };
                if beside {
                    ui.horizontal(|ui| {
                        pair.times_ui(ui);
                        pair.bytes_ui(ui);
                    });
                } else {
                    pair.times_ui(ui);
                    pair.bytes_ui(ui);
                }
            }
            ui.label(theme.remark(
                "Inferred from what is on the wire: the smoothed round-trip time and the time-out (RFC 9260, section 6.3.1; \
                 the sender's limits are not on the wire), and the bytes in flight. Told by the receiver: the window.",
            ));
        });
}

fn facts_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, association: &Association) {
    let theme = Theme::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = SPACE_SMALL;
        for (number, (since, state)) in association.states.iter().enumerate() {
            if number > 0 {
                ui.label(theme.remark("\u{2192}"));
            }
            let current = association.state_at(snapshot.now) == Some(*state);
            let ink = if current { theme.text } else { theme.weak };
            ui.label(RichText::new(state.words()).size(size::LABEL).color(ink))
                .on_hover_text(words::clock_ms(snapshot.wall_clock, *since));
        }
    });
    let tag = |tag: Option<u32>| tag.map_or_else(|| "unknown".to_owned(), |tag| format!("0x{tag:08x}"));
    let paths: Vec<String> = association
        .paths
        .iter()
        .map(|[one, other]| format!("{} \u{2194} {}", one.ip(), other.ip()))
        .collect();
    let text = format!(
        "SCTP ports {} and {}; verification tags {} and {}; {}: {}",
        association.ports[0],
        association.ports[1],
        tag(association.tags[0]),
        tag(association.tags[1]),
        if paths.len() == 1 { "path" } else { "paths" },
        paths.join(", "),
    );
    ui.add(Label::new(theme.remark(text)).wrap());
}

/// The curves of one direction.
struct Pair<'a> {
    theme: &'static Theme,
    snapshot: &'a Snapshot<'a>,
    association: &'a Association,
    direction: &'a Direction,
    side: usize,
    size: egui::Vec2,
}

impl Pair<'_> {
    fn seconds(&self, at: Timestamp) -> f64 {
        (at - self.association.began).as_secs_f64()
    }

    fn line<'a>(&self, name: &'a str, colour: Color32, value: impl Fn(&Sample) -> f64) -> Line<'a> {
        let samples = self.direction.samples.iter();
        let points = samples.map(|sample| [self.seconds(sample.at), value(sample)]);
        Line::new(name, PlotPoints::from_iter(points))
            .color(colour)
            .width(1.5)
    }

    fn plot_ui(
        &self,
        ui: &mut Ui,
        what: &str,
        unit: &'static str,
        lines: Vec<Line<'_>>,
        points: Option<Points<'_>>,
    ) {
        let (theme, id) = (self.theme, (what, self.side));
        let names: Vec<String> = lines
            .iter()
            .map(|line| egui_plot::PlotItem::name(line).to_owned())
            .collect();
        let plot = fixed_plot(id, theme)
            .width(self.size.x)
            .height(self.size.y)
            .legend(Legend::default().text_style(egui::TextStyle::Small))
            .y_axis_formatter(move |mark, _| format!("{} {unit}", rounded(mark.value)))
            .x_axis_formatter(|mark, _| format!("{} s", rounded(mark.value)))
            .include_y(0.0)
            .show(ui, |plot| {
                for line in lines {
                    plot.line(line);
                }
                if let Some(points) = points {
                    plot.points(points);
                }
                for fault in self.faults() {
                    plot.vline(VLine::new("fault", fault).color(theme.danger).width(1.0));
                }
                if !self.snapshot.is_present() {
                    let now = self.seconds(self.snapshot.now);
                    plot.vline(VLine::new("cursor", now).color(theme.past).width(1.0));
                }
            });
        plot.response
            .widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{what}: {}", names.join(", "))));
    }

    /// Returns when there were faults at its ends or elsewhere while it lasted.
    fn faults(&self) -> Vec<f64> {
        let Some(time) = self.snapshot.time else {
            return Vec::new();
        };
        let during = self.association.began..=self.association.seen;
        let faults =
            time.lanes.points.iter().filter(|point| {
                matches!(point.kind, HighlightKind::Fault { .. }) && during.contains(&point.at)
            });
        faults.map(|point| self.seconds(point.at)).take(200).collect()
    }

    fn times_ui(&self, ui: &mut Ui) {
        let measured = self
            .direction
            .samples
            .iter()
            .filter(|sample| sample.measured_us > 0);
        let measured = measured.map(|sample| [self.seconds(sample.at), f64::from(sample.measured_us) / 1e3]);
        let points = Points::new("measured", PlotPoints::from_iter(measured))
            .color(self.theme.weak)
            .radius(1.6);
        let lines = vec![
            self.line("smoothed", self.theme.accent, |sample| {
                f64::from(sample.smoothed_us) / 1e3
            }),
            self.line("time-out", self.theme.fault, |sample| {
                f64::from(sample.time_out_us) / 1e3
            })
            .style(egui_plot::LineStyle::dashed_loose()),
        ];
        self.plot_ui(ui, "round-trip time", "ms", lines, Some(points));
    }

    fn bytes_ui(&self, ui: &mut Ui) {
        let mut lines = vec![
            self.line("in flight", self.theme.accent, |sample| {
                f64::from(sample.in_flight) / 1e3
            }),
            self.line("window", self.theme.good, |sample| f64::from(sample.window) / 1e3)
                .style(egui_plot::LineStyle::dashed_dense()),
        ];
        if self.direction.retransmissions > 0 {
            lines.push(self.line("sent again", self.theme.danger, |sample| {
                f64::from(sample.retransmissions)
            }));
        }
        self.plot_ui(ui, "bytes under way", "kB", lines, None);
    }
}
