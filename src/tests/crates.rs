//! The crates and their dependencies, as documented in the README.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Dependencies = BTreeMap<String, BTreeSet<String>>;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns our crates with their dependencies on each other, without those of their tests.
fn of_the_manifests() -> Dependencies {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("components");
    let entries = std::fs::read_dir(folder).expect("the folder of the crates");
    let crates: BTreeSet<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let dependencies = |manifest: &str| {
        let lines = manifest
            .lines()
            .skip_while(|line| *line != "[dependencies]")
            .skip(1);
        let lines = lines.take_while(|line| !line.starts_with('['));
        let names = lines.filter_map(|line| line.split(['.', ' ', '=']).next());
        names
            .filter(|name| crates.contains(*name))
            .map(str::to_owned)
            .collect()
    };
    let components = crates.iter().map(|name| {
        (
            name.clone(),
            dependencies(&read(&format!("components/{name}/Cargo.toml"))),
        )
    });
    components
        .chain([("poolscope".to_owned(), dependencies(&read("Cargo.toml")))])
        .collect()
}

/// Parses the README's table of crates: `| name | dependencies | what it must not do |`.
fn of_the_readme() -> Dependencies {
    let readme = read("README.md");
    let rows = readme
        .lines()
        .skip_while(|line| !line.starts_with("| crate | depends on |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let words = |cell: &str| -> BTreeSet<String> {
        let words = cell.split(|character: char| !character.is_ascii_alphanumeric() && character != '-');
        words
            .filter(|word| !word.is_empty() && *word != "-")
            .map(str::to_owned)
            .collect()
    };
    rows.map(|row| {
        let mut cells = row.split('|').skip(1);
        let name = words(cells.next().unwrap_or_default());
        (
            name.into_iter().collect(),
            words(cells.next().unwrap_or_default()),
        )
    })
    .collect()
}

#[test]
fn the_readme_names_exactly_the_dependencies_that_there_are() {
    assert_eq!(of_the_readme(), of_the_manifests());
}
