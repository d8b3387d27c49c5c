//! The policy of a pool element: that of its pool, and its own data.

use egui::{Grid, Slider, SliderClamping, Ui};
use wire::parameter::{Policy, PolicyData, fraction_of_scale, scale_of_fraction};

use super::section;
use crate::pool_policy;
use command::Command;
use model::Component;

/// The room for the label and the value of a slider.
const BESIDE: f32 = 175.0;

/// Draws the choice of the pool's policy, and sliders for what the pool element tells in it.
pub(super) fn policy_ui(ui: &mut Ui, component: &Component, commands: &mut Vec<Command>) {
    section(ui, "Policy");
    let (Some(policy), Some(pool)) = (
        pool_policy::policy_of(component),
        component.spec.args.pool_handle(),
    ) else {
        return;
    };
    let (does, source) = pool_policy::explanation(policy);
    let menu = ui.menu_button(policy.name(), |ui| {
        pool_policy::list_ui(ui, &pool, Some(policy.policy_type()), commands);
    });
    menu.response
        .on_hover_text(format!("{does}\n{source}\nClick to change the policy of {pool}."));
    ui.spacing_mut().slider_width = (ui.available_width() - BESIDE).clamp(60.0, 160.0);
    Grid::new("policy data")
        .num_columns(2)
        .show(ui, |ui| sliders_ui(ui, component, policy, commands));
}

fn sliders_ui(ui: &mut Ui, component: &Component, policy: &Policy, commands: &mut Vec<Command>) {
    let has = policy.data();
    let mut chosen = PolicyData::default();
    let percent = |scaled: Option<u32>| scaled.map(|scaled| 100.0 * fraction_of_scale(scaled));
    let scaled = |percent: Option<f64>| percent.map(|percent| scale_of_fraction(percent / 100.0));
    let number = |value: Option<f64>| value.map(|value| value.round() as u32);
    let weight = Row {
        label: "Weight",
        explanation: "Relative capacity; at 0 it is never selected.",
        most: 100.0,
        decimals: 0,
        suffix: "",
    };
    chosen.weight = number(weight.show(ui, component, has.weight.map(f64::from)));
    let priority = Row {
        label: "Priority",
        explanation: "The larger, the earlier it is selected.",
        ..weight
    };
    chosen.priority = number(priority.show(ui, component, has.priority.map(f64::from)));
    let degradation = Row {
        label: "Degradation",
        explanation: "By how much a further session raises the load.",
        most: 100.0,
        decimals: 1,
        suffix: " %",
    };
    chosen.load_degradation = scaled(degradation.show(ui, component, percent(has.load_degradation)));
    let dpf = Row {
        label: "DPF",
        explanation: "Distance penalty factor: how much each millisecond of distance counts.",
        most: 2.0,
        decimals: 3,
        suffix: " % per ms",
    };
    chosen.dpf = scaled(dpf.show(ui, component, percent(has.dpf)));
    if chosen != PolicyData::default() {
        let policy = policy.clone().with_data(chosen);
        commands.push(Command::Send(component.id, feed::Command::SetPolicy { policy }));
    }
    let load = Row {
        label: "Load told",
        explanation: "What it tells registrars. Drag it to have it tell something else than it measures.",
        ..degradation
    };
    let measured = percent(policy.load());
    let told = measured.map(|measured| component.told_load.map_or(measured, |told| 100.0 * told));
    if let Some(percent) = load.show(ui, component, told) {
        let load = Some(percent / 100.0);
        commands.push(Command::Send(component.id, feed::Command::SetLoad { load }));
    }
    if policy.is_adaptive() {
        ui.label("");
        let alive = component.process.is_alive();
        let measured = ui.add_enabled(alive, egui::Button::new("Tell what it measures"));
        if measured.clicked() {
            let load = None;
            commands.push(Command::Send(component.id, feed::Command::SetLoad { load }));
        }
        ui.end_row();
    }
}

/// A slider with its label.
struct Row {
    label: &'static str,
    explanation: &'static str,
    most: f64,
    decimals: usize,
    suffix: &'static str,
}

impl Row {
    /// Draws the slider if there is such a value; returns the value that was chosen once it is final, so that a drag is
    /// one change. Shows the chosen one until the component reports another one.
    fn show(&self, ui: &mut Ui, component: &Component, told: Option<f64>) -> Option<f64> {
        let told = told?;
        let label = ui.label(self.label).on_hover_text(self.explanation);
        let id = label.id.with((component.id, component.policy_told));
        let mut value = ui.data(|data| data.get_temp(id)).unwrap_or(told);
        let slider = Slider::new(&mut value, 0.0..=self.most)
            .clamping(SliderClamping::Edits)
            .max_decimals(self.decimals)
            .suffix(self.suffix);
        let response = ui
            .add_enabled(component.process.is_alive(), slider)
            .labelled_by(label.id);
        let response = response.on_hover_text(self.explanation);
        if response.changed() {
            ui.data_mut(|data| data.insert_temp(id, value));
        }
        let is_final = response.drag_stopped() || (response.changed() && !response.dragged());
        ui.end_row();
        is_final.then_some(value)
    }
}
