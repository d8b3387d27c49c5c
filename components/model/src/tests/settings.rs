//! What is told of changed settings.

use feed::Limits;
use wire::parameter::Policy;

use super::*;

fn calc_app(calculations_per_second: u64, max_jobs: u32) -> Event {
    Event::Limits(Limits {
        fail_after: None,
        iterations_per_second: None,
        calculations_per_second: Some(calculations_per_second),
        max_jobs: Some(max_jobs),
    })
}

fn fractal(iterations_per_second: u64) -> Event {
    Event::Limits(Limits {
        iterations_per_second: Some(iterations_per_second),
        ..Limits::default()
    })
}

/// Returns what was told since then.
fn news(fixture: &Fixture, since: Timestamp) -> Vec<&str> {
    let entries = fixture.model.timeline.entries.iter();
    let news = entries.filter(|entry| entry.at > since);
    news.map(|entry| entry.text.as_str()).collect()
}

#[test]
fn a_dragged_slider_is_one_entry_from_the_first_value_to_the_last() {
    let mut fixture = Fixture::set();
    fixture.now += Duration::from_secs(100);
    let begin = fixture.now;
    fixture.feed(PE, calc_app(1_000_000, 10));
    assert!(news(&fixture, begin).is_empty(), "nothing has changed so far");
    for thousands in 1_001..=2_500 {
        fixture.now += ms(20);
        fixture.feed(PE, calc_app(thousands * 1_000, 10));
    }
    let capacity = "PE 1 was changed from 1.00 M calculations/s to 2.50 M calculations/s";
    assert_eq!(news(&fixture, begin), [capacity]);
    // Another setting, another pool element, and a change after a rest are other entries.
    fixture.feed(PE, calc_app(2_500_000, 1));
    fixture.feed(PE2, fractal(0));
    fixture.feed(PE2, fractal(2_000_000));
    fixture.now += Duration::from_secs(3);
    fixture.feed(PE2, fractal(0));
    let expected = [
        capacity,
        "PE 1 was changed from at most 10 jobs to at most 1 job",
        "PE 2 was changed from unlimited speed to 2.00 M iterations/s",
        "PE 2 was changed from 2.00 M iterations/s to unlimited speed",
    ];
    assert_eq!(news(&fixture, begin), expected);
    // Soon enough, there and back is no change.
    fixture.feed(PE2, fractal(2_000_000));
    assert_eq!(news(&fixture, begin)[3], "PE 2 has 2.00 M iterations/s again");
    // A new process has new limits, but nobody has changed them.
    fixture.end(PE, Ending::Killed);
    fixture.change(PE, Change::Spawned { pid: 1 });
    let told = news(&fixture, begin).len();
    fixture.feed(PE, calc_app(7, 7));
    assert_eq!(news(&fixture, begin).len(), told);
}

#[test]
fn changed_policy_data_are_told_but_no_change_of_the_load() {
    let mut fixture = Fixture::set();
    fixture.now += Duration::from_secs(100);
    let begin = fixture.now;
    let mut has = |load_degradation, load| {
        let policy = Policy::LeastUsedDegradation {
            load,
            load_degradation,
        };
        fixture.feed(PE, Event::Policy { policy });
        news(&fixture, begin).join("; ")
    };
    assert_eq!(has(0, 0), "");
    assert_eq!(has(0, 7), "");
    has(u32::MAX / 2, 7);
    let told = "PE 1 was changed from degradation 0.0 % to degradation 100.0 %";
    assert_eq!(has(u32::MAX, 7), told);
    // The type of a policy changes for the whole pool, and is told as that.
    let policy = Policy::WeightedRandom { weight: 3 };
    fixture.feed(PE, Event::Policy { policy });
    assert_eq!(news(&fixture, begin).join("; "), told);
}

#[test]
fn a_load_that_is_not_the_measured_one_is_told_and_ends_with_the_process() {
    let mut fixture = Fixture::set();
    fixture.now += Duration::from_secs(100);
    let begin = fixture.now;
    for percent in 50..=80 {
        fixture.change(PE, Change::LoadTold(Some(f64::from(percent) / 100.0)));
    }
    let told = "PE 1 tells registrars a load of 80 % from now on, whatever it measures";
    assert_eq!(news(&fixture, begin), [told]);
    assert_eq!(fixture.component(PE).told_load, Some(0.8));
    fixture.now += Duration::from_secs(3);
    fixture.change(PE, Change::LoadTold(None));
    fixture.told("PE 1 tells registrars the load that it measures");
    assert_eq!(fixture.component(PE).told_load, None);
    fixture.change(PE, Change::LoadTold(Some(0.5)));
    fixture.end(PE, Ending::Killed);
    assert_eq!(fixture.component(PE).told_load, None);
}
