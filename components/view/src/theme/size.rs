//! The sizes of text, by what the text is for, and those of what stands beside it.
//!
//! A view asks for one of these by name, so that the same thing has the same size wherever it is, and so that the whole
//! scale can be seen and changed here.

use egui::Vec2;

/// The scale of an axis, and lines of a log where the column is narrow.
pub const CAPTION: f32 = 11.0;
/// Remarks and figures beside what they belong to.
pub const SMALL: f32 = 12.0;
/// Logs and bytes.
pub const MONOSPACE: f32 = 12.5;
/// Headings of sections, tabs, and rows of tables.
pub const LABEL: f32 = 13.0;
/// Everything that is read as a sentence, and words on buttons.
pub const BODY: f32 = 14.0;
/// The one line among others that is to be read first.
pub const LEAD: f32 = 15.0;
/// The least that can be read from the middle of a room.
pub const LEGIBLE: f32 = 16.0;
/// Headings, and outcomes in words where there could be a figure.
pub const HEADING: f32 = 17.0;
/// What is typed where nothing else is looked at, and what lies over a picture.
pub const LARGE: f32 = 18.0;
/// The title of a window's part, a dialog or an inspector.
pub const TITLE: f32 = 19.5;
/// The one large button.
pub const CALL: f32 = 21.0;
/// What stands where there is nothing else yet.
pub const EMPTY: f32 = 24.0;
/// Figures that are meant to be read from the back of a room.
pub const FIGURE: f32 = 26.0;
/// A sentence over the whole window.
pub const BANNER: f32 = 28.0;
/// What an audience is told, the largest first: the longer the texts of a scenario, the smaller.
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
/// From a button's edge to its word.
pub const BUTTON_PADDING: Vec2 = Vec2::new(10.0, 5.0);
/// The most that a tooltip is wide before its text wraps.
pub const TOOLTIP: f32 = 340.0;
