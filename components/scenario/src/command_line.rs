//! A component of a scenario as the command line that a person could have typed.

use std::fmt::Display;

use crate::{Arguments, ComponentSpec, Settings};

impl ComponentSpec {
    /// The words that follow the program's name. `--feed` is in front, the rest is what a person would type in a shell.
    #[must_use]
    pub fn command_line(&self, settings: &Settings) -> Vec<String> {
        let (subcommand, options) = match &self.arguments {
            Arguments::Registrar(arguments) => {
                let mut options = Options::default();
                options.all("enrp-announce", &settings.enrp_announce);
                options.identifier(arguments.identifier.map(u64::from));
                ("registrar", options)
            }
            Arguments::PoolElement(arguments) => {
                let mut options = Options::default();
                options.identifier(arguments.identifier.map(u64::from));
                options.all("pool-handle", &arguments.pool_handle);
                options.all("policy", &arguments.policy);
                options.all("capacity", arguments.capacity);
                options.all("max-sessions", arguments.max_sessions);
                options.all("registrar", &arguments.registrars);
                ("pool-element", options)
            }
            Arguments::PoolUser(arguments) => {
                let mut options = Options::default();
                options.identifier(arguments.identifier);
                options.all("pool-handle", &arguments.pool_handle);
                if let Some([width, height]) = arguments.size {
                    options.all("size", Some(format!("{width}x{height}")));
                }
                options.all("view", &arguments.view);
                options.all("sessions", arguments.sessions);
                options.all("images", arguments.images);
                options.all("registrar", &arguments.registrars);
                ("pool-user", options)
            }
        };
        let mut words = vec![subcommand.to_owned(), "--feed".to_owned()];
        words.extend(settings.options().0);
        words.extend(options.0);
        words.extend(self.options.iter().cloned());
        words
    }
}

/// Words of a command line, `--name=value` each.
#[derive(Debug, Default)]
pub(crate) struct Options(Vec<String>);

impl Options {
    fn identifier(&mut self, identifier: Option<u64>) {
        self.all("identifier", identifier.map(|number| format!("{number:#x}")));
    }

    /// Adds an option for each value.
    pub(crate) fn all<T: Display>(&mut self, name: &str, values: impl IntoIterator<Item = T>) {
        self.0
            .extend(values.into_iter().map(|value| format!("--{name}={value}")));
    }
}
