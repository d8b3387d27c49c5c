//! An experiment with real processes: what they achieve is compared with what the laboratory says.

use std::path::Path;

use anyhow::{Context, anyhow, bail, ensure};
use crossbeam_channel::Receiver;
use feed::WorkUnit;
use interruption::Interruption;
use model::{Model, Speed, Utilisation};
use play::PlayState;
use policy_laboratory::{Experiment, Measure, Parameter, Parameters, Results, request_seed, rounded};
use scenario::Scenario;
use serde_json::{Value, json};
use supervisor::{Repaint, this_program};
use wire::{PoolHandle, calc_app};

use crate::control_centre::PlayOptions;
use crate::headless::{Reach, Round};
use crate::terminal::Transcript;

/// What is measured live as well.
const MEASURES: [Measure; 3] = [Measure::HandlingSpeed, Measure::Utilisation, Measure::Throughput];
/// The step from which on everything counts.
const MEASURED: &str = "measured";

/// Returns the experiment as a scenario, in which real processes make the requests of the run with the first seed.
///
/// # Errors
/// Returns an error if it cannot be done with real processes.
pub(super) fn scenario(experiment: &Experiment) -> anyhow::Result<Scenario> {
    let ([policy], None) = (experiment.policies.as_slice(), &experiment.sweep) else {
        bail!("only an experiment with one policy and without a sweep can be done live");
    };
    let parameters = &experiment.parameters;
    for same in [
        Parameter::Items,
        Parameter::NetworkDelay,
        Parameter::AssociationTimeout,
        Parameter::Mtbf,
    ] {
        ensure!(
            parameters.get(same) == Parameters::default().get(same),
            "{same}: only its default can be had live"
        );
    }
    // The same on both sides.
    let keep_alive_interval = milliseconds(
        "job-keep-alive-interval",
        parameters,
        Parameter::SessionKeepAliveInterval,
    );
    let keep_alive_timeout = milliseconds(
        "job-keep-alive-timeout",
        parameters,
        Parameter::SessionKeepAliveTimeout,
    );
    let registrars = (0..parameters.count(Parameter::Registrars)).map(|_| json!({"role": "registrar"}));
    let elements = parameters.elements(policy)?;
    let founder = elements.first().map(|(_, policy)| policy.clone());
    let elements = elements.into_iter().map(|(capacity, policy)| {
        let policy = policy.argument().unwrap_or_default();
        let options = [
            format!("--calculations-per-second={capacity}"),
            format!("--max-jobs={}", parameters.count(Parameter::RequestLimit)),
            format!(
                "--job-cookie-calculations={}",
                parameters.get(Parameter::CookieCalculations)
            ),
            milliseconds("job-cookie-interval", parameters, Parameter::CookieInterval),
            keep_alive_interval.clone(),
            keep_alive_timeout.clone(),
        ];
        json!({"role": "pool-element", "service": "calcapp", "policy": policy, "options": options})
    });
    let sizes = parameters
        .request_sizes()
        .context("request-distribution: it has no mean")?;
    let intervals = parameters
        .request_intervals()
        .context("interval-distribution: it has no mean")?;
    let users = (0..parameters.count(Parameter::PoolUsers)).map(|number| {
        let options = [
            format!("--request-size={sizes}"),
            format!("--request-interval={intervals}"),
            "--first-request=after-interval".to_owned(),
            format!("--seed={}", request_seed(experiment.first_seed, number)),
            milliseconds("stale-cache-value", parameters, Parameter::StaleCache),
            keep_alive_interval.clone(),
            keep_alive_timeout.clone(),
        ];
        json!({"role": "pool-user", "service": "calcapp", "options": options})
    });
    let components: Vec<Value> = registrars.chain(elements).chain(users).collect();
    let is = founder.and_then(|policy| policy.argument());
    let is = is.as_deref().and_then(|argument| argument.split(':').next());
    let text = json!({
        "name": experiment.name,
        "components": components,
        "steps": [
            {
                "name": "ready",
                "when": {"pool-policy": {"pool": calc_app::POOL_HANDLE, "is": is}},
                "within-s": 60,
                "say": "Real processes: the pool is complete.",
            },
            {
                "name": MEASURED,
                "after-s": parameters.get(Parameter::WarmUp),
                "say": format!("Measured for {} s from now.", parameters.get(Parameter::Duration)),
            },
            {"name": "over", "after-s": parameters.get(Parameter::Duration), "say": "The time is over."},
        ],
    });
    Scenario::parse("the live run", &text.to_string()).map_err(|errors| anyhow!("{errors}"))
}

fn milliseconds(option: &str, parameters: &Parameters, parameter: Parameter) -> String {
    format!("--{option}={}", parameters.duration(parameter).as_millis())
}

/// What real processes have achieved.
pub(super) struct Live {
    values: Vec<(Measure, Option<f64>)>,
}

impl Live {
    /// Plays the scenario, and measures it. It looks at once whether it was interrupted when it is told of news.
    ///
    /// # Errors
    /// Returns an error if it could not be played to its end.
    pub(super) fn play(
        scenario: &Scenario,
        seed: u64,
        reach: Reach,
        news_channel: (Repaint, Receiver<()>),
        interruption: &Interruption,
        transcript: &Transcript,
    ) -> anyhow::Result<Self> {
        let program = this_program().context("cannot find the program that components run")?;
        let options = PlayOptions {
            seed,
            speed: 1.0,
            random_faults_for_s: None,
        };
        let program: &Path = &program;
        let mut round = Round::begin(program, scenario, options, reach, news_channel, None)?;
        round.play(None, interruption, transcript);
        let values = round.measured(|model, play| {
            let record = play
                .step_records()
                .iter()
                .find(|record| record.name == MEASURED)?;
            let over = play.step_records().last()?.begun;
            (play.state() == PlayState::Succeeded).then(|| measured(model, record.begun, over))
        });
        let report = round.end();
        match values {
            Some(values) => Ok(Self { values }),
            None => {
                let why = report
                    .failures
                    .first()
                    .map(|failure| format!(": {}", failure.what));
                bail!("the live run failed{}", why.unwrap_or_default())
            }
        }
    }

    /// Compares with the simulated run in which the same requests are made. The difference may be as large as the
    /// standard deviation of runs with other requests. Returns the lines of a table, and whether everything is as
    /// simulated.
    pub(super) fn compare(&self, results: &Results) -> (Vec<String>, bool) {
        let mut lines = vec![format!(
            "{:<48} {:>9} {:>14} {:>18} {:>19}",
            "", "live", "same requests", "mean of all runs", "standard deviation"
        )];
        let mut agrees = true;
        for &(measure, live) in &self.values {
            let estimate = results.estimate(0, measure);
            let deviation = estimate.and_then(|estimate| estimate.deviation);
            let twin = results.outcomes(0).next();
            let twin = twin.and_then(|(_, outcome)| outcome.get(measure));
            let is_alike = live
                .zip(twin)
                .zip(deviation)
                .is_some_and(|((live, twin), deviation)| (live - twin).abs() <= deviation);
            agrees &= is_alike;
            let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), rounded);
            lines.push(format!(
                "{:<48} {:>9} {:>14} {:>18} {:>19}  {}",
                measure.label_with_unit(),
                shown(live),
                shown(twin),
                shown(estimate.map(|estimate| estimate.mean)),
                shown(deviation),
                if is_alike { "as simulated" } else { "DIFFERS" },
            ));
        }
        (lines, agrees)
    }
}

/// Returns what the pool did in a span of time, in the units of the measures.
fn measured(model: &Model, from: feed::Timestamp, to: feed::Timestamp) -> Vec<(Measure, Option<f64>)> {
    let Ok(pool) = PoolHandle::new(calc_app::POOL_HANDLE.as_bytes()) else {
        return Vec::new();
    };
    let span = model.history.pool_span(&pool, from, to);
    let value = |measure| match measure {
        Measure::HandlingSpeed => match span.speed(WorkUnit::Calculations)? {
            Speed::OfCapacity(share) => Some(100.0 * share),
            Speed::PerSecond(_) | Speed::Pixels(_) => None,
        },
        Measure::Utilisation => match span.utilisation()? {
            Utilisation::OfCapacity(share) => Some(100.0 * share),
            Utilisation::OfSessions(_) => None,
        },
        Measure::Throughput => span.users.completed_per_second(),
        _ => None,
    };
    MEASURES.map(|measure| (measure, value(measure))).to_vec()
}
