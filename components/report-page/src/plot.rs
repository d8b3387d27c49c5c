//! Curves as an SVG element of an HTML page: its colours are in the page's style sheet, for screens and for paper.

use std::fmt::Write as _;

use maud::{Markup, html};

use crate::axis::Axis;
use crate::numbers::{Coordinate, short};
use crate::{Band, BandKind, Curves, Line, Mark, Panel};

/// The size of a figure in units of its own, of which a character is about seven wide.
const WIDTH: f64 = 960.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 178.0;
const TOP: f64 = 26.0;
const PANEL: f64 = 168.0;
const TITLE: f64 = 26.0;
const BETWEEN: f64 = 22.0;
const BOTTOM: f64 = 44.0;
/// The height of a line of the legend, and the length of a sample.
const ROW: f64 = 18.0;
const SAMPLE: f64 = 26.0;
/// What is shorter than this could not be seen.
const NARROWEST: f64 = 2.0;
/// The distance of two numbers at least, so that both can be read.
const APART: f64 = 18.0;

/// The looks of lines: dashes, as lengths of strokes and gaps. There are seven colours, so that both together begin again
/// only after 42 lines.
const DASHES: [&str; 6] = ["", "7 3", "2 3", "10 3 2 3", "14 4", "5 2 1 2 1 2"];
const COLOURS: usize = 7;

impl Curves {
    /// The most lines of a panel that can be told apart, and marks that are told in words.
    pub const LINES: usize = 8;
    /// The most marks that are numbered and told in words.
    pub const MARKS: usize = 20;
    /// The most marks and bands that are drawn.
    const DRAWN: usize = 1_000;
}

/// Draws a figure; `id` is its own on the page.
pub(crate) fn figure(curves: &Curves, id: &str) -> Markup {
    let time = Axis::exactly(curves.seconds, 8.0);
    let height = TOP + curves.panels.len() as f64 * (TITLE + PANEL + BETWEEN) - BETWEEN + BOTTOM;
    let x = |at: f64| LEFT + (at / time.end).clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT);
    let bottom = height - BOTTOM;
    let description = description(curves);
    html! {
        svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" viewBox=(format!("0 0 {WIDTH} {height}"))
            aria-labelledby={ (id) "-title " (id) "-desc" } {
            title id={ (id) "-title" } { (curves.title) }
            desc id={ (id) "-desc" } { (description) }
            @for band in curves.bands.iter().take(Curves::DRAWN) { (self::band(band, x, bottom)) }
            @for (number, panel) in curves.panels.iter().enumerate() {
                (self::panel(panel, TOP + number as f64 * (TITLE + PANEL + BETWEEN), x, time))
            }
            (marks(&curves.marks, x, bottom))
            @for tick in time.ticks() {
                line class="axis" x1=(Coordinate(x(tick))) x2=(Coordinate(x(tick)))
                    y1=(Coordinate(bottom)) y2=(Coordinate(bottom + 4.0)) {}
                text class="tick" x=(Coordinate(x(tick))) y=(Coordinate(bottom + 17.0)) text-anchor="middle" {
                    (short(tick))
                }
            }
            text class="tick" x=(Coordinate(x(time.end))) y=(Coordinate(bottom + 34.0)) text-anchor="end" {
                "seconds since the beginning"
            }
            (legend_of_bands(curves, bottom))
        }
    }
}

fn description(curves: &Curves) -> String {
    let mut text = format!("Curves over {} seconds.", short(curves.seconds));
    for panel in &curves.panels {
        let names: Vec<&str> = panel.lines.iter().map(|line| line.name.as_str()).collect();
        _ = write!(text, " {}: {}.", panel.title, names.join(", "));
    }
    text
}

fn band(band: &Band, x: impl Fn(f64) -> f64, bottom: f64) -> Markup {
    let (from, to) = (x(band.from), x(band.to));
    let width = (to - from).max(NARROWEST);
    html! {
        rect class=(band.kind.class()) x=(Coordinate(from)) y=(Coordinate(TOP)) width=(Coordinate(width))
            height=(Coordinate(bottom - TOP)) { title { (band.text) } }
    }
}

/// Draws the moments as lines with numbers at their tops, as far as there is room for those.
fn marks(marks: &[Mark], x: impl Fn(f64) -> f64, bottom: f64) -> Markup {
    let mut free = f64::MIN;
    let drawn = (1..).zip(marks).take(Curves::DRAWN).map(|(number, mark)| {
        let at = x(mark.at);
        let is_numbered = number <= Curves::MARKS && at >= free;
        if is_numbered {
            free = at + APART;
        }
        (at, mark, is_numbered.then_some(number))
    });
    html! {
        @for (at, mark, number) in drawn {
            line class=(if mark.is_fault { "mark fault" } else { "mark" }) x1=(Coordinate(at)) x2=(Coordinate(at))
                y1=(Coordinate(TOP - 6.0)) y2=(Coordinate(bottom)) { title { (mark.when) ": " (mark.text) } }
            @if let Some(number) = number {
                text class="number" x=(Coordinate(at)) y=(Coordinate(TOP - 11.0)) text-anchor="middle" { (number) }
            }
        }
    }
}

fn panel(panel: &Panel, top: f64, x: impl Fn(f64) -> f64 + Copy, time: Axis) -> Markup {
    let values = panel.lines.iter().flat_map(|line| &line.points);
    let most = values.filter_map(|(_, value)| *value).fold(0.0, f64::max);
    let axis = match panel.most {
        Some(most) => Axis::exactly(most, 5.0),
        None => Axis::beyond(most, 5.0),
    };
    let (ceiling, floor) = (top + TITLE, top + TITLE + PANEL);
    let y = |value: f64| floor - (value / axis.end).clamp(0.0, 1.0) * PANEL;
    let (left, right) = (x(0.0), x(time.end));
    html! {
        text class="head" x=(Coordinate(left)) y=(Coordinate(top + 17.0)) { (panel.title) }
        @for tick in axis.ticks() {
            line class=(if tick > 0.0 { "grid" } else { "axis" }) x1=(Coordinate(left)) x2=(Coordinate(right))
                y1=(Coordinate(y(tick))) y2=(Coordinate(y(tick))) {}
            text class="tick" x=(Coordinate(left - 8.0)) y=(Coordinate(y(tick) + 4.0)) text-anchor="end" { (short(tick)) }
        }
        @for line in panel.lines.iter().take(Curves::LINES) {
            path class=(class(line)) d=(path(line, x, y)) stroke-dasharray=[dashes(line)] {}
        }
        @for (row, line) in panel.lines.iter().take(Curves::LINES).enumerate() {
            @let middle = ceiling + 6.0 + row as f64 * ROW;
            line class=(class(line)) x1=(Coordinate(right + 14.0))
                x2=(Coordinate(right + 14.0 + SAMPLE)) y1=(Coordinate(middle)) y2=(Coordinate(middle))
                stroke-dasharray=[dashes(line)] {}
            text class="name" x=(Coordinate(right + 20.0 + SAMPLE)) y=(Coordinate(middle + 4.0)) {
                (shortened(&line.name))
            }
        }
        @if panel.lines.len() > Curves::LINES {
            text class="tick" x=(Coordinate(right + 14.0))
                y=(Coordinate(ceiling + 10.0 + Curves::LINES as f64 * ROW)) {
                "and " (panel.lines.len() - Curves::LINES) " more"
            }
        }
    }
}

/// Returns the class of a line in the style sheet.
fn class(line: &Line) -> String {
    match line.look {
        Some(look) => format!("line c{}", look % COLOURS),
        None => "line sum".to_owned(),
    }
}

/// Returns the dashes of a line; none if it is solid.
fn dashes(line: &Line) -> Option<&'static str> {
    DASHES
        .get(line.look? % DASHES.len())
        .copied()
        .filter(|dashes| !dashes.is_empty())
}

/// Returns the path of a line, which is interrupted where there is no value.
fn path(line: &Line, x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) -> String {
    let mut path = String::new();
    let mut command = 'M';
    for (at, value) in &line.points {
        let Some(value) = value.filter(|value| value.is_finite()) else {
            command = 'M';
            continue;
        };
        _ = write!(path, "{command}{} {}", Coordinate(x(*at)), Coordinate(y(value)));
        command = 'L';
    }
    path
}

/// Shortens a name to what there is room for.
fn shortened(name: &str) -> String {
    const MOST: usize = 17;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    name.chars().take(MOST - 1).chain(['…']).collect()
}

fn legend_of_bands(curves: &Curves, bottom: f64) -> Markup {
    let kinds = BandKind::ALL.into_iter();
    let kinds: Vec<BandKind> = kinds
        .filter(|kind| curves.bands.iter().any(|band| band.kind == *kind))
        .collect();
    let y = bottom + 24.0;
    html! {
        @for (place, kind) in kinds.iter().enumerate() {
            @let x = LEFT + place as f64 * 150.0;
            rect class=(kind.class()) x=(Coordinate(x)) y=(Coordinate(y)) width="14" height="11" {}
            text class="tick" x=(Coordinate(x + 20.0)) y=(Coordinate(y + 10.0)) { (kind.word()) }
        }
    }
}
