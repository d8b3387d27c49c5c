//! The table of phases: what took how long in either recording, with bars to one scale; and figures over the same time.

use egui::{
    Align, Button, Label, Layout, Rect, RichText, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::comparison::cells::Cells;
use crate::comparison::facts::Side;
use crate::comparison::figures::{Figure, Figures};
use crate::comparison::headline;
use crate::comparison::offset;
use crate::phases::{self, PhaseName};
use crate::theme::{self, SPACE, SPACE_LARGE, Theme, size};
use crate::{stopwatch, takeover};
use chronicle::{Durations, Offset, Recoveries};
use model::words;

/// The height of the sentence.
const HEADLINE: f32 = 30.0;
/// The maximum number of rows, that of the titles included.
const ROWS: usize = 7;
/// The room between two lines of text.
const LEADING: f32 = 7.0;
/// The width from which the figures are beside the phases.
const BESIDE: f32 = 1_120.0;
/// The share of the width that the figures have there, and the share of the rest that the bars have.
const FIGURES: f32 = 0.3;
const BARS: f32 = 0.42;
/// The room for the figure behind a bar.
const FIGURE: f32 = 92.0;

/// The maximum width of figures alone; the rest is for their bars, which need some room.
const FIGURES_MOST: f32 = 600.0;
const BARS_LEAST: f32 = 80.0;
const PAIRS_MOST: f32 = 420.0;

/// The names of the phases in recordings, in the order of those on the screen.
const FAILOVER: [&str; 4] = ["detection", "handle resolution", "connection", "first data"];
const TAKEOVER: [&str; 4] = ["suspicion", "no sign of life", "agreement", "adoption"];

/// What the table is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Failover,
    Takeover,
    Figures,
}

/// The choices of the user.
#[derive(Debug, Default)]
pub(super) struct TableState {
    kind: Option<Kind>,
    medians: bool,
}

/// Returns the height of the table, which does not change with the cursor.
pub(super) fn height(ui: &Ui, sides: &[Side<'_>; 2]) -> f32 {
    let phases = [false, true].map(|takeover| {
        let nearest = sides
            .iter()
            .filter_map(|side| side.recoveries(takeover).nearest.as_ref());
        Durations::names(nearest.map(|(durations, _)| durations)).len()
    });
    // Besides the phases, there are the titles and the whole.
    let rows = match phases.into_iter().max() {
        None | Some(0) => ROWS,
        Some(phases) => (phases + 2).min(ROWS),
    };
    HEADLINE + row_height(ui) * rows as f32 + SPACE
}

fn row_height(ui: &Ui) -> f32 {
    theme::legible(ui, size::SMALL) + LEADING
}

/// Draws the table.
pub(super) fn table_ui(ui: &mut Ui, sides: &[Side<'_>; 2], state: &mut TableState, cursor: Offset) {
    let has = |takeover: bool| sides.iter().any(|side| side.recoveries(takeover).any());
    let mut kinds = Vec::new();
    if has(false) {
        kinds.push(Kind::Failover);
    }
    if has(true) {
        kinds.push(Kind::Takeover);
    }
    let room = ui.available_rect_before_wrap();
    let figures = Figures::of(sides, cursor);
    let beside = room.width() >= BESIDE && !kinds.is_empty();
    if !beside || kinds.is_empty() {
        kinds.push(Kind::Figures);
    }
    let kind = state.kind.filter(|kind| kinds.contains(kind)).unwrap_or(kinds[0]);
    let split = if beside {
        room.right() - room.width() * FIGURES
    } else {
        room.right()
    };
    let takeover = kind == Kind::Takeover;
    let recoveries = sides.each_ref().map(|side| side.recoveries(takeover));
    let durations = recoveries.map(|recoveries| chosen(recoveries, state.medians));
    let sentence = match kind {
        Kind::Figures => figures_sentence(sides, figures.as_ref()),
        Kind::Failover | Kind::Takeover => sentence(sides, recoveries, durations, takeover),
    };
    let top = Rect::from_min_size(room.min, vec2(room.width(), HEADLINE));
    child_ui(ui, top, "headline", |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            choices_ui(ui, &kinds, kind, recoveries, state);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = theme::strong(sentence.as_str()).size(fitting(ui, &sentence));
                ui.add(Label::new(text).truncate()).on_hover_text(&sentence);
            });
        });
    });
    let below = Rect::from_min_max(
        pos2(room.left(), top.bottom()),
        pos2(if beside { split - SPACE_LARGE } else { split }, room.bottom()),
    );
    match kind {
        Kind::Figures => figures_ui(ui, below, sides, figures.as_ref(), false),
        Kind::Failover | Kind::Takeover => {
            let middle = below.left() + below.width() * BARS;
            let bars = Rect::from_min_max(below.min, pos2(middle - SPACE_LARGE, below.bottom()));
            bars_ui(ui, bars, sides, recoveries, durations, takeover);
            let rows = Rect::from_min_max(pos2(middle, below.top()), below.max);
            phases_ui(ui, rows, sides, durations, takeover);
        }
    }
    if beside {
        let area = Rect::from_min_max(pos2(split, top.bottom()), room.max);
        ui.painter().vline(
            split - SPACE_LARGE / 2.0,
            area.y_range().shrink(4.0),
            Theme::of(ui).edge(),
        );
        figures_ui(ui, area, sides, figures.as_ref(), true);
    }
}

/// Returns the size at which a sentence fits into the room, or the smallest one that can be read.
fn fitting(ui: &Ui, sentence: &str) -> f32 {
    let sizes = [size::TITLE, size::HEADING, size::LEAD, size::BODY].map(|size| theme::legible(ui, size));
    let fits = |size: &f32| {
        let font = theme::strong_font(*size);
        let galley = ui
            .painter()
            .layout_no_wrap(sentence.to_owned(), font, egui::Color32::PLACEHOLDER);
        galley.size().x <= ui.available_width()
    };
    let [.., smallest] = sizes;
    sizes.into_iter().find(fits).unwrap_or(smallest)
}

pub(super) fn child_ui(ui: &mut Ui, rect: Rect, salt: &str, content: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new().id_salt(salt).max_rect(rect);
    let mut child = ui.new_child(builder);
    child.shrink_clip_rect(rect.expand(4.0));
    content(&mut child);
}

/// Draws what else can be shown.
fn choices_ui(ui: &mut Ui, kinds: &[Kind], kind: Kind, recoveries: [&Recoveries; 2], state: &mut TableState) {
    ui.spacing_mut().item_spacing.x = 4.0;
    let choice = |ui: &mut Ui, is_on: bool, text: &str, hint: &str| {
        ui.add(Button::selectable(is_on, theme::small(text)))
            .on_hover_text(hint)
            .clicked()
    };
    if kind != Kind::Figures && recoveries.iter().any(|recoveries| recoveries.medians.is_some()) {
        let [left, right] = recoveries.map(|recoveries| recoveries.succeeded);
        let text = format!("Medians of {left} and {right}");
        let hint = "The median of each phase of all that succeeded; otherwise those whose beginnings are nearest to \
                    where the recordings are aligned";
        if choice(ui, state.medians, &text, hint) {
            state.medians = !state.medians;
        }
        ui.add_space(SPACE);
    }
    if kinds.len() > 1 {
        for &other in kinds.iter().rev() {
            let text = match other {
                Kind::Failover => "Failover",
                Kind::Takeover => "Takeover",
                Kind::Figures => "Figures",
            };
            if choice(ui, other == kind, text, "") {
                state.kind = Some(other);
            }
        }
    }
}

/// Returns the durations that are compared.
fn chosen(recoveries: &Recoveries, medians: bool) -> Option<&Durations> {
    let medians = recoveries.medians.as_ref().filter(|_| medians);
    medians.or(recoveries.nearest.as_ref().map(|(durations, _)| durations))
}

fn sentence(
    sides: &[Side<'_>; 2],
    recoveries: [&Recoveries; 2],
    durations: [Option<&Durations>; 2],
    takeover: bool,
) -> String {
    let names = sides.each_ref().map(|side| side.name.as_ref());
    let what = if takeover { "takeover" } else { "failover" };
    match durations {
        [Some(left), Some(right)] => {
            headline::of_durations(names, [left, right], |name| phase(takeover, name).1.to_owned())
        }
        [Some(only), None] => format!("Only {} has a {what}: {}.", names[0], words::duration(only.whole)),
        [None, Some(only)] => format!("Only {} has a {what}: {}.", names[1], words::duration(only.whole)),
        [None, None] => {
            let abandoned: usize = recoveries.iter().map(|recoveries| recoveries.abandoned).sum();
            format!("No {what} has succeeded, {abandoned} were given up.")
        }
    }
}

fn figures_sentence(sides: &[Side<'_>; 2], figures: Option<&Figures>) -> String {
    let names = sides.each_ref().map(|side| side.name.as_ref());
    match figures {
        None => "They have nothing in common before the cursor yet.".to_owned(),
        Some(figures) => figures.headline(names).unwrap_or_else(|| {
            format!(
                "Over the same {} of both recordings",
                offset::length(figures.span)
            )
        }),
    }
}

/// Returns the index of a phase, its name on the screen, and what it is.
pub(super) fn phase(takeover: bool, name: &str) -> (usize, &str, &'static str) {
    let (known, shown): (_, &[PhaseName; 4]) = if takeover {
        (TAKEOVER, &takeover::PHASES)
    } else {
        (FAILOVER, &stopwatch::PHASES)
    };
    let place = (0..known.len()).find(|index| name == known[*index] || name == shown[*index].0);
    match place {
        Some(index) => (index, shown[index].0, shown[index].1),
        None => (known.len(), name, ""),
    }
}

/// Draws a bar for each recording, to one scale, of the phases one after the other.
fn bars_ui(
    ui: &mut Ui,
    area: Rect,
    sides: &[Side<'_>; 2],
    recoveries: [&Recoveries; 2],
    durations: [Option<&Durations>; 2],
    takeover: bool,
) {
    let theme = Theme::of(ui);
    let longest = durations.iter().flatten().map(|durations| durations.whole).max();
    let longest = longest.unwrap_or_default().as_secs_f64().max(1e-9);
    let row = row_height(ui);
    let each = area.height() / 2.0;
    let height = (each - row - SPACE).max(8.0);
    let room = (area.width() - FIGURE).max(40.0);
    for (index, side) in sides.iter().enumerate() {
        let top = area.top() + each * index as f32;
        let name = Rect::from_min_size(pos2(area.left(), top), vec2(area.width(), row));
        child_ui(ui, name, ["left name", "right name"][index], |ui| {
            let text = theme::strong(side.name.as_ref()).size(theme::legible(ui, size::BODY));
            ui.add(Label::new(text).truncate());
        });
        let rect = Rect::from_min_size(pos2(area.left(), top + row), vec2(area.width(), height));
        let track = Rect::from_min_size(rect.min, vec2(room, height));
        let response = ui.interact(rect, ui.scope_id().with(("bar", index)), Sense::hover());
        ui.painter_at(rect).rect_filled(track, 3.0, theme.raised);
        let what = if takeover { "takeover" } else { "failover" };
        let Some(durations) = durations[index] else {
            let text = match recoveries[index].abandoned {
                0 => format!("no {what}"),
                number => format!("{number} given up"),
            };
            ui.painter().text(
                track.left_center() + vec2(8.0, 0.0),
                egui::Align2::LEFT_CENTER,
                &text,
                theme::plain_font(theme::legible(ui, size::BODY)),
                theme.weak,
            );
            response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{}: {text}", side.name)));
            continue;
        };
        let width = |took: f64| (f64::from(room) * took / longest) as f32;
        let mut left = track.left();
        let mut told = Vec::new();
        for (name, took) in &durations.phases {
            let (colour, name, _) = phase(takeover, name);
            let right = left + width(took.as_secs_f64());
            let part = Rect::from_x_y_ranges(left..=right.max(left + 1.0), track.y_range());
            ui.painter().rect_filled(part, 1.5, theme.phase(colour));
            left = right;
            told.push(format!("{name} {}", words::duration(*took)));
        }
        let end = track.left() + width(durations.whole.as_secs_f64());
        let whole = words::duration(durations.whole);
        ui.painter().text(
            pos2(end.max(left) + 8.0, track.center().y),
            egui::Align2::LEFT_CENTER,
            &whole,
            theme::strong_font(size::TITLE),
            theme.text,
        );
        let text = format!("{}: {whole}: {}", side.name, told.join(", "));
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, text.as_str()));
        let sentence = recoveries[index].nearest.as_ref().map(|(_, text)| text.as_str());
        response.on_hover_text(format!("{}\n{text}", sentence.unwrap_or_default()).trim_start());
    }
}

/// Draws the durations of the phases of both recordings, their differences and their ratios.
fn phases_ui(
    ui: &mut Ui,
    area: Rect,
    sides: &[Side<'_>; 2],
    durations: [Option<&Durations>; 2],
    takeover: bool,
) {
    let theme = Theme::of(ui);
    let text_size = theme::legible(ui, size::LABEL);
    let cells = Cells::new(area, row_height(ui), 4);
    let titles = [
        ("Phase", "What takes time from the fault until everything goes on"),
        (sides[0].name.as_ref(), ""),
        (sides[1].name.as_ref(), ""),
        ("Difference", "How much longer the recording on the right took"),
        ("Ratio", "How many times as long the slower one took"),
    ];
    for (column, (title, hint)) in titles.into_iter().enumerate() {
        let hint = if hint.is_empty() { title } else { hint };
        cells.text(ui, (0, column), theme.remark(title), hint);
    }
    cells.line(ui, 1);
    let mut names = Durations::names(durations.into_iter().flatten());
    names.sort_by_key(|name| phase(takeover, name).0);
    let whole = durations.map(|durations| durations.map(|durations| durations.whole));
    let rows = names.iter().map(|name| {
        let took = durations.map(|durations| durations.and_then(|durations| durations.phase(name)));
        (Some(*name), took)
    });
    let mut last = 1;
    for (index, (name, took)) in rows.take(ROWS - 2).chain([(None, whole)]).enumerate() {
        let row = index + 1;
        last = row;
        let look = |text: String| match name {
            Some(_) => RichText::new(text).size(text_size),
            None => theme::strong(text).size(text_size),
        };
        match name {
            Some(name) => {
                let (colour, name, explanation) = phase(takeover, name);
                let rect = cells.rect(row, 0);
                child_ui(ui, rect, &format!("phase {row}"), |ui| {
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        ui.spacing_mut().item_spacing.x = 6.0;
                        phases::square_ui(ui, colour);
                        ui.add(Label::new(look(name.to_owned())).truncate())
                            .on_hover_text(explanation);
                    });
                });
            }
            None => cells.text(
                ui,
                (row, 0),
                look("Whole".to_owned()),
                "From the fault until everything goes on",
            ),
        }
        let [left, right] = took;
        for (column, took) in [(1, left), (2, right)] {
            let text = took.map_or_else(|| "\u{2013}".to_owned(), words::duration);
            cells.text(ui, (row, column), look(text), "");
        }
        let (Some(left), Some(right)) = (left, right) else {
            continue;
        };
        let difference = Offset::of(
            feed::Timestamp::from_micros(feed::microseconds(right)),
            feed::Timestamp::from_micros(feed::microseconds(left)),
        );
        cells.text(ui, (row, 3), look(offset::in_words(difference)), "");
        if let Some(ratio) = headline::ratio(left.as_secs_f64(), right.as_secs_f64()) {
            let text = format!("\u{d7} {}", headline::times(ratio));
            let decides = ratio >= 2.0;
            let text = if decides {
                look(text).color(theme.fault)
            } else {
                look(text)
            };
            cells.text(ui, (row, 4), text, "");
        }
    }
    cells.line(ui, last);
}

/// Draws the figures over the same time of both recordings.
fn figures_ui(ui: &mut Ui, area: Rect, sides: &[Side<'_>; 2], figures: Option<&Figures>, with_title: bool) {
    let theme = Theme::of(ui);
    let text_size = theme::legible(ui, size::LABEL);
    let area = Rect::from_min_max(pos2(area.left(), area.top() + 2.0), area.max);
    let width = if with_title {
        area.width()
    } else {
        area.width().min(FIGURES_MOST)
    };
    let left = area.left() + width + SPACE_LARGE;
    let bars = Rect::from_x_y_ranges(left..=area.right().min(left + PAIRS_MOST), area.y_range());
    let area = Rect::from_min_size(area.min, vec2(width, area.height()));
    let cells = Cells::new(area, row_height(ui), 2);
    let Some(figures) = figures else {
        if with_title {
            let hint = "There are figures once both recordings have begun and the cursor is there.";
            cells.text(ui, (0, 0), theme.remark("No figures yet"), hint);
        }
        return;
    };
    let title = format!("Over the same {}", offset::length(figures.span));
    let hint = "The time that both recordings have in common, up to the cursor";
    cells.text(ui, (0, 0), theme.remark(title), hint);
    for (index, side) in sides.iter().enumerate() {
        let text = theme.remark(side.name.as_ref());
        cells.text(ui, (0, index + 1), text, &side.name);
    }
    cells.line(ui, 1);
    let rows = ((area.height() / row_height(ui)) as usize).saturating_sub(1);
    for (index, figure) in figures.all.iter().take(rows).enumerate() {
        let row = index + 1;
        let name = RichText::new(figure.name).size(text_size);
        cells.text(ui, (row, 0), name, figure.explanation);
        for side in 0..2 {
            let text = figure.in_words(side);
            let text = if figure.better() == Some(side) {
                theme::strong(format!("\u{2713} {text}"))
                    .size(text_size)
                    .color(theme.good)
            } else {
                RichText::new(text).size(text_size)
            };
            cells.text(ui, (row, side + 1), text, "");
        }
        if bars.width() > BARS_LEAST {
            let rect = Rect::from_x_y_ranges(bars.x_range(), cells.rect(row, 0).y_range());
            paint_pair(ui, rect, figure);
        }
    }
}

/// Draws the values of a figure as two bars to one scale, that of the left recording above.
fn paint_pair(ui: &Ui, rect: Rect, figure: &Figure) {
    let theme = Theme::of(ui);
    let most = figure.values.iter().flatten().copied().fold(0.0, f64::max);
    let height = (rect.height() - 5.0) / 2.0;
    for (side, value) in figure.values.iter().enumerate() {
        let Some(value) = value.filter(|_| most > 0.0) else {
            continue;
        };
        let colour = match figure.better() {
            Some(better) if better == side => theme.good,
            _ => theme::fade(theme.frame, 0.6),
        };
        let top = rect.top() + 2.0 + (height + 1.0) * side as f32;
        let width = (f64::from(rect.width()) * value / most) as f32;
        let bar = Rect::from_min_size(pos2(rect.left(), top), vec2(width.max(1.0), height));
        ui.painter().rect_filled(bar, 2.0, colour);
    }
}
