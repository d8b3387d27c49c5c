//! One lane per component: its conditions, faults and failovers; above them the story; magnified down to a millisecond.

use std::collections::BTreeMap;

use egui::scroll_area::ScrollSource;
use egui::{Align2, Color32, Rect, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use feed::{ComponentRole, Timestamp};

use super::lane::{self, Look};
use super::line::Line;
use super::marks::{self, Merging};
use super::scale::Scale;
use super::sketch::{Drawing, Sign, Sketch};
use super::{TimeState, bar, hover, ticks, wording};
use crate::icon;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE, SPACE_SMALL, Theme, fade, size};
use chronicle::{HighlightKind, Lane, TimeStatus};
use command::Command;
use model::{ComponentId, words};

/// The width of the names.
const NAMES: f32 = 128.0;
/// The height of the labels of time, of the story, and of a lane.
const TICKS: f32 = 18.0;
const STORY: f32 = 22.0;
const LANE: f32 = 19.0;
/// The same where texts are larger.
const LARGE_LANE: f32 = 24.0;
/// The least distance of the labels.
const APART: f32 = 96.0;
/// Half of the height of a sign.
const SIGN: f32 = 5.0;
/// The height of a failover at the bottom of its lane.
const RECOVERY: f32 = 4.0;
/// The width from which a failover has words.
const WORDY: f32 = 70.0;

/// What the drawing of the lanes depends on.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    revision: u64,
    scale: Scale,
    plot: Rect,
    /// The first lane that is visible, how far it is moved, and their number.
    scrolled: (usize, f32, usize),
    /// The ends of what can be shown, in points.
    ends: (i32, i32),
    chosen: Option<ComponentId>,
    dark: bool,
    text: f32,
}

/// The drawing of the lanes, kept until it changes.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    key: Option<Key>,
    lanes: Drawing,
    story: Drawing,
    /// The components in the order of their lanes, as of a revision.
    order: (Option<u64>, Vec<ComponentId>),
    /// Where labels count from while the cursor moves.
    origin: Option<Timestamp>,
}

impl Drawn {
    fn update_order(&mut self, time: &TimeStatus<'_>) {
        if self.order.0 == Some(time.lanes.revision) {
            return;
        }
        let rank = |role| match role {
            ComponentRole::Registrar => 0,
            ComponentRole::PoolElement => 1,
            ComponentRole::PoolUser => 2,
        };
        let mut order: Vec<(u8, ComponentId)> = time
            .lanes
            .components
            .iter()
            .map(|(id, lane)| (rank(lane.role), *id))
            .collect();
        order.sort_unstable();
        let order = order.into_iter().map(|(_, id)| id).collect();
        self.order = (Some(time.lanes.revision), order);
    }
}

/// Draws the lanes into all available room.
pub(crate) fn lanes_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut TimeState,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) {
    let Some(time) = snapshot.time else { return };
    let theme = Theme::of(ui);
    let area = ui.available_rect_before_wrap();
    if time.lanes.components.is_empty() && time.lanes.points.is_empty() {
        let text = "Each component has a lane here once it was started: its conditions, its faults, and the failovers \
                    that follow from them.";
        ui.label(egui::RichText::new(text).color(theme.weak));
        return;
    }
    state.drawn_lanes.update_order(&time);
    let names = NAMES.min(area.width() * 0.3);
    let plot = Rect::from_min_max(pos2(area.left() + names, area.top()), area.max);
    let text = theme::legible(ui, size::CAPTION);
    let height = if text > size::CAPTION { LARGE_LANE } else { LANE };
    let scale = state.magnifier.scale(time.to, plot.left(), plot.width());
    let line = Line {
        snapshot,
        time: &time,
        scale,
        is_bar: false,
    };
    let id = ui.scope_id().with("magnified time line");
    let response = ui.interact(plot, id, Sense::click_and_drag());
    line.announce(ui, &response, "Magnified time line");
    line.handle(ui, &response, state, commands);

    let header = Rect::from_min_size(plot.min, vec2(plot.width(), TICKS));
    let story = Rect::from_min_size(header.left_bottom(), vec2(plot.width(), STORY));
    let below = Rect::from_min_max(pos2(area.left(), story.bottom()), area.max);
    let count = state.drawn_lanes.order.1.len();
    let over_names =
        ui.rect_contains_pointer(Rect::from_x_y_ranges(area.left()..=plot.left(), below.y_range()));
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(below));
    child.set_clip_rect(below.intersect(ui.clip_rect()));
    let scroll = ScrollArea::vertical()
        .id_salt("time lanes")
        .auto_shrink(false)
        // Over the lanes, the wheel magnifies.
        .scroll_source(ScrollSource {
            mouse_wheel: over_names,
            ..ScrollSource::default()
        });
    let mut seen = (0, 0.0, 0);
    scroll.show_viewport(&mut child, |ui, viewport| {
        let size = vec2(ui.available_width(), count as f32 * height);
        let (whole, _) = ui.allocate_exact_size(size, Sense::hover());
        let first = (viewport.top() / height).floor().max(0.0) as usize;
        let last = ((viewport.bottom() / height).ceil().max(0.0) as usize).min(count);
        seen = (first, whole.top(), last.saturating_sub(first));
        let order = state.drawn_lanes.order.1.get(first..last).unwrap_or_default();
        for (index, id) in order.iter().enumerate() {
            let Some(lane) = time.lanes.components.get(id) else {
                continue;
            };
            let top = whole.top() + (first + index) as f32 * height;
            let rect = Rect::from_min_size(pos2(area.left(), top), vec2(names - SPACE_SMALL, height));
            name_ui(ui, theme, rect, *id, lane, &time, selection);
        }
    });
    let (first, top, visible) = seen;
    let key = Key {
        revision: time.lanes.revision,
        scale,
        plot,
        scrolled: seen,
        ends: (scale.x(time.from) as i32, scale.x(time.to) as i32),
        chosen: selection.component(),
        dark: ui.visuals().dark_mode,
        text,
    };
    if state.drawn_lanes.key.as_ref() != Some(&key) {
        let look = Look { theme, text };
        let rows: Vec<(ComponentId, Rect)> = state
            .drawn_lanes
            .order
            .1
            .iter()
            .enumerate()
            .skip(first)
            .take(visible)
            .map(|(index, id)| {
                let top = top + index as f32 * height;
                (
                    *id,
                    Rect::from_min_size(pos2(plot.left(), top), vec2(plot.width(), height)),
                )
            })
            .collect();
        let drawing = Painting {
            look,
            scale,
            time: &time,
            state,
            chosen: selection.component(),
        };
        let (lanes, story) = (drawing.lanes(&rows, below), drawing.story(story));
        state.drawn_lanes.lanes = lanes.finish(ui.ctx());
        state.drawn_lanes.story = story.finish(ui.ctx());
        state.drawn_lanes.key = Some(key);
    }
    let lanes_plot = Rect::from_min_max(pos2(plot.left(), below.top()), below.max);
    state.drawn_lanes.lanes.paint(&ui.painter_at(lanes_plot));
    state.drawn_lanes.story.paint(&ui.painter_at(story));
    paint_ticks(ui, theme, &line, state, header, plot, text);
    let side = Rect::from_min_size(pos2(area.left(), story.top()), vec2(names, STORY));
    let font = theme::plain_font(text);
    ui.painter().text(
        side.left_center(),
        Align2::LEFT_CENTER,
        "Story and marks",
        font,
        theme.weak,
    );

    let painter = ui.painter_at(plot);
    let looped = time.cursor.and_then(|cursor| cursor.looped).or(state.selected());
    if let Some((from, to)) = looped {
        bar::paint_loop(&painter, theme, plot, scale.x(from), scale.x(to));
    }
    if let Some(pointer) = response.hover_pos() {
        let stroke = Stroke::new(1.0, fade(theme.text, 0.35));
        painter.vline(pointer.x, plot.y_range(), stroke);
    }
    let at = time.cursor.map_or(time.to, |cursor| cursor.at);
    let colour = if snapshot.is_present() {
        theme.good
    } else {
        theme.past
    };
    bar::paint_cursor(&painter, plot, scale.x(at), colour);
    if response.has_focus() {
        painter.rect_stroke(plot, 2.0, theme.focused_edge(), egui::StrokeKind::Inside);
    }
    let under = response.hover_pos().filter(|pointer| pointer.y >= below.top());
    let lane = under.and_then(|pointer| {
        let index = ((pointer.y - top) / height).floor();
        (index >= 0.0).then(|| state.drawn_lanes.order.1.get(index as usize).copied())?
    });
    hover::hover_ui(&response, &line, state, lane);
}

/// Draws the name of a lane, which selects its component.
fn name_ui(
    ui: &Ui,
    theme: &Theme,
    rect: Rect,
    id: ComponentId,
    lane: &Lane,
    time: &TimeStatus<'_>,
    selection: &mut Selection,
) {
    let response = ui.interact(rect, ui.scope_id().with(("lane", id)), Sense::click());
    let at = time.cursor.map_or(time.to, |cursor| cursor.at);
    let condition = lane.spans.iter().rfind(|span| span.from <= at);
    let word = condition.map_or("not there yet", |span| wording::condition(span.condition));
    let chosen = selection.component() == Some(id);
    response.widget_info(|| {
        let label = format!("Lane of {}: {word}", lane.name);
        WidgetInfo::selected(Role::Button, true, chosen, label)
    });
    if chosen || response.hovered() {
        ui.painter().rect_filled(rect, 4.0, theme.raised);
    }
    if response.has_focus() {
        ui.painter()
            .rect_stroke(rect, 4.0, theme.focused_edge(), egui::StrokeKind::Inside);
    }
    if response.gained_focus() {
        ui.scroll_to_rect(rect, None);
    }
    let colour = lane::own_colour(theme, lane);
    let shape = pos2(rect.left() + 9.0, rect.center().y);
    icon::paint_role(
        ui.painter(),
        shape,
        5.0,
        lane.role,
        fade(colour, 0.35),
        Stroke::new(1.3, colour),
    );
    let font = theme::plain_font(theme::legible(ui, size::SMALL));
    let ink = if word == "not there yet" {
        theme.weak
    } else {
        theme.text
    };
    let galley = theme::elided(ui.painter(), &lane.name, font, ink, rect.width() - 22.0);
    let place = pos2(rect.left() + 19.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(place, galley, ink);
    if response.clicked() {
        selection.select(id);
    }
    response.on_hover_text(format!("{}: {word}", lane.name));
}

/// Draws the labels of time, and a line through all lanes at each.
fn paint_ticks(
    ui: &Ui,
    theme: &Theme,
    line: &Line<'_>,
    state: &mut TimeState,
    header: Rect,
    plot: Rect,
    text: f32,
) {
    let cursor = line.time.cursor;
    let rests = cursor.filter(|cursor| cursor.speed.is_none());
    if cursor.is_none() {
        state.drawn_lanes.origin = None;
    } else if let Some(cursor) = rests {
        state.drawn_lanes.origin = Some(cursor.at);
    }
    let began = state.watched.as_ref().map(super::watched::Watched::began);
    let origin = began.or(state.drawn_lanes.origin);
    let least = APART * text / size::CAPTION;
    let painter = ui.painter_at(plot.expand2(vec2(0.0, 0.0)));
    let font = theme::plain_font(text);
    for tick in ticks::ticks(line.scale, line.snapshot.wall_clock, origin, least) {
        let x = line.scale.x(tick.at);
        painter.vline(x, plot.y_range(), Stroke::new(1.0, fade(theme.line, 0.6)));
        let at = pos2(x + 3.0, header.center().y);
        painter.text(at, Align2::LEFT_CENTER, tick.text, font.clone(), theme.weak);
    }
    painter.hline(plot.x_range(), header.bottom(), theme.edge());
}

/// Everything that the drawing is made from.
struct Painting<'a> {
    look: Look,
    scale: Scale,
    time: &'a TimeStatus<'a>,
    state: &'a TimeState,
    chosen: Option<ComponentId>,
}

impl Painting<'_> {
    /// Draws the visible lanes.
    fn lanes(&self, rows: &[(ComponentId, Rect)], area: Rect) -> Sketch {
        let mut sketch = Sketch::default();
        let (theme, scale, time) = (self.look.theme, self.scale, self.time);
        let mut places: BTreeMap<ComponentId, (Rect, Merging)> = BTreeMap::new();
        for (id, row) in rows {
            if self.chosen == Some(*id) {
                sketch.rect(*row, fade(theme.accent, 0.12));
            }
            let line = Rect::from_x_y_ranges(row.x_range(), row.bottom() - 0.5..=row.bottom());
            sketch.rect(line, fade(theme.line, 0.5));
            if let Some(lane) = time.lanes.components.get(id) {
                lane::draw(&mut sketch, self.look, *row, scale, lane, time.to);
            }
            places.insert(*id, (*row, Merging::new(SIGN)));
        }
        let mut ends: BTreeMap<ComponentId, f32> = BTreeMap::new();
        for extent in self.state.extents.between(scale.begin, scale.end()) {
            let Some(point) = time.lanes.points.get(extent.point) else {
                continue;
            };
            let Some(id) = point.component else { continue };
            let Some((row, _)) = places.get(&id) else { continue };
            let before = ends.entry(id).or_insert(f32::NEG_INFINITY);
            let end = scale.x(extent.to);
            if end >= *before + 1.0 {
                *before = end;
                self.recovery(&mut sketch, *row, &point.kind, extent.from, extent.to);
            }
        }
        for point in marks::between(time.lanes, scale.begin, scale.end()) {
            let (Some(id), Some((sign, colour))) = (point.component, marks::sign(theme, point)) else {
                continue;
            };
            if !matches!(sign, Sign::Fault | Sign::Detection | Sign::Problem) {
                continue;
            }
            let x = scale.x(point.at);
            if let Some((row, merging)) = places.get_mut(&id)
                && merging.takes(sign, x)
            {
                sketch.sign(sign, pos2(x, row.center().y), SIGN + 2.0, theme.panel);
                sketch.sign(sign, pos2(x, row.center().y), SIGN, colour);
            }
        }
        self.gaps(&mut sketch, area);
        sketch
    }

    /// Draws a failover or takeover at the bottom of its lane: thin until it was noticed, thick from then on.
    fn recovery(&self, sketch: &mut Sketch, row: Rect, kind: &HighlightKind, from: Timestamp, to: Timestamp) {
        let HighlightKind::Recovery {
            takeover,
            detected,
            succeeded,
            ..
        } = kind
        else {
            return;
        };
        let theme = self.look.theme;
        let colour = match (succeeded, takeover) {
            (false, _) => theme.danger,
            (true, false) => theme.good,
            (true, true) => theme.protocol(feed::Protocol::Enrp),
        };
        let x = |at: Timestamp| self.scale.x(at).clamp(row.left() - 2.0, row.right() + 2.0);
        let (begin, noticed, end) = (x(from), x(*detected), x(to));
        let bottom = row.bottom() - 1.0;
        let thin = Rect::from_x_y_ranges(begin..=noticed, bottom - RECOVERY / 2.0..=bottom);
        sketch.rect(thin, theme.fault);
        let thick = Rect::from_x_y_ranges(noticed..=end.max(noticed + 2.0), bottom - RECOVERY..=bottom);
        sketch.rect(thick, colour);
        let (begin, end) = (begin.max(row.left()), end.min(row.right()));
        if end - begin >= WORDY {
            let word = if *takeover { "takeover" } else { "failover" };
            let text = format!("{word} {}", words::duration(to - from));
            let font = theme::strong_font(self.look.text);
            let at = pos2((begin + end) / 2.0, row.center().y - 1.0);
            let behind = Rect::from_center_size(
                at,
                vec2(text.len() as f32 * self.look.text * 0.56, row.height() - 6.0),
            );
            sketch.rect(behind, fade(theme.panel, 0.85));
            sketch.text(at, Align2::CENTER_CENTER, text, font, colour, end - begin);
        }
    }

    /// Hatches what was not recorded, and what is before the beginning.
    fn gaps(&self, sketch: &mut Sketch, area: Rect) {
        let (theme, scale, time) = (self.look.theme, self.scale, self.time);
        let mut gap = |from: f32, to: f32, text: &str| {
            let rect = Rect::from_x_y_ranges(
                from.max(scale.left)..=to.min(scale.right()).max(from.max(scale.left) + 1.5),
                area.y_range(),
            );
            if rect.width() <= 0.0 || rect.left() > scale.right() {
                return;
            }
            sketch.rect(rect, theme.panel);
            sketch.hatch(rect, 14.0, true, Stroke::new(1.0, fade(theme.weak, 0.35)));
            if rect.width() >= WORDY && !text.is_empty() {
                let at = rect.center();
                let room = rect.width() - SPACE;
                let width = (text.len() as f32 * self.look.text * 0.55).min(room);
                let behind = Rect::from_center_size(at, vec2(width, self.look.text * 1.6));
                sketch.rect(behind, theme.panel);
                let font = theme::plain_font(self.look.text);
                sketch.text(at, Align2::CENTER_CENTER, text, font, theme.weak, room);
            }
        };
        for extent in self.state.extents.between(scale.begin, scale.end()) {
            let point = time.lanes.points.get(extent.point);
            if let Some(HighlightKind::Gap { text, .. }) = point.map(|point| &point.kind) {
                let text = format!("not recorded: {text}");
                gap(scale.x(extent.from), scale.x(extent.to), &text);
            }
        }
        if scale.begin < time.from {
            let text = if time.recording.dropped {
                "dropped to make room"
            } else {
                "before the recording"
            };
            gap(scale.left, scale.x(time.from), text);
        }
    }

    /// Draws the steps and expectations of the story, and marks.
    fn story(&self, row: Rect) -> Sketch {
        let mut sketch = Sketch::default();
        let (theme, scale) = (self.look.theme, self.scale);
        let line = Rect::from_x_y_ranges(row.x_range(), row.bottom() - 0.5..=row.bottom());
        sketch.rect(line, theme.line);
        let shown: Vec<_> = marks::between(self.time.lanes, scale.begin, scale.end())
            .iter()
            .filter_map(|point| Some((point, marks::sign(theme, point)?)))
            .filter(|(point, (sign, _))| {
                matches!(sign, Sign::Step | Sign::Met | Sign::NotMet | Sign::Mark)
                    || point.component.is_none()
            })
            .collect();
        let mut merging = Merging::new(2.0 * SIGN);
        let mut texts: Vec<(f32, String, Color32)> = Vec::new();
        for (point, (sign, colour)) in shown {
            let x = scale.x(point.at);
            if !merging.takes(sign, x) {
                continue;
            }
            sketch.sign(sign, pos2(x, row.center().y), SIGN, colour);
            let text = match &point.kind {
                HighlightKind::Step { position, text } => format!("{} {text}", position + 1),
                HighlightKind::Mark { name } => name.clone(),
                _ => String::new(),
            };
            texts.push((x, text, colour));
        }
        // Each text has the room until the next sign.
        for (index, (x, text, colour)) in texts.iter().enumerate() {
            let next = texts
                .get(index + 1)
                .map_or(row.right(), |(x, ..)| *x - SIGN - 2.0);
            let room = next - x - SIGN - 3.0;
            if room > 14.0 && !text.is_empty() {
                let at = pos2(x + SIGN + 3.0, row.center().y);
                let font = theme::plain_font(self.look.text);
                sketch.text(at, Align2::LEFT_CENTER, text.clone(), font, *colour, room);
            }
        }
        sketch
    }
}
