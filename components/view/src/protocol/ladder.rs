//! The sequence chart: what it is of, how it is moved, and what is clicked in it.

use std::collections::BTreeSet;

use analysis::{Chart, Scene, Subject};
use egui::{Button, Rect, Role, ScrollArea, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};
use feed::Timestamp;
use ladder::{Hit, Layout, Options, TextStyle};
use trace::{Clock, EndId, Filter};

use super::ProtocolState;
use super::painter::Painting;
use super::scope::Scope;
use crate::button::IconButton;
use crate::files::Part;
use crate::icon::Icon;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE_SMALL, Theme};
use chronicle::TimeControl;
use command::{ChartFile, Command};
use model::words;

/// How far from a line of the chart a click still means it, in points.
const TOLERANCE: f32 = 5.0;
/// How much larger than in print it is at least and at most.
const ENLARGED: (f32, f32) = (0.95, 1.7);
/// What a step of zooming does.
const ZOOM: f32 = 1.25;
/// The height of the row of controls.
const CONTROLS: f32 = 26.0;

/// The state of the chart.
#[derive(Debug, Default)]
pub(super) struct LadderState {
    /// The groups that are shown singly.
    unfolded: BTreeSet<u64>,
    scale: Option<f32>,
    /// The components that are shown, if the user has chosen them.
    lines: Option<BTreeSet<EndId>>,
    /// Whether the chart stays as it is while time goes on.
    held: Option<(Timestamp, Timestamp)>,
    drawn: Option<Drawn>,
    /// Whether the chart is to be scrolled to its chosen arrow.
    seeks: bool,
}

/// A chart as it was laid out for a certain subject.
#[derive(Debug)]
struct Drawn {
    key: Key,
    chart: Chart,
    layout: Layout,
}

/// What a layout depends on.
#[derive(Debug, PartialEq)]
struct Key {
    subject: Subject,
    filter: String,
    messages: usize,
    packets: usize,
    lanes: u64,
    epoch: u64,
    unfolded: BTreeSet<u64>,
    scale: f32,
}

impl LadderState {
    /// Stretches the axis of time.
    fn stretch(&mut self, factor: f32) {
        if factor != 1.0 {
            let scale = self.scale.unwrap_or(1.0) * factor;
            self.scale = Some(scale.clamp(0.1, 10.0));
        }
    }
}

impl Drawn {
    /// Returns the chart for a file: nothing in it is chosen.
    fn file(&self) -> ChartFile {
        let mut content = self.chart.content.clone();
        for arrow in &mut content.arrows {
            arrow.selected = false;
        }
        ChartFile {
            content,
            options: Options {
                unfolded: self.key.unfolded.clone(),
                scale: self.key.scale,
                ..Options::default()
            },
        }
    }
}

/// Draws the chart.
pub(super) fn ladder_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ProtocolState,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let Some(subject) = subject(snapshot, state) else {
        ui.label(theme.remark("What this was about is gone."));
        return;
    };
    if state.sought.is_some() {
        state.ladder.seeks = true;
    }
    lay_out(ui, snapshot, state, selection, subject);
    ui.horizontal(|ui| {
        ui.set_height(CONTROLS);
        ui.spacing_mut().item_spacing.x = SPACE_SMALL;
        chart_controls_ui(ui, snapshot, state);
    });
    let Some(drawn) = state.ladder.drawn.as_ref() else {
        return;
    };
    if drawn.chart.content.arrows.is_empty() {
        ui.label(theme.remark("Nothing was sent within this time that passes the filter."));
        return;
    }
    let follows = state.scope == Scope::All && state.ladder.held.is_none();
    let wheel = ui.input(|input| input.smooth_scroll_delta().y);
    if follows
        && snapshot.is_present()
        && wheel != 0.0
        && ui.rect_contains_pointer(ui.available_rect_before_wrap())
    {
        // Who moves it wants to look at something.
        state.ladder.held = Some(Scope::latest(snapshot));
    }
    let mut stretch = 1.0;
    let clicked = canvas_ui(ui, snapshot, state, follows, &mut stretch);
    if clicked.is_some() && follows && snapshot.is_present() {
        state.ladder.held = Some(Scope::latest(snapshot));
    }
    state.ladder.seeks = false;
    state.ladder.stretch(stretch);
    match clicked {
        Some(Hit::Arrow(id)) => {
            let item = Chart::item(id);
            let again = state.chosen == Some(item);
            state.choose((!again).then_some(item));
            state.sought = state.chosen;
        }
        Some(Hit::Group(id)) => {
            state.ladder.unfolded.insert(id);
        }
        Some(Hit::LifeLine(line)) => {
            let end = state
                .ladder
                .drawn
                .as_ref()
                .and_then(|drawn| drawn.chart.lines.get(line));
            let component = end.and_then(|end| state.cast.cast.get(*end)?.component);
            if let Some(component) = component {
                selection.select(component);
            }
        }
        Some(Hit::Event(number)) => {
            let point = snapshot
                .time
                .and_then(|time| time.lanes.points.get(usize::try_from(number).ok()?));
            if let Some(point) = point {
                commands.push(Command::Time(TimeControl::Seek(point.at)));
            }
        }
        Some(Hit::Band(_) | Hit::Gap(_)) | None => {}
    }
}

/// Returns what the chart is about now.
fn subject(snapshot: &Snapshot<'_>, state: &ProtocolState) -> Option<Subject> {
    let mut subject = match state.scope {
        Scope::Recovery(_) => Subject::of_recovery(&state.scope.recovery(snapshot)?),
        Scope::All | Scope::Span(..) => {
            let latest = || state.ladder.held.unwrap_or_else(|| Scope::latest(snapshot));
            Subject {
                span: state.scope.span(snapshot).unwrap_or_else(latest),
                title: snapshot.scenario_status.name.to_owned(),
                phases_of: None,
                origin: None,
                lines: None,
                hidden: BTreeSet::new(),
                hidden_purposes: BTreeSet::new(),
                sctp: false,
                selected: None,
            }
        }
    };
    // With the fault in sight, times are counted from it.
    if subject.origin.is_none() {
        let mut faults = snapshot.time?.lanes.points.iter().filter(|point| {
            matches!(point.kind, chronicle::HighlightKind::Fault { .. })
                && (subject.span.0..=subject.span.1).contains(&point.at)
        });
        subject.origin = faults.next_back().map(|point| (point.at, "the fault".to_owned()));
    }
    subject.hidden.extend(&state.hidden);
    subject.hidden_purposes.clone_from(&state.hidden_purposes);
    subject.lines.clone_from(&state.ladder.lines);
    subject.sctp = state.sctp;
    subject.selected = state.chosen;
    Some(subject)
}

/// Lays the chart out, if anything has changed.
fn lay_out(
    ui: &Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ProtocolState,
    selection: &Selection,
    subject: Subject,
) {
    let (Some(protocol), Some(time)) = (snapshot.protocol, snapshot.time) else {
        return;
    };
    let key = Key {
        subject,
        filter: state.chart_filter(snapshot, selection),
        messages: protocol.trace().messages.len(),
        packets: protocol.trace().packets.len(),
        lanes: time.lanes.revision,
        epoch: time.epoch,
        unfolded: state.ladder.unfolded.clone(),
        scale: state.ladder.scale.unwrap_or(1.0),
    };
    if state.ladder.drawn.as_ref().is_some_and(|drawn| drawn.key == key) {
        return;
    }
    let scene = Scene {
        trace: protocol.trace(),
        lanes: time.lanes,
        cast: &state.cast.cast,
    };
    let clock = protocol.clock().unwrap_or(Clock {
        wall_clock: snapshot.wall_clock,
        begin: time.from,
    });
    let filter = Filter::parse(&key.filter).unwrap_or_default();
    let chart = Chart::new(&scene, &key.subject, &filter.prepare(protocol.trace(), clock));
    let options = Options {
        unfolded: key.unfolded.clone(),
        scale: key.scale,
        ..Options::default()
    };
    let measure = |text: &str, style: TextStyle| {
        let font = font(style);
        ui.painter()
            .layout_no_wrap(text.to_owned(), font, egui::Color32::PLACEHOLDER)
            .size()
            .x
    };
    let layout = Layout::new(&chart.content, &options, &measure);
    state.ladder.drawn = Some(Drawn { key, chart, layout });
}

/// Returns the font of a style of text.
pub(super) fn font(style: TextStyle) -> egui::FontId {
    if style.is_bold() {
        theme::strong_font(style.size())
    } else {
        theme::plain_font(style.size())
    }
}

fn chart_controls_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &mut ProtocolState) {
    let theme = Theme::of(ui);
    for (icon, name, factor) in [
        (Icon::Minus, "Less far apart", 1.0 / ZOOM),
        (Icon::Plus, "Farther apart", ZOOM),
    ] {
        if IconButton::new(icon, name).show(ui).clicked() {
            state.ladder.stretch(factor);
        }
    }
    if !state.ladder.unfolded.is_empty()
        && IconButton::new(Icon::Back, "Fold again what was unfolded")
            .show(ui)
            .clicked()
    {
        state.ladder.unfolded.clear();
    }
    lines_ui(ui, state);
    if state.scope == Scope::All && snapshot.is_present() {
        let held = state.ladder.held.is_some();
        let (icon, name) = if held {
            (Icon::Play, "Let the chart go on")
        } else {
            (Icon::Pause, "Let the chart stay as it is")
        };
        if IconButton::new(icon, name).selected(held).show(ui).clicked() {
            state.ladder.held = (!held).then(|| Scope::latest(snapshot));
        }
    }
    let latest = snapshot.time.and_then(|time| time.lanes.recoveries().last());
    if let Some(latest) = latest {
        let name = if latest.takeover {
            "The latest takeover"
        } else {
            "The latest failover"
        };
        let scope = Scope::Recovery(latest.end);
        let button = Button::selectable(state.scope == scope, theme::small(name));
        if ui.add(button).clicked() {
            state.scope = if state.scope == scope { Scope::All } else { scope };
        }
    }
    if let Some(drawn) = &state.ladder.drawn {
        let save = IconButton::new(Icon::Save, "Save the chart as SVG or PNG");
        if save.show(ui).clicked() {
            state.to_save = Some(Part::Chart(Box::new(drawn.file())));
        }
        let (from, to) = drawn.key.subject.span;
        let mut text = format!("{} of time", words::duration(to - from));
        if drawn.chart.left_out > 0 {
            let left_out = words::count(drawn.chart.left_out as u64);
            text =
                format!("{text}, {left_out} messages more than can be drawn: choose less time or a filter");
        }
        ui.label(theme.remark(text));
    }
}

/// Draws the choice of the components that are shown.
fn lines_ui(ui: &mut Ui, state: &mut ProtocolState) {
    let Some(drawn) = &state.ladder.drawn else {
        return;
    };
    let shown: BTreeSet<EndId> = drawn.chart.lines.iter().copied().collect();
    let chosen = state.ladder.lines.is_some();
    ui.menu_button(theme::small("Components"), |ui| {
        if ui.selectable_label(!chosen, "Those who take part").clicked() {
            state.ladder.lines = None;
        }
        ui.separator();
        ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            for (number, member) in state.cast.cast.members().enumerate() {
                let end = EndId(number as u16);
                let mut is_shown = shown.contains(&end);
                if ui.checkbox(&mut is_shown, &member.name).changed() {
                    let lines = state.ladder.lines.get_or_insert_with(|| shown.clone());
                    if is_shown {
                        lines.insert(end);
                    } else {
                        lines.remove(&end);
                    }
                }
            }
        });
    });
}

/// Draws the chart itself, with its headers above. Returns what was clicked.
fn canvas_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &ProtocolState,
    follows: bool,
    stretch: &mut f32,
) -> Option<Hit> {
    let theme = Theme::of(ui);
    let (ladder, scope) = (&state.ladder, state.scope);
    let drawn = ladder.drawn.as_ref()?;
    let layout = &drawn.layout;
    let room = ui.available_rect_before_wrap();
    // It fills the room, so that it can be read from afar; one that would become too large stands in the middle.
    let zoom = (room.width() / layout.width.max(1.0)).clamp(ENLARGED.0, ENLARGED.1);
    let margin = ((room.width() - layout.width * zoom) / 2.0).max(0.0);
    let header = Rect::from_min_size(room.min, vec2(room.width(), layout.header_height * zoom));
    ui.advance_cursor_after_rect(header);
    let follows = follows && snapshot.is_present();
    let mut area = ScrollArea::both()
        // Each failover begins at its top.
        .id_salt(("sequence chart", scope))
        .auto_shrink(false);
    if follows {
        let below = layout.height * zoom - ui.available_height();
        area = area.vertical_scroll_offset(below.max(0.0));
    }
    let output = area.show_viewport(ui, |ui, viewport| {
        let size = vec2(layout.width * zoom + margin, layout.height * zoom);
        let size = size.max(vec2(viewport.width(), 0.0));
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, description(drawn)));
        let origin = rect.min + vec2(margin, 0.0);
        let painting = Painting {
            theme,
            painter: ui.painter().clone(),
            origin,
            zoom,
            visible: ((viewport.top() - 40.0) / zoom, (viewport.bottom() + 40.0) / zoom),
        };
        painting.body(layout);
        if !snapshot.is_present() || snapshot.time.is_some_and(|time| time.cursor.is_some()) {
            painting.cursor(layout, snapshot.now);
        }
        if ladder.seeks {
            let chosen = layout.arrows.iter().find(|arrow| arrow.selected);
            if let Some(start) = chosen.and_then(ladder::ArrowShape::start) {
                let place = pos2(origin.x + start.x * zoom, origin.y + start.y * zoom);
                ui.scroll_to_rect(Rect::from_center_size(place, Vec2::splat(80.0)), None);
            }
        }
        let pinch = ui.input(egui::InputState::zoom_delta);
        if response.hovered() && (pinch - 1.0).abs() > 1e-3 {
            *stretch = pinch;
        }
        let pointer = response.hover_pos();
        let hit =
            pointer.and_then(|pointer| layout.at(pointer.x - origin.x, pointer.y - origin.y, TOLERANCE));
        if let Some(hit) = hit {
            painting.highlight(layout, hit);
            if matches!(
                hit,
                Hit::Arrow(_) | Hit::Group(_) | Hit::LifeLine(_) | Hit::Event(_)
            ) {
                ui.set_cursor_icon(egui::CursorIcon::PointingHand);
            }
            if let Some(text) = hover_text(drawn, hit) {
                response.clone().on_hover_text_at_pointer(text);
            }
        }
        (hit.filter(|_| response.clicked()), origin.x)
    });
    let (clicked, left) = output.inner;
    let painter = ui.painter().with_clip_rect(header);
    painter.rect_filled(header, 0.0, theme.panel);
    Painting {
        theme,
        painter,
        origin: pos2(left, header.top()),
        zoom,
        visible: (f32::MIN, f32::MAX),
    }
    .headers(layout);
    clicked
}

/// Says in words what the chart shows.
fn description(drawn: &Drawn) -> String {
    let names = drawn
        .chart
        .content
        .life_lines
        .iter()
        .map(|line| line.name.as_str());
    let names: Vec<&str> = names.collect();
    format!(
        "Sequence chart of {}: {} messages between {}",
        drawn.chart.content.title,
        drawn.chart.content.arrows.len(),
        names.join(", ")
    )
}

fn hover_text(drawn: &Drawn, hit: Hit) -> Option<String> {
    let content = &drawn.chart.content;
    Some(match hit {
        Hit::Arrow(id) => {
            let arrow = content.arrows.iter().find(|arrow| arrow.id == id)?;
            let way = match arrow.arrived {
                Some(arrived) => format!(", {} on the way", words::duration(arrived - arrow.sent)),
                None => match arrow.fate {
                    ladder::Fate::Lost => ", lost".to_owned(),
                    ladder::Fate::Refused => ", refused by the system".to_owned(),
                    ladder::Fate::Arrived | ladder::Fate::Unknown => {
                        ", nobody has recorded whether it arrived".to_owned()
                    }
                },
            };
            format!("{}{way}", arrow.label)
        }
        Hit::Group(id) => {
            let group = drawn.layout.groups.iter().find(|group| group.id == id)?;
            format!("{} messages; a click shows them singly", group.ids.len())
        }
        Hit::Event(id) => {
            let event = content.events.iter().find(|event| event.id == id)?;
            if event.caused.is_empty() {
                event.text.clone()
            } else {
                format!(
                    "{} (the line leads to what came of it: inferred from the order)",
                    event.text
                )
            }
        }
        Hit::Band(index) => content.bands.get(index)?.label.clone(),
        Hit::LifeLine(line) => content.life_lines.get(line)?.name.clone(),
        Hit::Gap(index) => drawn.layout.gaps.get(index)?.text.clone(),
    })
}
