//! Charts as SVG documents.

use std::fmt::Write as _;

use crate::drawing::{Align, BASELINE, Canvas, Colour, Look, Stroke};
use crate::export::sheet::Sheet;
use crate::export::{Style, measure};
use crate::{Pos, TextStyle};

/// A document that is being drawn.
pub(crate) struct Document {
    body: String,
    /// The widest that has been drawn.
    width: f32,
    /// How the part ends that was begun.
    end: &'static str,
}

/// Writing to a string does not fail, and so the results of all writing are dropped here.
macro_rules! add {
    ($self:ident, $($part:tt)*) => {
        _ = write!($self.body, $($part)*)
    };
}

impl Document {
    pub(crate) const fn new() -> Self {
        Self {
            body: String::new(),
            width: 0.0,
            end: "",
        }
    }

    pub(crate) fn finish(self, sheet: &Sheet<'_>, style: &Style) -> String {
        let safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let prefix: String = style.prefix.chars().filter(safe).collect();
        let (width, height) = (Number(sheet.width()), Number(sheet.height()));
        let layout = sheet.layout;
        let names: Vec<&str> = layout.headers.iter().map(|header| header.name.as_str()).collect();
        let messages = layout.arrows.len() + layout.groups.iter().map(|group| group.ids.len()).sum::<usize>();
        let description = format!(
            "Sequence chart of {messages} messages and {} events between {}. {}",
            layout.events.len(),
            names.join(", "),
            layout.notes.join(" ")
        );
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"{prefix}-title {prefix}-desc\" \
             width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\">\n\
             <title id=\"{prefix}-title\">{}</title>\n<desc id=\"{prefix}-desc\">{}</desc>\n{}</svg>\n",
            Escaped(&sheet.title),
            Escaped(&description),
            self.body
        )
    }

    fn points(&mut self, points: &[Pos]) {
        self.body.push_str(" points=\"");
        for (index, point) in points.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            add!(self, "{space}{},{}", Number(point.x), Number(point.y));
        }
        self.body.push('"');
    }

    fn begin_text(&mut self, text: &str, place: Pos, style: TextStyle, look: &Look) {
        let size = style.size();
        let (x, y) = (Number(place.x), Number(place.y));
        let baseline = Number(size.mul_add(BASELINE, place.y));
        add!(self, "<text x=\"{x}\" y=\"{baseline}\" font-size=\"{size}\"");
        match look.align {
            Align::Start => {}
            Align::Middle => self.body.push_str(" text-anchor=\"middle\""),
            Align::End => self.body.push_str(" text-anchor=\"end\""),
        }
        if style.is_bold() {
            self.body.push_str(" font-weight=\"bold\"");
        }
        // The reader's font may be wider or narrower than the one the layout was made with.
        let width = look.width.unwrap_or_else(|| measure(text, style));
        if width > 0.0 {
            add!(
                self,
                " textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"",
                Number(width)
            );
        }
        if look.angle.abs() > 1e-3 {
            add!(
                self,
                " transform=\"rotate({:.2} {x} {y})\"",
                look.angle.to_degrees()
            );
        }
    }

    fn fill(&mut self, colour: Colour) {
        self.paint("fill", colour);
    }

    fn paint(&mut self, what: &str, [red, green, blue, alpha]: Colour) {
        add!(self, " {what}=\"#{red:02x}{green:02x}{blue:02x}\"");
        if alpha < 0xff {
            add!(self, " {what}-opacity=\"{:.2}\"", f32::from(alpha) / 255.0);
        }
    }

    fn stroke(&mut self, stroke: &Stroke) {
        self.paint("stroke", stroke.colour);
        add!(self, " stroke-width=\"{}\"", Number(stroke.width));
        if !stroke.dashes.is_empty() {
            let dashes: Vec<String> = stroke
                .dashes
                .iter()
                .map(|dash| Number(*dash).to_string())
                .collect();
            add!(self, " stroke-dasharray=\"{}\"", dashes.join(" "));
        }
    }
}

impl Canvas for Document {
    fn polygon(&mut self, points: &[Pos], fill: Colour, outline: Option<&Stroke>) {
        self.body.push_str("<polygon");
        self.points(points);
        self.fill(fill);
        outline.into_iter().for_each(|stroke| self.stroke(stroke));
        self.body.push_str("/>\n");
        self.width = points.iter().map(|point| point.x).fold(self.width, f32::max);
    }

    fn polyline(&mut self, points: &[Pos], stroke: &Stroke) {
        self.body.push_str("<polyline fill=\"none\"");
        self.points(points);
        self.stroke(stroke);
        self.body.push_str("/>\n");
    }

    fn circle(&mut self, centre: Pos, radius: f32, fill: Colour, outline: Option<&Stroke>) {
        let (x, y) = (Number(centre.x), Number(centre.y));
        add!(self, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{}\"", Number(radius));
        self.fill(fill);
        outline.into_iter().for_each(|stroke| self.stroke(stroke));
        self.body.push_str("/>\n");
    }

    fn text(&mut self, text: &str, place: Pos, style: TextStyle, look: &Look) {
        if text.trim().is_empty() {
            return;
        }
        // Not every reader draws the outline of a text below it, if both belong to the same element.
        if let Some(halo) = look.halo {
            self.begin_text(text, place, style, look);
            self.fill(halo);
            self.stroke(&Stroke::solid(3.0, halo));
            add!(
                self,
                " stroke-linejoin=\"round\" aria-hidden=\"true\">{}</text>\n",
                Escaped(text)
            );
        }
        self.begin_text(text, place, style, look);
        self.fill(look.colour);
        add!(self, ">{}</text>\n", Escaped(text));
    }

    fn begin_part(&mut self, top: f32, height: f32, offset: f32, whole: bool) {
        if whole {
            add!(self, "<g transform=\"translate(0 {})\">\n", Number(offset - top));
            self.end = "</g>\n";
            return;
        }
        // A document within the document cuts off what lies beyond its view, without an id that might clash.
        let (width, height) = (Number(self.width), Number(height.max(0.1)));
        add!(
            self,
            "<svg x=\"0\" y=\"{}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 {} {width} {height}\">\n",
            Number(offset),
            Number(top)
        );
        self.end = "</svg>\n";
    }

    fn end_part(&mut self) {
        self.body.push_str(self.end);
    }
}

/// A number of points, as precise as can be seen.
struct Number(f32);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rounded = (f64::from(self.0) * 100.0).round() / 100.0;
        // Without the sign of a zero that was rounded.
        write!(f, "{}", if rounded.is_finite() { rounded + 0.0 } else { 0.0 })
    }
}

/// Text in an XML document.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                // XML has no way to write these.
                '\u{fffe}' | '\u{ffff}' => f.write_str("\u{fffd}")?,
                control if control.is_control() => f.write_str(" ")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}
