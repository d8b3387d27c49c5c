//! The sections of the page.

mod charts;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::{Curves, Expectation, File, Page, Table, Verdict, plot};

/// A table with so many rows is not torn apart on paper.
const SHORT: usize = 16;
const STYLE: &str = include_str!("style.css");

pub(crate) fn document(page: &Page) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.scenario) " – " (page.verdict.words) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header(page))
                main {
                    (expectations(page))
                    @for (number, recoveries) in page.recoveries.iter().enumerate() {
                        (charts::recoveries(recoveries, number))
                    }
                    (curves(page))
                    (tables(&page.tables))
                }
                (footer(page))
            }
        }
    }
}

fn header(page: &Page) -> Markup {
    html! {
        header {
            p.kind { "Poolscope · report of a demonstration" }
            h1 { (page.scenario) }
            @if !page.description.is_empty() { p.lead { (page.description) } }
            (verdict(&page.verdict))
            dl.circumstances {
                @for (name, value) in &page.circumstances {
                    div { dt { (name) } dd { (value) } }
                }
            }
        }
    }
}

fn verdict(verdict: &Verdict) -> Markup {
    html! {
        div class=(if verdict.met { "verdict met" } else { "verdict" }) {
            span.sign aria-hidden="true" { (sign(verdict.met)) }
            p {
                strong { (verdict.words) }
                @if !verdict.details.is_empty() { span { (verdict.details) } }
            }
        }
    }
}

const fn sign(met: bool) -> &'static str {
    if met { "✓" } else { "✗" }
}

fn expectations(page: &Page) -> Markup {
    html! {
        section {
            h2 { "What was expected, and what came true" }
            @if page.expectations.is_empty() {
                p { "Nothing was expected: the scenario has no expectations." }
            } @else {
                table.expectations {
                    caption { "Each expectation, with what was measured" }
                    thead { tr { th scope="col" { "met" } th scope="col" { "expected" } th scope="col" { "measured" } } }
                    tbody {
                        @for (step, group) in by_step(&page.expectations) {
                            tr.step { th scope="rowgroup" colspan="3" { (step) } }
                            @for expectation in group { (self::expectation(expectation)) }
                        }
                    }
                }
            }
            @if !page.problems.is_empty() {
                h3 { "What was not as expected" }
                ul.problems { @for problem in &page.problems { li { (problem) } } }
            }
        }
    }
}

/// Groups expectations that belong to the same step and follow each other.
fn by_step(expectations: &[Expectation]) -> impl Iterator<Item = (&str, &[Expectation])> {
    let groups = expectations.chunk_by(|one, other| one.step == other.step);
    groups.filter_map(|group| Some((group.first()?.step.as_str(), group)))
}

fn expectation(expectation: &Expectation) -> Markup {
    let met = expectation.is_met();
    html! {
        tr class=(if met { "met" } else { "unmet" }) {
            td.sign {
                span aria-hidden="true" { (sign(met)) }
                " "
                @if expectation.of == 1 { (if met { "met" } else { "not met" }) }
                @else { (expectation.met) " of " (expectation.of) }
            }
            td {
                (expectation.expected)
                @for missing in &expectation.missing { div.missing { (missing) } }
            }
            td { (expectation.measured) }
        }
    }
}

fn curves(page: &Page) -> Markup {
    html! {
        @if !page.curves.is_empty() {
            section {
                h2 { "Throughput and load over time" }
                @if !page.curves_note.is_empty() { p { (page.curves_note) } }
                @for (number, curves) in page.curves.iter().enumerate() { (curves_figure(curves, number)) }
            }
        }
    }
}

fn curves_figure(curves: &Curves, number: usize) -> Markup {
    let told = &curves.marks[..curves.marks.len().min(Curves::MARKS)];
    let more = curves.marks.len() - told.len();
    html! {
        figure.curves {
            figcaption { (curves.title) }
            (plot::figure(curves, &format!("curves-{number}")))
            @if !told.is_empty() {
                ol.marks { @for mark in told { li { span.when { (mark.when) } " " (mark.text) } } }
            }
            @if more > 0 { p.note { "And " (more) " more marks, which have no numbers." } }
        }
    }
}

fn tables(tables: &[Table]) -> Markup {
    html! {
        @if !tables.is_empty() {
            section {
                h2 { "What was measured" }
                @for table in tables { (self::table(table)) }
            }
        }
    }
}

fn table(table: &Table) -> Markup {
    html! {
        div.table.short[table.rows.len() <= SHORT] {
            table.text[table.ends_with_text] {
                caption { (table.caption) }
                thead { tr { @for head in &table.head { th scope="col" { (head) } } } }
                tbody {
                    @for row in &table.rows {
                        tr {
                            @for (column, cell) in row.iter().enumerate() {
                                @if column == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                            }
                        }
                    }
                }
            }
            @if !table.note.is_empty() { p.note { (table.note) } }
        }
    }
}

fn footer(page: &Page) -> Markup {
    let recording = page.files.iter().find(|file| file.name.contains(".pcapng"));
    html! {
        footer {
            h2 { "How this was measured" }
            p {
                "Every component is a process of its own, and reports what it did together with the time at which it did it. "
                "All times are of one clock of the host, which is never set. Nothing in this report was estimated or simulated. "
                "A failover counts from the injected fault – without one, or after a clean stop, from the last data – to the "
                "first data of the next pool element. A takeover counts from the fault, or without one from when the registrar "
                "was first suspected, until all of its pool elements have a new home registrar. Charts without a fault count "
                "from when the failure was detected, since nobody knows when it began. Median and 95 % are nearest ranks: "
                "values that were measured, not interpolated."
            }
            h3 { "What is inferred" }
            ul {
                li {
                    "A packet is recorded by its sender and by its receiver, each with its own time. That the two are the same "
                    "packet is concluded from its bytes; one that only its sender has recorded is drawn as if nobody knew whether it "
                    "arrived."
                }
                li { "Which event caused a message is concluded from who did what, in which order, how soon." }
                li {
                    "Curves are drawn from counters and levels that components report twice a second at most: what is shorter "
                    "than that has an effect on a curve, but cannot be seen in it."
                }
            }
            @if !page.files.is_empty() { (files(&page.files)) }
            @if let Some(recording) = recording {
                h3 { "How to look closer" }
                p {
                    "The recording holds every packet and everything that was known at any time. "
                    code { "poolscope replay " (recording.name) }
                    " shows it again, at any speed, without starting anything; "
                    code { "poolscope replay " (recording.name) " --headless --report again/" }
                    " makes this report anew. Wireshark and tshark open the same file: "
                    code { "tshark -r " (recording.name) " -Y asap" }
                    "."
                }
            }
        }
    }
}

fn files(files: &[File]) -> Markup {
    html! {
        h3 { "The files beside this page" }
        ul.files { @for file in files { li { a href={ "./" (file.name) } { (file.name) } " – " (file.what) } } }
    }
}
