//! The dimensions of the graph that depend on who looks: one person at a desk, or an audience in a room.

/// Dimensions in points at the graph's natural size.
#[derive(Debug, PartialEq)]
pub(super) struct Measures {
    /// The size of names where nodes have further lines.
    pub(super) name: f32,
    /// The growth of these names per step, the fewer nodes there are.
    pub(super) name_growth: f32,
    /// The size of names where nodes have no further lines.
    pub(super) small_name: f32,
    /// The size of the lines below a name.
    pub(super) line: f32,
    /// The maximum growth of text, in steps.
    pub(super) most_growth: f32,
    /// The size of the text at the badges of links, and of the headings.
    pub(super) badge: f32,
    /// Whether there is room for more than the necessary words.
    pub(super) is_wordy: bool,
    /// The size of the smallest text in and at nodes.
    pub(super) least: f32,
    /// The size of the legend's text, and the distance between the middles of its rows.
    pub(super) legend: f32,
    pub(super) legend_row: f32,
    /// The margins of the area that are kept free of nodes: for headings, for the legend, and at the sides.
    pub(super) top: f32,
    pub(super) bottom: f32,
    pub(super) side: f32,
    /// The share of the width that pool users and pool elements each get.
    pub(super) column: f32,
    /// The maximum width of text beside a node.
    pub(super) beside: f32,
    /// The minimum distance of rows before they are split into several columns.
    pub(super) closest_rows: f32,
    /// Where a role has several columns: the minimum width of each, and the minimum distance of rows.
    pub(super) narrowest_column: f32,
    pub(super) closest_rows_of_several: f32,
    /// Graphs narrower than this have the text below the nodes.
    pub(super) narrow: f32,
    /// Registrars with less room between the columns stand above each other.
    pub(super) narrow_between: f32,
}

/// For one person at a desk.
pub(super) static DESK: Measures = Measures {
    name: 14.5,
    name_growth: 2.5,
    small_name: 12.5,
    line: 12.5,
    most_growth: 1.6,
    badge: 12.5,
    is_wordy: true,
    least: 8.0,
    legend: 12.0,
    legend_row: 18.0,
    top: 54.0,
    bottom: 52.0,
    side: 18.0,
    column: 1.0 / 3.0,
    beside: 170.0,
    closest_rows: 50.0,
    narrowest_column: 84.0,
    closest_rows_of_several: 34.0,
    narrow: 860.0,
    narrow_between: 0.0,
};

/// For an audience: less of it, and everything larger. The whole window is magnified as well.
const ON_STAGE: Measures = Measures {
    name: 18.0,
    name_growth: 1.5,
    small_name: 15.5,
    line: 15.5,
    most_growth: 1.0,
    badge: 15.5,
    is_wordy: false,
    least: 15.0,
    legend: 15.0,
    legend_row: 21.0,
    top: 56.0,
    bottom: 56.0,
    side: 8.0,
    column: 0.37,
    beside: 150.0,
    closest_rows: 58.0,
    narrowest_column: 84.0,
    closest_rows_of_several: 30.0,
    narrow: 0.0,
    narrow_between: 240.0,
};

/// For an audience where there is little height: without a legend.
static LOW_STAGE: Measures = Measures {
    legend: 0.0,
    bottom: 10.0,
    ..ON_STAGE
};
/// For an audience.
pub(super) static STAGE: Measures = ON_STAGE;
/// The height from which there is room for a legend in front of an audience.
const HIGH: f32 = 250.0;

impl Measures {
    /// Returns the dimensions for an audience or for one person, in an area of this height.
    pub(super) fn of(stage: bool, height: f32) -> &'static Self {
        match stage {
            true if height < HIGH => &LOW_STAGE,
            true => &STAGE,
            false => &DESK,
        }
    }

    /// Returns whether there is a legend.
    pub(super) fn has_legend(&self) -> bool {
        self.legend > 0.0
    }

    /// Returns the height of this many lines of text beside a node, the first one its name, grown by a number of
    /// steps.
    pub(super) fn height_of(&self, lines: usize, growth: f32) -> f32 {
        /// The height of a line relative to the size of its text.
        const LINE_HEIGHT: f32 = 1.25;
        let name = self.name + self.name_growth * growth;
        let further = (self.line + growth) * lines.saturating_sub(1) as f32;
        (name + further) * LINE_HEIGHT
    }
}
