//! How a component looks in the graph: its role by shape, its state by outline, badge and word, its load by filling.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, Vec2, pos2};
use feed::ComponentRole;

use crate::graph::label::{self, Line};
use crate::graph::layout::Place;
use crate::graph::link_fault::Kind;
use crate::graph::registrar;
use crate::icon;
use crate::registrar_state::{self, Mood, Relation};
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, fade, mix};
use crate::wording::{self, Standing};
use command::links;
use model::{Component, Load, words};

/// From this radius on a node has its marks at its corners.
const MARKED: f32 = 14.0;

/// What is special about a node in this frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Emphasis {
    /// It is the chosen component.
    pub(super) selected: bool,
    /// The pointer is on it.
    pub(super) hovered: bool,
    /// It has the keyboard's focus.
    pub(super) focused: bool,
    /// Something else is chosen that it has nothing to do with.
    pub(super) dimmed: bool,
    /// Magnification.
    pub(super) zoom: f32,
}

/// Draws a node at its place on the screen.
pub(super) fn paint(
    painter: &Painter,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    component: &Component,
    place: Place,
    how: Emphasis,
) {
    let standing = Standing::of(component);
    let strength = if how.dimmed { 0.28 } else { 1.0 };
    let role = component.role();
    let own = theme.component(component);
    let gone = !component.process.is_alive();
    let centre = place.centre;
    let radius = place.radius;
    // Nothing behind a node may show through it.
    icon::paint_role(painter, centre, radius + 3.0, role, theme.ground, Stroke::NONE);
    if how.selected {
        icon::paint_role(
            painter,
            centre,
            radius + 7.0,
            role,
            fade(theme.accent, 0.25),
            Stroke::new(2.0, theme.accent),
        );
    } else if how.hovered || how.focused {
        icon::paint_role(
            painter,
            centre,
            radius + 6.0,
            role,
            fade(theme.text, 0.12),
            Stroke::NONE,
        );
    }
    let body = match standing {
        Standing::Frozen => mix(theme.card, theme.frost, 0.22),
        _ if gone => theme.ground,
        _ => mix(theme.card, own, 0.14),
    };
    let line = match standing {
        Standing::Frozen => theme.frost,
        Standing::Unplugged => theme.fault,
        Standing::Killed | Standing::Crashed => theme.danger,
        Standing::Stopped | Standing::NotStarted => theme.weak,
        _ => own,
    };
    let width = (radius / 11.0).clamp(1.3, 2.6);
    let outline = Stroke::new(width, fade(line, strength));
    let dashes = match standing {
        Standing::Unplugged => Some((radius * 0.32, radius * 0.26)),
        Standing::Stopped | Standing::NotStarted | Standing::Starting => Some((2.5, 3.5)),
        _ => None,
    };
    if let Some((dash, gap)) = dashes {
        icon::paint_role(painter, centre, radius, role, fade(body, strength), Stroke::NONE);
        let points = icon::outline(centre, radius, role);
        painter.extend(Shape::dashed_line(&points, outline, dash, gap));
    } else {
        icon::paint_role(painter, centre, radius, role, fade(body, strength), outline);
    }
    if let (Some(Load { load, .. }), false) = (component.load, gone) {
        paint_load(
            painter,
            centre,
            radius,
            load as f32,
            fade(own, strength * if standing.is_silent() { 0.35 } else { 0.9 }),
        );
    }
    if role == ComponentRole::PoolUser && !gone {
        paint_server_marks(painter, theme, snapshot, component, centre, radius, strength);
    }
    if role == ComponentRole::Registrar {
        registrar::paint_body(painter, theme, snapshot, component, centre, radius, strength);
    }
    if matches!(standing, Standing::Killed | Standing::Crashed) {
        let r = radius * 0.8;
        let cross = Stroke::new(width * 1.3, fade(theme.danger, strength * 0.8));
        painter.line_segment([centre + Vec2::new(-r, -r), centre + Vec2::new(r, r)], cross);
        painter.line_segment([centre + Vec2::new(-r, r), centre + Vec2::new(r, -r)], cross);
    }
    let compact = radius < 13.0;
    let relation = registrar_state::relation(snapshot, component);
    let wrong = relation
        .as_ref()
        .is_some_and(|relation| relation.mood == Mood::Wrong);
    if standing != Standing::Ready || component.problem.is_some() || wrong {
        let (icon, colour) = match standing {
            Standing::Ready if component.problem.is_some() => (icon::Icon::Warning, theme.fault),
            Standing::Ready => (icon::Icon::Question, theme.fault),
            _ => (standing.icon(), standing.colour(theme)),
        };
        let size = if compact {
            6.5
        } else {
            (radius * 0.42).clamp(8.0, 12.0)
        };
        let at = centre + Vec2::new(radius, -radius) * 0.82;
        painter.circle(at, size, theme.panel, Stroke::new(1.2, fade(colour, strength)));
        let square = Rect::from_center_size(at, Vec2::splat(size * 1.15));
        icon::paint(painter, square, icon, fade(colour, strength));
    }
    if let Some(home) = registrar_state::home(snapshot, component).filter(|_| !gone && radius >= MARKED) {
        let size = (radius * 0.4).clamp(8.5, 13.0);
        let at = centre + Vec2::new(-radius, radius) * 0.82;
        registrar::paint_home_mark(painter, theme, home, at, size, strength);
    }
    paint_label(
        painter, theme, snapshot, component, place, standing, relation, strength, how.zoom,
    );
}

/// The load of a pool element: its shape is filled from below.
pub(super) fn paint_load(painter: &Painter, centre: Pos2, radius: f32, load: f32, colour: Color32) {
    let inner = Rect::from_center_size(centre, Vec2::splat(radius * 1.8)).shrink(radius * 0.16 + 1.0);
    let height = inner.height() * load.clamp(0.0, 1.0);
    if height < 0.75 {
        return;
    }
    let filled = Rect::from_min_max(pos2(inner.left(), inner.bottom() - height), inner.max);
    painter.rect_filled(filled, (radius * 0.26).min(height / 2.0), colour);
}

/// The pool elements that serve a pool user, as squares of their colours in its circle.
fn paint_server_marks(
    painter: &Painter,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    component: &Component,
    centre: Pos2,
    radius: f32,
    strength: f32,
) {
    let mut servers = snapshot.servers(component);
    servers.truncate(3);
    let side = radius * if servers.len() > 1 { 0.5 } else { 0.72 };
    for (index, (identifier, _)) in servers.iter().enumerate() {
        let offset = (index as f32 - (servers.len() as f32 - 1.0) / 2.0) * (side + 2.0);
        let rect = Rect::from_center_size(centre + Vec2::new(offset, 0.0), Vec2::splat(side));
        let colour = snapshot.element_colour(theme, *identifier);
        painter.rect_filled(rect, side * 0.24, fade(colour, strength));
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one drawing step with all that it depends on"
)]
fn paint_label(
    painter: &Painter,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    component: &Component,
    place: Place,
    standing: Standing,
    relation: Option<Relation>,
    strength: f32,
    zoom: f32,
) {
    // The fewer nodes there are, the larger they are written.
    let growth = ((place.radius / zoom - 18.0) / 16.0).clamp(0.0, 1.6);
    let zoom = zoom.clamp(0.75, 1.4);
    let size = if place.two_lines {
        14.5 + 2.5 * growth
    } else {
        12.5
    } * zoom;
    let ink = if component.process.is_alive() {
        theme.text
    } else {
        theme.weak
    };
    let name = Line::new(component.name.as_str(), ink);
    let home = registrar_state::home(snapshot, component);
    let marked = home.filter(|_| place.radius < MARKED && component.process.is_alive());
    let room = if marked.is_some() { 20.0 * zoom } else { 0.0 };
    let mut lines = vec![name.lay_out(painter, theme::strong_font(size), place.label_width - room)];
    if place.two_lines {
        let font = theme::plain_font((12.5 + growth) * zoom);
        let colour = match standing {
            Standing::Ready | Standing::Running | Standing::Stopped | Standing::NotStarted => theme.weak,
            _ => standing.colour(theme),
        };
        let second = Line::new(label_text(snapshot, component, standing), colour);
        lines.push(second.lay_out(painter, font.clone(), place.label_width));
        if let Some(relation) = relation {
            let line = Line {
                icon: Some(relation.icon()),
                share: relation.share,
                short: Some(relation.short.clone()),
                ..Line::new(relation.text.as_str(), relation.colour(theme))
            };
            lines.push(line.lay_out(painter, font, place.label_width));
        } else if let Some(home) = home.filter(|_| component.process.is_alive()) {
            let (text, colour) = if home.process.is_alive() {
                (format!("home {}", home.name), theme.weak)
            } else {
                (format!("home {}, gone", home.name), theme.fault)
            };
            lines.push(Line::new(text, colour).lay_out(painter, font, place.label_width));
        }
    }
    let all = links::impairment_of_all(component);
    if component.process.is_alive() && !all.is_none() && !all.cut {
        let font = theme::plain_font((12.0 + growth) * zoom);
        let line = Line {
            icon: Some(Kind::of(&all).icon()),
            ..Line::new(links::words(&all), theme.fault)
        };
        lines.push(line.lay_out(painter, font, place.label_width));
    }
    let end = label::paint_beside(painter, theme, place, lines, strength);
    if let Some(home) = marked {
        let at = pos2(end.x + 12.0 * zoom, end.y);
        registrar::paint_home_mark(painter, theme, home, at, 8.5 * zoom, strength);
    }
}

/// The second line of a node: what it does in a few words.
fn label_text(snapshot: &Snapshot<'_>, component: &Component, standing: Standing) -> String {
    if !matches!(standing, Standing::Ready | Standing::Running) {
        return wording::state_word(component).into_owned();
    }
    match component.role() {
        ComponentRole::PoolElement => match component.load {
            Some(Load { load, sessions, .. }) => {
                let sessions = words::counted(sessions.into(), "session");
                format!("{}, {sessions}", words::percent(load))
            }
            None => component.status.clone(),
        },
        ComponentRole::Registrar => match component.handlespace {
            Some(size) => {
                format!(
                    "owns {} of {}",
                    size.owned,
                    words::pool_elements(size.pool_elements)
                )
            }
            None => component.status.clone(),
        },
        ComponentRole::PoolUser => {
            let servers = snapshot.servers(component);
            if servers.is_empty() {
                return component.status.clone();
            }
            let names: Vec<String> = servers
                .iter()
                .map(|(identifier, _)| snapshot.model.pool_element_name(*identifier))
                .collect();
            format!("served by {}", names.join(", "))
        }
    }
}
