//! Plays, and what else goes on beside the model, as they are kept.

use proptest::prelude::*;

use super::damage::{damage, values};
use super::*;
use crate::{Moment, RandomFaultsRun};
use scenario::{RandomFault, RandomFaults, RoleFilter, Who};

pub(super) fn written<T: serde::Serialize>(kept: &T) -> Vec<u8> {
    rmp_serde::to_vec_named(kept).unwrap()
}

#[track_caller]
pub(super) fn read<T: serde::de::DeserializeOwned>(kept: &[u8]) -> T {
    rmp_serde::from_slice(kept).unwrap()
}

/// Steps with everything that a play keeps count of.
const STEPS: &str = r#"
    {"name": "look", "say": ["It begins.", {"when": {"ready": "PR 1"}, "text": "It is there."}], "after-s": 1},
    {"name": "faults", "do": [{"churn": {"of": {"every": "pool-element"}, "mean-up-s": 2, "mean-down-s": 1, "for-s": 8,
        "faults": ["kill", "freeze", "unplug", "stop", "restart"]}}], "after-s": 1},
    {"name": "seen", "when": "churn-over", "within-s": 20, "say": "PE 1 dies.", "do": [{"kill": "PE 1"}],
        "expect": [{"that": {"message-seen": {"name": "ASAP_REGISTRATION"}}, "within-s": 3, "say": "it registers"},
                   {"that": {"ready": "PR 1"}, "for-s": 2}]},
    {"say": "Again.", "do": [{"freeze": {"chosen-in": "seen"}}, "undo-faults"], "after-s": 1,
        "repeat": {"from": "seen", "times": 3}}"#;

#[test]
fn random_faults_that_are_read_go_on_with_the_same_random_numbers() {
    let fixture = Fixture::new("");
    let faults = RandomFaults {
        of: Who::Every(RoleFilter::PoolElement),
        mean_up_s: 0.1,
        mean_down_s: 0.3,
        for_s: None,
        faults: vec![RandomFault::Kill, RandomFault::Unplug],
        keep_up: Some(0),
    };
    let mut run = RandomFaultsRun::begin(faults, &fixture.model, 7, fixture.now).unwrap();
    let mut other: RandomFaultsRun = read(&written(&run));
    let mut commands = 0;
    for _ in 0..100 {
        let due = run.poll_timeout().unwrap();
        assert_eq!(other.poll_timeout(), Some(due));
        run.handle(due, &fixture.model);
        other.handle(due, &fixture.model);
        while let Some(command) = run.poll_command() {
            assert_eq!(other.poll_command(), Some(command));
            commands += 1;
        }
        assert_eq!(other.poll_command(), None);
        other = read(&written(&other));
    }
    assert!(commands > 50);
}

#[test]
fn commands_for_components_and_for_everything_survive() {
    let links = LinkTarget::Peer("fe80::1".parse().unwrap());
    for command in [
        Command::Add(ComponentSpec::new(ComponentRole::Registrar)),
        Command::Impair(PE, links, Impairment::UNPLUGGED),
        Command::Send(
            PE,
            feed::Command::Impair {
                target: links,
                impairment: Impairment::UNPLUGGED,
            },
        ),
        Command::Send(PE, feed::Command::SetLoad { load: Some(0.1) }),
        Command::UndoFaults,
        Command::Play(PlayControl::Speed(0.1)),
    ] {
        assert_eq!(read::<Command>(&written(&command)), command);
    }
    // What is about files of results cannot be part of a play.
    assert!(rmp_serde::to_vec_named(&Command::WriteResults("x".into(), Vec::new())).is_err());
}

/// Asks a play for everything that a window shows.
fn look_at(play: &Play, now: Timestamp, model: &Model) {
    let _ = (
        play.state(),
        play.position(),
        play.awaited(),
        play.narration(),
        play.speed(),
    );
    let _ = (
        play.marks(),
        play.score(),
        play.actors(model),
        play.poll_timeout(),
    );
    for position in 0..=play.steps().len() {
        let _ = (
            play.round(position),
            play.text_of(position),
            play.step_name(position),
        );
    }
    for expected in play.expected() {
        let _ = (expected.holding(now), expected.within());
        let _ = expected
            .decision
            .as_ref()
            .map(|decision| (decision.figure(), decision.missing()));
    }
    if let Moment::Waiting { position, .. } | Moment::Expecting { position, .. } = play.moment(now) {
        let _ = play.record_of(position);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn a_play_that_is_read_from_a_damaged_record_goes_on(
        after in 0..20_u64,
        damages in prop::collection::vec(damage(), 100),
    ) {
        let mut fixture = Fixture::running(STEPS);
        fixture.ready(PR);
        fixture.pass(after * 1_000);
        let record = written(&fixture.play);
        let places = values(&record);
        let mut goes_on = 0;
        for damage in damages {
            let Ok(mut play) = rmp_serde::from_slice::<Play>(&damage.done_to(&record, &places)) else {
                continue;
            };
            goes_on += 1;
            look_at(&play, fixture.now, &fixture.model);
            let mut now = fixture.now;
            for step in [0, 1_000, 7_000_000, 100_000_000_000, u64::MAX / 2, u64::MAX / 2] {
                now += Duration::from_micros(step);
                play.control(now, PlayControl::Run);
                play.handle(now, &fixture.model);
                while play.poll_command().is_some() {}
                play.control(now, PlayControl::Step);
                play.handle(now, &fixture.model);
                look_at(&play, now, &fixture.model);
            }
            let again: Play = read(&written(&play));
            prop_assert_eq!(again.digest(), play.digest());
        }
        prop_assert!(goes_on > 0, "everything was refused");
    }
}
