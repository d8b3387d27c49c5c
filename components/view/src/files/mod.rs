//! Scenario files: saves the current scenario as one, and opens another one, by a dialog or by drag and drop.

mod chooser;
mod part;
mod recording;
mod typed_path;

use std::path::Path;

use chooser::{Chooser, Purpose};
use egui::{Align2, Grid, Id, Key, LayerId, Modal, Order, ScrollArea, TextEdit, Ui};

use crate::action::Tone;
use crate::button::{IconButton, dialog_buttons, icon_label};
use crate::graph::GraphState;
use crate::icon::Icon;
use crate::problem::ProblemState;
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, fade, size};
use chronicle::TimeControl;
use command::{Command, FileProblem, ScenarioFile};
pub(crate) use part::Part;

/// Width of the dialog.
const WIDTH: f32 = 560.0;
/// Width of the field for the file, and how much narrower it is beside a longer label.
const FILE: f32 = 410.0;
const FILE_INSET: f32 = 60.0;
/// The maximum height of a problem before it scrolls.
const PROBLEM: f32 = 180.0;

/// The input so far.
#[derive(Debug, Default)]
pub(crate) struct FileDialog {
    purpose: Option<Purpose>,
    just_opened: bool,
    name: String,
    description: String,
    file: String,
    without_steps: bool,
    /// The number of the latest outcome at the time of the request, until there is a newer one.
    asked: Option<u64>,
    problem: Option<FileProblem>,
    chooser: Chooser,
    /// The part of the recording that is to be saved.
    part: Option<Part>,
}

impl FileDialog {
    /// Opens the dialog that asks for the file to save a part of the recording to.
    pub(crate) fn save_part(&mut self, snapshot: &Snapshot<'_>, part: Part) {
        *self = Self {
            purpose: Some(part.purpose()),
            just_opened: true,
            file: part.file_name(snapshot),
            part: Some(part),
            ..Self::default()
        };
    }

    /// Opens the dialog that asks for a file to open.
    pub(crate) fn open(&mut self, snapshot: &Snapshot<'_>) {
        *self = Self {
            purpose: Some(Purpose::Open),
            just_opened: true,
            file: snapshot.scenario_status.folder.map(in_folder).unwrap_or_default(),
            ..Self::default()
        };
    }

    /// Opens the dialog that asks for the name and the file to save to.
    pub(crate) fn save(&mut self, snapshot: &Snapshot<'_>) {
        *self = Self {
            purpose: Some(Purpose::Save),
            just_opened: true,
            name: snapshot.scenario_status.name.to_owned(),
            description: snapshot.scenario_status.description.to_owned(),
            file: file_name(snapshot.scenario_status.name),
            ..Self::default()
        };
    }

    /// Opens the dialog that asks for a recording to open.
    pub(crate) fn open_recording(&mut self, _snapshot: &Snapshot<'_>) {
        *self = Self {
            purpose: Some(Purpose::OpenRecording),
            just_opened: true,
            ..Self::default()
        };
    }

    /// Opens the dialog that asks for a recording to compare with.
    pub(crate) fn compare_recording(&mut self) {
        *self = Self {
            purpose: Some(Purpose::CompareRecording),
            just_opened: true,
            ..Self::default()
        };
    }

    /// Opens the dialog that asks for the file to save the recording to.
    pub(crate) fn save_recording(&mut self, snapshot: &Snapshot<'_>) {
        *self = Self {
            purpose: Some(Purpose::SaveRecording),
            just_opened: true,
            file: recording::file_name(snapshot),
            ..Self::default()
        };
    }

    /// Returns whether the dialog is open.
    pub(crate) fn is_open(&self) -> bool {
        self.purpose.is_some()
    }

    /// Takes the outcome of the request; returns whether it is a problem.
    fn take_outcome(&mut self, snapshot: &Snapshot<'_>) -> bool {
        let outcome = snapshot.scenario_status.outcome;
        let Some(outcome) = outcome.filter(|it| self.asked.is_some_and(|asked| it.number > asked)) else {
            return false;
        };
        self.asked = None;
        match &outcome.what {
            Ok(_) => *self = Self::default(),
            Err(problem) => {
                self.problem = Some(problem.clone());
                // The field is where to go on.
                self.just_opened = self.purpose == Some(Purpose::Open);
            }
        }
        self.problem.is_some()
    }

    fn ask(&mut self, snapshot: &Snapshot<'_>) {
        self.problem = None;
        self.asked = Some(
            snapshot
                .scenario_status
                .outcome
                .map_or(0, |outcome| outcome.number),
        );
    }
}

/// Returns the text of a folder, ready for a file name to be appended.
fn in_folder(folder: &Path) -> String {
    let text = folder.display().to_string();
    if text.is_empty() { text } else { format!("{text}/") }
}

/// Converts a display name to a file name.
fn file_name(name: &str) -> String {
    let mut file = String::new();
    for word in name.split(|letter: char| !letter.is_alphanumeric()) {
        if !word.is_empty() {
            if !file.is_empty() {
                file.push('-');
            }
            file.push_str(&word.to_lowercase());
        }
    }
    if file.is_empty() {
        file.push_str("scenario");
    }
    file + ".json"
}

/// Draws the dialog if it is open.
pub(crate) fn files_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    dialog: &mut FileDialog,
    graph: &GraphState,
    problem: &mut ProblemState,
    can_drop: bool,
    commands: &mut Vec<Command>,
) {
    if dialog.take_outcome(snapshot) {
        // Shown here; no need to show it twice.
        problem.put_away(snapshot);
    }
    let Some(purpose) = dialog.purpose else {
        return;
    };
    if let Some(path) = dialog.chooser.take_chosen() {
        dialog.file = path.display().to_string();
        dialog.problem = None;
        match purpose {
            Purpose::Open => {
                dialog.ask(snapshot);
                commands.push(Command::LoadScenario(path));
            }
            Purpose::OpenRecording | Purpose::CompareRecording => {
                let control = if purpose == Purpose::OpenRecording {
                    TimeControl::Open(path)
                } else {
                    TimeControl::Compare(path)
                };
                commands.push(Command::Time(control));
                *dialog = FileDialog::default();
                return;
            }
            Purpose::Save | Purpose::SaveRecording | Purpose::SavePackets | Purpose::SaveChart => {}
        }
    }
    let theme = Theme::of(ui);
    let frame = egui::Frame::popup(ui.style()).inner_margin(18);
    let modal = Modal::new(Id::unique("files")).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(WIDTH);
        ui.label(theme::title(purpose.title()));
        match purpose {
            Purpose::Open => open_ui(ui, theme, snapshot, dialog, can_drop, commands),
            Purpose::Save => save_ui(ui, theme, snapshot, dialog, graph, commands),
            Purpose::OpenRecording | Purpose::CompareRecording | Purpose::SaveRecording => {
                recording::recording_ui(ui, snapshot, dialog, purpose, can_drop, commands)
            }
            Purpose::SavePackets | Purpose::SaveChart => part::part_ui(ui, dialog, purpose, commands),
        }
    });
    if modal.inner || modal.should_close() {
        *dialog = FileDialog::default();
    }
}

fn open_ui(
    ui: &mut Ui,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    dialog: &mut FileDialog,
    can_drop: bool,
    commands: &mut Vec<Command>,
) -> bool {
    let folder = snapshot.scenario_status.folder;
    let mut enter = false;
    ui.horizontal(|ui| {
        let label = ui.label("File");
        let field = ui.add(TextEdit::singleline(&mut dialog.file).desired_width(FILE));
        let field = field.labelled_by(label.id);
        if std::mem::take(&mut dialog.just_opened) {
            field.request_focus();
        }
        enter = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        dialog.chooser.browse_ui(ui, Purpose::Open, folder);
    });
    let mut text = "Everything in the scenario is stopped first.".to_owned();
    if can_drop {
        text.push_str(" A file can also be dropped on the window.");
    }
    ui.label(theme.remark(text));
    problem_ui(ui, theme, dialog.problem.as_ref());
    let ready = !dialog.file.trim().is_empty() && !dialog.file.trim().ends_with('/');
    let open = IconButton::new(Icon::Folder, "Open this file")
        .text("Open")
        .tone(Tone::Primary)
        .enabled(ready);
    let pressed = dialog_buttons(ui, "Close this dialog", open);
    // Enter takes the focus away, but there is more to type.
    dialog.just_opened |= enter && !ready;
    if pressed.primary || (enter && ready) {
        dialog.ask(snapshot);
        let path = typed_path::resolve(&dialog.file, folder);
        commands.push(Command::LoadScenario(path));
    }
    pressed.cancel
}

fn save_ui(
    ui: &mut Ui,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    dialog: &mut FileDialog,
    graph: &GraphState,
    commands: &mut Vec<Command>,
) -> bool {
    let mut enter = false;
    Grid::new("scenario file").num_columns(2).show(ui, |ui| {
        let label = ui.label("Name");
        let name = ui.add(TextEdit::singleline(&mut dialog.name).desired_width(size::FIELD_WIDE));
        let name = name.labelled_by(label.id);
        if std::mem::take(&mut dialog.just_opened) {
            name.request_focus();
        }
        enter |= name.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        ui.end_row();
        let label = ui.label("Description");
        ui.add(
            TextEdit::multiline(&mut dialog.description)
                .desired_rows(3)
                .desired_width(size::FIELD_WIDE),
        )
        .labelled_by(label.id);
        ui.end_row();
        let label = ui.label("File");
        ui.horizontal(|ui| {
            let file = TextEdit::singleline(&mut dialog.file).desired_width(FILE - FILE_INSET);
            let file = ui.add(file).labelled_by(label.id);
            if file.changed() {
                dialog.problem = None;
            }
            enter |= file.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            dialog
                .chooser
                .browse_ui(ui, Purpose::Save, snapshot.scenario_status.folder);
        });
        ui.end_row();
    });
    let path = typed_path::resolve(&dialog.file, snapshot.scenario_status.folder);
    let place = theme.remark(format!("It will be {}.", path.display()));
    ui.add(egui::Label::new(place).truncate());
    let steps = snapshot.scenario_status.play.map_or(0, |play| play.steps().len());
    if steps > 0 {
        let mut with = !dialog.without_steps;
        ui.checkbox(&mut with, format!("With the {steps} steps of the story"));
        dialog.without_steps = !with;
    }
    let text = "Saved are the components with their parameters, where they were dragged to, and the timers. Faults in \
                force are not: they belong into steps.";
    ui.label(theme.remark(text));
    problem_ui(ui, theme, dialog.problem.as_ref());
    let exists = matches!(&dialog.problem, Some(FileProblem::Exists(there)) if *there == path);
    let ready = !dialog.name.trim().is_empty() && !dialog.file.trim().is_empty();
    let button = if exists {
        IconButton::new(Icon::Save, "Replace the file")
            .text("Replace it")
            .tone(Tone::Danger)
    } else {
        IconButton::new(Icon::Save, "Save this scenario")
            .text("Save")
            .tone(Tone::Primary)
    };
    let pressed = dialog_buttons(ui, "Close this dialog", button.enabled(ready));
    // Enter saves, but replaces nothing.
    if pressed.primary || (enter && ready && !exists) {
        dialog.ask(snapshot);
        commands.push(Command::SaveScenario(Box::new(ScenarioFile {
            name: dialog.name.trim().to_owned(),
            description: dialog.description.trim().to_owned(),
            path,
            positions: graph.positions(),
            with_steps: !dialog.without_steps,
            replace: exists,
        })));
    }
    pressed.cancel
}

/// Draws the whole text of the problem, which can be scrolled and copied.
fn problem_ui(ui: &mut Ui, theme: &Theme, problem: Option<&FileProblem>) {
    let text = match problem {
        None => return,
        Some(FileProblem::Exists(path)) => format!("There is a file {} already.", path.display()),
        Some(FileProblem::Wrong(text)) => text.clone(),
    };
    ui.horizontal_top(|ui| {
        icon_label(ui, Icon::Warning, theme.danger, size::ICON_LARGE);
        ui.vertical(|ui| {
            ScrollArea::vertical()
                .max_height(PROBLEM)
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    let text = egui::RichText::new(text.as_str()).color(theme.danger);
                    ui.add(egui::Label::new(text).wrap().selectable(true));
                });
            if text.contains('\n') {
                let copy = IconButton::new(Icon::Copy, "Copy what is wrong").text("Copy");
                if copy.show(ui).clicked() {
                    ui.ctx().copy_text(text);
                }
            }
        });
    });
}

/// Opens a scenario file or a recording that is dropped on the window.
pub(crate) fn drop_ui(ui: &Ui, snapshot: &Snapshot<'_>, commands: &mut Vec<Command>) {
    let (hovering, dropped) = ui.input(|input| {
        let mut dropped = input.raw.dropped_files.iter();
        (
            !input.raw.hovered_files.is_empty(),
            dropped.next().map(|file| file.path().to_path_buf()),
        )
    });
    let with_time = snapshot.time.is_some();
    commands.extend(dropped.map(|path| {
        if with_time && recording::is_recording(&path) {
            Command::Time(TimeControl::Open(path))
        } else {
            Command::LoadScenario(path)
        }
    }));
    if hovering {
        let theme = Theme::of(ui);
        let rect = ui.ctx().content_rect();
        let painter = ui
            .ctx()
            .layer_painter(LayerId::new(Order::Foreground, Id::unique("drop")));
        painter.rect_filled(rect, 0.0, fade(theme.ground, 0.85));
        painter.text(
            rect.center(),
            Align2::CENTER_CENTER,
            if with_time {
                "Drop a scenario or a recording to open it"
            } else {
                "Drop a scenario file to load it"
            },
            theme::strong_font(size::BANNER),
            theme.text,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_for_people_become_names_of_files() {
        assert_eq!(
            file_name("Failover: a hung server"),
            "failover-a-hung-server.json"
        );
        assert_eq!(file_name("..."), "scenario.json");
    }
}
