//! Several registrars: ownership, agreement, peers.

use std::time::Duration;

use events::registrar::Event as Happens;
use feed::{PeerEntry, PeerState, StartUpPhase, SynchronizationProgress};

use super::*;
use crate::Agreement;

pub(super) const PR2: ComponentId = ComponentId(6);

impl Fixture {
    /// A registrar reports this event.
    pub(super) fn happens(&mut self, registrar: ComponentId, event: Happens) {
        self.feed(registrar, Event::Registrar(event));
    }
}

pub(super) fn two_registrars() -> Fixture {
    let mut fixture = Fixture::set();
    fixture.add(PR2, ComponentRole::Registrar, "PR 2");
    fixture.hello(PR2);
    fixture
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

fn own(fixture: &mut Fixture, registrar: ComponentId, elements: &[ComponentId]) {
    let entries = elements
        .iter()
        .map(|element| entry(*element, registrar))
        .collect();
    fixture.feed(registrar, handlespace(entries));
}

#[test]
fn the_newest_word_on_a_pool_elements_home_wins() {
    let mut fixture = two_registrars();
    own(&mut fixture, PR, &[PE]);
    fixture.change(PR, Change::Frozen);
    assert_eq!(fixture.component(PE).home_registrar, Some(PR));
    own(&mut fixture, PR2, &[PE]);
    assert_eq!(fixture.component(PE).home_registrar, Some(PR2));
    fixture.told("PE 1 moved from PR 1 to PR 2");
    // PR 1 continues and repeats its earlier claim: nothing new.
    fixture.change(PR, Change::Thawed);
    own(&mut fixture, PR, &[PE]);
    assert_eq!(fixture.component(PE).home_registrar, Some(PR2));
    // It drops the claim, and owns the pool element anew later.
    own(&mut fixture, PR, &[]);
    assert_eq!(fixture.component(PE).home_registrar, Some(PR2));
    own(&mut fixture, PR, &[PE]);
    assert_eq!(fixture.component(PE).home_registrar, Some(PR));
    // Without PR 1's claim, that of PR 2 counts again.
    own(&mut fixture, PR, &[]);
    assert_eq!(fixture.component(PE).home_registrar, Some(PR2));
}

#[test]
fn a_pool_element_that_says_hello_late_finds_its_home() {
    let mut fixture = two_registrars();
    let late = ComponentId(7);
    fixture.add(late, ComponentRole::PoolElement, "PE 3");
    own(&mut fixture, PR2, &[late]);
    assert_eq!(fixture.component(late).home_registrar, None);
    fixture.hello(late);
    assert_eq!(fixture.component(late).home_registrar, Some(PR2));
    fixture.told("PE 3 registered with PR 2");
}

#[test]
fn the_last_handlespace_of_a_dead_registrar_stays_until_it_is_started_again() {
    let mut fixture = two_registrars();
    own(&mut fixture, PR, &[PE]);
    fixture.kill(PR);
    assert_eq!(fixture.component(PR).entries.len(), 1);
    assert_eq!(
        fixture.component(PE).home_registrar,
        Some(PR),
        "nobody took it over"
    );
    fixture.change(PR, Change::Spawned { pid: 77 });
    assert_eq!(fixture.component(PR).entries.len(), 0);
    assert_eq!(fixture.component(PE).home_registrar, None);
}

#[test]
fn copies_agree_by_the_last_presence_or_by_the_owners_own_word() {
    let mut fixture = two_registrars();
    let agreement = |fixture: &Fixture, later: Duration| {
        let viewer = fixture.component(PR2);
        let peer = viewer.registrar.peer(registrar(PR)).expect("a peer");
        fixture.model.agreement(viewer, peer, fixture.now + later)
    };
    let second = Duration::from_secs(1);
    let told = |fixture: &mut Fixture, state, announced, local| {
        let peers = vec![peer(PR, state, announced, local)];
        fixture.feed(PR2, Event::Peers { peers });
    };
    told(&mut fixture, PeerState::Active, None, 7);
    assert_eq!(agreement(&fixture, second), Agreement::Unknown);
    told(&mut fixture, PeerState::Active, Some(7), 7);
    assert_eq!(agreement(&fixture, Duration::ZERO), Agreement::Agree);
    told(&mut fixture, PeerState::Active, Some(8), 7);
    assert_eq!(agreement(&fixture, Duration::ZERO), Agreement::Settling);
    assert_eq!(agreement(&fixture, second), Agreement::Differ);
    // An update arrived since the last presence: the owner reports 0 as well.
    own(&mut fixture, PR, &[PE]);
    told(&mut fixture, PeerState::Active, Some(8), 0);
    assert_eq!(agreement(&fixture, second), Agreement::Agree);
    told(&mut fixture, PeerState::Probed, Some(8), 7);
    assert_eq!(agreement(&fixture, second), Agreement::Unknown);
}

#[test]
fn what_registrars_do_is_told_in_sentences() {
    let mut fixture = two_registrars();
    let phase = |fixture: &mut Fixture, phase| fixture.happens(PR2, Happens::StartUp { phase });
    phase(&mut fixture, StartUpPhase::LookingForMentor);
    fixture.told("PR 2 looks for a registrar that has the handlespace");
    let mentor = registrar(PR);
    phase(&mut fixture, StartUpPhase::Downloading { mentor });
    fixture.told("PR 2 asks PR 1 for its peers and the handlespace");
    phase(
        &mut fixture,
        StartUpPhase::InService {
            mentor: Some(mentor),
            pool_elements: 1,
            took: Duration::from_millis(47),
        },
    );
    fixture.told("PR 2 is in service after 47 ms: PR 1 gave it 1 PE");
    let heard = |fixture: &mut Fixture, before, state| {
        let changed = Happens::PeerChanged {
            registrar: registrar(PR),
            before,
            state: Some(state),
        };
        fixture.happens(PR2, changed);
        let peers = vec![peer(PR, state, None, 0)];
        fixture.feed(PR2, Event::Peers { peers });
    };
    heard(&mut fixture, None, PeerState::Active);
    fixture.told("PR 2 has found PR 1");
    heard(&mut fixture, Some(PeerState::Active), PeerState::Probed);
    fixture.told("PR 2 does not hear PR 1 any more and asks whether it is there");
    assert_eq!(fixture.model.missed_by(mentor).count(), 1);
    heard(&mut fixture, Some(PeerState::Probed), PeerState::Active);
    fixture.told("PR 2 hears PR 1 again");
    assert_eq!(fixture.model.missed_by(mentor).count(), 0);
    let synchronization = |fixture: &mut Fixture, progress| {
        fixture.happens(
            PR2,
            Happens::Synchronization {
                owner: registrar(PR),
                progress,
            },
        );
    };
    synchronization(&mut fixture, SynchronizationProgress::Started);
    fixture.told("PR 2 has another checksum for the PEs of PR 1 than PR 1 itself and asks for them");
    let finished = SynchronizationProgress::Finished { added: 2, removed: 1 };
    synchronization(&mut fixture, finished);
    fixture.told("PR 2 agrees with PR 1 again: 2 PEs added or changed, 1 removed");
}

#[test]
fn only_registrars_tell_of_registrars_and_nobody_of_too_many() {
    let mut fixture = two_registrars();
    let many: Vec<_> = (0..10_000)
        .map(|number| PeerEntry {
            identifier: RegistrarIdentifier(1_000_000 + number),
            ..peer(PR, PeerState::Unconfirmed, None, 0)
        })
        .collect();
    fixture.feed(PE, Event::Peers { peers: many.clone() });
    assert_eq!(fixture.component(PE).ignored_events, 1);
    assert!(fixture.component(PE).registrar.peers.is_empty());
    fixture.feed(PR, Event::Peers { peers: many });
    assert!(fixture.component(PR).registrar.peers.len() <= 128);
    for owner in 0..10_000 {
        let progress = SynchronizationProgress::GivenUp;
        let owner = RegistrarIdentifier(owner);
        fixture.happens(PR, Happens::Synchronization { owner, progress });
    }
    assert!(fixture.component(PR).registrar.synchronizations.len() <= 128);
    // A registrar is not its own peer.
    let itself = vec![peer(PR, PeerState::Active, None, 0)];
    fixture.feed(PR, Event::Peers { peers: itself });
    assert!(fixture.component(PR).registrar.peers.is_empty());
}
