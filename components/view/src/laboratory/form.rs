//! The form in which an experiment is set up.

use std::str::FromStr;

use egui::{ComboBox, DragValue, Grid, TextEdit, Ui};
use policy_laboratory::{
    Capacities, Experiment, Parameter, PolicyChoice, Sweep, ready_experiment, ready_experiments,
};

use crate::theme::{self, SPACE, Theme, size};

/// The policies that are offered; an experiment may have others.
const POLICIES: [&str; 12] = [
    "least-used",
    "round-robin",
    "random",
    "least-used-degradation:request",
    "priority-least-used:request",
    "priority-least-used:capacity",
    "randomized-least-used",
    "weighted-round-robin:capacity",
    "weighted-random:capacity",
    "priority:capacity",
    "randomized-least-used-degradation:request",
    "priority-least-used-degradation:request",
];
/// The shapes of distributions that are offered.
const SIZES: [&str; 6] = [
    "exponential:1",
    "constant:1",
    "uniform:0:2",
    "erlang:4:1",
    "lognormal:1:2",
    "pareto:1:2.5",
];
const INTERVALS: [&str; 3] = ["exponential:1", "constant:1", "erlang:4:1"];
/// The longest name, in characters.
const LONGEST_NAME: usize = 80;
/// The longest list of values, in characters.
const LONGEST_LIST: usize = 2_000;

/// An experiment that is being set up.
#[derive(Debug)]
pub(super) struct Form {
    experiment: Experiment,
    /// The parameter that is varied.
    varied: Option<Parameter>,
    /// Its values, as they are being typed.
    values: String,
}

impl Default for Form {
    fn default() -> Self {
        Self::of(Experiment::default())
    }
}

impl Form {
    fn of(mut experiment: Experiment) -> Self {
        let sweep = experiment.sweep.take();
        let values = sweep.iter().flat_map(|sweep| &sweep.values);
        let values: Vec<String> = values.map(f64::to_string).collect();
        Self {
            experiment,
            varied: sweep.map(|sweep| sweep.parameter),
            values: values.join(", "),
        }
    }

    /// Returns the experiment, or what is wrong with it.
    pub(super) fn experiment(&self) -> Result<Experiment, String> {
        let mut experiment = self.experiment.clone();
        if let Some(parameter) = self.varied {
            let words = self.values.split([',', ';', ' ']).filter(|word| !word.is_empty());
            let number = |word| f64::from_str(word).map_err(|_| format!("Values: {word:?} is not a number"));
            let values = words.map(number).collect::<Result<Vec<f64>, _>>()?;
            experiment.sweep = Some(Sweep { parameter, values });
        }
        experiment.points().map_err(|unusable| unusable.to_string())?;
        Ok(experiment)
    }

    /// Draws the form.
    pub(super) fn ui(&mut self, ui: &mut Ui) {
        ui.label(theme::strong("Experiment"));
        self.ready_ui(ui);
        ui.add_space(SPACE);
        ui.label(theme::strong("Policies"));
        self.policies_ui(ui);
        ui.add_space(SPACE);
        ui.label(theme::strong("What is varied"));
        self.sweep_ui(ui);
        ui.add_space(SPACE);
        ui.label(theme::strong("Parameters"));
        self.parameters_ui(ui);
    }

    fn ready_ui(&mut self, ui: &mut Ui) {
        let mut chosen = None;
        Grid::new("laboratory experiment").num_columns(2).show(ui, |ui| {
            let label = ui.label("Ready-made");
            ComboBox::from_id_salt("ready experiments")
                .selected_text("choose one")
                .width(size::FIELD)
                .show_ui(ui, |ui| {
                    for (name, _) in ready_experiments() {
                        if ui.selectable_label(false, name).clicked() {
                            chosen = Some(name);
                        }
                    }
                })
                .response
                .labelled_by(label.id);
            ui.end_row();
            let label = ui.label("Name");
            ui.add(
                TextEdit::singleline(&mut self.experiment.name)
                    .char_limit(LONGEST_NAME)
                    .desired_width(size::FIELD),
            )
            .labelled_by(label.id);
            ui.end_row();
            let label = ui.label("Seeds");
            ui.add(DragValue::new(&mut self.experiment.seeds).range(1..=Experiment::MOST_SEEDS))
                .labelled_by(label.id);
            ui.end_row();
            let label = ui.label("First seed");
            ui.add(DragValue::new(&mut self.experiment.first_seed).range(0..=u64::from(u32::MAX)))
                .labelled_by(label.id);
            ui.end_row();
        });
        if !self.experiment.description.is_empty() {
            let theme = Theme::of(ui);
            ui.add(egui::Label::new(theme.remark(self.experiment.description.as_str())).wrap());
        }
        let text = chosen.and_then(|name| Some((name, ready_experiment(name)?)));
        if let Some(Ok(experiment)) = text.map(|(name, text)| Experiment::parse(name, text)) {
            *self = Self::of(experiment);
        }
    }

    fn policies_ui(&mut self, ui: &mut Ui) {
        let policies = &mut self.experiment.policies;
        let offered: Vec<PolicyChoice> = POLICIES.iter().flat_map(|policy| policy.parse()).collect();
        let others: Vec<PolicyChoice> = policies
            .iter()
            .filter(|it| !offered.contains(it))
            .cloned()
            .collect();
        for choice in offered.into_iter().chain(others) {
            let mut is_chosen = policies.contains(&choice);
            let text = format!("{} ({choice})", choice.short_name());
            if ui.checkbox(&mut is_chosen, text).changed() {
                match is_chosen {
                    true => policies.push(choice),
                    false => policies.retain(|policy| *policy != choice),
                }
            }
        }
    }

    fn sweep_ui(&mut self, ui: &mut Ui) {
        Grid::new("laboratory sweep").num_columns(2).show(ui, |ui| {
            let label = ui.label("Parameter");
            let text = self.varied.map_or("none", Parameter::label);
            ComboBox::from_id_salt("varied parameter")
                .selected_text(text)
                .width(size::FIELD)
                .show_ui(ui, |ui| {
                    ui.selectable_value(&mut self.varied, None, "none");
                    for parameter in Parameter::ALL {
                        ui.selectable_value(&mut self.varied, Some(parameter), parameter.label());
                    }
                })
                .response
                .labelled_by(label.id);
            ui.end_row();
            let label = ui.label("Values");
            let values = TextEdit::singleline(&mut self.values)
                .char_limit(LONGEST_LIST)
                .hint_text("such as 0.2, 0.4, 0.6")
                .desired_width(size::FIELD);
            ui.add_enabled(self.varied.is_some(), values)
                .labelled_by(label.id);
            ui.end_row();
        });
    }

    fn parameters_ui(&mut self, ui: &mut Ui) {
        let parameters = &mut self.experiment.parameters;
        Grid::new("laboratory parameters").num_columns(2).show(ui, |ui| {
            let label = ui.label("Capacities");
            ComboBox::from_id_salt("capacities")
                .selected_text(parameters.capacities.name())
                .width(size::FIELD_NARROW)
                .show_ui(ui, |ui| {
                    for choice in Capacities::ALL {
                        ui.selectable_value(&mut parameters.capacities, choice, choice.name());
                    }
                })
                .response
                .labelled_by(label.id);
            ui.end_row();
            for (name, offered, distribution) in [
                ("Request sizes", &SIZES[..], &mut parameters.request_distribution),
                ("Intervals", &INTERVALS[..], &mut parameters.interval_distribution),
            ] {
                let label = ui.label(name);
                let before = distribution.to_string();
                ComboBox::from_id_salt(name)
                    .selected_text(before.as_str())
                    .width(size::FIELD_NARROW)
                    .show_ui(ui, |ui| {
                        for text in offered {
                            if ui.selectable_label(*text == before, *text).clicked()
                                && let Ok(chosen) = text.parse()
                            {
                                *distribution = chosen;
                            }
                        }
                    })
                    .response
                    .labelled_by(label.id);
                ui.end_row();
            }
            for parameter in Parameter::ALL {
                let label = ui.label(parameter.label());
                let before = parameters.get(parameter);
                let mut value = before;
                let decimals = if parameter.is_whole() { 0 } else { 3 };
                let field = DragValue::new(&mut value)
                    .range(parameter.range())
                    .speed(if parameter.is_whole() {
                        0.2
                    } else {
                        before.max(1.0) / 100.0
                    })
                    .max_decimals(decimals)
                    .suffix(match parameter.unit() {
                        "" => String::new(),
                        unit => format!(" {unit}"),
                    });
                ui.add_enabled(self.varied != Some(parameter), field)
                    .labelled_by(label.id);
                ui.end_row();
                if value != before {
                    let value = if parameter.is_whole() {
                        value.round()
                    } else {
                        value
                    };
                    // The field keeps to the range.
                    let _ = parameters.set(parameter, value);
                }
            }
        });
    }
}
