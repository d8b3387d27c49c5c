//! The pool on the graph: a frame around its pool elements that bears its name and its policy.

use std::collections::BTreeSet;

use egui::{Align2, FontId, Rect, Stroke, StrokeKind, pos2, vec2};
use feed::ComponentRole;

use crate::graph::label::LABEL_GAP;
use crate::graph::layout::{Heading, LEFT_MARGIN, LabelSide, Place, RIGHT_MARGIN, heading_height};
use crate::graph::node_id::NodeId;
use crate::graph::painter::GraphPainter;
use crate::pool_policy;
use crate::theme::{self, mix};
use model::Model;
use wire::PoolHandle;

/// The distance of the frame from the nodes.
const MARGIN: f32 = 12.0;
/// The distance of the lower edge of a pool's own frame from the text in it.
const END: f32 = 5.0;
/// How much wider than such a frame its heading may be: less than the gap between two frames.
const TEXT_OVERHANG: f32 = 2.0;
/// The size of a heading that has too little room, relative to the usual one.
const SMALLER: f32 = 0.8;
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

/// The place of the heading of a pool, or of all pools if none is named.
#[derive(Debug, Clone)]
pub(super) struct PoolHeading {
    pub(super) rect: Rect,
    pub(super) pool: Option<PoolHandle>,
}

/// The frame of a pool, or of all pools, with its heading.
struct Frame {
    rect: Rect,
    /// The pool, unless it is the frame of all of them.
    pool: Option<PoolHandle>,
    name: String,
    policy: String,
    /// The maximum width of the name and of the policy.
    room: f32,
}

impl GraphPainter<'_> {
    /// Draws the frames around the pool elements.
    pub(super) fn paint_pool_frame(&self) {
        let fill = mix(self.theme.ground, self.theme.text, 0.025);
        let line = Stroke::new(1.5 * self.geometry.line_scale(), self.theme.frame);
        let corners = CORNERS * self.geometry.zoom;
        for frame in self.pool_frames() {
            self.painter
                .rect(frame.rect, corners, fill, line, StrokeKind::Inside);
        }
    }

    /// Returns a frame for each pool if they are apart, else one around all of them.
    fn pool_frames(&self) -> Vec<Frame> {
        let Some(heading) = self.element_heading() else {
            return Vec::new();
        };
        let pools = &self.geometry.pools;
        if pools.is_empty() {
            return self.joint_frame(heading).into_iter().collect();
        }
        let frames = pools.iter().filter_map(|place| {
            let pool = place.nodes.iter().find_map(|node| self.pool_of(*node))?;
            let nodes = place.nodes.iter().filter_map(|node| {
                let place = *self.geometry.places.get(node)?;
                Some(self.with_text_beside(place))
            });
            let nodes = nodes.reduce(Rect::union)?;
            let zoom = self.geometry.zoom;
            let mut rect = self.within_graph(Rect::from_min_max(
                nodes.min - vec2(LEFT_MARGIN, END) * zoom,
                nodes.max + vec2(RIGHT_MARGIN, END) * zoom,
            ));
            // The upper edge passes through the name.
            rect.min.y -= heading_height(self.measures) * self.geometry.text_scale();
            if place.is_on_top {
                rect.min.y = rect.min.y.min(heading.centre.y);
            }
            let (name, policy) = self.pool_title(Some(&pool))?;
            // The name may be a little wider than its frame, but must not reach the next one.
            let room = rect.width() + TEXT_OVERHANG;
            Some(Frame {
                rect,
                pool: Some(pool),
                name,
                policy,
                room,
            })
        });
        frames.collect()
    }

    /// Returns the frame around the pool elements of all pools.
    fn joint_frame(&self, heading: &Heading) -> Option<Frame> {
        let places = self.geometry.places.iter();
        let elements = places.filter(|(node, _)| {
            let component = node.own().and_then(|id| self.snapshot.component(id));
            component.is_some_and(|it| it.role() == ComponentRole::PoolElement)
        });
        let nodes = elements
            .map(|(_, place)| self.around(*place))
            .reduce(Rect::union)?;
        let (name, policy) = self.pool_title(None)?;
        let mut rect = self.within_graph(nodes.expand(MARGIN * self.geometry.zoom));
        // There is room for a line below the nodes.
        rect.max.y = self.above_legend(rect.max.y + self.measures.line * self.geometry.text_scale());
        // The upper edge passes through the name.
        rect.min.y = heading.centre.y.min(rect.min.y);
        // A narrow frame may be narrower than its name.
        let beside = 2.0 * (self.geometry.area.right() - rect.center().x) - 6.0;
        Some(Frame {
            rect,
            pool: None,
            name,
            policy,
            room: (rect.width() - CORNERS).max(LEAST.min(beside)),
        })
    }

    /// Returns the pool of one of our own pool elements.
    fn pool_of(&self, node: NodeId) -> Option<PoolHandle> {
        let component = self.snapshot.component(node.own()?)?;
        component.spec.args.pool_handle()
    }

    /// Returns the name and the policy of a pool, or of all pools.
    fn pool_title(&self, pool: Option<&PoolHandle>) -> Option<(String, String)> {
        let Some(pool) = pool else {
            return title(&self.relations.pools);
        };
        let name = pool.to_string();
        let listed = self.relations.pools.iter().filter(|pool| pool.name == name);
        let listed: Vec<Pool> = listed.cloned().collect();
        // No registrar knows it yet, or any more.
        Some(title(&listed).unwrap_or((name, String::new())))
    }

    /// Returns the rectangle of a node and its text.
    fn around(&self, place: Place) -> Rect {
        let node = Rect::from_center_size(place.centre, vec2(2.0, 2.0) * place.radius);
        let centre = place.centre;
        let text = match place.label {
            LabelSide::Right => {
                Rect::from_two_pos(centre, centre + vec2(place.radius + place.label_width, 0.0))
            }
            LabelSide::Below => {
                let text = self.measures.height_of(place.lines, self.growth(place));
                let below = place.radius + LABEL_GAP + text * self.geometry.text_scale();
                Rect::from_two_pos(
                    centre - vec2(place.label_width / 2.0, 0.0),
                    centre + vec2(place.label_width / 2.0, below),
                )
            }
            LabelSide::Left | LabelSide::Above => node,
        };
        node.union(text)
    }

    /// Returns the rectangle of a node and of all lines of text that there may be beside it.
    fn with_text_beside(&self, place: Place) -> Rect {
        let node = Rect::from_center_size(place.centre, vec2(2.0, 2.0) * place.radius);
        if place.lines == 0 {
            return node;
        }
        let height = self.measures.height_of(place.lines, self.growth(place)) * self.geometry.text_scale();
        let width = LABEL_GAP + place.label_width;
        let text = node.right_center() - vec2(0.0, height / 2.0);
        node.union(Rect::from_min_size(text, vec2(width, height)))
    }

    /// Returns a frame as far as it is in the graph and above the legend.
    fn within_graph(&self, mut frame: Rect) -> Rect {
        frame.min.x = frame.min.x.max(self.geometry.area.left() + 3.0);
        frame.max.x = frame.max.x.min(self.geometry.area.right() - 3.0).max(frame.min.x);
        frame.max.y = self.above_legend(frame.max.y).max(frame.min.y);
        frame
    }

    /// Returns a height, or that of the legend if it is above it.
    fn above_legend(&self, y: f32) -> f32 {
        y.min(self.geometry.area.bottom() - self.measures.bottom + 6.0)
    }

    fn element_heading(&self) -> Option<&Heading> {
        let mut headings = self.geometry.headings.iter();
        headings.find(|heading| heading.role == ComponentRole::PoolElement)
    }

    pub(super) fn heading_font(&self) -> FontId {
        theme::strong_font(self.measures.badge * self.geometry.text_scale())
    }

    /// Draws the name and the policy of each pool as the heading of its frame; returns the places of these headings.
    pub(super) fn paint_pool_headings(&self) -> Vec<PoolHeading> {
        let frames = self.pool_frames();
        let hidden = self.element_heading().map_or(0, |heading| heading.hidden);
        let last = frames.len().saturating_sub(1);
        let headings = frames.into_iter().enumerate().map(|(index, frame)| PoolHeading {
            rect: self.paint_heading_of(&frame, if index == last { hidden } else { 0 }),
            pool: frame.pool,
        });
        headings.collect()
    }

    fn paint_heading_of(&self, frame: &Frame, hidden: usize) -> Rect {
        let with_hidden = |policy: &str| match hidden {
            0 => policy.to_owned(),
            more => format!("{policy}, {more} more"),
        };
        let rect = frame.rect;
        let font = self.heading_font();
        let lay_out = |text: &str, font: FontId| {
            let mut job =
                egui::text::LayoutJob::simple_singleline(text.to_owned(), font, egui::Color32::PLACEHOLDER);
            job.wrap = egui::text::TextWrapping::truncate_at_width(frame.room);
            self.painter.layout_job(job)
        };
        // A long name is rather smaller than cut.
        let least = self.measures.least * self.geometry.text_scale();
        let line = |text: &str, font: FontId| {
            let whole = lay_out(text, font.clone());
            if whole.elided {
                lay_out(text, FontId::new((font.size * SMALLER).max(least), font.family))
            } else {
                whole
            }
        };
        let name = line(&frame.name, font.clone());
        let plain = theme::plain_font(font.size);
        let whole = line(&with_hidden(&frame.policy), plain.clone());
        let short = pool_policy::short_name(&frame.policy).filter(|_| whole.elided);
        let policy = short.map_or(whole, |short| lay_out(&with_hidden(short), plain));
        let x = rect.center().x;
        let at = Align2::CENTER_CENTER.anchor_size(pos2(x, rect.top()), name.size());
        let behind = at.expand2(vec2(4.0, 1.0));
        self.painter.rect_filled(behind, 4.0, self.theme.ground);
        let below = at.bottom() + 1.0;
        self.painter.galley(at.min, name, self.theme.text);
        let left = x - policy.size().x / 2.0;
        let whole = at.union(Rect::from_min_size(pos2(left, below), policy.size()));
        self.painter.galley(pos2(left, below), policy, self.theme.weak);
        whole
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
