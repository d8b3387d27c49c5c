//! ASAP_HANDLE_RESOLUTION, once or by subscription (RFC 5352 section 3.3; rsplib does not know subscriptions, D-06).

use std::collections::BTreeMap;

use wire::PoolHandle;
use wire::asap::{HandleResolution, HandleResolutionResponse, Message, Resolution};
use wire::parameter::{CauseCode, ErrorCause, PoolElementParameter};

use super::{Event, Registrar, Timer};
use crate::{AssociationId, Time};

/// The maximum size of pool elements in a response, so that it stays below 64 KiB.
const LARGEST_ANSWER: usize = 60 * 1024;

/// The subscribers of a pool, with the number of pool elements that each of them wants.
#[derive(Debug, Default)]
pub(super) struct Subscribers {
    items: BTreeMap<AssociationId, usize>,
    notified: Option<Time>,
}

impl Registrar {
    pub(super) fn handle_resolution(
        &mut self,
        now: Time,
        association: AssociationId,
        request: &HandleResolution,
    ) {
        let Some(attached) = self.attached.get_mut(association) else {
            return;
        };
        let handle = &request.pool_handle;
        if !attached.resolutions.admit(now) {
            self.refuse_resolution(association, handle, CauseCode::SECURITY);
            return;
        }
        let items = match request.items {
            None | Some(0) => self.config.default_items,
            Some(items) => usize::try_from(items).unwrap_or(usize::MAX),
        };
        let items = items.min(self.config.max_items);
        let selected = self.select(handle, items, self.config.max_increment);
        let Some(first) = selected.first() else {
            self.refuse_resolution(association, handle, CauseCode::UNKNOWN_POOL_HANDLE);
            return;
        };
        let overall_policy = Some(first.policy.clone());
        let subscribed = request.subscribe && self.subscribe(association, handle, items);
        self.outbox.event(Event::Resolved {
            association,
            pool_handle: handle.clone(),
            selected: selected.iter().map(|element| element.identifier).collect(),
        });
        let response = HandleResolutionResponse {
            subscribed,
            pool_handle: handle.clone(),
            outcome: Resolution::Resolved {
                overall_policy,
                pool_elements: selected,
            },
        };
        self.outbox
            .send_asap(association, &Message::HandleResolutionResponse(response));
    }

    /// Selects the pool elements of a response: no more than fit into a message, and without their ASAP transports.
    fn select(&mut self, handle: &PoolHandle, items: usize, increment: usize) -> Vec<PoolElementParameter> {
        let mut room = LARGEST_ANSWER;
        let selected = self.handlespace.select(handle, items, increment, &mut self.rng);
        let fitting = selected.into_iter().take_while(|element| {
            let size = element.encoded_length();
            let fits = size <= room;
            room = room.saturating_sub(size);
            fits
        });
        let without_asap_transport = |element: &PoolElementParameter| PoolElementParameter {
            identifier: element.identifier,
            home_registrar: element.home_registrar,
            registration_life: element.registration_life,
            user_transport: element.user_transport.clone(),
            policy: element.policy.clone(),
            asap_transport: None,
        };
        fitting.map(without_asap_transport).collect()
    }

    fn refuse_resolution(&mut self, association: AssociationId, handle: &PoolHandle, code: CauseCode) {
        self.outbox.event(Event::Resolved {
            association,
            pool_handle: handle.clone(),
            selected: Vec::new(),
        });
        let response = HandleResolutionResponse {
            subscribed: false,
            pool_handle: handle.clone(),
            outcome: Resolution::Failed(vec![ErrorCause::bare(code)]),
        };
        self.outbox
            .send_asap(association, &Message::HandleResolutionResponse(response));
    }

    /// Adds a subscription to an existing pool, within limits.
    fn subscribe(&mut self, association: AssociationId, handle: &PoolHandle, items: usize) -> bool {
        let Some(attached) = self.attached.get_mut(association) else {
            return false;
        };
        let subscriptions = &mut attached.subscriptions;
        let full = subscriptions.len() >= self.config.max_subscriptions;
        if full && !subscriptions.contains(handle) {
            return false;
        }
        subscriptions.insert(handle.clone());
        let subscribers = self.subscribers.entry(handle.clone()).or_default();
        subscribers.items.insert(association, items);
        true
    }

    pub(super) fn unsubscribe(&mut self, handle: &PoolHandle, association: AssociationId) {
        if let Some(subscribers) = self.subscribers.get_mut(handle) {
            subscribers.items.remove(&association);
            if subscribers.items.is_empty() {
                self.subscribers.remove(handle);
                self.timers.clear(&Timer::Subscription(handle.clone()));
            }
        }
    }

    /// Schedules notifications to the subscribers of a pool, at most one per `subscription_interval` for each.
    pub(super) fn pool_changed(&mut self, now: Time, handle: &PoolHandle) {
        let Some(subscribers) = self.subscribers.get(handle) else {
            return;
        };
        let timer = Timer::Subscription(handle.clone());
        if !self.timers.is_set(&timer) {
            let interval = self.config.subscription_interval;
            let earliest = subscribers.notified.map_or(now, |at| at + interval);
            self.timers.set(timer, earliest.max(now));
        }
    }

    /// Notifies subscribers of the current state of the pool. If the pool is gone, this ends their subscriptions.
    pub(super) fn notify_subscribers(&mut self, now: Time, handle: &PoolHandle) {
        let Some(subscribers) = self.subscribers.get_mut(handle) else {
            return;
        };
        subscribers.notified = Some(now);
        let due: Vec<(AssociationId, usize)> = subscribers
            .items
            .iter()
            .map(|(&association, &items)| (association, items))
            .collect();
        for (association, items) in due {
            // A notification is not a request for service: it does not count as a selection.
            let selected = self.select(handle, items, 0);
            let Some(first) = selected.first() else {
                if let Some(attached) = self.attached.get_mut(association) {
                    attached.subscriptions.remove(handle);
                }
                self.unsubscribe(handle, association);
                self.refuse_resolution(association, handle, CauseCode::UNKNOWN_POOL_HANDLE);
                continue;
            };
            let response = HandleResolutionResponse {
                subscribed: true,
                pool_handle: handle.clone(),
                outcome: Resolution::Resolved {
                    overall_policy: Some(first.policy.clone()),
                    pool_elements: selected,
                },
            };
            self.outbox
                .send_asap(association, &Message::HandleResolutionResponse(response));
        }
    }
}
