//! Recordings as tshark and the programs that come with it see and copy them. Needs `tshark`.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use feed::{Direction, Timestamp};
use recording::{Form, InterfaceId, Keyframing, Packet, Properties, RecordKind, Recording, Writer, ip};

use crate::sample::{BEGIN, header, packets, records};

/// ASAP_SERVER_ANNOUNCE (RFC 5352 section 2.2.10) of the registrar 0x0a000001.
const ANNOUNCE: [u8; 8] = [0x0a, 0, 0, 8, 0x0a, 0, 0, 1];
/// ENRP_PRESENCE (RFC 5353 section 2.1) of the same registrar to all, with a checksum of its handlespace.
const PRESENCE: [u8; 20] = [
    0x01, 0, 0, 20, 0x0a, 0, 0, 1, 0, 0, 0, 0, 0, 0x0f, 0, 6, 0xff, 0xff, 0, 0,
];

/// Whether tshark is there; says so if not.
fn is_there() -> bool {
    if Command::new("tshark").arg("--version").output().is_ok() {
        return true;
    }
    assert!(
        std::env::var_os("POOLSCOPE_REQUIRE_ALL").is_none(),
        "tshark is missing, so nothing has read our recordings"
    );
    eprintln!("LEFT OUT: no analyser has read our recordings: tshark is missing");
    false
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {problem}");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns a field of the packets that match a filter, a line for each.
fn field(file: &Path, filter: &str, field: &str) -> Vec<String> {
    let file = file.to_str().unwrap();
    let options = [
        "-n",
        "-o",
        "sctp.checksum:CRC-32C",
        "-o",
        "ip.check_checksum:TRUE",
        "-o",
        "udp.check_checksum:TRUE",
    ];
    let arguments = [
        &options[..],
        &["-r", file, "-Y", filter, "-T", "fields", "-e", field],
    ]
    .concat();
    run("tshark", &arguments).lines().map(str::to_owned).collect()
}

/// An SCTP packet with a chunk (RFC 9260 section 3).
fn sctp(chunk: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x0f, 0x17, 0x0f, 0x17, 1, 2, 3, 4, 0, 0, 0, 0];
    packet.extend(chunk);
    packet.resize(packet.len().next_multiple_of(4), 0);
    let checksum = crc32c::crc32c(&packet).to_le_bytes();
    packet[8..12].copy_from_slice(&checksum);
    packet
}

/// A DATA chunk with a whole message.
fn data(tsn: u32, ppid: u32, message: &[u8]) -> Vec<u8> {
    let mut chunk = vec![0, 3];
    chunk.extend((16 + message.len() as u16).to_be_bytes());
    chunk.extend(tsn.to_be_bytes());
    chunk.extend([0; 4]);
    chunk.extend(ppid.to_be_bytes());
    chunk.extend(message);
    sctp(&chunk)
}

/// Writes a recording of several chunks; interfaces appear in another order in each.
fn demonstration(path: &Path, chunks: u32) {
    let [registrar, element, elsewhere, group]: [SocketAddr; 4] = [
        "127.0.0.1:9899",
        "127.0.0.2:9899",
        "127.0.0.3:20000",
        "239.0.0.50:3863",
    ]
    .map(|address| address.parse().unwrap());
    let [registrar_v6, element_v6]: [SocketAddr; 2] =
        ["[2001:db8::1]:9899", "[2001:db8::2]:9899"].map(|address| address.parse().unwrap());
    let [announcer, announcer_enrp]: [SocketAddr; 2] =
        ["127.0.0.1:3863", "127.0.0.1:9901"].map(|address| address.parse().unwrap());
    let enrp_group: SocketAddr = "239.0.0.51:9901".parse().unwrap();
    let (mut file, mut writer) = (Vec::new(), Writer::new(Form::of(path), 0).unwrap());
    for number in 0..chunks {
        let at = BEGIN + Duration::from_secs(30 * u64::from(number));
        writer.begin_chunk(&header(at), &mut file).unwrap();
        // Such as cannot be compressed, of another size each.
        let mut state = u64::from(number) + 1;
        let noise = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        });
        let keyframe: Vec<u8> = noise.take(100_000 + 333_331 * number as usize).collect();
        let properties = Properties::keyframe(Keyframing::Whole);
        writer.record(RecordKind(1), properties, at, &keyframe).unwrap();
        // An index that is larger than what other programs copy, which they need not.
        for _ in 0..if number == 1 { 100 } else { 0 } {
            writer
                .record(RecordKind(3), Properties::INDEXED, at, &[7; 4_000])
                .unwrap();
        }
        let mut interfaces = [
            writer.interface("registrar 1", "SCTP over UDP port 9899"),
            writer.interface("Übersicht 2", "SCTP over UDP port 9899"),
            writer.interface("pool user 3", "SCTP over UDP port 20000, recorded without UDP"),
        ];
        let mut add = |interface: InterfaceId, after, direction, bytes: Vec<u8>| {
            let packet = Packet {
                interface,
                at: at + Duration::from_millis(after),
                direction,
                bytes: &bytes,
                comment: None,
                missing: 0,
            };
            writer.packet(packet).unwrap();
        };
        if number % 2 == 1 {
            add(
                interfaces[2],
                0,
                Direction::Sent,
                ip::sctp_over_udp(
                    elsewhere,
                    "127.0.0.1:20000".parse().unwrap(),
                    &data(1000, 11, &ANNOUNCE),
                ),
            );
        }
        add(
            interfaces[0],
            1,
            Direction::Sent,
            ip::sctp_over_udp(registrar, element, &data(number, 11, &ANNOUNCE)),
        );
        add(
            interfaces[1],
            2,
            Direction::Received,
            ip::sctp_over_udp(registrar_v6, element_v6, &data(200 + number, 11, &ANNOUNCE)),
        );
        add(
            interfaces[0],
            3,
            Direction::Sent,
            ip::udp(announcer, group, &ANNOUNCE),
        );
        add(
            interfaces[0],
            4,
            Direction::Sent,
            ip::udp(announcer_enrp, enrp_group, &PRESENCE),
        );
        writer.comment(Some(interfaces[1]), "Pool element 2 was killed");
        writer.flush(&mut file).unwrap();
        writer
            .record(
                RecordKind(2),
                Properties::NONE,
                at + Duration::from_secs(1),
                b"update",
            )
            .unwrap();
        interfaces.reverse();
        let bytes = ip::sctp_over_udp(element, registrar, &data(100 + number, 11, &ANNOUNCE));
        let packet = Packet {
            interface: interfaces[1],
            at: at + Duration::from_secs(2),
            direction: Direction::Sent,
            bytes: &bytes,
            comment: Some("It fails over"),
            missing: 5,
        };
        writer.packet(packet).unwrap();
        writer.flush(&mut file).unwrap();
    }
    writer.finish_chunk(&mut file).unwrap();
    fs::write(path, file).unwrap();
}

#[test]
fn tshark_decodes_the_packets_of_all_chunks_and_shows_names_and_comments() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [plain, compressed] = ["d.pcapng", "d.pcapng.zst"].map(|name| folder.path().join(name));
    demonstration(&plain, 3);
    demonstration(&compressed, 3);
    let again = folder.path().join("again.pcapng.zst");
    let mut copy = Vec::new();
    Recording::open(&compressed)
        .unwrap()
        .copy(Form::Compressed, &mut copy)
        .unwrap();
    fs::write(&again, copy).unwrap();
    // Only the indices differ, which are frames that decoders skip.
    let shown = |file: &Path| {
        let file = file.to_str().unwrap();
        let fields = [
            "frame.time_epoch",
            "frame.interface_name",
            "frame.comment",
            "asap.message_type",
        ];
        let fields = fields.iter().flat_map(|field| ["-e", field]);
        let arguments = ["-n", "-r", file, "-Y", "ip || ipv6", "-T", "fields"];
        run("tshark", &arguments.into_iter().chain(fields).collect::<Vec<_>>())
    };
    assert_eq!(shown(&plain), shown(&compressed));
    assert_eq!(shown(&plain), shown(&again));
    for (filter, count) in [
        ("sctp", 3 * 3 + 1),
        ("asap", 4 * 3 + 1),
        ("asap.message_type == 10 && udp.dstport == 3863", 3),
        ("enrp.message_type == 1 && udp.dstport == 9901", 3),
        ("sctp.checksum.status == 1", 3 * 3 + 1),
        ("sctp && ipv6 && udp.checksum.status == 1", 3),
        ("sctp && ip && !udp", 1),
        ("ip && ip.checksum.status != 1", 0),
        ("udp.checksum.status == 0", 0),
        ("_ws.malformed || _ws.expert.severity >= warning", 0),
        ("frame.interface_name == \"Übersicht 2\"", 2 * 3),
        (
            "frame.interface_name == \"pool user 3\" && frame.interface_description contains \"20000\"",
            1,
        ),
        (
            "frame.comment == \"It fails over\" && frame.comment == \"Pool element 2 was killed\"",
            3,
        ),
        ("frame.drop_count == 5", 3),
        ("frame.packet_flags_direction == 1", 3),
    ] {
        let found = field(&plain, filter, "frame.number");
        assert_eq!(found.len(), count, "{filter}: {found:?}");
    }
    let times = field(&plain, "enrp", "frame.time_epoch");
    assert_eq!(times[1], "1795428091.006345000");
}

#[test]
fn what_other_programs_saved_again_can_still_be_replayed() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let original = path("original.pcapng");
    demonstration(&original, 3);
    let before = everything(&original);
    let counts = before.iter().map(|(records, _)| records.len());
    assert_eq!(counts.collect::<Vec<_>>(), [2, 102, 2]);
    let saved: Vec<PathBuf> = ["tshark", "editcap", "mergecap"]
        .iter()
        .filter_map(|program| {
            let (from, to) = (original.to_str().unwrap(), path(&format!("{program}.pcapng")));
            let name = to.to_str().unwrap();
            match *program {
                "tshark" => run(program, &["-r", from, "-w", name]),
                "editcap" => run(program, &["-a", "2:a comment", from, name]),
                "mergecap" => run(program, &["-a", "-w", name, from]),
                _ => return None,
            };
            Some(to)
        })
        .collect();
    for file in saved {
        assert!(everything(&file) == before, "{} differs", file.display());
    }
}

type Everything = Vec<(Vec<crate::sample::Owned>, Vec<(String, Timestamp)>)>;

fn everything(file: &Path) -> Everything {
    let recording = Recording::open(file).unwrap();
    assert_eq!(recording.damage(), [], "{}", file.display());
    let chunks = (0..recording.chunks().len()).map(|position| {
        let chunk = recording.read_chunk(position).unwrap();
        assert_eq!(chunk.damage, None, "{}", file.display());
        let packets = packets(&chunk)
            .into_iter()
            .map(|packet| (packet.interface, packet.at));
        (records(&chunk), packets.collect())
    });
    chunks.collect()
}
