//! Where experiments come from: files, standard input, and the program, which carries some.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use json_file::Problem;

use crate::{Experiment, ExperimentError};

/// The maximum size of an experiment, in bytes.
const LARGEST: u64 = 1 << 20;
/// What is given in place of a path for standard input.
const STANDARD_INPUT: &str = "-";

macro_rules! experiments {
    ($($name:literal,)*) => {
        const EXPERIMENTS: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../../demo-scenarios/laboratory/", $name, ".json"))),)*
        ];
    };
}

experiments! {
    "base-set-up",
    "cookies",
    "failures",
    "keep-alives",
    "live-twin",
    "network-delay",
    "stale-cache",
    "unequal-capacities",
    "utilisation",
}

/// Returns the names and the texts of the experiments that the program carries, by name.
pub fn ready_experiments() -> impl Iterator<Item = (&'static str, &'static str)> {
    EXPERIMENTS.iter().copied()
}

/// Returns the text of an experiment that the program carries.
#[must_use]
pub fn ready_experiment(name: &str) -> Option<&'static str> {
    ready_experiments().find_map(|(known, text)| (known == name).then_some(text))
}

impl Experiment {
    /// Reads a file; if there is none of this name, an experiment that the program carries; or standard input for `-`.
    ///
    /// # Errors
    /// Returns an error if nothing can be read, or it is not an experiment.
    pub fn load(path: &Path) -> Result<Self, ExperimentError> {
        if path == Path::new(STANDARD_INPUT) {
            return Self::from_stream(Path::new("standard input"), io::stdin());
        }
        let carried = path.to_str().and_then(ready_experiment);
        match (File::open(path), carried) {
            (Ok(file), _) if !path.is_dir() => Self::from_stream(path, file),
            (_, Some(text)) => Self::parse(&path.display().to_string(), text),
            (Ok(_), None) => Err(failed(path, "is a folder, not a file with an experiment".into())),
            (Err(error), None) if error.kind() == io::ErrorKind::NotFound => {
                let names: Vec<&str> = ready_experiments().map(|(name, _)| name).collect();
                let what = format!(
                    "there is no such file, and the program carries only {}",
                    names.join(", ")
                );
                Err(failed(path, what))
            }
            (Err(error), None) => Err(failed(path, format!("cannot be read: {error}"))),
        }
    }

    fn from_stream(path: &Path, stream: impl Read) -> Result<Self, ExperimentError> {
        let text = json_file::read(stream, LARGEST, "experiment").map_err(|problem| error(path, problem))?;
        Self::parse(&path.display().to_string(), &text)
    }
}

fn failed(path: &Path, what: String) -> ExperimentError {
    error(path, Problem::of_whole(what))
}

fn error(path: &Path, problem: Problem) -> ExperimentError {
    ExperimentError {
        file: path.display().to_string(),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn all_files_of_the_folder_are_carried_and_can_be_simulated() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo-scenarios/laboratory");
        let files = std::fs::read_dir(folder)
            .unwrap()
            .flatten()
            .map(|file| file.path());
        let there: BTreeSet<String> = files
            .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
            .filter(|name| name != "schema")
            .collect();
        let carried: BTreeSet<String> = ready_experiments().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(carried, there);
        for (name, text) in ready_experiments() {
            Experiment::parse(name, text).unwrap();
        }
    }

    #[test]
    fn what_is_no_experiment_is_refused() {
        let refused = |path: &str| Experiment::load(Path::new(path)).unwrap_err().to_string();
        assert!(refused("no-such-thing").starts_with("no-such-thing: there is no such file"));
        assert!(refused("no-such-thing").contains("base-set-up"));
        assert!(refused("/").ends_with("is a folder, not a file with an experiment"));
        assert!(refused("/dev/zero").contains("larger than"));
        assert!(Experiment::load(Path::new("failures")).is_ok());
    }
}
