//! The inspector of a link: its injected faults, and the associations that use it.

use egui::{Grid, ScrollArea, Slider, Ui};
use feed::{Affected, Impairment};

use crate::action::Tone;
use crate::button::{IconButton, icon_label};
use crate::icon::Icon;
use crate::inspector::{link_ui, section, title_ui};
use crate::present;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{Theme, size};
use crate::wording;
use command::Command;
use command::links;
use model::{Component, words};

/// Draws the inspector of the link between two components.
pub(crate) fn link_inspector_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    (one, other): (&Component, &Component),
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let now = links::impairment(one, other);
    let names = format!("{} and {}", one.name, other.name);
    if title_ui(ui, &format!("{} \u{2013} {}", one.name, other.name), None) {
        selection.deselect();
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.horizontal(|ui| {
            let (icon, ink) = if now.is_none() {
                (Icon::Check, theme.good)
            } else if now.cut {
                (Icon::Cross, theme.danger)
            } else {
                (Icon::Warning, theme.fault)
            };
            icon_label(ui, icon, ink, size::ICON);
            let words = format!("This link is {}.", link_words(&now, &one.name));
            ui.add(egui::Label::new(words).truncate());
        });
        let possible = one.process.is_alive() || other.process.is_alive();
        section(ui, "Faults on this link only");
        present::only_present(ui, |ui| {
            ui.add_enabled_ui(possible, |ui| {
                ui.horizontal(|ui| {
                    let name = format!("Cut the link between {names}");
                    let cut = IconButton::new(Icon::Cross, &name)
                        .text("Cut")
                        .tone(Tone::Fault)
                        .enabled(!now.cut)
                        .explain("Drops every packet between the two, and nothing else: a partition.");
                    if cut.show(ui).clicked() {
                        commands.extend(links::impair(one, other, Impairment::UNPLUGGED));
                    }
                    let name = format!("Mend the link between {names}");
                    let mend = IconButton::new(Icon::Undo, &name)
                        .text("Mend")
                        .tone(Tone::Primary)
                        .enabled(!now.is_none())
                        .explain("Lets all packets pass again at once.");
                    if mend.show(ui).clicked() {
                        commands.extend(links::impair(one, other, Impairment::default()));
                    }
                });
                let what = format!("on the link between {names}");
                if let Some(changed) = sliders_ui(ui, "link sliders", &what, &one.name, &now) {
                    commands.extend(links::impair(one, other, changed));
                }
            })
        });
        if !possible {
            ui.label(theme.remark("Neither of the two has a process."));
        }
        section(ui, "Its ends");
        for end in [one, other] {
            let all = links::impairment_of_all(end);
            let text = if all.is_none() {
                wording::state_word(end).into_owned()
            } else if all.is_unplugged() {
                "unplugged: all its links are cut".to_owned()
            } else {
                format!("all its links: {}", links::words(&all))
            };
            ui.horizontal(|ui| {
                if link_ui(ui, &end.name).clicked() {
                    selection.select(end.id);
                }
                ui.add(egui::Label::new(theme.remark(text)).truncate());
            });
        }
        section(ui, "Associations");
        associations_ui(ui, theme, snapshot, one, other);
    });
}

/// Describes a link, seen from the component with this name.
fn link_words(impairment: &Impairment, name: &str) -> String {
    let words = links::words_of(impairment, name);
    if impairment.is_none() || impairment.cut {
        words
    } else {
        format!("bad: {words}")
    }
}

fn associations_ui(ui: &mut Ui, theme: &Theme, snapshot: &Snapshot<'_>, one: &Component, other: &Component) {
    let mut any = false;
    for association in snapshot.model.associations.values() {
        let [Some(first), Some(second)] = association.ends else {
            continue;
        };
        if links::between(first, second) != links::between(one.id, other.id) {
            continue;
        }
        any = true;
        ui.horizontal(|ui| {
            ui.label(association.protocol.to_string());
            let age = words::age(snapshot.now - association.since);
            let text = format!("{} messages, {age}", words::count(association.messages));
            ui.label(theme.remark(text));
        });
    }
    if !any {
        ui.label(egui::RichText::new("none").color(theme.weak));
    }
}

/// What has no effect by itself, and is remembered here until it has.
#[derive(Debug, Clone, Copy, Default)]
struct Prepared {
    direction: Affected,
    burst: f64,
}

/// Draws controls for everything that can be wrong with packets; returns the new values if they differ. `name` is the
/// component from which the direction is seen.
pub(crate) fn sliders_ui(
    ui: &mut Ui,
    salt: &str,
    what: &str,
    name: &str,
    before: &Impairment,
) -> Option<Impairment> {
    let prepared_id = ui.scope_id().with((salt, what, "prepared"));
    let mut now = *before;
    if before.is_none() {
        let prepared: Prepared = ui.data(|data| data.get_temp(prepared_id)).unwrap_or_default();
        (now.direction, now.burst) = (prepared.direction, prepared.burst);
    }
    let shown = now;
    let mut loss = now.loss * 100.0;
    let mut corruption = now.corruption * 100.0;
    let mut first_lost = f64::from(now.first_lost);
    ui.spacing_mut().slider_width = (ui.available_width() - 150.0).clamp(60.0, 160.0);
    let row = |ui: &mut Ui, label: &str, value: &mut f64, most: f64, suffix: &'static str| {
        let text = ui.label(label);
        let slider = Slider::new(value, 0.0..=most).suffix(suffix).max_decimals(0);
        let response = ui.add(slider).labelled_by(text.id);
        response.on_hover_text(format!("{label} {what}"));
        ui.end_row();
    };
    Grid::new(salt).num_columns(2).show(ui, |ui| {
        row(ui, "Loss", &mut loss, 100.0, " %");
        row(ui, "Delay", &mut now.delay_ms, 1000.0, " ms");
        row(ui, "Jitter", &mut now.jitter_ms, 500.0, " ms");
    });
    let more = egui::CollapsingHeader::new("More faults").id_salt((salt, "more"));
    more.show(ui, |ui| {
        // Beside longer labels and within an indentation.
        ui.spacing_mut().slider_width = (ui.available_width() - 225.0).clamp(40.0, 120.0);
        Grid::new((salt, "more")).num_columns(2).show(ui, |ui| {
            row(ui, "Lost in a row", &mut now.burst, 50.0, " packets");
            row(ui, "Rate", &mut now.rate_kbit_s, 2000.0, " kbit/s");
            row(ui, "Corrupted", &mut corruption, 100.0, " %");
            row(ui, "First lost", &mut first_lost, 100.0, " packets");
        });
        for (direction, text) in [
            (Affected::Both, "Both directions".to_owned()),
            (Affected::Sent, format!("Only what {name} sends")),
            (Affected::Received, format!("Only what {name} receives")),
        ] {
            ui.radio_value(&mut now.direction, direction, text);
        }
        ui.label(Theme::of(ui).remark(
            "A rate of 0 is no limit. Loss in a row: the mean number of packets. First lost: each way.",
        ));
    });
    now.loss = loss / 100.0;
    now.corruption = corruption / 100.0;
    now.first_lost = first_lost.round() as u32;
    if now == shown {
        return None;
    }
    let prepared = Prepared {
        direction: now.direction,
        burst: now.burst,
    };
    ui.data_mut(|data| data.insert_temp(prepared_id, prepared));
    // A slider makes a cut link a bad one.
    let cut = before.cut && now.direction != shown.direction;
    let changed = Impairment { cut, ..now };
    (!changed.is_none() || !before.is_none()).then_some(changed)
}
