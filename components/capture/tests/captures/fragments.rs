//! Fragmented IP packets in files.

use crate::bytes::{ASAP_PPID, TAG, data, pcap, read, sctp};

/// Divides an IPv4 packet without options into fragments with so many bytes.
fn v4(packet: &[u8], size: usize) -> Vec<Vec<u8>> {
    let (header, payload) = packet.split_at(20);
    let last = payload.len().div_ceil(size) - 1;
    let parts = payload.chunks(size).enumerate().map(|(position, part)| {
        let mut fragment = header.to_vec();
        let more = u16::from(position < last) << 13;
        let offset = (position * size / 8) as u16;
        fragment[2..4].copy_from_slice(&((20 + part.len()) as u16).to_be_bytes());
        fragment[4..6].copy_from_slice(&[0x12, 0x34]);
        fragment[6..8].copy_from_slice(&(more | offset).to_be_bytes());
        fragment.extend(part);
        fragment
    });
    parts.collect()
}

/// Divides an IPv6 packet.
fn v6(packet: &[u8], size: usize) -> Vec<Vec<u8>> {
    let (header, payload) = packet.split_at(40);
    let last = payload.len().div_ceil(size) - 1;
    let parts = payload.chunks(size).enumerate().map(|(position, part)| {
        let mut fragment = header.to_vec();
        let next = std::mem::replace(&mut fragment[6], 44);
        fragment[4..6].copy_from_slice(&((8 + part.len()) as u16).to_be_bytes());
        let offset = (position * size) as u16 | u16::from(position < last);
        fragment.extend([next, 0]);
        fragment.extend(offset.to_be_bytes());
        fragment.extend([1, 2, 3, 4]);
        fragment.extend(part);
        fragment
    });
    parts.collect()
}

#[test]
fn fragments_make_a_packet_in_any_order_and_for_both_versions() {
    let payload: Vec<u8> = (0..3000_u32).map(|number| number as u8).collect();
    let packet = sctp(TAG, &[data(3, 1, ASAP_PPID, &payload)]);
    let addresses = ["2001:db8::1", "2001:db8::2"].map(|address| address.parse().unwrap());
    let packet_6 = recording::ip::sctp(addresses[0], addresses[1], &packet);
    for mut fragments in [v4(&crate::bytes::ip(&packet), 1480), v6(&packet_6, 1448)] {
        assert!(fragments.len() > 2);
        for _ in 0..fragments.len() {
            fragments.rotate_left(1);
            let all = read(pcap(101, &fragments));
            let [message] = &all.messages[..] else {
                panic!("{:?}", all.messages);
            };
            assert_eq!(message.bytes, payload);
            assert_eq!(message.number, fragments.len() as u64);
            assert_eq!(all.counts.incomplete_packets, 0);
        }
        fragments.pop();
        let all = read(pcap(101, &fragments));
        assert_eq!(all.messages, []);
        assert_eq!(all.counts.incomplete_packets, 1);
    }
}
