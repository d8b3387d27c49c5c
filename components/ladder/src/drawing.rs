//! How a layout is drawn, on whatever it is drawn.

mod arrows;
mod canvas;
mod events;
mod legend;
mod palette;

pub(crate) use canvas::{Align, BASELINE, Canvas, Colour, Look, Stroke};
pub(crate) use legend::{Entry, Symbol, draw_symbol, entries};
pub(crate) use palette::Palette;
pub use palette::Theme;

use feed::ComponentRole;

use crate::{Area, Header, Layout, LineShape, Pos, TextStyle};

/// The distance of the axis from the life lines' room, of its texts from the axis, and the length of a tick.
const AXIS: f32 = 12.0;
const AXIS_TEXT: f32 = 7.0;
const TICK: f32 = 4.0;
/// How far the heads and marks of arrows reach beyond their lines.
const MARK: f32 = 8.0;
/// The size of the corner of a header.
const CORNER: f32 = 7.0;

/// Draws the headers, above a body that is shown from `top` on.
pub(crate) fn draw_headers(layout: &Layout, palette: &Palette, canvas: &mut dyn Canvas, top: f32) {
    for header in &layout.headers {
        let outline = outline(header);
        canvas.polygon(&outline, palette.header, Some(&Stroke::solid(1.0, palette.line)));
        let middle = header.area.centre();
        let name = Look::new(palette.text).align(Align::Middle);
        canvas.text(
            &header.name,
            Pos::new(middle.x, middle.y - 7.0),
            TextStyle::Name,
            &name,
        );
        let role = Look::new(palette.faint).align(Align::Middle);
        canvas.text(
            &header.role.to_string(),
            Pos::new(middle.x, middle.y + 9.0),
            TextStyle::Small,
            &role,
        );
        let bottom = Pos::new(middle.x, header.area.max.y);
        let alive = layout
            .lines
            .get(header.line)
            .is_some_and(|line| lives_at(line, top));
        let below = Pos::new(middle.x, layout.header_height);
        canvas.polyline(&[bottom, below], &life(alive, palette));
    }
}

fn lives_at(line: &LineShape, y: f32) -> bool {
    line.begins.is_none_or(|begins| begins <= y) && line.ends.as_ref().is_none_or(|end| end.y > y)
}

/// Returns the outline of a header, which tells the role by its form: those of registrars have their corners cut off,
/// those of pool users are round.
fn outline(header: &Header) -> Vec<Pos> {
    let steps = match header.role {
        ComponentRole::PoolElement => return corners(header.area).to_vec(),
        ComponentRole::Registrar => 1_u8,
        ComponentRole::PoolUser => 8,
    };
    let Area { min, max } = header.area;
    let centres = [
        Pos::new(max.x - CORNER, max.y - CORNER),
        Pos::new(min.x + CORNER, max.y - CORNER),
        Pos::new(min.x + CORNER, min.y + CORNER),
        Pos::new(max.x - CORNER, min.y + CORNER),
    ];
    let corner = |(quarter, centre): (u8, Pos)| {
        (0..=steps).map(move |step| {
            let angle =
                (f32::from(quarter) + f32::from(step) / f32::from(steps)) * std::f32::consts::FRAC_PI_2;
            Pos::new(
                CORNER.mul_add(angle.cos(), centre.x),
                CORNER.mul_add(angle.sin(), centre.y),
            )
        })
    };
    (0..4).zip(centres).flat_map(corner).collect()
}

/// Draws the part of the body between two heights. What reaches beyond is not cut off here.
pub(crate) fn draw_body(
    layout: &Layout,
    palette: &Palette,
    canvas: &mut dyn Canvas,
    (top, bottom): (f32, f32),
) {
    let shown = |from: f32, to: f32| to >= top - 1.0 && from <= bottom + 1.0;
    for band in layout
        .bands
        .iter()
        .filter(|band| shown(band.area.min.y, band.area.max.y))
    {
        canvas.polygon(&corners(band.area), palette.band(band.kind), None);
        for y in [band.area.min.y, band.area.max.y] {
            let edge = Stroke::solid(0.6, palette.band_edge);
            canvas.polyline(&[Pos::new(band.area.min.x, y), Pos::new(band.bracket, y)], &edge);
        }
    }
    for tick in layout
        .ticks
        .iter()
        .filter(|tick| tick.important && shown(tick.y, tick.y))
    {
        let guide = Stroke::dashed(0.5, palette.guide, &[1.0, 3.0]);
        canvas.polyline(
            &[
                Pos::new(layout.edges.0 - AXIS, tick.y),
                Pos::new(layout.edges.1, tick.y),
            ],
            &guide,
        );
    }
    for line in &layout.lines {
        draw_life_line(layout, line, palette, canvas, (top, bottom));
    }
    for group in layout
        .groups
        .iter()
        .filter(|group| shown(group.corners[0].y, group.corners[2].y))
    {
        arrows::draw_group(group, palette, canvas);
    }
    let visible = layout.arrows.iter().filter(|arrow| {
        let (highest, lowest) = arrow.extent();
        shown(highest - MARK, lowest + MARK)
    });
    visible.for_each(|arrow| arrows::draw_arrow(arrow, palette, canvas));
    events::draw(layout, palette, canvas, &shown);
    for label in layout.labels() {
        let bounds = label.area.bounds();
        if shown(bounds.min.y, bounds.max.y) {
            let look = Look::new(palette.text)
                .align(Align::Middle)
                .halo(palette.background);
            let look = look.turned(label.area.angle).fitted(label.area.width);
            canvas.text(&label.text, label.area.centre, label.style, &look);
        }
    }
    draw_axis(layout, palette, canvas, (top, bottom), &shown);
    draw_side(layout, palette, canvas, &shown);
}

fn corners(area: Area) -> [Pos; 4] {
    let Area { min, max } = area;
    [min, Pos::new(max.x, min.y), max, Pos::new(min.x, max.y)]
}

fn life(alive: bool, palette: &Palette) -> Stroke {
    if alive {
        Stroke::solid(1.3, palette.line)
    } else {
        Stroke::dashed(0.9, palette.line_away, &[2.5, 4.0])
    }
}

fn draw_life_line(
    layout: &Layout,
    line: &LineShape,
    palette: &Palette,
    canvas: &mut dyn Canvas,
    range: (f32, f32),
) {
    let begins = line.begins.unwrap_or(0.0);
    let ends = line.ends.as_ref().map_or(layout.height, |end| end.y).max(begins);
    for (from, to, alive) in [
        (0.0, begins, false),
        (begins, ends, true),
        (ends, layout.height, false),
    ] {
        draw_stretch(
            layout,
            line.x,
            (from.max(range.0), to.min(range.1)),
            &life(alive, palette),
            canvas,
        );
    }
    if let Some(y) = line.begins {
        let bar = [Pos::new(line.x - 4.0, y), Pos::new(line.x + 4.0, y)];
        canvas.polyline(&bar, &life(true, palette));
    }
}

/// Draws a vertical line, with a zigzag at each shortened stretch.
fn draw_stretch(layout: &Layout, x: f32, (from, to): (f32, f32), stroke: &Stroke, canvas: &mut dyn Canvas) {
    if to <= from {
        return;
    }
    let mut y = from;
    let zigzag = Stroke::solid(stroke.width, stroke.colour);
    for gap in layout
        .gaps
        .iter()
        .filter(|gap| gap.top >= from - 0.5 && gap.bottom <= to + 0.5)
    {
        let middle = f32::midpoint(gap.top, gap.bottom);
        let points: [(f32, f32); 5] = [(0.0, -7.0), (-4.0, -4.0), (4.0, 0.0), (-4.0, 4.0), (0.0, 7.0)];
        let points = points.map(|(dx, dy)| Pos::new(x + dx, middle + dy));
        canvas.polyline(&[Pos::new(x, y), points[0]], stroke);
        canvas.polyline(&points, &zigzag);
        y = points[4].y;
    }
    canvas.polyline(&[Pos::new(x, y), Pos::new(x, to)], stroke);
}

fn draw_axis(
    layout: &Layout,
    palette: &Palette,
    canvas: &mut dyn Canvas,
    range: (f32, f32),
    shown: &dyn Fn(f32, f32) -> bool,
) {
    let x = layout.edges.0 - AXIS;
    let axis = Stroke::solid(0.8, palette.faint);
    draw_stretch(
        layout,
        x,
        (range.0.max(0.0), range.1.min(layout.height)),
        &axis,
        canvas,
    );
    let right = x - AXIS_TEXT;
    let look = |colour| Look::new(colour).align(Align::End);
    for tick in layout
        .ticks
        .iter()
        .filter(|tick| shown(tick.y - 8.0, tick.y + 8.0))
    {
        canvas.polyline(&[Pos::new(x - TICK, tick.y), Pos::new(x, tick.y)], &axis);
        let colour = if tick.important {
            palette.text
        } else {
            palette.faint
        };
        canvas.text(
            &tick.text,
            Pos::new(right, tick.y),
            TextStyle::Small,
            &look(colour),
        );
    }
    for step in layout
        .steps
        .iter()
        .filter(|step| shown(step.y - 8.0, step.y + 8.0))
    {
        let text = format!("({})", step.text);
        canvas.text(
            &text,
            Pos::new(right - 4.0, step.y),
            TextStyle::Small,
            &look(palette.faintest),
        );
    }
    for gap in layout.gaps.iter().filter(|gap| shown(gap.top, gap.bottom)) {
        let y = f32::midpoint(gap.top, gap.bottom);
        canvas.text(
            &gap.text,
            Pos::new(right - 2.0, y),
            TextStyle::Small,
            &look(palette.faint),
        );
    }
}

fn draw_side(layout: &Layout, palette: &Palette, canvas: &mut dyn Canvas, shown: &dyn Fn(f32, f32) -> bool) {
    for band in &layout.bands {
        let (area, text) = (band.area, band.text_area);
        if !shown(area.min.y.min(text.min.y), area.max.y.max(text.max.y)) {
            continue;
        }
        let bracket = Stroke::solid(1.2, palette.faint);
        let x = band.bracket;
        let (top, bottom) = (area.min.y + 0.8, (area.max.y - 0.8).max(area.min.y + 0.8));
        let points = [
            Pos::new(x - 4.0, top),
            Pos::new(x, top),
            Pos::new(x, bottom),
            Pos::new(x - 4.0, bottom),
        ];
        canvas.polyline(&points, &bracket);
        let leader = [
            Pos::new(x, area.centre().y),
            Pos::new(text.min.x - 3.0, text.centre().y),
        ];
        canvas.polyline(&leader, &Stroke::solid(0.6, palette.faint));
        let name = Pos::new(text.min.x, text.min.y + TextStyle::Label.height() / 2.0);
        canvas.text(&band.text, name, TextStyle::Label, &Look::new(palette.text));
        let duration = Pos::new(text.min.x, text.max.y - TextStyle::Small.height() / 2.0);
        canvas.text(
            &band.duration,
            duration,
            TextStyle::Small,
            &Look::new(palette.faint),
        );
    }
}
