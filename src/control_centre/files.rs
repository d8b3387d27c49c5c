//! Saves the current components as a scenario file.

use std::path::PathBuf;

use super::ControlCentre;
use command::{FileOutcome, FileProblem, ScenarioFile};
use scenario::Scenario;
use whole_file::IfThere;

impl ControlCentre {
    /// Returns the current components as a scenario: as they were configured, without changes at run time.
    #[must_use]
    pub fn to_scenario(&self, file: &ScenarioFile) -> Scenario {
        let steps = self.current.as_ref().filter(|_| file.with_steps);
        let components = self.model.components.values().map(|component| {
            let mut spec = component.spec.clone();
            spec.name = Some(component.name.clone());
            // The position of the node takes precedence over that in the scenario.
            spec.position = file.positions.get(&component.id).copied();
            if self.chosen_identifiers.contains(&component.id) {
                spec.forget_identifier();
            }
            spec
        });
        Scenario {
            name: file.name.clone(),
            description: file.description.clone(),
            settings: self.own_settings.clone(),
            components: components.collect(),
            steps: steps.map(|scenario| scenario.steps.clone()).unwrap_or_default(),
        }
    }

    pub(super) fn save_scenario(&mut self, file: ScenarioFile) {
        let outcome = self.write_scenario(&file);
        if let Ok(path) = &outcome {
            self.tell(format!("The scenario was saved as {}", path.display()));
        }
        self.set_file_outcome(outcome);
    }

    pub(super) fn set_file_outcome(&mut self, what: Result<PathBuf, FileProblem>) {
        let number = self.file_outcome.as_ref().map_or(0, |outcome| outcome.number) + 1;
        self.file_outcome = Some(FileOutcome { number, what });
    }

    fn write_scenario(&self, file: &ScenarioFile) -> Result<PathBuf, FileProblem> {
        let path = &file.path;
        let text = self.to_scenario(file).to_text();
        // Steps may refer to components that have been removed: do not write a file that cannot be loaded again.
        Scenario::parse(&path.display().to_string(), &text)
            .map_err(|errors| FileProblem::Wrong(errors.to_string()))?;
        let if_there = if file.replace {
            IfThere::Replace
        } else {
            IfThere::Keep
        };
        whole_file::write(path, if_there, text.as_bytes()).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => FileProblem::Exists(path.clone()),
            _ => FileProblem::Wrong(format!("{} cannot be written: {error}", path.display())),
        })?;
        Ok(path.clone())
    }
}
