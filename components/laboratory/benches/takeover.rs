//! Measures how long it takes until every pool element has a new home registrar after its registrar was lost, and
//! what the pool user notices.
//!
//! Runs real processes with the demonstration's timers: registrars that have found each other by multicast, pool
//! elements, and a pool user with a picture in progress. In each round, the registrar that owns most of the pool
//! elements is killed by SIGKILL, or unplugged so that neither packets nor error messages indicate the loss; then
//! another one is started in its place. Times count from the loss, in milliseconds.
//!
//! A pool element that notices the loss before the takeover reaches it hunts for a registrar itself. Both ways lead
//! to a new home registrar, hence the two lines for that, and the count of adopted pool elements.
//!
//! `cargo bench -p laboratory --bench takeover [-- ROUNDS]`

use std::collections::BTreeMap;

use events::registrar;
use feed::{
    Command, Event, Home, Impairment, LinkTarget, PeerEntry, PeerState, Registration, Status, TakeoverPhase,
    Timestamp,
};
use laboratory::{Figures, Lab, Process, begin};
use nix::sys::signal::Signal;
use wire::RegistrarIdentifier;

/// Kind of loss, number of registrars and number of pool elements for each measurement.
const LOSSES: [(Loss, u32, u32); 6] = [
    (Loss::Kill, 2, 3),
    (Loss::Kill, 3, 3),
    (Loss::Kill, 2, 20),
    (Loss::Kill, 3, 20),
    (Loss::Unplug, 2, 3),
    (Loss::Unplug, 3, 20),
];

/// The ways to lose a registrar.
#[derive(Debug, Clone, Copy)]
enum Loss {
    Kill,
    Unplug,
}

#[derive(Debug, Default)]
struct Phases {
    noticed: Figures,
    initiated: Figures,
    won: Figures,
    adopted: Figures,
    complete: Figures,
    everybody: Figures,
    adoptions: Figures,
    gap: Figures,
    usual_gap: Figures,
}

struct Fixture {
    lab: Lab,
    registrars: BTreeMap<u32, Process>,
    elements: BTreeMap<u32, Process>,
    user: Process,
    last_registrar: u32,
}

fn main() {
    let (program, words) = begin();
    let rounds = words.iter().find_map(|word| word.parse().ok()).unwrap_or(10);
    for (loss, registrars, elements) in LOSSES {
        let mut fixture = Fixture::start(Lab::new(&program), registrars, elements);
        let mut phases = Phases::default();
        for _ in 0..rounds {
            fixture.measure(loss, &mut phases);
        }
        Figures::print_headline(format_args!(
            "{loss:?} of 1 of {registrars} registrars, {elements} PEs, {rounds} rounds"
        ));
        phases.print();
    }
}

impl Fixture {
    fn start(lab: Lab, registrars: u32, elements: u32) -> Self {
        let user = lab.start("pool-user", &["--size=1024x1024", "--pause=0"]);
        let mut fixture = Self {
            lab,
            registrars: BTreeMap::new(),
            elements: BTreeMap::new(),
            user,
            last_registrar: 0,
        };
        for _ in 0..registrars {
            fixture.add_registrar();
        }
        for identifier in 1..=elements {
            // The picture, which has a single session, must be in progress all the time, on a machine with other
            // work to do.
            let options = ["--capacity=4000000", "--policy=least-used"];
            let element = fixture.lab.pool_element(identifier, &options);
            fixture.elements.insert(identifier, element);
        }
        fixture
    }

    fn add_registrar(&mut self) {
        self.last_registrar += 1;
        let identifier = self.last_registrar;
        let mut registrar = self
            .lab
            .start("registrar", &[&format!("--identifier={identifier:#x}")]);
        registrar.wait_ready();
        self.registrars.insert(identifier, registrar);
    }

    /// Waits until every registrar knows all pool elements and all other registrars; returns the owner of each pool
    /// element.
    fn settle(&mut self) -> BTreeMap<u32, u32> {
        let elements = self.elements.len();
        let others = self.registrars.len() - 1;
        let living: Vec<u32> = self.registrars.keys().copied().collect();
        let mut owners = BTreeMap::new();
        for registrar in self.registrars.values_mut() {
            // Each reports its handlespace at the next re-registration at the latest.
            registrar.discard_frames();
            owners = registrar.wait_for("a complete handlespace", |event| {
                let Event::Handlespace { entries, peers, .. } = event else {
                    return None;
                };
                let owners = entries
                    .iter()
                    .map(|entry| (entry.pe_identifier.0, entry.home_registrar.0));
                let owners: BTreeMap<u32, u32> = owners.collect();
                let settled = owners.len() == elements
                    && owners.values().all(|owner| living.contains(owner))
                    && *peers as usize == others;
                settled.then_some(owners)
            });
        }
        owners
    }

    fn measure(&mut self, loss: Loss, phases: &mut Phases) {
        let owners = self.settle();
        let owned = |registrar: u32| owners.values().filter(|owner| **owner == registrar).count();
        let victim = self.registrars.keys().copied().max_by_key(|id| owned(*id));
        let victim = victim.expect("there are registrars");
        for process in self.elements.values_mut().chain([&mut self.user]) {
            process.discard_frames();
        }
        // A picture that has just begun outlasts the round.
        self.user.command(&Command::NewImage { width: 0, height: 0 });
        let mut pixels = Vec::new();
        self.wait_for_pixels(&mut pixels, 20);
        let mut lost = self.registrars.remove(&victim).expect("it is one of ours");
        let lost_at = Timestamp::now();
        match loss {
            Loss::Kill => lost.signal(Signal::SIGKILL),
            Loss::Unplug => lost.command(&Command::Impair {
                target: LinkTarget::All,
                impairment: Impairment::UNPLUGGED,
            }),
        }

        let homeless = self
            .elements
            .iter_mut()
            .filter(|(id, _)| owners.get(id) == Some(&victim));
        let everybody = homeless.map(|(_, element)| new_home(element, victim)).max();
        phases
            .everybody
            .add_duration(everybody.unwrap_or(lost_at) - lost_at);

        let mut stamps = Stamps::default();
        for registrar in self.registrars.values_mut() {
            stamps.read(registrar, victim);
        }
        stamps.add_to(phases, lost_at);

        let over_at = Timestamp::now();
        while pixels.last().is_none_or(|last| *last < over_at) {
            self.wait_for_pixels(&mut pixels, 1);
        }
        let gap = |from: Timestamp, to: Timestamp| {
            let gaps = pixels.windows(2).filter(|pair| pair[0] >= from && pair[0] < to);
            gaps.map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
        };
        phases.gap.add_duration(gap(lost_at, over_at));
        phases.usual_gap.add_duration(gap(Timestamp::default(), lost_at));
        drop(lost);
        self.add_registrar();
    }

    /// Records the timestamps of this many messages with pixels. Another picture may begin meanwhile.
    fn wait_for_pixels(&mut self, pixels: &mut Vec<Timestamp>, messages: usize) {
        let enough = pixels.len() + messages;
        while pixels.len() < enough {
            let frame = self.user.next_frame().expect("the pool user lives");
            match frame.stamped.event {
                Event::Pixels { .. } => pixels.push(frame.stamped.at),
                Event::ImageStarted { .. } => pixels.clear(),
                _ => {}
            }
        }
    }
}

/// Returns when a pool element whose home registrar was `victim` is registered with another one.
fn new_home(element: &mut Process, victim: u32) -> Timestamp {
    let old_home = Home::Identified(RegistrarIdentifier(victim));
    loop {
        let frame = element.next_frame().expect("the pool element lives");
        match frame.stamped.event {
            Event::Status {
                ready: true,
                status:
                    Status::PoolElement {
                        registration: Registration::Registered { home },
                        ..
                    },
            } if home != old_home => return frame.stamped.at,
            _ => {}
        }
    }
}

/// The timestamps of a takeover as reported by the remaining registrars.
#[derive(Debug, Default)]
struct Stamps {
    noticed: Option<Timestamp>,
    initiated: Option<Timestamp>,
    won: Option<Timestamp>,
    adopted: Option<Timestamp>,
    complete: Option<Timestamp>,
    adoptions: u32,
}

impl Stamps {
    /// Reads the feed of a registrar until its takeover has ended.
    fn read(&mut self, registrar: &mut Process, victim: u32) {
        let mut takes_over = false;
        loop {
            let frame = registrar.next_frame().expect("the registrar lives");
            let at = frame.stamped.at;
            let phase = match frame.stamped.event {
                Event::Peers { peers } => {
                    let silent = |peer: &PeerEntry| {
                        peer.identifier.0 == victim
                            && matches!(peer.state, PeerState::Probed | PeerState::BeingTakenOver)
                    };
                    if peers.iter().any(silent) {
                        earliest(&mut self.noticed, at);
                    }
                    if !takes_over && peers.iter().all(|peer| peer.identifier.0 != victim) {
                        return;
                    }
                    continue;
                }
                Event::Registrar(registrar::Event::Takeover { target, phase }) if target.0 == victim => phase,
                _ => continue,
            };
            match phase {
                TakeoverPhase::Initiated { .. } => {
                    takes_over = true;
                    earliest(&mut self.noticed, at);
                    earliest(&mut self.initiated, at);
                }
                TakeoverPhase::Won { .. } => self.won = Some(at),
                TakeoverPhase::PoolElementSettled { adopted: true, .. } => {
                    self.adopted = self.adopted.max(Some(at));
                    self.adoptions += 1;
                }
                TakeoverPhase::Complete { .. } => {
                    self.complete = Some(at);
                    return;
                }
                TakeoverPhase::TakenOver { .. } => return,
                TakeoverPhase::GivenUp(_) | TakeoverPhase::Conceded { .. } => takes_over = false,
                TakeoverPhase::Acknowledged { .. } | TakeoverPhase::PoolElementSettled { .. } => {}
            }
        }
    }

    fn add_to(&self, phases: &mut Phases, lost: Timestamp) {
        for (figures, stamp) in [
            (&mut phases.noticed, self.noticed),
            (&mut phases.initiated, self.initiated),
            (&mut phases.won, self.won),
            (&mut phases.adopted, self.adopted),
            (&mut phases.complete, self.complete),
        ] {
            if let Some(stamp) = stamp {
                figures.add_duration(stamp - lost);
            }
        }
        phases.adoptions.add(self.adoptions.into());
    }
}

fn earliest(stamp: &mut Option<Timestamp>, at: Timestamp) {
    *stamp = Some(stamp.map_or(at, |earlier| earlier.min(at)));
}

impl Phases {
    fn print(&self) {
        self.noticed.print("a registrar has noticed");
        self.initiated.print("takeover initiated");
        self.won.print("takeover won");
        self.adopted.print("last pool element adopted");
        self.complete.print("takeover complete");
        self.everybody.print("last pool element registered at a new home");
        self.adoptions.print("(pool elements adopted, number)");
        self.gap.print("longest gap between the pool user's pixels");
        self.usual_gap.print("(the same before the loss)");
    }
}
