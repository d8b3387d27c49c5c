//! What a chart can be drawn on.

use crate::{Pos, TextStyle};

/// A colour: red, green, blue, and how opaque it is.
pub(crate) type Colour = [u8; 4];

/// How a line is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stroke {
    /// In points.
    pub(crate) width: f32,
    pub(crate) colour: Colour,
    /// The lengths of dashes and of the room between, in points; none if the line is solid.
    pub(crate) dashes: Vec<f32>,
}

impl Stroke {
    pub(crate) const fn solid(width: f32, colour: Colour) -> Self {
        Self {
            width,
            colour,
            dashes: Vec::new(),
        }
    }

    pub(crate) fn dashed(width: f32, colour: Colour, dashes: &[f32]) -> Self {
        Self {
            width,
            colour,
            dashes: dashes.to_vec(),
        }
    }
}

/// Which part of a text lies at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Start,
    Middle,
    End,
}

/// How a text is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Look {
    pub(crate) colour: Colour,
    pub(crate) align: Align,
    /// In radians, clockwise.
    pub(crate) angle: f32,
    /// The colour around the text that keeps it legible upon lines.
    pub(crate) halo: Option<Colour>,
    /// The width that the layout gave the text; otherwise it is measured.
    pub(crate) width: Option<f32>,
}

impl Look {
    pub(crate) const fn new(colour: Colour) -> Self {
        Self {
            colour,
            align: Align::Start,
            angle: 0.0,
            halo: None,
            width: None,
        }
    }

    pub(crate) const fn align(self, align: Align) -> Self {
        Self { align, ..self }
    }

    pub(crate) const fn halo(self, colour: Colour) -> Self {
        Self {
            halo: Some(colour),
            ..self
        }
    }

    pub(crate) const fn turned(self, angle: f32) -> Self {
        Self { angle, ..self }
    }

    pub(crate) const fn fitted(self, width: f32) -> Self {
        Self {
            width: Some(width),
            ..self
        }
    }
}

/// How far the baseline of a text lies below its middle, in sizes of the font.
pub(crate) const BASELINE: f32 = 0.35;

/// Something to draw on. Coordinates are points of the chart.
pub(crate) trait Canvas {
    fn polygon(&mut self, points: &[Pos], fill: Colour, outline: Option<&Stroke>);

    fn polyline(&mut self, points: &[Pos], stroke: &Stroke);

    fn circle(&mut self, centre: Pos, radius: f32, fill: Colour, outline: Option<&Stroke>);

    /// Sets a text with its place at half its height.
    fn text(&mut self, text: &str, place: Pos, style: TextStyle, look: &Look);

    /// Begins a part of the chart: of it, `height` from y `top` on is shown, at `offset` below the top of the picture.
    /// If it is not the whole, what reaches beyond it is cut off.
    fn begin_part(&mut self, top: f32, height: f32, offset: f32, whole: bool);

    /// Ends the part that was begun.
    fn end_part(&mut self);
}
