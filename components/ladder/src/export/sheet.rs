//! A sheet: a chart, or a page of it, with title, headers, legend and notes.

use crate::drawing::{
    Align, Canvas, Entry, Look, Palette, Symbol, draw_body, draw_headers, draw_symbol, entries,
};
use crate::export::measure;
use crate::{Layout, Pos, TextStyle};

/// A part of a chart between two heights of its body.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Page {
    /// Its number, from 1.
    pub number: usize,
    /// How many pages there are.
    pub count: usize,
    /// Where it begins in the body, in points.
    pub top: f32,
    /// Where it ends.
    pub bottom: f32,
}

impl Page {
    /// Returns the page that shows the whole chart.
    #[must_use]
    pub const fn whole(layout: &Layout) -> Self {
        Self {
            number: 1,
            count: 1,
            top: 0.0,
            bottom: layout.height,
        }
    }
}

/// The margin around a sheet, and its least width.
const MARGIN: f32 = 22.0;
const NARROWEST: f32 = 420.0;
const TITLE: f32 = 34.0;
const BEFORE_FOOT: f32 = 16.0;
/// The lines of legend and notes, and the symbols of the legend.
const ROW: f32 = 17.0;
const SYMBOL: f32 = 30.0;
const BETWEEN: f32 = 20.0;
/// The least room of a page for the body.
const LEAST_BODY: f32 = 120.0;

/// Divides a chart into pages of at most this height in points, each with title, headers and legend.
///
/// A page ends where it cuts through no text, if there is such a place in its lower part.
#[must_use]
pub fn pages(layout: &Layout, height: f32) -> Vec<Page> {
    let around = Sheet::new(layout, &Page::whole(layout)).height() - layout.height;
    let height = if height.is_finite() { height } else { f32::MAX };
    let room = (height - around).max(LEAST_BODY);
    let mut texts = texts(layout);
    texts.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut pages = Vec::new();
    let mut top = 0.0;
    loop {
        let last = layout.height - top <= room;
        let bottom = if last {
            layout.height
        } else {
            cut(&texts, top + room * 0.6, top + room)
        };
        pages.push(Page {
            number: pages.len() + 1,
            count: 0,
            top,
            bottom,
        });
        if last {
            break;
        }
        top = bottom;
    }
    let count = pages.len();
    pages.iter_mut().for_each(|page| page.count = count);
    pages
}

/// Returns the tops and bottoms of what a page should not cut.
fn texts(layout: &Layout) -> Vec<(f32, f32)> {
    let labels = layout
        .labels()
        .map(|label| label.area.bounds())
        .map(|area| (area.min.y, area.max.y));
    let ticks = layout.ticks.iter().map(|tick| (tick.y - 6.0, tick.y + 6.0));
    let steps = layout.steps.iter().map(|step| (step.y - 6.0, step.y + 6.0));
    let gaps = layout.gaps.iter().map(|gap| (gap.top, gap.bottom));
    let bands = layout
        .bands
        .iter()
        .map(|band| (band.text_area.min.y, band.text_area.max.y));
    let events = layout
        .events
        .iter()
        .map(|event| (event.place.y - 6.0, event.place.y + 6.0));
    labels
        .chain(ticks)
        .chain(steps)
        .chain(gaps)
        .chain(bands)
        .chain(events)
        .collect()
}

/// Returns the lowest height within bounds that lies in no text; the upper bound if there is none.
fn cut(texts: &[(f32, f32)], least: f32, most: f32) -> f32 {
    let mut at = most;
    while at >= least {
        // No text is higher than a few lines.
        let first = texts.partition_point(|text| text.0 < at - 80.0);
        let near = texts
            .get(first..)
            .unwrap_or_default()
            .iter()
            .take_while(|text| text.0 < at);
        let Some(top) = near
            .filter(|text| text.1 > at)
            .map(|text| text.0)
            .reduce(f32::min)
        else {
            return at;
        };
        at = top - 0.5;
    }
    most
}

/// A sheet that is ready to be drawn.
pub(crate) struct Sheet<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) page: Page,
    pub(crate) title: String,
    /// With the place of each symbol, from the top of the legend.
    legend: Vec<(Entry, Pos)>,
    notes: Vec<String>,
    rows: usize,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(layout: &'a Layout, page: &Page) -> Self {
        let mut sheet = Self {
            layout,
            page: *page,
            title: layout.title.clone(),
            legend: Vec::new(),
            notes: Vec::new(),
            rows: 0,
        };
        if page.count > 1 {
            sheet.title = format!("{} ({} of {})", layout.title, page.number, page.count);
        }
        let room = sheet.width() - 2.0 * MARGIN;
        let mut place = Pos::new(0.0, 0.0);
        for entry in entries(layout) {
            let width = symbol_width(entry.symbol) + 7.0 + measure(entry.text, TextStyle::Small);
            if place.x > 0.0 && place.x + width > room {
                place = Pos::new(0.0, place.y + ROW);
            }
            sheet.legend.push((entry, place));
            place.x += width + BETWEEN;
        }
        sheet.rows = if sheet.legend.is_empty() {
            0
        } else {
            (place.y / ROW) as usize + 1
        };
        sheet.notes = layout.notes.iter().flat_map(|note| wrapped(note, room)).collect();
        sheet
    }

    pub(crate) fn width(&self) -> f32 {
        (self.layout.width + 2.0 * MARGIN).max(NARROWEST)
    }

    fn body_top(&self) -> f32 {
        MARGIN + TITLE + self.layout.header_height
    }

    fn foot_top(&self) -> f32 {
        self.body_top() + (self.page.bottom - self.page.top).max(0.0) + BEFORE_FOOT
    }

    pub(crate) fn height(&self) -> f32 {
        let notes = TextStyle::Small.height() * self.notes.len() as f32;
        (self.rows as f32).mul_add(ROW, self.foot_top()) + 4.0 + notes + MARGIN
    }

    pub(crate) fn draw(&self, palette: &Palette, canvas: &mut dyn Canvas) {
        // Beyond the edges, as the last row and column of pixels are only partly covered by the sheet.
        let (width, height) = (self.width() + 2.0, self.height() + 2.0);
        let sheet = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)].map(|(x, y)| Pos::new(x, y));
        canvas.polygon(&sheet, palette.background, None);
        let mut shifted = Shifted {
            canvas,
            x: MARGIN,
            y: 0.0,
        };
        let title = Pos::new(0.0, MARGIN + TextStyle::Title.height() / 2.0);
        shifted.text(&self.title, title, TextStyle::Title, &Look::new(palette.text));
        shifted.y = MARGIN + TITLE;
        draw_headers(self.layout, palette, &mut shifted, self.page.top);
        shifted.y = 0.0;
        let (top, bottom) = (self.page.top, self.page.bottom);
        shifted.begin_part(top, bottom - top, self.body_top(), self.page.count == 1);
        draw_body(self.layout, palette, &mut shifted, (top, bottom));
        shifted.end_part();
        shifted.y = self.foot_top();
        self.draw_foot(palette, &mut shifted);
    }

    fn draw_foot(&self, palette: &Palette, canvas: &mut dyn Canvas) {
        for (entry, place) in &self.legend {
            let width = symbol_width(entry.symbol);
            let left = Pos::new(place.x, place.y + ROW / 2.0);
            draw_symbol(entry.symbol, left, width, palette, canvas);
            let text = Pos::new(left.x + width + 7.0, left.y);
            canvas.text(
                entry.text,
                text,
                TextStyle::Small,
                &Look::new(palette.text).align(Align::Start),
            );
        }
        let mut y = (self.rows as f32).mul_add(ROW, 4.0 + TextStyle::Small.height() / 2.0);
        for note in &self.notes {
            canvas.text(
                note,
                Pos::new(0.0, y),
                TextStyle::Small,
                &Look::new(palette.faint),
            );
            y += TextStyle::Small.height();
        }
    }
}

const fn symbol_width(symbol: Symbol) -> f32 {
    match symbol {
        Symbol::Event(_) | Symbol::End(_) => 12.0,
        Symbol::Message(_) | Symbol::Folded | Symbol::Unseen | Symbol::Again | Symbol::Multicast => SYMBOL,
        Symbol::Lost | Symbol::Refused => SYMBOL / 2.0,
    }
}

/// Returns the lines of a text that is set in a column.
fn wrapped(text: &str, room: f32) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if line.is_empty() || measure(&longer, TextStyle::Small) <= room {
            *line = longer;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// A canvas whose origin lies elsewhere.
struct Shifted<'a> {
    canvas: &'a mut dyn Canvas,
    x: f32,
    y: f32,
}

impl Shifted<'_> {
    fn at(&self, place: Pos) -> Pos {
        Pos::new(place.x + self.x, place.y + self.y)
    }

    fn all(&self, points: &[Pos]) -> Vec<Pos> {
        points.iter().map(|point| self.at(*point)).collect()
    }
}

impl Canvas for Shifted<'_> {
    fn polygon(&mut self, points: &[Pos], fill: [u8; 4], outline: Option<&crate::drawing::Stroke>) {
        let points = self.all(points);
        self.canvas.polygon(&points, fill, outline);
    }

    fn polyline(&mut self, points: &[Pos], stroke: &crate::drawing::Stroke) {
        let points = self.all(points);
        self.canvas.polyline(&points, stroke);
    }

    fn circle(&mut self, centre: Pos, radius: f32, fill: [u8; 4], outline: Option<&crate::drawing::Stroke>) {
        let centre = self.at(centre);
        self.canvas.circle(centre, radius, fill, outline);
    }

    fn text(&mut self, text: &str, place: Pos, style: TextStyle, look: &Look) {
        let place = self.at(place);
        self.canvas.text(text, place, style, look);
    }

    fn begin_part(&mut self, top: f32, height: f32, offset: f32, whole: bool) {
        self.canvas.begin_part(top, height, offset, whole);
    }

    fn end_part(&mut self) {
        self.canvas.end_part();
    }
}
