//! Load and work over time.

/// Curves over the same time, in one figure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curves {
    /// What the figure is.
    pub title: String,
    /// The length of the time shown, in seconds.
    pub seconds: f64,
    /// The panels, from top to bottom.
    pub panels: Vec<Panel>,
    /// What happened for a while.
    pub bands: Vec<Band>,
    /// What happened at a moment.
    pub marks: Vec<Mark>,
}

/// Curves with the same unit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Panel {
    /// What they show, with the unit.
    pub title: String,
    /// The curves.
    pub lines: Vec<Line>,
    /// The end of the vertical axis, if it is not chosen by what there is to see.
    pub most: Option<f64>,
}

/// A curve.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// Whose it is.
    pub name: String,
    /// The index of its look: lines differ in their colours and in their dashes. None for the sum of others, which lies
    /// behind them.
    pub look: Option<usize>,
    /// Values at times in seconds; none where there was nothing to measure.
    pub points: Vec<(f64, Option<f64>)>,
}

/// Something that lasted, drawn across all panels.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// When it began, in seconds.
    pub from: f64,
    /// When it ended, in seconds.
    pub to: f64,
    /// What it was.
    pub kind: BandKind,
    /// What it was, in words.
    pub text: String,
}

/// What lasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BandKind {
    /// A session failed over.
    Failover,
    /// A registrar took over.
    Takeover,
    /// A fault that lasted.
    Fault,
}

/// A moment, drawn across all panels, with a number and its text below the figure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mark {
    /// When it was, in seconds.
    pub at: f64,
    /// When it was, in words.
    pub when: String,
    /// Whether it is a fault.
    pub is_fault: bool,
    /// What happened.
    pub text: String,
}

impl BandKind {
    /// All kinds, in the order of legends.
    pub const ALL: [Self; 3] = [Self::Fault, Self::Failover, Self::Takeover];

    /// Returns the word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Failover => "failover",
            Self::Takeover => "takeover",
            Self::Fault => "fault that lasted",
        }
    }

    /// Returns the name of its class in the style sheet.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Failover => "band failover",
            Self::Takeover => "band takeover",
            Self::Fault => "band fault",
        }
    }
}
