//! The inspector of a component that was started elsewhere: everything that it reports, without any controls.

use egui::{ScrollArea, Ui};
use feed::Protocol;

use crate::button::{IconButton, bar, icon_label, line_label};
use crate::external;
use crate::icon::Icon;
use crate::inspector::{rows_ui, section};
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, size};
use model::{ExternalComponent, ExternalEnd, ExternalLink, external_name, words};

/// Draws the inspector.
pub(crate) fn inspector_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    component: &ExternalComponent,
    selection: &mut Selection,
) {
    let theme = Theme::of(ui);
    let now = snapshot.now;
    ui.horizontal(|ui| {
        let back = IconButton::new(Icon::Back, "Back to all components");
        if back.show(ui).clicked() {
            selection.close_inspector();
        }
        ui.add(egui::Label::new(theme::strong(component.name.as_str()).size(size::HEADING)).truncate());
    });
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            icon_label(ui, Icon::Eye, theme.accent, size::ICON);
            ui.add(egui::Label::new(external::EXPLANATION).wrap());
        });
        if let Some(silence) = external::silence(component, now) {
            let forgotten = component.forgotten_at() - now;
            let text = format!(
                "{silence}: what is shown may be out of date. It disappears in {} unless it reports.",
                words::seconds(forgotten)
            );
            ui.add(egui::Label::new(egui::RichText::new(text).color(theme.fault)).wrap());
        }
        section(ui, "What it says of itself");
        ui.add(
            egui::Label::new(external::status(component))
                .wrap()
                .selectable(true),
        );
        if let (Some(load), Some(words)) = (component.load, external::load(component)) {
            ui.horizontal(|ui| {
                ui.label(egui::RichText::new("Load").color(theme.weak));
                bar(ui, load as f32, external::colour(theme, component), 90.0, 8.0);
                ui.label(words);
            });
        }
        section(ui, "Associations that it lists");
        associations_ui(ui, theme, snapshot, component, selection);
        section(ui, "Details");
        details_ui(ui, snapshot, component);
    });
}

fn associations_ui(
    ui: &mut Ui,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    component: &ExternalComponent,
    selection: &mut Selection,
) {
    if component.associations.is_empty() {
        ui.label(egui::RichText::new("none").color(theme.weak));
    }
    let silence = component.silence(snapshot.now);
    ui.spacing_mut().interact_size.y = 20.0;
    for link in snapshot.model.links_of(component) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = theme::SPACE_SMALL;
            let protocol = model::protocol(link.ppid);
            line_label(ui, theme.protocol(protocol));
            end_ui(ui, snapshot, &link, selection);
            let what = match protocol {
                Protocol::Application => format!("{protocol} ({})", link.ppid),
                Protocol::Asap | Protocol::Enrp => link.ppid.to_string(),
            };
            let text = match link.duration {
                Some(duration) => format!("{what}, {}", words::age(duration.saturating_add(silence))),
                None => what,
            };
            ui.label(theme.remark(text));
        });
    }
}

/// Draws the other end, which can be selected if it is in the scenario.
fn end_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, link: &ExternalLink, selection: &mut Selection) {
    match link.to {
        ExternalEnd::Own(id) => {
            let name = snapshot
                .component(id)
                .map_or("?", |component| component.name.as_str());
            if ui.link(name).clicked() {
                selection.select(id);
                selection.inspect();
            }
        }
        ExternalEnd::External(identifier) => {
            let other = snapshot.model.external().get(identifier);
            let name = other.map_or_else(|| external_name(identifier), |other| other.name.clone());
            if ui.link(name).clicked() {
                selection.select_external(identifier);
                selection.inspect();
            }
        }
        ExternalEnd::Unknown(identifier) => {
            ui.label(external_name(identifier))
                .on_hover_text("Nothing more is known of it: it does not report here.");
        }
    }
}

fn details_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, component: &ExternalComponent) {
    let now = snapshot.now;
    let identifier = component.identifier;
    let written = component.short_name();
    let number = written.rsplit(' ').next().unwrap_or_default();
    let mut rows = vec![
        ("Role", external::kind(component)),
        ("Identifier", number.to_owned()),
        ("In rsplib", identifier.to_string()),
    ];
    let location = if component.location.is_empty() {
        "not given"
    } else {
        &component.location
    };
    rows.push(("Location", location.to_owned()));
    for address in &component.addresses {
        rows.push(("Address", address.to_string()));
    }
    rows.push(("Reports from", component.source.to_string()));
    rows.push(("Reports", words::count(component.reports)));
    let interval = words::duration(component.interval);
    rows.push(("Interval", interval));
    rows.push(("Last heard", external::heard(component, now)));
    let age = words::age(now - component.since);
    let since = component.since;
    rows.push((
        "Reports since",
        format!("{} UTC, {age}", words::clock(snapshot.wall_clock, since)),
    ));
    rows_ui(ui, rows);
}
