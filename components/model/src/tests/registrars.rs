//! Registrars in the plural: ownership, agreement, peers.

use std::time::Duration;

use events::registrar::Event as Happens;
use feed::{PeerEntry, PeerState, StartUpPhase, SynchronizationProgress};

use super::*;
use crate::Agreement;

pub(super) const PR2: ComponentId = ComponentId(6);

impl Stage {
    /// Something happens in a registrar.
    pub(super) fn happens(&mut self, registrar: ComponentId, event: Happens) {
        self.feed(registrar, Event::Registrar(event));
    }
}

pub(super) fn two_registrars() -> Stage {
    let mut stage = Stage::set();
    stage.add(PR2, ComponentRole::Registrar, "PR 2");
    stage.hello(PR2);
    stage
}

pub(super) fn peer(id: ComponentId, state: PeerState, announced: Option<u16>, local: u16) -> PeerEntry {
    PeerEntry {
        identifier: registrar(id),
        state,
        association: None,
        announced_checksum: announced,
        local_checksum: local,
        pool_elements: 1,
    }
}

fn own(stage: &mut Stage, registrar: ComponentId, elements: &[ComponentId]) {
    let entries = elements
        .iter()
        .map(|element| entry(*element, registrar))
        .collect();
    stage.feed(registrar, handlespace(entries));
}

#[test]
fn the_newest_word_on_a_pool_elements_home_wins() {
    let mut stage = two_registrars();
    own(&mut stage, PR, &[PE]);
    stage.change(PR, Change::Frozen);
    assert_eq!(stage.component(PE).home_registrar, Some(PR));
    own(&mut stage, PR2, &[PE]);
    assert_eq!(stage.component(PE).home_registrar, Some(PR2));
    stage.told("PE 1 moved from PR 1 to PR 2");
    // PR 1 goes on and repeats what it thought before: nothing new.
    stage.change(PR, Change::Thawed);
    own(&mut stage, PR, &[PE]);
    assert_eq!(stage.component(PE).home_registrar, Some(PR2));
    // It learns better, and owns the pool element anew later on.
    own(&mut stage, PR, &[]);
    assert_eq!(stage.component(PE).home_registrar, Some(PR2));
    own(&mut stage, PR, &[PE]);
    assert_eq!(stage.component(PE).home_registrar, Some(PR));
    // Without PR 1's word that of PR 2 counts again.
    own(&mut stage, PR, &[]);
    assert_eq!(stage.component(PE).home_registrar, Some(PR2));
}

#[test]
fn a_pool_element_that_says_hello_late_finds_its_home() {
    let mut stage = two_registrars();
    let late = ComponentId(7);
    stage.add(late, ComponentRole::PoolElement, "PE 3");
    own(&mut stage, PR2, &[late]);
    assert_eq!(stage.component(late).home_registrar, None);
    stage.hello(late);
    assert_eq!(stage.component(late).home_registrar, Some(PR2));
    stage.told("PE 3 registered with PR 2");
}

#[test]
fn the_last_handlespace_of_a_dead_registrar_stays_until_it_is_started_again() {
    let mut stage = two_registrars();
    own(&mut stage, PR, &[PE]);
    stage.kill(PR);
    assert_eq!(stage.component(PR).entries.len(), 1);
    assert_eq!(
        stage.component(PE).home_registrar,
        Some(PR),
        "nobody took it over"
    );
    stage.change(PR, Change::Spawned { pid: 77 });
    assert_eq!(stage.component(PR).entries.len(), 0);
    assert_eq!(stage.component(PE).home_registrar, None);
}

#[test]
fn copies_agree_by_the_last_presence_or_by_the_owners_own_word() {
    let mut stage = two_registrars();
    let agreement = |stage: &Stage, later: Duration| {
        let viewer = stage.component(PR2);
        let peer = viewer.registrar.peer(identifier(PR)).expect("a peer");
        stage.model.agreement(viewer, peer, stage.now + later)
    };
    let second = Duration::from_secs(1);
    let told = |stage: &mut Stage, state, announced, local| {
        let peers = vec![peer(PR, state, announced, local)];
        stage.feed(PR2, Event::Peers { peers });
    };
    told(&mut stage, PeerState::Active, None, 7);
    assert_eq!(agreement(&stage, second), Agreement::Unknown);
    told(&mut stage, PeerState::Active, Some(7), 7);
    assert_eq!(agreement(&stage, Duration::ZERO), Agreement::Agree);
    told(&mut stage, PeerState::Active, Some(8), 7);
    assert_eq!(agreement(&stage, Duration::ZERO), Agreement::Settling);
    assert_eq!(agreement(&stage, second), Agreement::Differ);
    // An update arrived since the last presence: the owner says 0 as well.
    own(&mut stage, PR, &[PE]);
    told(&mut stage, PeerState::Active, Some(8), 0);
    assert_eq!(agreement(&stage, second), Agreement::Agree);
    told(&mut stage, PeerState::Probed, Some(8), 7);
    assert_eq!(agreement(&stage, second), Agreement::Unknown);
}

#[test]
fn what_registrars_do_is_told_in_sentences() {
    let mut stage = two_registrars();
    let phase = |stage: &mut Stage, phase| stage.happens(PR2, Happens::StartUp { phase });
    phase(&mut stage, StartUpPhase::LookingForMentor);
    stage.told("PR 2 looks for a registrar that has the handlespace");
    let mentor = identifier(PR);
    phase(
        &mut stage,
        StartUpPhase::Downloading {
            mentor: registrar(PR),
        },
    );
    stage.told("PR 2 asks PR 1 for its peers and the handlespace");
    phase(
        &mut stage,
        StartUpPhase::InService {
            mentor: Some(registrar(PR)),
            pool_elements: 1,
            took: Duration::from_millis(47),
        },
    );
    stage.told("PR 2 is in service after 47 ms: PR 1 gave it 1 PE");
    let heard = |stage: &mut Stage, before, state| {
        let changed = Happens::PeerChanged {
            registrar: registrar(PR),
            before,
            state: Some(state),
        };
        stage.happens(PR2, changed);
        let peers = vec![peer(PR, state, None, 0)];
        stage.feed(PR2, Event::Peers { peers });
    };
    heard(&mut stage, None, PeerState::Active);
    stage.told("PR 2 has found PR 1");
    heard(&mut stage, Some(PeerState::Active), PeerState::Probed);
    stage.told("PR 2 does not hear PR 1 any more and asks whether it is there");
    assert_eq!(stage.model.missed_by(mentor).count(), 1);
    heard(&mut stage, Some(PeerState::Probed), PeerState::Active);
    stage.told("PR 2 hears PR 1 again");
    assert_eq!(stage.model.missed_by(mentor).count(), 0);
    let synchronization = |stage: &mut Stage, progress| {
        stage.happens(
            PR2,
            Happens::Synchronization {
                owner: registrar(PR),
                progress,
            },
        );
    };
    synchronization(&mut stage, SynchronizationProgress::Started);
    stage.told("PR 2 has another checksum for the PEs of PR 1 than PR 1 itself and asks for them");
    let finished = SynchronizationProgress::Finished { added: 2, removed: 1 };
    synchronization(&mut stage, finished);
    stage.told("PR 2 agrees with PR 1 again: 2 PEs added or changed, 1 removed");
}

#[test]
fn only_registrars_tell_of_registrars_and_nobody_of_too_many() {
    let mut stage = two_registrars();
    let many: Vec<_> = (0..10_000)
        .map(|number| PeerEntry {
            identifier: RegistrarIdentifier(1_000_000 + number),
            ..peer(PR, PeerState::Unconfirmed, None, 0)
        })
        .collect();
    stage.feed(PE, Event::Peers { peers: many.clone() });
    assert_eq!(stage.component(PE).ignored_events, 1);
    assert!(stage.component(PE).registrar.peers.is_empty());
    stage.feed(PR, Event::Peers { peers: many });
    assert!(stage.component(PR).registrar.peers.len() <= 128);
    for owner in 0..10_000 {
        let progress = SynchronizationProgress::GivenUp;
        let owner = RegistrarIdentifier(owner);
        stage.happens(PR, Happens::Synchronization { owner, progress });
    }
    assert!(stage.component(PR).registrar.synchronizations.len() <= 128);
    // Itself is no peer of a registrar.
    let itself = vec![peer(PR, PeerState::Active, None, 0)];
    stage.feed(PR, Event::Peers { peers: itself });
    assert!(stage.component(PR).registrar.peers.is_empty());
}
