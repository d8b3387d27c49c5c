//! Failovers, and the faults behind them.

use events::pool_user::{self, FailoverReason, FailoverTimes, SessionId};

use super::*;
use crate::{Failover, FailoverKey, Fault, InjectedFault, Mark, PictureCount, Server, Severity};

impl Fixture {
    fn happens_in_pool_user(&mut self, event: pool_user::Event) {
        self.feed(PU, Event::PoolUser(event));
    }

    fn serve(&mut self, pool_element: ComponentId) {
        self.serve_session(1, super::pool_element(pool_element));
    }

    fn serve_session(&mut self, session: u32, pe_identifier: PeIdentifier) {
        self.happens_in_pool_user(pool_user::Event::SessionUp {
            session: SessionId(session),
            pe_identifier,
            association: 1.into(),
            cookie_echoed: false,
            failover: None,
        });
    }

    fn failover_starts(&mut self, from: ComponentId, last_data: Timestamp) {
        self.failover_of_starts(1, from, last_data);
    }

    fn failover_of_starts(&mut self, session: u32, from: ComponentId, last_data: Timestamp) {
        self.now = self.now.max(last_data);
        // As the feed timestamps it.
        let silent_for = self.now + ms(1) - last_data;
        self.happens_in_pool_user(pool_user::Event::FailoverStarted {
            session: SessionId(session),
            pe_identifier: pool_element(from),
            reason: FailoverReason::Application("nobody is there".into()),
            has_cookie: true,
            silent_for,
        });
    }

    fn failover_completes(&mut self, from: ComponentId, to: ComponentId, first_data: Timestamp) {
        self.now = first_data - ms(1);
        self.happens_in_pool_user(pool_user::Event::FailoverComplete {
            session: SessionId(1),
            to: pool_element(to),
            times: FailoverTimes {
                from: pool_element(from),
                noticing: ms(10),
                resolving: ms(5),
                connecting: ms(1),
                cookie_echoed: true,
            },
            responding: ms(4),
        });
    }

    fn failover(&self) -> &Failover {
        self.component(PU).failovers.back().unwrap()
    }
}

fn server(component: ComponentId) -> Server {
    Server {
        pe_identifier: pool_element(component),
        component: Some(component),
    }
}

#[test]
fn a_failover_is_told_with_its_fault_and_its_gap() {
    let mut fixture = Fixture::set();
    fixture.serve(PE);
    assert_eq!(fixture.component(PU).served[&SessionId(1)].component, Some(PE));
    let killed = fixture.kill(PE);
    fixture.failover_starts(PE, killed - ms(3));
    assert!(fixture.component(PU).served.is_empty());
    assert_eq!(
        fixture.failover().fault,
        Some(InjectedFault {
            at: killed,
            fault: Fault::Kill,
            text: "PE 1 was killed".into()
        })
    );
    assert_eq!(fixture.failover().gap(), None);
    fixture.failover_completes(PE, PE2, killed + ms(23));
    fixture.told("PU 1 fails over: PE 1 → PE 2, gap 23 ms");
    assert_eq!(fixture.component(PU).failovers.len(), 1);
    let failover = fixture.failover();
    assert_eq!(failover.gap(), Some(ms(23)));
    assert_eq!(failover.to, Some(server(PE2)));
    assert_eq!(failover.reason, "nobody is there");
    assert_eq!(failover.resolved, Some(killed + ms(18)));
}

#[test]
fn a_failover_without_fault_counts_from_the_last_data() {
    let mut fixture = Fixture::set();
    fixture.failover_starts(PE, moment(5));
    fixture.failover_completes(PE, PE2, moment(50));
    assert_eq!(fixture.failover().fault, None);
    assert_eq!(fixture.failover().gap(), Some(ms(20)));
}

#[test]
fn a_failover_goes_on_if_the_next_pool_element_fails_before_it_has_sent_data() {
    let mut fixture = Fixture::set();
    let killed = fixture.kill(PE);
    fixture.failover_starts(PE, killed - ms(3));
    fixture.serve(PE2);
    fixture.failover_starts(PE2, killed - ms(3));
    assert_eq!(fixture.component(PU).failovers.len(), 1);
    fixture.failover_completes(PE, PE2, killed + ms(40));
    assert_eq!(fixture.component(PU).failovers.len(), 1);
    assert_eq!(fixture.failover().gap(), Some(ms(40)));
    assert!(!fixture.failover().is_under_way());
}

#[test]
fn a_fault_that_the_pool_element_has_survived_is_not_to_blame() {
    let mut fixture = Fixture::set();
    let killed = fixture.kill(PE);
    // It was restarted, and sent data for a long time.
    fixture.failover_starts(PE, killed + ms(5_000));
    assert_eq!(fixture.failover().fault, None);
    // It happened an hour ago.
    fixture.now += Duration::from_secs(3_600);
    fixture.failover_starts(PE, killed);
    assert_eq!(fixture.failover().fault, None);
}

#[test]
fn a_failover_that_was_not_seen_to_start_is_kept_as_well() {
    let mut fixture = Fixture::set();
    fixture.failover_completes(PE, PE2, moment(100));
    assert_eq!(fixture.component(PU).failovers.len(), 1);
    assert_eq!(fixture.failover().from, server(PE));
}

#[test]
fn failovers_and_sessions_are_bounded() {
    let mut fixture = Fixture::set();
    for session in 0..3_000 {
        fixture.failover_of_starts(session, PE, Timestamp::default());
        fixture.serve_session(session, PeIdentifier(1));
    }
    assert_eq!(fixture.component(PU).failovers.len(), 50);
    assert_eq!(fixture.component(PU).served.len(), 1_024);
}

#[test]
fn the_place_of_a_takeover_is_marked_in_the_picture() {
    let mut fixture = Fixture::set();
    fixture.feed(
        PU,
        Event::ImageStarted {
            image: 3,
            width: 4,
            height: 4,
            max_iterations: 10,
            algorithm: "Mandelbrot".into(),
            sessions: 1,
        },
    );
    let pixels = |x, pe| Event::Pixels {
        image: 3,
        x,
        y: 0,
        tile_x: 0,
        tile_width: 4,
        session: SessionId(1),
        pe_identifier: pool_element(pe),
    };
    fixture.feed_with(PU, pixels(0, PE), vec![0; 8]);
    fixture.failover_starts(PE, Timestamp::default());
    fixture.feed_with(PU, pixels(2, PE2), vec![0; 4]);
    let canvas = fixture.component(PU).canvas.as_ref().unwrap();
    let mark = Mark {
        x: 2,
        y: 0,
        failover: fixture.failover().key,
    };
    assert_eq!((canvas.marks.as_slice(), canvas.done), ([mark].as_slice(), 3));
    assert_eq!(canvas.pool_elements, [pool_element(PE), pool_element(PE2)]);

    fixture.feed_with(PU, pixels(7, PE2), vec![0; 4]);
    assert_eq!(fixture.component(PU).ignored_events, 1);
    fixture.feed(
        PU,
        Event::ImageCompleted {
            image: 3,
            duration: ms(4_200),
            failovers: 1,
            missing: 11,
            left_out: 2,
        },
    );
    fixture.told("PU 1 ended its picture 3 after 4.20 s, 11 pixels are missing; 2 of its pixels could not be shown in time");
    fixture.feed(PU, Event::ImageVerified { image: 3, wrong: 1 });
    let component = fixture.component(PU);
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
    assert_eq!(fixture.model.take_dirty_rows(PU), Some(0..4));
    assert_eq!(fixture.model.take_dirty_rows(PU), None);
}

#[test]
fn a_failover_keeps_its_key_when_it_is_complete_and_others_are_forgotten() {
    let mut fixture = Fixture::set();
    let keys = |fixture: &Fixture| -> Vec<FailoverKey> {
        let failovers = &fixture.component(PU).failovers;
        failovers.iter().map(|failover| failover.key).collect()
    };
    fixture.failover_starts(PE, Timestamp::default());
    let [first] = keys(&fixture)[..] else { panic!() };
    fixture.failover_completes(PE, PE2, moment(100));
    assert_eq!(keys(&fixture), [first]);
    // A failover whose start was not seen.
    fixture.failover_completes(PE2, PE, moment(200));
    let [_, second] = keys(&fixture)[..] else { panic!() };
    assert_ne!(first, second);
    for session in 1..=49 {
        fixture.failover_of_starts(session, PE, Timestamp::default());
    }
    assert_eq!(fixture.component(PU).failover(first), None);
    let kept = fixture.component(PU).failover(second);
    assert_eq!(kept.and_then(|failover| failover.first_data), Some(moment(200)));
}

#[test]
fn recoveries_are_weighed_as_such() {
    let mut fixture = Fixture::set();
    fixture.failover_completes(PE, PE2, moment(100));
    let latest = fixture.model.timeline.entries.back().unwrap();
    assert_eq!(
        (latest.severity, latest.component),
        (Severity::Recovery, Some(PU))
    );
}

#[test]
fn a_pool_element_that_was_asked_to_stop_sends_until_it_has_left() {
    let mut fixture = Fixture::set();
    fixture.serve(PE);
    fixture.change(PE, Change::Fault(Fault::Stop));
    let stopped = fixture.now;
    fixture.failover_starts(PE, stopped + ms(4));
    fixture.failover_completes(PE, PE2, stopped + ms(30));
    assert_eq!(fixture.failover().gap(), Some(ms(20)));
}

#[test]
fn a_failover_ends_with_its_pool_user() {
    let mut fixture = Fixture::set();
    fixture.serve(PE);
    let killed = fixture.kill(PE);
    fixture.failover_starts(PE, killed - ms(3));
    assert!(fixture.failover().is_under_way());
    fixture.end(PU, Ending::Clean);
    assert!(fixture.failover().abandoned);
    assert!(!fixture.failover().is_under_way());
}
