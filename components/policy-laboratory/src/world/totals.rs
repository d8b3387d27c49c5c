//! What has happened since the beginning of a run.

use std::ops::Sub;
use std::time::Duration;

use protocol::Time;

use super::World;
use crate::measure::{Measure, Outcome};
use crate::node::Program;
use crate::traffic::Traffic;
use crate::{Parameter, Parameters};

/// Sums over all components and all time until now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Totals {
    now: Time,
    traffic: Traffic,
    /// Calculations done.
    done: f64,
    /// Those that were lost with their pool elements.
    lost: f64,
    completed: u64,
    rejected: u64,
    /// The sizes of completed requests.
    handled: f64,
    handling: Duration,
    queueing: Duration,
    failovers: u64,
    failing_over: Duration,
}

impl World<'_> {
    pub(super) fn totals(&self) -> Totals {
        let mut totals = Totals {
            now: self.now,
            traffic: self.traffic,
            done: self.done_by_ended,
            lost: self.lost_work,
            completed: 0,
            rejected: 0,
            handled: 0.0,
            handling: Duration::ZERO,
            queueing: Duration::ZERO,
            failovers: self.failovers,
            failing_over: self.failing_over,
        };
        for program in self.nodes.iter().filter_map(|node| node.program.as_ref()) {
            match program {
                Program::Registrar(_) => {}
                Program::Element(element) => totals.done += element.done(self.now),
                Program::User(user) => {
                    let work = user.work();
                    totals.completed += work.completed;
                    totals.rejected += work.rejected;
                    totals.handled += work.done;
                    totals.handling += work.handling;
                    totals.queueing += work.queueing;
                }
            }
        }
        totals
    }
}

impl Sub for Totals {
    type Output = Self;

    /// Returns what happened between two moments; the time is the one in between.
    fn sub(self, before: Self) -> Self {
        Self {
            now: Time::ZERO + (self.now - before.now),
            traffic: Traffic {
                asap: self.traffic.asap - before.traffic.asap,
                enrp: self.traffic.enrp - before.traffic.enrp,
                application: self.traffic.application - before.traffic.application,
            },
            done: self.done - before.done,
            lost: self.lost - before.lost,
            completed: self.completed - before.completed,
            rejected: self.rejected - before.rejected,
            handled: self.handled - before.handled,
            handling: self.handling - before.handling,
            queueing: self.queueing - before.queueing,
            failovers: self.failovers - before.failovers,
            failing_over: self.failing_over - before.failing_over,
        }
    }
}

impl Totals {
    /// Computes the results of what happened between two moments.
    pub(super) fn outcome(&self, parameters: &Parameters) -> Outcome {
        let seconds = self.now.since_origin().as_secs_f64();
        let capacity = parameters.get(Parameter::Capacity);
        let whole_capacity = capacity * parameters.get(Parameter::PoolElements) * seconds;
        let requests = self.completed as f64;
        let ratio = |of: f64, to: f64| (to > 0.0).then(|| of / to);
        let Traffic {
            asap,
            enrp,
            application,
        } = self.traffic;
        Outcome::of(|measure| match measure {
            Measure::Utilisation => ratio(100.0 * self.done, whole_capacity),
            Measure::HandlingSpeed => ratio(100.0 * self.handled / capacity, self.handling.as_secs_f64()),
            Measure::HandlingTime => ratio(self.handling.as_secs_f64(), requests),
            Measure::QueueingDelay => ratio(self.queueing.as_secs_f64(), requests),
            Measure::Throughput => ratio(requests, seconds),
            Measure::FailoverTime => ratio(self.failing_over.as_secs_f64(), self.failovers as f64),
            Measure::Failovers => ratio(self.failovers as f64 * 3_600.0, seconds),
            Measure::LostWork => ratio(100.0 * self.lost, self.done),
            Measure::Rejections => ratio(self.rejected as f64, requests),
            Measure::AsapPerRequest => ratio(asap as f64, requests),
            Measure::EnrpPerRequest => ratio(enrp as f64, requests),
            Measure::ApplicationPerRequest => ratio(application as f64, requests),
            Measure::AsapRate => ratio(asap as f64, seconds),
            Measure::EnrpRate => ratio(enrp as f64, seconds),
            Measure::ApplicationRate => ratio(application as f64, seconds),
        })
    }
}
