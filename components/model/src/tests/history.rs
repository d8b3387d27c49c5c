//! Curves and figures over time, computed by hand.

use feed::{Impairment, LinkTarget, PoolElementWork, PoolUserWork, Status, WorkUnit};
use wire::parameter::Policy;

use super::*;
use crate::{Grid, History, MarkKind, PoolSpan, Span, Speed, SystemState, Utilisation};

const PU2: ComponentId = ComponentId(5);

/// Spans of a second from the tenth second on.
fn seconds(count: usize) -> Grid {
    Grid {
        begin: moment(10_000),
        step: ms(1_000),
        count,
    }
}

fn handle() -> PoolHandle {
    PoolHandle::new(b"pool").expect("a short handle")
}

const fn done(done: f64, completed: u64, rejected: u64) -> Event {
    Event::PoolElementWork(PoolElementWork {
        unit: WorkUnit::Calculations,
        capacity: Some(1e6),
        running: 1,
        done,
        completed,
        rejected,
    })
}

const IDLE: PoolUserWork = PoolUserWork {
    unit: WorkUnit::Calculations,
    queued: 0,
    running: 0,
    requested: 0,
    completed: 0,
    rejected: 0,
    done: 0.0,
    handling: Duration::ZERO,
    queueing: Duration::ZERO,
};

impl Fixture {
    /// Two pool elements and two pool users of a pool, which begin at the tenth second.
    fn pool() -> Self {
        let mut fixture = Self::default();
        for (id, role, name) in [
            (PE, ComponentRole::PoolElement, "PE 1"),
            (PE2, ComponentRole::PoolElement, "PE 2"),
            (PU, ComponentRole::PoolUser, "PU 1"),
            (PU2, ComponentRole::PoolUser, "PU 2"),
        ] {
            fixture.begin(id, role, name, 10_000);
        }
        fixture
    }

    /// Adds a component that begins at this millisecond.
    fn begin(&mut self, id: ComponentId, role: ComponentRole, name: &str, at: u64) {
        let spec = Box::new(ComponentSpec::new(role));
        let name = name.into();
        self.change(id, Change::Added { name, spec });
        self.spawn(id, at);
    }

    fn spawn(&mut self, id: ComponentId, at: u64) {
        self.change_at(at, id, Change::Spawned { pid: 1 });
        let identity = feed::ComponentIdentity::new(self.component(id).role(), identifier(id).into());
        let hello = Event::Hello {
            component: identity.expect("a small number"),
            version: String::new(),
            pid: 1,
            addresses: vec![ip(id)],
            transport: "user".into(),
            pool_handle: Some(handle()),
            policy: None,
        };
        self.feed_at(at, id, hello);
    }

    /// A change at exactly this millisecond.
    fn change_at(&mut self, at: u64, id: ComponentId, change: Change) {
        self.now = moment(at - 1);
        self.change(id, change);
    }

    /// An event at exactly this millisecond.
    fn feed_at(&mut self, at: u64, id: ComponentId, event: Event) {
        self.now = moment(at - 1);
        self.feed(id, event);
    }

    fn load_at(&mut self, at: u64, id: ComponentId, load: f64, sessions: u32) {
        let capacity = 4;
        let event = Event::Load {
            load,
            sessions,
            capacity,
        };
        self.feed_at(at, id, event);
    }

    fn spans(&self, id: ComponentId, count: usize) -> Vec<Span> {
        let track = self.model.history.track(id).expect("a component that was added");
        track.spans(seconds(count)).collect()
    }

    /// Returns the figures of the pool over so many seconds.
    fn figures(&self, count: u64) -> PoolSpan {
        let (from, to) = (moment(10_000), moment(10_000 + count * 1_000));
        self.model.history.pool_span(&handle(), from, to)
    }

    fn marks(&self) -> Vec<(u64, Option<u64>, MarkKind, &str)> {
        let millis = |at: Timestamp| at.as_micros() / 1_000;
        let marks = self.model.history.marks();
        marks
            .filter(|mark| mark.kind != MarkKind::Start)
            .map(|mark| {
                (
                    millis(mark.at),
                    mark.until.map(millis),
                    mark.kind,
                    mark.text.as_str(),
                )
            })
            .collect()
    }
}

#[test]
fn a_mean_load_is_weighted_by_time_and_lasts_until_it_changes() {
    let mut fixture = Fixture::pool();
    fixture.load_at(11_000, PE, 0.5, 2);
    fixture.load_at(13_500, PE, 1.0, 4);
    let loads: Vec<_> = fixture.spans(PE, 5).iter().map(Span::load).collect();
    assert_eq!(loads, [0.0, 0.5, 0.5, 0.75, 1.0].map(Some));
    let whole = fixture.figures(5).elements;
    // PE 2 has had no load all the time: (0.5 s x 2.5 + 1 s x 1.5) / 10 s.
    assert_eq!(whole.load(), Some(0.275));
    assert_eq!(whole.sessions(), Some((2.0 * 2.5 + 4.0 * 1.5) / 5.0));
}

#[test]
fn a_new_process_begins_again_without_a_negative_rate_and_leaves_a_gap() {
    let mut fixture = Fixture::pool();
    fixture.feed_at(10_500, PE, done(500.0, 1, 0));
    fixture.feed_at(11_000, PE, done(1_000.0, 2, 0));
    fixture.change_at(11_000, PE, Change::Fault(Fault::Kill));
    fixture.change_at(11_000, PE, Change::Ended(Ending::Killed));
    fixture.spawn(PE, 13_000);
    fixture.feed_at(13_500, PE, done(300.0, 1, 0));
    let rates: Vec<_> = fixture.spans(PE, 4).iter().map(Span::work_per_second).collect();
    assert_eq!(rates, [Some(1_000.0), None, None, Some(300.0)]);
    assert_eq!(fixture.figures(4).elements.completed(), 3.0, "of both processes");
    let lives: Vec<_> = fixture.model.history.track(PE).unwrap().lives().collect();
    assert_eq!(lives[0].to, Some(moment(11_000)));
    assert_eq!((lives[1].from, lives[1].to), (moment(13_000), None));
}

#[test]
fn what_is_reported_after_a_silence_has_happened_just_before() {
    let mut fixture = Fixture::pool();
    fixture.feed_at(10_500, PE, done(100.0, 1, 0));
    fixture.feed_at(13_000, PE, done(600.0, 2, 0));
    let rates: Vec<_> = fixture.spans(PE, 3).iter().map(Span::work_per_second).collect();
    assert_eq!(rates, [100.0, 0.0, 500.0].map(Some));
    // Unless reports were left out in between: then nobody knows when.
    fixture.feed_at(16_000, PE, Event::Dropped { events: 7 });
    fixture.feed_at(16_000, PE, done(1_200.0, 3, 0));
    let rates: Vec<_> = fixture.spans(PE, 6).iter().map(Span::work_per_second).collect();
    assert_eq!(rates[3..], [200.0; 3].map(Some));
}

#[test]
fn utilisation_and_handling_speed_are_shares_of_the_capacity() {
    let mut fixture = Fixture::pool();
    for half_seconds in 0..=20 {
        let (at, seconds) = (10_000 + half_seconds * 500, half_seconds as f64 / 2.0);
        fixture.feed_at(at, PE, done(0.8e6 * seconds, 0, 0));
        fixture.feed_at(at, PE2, done(0.6e6 * seconds, 0, 0));
        for user in [PU, PU2] {
            fixture.feed_at(at, user, Event::PoolUserWork(IDLE));
        }
    }
    assert_eq!(
        fixture.figures(10).speed(WorkUnit::Calculations),
        None,
        "nothing was completed"
    );
    let completed = |done, handling| PoolUserWork {
        requested: 1,
        completed: 1,
        done,
        handling: ms(handling),
        queueing: ms(1_000),
        ..IDLE
    };
    fixture.feed_at(19_000, PU, Event::PoolUserWork(completed(2e6, 8_000)));
    fixture.feed_at(19_000, PU2, Event::PoolUserWork(completed(7e6, 7_000)));
    let figures = fixture.figures(10);
    let Some(Utilisation::OfCapacity(utilisation)) = figures.utilisation() else {
        panic!("{figures:?}");
    };
    assert!((utilisation - 0.7).abs() < 1e-6, "{utilisation}");
    let Some(Speed::OfCapacity(speed)) = figures.speed(WorkUnit::Calculations) else {
        panic!("{figures:?}");
    };
    // 9e6 calculations in 15 s are 0.6e6 a second, of 1e6.
    assert!((speed - 0.6).abs() < 1e-6, "{speed}");
    assert_eq!(figures.users.handling_time(), Some(ms(7_500)));
    assert_eq!(figures.users.queueing_time(), Some(ms(1_000)));
}

#[test]
fn without_a_known_capacity_the_sessions_tell_the_utilisation() {
    let mut fixture = Fixture::pool();
    assert_eq!(fixture.figures(4).utilisation(), None);
    fixture.load_at(10_001, PE, 0.25, 1);
    fixture.load_at(10_001, PE2, 0.5, 2);
    let (from, to) = (moment(11_000), moment(15_000));
    let figures = fixture.model.history.pool_span(&handle(), from, to);
    let Some(Utilisation::OfSessions(utilisation)) = figures.utilisation() else {
        panic!("{figures:?}");
    };
    assert!((utilisation - 0.375).abs() < 1e-9, "{utilisation}");
}

#[test]
fn pixels_count_while_a_picture_is_in_progress() {
    let mut fixture = Fixture::pool();
    let pixels = |running, done| {
        Event::PoolUserWork(PoolUserWork {
            unit: WorkUnit::Pixels,
            running,
            done,
            ..IDLE
        })
    };
    fixture.feed_at(10_500, PU, pixels(1, 0.0));
    fixture.feed_at(12_500, PU, pixels(1, 4_000.0));
    fixture.feed_at(14_500, PU, pixels(0, 8_000.0));
    assert_eq!(
        fixture.figures(10).speed(WorkUnit::Pixels),
        Some(Speed::Pixels(2_000.0))
    );
}

#[test]
fn queue_lengths_are_weighted_by_time() {
    let mut fixture = Fixture::pool();
    let queued = |queued| Event::PoolUserWork(PoolUserWork { queued, ..IDLE });
    fixture.feed_at(11_000, PU, queued(3));
    fixture.feed_at(12_000, PU2, queued(1));
    fixture.feed_at(13_000, PU, queued(0));
    assert_eq!(
        fixture.figures(4).users.queued(),
        Some((3.0 * 2.0 + 1.0 * 2.0) / 4.0)
    );
    assert_eq!(fixture.spans(PU, 4)[1].queued(), Some(3.0));
}

#[test]
fn what_was_done_in_any_window_is_the_difference_of_two_totals() {
    let mut fixture = Fixture::pool();
    for (at, work) in [(10_500, 100.0), (11_000, 200.0), (11_500, 500.0), (12_000, 800.0)] {
        fixture.feed_at(at, PE, done(work, 0, 0));
        fixture.feed_at(at, PE2, done(2.0 * work, 0, 0));
    }
    let totals = fixture.model.history.pool_totals(&handle(), seconds(3));
    let rate = |from: usize, to: usize| {
        let span = totals[to].since(&totals[from], ms(1_000 * (to - from) as u64));
        span.elements.work_per_second()
    };
    assert_eq!(
        [rate(0, 1), rate(1, 2), rate(2, 3)],
        [600.0, 1_800.0, 0.0].map(Some)
    );
    assert_eq!([rate(0, 2), rate(1, 3)], [1_200.0, 900.0].map(Some));
}

#[test]
fn counters_that_cannot_be_true_are_ignored() {
    let mut fixture = Fixture::pool();
    fixture.feed_at(10_500, PE, done(500.0, 5, 5));
    let lies = [
        done(499.0, 5, 5),
        done(500.0, 4, 5),
        done(500.0, 5, 4),
        done(f64::NAN, 6, 6),
        done(f64::INFINITY, 6, 6),
        done(1e300, 6, 6),
        done(600.0, u64::MAX, 6),
        Event::PoolUserWork(IDLE),
    ];
    let count = lies.len() as u64;
    for lie in lies {
        fixture.feed_at(11_000, PE, lie);
    }
    for lie in [
        PoolUserWork {
            queueing: ms(1),
            ..IDLE
        },
        PoolUserWork {
            requested: u64::MAX,
            ..IDLE
        },
    ] {
        fixture.feed_at(11_000, PU, Event::PoolUserWork(lie));
    }
    assert_eq!(fixture.component(PE).ignored_events, count);
    assert_eq!(fixture.component(PU).ignored_events, 2);
    assert_eq!(fixture.figures(5).elements.completed(), 5.0);
    assert_eq!(fixture.figures(5).elements.work_per_second(), Some(100.0));
}

#[test]
fn a_time_that_has_not_come_yet_does_not_end_a_curve() {
    let mut fixture = Fixture::pool();
    let frame = Frame {
        stamped: Stamped {
            at: moment(99_000),
            event: done(500.0, 0, 0),
        },
        bytes: Vec::new(),
    };
    fixture.change_at(10_500, PE, Change::Feed(Box::new(frame)));
    fixture.feed_at(11_500, PE, done(900.0, 0, 0));
    let rates: Vec<_> = fixture.spans(PE, 2).iter().map(Span::work_per_second).collect();
    assert_eq!(rates, [700.0, 200.0].map(Some));
}

#[test]
fn faults_are_marked_with_their_beginning_and_their_end() {
    let mut fixture = Fixture::pool();
    let links = |impairment| Event::Impairments {
        links: vec![(LinkTarget::All, impairment)],
    };
    fixture.change_at(11_000, PE, Change::Fault(Fault::Freeze));
    fixture.change_at(11_000, PE, Change::Frozen);
    fixture.change_at(12_000, PE, Change::Thawed);
    fixture.feed_at(13_000, PE, links(Impairment::UNPLUGGED));
    fixture.feed_at(14_000, PE, links(Impairment::default()));
    fixture.feed_at(15_000, PE2, links(Impairment::UNPLUGGED));
    fixture.change_at(16_000, PE2, Change::Fault(Fault::Kill));
    fixture.change_at(17_000, PE2, Change::Ended(Ending::Killed));
    assert_eq!(
        fixture.marks(),
        [
            (11_000, Some(12_000), MarkKind::Freeze, "PE 1 frozen"),
            (13_000, Some(14_000), MarkKind::Unplug, "PE 1 unplugged"),
            (15_000, Some(17_000), MarkKind::Unplug, "PE 2 unplugged"),
            (16_000, None, MarkKind::Kill, "PE 2 killed"),
        ]
    );
    let doubts: Vec<_> = fixture.model.history.track(PE).unwrap().doubts().collect();
    assert_eq!(
        (doubts[0].from, doubts[0].to),
        (moment(11_000), Some(moment(12_000)))
    );
}

#[test]
fn who_is_not_heard_is_in_doubt_since_the_last_sign_of_life() {
    let mut fixture = Fixture::pool();
    let silent = Change::Silent {
        silence: ms(3_000),
        system: SystemState::Stopped,
    };
    fixture.change_at(15_000, PE, silent);
    fixture.change_at(16_000, PE, Change::Heard);
    let doubts: Vec<_> = fixture.model.history.track(PE).unwrap().doubts().collect();
    assert_eq!(
        (doubts[0].from, doubts[0].to),
        (moment(12_000), Some(moment(16_000)))
    );
}

#[test]
fn a_change_of_the_pools_policy_is_one_mark_and_one_of_the_data_is_the_pool_elements() {
    let mut fixture = Fixture::pool();
    let mut policy = |at, id, policy| fixture.feed_at(at, id, Event::Policy { policy });
    policy(10_100, PE, Policy::LeastUsed { load: 0 });
    policy(10_100, PE2, Policy::LeastUsed { load: 0 });
    policy(10_200, PE2, Policy::LeastUsed { load: 77 });
    policy(11_000, PE, Policy::WeightedRoundRobin { weight: 1 });
    policy(11_500, PE2, Policy::WeightedRoundRobin { weight: 1 });
    policy(12_000, PE2, Policy::WeightedRoundRobin { weight: 3 });
    assert_eq!(
        fixture.marks(),
        [
            (
                11_000,
                None,
                MarkKind::Policy,
                "Weighted Round Robin instead of Least Used"
            ),
            (12_000, None, MarkKind::Policy, "PE 2 has weight 3"),
        ]
    );
}

#[test]
fn joins_and_leaves_of_pool_elements_are_marked() {
    let mut fixture = Fixture::pool();
    let status = |ready| Event::Status {
        ready,
        status: Status::PoolElement {
            registration: feed::Registration::Hunting,
            sessions: 0,
        },
    };
    fixture.feed_at(11_000, PE, status(true));
    fixture.feed_at(11_001, PE, status(true));
    fixture.feed_at(12_000, PE, status(false));
    fixture.change_at(13_000, PE, Change::Ended(Ending::Clean));
    assert_eq!(
        fixture.marks(),
        [
            (11_000, None, MarkKind::Join, "PE 1 joins"),
            (12_000, None, MarkKind::Leave, "PE 1 is not in the pool"),
            (13_000, None, MarkKind::Leave, "PE 1 ended"),
        ]
    );
}

#[test]
fn what_was_removed_is_kept_for_a_while_and_everything_is_bounded() {
    let mut fixture = Fixture::pool();
    fixture.load_at(11_000, PE, 1.0, 4);
    fixture.change_at(12_000, PE, Change::Removed);
    assert_eq!(fixture.model.history.pools(moment(10_000)), [&handle()]);
    assert_eq!(fixture.figures(2).elements.load(), Some(0.25));
    for id in 100..500 {
        let id = ComponentId(id);
        fixture.begin(id, ComponentRole::PoolElement, "PE", 20_000);
        fixture.change(id, Change::Removed);
    }
    assert!(fixture.model.history.track(PE).is_none());
    assert_eq!(fixture.model.history.tracks().count(), 3 + History::REMOVED);
    assert_eq!(fixture.model.history.marks().count(), History::MARKS);
}

#[test]
fn spans_end_at_multiples_of_their_length() {
    let grid = Grid::until(moment(12_345), ms(1_000), 4);
    assert_eq!((grid.begin, grid.edge(4)), (moment(8_000), moment(12_000)));
}
