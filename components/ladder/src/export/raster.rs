//! Charts as PNG pictures.

use vello_cpu::kurbo::{Affine, BezPath, Circle, Join, Rect, Shape, Stroke as Line};
use vello_cpu::peniko::color::AlphaColor;
use vello_cpu::{Glyph, Pixmap, RenderContext, Resources};

use crate::drawing::{Align, BASELINE, Canvas, Colour, Look, Stroke};
use crate::export::{ExportError, LARGEST_SIDE, MOST_PIXELS, fonts};
use crate::{Pos, TextStyle};

/// The outline by which glyphs are made heavier, in sizes of the font: the font is a light one, which looks grey in
/// print.
const REGULAR: f32 = 0.028;
const BOLD: f32 = 0.075;
/// The width of the room that a text keeps free of lines, in points.
const HALO: f64 = 3.0;

/// A picture that is being drawn.
pub(crate) struct Picture {
    context: RenderContext,
    resources: Resources,
    scale: f64,
    /// How far the part of the chart that is being drawn is moved down, in points.
    moved: f64,
    /// Whether that part is cut off at its edges.
    cut: bool,
    width: u16,
    height: u16,
}

impl Picture {
    /// Begins a picture of a sheet of this size, in points.
    pub(crate) fn new(width: f32, height: f32, scale: f32) -> Result<Self, ExportError> {
        if !scale.is_finite() || scale <= 0.0 {
            return Err(ExportError::Scale(scale.to_string()));
        }
        let pixels = |points: f32| (f64::from(points) * f64::from(scale)).ceil().max(1.0) as u64;
        let (width, height) = (pixels(width), pixels(height));
        let largest = u64::from(LARGEST_SIDE);
        let too_large = ExportError::TooLarge { width, height };
        if width > largest || height > largest || width * height > MOST_PIXELS {
            return Err(too_large);
        }
        let (Ok(width), Ok(height)) = (u16::try_from(width), u16::try_from(height)) else {
            return Err(too_large);
        };
        Ok(Self {
            context: RenderContext::new(width, height),
            resources: Resources::new(),
            scale: f64::from(scale),
            moved: 0.0,
            cut: false,
            width,
            height,
        })
    }

    pub(crate) fn finish(mut self) -> Result<Vec<u8>, ExportError> {
        let failed = |error: png::EncodingError| ExportError::Encoding(error.to_string());
        let mut pixmap = Pixmap::new(self.width, self.height);
        self.context.flush();
        self.context.render(&mut pixmap, &mut self.resources);
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width.into(), self.height.into());
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().map_err(failed)?;
        // The sheet is opaque, and so nothing shows through.
        let rgb: Vec<u8> = pixmap
            .data()
            .iter()
            .flat_map(|pixel| [pixel.r, pixel.g, pixel.b])
            .collect();
        drop(pixmap);
        writer.write_image_data(&rgb).map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(file)
    }

    fn to_pixels(&self) -> Affine {
        Affine::scale(self.scale) * Affine::translate((0.0, self.moved))
    }

    fn paint(&mut self, [red, green, blue, alpha]: Colour) {
        self.context.set_transform(self.to_pixels());
        self.context
            .set_paint(AlphaColor::from_rgba8(red, green, blue, alpha));
    }

    fn line(&mut self, path: &BezPath, stroke: &Stroke) {
        self.paint(stroke.colour);
        let mut line = Line::new(stroke.width.into()).with_join(Join::Round);
        if !stroke.dashes.is_empty() {
            line = line.with_dashes(0.0, stroke.dashes.iter().map(|dash| f64::from(*dash)));
        }
        self.context
            .set_stroke(line.with_caps(vello_cpu::kurbo::Cap::Butt));
        self.context.stroke_path(path);
    }

    fn shape(&mut self, path: &BezPath, fill: Colour, outline: Option<&Stroke>) {
        self.paint(fill);
        self.context.fill_path(path);
        outline.into_iter().for_each(|stroke| self.line(path, stroke));
    }

    /// Draws glyphs, filled or as outlines of this width.
    fn glyphs(&mut self, placed: &[fonts::Placed], size: f32, turned: Affine, outline: Option<f64>) {
        self.context.set_transform(self.to_pixels() * turned);
        if let Some(width) = outline {
            self.context.set_stroke(Line::new(width).with_join(Join::Round));
        }
        for (index, font) in fonts::fonts().iter().enumerate() {
            let glyphs: Vec<Glyph> = placed
                .iter()
                .filter(|glyph| glyph.font == index)
                .map(|glyph| Glyph {
                    id: glyph.glyph,
                    x: glyph.x,
                    y: 0.0,
                })
                .collect();
            if glyphs.is_empty() {
                continue;
            }
            let run = self
                .context
                .glyph_run(&mut self.resources, font)
                .font_size(size)
                .hint(false);
            if outline.is_some() {
                run.stroke_glyphs(glyphs.into_iter());
            } else {
                run.fill_glyphs(glyphs.into_iter());
            }
        }
    }
}

fn path(points: &[Pos], closed: bool) -> BezPath {
    let mut path = BezPath::new();
    for (index, point) in points.iter().enumerate() {
        let point = (f64::from(point.x), f64::from(point.y));
        if index == 0 {
            path.move_to(point);
        } else {
            path.line_to(point);
        }
    }
    if closed && !points.is_empty() {
        path.close_path();
    }
    path
}

impl Canvas for Picture {
    fn polygon(&mut self, points: &[Pos], fill: Colour, outline: Option<&Stroke>) {
        self.shape(&path(points, true), fill, outline);
    }

    fn polyline(&mut self, points: &[Pos], stroke: &Stroke) {
        self.line(&path(points, false), stroke);
    }

    fn circle(&mut self, centre: Pos, radius: f32, fill: Colour, outline: Option<&Stroke>) {
        let circle = Circle::new((f64::from(centre.x), f64::from(centre.y)), radius.into());
        self.shape(&circle.to_path(0.05 / self.scale), fill, outline);
    }

    fn text(&mut self, text: &str, place: Pos, style: TextStyle, look: &Look) {
        let size = style.size();
        let (glyphs, width) = fonts::set(text, size);
        let before = match look.align {
            Align::Start => 0.0,
            Align::Middle => width / 2.0,
            Align::End => width,
        };
        let turned = Affine::translate((f64::from(place.x), f64::from(place.y)))
            * Affine::rotate(look.angle.into())
            * Affine::translate((-f64::from(before), f64::from(size * BASELINE)));
        if let Some(halo) = look.halo {
            self.paint(halo);
            self.glyphs(&glyphs, size, turned, Some(HALO));
        }
        self.paint(look.colour);
        let weight = if style.is_bold() { BOLD } else { REGULAR };
        self.glyphs(&glyphs, size, turned, Some(f64::from(weight * size)));
        self.glyphs(&glyphs, size, turned, None);
    }

    fn begin_part(&mut self, top: f32, height: f32, offset: f32, whole: bool) {
        if !whole {
            self.moved = 0.0;
            self.context.set_transform(self.to_pixels());
            let right = f64::from(self.width) / self.scale;
            let (offset, height) = (f64::from(offset), f64::from(height.max(0.0)));
            let clip = Rect::new(0.0, offset, right, offset + height);
            self.context.push_clip_path(&clip.to_path(0.1));
        }
        self.cut = !whole;
        self.moved = f64::from(offset - top);
    }

    fn end_part(&mut self) {
        if self.cut {
            self.context.pop_clip_path();
        }
        self.moved = 0.0;
    }
}
