//! Updates and models that are written into a record and read from it again.

use feed::Affected;
use proptest::prelude::*;
use wire::csp::{ComponentIdentifier, Workload};
use wire::parameter::{Policy, PolicyType};

use super::*;
use crate::{Comparison, Past, PastDelta, PastRebuild, Proof, Severity, SystemState};

/// The number of times that models are written into a record and read from it again.
const RECORDS: usize = 7;

/// Applies updates to several models: one that lives on, one that is read from a whole record now and then, and one that is
/// read from a record without its past, which is made of deltas. They must be the same all the time.
#[track_caller]
pub(super) fn check(updates: &[Update]) {
    let mut living = Model::default();
    let mut whole = Model::default();
    let mut parts = Model::default();
    let mut deltas: Vec<PastDelta> = Vec::new();
    let mut earlier = Past::default();
    for updates in updates.chunks((updates.len() / RECORDS).max(1)) {
        for update in updates {
            living.apply(update.clone());
            whole.apply(update.clone());
            parts.apply(update.clone());
        }
        let digest = living.digest();
        assert_eq!(living.clone().digest(), digest);
        assert_eq!(whole.digest(), digest, "after being read from a whole record");
        assert_eq!(parts.digest(), digest, "after being read from parts");
        whole = there_and_back(&whole);
        assert_eq!(whole.digest(), digest, "read from a whole record");
        assert_eq!(whole.index.ends, living.index.ends);
        assert_eq!(whole.index.pairs, living.index.pairs);

        let mut living = living.clone();
        let past = living.take_past();
        deltas.push(there_and_back(&past.changed_since(&earlier)));
        earlier = past;
        parts = there_and_back(&living);
        parts.put_past(rebuilt(&deltas));
        assert_eq!(parts.digest(), digest, "read from parts");
    }
}

/// Makes the past from the deltas, using no more of them than needed.
fn rebuilt(deltas: &[PastDelta]) -> Past {
    let (latest, before) = deltas.split_last().expect("a delta");
    let mut rebuild = PastRebuild::new(latest);
    for earlier in before.iter().rev() {
        if rebuild.missing() == 0 {
            break;
        }
        rebuild.add(earlier);
    }
    assert_eq!(rebuild.missing(), 0);
    rebuild.finish()
}

fn there_and_back<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    rmp_serde::from_slice(&rmp_serde::to_vec_named(value).unwrap()).unwrap()
}

/// Returns one change of each kind, with the values that are the hardest to write.
fn changes() -> Vec<Change> {
    let spec = ComponentSpec::new(ComponentRole::PoolElement);
    let timers = spec.args.timers();
    let impairment = feed::Impairment {
        direction: Affected::Sent,
        loss: 0.1,
        rate_kbit_s: f64::MAX,
        ..feed::Impairment::default()
    };
    let stamped = Stamped {
        at: Timestamp::from_micros(u64::MAX),
        event: Event::Load {
            load: 0.1 + 0.2,
            sessions: 1,
            capacity: u32::MAX,
        },
    };
    let policy_type = PolicyType(u32::MAX);
    let unknown = Policy::Unknown {
        policy_type,
        data: vec![0, 255],
    };
    let comparison = Comparison {
        pixels: u64::MAX,
        wrong: 1,
        missing: 2,
        first: Some((3, 4)),
    };
    let why = || "no such file: /x".to_owned();
    let target = feed::LinkTarget::Peer("fe80::1".parse().unwrap());
    let link_fault = |target| Change::LinkFault {
        fault: Fault::CutLink,
        target,
        impairment,
    };
    let ended = [
        Ending::Clean,
        Ending::Killed,
        Ending::Crashed { why: why() },
        Ending::NotStarted { why: why() },
    ];
    let proofs = [Proof::Awaited, Proof::UnderWay, Proof::Made(comparison)];
    let mut changes = vec![
        Change::Added {
            name: "PE \u{1f}\u{1f600}".into(),
            spec: Box::new(spec),
        },
        Change::Timers(Box::new(timers)),
        Change::Policy(unknown),
        Change::Removed,
        Change::Restored,
        Change::Spawned { pid: u32::MAX },
        Change::Feed(Box::new(Frame {
            stamped,
            bytes: vec![0, 127, 128, 255],
        })),
        Change::LogLine(String::new()),
        Change::Stopping,
        Change::Frozen,
        Change::Thawed,
        Change::Silent {
            silence: Duration::new(u64::MAX, 999_999_999),
            system: SystemState::Blocked,
        },
        Change::Heard,
        Change::Fault(Fault::Impair),
        link_fault(feed::LinkTarget::All),
        link_fault(target),
        Change::PictureHeld { next: true },
        Change::PictureLetGo,
        Change::FeedBroken { why: why() },
        Change::LoadTold(None),
        Change::LoadTold(Some(f64::MIN_POSITIVE)),
        Change::Refused { why: why() },
        Change::Told {
            severity: Severity::Recovery,
            text: why(),
        },
    ];
    changes.extend(ended.map(Change::Ended));
    changes.extend(proofs.map(|proof| Change::PictureCompared { image: 1, proof }));
    changes
}

#[test]
fn every_update_survives() {
    let at = Timestamp::from_micros(u64::MAX);
    let component = ComponentId(u32::MAX);
    let report = wire::csp::Report {
        workload: Some(Workload::FULL),
        ..wire::csp::Report::last(ComponentIdentifier::from_number(u64::MAX), u64::MAX, 1)
    };
    let mut updates = vec![
        Update::Notice {
            at,
            severity: Severity::Problem,
            text: "\0".into(),
        },
        Update::Report {
            at,
            source: "::1".parse().unwrap(),
            report: Box::new(report),
        },
        Update::Slept {
            at,
            duration: Duration::from_nanos(1),
            all: true,
        },
        Update::ReportsDue { at },
    ];
    updates.extend(changes().into_iter().map(|change| Update::Component {
        component,
        at,
        change,
    }));
    for update in updates {
        assert_eq!(there_and_back(&update), update);
    }
}

#[test]
fn a_number_that_is_none_stays_none() {
    let Change::LoadTold(Some(load)) = there_and_back(&Change::LoadTold(Some(f64::NAN))) else {
        panic!("another change");
    };
    assert!(load.is_nan());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn models_that_are_read_go_on_like_those_that_were_written(updates in anything::updates()) {
        check(&updates);
        for update in updates {
            prop_assert_eq!(&there_and_back(&update), &update);
        }
    }
}
