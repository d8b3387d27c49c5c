//! Monitoring of pool elements: keep-alives, expiry, and unreachable reports (RFC 5352 sections 3.4 and 3.5).

use std::time::Duration;

use rand::RngExt;
use wire::RegistrarIdentifier;
use wire::asap::{
    DeregistrationResponse, EndpointKeepAlive, EndpointKeepAliveAck, EndpointUnreachable, Message,
};
use wire::parameter::RegistrationLife;

use super::{ElementKey, Event, Registrar, RemovalReason, Timer};
use crate::{AssociationId, LifeUnit, Time};

/// A registrar's state of a pool element that it owns.
#[derive(Debug)]
pub(super) struct Owned {
    /// The association over which it registered.
    pub(super) association: AssociationId,
    /// When the keep-alive that has not been acknowledged was sent.
    probed: Option<Time>,
    /// When it was last probed because of a report.
    probed_for_report: Option<Time>,
    /// Unreachable reports since its last registration.
    reports: u32,
    /// The registrar that has claimed it since its last registration although it was here.
    pub(super) claimed_by: Option<RegistrarIdentifier>,
}

impl Registrar {
    /// Begins to monitor a pool element that has just registered or re-registered.
    pub(super) fn watch(
        &mut self,
        now: Time,
        key: ElementKey,
        association: AssociationId,
        life: RegistrationLife,
    ) {
        let expiry = Timer::RegistrationLife(key.clone());
        match life_duration(life, self.config.life_unit) {
            Some(duration) => self.timers.set(expiry, now + duration),
            None => self.timers.clear(&expiry),
        }
        self.timers.clear(&Timer::KeepAliveTimeout(key.clone()));
        let owned = Owned {
            association,
            probed: None,
            probed_for_report: None,
            reports: 0,
            claimed_by: None,
        };
        self.owned.insert(key.clone(), owned);
        self.plan_keep_alive(now, key);
    }

    /// Schedules the next probe of a pool element from which there was news at the given time. RFC 5352 section 3.4
    /// requires probes to be spread out, so that they do not come in bursts.
    fn plan_keep_alive(&mut self, news: Time, key: ElementKey) {
        let spread = self.rng.random_range(0.5..1.5);
        let interval = self.config.keep_alive_interval.mul_f64(spread);
        self.timers.set(Timer::KeepAlive(key), news + interval);
    }

    pub(super) fn keep_alive_due(&mut self, now: Time, key: &ElementKey) {
        let Some(owned) = self.owned.get(key) else {
            return;
        };
        let attached = self.attached.get(owned.association);
        let news = attached.map_or(Time::ZERO, |attached| attached.last_message);
        // Any message counts as news; one that arrived in the meantime postpones the probe.
        if now - news < self.config.keep_alive_interval / 2 {
            self.plan_keep_alive(news, key.clone());
        } else if owned.probed.is_none() {
            self.probe(now, key, false);
        }
    }

    pub(super) fn probe(&mut self, now: Time, key: &ElementKey, reported: bool) {
        let Some(owned) = self.owned.get_mut(key) else {
            return;
        };
        owned.probed = Some(now);
        if reported {
            owned.probed_for_report = Some(now);
        }
        let (pool_handle, pe_identifier) = key.clone();
        let keep_alive = Message::EndpointKeepAlive(EndpointKeepAlive {
            home: false,
            registrar: self.settings.identifier,
            pool_handle: pool_handle.clone(),
            pe_identifier: self.config.keep_alive_names_pe.then_some(pe_identifier),
        });
        let association = owned.association;
        self.outbox.send_asap(association, &keep_alive);
        self.asked_over(now, association);
        self.timers.clear(&Timer::KeepAlive(key.clone()));
        let deadline = now + self.config.keep_alive_timeout;
        self.timers.set(Timer::KeepAliveTimeout(key.clone()), deadline);
        self.outbox.event(Event::ProbeSent {
            pool_handle,
            pe_identifier,
            reported,
        });
    }

    pub(super) fn keep_alive_timed_out(&mut self, now: Time, key: &ElementKey) {
        let Some(owned) = self.owned.get(key) else {
            return;
        };
        let association = owned.association;
        self.remove(now, key, RemovalReason::KeepAliveTimeout);
        // If it is alive after all, for instance because it was frozen, it must notice and register again.
        self.cut(now, association);
    }

    pub(super) fn handle_keep_alive_ack(
        &mut self,
        now: Time,
        association: AssociationId,
        ack: EndpointKeepAliveAck,
    ) {
        let key = (ack.pool_handle, ack.pe_identifier);
        let attached = self.attached.get_mut(association);
        let measured = attached.is_some_and(|attached| attached.round_trip.answered(now));
        self.take_keep_alive_ack(now, association, key);
        if measured {
            self.measured(now, association);
        }
    }

    fn take_keep_alive_ack(&mut self, now: Time, association: AssociationId, key: ElementKey) {
        if self.adoption_acknowledged(now, association, &key) || self.claim_denied(now, association, &key) {
            return;
        }
        let Some(owned) = self.owned.get_mut(&key) else {
            self.discarded(Some(association), "acknowledgement for an unknown pool element");
            return;
        };
        if owned.association != association {
            self.discarded(Some(association), "acknowledgement for another pool element");
            return;
        }
        if owned.probed.take().is_none() {
            return;
        }
        let reports = owned.reports;
        self.timers.clear(&Timer::KeepAliveTimeout(key.clone()));
        self.outbox.event(Event::ProbeAnswered {
            pool_handle: key.0.clone(),
            pe_identifier: key.1,
        });
        if reports > self.config.max_bad_pe_report {
            self.remove(now, &key, RemovalReason::Reported);
        } else {
            self.plan_keep_alive(now, key);
        }
    }

    pub(super) fn registration_expired(&mut self, now: Time, key: &ElementKey) {
        let Some(owned) = self.owned.get(key) else {
            self.foreign_expired(now, key);
            return;
        };
        let association = owned.association;
        self.remove(now, key, RemovalReason::Expired);
        if self.config.deregistration_response_on_expiry {
            let (pool_handle, pe_identifier) = key.clone();
            let response = Message::DeregistrationResponse(DeregistrationResponse {
                pool_handle,
                pe_identifier,
                causes: Vec::new(),
            });
            self.outbox.send_asap(association, &response);
        }
    }

    /// RFC 5352 section 3.5: probes the pool element at once; keeps it if it answers, unless it is reported too
    /// often (D-14).
    pub(super) fn handle_unreachable(
        &mut self,
        now: Time,
        association: AssociationId,
        report: EndpointUnreachable,
    ) {
        let Some(attached) = self.attached.get_mut(association) else {
            return;
        };
        if !attached.reports.admit(now) {
            return;
        }
        let key = (report.pool_handle, report.pe_identifier);
        let Some(owned) = self.owned.get_mut(&key) else {
            let owner = self.owner_of(&key);
            if owner.is_some_and(|owner| owner != self.settings.identifier) {
                self.foreign_reported(now, association, &key);
            }
            return;
        };
        owned.reports = owned.reports.saturating_add(1);
        let reports = owned.reports;
        let probing = owned.probed.is_some();
        let pause = self.config.unreachable_probe_interval;
        let probed_lately = owned.probed_for_report.is_some_and(|at| now - at < pause);
        self.outbox.event(Event::UnreachableReported {
            association,
            pool_handle: key.0.clone(),
            pe_identifier: key.1,
            reports,
        });
        if probing {
            return;
        }
        if !probed_lately {
            self.probe(now, &key, true);
        } else if reports > self.config.max_bad_pe_report {
            self.remove(now, &key, RemovalReason::Reported);
        }
    }
}

/// Returns `None` for a registration that never expires.
pub(super) fn life_duration(life: RegistrationLife, unit: LifeUnit) -> Option<Duration> {
    let number = u64::try_from(life.0).ok()?;
    Some(match unit {
        LifeUnit::Milliseconds => Duration::from_millis(number),
        LifeUnit::Seconds => Duration::from_secs(number),
    })
}
