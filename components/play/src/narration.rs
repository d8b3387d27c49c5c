//! The narration: what has been told of the current step, each sentence once it is true.

use feed::Timestamp;
use model::Model;
use serde::{Deserialize, Serialize};

use crate::evaluate::Verdict;
use crate::record::ToldSentence;
use crate::{LATER, Play, milliseconds};
use scenario::{Say, Step};

/// The sentences that have been told of a step.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Told {
    /// Whether each sentence has been told.
    sentences: Vec<bool>,
    text: String,
    begun: Timestamp,
}

impl Play {
    /// Returns the current narration, and the RFC section that belongs to it.
    #[must_use]
    pub fn narration(&self) -> Option<(&str, Option<&str>)> {
        let step = self.narrating()?;
        Some((self.told.text.as_str(), step.rfc.as_deref()))
    }

    /// Returns what has been told of a step or, before its turn, what will be told in any case.
    #[must_use]
    pub fn text_of(&self, position: usize) -> Option<String> {
        let say = self.steps.get(position)?.say.as_ref()?;
        let sentences: Vec<&str> = match self.record_of(position) {
            Some(record) => record.told.iter().map(|told| told.text.as_str()).collect(),
            None => {
                let known = say.sentences().filter(|(_, condition)| condition.is_none());
                known.map(|(text, _)| text).collect()
            }
        };
        Some(sentences.join(" "))
    }

    /// Returns the latest step that has said something.
    fn narrating(&self) -> Option<&Step> {
        let told = self.steps.get(..=self.narration?)?;
        told.iter().rev().find(|step| step.say.is_some())
    }

    /// A step begins: its narration, if it has one, replaces the previous one.
    pub(super) fn begin_to_tell(&mut self, now: Timestamp) {
        let Some(say) = self.steps.get(self.turn).and_then(|step| step.say.as_ref()) else {
            return;
        };
        self.told = Told {
            sentences: vec![false; say.sentences().count()],
            text: String::new(),
            begun: now,
        };
        self.tell_what(now, |condition| condition.is_none());
        self.wake_at(Some(now + LATER));
    }

    /// Tells the sentences that have become true.
    pub(super) fn tell(&mut self, now: Timestamp, model: &Model) {
        // Commands take effect through the model: what holds at the very instant of the step held before.
        if now == self.told.begun || self.told.sentences.iter().all(|told| *told) {
            return;
        }
        let holds: Vec<bool> = {
            let context = self.context(model).expecting();
            let say = self.narrating().and_then(|step| step.say.as_ref());
            let sentences = say.into_iter().flat_map(Say::sentences);
            let conditions = sentences.map(|(_, condition)| condition);
            conditions
                .map(|condition| {
                    condition.is_none_or(|condition| context.evaluate(condition).verdict == Verdict::Holds)
                })
                .collect()
        };
        let mut holds = holds.into_iter();
        self.tell_what(now, |_| holds.next().unwrap_or(false));
    }

    fn tell_what(&mut self, now: Timestamp, mut is_true: impl FnMut(Option<&scenario::Condition>) -> bool) {
        let told = self.narration.and_then(|at| self.steps.get(..=at));
        let step = told.and_then(|told| told.iter().rev().find(|step| step.say.is_some()));
        let Some(say) = step.and_then(|step| step.say.as_ref()) else {
            return;
        };
        let mut text = String::new();
        let after_ms = milliseconds(now - self.told.begun);
        for ((sentence, condition), told) in say.sentences().zip(&mut self.told.sentences) {
            let holds = is_true(condition);
            if holds && !*told {
                *told = true;
                self.records.told(ToldSentence {
                    text: sentence.to_owned(),
                    because: condition.map(ToString::to_string),
                    after_ms,
                });
            }
            if *told {
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(sentence);
            }
        }
        self.told.text = text;
    }
}
