//! Logs the events of the core to standard error.

use std::collections::BTreeSet;

use events::{AssociationId, Identifiers, Level, Occurrence};
use tracing::{debug, info, warn};

/// Logs each event as a sentence, with the identifiers of components in the protocols.
pub(crate) struct EventLog {
    /// The name of this component.
    own: String,
    repetitions: Repetitions,
}

impl EventLog {
    pub(crate) fn new(component: feed::ComponentIdentity) -> Self {
        let own = match component {
            feed::ComponentIdentity::Registrar(identifier) => format!("PR {identifier}"),
            feed::ComponentIdentity::PoolElement(identifier) => format!("PE {identifier}"),
            feed::ComponentIdentity::PoolUser(identifier) => format!("PU {identifier}"),
        };
        Self {
            own,
            repetitions: Repetitions::default(),
        }
    }

    pub(crate) fn write(&mut self, event: &impl Occurrence) {
        let level = event.level();
        let enabled = match level {
            Level::Debug => tracing::enabled!(tracing::Level::DEBUG),
            Level::Info => tracing::enabled!(tracing::Level::INFO),
            Level::Warning => tracing::enabled!(tracing::Level::WARN),
        };
        if !enabled {
            return;
        }
        let own = &self.own;
        let sentence = event.sentence(&Identifiers);
        match (level, event.caused_at_will()) {
            (Level::Debug, _) => debug!("{own} {sentence}"),
            (Level::Info, None) => info!("{own} {sentence}"),
            (Level::Warning, None) => warn!("{own} {sentence}"),
            (Level::Info | Level::Warning, Some(sender)) => {
                match self.repetitions.note(sender.association(), &sentence) {
                    Repetition::New => warn!("{own} {sentence} (logged once for this sender)"),
                    Repetition::Known => {}
                    Repetition::Full => warn!("{own} has too much to complain about: the rest is not logged"),
                }
            }
        }
    }

    /// Forgets an association that ended; its identifier is not reused.
    pub(crate) fn forget(&mut self, association: AssociationId) {
        self.repetitions.forget(association);
    }
}

/// The sentences that senders have caused so far, since they may cause them as often as they like.
#[derive(Debug, Default)]
struct Repetitions {
    noted: BTreeSet<(Option<AssociationId>, String)>,
    full: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Repetition {
    New,
    Known,
    /// It is new, but there is no room; returned once.
    Full,
}

/// The maximum number of sender and sentence pairs that are remembered.
const MOST_NOTED: usize = 256;

impl Repetitions {
    fn note(&mut self, sender: Option<AssociationId>, sentence: &str) -> Repetition {
        let key = (sender, sentence.to_owned());
        if self.noted.contains(&key) {
            return Repetition::Known;
        }
        if self.noted.len() >= MOST_NOTED {
            let known = std::mem::replace(&mut self.full, true);
            return if known {
                Repetition::Known
            } else {
                Repetition::Full
            };
        }
        self.noted.insert(key);
        Repetition::New
    }

    fn forget(&mut self, association: AssociationId) {
        self.noted.retain(|(sender, _)| *sender != Some(association));
        self.full = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sender_causes_is_remembered_while_it_is_there_and_only_so_much() {
        let mut repetitions = Repetitions::default();
        let sender = AssociationId::incoming(1);
        let mut full = 0;
        for number in 0..2 * MOST_NOTED {
            let noted = repetitions.note(Some(sender), &number.to_string());
            full += usize::from(noted == Repetition::Full);
            repetitions.note(Some(sender), "again");
        }
        assert_eq!((repetitions.noted.len(), full), (MOST_NOTED, 1));
        assert_eq!(repetitions.note(None, "again"), Repetition::Known);
        repetitions.forget(sender);
        assert_eq!(repetitions.note(None, "again"), Repetition::New);
        assert_eq!(repetitions.note(None, "again"), Repetition::Known);
    }
}
