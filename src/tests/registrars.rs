//! Several real registrars: they find each other, share their handlespace, and take over from each other.

use std::collections::BTreeMap;
use std::time::Duration;

use events::registrar;
use feed::{Event, HandlespaceEntry, Home, PeerState, Registration, StartUpPhase, Status, Timestamp};
use laboratory::{Lab, Process};
use nix::sys::signal::Signal;
use wire::RegistrarIdentifier;

const PROGRAM: &str = env!("CARGO_BIN_EXE_poolscope");
/// Slow enough to be interrupted in mid-picture.
const CAPACITY: &str = "--capacity=20000000";
const PICTURE: [&str; 3] = ["--images=1", "--verify", "--size=256x256"];

/// A registrar.
struct Registrar {
    process: Process,
    identifier: u32,
    told: Told,
}

/// What a registrar has reported so far.
#[derive(Default)]
struct Told {
    address: String,
    /// Its mentor and the number of pool elements received from it, once it is in service.
    service: Option<(Option<u32>, u32)>,
    /// The peers that it hears; `None` while there are peers that it does not hear.
    peers: Option<Vec<u32>>,
    /// Pool elements and their home registrars.
    homes: BTreeMap<u32, u32>,
}

impl Registrar {
    fn start(lab: &Lab, identifier: u32, options: &[&str]) -> Self {
        let named = format!("--identifier={identifier:#x}");
        let mut registrar = Self {
            process: lab.start("registrar", &[&[named.as_str()], options].concat()),
            identifier,
            told: Told::default(),
        };
        registrar.wait_until("service", |told| told.service.is_some());
        registrar
    }

    /// Reads its feed until what it has reported satisfies a condition.
    #[track_caller]
    fn wait_until(&mut self, what: &str, wanted: impl Fn(&Told) -> bool) {
        let told = &mut self.told;
        if !wanted(told) {
            self.process.wait_for(what, |event| {
                told.note(event);
                wanted(told).then_some(())
            });
        }
    }

    #[track_caller]
    fn expect_peers(&mut self, others: &[u32]) {
        self.wait_until(&format!("peers {others:?}"), |told| {
            told.peers.as_deref() == Some(others)
        });
    }

    /// Waits until it has this many pool elements, none of which has `left` as its home registrar.
    #[track_caller]
    fn expect_homes_elsewhere(&mut self, number: usize, left: u32) {
        self.wait_until(
            &format!("{number} pool elements at homes other than {left}"),
            |told| told.homes.len() == number && told.homes.values().all(|home| *home != left),
        );
    }
}

impl Told {
    fn note(&mut self, event: &Event) {
        match event {
            Event::Hello { addresses, .. } => {
                self.address = addresses.first().map(ToString::to_string).unwrap_or_default();
            }
            Event::Registrar(registrar::Event::StartUp {
                phase:
                    StartUpPhase::InService {
                        mentor,
                        pool_elements,
                        ..
                    },
            }) => self.service = Some((mentor.map(|mentor| mentor.0), *pool_elements)),
            Event::Peers { peers } => {
                let heard = peers.iter().all(|peer| peer.state == PeerState::Active);
                self.peers = heard.then(|| peers.iter().map(|peer| peer.identifier.0).collect());
            }
            Event::Handlespace { entries, .. } => {
                let home = |entry: &HandlespaceEntry| (entry.pe_identifier.0, entry.home_registrar.0);
                self.homes = entries.iter().map(home).collect();
            }
            _ => {}
        }
    }
}

#[test]
fn registrars_find_each_other_and_name_each_other_s_pool_elements() {
    let lab = Lab::new(PROGRAM);
    let mut first = Registrar::start(&lab, 1, &[]);
    let mut second = Registrar::start(&lab, 2, &[]);
    first.expect_peers(&[2]);
    second.expect_peers(&[1]);
    let near = |registrar: &Registrar| format!("--registrar={}", registrar.told.address);
    let no_other = "--asap-announce=off";
    let _element = lab.pool_element(7, &[no_other, &near(&first)]);
    second.wait_until("the other one's pool element", |told| {
        told.homes.get(&7) == Some(&1)
    });
    let mut user = lab.start("pool-user", &[&PICTURE[..], &[no_other, &near(&second)]].concat());
    assert!(user.wait().success(), "{}", user.log());
    assert!(user.log().contains("no pixel is missing or wrong"));
}

#[test]
fn a_third_registrar_gets_everything() {
    let lab = Lab::new(PROGRAM);
    let mut first = Registrar::start(&lab, 1, &[]);
    assert_eq!(first.told.service, Some((None, 0)));
    let _elements: Vec<Process> = (1..=3)
        .map(|identifier| lab.pool_element(identifier, &[]))
        .collect();
    let mut second = Registrar::start(&lab, 2, &[]);
    assert_eq!(second.told.service, Some((Some(1), 3)));
    let mut third = Registrar::start(&lab, 3, &[]);
    assert!(
        matches!(third.told.service, Some((Some(_), 3))),
        "{:?}",
        third.told.service
    );
    first.expect_peers(&[2, 3]);
    second.expect_peers(&[1, 3]);
    third.expect_peers(&[1, 2]);
}

#[test]
fn a_registrar_finds_its_mentor_without_multicast() {
    let lab = Lab::new(PROGRAM);
    let mut first = Registrar::start(&lab, 1, &[]);
    let _element = lab.pool_element(7, &[]);
    let peer = format!("--peer={}", first.told.address);
    let mut second = Registrar::start(&lab, 2, &["--enrp-announce=off", &peer]);
    assert_eq!(second.told.service, Some((Some(1), 1)));
    first.expect_peers(&[2]);
    second.process.command(&feed::Command::Stop);
    assert!(second.process.wait().success(), "{}", second.process.log());
}

/// Two registrars, three pool elements, and a pool user with a picture in progress.
struct Fixture {
    /// The registrar that owns most of the pool elements.
    home: Registrar,
    other: Registrar,
    elements: BTreeMap<u32, Process>,
    user: Process,
}

impl Fixture {
    fn in_mid_picture() -> Self {
        let lab = Lab::new(PROGRAM);
        let mut home = Registrar::start(&lab, 1, &[]);
        let mut other = Registrar::start(&lab, 2, &[]);
        let start = |number| (number, lab.pool_element(number, &[CAPACITY]));
        let elements: BTreeMap<u32, Process> = (1..=3).map(start).collect();
        for registrar in [&mut home, &mut other] {
            registrar.wait_until("all pool elements", |told| told.homes.len() == 3);
        }
        let owned = |owner: u32| home.told.homes.values().filter(|home| **home == owner).count();
        if owned(2) > owned(1) {
            std::mem::swap(&mut home, &mut other);
        }
        let mut user = lab.start("pool-user", &PICTURE);
        let mut messages = 0;
        user.wait_for("pixels", |event| {
            messages += usize::from(matches!(event, Event::Pixels { .. }));
            (messages == 20).then_some(())
        });
        let mut fixture = Self {
            home,
            other,
            elements,
            user,
        };
        for element in fixture.elements.values_mut() {
            element.discard_frames();
        }
        fixture
    }

    /// Waits until every pool element of the home registrar is registered with the other registrar; returns when
    /// that was.
    fn expect_new_homes(&mut self) -> Timestamp {
        let new_home = Home::Identified(RegistrarIdentifier(self.other.identifier));
        let mut last = Timestamp::default();
        for (number, element) in &mut self.elements {
            if self.home.told.homes.get(number) != Some(&self.home.identifier) {
                continue;
            }
            element.wait_for("a new home", |event| match event {
                Event::Status {
                    ready: true,
                    status:
                        Status::PoolElement {
                            registration: Registration::Registered { home },
                            ..
                        },
                } => (*home == new_home).then_some(()),
                _ => None,
            });
            last = last.max(Timestamp::now());
        }
        self.other.expect_homes_elsewhere(3, self.home.identifier);
        last
    }

    fn expect_undisturbed_picture(&mut self) {
        self.user.wait_for("the picture", |event| match event {
            Event::ImageCompleted { failovers, .. } => {
                assert_eq!(*failovers, 0, "the session was disturbed");
                Some(())
            }
            _ => None,
        });
        assert!(self.user.wait().success(), "{}", self.user.log());
        assert!(self.user.log().contains("no pixel is missing or wrong"));
    }
}

#[test]
fn the_kill_of_a_registrar_disturbs_no_session_and_all_pool_elements_have_a_new_home_soon() {
    let mut fixture = Fixture::in_mid_picture();
    let killed = Timestamp::now();
    fixture.home.process.signal(Signal::SIGKILL);
    let within = fixture.expect_new_homes() - killed;
    assert!(within < Duration::from_secs(3), "{within:?}");
    fixture.other.expect_peers(&[]);
    fixture.expect_undisturbed_picture();
}

#[test]
fn the_clean_stop_of_a_registrar_loses_no_pool_element() {
    let mut fixture = Fixture::in_mid_picture();
    fixture.home.process.command(&feed::Command::Stop);
    assert!(
        fixture.home.process.wait().success(),
        "{}",
        fixture.home.process.log()
    );
    fixture.expect_new_homes();
    fixture.expect_undisturbed_picture();
}

#[test]
fn a_frozen_registrar_is_taken_over_and_comes_back_to_the_same_handlespace() {
    let mut fixture = Fixture::in_mid_picture();
    fixture.home.process.signal(Signal::SIGSTOP);
    fixture.expect_new_homes();
    fixture.home.process.discard_frames();
    fixture.home.process.signal(Signal::SIGCONT);
    let frozen = fixture.home.identifier;
    fixture.other.expect_peers(&[frozen]);
    // What it knew before the freeze is outdated: its pool elements belong to another registrar now.
    fixture.home.expect_homes_elsewhere(3, frozen);
    fixture.expect_undisturbed_picture();
}
