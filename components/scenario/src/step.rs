//! The steps of a scenario.

use serde::{Deserialize, Serialize};

use super::{Condition, StepAction};

/// One step: when its time has come and its condition holds, it says something, does something and expects something.
/// The next step's turn comes when all that this one expects has been decided.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Step {
    /// Its name, unique, for others to refer to.
    pub name: Option<String>,
    /// Not before this time, seconds since the first step's turn came.
    pub at_s: Option<f64>,
    /// Not before this time, seconds since the step before was over: time to read, to see.
    pub after_s: Option<f64>,
    /// Not before this holds.
    pub when: Option<Condition>,
    /// How long `when` may take, seconds; 60 when absent. Then the demonstration has failed.
    pub within_s: Option<f64>,
    /// What the audience is told.
    pub say: Option<String>,
    /// The section that it shows, such as `RFC 5352 section 3.5`.
    pub rfc: Option<String>,
    /// What is done, in this order and all at once.
    #[serde(rename = "do", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    pub actions: Vec<StepAction>,
    /// What is expected to come of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    pub expect: Vec<Expectation>,
    /// Once it is over, go back.
    pub repeat: Option<Repeat>,
}

/// Something that must come true.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Expectation {
    /// What.
    pub that: Condition,
    /// Within this time, seconds; 10 when absent.
    pub within_s: Option<f64>,
    /// And then it must hold for so long, seconds.
    pub for_s: Option<f64>,
    /// The same in words for the audience.
    pub say: Option<String>,
}

/// Going back to a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Repeat {
    /// Name of the step to go back to: this one or one before.
    pub from: String,
    /// How often.
    pub times: u32,
}

impl Step {
    /// The most steps of a scenario.
    pub const STEPS: usize = 500;
    /// The most actions of a step.
    pub(crate) const ACTIONS: usize = 100;
    /// The most expectations of a step.
    pub(crate) const EXPECTATIONS: usize = 50;
    /// The longest narration, in characters.
    pub(crate) const SAY: usize = 600;
    /// The longest time, in seconds: a day.
    pub(crate) const SECONDS: f64 = 86_400.0;
    /// The most times that steps are repeated.
    pub(crate) const TIMES: u32 = 100_000;
    /// How long `when` may take, in seconds.
    pub const WITHIN_S: f64 = 60.0;
}

impl Expectation {
    /// How long it may take, in seconds.
    pub const WITHIN_S: f64 = 10.0;

    /// What is expected, in words.
    #[must_use]
    pub fn words(&self) -> String {
        self.say.clone().unwrap_or_else(|| self.that.to_string())
    }
}
