//! Text in the window's fonts.

use std::sync::Arc;

use egui::text::{LayoutJob, TextWrapping};
use egui::{Color32, FontDefinitions, FontFamily, FontId, Galley, Painter, RichText, TextStyle};

use super::size;

/// The text style of figures that must be legible from the back of a room.
pub(super) const FIGURE: &str = "figure";
/// The font family of names and headings.
const STRONG: &str = "strong";

/// Returns the font family of names and headings.
#[must_use]
pub fn strong_family() -> FontFamily {
    FontFamily::Name(STRONG.into())
}

/// Returns text for a name or a heading.
#[must_use]
pub fn strong(text: impl Into<String>) -> RichText {
    RichText::new(text).family(strong_family())
}

/// Returns text for the title of a dialog, an inspector or another part of the window.
#[must_use]
pub fn title(text: impl Into<String>) -> RichText {
    strong(text).size(size::TITLE)
}

/// Returns text in the small size.
#[must_use]
pub fn small(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Small)
}

/// Returns text in the figure size.
#[must_use]
pub fn figure(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Name(FIGURE.into()))
}

/// Returns this size of text, or that of the smallest text in this part of the window: an audience needs larger text.
#[must_use]
pub fn legible(ui: &egui::Ui, size: f32) -> f32 {
    let smallest = ui.style().text_styles.get(&TextStyle::Small);
    smallest.map_or(size, |smallest| size.max(smallest.size))
}

/// Returns the font of names in drawings.
#[must_use]
pub fn strong_font(size: f32) -> FontId {
    FontId::new(size, strong_family())
}

/// Returns the font of other text in drawings.
#[must_use]
pub fn plain_font(size: f32) -> FontId {
    FontId::proportional(size)
}

/// Lays out a single line that is cut at this width, with an ellipsis.
#[must_use]
pub fn elided(painter: &Painter, text: &str, font: FontId, colour: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, colour);
    job.wrap = TextWrapping::truncate_at_width(width.max(1.0));
    painter.layout_job(job)
}

/// Returns the fonts of the window: its own, with those of egui as a fallback.
pub(super) fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let files: [(&str, &'static [u8]); 2] = [
        (
            "Inter Regular",
            include_bytes!("../../../../assets/fonts/Inter-Regular.otf"),
        ),
        (
            "Inter SemiBold",
            include_bytes!("../../../../assets/fonts/Inter-SemiBold.otf"),
        ),
    ];
    for (name, bytes) in files {
        fonts
            .font_data
            .insert(name.to_owned(), egui::FontData::from_static(bytes).into());
    }
    let fallback = fonts
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    for (family, first) in [
        (FontFamily::Proportional, files[0].0),
        (strong_family(), files[1].0),
    ] {
        let mut names = vec![first.to_owned()];
        names.extend(fallback.iter().cloned());
        fonts.families.insert(family, names);
    }
    fonts
}
