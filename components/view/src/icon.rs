//! Icons, drawn from lines so that they are sharp at every size and need no font.
//!
//! Icons in the graph grow with its magnification. Glyphs would have to be rasterised, and kept in the font texture,
//! for each intermediate magnification; lines are available at once. Besides, icon fonts take hundreds of kilobytes
//! for the three dozen icons needed here, and SVG images would need a renderer as an additional dependency.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, pos2, vec2};
use feed::ComponentRole;

/// An icon. An action and the state that it leads to have the same icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// Start.
    Play,
    /// Clean stop; stopped.
    Stop,
    /// Hard kill; killed.
    Bolt,
    /// Stop and start again.
    Restart,
    /// Freeze; frozen.
    Snowflake,
    /// Unplug; unplugged.
    Plug,
    /// In good order.
    Check,
    /// In progress.
    Dots,
    /// Something is wrong.
    Warning,
    /// Not there.
    Dash,
    /// Add.
    Plus,
    /// Less.
    Minus,
    /// A window of its own.
    Window,
    /// Close or remove.
    Cross,
    /// Show the details.
    Chevron,
    /// Back.
    Back,
    /// Save to a file.
    Save,
    /// Enlarge.
    Enlarge,
    /// Show everything.
    Fit,
    /// Switch between dark and light.
    Contrast,
    /// Presenter mode.
    Screen,
    /// Search.
    Search,
    /// Undo.
    Undo,
    /// Pause.
    Pause,
    /// Colours of pool elements.
    Tint,
    /// Switch to another pool element.
    Swap,
    /// Help.
    Question,
    /// Different.
    Differ,
    /// Timers.
    Clock,
    /// Next.
    Next,
    /// Packet loss.
    Percent,
    /// Open a file.
    Folder,
    /// Copy to the clipboard.
    Copy,
    /// Random.
    Dice,
    /// Watch only.
    Eye,
    /// Policy laboratory.
    Flask,
    /// Previous.
    Previous,
    /// Play backwards.
    PlayBack,
    /// Set a mark.
    Flag,
    /// One line per component.
    Lanes,
    /// Watch again.
    Again,
}

/// Draws an icon centred in a square.
pub fn paint(painter: &Painter, rect: Rect, icon: Icon, colour: Color32) {
    let side = rect.width().min(rect.height());
    let centre = rect.center();
    let width = (side / 10.0).max(1.2);
    let stroke = Stroke::new(width, colour);
    // Icons are designed on a square from -1 to 1.
    let at = |x: f32, y: f32| centre + vec2(x, y) * side / 2.0;
    let line = |points: &[(f32, f32)]| {
        painter.add(Shape::line(
            points.iter().map(|&(x, y)| at(x, y)).collect::<Vec<Pos2>>(),
            stroke,
        ));
    };
    let fill = |points: &[(f32, f32)]| {
        let points = points.iter().map(|&(x, y)| at(x, y)).collect::<Vec<Pos2>>();
        painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
    };
    match icon {
        Icon::Play => fill(&[(-0.5, -0.75), (0.75, 0.0), (-0.5, 0.75)]),
        Icon::Stop => {
            painter.rect_filled(
                Rect::from_center_size(centre, Vec2::splat(side * 0.62)),
                side * 0.08,
                colour,
            );
        }
        Icon::Bolt => {
            fill(&[(0.22, -0.95), (-0.62, 0.16), (0.02, 0.16)]);
            fill(&[(-0.22, 0.95), (0.62, -0.16), (-0.02, -0.16)]);
        }
        Icon::Restart => {
            arc(painter, centre, side * 0.36, -0.9, 4.3, stroke);
            fill(&[(0.25, -0.95), (0.85, -0.5), (0.2, -0.18)]);
        }
        Icon::Snowflake => {
            for step in 0..3 {
                let (sin, cos) =
                    (step as f32 * std::f32::consts::PI / 3.0 + std::f32::consts::FRAC_PI_2).sin_cos();
                line(&[(-cos * 0.9, -sin * 0.9), (cos * 0.9, sin * 0.9)]);
                for end in [-1.0, 1.0] {
                    let (x, y) = (cos * 0.5 * end, sin * 0.5 * end);
                    let (ox, oy) = (cos * 0.3 * end, sin * 0.3 * end);
                    line(&[
                        (x + ox - oy * 0.8, y + oy + ox * 0.8),
                        (x, y),
                        (x + ox + oy * 0.8, y + oy - ox * 0.8),
                    ]);
                }
            }
        }
        Icon::Plug => {
            painter.rect_filled(
                Rect::from_two_pos(at(-0.5, -0.35), at(0.5, 0.2)),
                egui::CornerRadius {
                    nw: 0,
                    ne: 0,
                    sw: (side * 0.2) as u8,
                    se: (side * 0.2) as u8,
                },
                colour,
            );
            line(&[(-0.25, -0.9), (-0.25, -0.35)]);
            line(&[(0.25, -0.9), (0.25, -0.35)]);
            line(&[(0.0, 0.2), (0.0, 0.95)]);
        }
        Icon::Check => line(&[(-0.7, 0.05), (-0.2, 0.55), (0.75, -0.55)]),
        Icon::Dots => {
            for x in [-0.6, 0.0, 0.6] {
                painter.circle_filled(at(x, 0.0), width * 1.1, colour);
            }
        }
        Icon::Warning => {
            line(&[
                (0.0, -0.85),
                (0.9, 0.75),
                (-0.9, 0.75),
                (0.0, -0.85),
                (0.05, -0.75),
            ]);
            line(&[(0.0, -0.25), (0.0, 0.2)]);
            painter.circle_filled(at(0.0, 0.48), width * 0.7, colour);
        }
        Icon::Dash => line(&[(-0.6, 0.0), (0.6, 0.0)]),
        Icon::Plus => {
            line(&[(-0.65, 0.0), (0.65, 0.0)]);
            line(&[(0.0, -0.65), (0.0, 0.65)]);
        }
        Icon::Minus => line(&[(-0.65, 0.0), (0.65, 0.0)]),
        Icon::Window => {
            line(&[
                (-0.8, -0.65),
                (0.8, -0.65),
                (0.8, 0.65),
                (-0.8, 0.65),
                (-0.8, -0.65),
            ]);
            line(&[(-0.8, -0.3), (0.8, -0.3)]);
        }
        Icon::Cross => {
            line(&[(-0.55, -0.55), (0.55, 0.55)]);
            line(&[(-0.55, 0.55), (0.55, -0.55)]);
        }
        Icon::Chevron => line(&[(-0.25, -0.6), (0.35, 0.0), (-0.25, 0.6)]),
        Icon::Back => line(&[(0.25, -0.6), (-0.35, 0.0), (0.25, 0.6)]),
        Icon::Save => {
            line(&[(0.0, -0.85), (0.0, 0.3)]);
            line(&[(-0.45, -0.1), (0.0, 0.35), (0.45, -0.1)]);
            line(&[(-0.8, 0.45), (-0.8, 0.8), (0.8, 0.8), (0.8, 0.45)]);
        }
        Icon::Enlarge => {
            line(&[(0.15, -0.75), (0.75, -0.75), (0.75, -0.15)]);
            line(&[(-0.15, 0.75), (-0.75, 0.75), (-0.75, 0.15)]);
            line(&[(0.7, -0.7), (0.15, -0.15)]);
            line(&[(-0.7, 0.7), (-0.15, 0.15)]);
        }
        Icon::Fit => {
            for (x, y) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
                line(&[(x * 0.3, y * 0.75), (x * 0.75, y * 0.75), (x * 0.75, y * 0.3)]);
            }
        }
        Icon::Contrast => {
            painter.circle_stroke(centre, side * 0.38, stroke);
            let half: Vec<Pos2> = (0..=16)
                .map(|step| {
                    let (sin, cos) = (step as f32 / 16.0 * std::f32::consts::PI).sin_cos();
                    at(sin * 0.76, cos * 0.76)
                })
                .collect();
            painter.add(Shape::convex_polygon(half, colour, Stroke::NONE));
        }
        Icon::Screen => {
            painter.rect_stroke(
                Rect::from_two_pos(at(-0.9, -0.75), at(0.9, 0.4)),
                side * 0.08,
                stroke,
                StrokeKind::Middle,
            );
            line(&[(-0.45, 0.85), (0.0, 0.4), (0.45, 0.85)]);
        }
        Icon::Search => {
            painter.circle_stroke(at(-0.15, -0.15), side * 0.28, stroke);
            line(&[(0.28, 0.28), (0.8, 0.8)]);
        }
        Icon::Undo => {
            arc(
                painter,
                centre + vec2(0.0, side * 0.06),
                side * 0.33,
                -2.4,
                1.6,
                stroke,
            );
            fill(&[(-0.95, -0.5), (-0.3, -0.75), (-0.38, -0.02)]);
        }
        Icon::Pause => {
            for x in [-0.35, 0.35] {
                painter.rect_filled(
                    Rect::from_center_size(at(x, 0.0), vec2(side * 0.18, side * 0.68)),
                    side * 0.05,
                    colour,
                );
            }
        }
        Icon::Tint => {
            for (row, share) in [(-0.6, 1.0), (0.0, 0.6), (0.6, 0.3)] {
                painter.rect_filled(
                    Rect::from_center_size(at(0.0, row), vec2(side * 0.8, side * 0.22)),
                    side * 0.05,
                    super::theme::fade(colour, share),
                );
            }
        }
        Icon::Swap => {
            line(&[(-0.8, -0.35), (0.7, -0.35)]);
            line(&[(0.35, -0.75), (0.75, -0.35), (0.35, 0.0)]);
            line(&[(0.8, 0.4), (-0.7, 0.4)]);
            line(&[(-0.35, 0.05), (-0.75, 0.4), (-0.35, 0.8)]);
        }
        Icon::Differ => {
            line(&[(-0.75, -0.3), (0.75, -0.3)]);
            line(&[(-0.75, 0.3), (0.75, 0.3)]);
            line(&[(0.4, -0.85), (-0.4, 0.85)]);
        }
        Icon::Clock => {
            painter.circle_stroke(centre, side * 0.43, stroke);
            line(&[(0.0, -0.5), (0.0, 0.0), (0.38, 0.22)]);
        }
        Icon::Next => {
            fill(&[(-0.75, -0.7), (0.3, 0.0), (-0.75, 0.7)]);
            line(&[(0.6, -0.7), (0.6, 0.7)]);
        }
        Icon::Previous => {
            fill(&[(0.75, -0.7), (-0.3, 0.0), (0.75, 0.7)]);
            line(&[(-0.6, -0.7), (-0.6, 0.7)]);
        }
        Icon::PlayBack => fill(&[(0.5, -0.75), (-0.75, 0.0), (0.5, 0.75)]),
        Icon::Flag => {
            line(&[(-0.55, -0.85), (-0.55, 0.9)]);
            fill(&[(-0.55, -0.85), (0.75, -0.4), (-0.55, 0.05)]);
        }
        Icon::Lanes => {
            line(&[(-0.8, -0.6), (0.2, -0.6)]);
            line(&[(-0.4, 0.0), (0.8, 0.0)]);
            line(&[(-0.8, 0.6), (0.5, 0.6)]);
        }
        Icon::Again => {
            arc(painter, centre, side * 0.4, -0.9, 4.3, stroke);
            fill(&[(0.3, -1.0), (0.9, -0.55), (0.25, -0.23)]);
            fill(&[(-0.22, -0.34), (0.36, 0.0), (-0.22, 0.34)]);
        }
        Icon::Percent => {
            line(&[(0.6, -0.8), (-0.6, 0.8)]);
            for at in [at(-0.5, -0.5), at(0.5, 0.5)] {
                painter.circle_stroke(at, side * 0.13, stroke);
            }
        }
        Icon::Folder => line(&[
            (-0.85, -0.6),
            (-0.25, -0.6),
            (0.0, -0.35),
            (0.85, -0.35),
            (0.85, 0.65),
            (-0.85, 0.65),
            (-0.85, -0.62),
        ]),
        Icon::Flask => {
            line(&[(-0.42, -0.9), (0.42, -0.9)]);
            line(&[
                (-0.25, -0.9),
                (-0.25, -0.25),
                (-0.8, 0.85),
                (0.8, 0.85),
                (0.25, -0.25),
                (0.25, -0.9),
            ]);
            fill(&[(-0.5, 0.3), (0.5, 0.3), (0.75, 0.8), (-0.75, 0.8)]);
        }
        Icon::Copy => {
            let sheet = |from: Pos2, to: Pos2| {
                painter.rect_stroke(
                    Rect::from_two_pos(from, to),
                    side * 0.08,
                    stroke,
                    StrokeKind::Middle,
                );
            };
            sheet(at(-0.3, -0.35), at(0.75, 0.85));
            line(&[
                (-0.35, 0.4),
                (-0.75, 0.4),
                (-0.75, -0.8),
                (0.25, -0.8),
                (0.25, -0.4),
            ]);
        }
        Icon::Dice => {
            painter.rect_stroke(
                Rect::from_two_pos(at(-0.75, -0.75), at(0.75, 0.75)),
                side * 0.14,
                stroke,
                StrokeKind::Middle,
            );
            for point in [(-0.32, -0.32), (0.0, 0.0), (0.32, 0.32)] {
                painter.circle_filled(at(point.0, point.1), width * 0.8, colour);
            }
        }
        Icon::Eye => {
            for side in [-1.0, 1.0] {
                line(&[
                    (-0.95, 0.0),
                    (-0.5, 0.42 * side),
                    (0.0, 0.58 * side),
                    (0.5, 0.42 * side),
                    (0.95, 0.0),
                ]);
            }
            painter.circle_filled(centre, side * 0.13, colour);
        }
        Icon::Question => {
            arc(painter, at(0.0, -0.35), side * 0.22, -3.1, 0.9, stroke);
            line(&[(0.28, 0.0), (0.0, 0.2), (0.0, 0.38)]);
            painter.circle_filled(at(0.0, 0.75), width * 0.8, colour);
        }
    }
}

fn arc(painter: &Painter, centre: Pos2, radius: f32, from: f32, to: f32, stroke: Stroke) {
    let points = (0..=20)
        .map(|step| {
            let (sin, cos) = egui::lerp(from..=to, step as f32 / 20.0).sin_cos();
            centre + vec2(cos, sin) * radius
        })
        .collect::<Vec<_>>();
    painter.add(Shape::line(points, stroke));
}

/// Draws the shape of a role: a circle for a pool user, a diamond for a registrar, a rounded square for a pool
/// element.
pub fn paint_role(
    painter: &Painter,
    centre: Pos2,
    radius: f32,
    role: ComponentRole,
    fill: Color32,
    stroke: Stroke,
) {
    match role {
        ComponentRole::PoolUser => {
            painter.circle(centre, radius, fill, stroke);
        }
        ComponentRole::Registrar => {
            painter.add(Shape::convex_polygon(outline(centre, radius, role), fill, stroke));
        }
        ComponentRole::PoolElement => {
            let rect = Rect::from_center_size(centre, Vec2::splat(radius * 1.8));
            painter.rect(rect, radius * 0.42, fill, stroke, StrokeKind::Middle);
        }
    }
}

/// Draws the shape of a role, or a hexagon if there is none.
pub fn paint_kind(
    painter: &Painter,
    centre: Pos2,
    radius: f32,
    role: Option<ComponentRole>,
    fill: Color32,
    stroke: Stroke,
) {
    match role {
        Some(role) => paint_role(painter, centre, radius, role, fill, stroke),
        None => {
            let corners = (0..6).map(|step| {
                let (sin, cos) = (step as f32 / 6.0 * std::f32::consts::TAU).sin_cos();
                centre + vec2(cos, sin) * radius
            });
            painter.add(Shape::convex_polygon(corners.collect(), fill, stroke));
        }
    }
}

/// Returns the corners of a role's shape as a closed line, for dashed outlines.
#[must_use]
pub fn outline(centre: Pos2, radius: f32, role: ComponentRole) -> Vec<Pos2> {
    match role {
        ComponentRole::PoolUser => (0..=32)
            .map(|step| {
                let (sin, cos) = (step as f32 / 32.0 * std::f32::consts::TAU).sin_cos();
                centre + vec2(cos, sin) * radius
            })
            .collect(),
        ComponentRole::Registrar => {
            let r = radius * 1.14;
            vec![
                pos2(centre.x, centre.y - r),
                pos2(centre.x + r, centre.y),
                pos2(centre.x, centre.y + r),
                pos2(centre.x - r, centre.y),
                pos2(centre.x, centre.y - r),
            ]
        }
        ComponentRole::PoolElement => {
            let (r, c) = (radius * 0.9, radius * 0.3);
            let corner = |x: f32, y: f32| centre + vec2(x, y);
            vec![
                corner(-r + c, -r),
                corner(r - c, -r),
                corner(r, -r + c),
                corner(r, r - c),
                corner(r - c, r),
                corner(-r + c, r),
                corner(-r, r - c),
                corner(-r, -r + c),
                corner(-r + c, -r),
            ]
        }
    }
}
