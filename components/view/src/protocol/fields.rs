//! The fields of a message, as a tree.

use analysis::Part;
use dissection::{Field, NoteKind, Value};
use egui::{Color32, Label, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};
use wire::{PeIdentifier, RegistrarIdentifier};

use super::ProtocolState;
use crate::snapshot::Snapshot;
use crate::theme::{SPACE_SMALL, Theme, fade, size};

const ROW: f32 = 19.0;
const INDENT: f32 = 14.0;

/// Draws the fields. Returns the one that was clicked.
pub(super) fn fields_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &ProtocolState,
    part: &Part,
) -> Option<usize> {
    let mut clicked = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    let total = part.tree.fields.len();
    ScrollArea::vertical()
        .id_salt("fields")
        .auto_shrink(false)
        .show_rows(ui, ROW, total, |ui, range| {
            for place in range {
                let Some(field) = part.tree.fields.get(place) else {
                    continue;
                };
                if row_ui(ui, snapshot, state, part, place, field) {
                    clicked = Some(place);
                }
            }
        });
    clicked
}

fn row_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &ProtocolState,
    part: &Part,
    place: usize,
    field: &Field,
) -> bool {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let marked = state.field == Some(place);
    let text = field.value_of(&part.bytes).to_string();
    let worst = part
        .tree
        .notes
        .iter()
        .filter(|note| note.field as usize == place)
        .map(|note| note.kind)
        .min_by_key(|kind| severity(*kind));
    response.widget_info(|| {
        WidgetInfo::selected(
            Role::TreeItem,
            true,
            marked,
            format!("{}: {text}", field.term.label),
        )
    });
    if marked {
        ui.painter().rect_filled(rect, 4.0, fade(theme.accent, 0.3));
    } else if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 4.0, theme.raised);
    }
    let mut child = ui.new_child(
        egui::UiBuilder::new()
            .max_rect(rect)
            .layout(egui::Layout::left_to_right(egui::Align::Center)),
    );
    child.spacing_mut().item_spacing.x = SPACE_SMALL;
    child.add_space(SPACE_SMALL + INDENT * f32::from(field.level.min(12)));
    let is_group = field.value == Value::Group;
    let ink = match worst {
        Some(NoteKind::Malformed) => theme.danger,
        Some(NoteKind::Unknown | NoteKind::Deviation | NoteKind::Cut) => theme.fault,
        Some(NoteKind::Remark) | None if is_group => theme.text,
        Some(NoteKind::Remark) | None => theme.weak,
    };
    let label = RichText::new(field.term.label).size(size::LABEL).color(ink);
    let label = if is_group { label.strong() } else { label };
    child.add(Label::new(label).selectable(false));
    let inferred = inferred(snapshot, theme, &field.value);
    let hover = match (&inferred, is_group) {
        (Some((name, ink)), _) => {
            let name_text = RichText::new(name).size(size::LABEL).color(*ink).italics();
            child.add(Label::new(name_text).selectable(false));
            if matches!(field.value, Value::Address(_)) {
                value_ui(&mut child, theme, &text);
            }
            Some(format!(
                "{text}; that it is {name} is inferred, not in the message"
            ))
        }
        (None, false) => {
            value_ui(&mut child, theme, &text);
            None
        }
        (None, true) => None,
    };
    if let Some(kind) = worst {
        let (word, ink) = match kind {
            NoteKind::Malformed => ("malformed", theme.danger),
            NoteKind::Unknown => ("unknown", theme.fault),
            NoteKind::Deviation => ("differs", theme.fault),
            NoteKind::Cut => ("cut", theme.fault),
            NoteKind::Remark => ("", theme.weak),
        };
        child.add(Label::new(RichText::new(word).size(size::CAPTION).color(ink)).selectable(false));
    }
    let response = match hover {
        Some(hover) => response.on_hover_text(hover),
        None => response,
    };
    response.clicked()
}

fn value_ui(ui: &mut Ui, theme: &Theme, text: &str) {
    let value = RichText::new(text).size(size::LABEL).color(theme.text);
    ui.add(Label::new(value).selectable(false).truncate());
}

const fn severity(kind: NoteKind) -> u8 {
    match kind {
        NoteKind::Malformed => 0,
        NoteKind::Unknown => 1,
        NoteKind::Deviation => 2,
        NoteKind::Cut => 3,
        NoteKind::Remark => 4,
    }
}

/// Returns the name of the component that an identifier or address belongs to, as far as it is known here.
fn inferred(snapshot: &Snapshot<'_>, theme: &Theme, value: &Value) -> Option<(String, Color32)> {
    match value {
        Value::PeIdentifier(identifier) => {
            let component = snapshot.element(PeIdentifier(*identifier))?;
            Some((component.name.clone(), theme.element(component.colour)))
        }
        Value::RegistrarIdentifier(identifier) => {
            let identity = feed::ComponentIdentity::Registrar(RegistrarIdentifier(*identifier));
            let component = snapshot.component(snapshot.model.identified(identity)?)?;
            Some((component.name.clone(), theme.component(component)))
        }
        Value::Address(address) => {
            let trace = snapshot.protocol?.trace();
            let end = trace.ends.iter().find(|end| end.address == *address)?;
            Some((end.component.clone()?, theme.text))
        }
        _ => None,
    }
}
