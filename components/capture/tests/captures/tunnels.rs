//! UDP: SCTP in it (RFC 6951), announcements, and status reports.

use capture::{Carried, Finder, Protocol};
use wire::Ppid;

use crate::bytes::{ASAP, keep_alive, pcap, read, read_with};

fn udp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let [source, destination] = [source, destination].map(|port| ([10, 0, 0, 1], port).into());
    recording::ip::udp(source, destination, payload)
}

#[test]
fn sctp_over_udp_is_found_by_its_port_or_by_its_checksum() {
    let mut wrong = keep_alive(2);
    wrong[8] ^= 1;
    let messages = |packets: &[Vec<u8>]| read(pcap(101, packets)).messages.len();
    assert_eq!(messages(&[udp(40_000, 9899, &keep_alive(1))]), 1);
    assert_eq!(messages(&[udp(9899, 40_000, &wrong)]), 1);
    assert_eq!(messages(&[udp(40_000, 50_000, &keep_alive(1))]), 1);
    // Between ports that are not known, it might be anything.
    assert_eq!(messages(&[udp(40_000, 50_000, &wrong)]), 0);
    // Once they are, in both directions, it is not.
    for ports in [(40_000, 50_000), (50_000, 40_000)] {
        let packets = [udp(40_000, 50_000, &keep_alive(1)), udp(ports.0, ports.1, &wrong)];
        assert_eq!(messages(&packets), 2);
    }
    let mut ports = Vec::new();
    let told = Finder::new([50_000]);
    let all = read_with(pcap(101, &[udp(40_000, 50_000, &wrong)]), told, |captured| {
        if let Carried::Sctp(sctp) = captured.carried {
            ports.push((captured.source.port(), sctp.udp_ports));
        }
    });
    assert_eq!(all.messages.len(), 1);
    assert_eq!(ports, [(1000, Some((40_000, 50_000)))]);
    assert_eq!(all.counts.wrong_checksums, 1);
}

#[test]
fn other_datagrams_are_left_out() {
    for payload in [&[0; 64][..], &[0xff; 64], b"GET / HTTP/1.1\r\n", b""] {
        let all = read(pcap(101, &[udp(40_000, 53, payload)]));
        assert_eq!((all.messages.len(), all.counts.sctp_packets), (0, 0));
    }
}

#[test]
fn announcements_and_status_reports_are_found_by_their_ports() {
    for (port, protocol) in [
        (3863, Protocol::Payload(Ppid::ASAP)),
        (9901, Protocol::Payload(Ppid::ENRP)),
        (2960, Protocol::StatusReport),
    ] {
        let all = read(pcap(101, &[udp(40_000, port, &ASAP)]));
        let [message] = &all.messages[..] else {
            panic!("{port}: {:?}", all.messages);
        };
        assert_eq!((message.protocol, &message.bytes[..]), (protocol, &ASAP[..]));
        assert_eq!(message.delivery, None);
        assert_eq!(message.source, "10.0.0.1:40000");
    }
}

#[test]
fn a_datagram_that_is_cut_says_how_long_it_was() {
    let whole = udp(40_000, 3863, &ASAP);
    let all = read(pcap(101, &[whole[..whole.len() - 6].to_vec()]));
    assert_eq!(
        (&all.messages[0].bytes[..], all.messages[0].whole),
        (&ASAP[..10], 16)
    );
}
