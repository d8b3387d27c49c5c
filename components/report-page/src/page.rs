//! What is on the page.

use crate::{Curves, Recoveries, sections};

/// The report of a demonstration.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The name of the scenario.
    pub scenario: String,
    /// What there is to see in it; it may be empty.
    pub description: String,
    /// What came of it.
    pub verdict: Verdict,
    /// Where and how it took place, as names and values.
    pub circumstances: Vec<(String, String)>,
    /// What was expected.
    pub expectations: Vec<Expectation>,
    /// What went wrong, in sentences.
    pub problems: Vec<String>,
    /// Failovers and takeovers, each with its chart.
    pub recoveries: Vec<Recoveries>,
    /// Load and work over time.
    pub curves: Vec<Curves>,
    /// What is to be known about the curves as a whole, in a sentence; it may be empty.
    pub curves_note: String,
    /// What was measured.
    pub tables: Vec<Table>,
    /// The files beside the page.
    pub files: Vec<File>,
}

/// What came of a demonstration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether everything was as expected.
    pub met: bool,
    /// The same in a few words.
    pub words: String,
    /// More about it, such as how many expectations were met; it may be empty.
    pub details: String,
}

/// What was expected, and what came of it: once, or each time that it was expected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expectation {
    /// The step of the story.
    pub step: String,
    /// What was expected, in words.
    pub expected: String,
    /// What was measured, in words.
    pub measured: String,
    /// How often it was met.
    pub met: usize,
    /// How often it was expected.
    pub of: usize,
    /// What did not hold, in words.
    pub missing: Vec<String>,
}

/// A table. The first column names what a row is about, and the others are figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// What it is.
    pub caption: String,
    /// The heads of the columns.
    pub head: Vec<String>,
    /// The rows, each with as many cells as there are columns.
    pub rows: Vec<Vec<String>>,
    /// Whether the last column is a text rather than a figure.
    pub ends_with_text: bool,
    /// What is to be known about it; it may be empty.
    pub note: String,
}

/// A file beside the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: String,
    /// What is in it.
    pub what: String,
}

impl Expectation {
    /// Returns whether it was met each time.
    #[must_use]
    pub const fn is_met(&self) -> bool {
        self.met == self.of
    }
}

impl Page {
    /// Writes the page as an HTML document.
    #[must_use]
    pub fn to_html(&self) -> String {
        sections::document(self).into_string()
    }
}
