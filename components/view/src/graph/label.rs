//! The lines of text beside a node.

use egui::{Color32, FontId, Galley, Painter, Pos2, Rect, Vec2, pos2};

use crate::graph::layout::{LabelSide, Place};
use crate::icon::{self, Icon};
use crate::theme::{Theme, fade, mix};

/// A line as it is meant.
pub(super) struct Line {
    /// What it says.
    pub(super) text: String,
    /// Its colour.
    pub(super) colour: Color32,
    /// In front of the text.
    pub(super) icon: Option<Icon>,
    /// What it says where the text would be cut.
    pub(super) short: Option<String>,
    /// How much of something is done, shown behind the text.
    pub(super) share: Option<f32>,
}

/// A line as it fits.
pub(super) struct LaidOut {
    galley: std::sync::Arc<Galley>,
    line: Line,
    icon_room: f32,
    padding: Vec2,
}

impl Line {
    /// A line of text.
    pub(super) fn new(text: impl Into<String>, colour: Color32) -> Self {
        Self {
            text: text.into(),
            colour,
            icon: None,
            short: None,
            share: None,
        }
    }

    /// Cuts it to a width.
    pub(super) fn lay_out(self, painter: &Painter, font: FontId, width: f32) -> LaidOut {
        let icon_room = if self.icon.is_some() { font.size + 3.0 } else { 0.0 };
        let padding = if self.share.is_some() {
            Vec2::new(8.0, 3.0)
        } else {
            Vec2::ZERO
        };
        let room = width - icon_room - padding.x * 2.0;
        let lay_out = |text: &str| {
            let mut job =
                egui::text::LayoutJob::simple_singleline(text.to_owned(), font.clone(), Color32::PLACEHOLDER);
            job.wrap = egui::text::TextWrapping::truncate_at_width(room.max(16.0));
            painter.layout_job(job)
        };
        let whole = lay_out(&self.text);
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
    /// Its width with icon and padding.
    pub(super) fn width(&self) -> f32 {
        self.galley.size().x + self.icon_room + self.padding.x * 2.0
    }

    /// Its height with padding.
    pub(super) fn height(&self) -> f32 {
        self.galley.size().y + self.padding.y * 2.0
    }

    /// Draws it with its upper left corner at a place.
    pub(super) fn paint(self, painter: &Painter, theme: &Theme, at: Pos2, strength: f32) {
        let size = Vec2::new(self.width(), self.height());
        let colour = fade(self.line.colour, strength);
        if let Some(share) = self.line.share {
            let whole = Rect::from_min_size(at, size);
            painter.rect_filled(whole, size.y / 2.0, mix(theme.ground, colour, 0.16));
            let mut done = whole;
            done.set_width(size.x * share.clamp(0.0, 1.0));
            painter
                .with_clip_rect(done)
                .rect_filled(whole, size.y / 2.0, mix(theme.ground, colour, 0.42));
            let stroke = egui::Stroke::new(1.0, colour);
            painter.rect_stroke(whole, size.y / 2.0, stroke, egui::StrokeKind::Inside);
        }
        let mut text = at + self.padding;
        if let Some(icon) = self.line.icon {
            let side = self.icon_room - 4.0;
            let centre = pos2(text.x + side / 2.0, text.y + self.galley.size().y / 2.0);
            icon::paint(
                painter,
                Rect::from_center_size(centre, Vec2::splat(side)),
                icon,
                colour,
            );
            text.x += self.icon_room;
        }
        let ink = if self.line.share.is_some() {
            fade(theme.text, strength)
        } else {
            colour
        };
        painter.galley(text, self.galley, ink);
    }
}

/// Draws lines beside a node. Returns the end of the first one.
pub(super) fn paint_beside(
    painter: &Painter,
    theme: &Theme,
    place: Place,
    lines: Vec<LaidOut>,
    strength: f32,
) -> Pos2 {
    let gap = place.radius + 9.0;
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
    // Text stays readable where edges pass behind it.
    let behind =
        Rect::from_min_size(pos2(left(width), top), Vec2::new(width, height)).expand2(Vec2::new(4.0, 1.0));
    painter.rect_filled(behind, 4.0, fade(theme.ground, 0.78));
    let end = lines.first().map_or(pos2(anchor, top), |line| {
        pos2(left(line.width()) + line.width(), top + line.height() / 2.0)
    });
    let mut y = top;
    for line in lines {
        let at = pos2(left(line.width()), y);
        y += line.height();
        line.paint(painter, theme, at, strength);
    }
    end
}
