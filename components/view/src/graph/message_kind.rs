//! The look of messages in transit: those that explain what happens next have a shape and a colour of their own, and
//! are larger than all others.

use egui::{Color32, Painter, Pos2, Rect, Stroke, Vec2, vec2};

use crate::icon::{self, Icon};
use crate::theme::{Theme, mix};
use model::MessageRecord;

/// The radius of the shapes.
pub(super) const RADIUS: f32 = 8.0;
/// The rim around a shape that sets it off from its edge.
const RIM: f32 = 2.0;

/// What a message is for, as far as its look shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum MessageKind {
    /// A state cookie: from a pool element to its user, or echoed to the next one.
    Cookie,
    /// The question for the pool elements of a pool.
    Question,
    /// The answer to it.
    Answer,
    /// The report that a pool element cannot be reached.
    Unreachable,
    /// Anything else: a small dot in the colour of its protocol.
    Other,
}

impl MessageKind {
    /// Returns the kind of a message.
    #[must_use]
    pub(super) fn of(record: &MessageRecord) -> Self {
        match record.name.as_str() {
            "ASAP_COOKIE" | "ASAP_COOKIE_ECHO" => Self::Cookie,
            "ASAP_HANDLE_RESOLUTION" => Self::Question,
            "ASAP_HANDLE_RESOLUTION_RESPONSE" => Self::Answer,
            "ASAP_ENDPOINT_UNREACHABLE" => Self::Unreachable,
            _ => Self::Other,
        }
    }

    /// Returns the words for the legend.
    #[must_use]
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Cookie => "state cookie",
            Self::Question => "asks for pool elements",
            Self::Answer => "answer",
            Self::Unreachable => "reports: unreachable",
            Self::Other => "message",
        }
    }

    /// Draws the shape around a point. Messages without a shape of their own are not drawn.
    pub(super) fn paint(self, painter: &Painter, theme: &Theme, at: Pos2, scale: f32) {
        let radius = RADIUS * scale;
        let line = |ink| Stroke::new(1.6 * scale, ink);
        let disc = |fill: Color32, ink: Color32| {
            painter.circle_filled(at, radius + RIM * scale, theme.ground);
            painter.circle(at, radius, fill, line(ink));
        };
        let symbol = |symbol: Icon, ink: Color32, share: f32| {
            let square = Rect::from_center_size(at, Vec2::splat(radius * share));
            icon::paint(painter, square, symbol, ink);
        };
        match self {
            Self::Cookie => {
                disc(theme.cookie, mix(theme.cookie, theme.ground, 0.5));
                for (x, y) in [(-0.35, -0.3), (0.38, -0.12), (-0.1, 0.42)] {
                    painter.circle_filled(at + vec2(x, y) * radius, radius * 0.17, theme.ground);
                }
            }
            Self::Question => {
                disc(theme.ground, theme.accent);
                symbol(Icon::Question, theme.accent, 1.5);
            }
            Self::Answer => {
                disc(theme.accent, theme.accent);
                symbol(Icon::Check, theme.on_accent, 1.3);
            }
            Self::Unreachable => {
                let triangle = |grown: f32| {
                    let corner = |x: f32, y: f32| at + vec2(x, y) * (radius * 1.25 + grown);
                    vec![corner(0.0, -1.0), corner(0.95, 0.75), corner(-0.95, 0.75)]
                };
                painter.add(egui::Shape::convex_polygon(
                    triangle(RIM * 1.6 * scale),
                    theme.ground,
                    Stroke::NONE,
                ));
                painter.add(egui::Shape::convex_polygon(
                    triangle(0.0),
                    mix(theme.ground, theme.danger, 0.3),
                    line(theme.danger),
                ));
                symbol(Icon::Cross, theme.danger, 0.9);
            }
            Self::Other => {}
        }
    }
}
