//! Takeovers as several registrars report them.

use events::registrar::Event as Happens;
use feed::{GivenUp, PeerState, TakeoverPhase};

use super::registrars::{PR2, peer, two_registrars};
use super::*;
use crate::{Outcome, Takeover};

const PR3: ComponentId = ComponentId(8);

fn three_registrars() -> Fixture {
    let mut fixture = two_registrars();
    fixture.add(PR3, ComponentRole::Registrar, "PR 3");
    fixture.hello(PR3);
    fixture
}

fn takeover(fixture: &mut Fixture, reporter: ComponentId, phase: TakeoverPhase) {
    let target = registrar(PR);
    fixture.happens(reporter, Happens::Takeover { target, phase });
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

fn only(fixture: &Fixture) -> &Takeover {
    assert_eq!(fixture.model.takeovers.len(), 1);
    &fixture.model.takeovers[0]
}

#[test]
fn a_takeover_is_one_record_from_the_kill_to_the_last_pool_element() {
    let mut fixture = three_registrars();
    let killed = fixture.kill(PR);
    let peers = vec![peer(PR, PeerState::Probed, None, 0)];
    fixture.feed(PR2, Event::Peers { peers });
    let peers = vec![peer(PR, PeerState::BeingTakenOver, None, 0)];
    fixture.feed(PR2, Event::Peers { peers });
    takeover(&mut fixture, PR2, initiated(1));
    fixture
        .told("PR 2 considers PR 1 dead and begins to take over its 2 PEs: another registrar has to agree");
    assert!(only(&fixture).is_under_way());
    let to = registrar(PR2);
    takeover(&mut fixture, PR3, TakeoverPhase::Conceded { to });
    fixture.told("PR 3 agrees that PR 2 takes over PR 1");
    let by = registrar(PR3);
    takeover(&mut fixture, PR2, TakeoverPhase::Acknowledged { by, due: 0 });
    takeover(&mut fixture, PR2, TakeoverPhase::Won { pool_elements: 2 });
    fixture.told("PR 2 may take over PR 1 and tells 2 PEs of their new home");
    takeover(&mut fixture, PR2, settled(PE, true));
    assert_eq!(
        only(&fixture).initiator().map(|(id, view)| (id, view.adopted())),
        Some((PR2, 1))
    );
    takeover(&mut fixture, PR2, settled(PE2, false));
    fixture.told("PR 2 could not become the home of PE 2: it is gone, or has another home");
    takeover(&mut fixture, PR2, TakeoverPhase::Complete { adopted: 1, lost: 1 });
    let latest = fixture.model.timeline.entries.back().expect("a sentence");
    assert!(
        latest
            .text
            .starts_with("PR 2 has taken over PR 1: 1 PE has a new home, 1 did not answer, after")
    );
    let by = registrar(PR2);
    takeover(
        &mut fixture,
        PR3,
        TakeoverPhase::TakenOver { by, pool_elements: 2 },
    );

    let takeover = only(&fixture);
    assert!(!takeover.is_under_way());
    assert_eq!(takeover.target_component, Some(PR));
    assert_eq!(takeover.began(), killed);
    let (_, view) = takeover.initiator().expect("PR 2");
    let suspected = view.suspected.expect("it was probed before");
    assert!(killed < suspected && suspected + ms(2) == view.initiated.expect("begun").at);
    let completed = takeover.completed().expect("complete");
    assert_eq!(takeover.duration(), Some(completed - killed));
    let third = takeover.views[&PR3].end.expect("it knows");
    assert_eq!(third.outcome, Outcome::TakenOver { by });
}

#[test]
fn of_two_that_begin_one_gives_up_and_it_stays_one_takeover() {
    let mut fixture = three_registrars();
    fixture.kill(PR);
    takeover(&mut fixture, PR2, initiated(1));
    takeover(&mut fixture, PR3, initiated(1));
    takeover(&mut fixture, PR2, TakeoverPhase::GivenUp(GivenUp::Outranked));
    fixture.told("PR 2 does not take over PR 1 after all: another registrar takes over");
    assert_eq!(only(&fixture).initiator().map(|(id, _)| id), Some(PR3));
    let to = registrar(PR3);
    takeover(&mut fixture, PR2, TakeoverPhase::Conceded { to });
    takeover(&mut fixture, PR3, TakeoverPhase::Won { pool_elements: 0 });
    takeover(&mut fixture, PR3, TakeoverPhase::Complete { adopted: 0, lost: 0 });
    assert!(!only(&fixture).is_under_way());
    assert!(only(&fixture).duration().is_some());
}

#[test]
fn a_registrar_that_was_heard_again_is_taken_over_anew_when_it_dies() {
    let mut fixture = two_registrars();
    fixture.change(PR, Change::Fault(Fault::Freeze));
    fixture.change(PR, Change::Frozen);
    takeover(&mut fixture, PR2, initiated(0));
    takeover(&mut fixture, PR2, TakeoverPhase::GivenUp(GivenUp::TargetAlive));
    assert!(!only(&fixture).is_under_way());
    fixture.change(PR, Change::Thawed);
    let killed = fixture.kill(PR);
    takeover(&mut fixture, PR2, initiated(0));
    assert_eq!(fixture.model.takeovers.len(), 2);
    assert_eq!(fixture.model.takeovers[1].began(), killed);
    // The registrar that takes over dies itself.
    fixture.kill(PR2);
    assert!(!fixture.model.takeovers[1].is_under_way());
}

#[test]
fn a_takeover_that_cannot_be_true_is_ignored() {
    let mut fixture = two_registrars();
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
        let before = fixture.component(reporter).ignored_events;
        takeover(&mut fixture, reporter, phase);
        assert_eq!(
            fixture.component(reporter).ignored_events,
            before + 1,
            "{phase:?}"
        );
    }
    assert!(fixture.model.takeovers.is_empty());
    takeover(&mut fixture, PR2, initiated(0));
    takeover(&mut fixture, PR2, settled(PE, true));
    takeover(&mut fixture, PR2, TakeoverPhase::Won { pool_elements: 1 });
    takeover(&mut fixture, PR2, settled(PE, true));
    takeover(&mut fixture, PR2, settled(PE, true));
    assert_eq!(only(&fixture).views[&PR2].settled.len(), 1);
}

#[test]
fn takeovers_without_end_are_bounded() {
    let mut fixture = two_registrars();
    for target in 1_000..1_200 {
        let phase = initiated(0);
        let told = Happens::Takeover {
            target: RegistrarIdentifier(target),
            phase,
        };
        fixture.happens(PR2, told);
        for by in 0..300 {
            let by = RegistrarIdentifier(by);
            let phase = TakeoverPhase::Acknowledged { by, due: 0 };
            let told = Happens::Takeover {
                target: RegistrarIdentifier(target),
                phase,
            };
            fixture.happens(PR2, told);
        }
        if target > 1_100 {
            fixture.now += Duration::from_secs(120);
        }
    }
    assert!(fixture.model.takeovers.len() <= 50);
    let acknowledgements = |takeover: &Takeover| takeover.views[&PR2].acknowledgements.len();
    assert!(
        fixture
            .model
            .takeovers
            .iter()
            .map(acknowledgements)
            .all(|many| many <= 256)
    );
}

#[test]
fn a_takeover_is_measured_from_a_fault_of_the_same_life() {
    let mut fixture = three_registrars();
    let life = |fixture: &mut Fixture, number: u32| {
        fixture.change(PR, Change::Spawned { pid: 77 });
        let component = feed::ComponentIdentity::Registrar(RegistrarIdentifier(number));
        fixture.feed(
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
    let taken_over = |fixture: &mut Fixture, target: RegistrarIdentifier| {
        let phase = initiated(0);
        let told = Happens::Takeover { target, phase };
        fixture.happens(PR2, told);
        fixture
            .model
            .takeover_of(target)
            .expect("it is known")
            .fault
            .clone()
    };
    let first = fixture.kill(PR);
    life(&mut fixture, 0x101);
    // No fault was injected in the second life: its takeover has another cause.
    assert_eq!(taken_over(&mut fixture, RegistrarIdentifier(0x101)), None);
    life(&mut fixture, 0x102);
    let third = fixture.kill(PR);
    life(&mut fixture, 0x103);
    // Late takeovers of earlier lives.
    assert_eq!(
        taken_over(&mut fixture, RegistrarIdentifier(0x102)).map(|it| it.at),
        Some(third)
    );
    assert_eq!(
        taken_over(&mut fixture, registrar(PR)).map(|it| it.at),
        Some(first)
    );
    assert_eq!(taken_over(&mut fixture, RegistrarIdentifier(0x103)), None);
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
            let mut fixture = three_registrars();
            fixture.change(PR, Change::Fault(fault));
            if fault == Fault::Freeze {
                fixture.change(PR, Change::Frozen);
                fixture.now += Duration::from_secs(1);
                fixture.change(PR, Change::Thawed);
            } else {
                // A late report about the time before undoes nothing, and other impaired links may stay.
                fixture.feed(PR, Event::Impairments { links: Vec::new() });
                fixture.feed(PR, Event::Impairments { links: unplugged() });
                fixture.now += Duration::from_secs(1);
                fixture.feed(PR, Event::Impairments { links: delayed() });
            }
            fixture.now += later;
            let target = registrar(PR);
            let phase = initiated(0);
            let told = Happens::Takeover { target, phase };
            fixture.happens(PR2, told);
            let takeover = fixture.model.takeover_of(target).expect("it is known");
            assert_eq!(takeover.fault.is_some(), named, "{fault:?}, {later:?} later");
        }
    }
}
