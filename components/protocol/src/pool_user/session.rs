//! The state of a session.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use wire::parameter::{PoolElementParameter, TransportUse, UserTransport};
use wire::{PeIdentifier, PoolHandle};

use super::{CandidateSource, FailoverTimes, ResolutionFailure};
use crate::{AssociationId, Time, TransportAddress};

/// The maximum number of failed pool elements that a session remembers; the oldest is forgotten first.
const MOST_FAILED: usize = 128;

/// A session with a pool: it outlives the pool elements that serve it.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) handle: PoolHandle,
    pub(super) state: State,
    /// The last cookie; valid until a newer one arrives, over any number of failovers.
    pub(super) cookie: Option<Vec<u8>>,
    /// The business card of the pool element that serves the session, or served it last.
    pub(super) card: Vec<PoolElementParameter>,
    /// Pool elements that failed in this session, and when.
    failed: BTreeMap<PeIdentifier, Time>,
    /// When the last data arrived, or when the first pool element began to serve.
    last_data: Option<Time>,
    /// The current failover: from the loss of one pool element until the next one has sent data.
    failover: Option<Failover>,
    /// Why the last attempt to find a pool element failed; none has served since.
    pub(super) failure: Option<ResolutionFailure>,
    /// All known pool elements failed a moment ago; the next attempt tries one of them again.
    pub(super) tries_failed_again: bool,
}

#[derive(Debug)]
pub(super) enum State {
    /// Waits for a registrar's response.
    Resolving,
    /// Waits before it asks again.
    Waiting,
    /// Waits for an association to come up.
    Connecting {
        target: Target,
        association: AssociationId,
        /// When this pool element was chosen.
        resolved: Time,
        /// The pool elements to try next.
        others: VecDeque<Target>,
    },
    /// A pool element serves the session.
    Served {
        target: Target,
        association: AssociationId,
    },
    /// Waits for the association to end.
    Closing { association: AssociationId },
}

/// A pool element as a session sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) identifier: PeIdentifier,
    pub(super) peer: TransportAddress,
    /// Whether its association includes the control channel.
    pub(super) control: bool,
}

/// A failover under way.
#[derive(Debug, Clone, Copy)]
struct Failover {
    from: PeIdentifier,
    last_data: Time,
    detected: Time,
    /// When the next pool element began to serve, and how long that took.
    served: Option<(Time, FailoverTimes)>,
}

impl Session {
    pub(super) const fn new(handle: PoolHandle) -> Self {
        Self {
            handle,
            state: State::Resolving,
            cookie: None,
            card: Vec::new(),
            failed: BTreeMap::new(),
            last_data: None,
            failover: None,
            failure: None,
            tries_failed_again: false,
        }
    }

    /// Returns the association that the session depends on.
    pub(super) const fn association(&self) -> Option<AssociationId> {
        match &self.state {
            State::Connecting { association, .. }
            | State::Served { association, .. }
            | State::Closing { association } => Some(*association),
            State::Resolving | State::Waiting => None,
        }
    }

    pub(super) fn note_failure(&mut self, now: Time, failed: PeIdentifier) {
        self.failed.insert(failed, now);
        if self.failed.len() > MOST_FAILED {
            let oldest = self.failed.iter().min_by_key(|(_, at)| **at);
            if let Some(oldest) = oldest.map(|(&identifier, _)| identifier) {
                self.failed.remove(&oldest);
            }
        }
    }

    /// Returns the pool elements to try, without those that failed within `avoid_for`. If a registrar's response
    /// leaves none, then the next response leaves all of them, the one that failed the longest ago first.
    pub(super) fn choose(
        &mut self,
        now: Time,
        avoid_for: Duration,
        candidates: &[PoolElementParameter],
        source: CandidateSource,
    ) -> VecDeque<Target> {
        self.failed.retain(|_, failed| now - *failed < avoid_for);
        let targets: Vec<Target> = candidates.iter().filter_map(Target::of).collect();
        let good = targets
            .iter()
            .filter(|target| !self.failed.contains_key(&target.identifier));
        let good: VecDeque<Target> = good.cloned().collect();
        if !good.is_empty() || targets.is_empty() || source != CandidateSource::Registrar {
            return good;
        }
        if !std::mem::replace(&mut self.tries_failed_again, true) {
            return good;
        }
        self.tries_failed_again = false;
        let mut again = targets;
        again.sort_by_key(|target| self.failed.get(&target.identifier).copied());
        again.into()
    }

    /// A pool element was lost; returns how long it had been silent. If it has sent no data, the failover to it
    /// continues.
    pub(super) fn lost(&mut self, now: Time, from: PeIdentifier) -> Duration {
        let last_data = self.last_data.unwrap_or(now);
        let failover = self.failover.get_or_insert(Failover {
            from,
            last_data,
            detected: now,
            served: None,
        });
        failover.served = None;
        now - last_data
    }

    /// A pool element now serves the session; returns the duration of the failover to it, if it is one.
    pub(super) fn served(&mut self, now: Time, resolved: Time, cookie_echoed: bool) -> Option<FailoverTimes> {
        self.failure = None;
        self.last_data.get_or_insert(now);
        let failover = self.failover.as_mut()?;
        let times = FailoverTimes {
            from: failover.from,
            noticing: failover.detected - failover.last_data,
            resolving: resolved - failover.detected,
            connecting: now - resolved,
            cookie_echoed,
        };
        failover.served = Some((now, times));
        Some(times)
    }

    /// Data arrived; if this completes a failover, returns how long that took, and how long the data took.
    pub(super) fn data_came(&mut self, now: Time) -> Option<(FailoverTimes, Duration)> {
        self.last_data = Some(now);
        let (since, times) = self.failover.take()?.served?;
        Some((times, now - since))
    }
}

impl Target {
    /// Returns `None` for a pool element that cannot be reached by SCTP.
    fn of(element: &PoolElementParameter) -> Option<Self> {
        match &element.user_transport {
            UserTransport::Sctp(sctp) => Some(Self {
                identifier: element.identifier,
                peer: TransportAddress {
                    addresses: sctp.addresses().to_vec(),
                    port: sctp.port(),
                },
                control: sctp.transport_use() == TransportUse::DataPlusControl,
            }),
            UserTransport::Dccp { .. }
            | UserTransport::Tcp(_)
            | UserTransport::Udp(_)
            | UserTransport::UdpLite(_)
            | UserTransport::Opaque(_) => None,
        }
    }
}
