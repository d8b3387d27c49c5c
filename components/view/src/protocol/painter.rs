//! Paints a sequence chart.

use egui::epaint::TextShape;
use egui::{Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};
use feed::{ComponentRole, Protocol, Timestamp};
use ladder::{
    ArrowShape, Ending, EventKind, Fate, GroupShape, Hit, Kind, Label, Layout, Mark, Pos, Source, TextStyle,
};

use super::ladder::font;
use crate::theme::{Theme, fade};

const LINE: f32 = 1.6;
const CHOSEN: f32 = 3.0;
const HEAD: f32 = 8.0;
const DASH: f32 = 6.0;
const DOT: f32 = 4.5;

/// Where and how a chart is painted.
pub(super) struct Painting {
    pub(super) theme: &'static Theme,
    pub(super) painter: Painter,
    /// The place of the layout's origin.
    pub(super) origin: Pos2,
    /// How much larger everything is than in the layout.
    pub(super) zoom: f32,
    /// The part that can be seen, by the layout's y.
    pub(super) visible: (f32, f32),
}

impl Painting {
    fn at(&self, place: Pos) -> Pos2 {
        self.place(place.x, place.y)
    }

    fn place(&self, x: f32, y: f32) -> Pos2 {
        pos2(self.origin.x + x * self.zoom, self.origin.y + y * self.zoom)
    }

    fn font(&self, style: TextStyle) -> egui::FontId {
        let mut font = font(style);
        font.size *= self.zoom;
        font
    }

    fn is_visible(&self, top: f32, bottom: f32) -> bool {
        bottom >= self.visible.0 && top <= self.visible.1
    }

    fn kind(&self, kind: Kind) -> Color32 {
        match kind {
            Kind::Asap => self.theme.protocol(Protocol::Asap),
            Kind::Enrp => self.theme.protocol(Protocol::Enrp),
            Kind::Application => self.theme.protocol(Protocol::Application),
            Kind::Sctp | Kind::Other => self.theme.weak,
        }
    }

    /// Paints the names of the life lines.
    pub(super) fn headers(&self, layout: &Layout) {
        for header in &layout.headers {
            let area = Rect::from_min_max(self.at(header.area.min), self.at(header.area.max));
            self.painter
                .rect(area, 5.0, self.theme.card, self.theme.edge(), StrokeKind::Inside);
            let role = match header.role {
                ComponentRole::PoolUser => "pool user",
                ComponentRole::PoolElement => "pool element",
                ComponentRole::Registrar => "registrar",
            };
            let (name, small) = (self.font(TextStyle::Name), self.font(TextStyle::Small));
            let middle = area.center();
            self.painter.text(
                middle - vec2(0.0, 7.0 * self.zoom),
                Align2::CENTER_CENTER,
                &header.name,
                name,
                self.theme.text,
            );
            self.painter.text(
                middle + vec2(0.0, 8.0 * self.zoom),
                Align2::CENTER_CENTER,
                role,
                small,
                self.theme.weak,
            );
        }
    }

    /// Paints everything below the names.
    pub(super) fn body(&self, layout: &Layout) {
        self.bands(layout);
        self.times(layout);
        self.life_lines(layout);
        for group in &layout.groups {
            self.group(group);
        }
        for arrow in &layout.arrows {
            self.arrow(arrow, 1.0);
        }
        for join in &layout.joins {
            let points: Vec<Pos2> = join.points.iter().map(|place| self.at(*place)).collect();
            let stroke = Stroke::new(1.2, self.theme.accent);
            self.painter.extend(Shape::dashed_line(&points, stroke, 3.0, 2.5));
        }
        self.events(layout);
    }

    fn bands(&self, layout: &Layout) {
        for band in &layout.bands {
            if !self.is_visible(band.area.min.y, band.area.max.y) {
                continue;
            }
            let colour = self.theme.phase(band_colour(band.kind));
            let area = Rect::from_min_max(self.at(band.area.min), self.at(band.area.max));
            self.painter.rect_filled(area, 0.0, fade(colour, 0.13));
            let x = self.place(band.bracket, 0.0).x;
            self.painter.vline(x, area.y_range(), Stroke::new(2.5, colour));
            let text = Rect::from_min_max(self.at(band.text_area.min), self.at(band.text_area.max));
            self.painter.text(
                text.left_top(),
                Align2::LEFT_TOP,
                &band.text,
                self.font(TextStyle::Label),
                self.theme.text,
            );
            self.painter.text(
                text.left_top() + vec2(0.0, TextStyle::Label.height() * self.zoom),
                Align2::LEFT_TOP,
                &band.duration,
                self.font(TextStyle::Small),
                self.theme.weak,
            );
        }
    }

    fn times(&self, layout: &Layout) {
        let (left, right) = (
            self.place(layout.edges.0, 0.0).x,
            self.place(layout.edges.1, 0.0).x,
        );
        for gap in &layout.gaps {
            if !self.is_visible(gap.top, gap.bottom) {
                continue;
            }
            let (top, bottom) = (self.place(0.0, gap.top).y, self.place(0.0, gap.bottom).y);
            let middle = (top + bottom) / 2.0;
            let area = Rect::from_min_max(pos2(left, top), pos2(right, bottom));
            self.painter.rect_filled(area, 0.0, fade(self.theme.line, 0.25));
            zigzag(
                &self.painter,
                left,
                right,
                middle,
                Stroke::new(1.0, self.theme.line),
            );
            let text =
                self.painter
                    .layout_no_wrap(gap.text.clone(), self.font(TextStyle::Small), self.theme.weak);
            let place = pos2((left + right) / 2.0, middle) - text.size() / 2.0;
            let room = Rect::from_min_size(place, text.size()).expand2(vec2(6.0, 0.0));
            self.painter.rect_filled(room, 3.0, self.theme.panel);
            self.painter.galley(place, text, self.theme.weak);
        }
        for tick in &layout.ticks {
            if !self.is_visible(tick.y, tick.y) {
                continue;
            }
            let y = self.place(0.0, tick.y).y;
            let ink = if tick.important {
                self.theme.text
            } else {
                self.theme.weak
            };
            self.painter.text(
                pos2(left - 8.0, y),
                Align2::RIGHT_CENTER,
                &tick.text,
                self.font(TextStyle::Small),
                ink,
            );
            self.painter
                .hline(left - 5.0..=left, y, Stroke::new(1.0, self.theme.line));
        }
    }

    fn life_lines(&self, layout: &Layout) {
        let stroke = Stroke::new(1.2, self.theme.frame);
        let (top, bottom) = (self.visible.0.max(0.0), self.visible.1.min(layout.height));
        for line in &layout.lines {
            let x = self.place(line.x, 0.0).x;
            let begins = line.begins.unwrap_or(f32::MIN);
            let ends = line.ends.as_ref().map_or(f32::MAX, |end| end.y);
            for (from, to, lives) in [
                (top, begins.min(bottom), false),
                (begins.max(top), ends.min(bottom), true),
                (ends.max(top), bottom, false),
            ] {
                if from >= to {
                    continue;
                }
                let (from, to) = (self.place(line.x, from), self.place(line.x, to));
                if lives {
                    self.painter.line_segment([from, to], stroke);
                } else {
                    let faint = Stroke::new(1.0, fade(self.theme.frame, 0.6));
                    self.painter
                        .extend(Shape::dashed_line(&[from, to], faint, 3.0, 5.0));
                }
            }
            if let Some(end) = &line.ends
                && self.is_visible(end.y - 20.0, end.y + 20.0)
            {
                let place = self.place(line.x, end.y);
                let colour = match end.ending {
                    Ending::Stopped => self.theme.weak,
                    Ending::Killed | Ending::Failed => self.theme.danger,
                };
                if end.ending.is_sudden() {
                    cross(&self.painter, place, 7.0, Stroke::new(2.8, colour));
                } else {
                    self.painter
                        .hline(x - 7.0..=x + 7.0, place.y, Stroke::new(2.5, colour));
                }
                if let Some(label) = &end.label {
                    self.label(label, colour);
                }
            }
        }
    }

    fn label(&self, label: &Label, ink: Color32) {
        let bounds = label.area.bounds();
        if !self.is_visible(bounds.min.y, bounds.max.y) {
            return;
        }
        let [top_left, top_right, ..] = label.area.corners();
        let galley = self
            .painter
            .layout_no_wrap(label.text.clone(), self.font(label.style), ink);
        let angle = (top_right.y - top_left.y).atan2(top_right.x - top_left.x);
        let middle = self.at(bounds.centre());
        let (sin, cos) = angle.sin_cos();
        let half = galley.size() / 2.0;
        let corner = middle - vec2(half.x * cos - half.y * sin, half.x * sin + half.y * cos);
        // What is behind a label must not make it illegible.
        let halo = Rect::from_center_size(middle, galley.size()).expand2(vec2(2.0, -1.0));
        if angle.abs() < 0.02 {
            self.painter.rect_filled(halo, 2.0, fade(self.theme.panel, 0.75));
        }
        let text = TextShape::new(corner, galley, ink).with_angle(angle);
        self.painter.add(text);
    }

    fn group(&self, group: &GroupShape) {
        let [top, bottom, far_bottom, far_top] = group.corners;
        let lowest = bottom.y.max(far_bottom.y);
        if !self.is_visible(top.y.min(far_top.y) - 20.0, lowest) {
            return;
        }
        let colour = if group.selected {
            self.theme.accent
        } else {
            self.kind(group.kind)
        };
        // Many of them lie upon each other: what they cover must not become a surface.
        let area: Vec<Pos2> = [top, far_top, far_bottom, bottom]
            .map(|place| self.at(place))
            .into();
        self.painter
            .add(Shape::convex_polygon(area, fade(colour, 0.025), Stroke::NONE));
        for [from, to] in [[top, bottom], [far_top, far_bottom]] {
            let side = [self.at(from), self.at(to)];
            self.painter
                .line_segment(side, Stroke::new(3.0, fade(colour, 0.3)));
        }
        let (from, to) = group.middle();
        let (from, to) = (self.at(from), self.at(to));
        self.painter.line_segment([from, to], Stroke::new(4.0, colour));
        head(&self.painter, from, to, HEAD + 4.0, colour);
        if group.both {
            head(&self.painter, to, from, HEAD + 4.0, colour);
        }
        if let Some(label) = &group.label {
            self.label(label, self.theme.text);
        }
    }

    fn arrow(&self, arrow: &ArrowShape, emphasis: f32) {
        let ys = arrow.legs.iter().flat_map(|leg| &leg.points).map(|place| place.y);
        let (top, bottom) = ys.fold((f32::MAX, f32::MIN), |(top, bottom), y| {
            (top.min(y), bottom.max(y))
        });
        if !self.is_visible(top - 20.0, bottom + 20.0) {
            return;
        }
        let colour = if arrow.selected {
            self.theme.accent
        } else {
            self.kind(arrow.kind)
        };
        let width = if arrow.selected { CHOSEN } else { LINE * emphasis };
        let stroke = Stroke::new(width, colour);
        if arrow.source == Source::Multicast
            && let Some(start) = arrow.start()
        {
            for radius in [3.0, 6.5] {
                self.painter
                    .circle_stroke(self.at(start), radius, Stroke::new(1.2, colour));
            }
        }
        for leg in &arrow.legs {
            let points: Vec<Pos2> = leg.points.iter().map(|place| self.at(*place)).collect();
            match (arrow.fate, arrow.retransmission, arrow.kind) {
                (_, true, _) => self
                    .painter
                    .extend(Shape::dotted_line(&points, colour, 4.5, width)),
                (Fate::Unknown, ..) if arrow.source != Source::Multicast => {
                    self.painter
                        .extend(Shape::dashed_line(&points, stroke, DASH, DASH));
                }
                (_, _, Kind::Sctp) => self.painter.extend(Shape::dashed_line(&points, stroke, 3.0, 2.0)),
                _ => {
                    self.painter.add(Shape::line(points.clone(), stroke));
                }
            }
            let [.., before, last] = points[..] else {
                continue;
            };
            match leg.mark {
                Mark::Head => head(&self.painter, before, last, HEAD, colour),
                Mark::Lost => cross(&self.painter, last, 6.0, Stroke::new(2.4, self.theme.danger)),
                Mark::Refused => {
                    self.painter.vline(
                        last.x,
                        last.y - 6.0..=last.y + 6.0,
                        Stroke::new(2.4, self.theme.danger),
                    );
                }
            }
        }
        if let Some(label) = &arrow.label {
            let ink = if arrow.selected {
                self.theme.accent
            } else {
                self.theme.text
            };
            self.label(label, ink);
        }
    }

    fn events(&self, layout: &Layout) {
        for event in &layout.events {
            if !self.is_visible(event.place.y - 20.0, event.place.y + 20.0) {
                continue;
            }
            let colour = match event.kind {
                EventKind::Fault => self.theme.danger,
                EventKind::Detected | EventKind::TimerExpired => self.theme.fault,
                EventKind::Failover | EventKind::Takeover => self.theme.good,
                EventKind::Other => self.theme.weak,
            };
            let place = self.at(event.place);
            self.painter
                .circle(place, DOT, colour, Stroke::new(1.5, self.theme.panel));
            if let Some(label) = &event.label {
                self.label(label, colour);
            }
        }
    }

    /// Paints the cursor in time.
    pub(super) fn cursor(&self, layout: &Layout, at: Timestamp) {
        let y = self.place(0.0, layout.axis.y_of(at)).y;
        let (left, right) = (
            self.place(layout.edges.0, 0.0).x,
            self.place(layout.edges.1, 0.0).x,
        );
        self.painter
            .hline(left..=right, y, Stroke::new(1.5, self.theme.past));
        let tip = [
            pos2(left, y),
            pos2(left - 7.0, y - 5.0),
            pos2(left - 7.0, y + 5.0),
        ];
        self.painter
            .add(Shape::convex_polygon(tip.into(), self.theme.past, Stroke::NONE));
    }

    /// Paints what is pointed at once more, stronger.
    pub(super) fn highlight(&self, layout: &Layout, hit: Hit) {
        if let Hit::Arrow(id) = hit
            && let Some(arrow) = layout.arrows.iter().find(|arrow| arrow.id == id)
        {
            self.arrow(arrow, 1.8);
        }
    }
}

const fn band_colour(kind: ladder::BandKind) -> usize {
    match kind {
        ladder::BandKind::Detection => 0,
        ladder::BandKind::Resolution => 1,
        ladder::BandKind::Resumption => 2,
        ladder::BandKind::Takeover => 3,
        ladder::BandKind::Other => 4,
    }
}

fn head(painter: &Painter, from: Pos2, to: Pos2, length: f32, colour: Color32) {
    let way = to - from;
    if way.length() < 1.0 {
        return;
    }
    let (along, across) = (
        way.normalized() * length,
        way.normalized().rot90() * length * 0.42,
    );
    let tip = vec![to, to - along + across, to - along - across];
    painter.add(Shape::convex_polygon(tip, colour, Stroke::NONE));
}

fn cross(painter: &Painter, place: Pos2, radius: f32, stroke: Stroke) {
    for turn in [1.0, -1.0] {
        let arm = vec2(radius, radius * turn);
        painter.line_segment([place - arm, place + arm], stroke);
    }
}

fn zigzag(painter: &Painter, left: f32, right: f32, y: f32, stroke: Stroke) {
    const STEP: f32 = 7.0;
    let count = ((right - left) / STEP).clamp(0.0, 1_000.0) as usize;
    let points = (0..=count).map(|number| {
        let up = if number.is_multiple_of(2) { -2.5 } else { 2.5 };
        pos2(left + number as f32 * STEP, y + up)
    });
    painter.add(Shape::line(points.collect(), stroke));
}
