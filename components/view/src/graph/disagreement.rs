//! Registrars whose handlespaces differ: each claims pool elements that the other one claims, or does not know.

use std::collections::BTreeMap;

use egui::{Pos2, Rect, Stroke, StrokeKind, Vec2, pos2};
use feed::{ComponentRole, HandlespaceEntry, Protocol};

use crate::graph::painter::GraphPainter;
use crate::icon::{self, Icon};
use crate::theme::{self, mix};
use crate::wording::Standing;
use command::links::{self, Link};
use model::{Component, Model, words};

/// How long handlespaces must differ, in seconds: each change takes a moment to reach all registrars.
const SETTLED: f64 = 0.75;
/// The distance of the mark from the line between the registrars.
const ASIDE: f32 = 44.0;
const PADDING: Vec2 = Vec2::new(8.0, 3.0);

/// The registrars that disagree.
#[derive(Debug, Default)]
pub(super) struct Disagreements {
    /// For each pair: on how many pool elements they disagree, and since when.
    pairs: BTreeMap<Link, (usize, f64)>,
}

impl Disagreements {
    /// Compares the handlespaces of all registrars in service. Those that have not disagreed before do so since this time.
    pub(super) fn update(&mut self, model: &Model, time: f64) {
        let mut pairs = BTreeMap::new();
        let registrars: Vec<&Component> = model.components.values().filter(|it| is_in_service(it)).collect();
        for (index, one) in registrars.iter().enumerate() {
            for other in registrars.iter().skip(index + 1) {
                let number = differing(&one.entries, &other.entries);
                if number > 0 {
                    let link = links::between(one.id, other.id);
                    let since = self.pairs.get(&link).map_or(time, |(_, since)| *since);
                    pairs.insert(link, (number, since));
                }
            }
        }
        self.pairs = pairs;
    }

    /// Returns the pairs that disagree for some time, and on how many pool elements.
    pub(super) fn settled(&self, time: f64) -> impl Iterator<Item = (Link, usize)> + '_ {
        let pairs = self.pairs.iter();
        let settled = pairs.filter(move |(_, (_, since))| time - since >= SETTLED);
        settled.map(|(link, (number, _))| (*link, *number))
    }

    /// Returns whether some may soon have disagreed for long enough.
    pub(super) fn settles_soon(&self, time: f64) -> bool {
        self.pairs.values().any(|(_, since)| time - since < SETTLED)
    }
}

fn is_in_service(component: &Component) -> bool {
    component.role() == ComponentRole::Registrar && Standing::of(component) == Standing::Ready
        || component.role() == ComponentRole::Registrar && Standing::of(component) == Standing::Unplugged
}

/// Returns on how many pool elements two registrars disagree.
fn differing(one: &[HandlespaceEntry], other: &[HandlespaceEntry]) -> usize {
    let owners = |entries: &[HandlespaceEntry]| -> BTreeMap<_, _> {
        entries
            .iter()
            .map(|entry| {
                let key = (entry.pool_handle.clone(), entry.pe_identifier);
                (key, entry.home_registrar)
            })
            .collect()
    };
    let (one, other) = (owners(one), owners(other));
    let only_other = other.keys().filter(|key| !one.contains_key(key)).count();
    only_other
        + one
            .iter()
            .filter(|(key, owner)| other.get(key) != Some(owner))
            .count()
}

/// Returns the words for a disagreement.
#[must_use]
pub(super) fn in_words(number: usize) -> String {
    format!("disagree on {}", words::counted(number as u64, "PE"))
}

impl GraphPainter<'_> {
    /// Marks the pairs of registrars that disagree.
    pub(super) fn paint_disagreements(&self) {
        for &((id, peer), number) in &self.disagreements {
            let Some(curve) = self.geometry.curve(id, peer, Protocol::Enrp) else {
                continue;
            };
            let middle = curve.at(0.5);
            let link = links::between(id, peer);
            if !self
                .relations
                .faults
                .iter()
                .any(|fault| fault.own && fault.link == link)
            {
                self.paint_disagreement(middle, middle, number);
                continue;
            }
            // Beside the badge of the fault.
            let across = (curve.at(1.0) - curve.at(0.0)).normalized().rot90();
            // Below a level line; on the left of an upright one, away from the pool.
            let across = if across.y < -0.1 || (across.y < 0.1 && across.x > 0.0) {
                -across
            } else {
                across
            };
            let at = middle + across * (ASIDE * self.geometry.text_scale());
            self.paint_disagreement(middle, at, number);
        }
    }

    fn paint_disagreement(&self, middle: Pos2, centre: Pos2, number: usize) {
        let theme = self.theme;
        let text = if self.measures.is_wordy {
            in_words(number)
        } else {
            words::counted(number as u64, "PE")
        };
        let font = theme::strong_font(self.measures.badge * self.geometry.text_scale());
        let side = font.size * 1.1;
        let galley = self.painter.layout_no_wrap(text, font, theme.fault);
        let size = galley.size() + Vec2::new(side + 6.0, 0.0) + PADDING * 2.0;
        let whole = Rect::from_center_size(centre, size);
        let stroke = Stroke::new(1.6, theme.fault);
        self.painter.line_segment([middle, centre], stroke);
        let fill = mix(theme.ground, theme.fault, 0.16);
        let corners = size.y / 2.0;
        self.painter
            .rect(whole, corners, fill, stroke, StrokeKind::Inside);
        let square = Rect::from_center_size(
            pos2(whole.left() + PADDING.x + side / 2.0, whole.center().y),
            Vec2::splat(side),
        );
        icon::paint(&self.painter, square, Icon::Differ, theme.fault);
        let at = pos2(square.right() + 6.0, whole.center().y - galley.size().y / 2.0);
        self.painter.galley(at, galley, theme.fault);
    }
}
