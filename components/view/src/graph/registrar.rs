//! Registrars in the graph: the number of their pool elements, who misses them, and which of them disagree.

use egui::{Align2, Pos2, Stroke};
use feed::ComponentRole;

use crate::graph::badge::Badge;
use crate::graph::dimensions::{Dashes, MARK_SCALE};
use crate::graph::node::OwnNode;
use crate::graph::painter::GraphPainter;
use crate::graph::shape::RoleShape;
use crate::icon::{self, Icon};
use crate::registrar_state;
use crate::snapshot::Snapshot;
use crate::theme::{self, fade, mix};
use command::links;
use model::{Agreement, Component};

/// From this radius on, there is room for the total number of pool elements beside the number that the registrar
/// owns.
const BOTH_NUMBERS: f32 = 24.0;
/// The ring around a registrar that its peers do not hear, and its distance from the shape.
const MISSED: Dashes = Dashes::new(7.0, 5.0);
const MISSED_GAP: f32 = 6.0;

impl OwnNode<'_> {
    /// Draws the content of a registrar's shape, and a ring around it while its peers do not hear it.
    pub(super) fn paint_registrar(&self) {
        let Self { graph, component, .. } = self;
        let (centre, radius) = (self.place.centre, self.place.radius);
        if let Some(size) = component.handlespace.filter(|_| component.process.is_alive()) {
            let (elements, owned) = (size.pool_elements, size.owned);
            let text = if radius >= BOTH_NUMBERS && owned < 100 && elements < 100 {
                format!("{owned}/{elements}")
            } else {
                owned.to_string()
            };
            let font = theme::strong_font((radius * 0.48).clamp(9.0, 20.0).max(graph.measures.least));
            let ink = fade(graph.theme.text, self.strength);
            graph.painter.text(centre, Align2::CENTER_CENTER, text, font, ink);
        }
        if is_missed(graph.snapshot, component) {
            let points = icon::outline(centre, radius + MISSED_GAP, ComponentRole::Registrar);
            let stroke = Stroke::new(2.0, fade(graph.theme.danger, self.strength));
            graph.painter.extend(MISSED.line(&points, stroke, 1.0));
        }
    }

    /// Draws the mark of a pool element's home registrar: the shape of a registrar with the last word of its name.
    pub(super) fn paint_home_mark(&self, home: &Component, at: Pos2, size: f32) {
        let theme = self.graph.theme;
        let (colour, line) = if home.process.is_alive() {
            (theme.component(home), 1.4)
        } else {
            (theme.fault, 1.0)
        };
        RoleShape::new(at, size, ComponentRole::Registrar).paint(
            &self.graph.painter,
            mix(theme.panel, colour, 0.22),
            Stroke::new(line, fade(colour, self.strength)),
        );
        self.graph.painter.text(
            at,
            Align2::CENTER_CENTER,
            registrar_state::mark(home),
            theme::strong_font((size * 1.05).max(self.graph.measures.least)),
            fade(theme.text, self.strength),
        );
    }
}

/// Returns whether its peers do not hear the registrar, or take it over.
fn is_missed(snapshot: &Snapshot<'_>, registrar: &Component) -> bool {
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

impl GraphPainter<'_> {
    /// Draws a mark on the edge between two registrars that disagree.
    pub(super) fn paint_differences(&self) {
        let model = self.snapshot.model;
        let registrars = self.snapshot.role(ComponentRole::Registrar);
        for registrar in registrars.filter(|registrar| registrar.process.is_alive()) {
            for peer in &registrar.registrar.peers {
                if model.agreement(registrar, peer, self.snapshot.now) != Agreement::Differ {
                    continue;
                }
                let other = model.registrar(peer.entry.identifier);
                let pair = other.map(|other| links::between(registrar.id, other));
                // Where it is known on what they disagree, a mark of its own tells so.
                if self.disagreements.iter().any(|(known, _)| Some(*known) == pair) {
                    continue;
                }
                let other = other.and_then(|id| self.geometry.centre(id));
                if let (Some(one), Some(other)) = (self.geometry.centre(registrar.id), other) {
                    self.paint_difference(one + (other - one) * 0.5);
                }
            }
        }
    }

    fn paint_difference(&self, centre: Pos2) {
        self.paint_badge(Badge {
            centre,
            radius: 11.0 * self.geometry.scale(MARK_SCALE),
            icon: Icon::Differ,
            icon_side: 1.15,
            ink: self.theme.fault,
            line: 1.4,
        });
    }
}
