//! Formats arguments as a command line.

use std::fmt::Display;

use clap::ValueEnum;

/// Builds a command line. Each option becomes one word, `--name=value`, so that values may begin with a dash.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Argv {
    words: Vec<String>,
}

impl Argv {
    /// Adds an option.
    pub fn option(&mut self, name: &str, value: impl Display) {
        self.words.push(format!("--{name}={value}"));
    }

    /// Adds an option for each of the values.
    pub fn options(&mut self, name: &str, values: &[impl Display]) {
        for value in values {
            self.option(name, value);
        }
    }

    /// Adds an option if there is a value.
    pub fn maybe(&mut self, name: &str, value: Option<&impl Display>) {
        if let Some(value) = value {
            self.option(name, value);
        }
    }

    /// Adds an option if its value is not the default.
    pub fn changed<T: Display + PartialEq>(&mut self, name: &str, value: &T, default: &T) {
        if value != default {
            self.option(name, value);
        }
    }

    /// Adds an option with a named value if it is not the default.
    pub fn changed_value<T: ValueEnum + PartialEq>(&mut self, name: &str, value: T, default: T) {
        if value != default
            && let Some(possible) = value.to_possible_value()
        {
            self.option(name, possible.get_name());
        }
    }

    /// Adds an option with a named value if there is one.
    pub fn maybe_value<T: ValueEnum>(&mut self, name: &str, value: Option<T>) {
        if let Some(possible) = value.as_ref().and_then(ValueEnum::to_possible_value) {
            self.option(name, possible.get_name());
        }
    }

    /// Adds a switch if it is on.
    pub fn flag(&mut self, name: &str, on: bool) {
        if on {
            self.words.push(format!("--{name}"));
        }
    }

    /// Returns the arguments, without the program's name and subcommand.
    #[must_use]
    pub fn into_words(self) -> Vec<String> {
        self.words
    }
}
