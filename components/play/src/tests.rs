//! Plays with a model written by the tests.

#[path = "../../model/src/tests/damage.rs"]
mod damage;
mod kept;
mod pictures;
mod policy_change;
mod pool_figures;

use std::time::Duration;

use events::pool_user::{self, FailoverReason, FailoverTimes, SessionId};
use feed::{
    ComponentRole, Event, Frame, HandlespaceEntry, Impairment, LinkTarget, RegistrarStatus, Stamped, Status,
    Timestamp,
};

use command::Command;
use command::PlayControl;
use model::{Change, ComponentId, Ending, Fault, Model, Update};

use crate::{Play, PlayState};
use scenario::{ComponentSpec, Scenario};
use wire::{PeIdentifier, PoolHandle, RegistrarIdentifier};

const PR: ComponentId = ComponentId(1);
const PE: ComponentId = ComponentId(2);
const PE2: ComponentId = ComponentId(3);
const PU: ComponentId = ComponentId(4);

/// A play of one registrar, two pool elements and a pool user, all of which have said hello, and a clock.
struct Fixture {
    model: Model,
    play: Play,
    now: Timestamp,
    /// How often the play was called.
    handled: u64,
}

impl Fixture {
    fn new(steps: &str) -> Self {
        let text = format!(
            r#"{{"name": "n", "components": [{{"role": "registrar"}}, {{"role": "pool-element"}},
               {{"role": "pool-element"}}, {{"role": "pool-user"}}], "steps": [{steps}]}}"#
        );
        let scenario = Scenario::parse("test.json", &text).unwrap();
        let mut fixture = Self {
            model: Model::default(),
            play: Play::new(&scenario, 7),
            now: Timestamp::from_micros(1_000_000),
            handled: 0,
        };
        for (id, role, name) in [
            (PR, ComponentRole::Registrar, "PR 1"),
            (PE, ComponentRole::PoolElement, "PE 1"),
            (PE2, ComponentRole::PoolElement, "PE 2"),
            (PU, ComponentRole::PoolUser, "PU 1"),
        ] {
            let spec = Box::new(ComponentSpec::new(role));
            let name = name.into();
            fixture.change(id, Change::Added { name, spec });
            fixture.change(id, Change::Spawned { pid: 100 + id.0 });
            fixture.feed(
                id,
                Event::Hello {
                    component: feed::ComponentIdentity::new(role, id.0.into()).expect("a small number"),
                    version: String::new(),
                    pid: 100 + id.0,
                    addresses: vec![[127, 0, 0, id.0 as u8].into()],
                    transport: "user".into(),
                    pool_handle: None,
                    policy: None,
                },
            );
        }
        fixture
    }

    fn running(steps: &str) -> Self {
        let mut fixture = Self::new(steps);
        fixture.play.control(fixture.now, PlayControl::Run);
        fixture
    }

    fn change(&mut self, component: ComponentId, change: Change) {
        self.model.apply(Update::Component {
            component,
            at: self.now,
            change,
        });
    }

    fn feed(&mut self, id: ComponentId, event: Event) {
        let stamped = Stamped { at: self.now, event };
        let bytes = Vec::new();
        self.change(id, Change::Feed(Box::new(Frame { stamped, bytes })));
    }

    fn ready(&mut self, id: ComponentId) {
        let status = Status::Registrar(RegistrarStatus::Stopping);
        self.feed(id, Event::Status { ready: true, status });
    }

    /// Lets this many milliseconds pass, waking the play when it is due; returns its commands.
    fn pass(&mut self, ms: u64) -> Vec<Command> {
        let end = self.now + Duration::from_millis(ms);
        let mut commands = self.handle();
        while let Some(wake_at) = self.play.poll_timeout().filter(|wake_at| *wake_at <= end) {
            assert!(wake_at > self.now, "a wake-up call at once is a busy loop");
            self.now = wake_at;
            commands.extend(self.handle());
        }
        self.now = end;
        commands.extend(self.handle());
        commands
    }

    /// A play that is kept and read again goes on as if nothing had happened.
    fn handle(&mut self) -> Vec<Command> {
        self.handled += 1;
        // At each of the first calls, and of many only now and then.
        let kept = (self.handled < 50 || self.handled.is_power_of_two()).then(|| kept::written(&self.play));
        self.play.handle(self.now, &self.model);
        if let Some(kept) = kept {
            let mut read: Play = kept::read(&kept);
            read.handle(self.now, &self.model);
            assert_eq!(read.digest(), self.play.digest());
            assert_eq!(self.play.clone().digest(), self.play.digest());
        }
        std::iter::from_fn(|| self.play.poll_command()).collect()
    }

    fn served(&mut self, by: ComponentId) {
        self.happens_in_pool_user(pool_user::Event::SessionUp {
            session: SessionId(1),
            pe_identifier: PeIdentifier(by.0),
            association: 1.into(),
            cookie_echoed: false,
            failover: None,
        });
    }

    fn happens_in_pool_user(&mut self, event: pool_user::Event) {
        self.feed(PU, Event::PoolUser(event));
    }

    /// Kills PE 1 now, and continues its session at PE 2 after this many milliseconds.
    fn failover(&mut self, gap_ms: u64) {
        self.change(PE, Change::Fault(Fault::Kill));
        self.change(PE, Change::Ended(Ending::Killed));
        let fault = self.now;
        let noticing = Duration::from_millis(1);
        self.now += noticing;
        self.happens_in_pool_user(pool_user::Event::FailoverStarted {
            session: SessionId(1),
            pe_identifier: PeIdentifier(PE.0),
            reason: FailoverReason::Application("lost".into()),
            has_cookie: true,
            silent_for: noticing,
        });
        let gap = Duration::from_millis(gap_ms);
        self.now = fault + gap;
        self.happens_in_pool_user(pool_user::Event::FailoverComplete {
            session: SessionId(1),
            to: PeIdentifier(PE2.0),
            times: FailoverTimes {
                from: PeIdentifier(PE.0),
                noticing,
                resolving: Duration::ZERO,
                connecting: Duration::ZERO,
                cookie_echoed: true,
            },
            responding: gap.saturating_sub(noticing),
        });
    }

    #[track_caller]
    fn failed_with(&self, expected: &[&str]) {
        let failures = self.play.failures().iter();
        let told: Vec<String> = failures.map(|failure| failure.what.to_string()).collect();
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.contains(expected), "expected `{expected}` in `{told}`");
        }
        let over = [PlayState::Failed, PlayState::Succeeded].contains(&self.play.state());
        assert!(over, "{:?}", self.play.state());
        assert_eq!(self.play.state() == PlayState::Failed, !expected.is_empty());
    }
}

#[test]
fn nothing_happens_before_it_is_run() {
    let mut fixture = Fixture::new(r#"{"do": [{"kill": "PE 1"}]}"#);
    assert_eq!(fixture.pass(60_000), []);
    assert_eq!(fixture.play.state(), PlayState::Ready);
    fixture.play.control(fixture.now, PlayControl::Run);
    assert_eq!(fixture.pass(1), [Command::Kill(PE)]);
    fixture.failed_with(&[]);
}

#[test]
fn steps_come_at_their_times() {
    let mut fixture = Fixture::running(
        r#"{"at-s": 2, "do": [{"stop": "PE 1"}]}, {"after-s": 3, "do": [{"start": "PE 1"}]}"#,
    );
    assert_eq!(fixture.pass(1_990), []);
    assert_eq!(fixture.pass(20), [Command::Stop(PE)]);
    assert_eq!(fixture.pass(2_970), []);
    assert_eq!(fixture.pass(40), [Command::Start(PE)]);
    fixture.failed_with(&[]);
}

#[test]
fn the_story_goes_faster_and_pauses() {
    let mut fixture = Fixture::running(r#"{"after-s": 10, "do": [{"stop": "PE 1"}]}"#);
    fixture.play.control(fixture.now, PlayControl::Speed(10.0));
    assert_eq!(fixture.pass(500), []);
    fixture.play.control(fixture.now, PlayControl::Pause);
    assert_eq!(fixture.pass(60_000), []);
    assert_eq!(fixture.play.state(), PlayState::Paused);
    fixture.play.control(fixture.now, PlayControl::Run);
    assert_eq!(fixture.pass(490), []);
    assert_eq!(fixture.pass(20), [Command::Stop(PE)]);
}

#[test]
fn a_single_step_waits_for_nothing_and_pauses() {
    let mut fixture = Fixture::new(
        r#"{"when": {"ready": "PE 1"}, "after-s": 5, "say": "One."}, {"say": "Two.", "do": [{"kill": "PE 2"}]}"#,
    );
    fixture.play.control(fixture.now, PlayControl::Step);
    assert_eq!(fixture.pass(60_000), []);
    assert_eq!(fixture.play.narration(), Some(("One.", None)));
    assert_eq!(fixture.play.state(), PlayState::Paused);
    fixture.play.control(fixture.now, PlayControl::Step);
    assert_eq!(fixture.pass(10), [Command::Kill(PE2)]);
    assert_eq!(fixture.play.narration(), Some(("Two.", None)));
    fixture.failed_with(&[]);
}

#[test]
fn a_condition_is_awaited_but_not_for_ever() {
    let steps =
        r#"{"when": {"ready": ["PE 1", "PE 2"]}, "within-s": 5, "do": [{"kill": "PE 1"}]}, {"say": "never"}"#;
    let mut fixture = Fixture::running(steps);
    fixture.ready(PE);
    assert_eq!(fixture.pass(4_000), []);
    fixture.ready(PE2);
    assert_eq!(fixture.pass(10), [Command::Kill(PE)]);

    let mut fixture = Fixture::running(steps);
    fixture.ready(PE);
    assert_eq!(fixture.pass(5_010), []);
    fixture.failed_with(&["waited in vain for: PE 1 and PE 2: ready"]);
    assert_eq!(fixture.play.narration(), None);
}

#[test]
fn a_failover_below_its_bound_is_as_expected() {
    let steps = r#"{"do": [{"kill": {"serving": "PU 1"}}],
        "expect": [{"that": {"failover-gap": {"of": "PU 1", "below-ms": 50}}, "within-s": 2},
                   {"that": {"detection-time": {"below-ms": 5}}}]}"#;
    let mut fixture = Fixture::new(steps);
    fixture.served(PE);
    fixture.play.control(fixture.now, PlayControl::Run);
    assert_eq!(fixture.pass(1), [Command::Kill(PE)]);
    fixture.failover(40);
    fixture.pass(1);
    fixture.failed_with(&[]);
    let decision = &fixture.play.step_records()[0].expectations[0].decision;
    assert_eq!(decision.measured_ms, Some(40.0));
}

#[test]
fn a_failover_beyond_its_bound_fails_at_once() {
    let steps = r#"{"do": [{"kill": "PE 1"}],
        "expect": [{"that": {"failover-gap": {"below-ms": 50}}, "within-s": 60}]}"#;
    let mut fixture = Fixture::running(steps);
    fixture.served(PE);
    fixture.pass(1);
    fixture.failover(70);
    fixture.pass(1);
    fixture.failed_with(&["not met: failover gap below 50 ms (measured: 70 ms)"]);
}

#[test]
fn of_several_things_those_are_named_that_were_missing() {
    let steps = r#"{"do": [{"kill": "PE 1"}], "expect": [{"say": "Fast, and in order.", "within-s": 60, "that": {"all": [
        {"failover-complete": {}}, {"failover-gap": {"below-ms": 50}},
        {"all": [{"served-by": {"of": "PU 1", "by": "PE 2"}}, {"state": {"of": "PE 1", "is": "stopped"}}]}]}}]}"#;
    let mut fixture = Fixture::running(steps);
    fixture.served(PE);
    fixture.pass(1);
    fixture.failover(70);
    fixture.served(PE2);
    fixture.pass(1);
    fixture.failed_with(&[
        "not met: Fast, and in order. (measured: 70 ms; missing: failover gap below 50 ms; PE 1: stopped)",
    ]);
}

#[test]
fn what_happened_before_the_step_does_not_count() {
    let steps = r#"{"after-s": 1, "expect": [{"that": "churn-over", "within-s": 0}]},
        {"do": ["undo-faults"], "expect": [{"that": {"failover-complete": {}}, "within-s": 3}]}"#;
    let mut fixture = Fixture::running(steps);
    fixture.served(PE);
    fixture.failover(40);
    fixture.pass(10_000);
    fixture.failed_with(&[
        "not met: the random faults are over",
        "not met: failover complete",
    ]);
}

#[test]
fn an_expectation_may_have_to_hold_for_a_while() {
    let steps = r#"{"do": ["undo-faults"], "expect": [{"that": {"served-by": {"of": "PU 1", "by": "PE 1"}}, "within-s": 2, "for-s": 3}]}"#;
    let mut fixture = Fixture::running(steps);
    fixture.served(PE);
    fixture.pass(2_900);
    assert_eq!(fixture.play.state(), PlayState::Running);
    fixture.pass(200);
    fixture.failed_with(&[]);

    let mut fixture = Fixture::running(steps);
    fixture.served(PE);
    fixture.pass(2_500);
    fixture.served(PE2);
    fixture.pass(10);
    fixture.failed_with(&["not met: PU 1: served by PE 1"]);
}

#[test]
fn steps_are_repeated() {
    let mut fixture = Fixture::running(
        r#"{"name": "a", "after-s": 1, "do": [{"freeze": "PE 1"}]},
           {"do": [{"thaw": {"chosen-in": "a"}}], "repeat": {"from": "a", "times": 2}}"#,
    );
    let commands = fixture.pass(10_000);
    let once = [Command::Freeze(PE), Command::Thaw(PE)];
    assert_eq!(commands, [once.clone(), once.clone(), once].concat());
    fixture.failed_with(&[]);
}

#[test]
fn the_actors_are_those_of_whom_the_narration_tells() {
    let actors = |steps: &str| {
        let mut fixture = Fixture::running(steps);
        fixture.served(PE);
        fixture.pass(1);
        let actors = fixture.play.actors(&fixture.model);
        actors.into_iter().collect::<Vec<_>>()
    };
    let watched = r#""expect": [{"that": "churn-over"}]"#;
    let step = |members: &str| actors(&format!("{{{members}, {watched}}}"));
    assert_eq!(step(r#""say": "PE 2 waits.""#), [PE2], "named");
    assert_eq!(
        step(r#""say": "It is cut off.", "do": [{"unplug": "PE 1"}]"#),
        [PE],
        "selected"
    );
    assert_eq!(
        step(r#""say": "The registrar decides.""#),
        [PR],
        "the only one of its role"
    );
    assert_eq!(
        step(r#""say": "PE 2 waits.", "actors": ["PE 1"]"#),
        [PE],
        "said so"
    );
    assert_eq!(step(r#""say": "Nothing else.""#), [], "nobody");
}

#[test]
fn a_link_is_cut_at_both_ends() {
    let mut fixture = Fixture::running(r#"{"do": [{"cut": {"between": "PE 1", "and": ["PR 1"]}}]}"#);
    let at = |id: ComponentId| LinkTarget::Peer([127, 0, 0, id.0 as u8].into());
    assert_eq!(
        fixture.pass(1),
        [
            Command::Impair(PE, at(PR), Impairment::UNPLUGGED),
            Command::Impair(PR, at(PE), Impairment::UNPLUGGED)
        ]
    );
}

#[test]
fn capacity_and_number_of_jobs_are_set_while_a_pool_element_runs() {
    let mut fixture = Fixture::running(
        r#"{"do": [{"set-capacity": {"of": "PE 1", "iterations-per-second": 5}},
                   {"set-max-jobs": {"of": {"every": "pool-element"}, "jobs": 2}}]}"#,
    );
    let capacity = feed::Command::SetCapacity {
        iterations_per_second: 5,
    };
    let jobs = feed::Command::SetMaxJobs { jobs: 2 };
    assert_eq!(
        fixture.pass(1),
        [
            Command::Send(PE, capacity),
            Command::Send(PE, jobs.clone()),
            Command::Send(PE2, jobs)
        ]
    );
}

#[test]
fn doing_something_to_nobody_is_a_failure() {
    let mut fixture = Fixture::running(r#"{"do": [{"kill": {"serving": "PU 1"}}]}"#);
    assert_eq!(fixture.pass(1), []);
    fixture.failed_with(&["the pool element that serves PU 1 is nobody"]);
}

#[test]
fn a_crash_is_a_failure_whatever_is_expected() {
    let mut fixture = Fixture::running(r#"{"after-s": 1, "say": "Hello."}"#);
    let why = "exit status 1".into();
    fixture.change(PE, Change::Ended(Ending::Crashed { why }));
    fixture.pass(2_000);
    fixture.failed_with(&["PE 1 crashed: exit status 1"]);
}

#[test]
fn handlespaces_agree_when_owners_and_members_are_the_same() {
    let steps = r#"{"expect": [{"that": {"handlespaces-agree": {"pool-elements": 1}}, "within-s": 5}]}"#;
    let handlespace = |pool_elements: u32| Event::Handlespace {
        pools: 1,
        pool_elements,
        owned: pool_elements,
        peers: 0,
        checksum: 0,
        entries: (0..pool_elements)
            .map(|number| HandlespaceEntry {
                pool_handle: PoolHandle::new(b"pool").expect("a short handle"),
                pe_identifier: PeIdentifier(PE.0 + number),
                home_registrar: RegistrarIdentifier(PR.0),
                policy: String::new(),
                load: None,
            })
            .collect(),
    };
    let mut fixture = Fixture::running(steps);
    fixture.feed(PR, handlespace(2));
    fixture.pass(1_000);
    assert_eq!(fixture.play.state(), PlayState::Running);
    fixture.feed(PR, handlespace(1));
    fixture.pass(10);
    fixture.failed_with(&[]);
}

/// Returns the commands of random faults at both pool elements, which take effect at once, with their times in
/// milliseconds.
fn random_faults(seed: u64) -> Vec<(u128, Command)> {
    let mut fixture = Fixture::new(
        r#"{"do": [{"churn": {"of": {"every": "pool-element"}, "mean-up-s": 10, "mean-down-s": 2, "for-s": 300,
            "faults": ["kill", "freeze", "unplug", "stop", "restart"]}}],
            "expect": [{"that": "churn-over", "within-s": 301}]}"#,
    );
    fixture.play.seed = seed;
    fixture.play.control(fixture.now, PlayControl::Run);
    let began = fixture.now;
    let mut commands = Vec::new();
    while fixture.play.state() == PlayState::Running {
        let now_ms = (fixture.now - began).as_millis();
        commands.extend(fixture.pass(10).into_iter().map(|command| (now_ms, command)));
    }
    fixture.failed_with(&[]);
    commands
}

#[test]
fn random_faults_are_the_same_for_the_same_seed() {
    let faults = random_faults(1);
    assert_eq!(faults, random_faults(1));
    assert_ne!(faults, random_faults(2));
    assert!(faults.len() > 20, "{faults:?}");
    assert!(faults.iter().all(|(at_ms, _)| *at_ms <= 300_010));
}

#[test]
fn random_faults_leave_somebody_and_are_all_undone() {
    for seed in 1..20 {
        let mut down = std::collections::BTreeSet::new();
        for (_, command) in random_faults(seed) {
            match command {
                Command::Kill(id) | Command::Stop(id) | Command::Freeze(id) => assert!(down.insert(id)),
                Command::Impair(id, _, impairment) if impairment.cut => assert!(down.insert(id)),
                Command::Start(id) | Command::Thaw(id) | Command::Impair(id, ..) => assert!(down.remove(&id)),
                Command::Restart(_) => {}
                other => panic!("seed {seed}: {other:?}"),
            }
            assert!(down.len() < 2, "seed {seed}");
        }
        assert!(down.is_empty(), "seed {seed}");
    }
}
