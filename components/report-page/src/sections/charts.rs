//! Failovers and takeovers with their sequence charts.

use ladder::{Content, Layout, Options, Page, Style, Theme, measure, pages, svg_page};
use maud::{Markup, PreEscaped, html};

use crate::numbers::Coordinate;
use crate::{Phase, Recoveries, Recovery};

/// The height of a sheet by its width, so that it fits on paper with what stands above it.
const HEIGHT: f32 = 1.22;
/// So much more is squeezed onto one sheet, rather than to begin another one for it.
const SQUEEZED: f32 = 1.35;
/// The least width of a chart for that: a narrow one need not be enlarged.
const WIDTH: f32 = 640.0;
/// The length of the bar of phases, and the number of their looks.
const BAR: f64 = 1_000.0;
const LOOKS: usize = 5;

pub(crate) fn recoveries(recoveries: &Recoveries, section: usize) -> Markup {
    html! {
        section {
            h2 { (recoveries.heading) }
            @if !recoveries.note.is_empty() { p { (recoveries.note) } }
            @for (number, recovery) in recoveries.shown.iter().enumerate() {
                (self::recovery(recovery, &format!("recovery-{section}-{number}")))
            }
        }
    }
}

fn recovery(recovery: &Recovery, id: &str) -> Markup {
    html! {
        @let mut sheets = recovery.chart.iter().flat_map(|chart| sheets(chart, id));
        article {
            // What must not be torn apart on paper.
            div.together {
                h3 { (recovery.title) }
                @if !recovery.which.is_empty() { p.which { (recovery.which) } }
                @if !recovery.phases.is_empty() { (phases(recovery)) }
                @if let Some(sheet) = sheets.next() { figure.ladder { (sheet) } }
            }
            @for sheet in sheets { figure.ladder { (sheet) } }
            @if !recovery.note.is_empty() { p.note { (recovery.note) } }
        }
    }
}

/// Shows the phases as a bar whose parts are as long as they took, and as a table.
fn phases(recovery: &Recovery) -> Markup {
    let whole: f64 = recovery.phases.iter().map(length).sum();
    let share = |ms: f64| if whole > 0.0 { ms / whole * BAR } else { 0.0 };
    let bars = recovery.phases.iter().scan(0.0, |end, phase| {
        let from = *end;
        *end += length(phase);
        Some((share(from), share(length(phase))))
    });
    html! {
        svg xmlns="http://www.w3.org/2000/svg" class="phases" viewBox={ "0 0 " (BAR) " 10" } preserveAspectRatio="none"
            aria-hidden="true" {
            @for (place, (from, width)) in bars.enumerate() {
                rect class={ "p" (place % LOOKS) } x=(Coordinate(from)) y="0" width=(Coordinate(width)) height="10" {}
            }
        }
        table.phases {
            caption { "Its phases" }
            thead {
                tr {
                    @for (place, phase) in recovery.phases.iter().enumerate() {
                        th scope="col" { span class={ "key p" (place % LOOKS) } {} (phase.name) }
                    }
                    th scope="col" { "whole" }
                }
            }
            tbody {
                tr {
                    @for phase in &recovery.phases { td { (phase.took) } }
                    td.whole { (recovery.whole) }
                }
            }
        }
    }
}

fn length(phase: &Phase) -> f64 {
    if phase.ms.is_finite() {
        phase.ms.max(0.0)
    } else {
        0.0
    }
}

/// Draws a chart as SVG elements, each of which fits on a sheet of paper.
fn sheets(chart: &Content, id: &str) -> Vec<Markup> {
    let layout = Layout::new(chart, &Options::default(), &measure);
    let height = layout.width.max(WIDTH) * HEIGHT;
    let mut sheets = pages(&layout, height * SQUEEZED);
    if sheets.len() > 1 {
        sheets = pages(&layout, height);
    }
    let sheet = |page| {
        let Page { number, .. } = page;
        let style = Style {
            theme: Theme::Paper,
            prefix: format!("{id}-{number}"),
        };
        PreEscaped(svg_page(&layout, &style, &page))
    };
    sheets.into_iter().map(sheet).collect()
}
