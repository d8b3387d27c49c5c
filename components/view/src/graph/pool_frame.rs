//! The pool on the graph: a frame around its pool elements that bears its name and its policy.

use std::collections::BTreeSet;

use egui::{Align2, FontId, Rect, Stroke, StrokeKind, pos2, vec2};
use feed::ComponentRole;

use crate::graph::label::LABEL_GAP;
use crate::graph::layout::{Heading, LabelSide};
use crate::graph::node_id::NodeId;
use crate::graph::painter::GraphPainter;
use crate::theme::{self, mix};
use model::Model;

/// The distance of the frame from the nodes.
const MARGIN: f32 = 12.0;
/// The corner radius of the frame.
const CORNERS: f32 = 14.0;
/// The least width of its heading, where there is room.
const LEAST: f32 = 180.0;
/// The maximum number of pools that are named.
const MOST: usize = 3;

/// A pool as the registrars know it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pool {
    /// Its handle.
    pub(super) name: String,
    /// The policy in words.
    pub(super) policy: String,
}

/// Returns the pools that the registrars list, in order, without those of registrars that are gone.
#[must_use]
pub(super) fn pools(model: &Model) -> Vec<Pool> {
    let registrars = model
        .components
        .values()
        .filter(|component| component.role() == ComponentRole::Registrar && component.process.is_alive());
    let listed: BTreeSet<_> = registrars
        .flat_map(|registrar| &registrar.entries)
        .map(|entry| (&entry.pool_handle, policy_name(&entry.policy)))
        .collect();
    listed
        .into_iter()
        .map(|(handle, policy)| Pool {
            name: handle.to_string(),
            policy: policy.to_owned(),
        })
        .collect()
}

/// Returns the name of a policy, without the load or the weight that differs from one pool element to the next.
fn policy_name(policy: &str) -> &str {
    policy.split_once(',').map_or(policy, |(name, _)| name)
}

/// Returns the two lines above the pool elements: the name and the policy.
#[must_use]
pub(super) fn title(pools: &[Pool]) -> Option<(String, String)> {
    match pools {
        [] => None,
        [only] => Some((only.name.clone(), only.policy.clone())),
        several => {
            let names: BTreeSet<&str> = several.iter().map(|pool| pool.name.as_str()).collect();
            let shown: Vec<&str> = names.iter().copied().take(MOST).collect();
            let more = match names.len() - shown.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let policies: BTreeSet<&str> = several.iter().map(|pool| pool.policy.as_str()).collect();
            let policies: Vec<&str> = policies.into_iter().take(MOST).collect();
            Some((format!("{}{more}", shown.join(", ")), policies.join(", ")))
        }
    }
}

impl GraphPainter<'_> {
    /// Draws the frame around the pool elements.
    pub(super) fn paint_pool_frame(&self) {
        if self.relations.pools.is_empty() {
            return;
        }
        let Some(rect) = self.pool_frame() else {
            return;
        };
        let fill = mix(self.theme.ground, self.theme.text, 0.025);
        let line = Stroke::new(1.5 * self.geometry.line_scale(), self.theme.frame);
        self.painter
            .rect(rect, CORNERS * self.geometry.zoom, fill, line, StrokeKind::Inside);
    }

    /// Returns the frame around all pool elements and their text.
    fn pool_frame(&self) -> Option<Rect> {
        let zoom = self.geometry.zoom;
        let is_element = |node: NodeId| match node {
            NodeId::Own(id) => {
                let component = self.snapshot.component(id);
                component.is_some_and(|component| component.role() == ComponentRole::PoolElement)
            }
            NodeId::External(_) => false,
        };
        let heading = self.element_heading()?;
        let around = self.geometry.places.iter().filter(|(node, _)| is_element(**node));
        let around = around.map(|(_, place)| {
            let node = Rect::from_center_size(place.centre, vec2(2.0, 2.0) * place.radius);
            let centre = place.centre;
            let text = match place.label {
                LabelSide::Right => {
                    Rect::from_two_pos(centre, centre + vec2(place.radius + place.label_width, 0.0))
                }
                LabelSide::Below => {
                    let text = self.measures.height_of(place.lines, self.growth(*place));
                    let below = place.radius + LABEL_GAP + text * self.geometry.text_scale();
                    Rect::from_two_pos(
                        centre - vec2(place.label_width / 2.0, 0.0),
                        centre + vec2(place.label_width / 2.0, below),
                    )
                }
                LabelSide::Left | LabelSide::Above => node,
            };
            node.union(text)
        });
        let nodes = around.reduce(|one, other| one.union(other))?;
        let mut frame = nodes.expand(MARGIN * zoom);
        frame.min.x = frame.min.x.max(self.geometry.area.left() + 3.0);
        // The upper edge passes through the name.
        frame.min.y = heading.centre.y.min(frame.min.y);
        frame.max.x = frame.max.x.min(self.geometry.area.right() - 3.0).max(frame.min.x);
        frame.max.y += self.measures.line * self.geometry.text_scale();
        let legend = self.geometry.area.bottom() - self.measures.bottom + 6.0;
        frame.max.y = frame.max.y.min(legend).max(frame.min.y);
        Some(frame)
    }

    fn element_heading(&self) -> Option<&Heading> {
        let mut headings = self.geometry.headings.iter();
        headings.find(|heading| heading.role == ComponentRole::PoolElement)
    }

    pub(super) fn heading_font(&self) -> FontId {
        theme::strong_font(self.measures.badge * self.geometry.text_scale())
    }

    /// Draws the name and the policy of the pool as the heading of its frame; returns its place, if there is a pool.
    pub(super) fn paint_pool_heading(&self) -> Option<Rect> {
        let (name, policy) = title(&self.relations.pools)?;
        let frame = self.pool_frame()?;
        let hidden = self.element_heading().map_or(0, |heading| heading.hidden);
        let policy = match hidden {
            0 => policy,
            more => format!("{policy}, {more} more"),
        };
        let font = self.heading_font();
        // A narrow frame may be narrower than its name.
        let beside = 2.0 * (self.geometry.area.right() - frame.center().x) - 6.0;
        let room = (frame.width() - CORNERS).max(LEAST.min(beside));
        let line = |text: &str, font: FontId| {
            let mut job =
                egui::text::LayoutJob::simple_singleline(text.to_owned(), font, egui::Color32::PLACEHOLDER);
            job.wrap = egui::text::TextWrapping::truncate_at_width(room);
            self.painter.layout_job(job)
        };
        let name = line(&name, font.clone());
        let policy = line(&policy, theme::plain_font(font.size));
        let x = frame.center().x;
        let at = Align2::CENTER_CENTER.anchor_size(pos2(x, frame.top()), name.size());
        let behind = at.expand2(vec2(4.0, 1.0));
        self.painter.rect_filled(behind, 4.0, self.theme.ground);
        let below = at.bottom() + 1.0;
        self.painter.galley(at.min, name, self.theme.text);
        let left = x - policy.size().x / 2.0;
        let whole = at.union(Rect::from_min_size(pos2(left, below), policy.size()));
        self.painter.galley(pos2(left, below), policy, self.theme.weak);
        Some(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(name: &str, policy: &str) -> Pool {
        Pool {
            name: name.into(),
            policy: policy.into(),
        }
    }

    #[test]
    fn one_pool_has_its_name_and_its_policy() {
        assert_eq!(title(&[]), None);
        let one = title(&[pool("fractals", "least used")]);
        assert_eq!(one, Some(("fractals".into(), "least used".into())));
        let mixed = title(&[
            pool("a", "least used"),
            pool("a", "round robin"),
            pool("b", "round robin"),
        ]);
        assert_eq!(mixed, Some(("a, b".into(), "least used, round robin".into())));
    }
}
