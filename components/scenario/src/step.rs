//! The steps of a scenario.

use serde::{Deserialize, Serialize};

use super::{Condition, Disturbance, Say, StepAction, Who};

/// One step: when its time has come and its condition holds, it says something, carries out its actions and has
/// expectations. The next step's turn comes when all expectations of this one have been decided.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Step {
    /// Its unique name, for references by other steps.
    pub name: Option<String>,
    /// The earliest time, in seconds since the first step's turn came.
    pub at_s: Option<f64>,
    /// The earliest time, in seconds since the previous step was over; leaves the audience time to read and to
    /// watch.
    pub after_s: Option<f64>,
    /// The condition to wait for.
    pub when: Option<Condition>,
    /// How long `when` may take, in seconds; 60 when absent. After that, the demonstration has failed.
    pub within_s: Option<f64>,
    /// The narration for the audience: a text, or a list of sentences of which some are told once they are true.
    pub say: Option<Say>,
    /// Notes for the presenter, which the audience does not see.
    pub notes: Option<String>,
    /// The components that the narration is about. When absent, they are those that the step selects, and those that
    /// the narration names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    pub actors: Vec<Who>,
    /// The RFC section that it shows, such as `RFC 5352 section 3.5`.
    pub rfc: Option<String>,
    /// The actions, carried out in this order and all at once.
    #[serde(rename = "do", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    pub actions: Vec<StepAction>,
    /// The expected effects of the actions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    pub expect: Vec<Expectation>,
    /// Whether to go back once it is over.
    pub repeat: Option<Repeat>,
}

/// Something that must come true.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Expectation {
    /// The condition.
    pub that: Condition,
    /// The time within which it must come true, in seconds; 10 when absent.
    pub within_s: Option<f64>,
    /// How long it must hold after that, in seconds.
    pub for_s: Option<f64>,
    /// The expectation in words for the audience.
    pub say: Option<String>,
}

/// A jump back to a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Repeat {
    /// Name of the step to go back to: this one or an earlier one.
    pub from: String,
    /// The number of repetitions.
    pub times: u32,
}

impl Step {
    /// The maximum number of steps in a scenario.
    pub const STEPS: usize = 500;
    /// The maximum number of actions of a step.
    pub(crate) const ACTIONS: usize = 100;
    /// The maximum number of expectations of a step.
    pub(crate) const EXPECTATIONS: usize = 50;
    /// The maximum length of the notes, in characters.
    pub(crate) const NOTES: usize = 2_000;
    /// The maximum number of selections of actors.
    pub(crate) const ACTORS: usize = 20;
    /// The maximum length of a narration, in characters.
    pub(crate) const SAY: usize = 600;
    /// The maximum of all times, in seconds: a day.
    pub(crate) const SECONDS: f64 = 86_400.0;
    /// The maximum number of repetitions.
    pub(crate) const TIMES: u32 = 100_000;
    /// The maximum number of sentences of a narration.
    pub(crate) const SENTENCES: usize = 20;
    /// The default of `within_s` for `when`, in seconds.
    pub const WITHIN_S: f64 = 60.0;

    /// Returns how its actions disturb the pictures that are being served.
    #[must_use]
    pub fn disturbance(&self) -> Disturbance {
        let each = self.actions.iter().map(StepAction::disturbance);
        each.max().unwrap_or(Disturbance::None)
    }

    /// Calls a function with every selection of components in its conditions, its actions and its expectations.
    pub fn each_who<'a>(&'a self, each: &mut dyn FnMut(&'a Who)) {
        self.when.iter().for_each(|when| when.each_who(each));
        self.actions.iter().for_each(|action| action.each_who(each));
        let said = self.say.iter().flat_map(Say::conditions);
        said.for_each(|condition| condition.each_who(each));
        self.expect
            .iter()
            .for_each(|expectation| expectation.that.each_who(each));
    }
}

impl Expectation {
    /// The default of `within_s`, in seconds.
    pub const WITHIN_S: f64 = 10.0;

    /// Returns the expectation in words.
    #[must_use]
    pub fn words(&self) -> String {
        self.say.clone().unwrap_or_else(|| self.that.to_string())
    }
}
