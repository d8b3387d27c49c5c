//! Counts messages by name, and pictures, from step to step, since the model does not keep these counts.

use std::collections::{BTreeMap, BTreeSet};

use feed::Timestamp;
use model::{ComponentId, Model, bounded};
use scenario::{Condition, Say, Step};
use serde::{Deserialize, Serialize};

/// Counts since the latest step.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    /// Names of messages that appear in conditions.
    names: BTreeSet<String>,
    #[serde(deserialize_with = "bounded::count")]
    next_number: u64,
    mark: Timestamp,
    messages: BTreeMap<Seen, u32>,
    pictures: BTreeMap<ComponentId, Pictures>,
}

/// A message by its name and its two ends.
type Seen = (String, Option<ComponentId>, Option<ComponentId>);

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Pictures {
    /// All complete pictures at the latest observation.
    #[serde(deserialize_with = "bounded::count")]
    seen: u64,
    /// Complete pictures since the latest step.
    #[serde(deserialize_with = "bounded::count")]
    complete: u64,
}

impl Tally {
    pub(super) fn new(steps: &[Step]) -> Self {
        let mut names = BTreeSet::new();
        for step in steps {
            let expected = step.expect.iter().map(|expectation| &expectation.that);
            let said = step.say.iter().flat_map(Say::conditions);
            step.when
                .iter()
                .chain(expected)
                .chain(said)
                .for_each(|condition| collect(condition, &mut names));
        }
        Self {
            names,
            ..Self::default()
        }
    }

    /// Restarts counting.
    pub(super) fn mark(&mut self, at: Timestamp) {
        self.mark = at;
        self.messages.clear();
        self.pictures
            .values_mut()
            .for_each(|pictures| pictures.complete = 0);
    }

    /// Counts what is new in the model.
    pub(super) fn observe(&mut self, model: &Model) {
        let from = std::mem::replace(&mut self.next_number, model.messages.next_number);
        if !self.names.is_empty() {
            let records = &model.messages.records;
            let new = model.messages.next_number.saturating_sub(from);
            let new = usize::try_from(new).unwrap_or(usize::MAX).min(records.len());
            for record in records.range(records.len() - new..) {
                if self.names.contains(&record.name) && record.at >= self.mark {
                    let seen = (record.name.clone(), record.from, record.to);
                    let count = self.messages.entry(seen).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
        for component in model.components.values() {
            let complete = component.pictures.complete;
            if complete > 0 {
                let pictures = self.pictures.entry(component.id).or_default();
                let seen = std::mem::replace(&mut pictures.seen, complete);
                pictures.complete += complete.saturating_sub(seen);
            }
        }
    }

    /// Returns the number of pictures that a pool user has completed.
    pub(super) fn pictures(&self, user: ComponentId) -> u64 {
        self.pictures.get(&user).map_or(0, |pictures| pictures.complete)
    }

    /// Returns the number of messages with this name between these components.
    pub(super) fn messages(
        &self,
        name: &str,
        from: impl Fn(Option<ComponentId>) -> bool,
        to: impl Fn(Option<ComponentId>) -> bool,
    ) -> u32 {
        let matching = self
            .messages
            .iter()
            .filter(|((seen, sender, receiver), _)| seen == name && from(*sender) && to(*receiver));
        matching.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }
}

fn collect(condition: &Condition, names: &mut BTreeSet<String>) {
    match condition {
        Condition::All(list) | Condition::Any(list) => {
            list.iter().for_each(|part| collect(part, names));
        }
        Condition::Not(part) => collect(part, names),
        Condition::MessageSeen { name, .. } => {
            names.insert(name.clone());
        }
        _ => {}
    }
}
