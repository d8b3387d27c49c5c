//! Distances: the one-way delays that policies with a distance penalty factor (DPF) take into account.
//!
//! A registrar fills them in, whatever a pool element says: half the smoothed round-trip time to a pool element that
//! registered here; for one of a peer, the distance in the peer's message plus half the round-trip time to the peer.
//! Both are rounded to multiples of 50 ms.
//!
//! rsplib asks its SCTP for the round-trip time. Here it is measured by questions that have an answer of their own
//! (D-35), so that it is the same on every transport: from ENDPOINT_KEEP_ALIVE to its acknowledgement, and from
//! ENRP_LIST_REQUEST to the response. A pool element is asked when it registers unless it was measured lately, peers
//! with a heartbeat. Until there is an answer, the distance is 0.

use std::time::Duration;

use wire::enrp::UpdateAction;
use wire::parameter::PoolElementParameter;
use wire::{PoolHandle, RegistrarIdentifier};

use super::{ElementKey, Event, Registrar};
use crate::{AssociationId, Time};

/// Distances are multiples of this.
const STEP: Duration = Duration::from_millis(50);

/// The smoothed round-trip time of an association.
#[derive(Debug, Default)]
pub(super) struct RoundTrip {
    /// When the question that has not been answered yet was asked.
    asked: Option<Time>,
    /// The smoothed time, and when the last answer arrived.
    measured: Option<(Duration, Time)>,
}

impl RoundTrip {
    /// A question is asked. Those behind it are not measured until it is answered: answers come in order.
    pub(super) fn ask(&mut self, now: Time) {
        self.asked.get_or_insert(now);
    }

    /// An answer arrived; returns whether it was measured.
    pub(super) fn answered(&mut self, now: Time) -> bool {
        let Some(asked) = self.asked.take() else {
            return false;
        };
        let latest = now - asked;
        // As RFC 9260 section 6.3.1 smooths it.
        let smoothed = self
            .measured
            .map_or(latest, |(smoothed, _)| (smoothed * 7 + latest) / 8);
        self.measured = Some((smoothed, now));
        true
    }

    /// Returns whether a new measurement is desirable: there is none of the last `interval`, and none under way.
    pub(super) fn is_due(&self, now: Time, interval: Duration) -> bool {
        self.asked.is_none() && self.measured.is_none_or(|(_, at)| now - at >= interval)
    }

    /// Returns the distance in milliseconds.
    pub(super) fn distance(&self) -> u32 {
        let (smoothed, _) = self.measured.unwrap_or_default();
        let steps = (smoothed + STEP).as_micros() / (2 * STEP.as_micros());
        u32::try_from(steps * STEP.as_millis()).unwrap_or(u32::MAX)
    }
}

/// The distance in the last message about a pool element of a peer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Announced {
    /// The sender of the message.
    by: RegistrarIdentifier,
    distance: u32,
}

impl Registrar {
    /// A pool element was asked for a sign of life.
    pub(super) fn asked_over(&mut self, now: Time, association: AssociationId) {
        if let Some(attached) = self.attached.get_mut(association) {
            attached.round_trip.ask(now);
        }
    }

    /// Asks a pool element that has just registered, if its distance counts.
    pub(super) fn measure(&mut self, now: Time, association: AssociationId, key: &ElementKey) {
        let element = self.handlespace.element(&key.0, key.1);
        let interval = self.config.keep_alive_interval;
        let attached = self.attached.get(association);
        if element.is_some_and(|element| element.policy.distance().is_some())
            && attached.is_some_and(|attached| attached.round_trip.is_due(now, interval))
        {
            self.probe(now, key, false);
        }
    }

    /// The time to a pool element was measured: updates the distances of all that have registered over its association.
    pub(super) fn measured(&mut self, now: Time, association: AssociationId) {
        let Some(attached) = self.attached.get(association) else {
            return;
        };
        let distance = attached.round_trip.distance();
        let keys: Vec<ElementKey> = attached.elements.iter().cloned().collect();
        for (handle, identifier) in keys {
            let element = self.handlespace.element(&handle, identifier);
            if let Some(element) = element.and_then(|element| at_distance(element, distance)) {
                self.send_update(UpdateAction::AddPe, &handle, &element);
                self.set_distance(now, &handle, element, distance);
            }
        }
    }

    /// Adds the distance to a peer to that in its message about a pool element.
    pub(super) fn add_distance(
        &mut self,
        by: RegistrarIdentifier,
        handle: &PoolHandle,
        element: PoolElementParameter,
    ) -> PoolElementParameter {
        let Some(distance) = element.policy.distance() else {
            return element;
        };
        let key = (handle.clone(), element.identifier);
        self.announced.insert(key, Announced { by, distance });
        let sum = distance.saturating_add(self.distance_to(by));
        PoolElementParameter {
            policy: element.policy.with_distance(sum),
            ..element
        }
    }

    fn distance_to(&mut self, peer: RegistrarIdentifier) -> u32 {
        let connection = self.peers.connection_mut(peer);
        connection.map_or(0, |connection| connection.round_trip.distance())
    }

    /// A peer answered a question: updates the distances of all pool elements that it has told of.
    pub(super) fn measured_peer(&mut self, now: Time, peer: RegistrarIdentifier) {
        let connection = self.peers.connection_mut(peer);
        if !connection.is_some_and(|connection| connection.round_trip.answered(now)) {
            return;
        }
        let to_peer = self.distance_to(peer);
        let own = self.settings.identifier;
        let announced = self
            .announced
            .iter()
            .filter(|(_, announced)| announced.by == peer);
        let sums: Vec<(ElementKey, u32)> = announced
            .map(|(key, announced)| (key.clone(), announced.distance.saturating_add(to_peer)))
            .collect();
        for ((handle, identifier), sum) in sums {
            let element = self.handlespace.element(&handle, identifier);
            let foreign = element.filter(|element| element.home_registrar != own);
            if let Some(element) = foreign.and_then(|element| at_distance(element, sum)) {
                self.set_distance(now, &handle, element, sum);
            }
        }
    }

    fn set_distance(&mut self, now: Time, handle: &PoolHandle, element: PoolElementParameter, distance: u32) {
        let pe_identifier = element.identifier;
        if self.handlespace.put(handle, element).is_ok() {
            self.outbox.event(Event::DistanceMeasured {
                pool_handle: handle.clone(),
                pe_identifier,
                distance,
            });
            self.pool_changed(now, handle);
        }
    }
}

/// Returns the pool element with another distance; `None` if it has this one, or none at all.
fn at_distance(element: &PoolElementParameter, distance: u32) -> Option<PoolElementParameter> {
    let changes = element.policy.distance().is_some_and(|known| known != distance);
    changes.then(|| PoolElementParameter {
        policy: element.policy.clone().with_distance(distance),
        ..element.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Time {
        Time::ZERO + Duration::from_millis(milliseconds)
    }

    fn measured(round_trips: &[u64]) -> RoundTrip {
        let mut round_trip = RoundTrip::default();
        for &milliseconds in round_trips {
            round_trip.ask(at(1_000));
            assert!(round_trip.answered(at(1_000 + milliseconds)));
        }
        round_trip
    }

    #[test]
    fn distances_are_half_round_trips_in_steps_of_50_ms() {
        assert_eq!(RoundTrip::default().distance(), 0);
        for (round_trip, distance) in [(0, 0), (49, 0), (50, 50), (149, 50), (150, 100), (1_000, 500)] {
            assert_eq!(measured(&[round_trip]).distance(), distance, "{round_trip}");
        }
    }

    #[test]
    fn one_odd_answer_does_not_count_for_much() {
        assert_eq!(measured(&[100, 900]).distance(), 100);
        assert_eq!(measured(&[100, 100, 100, 300]).distance(), 50);
        assert_eq!(measured(&[100; 3].map(|time| time + 200)).distance(), 150);
    }

    #[test]
    fn an_answer_belongs_to_the_first_open_question() {
        let mut round_trip = RoundTrip::default();
        assert!(round_trip.is_due(at(0), Duration::from_secs(1)));
        round_trip.ask(at(0));
        round_trip.ask(at(90));
        assert!(!round_trip.is_due(at(5_000), Duration::from_secs(1)));
        assert!(round_trip.answered(at(100)));
        assert!(!round_trip.answered(at(190)));
        assert_eq!(round_trip.distance(), 50);
        assert!(!round_trip.is_due(at(1_099), Duration::from_secs(1)));
        assert!(round_trip.is_due(at(1_100), Duration::from_secs(1)));
    }
}
