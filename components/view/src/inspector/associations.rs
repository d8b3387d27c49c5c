//! The associations of a component, and the faults of the links that carry them.

use egui::Ui;

use crate::button::{IconButton, line_label};
use crate::icon::Icon;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme};
use command::links;
use model::{Component, words};

/// The width of the list of other components.
const MENU: f32 = 240.0;
/// The width of a name beside other text.
const NAME: f32 = 110.0;

pub(super) fn associations(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    component: &Component,
    selection: &mut Selection,
) {
    let theme = Theme::of(ui);
    let mut any = false;
    for (ends, association) in &snapshot.model.associations {
        let far = match association.ends {
            [Some(end), far] if end == component.id => (&ends.1, far),
            [far, Some(end)] if end == component.id => (&ends.0, far),
            _ => continue,
        };
        any = true;
        let (far, peer) = (far.0, far.1.and_then(|id| snapshot.component(id)));
        ui.horizontal(|ui| {
            line_label(ui, theme.protocol(association.protocol));
            match peer {
                Some(peer) => {
                    if link_ui(ui, &peer.name).clicked() {
                        selection.select(peer.id);
                        selection.inspect();
                    }
                    let name = format!("Faults of the link to {}", peer.name);
                    let open = IconButton::new(Icon::Chevron, &name)
                        .explain("Cut it, or make it lossy or slow, and it alone.");
                    if open.show(ui).clicked() {
                        selection.select_link(links::between(component.id, peer.id));
                    }
                    let now = links::impairment(component, peer);
                    if !now.is_none() {
                        let words = theme::small(links::words(&now)).color(theme.fault);
                        ui.add(egui::Label::new(words).truncate());
                    }
                }
                None => {
                    let address = far
                        .addresses
                        .first()
                        .map_or_else(|| "?".to_owned(), ToString::to_string);
                    ui.add(egui::Label::new(format!("{address}, port {}", far.port)).truncate());
                }
            }
            let age = words::age(snapshot.now - association.since);
            let sides = if association.views.len() == 1 {
                ", one end only"
            } else {
                ""
            };
            let text = format!("{} messages, {age}{sides}", words::count(association.messages));
            ui.add(egui::Label::new(theme.remark(text)).truncate());
        });
    }
    if !any {
        ui.label(egui::RichText::new("none").color(theme.weak));
    }
    other_links(ui, snapshot, component, selection);
}

/// Draws a name of any length as a link.
pub(crate) fn link_ui(ui: &mut Ui, name: &str) -> egui::Response {
    ui.scope(|ui| {
        ui.set_max_width(ui.available_width().min(NAME));
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Truncate);
        ui.link(name)
    })
    .inner
}

/// Draws the links without an association, which can be cut before one is needed.
fn other_links(ui: &mut Ui, snapshot: &Snapshot<'_>, component: &Component, selection: &mut Selection) {
    let mut chosen = None;
    let combo = egui::ComboBox::from_id_salt("another link")
        .selected_text("Another link\u{2026}")
        .show_ui(ui, |ui| {
            let others = snapshot.model.components.values();
            ui.set_max_width(MENU);
            ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Truncate);
            for other in others.filter(|other| other.id != component.id) {
                if ui.selectable_label(false, other.name.as_str()).clicked() {
                    chosen = Some(other.id);
                }
            }
        });
    combo
        .response
        .accessible_name("Another link")
        .on_hover_text("The link to any other component, whether or not there is an association.");
    if let Some(other) = chosen {
        selection.select_link(links::between(component.id, other));
    }
}
