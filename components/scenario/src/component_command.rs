//! The command line of a component, as a shell or the control centre has it.

use clap::{Parser, Subcommand};

use crate::timers::Timers;

/// A component, a process of its own.
#[derive(Debug, Subcommand)]
pub enum ComponentCommand {
    /// A registrar (PR).
    Registrar(Box<registrar::Args>),
    /// A pool element (PE).
    PoolElement(Box<pool_element::Args>),
    /// A pool user (PU).
    PoolUser(Box<pool_user::Args>),
}

/// A command line that starts a component and can do nothing else.
#[derive(Debug, Parser)]
#[command(name = "poolscope", disable_version_flag = true)]
struct ComponentCommandLine {
    #[command(subcommand)]
    component: ComponentCommand,
}

/// Why a component would not start with a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedComponent {
    /// The option that is wrong, without its dashes, if it is one.
    pub option: Option<String>,
    /// What is wrong.
    pub why: String,
}

impl ComponentCommand {
    /// Reads the words that are to follow the program's name, without starting anything.
    ///
    /// # Errors
    /// When they start no component.
    pub fn parse_words(words: &[String]) -> Result<Self, RefusedComponent> {
        let words = std::iter::once("poolscope").chain(words.iter().map(String::as_str));
        match ComponentCommandLine::try_parse_from(words) {
            Ok(line) => Ok(line.component),
            Err(error) if !error.use_stderr() => Err(RefusedComponent {
                option: None,
                why: "--help and --version start no component".to_owned(),
            }),
            Err(error) => {
                let text = error.render().to_string();
                let line = text.lines().next().unwrap_or_default();
                let why = line.strip_prefix("error: ").unwrap_or(line).to_owned();
                Err(RefusedComponent {
                    option: refused_option(&error),
                    why,
                })
            }
        }
    }

    /// The timers that the component would have.
    #[must_use]
    pub fn timers(&self) -> Timers {
        match self {
            Self::Registrar(args) => Timers::of_registrar(args),
            Self::PoolElement(args) => Timers::of_pool_element(args),
            Self::PoolUser(args) => Timers::of_pool_user(args),
        }
    }
}

/// The option that an error is about, without its dashes and its value's name.
fn refused_option(error: &clap::Error) -> Option<String> {
    use clap::error::{ContextKind, ContextValue};
    let ContextValue::String(argument) = error.get(ContextKind::InvalidArg)? else {
        return None;
    };
    let name = argument.strip_prefix("--")?;
    let end = name.find(|character: char| !character.is_ascii_alphanumeric() && character != '-');
    Some(name.get(..end.unwrap_or(name.len()))?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(words: &[&str]) -> RefusedComponent {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        ComponentCommand::parse_words(&words).unwrap_err()
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        ComponentCommandLine::command().debug_assert();
    }

    #[test]
    fn what_is_wrong_with_a_component_is_told_by_option() {
        let policy = refused(&["pool-element", "--policy=fairest"]);
        assert_eq!(policy.option.as_deref(), Some("policy"));
        assert!(policy.why.contains("fairest"), "{policy:?}");
        let unknown = refused(&["registrar", "--speed=1"]);
        assert_eq!(unknown.option.as_deref(), Some("speed"));
        for words in [&["registrar", "--help"], &["run", "x.json"]] {
            assert_eq!(refused(words).option, None);
        }
    }
}
