//! The policy laboratory: a page in place of the demonstration, with a form on the left, and curves and a table on the
//! right. What it shows is simulated, and it says so.

mod chart;
mod form;
mod shown;
mod table;

use std::path::PathBuf;

use egui::{CentralPanel, ComboBox, Frame, Margin, Panel, ProgressBar, Role, ScrollArea, Ui, WidgetInfo};
use policy_laboratory::{Experiment, Measure, Progress, Run};

use crate::action::{Tone, WindowAction};
use crate::button::{IconButton, icon_label};
use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::theme::{self, RADIUS_SMALL, SPACE, Theme, fade, size};
use command::Command;
use form::Form;
use shown::Shown;

/// The width of the form.
const FORM: f32 = 400.0;
/// The share of the height that the curves have; the rest is for the table.
const CHART_SHARE: f32 = 0.58;

/// The status of the policy laboratory.
#[derive(Debug, Clone, Copy, Default)]
pub struct LaboratoryStatus<'a> {
    /// The experiment that was begun last, and its results so far.
    pub run: Option<&'a Run>,
    /// The number of experiments that were begun.
    pub number: u64,
    /// What became of the file that was written last, or why the experiment cannot be simulated.
    pub report: Option<Result<&'a str, &'a str>>,
}

/// The state of the page.
#[derive(Debug, Default)]
pub(crate) struct LaboratoryState {
    is_open: bool,
    form: Form,
    /// The measure that is drawn, if the user has chosen one.
    measure: Option<Measure>,
    shown: Shown,
}

impl LaboratoryState {
    pub(crate) const fn is_open(&self) -> bool {
        self.is_open
    }

    pub(crate) const fn toggle(&mut self) {
        self.is_open = !self.is_open;
    }

    pub(crate) const fn close(&mut self) {
        self.is_open = false;
    }
}

/// Draws the page.
pub(crate) fn laboratory_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut LaboratoryState,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let frame = Frame::new()
        .fill(theme.panel)
        .inner_margin(Margin::symmetric(14, 8));
    Panel::top("laboratory banner")
        .frame(frame)
        .show(ui, |ui| banner_ui(ui, state));
    Panel::left("laboratory form")
        .resizable(false)
        .exact_size(FORM)
        .frame(frame)
        .show(ui, |ui| {
            let reserved = size::ICON_BUTTON + 3.0 * SPACE + size::BODY;
            let height = (ui.available_height() - reserved).max(80.0);
            ScrollArea::vertical()
                .id_salt("laboratory form")
                .max_height(height)
                .auto_shrink([false, false])
                .show(ui, |ui| state.form.ui(ui));
            run_ui(ui, snapshot, &state.form, commands);
        });
    let frame = Frame::new()
        .fill(theme.ground)
        .inner_margin(Margin::symmetric(14, 8));
    CentralPanel::default()
        .frame(frame)
        .show(ui, |ui| results_ui(ui, snapshot, state, commands));
}

/// Says that this is not the demonstration.
fn banner_ui(ui: &mut Ui, state: &mut LaboratoryState) {
    let theme = Theme::of(ui);
    let frame = Frame::new()
        .fill(fade(theme.fault, 0.16))
        .corner_radius(RADIUS_SMALL)
        .inner_margin(Margin::symmetric(10, 5));
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            icon_label(ui, Icon::Flask, theme.fault, size::ICON_LARGE);
            ui.label(theme::strong("Policy laboratory: simulated"));
            ui.label(
                "in virtual time, without processes or a network. Registrars, pool elements and pool users are those of \
                 the live demonstration.",
            );
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let close = IconButton::new(Icon::Cross, "Close the policy laboratory")
                    .explain("Back to the demonstration, which goes on meanwhile.")
                    .shortcut(WindowAction::Laboratory.shortcut().map(|keys| ui.ctx().format_shortcut(&keys)));
                if close.show(ui).clicked() {
                    state.close();
                }
            });
        });
    });
}

/// Draws the buttons that begin and end an experiment, and how far it is.
fn run_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, form: &Form, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let run = snapshot.laboratory.run;
    let is_running = run.is_some_and(|run| !run.is_over());
    ui.add_space(SPACE);
    let experiment = form.experiment();
    match &experiment {
        Ok(experiment) => {
            let runs = experiment.points().map_or(0, |points| points.len()) * experiment.seeds as usize;
            ui.label(theme.remark(format!("{runs} runs")));
        }
        Err(problem) => {
            ui.add(egui::Label::new(theme::small(problem).color(theme.danger)).truncate());
        }
    }
    ui.horizontal(|ui| {
        let begin = IconButton::new(Icon::Play, "Simulate the experiment")
            .text("Simulate")
            .tone(Tone::Primary)
            .enabled(experiment.is_ok());
        if begin.show(ui).clicked()
            && let Ok(experiment) = experiment
        {
            commands.push(Command::Simulate(Box::new(experiment)));
        }
        let end = IconButton::new(Icon::Stop, "Cancel the experiment")
            .text("Cancel")
            .explain("Ends it. What has been simulated stays.")
            .enabled(is_running);
        if end.show(ui).clicked() {
            commands.push(Command::EndSimulation);
        }
        if let Some(run) = run {
            progress_ui(ui, run);
        }
    });
}

fn progress_ui(ui: &mut Ui, run: &Run) {
    let Progress { ended, runs } = run.progress();
    let words = match (run.is_over(), ended == runs) {
        (false, _) => format!("{ended} of {runs} runs"),
        (true, true) => format!("all {runs} runs"),
        (true, false) => format!("cancelled after {ended} of {runs} runs"),
    };
    let bar = ProgressBar::new(ended as f32 / runs.max(1) as f32).text(theme::small(words.as_str()));
    let response = ui.add(bar);
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, format!("Progress: {words}")));
}

fn results_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut LaboratoryState,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let laboratory = snapshot.laboratory;
    if let Some(Err(problem)) = laboratory.report {
        ui.label(theme::strong(problem).color(theme.danger));
    }
    let failure = laboratory.run.and_then(Run::failure);
    if let Some(failure) = failure {
        ui.label(theme::strong(failure.to_string()).color(theme.danger));
    }
    let Some(run) = laboratory.run.filter(|run| run.progress().ended > 0) else {
        let words = match laboratory.run {
            Some(run) if !run.is_over() => "The first runs are being simulated.",
            _ => "Choose an experiment on the left, or set one up, and simulate it: its results appear here.",
        };
        ui.centered_and_justified(|ui| ui.label(theme.remark(words)));
        return;
    };
    let experiment = run.results().experiment();
    ui.horizontal(|ui| {
        ui.add(egui::Label::new(theme::title(experiment.name.as_str())).truncate());
        ui.label(theme.remark("Simulated. Bands and bars are 95 % confidence intervals."));
    });
    let shown_first = experiment.show.first().copied().unwrap_or(Measure::HandlingSpeed);
    let mut measure = state.measure.unwrap_or(shown_first);
    ui.horizontal(|ui| {
        let label = ui.label("Result");
        ComboBox::from_id_salt("laboratory measure")
            .selected_text(measure.label_with_unit())
            .width(300.0)
            .show_ui(ui, |ui| {
                for choice in Measure::ALL {
                    if ui
                        .selectable_label(choice == measure, choice.label_with_unit())
                        .clicked()
                    {
                        measure = choice;
                        state.measure = Some(choice);
                    }
                }
            })
            .response
            .labelled_by(label.id);
        files_ui(ui, experiment, measure, commands);
        if let Some(Ok(report)) = laboratory.report {
            ui.add(egui::Label::new(theme.remark(report)).truncate());
        }
    });
    state.shown.update(laboratory.number, run.results(), measure);
    ui.add_space(SPACE);
    let height = ui.available_height() * CHART_SHARE;
    chart::chart_ui(ui, &state.shown, height);
    ui.add_space(SPACE);
    table::table_ui(ui, &state.shown);
}

/// Draws the buttons that write files.
fn files_ui(ui: &mut Ui, experiment: &Experiment, measure: Measure, commands: &mut Vec<Command>) {
    for (extension, name, explanation) in [
        (
            "csv",
            "Write all runs as CSV",
            "Everything that was measured in each run.",
        ),
        ("svg", "Draw the result as SVG", "The chart, for documents."),
        ("png", "Draw the result as PNG", "The chart, for slides."),
        (
            "json",
            "Write the experiment as JSON",
            "For poolscope lab, which needs no window.",
        ),
    ] {
        let word = extension.to_uppercase();
        let button = IconButton::new(Icon::Save, name).text(&word).explain(explanation);
        if button.show(ui).clicked() {
            commands.push(Command::WriteResults(
                file_name(experiment, extension),
                vec![measure],
            ));
        }
    }
}

/// Returns a file in the working directory that is named after an experiment.
fn file_name(experiment: &Experiment, extension: &str) -> PathBuf {
    let words = experiment.name.split(|letter: char| !letter.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    format!("poolscope-lab-{}.{extension}", words.join("-")).into()
}
