//! Invariants that must always hold, given the faults so far. One file per law; a violation panics with names and
//! times.

pub(crate) mod convergence;
mod inheritance;
mod listing;
mod memory;
mod news;
mod ownership;
mod peer_list;
mod progress;
mod removal;
mod service;
pub(crate) mod takeover;

mod census;

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::Time;

pub(crate) use census::Census;

use crate::{NodeId, World};

/// How long after the last fault each law may be violated; the durations follow from the timers.
#[derive(Debug, Clone, Copy)]
pub struct Laws {
    /// A registrar is in service this long after its start, or after the last fault that concerned a registrar.
    pub in_service_after: Duration,
    /// A registered pool element is owned by exactly one registrar after this.
    pub owned_after: Duration,
    /// A live pool element that can reach registrars is listed by all of them after this.
    pub listed_after: Duration,
    /// Everything has settled this long after the last fault.
    pub at_rest_after: Duration,
    /// Once everything has settled, nothing is missing for longer than this.
    pub missing_at_rest: Duration,
    /// A dead pool element is in no handlespace after this.
    pub removed_after: Duration,
    /// Registrars that are connected have the same handlespace after this.
    pub converged_after: Duration,
    /// Once registrars are acquainted, what one of them owns is known to all others after this, plus the maximum
    /// latency of a message: they receive updates, and need no audit to find out.
    pub told_within: Duration,
    /// A live registrar is not taken over later than this after the last fault that concerned a registrar.
    pub doubted_for: Duration,
    /// Nothing belongs to a dead registrar for longer than this.
    pub inherited_within: Duration,
    /// Connected registrars know each other after this, and have forgotten those that are gone.
    pub acquainted_after: Duration,
    /// A session has made progress within this, if a pool element and a registrar are available.
    pub progress_within: Duration,
    /// The maximum number of parcels in transit.
    pub most_in_transit: usize,
    /// The maximum number of associations and connection attempts of one node, per other node.
    pub most_associations: usize,
}

impl Laws {
    /// Returns the laws for [`protocol::Config::demo`].
    #[must_use]
    pub const fn demo() -> Self {
        Self {
            // Several rounds of looking for a mentor, all of which may refuse or die in the middle.
            in_service_after: Duration::from_secs(5),
            // T4 plus a server hunt.
            owned_after: Duration::from_secs(8),
            // Twice the longest round of a server hunt.
            listed_after: Duration::from_secs(9),
            at_rest_after: Duration::from_secs(10),
            missing_at_rest: Duration::from_millis(500),
            // Keep-alive interval and its variation, its timeout, an association's timeout.
            removed_after: Duration::from_millis(4_000),
            // A takeover, and an audit.
            converged_after: Duration::from_millis(6_000),
            // Less than a heartbeat.
            told_within: Duration::from_millis(250),
            // MAX-TIME-LAST-HEARD, MAX-TIME-NO-RESPONSE, and the time for acknowledgements.
            doubted_for: Duration::from_millis(2_500),
            // The above, and a takeover that another registrar has to start again.
            inherited_within: Duration::from_secs(4),
            acquainted_after: Duration::from_secs(6),
            // Twice the longest round of a server hunt.
            progress_within: Duration::from_secs(9),
            most_in_transit: 20_000,
            most_associations: 6,
        }
    }
}

/// Tracks since when laws have been violated that may be violated for some time.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    owned: Overdue<NodeId>,
    listed: Overdue<(NodeId, NodeId)>,
    agreed: Overdue<(NodeId, NodeId)>,
    told: Overdue<news::Key>,
    acquainted: Overdue<NodeId>,
}

impl Watch {
    /// Checks all laws.
    pub(crate) fn check(&mut self, world: &World) {
        let census = Census::new(world);
        memory::check(world);
        service::check(world, &census);
        ownership::check(world, &census, &mut self.owned);
        listing::check(world, &census, &mut self.listed);
        removal::check(world, &census);
        convergence::check(world, &census, &mut self.agreed);
        news::check(world, &census, &mut self.told);
        inheritance::check(world, &census);
        peer_list::check(world, &census, &mut self.acquainted);
        progress::check(world);
    }
}

impl World {
    pub(crate) fn check(&mut self) {
        let mut watch = std::mem::take(&mut self.watch);
        watch.check(self);
        self.watch = watch;
        let mut victories = std::mem::take(&mut self.victories);
        victories.retain(|victory| !takeover::check_consequences(self, victory));
        self.victories = victories;
    }

    /// Checks what is cheap enough to be checked after every step.
    pub(crate) fn check_memory_of(&self, id: NodeId) {
        memory::check_node(self, id);
    }
}

/// Tracks since when conditions have not been met.
#[derive(Debug)]
struct Overdue<Key> {
    since: BTreeMap<Key, Time>,
}

impl<Key> Default for Overdue<Key> {
    fn default() -> Self {
        Self {
            since: BTreeMap::new(),
        }
    }
}

impl<Key: Ord> Overdue<Key> {
    /// Returns since when the condition has not been met, if it is not.
    fn observe(&mut self, now: Time, key: Key, in_order: bool) -> Option<Time> {
        if in_order {
            if !self.since.is_empty() {
                self.since.remove(&key);
            }
            None
        } else {
            Some(*self.since.entry(key).or_insert(now))
        }
    }
}
