//! The laboratory as a whole: what must hold whatever the figures are.

use policy_laboratory::{
    Capacities, Estimate, Experiment, Measure, Outcome, Parameter, Parameters, Results, Run, Sweep,
};

/// Simulates an experiment on this many threads.
fn results_on(threads: usize, experiment: &Experiment) -> Results {
    let mut run = Run::start_on(threads, experiment.clone(), || {}).expect("it can be simulated");
    while run.wait() {}
    assert_eq!(run.failure(), None);
    run.results().clone()
}

fn results(experiment: &Experiment) -> Results {
    let results = results_on(2, experiment);
    assert_eq!(results.ended(), results.runs());
    results
}

/// An experiment that takes little time.
fn experiment(policies: &[&str], values: &[(Parameter, f64)]) -> Experiment {
    let mut parameters = Parameters::default();
    let short = [(Parameter::WarmUp, 300.0), (Parameter::Duration, 1_800.0)];
    for &(parameter, value) in short.iter().chain(values) {
        parameters.set(parameter, value).expect("it can have this value");
    }
    Experiment {
        parameters,
        policies: policies.iter().flat_map(|policy| policy.parse()).collect(),
        seeds: 4,
        ..Experiment::default()
    }
}

fn estimate(results: &Results, policy: usize, measure: Measure) -> Estimate {
    results.estimate(policy, measure).expect("it was measured")
}

fn mean(results: &Results, measure: Measure) -> f64 {
    estimate(results, 0, measure).mean
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let failing = [(Parameter::Mtbf, 200.0), (Parameter::Registrars, 2.0)];
    let experiment = experiment(&["least-used", "round-robin"], &failing);
    let alone = results_on(1, &experiment);
    assert_eq!(alone.ended(), alone.runs());
    assert_eq!(alone, results_on(4, &experiment));
}

#[test]
fn seeds_differ() {
    let results = results(&experiment(&["round-robin"], &[]));
    let mut speeds: Vec<_> = results
        .outcomes(0)
        .map(|(_, outcome)| outcome.get(Measure::HandlingSpeed).unwrap().to_bits())
        .collect();
    speeds.sort_unstable();
    speeds.dedup();
    assert_eq!(speeds.len(), 4);
}

#[test]
fn a_pool_does_what_it_is_asked_for() {
    let results = results(&experiment(&["least-used"], &[(Parameter::Utilisation, 0.5)]));
    let utilisation = estimate(&results, 0, Measure::Utilisation);
    assert!((utilisation.mean - 50.0).abs() < 5.0, "{utilisation:?}");
    // 5 of 10 pool elements are busy with requests of 10 s each.
    let throughput = estimate(&results, 0, Measure::Throughput);
    assert!((throughput.mean - 0.5).abs() < 0.05, "{throughput:?}");
    for nothing in [Measure::LostWork, Measure::Failovers, Measure::Rejections] {
        assert_eq!(mean(&results, nothing), 0.0, "{nothing}");
    }
    assert_eq!(results.estimate(0, Measure::FailoverTime), None);
}

#[test]
fn a_request_alone_is_handled_at_full_speed() {
    let alone = [(Parameter::Utilisation, 0.01), (Parameter::PoolUsers, 10.0)];
    let results = results(&experiment(&["least-used"], &alone));
    let speed = mean(&results, Measure::HandlingSpeed);
    assert!(speed > 97.0 && speed <= 100.0 + 1e-6, "{speed}");
    let slow = [(Parameter::NetworkDelay, 0.5)];
    let slow: Vec<_> = alone.into_iter().chain(slow).collect();
    let results = self::results(&experiment(&["least-used"], &slow));
    // A handle resolution, an association and a request with its completion take three round trips of 1 s.
    let slower = mean(&results, Measure::HandlingSpeed);
    assert!(
        slower < speed - 10.0 && slower > 60.0,
        "{slower} instead of {speed}"
    );
}

#[test]
fn clean_shut_downs_lose_nothing_and_power_failures_lose_what_no_cookie_tells() {
    let failing = [
        (Parameter::Mtbf, 100.0),
        (Parameter::Utilisation, 0.4),
        (Parameter::CleanShutdowns, 1.0),
    ];
    let clean = results(&experiment(&["least-used"], &failing));
    assert!(mean(&clean, Measure::Failovers) > 100.0);
    // A cookie tells whole calculations.
    assert!(mean(&clean, Measure::LostWork) < 1e-3);
    assert!(mean(&clean, Measure::FailoverTime) < 0.1);

    let hard = [(Parameter::CleanShutdowns, 0.0)];
    let hard: Vec<_> = failing.into_iter().chain(hard).collect();
    let hard = results(&experiment(&["least-used"], &hard));
    let time = mean(&hard, Measure::FailoverTime);
    // Noticed by the keep-alive after 5 s at most, which is not answered within 5 s.
    assert!((5.0..12.0).contains(&time), "{time}");
    let lost = mean(&hard, Measure::LostWork);
    let rare = [
        (Parameter::CleanShutdowns, 0.0),
        (Parameter::CookieInterval, 100.0),
        (Parameter::CookieCalculations, 1e12),
    ];
    let rare: Vec<_> = failing.into_iter().chain(rare).collect();
    let lost_without = mean(&results(&experiment(&["least-used"], &rare)), Measure::LostWork);
    assert!(lost > 0.1 && lost_without > 1.5 * lost, "{lost} {lost_without}");
}

#[test]
fn registrars_share_the_pool_and_speak_about_it() {
    let one = results(&experiment(&["least-used"], &[]));
    assert_eq!(mean(&one, Measure::EnrpRate), 0.0);
    let three = results(&experiment(&["least-used"], &[(Parameter::Registrars, 3.0)]));
    // Each load is told two others.
    assert!(mean(&three, Measure::EnrpRate) > 1.0);
    let speeds = [&one, &three].map(|results| mean(results, Measure::HandlingSpeed));
    assert!(speeds[1] > 50.0, "{speeds:?}");
}

#[test]
fn a_request_limit_leads_to_rejections() {
    let full = [(Parameter::RequestLimit, 1.0), (Parameter::Utilisation, 0.9)];
    let results = results(&experiment(&["round-robin"], &full));
    assert!(mean(&results, Measure::Rejections) > 0.5);
    assert!(mean(&results, Measure::Throughput) > 0.5);
}

#[test]
fn what_has_ended_before_a_cancellation_is_kept() {
    let experiment = Experiment {
        seeds: 1_000,
        ..experiment(&["round-robin"], &[])
    };
    let mut run = Run::start_on(2, experiment, || {}).unwrap();
    assert!(run.wait());
    run.cancel();
    while run.wait() {}
    let ended = run.results().ended();
    assert!((1..1_000).contains(&ended), "{ended}");
    assert!(run.results().estimate(0, Measure::HandlingSpeed).is_some());
}

/// Returns how many times as fast the first point is as the last one, with the requests of each seed.
fn times_as_fast(results: &Results) -> Vec<f64> {
    let speeds = |point: usize| {
        let speed = |outcome: &Outcome| outcome.get(Measure::HandlingSpeed).expect("requests are handled");
        results.outcomes(point).map(move |(_, outcome)| speed(outcome))
    };
    let last = results.points().len() - 1;
    speeds(0)
        .zip(speeds(last))
        .map(|(first, last)| first / last)
        .collect()
}

/// Returns an experiment with what the pools have that stories compare.
fn story(policies: &[&str], values: &[(Parameter, f64)]) -> Experiment {
    let pool = [
        (Parameter::PoolElements, 4.0),
        (Parameter::PoolUsers, 12.0),
        (Parameter::RequestLimit, 12.0),
        (Parameter::WarmUp, 3.0),
        (Parameter::Duration, 20.0),
    ];
    let values: Vec<_> = pool.iter().chain(values).copied().collect();
    Experiment {
        seeds: 100,
        ..experiment(policies, &values)
    }
}

/// Stories have real processes show it, with the requests of one seed. Here it does not depend on the seed.
#[test]
fn twenty_seconds_show_that_least_used_needs_fresh_loads() {
    let load = [(Parameter::Utilisation, 0.6), (Parameter::RequestSize, 2e5)];
    let fresh_and_stale = Sweep {
        parameter: Parameter::StaleCache,
        values: vec![0.0, 30.0],
    };
    let experiment = Experiment {
        sweep: Some(fresh_and_stale),
        ..story(&["least-used"], &load)
    };
    let times = times_as_fast(&results(&experiment));
    assert_eq!(times.len(), 100);
    assert!(times.iter().all(|times| *times > 1.2), "{times:?}");
}

/// Like [`twenty_seconds_show_that_least_used_needs_fresh_loads`].
#[test]
fn twenty_seconds_show_that_round_robin_does_not_know_the_slow() {
    let load = [
        (Parameter::Utilisation, 0.75),
        (Parameter::RequestSize, 2.5e5),
        (Parameter::CapacityFactor, 3.0),
    ];
    let mut experiment = story(&["least-used", "round-robin"], &load);
    experiment.parameters.capacities = Capacities::Bimodal;
    let times = times_as_fast(&results(&experiment));
    assert_eq!(times.len(), 100);
    assert!(times.iter().all(|times| *times > 1.2), "{times:?}");
}

/// The figures are those of the literature, within twice the confidence interval of as many seeds as it has.
#[test]
fn the_base_set_up_has_the_figures_of_the_literature() {
    let experiment = Experiment {
        seeds: 24,
        ..Experiment::default()
    };
    let results = results(&experiment);
    for (policy, known) in [68.0, 26.0, 12.0].into_iter().enumerate() {
        let speed = estimate(&results, policy, Measure::HandlingSpeed);
        let half_width = speed.half_width.unwrap();
        let name = &experiment.policies[policy];
        assert!(
            (speed.mean - known).abs() < 2.0 * half_width,
            "{name}: {speed:?} instead of {known}"
        );
        assert!(half_width < 0.2 * known, "{name}: {speed:?}");
    }
    let intervals = [0, 1, 2].map(|policy| estimate(&results, policy, Measure::HandlingSpeed));
    assert!(intervals[0].low() > 2.0 * intervals[1].high(), "{intervals:?}");
    assert!(intervals[1].low() > 1.5 * intervals[2].high(), "{intervals:?}");
    // Nobody is better than one central queue, and the queues at pool users cost something.
    assert!(
        intervals[0].high() < 83.0 && intervals[2].high() < 20.0,
        "{intervals:?}"
    );
}
