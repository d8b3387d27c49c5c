//! A message or packet taken apart: its fields beside its bytes, and what is to be known of the marked field.

use analysis::{Inspected, Item, Part};
use dissection::{Field, NoteKind, Tree};
use egui::{Button, Label, Panel, RichText, ScrollArea, Ui};

use super::ProtocolState;
use super::bytes::bytes_ui;
use super::fields::fields_ui;
use super::scope::Scope;
use crate::button::IconButton;
use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE, SPACE_SMALL, Theme};
use chronicle::TimeControl;
use command::Command;
use model::words;
use trace::Fate;

/// The share of the height that bytes take, and the minimum.
const BYTES_SHARE: f32 = 0.34;
const BYTES_LEAST: f32 = 64.0;
/// The height of the explanation of a field.
const EXPLANATION: f32 = 118.0;

/// Draws the pane.
pub(super) fn inspector_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ProtocolState,
    inspected: Option<&Inspected>,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = SPACE_SMALL;
        head_ui(ui, snapshot, state, inspected, commands);
    });
    let Some(item) = state.chosen else {
        return;
    };
    facts_ui(ui, snapshot, state, item);
    let Some(inspected) = inspected else {
        ui.label(theme.remark("being fetched"));
        return;
    };
    let parts = match &inspected.parts {
        Ok(parts) => parts,
        Err(why) => {
            ui.add(Label::new(RichText::new(why).color(theme.danger)).wrap());
            return;
        }
    };
    if parts.len() > 1 {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = SPACE_SMALL;
            for (number, part) in parts.iter().enumerate() {
                let chosen = state.part == number;
                let tab = Button::selectable(chosen, theme::small(&part.title));
                if ui.add(tab).clicked() && !chosen {
                    (state.part, state.field) = (number, None);
                }
            }
        });
    }
    if let Some(part) = parts.get(state.part).or_else(|| parts.first()) {
        part_ui(ui, snapshot, state, part);
    }
}

fn head_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ProtocolState,
    inspected: Option<&Inspected>,
    commands: &mut Vec<Command>,
) {
    let title = inspected
        .and_then(|inspected| inspected.parts.as_ref().ok()?.first())
        .map_or("Message", |part| part.title.as_str());
    ui.add(Label::new(theme::strong(title)).truncate());
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = SPACE_SMALL;
        if IconButton::new(Icon::Cross, "Close the message")
            .show(ui)
            .clicked()
        {
            state.choose(None);
            return;
        }
        let sent = state.chosen.and_then(|item| sent(snapshot, item));
        if let Some(sent) = sent {
            let go = IconButton::new(Icon::Clock, "Go to the moment when it was sent");
            if go.show(ui).clicked() {
                commands.push(Command::Time(TimeControl::Seek(sent)));
            }
        }
        menu_ui(ui, snapshot, state);
    });
}

fn sent(snapshot: &Snapshot<'_>, item: Item) -> Option<feed::Timestamp> {
    let trace = snapshot.protocol?.trace();
    Some(match item {
        Item::Message(id) => trace.message(id)?.sent,
        Item::Packet(id) => trace.packet(id)?.sent,
    })
}

/// Draws what else can be shown because of this message.
fn menu_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &mut ProtocolState) {
    let Some((protocol, item)) = snapshot.protocol.zip(state.chosen) else {
        return;
    };
    let trace = protocol.trace();
    let (from, to, sent) = match item {
        Item::Message(id) => match trace.message(id) {
            Some(message) => (message.from, message.to, message.sent),
            None => return,
        },
        Item::Packet(id) => match trace.packet(id) {
            Some(packet) => (packet.from, packet.to, packet.sent),
            None => return,
        },
    };
    let cast = &state.cast.cast;
    let compact = |end| cast.get(end).map(|member| member.name.replace(' ', ""));
    let (from, to) = (compact(from), to.and_then(compact));
    let recovery = snapshot.time.and_then(|time| {
        let mut recoveries = time.lanes.recoveries();
        recoveries.find(|recovery| (recovery.began()..=recovery.end).contains(&sent))
    });
    ui.menu_button(theme::small("Show"), |ui| {
        if let Some((from, to)) = from.as_ref().zip(to.as_ref())
            && ui.button(format!("Messages between {from} and {to}")).clicked()
        {
            state.filter = format!("with:{from} with:{to} ");
        }
        for end in [&from, &to].into_iter().flatten() {
            if ui.button(format!("Messages of {end}")).clicked() {
                state.filter = format!("with:{end} ");
            }
            if end.to_lowercase().starts_with("pe") && ui.button(format!("Registrations of {end}")).clicked()
            {
                state.filter = format!("with:{end} type:REGISTRATION ");
                state.scope = Scope::All;
            }
        }
        if let Some(recovery) = recovery {
            let text = if recovery.takeover {
                "Messages of this takeover"
            } else {
                "Messages of this failover"
            };
            if ui.button(text).clicked() {
                state.scope = Scope::Recovery(recovery.end);
                state.show_ladder();
            }
        }
        if ui.button("What happened around it").clicked() {
            let around = std::time::Duration::from_millis(100);
            state.scope = Scope::Span(sent - around, sent + around);
            state.show_ladder();
        }
    });
}

/// Draws when it was sent, from whom to whom, and how it travelled.
fn facts_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &ProtocolState, item: Item) {
    let theme = Theme::of(ui);
    let Some(protocol) = snapshot.protocol else {
        return;
    };
    let trace = protocol.trace();
    let name = |end| {
        let member = state.cast.cast.get(end);
        member.map_or("?", |member| member.name.as_str())
    };
    let (sent, arrived, from, to, fate, size) = match item {
        Item::Message(id) => match trace.message(id) {
            Some(it) => (it.sent, it.arrival(), it.from, it.to, it.fate, it.size),
            None => return,
        },
        Item::Packet(id) => match trace.packet(id) {
            Some(it) => (it.sent, it.arrival(), it.from, it.to, it.fate, it.size.into()),
            None => return,
        },
    };
    let way = match (fate, arrived) {
        (Fate::Lost, _) => ", lost on the way".to_owned(),
        (Fate::Refused, _) => ", refused by the system".to_owned(),
        (_, Some(arrived)) => format!(", {} on the way", words::duration(arrived - sent)),
        (_, None) => String::new(),
    };
    let again = match item {
        Item::Message(id) => match trace.retransmissions_of(id).count() {
            0 => String::new(),
            1 => ", sent again once".to_owned(),
            times => format!(", sent again {times} times"),
        },
        Item::Packet(_) => String::new(),
    };
    let text = format!(
        "{} \u{2192} {}, {}, {}{way}{again}",
        name(from),
        to.map_or("everybody", name),
        words::clock_ms(snapshot.wall_clock, sent),
        words::bytes(size.into()),
    );
    ui.add(Label::new(theme.remark(text)).wrap());
}

fn part_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &mut ProtocolState, part: &Part) {
    let field = state
        .field
        .and_then(|place| Some((place, *part.tree.fields.get(place)?)));
    if let Some((place, field)) = field {
        Panel::bottom("field explained")
            .resizable(true)
            .default_size(EXPLANATION)
            .show(ui, |ui| {
                ScrollArea::vertical()
                    .id_salt("explanation")
                    .auto_shrink(false)
                    .show(ui, |ui| explanation_ui(ui, &part.tree, place, &field));
            });
    }
    let height = ui.available_height();
    let least = BYTES_LEAST.min(height / 2.0);
    Panel::bottom("bytes of the message")
        .resizable(true)
        .default_size((height * BYTES_SHARE).max(least))
        .size_range(least..=(height - least).max(least))
        .show(ui, |ui| {
            if let Some(byte) = bytes_ui(ui, &part.bytes, field.map(|(_, field)| field.range())) {
                state.field = part.tree.at_byte(byte);
            }
        });
    if let Some(chosen) = fields_ui(ui, snapshot, state, part) {
        state.field = (state.field != Some(chosen)).then_some(chosen);
    }
}

/// Draws what is to be known of a field: its rule, where it is specified, and what is remarkable about it.
fn explanation_ui(ui: &mut Ui, tree: &Tree, place: usize, field: &Field) {
    let theme = Theme::of(ui);
    ui.add_space(SPACE_SMALL);
    ui.horizontal_wrapped(|ui| {
        ui.label(theme::strong(field.term.label));
        let bytes = field.end - field.start;
        let place = match bytes {
            0 => String::new(),
            1 => format!("byte {}", field.start),
            _ => format!("bytes {} to {}", field.start, field.end - 1),
        };
        ui.label(theme.remark(place));
        if !field.term.wireshark.is_empty() {
            let name = ui.add(Label::new(theme.remark(field.term.wireshark)).selectable(true));
            name.on_hover_text("What Wireshark calls it, for its display filters");
        }
    });
    for note in tree.notes.iter().filter(|note| note.field as usize == place) {
        let (word, ink) = match note.kind {
            NoteKind::Malformed => ("Malformed: ", theme.danger),
            NoteKind::Unknown => ("Unknown: ", theme.fault),
            NoteKind::Deviation => ("Differs from the RFC: ", theme.fault),
            NoteKind::Cut => ("Cut: ", theme.fault),
            NoteKind::Remark => ("", theme.weak),
        };
        ui.add(Label::new(RichText::new(format!("{word}{}", note.text)).color(ink)).wrap());
    }
    if let Some(explanation) = field.term.explanation {
        ui.add(Label::new(explanation.rule).wrap());
        let mut section = explanation.section.to_owned();
        if !explanation.deviation.is_empty() {
            section = format!("{section}; rsplib differs ({})", explanation.deviation);
        }
        ui.add(Label::new(theme.remark(section)).wrap());
    }
    ui.add_space(SPACE);
}
