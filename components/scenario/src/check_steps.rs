//! Checks steps beyond their types: names must exist, and numbers must be within their ranges.

use std::collections::{BTreeMap, BTreeSet};

use wire::parameter::PolicyData;

use super::file::StepPlace;
use super::reader::Reader;
use super::{
    Condition, ImpairLinks, PoolFigure, PoolsCompared, RandomFaults, Step, StepAction, Who, WorkShare,
};
use crate::MAX_PICTURE_PIXELS;

/// Records everything that is wrong with the steps.
pub(super) fn check(reader: &mut Reader<'_>, steps: &[(StepPlace, Step)], components: &BTreeSet<String>) {
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, (place, step)) in steps.iter().enumerate() {
        let mut report = |member: &str, what: String| {
            reader.problem(place.offset, format!("{}{member}", place.path), &what);
        };
        if let Some(name) = &step.name {
            if positions.insert(name, index).is_some() {
                report(".name", format!("there is a step called `{name}` already"));
            }
            text(name, 60, |what| report(".name", what));
        }
        if let Some(say) = &step.say {
            for (sentence, when) in say.sentences() {
                text(sentence, Step::SAY, |what| report(".say", what));
                if let Some(when) = when {
                    condition(when, &mut |what| report(".say", what));
                }
            }
            if say.whole().chars().count() > 2 * Step::SAY || say.sentences().next().is_none() {
                report(".say", format!("must have 1 to {} characters", 2 * Step::SAY));
            }
        }
        if let Some(notes) = &step.notes {
            text(notes, Step::NOTES, |what| report(".notes", what));
        }
        if let Some(rfc) = &step.rfc {
            text(rfc, 100, |what| report(".rfc", what));
            if !rfc.starts_with("RFC ") {
                report(
                    ".rfc",
                    format!("`{rfc}` is no reference such as `RFC 5352 section 3.5`"),
                );
            }
        }
        for (member, seconds) in [
            (".at-s", step.at_s),
            (".after-s", step.after_s),
            (".within-s", step.within_s),
        ] {
            time(seconds, |what| report(member, what));
        }
        if let Some(when) = &step.when {
            condition(when, &mut |what| report(".when", what));
        }
        for (number, action) in step.actions.iter().enumerate() {
            self::action(action, &mut |what| report(&format!(".do[{number}]"), what));
        }
        for (number, expectation) in step.expect.iter().enumerate() {
            let member = format!(".expect[{number}]");
            time(expectation.within_s, |what| {
                report(&format!("{member}.within-s"), what);
            });
            time(expectation.for_s, |what| report(&format!("{member}.for-s"), what));
            if let Some(say) = &expectation.say {
                text(say, Step::SAY, |what| report(&format!("{member}.say"), what));
            }
            condition(&expectation.that, &mut |what| {
                report(&format!("{member}.that"), what);
            });
        }
        if place.whole && step_is_empty(step) {
            report(
                "",
                "says nothing, does nothing, expects nothing and waits for nothing".into(),
            );
        }
    }
    references(reader, steps, &positions, components);
}

fn step_is_empty(step: &Step) -> bool {
    let waits = step.at_s.is_some() || step.after_s.is_some() || step.when.is_some();
    !waits && step.say.is_none() && step.actions.is_empty() && step.expect.is_empty()
}

/// Checks that all referenced names exist: components, steps whose targets are reused, steps to go back to.
fn references(
    reader: &mut Reader<'_>,
    steps: &[(StepPlace, Step)],
    positions: &BTreeMap<&str, usize>,
    components: &BTreeSet<String>,
) {
    let mut repeated_until = None;
    for (index, (place, step)) in steps.iter().enumerate() {
        let mut unknown = BTreeSet::new();
        let mut look = |who: &Who| {
            for name in who.components() {
                if !components.contains(name) {
                    unknown.insert(format!("there is no component called `{name}`"));
                }
            }
            if let Who::ChosenIn(name) = who
                && positions
                    .get(name.as_str())
                    .is_none_or(|position| *position > index)
            {
                unknown.insert(format!("there is no step called `{name}` before this one"));
            }
        };
        step.actors.iter().for_each(&mut look);
        step.each_who(&mut look);
        for what in unknown {
            reader.problem(place.offset, place.path.clone(), &what);
        }
        let Some(repeat) = &step.repeat else { continue };
        let mut report = |what: String| reader.problem(place.offset, format!("{}.repeat", place.path), &what);
        if !(1..=Step::TIMES).contains(&repeat.times) {
            report(format!(
                "{} times; 1 to {} are allowed",
                repeat.times,
                Step::TIMES
            ));
        }
        match positions.get(repeat.from.as_str()) {
            Some(from) if *from <= index => {
                if repeated_until.is_some_and(|until| *from <= until) {
                    report("these steps are repeated already".into());
                }
                repeated_until = Some(index);
            }
            _ => report(format!(
                "there is no step called `{}` before this one",
                repeat.from
            )),
        }
    }
}

fn text(text: &str, most: usize, report: impl FnOnce(String)) {
    if text.trim().is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
        report(format!(
            "must have 1 to {most} characters without control characters"
        ));
    }
}

fn time(seconds: Option<f64>, report: impl FnOnce(String)) {
    if let Some(seconds) = seconds {
        number(seconds, 0.0, Step::SECONDS, "seconds", report);
    }
}

fn number(value: f64, least: f64, most: f64, unit: &str, report: impl FnOnce(String)) {
    if !(least..=most).contains(&value) {
        report(format!(
            "{value} is out of range: {least} to {most} {unit} are allowed"
        ));
    }
}

fn condition(condition: &Condition, report: &mut dyn FnMut(String)) {
    match condition {
        Condition::All(list) | Condition::Any(list) => {
            list.iter().for_each(|part| self::condition(part, report));
        }
        Condition::Not(part) => self::condition(part, report),
        Condition::Load {
            at_least, at_most, ..
        }
        | Condition::ImageProgress {
            at_least, at_most, ..
        } => {
            for percent in [at_least, at_most].into_iter().flatten() {
                number(*percent, 0.0, 100.0, "percent", &mut *report);
            }
            in_order(at_least.as_ref(), at_most.as_ref(), report);
        }
        Condition::Associations {
            at_least, at_most, ..
        }
        | Condition::Sessions {
            at_least, at_most, ..
        } => {
            in_order(at_least.as_ref(), at_most.as_ref(), report);
        }
        Condition::Utilisation(PoolFigure {
            at_least,
            at_most,
            over_s,
            ..
        })
        | Condition::HandlingSpeed(PoolFigure {
            at_least,
            at_most,
            over_s,
            ..
        })
        | Condition::WorkShare(WorkShare {
            at_least,
            at_most,
            over_s,
            ..
        }) => {
            for percent in [at_least, at_most].into_iter().flatten() {
                number(*percent, 0.0, 1000.0, "percent", &mut *report);
            }
            time(*over_s, &mut *report);
            in_order(at_least.as_ref(), at_most.as_ref(), report);
        }
        Condition::Faster(PoolsCompared { times, over_s, .. }) => {
            if let Some(times) = times {
                number(*times, 0.01, 100.0, "times", &mut *report);
            }
            time(*over_s, report);
        }
        Condition::FailoverGap { below_ms, .. }
        | Condition::DetectionTime { below_ms, .. }
        | Condition::TakeoverTime { below_ms, .. } => {
            number(*below_ms, 0.1, Step::SECONDS * 1e3, "milliseconds", report);
        }
        Condition::MessageSeen { name, .. } => text(name, 100, report),
        Condition::Ready(_)
        | Condition::State { .. }
        | Condition::Registered { .. }
        | Condition::ImagesComplete { .. }
        | Condition::ServedBy { .. }
        | Condition::FailoverComplete { .. }
        | Condition::TakeoverComplete { .. }
        | Condition::FailureNoticed { .. }
        | Condition::SessionsMoved { .. }
        | Condition::ConsideredDead { .. }
        | Condition::HandlespacesAgree { .. }
        | Condition::PoolPolicy(_)
        | Condition::RandomFaultsOver => {}
    }
}

fn in_order<T: PartialOrd + std::fmt::Display>(
    at_least: Option<&T>,
    at_most: Option<&T>,
    report: &mut dyn FnMut(String),
) {
    match (at_least, at_most) {
        (Some(least), Some(most)) if least > most => {
            report(format!("at least {least} and at most {most} cannot both hold"));
        }
        (None, None) => report("`at-least` or `at-most` is needed".into()),
        _ => {}
    }
}

fn action(action: &StepAction, report: &mut dyn FnMut(String)) {
    match action {
        StepAction::Impair(ImpairLinks {
            loss_percent,
            delay_ms,
            jitter_ms,
            burst_packets,
            rate_kbit_s,
            corruption_percent,
            ..
        }) => {
            number(*loss_percent, 0.0, 100.0, "percent", &mut *report);
            number(*delay_ms, 0.0, 10_000.0, "milliseconds", &mut *report);
            number(*jitter_ms, 0.0, 10_000.0, "milliseconds", &mut *report);
            number(*burst_packets, 0.0, 10_000.0, "packets", &mut *report);
            number(*rate_kbit_s, 0.0, 1_000_000.0, "kbit/s", &mut *report);
            number(*corruption_percent, 0.0, 100.0, "percent", report);
        }
        StepAction::SetMaxJobs { jobs, .. } => number((*jobs).into(), 1.0, 10_000.0, "jobs", report),
        StepAction::SetPolicyData(data) => {
            let chosen = data.data();
            if chosen == PolicyData::default() {
                report("a weight, a priority, a degradation or a DPF is needed".into());
            }
            for percent in [data.degradation_percent, data.dpf_percent].into_iter().flatten() {
                number(percent, 0.0, 100.0, "percent", &mut *report);
            }
        }
        StepAction::SetLoad {
            percent: Some(percent),
            ..
        } => number(*percent, 0.0, 100.0, "percent", report),
        StepAction::NewImage {
            size: Some([width, height]),
            ..
        } => {
            let pixels = u64::from(*width) * u64::from(*height);
            if !(1..=u64::from(MAX_PICTURE_PIXELS)).contains(&pixels) {
                report(format!(
                    "[{width}, {height}]; 1 to {} pixels are allowed",
                    MAX_PICTURE_PIXELS
                ));
            }
        }
        StepAction::RandomFaults(RandomFaults {
            mean_up_s,
            mean_down_s,
            for_s,
            faults,
            ..
        }) => {
            number(
                *mean_up_s,
                0.1,
                Step::SECONDS,
                "seconds of mean up-time",
                &mut *report,
            );
            number(
                *mean_down_s,
                0.0,
                Step::SECONDS,
                "seconds of mean down-time",
                &mut *report,
            );
            time(*for_s, &mut *report);
            if faults.is_empty() || faults.len() > 20 {
                report("1 to 20 faults are needed".into());
            }
        }
        _ => {}
    }
}
