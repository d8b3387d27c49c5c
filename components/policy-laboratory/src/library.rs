//! The experiments that the program carries.

/// The maximum size of an experiment's file, in bytes.
pub const LARGEST_FILE: u64 = 1 << 20;

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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::Experiment;

    #[test]
    fn all_files_of_the_folder_are_carried_and_can_be_simulated() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo-scenarios/laboratory");
        let files = std::fs::read_dir(folder)
            .unwrap()
            .flatten()
            .map(|file| file.path());
        let there: BTreeSet<String> = files
            .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        let carried: BTreeSet<String> = ready_experiments().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(carried, there);
        for (name, text) in ready_experiments() {
            Experiment::parse(name, text).unwrap();
        }
    }
}
