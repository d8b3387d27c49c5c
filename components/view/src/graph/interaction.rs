//! What a person does in the graph: where the pointer and the keyboard's focus are.

use egui::{Id, Pos2, Rect, Role, Sense, Ui, Vec2, WidgetInfo};

use crate::graph::geometry::Geometry;
use crate::graph::link_fault::LinkFault;
use crate::graph::node_id::NodeId;
use crate::snapshot::Snapshot;
use command::links;

/// By how much a badge can be missed.
const SLACK: f32 = 4.0;

/// A badge, and what happens to it.
pub(super) struct FaultBadge<'a> {
    /// What it tells of.
    pub(super) fault: &'a LinkFault,
    /// Its centre.
    pub(super) centre: Pos2,
    /// Its radius.
    pub(super) radius: f32,
    /// Whether the pointer or the focus is on it.
    pub(super) lit: bool,
    /// Whether it was clicked.
    pub(super) clicked: bool,
}

impl<'a> FaultBadge<'a> {
    /// A badge as a thing to click, to focus, and to be read aloud.
    pub(super) fn sense(
        ui: &Ui,
        snapshot: &Snapshot<'_>,
        geometry: &Geometry,
        fault: &'a LinkFault,
    ) -> Option<Self> {
        let (centre, radius) = geometry.fault_badge(fault)?;
        let square = Rect::from_center_size(centre, Vec2::splat(radius * 2.0 + SLACK));
        let id = Id::unique(("link fault", fault.link));
        let response = ui.interact(square.intersect(geometry.area), id, Sense::click());
        response.widget_info(|| {
            let name = |id| NodeId::Own(id).name(snapshot.model);
            let (one, other) = (name(fault.link.0), name(fault.link.1));
            let words = links::words(&fault.impairment);
            WidgetInfo::labeled(
                Role::Button,
                true,
                format!("Link between {one} and {other}: {words}"),
            )
        });
        Some(Self {
            fault,
            centre,
            radius,
            lit: response.hovered() || response.has_focus(),
            clicked: response.clicked(),
        })
    }
}
