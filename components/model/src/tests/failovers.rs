//! Failovers, and the faults behind them.

use super::*;
use crate::{Failover, FailoverKey, Fault, InjectedFault, Mark, PictureCount, Severity};

impl Stage {
    fn serve(&mut self, pool_element: ComponentId) {
        self.feed(
            PU,
            Event::SessionServed {
                session: 1,
                pe_identifier: super::pool_element(pool_element),
                association: 1,
            },
        );
    }

    fn failover_starts(&mut self, from: ComponentId, last_data: Timestamp) {
        self.failover_of_starts(1, from, last_data);
    }

    fn failover_of_starts(&mut self, session: u32, from: ComponentId, last_data: Timestamp) {
        self.feed(
            PU,
            Event::FailoverStarted {
                session,
                pe_identifier: Some(pool_element(from)),
                reason: "nobody is there".into(),
                last_data,
            },
        );
    }

    fn failover_completes(&mut self, from: ComponentId, to: ComponentId, first_data: Timestamp) {
        let before = |milliseconds| first_data - ms(milliseconds);
        self.feed(
            PU,
            Event::FailoverComplete {
                session: 1,
                from: Some(pool_element(from)),
                to: pool_element(to),
                last_data: before(20),
                detected: before(10),
                resolved: before(5),
                connected: before(4),
                cookie_echoed: Some(before(3)),
                first_data,
            },
        );
    }

    fn failover(&self) -> &Failover {
        self.component(PU).failovers.back().unwrap()
    }
}

#[test]
fn a_failover_is_told_with_its_fault_and_its_gap() {
    let mut stage = Stage::set();
    stage.serve(PE);
    assert_eq!(stage.component(PU).served[&1].component, Some(PE));
    let killed = stage.kill(PE);
    stage.failover_starts(PE, killed - ms(3));
    assert!(stage.component(PU).served.is_empty());
    assert_eq!(
        stage.failover().fault,
        Some(InjectedFault {
            at: killed,
            fault: Fault::Kill,
            text: "PE 1 was killed".into()
        })
    );
    assert_eq!(stage.failover().gap(), None);
    stage.failover_completes(PE, PE2, killed + ms(23));
    stage.told("PU 1 fails over: PE 1 → PE 2, gap 23 ms");
    assert_eq!(stage.component(PU).failovers.len(), 1);
    let failover = stage.failover();
    assert_eq!(failover.gap(), Some(ms(23)));
    assert_eq!(failover.to, Some((identifier(PE2), Some(PE2))));
    assert_eq!(failover.reason, "nobody is there");
    assert_eq!(failover.resolved, Some(killed + ms(18)));
}

#[test]
fn a_failover_without_fault_counts_from_the_last_data() {
    let mut stage = Stage::set();
    stage.failover_starts(PE, moment(5));
    stage.failover_completes(PE, PE2, moment(50));
    assert_eq!(stage.failover().fault, None);
    assert_eq!(stage.failover().gap(), Some(ms(20)));
}

#[test]
fn a_failover_goes_on_if_the_next_pool_element_fails_before_it_has_sent_data() {
    let mut stage = Stage::set();
    let killed = stage.kill(PE);
    stage.failover_starts(PE, killed - ms(3));
    stage.serve(PE2);
    stage.failover_starts(PE2, killed - ms(3));
    assert_eq!(stage.component(PU).failovers.len(), 1);
    stage.failover_completes(PE, PE2, killed + ms(40));
    assert_eq!(stage.component(PU).failovers.len(), 1);
    assert_eq!(stage.failover().gap(), Some(ms(40)));
    assert!(!stage.failover().is_under_way());
}

#[test]
fn a_fault_that_the_pool_element_has_survived_is_not_to_blame() {
    let mut stage = Stage::set();
    let killed = stage.kill(PE);
    // It was started again and sent data for long.
    stage.failover_starts(PE, killed + ms(5_000));
    assert_eq!(stage.failover().fault, None);
    // It happened an hour ago.
    stage.now += Duration::from_secs(3_600);
    stage.failover_starts(PE, killed);
    assert_eq!(stage.failover().fault, None);
}

#[test]
fn a_failover_that_was_not_seen_to_start_is_kept_as_well() {
    let mut stage = Stage::set();
    stage.failover_completes(PE, PE2, moment(100));
    assert_eq!(stage.component(PU).failovers.len(), 1);
    assert_eq!(stage.failover().from, Some((identifier(PE), Some(PE))));
}

#[test]
fn failovers_and_sessions_are_bounded() {
    let mut stage = Stage::set();
    for session in 0..3_000 {
        stage.failover_of_starts(session, PE, Timestamp::default());
        stage.feed(
            PU,
            Event::SessionServed {
                session,
                pe_identifier: PeIdentifier(1),
                association: 1,
            },
        );
    }
    assert_eq!(stage.component(PU).failovers.len(), 50);
    assert_eq!(stage.component(PU).served.len(), 1_024);
}

#[test]
fn the_place_of_a_takeover_is_marked_in_the_picture() {
    let mut stage = Stage::set();
    stage.feed(
        PU,
        Event::ImageStarted {
            image: 3,
            width: 4,
            height: 4,
            max_iterations: 10,
            algorithm: "Mandelbrot".into(),
        },
    );
    let pixels = |x, pe| Event::Pixels {
        image: 3,
        x,
        y: 0,
        tile_x: 0,
        tile_width: 4,
        session: 1,
        pe_identifier: pool_element(pe),
    };
    stage.feed_with(PU, pixels(0, PE), vec![0; 8]);
    stage.failover_starts(PE, Timestamp::default());
    stage.feed_with(PU, pixels(2, PE2), vec![0; 4]);
    let canvas = stage.component(PU).canvas.as_ref().unwrap();
    let mark = Mark {
        x: 2,
        y: 0,
        failover: stage.failover().key,
    };
    assert_eq!((canvas.marks.as_slice(), canvas.done), ([mark].as_slice(), 3));
    assert_eq!(canvas.pool_elements, [identifier(PE), identifier(PE2)]);

    stage.feed_with(PU, pixels(7, PE2), vec![0; 4]);
    assert_eq!(stage.component(PU).ignored_events, 1);
    stage.feed(
        PU,
        Event::ImageCompleted {
            image: 3,
            duration_us: 4_200_000,
            failovers: 1,
            missing: 11,
            left_out: 2,
        },
    );
    stage.told("PU 1 ended its picture 3 after 4.20 s, 11 pixels are missing; 2 of its pixels could not be shown in time");
    stage.feed(PU, Event::ImageVerified { image: 3, wrong: 1 });
    let component = stage.component(PU);
    let completed = component
        .canvas
        .as_ref()
        .and_then(|canvas| canvas.completed)
        .unwrap();
    assert_eq!((completed.missing, completed.wrong), (11, Some(1)));
    let expected = PictureCount {
        incomplete: 1,
        missing: 11,
        left_out: 2,
        verified: 1,
        wrong: 1,
        ..PictureCount::default()
    };
    assert_eq!(component.pictures, expected);
    assert_eq!(stage.model.take_dirty_rows(PU), Some(0..4));
    assert_eq!(stage.model.take_dirty_rows(PU), None);
}

#[test]
fn a_failover_keeps_its_key_when_it_is_complete_and_others_are_forgotten() {
    let mut stage = Stage::set();
    let keys = |stage: &Stage| -> Vec<FailoverKey> {
        let failovers = &stage.component(PU).failovers;
        failovers.iter().map(|failover| failover.key).collect()
    };
    stage.failover_starts(PE, Timestamp::default());
    let [first] = keys(&stage)[..] else { panic!() };
    stage.failover_completes(PE, PE2, moment(100));
    assert_eq!(keys(&stage), [first]);
    // One that was not seen to start.
    stage.failover_completes(PE2, PE, moment(200));
    let [_, second] = keys(&stage)[..] else { panic!() };
    assert_ne!(first, second);
    for session in 1..=49 {
        stage.failover_of_starts(session, PE, Timestamp::default());
    }
    assert_eq!(stage.component(PU).failover(first), None);
    let kept = stage.component(PU).failover(second);
    assert_eq!(kept.and_then(|failover| failover.first_data), Some(moment(200)));
}

#[test]
fn recoveries_are_weighed_as_such() {
    let mut stage = Stage::set();
    stage.failover_completes(PE, PE2, moment(100));
    let latest = stage.model.timeline.entries.back().unwrap();
    assert_eq!(
        (latest.severity, latest.component),
        (Severity::Recovery, Some(PU))
    );
}

#[test]
fn a_pool_element_that_was_asked_to_stop_sends_until_it_has_left() {
    let mut stage = Stage::set();
    stage.serve(PE);
    stage.change(PE, Change::Fault(Fault::Stop));
    let stopped = stage.now;
    stage.failover_starts(PE, stopped + ms(4));
    stage.failover_completes(PE, PE2, stopped + ms(30));
    assert_eq!(stage.failover().gap(), Some(ms(20)));
}

#[test]
fn a_failover_ends_with_its_pool_user() {
    let mut stage = Stage::set();
    stage.serve(PE);
    let killed = stage.kill(PE);
    stage.failover_starts(PE, killed - ms(3));
    assert!(stage.failover().is_under_way());
    stage.end(PU, Ending::Clean);
    assert!(stage.failover().abandoned);
    assert!(!stage.failover().is_under_way());
}
