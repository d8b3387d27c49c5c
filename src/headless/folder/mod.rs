//! A folder with the results of a run, which can be read without this program: a page, the figures, and the recordings that
//! they can be made of anew.
//!
//! - `evidence`: what a recording tells about a round. `choice`: which failovers and takeovers are shown; `charts`: their
//!   sequence charts. `curves`: load and work over time, on the page and as CSV.
//! - `page`: the page; `expectations`: what was expected, and how often it came true; `tables`: its tables.

mod charts;
mod choice;
mod curves;
mod evidence;
mod expectations;
mod page;
mod tables;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail, ensure};
use recording::{CopyError, Form, Recording};
use whole_file::Destination;

use crate::headless::report::Report;
use evidence::Evidence;

const PAGE: &str = "report.html";
const JSON: &str = "report.json";
const MEASUREMENTS: &str = "measurements.csv";
const CURVES: &str = "curves.csv";
const RECORDING: &str = "recording";
const RECORDING_END: &str = ".pcapng.zst";

/// Where a report goes.
#[derive(Debug)]
pub(super) enum ReportTo<'a> {
    /// Into a file, or to standard output, as JSON.
    File(&'a Path),
    /// Into a folder.
    Folder(ReportFolder),
}

/// A folder for the results of a run.
#[derive(Debug)]
pub(super) struct ReportFolder {
    path: PathBuf,
}

impl<'a> ReportTo<'a> {
    /// Finds out what the option names, and checks that a folder can be written: without changing anything. `source` is what
    /// the report is made of, in a word and by its path.
    ///
    /// # Errors
    /// Returns an error if it is a folder that cannot be written or has something else in it, or if it is not clear what is
    /// meant: it says what to do.
    pub(super) fn check(path: &'a Path, source: (&str, &Path)) -> anyhow::Result<Self> {
        let option = || format!("--report {}", path.display());
        match fs::metadata(path) {
            Ok(there) if there.is_dir() => {
                ReportFolder::check_content(path, source).with_context(option)?;
                whole_file::check_folder(path).with_context(option)?;
            }
            Ok(there) if there.is_file() => {
                ensure!(
                    names_json(path) || is_same(path, source.1),
                    "{}: there is a file of that name already, which no folder can have: name another folder, or a file \
                     that ends in .json",
                    option()
                );
                return Ok(Self::File(path));
            }
            // A pipe or a device.
            Ok(_) => return Ok(Self::File(path)),
            Err(_) if path == Path::new("-") || path.as_os_str().is_empty() => return Ok(Self::File(path)),
            Err(_) if names_a_folder(path) => ReportFolder::check_new(path).with_context(option)?,
            Err(_) if names_json(path) => return Ok(Self::File(path)),
            Err(_) => {
                ensure!(
                    !names_another_format(path),
                    "{}: a report is a folder, or a file that ends in .json: name one of them, or add a slash if the \
                     folder is to be called so",
                    option()
                );
                ReportFolder::check_new(path).with_context(option)?;
            }
        }
        let path = path.to_owned();
        Ok(Self::Folder(ReportFolder { path }))
    }

    /// Returns the file, if it is one.
    pub(super) const fn file(&self) -> Option<&'a Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Folder(_) => None,
        }
    }

    /// Returns the folder, if it is one.
    pub(super) const fn folder(&self) -> Option<&ReportFolder> {
        match self {
            Self::File(_) => None,
            Self::Folder(folder) => Some(folder),
        }
    }
}

fn names_a_folder(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().ends_with(b"/")
}

fn names_json(path: &Path) -> bool {
    extension(path) == "json"
}

/// Returns whether it is the name of a file of another kind, rather than that of a folder with a dot in it.
fn names_another_format(path: &Path) -> bool {
    ["csv", "htm", "html", "pcap", "pcapng", "pdf", "txt", "xml", "zst"].contains(&&*extension(path))
}

fn extension(path: &Path) -> String {
    let extension = path.extension().unwrap_or_default();
    extension.to_string_lossy().to_ascii_lowercase()
}

/// Returns whether a file of this name is part of a report.
fn is_part(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let number = name
        .strip_prefix(RECORDING)
        .and_then(|rest| rest.strip_suffix(RECORDING_END));
    let is_recording = number.is_some_and(|number| match number.strip_prefix('-') {
        Some(digits) => !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()),
        None => number.is_empty(),
    });
    is_recording || [PAGE, JSON, MEASUREMENTS, CURVES].contains(&&*name)
}

impl ReportFolder {
    /// Checks that what is in a folder is an earlier report, or nothing.
    fn check_content(path: &Path, (what, source): (&str, &Path)) -> anyhow::Result<()> {
        for entry in fs::read_dir(path).context("the folder cannot be read")? {
            let entry = entry.context("the folder cannot be read")?;
            let name = entry.file_name();
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if !is_file || !is_part(&name) {
                bail!(
                    "the folder has something else in it, {}: name an empty folder, or one with an earlier report, which is \
                     replaced",
                    name.to_string_lossy()
                );
            }
            ensure!(
                what == RECORDING || !is_same(&entry.path(), source),
                "this is the folder of the {what}, which would be overwritten: name another one"
            );
        }
        Ok(())
    }

    /// Checks that a new folder can be made.
    fn check_new(path: &Path) -> anyhow::Result<()> {
        let parent = match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        ensure!(
            fs::symlink_metadata(path).is_err() && path.file_name().is_some(),
            "no folder can be made there: name another one"
        );
        Ok(whole_file::check_folder(parent)?)
    }

    /// Checks that a file of another option does not go into it.
    ///
    /// # Errors
    /// Returns an error if it does.
    pub(super) fn check_beside(&self, option: &str, path: &Path) -> anyhow::Result<()> {
        let parent = path.parent().unwrap_or(path);
        ensure!(
            !is_same(parent, &self.path) && !(path.starts_with(&self.path)),
            "{option} {}: the folder of --report has its own files: name a file elsewhere, or leave the option out",
            path.display()
        );
        Ok(())
    }

    /// Makes the folder, and removes the files of an earlier report from it, so that there are never those of two; all but
    /// `source`, of which the new one is made.
    ///
    /// # Errors
    /// Returns an error if the folder cannot be made, or a file cannot be removed.
    pub(super) fn begin(&self, source: Option<&Path>) -> anyhow::Result<()> {
        let named = || format!("--report {}", self.path.display());
        if !self.path.is_dir() {
            fs::create_dir(&self.path).with_context(named)?;
        }
        for entry in fs::read_dir(&self.path).with_context(named)? {
            let entry = entry.with_context(named)?;
            let is_source = source.is_some_and(|source| is_same(&entry.path(), source));
            if is_part(&entry.file_name()) && !is_source {
                fs::remove_file(entry.path())
                    .with_context(|| format!("{} cannot be replaced", entry.path().display()))?;
            }
        }
        Ok(())
    }

    /// Returns the file for the recording of a round, of so many; rounds are counted from 0.
    pub(super) fn recording(&self, round: u32, rounds: u32) -> PathBuf {
        let name = if rounds == 1 {
            format!("{RECORDING}{RECORDING_END}")
        } else {
            let width = rounds.to_string().len();
            format!("{RECORDING}-{:0width$}{RECORDING_END}", round + 1)
        };
        self.path.join(name)
    }

    /// Copies a recording into the folder, unless it is that which is there. Returns the file.
    ///
    /// # Errors
    /// Returns an error if it cannot be read or written.
    pub(super) fn copy(&self, source: &Path) -> anyhow::Result<PathBuf> {
        let file = self.recording(0, 1);
        let destination = Destination::of(&file)?;
        if !is_same(source, &file) {
            let recording = Recording::open(source)?;
            destination.write_with(|out| match recording.copy(Form::Compressed, out) {
                Ok(_) => Ok(()),
                Err(CopyError::Write(error)) => Err(error),
                Err(other) => Err(std::io::Error::other(other)),
            })?;
        }
        Ok(file)
    }

    /// Writes the report. The page comes last: where it is, everything is. `recordings` are the files of the rounds.
    ///
    /// # Errors
    /// Returns the errors of all files that could not be written.
    pub(super) fn write(&self, report: &Report, recordings: &[PathBuf]) -> anyhow::Result<()> {
        let evidence: Vec<_> = recordings.iter().map(|file| Evidence::of(file)).collect();
        let curves = curves::to_csv(&evidence);
        let page = page::of(report, &evidence);
        let files = [
            (JSON, report.to_json()),
            (MEASUREMENTS, report.to_csv()),
            (CURVES, curves),
            (PAGE, page.to_html()),
        ];
        let failures: Vec<String> = files
            .iter()
            .filter_map(|(name, text)| {
                let file = self.path.join(name);
                let written = Destination::of(&file).and_then(|file| file.write(text.as_bytes()));
                let error = written.err()?;
                Some(format!("{} could not be written: {error}", file.display()))
            })
            .collect();
        if failures.is_empty() {
            Ok(())
        } else {
            Err(anyhow!(failures.join("\npoolscope: ")))
        }
    }
}

/// Returns whether two paths lead to the same.
fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| {
        if path == Path::new("") {
            Path::new(".").canonicalize()
        } else {
            path.canonicalize()
        }
    };
    matches!((real(one), real(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(test)]
mod tests;
