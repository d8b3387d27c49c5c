//! How long failovers and takeovers took, phase by phase, so that those of two recordings can be compared.

use std::time::Duration;

use feed::Timestamp;

use crate::{HighlightKind, Lanes, Phase};

/// A failover or a takeover.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recovery<'a> {
    /// Whether a registrar took over; otherwise a session failed over.
    pub takeover: bool,
    /// When the fault was injected, if one was.
    pub fault_at: Option<Timestamp>,
    /// When the failure was detected.
    pub detected: Timestamp,
    /// When it ended.
    pub end: Timestamp,
    /// Whether it succeeded; otherwise it was abandoned.
    pub succeeded: bool,
    /// Its phases in order.
    pub phases: &'a [Phase],
    /// One sentence.
    pub text: &'a str,
}

/// How long a recovery took, or several of them in the median.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Durations {
    /// From its beginning to its end.
    pub whole: Duration,
    /// Each phase by its name, in order. The first one is missing where nobody knows when it began.
    pub phases: Vec<(String, Duration)>,
}

/// What a recording tells of one kind of recovery.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recoveries {
    /// The number of those that succeeded.
    pub succeeded: usize,
    /// The number of those that were abandoned.
    pub abandoned: usize,
    /// Of those that succeeded, the one whose beginning is nearest to the anchor, and what it was, in a sentence.
    pub nearest: Option<(Durations, String)>,
    /// The medians of those that succeeded, if there are several.
    pub medians: Option<Durations>,
}

impl Lanes {
    /// Returns the failovers and takeovers, in the order in which they ended.
    pub fn recoveries(&self) -> impl Iterator<Item = Recovery<'_>> {
        self.points.iter().filter_map(|point| match &point.kind {
            HighlightKind::Recovery {
                takeover,
                fault_at,
                detected,
                succeeded,
                phases,
                text,
            } => Some(Recovery {
                takeover: *takeover,
                fault_at: *fault_at,
                detected: *detected,
                end: point.at,
                succeeded: *succeeded,
                phases,
                text,
            }),
            _ => None,
        })
    }
}

impl Recovery<'_> {
    /// Returns when it began: with the fault or, without one, when the failure was detected.
    #[must_use]
    pub fn began(&self) -> Timestamp {
        self.fault_at.unwrap_or(self.detected)
    }

    /// Returns how long it took.
    #[must_use]
    pub fn durations(&self) -> Durations {
        let mut before = self.fault_at;
        let mut phases = Vec::with_capacity(self.phases.len());
        for phase in self.phases {
            if let Some(begin) = before {
                phases.push((phase.name.clone(), phase.end - begin));
            }
            before = Some(before.map_or(phase.end, |begin| begin.max(phase.end)));
        }
        Durations {
            whole: self.end - self.began(),
            phases,
        }
    }
}

impl Durations {
    /// Returns the duration of a phase.
    #[must_use]
    pub fn phase(&self, name: &str) -> Option<Duration> {
        let mut phases = self.phases.iter();
        phases.find(|(phase, _)| phase == name).map(|(_, took)| *took)
    }

    /// Returns the names of the phases that any of these have, in an order that is that of each of them as far as it can.
    #[must_use]
    pub fn names<'a>(all: impl IntoIterator<Item = &'a Self>) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        for durations in all {
            let mut place = 0;
            for (name, _) in &durations.phases {
                match names.iter().position(|known| known == name) {
                    Some(known) => place = known + 1,
                    None => {
                        names.insert(place, name);
                        place += 1;
                    }
                }
            }
        }
        names
    }

    fn medians(all: &[Self]) -> Option<Self> {
        let median = |mut durations: Vec<Duration>| {
            durations.sort_unstable();
            figures::quantile(&durations, 0.5)
        };
        let names = Self::names(all);
        let phases = names.into_iter().filter_map(|name| {
            let took = all.iter().filter_map(|durations| durations.phase(name)).collect();
            Some((name.to_owned(), median(took)?))
        });
        Some(Self {
            whole: median(all.iter().map(|durations| durations.whole).collect())?,
            phases: phases.collect(),
        })
    }
}

impl Recoveries {
    /// Returns what a recording with this anchor tells of its takeovers, or of its failovers.
    #[must_use]
    pub fn of(lanes: &Lanes, takeover: bool, anchor: Timestamp) -> Self {
        let ended = lanes
            .recoveries()
            .filter(|recovery| recovery.takeover == takeover);
        let (succeeded, abandoned): (Vec<_>, Vec<_>) = ended.partition(|recovery| recovery.succeeded);
        let distance = |recovery: &&Recovery<'_>| {
            let apart = recovery.began().as_micros().abs_diff(anchor.as_micros());
            (apart, recovery.end)
        };
        let nearest = succeeded.iter().min_by_key(distance);
        let all: Vec<Durations> = succeeded.iter().map(Recovery::durations).collect();
        Self {
            succeeded: succeeded.len(),
            abandoned: abandoned.len(),
            nearest: nearest.map(|nearest| (nearest.durations(), nearest.text.to_owned())),
            medians: (all.len() > 1).then(|| Durations::medians(&all)).flatten(),
        }
    }

    /// Returns whether there is any.
    #[must_use]
    pub const fn any(&self) -> bool {
        self.succeeded + self.abandoned > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Highlight;

    const fn at(ms: u64) -> Timestamp {
        Timestamp::from_micros(ms * 1_000)
    }

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Adds a failover with these ends of its phases.
    fn add(lanes: &mut Lanes, fault: Option<u64>, phases: &[(&str, u64)], succeeded: bool) {
        let phases: Vec<Phase> = phases
            .iter()
            .map(|(name, end)| Phase {
                name: (*name).to_owned(),
                end: at(*end),
            })
            .collect();
        lanes.add(Highlight {
            at: phases.last().expect("a phase").end,
            component: None,
            kind: HighlightKind::Recovery {
                takeover: false,
                fault_at: fault.map(at),
                detected: phases[0].end,
                succeeded,
                phases,
                text: format!("the one that began at {fault:?}"),
            },
        });
    }

    #[test]
    fn phases_follow_each_other_from_the_fault_on_and_add_up_to_the_whole() {
        let mut lanes = Lanes::default();
        add(
            &mut lanes,
            Some(100),
            &[("detection", 110), ("connection", 117), ("first data", 130)],
            true,
        );
        let Durations { whole, phases } = lanes.recoveries().next().expect("one").durations();
        assert_eq!(whole, ms(30));
        assert_eq!(phases.iter().map(|(_, took)| *took).sum::<Duration>(), whole);
        assert_eq!(phases[1], ("connection".to_owned(), ms(7)));
    }

    #[test]
    fn nobody_knows_how_long_a_failure_without_a_fault_was_not_noticed() {
        let mut lanes = Lanes::default();
        add(&mut lanes, None, &[("detection", 110), ("connection", 117)], true);
        let durations = lanes.recoveries().next().expect("one").durations();
        assert_eq!(durations.phase("detection"), None);
        assert_eq!(durations.phase("connection"), Some(ms(7)));
        assert_eq!(durations.whole, ms(7));
    }

    #[test]
    fn the_one_nearest_to_the_anchor_comes_first_and_all_have_medians() {
        let mut lanes = Lanes::default();
        for (fault, took) in [(1_000, 10), (2_000, 700), (3_000, 30)] {
            add(&mut lanes, Some(fault), &[("detection", fault + took)], true);
        }
        add(&mut lanes, Some(2_100), &[("detection", 2_150)], false);
        let recoveries = Recoveries::of(&lanes, false, at(2_100));
        assert_eq!((recoveries.succeeded, recoveries.abandoned), (3, 1));
        let (nearest, text) = recoveries.nearest.expect("three of them");
        assert_eq!(nearest.whole, ms(700));
        assert_eq!(text, "the one that began at Some(2000)");
        let medians = recoveries.medians.expect("three of them");
        assert_eq!(
            (medians.whole, medians.phase("detection")),
            (ms(30), Some(ms(30)))
        );
        assert!(!Recoveries::of(&lanes, true, at(2_000)).any(), "no takeovers");
    }

    #[test]
    fn names_are_in_an_order_that_suits_both() {
        let of = |names: &[&str]| Durations {
            whole: ms(1),
            phases: names.iter().map(|name| ((*name).to_owned(), ms(1))).collect(),
        };
        let (one, other) = (
            of(&["detection", "first data"]),
            of(&["detection", "connection", "first data"]),
        );
        assert_eq!(
            Durations::names([&one, &other]),
            ["detection", "connection", "first data"]
        );
    }
}
