//! Texts whose width is bounded: measured by the caller, shortened to fit.

use std::collections::HashMap;

/// The styles of texts in a chart. All texts of a style have the same size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextStyle {
    /// The title of an export.
    Title,
    /// The name of a life line.
    Name,
    /// The label of an arrow, an event or a band.
    Label,
    /// Times, durations, roles and captions.
    Small,
}

impl TextStyle {
    /// Returns the size of the font, in points.
    #[must_use]
    pub const fn size(self) -> f32 {
        match self {
            Self::Title => 17.0,
            Self::Name => 12.5,
            Self::Label => 10.5,
            Self::Small => 9.5,
        }
    }

    /// Returns the height of a line, in points.
    #[must_use]
    pub const fn height(self) -> f32 {
        self.size() * 1.2
    }

    /// Returns whether the text is set in bold.
    #[must_use]
    pub const fn is_bold(self) -> bool {
        matches!(self, Self::Title | Self::Name)
    }
}

/// No text is longer, in characters, whatever its width.
const LONGEST: usize = 160;

/// Texts that have been measured. The same labels come again and again, and measuring is slow.
pub(crate) struct Texts<'a> {
    measure: &'a dyn Fn(&str, TextStyle) -> f32,
    known: HashMap<(String, TextStyle), f32>,
}

impl<'a> Texts<'a> {
    pub(crate) fn new(measure: &'a dyn Fn(&str, TextStyle) -> f32) -> Self {
        Self {
            measure,
            known: HashMap::new(),
        }
    }

    pub(crate) fn width(&mut self, text: &str, style: TextStyle) -> f32 {
        let key = (shortened(text, LONGEST), style);
        if let Some(width) = self.known.get(&key) {
            return *width;
        }
        let measured = (self.measure)(&key.0, style);
        let width = if measured.is_finite() {
            measured.max(0.0)
        } else {
            0.0
        };
        self.known.insert(key, width);
        width
    }

    /// Returns the text, with an ellipsis if it is shortened, and its width, which is at most `room`.
    pub(crate) fn fit(&mut self, text: &str, style: TextStyle, room: f32) -> (String, f32) {
        let line = shortened(text, LONGEST);
        let width = self.width(&line, style);
        if width <= room {
            return (line, width);
        }
        let (mut fits, mut too_long) = (0, line.chars().count());
        while too_long - fits > 1 {
            let middle = usize::midpoint(fits, too_long);
            if self.width(&shortened(&line, middle), style) <= room {
                fits = middle;
            } else {
                too_long = middle;
            }
        }
        let short = shortened(&line, fits.max(1));
        let width = self.width(&short, style).min(room);
        (short, width)
    }
}

/// Returns a single line of at most `longest` characters, the last of which is an ellipsis if there were more.
fn shortened(text: &str, longest: usize) -> String {
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    let mut characters = text.chars().map(printable);
    let mut line: String = characters.by_ref().take(longest).collect();
    if characters.next().is_some() {
        line.pop();
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shortened_to_its_room_and_never_breaks_a_line() {
        let measure = |text: &str, _| text.chars().count() as f32;
        let mut texts = Texts::new(&measure);
        assert_eq!(
            texts.fit("ASAP_COOKIE\n", TextStyle::Label, 20.0),
            ("ASAP_COOKIE ".into(), 12.0)
        );
        assert_eq!(
            texts.fit("ASAP_HANDLE", TextStyle::Label, 6.0),
            ("ASAP_…".into(), 6.0)
        );
        let (text, width) = texts.fit("ASAP", TextStyle::Label, 0.0);
        assert_eq!((text.as_str(), width), ("…", 0.0));
        let long = "ä".repeat(100_000);
        assert_eq!(
            texts.fit(&long, TextStyle::Label, f32::MAX).0.chars().count(),
            LONGEST
        );
    }

    #[test]
    fn a_measure_that_tells_nonsense_is_not_believed() {
        for nonsense in [f32::NAN, f32::INFINITY, -4.0] {
            let measure = |_: &str, _| nonsense;
            assert_eq!(Texts::new(&measure).width("ASAP", TextStyle::Label), 0.0);
        }
    }
}
