//! The peer list as reported to a control centre.

use std::time::Duration;

use feed::{Event, PeerEntry};
use protocol::{Registrar, Time};

/// Reports the peer list when it has changed: soon after a change in the core, and also at intervals, since
/// checksums change with every presence and every change of the handlespace.
#[derive(Debug, Default)]
pub(crate) struct PeersReport {
    reported: Vec<PeerEntry>,
    /// When it was reported last.
    last: Time,
    /// When to check again.
    next: Time,
}

/// The minimum time between two reports.
const SHORTEST: Duration = Duration::from_millis(50);
/// The time between two checks.
const INTERVAL: Duration = Duration::from_millis(200);

impl PeersReport {
    /// The core's peer list changed.
    pub(crate) fn note_change(&mut self, now: Time) {
        self.next = now.max(self.last + SHORTEST);
    }

    /// Returns when to check again, if there are peers.
    pub(crate) fn poll_timeout(&self, registrar: &Registrar) -> Option<Time> {
        let somebody = !self.reported.is_empty() || registrar.peers().next().is_some();
        somebody.then_some(self.next)
    }

    /// Returns the event to report at this time, if any.
    pub(crate) fn poll_event(&mut self, now: Time, registrar: &Registrar) -> Option<Event> {
        if now < self.next {
            return None;
        }
        self.next = now + INTERVAL;
        let peers = describe(registrar);
        if peers == self.reported {
            return None;
        }
        self.last = now;
        self.reported.clone_from(&peers);
        Some(Event::Peers { peers })
    }
}

fn describe(registrar: &Registrar) -> Vec<PeerEntry> {
    let handlespace = registrar.handlespace();
    let entry = |peer: &protocol::registrar::PeerRegistrar| PeerEntry {
        identifier: peer.identifier(),
        state: peer.state(),
        association: peer.association(),
        announced_checksum: peer.announced_checksum(),
        local_checksum: handlespace.checksum(peer.identifier()),
        pool_elements: u32::try_from(handlespace.owned_count(peer.identifier())).unwrap_or(u32::MAX),
    };
    registrar.peers().map(entry).collect()
}
