//! The report of a demonstration as one HTML page: what was expected and what came true, sequence charts of failovers and
//! takeovers, curves, and tables of what was measured.
//!
//! [`Page`] says what is on it, and [`Page::to_html`] writes it. The page refers to nothing outside but the files beside it,
//! and needs no script. It is legible on light and dark screens, on paper, and to who hears it. Whatever the texts contain,
//! they stay texts.
//!
//! This crate measures nothing, chooses nothing and has no I/O: it is given what is to be shown.

mod axis;
mod curves;
mod numbers;
mod page;
mod plot;
mod recovery;
mod sections;
#[cfg(test)]
mod tests;

pub use curves::{Band, BandKind, Curves, Line, Mark, Panel};
pub use page::{Expectation, File, Page, Table, Verdict};
pub use recovery::{Phase, Recoveries, Recovery};
