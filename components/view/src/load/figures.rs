//! The figures beside the curves: of a pool, and of each of its pool elements.

use std::time::Duration;

use feed::{ComponentRole, Timestamp, WorkUnit};

use super::quantity::{Scale, work_rate};
use crate::snapshot::Snapshot;
use crate::wording::Standing;
use model::{Component, ComponentId, PoolSpan, Span, Speed, Utilisation, words};
use wire::PoolHandle;

/// The figures of a pool.
#[derive(Debug)]
pub(super) struct Figures {
    /// The policy by its name; several where pool elements differ.
    pub(super) policy: String,
    pub(super) utilisation: Option<Utilisation>,
    pub(super) speed: Option<Speed>,
    unit: WorkUnit,
    /// Requests that wait, and requests in service, in the latest seconds.
    pub(super) queued: f64,
    pub(super) running: f64,
    /// Requests since the beginning.
    pub(super) completed: f64,
    pub(super) rejected: f64,
    handling: Option<Duration>,
}

/// The figures of a pool element, as texts.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: ComponentId,
    pub(super) name: String,
    pub(super) colour: usize,
    /// Whether it has a process, and whether it is heard.
    pub(super) standing: Standing,
    /// Policy, load, sessions, work per second, completed and rejected.
    pub(super) cells: [String; 6],
}

impl Figures {
    /// Returns the figures of a pool now, from what it did in the recent seconds, and in a somewhat longer time.
    pub(super) fn of(
        snapshot: &Snapshot<'_>,
        pool: &PoolHandle,
        unit: WorkUnit,
        recent: &PoolSpan,
        longer: &PoolSpan,
    ) -> Self {
        let ever = snapshot
            .model
            .history
            .pool_span(pool, Timestamp::default(), snapshot.now);
        Self {
            policy: policy_of(snapshot, pool),
            utilisation: recent.utilisation(),
            speed: longer.speed(unit),
            unit,
            queued: recent.users.queued().unwrap_or_default(),
            running: recent.users.sessions().unwrap_or_default(),
            completed: ever.users.completed(),
            rejected: ever.elements.rejected(),
            handling: longer.users.handling_time(),
        }
    }

    /// Returns the utilisation and what it is a share of.
    pub(super) fn utilisation_in_words(&self) -> Option<(String, &'static str)> {
        let utilisation = self.utilisation?;
        let of = match utilisation {
            Utilisation::OfCapacity(_) => "utilisation",
            Utilisation::OfSessions(_) => "of the sessions",
        };
        Some((words::percent(utilisation.share()), of))
    }

    /// Returns the handling speed.
    pub(super) fn speed_in_words(&self) -> Option<String> {
        Some(match self.speed? {
            Speed::OfCapacity(share) => Scale::Percent.format(share),
            Speed::PerSecond(rate) => work_rate(rate, self.unit),
            Speed::Pixels(rate) => work_rate(rate, WorkUnit::Pixels),
        })
    }

    /// Returns what an audience needs beside the curves.
    pub(super) fn in_short(&self) -> String {
        let utilisation = self.utilisation_in_words();
        let utilisation = utilisation.map(|(share, of)| format!("{share} {of}"));
        let waiting = (self.queued > 0.0).then(|| format!("{} waiting", words::amount(self.queued)));
        let handling = self
            .handling
            .map(|time| format!("{} per request", words::duration(time)));
        let parts: Vec<String> = [utilisation, waiting, handling].into_iter().flatten().collect();
        parts.join(", ")
    }

    /// Returns all figures in a sentence.
    pub(super) fn sentence(&self) -> String {
        let mut parts = Vec::new();
        if let Some((share, of)) = self.utilisation_in_words() {
            parts.push(format!("{share} {of}"));
        }
        if let Some(speed) = self.speed_in_words() {
            parts.push(format!("handling speed {speed}"));
        }
        parts.push(format!(
            "{} waiting, {} in service",
            words::amount(self.queued),
            words::amount(self.running)
        ));
        parts.push(format!("{} completed", words::count(self.completed as u64)));
        if self.rejected > 0.0 {
            parts.push(format!("{} rejected", words::count(self.rejected as u64)));
        }
        if let Some(handling) = self.handling {
            parts.push(format!("{} per request", words::duration(handling)));
        }
        parts.join(", ")
    }
}

/// Returns the policy of a pool as its pool elements tell it.
fn policy_of(snapshot: &Snapshot<'_>, pool: &PoolHandle) -> String {
    let members = snapshot
        .role(ComponentRole::PoolElement)
        .filter(|component| component.pool_handle.as_ref() == Some(pool) && component.process.is_alive());
    let mut policies: Vec<&str> = members.filter_map(policy_name).collect();
    policies.sort_unstable();
    policies.dedup();
    policies.join(", ")
}

fn policy_name(component: &Component) -> Option<&str> {
    let told = component.policy_data.as_ref().map(|policy| policy.name());
    told.or_else(|| component.policy.as_deref()?.split(',').next())
}

impl Row {
    /// The titles of the cells.
    pub(super) const TITLES: [&'static str; 6] =
        ["Policy", "Load", "Sessions", "Work", "Completed", "Rejected"];

    /// Returns the figures of a pool element, which did this recently; `None` if it was removed.
    pub(super) fn of(snapshot: &Snapshot<'_>, id: ComponentId, recent: &Span) -> Option<Self> {
        let component = snapshot.component(id)?;
        let load = component.load;
        let work = component.pool_element_work;
        let rate = work.and_then(|work| Some(work_rate(recent.work_per_second()?, work.unit)));
        Some(Self {
            id,
            name: component.name.clone(),
            colour: component.colour,
            standing: Standing::of(component),
            cells: [
                policy_and_data(component),
                load.map(|load| words::percent(load.load)).unwrap_or_default(),
                load.map(|load| format!("{} of {}", load.sessions, load.capacity))
                    .unwrap_or_default(),
                rate.unwrap_or_default(),
                work.map(|work| words::count(work.completed)).unwrap_or_default(),
                work.map(|work| words::count(work.rejected)).unwrap_or_default(),
            ],
        })
    }
}

/// Returns the policy in short, with its data but the load.
fn policy_and_data(component: &Component) -> String {
    let Some(policy) = &component.policy_data else {
        return component.policy.clone().unwrap_or_default();
    };
    match words::policy_data(policy).as_str() {
        "" => policy.name().to_owned(),
        data => format!("{}, {data}", policy.short_name()),
    }
}
