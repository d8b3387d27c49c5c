//! User messages of DATA and I-DATA chunks.

use capture::{Protocol, Repeated};
use wire::Ppid;

use crate::bytes::{
    ASAP, ASAP_PPID, All, Order, Read, TAG, chunk, data, i_data, ip, keep_alive, of_ip, pcap, read, sctp,
    sctp_between,
};

const BEGINS: u8 = 2;
const ENDS: u8 = 1;
const UNORDERED: u8 = 4;

fn messages(packets: &[Vec<u8>]) -> Vec<Read> {
    read(of_ip(packets)).messages
}

fn one(chunk: Vec<u8>) -> Vec<u8> {
    sctp(TAG, &[chunk])
}

#[test]
fn fragments_make_a_message_in_any_order() {
    let parts = [
        one(data(BEGINS, u32::MAX, ASAP_PPID, &ASAP[..8])),
        one(data(0, 0, ASAP_PPID, &ASAP[8..12])),
        one(data(ENDS, 1, ASAP_PPID, &ASAP[12..])),
    ];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let packets = order.map(|position: usize| parts[position].clone());
        let read = messages(&packets);
        let [message] = &read[..] else {
            panic!("{order:?}: {read:?}");
        };
        assert_eq!(message.bytes, ASAP);
        assert_eq!(message.number, 3);
        let delivery = message.delivery();
        assert_eq!((delivery.fragments, delivery.first), (3, 1));
        assert!(!delivery.lacks_beginning && !delivery.lacks_end);
    }
}

#[test]
fn fragments_of_interleaved_messages_find_each_other() {
    let packets = [
        one(i_data(BEGINS, 1, 7, ASAP_PPID, &ASAP[..8])),
        one(i_data(BEGINS | UNORDERED, 2, 7, 32, b"other ")),
        one(i_data(ENDS, 3, 7, 1, &ASAP[8..])),
        one(i_data(ENDS | UNORDERED, 4, 7, 1, b"message")),
    ];
    let read = messages(&packets);
    assert_eq!(read.len(), 2);
    assert_eq!(read[0].bytes, ASAP);
    assert_eq!(read[0].protocol, Protocol::Payload(Ppid::ASAP));
    assert_eq!(read[1].bytes, b"other message");
    assert!(read[1].delivery().unordered);
}

#[test]
fn chunks_of_several_messages_share_a_packet() {
    let packet = sctp(
        TAG,
        &[
            chunk(3, 0, &[0; 12]),
            data(3, 1, ASAP_PPID, &ASAP),
            data(3, 2, 0x2909_7601, b"old"),
        ],
    );
    let read = messages(&[packet]);
    assert_eq!(read.len(), 2);
    assert_eq!(read[1].protocol, Protocol::Payload(Ppid::FRACTAL_GENERATOR));
    assert_eq!(read[1].delivery().ppid, Some(0x2909_7601));
}

#[test]
fn what_is_sent_again_is_marked() {
    let again = messages(&[keep_alive(5), keep_alive(6), keep_alive(5)]);
    let repeated: Vec<_> = again.iter().map(|message| message.delivery().repeated).collect();
    assert_eq!(repeated, [None, None, Some(Repeated::Retransmission)]);
    // Whatever address it comes from: the association is known by its tag and ports.
    let elsewhere = recording::ip::sctp([10, 1, 0, 1].into(), [10, 1, 0, 2].into(), &keep_alive(5));
    let all = read(pcap(101, &[ip(&keep_alive(5)), elsewhere]));
    assert_eq!(
        all.messages[1].delivery().repeated,
        Some(Repeated::Retransmission)
    );
    assert_eq!(all.associations, 1);
    // Another association may have the same numbers.
    let other = sctp(TAG + 1, &[data(3, 5, ASAP_PPID, &ASAP)]);
    assert_eq!(messages(&[keep_alive(5), other])[1].delivery().repeated, None);
}

#[test]
fn fragments_that_are_sent_again_make_no_second_message() {
    let begin = one(data(BEGINS, 1, ASAP_PPID, &ASAP[..8]));
    let end = one(data(ENDS, 2, ASAP_PPID, &ASAP[8..]));
    let read = messages(&[begin.clone(), begin.clone(), end.clone(), end, begin]);
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].bytes, ASAP);
}

#[test]
fn what_passes_two_interfaces_is_told_from_what_is_sent_again() {
    let order = Order::Little;
    let begin = ip(&one(data(BEGINS, 2, ASAP_PPID, &ASAP[..8])));
    let end = ip(&one(data(ENDS, 3, ASAP_PPID, &ASAP[8..])));
    let mut file = order.section();
    for _ in 0..2 {
        file.extend(order.interface(101, 0, &[]));
    }
    for (interface, packet) in [
        (0, &ip(&keep_alive(1))),
        (1, &ip(&keep_alive(1))),
        (0, &begin),
        (1, &begin),
        (1, &end),
        (0, &end),
        (0, &ip(&keep_alive(1))),
    ] {
        file.extend(order.enhanced(interface, 0, packet, packet.len()));
    }
    let repeated: Vec<_> = read(file)
        .messages
        .iter()
        .map(|message| (message.number, message.delivery().repeated))
        .collect();
    assert_eq!(
        repeated,
        [
            (1, None),
            (2, Some(Repeated::OtherInterface)),
            (5, None),
            (6, Some(Repeated::OtherInterface)),
            (7, Some(Repeated::Retransmission)),
        ]
    );
}

#[test]
fn what_began_before_the_capture_or_ended_after_it_is_told() {
    let packets = [
        one(data(0, 1, ASAP_PPID, b"middle")),
        one(data(ENDS, 2, ASAP_PPID, b"end")),
        keep_alive(3),
        one(data(BEGINS, 4, ASAP_PPID, b"begin")),
        one(data(0, 9, ASAP_PPID, b"alone")),
    ];
    let read = messages(&packets);
    let told: Vec<_> = read
        .iter()
        .map(|message| {
            let delivery = message.delivery();
            let lacks = (delivery.lacks_beginning, delivery.lacks_end);
            (message.number, &message.bytes[..], lacks, delivery.fragments)
        })
        .collect();
    assert_eq!(
        told,
        [
            (3, &ASAP[..], (false, false), 1),
            (2, b"middleend", (true, false), 2),
            (4, b"begin", (false, true), 1),
            (5, b"alone", (true, true), 1),
        ]
    );
    // The first fragment alone has the identifier of an I-DATA message's protocol.
    let read = messages(&[one(i_data(ENDS, 1, 1, 1, b"end"))]);
    assert_eq!(read[0].protocol, Protocol::Unknown);
}

#[test]
fn a_packet_with_a_wrong_checksum_counts_for_nothing() {
    let mut wrong = keep_alive(1);
    wrong[8] ^= 0xff;
    let read = messages(&[wrong, keep_alive(1)]);
    assert!(read[0].delivery().wrong_checksum);
    assert!(!read[1].delivery().wrong_checksum);
    assert_eq!(read[1].delivery().repeated, None);
    // A checksum that is not computed yet is not wrong.
    let mut zero = keep_alive(1);
    zero[8..12].fill(0);
    assert!(!messages(&[zero])[0].delivery().wrong_checksum);
}

#[test]
fn a_capture_that_cuts_packets_has_the_beginnings_of_messages() {
    let packet = ip(&keep_alive(1));
    let head = packet.len() - ASAP.len();
    for captured in head..packet.len() {
        let mut file = pcap(101, &[packet[..captured].to_vec()]);
        let whole = packet.len() as u32;
        file[36..40].copy_from_slice(&whole.to_le_bytes());
        let read = read(file).messages;
        assert_eq!(read.len(), 1, "{captured}");
        assert_eq!(read[0].bytes, ASAP[..captured - head]);
        assert_eq!(read[0].whole, ASAP.len());
    }
    // Of fragments, those up to the first that is cut.
    let parts = [
        ip(&one(data(BEGINS, 1, ASAP_PPID, &ASAP[..8]))),
        ip(&one(data(0, 2, ASAP_PPID, &ASAP[8..12]))),
        ip(&one(data(ENDS, 3, ASAP_PPID, &ASAP[12..]))),
    ];
    let cut = [
        parts[0].clone(),
        parts[1][..parts[1].len() - 1].to_vec(),
        parts[2].clone(),
    ];
    let read = read(pcap(101, &cut)).messages;
    assert_eq!((&read[0].bytes[..], read[0].whole), (&ASAP[..11], 16));
}

#[test]
fn both_directions_are_one_association() {
    let back = recording::ip::sctp(
        [10, 0, 0, 2].into(),
        [10, 0, 0, 1].into(),
        &sctp_between((2000, 1000), 77, &[chunk(3, 0, &[0; 12])]),
    );
    // A setup has no tag yet, and an abort may have that of the other direction.
    let init = ip(&sctp(0, &[chunk(1, 0, &[0; 16])]));
    let abort = ip(&sctp_between((2000, 1000), TAG, &[chunk(6, 1, &[])]));
    let all: All = read(pcap(101, &[init, ip(&keep_alive(1)), back, abort]));
    assert_eq!(all.associations, 1);
    let again = ip(&sctp(TAG + 1, &[chunk(3, 0, &[0; 12])]));
    assert_eq!(read(pcap(101, &[ip(&keep_alive(1)), again])).associations, 2);
}
