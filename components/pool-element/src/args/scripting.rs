//! The options of the scripting service.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use runtime::{Argv, Preset, parse_milliseconds};
use scripting::cache;
use scripting::server::Settings;

/// Options of the scripting service.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Scripting service")]
pub struct ScriptingArgs {
    /// The only program that is run, once for each work package, as `PROGRAM PACKAGE OUTPUT [ENVIRONMENT]` in a folder
    /// of its own. Whoever can reach the pool element decides on the content of package and environment, so a program
    /// that executes them gives everybody this user's rights
    #[arg(long, value_name = "PROGRAM", conflicts_with = "demo_unit")]
    pub unit_program: Option<PathBuf>,

    /// Run no program: a unit takes so many milliseconds, and its result is the SHA-1 of its package
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub demo_unit: Option<Duration>,

    /// Milliseconds after which a unit is killed; its upload may take as long
    #[arg(long, value_name = "MS", default_value = "3600000", value_parser = parse_milliseconds)]
    pub unit_time: Duration,

    /// Milliseconds of processor time after which a process of a unit is killed [default: those of --unit-time]
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub unit_cpu_time: Option<Duration>,

    /// Maximum size of a work package in KiB
    #[arg(long, value_name = "KIB", default_value_t = 64 << 10)]
    pub max_package: u32,

    /// Maximum size of an environment in KiB
    #[arg(long, value_name = "KIB", default_value_t = 128 << 10)]
    pub max_environment: u32,

    /// Maximum size of a result, and of any other file that a unit writes, in KiB
    #[arg(long, value_name = "KIB", default_value_t = 64 << 10)]
    pub max_output: u32,

    /// Maximum size of all environments that are kept for other units, in KiB
    #[arg(long, value_name = "KIB", default_value_t = 128 << 10)]
    pub environment_cache: u32,

    /// Maximum number of environments that are kept
    #[arg(long, value_name = "NUMBER", default_value_t = 16)]
    pub environment_cache_entries: u16,

    /// Milliseconds without a message of the pool user, or without progress in sending, after which the session is
    /// broken off
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub upload_timeout: Option<Duration>,

    /// Milliseconds between two keep-alives while a unit runs
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub unit_keep_alive_interval: Option<Duration>,

    /// Milliseconds without an acknowledgement of a keep-alive after which the session is broken off
    #[arg(long, value_name = "MS", value_parser = parse_milliseconds)]
    pub unit_keep_alive_timeout: Option<Duration>,
}

/// What a unit runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UnitProgram {
    /// A program, by its absolute path.
    Program(PathBuf),
    /// The built-in demonstration, which takes this long.
    Demonstration(Duration),
}

impl Default for ScriptingArgs {
    fn default() -> Self {
        Self {
            unit_program: None,
            demo_unit: None,
            unit_time: Duration::from_secs(3600),
            unit_cpu_time: None,
            max_package: 64 << 10,
            max_environment: 128 << 10,
            max_output: 64 << 10,
            environment_cache: 128 << 10,
            environment_cache_entries: 16,
            upload_timeout: None,
            unit_keep_alive_interval: None,
            unit_keep_alive_timeout: None,
        }
    }
}

impl ScriptingArgs {
    pub(super) fn add_to(&self, argv: &mut Argv) {
        let default = Self::default();
        let milliseconds = |duration: Option<Duration>| duration.map(|duration| duration.as_millis());
        argv.maybe(
            "unit-program",
            self.unit_program.as_ref().map(|path| path.display()).as_ref(),
        );
        argv.maybe("demo-unit", milliseconds(self.demo_unit).as_ref());
        argv.changed(
            "unit-time",
            &self.unit_time.as_millis(),
            &default.unit_time.as_millis(),
        );
        argv.maybe("unit-cpu-time", milliseconds(self.unit_cpu_time).as_ref());
        for (name, size, usual) in [
            ("max-package", self.max_package, default.max_package),
            ("max-environment", self.max_environment, default.max_environment),
            ("max-output", self.max_output, default.max_output),
            (
                "environment-cache",
                self.environment_cache,
                default.environment_cache,
            ),
        ] {
            argv.changed(name, &size, &usual);
        }
        argv.changed(
            "environment-cache-entries",
            &self.environment_cache_entries,
            &default.environment_cache_entries,
        );
        argv.maybe("upload-timeout", milliseconds(self.upload_timeout).as_ref());
        argv.maybe(
            "unit-keep-alive-interval",
            milliseconds(self.unit_keep_alive_interval).as_ref(),
        );
        argv.maybe(
            "unit-keep-alive-timeout",
            milliseconds(self.unit_keep_alive_timeout).as_ref(),
        );
    }

    /// Returns what a unit runs.
    ///
    /// # Errors
    /// Returns an error unless exactly that was said: nothing is ever run just because it was uploaded.
    pub(crate) fn program(&self) -> anyhow::Result<UnitProgram> {
        match (&self.unit_program, self.demo_unit) {
            (Some(path), _) => {
                let named = || format!("--unit-program {}", path.display());
                check_program(path).with_context(named)?;
                Ok(UnitProgram::Program(
                    std::path::absolute(path).with_context(named)?,
                ))
            }
            (None, Some(time)) => Ok(UnitProgram::Demonstration(time)),
            (None, None) => bail!(
                "the scripting service runs only what it is told to: name a program that work packages are given to \
                 with --unit-program, or use --demo-unit, which runs none"
            ),
        }
    }

    /// Returns the processor time of each process of a unit, at least a second.
    pub(crate) fn cpu_time(&self) -> Duration {
        self.unit_cpu_time
            .unwrap_or(self.unit_time)
            .max(Duration::from_secs(1))
    }

    pub(crate) fn settings(&self, preset: Preset, host: String) -> Settings {
        let kib = |number: u32| u64::from(number) << 10;
        let usual = match preset {
            Preset::Rfc => Settings::default(),
            Preset::Demo => Settings {
                upload_timeout: Duration::from_secs(5),
                keep_alive_interval: Duration::from_secs(1),
                keep_alive_timeout: Duration::from_secs(1),
                ..Settings::default()
            },
        };
        Settings {
            host,
            upload_timeout: self.upload_timeout.unwrap_or(usual.upload_timeout),
            keep_alive_interval: self.unit_keep_alive_interval.unwrap_or(usual.keep_alive_interval),
            keep_alive_timeout: self.unit_keep_alive_timeout.unwrap_or(usual.keep_alive_timeout),
            most_package: kib(self.max_package),
            most_environment: kib(self.max_environment),
            most_output: kib(self.max_output),
            unit_time: self.unit_time,
            cache: cache::Limits {
                entries: self.environment_cache_entries.into(),
                bytes: kib(self.environment_cache),
            },
        }
    }
}

fn check_program(path: &Path) -> anyhow::Result<()> {
    let there = std::fs::metadata(path).context("there is no such program: name another one")?;
    if !there.is_file() {
        bail!("it is not a file: name a program");
    }
    if there.permissions().mode() & 0o111 == 0 {
        bail!("it is not executable: chmod +x makes it so");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(program: &str) -> ScriptingArgs {
        ScriptingArgs {
            unit_program: Some(program.into()),
            ..ScriptingArgs::default()
        }
    }

    #[test]
    fn nothing_runs_unless_it_was_said() {
        let error = ScriptingArgs::default().program().unwrap_err().to_string();
        assert!(error.contains("--unit-program"), "{error}");
        for (path, expected) in [
            ("/no/such/program", "no such program"),
            ("/", "not a file"),
            (
                concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
                "not executable",
            ),
        ] {
            let error = format!("{:#}", args(path).program().unwrap_err());
            assert!(
                error.starts_with("--unit-program ") && error.contains(expected),
                "{error}"
            );
        }
        assert_eq!(
            args("/bin/sh").program().unwrap(),
            UnitProgram::Program("/bin/sh".into())
        );
    }
}
