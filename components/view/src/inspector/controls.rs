//! The controls of a component's process, links and limits.

use egui::{DragValue, Grid, Ui};
use feed::{ComponentRole, Impairment, Limits, LinkTarget};

use super::section;
use crate::action::{ComponentAction, Tone};
use crate::button::{IconButton, action_button};
use crate::icon::Icon;
use crate::link_inspector::sliders_ui;
use command::{Command, links};
use model::Component;

pub(super) fn process_controls(ui: &mut Ui, component: &Component, commands: &mut Vec<Command>) {
    use ComponentAction as A;
    let rows: [&[A]; 3] = [
        if component.process.is_alive() {
            &[A::Stop, A::Kill, A::Restart]
        } else {
            &[A::Start, A::Remove]
        },
        if component.is_stopped() {
            &[A::Thaw]
        } else {
            &[A::Freeze]
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

pub(super) fn link_controls(ui: &mut Ui, component: &Component, commands: &mut Vec<Command>) {
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

pub(super) fn element_controls(ui: &mut Ui, component: &Component, commands: &mut Vec<Command>) {
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

/// Draws a control for a limit that the component has reported. Shows the new value until the component reports its
/// limits again.
fn limit_ui(
    ui: &mut Ui,
    component: &Component,
    label: &egui::Response,
    told: f64,
    widget: impl FnOnce(&mut f64) -> DragValue<'_>,
) -> Option<f64> {
    let id = label.id.with((component.id, component.limits_told));
    let mut value = ui.data(|data| data.get_temp(id)).unwrap_or(told);
    // The value that the component was started with may be outside of the range of the control.
    let widget = widget(&mut value).clamp_existing_to_range(false);
    let response = ui.add_enabled(component.process.is_alive(), widget);
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
