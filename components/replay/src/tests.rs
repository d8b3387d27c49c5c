//! What was recorded leads to the same states again, whatever happened and wherever one looks.

use std::time::Duration;

use chronicle::HighlightKind;
use events::AssociationId;
use feed::{ComponentIdentity, Direction, Event, Frame, Stamped, Timestamp, TransportAddress};
use model::{Change, ComponentId, Ending, Fault, Severity, Update};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use recording::{ChunkHeader, Form, Properties, RecordKind, Recording, Writer};
use scenario::Scenario;
use wire::{PeIdentifier, PoolUserIdentifier, Ppid, RegistrarIdentifier};

use crate::{EntryKind, PlayCall, Player, Scribe, Stage, State};

/// A control centre with its recording in memory.
struct Demonstration {
    random: StdRng,
    now: Timestamp,
    live: State,
    scribe: Scribe,
    writer: Writer,
    file: Vec<u8>,
    /// The number of entries, and the digests of the state then.
    digests: Vec<(u64, Timestamp, [u128; 2])>,
    chunk_begun: u64,
}

impl Demonstration {
    fn begin(seed: u64, form: Form) -> Self {
        let now = Timestamp::from_micros(31_536_000_000_000);
        let mut writer = Writer::new(form, 0).unwrap();
        let mut file = Vec::new();
        writer.begin_chunk(&header(now), &mut file).unwrap();
        let mut demonstration = Self {
            random: StdRng::seed_from_u64(seed),
            now,
            live: State::default(),
            scribe: Scribe::begin(now),
            writer,
            file,
            digests: Vec::new(),
            chunk_begun: 0,
        };
        demonstration.keyframe(true);
        demonstration
    }

    fn keyframe(&mut self, whole: bool) {
        let play = self.live.play.as_ref();
        let snapshot = self.scribe.keyframe(&self.live.model, play, whole);
        let properties = Properties::keyframe(snapshot.keyframing());
        let at = snapshot.at();
        self.write(EntryKind::Keyframe, properties, at, &snapshot.encode());
    }

    fn write(&mut self, kind: EntryKind, properties: Properties, at: Timestamp, bytes: &[u8]) {
        let number = self
            .writer
            .record(RecordKind(kind as u8), properties, at, bytes)
            .unwrap();
        self.live.position = number + 1;
    }

    /// Hands over what was written down, as a control centre does after each burst of updates.
    fn hand_over(&mut self) {
        let now = self.now;
        let stage = self.live.stage.clone();
        self.scribe
            .observe(now, &self.live.model, self.live.play.as_ref(), stage);
        for line in self.scribe.lines() {
            let properties = match line.kind {
                EntryKind::Highlight => Properties::INDEXED,
                _ => Properties::NONE,
            };
            let kind = RecordKind(line.kind as u8);
            let number = self.writer.record(kind, properties, line.at, line.bytes);
            self.live.position = number.unwrap() + 1;
        }
        self.scribe.clear();
        self.digests.push((self.live.position, now, digests(&self.live)));
        if self.live.position - self.chunk_begun > 700 {
            self.chunk_begun = self.live.position;
            self.writer.begin_chunk(&header(now), &mut self.file).unwrap();
            self.keyframe(false);
        } else if self.random.random_bool(0.05) {
            self.keyframe(false);
        }
        if self.random.random_bool(0.2) {
            self.writer.flush(&mut self.file).unwrap();
        }
    }

    fn update(&mut self, update: Update) {
        self.scribe.update(&self.live.model, &update);
        self.live.model.apply(update);
    }

    fn call(&mut self, call: PlayCall) {
        self.scribe.play(&call);
        call.carry_out(&mut self.live.play, &self.live.model);
        while self
            .live
            .play
            .as_mut()
            .and_then(play::Play::poll_command)
            .is_some()
        {}
    }

    fn change(&mut self, id: u32, change: Change) {
        let update = Update::Component {
            component: ComponentId(id),
            at: self.now,
            change,
        };
        self.update(update);
    }

    fn told(&mut self, id: u32, event: Event, bytes: Vec<u8>) {
        // Reports come late, and not in the order of their times.
        let late = Duration::from_micros(self.random.random_range(0..3_000));
        let at = self.now - late;
        let stamped = Stamped { at, event };
        self.change(id, Change::Feed(Box::new(Frame { stamped, bytes })));
    }

    /// Lets everything happen for a while.
    fn go_on(&mut self, bursts: usize) {
        for _ in 0..bursts {
            self.now += Duration::from_micros(self.random.random_range(1..40_000));
            for _ in 0..self.random.random_range(0..12) {
                self.something();
            }
            self.call(PlayCall::Handle(self.now));
            self.hand_over();
        }
    }

    fn something(&mut self) {
        let id = self.random.random_range(1..=6);
        match self.random.random_range(0..100) {
            0..3 => self.change(id, Change::Spawned { pid: 1_000 + id }),
            3..6 => self.hello(id),
            6..8 => self.change(id, Change::Fault(Fault::Kill)),
            8..10 => self.change(id, Change::Ended(Ending::Killed)),
            10 => self.change(id, Change::Frozen),
            11 => self.change(id, Change::Thawed),
            12..20 => self.change(id, Change::LogLine(format!("line at {:?}", self.now))),
            20..25 => {
                let text = format!("notice at {:?}", self.now);
                let (at, severity) = (self.now, Severity::Normal);
                self.update(Update::Notice { at, severity, text });
            }
            25..30 => {
                let event = Event::ImageStarted {
                    image: self.random.random_range(1..4),
                    width: 16,
                    height: 8,
                    max_iterations: 255,
                    algorithm: "Mandelbrot".into(),
                    sessions: 1,
                };
                self.told(6, event, Vec::new());
            }
            30..50 => {
                let event = Event::Pixels {
                    image: self.random.random_range(1..4),
                    x: 0,
                    y: self.random.random_range(0..8),
                    tile_x: 0,
                    tile_width: 16,
                    session: events::pool_user::SessionId(0),
                    pe_identifier: PeIdentifier(self.random.random_range(3..6)),
                };
                let pixels = (0..64).map(|_| self.random.random()).collect();
                self.told(6, event, pixels);
            }
            _ => {
                let direction = if self.random.random() {
                    Direction::Sent
                } else {
                    Direction::Received
                };
                let bytes = vec![7; self.random.random_range(4..60)];
                let event = Event::Message {
                    direction,
                    association: self.random.random_bool(0.8).then_some(AssociationId::outgoing(1)),
                    remote: TransportAddress {
                        addresses: vec!["127.0.0.9".parse().unwrap()],
                        port: 3863,
                    },
                    ppid: Ppid::ASAP,
                    name: "ASAP_ENDPOINT_KEEP_ALIVE".into(),
                    summary: "for a test".into(),
                    size: bytes.len() as u32,
                };
                self.told(id, event, bytes);
            }
        }
    }

    fn hello(&mut self, id: u32) {
        let component = match id {
            1 | 2 => ComponentIdentity::Registrar(RegistrarIdentifier(id)),
            3..6 => ComponentIdentity::PoolElement(PeIdentifier(id)),
            _ => ComponentIdentity::PoolUser(PoolUserIdentifier::new(id.into()).unwrap()),
        };
        let event = Event::Hello {
            component,
            version: "0".into(),
            pid: 1_000 + id,
            addresses: vec![format!("127.0.0.{id}").parse().unwrap()],
            transport: "user".into(),
            pool_handle: None,
            policy: None,
        };
        self.told(id, event, Vec::new());
    }

    /// Begins a story with six components.
    fn story(&mut self) {
        let scenario = Scenario::built_in().unwrap();
        for (id, spec) in (1..=6).zip(&scenario.components) {
            let (name, spec) = (format!("component {id}"), Box::new(spec.clone()));
            self.change(id, Change::Added { name, spec });
        }
        let story = Scenario::read("failover-kill".as_ref()).unwrap();
        let mut play = play::Play::new(&story, 5);
        play.control(self.now, command::PlayControl::Run);
        self.call(PlayCall::Begin(Box::new(play)));
        self.live.stage = Stage {
            scenario: story.name,
            ..Stage::default()
        };
        self.hand_over();
    }

    fn end(mut self) -> (Player, Vec<(u64, Timestamp, [u128; 2])>) {
        self.writer.finish_chunk(&mut self.file).unwrap();
        let recording = Recording::of("test", self.file).unwrap();
        (Player::new(recording), self.digests)
    }
}

fn header(now: Timestamp) -> ChunkHeader {
    ChunkHeader {
        begun: now,
        wall_clock: feed::WallClock::showing(Duration::from_secs(1_800_000_000), now),
        contents: 1,
        program: "test".into(),
        host: "here".into(),
    }
}

fn digests(state: &State) -> [u128; 2] {
    [
        state.model.digest(),
        state.play.as_ref().map_or(0, play::Play::digest),
    ]
}

fn demonstration(seed: u64, form: Form) -> (Player, Vec<(u64, Timestamp, [u128; 2])>) {
    let mut demonstration = Demonstration::begin(seed, form);
    demonstration.story();
    demonstration.go_on(200);
    demonstration.end()
}

#[test]
fn every_state_comes_back_in_any_order() {
    for seed in 0..3 {
        let form = if seed % 2 == 0 {
            Form::Plain
        } else {
            Form::Compressed
        };
        let (mut player, digests_then) = demonstration(seed, form);
        assert!(player.damage().is_none());
        let mut random = StdRng::seed_from_u64(seed);
        let forwards = digests_then.iter();
        let backwards = digests_then.iter().rev();
        let anywhere = (0..100).map(|_| &digests_then[random.random_range(0..digests_then.len())]);
        let anywhere: Vec<_> = anywhere.collect();
        for (entries, _, then) in forwards.chain(backwards).chain(anywhere) {
            let state = player.state_after(*entries).unwrap();
            assert_eq!(digests(&state), *then, "seed {seed}, after {entries} entries");
        }
    }
}

#[test]
fn a_state_goes_on_as_it_did() {
    let (mut player, digests_then) = demonstration(99, Form::Compressed);
    let (first, _, _) = digests_then[0];
    let mut state = player.state_after(first).unwrap();
    for (entries, _, then) in digests_then {
        player
            .go_on(&mut state, |state, _| state.position >= entries)
            .unwrap();
        assert_eq!(digests(&state), then);
    }
}

#[test]
fn the_state_at_a_time_is_that_after_all_that_happened_until_then() {
    let (mut player, digests_then) = demonstration(7, Form::Plain);
    let (from, to) = player.range().unwrap();
    assert!(from < to);
    let mut position = 0;
    for (_, at, _) in &digests_then {
        let state = player.state_at(*at).unwrap();
        assert!(state.at <= *at || state.position <= 1);
        assert!(state.position >= position, "time went back");
        position = state.position;
        let mut next = state;
        let mut after = None;
        player
            .go_on(&mut next, |_, at| {
                after = at;
                true
            })
            .unwrap();
        assert!(after.is_none_or(|after| after > *at));
    }
}

#[test]
fn what_a_later_version_recorded_is_refused_with_its_name() {
    let now = Timestamp::from_micros(31_536_000_000_000);
    let mut writer = Writer::new(Form::Plain, 0).unwrap();
    let mut file = Vec::new();
    writer.begin_file("Poolscope 9", &mut file).unwrap();
    let later = ChunkHeader {
        contents: crate::CONTENTS + 1,
        program: "Poolscope 9".into(),
        ..header(now)
    };
    writer.begin_chunk(&later, &mut file).unwrap();
    let keyframe = Properties::keyframe(recording::Keyframing::Whole);
    writer.record(RecordKind(1), keyframe, now, b"unknown").unwrap();
    writer.finish_chunk(&mut file).unwrap();
    let mut player = Player::new(Recording::of("test", file).unwrap());
    let refused = player.state_at(now).unwrap_err().to_string();
    assert!(refused.contains("recorded by Poolscope 9"), "{refused}");
}

#[test]
fn that_nobody_sees_the_packets_of_the_kernel_is_told_once() {
    let mut one = Demonstration::begin(5, Form::Plain);
    let mut gaps = Vec::new();
    for id in 1..=4 {
        one.now += Duration::from_millis(1);
        let event = Event::Hello {
            component: ComponentIdentity::PoolElement(PeIdentifier(id)),
            version: "1".into(),
            pid: id,
            addresses: Vec::new(),
            transport: if id == 1 { "user" } else { "kernel" }.into(),
            pool_handle: None,
            policy: None,
        };
        one.told(id, event, Vec::new());
        let (model, stage) = (&one.live.model, one.live.stage.clone());
        let found = one.scribe.observe(one.now, model, None, stage).into_iter();
        gaps.extend(found.filter(|found| matches!(found.kind, HighlightKind::Gap { .. })));
    }
    let [gap] = gaps.as_slice() else {
        panic!("{gaps:?}")
    };
    let sentence = gap.sentence().unwrap();
    assert!(sentence.contains("kernel's SCTP"), "{sentence}");
}
