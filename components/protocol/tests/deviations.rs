//! The index of deviations is complete: it contains every number in the sources, and each entry is where it says.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside of #[test] functions"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const INDEX: &str = include_str!("../DEVIATIONS.md");

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the numbers of deviations in a text.
fn numbers(text: &str) -> BTreeSet<&str> {
    let starts = text.match_indices("D-").map(|(at, _)| at);
    let word = |at: usize| {
        text[..at]
            .chars()
            .next_back()
            .is_none_or(|before| !before.is_alphanumeric())
    };
    starts
        .filter(|at| word(*at))
        .filter_map(|at| text.get(at..at + 4))
        .filter(|number| number[2..].bytes().all(|digit| digit.is_ascii_digit()))
        .collect()
}

/// Returns the files that the index names for each deviation.
fn index() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let entries = INDEX.split("\n## ").skip(1);
    let entry = |entry: &'static str| {
        let places = entry.split("- Where: ").nth(1).expect("an entry says where");
        (&entry[..4], places.split('`').skip(1).step_by(2).collect())
    };
    entries.map(entry).collect()
}

/// Reads all sources and documents below a folder, by their paths in the repository.
fn read(folder: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(repository().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{folder}/{name}");
        if entry.file_type().unwrap().is_dir() {
            if name != "target" && !name.starts_with('.') {
                read(&path, files);
            }
        } else if [".rs", ".md", ".toml"].iter().any(|end| name.ends_with(end)) && name != "DEVIATIONS.md" {
            files.insert(path, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for folder in ["components", "src"] {
        read(folder, &mut files);
    }
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    files.insert("README.md".to_owned(), readme);
    files
}

#[test]
fn every_number_in_a_source_is_in_the_index_with_its_place() {
    let index = index();
    let mut mentions = 0;
    for (path, text) in files()
        .iter()
        .filter(|(path, _)| !path.ends_with("tests/deviations.rs"))
    {
        for number in numbers(text) {
            let places = index.get(number);
            let places = places.unwrap_or_else(|| panic!("{number} of {path} is not in the index"));
            // Tests and documents may refer to deviations that are implemented elsewhere.
            let makes_it = path.contains("/src/") && path.ends_with(".rs");
            assert!(
                !makes_it || places.contains(path.as_str()),
                "{number} does not name {path}"
            );
            mentions += 1;
        }
    }
    assert!(mentions > 50, "{mentions} mentions");
}

#[test]
fn every_place_in_the_index_is_there_and_says_so() {
    let files = files();
    for (number, places) in index() {
        assert!(!places.is_empty(), "{number} is nowhere");
        for place in places {
            let text = files
                .get(place)
                .unwrap_or_else(|| panic!("{number}: there is no {place}"));
            assert!(
                numbers(text).contains(number),
                "{place} does not mention {number}"
            );
        }
    }
}

#[test]
fn the_index_is_complete_and_in_order() {
    let in_order: Vec<String> = (1..=index().len())
        .map(|number| format!("D-{number:02}"))
        .collect();
    let headings = INDEX.split("\n## ").skip(1).map(|entry| &entry[..4]);
    assert_eq!(headings.collect::<Vec<_>>(), in_order);
    for entry in INDEX.split("\n## ").skip(1) {
        for part in ["- RFC: ", "- rsplib: ", "- Here: ", "- Why: ", "- Where: "] {
            assert!(entry.contains(part), "{entry} has no {part}");
        }
    }
}
