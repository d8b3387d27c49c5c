//! What only registrars have in the graph: how many pool elements are theirs, who misses them, who disagrees with whom.

use std::collections::BTreeMap;

use egui::{Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, Vec2};
use feed::ComponentRole;

use crate::icon::{self, Icon};
use crate::registrar_state;
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, fade, mix};
use model::{Agreement, Component, ComponentId};

/// Draws what is in a registrar's shape, and a ring around it while others do not hear it.
pub(super) fn paint_body(
    painter: &Painter,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    registrar: &Component,
    centre: Pos2,
    radius: f32,
    strength: f32,
) {
    if let (Some(size), true) = (registrar.handlespace, registrar.process.is_alive()) {
        let (elements, owned) = (size.pool_elements, size.owned);
        let text = if radius >= 24.0 && owned < 100 && elements < 100 {
            format!("{owned}/{elements}")
        } else {
            owned.to_string()
        };
        let font = theme::strong_font((radius * 0.48).clamp(9.0, 20.0));
        painter.text(
            centre,
            Align2::CENTER_CENTER,
            text,
            font,
            fade(theme.text, strength),
        );
    }
    let missed = missed(snapshot, registrar);
    if missed {
        let points = icon::outline(centre, radius + 6.0, ComponentRole::Registrar);
        let stroke = Stroke::new(2.0, fade(theme.danger, strength));
        painter.extend(Shape::dashed_line(&points, stroke, 7.0, 5.0));
    }
}

/// Whether other registrars do not hear it, or take it over.
fn missed(snapshot: &Snapshot<'_>, registrar: &Component) -> bool {
    let Some(identifier) = registrar.registrar_identifier() else {
        return false;
    };
    let taken = snapshot
        .model
        .takeover_of(identifier)
        .is_some_and(|takeover| takeover.is_under_way());
    taken
        || snapshot
            .model
            .missed_by(identifier)
            .any(|(id, _)| id != registrar.id)
}

/// Draws whose a pool element is: the shape of a registrar with the last word of its name.
pub(super) fn paint_home_mark(
    painter: &Painter,
    theme: &Theme,
    home: &Component,
    at: Pos2,
    size: f32,
    strength: f32,
) {
    let alive = home.process.is_alive();
    let colour = if alive {
        theme.protocol(feed::Protocol::Enrp)
    } else {
        theme.fault
    };
    let fill = mix(theme.panel, colour, 0.22);
    icon::paint_role(
        painter,
        at,
        size,
        ComponentRole::Registrar,
        fill,
        Stroke::new(if alive { 1.4 } else { 1.0 }, fade(colour, strength)),
    );
    painter.text(
        at,
        Align2::CENTER_CENTER,
        registrar_state::mark(home),
        theme::strong_font(size * 1.05),
        fade(theme.text, strength),
    );
}

/// Draws a mark on the edge between two registrars that disagree.
pub(super) fn paint_differences(
    painter: &Painter,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    centres: &BTreeMap<ComponentId, Pos2>,
    zoom: f32,
) {
    for registrar in snapshot.role(ComponentRole::Registrar) {
        if !registrar.process.is_alive() {
            continue;
        }
        for peer in &registrar.registrar.peers {
            if snapshot.model.agreement(registrar, peer, snapshot.now) != Agreement::Differ {
                continue;
            }
            let other = snapshot.model.registrar(peer.entry.identifier);
            let ends = (centres.get(&registrar.id), other.and_then(|id| centres.get(&id)));
            if let (Some(&one), Some(&other)) = ends {
                paint_difference(painter, theme.fault, theme.panel, one + (other - one) * 0.5, zoom);
            }
        }
    }
}

fn paint_difference(painter: &Painter, colour: Color32, ground: Color32, at: Pos2, zoom: f32) {
    let size = 11.0 * zoom.clamp(0.7, 1.4);
    painter.circle(at, size, ground, Stroke::new(1.4, colour));
    icon::paint(
        painter,
        Rect::from_center_size(at, Vec2::splat(size * 1.15)),
        Icon::Differ,
        colour,
    );
}
