//! Copies of the packets of real components.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{PipeWriter, Read};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use feed::{Carried, Direction, Event, Fate, Packet, PacketDecoder, PacketRecord, Timestamp};
use laboratory::{Lab, Supervised};
use model::{Change, ComponentId, Ending};
use supervisor::{JobCommand, PacketBatch, PacketSink};

crate::tests![
    the_packets_of_all_components_arrive_and_agree,
    components_go_on_while_nobody_reads_their_packets,
    programs_of_units_of_work_inherit_no_pipe_for_packets,
    a_pipe_that_cannot_be_opened_costs_the_packets_and_nothing_else,
];

const REGISTRAR: ComponentId = ComponentId(1);
const ELEMENT: ComponentId = ComponentId(2);
const USER: ComponentId = ComponentId(3);

/// Chunk types (RFC 9260 section 3.2, RFC 8260 section 2.1).
const DATA: [u8; 2] = [0, 64];
const INIT: u8 = 1;
const INIT_ACK: u8 = 2;
const SACK: u8 = 3;
const SHUTDOWN_COMPLETE: u8 = 14;
const COOKIE_ECHO: u8 = 10;
const COOKIE_ACK: u8 = 11;

/// Components whose packets are taken.
struct Demonstration<'a> {
    components: Supervised<'a>,
    batches: Arc<Mutex<Vec<PacketBatch>>>,
    addresses: BTreeMap<IpAddr, ComponentId>,
    /// The number of messages that each component has sent on associations.
    sent: BTreeMap<ComponentId, usize>,
}

impl<'a> Demonstration<'a> {
    fn new(lab: &'a Lab) -> Self {
        let batches = Arc::<Mutex<Vec<PacketBatch>>>::default();
        let taken = Arc::clone(&batches);
        let sink: PacketSink = Box::new(move |batch| taken.lock().expect("nobody panics").push(batch));
        Self {
            components: Supervised::new(lab, Some(sink)),
            batches,
            addresses: BTreeMap::new(),
            sent: BTreeMap::new(),
        }
    }

    fn wait_until(&mut self, id: ComponentId, what: &str, is_it: impl Fn(&Change) -> bool) {
        let (addresses, sent) = (&mut self.addresses, &mut self.sent);
        self.components.wait_for(what, |component, change| {
            if let Change::Feed(frame) = change {
                match &frame.stamped.event {
                    Event::Hello { addresses: own, .. } => {
                        addresses.extend(own.iter().map(|address| (*address, component)));
                    }
                    Event::Message {
                        direction: Direction::Sent,
                        association: Some(_),
                        ..
                    } => *sent.entry(component).or_default() += 1,
                    _ => {}
                }
            }
            (component == id && is_it(change)).then_some(())
        });
    }

    fn wait_ready(&mut self, id: ComponentId) {
        self.wait_until(id, "readiness", |change| {
            matches!(change, Change::Feed(frame) if matches!(frame.stamped.event, Event::Status { ready: true, .. }))
        });
    }

    fn wait_ended(&mut self, id: ComponentId) {
        self.wait_until(id, "its end", |change| {
            matches!(change, Change::Ended(Ending::Clean))
        });
    }

    /// Returns the packets of each component, none of which was left out.
    fn packets(&self) -> BTreeMap<ComponentId, Vec<Packet>> {
        let mut packets: BTreeMap<ComponentId, Vec<Packet>> = BTreeMap::new();
        for batch in self.batches.lock().expect("nobody panics").iter() {
            assert_eq!(batch.dropped, 0);
            let all = packets.entry(batch.component).or_default();
            all.extend(
                batch
                    .packets
                    .iter()
                    .map(|packet| packet.map_bytes(<[u8]>::to_vec)),
            );
        }
        packets
    }
}

/// Returns the types of the chunks of an SCTP packet.
fn chunks(packet: &Packet) -> Vec<u8> {
    let mut rest = packet.bytes.get(12..).expect("a common header");
    let mut kinds = Vec::new();
    while let [kind, _, high, low, ..] = rest {
        kinds.push(*kind);
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    kinds
}

fn the_packets_of_all_components_arrive_and_agree(lab: &Lab) {
    let before = Timestamp::now();
    let mut demonstration = Demonstration::new(lab);
    demonstration.components.start(REGISTRAR, "registrar", &[]);
    demonstration.wait_ready(REGISTRAR);
    let options = ["--identifier=7", "--test-mode"];
    demonstration.components.start(ELEMENT, "pool-element", &options);
    demonstration.wait_ready(ELEMENT);
    let options = ["--images=2", "--size=128x128", "--pause=0"];
    demonstration.components.start(USER, "pool-user", &options);
    demonstration.wait_ended(USER);
    for component in [ELEMENT, REGISTRAR] {
        demonstration.components.command(component, JobCommand::Stop);
        demonstration.wait_ended(component);
    }
    let after = Timestamp::now();
    let packets = demonstration.packets();
    assert_eq!(packets.len(), 3);

    for (component, packets) in &packets {
        let sctp = || packets.iter().filter(|packet| packet.carried == Carried::Sctp);
        let kinds: BTreeSet<u8> = sctp().flat_map(chunks).collect();
        for kind in [INIT, INIT_ACK, COOKIE_ECHO, COOKIE_ACK, SACK, SHUTDOWN_COMPLETE] {
            assert!(
                kinds.contains(&kind),
                "{component:?} has no chunk of type {kind}: {kinds:?}"
            );
        }
        let sent = sctp().filter(|packet| packet.direction == Direction::Sent);
        let data = sent.flat_map(chunks).filter(|kind| DATA.contains(kind)).count();
        let messages = demonstration.sent[component];
        assert!(
            data >= messages && messages > 0,
            "{component:?}: {data} {messages}"
        );
        assert!(sctp().map(|packet| packet.at).is_sorted());
        for packet in packets {
            assert!(before < packet.at && packet.at < after, "{packet:?}");
            assert_eq!((packet.fate, packet.corrupted), (Fate::Passed, false));
            let own = match packet.direction {
                Direction::Sent => packet.source,
                Direction::Received => packet.destination,
            };
            let is_own = demonstration.addresses.get(&own.ip()) == Some(component);
            assert!(is_own || own.ip().is_multicast(), "{packet:?} of {component:?}");
        }
    }

    // What one has received is what another has sent, in the same order.
    let mut pairs = BTreeSet::new();
    for (receiver, of_receiver) in &packets {
        for (sender, of_sender) in &packets {
            let between = |packets: &[Packet], direction| -> Vec<Packet> {
                let packets = packets.iter().filter(|packet| {
                    let from = demonstration.addresses.get(&packet.source.ip());
                    let to = demonstration.addresses.get(&packet.destination.ip());
                    let to_group = packet.destination.ip().is_multicast();
                    packet.direction == direction
                        && from == Some(sender)
                        && (to_group || to == Some(receiver))
                });
                packets.cloned().collect()
            };
            let received = between(of_receiver, Direction::Received);
            let sent = between(of_sender, Direction::Sent);
            // Two groups are two streams.
            let destinations: BTreeSet<SocketAddr> =
                received.iter().map(|packet| packet.destination).collect();
            for destination in destinations {
                let mut sent = sent.iter().filter(|packet| packet.destination == destination);
                let received = received.iter().filter(|packet| packet.destination == destination);
                for received in received {
                    let sent = sent.find(|sent| sent.bytes == received.bytes);
                    let sent = sent.unwrap_or_else(|| panic!("{sender:?} has not sent {received:?}"));
                    assert_eq!((sent.source, sent.carried), (received.source, received.carried));
                    assert!(sent.at <= received.at, "{sent:?} {received:?}");
                    pairs.insert((*sender, *receiver, sent.carried == Carried::Sctp));
                }
            }
        }
    }
    for (one, other) in [(REGISTRAR, ELEMENT), (REGISTRAR, USER), (ELEMENT, USER)] {
        assert!(pairs.contains(&(one, other, true)) && pairs.contains(&(other, one, true)));
    }
    // The announcements of the registrar.
    assert!(pairs.contains(&(REGISTRAR, ELEMENT, false)), "{pairs:?}");
}

fn components_go_on_while_nobody_reads_their_packets(lab: &Lab) {
    let (mut reader, writer) = std::io::pipe().expect("there are descriptors");
    let option = format!("--packets={}", path_of(&writer));
    let _registrar = lab.registrar();
    let mut element = lab.pool_element(1, &["--test-mode", &option]);
    let options = ["--images=20", "--size=256x256", "--pause=0"];
    let mut user = lab.start("pool-user", &options);
    assert!(user.wait().success(), "{}", user.log());
    let finished = Timestamp::now();
    element.discard_frames();

    drop(writer);
    let mut decoder = PacketDecoder::default();
    let mut buffer = vec![0; 64 << 10];
    let (mut packets, mut dropped) = (0, 0);
    while dropped == 0 {
        let length = reader.read(&mut buffer).expect("a pipe can be read");
        assert_ne!(length, 0, "the pool element has ended: {}", element.log());
        decoder.extend(&buffer[..length]);
        let take = |record: PacketRecord<&[u8]>| match record {
            PacketRecord::Packet(packet) if dropped == 0 => {
                assert!(packet.at < finished, "there was room for everything");
                packets += 1;
            }
            PacketRecord::Packet(_) => {}
            PacketRecord::Dropped(more) => dropped += more,
        };
        decoder.decode(take).expect("these are records");
    }
    assert!(packets > 0);
    assert_eq!(decoder.skipped, 0);
}

fn programs_of_units_of_work_inherit_no_pipe_for_packets(lab: &Lab) {
    let (_reader, writer) = std::io::pipe().expect("there are descriptors");
    let pipe = std::fs::read_link(path_of(&writer)).expect("it is open");
    let folder = tempfile::tempdir().expect("there is room for files");
    let (program, descriptors) = (folder.path().join("unit"), folder.path().join("descriptors"));
    let script = format!(
        "#!/bin/sh\nls -l /proc/$$/fd > {}\ncp $1 $2\n",
        descriptors.display()
    );
    std::fs::write(&program, script).expect("there is room for files");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&program, executable).expect("it is our file");

    let _registrar = lab.registrar();
    let program = format!("--unit-program={}", program.display());
    let packets = format!("--packets={}", path_of(&writer));
    let element = lab.pool_element(1, &["--service=scripting", &program, &packets]);
    let holds_it = || {
        let descriptors = std::fs::read_dir(format!("/proc/{}/fd", element.pid())).expect("it lives");
        let links = descriptors.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
        links.filter(|link| *link == pipe).count()
    };
    assert_eq!(holds_it(), 1);
    let mut user = lab.start("pool-user", &["--service=scripting", "--demo-packages=1"]);
    assert!(user.wait().success(), "{}", user.log());
    let descriptors = std::fs::read_to_string(descriptors).expect("the unit has written it");
    assert!(descriptors.contains(" -> "), "{descriptors}");
    assert!(!descriptors.contains(&*pipe.to_string_lossy()), "{descriptors}");
}

fn a_pipe_that_cannot_be_opened_costs_the_packets_and_nothing_else(lab: &Lab) {
    let mut registrar = lab.start("registrar", &["--packets=/nowhere/at/all"]);
    registrar.address();
    let text = registrar.wait_for("a problem", |event| match event {
        Event::Problem { text } => Some(text.clone()),
        _ => None,
    });
    assert!(text.contains("packets are not copied"), "{text}");
    registrar.wait_ready();
}

/// Returns the path by which another process opens a pipe of this one.
fn path_of(pipe: &PipeWriter) -> String {
    format!("/proc/{}/fd/{}", std::process::id(), pipe.as_raw_fd())
}
