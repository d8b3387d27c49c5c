//! The audit by PE checksum, and the synchronization that repairs differences (RFC 5353 section 3.7).

use std::collections::BTreeSet;
use std::time::Duration;

use wire::RegistrarIdentifier;
use wire::enrp::{HandleTableRequest, HandleTableResponse};

use super::handle_table::{Download, Part};
use super::peers::Link;
use super::{ElementKey, Event, Phase, Registrar, RemovalReason, SynchronizationProgress, Timer, count};
use crate::Time;

/// The maximum pause between synchronizations that change nothing, in heartbeats.
const LONGEST_PAUSE: u32 = 16;

/// A peer's checksum, and when it may trigger a synchronization.
///
/// Permanent differences are possible although nothing is missing: a peer may list what cannot be stored here, or
/// lie. The pauses between unsuccessful attempts grow, so that they cost little.
#[derive(Debug)]
pub(super) struct Audit {
    /// The checksum in the peer's last presence.
    announced: Option<u16>,
    not_before: Time,
    pause: u32,
}

impl Audit {
    pub(super) const fn new() -> Self {
        Self {
            announced: None,
            not_before: Time::ZERO,
            pause: 0,
        }
    }

    pub(super) const fn announced(&self) -> Option<u16> {
        self.announced
    }
}

impl Registrar {
    /// Compares the checksum in a peer's presence with that of the local copy.
    pub(super) fn audit(&mut self, now: Time, registrar: RegistrarIdentifier, checksum: u16) {
        let local = self.handlespace.checksum(registrar);
        let serving = matches!(self.phase, Phase::Serving);
        let Some(peer) = self.peers.get_mut(registrar) else {
            return;
        };
        peer.audit.announced = Some(checksum);
        if checksum == local {
            peer.audit.pause = 0;
            return;
        }
        if serving && now >= peer.audit.not_before && !self.is_synchronizing(registrar) {
            self.synchronize(now, registrar);
        }
    }

    pub(super) fn is_synchronizing(&self, registrar: RegistrarIdentifier) -> bool {
        let peer = self.peers.get(registrar);
        peer.is_some_and(
            |peer| matches!(&peer.link, Link::Up(connection) if connection.synchronization.is_some()),
        )
    }

    fn synchronize(&mut self, now: Time, registrar: RegistrarIdentifier) {
        let owned = self.handlespace.owned_after(registrar, None);
        let marked: BTreeSet<ElementKey> = owned
            .map(|(handle, element)| (handle.clone(), element.identifier))
            .collect();
        let Some(connection) = self.peers.connection_mut(registrar) else {
            return;
        };
        connection.synchronization = Some(Download::new(true, marked));
        self.progressed(registrar, SynchronizationProgress::Started);
        self.ask_for_table(now, registrar);
    }

    fn ask_for_table(&mut self, now: Time, registrar: RegistrarIdentifier) {
        let own_children_only = true;
        self.send_enrp(registrar, HandleTableRequest { own_children_only });
        let deadline = now + self.config.max_time_no_response;
        self.timers.set(Timer::Synchronization(registrar), deadline);
    }

    pub(super) fn handle_synchronization_table(
        &mut self,
        now: Time,
        from: RegistrarIdentifier,
        response: HandleTableResponse,
    ) {
        let Some(mut download) = self.take_synchronization(from) else {
            return;
        };
        self.timers.clear(&Timer::Synchronization(from));
        if response.rejected {
            self.synchronization_failed(now, from);
            return;
        }
        match self.take_part(now, from, &mut download, response) {
            Part::More => {
                if let Some(connection) = self.peers.connection_mut(from) {
                    connection.synchronization = Some(download);
                }
                self.ask_for_table(now, from);
            }
            Part::Last => {
                let removed = self.remove_marked(now, from, &download);
                self.synchronized(now, from, download.added, removed);
            }
            Part::Endless => {
                if let Some(association) = self.peers.association(from) {
                    self.complain(association, "handle table without end");
                }
                self.synchronization_failed(now, from);
            }
        }
    }

    /// Removes what the owner does not list, unless it has got another owner in the meantime.
    fn remove_marked(&mut self, now: Time, owner: RegistrarIdentifier, download: &Download) -> usize {
        let mut removed = 0;
        for key in &download.marked {
            if self.owner_of(key) == Some(owner) {
                self.remove_foreign(now, key, RemovalReason::NotListedByOwner);
                removed += 1;
            }
        }
        removed
    }

    fn synchronized(&mut self, now: Time, registrar: RegistrarIdentifier, added: usize, removed: usize) {
        let vain = added + removed == 0;
        let cycle = self.config.peer_heartbeat_cycle;
        if let Some(peer) = self.peers.get_mut(registrar) {
            peer.audit.pause = if vain {
                (peer.audit.pause * 2).clamp(1, LONGEST_PAUSE)
            } else {
                0
            };
            // Less than whole heartbeats, since synchronizations are triggered by presences; but always some time,
            // since there may be any number of those.
            peer.audit.not_before = now + cycle * (peer.audit.pause * 3).max(1) / 4;
        }
        self.progressed(
            registrar,
            SynchronizationProgress::Finished {
                added: count(added),
                removed: count(removed),
            },
        );
    }

    pub(super) fn synchronization_timed_out(&mut self, now: Time, registrar: RegistrarIdentifier) {
        if self.take_synchronization(registrar).is_some() {
            self.synchronization_failed(now, registrar);
        }
    }

    fn take_synchronization(&mut self, registrar: RegistrarIdentifier) -> Option<Download> {
        self.peers.connection_mut(registrar)?.synchronization.take()
    }

    /// There is room for pool elements or pools that did not fit before: synchronizations that were unsuccessful may
    /// succeed now, and wait no longer than after any other one.
    pub(super) fn room_was_made(&mut self, now: Time) {
        let due = now + self.config.peer_heartbeat_cycle * 3 / 4;
        for peer in self.peers.iter_mut() {
            peer.audit.pause = 0;
            peer.audit.not_before = peer.audit.not_before.min(due);
        }
    }

    /// The next synchronization waits until the peer has certainly forgotten the progress of this one.
    fn synchronization_failed(&mut self, now: Time, registrar: RegistrarIdentifier) {
        let pause = self.config.max_time_no_response + Duration::from_millis(1);
        if let Some(peer) = self.peers.get_mut(registrar) {
            peer.audit.not_before = now + pause;
        }
        self.progressed(registrar, SynchronizationProgress::GivenUp);
    }

    /// The peer, or the association to it, was lost during the synchronization.
    pub(super) fn synchronization_lost(&mut self, registrar: RegistrarIdentifier) {
        self.timers.clear(&Timer::Synchronization(registrar));
        self.progressed(registrar, SynchronizationProgress::GivenUp);
    }

    fn progressed(&mut self, registrar: RegistrarIdentifier, progress: SynchronizationProgress) {
        self.outbox.event(Event::Synchronization {
            owner: registrar,
            progress,
        });
    }
}
