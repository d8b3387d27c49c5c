//! The left column: the cards of all components by role, or the inspector of the selected one.

use egui::{Color32, ScrollArea, Ui};
use feed::ComponentRole;

use crate::add_form::{self, AddForm};
use crate::button::{IconButton, role_label};
use crate::icon::Icon;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{SPACE, Theme, size};
use crate::wording::{self, Standing};
use crate::{card, external};
use command::Command;

/// The maximum number of components with full cards; more of them get compact ones.
const MOST_WITH_DETAILS: usize = 14;

/// Draws the cards.
pub(crate) fn component_panel_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    form: &mut AddForm,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) {
    let compact = snapshot.model.components.len() > MOST_WITH_DETAILS;
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = if compact { 4.0 } else { 6.0 };
        for role in [
            ComponentRole::Registrar,
            ComponentRole::PoolElement,
            ComponentRole::PoolUser,
        ] {
            heading(ui, snapshot, role, form);
            add_form::add_form_ui(ui, snapshot, role, form, commands);
            for component in snapshot.role(role) {
                card::card_ui(ui, snapshot, component, selection, compact, commands);
            }
            ui.add_space(SPACE);
        }
        external::cards_ui(ui, snapshot, selection);
    });
}

fn heading(ui: &mut Ui, snapshot: &Snapshot<'_>, role: ComponentRole, form: &mut AddForm) {
    let theme = Theme::of(ui);
    let (mut all, mut ready) = (0, 0);
    for component in snapshot.role(role) {
        all += 1;
        ready += usize::from(Standing::of(component) == Standing::Ready);
    }
    ui.horizontal(|ui| {
        role_label(ui, role, Color32::TRANSPARENT, theme.weak, size::ICON);
        ui.label(theme.section_heading(wording::roles(role)));
        ui.label(theme.remark(format!("{ready} of {all} ready")));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let name = format!("Add a {role}");
            let button = IconButton::new(Icon::Plus, &name)
                .selected(form.is_open_for(role))
                .acts();
            if button.show(ui).clicked() {
                form.toggle(role, snapshot.model);
            }
        });
    });
}
