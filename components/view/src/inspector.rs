//! The inspector: everything about the chosen component, and everything that can be done with it.

use egui::{DragValue, Grid, ScrollArea, Ui};
use feed::{ComponentRole, Impairment, Limits, LinkTarget, PeerState, StartUpPhase};

use crate::action::{ComponentAction, Tone};
use crate::button::{IconButton, action_button, icon_label, line_label};
use crate::icon::Icon;
use crate::link_inspector::sliders_ui;
use crate::random_faults::{self, RandomFaultsForm};
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE, Theme, size};
use crate::wording::{self, Standing};
use crate::{card, log_panel, timers};
use command::Command;
use command::links;
use model::{Agreement, Component, Load, words};
use wire::RegistrarIdentifier;

/// Draws the inspector; says whether its log is to be searched, which the dock can do.
pub(crate) fn inspector_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    component: &Component,
    random_faults: &mut RandomFaultsForm,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) -> bool {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        if IconButton::new(Icon::Back, "Back to all components")
            .show(ui)
            .clicked()
        {
            selection.close_inspector();
        }
        ui.label(theme::title(component.name.as_str()));
        let standing = Standing::of(component);
        icon_label(ui, standing.icon(), standing.colour(theme), size::ICON);
        ui.label(egui::RichText::new(wording::state_word(component)).color(standing.colour(theme)));
    });
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.add(egui::Label::new(wording::status_line(component)).wrap());
            if let Some(problem) = &component.problem {
                ui.colored_label(theme.fault, problem);
            }
            process_controls(ui, component, commands);
            section(ui, "Faults on all its links");
            link_controls(ui, component, commands);
            section(ui, "Associations and faults on single links");
            associations(ui, snapshot, component, selection);
            if component.role() == ComponentRole::PoolElement {
                element_controls(ui, component, commands);
            }
            random_faults::random_faults_ui(ui, snapshot, component, random_faults, commands);
            timers::component_timers_ui(ui, snapshot, component);
            section(ui, "Details");
            details(ui, snapshot, component);
            section(ui, "Log");
            log_panel::tail_ui(ui, component);
            let search = IconButton::new(Icon::Search, "Search this log").text("Search");
            search.show(ui).clicked()
        })
        .inner
}

/// A heading within an inspector.
pub(crate) fn section(ui: &mut Ui, title: &str) {
    let theme = Theme::of(ui);
    ui.add_space(SPACE);
    ui.label(theme.section_heading(title));
}

/// A heading that opens and closes what is below it.
pub(crate) fn folding_section(ui: &mut Ui, title: &str, open: bool, content: impl FnOnce(&mut Ui)) {
    let theme = Theme::of(ui);
    ui.add_space(SPACE);
    let heading = theme.section_heading(title);
    egui::CollapsingHeader::new(heading)
        .id_salt(("section", title))
        .default_open(open)
        .show_unindented(ui, content);
}

fn process_controls(ui: &mut Ui, component: &Component, commands: &mut Vec<Command>) {
    use ComponentAction as A;
    let rows: [&[A]; 3] = [
        if component.process.is_alive() {
            &[A::Stop, A::Kill, A::Restart]
        } else {
            &[A::Start, A::Remove]
        },
        match component.process {
            model::ProcessState::Frozen { .. } => &[A::Thaw],
            _ => &[A::Freeze],
        },
        match component.role() {
            ComponentRole::PoolUser => &[A::KillServing, A::Failover, A::NewPicture, A::SavePicture],
            ComponentRole::Registrar | ComponentRole::PoolElement => &[],
        },
    ];
    for row in rows.into_iter().filter(|row| !row.is_empty()) {
        ui.horizontal_wrapped(|ui| {
            for &action in row {
                action_button(ui, component, action, true, commands);
            }
            if row.contains(&A::Freeze) || row.contains(&A::Thaw) {
                let link = if component.is_unplugged() {
                    A::Plug
                } else {
                    A::Unplug
                };
                action_button(ui, component, link, true, commands);
            }
        });
    }
}

fn link_controls(ui: &mut Ui, component: &Component, commands: &mut Vec<Command>) {
    let before = links::impairment_of_all(component);
    let what = format!("on all links of {}, both ways", component.name);
    let alive = component.process.is_alive();
    let changed = ui.add_enabled_ui(alive, |ui| sliders_ui(ui, "link controls", &what, &before));
    if let Some(now) = changed.inner {
        let cut = before.cut;
        commands.push(Command::Impair(
            component.id,
            LinkTarget::All,
            Impairment { cut, ..now },
        ));
    }
    if !before.is_none() {
        let undo = IconButton::new(Icon::Undo, "Undo the faults on these links")
            .text("Undo")
            .tone(Tone::Primary);
        if undo.show(ui).clicked() {
            commands.push(Command::Impair(
                component.id,
                LinkTarget::All,
                Impairment::default(),
            ));
        }
    }
}

fn element_controls(ui: &mut Ui, component: &Component, commands: &mut Vec<Command>) {
    let limits = component.limits;
    if limits == Limits::default() {
        return;
    }
    section(ui, "Failure mode and capacity");
    let controls = Grid::new("element controls").num_columns(2);
    controls.show(ui, |ui| {
        if let Some(messages) = limits.fail_after {
            let label = ui.label("Fail after").on_hover_text(
                "Breaks each session after so many data messages: the failure mode of the reference system. 0 is never.",
            );
            let chosen = limit_ui(ui, component, &label, messages.into(), |value| {
                DragValue::new(value).range(0..=10_000).fixed_decimals(0).suffix(" messages")
            });
            if let Some(messages) = chosen {
                let messages = messages.round() as u32;
                commands.push(Command::Send(component.id, feed::Command::FailAfter { messages }));
            }
            ui.end_row();
        }
        if let Some(iterations) = limits.iterations_per_second {
            let label = ui
                .label("Capacity")
                .on_hover_text("Limits the computation of each session. 0 is no limit.");
            let chosen = limit_ui(ui, component, &label, iterations as f64 / 1e6, |value| {
                DragValue::new(value)
                    .range(0.0..=100_000.0)
                    .max_decimals(6)
                    .suffix(" M iterations/s")
            });
            if let Some(millions) = chosen {
                let iterations_per_second = (millions * 1e6).round() as u64;
                let command = feed::Command::SetCapacity { iterations_per_second };
                commands.push(Command::Send(component.id, command));
            }
            ui.end_row();
        }
    });
}

/// A limit that a component told of, to be changed. Shows what is being chosen, until the component tells of its limits again.
fn limit_ui(
    ui: &mut Ui,
    component: &Component,
    label: &egui::Response,
    told: f64,
    widget: impl FnOnce(&mut f64) -> DragValue<'_>,
) -> Option<f64> {
    let id = label.id.with((component.id, component.limits_told));
    let mut value = ui.data(|data| data.get_temp(id)).unwrap_or(told);
    // What it was started with may be beyond what can be chosen here.
    let widget = widget(&mut value).clamp_existing_to_range(false);
    let response = ui.add_enabled(component.process.is_alive(), widget);
    let response = response.labelled_by(label.id);
    if response.changed() {
        ui.data_mut(|data| data.insert_temp(id, value));
    }
    settled(&response).then_some(value)
}

/// Whether a value has been chosen: the drag is over, or it was typed.
fn settled(response: &egui::Response) -> bool {
    response.drag_stopped() || (response.changed() && !response.dragged())
}

fn details(ui: &mut Ui, snapshot: &Snapshot<'_>, component: &Component) {
    let mut rows: Vec<(&str, String)> = Vec::new();
    if let Some(identifier) = wording::identifier(component) {
        rows.push(("Identifier", identifier));
    }
    if let Some(pid) = component.process.pid() {
        rows.push(("Process", pid.to_string()));
    }
    if let Some(since) = card::started(component) {
        let age = words::age(snapshot.now - since);
        rows.push(("Up for", age));
        rows.push((
            "Started",
            format!("{} UTC", words::clock(snapshot.wall_clock, since)),
        ));
    }
    for address in &component.addresses {
        rows.push(("Address", address.to_string()));
    }
    if let Some(policy) = &component.policy {
        rows.push(("Policy", policy.clone()));
    }
    if let Some(Load {
        load,
        sessions,
        capacity,
    }) = component.load
    {
        rows.push(("Load", words::percent(load)));
        rows.push(("Sessions", format!("{sessions} of {capacity}")));
    }
    if component.role() == ComponentRole::PoolElement {
        let home = component.home_registrar.and_then(|id| snapshot.component(id));
        rows.push((
            "Home registrar",
            home.map_or_else(|| "none".to_owned(), |home| home.name.clone()),
        ));
    }
    if let Some(size) = component.handlespace {
        rows.push(("Pool elements", size.pool_elements.to_string()));
        rows.push(("Owned", size.owned.to_string()));
        rows.push(("Checksum", words::checksum(size.checksum)));
    }
    rows.extend(registrar_rows(snapshot, component));
    for (session, served) in &component.served {
        rows.push((
            "Served by",
            format!(
                "{} (session {session})",
                snapshot.model.pool_element_name(served.pe_identifier)
            ),
        ));
    }
    if !component.failovers.is_empty() {
        rows.push(("Failovers", component.failovers.len().to_string()));
    }
    rows_ui(ui, rows);
}

/// Draws rows of a name and a value.
pub(crate) fn rows_ui(ui: &mut Ui, rows: Vec<(&str, String)>) {
    let theme = Theme::of(ui);
    ui.spacing_mut().interact_size.y = 16.0;
    Grid::new("details")
        .num_columns(2)
        .spacing([12.0, 4.0])
        .show(ui, |ui| {
            for (name, value) in rows {
                ui.label(egui::RichText::new(name).color(theme.weak));
                ui.add(egui::Label::new(value).selectable(true).wrap());
                ui.end_row();
            }
        });
}

/// What only registrars have: how far the start-up has come, and the peers.
fn registrar_rows(snapshot: &Snapshot<'_>, component: &Component) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    if let Some((phase, _)) = component.registrar.start_up {
        let name = |mentor: RegistrarIdentifier| snapshot.model.registrar_name(mentor);
        let text = match phase {
            StartUpPhase::LookingForMentor => "looks for a mentor".to_owned(),
            StartUpPhase::Downloading { mentor } => format!("learns from {}", name(mentor)),
            StartUpPhase::InService { mentor, took, .. } => {
                let from =
                    mentor.map_or_else(|| "as the first".to_owned(), |it| format!("from {}", name(it)));
                format!("in service after {}, {from}", words::duration(took))
            }
        };
        rows.push(("Start-up", text));
    }
    for peer in component.registrar.peers.iter().take(16) {
        let state = match peer.entry.state {
            PeerState::Unconfirmed => "not heard yet",
            PeerState::Active => "heard",
            PeerState::Probed => "not heard, asked",
            PeerState::BeingTakenOver => "being taken over",
        };
        let checksum = match snapshot.model.agreement(component, peer, snapshot.now) {
            Agreement::Unknown => "",
            Agreement::Agree => ", checksums agree",
            Agreement::Settling => ", checksums change",
            Agreement::Differ => ", checksums differ",
        };
        let name = snapshot.model.registrar_name(peer.entry.identifier);
        rows.push(("Peer", format!("{name}: {state}{checksum}")));
    }
    rows
}

fn associations(ui: &mut Ui, snapshot: &Snapshot<'_>, component: &Component, selection: &mut Selection) {
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
                    if ui.link(peer.name.as_str()).clicked() {
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
                        ui.label(theme::small(links::words(&now)).color(theme.fault));
                    }
                }
                None => {
                    let address = far
                        .addresses
                        .first()
                        .map_or_else(|| "?".to_owned(), ToString::to_string);
                    ui.label(format!("{address}, port {}", far.port));
                }
            }
            let age = words::age(snapshot.now - association.since);
            let sides = if association.views.len() == 1 {
                ", one end only"
            } else {
                ""
            };
            ui.label(theme.remark(format!(
                "{} messages, {age}{sides}",
                words::count(association.messages)
            )));
        });
    }
    if !any {
        ui.label(egui::RichText::new("none").color(theme.weak));
    }
    other_links(ui, snapshot, component, selection);
}

/// Links without an association can be cut as well, before one is needed.
fn other_links(ui: &mut Ui, snapshot: &Snapshot<'_>, component: &Component, selection: &mut Selection) {
    let mut chosen = None;
    let combo = egui::ComboBox::from_id_salt("another link")
        .selected_text("Another link\u{2026}")
        .show_ui(ui, |ui| {
            let others = snapshot.model.components.values();
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
