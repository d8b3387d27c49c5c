//! The form that adds a component.

use egui::{ComboBox, DragValue, Frame, Margin, TextEdit, Ui};
use feed::ComponentRole;
use wire::parameter::Policy;

use crate::action::Tone;
use crate::button::{IconButton, dialog_buttons};
use crate::icon::Icon;
use crate::inspector::capacity_value;
use crate::snapshot::Snapshot;
use crate::theme::{self, RADIUS, Theme, size};
use command::Command;
use scenario::{ComponentArgs, ComponentSpec, PictureSize};

/// Policies by their names on the command line of a pool element, with explanations.
const POLICIES: [(&str, Policy, &str); 2] = [
    (
        "round-robin",
        Policy::RoundRobin,
        "Round robin: each in turn (RFC 5356, 4.2)",
    ),
    (
        "least-used",
        Policy::LeastUsed { load: 0 },
        "Least used: the one with the least load (RFC 5356, 5.1)",
    ),
];

/// The maximum length of a name, as in scenario files.
const NAME: usize = 60;

/// The input so far.
#[derive(Debug)]
pub(crate) struct AddForm {
    role: Option<ComponentRole>,
    name: String,
    policy: Option<usize>,
    capacity_millions: f64,
    sessions: u16,
    side: u32,
}

impl Default for AddForm {
    fn default() -> Self {
        Self {
            role: None,
            name: String::new(),
            policy: None,
            capacity_millions: 0.0,
            sessions: 1,
            side: 512,
        }
    }
}

impl AddForm {
    /// Returns whether the form is open for a role.
    pub(crate) fn is_open_for(&self, role: ComponentRole) -> bool {
        self.role == Some(role)
    }

    /// Opens or closes the form.
    pub(crate) fn toggle(&mut self, role: ComponentRole) {
        let open = !self.is_open_for(role);
        *self = Self {
            role: open.then_some(role),
            ..Self::default()
        };
    }

    fn spec(&self, role: ComponentRole) -> ComponentSpec {
        let mut spec = ComponentSpec::new(role);
        let name = self.name.trim();
        spec.name = (!name.is_empty()).then(|| name.to_owned());
        match &mut spec.args {
            ComponentArgs::Registrar(_) => {}
            ComponentArgs::PoolElement(args) => {
                if let Some(policy) = self.policy {
                    args.policy = POLICIES[policy].1.clone();
                }
                args.fractal.capacity = (self.capacity_millions * 1e6) as u64;
            }
            ComponentArgs::PoolUser(args) => {
                args.picture.size = PictureSize {
                    width: self.side,
                    height: self.side,
                };
                args.picture.sessions = self.sessions;
            }
        }
        spec
    }
}

/// Draws the form under a role's heading while it is open.
pub(crate) fn add_form_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    role: ComponentRole,
    form: &mut AddForm,
    commands: &mut Vec<Command>,
) {
    if !form.is_open_for(role) {
        return;
    }
    let theme = Theme::of(ui);
    let frame = Frame::new()
        .fill(theme.ground)
        .corner_radius(RADIUS)
        .inner_margin(Margin::same(10));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let taken = snapshot
            .model
            .components
            .values()
            .any(|component| component.name == form.name.trim());
        let entered = egui::Grid::new(("add", role))
            .num_columns(2)
            .show(ui, |ui| fields(ui, role, form))
            .inner;
        let timers = format!(
            "Timers: {}, as chosen at the top",
            snapshot.scenario_status.preset.word()
        );
        ui.label(theme.remark(timers));
        // Always as high, so that the buttons below stay where they are.
        let text = if taken { "This name is taken." } else { "" };
        ui.label(theme::small(text).color(theme.danger));
        let name = format!("Start the new {role}");
        let start = IconButton::new(Icon::Play, &name)
            .text("Start")
            .tone(Tone::Primary)
            .enabled(!taken);
        let pressed = dialog_buttons(ui, "Add nothing", start);
        if pressed.primary || (entered && !taken) {
            commands.push(Command::Add(form.spec(role)));
            form.toggle(role);
        } else if pressed.cancel {
            form.toggle(role);
        }
    });
}

/// Draws the fields; returns whether Enter was pressed in the one for the name.
fn fields(ui: &mut Ui, role: ComponentRole, form: &mut AddForm) -> bool {
    let label = ui.label("Name");
    let name = ui.add(
        TextEdit::singleline(&mut form.name)
            .hint_text("chosen for you")
            .char_limit(NAME)
            .desired_width(size::FIELD_NARROW),
    );
    let name = name.labelled_by(label.id);
    let entered = name.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    ui.end_row();
    match role {
        ComponentRole::Registrar => {}
        ComponentRole::PoolElement => {
            let label = ui.label("Policy");
            let shown = form.policy.map_or("default", |policy| POLICIES[policy].0);
            ComboBox::from_id_salt("policy")
                .selected_text(shown)
                .width(size::FIELD_NARROW)
                .show_ui(ui, |ui| {
                    ui.selectable_value(&mut form.policy, None, "default");
                    for (index, (name, _, explanation)) in POLICIES.iter().enumerate() {
                        ui.selectable_value(&mut form.policy, Some(index), *name)
                            .on_hover_text(*explanation);
                    }
                })
                .response
                .labelled_by(label.id);
            ui.end_row();
            let label = ui.label("Capacity");
            ui.add(capacity_value(&mut form.capacity_millions).speed(1.0))
                .labelled_by(label.id);
            ui.end_row();
        }
        ComponentRole::PoolUser => {
            let label = ui.label("Picture");
            ui.add(
                DragValue::new(&mut form.side)
                    .range(64..=2048)
                    .suffix(" pixels wide and high"),
            )
            .labelled_by(label.id);
            ui.end_row();
            let label = ui.label("Sessions");
            ui.add(DragValue::new(&mut form.sessions).range(1..=16))
                .labelled_by(label.id);
            ui.end_row();
        }
    }
    entered
}
