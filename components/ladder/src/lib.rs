//! Sequence charts of protocol messages ("ladder charts"): life lines, arrows, events and the phases of a failover or
//! takeover, laid out on a squeezed time axis, and exported as SVG and PNG.
//!
//! [`Content`] says what happened. [`Layout`] says where everything lies, in points, with y running down, whatever
//! paints it: the window and the exports paint the same layout. It knows no colours, and of fonts only the widths of
//! texts, which the caller measures.
//!
//! The axis is monotone but not linear ([`Axis`]): a stretch in which nothing happens is shortened and says so, and a
//! dense moment is stretched until its arrows can be read. What the axis tells about distances, it tells in figures.

mod axis;
mod columns;
mod content;
mod drawing;
mod export;
mod folding;
mod geometry;
mod hit;
mod joins;
mod labels;
mod layout;
mod legs;
mod schedule;
mod shapes;
mod side;
mod text;
mod ticks;
mod time_text;

pub use axis::{Axis, Gap};
pub use content::{
    Arrow, Band, BandKind, Caused, Content, Ending, Event, EventKind, Fate, FoldClass, Kind, LifeLine,
    Origin, Receiver, Target,
};
pub use export::{
    ExportError, LARGEST_SIDE, MOST_PIXELS, Page, Style, Theme, measure, pages, png, png_page, svg, svg_page,
};
pub use geometry::{Area, Pos, Tilted};
pub use hit::Hit;
pub use joins::Join;
pub use labels::Label;
pub use layout::{Layout, Options};
pub use legs::{Leg, Mark, Source};
pub use shapes::{ArrowShape, EndShape, EventShape, GroupShape, Header, LineShape};
pub use side::BandShape;
pub use text::TextStyle;
pub use ticks::{Step, Tick};
pub use time_text::span_text;
