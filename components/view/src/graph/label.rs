//! The lines of text beside a node.

use egui::text::TextFormat;
use egui::{Color32, FontId, Galley, Painter, Pos2, Rect, Stroke, StrokeKind, Vec2, pos2};

use crate::graph::dimensions::{TEXT_CORNERS, TEXT_PADDING};
use crate::graph::layout::{self, LabelSide, Place};
use crate::graph::painter::GraphPainter;
use crate::icon::{self, Icon};
use crate::theme::{self, fade, mix};

/// The gap between a node and its text.
pub(super) const LABEL_GAP: f32 = 9.0;
/// The padding around text with a progress bar behind it.
const SHARE_PADDING: Vec2 = Vec2::new(8.0, 3.0);
/// The gap between an icon as high as the text and that text; the icon is a little smaller.
const ICON_GAP: f32 = 3.0;
/// The opacity of the background of text.
const COVER: f32 = 0.78;
/// The gap between a text and the figure that follows it, relative to the size of the text.
const FIGURE_GAP: f32 = 0.45;
/// The minimum width to which text is cut.
const LEAST_ROOM: f32 = 16.0;

/// A line of text before layout.
pub(super) struct Line {
    /// The text.
    pub(super) text: String,
    /// The colour.
    pub(super) colour: Color32,
    /// The icon in front of the text.
    pub(super) icon: Option<Icon>,
    /// The shorter text for where the text would be cut.
    pub(super) short: Option<String>,
    /// The progress shown behind the text.
    pub(super) share: Option<f32>,
    /// What follows the text in a plain font of this colour, where there is room for it.
    pub(super) figure: Option<(String, Color32)>,
}

/// A line after layout.
pub(super) struct LaidOut {
    galley: std::sync::Arc<Galley>,
    line: Line,
    icon_room: f32,
    padding: Vec2,
}

impl Line {
    /// Creates a line of text.
    pub(super) fn new(text: impl Into<String>, colour: Color32) -> Self {
        Self {
            text: text.into(),
            colour,
            icon: None,
            short: None,
            share: None,
            figure: None,
        }
    }

    /// Cuts the line to a width.
    pub(super) fn lay_out(self, painter: &Painter, font: FontId, width: f32) -> LaidOut {
        let icon_room = if self.icon.is_some() {
            font.size + ICON_GAP
        } else {
            0.0
        };
        let padding = if self.share.is_some() {
            SHARE_PADDING
        } else {
            Vec2::ZERO
        };
        let room = width - icon_room - padding.x * 2.0;
        let lay_out = |text: &str| {
            let mut job =
                egui::text::LayoutJob::simple_singleline(text.to_owned(), font.clone(), Color32::PLACEHOLDER);
            job.wrap = egui::text::TextWrapping::truncate_at_width(room.max(LEAST_ROOM));
            painter.layout_job(job)
        };
        let with_figure = self.figure.as_ref().map(|(figure, colour)| {
            let mut job = egui::text::LayoutJob::simple_singleline(
                self.text.clone(),
                font.clone(),
                Color32::PLACEHOLDER,
            );
            let plain = TextFormat::simple(theme::plain_font(font.size), *colour);
            job.append(figure, font.size * FIGURE_GAP, plain);
            painter.layout_job(job)
        });
        let with_figure = with_figure.filter(|galley| galley.size().x <= room);
        let whole = with_figure.unwrap_or_else(|| lay_out(&self.text));
        let galley = match &self.short {
            Some(short) if whole.elided => lay_out(short),
            _ => whole,
        };
        LaidOut {
            galley,
            line: self,
            icon_room,
            padding,
        }
    }
}

impl LaidOut {
    /// Returns the width with icon and padding.
    pub(super) fn width(&self) -> f32 {
        self.galley.size().x + self.icon_room + self.padding.x * 2.0
    }

    /// Returns the height with padding.
    pub(super) fn height(&self) -> f32 {
        self.galley.size().y + self.padding.y * 2.0
    }
}

impl GraphPainter<'_> {
    /// Returns how much larger than usual the text of a node is, from 0: the fewer nodes there are, the larger their
    /// text.
    #[must_use]
    pub(super) fn growth(&self, place: Place) -> f32 {
        layout::growth(place.radius / self.geometry.zoom, self.measures)
    }

    /// Draws lines beside a node. Returns the end of the first one.
    pub(super) fn paint_beside(&self, place: Place, mut lines: Vec<LaidOut>, strength: f32) -> Pos2 {
        // What has no room would cover the text of other nodes.
        lines.truncate(place.lines);
        let gap = place.radius + LABEL_GAP;
        let height: f32 = lines.iter().map(LaidOut::height).sum();
        let (anchor, top) = match place.label {
            LabelSide::Left => (place.centre.x - gap, place.centre.y - height / 2.0),
            LabelSide::Right => (place.centre.x + gap, place.centre.y - height / 2.0),
            LabelSide::Above => (place.centre.x, place.centre.y - gap - height),
            LabelSide::Below => (place.centre.x, place.centre.y + gap),
        };
        let left = |width: f32| match place.label {
            LabelSide::Left => anchor - width,
            LabelSide::Right => anchor,
            LabelSide::Above | LabelSide::Below => anchor - width / 2.0,
        };
        let width = lines.iter().map(LaidOut::width).fold(0.0, f32::max);
        // Keeps text readable where edges pass behind it.
        let behind =
            Rect::from_min_size(pos2(left(width), top), Vec2::new(width, height)).expand2(TEXT_PADDING);
        self.painter
            .rect_filled(behind, TEXT_CORNERS, fade(self.theme.ground, COVER));
        let end = lines.first().map_or(pos2(anchor, top), |line| {
            pos2(left(line.width()) + line.width(), top + line.height() / 2.0)
        });
        let mut y = top;
        for line in lines {
            let at = pos2(left(line.width()), y);
            y += line.height();
            self.paint_line(line, at, strength);
        }
        end
    }

    /// Draws a line with its upper left corner at a position.
    fn paint_line(&self, line: LaidOut, at: Pos2, strength: f32) {
        let colour = fade(line.line.colour, strength);
        if let Some(share) = line.line.share {
            let size = Vec2::new(line.width(), line.height());
            self.paint_share(at, size, share, colour);
        }
        let mut text = at + line.padding;
        if let Some(icon) = line.line.icon {
            let side = line.icon_room - ICON_GAP - 1.0;
            let centre = pos2(text.x + side / 2.0, text.y + line.galley.size().y / 2.0);
            let square = Rect::from_center_size(centre, Vec2::splat(side));
            icon::paint(&self.painter, square, icon, colour);
            text.x += line.icon_room;
        }
        let ink = if line.line.share.is_some() {
            fade(self.theme.text, strength)
        } else {
            colour
        };
        self.painter.galley(text, line.galley, ink);
    }

    /// Draws a progress bar behind its text.
    fn paint_share(&self, at: Pos2, size: Vec2, share: f32, colour: Color32) {
        let whole = Rect::from_min_size(at, size);
        let corners = size.y / 2.0;
        let ground = self.theme.ground;
        self.painter
            .rect_filled(whole, corners, mix(ground, colour, 0.16));
        let mut done = whole;
        done.set_width(size.x * share.clamp(0.0, 1.0));
        self.painter
            .with_clip_rect(done)
            .rect_filled(whole, corners, mix(ground, colour, 0.42));
        let stroke = Stroke::new(1.0, colour);
        self.painter
            .rect_stroke(whole, corners, stroke, StrokeKind::Inside);
    }
}
