//! Random up- and down-times: a component, or every component of its role, fails and comes back at random.

use egui::{DragValue, Grid, Ui};

use crate::action::Tone;
use crate::button::{IconButton, icon_label};
use crate::icon::Icon;
use crate::inspector::folding_section;
use crate::snapshot::Snapshot;
use crate::theme::{Theme, size};
use crate::wording;
use command::Command;
use model::Component;
use play::RandomFaultsRun;
use scenario::{RandomFault, RandomFaults, RoleFilter, Who};

/// The faults with their names and explanations.
const FAULTS: [(RandomFault, &str, &str); 5] = [
    (RandomFault::Stop, "Stop", "Clean stop, later a start."),
    (RandomFault::Kill, "Kill", "SIGKILL, later a start."),
    (RandomFault::Freeze, "Freeze", "SIGSTOP, later SIGCONT."),
    (
        RandomFault::Unplug,
        "Unplug",
        "All packets dropped, later passed again.",
    ),
    (RandomFault::Restart, "Restart", "Clean stop and start at once."),
];

/// The input so far.
#[derive(Debug)]
pub(crate) struct RandomFaultsForm {
    mean_up_s: f64,
    mean_down_s: f64,
    faults: [bool; FAULTS.len()],
}

impl Default for RandomFaultsForm {
    fn default() -> Self {
        Self {
            mean_up_s: 15.0,
            mean_down_s: 4.0,
            faults: [false, true, true, true, false],
        }
    }
}

impl RandomFaultsForm {
    fn random_faults(&self, of: Who, keep_up: u32) -> RandomFaults {
        let faults = FAULTS.iter().zip(self.faults);
        RandomFaults {
            of,
            mean_up_s: self.mean_up_s,
            mean_down_s: self.mean_down_s,
            for_s: None,
            faults: faults
                .filter_map(|((fault, ..), chosen)| chosen.then_some(*fault))
                .collect(),
            keep_up: Some(keep_up),
        }
    }
}

/// Draws the section of a component's inspector on random up- and down-times.
pub(crate) fn random_faults_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    component: &Component,
    form: &mut RandomFaultsForm,
    commands: &mut Vec<Command>,
) {
    let running = snapshot.random_faults_of(component.id);
    folding_section(ui, "Random up- and down-times", running.is_some(), |ui| {
        form_ui(ui, component, form, running.is_some(), commands);
        if let Some(random) = running {
            running_ui(ui, snapshot, random);
        }
    });
}

fn form_ui(
    ui: &mut Ui,
    component: &Component,
    form: &mut RandomFaultsForm,
    running: bool,
    commands: &mut Vec<Command>,
) {
    Grid::new("random faults").num_columns(2).show(ui, |ui| {
        for (text, value, explanation) in [
            (
                "Up for",
                &mut form.mean_up_s,
                "Mean time between two faults of a component.",
            ),
            ("Down for", &mut form.mean_down_s, "Mean time of a fault."),
        ] {
            let label = ui.label(text);
            let drag = DragValue::new(value)
                .range(0.5..=3_600.0)
                .speed(0.5)
                .max_decimals(1)
                .suffix(" s on average");
            ui.add(drag).labelled_by(label.id).on_hover_text(explanation);
            ui.end_row();
        }
    });
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for ((_, text, explanation), chosen) in FAULTS.iter().zip(&mut form.faults) {
            ui.toggle_value(chosen, *text).on_hover_text(*explanation);
        }
    });
    let possible = form.faults.contains(&true) && !running;
    ui.horizontal_wrapped(|ui| {
        let name = format!("Begin random faults of {}", component.name);
        let one = IconButton::new(Icon::Dice, &name)
            .text(&component.name)
            .tone(Tone::Fault)
            .enabled(possible);
        if one.show(ui).clicked() {
            let who = Who::Named(vec![component.name.clone()]);
            commands.push(Command::BeginRandomFaults(form.random_faults(who, 0)));
        }
        let roles = wording::roles(component.role()).to_lowercase();
        let name = format!("Begin random faults of all {roles}");
        let text = format!("All {roles}");
        let all = IconButton::new(Icon::Dice, &name)
            .text(&text)
            .tone(Tone::Fault)
            .enabled(possible)
            .explain("One of them always stays up.");
        if all.show(ui).clicked() {
            let group = match component.role() {
                feed::ComponentRole::Registrar => RoleFilter::Registrar,
                feed::ComponentRole::PoolElement => RoleFilter::PoolElement,
                feed::ComponentRole::PoolUser => RoleFilter::PoolUser,
            };
            commands.push(Command::BeginRandomFaults(
                form.random_faults(Who::Every(group), 1),
            ));
        }
        let end = IconButton::new(Icon::Undo, "End these random faults")
            .text("End")
            .tone(Tone::Primary)
            .enabled(running)
            .explain(
                "Whatever is down comes back at once. Undo all in the bar at the top ends them as well.",
            );
        if end.show(ui).clicked() {
            commands.push(Command::EndRandomFaults(component.id));
        }
    });
}

fn running_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, random: &RandomFaultsRun) {
    let theme = Theme::of(ui);
    let random_faults = random.random_faults();
    let names: Vec<&str> = random
        .members()
        .iter()
        .filter_map(|id| Some(snapshot.component(*id)?.name.as_str()))
        .collect();
    let faults = FAULTS
        .iter()
        .filter(|(fault, ..)| random_faults.faults.contains(fault));
    let faults: Vec<&str> = faults.map(|(_, word, _)| *word).collect();
    ui.horizontal_wrapped(|ui| {
        icon_label(ui, Icon::Dice, theme.fault, size::ICON);
        let text = format!(
            "{}: up for {:.1} s, down for {:.1} s on average ({})",
            names.join(", "),
            random_faults.mean_up_s,
            random_faults.mean_down_s,
            faults.join(", ").to_lowercase()
        );
        ui.add(egui::Label::new(text).wrap());
    });
}
