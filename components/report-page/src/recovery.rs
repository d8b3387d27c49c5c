//! Failovers and takeovers.

use ladder::Content;

/// Failovers or takeovers of a demonstration, as far as they are shown.
#[derive(Debug, Clone, Default)]
pub struct Recoveries {
    /// The heading, such as "Failovers".
    pub heading: String,
    /// How many there were, and which of them are shown, in a sentence.
    pub note: String,
    /// Those that are shown.
    pub shown: Vec<Recovery>,
}

/// A failover or takeover.
#[derive(Debug, Clone, Default)]
pub struct Recovery {
    /// What happened, in a sentence.
    pub title: String,
    /// Which one of several it is, and why it is shown; it may be empty.
    pub which: String,
    /// Its phases in order.
    pub phases: Vec<Phase>,
    /// From its beginning to its end, in words.
    pub whole: String,
    /// Its sequence chart; none if the messages are not known.
    pub chart: Option<Content>,
    /// What is to be known about the chart, in a sentence; it may be empty.
    pub note: String,
}

/// A phase of a failover or takeover.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Phase {
    /// Its name.
    pub name: String,
    /// Its duration in milliseconds.
    pub ms: f64,
    /// The same in words.
    pub took: String,
}
