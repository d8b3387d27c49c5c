//! The picture of a pool user as it arrives.

use std::ops::Range;

/// A picture: iteration counts, so that colours can change without computing, and who computed each pixel.
#[derive(Debug, Clone)]
pub struct Canvas {
    /// Counts the pool user's pictures.
    pub image: u32,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The value of pixels that never leave the circle.
    pub max_iterations: u32,
    /// Iteration counts in reading order; meaningless where `computed_by` is 0.
    pub iterations: Vec<u32>,
    /// Who computed each pixel: 0 nobody yet, else an index into `pool_elements` plus 1.
    pub computed_by: Vec<u8>,
    /// Identifiers of the pool elements that computed pixels of this picture, in order of appearance.
    pub pool_elements: Vec<u32>,
    /// Where a failover took over: first pixel (x, y) of the next pool element.
    pub marks: Vec<(u32, u32)>,
    /// Pixels that have arrived.
    pub done: u32,
    /// Whether the picture is complete, and how long it took, microseconds.
    pub completed: Option<u64>,
    /// Rows that changed since the view last took them.
    pub dirty: DirtyRows,
}

/// Rows that changed: the smallest range that holds them all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirtyRows(pub Option<Range<u32>>);
