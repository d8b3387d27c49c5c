//! The stories that the program carries.

use std::path::{Component, Path};

macro_rules! stories {
    ($($name:literal,)*) => {
        /// Their names and texts, by name.
        const STORIES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../../demo-scenarios/", $name, ".json"))),)*
        ];
    };
}

stories! {
    "all-gone-and-back",
    "auto-configuration",
    "crowd",
    "default",
    "degradation",
    "failover-clean-stop",
    "failover-freeze",
    "failover-kill",
    "failover-unplug",
    "fresh-load",
    "hour-of-churn",
    "lossy-network",
    "partition",
    "policies-equal-pool",
    "policies-unequal-pool",
    "registrar-takeover",
    "rising-load",
    "rolling-restart",
    "stand-by",
    "two-policies",
}

/// Returns the names of the stories that the program carries.
pub fn story_names() -> impl Iterator<Item = &'static str> {
    STORIES.iter().map(|(name, _)| *name)
}

/// Returns the text of a story.
pub(crate) fn story(name: &str) -> Option<&'static str> {
    let (_, text) = STORIES.iter().find(|(story, _)| *story == name)?;
    Some(text)
}

/// Returns the name of the story that a path may mean: a name alone, with or without `.json`.
pub(crate) fn name_in(path: &Path) -> Option<&str> {
    let mut parts = path.components();
    let (Some(Component::Normal(name)), None) = (parts.next(), parts.next()) else {
        return None;
    };
    let name = name.to_str()?;
    Some(name.strip_suffix(".json").unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Scenario;

    #[test]
    fn all_files_of_the_folder_are_carried() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo-scenarios");
        let files = std::fs::read_dir(folder)
            .unwrap()
            .flatten()
            .map(|file| file.path());
        let there: BTreeSet<String> = files
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
            .filter(|name| name != "schema")
            .collect();
        let carried: BTreeSet<String> = story_names().map(str::to_owned).collect();
        assert_eq!(carried, there);
        for name in story_names() {
            Scenario::parse(name, story(name).unwrap()).unwrap();
        }
    }

    #[test]
    fn a_name_is_told_from_a_path() {
        for (path, expected) in [
            ("partition", Some("partition")),
            ("partition.json", Some("partition")),
            ("folder/partition", None),
            ("/partition", None),
            ("..", None),
            ("", None),
        ] {
            assert_eq!(name_in(Path::new(path)), expected, "{path}");
        }
    }
}
