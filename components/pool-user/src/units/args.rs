//! The options for units of work.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use runtime::{Argv, Preset, parse_milliseconds};
use scripting::client::Settings;
use whole_file::Destination;

/// Options for the scripting service.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Units of work (scripting)")]
pub struct UnitArgs {
    /// Work package to upload; may be repeated, each is a unit
    #[arg(long, value_name = "FILE", conflicts_with = "demo_packages")]
    pub package: Vec<PathBuf>,

    /// Upload so many small packages that are made up, and only tell their results
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub demo_packages: Option<u32>,

    /// Environment: a file that all packages need, which pool elements keep for the next unit
    #[arg(long, value_name = "FILE")]
    pub environment: Option<PathBuf>,

    /// Where the result goes; for several packages a folder, in which each has the name of its package with .out
    #[arg(long, value_name = "FILE|FOLDER", conflicts_with = "demo_packages")]
    pub output: Option<PathBuf>,

    /// Maximum number of units at the same time, each in a session of its own
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=512))]
    pub parallel: u16,

    /// Maximum number of runs of a unit whose exit status is not 0; the result of the last one is kept
    #[arg(long, value_name = "NUMBER", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub unit_trials: u32,

    /// Milliseconds before the next run, or before asking again if no pool element has room
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub unit_retry_delay: Option<Duration>,

    /// Milliseconds that a pool element may take for an answer
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub unit_answer_timeout: Option<Duration>,

    /// Milliseconds between two keep-alives while a unit runs
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub unit_keep_alive_interval: Option<Duration>,

    /// Milliseconds without an acknowledgement of a keep-alive after which another pool element runs the unit
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub unit_keep_alive_timeout: Option<Duration>,

    /// Maximum size of a result in KiB
    #[arg(long, value_name = "KIB", default_value_t = 256 << 10)]
    pub max_result: u32,
}

impl Default for UnitArgs {
    fn default() -> Self {
        Self {
            package: Vec::new(),
            demo_packages: None,
            environment: None,
            output: None,
            parallel: 1,
            unit_trials: 3,
            unit_retry_delay: None,
            unit_answer_timeout: None,
            unit_keep_alive_interval: None,
            unit_keep_alive_timeout: None,
            max_result: 256 << 10,
        }
    }
}

impl UnitArgs {
    pub(crate) fn add_to(&self, argv: &mut Argv) {
        let default = Self::default();
        for package in &self.package {
            argv.option("package", package.display());
        }
        argv.maybe("demo-packages", self.demo_packages.as_ref());
        for (name, path) in [("environment", &self.environment), ("output", &self.output)] {
            argv.maybe(name, path.as_ref().map(|path| path.display()).as_ref());
        }
        argv.changed("parallel", &self.parallel, &default.parallel);
        argv.changed("unit-trials", &self.unit_trials, &default.unit_trials);
        for (name, time) in [
            ("unit-retry-delay", self.unit_retry_delay),
            ("unit-answer-timeout", self.unit_answer_timeout),
            ("unit-keep-alive-interval", self.unit_keep_alive_interval),
            ("unit-keep-alive-timeout", self.unit_keep_alive_timeout),
        ] {
            argv.maybe(name, time.map(|time| time.as_millis()).as_ref());
        }
        argv.changed("max-result", &self.max_result, &default.max_result);
    }

    /// Returns the option with an effect outside of the pool, if there is one: on files.
    #[must_use]
    pub fn touches_files(&self) -> Option<&'static str> {
        let package = (!self.package.is_empty()).then_some("package");
        package
            .or_else(|| self.environment.is_some().then_some("environment"))
            .or_else(|| self.output.is_some().then_some("output"))
    }

    pub(super) fn settings(&self, preset: Preset) -> Settings {
        let usual = match preset {
            Preset::Rfc => Settings::default(),
            Preset::Demo => Settings {
                answer_timeout: Duration::from_secs(5),
                keep_alive_interval: Duration::from_secs(1),
                keep_alive_timeout: Duration::from_secs(1),
                retry_delay: Duration::from_secs(1),
                ..Settings::default()
            },
        };
        Settings {
            answer_timeout: self.unit_answer_timeout.unwrap_or(usual.answer_timeout),
            keep_alive_interval: self.unit_keep_alive_interval.unwrap_or(usual.keep_alive_interval),
            keep_alive_timeout: self.unit_keep_alive_timeout.unwrap_or(usual.keep_alive_timeout),
            trials: self.unit_trials,
            retry_delay: self.unit_retry_delay.unwrap_or(usual.retry_delay),
            most_output: u64::from(self.max_result) << 10,
        }
    }

    /// Checks before anything is started that there is something to do, and that results can be written.
    ///
    /// # Errors
    /// Returns an error if not: it says what is wrong and what to do.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        if self.demo_packages.is_some() {
            return Ok(());
        }
        let Some(output) = self.output.as_deref().filter(|_| !self.package.is_empty()) else {
            bail!(
                "the scripting service needs something to do: name work packages with --package and where their results \
                 go with --output, or use --demo-packages"
            );
        };
        let named = || format!("--output {}", output.display());
        if self.package.len() > 1 && !output.is_dir() {
            bail!(
                "{}: several packages need a folder for their results: create it",
                named()
            );
        }
        let mut destinations = BTreeSet::new();
        for package in &self.package {
            let path = result_path(output, package);
            if !destinations.insert(path.clone()) {
                bail!("{}: two packages have the same name {}", named(), path.display());
            }
            Destination::writable(&path).with_context(named)?;
        }
        Ok(())
    }
}

/// Returns the file for the result of a package.
pub(super) fn result_path(output: &Path, package: &Path) -> PathBuf {
    if !output.is_dir() {
        return output.to_owned();
    }
    let mut name = package.file_name().unwrap_or_default().to_owned();
    name.push(".out");
    output.join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_done_is_known_in_advance() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        let args = |packages: &[&str], output: Option<PathBuf>| UnitArgs {
            package: packages.iter().map(|name| here.join(name)).collect(),
            output,
            ..UnitArgs::default()
        };
        for (args, expected) in [
            (args(&[], None), "--package"),
            (args(&["a"], None), "--output"),
            (args(&["a", "b"], Some(here.join("file"))), "need a folder"),
            (args(&["a", "x/a"], Some(here.into())), "the same name"),
            (args(&["a"], Some(here.join("no/file"))), "create it"),
        ] {
            let error = format!("{:#}", args.check().unwrap_err());
            assert!(error.contains(expected), "{error}");
        }
        args(&["a"], Some(here.join("result"))).check().unwrap();
        args(&["a", "b"], Some(here.into())).check().unwrap();
        assert_eq!(std::fs::read_dir(here).unwrap().count(), 0);
    }
}
