//! The work of pool elements.

use std::time::Duration;

use events::pool_user;
use feed::{Activity, Command, Event, Frame, Status, WorkUnit};
use laboratory::{Lab, Process};
use wire::parameter::Policy;

crate::tests![
    nobody_is_refused_for_the_work_of_sessions_that_are_over,
    what_was_asked_for_and_done_is_counted_on_both_sides,
    units_of_work_are_counted_on_both_sides_and_their_sessions_end,
];

/// Every pixel takes the maximum number of iterations: the first pixels of a picture take longer than a whole
/// session.
const SLOW: [&str; 4] = [
    "--c1=-0.1,0.1",
    "--c2=0.1,-0.1",
    "--n=1234",
    "--max-iterations=50000",
];

fn nobody_is_refused_for_the_work_of_sessions_that_are_over(lab: &Lab) {
    let _registrar = lab.registrar();
    let element = lab.pool_element(1, &["--max-sessions=2"]);
    let mut user = lab.start("pool-user", &SLOW);
    wait_until_served(&mut user);
    for _ in 0..30 {
        user.command(&Command::NewImage { width: 0, height: 0 });
        wait_until_served(&mut user);
    }
    user.wait_for("pixels of the last picture", |event| match event {
        Event::Pixels { image: 31, .. } => Some(()),
        Event::PoolUser(pool_user::Event::FailoverStarted { reason, .. }) => {
            panic!("{reason}; the pool element:\n{}", element.log())
        }
        _ => None,
    });
}

fn wait_until_served(user: &mut Process) {
    user.wait_for("a pool element", |event| match event {
        Event::PoolUser(pool_user::Event::SessionUp { .. }) => Some(()),
        _ => None,
    });
}

fn what_was_asked_for_and_done_is_counted_on_both_sides(lab: &Lab) {
    let _registrar = lab.registrar();
    let mut element = lab.pool_element(1, &["--policy=least-used", "--max-sessions=4"]);
    let options = ["--images=2", "--pause=0", "--size=64x48", "--sessions=3"];
    let mut user = lab.start("pool-user", &options);
    let frames = user.rest_of_feed();
    let reports = picked(&frames, |event| match event {
        Event::PoolUserWork(work) => Some(*work),
        _ => None,
    });
    let took = picked(&frames, |event| match event {
        Event::ImageCompleted { duration, .. } => Some(*duration),
        _ => None,
    });
    let first = reports.first().expect("reports of requests");
    let last = reports.last().unwrap_or(first);
    assert_eq!((first.requested, first.done), (0, 0.0), "known from the start");
    assert_eq!(
        (last.unit, last.requested, last.completed, last.running),
        (WorkUnit::Pixels, 2, 2, 0)
    );
    assert_eq!(last.done, f64::from(2 * 64 * 48));
    // Each of them is told in whole microseconds.
    let difference = last.handling.abs_diff(took.iter().sum::<Duration>());
    assert!(difference <= Duration::from_micros(2), "{difference:?}");

    element.command(&Command::Stop);
    let frames = element.rest_of_feed();
    let reports = picked(&frames, |event| match event {
        Event::PoolElementWork(work) => Some(*work),
        _ => None,
    });
    let last = reports.last().expect("reports of work");
    assert_eq!((last.completed, last.running, last.rejected), (6, 0, 0));
    assert!(last.done >= f64::from(2 * 64 * 48), "{last:?}");
    let loads = picked(&frames, |event| match event {
        Event::Policy {
            policy: Policy::LeastUsed { load },
        } => Some(*load),
        _ => None,
    });
    assert!(
        loads.iter().any(|load| *load > 0),
        "the load is the policy's data: {loads:?}"
    );
}

fn units_of_work_are_counted_on_both_sides_and_their_sessions_end(lab: &Lab) {
    let _registrar = lab.registrar();
    let mut element = lab.pool_element(1, &["--service=scripting", "--demo-unit=20"]);
    let options = ["--service=scripting", "--demo-packages=5", "--parallel=2"];
    let frames = lab.start("pool-user", &options).rest_of_feed();
    let reports = picked(&frames, |event| match event {
        Event::PoolUserWork(work) => Some(*work),
        _ => None,
    });
    let last = reports.last().expect("reports of requests");
    assert_eq!(
        (last.unit, last.requested, last.completed, last.running),
        (WorkUnit::Units, 5, 5, 0)
    );
    assert_eq!(last.done, 5.0);
    assert!(last.handling >= Duration::from_millis(5 * 20), "{last:?}");
    let done = picked(&frames, |event| match event {
        Event::Status {
            status:
                Status::PoolUser {
                    activity:
                        Activity::Units {
                            complete, running, ..
                        },
                    ..
                },
            ..
        } => Some((*complete, *running)),
        _ => None,
    });
    assert_eq!(
        done.last(),
        Some(&(5, 0)),
        "what it has done is told before it stops"
    );
    let sessions = |wanted: fn(&pool_user::Event) -> bool| {
        let told = picked(&frames, |event| match event {
            Event::PoolUser(event) => Some(wanted(event)),
            _ => None,
        });
        told.into_iter().filter(|is_wanted| *is_wanted).count()
    };
    let begun = sessions(|event| matches!(event, pool_user::Event::SessionUp { .. }));
    let ended = sessions(|event| matches!(event, pool_user::Event::SessionClosed { .. }));
    // The last one ends with its process.
    assert!(begun == 5 && (3..=5).contains(&ended), "{ended} of {begun}");

    element.command(&Command::Stop);
    let reports = picked(&element.rest_of_feed(), |event| match event {
        Event::PoolElementWork(work) => Some(*work),
        _ => None,
    });
    let last = reports.last().expect("reports of work");
    assert_eq!((last.unit, last.done, last.completed), (WorkUnit::Units, 5.0, 5));
}

fn picked<T>(frames: &[Frame], pick: impl Fn(&Event) -> Option<T>) -> Vec<T> {
    let events = frames.iter().map(|frame| &frame.stamped.event);
    events.filter_map(pick).collect()
}
