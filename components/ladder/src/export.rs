//! Charts as files: SVG documents and PNG pictures, whole or in pages.

mod fonts;
mod raster;
mod sheet;
mod vector;

pub use fonts::measure;
pub use sheet::{Page, pages};

use crate::Layout;
use crate::drawing::Palette;
pub use crate::drawing::Theme;

/// How a chart is exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// On what it is read.
    pub theme: Theme,
    /// What the ids in the SVG document begin with, so that several can stand in the same HTML page. Characters other
    /// than ASCII letters, digits, hyphens and underscores are left out.
    pub prefix: String,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            theme: Theme::Paper,
            prefix: "ladder".into(),
        }
    }
}

/// The largest width and height of a PNG picture, in pixels.
pub const LARGEST_SIDE: u32 = 16_384;
/// The most pixels of a PNG picture.
pub const MOST_PIXELS: u64 = 1 << 26;

/// The error for a picture that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// It would be too large.
    #[error(
        "the picture would have {width} × {height} pixels, and at most {LARGEST_SIDE} in a direction and {MOST_PIXELS} \\
         in all can be drawn: choose a smaller scale, divide the chart into pages, or export it as SVG"
    )]
    TooLarge {
        /// Its width, in pixels.
        width: u64,
        /// Its height, in pixels.
        height: u64,
    },
    /// The scale is not a positive number.
    #[error("a picture cannot be drawn at the scale {0}")]
    Scale(String),
    /// It could not be written as PNG.
    #[error("the picture cannot be written: {0}")]
    Encoding(String),
}

/// Draws a chart as an SVG document, of any height. A chart to be exported is best laid out with [`measure`].
///
/// The document can stand alone or in an HTML page, refers to nothing outside, and sets its texts in whatever sans-serif
/// font its reader has, each as wide as the layout has room for it.
#[must_use]
pub fn svg(layout: &Layout, style: &Style) -> String {
    svg_page(layout, style, &Page::whole(layout))
}

/// Draws a page of a chart as an SVG document, as [`svg`] does.
#[must_use]
pub fn svg_page(layout: &Layout, style: &Style, page: &Page) -> String {
    let sheet = sheet::Sheet::new(layout, page);
    let mut document = vector::Document::new();
    sheet.draw(&Palette::of(style.theme), &mut document);
    document.finish(&sheet, style)
}

/// Draws a chart as a PNG picture, with `scale` pixels for each point.
///
/// # Errors
/// Returns an error if the picture would be too large or the scale makes no sense.
pub fn png(layout: &Layout, style: &Style, scale: f32) -> Result<Vec<u8>, ExportError> {
    png_page(layout, style, scale, &Page::whole(layout))
}

/// Draws a page of a chart as a PNG picture, with `scale` pixels for each point.
///
/// # Errors
/// Returns an error if the picture would be too large or the scale makes no sense.
pub fn png_page(layout: &Layout, style: &Style, scale: f32, page: &Page) -> Result<Vec<u8>, ExportError> {
    let sheet = sheet::Sheet::new(layout, page);
    let palette = Palette::of(style.theme);
    let mut picture = raster::Picture::new(sheet.width(), sheet.height(), scale)?;
    sheet.draw(&palette, &mut picture);
    picture.finish()
}
