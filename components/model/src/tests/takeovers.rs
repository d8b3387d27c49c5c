//! Takeovers as several registrars tell of them.

use events::registrar::Event as Happens;
use feed::{GivenUp, PeerState, TakeoverPhase};

use super::registrars::{PR2, peer, two_registrars};
use super::*;
use crate::{Outcome, Takeover};

const PR3: ComponentId = ComponentId(8);

fn three_registrars() -> Stage {
    let mut stage = two_registrars();
    stage.add(PR3, ComponentRole::Registrar, "PR 3");
    stage.hello(PR3);
    stage
}

fn takeover(stage: &mut Stage, reporter: ComponentId, phase: TakeoverPhase) {
    let target = registrar(PR);
    stage.happens(reporter, Happens::Takeover { target, phase });
}

fn initiated(due: u32) -> TakeoverPhase {
    TakeoverPhase::Initiated {
        pool_elements: 2,
        due,
    }
}

fn settled(element: ComponentId, adopted: bool) -> TakeoverPhase {
    let pe_identifier = pool_element(element);
    TakeoverPhase::PoolElementSettled {
        pe_identifier,
        adopted,
    }
}

fn only(stage: &Stage) -> &Takeover {
    assert_eq!(stage.model.takeovers.len(), 1);
    &stage.model.takeovers[0]
}

#[test]
fn a_takeover_is_one_record_from_the_kill_to_the_last_pool_element() {
    let mut stage = three_registrars();
    let killed = stage.kill(PR);
    let peers = vec![peer(PR, PeerState::Probed, None, 0)];
    stage.feed(PR2, Event::Peers { peers });
    let peers = vec![peer(PR, PeerState::BeingTakenOver, None, 0)];
    stage.feed(PR2, Event::Peers { peers });
    takeover(&mut stage, PR2, initiated(1));
    stage.told("PR 2 considers PR 1 dead and begins to take over its 2 PEs: another registrar has to agree");
    assert!(only(&stage).is_under_way());
    let to = registrar(PR2);
    takeover(&mut stage, PR3, TakeoverPhase::Conceded { to });
    stage.told("PR 3 agrees that PR 2 takes over PR 1");
    let by = registrar(PR3);
    takeover(&mut stage, PR2, TakeoverPhase::Acknowledged { by, due: 0 });
    takeover(&mut stage, PR2, TakeoverPhase::Won { pool_elements: 2 });
    stage.told("PR 2 may take over PR 1 and tells 2 PEs of their new home");
    takeover(&mut stage, PR2, settled(PE, true));
    assert_eq!(
        only(&stage).initiator().map(|(id, view)| (id, view.adopted())),
        Some((PR2, 1))
    );
    takeover(&mut stage, PR2, settled(PE2, false));
    stage.told("PR 2 could not become the home of PE 2: it is gone, or has another home");
    takeover(&mut stage, PR2, TakeoverPhase::Complete { adopted: 1, lost: 1 });
    let latest = stage.model.timeline.entries.back().expect("a sentence");
    assert!(
        latest
            .text
            .starts_with("PR 2 has taken over PR 1: 1 PE has a new home, 1 did not answer, after")
    );
    let by = registrar(PR2);
    takeover(&mut stage, PR3, TakeoverPhase::TakenOver { by, pool_elements: 2 });

    let takeover = only(&stage);
    assert!(!takeover.is_under_way());
    assert_eq!(takeover.target_component, Some(PR));
    assert_eq!(takeover.began(), killed);
    let (_, view) = takeover.initiator().expect("PR 2");
    let suspected = view.suspected.expect("it was probed before");
    assert!(killed < suspected && suspected + ms(2) == view.initiated.expect("begun").at);
    let completed = takeover.completed().expect("complete");
    assert_eq!(takeover.duration(), Some(completed - killed));
    let third = &takeover.views[&PR3].outcome.as_ref().expect("it knows").0;
    assert_eq!(*third, Outcome::TakenOver { by: by.0 });
}

#[test]
fn of_two_that_begin_one_gives_up_and_it_stays_one_takeover() {
    let mut stage = three_registrars();
    stage.kill(PR);
    takeover(&mut stage, PR2, initiated(1));
    takeover(&mut stage, PR3, initiated(1));
    takeover(&mut stage, PR2, TakeoverPhase::GivenUp(GivenUp::Outranked));
    stage.told("PR 2 does not take over PR 1 after all: another registrar takes over");
    assert_eq!(only(&stage).initiator().map(|(id, _)| id), Some(PR3));
    let to = registrar(PR3);
    takeover(&mut stage, PR2, TakeoverPhase::Conceded { to });
    takeover(&mut stage, PR3, TakeoverPhase::Won { pool_elements: 0 });
    takeover(&mut stage, PR3, TakeoverPhase::Complete { adopted: 0, lost: 0 });
    assert!(!only(&stage).is_under_way());
    assert!(only(&stage).duration().is_some());
}

#[test]
fn a_registrar_that_was_heard_again_is_taken_over_anew_when_it_dies() {
    let mut stage = two_registrars();
    stage.change(PR, Change::Fault(Fault::Freeze));
    stage.change(PR, Change::Frozen);
    takeover(&mut stage, PR2, initiated(0));
    takeover(&mut stage, PR2, TakeoverPhase::GivenUp(GivenUp::TargetAlive));
    assert!(!only(&stage).is_under_way());
    stage.change(PR, Change::Thawed);
    let killed = stage.kill(PR);
    takeover(&mut stage, PR2, initiated(0));
    assert_eq!(stage.model.takeovers.len(), 2);
    assert_eq!(stage.model.takeovers[1].began(), killed);
    // The one who takes over dies itself.
    stage.kill(PR2);
    assert!(!stage.model.takeovers[1].is_under_way());
}

#[test]
fn a_takeover_that_cannot_be_true_is_ignored() {
    let mut stage = two_registrars();
    let by = registrar(PR2);
    let wrong = [
        (PE, initiated(0)),
        (PR, initiated(0)),
        (PR2, TakeoverPhase::Won { pool_elements: 1 }),
        (PR2, TakeoverPhase::Acknowledged { by, due: 0 }),
        (PR2, TakeoverPhase::Complete { adopted: 1, lost: 0 }),
        (PR2, settled(PE, true)),
    ];
    for (reporter, phase) in wrong {
        let before = stage.component(reporter).ignored_events;
        takeover(&mut stage, reporter, phase);
        assert_eq!(stage.component(reporter).ignored_events, before + 1, "{phase:?}");
    }
    assert!(stage.model.takeovers.is_empty());
    takeover(&mut stage, PR2, initiated(0));
    takeover(&mut stage, PR2, settled(PE, true));
    takeover(&mut stage, PR2, TakeoverPhase::Won { pool_elements: 1 });
    takeover(&mut stage, PR2, settled(PE, true));
    takeover(&mut stage, PR2, settled(PE, true));
    assert_eq!(only(&stage).views[&PR2].settled.len(), 1);
}

#[test]
fn takeovers_without_end_are_bounded() {
    let mut stage = two_registrars();
    for target in 1_000..1_200 {
        let phase = initiated(0);
        let told = Happens::Takeover {
            target: RegistrarIdentifier(target),
            phase,
        };
        stage.happens(PR2, told);
        for by in 0..300 {
            let by = RegistrarIdentifier(by);
            let phase = TakeoverPhase::Acknowledged { by, due: 0 };
            let told = Happens::Takeover {
                target: RegistrarIdentifier(target),
                phase,
            };
            stage.happens(PR2, told);
        }
        if target > 1_100 {
            stage.now += Duration::from_secs(120);
        }
    }
    assert!(stage.model.takeovers.len() <= 50);
    let acknowledgements = |takeover: &Takeover| takeover.views[&PR2].acknowledgements.len();
    assert!(
        stage
            .model
            .takeovers
            .iter()
            .map(acknowledgements)
            .all(|many| many <= 256)
    );
}

#[test]
fn a_takeover_is_measured_from_a_fault_of_the_same_life() {
    let mut stage = three_registrars();
    let life = |stage: &mut Stage, number: u32| {
        stage.change(PR, Change::Spawned { pid: 77 });
        let component = feed::Component::Registrar(RegistrarIdentifier(number));
        stage.feed(
            PR,
            Event::Hello {
                component,
                version: String::new(),
                pid: 77,
                addresses: Vec::new(),
                transport: String::new(),
                pool_handle: None,
                policy: None,
            },
        );
    };
    let taken_over = |stage: &mut Stage, target: u32| {
        let phase = initiated(0);
        let told = Happens::Takeover {
            target: RegistrarIdentifier(target),
            phase,
        };
        stage.happens(PR2, told);
        stage
            .model
            .takeover_of(target)
            .expect("it is known")
            .fault
            .clone()
    };
    let first = stage.kill(PR);
    life(&mut stage, 0x101);
    // Nobody did anything to the second life: who takes it over has another reason.
    assert_eq!(taken_over(&mut stage, 0x101), None);
    life(&mut stage, 0x102);
    let third = stage.kill(PR);
    life(&mut stage, 0x103);
    // Late takeovers of earlier lives.
    assert_eq!(taken_over(&mut stage, 0x102).map(|it| it.at), Some(third));
    assert_eq!(
        taken_over(&mut stage, identifier(PR)).map(|it| it.at),
        Some(first)
    );
    assert_eq!(taken_over(&mut stage, 0x103), None);
}

#[test]
fn a_fault_that_was_taken_back_long_ago_led_to_no_takeover() {
    let delayed = || {
        let delay = feed::Impairment {
            delay_ms: 50.0,
            ..feed::Impairment::default()
        };
        let peer = IpAddr::from([127, 0, 0, 9]);
        vec![(feed::LinkTarget::Peer(peer), delay)]
    };
    let unplugged = || vec![(feed::LinkTarget::All, feed::Impairment::UNPLUGGED)];
    for fault in [Fault::Freeze, Fault::Unplug] {
        for (later, named) in [(ms(2_000), true), (ms(20_000), false)] {
            let mut stage = three_registrars();
            stage.change(PR, Change::Fault(fault));
            if fault == Fault::Freeze {
                stage.change(PR, Change::Frozen);
                stage.now += Duration::from_secs(1);
                stage.change(PR, Change::Thawed);
            } else {
                // What is told late of the time before takes nothing back, and other bad links may stay.
                stage.feed(PR, Event::Impairments { links: Vec::new() });
                stage.feed(PR, Event::Impairments { links: unplugged() });
                stage.now += Duration::from_secs(1);
                stage.feed(PR, Event::Impairments { links: delayed() });
            }
            stage.now += later;
            let target = identifier(PR);
            let phase = initiated(0);
            let told = Happens::Takeover {
                target: RegistrarIdentifier(target),
                phase,
            };
            stage.happens(PR2, told);
            let takeover = stage.model.takeover_of(target).expect("it is known");
            assert_eq!(takeover.fault.is_some(), named, "{fault:?}, {later:?} later");
        }
    }
}
