//! What lies at a place of the chart.

use crate::{Layout, Pos};

/// Something that a reader can point at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// The event with this id.
    Event(u64),
    /// The arrow with this id.
    Arrow(u64),
    /// The folded group whose first arrow has this id.
    Group(u64),
    /// The band with this index in the content.
    Band(usize),
    /// The life line with this index, or its end.
    LifeLine(usize),
    /// The shortened stretch with this index in the layout.
    Gap(usize),
}

/// The size of the dot of an event, from its centre.
const DOT: f32 = 5.0;

impl Layout {
    /// Returns what lies at a place of the body, or no farther from it than `tolerance` points: the smallest thing if
    /// there are several.
    #[must_use]
    pub fn at(&self, x: f32, y: f32, tolerance: f32) -> Option<Hit> {
        let place = Pos::new(x, y);
        let tolerance = tolerance.max(0.0);
        self.event_at(place, tolerance)
            .or_else(|| self.arrow_at(place, tolerance))
            .or_else(|| self.group_at(place, tolerance))
            .or_else(|| self.band_text_at(place, tolerance))
            .or_else(|| self.line_at(place, tolerance))
            .or_else(|| self.gap_at(place))
            .or_else(|| self.band_at(place))
    }

    fn event_at(&self, place: Pos, tolerance: f32) -> Option<Hit> {
        let is_at = |event: &&crate::EventShape| {
            event.place.distance(place) <= DOT + tolerance
                || event
                    .label
                    .as_ref()
                    .is_some_and(|label| label.area.contains(place, 0.0))
        };
        self.events.iter().find(is_at).map(|event| Hit::Event(event.id))
    }

    /// A label tells exactly which arrow is meant; otherwise it is the nearest one.
    fn arrow_at(&self, place: Pos, tolerance: f32) -> Option<Hit> {
        let labelled = self.arrows.iter().find(|arrow| {
            arrow
                .label
                .as_ref()
                .is_some_and(|label| label.area.contains(place, 0.0))
        });
        if let Some(arrow) = labelled {
            return Some(Hit::Arrow(arrow.id));
        }
        let near = self.arrows.iter().filter_map(|arrow| {
            let distance = distance(place, arrow, tolerance)?;
            Some((distance, arrow.id))
        });
        let nearest = near.min_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        nearest.map(|(_, id)| Hit::Arrow(id))
    }

    fn group_at(&self, place: Pos, tolerance: f32) -> Option<Hit> {
        let is_at = |group: &&crate::GroupShape| {
            let [top, bottom, far_bottom, far_top] = group.corners;
            let part = (place.x - top.x) / (far_top.x - top.x);
            let inside = (0.0..=1.0).contains(&part);
            let (above, below) = (top.towards(far_top, part).y, bottom.towards(far_bottom, part).y);
            inside && (above - tolerance..=below + tolerance).contains(&place.y)
        };
        self.groups.iter().find(is_at).map(|group| Hit::Group(group.id))
    }

    fn band_text_at(&self, place: Pos, tolerance: f32) -> Option<Hit> {
        let is_at = |band: &&crate::BandShape| {
            let bracket = (place.x - band.bracket).abs() <= tolerance.max(2.0)
                && (band.area.min.y..=band.area.max.y).contains(&place.y);
            bracket || band.text_area.contains(place, tolerance)
        };
        self.bands.iter().find(is_at).map(|band| Hit::Band(band.index))
    }

    fn line_at(&self, place: Pos, tolerance: f32) -> Option<Hit> {
        let is_at = |line: &&crate::LineShape| {
            let ended = line.ends.as_ref().and_then(|end| end.label.as_ref());
            (line.x - place.x).abs() <= tolerance.max(1.0)
                || ended.is_some_and(|label| label.area.contains(place, 0.0))
        };
        self.lines.iter().find(is_at).map(|line| Hit::LifeLine(line.line))
    }

    fn gap_at(&self, place: Pos) -> Option<Hit> {
        let is_at = |gap: &crate::Gap| (gap.top..gap.bottom).contains(&place.y);
        self.gaps.iter().position(is_at).map(Hit::Gap)
    }

    /// Returns the shortest band, as longer ones may lie around it.
    fn band_at(&self, place: Pos) -> Option<Hit> {
        let at = self.bands.iter().filter(|band| band.area.contains(place, 0.0));
        let shortest = at.min_by(|one, other| one.area.height().total_cmp(&other.area.height()));
        shortest.map(|band| Hit::Band(band.index))
    }
}

fn distance(place: Pos, arrow: &crate::ArrowShape, tolerance: f32) -> Option<f32> {
    let segments = arrow.legs.iter().flat_map(crate::Leg::segments);
    let distances = segments.filter_map(|(from, to)| {
        // Most arrows are far away.
        let near = place.y >= from.y.min(to.y) - tolerance && place.y <= from.y.max(to.y) + tolerance;
        near.then(|| place.distance_to_line(from, to))
    });
    distances
        .min_by(f32::total_cmp)
        .filter(|distance| *distance <= tolerance)
}
