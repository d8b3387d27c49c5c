//! The errors in a scenario file.

use std::fmt;

use json_file::Problem;

/// All errors in a scenario file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioErrors {
    /// The path of the file, as it was given.
    pub file: String,
    /// The problems, by line; at least one.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ScenarioErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        match self.problems.as_slice() {
            [only] => write!(f, ": {only}"),
            all => all.iter().try_for_each(|problem| write!(f, "\n  {problem}")),
        }
    }
}

impl std::error::Error for ScenarioErrors {}
