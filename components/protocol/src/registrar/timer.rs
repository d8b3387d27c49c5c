//! The deadlines of a registrar, and their effects.

use std::time::Duration;

use wire::{PoolHandle, RegistrarIdentifier};

use super::{ElementKey, Registrar};
use crate::{AssociationId, Time};

/// The purpose of a deadline.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// The next announcement.
    T6ServerAnnounce,
    /// A registrar's announcements have not been heard for long.
    T7EnrpOutdate(RegistrarIdentifier),
    /// A pool element is to be probed, unless there is news from it.
    KeepAlive(ElementKey),
    /// A pool element has not acknowledged a keep-alive.
    KeepAliveTimeout(ElementKey),
    /// A registration expires.
    RegistrationLife(ElementKey),
    /// Requests that arrived too fast are due.
    Deferred(AssociationId),
    /// An association may be idle.
    Autoclose(AssociationId),
    /// Notifications to subscribers of a changed pool are due.
    Subscription(PoolHandle),
    /// PEER-HEARTBEAT-CYCLE: the next presence.
    PeerHeartbeat,
    /// A peer that was named has not been heard.
    Unconfirmed(RegistrarIdentifier),
    /// MAX-TIME-LAST-HEARD: a peer has been silent for long.
    LastHeard(RegistrarIdentifier),
    /// MAX-TIME-NO-RESPONSE: a peer has not answered.
    NoResponse(RegistrarIdentifier),
    /// Another attempt to connect to a peer is due.
    Reconnect(RegistrarIdentifier),
    /// An attempt was not answered, or the other end has not introduced itself.
    Introduction(AssociationId),
    /// The time for finding a mentor is over.
    MentorDiscovery,
    /// The mentor has not answered.
    MentorNoResponse,
    /// Mentors that refused may be asked again.
    MentorRetry,
    /// A peer has not answered a request for its table.
    Synchronization(RegistrarIdentifier),
    /// Acknowledgements of a takeover are missing.
    TakeoverExpiry(RegistrarIdentifier),
    /// A takeover that was acknowledged has not been completed.
    Conceded(RegistrarIdentifier),
    /// A pool element has not accepted this registrar as its new home registrar.
    Adoption(ElementKey),
    /// A claimed pool element is still here, or has not answered.
    Reclaim(ElementKey),
    /// The maximum duration of a graceful shutdown has passed.
    Shutdown,
}

impl Registrar {
    /// Returns the additional time that others get when their deadline fires very late: then this registrar itself
    /// was stalled, because it was frozen or starved, and their answers may be waiting.
    pub(super) const fn grace(&self, timer: &Timer) -> Option<Duration> {
        match timer {
            Timer::KeepAliveTimeout(_) | Timer::RegistrationLife(_) | Timer::Adoption(_) => {
                Some(self.config.keep_alive_timeout)
            }
            Timer::NoResponse(_) | Timer::Introduction(_) => Some(self.config.max_time_no_response),
            Timer::TakeoverExpiry(_) => Some(self.config.takeover_expiry),
            Timer::T6ServerAnnounce
            | Timer::T7EnrpOutdate(_)
            | Timer::KeepAlive(_)
            | Timer::Deferred(_)
            | Timer::Autoclose(_)
            | Timer::Subscription(_)
            | Timer::PeerHeartbeat
            | Timer::Unconfirmed(_)
            | Timer::LastHeard(_)
            | Timer::Reconnect(_)
            | Timer::MentorDiscovery
            | Timer::MentorNoResponse
            | Timer::MentorRetry
            | Timer::Synchronization(_)
            | Timer::Conceded(_)
            | Timer::Reclaim(_)
            | Timer::Shutdown => None,
        }
    }

    pub(super) fn handle_timer(&mut self, now: Time, timer: Timer) {
        match timer {
            Timer::T6ServerAnnounce => self.announce(now),
            Timer::T7EnrpOutdate(registrar) => self.registrar_silent(registrar),
            Timer::KeepAlive(key) => self.keep_alive_due(now, &key),
            Timer::KeepAliveTimeout(key) => self.keep_alive_timed_out(now, &key),
            Timer::RegistrationLife(key) => self.registration_expired(now, &key),
            Timer::Deferred(association) => self.handle_deferred(now, association),
            Timer::Autoclose(association) => self.autoclose(now, association),
            Timer::Subscription(handle) => self.notify_subscribers(now, &handle),
            Timer::PeerHeartbeat => self.heartbeat(now),
            Timer::Unconfirmed(registrar) => self.unconfirmed_timed_out(now, registrar),
            Timer::LastHeard(registrar) => self.last_heard_due(now, registrar),
            Timer::NoResponse(registrar) => self.peer_dead(now, registrar),
            Timer::Reconnect(registrar) => self.reconnect(now, registrar),
            Timer::Introduction(association) => self.introduction_timed_out(now, association),
            Timer::MentorDiscovery => self.mentor_discovery_over(now),
            Timer::MentorNoResponse => self.mentor_timed_out(now),
            Timer::MentorRetry => self.mentor_retry_due(now),
            Timer::Synchronization(registrar) => self.synchronization_timed_out(now, registrar),
            Timer::TakeoverExpiry(target) => self.takeover_expired(now, target),
            Timer::Conceded(target) => self.concession_over(now, target),
            Timer::Adoption(key) => self.adoption_timed_out(now, &key),
            Timer::Reclaim(key) => self.reclaim_due(now, &key),
            Timer::Shutdown => self.shutdown_timed_out(now),
        }
    }
}
