//! The graph's own dimensions, in points at its natural size, as far as several parts of it share them. Dimensions of
//! a single part are defined with that part. Colours, and text sizes that other views share, are in the theme.

use std::ops::RangeInclusive;

/// The limits within which the thickness of lines follows the magnification.
pub(super) const LINE_SCALE: RangeInclusive<f32> = 0.6..=1.5;
/// The same for text, which has to stay readable.
pub(super) const TEXT_SCALE: RangeInclusive<f32> = 0.75..=1.4;
/// The same for messages in transit.
pub(super) const DOT_SCALE: RangeInclusive<f32> = 0.7..=1.6;
/// The same for marks on edges.
pub(super) const MARK_SCALE: RangeInclusive<f32> = 0.7..=1.4;

/// The strength of nodes that are unrelated to the selected one.
pub(super) const OTHER_NODE: f32 = 0.4;
/// The strength of edges of the selected node.
pub(super) const CHOSEN_EDGE: f32 = 1.25;
/// The strength of the other edges while a node is selected.
pub(super) const OTHER_EDGE: f32 = 0.22;
/// The maximum number of edges before they count as a crowd.
pub(super) const CROWD: usize = 40;
/// The number of edges from which those that only keep a pool user in touch with its registrar are left out, unless one
/// of their ends is selected.
pub(super) const MOB: usize = 120;
/// The strength of an edge in a crowd.
pub(super) const CROWDED_EDGE: f32 = 0.85;

/// Nodes with a smaller radius have smaller badges or none, and no details.
pub(super) const COMPACT: f32 = 13.0;
/// From this radius on, a node has the mark of its home registrar at its corner, otherwise after its name.
pub(super) const MARKED: f32 = 14.0;
/// The position of a badge or mark at the corner of a node, relative to the radius.
pub(super) const CORNER: f32 = 0.82;

/// The radius of the badge of a link with a fault.
pub(super) const FAULT_BADGE: f32 = 10.5;

/// The gap around a node that covers the edges behind it.
pub(super) const GAP: f32 = 3.0;
/// The width of the halo of the node that has the pointer or the focus.
pub(super) const HALO: f32 = 6.0;
/// The same for the selected node.
pub(super) const CHOSEN_HALO: f32 = 7.0;

/// The padding of the background of text.
pub(super) const TEXT_PADDING: egui::Vec2 = egui::Vec2::new(4.0, 1.0);
/// The corner radius of that background.
pub(super) const TEXT_CORNERS: f32 = 4.0;

/// The line of an edge that only one end sees.
pub(super) const ONE_SIDED: Dashes = Dashes::new(3.0, 7.0);
/// The line of an edge without an association.
pub(super) const ABSENT: Dashes = Dashes::new(1.5, 6.0);
/// The line of an edge with a silent end.
pub(super) const DOUBTFUL: Dashes = Dashes::new(8.0, 6.0);
/// The line of an edge between registrars.
pub(super) const BETWEEN_REGISTRARS: Dashes = Dashes::new(9.0, 3.5);

/// The pattern of a dashed line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dashes {
    /// The length of a dash.
    pub(super) dash: f32,
    /// The length of the gap between two dashes.
    pub(super) gap: f32,
}

impl Dashes {
    /// Creates a pattern with dashes and gaps of these lengths.
    #[must_use]
    pub(super) const fn new(dash: f32, gap: f32) -> Self {
        Self { dash, gap }
    }

    /// Returns a dashed line along these points.
    #[must_use]
    pub(super) fn line(
        self,
        points: &[egui::Pos2],
        stroke: impl Into<egui::Stroke>,
        scale: f32,
    ) -> Vec<egui::Shape> {
        egui::Shape::dashed_line(points, stroke, self.dash * scale, self.gap * scale)
    }
}
