//! The driver with the in-memory transport, in virtual time.

use std::collections::VecDeque;
use std::net::SocketAddr;

use events::{Level, Names, Occurrence};
use feed::{Frame, Timestamp};
use transport::memory::Network;
use transport::{Config, Peer as Host};

use super::*;

/// An event in one word.
#[derive(Debug, Clone)]
struct Word(&'static str);

impl From<Word> for Event {
    fn from(word: Word) -> Self {
        Self::Problem { text: word.0.into() }
    }
}

impl Occurrence for Word {
    fn sentence(&self, _: &dyn Names) -> String {
        self.0.into()
    }

    fn level(&self) -> Level {
        Level::Info
    }
}

/// A core that follows the test's script and records its inputs.
#[derive(Default)]
struct ScriptedCore {
    outputs: VecDeque<Output<Word>>,
    noted: Vec<String>,
    timeout: Option<Time>,
    /// How many times it echoes a message.
    echoes: usize,
}

impl Core for ScriptedCore {
    type Event = Word;

    fn handle_input(&mut self, _now: Time, association: AssociationId, ppid: Ppid, bytes: &[u8]) {
        self.noted
            .push(format!("{association:?} {ppid} {} bytes", bytes.len()));
        for _ in 0..self.echoes {
            self.outputs.push_back(Output::Send {
                association,
                ppid,
                bytes: bytes.to_vec(),
            });
        }
    }

    fn handle_datagram(&mut self, _: Time, _: MulticastGroup, _: SocketAddr, _: &[u8]) {}

    fn handle_association(&mut self, _now: Time, event: AssociationEvent) {
        match event {
            AssociationEvent::Up {
                association,
                endpoint: Endpoint::Enrp,
                ..
            } => self.noted.push(format!("{association:?} up for ENRP")),
            AssociationEvent::Up { association, .. } => self.noted.push(format!("{association:?} up")),
            AssociationEvent::Confirmed { .. } => self.noted.push("confirmed".into()),
            AssociationEvent::Restarted { .. } => self.noted.push("restarted".into()),
            AssociationEvent::Down { association, cause } => {
                self.noted.push(format!("{association:?} {cause}"));
            }
        }
    }

    fn handle_timeout(&mut self, now: Time) {
        self.noted.push(format!("timeout at {now:?}"));
        self.timeout = None;
        self.outputs.push_back(Output::Event(Word("timeout")));
    }

    fn poll_output(&mut self) -> Option<Output<Word>> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Time> {
        self.timeout
    }
}

/// Finishes when it has been told to stop, or after an event of the core.
#[derive(Default)]
struct ScriptedComponent {
    core: ScriptedCore,
    ends_after_event: bool,
    ignores_stop: bool,
    finished: bool,
    writable: Vec<AssociationId>,
    noted: std::rc::Rc<std::cell::RefCell<Vec<String>>>,
}

impl ComponentProcess for ScriptedComponent {
    type Core = ScriptedCore;
    type Work = u32;

    fn core(&mut self) -> &mut ScriptedCore {
        &mut self.core
    }

    fn handle_event(&mut self, _context: &mut Context<'_>, event: Word) {
        self.core.noted.push(event.0.into());
        self.finished |= self.ends_after_event;
    }

    fn handle_work(&mut self, _context: &mut Context<'_>, work: u32) {
        self.core.noted.push(format!("work {work}"));
    }

    fn handle_writable(&mut self, _context: &mut Context<'_>, association: AssociationId) {
        self.writable.push(association);
        self.core.noted.push("writable".into());
    }

    fn stop(&mut self, _context: &mut Context<'_>) {
        self.core.noted.push("stop".into());
        self.finished |= !self.ignores_stop;
    }

    fn finished(&self) -> Option<u8> {
        if self.finished {
            *self.noted.borrow_mut() = self.core.noted.clone();
        }
        self.finished.then_some(7)
    }

    fn status(&self) -> Status {
        Status {
            ready: false,
            status: feed::Status::Registrar(feed::RegistrarStatus::Stopping),
            report: String::new(),
            load: None,
            lists_sessions: false,
        }
    }
}

const PORT: u16 = 3863;
const ENRP_PORT: u16 = 9901;

struct Bed {
    driver: Driver<ScriptedComponent>,
    inputs: mpsc::Sender<Input<u32>>,
    feed: FeedOutput,
    noted: std::rc::Rc<std::cell::RefCell<Vec<String>>>,
    /// Another host on the same network.
    other: (Transport, Events),
}

fn bed(component: ScriptedComponent) -> Bed {
    let network = Network::new(Duration::from_millis(1));
    let association = AssociationConfig {
        send_buffer: 4096,
        receive_buffer: 128 * 1024,
        ..AssociationConfig::demo()
    };
    let config = || Config {
        association: association.clone(),
        event_queue: 8,
        ..Config::default()
    };
    let (transport, events) = network.start(config());
    let other = network.start(config());
    transport.listen(PORT).unwrap();
    transport.listen(ENRP_PORT).unwrap();
    other.0.listen(PORT).unwrap();
    let clock = Clock::start();
    let feed = FeedOutput::recording(clock.clone());
    let (sender, inputs) = mpsc::channel(16);
    Bed {
        feed: feed.recording_handle(),
        noted: component.noted.clone(),
        inputs: sender,
        other,
        driver: Driver {
            tasks: None,
            component,
            alarm: Alarm::Runtime(clock.clone()),
            clock,
            feed,
            packets: None,
            transport,
            events,
            groups: Groups::default(),
            inputs,
            endpoints: Endpoints {
                asap_port: PORT,
                asap: association.clone(),
                enrp_port: ENRP_PORT,
                enrp: association.clone(),
                service_port: 0,
                service: association,
            },
            reporter: None,
            event_log: EventLog::new(
                feed::ComponentIdentity::new(feed::ComponentRole::Registrar, 1).expect("a small number"),
            ),
            stop_patience: Duration::from_secs(1),
            state: State::default(),
        },
    }
}

fn named(frames: &[Frame]) -> Vec<&'static str> {
    frames
        .iter()
        .map(|frame| match frame.stamped.event {
            Event::Status { .. } => "status",
            Event::AssociationUp { .. } => "up",
            Event::AssociationDown { .. } => "down",
            Event::Message { .. } => "message",
            Event::Problem { .. } => "problem",
            Event::Goodbye { .. } => "goodbye",
            _ => "another",
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn messages_pass_between_core_and_network_and_show_in_the_feed() {
    let bed = bed(ScriptedComponent {
        core: ScriptedCore {
            echoes: 1,
            ..ScriptedCore::default()
        },
        ..ScriptedComponent::default()
    });
    let address = bed.driver.transport.local_addresses()[0];
    let (other, mut events) = bed.other;
    let inputs = bed.inputs;
    let peer = async move {
        let id = other.connect(0, Host::new(address, PORT), None);
        other.send(id, Message::new(11, b"echo me".to_vec())).unwrap();
        loop {
            if let transport::Event::Message { message, .. } = events.recv().await.unwrap() {
                assert_eq!(message.data, b"echo me");
                break;
            }
        }
        inputs.send(Input::Work(5)).await.unwrap();
        inputs.send(Input::Command(Command::Stop)).await.unwrap();
        other
    };
    let (status, _other) = tokio::join!(bed.driver.run(), peer);
    assert_eq!(status, 7);
    assert_eq!(
        *bed.noted.borrow(),
        ["association 3 up", "association 3 ASAP 7 bytes", "work 5", "stop"]
    );
    let frames = bed.feed.take_recorded();
    assert_eq!(named(&frames), ["status", "up", "message", "message", "goodbye"]);
    assert_eq!(frames[2].bytes, b"echo me");
    let stamps: Vec<Timestamp> = frames.iter().map(|frame| frame.stamped.at).collect();
    assert!(stamps.is_sorted());
}

#[tokio::test(start_paused = true)]
async fn who_comes_to_the_enrp_port_is_a_registrar() {
    let bed = bed(ScriptedComponent::default());
    let address = bed.driver.transport.local_addresses()[0];
    let (other, mut events) = bed.other;
    let inputs = bed.inputs;
    let peer = async move {
        other.connect(ENRP_PORT, Host::new(address, ENRP_PORT), None);
        events.recv().await.unwrap();
        inputs.send(Input::Command(Command::Stop)).await.unwrap();
        other
    };
    tokio::join!(bed.driver.run(), peer);
    assert_eq!(*bed.noted.borrow(), ["association 3 up for ENRP", "stop"]);
    let frames = bed.feed.take_recorded();
    let protocol = frames.iter().find_map(|frame| match &frame.stamped.event {
        Event::AssociationUp { protocol, local, .. } => Some((*protocol, local.port)),
        _ => None,
    });
    assert_eq!(protocol, Some((feed::Protocol::Enrp, ENRP_PORT)));
}

#[tokio::test(start_paused = true)]
async fn timers_of_the_core_are_kept() {
    let bed = bed(ScriptedComponent {
        core: ScriptedCore {
            timeout: Some(Time::from_origin(Duration::from_secs(3600))),
            ..ScriptedCore::default()
        },
        ends_after_event: true,
        ..ScriptedComponent::default()
    });
    let clock = bed.driver.clock.clone();
    assert_eq!(bed.driver.run().await, 7);
    assert!(clock.now() >= Time::from_origin(Duration::from_secs(3600)));
    assert_eq!(bed.noted.borrow()[1], "timeout");
}

#[tokio::test(start_paused = true)]
async fn a_core_that_connects_to_nobody_is_told_so() {
    let mut component = ScriptedComponent::default();
    component.core.outputs.push_back(Output::Connect {
        association: AssociationId::outgoing(1),
        endpoint: Endpoint::Asap,
        peer: Peer {
            addresses: vec!["10.9.9.9".parse().unwrap()],
            port: 1,
        },
    });
    let bed = bed(component);
    let inputs = bed.inputs;
    let later = async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        inputs.send(Input::EndOfCommands).await.unwrap();
    };
    tokio::join!(bed.driver.run(), later);
    assert_eq!(bed.noted.borrow().len(), 2, "{:?}", bed.noted.borrow());
    assert_eq!(named(&bed.feed.take_recorded()), ["status", "down", "goodbye"]);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_slowly_gets_everything_and_the_component_hears_of_room() {
    const MESSAGES: usize = 40;
    let bed = bed(ScriptedComponent {
        core: ScriptedCore {
            echoes: MESSAGES,
            ..ScriptedCore::default()
        },
        ..ScriptedComponent::default()
    });
    let address = bed.driver.transport.local_addresses()[0];
    let (other, mut events) = bed.other;
    let inputs = bed.inputs;
    let peer = async move {
        let id = other.connect(0, Host::new(address, PORT), None);
        other.send(id, Message::new(11, vec![9; 3000])).unwrap();
        let mut received = 0;
        while received < MESSAGES {
            match events.recv().await.unwrap() {
                transport::Event::Message { .. } => received += 1,
                transport::Event::Down { cause, .. } => panic!("after {received} messages: {cause}"),
                _ => {}
            }
        }
        inputs.send(Input::Signal).await.unwrap();
        other
    };
    tokio::join!(bed.driver.run(), peer);
    assert!(bed.noted.borrow().iter().any(|noted| noted == "writable"));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_command_is_a_problem_and_nothing_else() {
    let bed = bed(ScriptedComponent::default());
    for input in [
        Input::Rubbish("{]".into()),
        Input::Command(Command::Failover),
        Input::Command(Command::Stop),
        Input::Command(Command::Stop),
    ] {
        bed.inputs.send(input).await.unwrap();
    }
    assert_eq!(bed.driver.run().await, 7);
    assert_eq!(
        named(&bed.feed.take_recorded()),
        ["status", "problem", "problem", "goodbye"]
    );
    assert_eq!(*bed.noted.borrow(), ["stop"]);
}

#[tokio::test(start_paused = true)]
async fn a_clean_stop_that_takes_too_long_is_cut_short() {
    let bed = bed(ScriptedComponent {
        ignores_stop: true,
        ..ScriptedComponent::default()
    });
    let clock = bed.driver.clock.clone();
    bed.inputs.send(Input::Signal).await.unwrap();
    assert_eq!(bed.driver.run().await, 0);
    assert!(clock.now() < Time::from_origin(Duration::from_secs(2)));
}
