//! Pool elements and pool users of the CalcApp service.

use std::collections::BTreeMap;

use events::pool_user;
use feed::{Activity, Command, Event, Frame, PoolElementWork, PoolUserWork, Status, WorkUnit};
use laboratory::{Lab, Process};
use nix::sys::signal::Signal;
use wire::parameter::Policy;

crate::tests![
    requests_are_processed_and_counted_alike_on_both_sides,
    a_job_beyond_the_limit_is_rejected_and_tried_again,
    a_job_continues_from_its_cookie_when_its_pool_element_is_killed,
    a_job_continues_when_its_pool_element_stops_in_order,
    capacity_and_limit_change_while_a_job_runs,
    a_stopped_pool_user_leaves_no_job_behind,
];

/// A request that takes a fifth of a second.
const SHORT: &str = "--request-size=2e5";
/// A request that takes longer than any test.
const ENDLESS: &str = "--request-size=1e12";

fn element(lab: &Lab, identifier: u32, options: &[&str]) -> Process {
    lab.pool_element(
        identifier,
        &[&["--service=calcapp", "--policy=least-used"], options].concat(),
    )
}

fn user(lab: &Lab, options: &[&str]) -> Process {
    lab.start("pool-user", &[&["--service=calcapp"], options].concat())
}

/// Returns the last report of a pool element's work, after it was told to stop.
fn last_work(element: &mut Process) -> PoolElementWork {
    element.command(&Command::Stop);
    let frames = element.rest_of_feed();
    let works = picked(&frames, |event| match event {
        Event::PoolElementWork(work) => Some(*work),
        _ => None,
    });
    *works.last().expect("reports of work")
}

/// Returns a pool user's first and last report.
fn user_works(frames: &[Frame]) -> (PoolUserWork, PoolUserWork) {
    let works = picked(frames, |event| match event {
        Event::PoolUserWork(work) => Some(*work),
        _ => None,
    });
    let first = works.first().expect("reports of requests");
    (*first, *works.last().unwrap_or(first))
}

fn picked<T>(frames: &[Frame], pick: impl Fn(&Event) -> Option<T>) -> Vec<T> {
    let events = frames.iter().map(|frame| &frame.stamped.event);
    events.filter_map(pick).collect()
}

/// Waits until a pool element has a number of jobs in service.
fn wait_running(element: &mut Process, jobs: u32) {
    element.wait_for("jobs in service", |event| match event {
        Event::PoolElementWork(work) if work.running == jobs => Some(()),
        _ => None,
    });
}

fn requests_are_processed_and_counted_alike_on_both_sides(lab: &Lab) {
    let _registrar = lab.registrar();
    let mut elements = [element(lab, 1, &[]), element(lab, 2, &[])];
    let mut user = user(lab, &["--requests=4", "--request-interval=0.1", SHORT]);
    let frames = user.rest_of_feed();
    assert!(user.wait().success());
    let (first, last) = user_works(&frames);
    assert_eq!((first.unit, first.completed), (WorkUnit::Calculations, 0));
    assert_eq!(
        (last.requested, last.completed, last.queued, last.running),
        (4, 4, 0, 0)
    );
    assert_eq!(last.done, 4.0 * 2e5);
    // They came up faster than they were processed.
    assert!(last.queueing > std::time::Duration::ZERO, "{last:?}");
    let queued = picked(&frames, |event| match event {
        Event::Status {
            status:
                Status::PoolUser {
                    activity: Activity::Requests { queued, .. },
                    ..
                },
            ..
        } => Some(*queued),
        _ => None,
    });
    assert!(queued.iter().any(|queued| *queued > 0), "{queued:?}");
    let works = elements.each_mut().map(last_work);
    let completed: u64 = works.iter().map(|work| work.completed).sum();
    let done: f64 = works.iter().map(|work| work.done).sum();
    assert_eq!(completed, 4);
    assert!((done - 4.0 * 2e5).abs() < 1.0, "{works:?}");
    // Each request asks the registrar, which lets the one that was selected longest ago have it.
    assert!(works.iter().all(|work| work.completed == 2), "{works:?}");
}

fn a_job_beyond_the_limit_is_rejected_and_tried_again(lab: &Lab) {
    let _registrar = lab.registrar();
    let mut element = element(lab, 1, &["--max-jobs=1", "--max-sessions=1"]);
    let _first = user(lab, &[ENDLESS]);
    wait_running(&mut element, 1);
    let mut second = user(lab, &["--requests=1", "--reject-delay=50", SHORT]);
    let mut ended = BTreeMap::new();
    second.wait_for("two rejections", |event| match event {
        Event::PoolUser(pool_user::Event::FailoverStarted { .. }) => panic!("{event:?}"),
        Event::AssociationDown { cause, .. } => {
            *ended.entry(format!("{cause:?}")).or_insert(0) += 1;
            None
        }
        Event::PoolUserWork(work) => (work.rejected >= 2).then_some(()),
        _ => None,
    });
    assert!(!ended.contains_key("PeerAbort"), "{ended:?}");
    element.command(&Command::SetMaxJobs { jobs: 2 });
    let (_, last) = user_works(&second.rest_of_feed());
    assert_eq!((last.requested, last.completed), (1, 1));
    let work = last_work(&mut element);
    assert_eq!((work.completed, work.rejected), (1, last.rejected));
}

fn a_job_continues_from_its_cookie_when_its_pool_element_is_killed(lab: &Lab) {
    let _registrar = lab.registrar();
    let options = ["--job-cookie-interval=20"];
    let mut elements = [element(lab, 1, &options), element(lab, 2, &options)];
    let mut user = user(lab, &["--requests=1", "--request-size=1.5e6"]);
    let serving = served_by(&mut user);
    wait_running(&mut elements[serving], 1);
    elements[serving].wait_for("some work", |event| match event {
        Event::PoolElementWork(work) => (work.done > 3e5).then_some(()),
        _ => None,
    });
    elements[serving].signal(Signal::SIGKILL);
    let frames = user.rest_of_feed();
    assert!(user.wait().success());
    let echoed = picked(&frames, |event| match event {
        Event::PoolUser(pool_user::Event::FailoverComplete { times, .. }) => Some(times.cookie_echoed),
        _ => None,
    });
    assert_eq!(echoed, [true]);
    let rest = last_work(&mut elements[1 - serving]);
    assert_eq!(rest.completed, 1);
    assert!(
        rest.done < 1.5e6 - 2e5,
        "what was done is not done again: {rest:?}"
    );
}

fn a_job_continues_when_its_pool_element_stops_in_order(lab: &Lab) {
    let _registrar = lab.registrar();
    // Without the last cookie, everything would have to be done again.
    let options = ["--job-cookie-interval=86400000", "--job-cookie-calculations=1e15"];
    let mut elements = [element(lab, 1, &options), element(lab, 2, &options)];
    let mut user = user(lab, &["--requests=1", "--request-size=1.5e6"]);
    let serving = served_by(&mut user);
    elements[serving].wait_for("some work", |event| match event {
        Event::PoolElementWork(work) => (work.done > 3e5).then_some(()),
        _ => None,
    });
    let begun = last_work(&mut elements[serving]);
    let (_, last) = user_works(&user.rest_of_feed());
    assert_eq!((last.completed, last.done), (1, 1.5e6));
    let rest = last_work(&mut elements[1 - serving]);
    let done = begun.done + rest.done;
    assert!((done - 1.5e6).abs() < 2.0, "nothing is lost: {begun:?} {rest:?}");
}

/// Waits until a request is accepted. Returns the index of its pool element.
fn served_by(user: &mut Process) -> usize {
    let pe = user.wait_for("a pool element", |event| match event {
        Event::PoolUser(pool_user::Event::SessionUp { pe_identifier, .. }) => Some(pe_identifier.0),
        _ => None,
    });
    usize::try_from(pe - 1).expect("a small number")
}

fn capacity_and_limit_change_while_a_job_runs(lab: &Lab) {
    let _registrar = lab.registrar();
    let mut element = element(lab, 1, &["--max-jobs=4"]);
    let mut user = user(lab, &["--requests=1", ENDLESS]);
    wait_running(&mut element, 1);
    element.command(&Command::SetMaxJobs { jobs: 2 });
    element.wait_for("the load in relation to the new limit", |event| match event {
        Event::Policy {
            policy: Policy::LeastUsed { load },
        } => (*load > u32::MAX / 3).then_some(()),
        _ => None,
    });
    element.command(&Command::SetCapacity {
        iterations_per_second: 1_000_000_000_000_000,
    });
    let max_jobs = element.wait_for("the limits", |event| match event {
        Event::Limits(limits) if limits.calculations_per_second == Some(1_000_000_000_000_000) => {
            Some(limits.max_jobs)
        }
        _ => None,
    });
    assert_eq!(max_jobs, Some(2));
    // With so many of them a second, the end is near.
    user.rest_of_feed();
    assert!(user.wait().success());
    assert_eq!(last_work(&mut element).completed, 1);
}

fn a_stopped_pool_user_leaves_no_job_behind(lab: &Lab) {
    let _registrar = lab.registrar();
    let mut element = element(lab, 1, &[]);
    let mut user = user(lab, &["--requests=1", ENDLESS]);
    wait_running(&mut element, 1);
    user.command(&Command::Stop);
    let frames = user.rest_of_feed();
    assert_eq!(user.wait().code(), Some(1), "a request is missing");
    assert_eq!(user_works(&frames).1.completed, 0);
    wait_running(&mut element, 0);
}
