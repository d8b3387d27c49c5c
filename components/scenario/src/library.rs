//! The available scenario files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Scenario, ScenarioErrors, ScenarioProblem};

/// The built-in scenario.
const DEFAULT: &str = include_str!("../../../demo-scenarios/default.json");
/// The maximum size of a file, in bytes.
const LARGEST: u64 = 1 << 20;
/// The folder with scenario files.
const FOLDER: &str = "demo-scenarios";
/// The file in that folder with the JSON schema of the others.
const SCHEMA: &str = "schema.json";

/// A scenario that can be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryEntry {
    /// Its display name; the file name if the file is not a valid scenario.
    pub name: String,
    /// The path of the file.
    pub path: PathBuf,
}

impl Scenario {
    /// Returns the scenario that the program starts with.
    ///
    /// # Errors
    /// Never fails in a program that has passed its tests.
    pub fn built_in() -> Result<Self, ScenarioErrors> {
        Self::parse("the built-in scenario", DEFAULT)
    }

    /// Reads and checks a file.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or is not a valid scenario.
    pub fn load(path: &Path) -> Result<Self, ScenarioErrors> {
        let file = path.display().to_string();
        let failed = |what: String| ScenarioErrors {
            file: file.clone(),
            problems: vec![ScenarioProblem {
                place: None,
                member: String::new(),
                what,
            }],
        };
        let metadata = std::fs::metadata(path).map_err(|error| failed(format!("cannot be read: {error}")))?;
        if !metadata.is_file() {
            return Err(failed("is not a file".into()));
        }
        if metadata.len() > LARGEST {
            return Err(failed(format!(
                "is larger than {LARGEST} bytes, thus no scenario"
            )));
        }
        let bytes = std::fs::read(path).map_err(|error| failed(format!("cannot be read: {error}")))?;
        let text = String::from_utf8(bytes).map_err(|error| failed(format!("is not text: {error}")))?;
        Self::parse(&file, &text)
    }
}

/// Returns the folder for new scenario files: that of the existing ones, or else the working directory.
#[must_use]
pub fn folder() -> PathBuf {
    let mut folders = [Some(PathBuf::from(FOLDER)), beside_executable()]
        .into_iter()
        .flatten();
    folders.find(|folder| folder.is_dir()).unwrap_or_default()
}

fn beside_executable() -> Option<PathBuf> {
    let executable = std::env::current_exe().ok()?;
    Some(executable.parent()?.join(FOLDER))
}

/// Returns the scenario files in `demo-scenarios` in the working directory and beside the executable, by file name.
#[must_use]
pub fn library() -> Vec<LibraryEntry> {
    let folders = [Some(PathBuf::from(FOLDER)), beside_executable()];
    entries(folders.into_iter().flatten())
}

/// Returns the scenario files in these folders; the first folder wins if a file name occurs twice.
pub(crate) fn entries(folders: impl Iterator<Item = PathBuf>) -> Vec<LibraryEntry> {
    let mut entries = Vec::new();
    let mut seen = BTreeSet::new();
    for folder in folders {
        let Ok(files) = std::fs::read_dir(&folder) else {
            continue;
        };
        let paths = files.flatten().map(|file| file.path());
        let mut paths: Vec<PathBuf> = paths
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .filter(|path| path.file_name().is_none_or(|name| name != SCHEMA))
            .collect();
        paths.sort();
        for path in paths {
            if !seen.insert(path.file_name().map(ToOwned::to_owned)) {
                continue;
            }
            let name = match Scenario::load(&path) {
                Ok(scenario) => scenario.name,
                Err(_) => path
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned(),
            };
            entries.push(LibraryEntry { name, path });
        }
    }
    entries
}
