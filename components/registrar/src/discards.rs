//! Messages that were not processed: logged once for each sender and reason, whatever a peer goes on sending.

use std::collections::BTreeSet;

use protocol::AssociationId;
use tracing::warn;

/// Who has sent what for which reason.
#[derive(Debug, Default)]
pub(crate) struct Discards {
    logged: BTreeSet<(Option<AssociationId>, String)>,
    full: bool,
}

/// Senders and reasons that are remembered.
const MOST_LOGGED: usize = 256;

impl Discards {
    /// Logs a discarded message unless one like it has been logged before.
    pub(crate) fn log(&mut self, association: Option<AssociationId>, why: String) {
        let key = (association, why);
        if self.logged.contains(&key) {
            return;
        }
        if self.logged.len() >= MOST_LOGGED {
            if !std::mem::replace(&mut self.full, true) {
                warn!("too many reasons to discard messages: further ones are not logged");
            }
            return;
        }
        let sender = match association {
            Some(association) => format!("association {}", association.number()),
            None => "multicast".into(),
        };
        warn!(
            "{sender}: a message was discarded: {} (logged once for this sender)",
            key.1
        );
        self.logged.insert(key);
    }

    /// An association is gone; its name does not come back.
    pub(crate) fn forget(&mut self, association: AssociationId) {
        self.logged.retain(|(sender, _)| *sender != Some(association));
        self.full = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_s_reasons_are_remembered_while_it_is_there_and_only_so_many() {
        let mut discards = Discards::default();
        let sender = AssociationId::incoming(1);
        for number in 0..2 * MOST_LOGGED {
            discards.log(Some(sender), number.to_string());
            discards.log(Some(sender), "again".into());
        }
        assert_eq!(discards.logged.len(), MOST_LOGGED);
        assert!(discards.full);
        discards.log(None, "again".into());
        discards.forget(sender);
        assert!(discards.logged.is_empty() && !discards.full);
        discards.log(None, "again".into());
        assert_eq!(discards.logged.len(), 1);
    }
}
