//! The service of the simulation: counting. A session is a sequence of numbers without gaps.
//!
//! The pool element sends the next number at regular intervals, and occasionally the last one as a cookie. The pool
//! user knows which number must come next, whatever happens to pool elements in between.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::{AssociationId, PoolElement, PoolUser, Time, pool_element, pool_user};
use wire::Ppid;
use wire::parameter::Policy;

use crate::PoolPolicy;

/// The payload protocol identifier of the service.
const COUNTING: Ppid = Ppid::UNSPECIFIED;
/// The interval at which a pool element sends a number in each session.
const STEP: Duration = Duration::from_millis(20);
/// A cookie is sent after this many numbers.
const COOKIE_EVERY: u64 = 5;
/// A session adds this much to a load.
const LOAD_PER_SESSION: u32 = u32::MAX / 16;

/// The service at a pool element.
#[derive(Debug)]
pub(crate) struct Counting {
    pub(crate) core: PoolElement,
    policy: PoolPolicy,
    /// The number of changes of the policy data that nothing demanded.
    changes: u32,
    /// The last number of each session that has begun.
    sessions: BTreeMap<AssociationId, u64>,
    next_step: Time,
}

impl Counting {
    pub(crate) fn new(now: Time, core: PoolElement, policy: PoolPolicy) -> Self {
        Self {
            core,
            policy,
            changes: 0,
            sessions: BTreeMap::new(),
            next_step: now + STEP,
        }
    }

    pub(crate) fn next_time(&self) -> Option<Time> {
        (!self.sessions.is_empty()).then_some(self.next_step)
    }

    /// Sends the next numbers if they are due.
    pub(crate) fn step(&mut self, now: Time) {
        if self.next_step > now {
            return;
        }
        self.next_step = now + STEP;
        for (&association, number) in &mut self.sessions {
            *number += 1;
            let bytes = number.to_be_bytes().to_vec();
            self.core.send_data(now, association, COUNTING, bytes);
            if number.is_multiple_of(COOKIE_EVERY) {
                let cookie = number.to_be_bytes().to_vec();
                self.core.send_cookie(now, association, cookie);
            }
        }
        if self.policy.fickle {
            self.changes = self.changes.wrapping_add(1);
            self.core
                .set_policy(now, varied(self.policy.initial.clone(), self.changes));
        }
    }

    /// Returns whether the pool element has stopped.
    pub(crate) fn handle(&mut self, now: Time, event: pool_element::Event) -> bool {
        match event {
            pool_element::Event::CookieEcho { association, cookie } => match cookie.try_into() {
                Ok(number) => self.begin(now, association, u64::from_be_bytes(number)),
                Err(_) => self.core.abort_session(now, association),
            },
            pool_element::Event::Data { association, .. } if !self.sessions.contains_key(&association) => {
                self.begin(now, association, 0);
            }
            pool_element::Event::SessionEnded { association, .. } => {
                self.sessions.remove(&association);
                self.report_load(now);
            }
            pool_element::Event::Deregistered { .. } => {
                for (association, number) in std::mem::take(&mut self.sessions) {
                    let cookie = number.to_be_bytes().to_vec();
                    self.core.send_cookie(now, association, cookie);
                }
                self.core.close(now);
            }
            pool_element::Event::Stopped => return true,
            _ => {}
        }
        false
    }

    fn begin(&mut self, now: Time, association: AssociationId, number: u64) {
        if self.sessions.is_empty() {
            self.next_step = now + STEP;
        }
        self.sessions.insert(association, number);
        let cookie = number.to_be_bytes().to_vec();
        self.core.send_cookie(now, association, cookie);
        self.report_load(now);
    }

    fn report_load(&mut self, now: Time) {
        if self.policy.initial.is_adaptive() {
            let sessions = u32::try_from(self.sessions.len()).unwrap_or(u32::MAX);
            let load = LOAD_PER_SESSION.saturating_mul(sessions);
            let policy = self.policy.initial.clone().with_load(load);
            self.core.set_policy(now, policy);
        }
    }
}

/// Returns the policy with other data, up to the extremes; never with a weight of 0, which cannot serve.
fn varied(policy: Policy, change: u32) -> Policy {
    let word = [0, 1, u32::MAX - 1, u32::MAX, change.wrapping_mul(0x9e37_79b1)][change as usize % 5];
    match policy {
        Policy::WeightedRoundRobin { .. } => Policy::WeightedRoundRobin { weight: word.max(1) },
        Policy::WeightedRandom { .. } => Policy::WeightedRandom { weight: word.max(1) },
        Policy::Priority { .. } => Policy::Priority { priority: word },
        Policy::WeightedRandomDpf {
            weight_dpf, distance, ..
        } => Policy::WeightedRandomDpf {
            weight: word.max(1),
            weight_dpf,
            distance,
        },
        other => other.with_load(word),
    }
}

/// A pool user with one session, and what it has received.
#[derive(Debug)]
pub(crate) struct Customer {
    pub(crate) core: PoolUser,
    /// The last number that arrived.
    last: u64,
    /// The number in the last cookie.
    cookie: Option<u64>,
    /// All numbers up to this one have arrived.
    pub(crate) complete: u64,
    /// When the last new number arrived, in the world's time.
    pub(crate) progressed: Time,
    pub(crate) failovers: Vec<pool_user::FailoverTimes>,
}

impl Customer {
    pub(crate) fn new(now: Time, core: PoolUser) -> Self {
        Self {
            core,
            last: 0,
            cookie: None,
            complete: 0,
            progressed: now,
            failovers: Vec::new(),
        }
    }

    /// Handles an event. Returns the law of the application that was broken, if any. `local` is the node's time,
    /// `now` the world's.
    pub(crate) fn handle(&mut self, local: Time, now: Time, event: pool_user::Event) -> Result<(), String> {
        match event {
            pool_user::Event::SessionUp {
                session,
                cookie_echoed,
                failover,
                ..
            } => {
                self.failovers.extend(failover);
                if cookie_echoed != self.cookie.is_some() {
                    return Err(format!("cookie {:?}, echoed: {cookie_echoed}", self.cookie));
                }
                self.last = self.cookie.unwrap_or(0);
                if !cookie_echoed {
                    self.core.send_data(local, session, COUNTING, b"count".to_vec());
                }
            }
            pool_user::Event::Cookie { .. } => self.cookie = Some(self.last),
            pool_user::Event::Data { bytes, .. } => {
                let number = bytes.try_into().map(u64::from_be_bytes);
                if number != Ok(self.last + 1) {
                    return Err(format!("{number:?} came after {}", self.last));
                }
                self.last += 1;
                if self.last > self.complete {
                    self.complete = self.last;
                    self.progressed = now;
                }
            }
            _ => {}
        }
        Ok(())
    }
}
