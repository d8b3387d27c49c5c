//! Counts messages.

use wire::Ppid;

/// The number of messages by protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Traffic {
    pub(crate) asap: u64,
    pub(crate) enrp: u64,
    pub(crate) application: u64,
}

impl Traffic {
    pub(crate) fn count(&mut self, ppid: Ppid) {
        match ppid {
            Ppid::ASAP => self.asap += 1,
            Ppid::ENRP => self.enrp += 1,
            _ => self.application += 1,
        }
    }
}
