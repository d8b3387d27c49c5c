//! The controls of a component's process, links and limits.

use egui::{DragValue, Grid, Ui};
use feed::{ComponentRole, Impairment, LinkTarget};

use super::section;
use crate::action::{ComponentAction, Tone};
use crate::button::{IconButton, action_grid};
use crate::icon::Icon;
use crate::link_inspector::sliders_ui;
use command::{Command, links};
use model::Component;

pub(super) fn process_controls(ui: &mut Ui, component: &Component, commands: &mut Vec<Command>) {
    use ComponentAction as A;
    let process = [
        A::Start,
        A::Stop,
        A::Restart,
        A::Kill,
        A::Freeze,
        A::Thaw,
        A::Unplug,
        A::Plug,
        A::Remove,
    ];
    action_grid(ui, component, &process, 3, commands);
    if component.role() == ComponentRole::PoolUser {
        let work = [A::KillServing, A::Failover, A::NewPicture, A::SavePicture];
        action_grid(ui, component, &work, 2, commands);
    }
}

pub(super) fn link_controls(ui: &mut Ui, component: &Component, commands: &mut Vec<Command>) {
    let before = links::impairment_of_all(component);
    let what = format!("on all links of {}", component.name);
    let alive = component.process.is_alive();
    let changed = ui.add_enabled_ui(alive, |ui| {
        sliders_ui(ui, "link controls", &what, &component.name, &before)
    });
    if let Some(now) = changed.inner {
        let cut = before.cut;
        commands.push(Command::Impair(
            component.id,
            LinkTarget::All,
            Impairment { cut, ..now },
        ));
    }
    let undo = IconButton::new(Icon::Undo, "Undo the faults on these links")
        .text("Undo")
        .tone(Tone::Primary)
        .enabled(alive && !before.is_none());
    if undo.show(ui).clicked() {
        commands.push(Command::Impair(
            component.id,
            LinkTarget::All,
            Impairment::default(),
        ));
    }
}

pub(super) fn element_controls(ui: &mut Ui, component: &Component, commands: &mut Vec<Command>) {
    let limits = component.limits;
    section(ui, "Failure mode and capacity");
    let controls = Grid::new("element controls").num_columns(2);
    controls.show(ui, |ui| {
        let label = ui.label("Fail after").on_hover_text(
            "Breaks each session after so many data messages: the failure mode of the reference system. 0 is never.",
        );
        let told = limits.fail_after.map(f64::from);
        let chosen = limit_ui(ui, component, &label, told, |value| {
            DragValue::new(value).range(0..=10_000).fixed_decimals(0).suffix(" messages")
        });
        if let Some(messages) = chosen {
            let messages = messages.round() as u32;
            commands.push(Command::Send(component.id, feed::Command::FailAfter { messages }));
        }
        ui.end_row();
        if limits.calculations_per_second.is_some() {
            return calc_app_controls(ui, component, commands);
        }
        let label = ui
            .label("Capacity")
            .on_hover_text("Limits the computation of each session. 0 is no limit.");
        let told = limits.iterations_per_second.map(|iterations| iterations as f64 / 1e6);
        let chosen = limit_ui(ui, component, &label, told, capacity_value);
        if let Some(millions) = chosen {
            let iterations_per_second = (millions * 1e6).round() as u64;
            let command = feed::Command::SetCapacity { iterations_per_second };
            commands.push(Command::Send(component.id, command));
        }
        ui.end_row();
    });
}

/// Draws the rows for the CalcApp service, whose capacity is that of all jobs together.
fn calc_app_controls(ui: &mut Ui, component: &Component, commands: &mut Vec<Command>) {
    let limits = component.limits;
    let label = ui
        .label("Capacity")
        .on_hover_text("What all jobs share. At 0 they stand still.");
    let told = limits.calculations_per_second;
    let told = told.map(|calculations| calculations as f64 / 1e6);
    let chosen = limit_ui(ui, component, &label, told, calculations_value);
    if let Some(millions) = chosen {
        let iterations_per_second = (millions * 1e6).round() as u64;
        let command = feed::Command::SetCapacity {
            iterations_per_second,
        };
        commands.push(Command::Send(component.id, command));
    }
    ui.end_row();
    let label = ui
        .label("Jobs at most")
        .on_hover_text("Further ones are rejected; those in service remain.");
    let told = limits.max_jobs.map(f64::from);
    let chosen = limit_ui(ui, component, &label, told, jobs_value);
    if let Some(jobs) = chosen {
        let jobs = jobs.round() as u32;
        commands.push(Command::Send(component.id, feed::Command::SetMaxJobs { jobs }));
    }
    ui.end_row();
}

/// Returns the control of a capacity in millions of iterations per second, of which 0 means no limit.
pub(crate) fn capacity_value(millions: &mut f64) -> DragValue<'_> {
    let control = DragValue::new(millions).range(0.0..=100_000.0).max_decimals(6);
    control
        .custom_formatter(|value, decimals| {
            if value == 0.0 {
                return "no limit".to_owned();
            }
            let most = (*decimals.end()).min(6);
            let digits = format!("{value:.most$}");
            let digits = digits.trim_end_matches('0').trim_end_matches('.');
            format!("{digits} M iterations/s")
        })
        .custom_parser(|text| {
            let number = text.trim().trim_end_matches("M iterations/s").trim();
            if number.is_empty() || number.starts_with("no") {
                return Some(0.0);
            }
            number.parse().ok()
        })
}

/// Returns the control of a capacity in millions of calculations per second, which all jobs share.
pub(crate) fn calculations_value(millions: &mut f64) -> DragValue<'_> {
    DragValue::new(millions)
        .range(0.0..=100_000.0)
        .speed(0.01)
        .max_decimals(6)
        .suffix(" M calculations/s")
}

/// Returns the control of the maximum number of jobs.
pub(crate) fn jobs_value(jobs: &mut f64) -> DragValue<'_> {
    DragValue::new(jobs).range(1..=10_000).fixed_decimals(0)
}

/// Draws a control for a limit, disabled in its place until the component has reported it. Shows the new value until the
/// component reports its limits again.
fn limit_ui(
    ui: &mut Ui,
    component: &Component,
    label: &egui::Response,
    told: Option<f64>,
    widget: impl FnOnce(&mut f64) -> DragValue<'_>,
) -> Option<f64> {
    let id = label.id.with((component.id, component.limits_told));
    let chosen = ui.data(|data| data.get_temp(id));
    let mut value = chosen.or(told).unwrap_or_default();
    // The value that the component was started with may be outside of the range of the control.
    let widget = widget(&mut value).clamp_existing_to_range(false);
    let response = ui.add_enabled(component.process.is_alive() && told.is_some(), widget);
    let response = response.labelled_by(label.id);
    if response.changed() {
        ui.data_mut(|data| data.insert_temp(id, value));
    }
    settled(&response).then_some(value)
}

/// Returns whether the value is final: the drag has ended, or the value was typed.
fn settled(response: &egui::Response) -> bool {
    response.drag_stopped() || (response.changed() && !response.dragged())
}
