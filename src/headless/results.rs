//! The files with the results.

use std::path::Path;

use anyhow::{anyhow, bail};
use whole_file::Destination;

use super::RunArgs;
use super::report::Report;
use crate::terminal::{self, Transcript};

/// Where the results are written to.
pub(super) struct Results<'a> {
    report: Option<Named<'a>>,
    csv: Option<Named<'a>>,
}

/// A file that an option names.
struct Named<'a> {
    option: &'static str,
    path: &'a Path,
    destination: Destination,
    format: fn(&Report) -> String,
}

impl<'a> Results<'a> {
    /// Checks before anything is started that the results can be written.
    ///
    /// # Errors
    /// Returns an error if a file cannot be written, or would be written over another one.
    pub(super) fn of(args: &'a RunArgs) -> anyhow::Result<Self> {
        let report = args.report.as_deref();
        let csv = args.csv.as_deref();
        let results = Self {
            report: report
                .map(|path| Named::new("--report", path, Report::to_json))
                .transpose()?,
            csv: csv
                .map(|path| Named::new("--csv", path, Report::to_csv))
                .transpose()?,
        };
        let scenario = Destination::of(&args.scenario).ok();
        for file in results.files() {
            if scenario
                .as_ref()
                .is_some_and(|scenario| file.destination.collides_with(scenario))
            {
                bail!(
                    "{} {}: this is the scenario, which would be overwritten: name another file",
                    file.option,
                    file.path.display()
                );
            }
        }
        if let (Some(report), Some(csv)) = (&results.report, &results.csv)
            && report.destination.collides_with(&csv.destination)
        {
            bail!(
                "--report {} and --csv {} are the same file: name another one for one of them",
                report.path.display(),
                csv.path.display()
            );
        }
        Ok(results)
    }

    /// Writes all files, even if one of them cannot be written, and the rest of the transcript: whoever does not read
    /// that has the files already. What goes to standard output follows it.
    ///
    /// # Errors
    /// Returns the errors of all files that could not be written.
    pub(super) fn write(&self, report: &Report, transcript: Transcript) -> anyhow::Result<()> {
        let write = |file: &Named<'_>| file.write(&(file.format)(report)).err();
        let (last, first): (Vec<_>, Vec<_>) = self
            .files()
            .partition(|file| file.destination.is_standard_output());
        let mut failures: Vec<String> = first.into_iter().filter_map(write).collect();
        if let Err(error) = transcript.finish() {
            terminal::complain(format_args!("standard output could not be written: {error}"));
        }
        failures.extend(last.into_iter().filter_map(write));
        if failures.is_empty() {
            Ok(())
        } else {
            Err(anyhow!(failures.join("\npoolscope: ")))
        }
    }

    fn files(&self) -> impl Iterator<Item = &Named<'a>> {
        self.report.iter().chain(&self.csv)
    }
}

impl<'a> Named<'a> {
    fn new(option: &'static str, path: &'a Path, format: fn(&Report) -> String) -> anyhow::Result<Self> {
        let destination = if path == Path::new("-") {
            Ok(Destination::standard_output())
        } else {
            Destination::of(path).and_then(|destination| {
                destination.check()?;
                Ok(destination)
            })
        };
        match destination {
            Ok(destination) => Ok(Self {
                option,
                path,
                destination,
                format,
            }),
            Err(error) => bail!("{option} {}: {error}", path.display()),
        }
    }

    fn write(&self, text: &str) -> Result<(), String> {
        match self.destination.write(text.as_bytes()) {
            Ok(()) => Ok(()),
            // Whoever was to read it does not want it.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(format!(
                "{} {} could not be written: {error}",
                self.option,
                self.path.display()
            )),
        }
    }
}
