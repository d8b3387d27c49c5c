//! The fields of a pool element.

use std::time::Duration;

use egui::{ComboBox, DragValue, Ui};
use wire::PoolHandle;
use wire::parameter::{Policy, PolicyType};

use super::{LIST, label_ui};
use crate::inspector::{calculations_value, capacity_value, jobs_value};
use crate::pool_policy;
use crate::theme::{self, Theme, size};
use model::Model;
use scenario::{PoolElementArgs, ServiceKind};

/// How long a unit of the scripting service takes at first, in seconds.
const UNIT_S: f64 = 5.0;

/// The input so far.
#[derive(Debug)]
pub(super) struct PoolElementFields {
    pub(super) service: ServiceKind,
    /// The policy; that of the pool if none was chosen.
    policy: Option<PolicyType>,
    /// Service `fractal`: millions of iterations per second and session.
    capacity_millions: f64,
    /// Service `calcapp`: millions of calculations per second, which all jobs share.
    calculations_millions: f64,
    /// Service `calcapp`: the maximum number of jobs.
    max_jobs: f64,
    /// Service `scripting`: how long the demonstration's units take, in seconds.
    unit_s: f64,
}

impl Default for PoolElementFields {
    fn default() -> Self {
        let usual = PoolElementArgs::default();
        Self {
            service: usual.service,
            policy: None,
            capacity_millions: usual.fractal.capacity as f64 / 1e6,
            calculations_millions: usual.calc_app.calculations_per_second / 1e6,
            max_jobs: usual.calc_app.max_jobs.into(),
            unit_s: UNIT_S,
        }
    }
}

impl PoolElementFields {
    /// Enters the input into the arguments, whose pool handle has been entered already.
    pub(super) fn apply(&self, args: &mut PoolElementArgs, model: &Model) {
        args.service = self.service;
        args.policy = self.policy(self.pool(args.pool_handle.clone()).as_ref(), model);
        match self.service {
            ServiceKind::Fractal => args.fractal.capacity = (self.capacity_millions * 1e6).round() as u64,
            ServiceKind::Calcapp => {
                args.calc_app.calculations_per_second = (self.calculations_millions * 1e6).round();
                args.calc_app.max_jobs = self.max_jobs.round() as u32;
            }
            ServiceKind::Scripting => args.scripting.demo_unit = Some(self.unit_time()),
            ServiceKind::Echo
            | ServiceKind::PingPong
            | ServiceKind::Daytime
            | ServiceKind::Discard
            | ServiceKind::Chargen => {}
        }
    }

    /// Draws the fields that follow the pool handle, of which `None` is that of the service.
    pub(super) fn ui(&mut self, ui: &mut Ui, model: &Model, pool: Option<PoolHandle>) {
        self.policy_ui(ui, model, pool);
        match self.service {
            ServiceKind::Fractal => {
                let label = label_ui(ui, "Capacity", "Limits the computation of each session.");
                ui.add(capacity_value(&mut self.capacity_millions).speed(1.0))
                    .labelled_by(label.id);
                ui.end_row();
            }
            ServiceKind::Calcapp => {
                let label = label_ui(ui, "Capacity", "What all jobs share. At 0 they stand still.");
                ui.add(calculations_value(&mut self.calculations_millions))
                    .labelled_by(label.id);
                ui.end_row();
                let label = label_ui(ui, "Most jobs", "Further requests are rejected.");
                ui.add(jobs_value(&mut self.max_jobs)).labelled_by(label.id);
                ui.end_row();
            }
            ServiceKind::Scripting => {
                let explanation =
                    "How long each unit takes. It runs no program: only a command line can name one.";
                let label = label_ui(ui, "Unit takes", explanation);
                let seconds = DragValue::new(&mut self.unit_s).range(0.1..=3_600.0);
                ui.add(seconds.speed(0.1).max_decimals(1).suffix(" s"))
                    .labelled_by(label.id);
                ui.end_row();
            }
            ServiceKind::Echo
            | ServiceKind::PingPong
            | ServiceKind::Daytime
            | ServiceKind::Discard
            | ServiceKind::Chargen => {}
        }
    }

    fn policy_ui(&mut self, ui: &mut Ui, model: &Model, pool: Option<PoolHandle>) {
        let pool = self.pool(pool);
        let of_pool = pool.as_ref().and_then(|pool| pool_policy::of_pool(model, pool));
        let label = ui.label("Policy");
        let unchosen = match of_pool {
            Some(policy) => format!("{}, as its pool", policy.short_name()),
            None => "default".to_owned(),
        };
        let shown = match self.policy {
            Some(_) => self.policy(pool.as_ref(), model).name().to_owned(),
            None => unchosen.clone(),
        };
        ComboBox::from_id_salt("policy")
            .selected_text(shown)
            .width(size::FIELD_NARROW)
            .height(LIST)
            .show_ui(ui, |ui| {
                ui.selectable_value(&mut self.policy, None, unchosen);
                for policy in pool_policy::choices() {
                    let (does, source) = pool_policy::explanation(&policy);
                    ui.selectable_value(&mut self.policy, Some(policy.policy_type()), policy.name())
                        .on_hover_text(format!("{does}\n{source}"));
                }
            })
            .response
            .labelled_by(label.id);
        ui.end_row();
        let other = of_pool.filter(|policy| self.policy.is_some_and(|chosen| chosen != policy.policy_type()));
        if let Some(policy) = other {
            ui.label("");
            let text = format!("The pool has {}: it will be refused.", policy.short_name());
            let warning = theme::small(text).color(Theme::of(ui).fault);
            ui.add(egui::Label::new(warning).wrap());
            ui.end_row();
        }
    }

    /// Returns the pool, of which `None` is that of the service.
    fn pool(&self, chosen: Option<PoolHandle>) -> Option<PoolHandle> {
        chosen.or_else(|| PoolHandle::new(self.service.usual_pool_handle().as_bytes()).ok())
    }

    /// Returns the policy that was chosen, or that of the pool, or else the usual one of the service.
    fn policy(&self, pool: Option<&PoolHandle>, model: &Model) -> Policy {
        let chosen = self.policy.and_then(|chosen| {
            let mut choices = pool_policy::choices();
            choices.find(|policy| policy.policy_type() == chosen)
        });
        let of_pool = || pool.and_then(|pool| pool_policy::of_pool(model, pool));
        let policy = chosen.or_else(|| of_pool().cloned());
        // As if it was typed: the load and the distance of another pool element do not matter.
        let policy = policy.and_then(|policy| policy.argument()?.parse().ok());
        policy.unwrap_or_else(|| self.service.usual_policy())
    }

    fn unit_time(&self) -> Duration {
        Duration::from_millis((self.unit_s * 1e3).round() as u64)
    }
}
