//! Pool elements of peers that contradict their pool here, because two registrars have founded it with different
//! policies at the same time, or while a pool changes its policy.
//!
//! They cannot be refused: RFC 5353 has no message for that, and only says that a new pool takes the policy of its
//! first pool element. They are passed over, which is reported once, and taken when their pool here is gone: then the
//! checksums of their owners differ, and the next audit asks for them.

use std::collections::BTreeSet;

use wire::PoolHandle;
use wire::parameter::PoolElementParameter;

use super::admission::cause_of;
use super::{ElementKey, Event, Registrar};
use crate::handlespace::Inconsistency;

/// The maximum number of contradictions that are remembered, since peers can cause as many as they like. Others are
/// not reported.
const MOST_REMEMBERED: usize = 1_024;

/// The pool elements of peers that were passed over, as far as this was reported.
#[derive(Debug, Default)]
pub(super) struct Contradictions {
    reported: BTreeSet<ElementKey>,
}

impl Contradictions {
    /// Notes that a pool element was passed over; returns whether this must be reported.
    fn note(&mut self, key: ElementKey) -> bool {
        self.reported.len() < MOST_REMEMBERED && self.reported.insert(key)
    }

    /// A pool element was taken after all.
    pub(super) fn settle(&mut self, key: &ElementKey) {
        self.reported.remove(key);
    }

    /// A pool is gone: its next first pool element may have any policy.
    pub(super) fn settle_pool(&mut self, handle: &PoolHandle) {
        self.reported.retain(|(contradicted, _)| contradicted != handle);
    }
}

impl Registrar {
    /// Passes over a pool element of a peer.
    pub(super) fn pass_over(
        &mut self,
        handle: &PoolHandle,
        element: &PoolElementParameter,
        inconsistency: &Inconsistency,
    ) {
        if self.contradictions.note((handle.clone(), element.identifier)) {
            self.outbox.event(Event::PeerPoolElementPassedOver {
                pool_handle: handle.clone(),
                pe_identifier: element.identifier,
                owner: element.home_registrar,
                policy: element.policy.clone(),
                causes: vec![cause_of(inconsistency, &element.policy)],
            });
        }
    }
}
