//! The sizes of text, by purpose, and the sizes of what is beside text.
//!
//! Views use these sizes by name, so that the same thing has the same size everywhere, and the whole scale can be
//! seen and changed here.

use egui::Vec2;

/// The scale of an axis, and log lines where the column is narrow.
pub const CAPTION: f32 = 11.0;
/// Remarks, and figures beside what they belong to.
pub const SMALL: f32 = 12.0;
/// Logs and bytes.
pub const MONOSPACE: f32 = 12.5;
/// Headings of sections, tabs, and rows of tables.
pub const LABEL: f32 = 13.0;
/// Sentences, and words on buttons.
pub const BODY: f32 = 14.0;
/// The one line among others that is to be read first.
pub const LEAD: f32 = 15.0;
/// The smallest text that is legible from the middle of a room.
pub const LEGIBLE: f32 = 16.0;
/// Headings, and outcomes in words in place of a figure.
pub const HEADING: f32 = 17.0;
/// Text input in the palette, and text over a picture.
pub const LARGE: f32 = 18.0;
/// The title of a part of the window, a dialog or an inspector.
pub const TITLE: f32 = 19.5;
/// The one large button.
pub const CALL: f32 = 21.0;
/// Text in an area that is empty so far.
pub const EMPTY: f32 = 24.0;
/// Figures that must be legible from the back of a room.
pub const FIGURE: f32 = 26.0;
/// A sentence across the whole window.
pub const BANNER: f32 = 28.0;
/// The narration, largest first: the longer the texts of a scenario, the smaller.
pub const NARRATION: [f32; 4] = [25.0, 22.5, 20.0, 18.0];

/// Side of an icon beside small text.
pub const ICON_SMALL: f32 = 12.0;
/// Side of an icon beside other text.
pub const ICON: f32 = 14.0;
/// Side of an icon that is to be noticed first.
pub const ICON_LARGE: f32 = 18.0;
/// Side of an icon button.
pub const ICON_BUTTON: f32 = 28.0;

/// Width of a field for a word or two.
pub const FIELD: f32 = 170.0;
/// Width of a field within a form in the left column.
pub const FIELD_NARROW: f32 = 130.0;
/// Width of a field for a path or a sentence.
pub const FIELD_WIDE: f32 = 440.0;
/// The padding between a button's edge and its word.
pub const BUTTON_PADDING: Vec2 = Vec2::new(10.0, 5.0);
/// The maximum width of a tooltip before its text wraps.
pub const TOOLTIP: f32 = 340.0;
