//! The font of exports: that of the window, which does not depend on what is installed.

use std::sync::OnceLock;

use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};
use vello_cpu::peniko::{Blob, FontData};

use crate::TextStyle;

/// The fonts in which a character is looked for, in order.
const FONTS: [&[u8]; 2] = [
    epaint_default_fonts::UBUNTU_LIGHT,
    epaint_default_fonts::HACK_REGULAR,
];

/// A character with its font, by index, its glyph there, and its x, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placed {
    pub(crate) font: usize,
    pub(crate) glyph: u32,
    pub(crate) x: f32,
}

/// Returns the width in points of a text in exports. It is a measure for [`Layout::new`](crate::Layout::new).
#[must_use]
pub fn measure(text: &str, style: TextStyle) -> f32 {
    let (_, width) = set(text, style.size());
    // Bold is drawn as an outline around the glyphs.
    if style.is_bold() { width * 1.02 } else { width }
}

/// A font as it is measured.
struct Face {
    glyphs: Charmap<'static>,
    /// In units of the font.
    metrics: GlyphMetrics<'static>,
    units_per_size: f32,
}

fn faces() -> &'static [Face] {
    static PARSED: OnceLock<Vec<Face>> = OnceLock::new();
    let face = |font: &&'static [u8]| {
        let font = FontRef::new(font).ok()?;
        let location = LocationRef::default();
        let units = font.metrics(Size::unscaled(), location).units_per_em;
        Some(Face {
            glyphs: font.charmap(),
            metrics: font.glyph_metrics(Size::unscaled(), location),
            units_per_size: f32::from(units.max(1)),
        })
    };
    PARSED.get_or_init(|| FONTS.iter().filter_map(face).collect())
}

/// Sets a line of text from x 0, and returns its width.
pub(crate) fn set(text: &str, size: f32) -> (Vec<Placed>, f32) {
    let faces = faces();
    let mut x = 0.0;
    let mut placed = Vec::new();
    for character in text.chars() {
        let known = |(font, face): (usize, &Face)| Some((font, face.glyphs.map(character)?));
        // The glyph 0 of a font is the one for unknown characters.
        let (font, glyph) = faces.iter().enumerate().find_map(known).unwrap_or_default();
        placed.push(Placed {
            font,
            glyph: glyph.to_u32(),
            x,
        });
        let advance = faces.get(font).and_then(|face| {
            let units = face.metrics.advance_width(glyph)?;
            Some(units / face.units_per_size * size)
        });
        x += advance.unwrap_or(size / 2.0);
    }
    (placed, x)
}

/// Returns the fonts to draw with, in the order of their indices.
pub(crate) fn fonts() -> &'static [FontData] {
    static LOADED: OnceLock<Vec<FontData>> = OnceLock::new();
    LOADED.get_or_init(|| {
        let load = |font: &&'static [u8]| FontData::new(Blob::new(std::sync::Arc::new(*font)), 0);
        FONTS.iter().map(load).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_texts_are_wider_in_any_writing() {
        for text in ["ASAP_HANDLE_RESOLUTION", "23 × FGP_DATA", "Ω → 中文 🙂"] {
            let short: String = text.chars().take(3).collect();
            assert!(
                measure(text, TextStyle::Label) > measure(&short, TextStyle::Label),
                "{text}"
            );
            assert!(
                measure(text, TextStyle::Title) > measure(text, TextStyle::Small),
                "{text}"
            );
        }
        assert_eq!(measure("", TextStyle::Label), 0.0);
    }
}
