//! The form that adds a component.
//!
//! - `pool_element`, `pool_user`: the fields of these roles, of which the service decides some.

mod pool_element;
mod pool_user;

use std::fmt::Display;
use std::str::FromStr;

use clap::ValueEnum;
use egui::{ComboBox, Frame, Key, Margin, TextEdit, Ui};
use feed::ComponentRole;
use wire::PoolHandle;

use crate::action::Tone;
use crate::button::{IconButton, dialog_buttons};
use crate::icon::Icon;
use crate::present;
use crate::snapshot::Snapshot;
use crate::theme::{self, RADIUS, Theme, size};
use command::Command;
use model::Model;
use pool_element::PoolElementFields;
use pool_user::PoolUserFields;
use scenario::{ComponentArgs, ComponentSpec};

/// The maximum length of a name, as in scenario files.
const NAME: usize = 60;
/// The maximum height of a list of choices, so that it need not be scrolled.
const LIST: f32 = 480.0;

/// The input so far.
#[derive(Debug, Default)]
pub(crate) struct AddForm {
    role: Option<ComponentRole>,
    name: String,
    /// The pool handle; that of the service if there is no text.
    pool: String,
    /// The pool handle that the form began with, which belongs to the service that it began with.
    first_pool: String,
    element: PoolElementFields,
    user: PoolUserFields,
    /// How high it was drawn.
    height: f32,
}

impl AddForm {
    /// Returns whether the form is open for a role.
    pub(crate) fn is_open_for(&self, role: ComponentRole) -> bool {
        self.role == Some(role)
    }

    /// Opens the form, or closes it if it is open for this role. It begins with the service and the pool of the latest
    /// component of this role.
    pub(crate) fn toggle(&mut self, role: ComponentRole, model: &Model) {
        let was_open = self.is_open_for(role);
        self.close();
        if was_open {
            return;
        }
        self.role = Some(role);
        let mut components = model.components.values();
        if let Some(latest) = components.rfind(|component| component.role() == role) {
            self.begin_like(&latest.spec.args);
        }
    }

    fn close(&mut self) {
        *self = Self::default();
    }

    fn begin_like(&mut self, args: &ComponentArgs) {
        let pool = match args {
            ComponentArgs::Registrar(_) => return,
            ComponentArgs::PoolElement(args) => {
                self.element.service = args.service;
                &args.pool_handle
            }
            ComponentArgs::PoolUser(args) => {
                self.user.service = args.service;
                &args.pool_handle
            }
        };
        let name = pool
            .as_ref()
            .and_then(|pool| str::from_utf8(pool.as_bytes()).ok());
        self.pool = name.unwrap_or_default().to_owned();
        self.first_pool.clone_from(&self.pool);
    }

    /// Lets the pool follow the service, which has been changed, unless the user has changed the pool.
    fn follow_service(&mut self) {
        if self.pool == self.first_pool {
            self.pool.clear();
        }
    }

    /// Returns the component, or what is wrong with the input.
    fn spec(&self, snapshot: &Snapshot<'_>, role: ComponentRole) -> Result<ComponentSpec, String> {
        let mut spec = ComponentSpec::new(role);
        let name = self.name.trim();
        let mut components = snapshot.model.components.values();
        if components.any(|component| component.name == name) {
            return Err("This name is taken.".to_owned());
        }
        spec.name = (!name.is_empty()).then(|| name.to_owned());
        match &mut spec.args {
            ComponentArgs::Registrar(_) => {}
            ComponentArgs::PoolElement(args) => {
                args.pool_handle = self.pool_handle()?;
                self.element.apply(args, snapshot.model);
            }
            ComponentArgs::PoolUser(args) => {
                args.pool_handle = self.pool_handle()?;
                self.user.apply(args)?;
            }
        }
        Ok(spec)
    }

    /// Returns the pool handle if it is not that of the service.
    fn pool_handle(&self) -> Result<Option<PoolHandle>, String> {
        let text = self.pool.trim();
        match text.len() {
            0 => Ok(None),
            1..=PoolHandle::LONGEST_PORTABLE => {
                read("Pool", text, |text| PoolHandle::new(text.as_bytes())).map(Some)
            }
            length => Err(format!(
                "Pool: a handle has at most {} bytes, this one {length}",
                PoolHandle::LONGEST_PORTABLE
            )),
        }
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
    let drawn = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let entered = present::only_present(ui, |ui| {
            egui::Grid::new(("add", role))
                .num_columns(2)
                .show(ui, |ui| fields(ui, snapshot, role, form))
                .inner
        });
        if let Some(remark) = form.remark(role) {
            ui.label(theme.remark(remark));
        }
        let timers = format!(
            "Timers: {}, as chosen at the top",
            snapshot.scenario_status.preset.word()
        );
        ui.label(theme.remark(timers));
        let spec = form.spec(snapshot, role);
        // At least a line, so that the buttons below stay where they are.
        let problem = spec.as_ref().err().map_or("", String::as_str);
        ui.label(theme::small(problem).color(theme.danger));
        let name = format!("Start the new {role}");
        let start = IconButton::new(Icon::Play, &name)
            .text("Start")
            .tone(Tone::Primary)
            .enabled(spec.is_ok())
            .acts();
        let pressed = dialog_buttons(ui, "Add nothing", start);
        match spec {
            Ok(spec) if pressed.primary || entered => {
                commands.push(Command::Add(spec));
                form.close();
            }
            _ if pressed.cancel => form.close(),
            _ => {}
        }
    });
    // Its buttons are to be seen when it has been opened, and when a service with more fields was chosen.
    let height = drawn.response.rect.height();
    if form.is_open_for(role) && height > form.height {
        drawn.response.scroll_to_me(None);
    }
    form.height = height;
}

impl AddForm {
    /// Returns what has to be known about the fields.
    fn remark(&self, role: ComponentRole) -> Option<&'static str> {
        match role {
            ComponentRole::PoolUser => self.user.remark(),
            ComponentRole::Registrar | ComponentRole::PoolElement => None,
        }
    }
}

/// Draws the fields; returns whether Enter was pressed in one for text.
fn fields(ui: &mut Ui, snapshot: &Snapshot<'_>, role: ComponentRole, form: &mut AddForm) -> bool {
    let mut entered = text_ui(ui, "Name", "", &mut form.name, "chosen for you", NAME);
    match role {
        ComponentRole::Registrar => {}
        ComponentRole::PoolElement => {
            if choice_ui(ui, "Service", &mut form.element.service) {
                form.follow_service();
            }
            let usual = form.element.service.usual_pool_handle();
            entered |= pool_ui(ui, &mut form.pool, usual);
            let pool = form.pool_handle().ok().flatten();
            form.element.ui(ui, snapshot.model, pool);
        }
        ComponentRole::PoolUser => {
            if choice_ui(ui, "Service", &mut form.user.service) {
                form.follow_service();
            }
            form.user.partner_ui(ui);
            entered |= pool_ui(ui, &mut form.pool, &form.user.usual_pool_handle());
            entered |= form.user.ui(ui);
        }
    }
    entered
}

/// Draws the field for the pool handle, in which that of the service is shown as long as it is empty.
fn pool_ui(ui: &mut Ui, text: &mut String, usual: &str) -> bool {
    let explanation = "The handle of the pool. It follows the service unless you change it.";
    text_ui(ui, "Pool", explanation, text, usual, PoolHandle::LONGEST_PORTABLE)
}

/// Draws a field for text; returns whether Enter was pressed in it.
fn text_ui(ui: &mut Ui, label: &str, explanation: &str, text: &mut String, hint: &str, most: usize) -> bool {
    let label = label_ui(ui, label, explanation);
    let field = TextEdit::singleline(text)
        .hint_text(hint)
        .background_color(Theme::of(ui).raised)
        .char_limit(most)
        .desired_width(size::FIELD);
    let field = ui.add(field).labelled_by(label.id);
    ui.end_row();
    field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

/// Draws the choice between values that have a word on the command line, and their explanation there. Returns whether
/// another one was chosen.
fn choice_ui<T: ValueEnum + PartialEq>(ui: &mut Ui, label: &str, chosen: &mut T) -> bool {
    let label = label_ui(ui, label, "");
    let before = chosen.clone();
    let word = |value: &T| {
        let value = value.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    };
    ComboBox::from_id_salt(label.id)
        .selected_text(word(chosen))
        .width(size::FIELD_NARROW)
        .height(LIST)
        .show_ui(ui, |ui| {
            for value in T::value_variants() {
                let help = value.to_possible_value();
                let help = help.and_then(|value| Some(value.get_help()?.to_string()));
                let entry = ui.selectable_value(chosen, value.clone(), word(value));
                if let Some(help) = help {
                    entry.on_hover_text(help);
                }
            }
        })
        .response
        .labelled_by(label.id);
    ui.end_row();
    *chosen != before
}

fn label_ui(ui: &mut Ui, label: &str, explanation: &str) -> egui::Response {
    let label = ui.label(label);
    match explanation {
        "" => label,
        explanation => label.on_hover_text(explanation),
    }
}

/// Reads the text of a field, whose label begins the error.
fn read<T, E: Display>(
    label: &str,
    text: &str,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, String> {
    read(text.trim()).map_err(|error| format!("{label}: {error}"))
}

/// Parses the text of a field, whose label begins the error.
fn parse<T: FromStr<Err: Display>>(label: &str, text: &str) -> Result<T, String> {
    read(label, text, str::parse)
}
