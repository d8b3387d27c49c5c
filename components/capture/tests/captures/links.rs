//! Link types.

use capture::LinkType;

use crate::bytes::{ASAP, ethernet, ip, keep_alive, pcap, read};

fn v6() -> Vec<u8> {
    let [source, destination] = ["2001:db8::1", "2001:db8::2"].map(|address| address.parse().unwrap());
    recording::ip::sctp(source, destination, &keep_alive(1))
}

#[test]
fn each_link_type_leads_to_the_same_message() {
    let v4 = ip(&keep_alive(1));
    let tagged = [
        &[0; 12][..],
        &[0x88, 0xa8, 0, 1, 0x81, 0x00, 0, 2, 0x08, 0x00],
        &v4,
    ]
    .concat();
    let cooked = [&[0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 0x08, 0x00][..], &v4].concat();
    let cooked_2 = [&[0x08, 0x00][..], &[0; 18], &v4].concat();
    let after = |family: [u8; 4], ip: &[u8]| [&family[..], ip].concat();
    for (link, frame) in [
        (1, ethernet(&v4)),
        (1, [&[0; 12][..], &[0x86, 0xdd], &v6()].concat()),
        (1, tagged),
        (113, cooked),
        (276, cooked_2),
        (101, v4.clone()),
        (101, v6()),
        (12, v4.clone()),
        (14, v6()),
        (228, v4.clone()),
        (229, v6()),
        (0, after([2, 0, 0, 0], &v4)),
        (0, after([0, 0, 0, 2], &v4)),
        (0, after([30, 0, 0, 0], &v6())),
        (108, after([0, 0, 0, 24], &v6())),
        (248, keep_alive(1)),
    ] {
        let all = read(pcap(link, std::slice::from_ref(&frame)));
        let [message] = &all.messages[..] else {
            panic!("{link}: {:?}", all.messages);
        };
        assert_eq!(message.bytes, ASAP, "{link}");
        assert_eq!(all.associations, 1);
        // Padding that a network adds is none of the message's.
        let padded = [&frame[..], &[0; 20]].concat();
        if link != 248 {
            assert_eq!(read(pcap(link, &[padded])).messages[0].bytes, ASAP, "{link}");
        }
        for end in 0..frame.len() {
            let cut = read(pcap(link, &[frame[..end].to_vec()]));
            assert_eq!(cut.damages, [], "{link}, {end}");
        }
    }
}

#[test]
fn the_size_of_a_frame_check_sequence_is_no_link_type() {
    let file = pcap(0x4400_0001, &[ethernet(&ip(&keep_alive(1)))]);
    assert_eq!(read(file).messages.len(), 1);
}

#[test]
fn link_types_that_are_not_understood_are_counted() {
    let all = read(pcap(105, &[vec![0; 60], vec![0; 60]]));
    assert_eq!(all.counts.not_understood.get(&LinkType(105)), Some(&2));
    assert_eq!(LinkType(105).to_string(), "105 (IEEE 802.11)");
    assert_eq!(LinkType(999).to_string(), "999");
    assert_eq!(all.counts.frames, 2);
}
