//! The errors in a scenario file.

use std::fmt;

/// All errors in a scenario file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioErrors {
    /// The path of the file, as it was given.
    pub file: String,
    /// The problems, by line; at least one.
    pub problems: Vec<ScenarioProblem>,
}

/// A single problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioProblem {
    /// Line and column, counted from 1, if known.
    pub place: Option<(usize, usize)>,
    /// The member, such as `components[2].policy`; empty for the file as a whole.
    pub member: String,
    /// What is wrong, and what is allowed.
    pub what: String,
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

impl fmt::Display for ScenarioProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        if !self.member.is_empty() {
            write!(f, "{}: ", self.member)?;
        }
        f.write_str(&self.what)
    }
}
