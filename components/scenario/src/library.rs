//! The available scenarios: files, and the stories that the program carries.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use json_file::Problem;

use super::stories::{name_in, story, story_names};
use super::{Scenario, ScenarioErrors};

/// The maximum size of a scenario, in bytes.
const LARGEST: u64 = 1 << 20;
/// The folder with scenario files.
const FOLDER: &str = "demo-scenarios";
/// The file in that folder with the JSON schema of the others.
const SCHEMA: &str = "schema.json";
/// The name of the scenario that the program starts with.
const DEFAULT: &str = "default";
/// What is given in place of a path for standard input.
const STANDARD_INPUT: &str = "-";

/// A scenario that can be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryEntry {
    /// Its display name; the file name if the file is not a valid scenario.
    pub name: String,
    /// The path of the file, or the name of a story that the program carries: both can be loaded.
    pub path: PathBuf,
}

impl Scenario {
    /// Returns the scenario that the program starts with.
    ///
    /// # Errors
    /// Never fails in a program that has passed its tests.
    pub fn built_in() -> Result<Self, ScenarioErrors> {
        Self::parse("the built-in scenario", story(DEFAULT).unwrap_or_default())
    }

    /// Reads and checks a file; if there is none of this name, a story by its name: from the library's folders, or from
    /// the program.
    ///
    /// # Errors
    /// Returns an error if nothing can be read, or it is not a valid scenario.
    pub fn load(path: &Path) -> Result<Self, ScenarioErrors> {
        match Source::of(path, folders()) {
            Source::File(path) => {
                // Whatever else there is may have no end, or no beginning.
                if std::fs::metadata(&path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
                    return Err(failed(&path, "is not a file".to_owned()));
                }
                Self::from_file(&path)
            }
            Source::Story(name, text) => Self::parse(name, text),
        }
    }

    /// Like [`Self::load`], but also reads from pipes, and from standard input for `-`: waits for whoever writes there.
    ///
    /// # Errors
    /// Returns an error if nothing can be read, or it is not a valid scenario.
    pub fn read(path: &Path) -> Result<Self, ScenarioErrors> {
        if path == Path::new(STANDARD_INPUT) {
            return Self::from_stream(Path::new("standard input"), io::stdin());
        }
        match Source::of(path, folders()) {
            Source::File(path) => Self::from_file(&path),
            Source::Story(name, text) => Self::parse(name, text),
        }
    }

    fn from_file(path: &Path) -> Result<Self, ScenarioErrors> {
        if path.is_dir() {
            return Err(failed(path, "is a folder, not a scenario file".to_owned()));
        }
        match File::open(path) {
            Ok(file) => Self::from_stream(path, file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(failed(path, missing(path))),
            Err(error) => Err(failed(path, format!("cannot be read: {error}"))),
        }
    }

    fn from_stream(path: &Path, stream: impl Read) -> Result<Self, ScenarioErrors> {
        let text = json_file::read(stream, LARGEST, "scenario").map_err(|problem| errors(path, problem))?;
        Self::parse(&path.display().to_string(), &text)
    }
}

/// Where a scenario is.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    File(PathBuf),
    /// The name and the text of a story that the program carries.
    Story(&'static str, &'static str),
}

impl Source {
    /// Finds a scenario by its path or by its name.
    fn of(path: &Path, mut folders: impl Iterator<Item = PathBuf>) -> Self {
        let is_there = std::fs::metadata(path).is_ok_and(|there| !there.is_dir());
        let Some(name) = name_in(path).filter(|_| !is_there) else {
            return Self::File(path.to_owned());
        };
        let file = format!("{name}.json");
        let found = folders.find_map(|folder| Some(folder.join(&file)).filter(|path| path.is_file()));
        match (found, story_names().find(|story| *story == name)) {
            (Some(file), _) => Self::File(file),
            (None, Some(name)) => Self::Story(name, story(name).unwrap_or_default()),
            (None, None) => Self::File(path.to_owned()),
        }
    }
}

fn failed(path: &Path, what: String) -> ScenarioErrors {
    errors(path, Problem::of_whole(what))
}

fn errors(path: &Path, problem: Problem) -> ScenarioErrors {
    ScenarioErrors {
        file: path.display().to_string(),
        problems: vec![problem],
    }
}

/// Says what could have been meant by a path at which there is nothing.
fn missing(path: &Path) -> String {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    if name_in(path).is_none()
        && let Some(name) = story_names().find(|story| Some(*story) == stem)
    {
        return format!("there is no such file; the story of this name is called by its name alone: {name}");
    }
    let names: Vec<&str> = story_names().collect();
    format!(
        "there is no such file, and no story of this name. The stories are: {}",
        names.join(", ")
    )
}

/// Returns the folder for new scenario files: that of the existing ones, or else the working directory.
#[must_use]
pub fn folder() -> PathBuf {
    folders().find(|folder| folder.is_dir()).unwrap_or_default()
}

/// Returns the folders in which scenario files are looked for, the most important one first.
fn folders() -> impl Iterator<Item = PathBuf> {
    let beside_executable = || {
        let executable = std::env::current_exe().ok()?;
        Some(executable.parent()?.join(FOLDER))
    };
    [Some(PathBuf::from(FOLDER)), beside_executable()]
        .into_iter()
        .flatten()
}

/// Returns the available scenarios by name: the stories that the program carries, and the files in `demo-scenarios` in
/// the working directory and beside the executable, which take the places of stories with the same name.
#[must_use]
pub fn library() -> Vec<LibraryEntry> {
    entries(folders())
}

/// Returns the stories that the program carries, and the files in these folders; the first folder wins if a name occurs
/// twice.
pub(crate) fn entries(folders: impl Iterator<Item = PathBuf>) -> Vec<LibraryEntry> {
    let mut paths: BTreeMap<String, PathBuf> = BTreeMap::new();
    for folder in folders {
        let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let files = files
            .map(|file| file.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .filter(|path| path.file_name().is_none_or(|name| name != SCHEMA));
        for path in files {
            let stem = path.file_stem().unwrap_or_default();
            let stem = stem.to_string_lossy().into_owned();
            paths.entry(stem).or_insert(path);
        }
    }
    for name in story_names() {
        paths.entry(name.to_owned()).or_insert_with(|| name.into());
    }
    let entries = paths.into_iter().map(|(stem, path)| LibraryEntry {
        name: Scenario::load(&path).map_or(stem, |scenario| scenario.name),
        path,
    });
    entries.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, folder: &Path) -> Source {
        Source::of(Path::new(path), std::iter::once(folder.to_owned()))
    }

    #[test]
    fn a_story_is_found_by_name_and_a_file_beside_it_counts_more() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["partition", "partition.json"] {
            assert!(matches!(
                source(name, folder.path()),
                Source::Story("partition", _)
            ));
        }
        let own = folder.path().join("partition.json");
        std::fs::write(&own, "{}").unwrap();
        assert_eq!(source("partition", folder.path()), Source::File(own));
        // Other names are paths, even if there is nothing.
        for path in ["./partition", "nothing", "/nowhere/partition.json"] {
            assert_eq!(source(path, folder.path()), Source::File(path.into()));
        }
    }

    #[test]
    fn a_name_that_nothing_has_is_answered_with_those_that_there_are() {
        let told = |path: &str| Scenario::load(Path::new(path)).unwrap_err().to_string();
        let nothing = told("nothing");
        assert!(nothing.contains("failover-kill, failover-unplug"), "{nothing}");
        let elsewhere = told("/nowhere/partition.json");
        assert!(elsewhere.ends_with("by its name alone: partition"), "{elsewhere}");
    }

    #[test]
    fn a_file_in_a_folder_takes_the_place_of_a_story() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("partition.json");
        std::fs::write(&own, "{}").unwrap();
        let entries = entries(std::iter::once(folder.path().to_owned()));
        assert_eq!(entries.len(), story_names().count());
        let paths: Vec<&Path> = entries.iter().map(|entry| entry.path.as_path()).collect();
        assert!(paths.contains(&own.as_path()) && !paths.contains(&Path::new("partition")));
        assert!(entries.iter().all(|entry| !entry.name.is_empty()));
    }

    #[test]
    fn a_pipe_is_read_only_if_somebody_may_wait_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let refused = Scenario::load(&pipe).unwrap_err().to_string();
        assert!(refused.ends_with("is not a file"), "{refused}");
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::write(pipe, story("partition").unwrap()).unwrap()
        });
        let read = Scenario::read(&pipe).unwrap();
        writer.join().unwrap();
        assert_eq!(read, Scenario::load(Path::new("partition")).unwrap());
    }

    #[test]
    fn what_another_editor_has_saved_is_read_or_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("scenario.json");
        let text = r#"{"name": "n", "components": [{"role": "pool-element", "capacity": 8.0}]}"#;
        std::fs::write(&file, format!("\u{feff}{text}")).unwrap();
        let marked = Scenario::load(&file).unwrap();
        assert_eq!(marked, Scenario::parse("", &text.replace("8.0", "8")).unwrap());
        std::fs::write(&file, b"\xff\xfe{\0}\0").unwrap();
        let wide = Scenario::load(&file).unwrap_err().to_string();
        assert!(wide.ends_with("save it as UTF-8"), "{wide}");
    }
}
