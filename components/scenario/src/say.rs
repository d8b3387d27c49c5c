//! The narration of a step.

use serde::ser::{Serialize, Serializer};

use super::Condition;

/// The narration of a step: sentences, of which some are only told once they are true.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(untagged))]
pub enum Say {
    /// A text that is true in any case.
    Text(String),
    /// Sentences, told in this order, each once its condition holds.
    Sentences(Vec<Sentence>),
}

/// A part of a narration.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(untagged))]
pub enum Sentence {
    /// It is told when the step begins.
    Always(String),
    /// It is told once a condition holds, and stays.
    Once(Once),
}

/// A sentence that must be true when it is told.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Once {
    /// What must have been measured: only events since the step was carried out count.
    pub when: Condition,
    /// The sentence.
    pub text: String,
}

impl Say {
    /// Returns its sentences with their conditions.
    pub fn sentences(&self) -> impl Iterator<Item = (&str, Option<&Condition>)> {
        let (text, sentences) = match self {
            Self::Text(text) => (Some((text.as_str(), None)), &[][..]),
            Self::Sentences(sentences) => (None, sentences.as_slice()),
        };
        let sentences = sentences.iter().map(|sentence| match sentence {
            Sentence::Always(text) => (text.as_str(), None),
            Sentence::Once(once) => (once.text.as_str(), Some(&once.when)),
        });
        text.into_iter().chain(sentences)
    }

    /// Returns the conditions of its sentences.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.sentences().filter_map(|(_, when)| when)
    }

    /// Returns the sentences that may be told together as one text: of several that each name another cause, the
    /// longest.
    #[must_use]
    pub fn whole(&self) -> String {
        let mut sentences: Vec<(&str, bool)> = Vec::new();
        for (text, when) in self.sentences() {
            let names_cause = matches!(
                when,
                Some(Condition::FailureNoticed { .. } | Condition::ConsideredDead { .. })
            );
            match sentences.last_mut() {
                Some((before, true)) if names_cause => {
                    if text.len() > before.len() {
                        *before = text;
                    }
                }
                _ => sentences.push((text, names_cause)),
            }
        }
        let sentences: Vec<&str> = sentences.into_iter().map(|(text, _)| text).collect();
        sentences.join(" ")
    }
}

impl From<&str> for Say {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl Serialize for Say {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Sentences(sentences) => sentences.serialize(serializer),
        }
    }
}

impl Serialize for Sentence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Always(text) => serializer.serialize_str(text),
            Self::Once(once) => once.serialize(serializer),
        }
    }
}
