//! The graph's own dimensions, in points at its natural size: what several of its parts have in common. What one part
//! alone needs is with that part. Colours are the theme's, and so are the sizes of text that is as large in other views.

use std::ops::RangeInclusive;

/// Within which limits the thickness of lines follows the magnification.
pub(super) const LINE_SCALE: RangeInclusive<f32> = 0.6..=1.5;
/// The same for text, which has to stay readable.
pub(super) const TEXT_SCALE: RangeInclusive<f32> = 0.75..=1.4;
/// The same for messages on their way.
pub(super) const DOT_SCALE: RangeInclusive<f32> = 0.7..=1.6;
/// The same for marks on edges.
pub(super) const MARK_SCALE: RangeInclusive<f32> = 0.7..=1.4;

/// How clearly a node is seen while another one is chosen that it has nothing to do with.
pub(super) const OTHER_NODE: f32 = 0.28;
/// How clearly an edge is seen that joins the chosen node with others.
pub(super) const CHOSEN_EDGE: f32 = 1.25;
/// How clearly the other edges are seen meanwhile.
pub(super) const OTHER_EDGE: f32 = 0.22;
/// More edges than these are a crowd,
pub(super) const CROWD: usize = 40;
/// of which each is seen less clearly.
pub(super) const CROWDED_EDGE: f32 = 0.5;

/// Nodes with a smaller radius have smaller badges or none, and no details.
pub(super) const COMPACT: f32 = 13.0;
/// From this radius on a node has the mark of its home at its corner, otherwise after its name.
pub(super) const MARKED: f32 = 14.0;
/// Where a badge or mark is at the corner of a node, as a share of its radius.
pub(super) const CORNER: f32 = 0.82;

/// The radius of the badge of a link with something wrong.
pub(super) const FAULT_BADGE: f32 = 10.5;

/// The size of names where nodes have further lines,
pub(super) const NAME_TEXT: f32 = 14.5;
/// and where they have none;
pub(super) const SMALL_NAME_TEXT: f32 = 12.5;
/// of these further lines,
pub(super) const LINE_TEXT: f32 = 12.5;
/// and of the words at the badge of a link.
pub(super) const BADGE_TEXT: f32 = 12.5;

/// Around a node, where nothing is seen of the edges behind it.
pub(super) const GAP: f32 = 3.0;
/// By how much the halo of a node is larger than the node that the pointer or the focus is on.
pub(super) const HALO: f32 = 6.0;
/// The same for the chosen node.
pub(super) const CHOSEN_HALO: f32 = 7.0;

/// Around text that covers what is behind it.
pub(super) const TEXT_PADDING: egui::Vec2 = egui::Vec2::new(4.0, 1.0);
/// The corners of what covers it.
pub(super) const TEXT_CORNERS: f32 = 4.0;

/// The lines of an edge that only one end sees.
pub(super) const ONE_SIDED: Dashes = Dashes::new(3.0, 7.0);
/// Those of an edge without an association.
pub(super) const ABSENT: Dashes = Dashes::new(1.5, 6.0);
/// Those of an edge with a silent end.
pub(super) const DOUBTFUL: Dashes = Dashes::new(8.0, 6.0);
/// Those between registrars.
pub(super) const BETWEEN_REGISTRARS: Dashes = Dashes::new(9.0, 3.5);

/// The pattern of a dashed line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dashes {
    /// The length of a dash.
    pub(super) dash: f32,
    /// What is between two.
    pub(super) gap: f32,
}

impl Dashes {
    /// A pattern of dashes and gaps of these lengths.
    #[must_use]
    pub(super) const fn new(dash: f32, gap: f32) -> Self {
        Self { dash, gap }
    }

    /// A line along these points.
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
