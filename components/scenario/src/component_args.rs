//! The arguments of a component: the same for a shell, a scenario and the window.

use clap::{Parser, Subcommand};
use feed::ComponentRole;
use runtime::SharedArgs;
use wire::PoolHandle;
use wire::parameter::Policy;

use crate::Settings;
use crate::timers::Timers;

/// A component's role and arguments. [`Self::to_argv`] formats them, [`Self::parse`] parses them.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum ComponentArgs {
    /// A registrar (PR).
    Registrar(Box<registrar::Args>),
    /// A pool element (PE).
    PoolElement(Box<pool_element::Args>),
    /// A pool user (PU).
    PoolUser(Box<pool_user::Args>),
}

/// A command line that starts a component and nothing else.
#[derive(Debug, Parser)]
#[command(name = "poolscope", disable_version_flag = true)]
struct ComponentCommandLine {
    #[command(subcommand)]
    component: ComponentArgs,
}

/// The reason why a component would refuse a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedArgs {
    /// The option that is wrong, without its dashes, if the problem is an option.
    pub option: Option<String>,
    /// What is wrong.
    pub why: String,
}

impl ComponentArgs {
    /// Returns the default arguments of a role.
    #[must_use]
    pub fn new(role: ComponentRole) -> Self {
        match role {
            ComponentRole::Registrar => Self::Registrar(Box::default()),
            ComponentRole::PoolElement => Self::PoolElement(Box::default()),
            ComponentRole::PoolUser => Self::PoolUser(Box::default()),
        }
    }

    /// Parses arguments (without the program's name) without starting anything.
    ///
    /// # Errors
    /// Returns an error if they do not start a component.
    pub fn parse(words: &[String]) -> Result<Self, RefusedArgs> {
        let words = std::iter::once("poolscope").chain(words.iter().map(String::as_str));
        let line = ComponentCommandLine::try_parse_from(words);
        line.map(|line| line.component).map_err(|error| refused(&error))
    }

    /// Returns the arguments that start the same component from a shell, without the program's name.
    #[must_use]
    pub fn to_argv(&self) -> Vec<String> {
        let (subcommand, options) = match self {
            Self::Registrar(args) => ("registrar", args.to_argv()),
            Self::PoolElement(args) => ("pool-element", args.to_argv()),
            Self::PoolUser(args) => ("pool-user", args.to_argv()),
        };
        std::iter::once(subcommand.to_owned()).chain(options).collect()
    }

    /// Returns the role.
    #[must_use]
    pub fn role(&self) -> ComponentRole {
        match self {
            Self::Registrar(_) => ComponentRole::Registrar,
            Self::PoolElement(_) => ComponentRole::PoolElement,
            Self::PoolUser(_) => ComponentRole::PoolUser,
        }
    }

    /// Returns the arguments that all components share.
    #[must_use]
    pub fn shared(&self) -> &SharedArgs {
        match self {
            Self::Registrar(args) => &args.shared,
            Self::PoolElement(args) => &args.shared,
            Self::PoolUser(args) => &args.shared,
        }
    }

    /// Returns a mutable reference to the arguments that all components share.
    pub fn shared_mut(&mut self) -> &mut SharedArgs {
        match self {
            Self::Registrar(args) => &mut args.shared,
            Self::PoolElement(args) => &mut args.shared,
            Self::PoolUser(args) => &mut args.shared,
        }
    }

    /// Returns the arguments with the settings of a scenario filled in where they are unset.
    #[must_use]
    pub fn with(&self, settings: &Settings) -> Self {
        let mut args = self.clone();
        let shared = args.shared_mut();
        shared.preset = shared.preset.or(settings.preset);
        shared.asap_announce = shared.asap_announce.or(settings.asap_announce);
        shared.udp_port = shared.udp_port.or(settings.udp_port);
        if let Self::Registrar(registrar) = &mut args {
            registrar.enrp_announce = registrar.enrp_announce.or(settings.enrp_announce);
        }
        args
    }

    /// Returns the pool that a pool element offers its service in, or that a pool user asks.
    #[must_use]
    pub fn pool_handle(&self) -> Option<PoolHandle> {
        match self {
            Self::Registrar(_) => None,
            Self::PoolElement(args) => args.pool().ok(),
            Self::PoolUser(args) => args.pool().ok(),
        }
    }

    /// Returns the policy that a pool element is started with.
    #[must_use]
    pub fn policy(&self) -> Option<&Policy> {
        match self {
            Self::PoolElement(args) => Some(&args.policy),
            Self::Registrar(_) | Self::PoolUser(_) => None,
        }
    }

    /// Sets the policy that a pool element is started with.
    pub fn set_policy(&mut self, policy: Policy) {
        if let Self::PoolElement(args) = self {
            args.policy = policy;
        }
    }

    /// Returns the component's timers.
    #[must_use]
    pub fn timers(&self) -> Timers {
        match self {
            Self::Registrar(args) => Timers::of_registrar(args),
            Self::PoolElement(args) => Timers::of_pool_element(args),
            Self::PoolUser(args) => Timers::of_pool_user(args),
        }
    }
}

fn refused(error: &clap::Error) -> RefusedArgs {
    if !error.use_stderr() {
        return RefusedArgs {
            option: None,
            why: "--help and --version start no component".to_owned(),
        };
    }
    let text = error.render().to_string();
    let line = text.lines().next().unwrap_or_default();
    RefusedArgs {
        option: refused_option(error),
        why: line.strip_prefix("error: ").unwrap_or(line).to_owned(),
    }
}

/// Returns the option that an error is about, without its dashes and its value's name.
fn refused_option(error: &clap::Error) -> Option<String> {
    use clap::error::{ContextKind, ContextValue};
    let argument = match error.get(ContextKind::InvalidArg)? {
        ContextValue::String(argument) => argument,
        ContextValue::Strings(arguments) => arguments.first()?,
        _ => return None,
    };
    let name = argument.strip_prefix("--")?;
    let end = name.find(|character: char| !character.is_ascii_alphanumeric() && character != '-');
    Some(name.get(..end.unwrap_or(name.len()))?.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(words: &[&str]) -> Result<ComponentArgs, RefusedArgs> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        ComponentArgs::parse(&words)
    }

    #[test]
    fn the_command_line_is_consistent() {
        ComponentCommandLine::command().debug_assert();
    }

    #[test]
    fn what_is_wrong_with_a_component_is_told_by_option() {
        let policy = parse(&["pool-element", "--policy=fairest"]).unwrap_err();
        assert_eq!(policy.option.as_deref(), Some("policy"));
        assert!(policy.why.contains("fairest"), "{policy:?}");
        for (words, option) in [
            (&["registrar", "--speed=1"][..], "speed"),
            (&["pool-user", "--sessions=0"], "sessions"),
            (&["pool-user", "--c1=1,2"], "c2"),
            (&["registrar", "--preset=rfc", "--preset=demo"], "preset"),
        ] {
            assert_eq!(
                parse(words).unwrap_err().option.as_deref(),
                Some(option),
                "{words:?}"
            );
        }
        for words in [&["registrar", "--help"], &["run", "x.json"]] {
            assert_eq!(parse(words).unwrap_err().option, None);
        }
    }

    #[test]
    fn what_is_printed_is_what_is_read() {
        for words in [
            &["registrar", "--identifier=0x1a000001", "--takeover-order=smaller"][..],
            &[
                "pool-element",
                "--asap-announce=off",
                "--preset=rfc",
                "--capacity=5",
            ],
            &[
                "pool-user",
                "--registrar=10.0.0.1:3863",
                "--size=300x200",
                "--verify",
            ],
        ] {
            assert_eq!(parse(words).unwrap().to_argv(), words);
        }
        for role in [
            ComponentRole::Registrar,
            ComponentRole::PoolElement,
            ComponentRole::PoolUser,
        ] {
            let args = ComponentArgs::new(role);
            assert_eq!(args.role(), role);
            assert_eq!(ComponentArgs::parse(&args.to_argv()), Ok(args));
        }
    }

    #[test]
    fn what_a_component_says_itself_counts_more_than_the_settings() {
        let settings = Settings {
            preset: Some(runtime::Preset::Rfc),
            asap_announce: Some(runtime::AnnounceGroup::Off),
            enrp_announce: None,
            udp_port: Some(9900),
        };
        let own = parse(&["pool-element", "--preset=demo"]).unwrap();
        assert_eq!(
            own.with(&settings).to_argv(),
            [
                "pool-element",
                "--udp-port=9900",
                "--asap-announce=off",
                "--preset=demo"
            ]
        );
        let port = parse(&["registrar", "--udp-port=9901"]).unwrap();
        assert_eq!(port.with(&settings).shared().udp_port(), 9901);
    }
}
