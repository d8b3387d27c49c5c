//! The files with the results.

use std::path::Path;

use anyhow::{anyhow, bail};
use policy_laboratory::{ChartError, Measure, Results, png, svg};
use whole_file::Destination;

use super::LabArgs;
use crate::terminal::{self, Transcript};

/// Where the results are written to.
pub(super) struct Files<'a>(Vec<Named<'a>>);

/// A file that an option names.
struct Named<'a> {
    option: &'static str,
    path: &'a Path,
    destination: Destination,
    format: Format,
}

type Format = fn(&Results, &[Measure]) -> Result<Vec<u8>, ChartError>;

impl<'a> Files<'a> {
    /// Checks before anything is simulated that the results can be written.
    ///
    /// # Errors
    /// Returns an error if a file cannot be written, or would be written over another one.
    pub(super) fn of(args: &'a LabArgs) -> anyhow::Result<Self> {
        let formats: [(&str, &Option<_>, Format); 3] = [
            ("--csv", &args.csv, |results, _| Ok(results.to_csv().into_bytes())),
            ("--svg", &args.svg, |results, measures| {
                Ok(svg(results, measures)?.into_bytes())
            }),
            ("--png", &args.png, png),
        ];
        let mut files: Vec<Named<'_>> = Vec::new();
        let experiment = Destination::of(&args.experiment).ok();
        for (option, path, format) in formats {
            let Some(path) = path.as_deref() else {
                continue;
            };
            let file = Named::new(option, path, format)?;
            let name = format!("{option} {}", path.display());
            if experiment
                .as_ref()
                .is_some_and(|experiment| file.destination.collides_with(experiment))
            {
                bail!("{name}: this is the experiment, which would be overwritten: name another file");
            }
            if let Some(other) = files
                .iter()
                .find(|other| other.destination.collides_with(&file.destination))
            {
                let other = format!("{} {}", other.option, other.path.display());
                bail!("{other} and {name} are the same file: name another one for one of them");
            }
            files.push(file);
        }
        Ok(Self(files))
    }

    /// Writes all files, even if one of them cannot be written, and the rest of the transcript. What goes to standard
    /// output follows it.
    ///
    /// # Errors
    /// Returns the errors of all files that could not be written.
    pub(super) fn write(
        &self,
        results: &Results,
        measures: &[Measure],
        transcript: Transcript,
    ) -> anyhow::Result<()> {
        let write = |file: &Named<'_>| file.write(results, measures).err();
        let (last, first): (Vec<_>, Vec<_>) = self
            .0
            .iter()
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
}

impl<'a> Named<'a> {
    fn new(option: &'static str, path: &'a Path, format: Format) -> anyhow::Result<Self> {
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

    fn write(&self, results: &Results, measures: &[Measure]) -> Result<(), String> {
        let failed = |error: &dyn std::fmt::Display| {
            format!(
                "{} {} could not be written: {error}",
                self.option,
                self.path.display()
            )
        };
        let bytes = (self.format)(results, measures).map_err(|error| failed(&error))?;
        match self.destination.write(&bytes) {
            Ok(()) => Ok(()),
            // Whoever was to read it does not want it.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }
}
